"""An outcome holds what can be kept and shown, whatever an answer says; the archive has the answer."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cauce.domain.errors import Conflict, OutcomeUnknown
from cauce.domain.outcome import (
    MOST_MESSAGES,
    Accepted,
    AlreadyProcessed,
    Message,
    Number,
    Origin,
    Pending,
    Rejected,
    is_prefix,
    undoubted,
)
from cauce.domain.texts import LONGEST, cut


def said(count: int, text: str = "Regla: FAJ44b, Notificación: Nombre") -> tuple[Message, ...]:
    return tuple(Message(text=f"{text} {n}", rule="FAJ44b") for n in range(count))


def test_a_sentence_is_cut_and_says_so() -> None:
    found = Accepted(notices=(Message(text="x" * 600_000, rule="FAJ44b"),), status_message="y" * 600_000)

    assert [len(notice.text) for notice in found.notices] == [LONGEST] == [500]
    assert found.notices[0].text.endswith("x…") and found.notices[0].rule == "FAJ44b"
    assert found.status_message == "y" * 499 + "…"


def test_of_too_many_sentences_the_last_one_says_how_many_more_there_were() -> None:
    found = Rejected(rejections=said(300), notices=said(51))

    assert len(found.rejections) == len(found.notices) == MOST_MESSAGES == 50
    assert found.rejections[:49] == said(49)
    assert found.rejections[-1].text == "Y 251 mensajes más, que están en la respuesta archivada."
    assert found.notices[-1].text == "Y 2 mensajes más, que están en la respuesta archivada."
    assert found.notices[-1].said_by is Origin.CAUCE, "it is no error of DIAN's"
    assert Rejected(rejections=said(50)).rejections == said(50)


@pytest.mark.parametrize("text", ["a\r\nb", "a\x00b", "a\ud800b", "a\x85b"])
def test_what_cannot_be_written_is_not_kept(text: str) -> None:
    kept = Pending(status_message=text, notices=(Message(text=text),))

    assert kept.status_message in ("a b", "a \nb")
    assert kept.notices[0].text == kept.status_message
    kept.status_message.encode()


def test_what_people_write_is_kept_as_it_is() -> None:
    assert cut("Línea 1\n\tLínea 2 — «año» 🧾") == "Línea 1\n\tLínea 2 — «año» 🧾"


def test_a_message_about_an_answer_is_cut_too() -> None:
    assert len(OutcomeUnknown("x" * 600_000).message) == 1_000
    assert len(str(Conflict("x" * 600_000, field="prefijo"))) == 1_000


@pytest.mark.parametrize(
    ("prefix", "consecutive"),
    [
        ("SETP\r\nX-Evil: 1", 1),
        ("SETP\n", 1),
        ('"', 1),
        ("../", 1),
        ("Ñ", 1),
        ("A" * 21, 1),
        ("A", 10**39),
        ("A", 10**18),
        ("A", -1),
    ],
)
def test_what_could_be_no_number_is_none(prefix: str, consecutive: int) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Number(prefix=prefix, consecutive=consecutive)


@pytest.mark.parametrize("prefix", ["", "SETP", "NC-", "FV 1", "a.b_c"])
def test_what_ranges_have_for_a_prefix_is_one(prefix: str) -> None:
    assert is_prefix(prefix)
    assert str(Number(prefix=prefix, consecutive=10**18 - 1)) == f"{prefix}{'9' * 18}"


@pytest.mark.parametrize(
    "payable", ["1E+9999999", "-1E+400", "1" * 40, "0." + "1" * 100_000, "1000000000000000"]
)
def test_a_total_that_no_document_has_was_not_told(payable: str) -> None:
    assert Accepted(payable=Decimal(payable)).payable is None


def test_a_total_that_one_may_have_was() -> None:
    assert Accepted(payable=Decimal("999999999999.123456")).payable == Decimal("999999999999.123456")


@pytest.mark.parametrize("year", [1, 1999, 9999])
def test_a_moment_that_no_document_is_of_was_not_told(year: int) -> None:
    found = Accepted(
        issued_at=datetime(year, 1, 1, tzinfo=UTC), validated_at=datetime(2026, 1, 1, tzinfo=UTC)
    )

    assert (found.issued_at, found.validated_at) == (None, datetime(2026, 1, 1, tzinfo=UTC))


def test_half_an_id_is_none_and_no_answer_has_a_hundred() -> None:
    told = {"long": "x" * 1_000, "broken": "a\r\nb", "id": "820", **{f"id{n}": str(n) for n in range(100)}}

    kept = Pending(provider_ids=told).provider_ids

    assert kept["id"] == "820" and "long" not in kept and "broken" not in kept
    assert len(kept) == 50


def test_a_refusal_by_rule_90_among_others_is_a_doubt_that_keeps_what_was_told() -> None:
    refusal = Rejected(
        rejections=(Message(text="Regla: 90, Rechazo: Documento procesado anteriormente.", rule="90"),),
        notices=(Message(text="Regla: RUT01, Notificación: x", rule="RUT01"),),
        status_code="99",
        raw=b"raw",
    )

    doubt = undoubted(refusal)

    assert isinstance(doubt, AlreadyProcessed)
    assert (doubt.status_code, doubt.raw, doubt.notices) == ("99", b"raw", refusal.notices)
    assert undoubted(Rejected(rejections=said(1))) == Rejected(rejections=said(1))


def test_a_refusal_for_another_rule_that_only_notifies_rule_90_is_a_doubt_too() -> None:
    repeated = Message(text="Regla: 90, Notificación: Documento procesado anteriormente.", rule="90")

    doubt = undoubted(Rejected(rejections=said(1), notices=(repeated, *said(1))))

    assert isinstance(doubt, AlreadyProcessed)
    assert doubt.notices == said(1)
