"""The audit of numbers: every gap, duplicate and stranger is named, and nothing else."""

import json
from dataclasses import replace

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import Held, NotFound, Unsupported
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import State
from cauce.emission import sending
from cauce.intake import documents
from cauce.providers.base import Emitted, EmittedPage, Verb
from cauce.reading.reconciliation import reconcile
from cauce.reading.series import What
from tests.bench.load import on
from tests.documents import invoice
from tests.flow.test_consultation import CAPABILITIES, Scripted, numbered_by_us
from tests.quick_boto3 import own
from tests.simulators.afacturar.rows import row as a_row
from tests.unit.contracts.examples import CUFE

NIT = "901724254"


def document(reference: str):
    return contract.document(Kind.INVOICE, invoice(referencia=reference))


@pytest.fixture
def emit(gateway, issuer):
    """Emit an invoice: ``emit("V-1")``."""

    def made(reference: str):
        asked = document(reference)
        record, _ = documents.take_in(gateway, issuer, asked, contract.content_hash(asked))
        return sending.emit(gateway, gateway.records.read(NIT, record.document_id))

    return made


@pytest.fixture
def audited(gateway, issuer):
    """The anomalies of the issuer's invoices: (what, first, last), by number."""

    def made(name: str = "factus"):
        found = [each for each in reconcile(gateway, issuer, name) if each.kind is Kind.INVOICE]
        return [(each.what, each.first, each.last) for one in found for each in one.anomalies]

    return made


# Against a provider's own listing


def test_where_all_agrees_there_is_nothing_to_say(gateway, issuer, emit, audited) -> None:
    for n in range(12):
        emit(f"V-{n}")

    found = reconcile(gateway, issuer, "factus")

    assert audited() == []
    assert [(each.kind, each.prefix, each.ours, each.theirs) for each in found] == [
        (Kind.INVOICE, "SETP", 12, 12)
    ]


def test_every_gap_duplicate_and_stranger_is_named(factus, emit, audited) -> None:
    records = [emit(f"V-{n}") for n in range(6)]
    first = records[0].number.consecutive
    kept = factus.memory.documents["bills"]
    for row in (row for row in factus.ranges.values() if row.prefix == "SETP"):
        row.next_number += 2  # two numbers that nobody has
    emit("V-6")
    lost = kept.pop(2)  # deleted there behind our back
    kept.append(replace(kept[0], id=9001))  # its number twice
    stranger = replace(kept[1], id=9002, number=f"SETP{first + 30}")
    object.__setattr__(stranger, "draft", replace(stranger.draft, reference="AJENA-1"))
    kept.append(stranger)

    assert lost.number == f"SETP{first + 2}"
    assert audited() == [
        (What.DUPLICATE, first, first),
        (What.MISSING, first + 2, first + 2),
        (What.GAP, first + 6, first + 7),
        (What.GAP, first + 9, first + 29),
        (What.STRANGER, first + 30, first + 30),
    ]


def test_one_sale_under_two_numbers_is_a_duplicate(factus, emit, audited) -> None:
    first = emit("V-1").number.consecutive
    kept = factus.memory.documents["bills"]
    kept.append(replace(kept[0], id=9001, number=f"SETP{first + 1}"))

    assert audited() == [
        (What.DUPLICATE, first, first + 1),
        (What.STRANGER, first + 1, first + 1),
    ]


def test_a_stranger_under_a_reference_of_ours_names_our_document(gateway, issuer, factus, emit) -> None:
    factus.answer_next(status=500, stored=True)
    doubtful = emit("V-1")
    assert doubtful.state is State.UNKNOWN

    (found,) = reconcile(gateway, issuer, "factus")

    assert [(each.what, each.document_id) for each in found.anomalies] == [
        (What.STRANGER, doubtful.document_id)
    ]
    assert "que no lo sabe" in found.anomalies[0].detail


def test_a_number_spent_by_a_rejected_attempt_says_which_one_took_over(
    gateway, issuer, factus, emit, call, drain
) -> None:
    factus.reject_next("FAK24", "x")
    rejected = emit("V-1")
    call("POST", "/documentos", invoice(referencia="V-1", observaciones="corregida"))
    drain()
    corrected = gateway.records.read(NIT, rejected.document_id)
    assert corrected.number != rejected.number

    (found,) = reconcile(gateway, issuer, "factus")

    assert [(each.what, each.first) for each in found.anomalies] == [
        (What.MISSING, rejected.number.consecutive)
    ]
    assert str(corrected.number) in found.anomalies[0].detail


def test_a_document_that_is_rejected_there_and_accepted_here_differs(factus, emit, audited) -> None:
    number = emit("V-1").number.consecutive
    kept = factus.memory.documents["bills"]
    kept[0].verdict = type(kept[0].verdict).REJECTED

    assert audited() == [(What.DIFFERENT, number, number)]


def test_an_expired_range_s_rest_is_no_gap(gateway, issuer, factus, emit, audited) -> None:
    first = emit("V-1").number.consecutive
    before = NumberingRange(
        provider="factus",
        kind=Kind.INVOICE,
        prefix="SETP",
        resolution="1",
        start=first - 5000,
        end=first - 1000,
    )
    gateway.ranges.save(NIT, before)
    kept = factus.memory.documents["bills"]
    kept.append(
        replace(kept[0], id=9001, number=f"SETP{first - 2000}", draft=replace(kept[0].draft, reference="X"))
    )

    assert audited() == [(What.STRANGER, first - 2000, first - 2000)]


def test_the_audit_reads_by_index_and_writes_nothing(gateway, issuer, emit, everything) -> None:
    for n in range(5):
        emit(f"V-{n}")
    before, asked = everything(), []
    own("dynamodb").meta.events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))

    reconcile(gateway, issuer, "factus")

    assert everything() == before
    assert "Scan" not in asked


def test_a_provider_that_is_not_the_issuer_s_is_refused(gateway, issuer) -> None:
    with pytest.raises(Unsupported):
        reconcile(gateway, issuer, "dian")


# Against its answers, one number at a time


class Counted(Scripted):
    """A provider without a listing, for documents that we number: what it has is in ``has``."""

    has: dict[str, object]

    def consult(self, refs):
        said = self.has.get(str(refs.number), NotFound("no está"))
        if isinstance(said, list):
            said = said.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def counted(gateway, issuer, monkeypatch):
    """Numbers FE1 to FE5, all emitted, at a provider that has them all."""
    there, whose, provider = numbered_by_us(gateway, issuer, Counted())
    provider.has = {f"FE{n}": Accepted(uuid=CUFE[:-1] + str(n)) for n in range(1, 6)}
    for n in range(1, 6):
        asked = document(f"V-{n}")
        provider.on_send = [provider.has[f"FE{n}"]]
        record, _ = documents.take_in(there, whose, asked, contract.content_hash(asked))
        sending.emit(there, there.records.read(NIT, record.document_id))
    return there, whose, provider


def anomalies(counted) -> list[tuple[What, int, int]]:
    there, whose, _ = counted
    return [
        (each.what, each.first, each.last)
        for one in reconcile(there, whose, "otro")
        for each in one.anomalies
    ]


def test_a_provider_that_has_every_number_is_in_order(counted) -> None:
    assert anomalies(counted) == []


def test_a_number_it_has_not_or_refused_is_missing_there(counted) -> None:
    counted[2].has["FE2"] = NotFound("no está")
    counted[2].has["FE4"] = Rejected()

    assert anomalies(counted) == [(What.MISSING, 2, 2), (What.MISSING, 4, 4)]


def test_another_s_document_under_our_number_differs(counted) -> None:
    counted[2].has["FE3"] = Accepted(uuid="f" * 96)
    counted[2].has["FE5"] = Pending()

    assert anomalies(counted) == [(What.DIFFERENT, 3, 3), (What.DIFFERENT, 5, 5)]


def test_the_audit_gives_way_to_documents_and_goes_on(counted) -> None:
    counted[2].has["FE1"] = [Held("su turno", retry_after=7), Accepted(uuid=CUFE[:-1] + "1")]

    assert anomalies(counted) == []


def test_a_listing_that_shifts_while_it_is_read_doubles_nothing(gateway, issuer, monkeypatch) -> None:
    def row(number: int) -> Emitted:
        return Emitted(
            provider_id=f"id-{number}", reference=None, kind=Kind.INVOICE, number=f"FE{number}", counterparty=None,
            counterparty_name=None, total=None, issued_at=None, received_at=None, uuid=None, shown_state="aceptado",
        )  # fmt: skip

    class Shifting(Scripted):
        def list_emitted(self, query):
            pages = {0: ([row(3), row(2)], 2), 2: ([row(2), row(1)], None)}
            rows, following = pages[query.offset]
            return EmittedPage(rows=tuple(rows), next_offset=following)

    provider = Shifting(
        can=replace(CAPABILITIES, verbs=frozenset({Verb.LIST_EMITTED}), kinds=frozenset({Kind.INVOICE}))
    )
    there = replace(gateway, provider=lambda _issuer, _name: provider)

    (found,) = reconcile(there, issuer, "factus")

    assert found.theirs == 3
    assert {each.what for each in found.anomalies} == {What.STRANGER}


# Every provider, by its listing or by its answers


def forget(simulator, position: int) -> None:
    """Have a provider lose the document at this position."""
    match simulator.title:
        case "factus":
            simulator.memory.documents["bills"].pop(position)
        case "facepro":
            simulator.forget(position)
        case "facturatech":
            kept = next(account.documents for account in simulator.accounts.values() if account.documents)
            del kept[list(kept)[position]]
        case "dian":
            kept = simulator.register.accepted
            del kept[list(kept)[position]]


@pytest.mark.parametrize("house", ["factus-v1", "factus-v2", "facepro", "facturatech", "dian"])
def test_every_provider_that_takes_documents_is_audited(house: str) -> None:
    """Its strict simulator loses one of five documents, and one of ours is forgotten here."""
    with on(house) as load:
        load.house.kinds = (Kind.INVOICE,)
        load.post(5, within=60)
        load.run_until_settled(7200)
        world, name = load.world, load.house.bench.provider.name
        issuer = world.gateway.issuers.read(load.house.issuer.nit)
        (before,) = reconcile(world.gateway, issuer, name)
        numbers = sorted(record.number.consecutive for record in load.records())
        forget(load.house.bench.simulator, 2)
        (after,) = reconcile(world.gateway, issuer, name)

    assert (before.ours, before.theirs, before.anomalies) == (5, 5, [])
    assert [(each.what, each.first) for each in after.anomalies] == [(What.MISSING, numbers[2])]


def test_a_listing_of_a_provider_that_takes_no_document_of_ours_is_held_against_itself() -> None:
    """Afacturar: what the issuer emits there never came through us, so none of it is a stranger."""
    with on("afacturar") as load:
        rows = load.house.bench.simulator.rows
        rows[:] = [a_row(n) for n in (1, 2, 3, 6)] + [a_row(5, tipo_documento="factura_exportacion")]
        rows += [a_row(9, numero_documento="2"), a_row(8, tipo_documento="nota_credito", prefijo="NC")]
        issuer = load.world.gateway.issuers.read(load.house.issuer.nit)
        notes, invoices = reconcile(load.world.gateway, issuer, "afacturar")

    assert (notes.kind, notes.prefix, notes.theirs, notes.anomalies) == (Kind.CREDIT_NOTE, "NC", 1, [])
    assert (invoices.kind, invoices.prefix, invoices.theirs) == (Kind.INVOICE, "SETT", 5)
    assert [(each.what, each.first) for each in invoices.anomalies] == [(What.DUPLICATE, 2), (What.GAP, 4)]


# The operator's command


def test_the_command_names_what_does_not_agree_and_says_so_with_its_code(cauce, factus, emit) -> None:
    number = emit("V-1").number
    assert cauce("range", "audit", NIT).exit_code == 0
    factus.memory.documents["bills"].clear()

    ran = cauce("range", "audit", NIT, "--proveedor", "factus", "--json")

    assert ran.exit_code == 1
    (report,) = json.loads(ran.stdout)["proveedores"]["factus"]
    assert (report["prefijo"], report["nuestros"], report["del_proveedor"]) == ("SETP", 1, 0)
    assert [(each["que"], each["desde"]) for each in report["hallazgos"]] == [("falta", number.consecutive)]
