"""Who numbers an authorisation, when an issuer's kinds go to another provider: the one that did, until it lets go."""

from dataclasses import replace
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import NumberingUnavailable
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange, RangeState, choose
from cauce.domain.time import bogota
from cauce.numbering.sync import sync_all, sync_ranges
from cauce.providers.base import NumberedBy
from tests.documents import invoice, note
from tests.flow.conftest import make_known
from tests.flow.test_numbering import Told, a_range
from tests.quick_boto3 import own
from tests.records import noted
from tests.unit.contracts.examples import a_record

NIT = "900123999"


@pytest.fixture
def first() -> Told:
    return Told(a_range(provider="uno"))


@pytest.fixture
def second() -> Told:
    return Told(a_range(provider="dos", provider_type="INVOIC"))


@pytest.fixture
def gateway(gateway: Any, first: Told, second: Told, monkeypatch) -> Any:
    providers = {"uno": first, "dos": second}
    for name, provider in providers.items():
        make_known(monkeypatch, name, provider)
    return replace(gateway, provider=lambda _issuer, name: providers[name])


@pytest.fixture
def company(gateway: Any) -> Issuer:
    """Its invoices go to «uno», and it has settings for «dos»."""
    return kept_issuer(gateway, {Kind.INVOICE: "uno"})


def kept_issuer(gateway: Any, providers: dict[Kind, str], *besides: str) -> Issuer:
    made = Issuer(
        nit=NIT, check_digit="1", uuid="u", number=7, name="EMPRESA", providers=providers,
        settings={name: {} for name in besides or ("dos",)},
    )  # fmt: skip
    gateway.issuers.save(made)
    return made


def ranges(gateway: Any, provider: str) -> list[NumberingRange]:
    return [r for r in gateway.ranges.all(NIT) if r.provider == provider]


def the_range(gateway: Any, provider: str) -> NumberingRange:
    (found,) = ranges(gateway, provider)
    return found


def take(gateway: Any, provider: str, name: str) -> str:
    """A number, as emission takes one: in the range that is chosen, in one transaction with its record."""
    chosen = choose(ranges(gateway, provider), Kind.INVOICE, None, bogota(gateway.now()).date())
    record = noted(a_record(
        contract.document(Kind.INVOICE, invoice()),
        issuer=NIT, document_id=name, range=chosen, number=None, provider=provider,
    ), "received", gateway.now())  # fmt: skip
    return str(gateway.new_records.take_in(record, numbered=True, quota=None).number)


@pytest.mark.reads_the_date
def test_another_map_moves_no_range_that_the_first_provider_numbers(gateway, company):
    sync_ranges(gateway, company, "uno")
    assert [take(gateway, "uno", f"d{n}") for n in range(3)] == ["SETP1", "SETP2", "SETP3"]
    before = the_range(gateway, "uno")

    moved = kept_issuer(gateway, {Kind.INVOICE: "dos"}, "uno")
    for _ in range(2):
        report = sync_ranges(gateway, moved, "dos")

    assert (report.new, report.changed) == ([], [])
    assert the_range(gateway, "uno") == before
    assert the_range(gateway, "dos").held_by == "uno"
    with pytest.raises(NumberingUnavailable, match=r"SETP \(en otro proveedor\)"):
        take(gateway, "dos", "doble")


def test_of_two_providers_asked_for_the_first_time_the_one_it_is_routed_to_numbers(gateway, company):
    """«dos» is asked before «uno», and both know the authorisation."""
    reports = sync_all(gateway, company)

    assert [report.provider for report in reports] == ["dos", "uno"]
    assert [(r.provider, r.held_by) for report in reports for r in report.new] == [
        ("dos", "uno"),
        ("uno", None),
    ]
    assert (the_range(gateway, "dos").held_by, the_range(gateway, "uno").held_by) == ("uno", None)


@pytest.mark.reads_the_date
@pytest.mark.parametrize("how", ["vanished", "inactive", "no longer connected"])
def test_a_range_that_was_let_go_is_numbered_on_from_where_the_first_provider_was(
    gateway, company, first, how
):
    sync_all(gateway, company)
    for n in range(3):
        take(gateway, "uno", f"d{n}")
    moved = kept_issuer(gateway, {Kind.INVOICE: "dos"}, "uno")

    match how:
        case "vanished":
            first.found = []
        case "inactive":
            first.found = [a_range(provider="uno", active=False)]
        case _:
            moved = kept_issuer(gateway, {Kind.INVOICE: "dos"})
    for name in moved.connected[::-1]:
        sync_ranges(gateway, moved, name)

    assert the_range(gateway, "dos").held_by is None
    assert take(gateway, "dos", "d3") == "SETP4"


@pytest.mark.reads_the_date
def test_it_is_not_given_back_while_the_second_provider_numbers_it(gateway, company, first):
    sync_all(gateway, company)
    moved = kept_issuer(gateway, {Kind.INVOICE: "dos"}, "uno")
    first.found = [a_range(provider="uno", active=False)]
    sync_ranges(gateway, moved, "uno")
    sync_ranges(gateway, moved, "dos")
    assert take(gateway, "dos", "d0") == "SETP1"

    first.found = [a_range(provider="uno")]
    sync_ranges(gateway, moved, "uno")

    assert the_range(gateway, "uno").state(bogota(gateway.now()).date()) is RangeState.HELD
    assert the_range(gateway, "dos").held_by is None


def test_a_count_of_the_first_providers_own_is_gone_on_from(gateway, company, first):
    """«uno» numbers by itself: its count is what it tells, and what our records bear."""
    first.capabilities.numbered_by = NumberedBy.PROVIDER
    first.found = [a_range(provider="uno", next=40)]
    sync_all(gateway, company)
    moved = kept_issuer(gateway, {Kind.INVOICE: "dos"})

    sync_ranges(gateway, moved, "dos")

    assert the_range(gateway, "dos").next == 40


@pytest.mark.reads_the_date
def test_a_range_that_comes_under_another_type_goes_on_where_it_was(gateway, company, second):
    moved = kept_issuer(gateway, {Kind.INVOICE: "dos"})
    sync_ranges(gateway, moved, "dos")
    assert take(gateway, "dos", "d0") == "SETP1"

    second.found = [a_range(provider="dos", provider_type="INVOIC-C")]
    report = sync_ranges(gateway, moved, "dos")

    assert ([r.provider_type for r in report.changed], report.new, report.vanished) == (["INVOIC-C"], [], [])
    after = {r.provider_type: (r.next, r.vanished) for r in ranges(gateway, "dos")}
    assert after == {"INVOIC": (2, True), "INVOIC-C": (2, False)}


def test_numbers_that_records_bear_are_not_begun_again_where_the_range_itself_was_lost(
    gateway, company, second
):
    """The range was typed in anew, and its first numbers were spent long ago."""
    second.found = [a_range(provider="dos", prefix="VIEJ", next=8)]
    sync_ranges(gateway, company, "dos")
    record = noted(a_record(
        contract.document(Kind.INVOICE, invoice()),
        issuer=NIT, document_id="d", range=the_range(gateway, "dos"), number=None, provider="dos",
    ), "received", gateway.now())  # fmt: skip
    assert str(gateway.new_records.take_in(record, numbered=True, quota=None).number) == "VIEJ8"

    second.found = [a_range(provider="dos", prefix="VIEJ", resolution="18760000888")]
    sync_ranges(gateway, company, "dos")

    assert {r.resolution: r.next for r in ranges(gateway, "dos")}["18760000888"] == 9


def test_notes_that_another_provider_numbered_are_not_numbered_again(gateway, company, first, second):
    """Notes need no authorisation, and their numbers are unique all the same."""
    notes = {"kind": Kind.CREDIT_NOTE, "prefix": "NC", "resolution": None, "provider_type": "NC"}
    first.capabilities.numbered_by = NumberedBy.PROVIDER
    first.found = [a_range(provider="uno", **{**notes, "next": 163})]
    second.found = [a_range(provider="dos", **notes)]
    sync_all(gateway, company)
    assert the_range(gateway, "dos").next == 1
    document = contract.document(Kind.CREDIT_NOTE, note("SETP1", "ab" * 48))
    record = a_record(document, issuer=NIT, document_id="n", number=None, provider="uno")
    record = gateway.new_records.take_in(noted(record, "received", gateway.now()), numbered=False, quota=None)
    gateway.records.save_numbered(record.model_copy(update={"number": Number(prefix="NC", consecutive=163)}))

    sync_ranges(gateway, kept_issuer(gateway, {Kind.CREDIT_NOTE: "dos"}, "uno"), "dos")

    assert the_range(gateway, "dos").next == 164


@pytest.mark.reads_the_date
def test_numbers_of_a_later_authorisation_of_the_prefix_are_none_of_an_earlier_one_s(gateway, company, first):
    earlier = a_range(provider="uno", end=99)
    first.found = [a_range(provider="uno", resolution="18760000888", start=100)]
    sync_ranges(gateway, company, "uno")
    assert take(gateway, "uno", "d0") == "SETP100"

    first.found.append(earlier)
    sync_ranges(gateway, company, "uno")

    assert {r.resolution: r.next for r in ranges(gateway, "uno")}[earlier.resolution] == 1


def test_another_resolution_or_other_numbers_of_the_prefix_are_another_range(gateway, company, second):
    second.found = [
        a_range(provider="dos", resolution="18760000999"),
        a_range(provider="dos", start=1001, end=2000),
    ]

    sync_all(gateway, company)

    assert {r.held_by for r in ranges(gateway, "dos")} == {None}


@pytest.mark.reads_the_date
def test_what_an_operator_wrote_by_hand_is_not_doubled_by_what_a_sync_tells(gateway, company, second):
    moved = kept_issuer(gateway, {Kind.INVOICE: "dos"})
    gateway.ranges.save(NIT, a_range(provider="dos", next=50, by_hand=True))

    sync_ranges(gateway, moved, "dos")

    assert {r.by_hand: r.held_by for r in ranges(gateway, "dos")} == {True: None, False: "dos"}
    assert take(gateway, "dos", "d0") == "SETP50"


@pytest.mark.reads_the_date
def test_a_range_that_moves_on_while_a_number_is_taken_from_it_is_never_moved_back(gateway, company):
    """Its next number was read, and before that one is written a sync learns that the range goes on much later."""
    sync_ranges(gateway, company, "uno")
    read = the_range(gateway, "uno")
    moves = iter([read.model_copy(update={"next": 50})])

    def move_on(**_: Any) -> None:
        for moved in moves:
            gateway.ranges.save(NIT, moved)

    own("dynamodb").meta.events.register("before-call.dynamodb.TransactWriteItems", move_on)

    assert take(gateway, "uno", "d1") == "SETP50"
    assert the_range(gateway, "uno").next == 51
