"""JSON nested deeper than any answer: a body that says nothing, and no exception of ours."""

import pytest

from cauce.domain.errors import OutcomeUnknown
from cauce.providers import loose
from cauce.providers.facepro import values as facepro
from cauce.providers.factus import values as factus

DEEP = b"[" * 200_000


@pytest.mark.parametrize("read", [factus.payload_of, facepro.payload_of])
def test_an_answer_nested_too_deep_is_no_answer(read) -> None:
    with pytest.raises(OutcomeUnknown):
        read(DEEP)


def test_nor_is_it_one_of_afacturar_s() -> None:
    assert loose.payload(DEEP) is None
