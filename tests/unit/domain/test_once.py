"""What a document remembers of itself: asked once, and never told by another document."""

import copy
import pickle
from decimal import Decimal

import pytest

from cauce.domain.document import Document
from cauce.domain.totals import totals
from tests import content


def document(price: str = "100") -> Document:
    line = content.line(price=Decimal(price))
    return Document(kind="invoice", counterparty=content.party(), lines=(line,))


def test_the_same_question_is_computed_once_and_another_anew():
    asked = []

    def longer_than(found: Document, most: int) -> bool:
        asked.append(most)
        return len(found.lines) > most

    once = document()

    assert [once.once(longer_than, most) for most in (0, 0, 1, 1)] == [True, True, False, False]
    assert asked == [0, 1]
    assert totals(once) is totals(once)


@pytest.mark.parametrize(
    "copied",
    [
        lambda known, other: known.model_copy(update={"lines": other.lines}),
        lambda known, other: known.model_copy(deep=True, update={"lines": other.lines}),
        lambda known, other: Document.model_validate({**known.model_dump(), "lines": other.lines}),
        lambda known, other: Document.model_construct(**{**dict(known), "lines": other.lines}),
    ],
)
def test_a_copy_with_other_lines_has_its_own_totals(copied):
    known, other = document("100"), document("250")
    assert totals(known).payable != totals(other).payable

    assert totals(copied(known, other)) == totals(other)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_what_is_remembered_is_no_part_of_the_document(copied):
    known, fresh = document(), document()
    totals(known)

    assert (known, hash(known), repr(known)) == (fresh, hash(fresh), repr(fresh))
    assert (known.model_dump(), known.model_dump_json()) == (fresh.model_dump(), fresh.model_dump_json())
    assert pickle.dumps(known) == pickle.dumps(fresh)
    assert copied(known) == known
    assert totals(copied(known)) is not totals(known)
