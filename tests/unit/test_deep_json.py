"""JSON nested deeper than any answer: a body that says nothing, and no exception of ours."""

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.providers import loose
from cauce.providers.facepro import answer as facepro
from cauce.providers.factus import answer as factus

DEEP = b"[" * 200_000


@pytest.mark.parametrize("read", [lambda raw: factus.document(raw, Kind.INVOICE), facepro.document])
def test_an_answer_nested_too_deep_is_no_answer(read) -> None:
    with pytest.raises(OutcomeUnknown):
        read(DEEP)


def test_nor_is_it_one_of_afacturar_s() -> None:
    assert loose.payload(DEEP) is None
