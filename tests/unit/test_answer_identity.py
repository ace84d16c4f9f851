"""What an answer tells of itself against what we know of our document, whichever provider answered."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cauce.domain.document import Kind
from cauce.domain.event import Event
from cauce.domain.outcome import Identity, Number
from cauce.providers.base import Capabilities, Refs
from cauce.providers.dian.provider import Dian
from cauce.providers.facepro.provider import FacEPro
from cauce.providers.facturatech.provider import Facturatech
from cauce.providers.factus.provider import Factus
from cauce.providers.identity import contradiction, known
from tests.unit.facepro.builders import CUFE, NOW, invoice, record
from tests.unit.facepro.builders import NIT as ISSUER

OURS = Identity(
    number="SETP1",
    counterparty="71234567",
    payable=Decimal(119000),
    issued_on=date(2026, 5, 10),
    issuer="901234567",
    uuid=CUFE,
    kind=Kind.INVOICE,
    reference="R-1",
    ids={"tracking_id": "t1", "zip_key": "z"},
)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"number": "SETP2"}, "el número es SETP2, no SETP1"),
        ({"payable": Decimal(119001)}, "el total es 119001, no 119000"),
        ({"issued_on": date(2026, 5, 11)}, "la fecha es 2026-05-11, no 2026-05-10"),
        ({"uuid": "b" * 96}, f"el CUFE es {'b' * 96}, no {CUFE}"),
        ({"kind": Kind.CREDIT_NOTE}, "el tipo de documento es credit_note, no invoice"),
        ({"reference": "R-2"}, "la referencia es R-2, no R-1"),
        ({"ids": {"tracking_id": "t2"}}, "su tracking_id es t2, no t1"),
        ({"issuer": "900999999"}, "es de otro emisor"),
        ({"counterparty": "71234568"}, "es de otro tercero"),
    ],
)
def test_each_thing_that_an_answer_tells_must_be_ours(told: dict[str, object], why: str) -> None:
    assert contradiction(OURS, replace(OURS, **told)) == why  # type: ignore[arg-type]
    assert contradiction(OURS, Identity(**told)) == why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "told",
    [
        Identity(),
        OURS,
        Identity(ids={"another": "x"}),
        Identity(counterparty="71.234.567-1"),
        Identity(counterparty=""),
        Identity(issuer="901.234.567-7"),
    ],
    ids=["says nothing", "says all of it", "an id we do not know", "with marks and digit", "empty", "issuer"],
)
def test_what_is_not_told_or_only_written_otherwise_contradicts_nothing(told: Identity) -> None:
    assert contradiction(OURS, told) is None


def test_totals_may_differ_by_the_tolerance_and_no_more() -> None:
    cents = Decimal("0.02")

    assert contradiction(OURS, Identity(payable=Decimal("119000.02")), tolerance=cents) is None
    assert contradiction(OURS, Identity(payable=Decimal("118999.97")), tolerance=cents) is not None


def test_whose_document_it_is_instead_is_not_told() -> None:
    assert "71234568" not in (contradiction(OURS, Identity(counterparty="71234568")) or "")


def sought(**changes: object) -> Refs:
    return Refs(
        **{  # type: ignore[arg-type]
            "kind": Kind.INVOICE,
            "reference": "R-1",
            "number": Number(prefix="SETP", consecutive=1),
            "uuid": CUFE,
            "provider_ids": {"tracking_id": "t1"},
            "counterparty": "71234567",
            "payable": record(invoice()).payable,
            "sent_at": NOW,
            "issued_at": NOW,
            **changes,
        }
    )


def held_to(capabilities: Capabilities, **changes: object) -> tuple[str | None, str | None, bool]:
    """Number, CUFE, and whether the date counts, of what an answer is held to."""
    found = known(sought(**changes), capabilities, ISSUER)
    return found.number, found.uuid, found.issued_on is not None


def test_what_we_chose_counts_and_what_the_provider_gave_once_it_is_known() -> None:
    assert held_to(Dian.declare({})) == ("SETP1", CUFE, True)
    assert held_to(Facturatech.declare({})) == ("SETP1", CUFE, True)
    assert held_to(FacEPro.declare({})) == ("SETP1", CUFE, False)


def test_what_the_provider_gave_to_a_refused_attempt_does_not_count_for_its_correction() -> None:
    refused = {"provider_ids": {"tracking_id": "t1", "rejected:t1": "SETP1"}}

    assert held_to(FacEPro.declare({}), **refused) == (None, None, False)
    assert held_to(Facturatech.declare({}), **refused) == ("SETP1", None, True)
    assert held_to(Dian.declare({}), **refused) == ("SETP1", CUFE, True)
    ids = {"provider_ids": {"tracking_id": "t2", "rejected:t1": "SETP1"}}
    assert "t1" not in known(sought(**refused), FacEPro.declare({}), ISSUER).ids.values()
    assert known(sought(**ids), FacEPro.declare({}), ISSUER).ids["tracking_id"] == "t2"


def test_what_is_found_by_its_reference_may_have_been_made_anew_under_another_number() -> None:
    assert held_to(Factus.declare({"dialect": "v1"})) == (None, None, False)
    assert known(sought(), Factus.declare({"dialect": "v1"}), ISSUER).reference == "R-1"


def test_an_event_has_no_total() -> None:
    event = Event.model_construct(code="030")

    assert known(sought(event=event, payable=Decimal(0)), Dian.declare({}), ISSUER).payable is None
