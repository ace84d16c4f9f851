"""GET /documentos by each of its filters and by several at once, and in CSV; a document by its reference."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from cauce.aws import listing as table_listing
from cauce.contracts.v1 import contract, documents
from cauce.domain.document import Document, Kind
from cauce.domain.outcome import Number
from cauce.domain.record import Contingency, Record, State
from cauce.domain.time import BOGOTA
from cauce.domain.totals import amounts_of, totals
from tests.documents import invoice
from tests.quick_boto3 import own
from tests.records import noted
from tests.unit.contracts.examples import EXAMPLES, a_record

NOON = datetime(2026, 5, 10, 12, 0, tzinfo=BOGOTA)
BUYER, OTHER = "901724254", "9017"
Row = dict[str, Any]


def _of_kind(kind: Kind, party: str, reference: str | None) -> Document:
    document = contract.document(kind, EXAMPLES[kind]())
    there = document.counterparty.model_copy(update={"identification": party})
    return document.model_copy(update={"counterparty": there, "reference": reference})


@pytest.fixture
def keep(gateway, issuer) -> Callable[..., Record]:
    """Store a record as if it had been emitted: ``keep("a", number="SETP1", kind=…, party=…)``."""

    def kept(
        name: str,
        *,
        kind: Kind = Kind.INVOICE,
        party: str = BUYER,
        number: tuple[str, int] | None = None,
        reference: str | None = None,
        **facts: Any,
    ) -> Record:
        document = _of_kind(kind, party, reference)
        made: dict[str, Any] = {"issued_at": NOON, "state": State.ACCEPTED, "uuid": None, **facts}
        record = a_record(
            document, issuer=issuer.nit, document_id=name, number=None, **amounts_of(totals(document))._asdict(), **made
        )  # fmt: skip
        record = gateway.new_records.take_in(noted(record, "kept", NOON), numbered=False, quota=None)
        if number:
            taken = Number(prefix=number[0], consecutive=number[1])
            record = gateway.records.save_numbered(noted(record, "numbered", NOON, number=taken))
        elif record.uuid:
            record = gateway.records.save_issued(noted(record, "issued", NOON))
        return record

    return kept


@pytest.fixture
def counted(call) -> Iterator[list[str]]:
    """The operations that DynamoDB was asked for, from now on."""
    asked: list[str] = []
    client = own("dynamodb")
    client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: asked.append(model.name), unique_id="counted"
    )
    yield asked
    client.meta.events.unregister("before-call.dynamodb", unique_id="counted")


def rows(call: Any, **asked: Any) -> list[Row]:
    """All rows of a search, page after page."""
    found: list[Row] = []
    path = f"/documentos?{urlencode(asked)}"
    while path:
        answer = call("GET", path)
        assert answer.status == 200, answer.text
        found += answer.json["data"]
        following = answer.json["links"]["siguiente"]
        path = f"/documentos?{urlsplit(following).query}" if following else ""
    return found


def names(call: Any, **asked: Any) -> list[str]:
    return [row["tracking_id"] for row in rows(call, **asked)]


FOUND: list[tuple[dict[str, str], list[str]]] = [
    ({"referencia": "V-1"}, ["a"]),
    ({"referencia": "V-9"}, []),
    ({"numero": "SETP12"}, ["c", "a"]),
    ({"numero": "SETP12", "tipo_documento": "nota_credito"}, ["c"]),
    ({"numero": "SETP1"}, []),
    ({"cufe": "AB" * 48}, ["b"]),
    ({"cufe": "cd" * 48}, []),
    ({"tipo_documento": "factura"}, ["b", "a"]),
    ({"tipo_documento": "nota_credito"}, ["c"]),
    ({"tipo_documento": "documento_soporte"}, ["d"]),
    ({"tipo_documento": "nota_ajuste"}, []),
    ({"adquiriente": BUYER}, ["c", "a"]),
    ({"adquiriente": "9017"}, ["b"]),
    ({"adquiriente": "555"}, ["d"]),
    ({"adquiriente": "90"}, []),
    ({"proveedor": "factus"}, ["d", "c", "b"]),
    ({"proveedor": "dian"}, ["a"]),
    ({"proveedor": "dian", "referencia": "V-1", "estado": "aceptado"}, ["a"]),
    ({"proveedor": "factus", "referencia": "V-1"}, []),
    ({"estado": "rechazado", "tipo_documento": "documento_soporte"}, ["d"]),
    ({"estado": "rechazado", "tipo_documento": "factura"}, []),
    ({"adquiriente": BUYER, "desde": "2026-05-12"}, ["c"]),
    ({"adquiriente": BUYER, "hasta": "2026-05-11"}, ["a"]),
    ({"q": "SETP"}, ["a", "c"]),
    ({"q": "901"}, ["a", "c", "b"]),
    ({"q": "9017"}, ["c", "a", "b"]),
    ({"q": "9017", "tipo_documento": "factura"}, ["a", "b"]),
    ({"q": "55"}, ["d"]),
    ({"q": "SETP2"}, []),
]


def test_each_filter_finds_what_has_it_and_nothing_else(call, keep):
    keep("a", number=("SETP", 12), reference="V-1", provider="dian")
    keep("b", party=OTHER, uuid="ab" * 48, issued_at=NOON + timedelta(days=1))
    keep("c", kind=Kind.CREDIT_NOTE, number=("SETP", 12), issued_at=NOON + timedelta(days=2))
    keep(
        "d", kind=Kind.SUPPORT_DOCUMENT, party="555", state=State.REJECTED, issued_at=NOON + timedelta(days=3)
    )

    for asked, expected in FOUND:
        found = names(call, **asked)

        assert sorted(found) == sorted(expected), asked
        if "q" not in asked and "numero" not in asked:
            assert found == expected, asked  # newest first


def test_a_document_of_two_cufes_is_found_by_either(call, keep, gateway):
    one, two = "aa" * 48, "bb" * 48
    kept = keep("a", uuid=one)
    void = Contingency(since=NOON, ordinary_issued_at=NOON, ordinary_uuid=two, void_uuid=one)
    gateway.records.save_issued(noted(kept, "ordinary", NOON, uuid=two, contingency=void))

    assert names(call, cufe=one) == names(call, cufe=two) == ["a"]


def test_a_number_finds_who_has_it_now_and_not_who_had_it(call, keep, gateway):
    kept = keep("a", number=("SETP", 1))
    gateway.records.save_numbered(noted(kept, "again", NOON, number=Number(prefix="SETP", consecutive=2)))

    assert names(call, numero="SETP1") == []
    assert names(call, numero="SETP2") == names(call, q="SETP") == ["a"]


NUMBERS = [
    ("SETT", 1), ("SETT", 2), ("SETT", 12), ("SETT", 112), ("SETT", 120), ("SETT", 129), ("SETT", 130), ("SETT", 1199),
    ("SETT", 1200), ("SETT", 12345), ("SETT", 120_000_000_000_001), ("SETT", 1_200_000_000_000_000), ("SETT1", 3),
    ("SETT1", 25), ("SETT12", 3), ("SETT12X", 4), ("SETU", 12), ("", 12), ("", 120), ("A-1 B", 0), ("12", 1), ("SET", 0),
    ("SETT", 10**18 - 1), ("SETT120", 5), ("FV_", 12),
]  # fmt: skip


@pytest.mark.parametrize("per_page", [1, 3, 100])
def test_a_number_is_found_by_how_it_begins_whatever_its_prefix_and_digits(call, keep, per_page):
    kinds = (Kind.INVOICE, Kind.DEBIT_NOTE)
    texts = {}
    for n, number in enumerate(NUMBERS):
        texts[f"n{n}"] = f"{number[0]}{number[1]}"
        keep(f"n{n}", number=number, kind=kinds[n % 2], party="777")

    for beginning in (
        "S",
        "SETT",
        "SETT1",
        "SETT12",
        "SETT120",
        "SETT12X",
        "12",
        "1",
        "0",
        "SET0",
        "A-1 B",
        "FV_1",
        "9",
        "7",
    ):
        found = names(call, q=beginning, per_page=per_page)

        expected = [name for name, text in texts.items() if text.startswith(beginning) or beginning == "7"]
        assert sorted(found) == sorted(expected), beginning  # «7» is how their buyer's begins


def test_any_filters_together_find_exactly_what_has_them_all_each_once(call, keep, monkeypatch):
    """Against a plain look at every document, with pages that are so bounded that most are short."""
    monkeypatch.setattr(table_listing, "_MOST_WHOLE", 6)
    monkeypatch.setattr(table_listing, "_MOST_BY_KEY", 4)
    chance, kept = random.Random(7), []
    kinds = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPORT_DOCUMENT)
    for n in range(30):
        keep(
            f"d{n:02}",
            kind=chance.choice(kinds),
            party=chance.choice(("800", "8001", "900", "SE1")),
            number=(chance.choice(("SE", "SE1", "8")), n) if chance.random() < 0.7 else None,
            reference=f"V-{n}",
            provider=chance.choice(("dian", "factus")),
            state=chance.choice((State.ACCEPTED, State.ACCEPTED, State.REJECTED, State.PENDING)),
            issued_at=NOON + timedelta(hours=6 * chance.randrange(20)),
        )
    kept = rows(call, per_page=100)
    assert len(kept) == 30
    asked: dict[str, Any] = {}

    for _ in range(40):
        asked = _some_filters(chance, kept)
        found = names(call, per_page=chance.choice((1, 3, 50)), **asked)

        assert len(set(found)) == len(found), asked
        assert sorted(found) == sorted(row["tracking_id"] for row in kept if _has(row, asked)), asked


def _some_filters(chance: random.Random, kept: list[Row]) -> dict[str, str]:
    row = chance.choice(kept)
    every = {
        "estado": row["estado"],
        "tipo_documento": row["tipo_documento"],
        "proveedor": row["proveedor"],
        "adquiriente": row["adquirente"]["documento"],
        "desde": row["fecha_emision"][:10],
        "hasta": row["fecha_emision"][:10],
        "q": chance.choice(("S", "SE", "SE1", "8", "80", "800", "9")),
        "referencia": row["referencia"],
        "numero": row["numero_completo"] or "SE0",
    }
    chosen = chance.sample([*every][:-2], chance.randrange(1, 5)) + (
        ["referencia"] if chance.random() < 0.1 else []
    )
    chosen += ["numero"] if chance.random() < 0.1 else []
    return {name: every[name] for name in chosen}


def _has(row: Row, asked: dict[str, str]) -> bool:
    told = {
        "estado": row["estado"],
        "tipo_documento": row["tipo_documento"],
        "proveedor": row["proveedor"],
        "adquiriente": row["adquirente"]["documento"],
        "referencia": row["referencia"],
        "numero": row["numero_completo"],
    }
    day, q = row["fecha_emision"][:10], asked.get("q", "")
    return (
        all(told[name] == value for name, value in asked.items() if name in told)
        and asked.get("desde", day) <= day <= asked.get("hasta", day)
        and ((row["numero_completo"] or "").startswith(q) or row["adquirente"]["documento"].startswith(q))
    )


def test_a_search_that_finds_little_among_much_reads_so_much_and_hands_a_cursor_on(
    call, keep, counted, monkeypatch
):
    monkeypatch.setattr(table_listing, "_MOST_WHOLE", 20)
    for n in range(30):
        keep(f"d{n:02}", issued_at=NOON + timedelta(hours=n), provider="dian" if n == 0 else "factus")
    counted.clear()

    first = call("GET", "/documentos?proveedor=dian&per_page=5")

    assert first.json["data"] == []
    assert first.json["links"]["siguiente"]
    assert counted.count("Query") <= 2
    assert "Scan" not in counted
    assert names(call, proveedor="dian", per_page=5) == ["d00"]


def test_documents_of_one_buyer_and_second_are_each_listed_once(call, keep):
    for n in range(7):
        keep(f"d{n}")

    assert sorted(names(call, adquiriente=BUYER, per_page=2)) == [f"d{n}" for n in range(7)]


@pytest.mark.parametrize(
    "asked", ["q=9", "proveedor=factus", "estado=aceptado&adquiriente=9", "referencia=V-1"]
)
def test_what_no_index_decides_alone_has_no_numbered_pages_and_says_what_to_do(call, issuer, asked):
    refused = call("GET", f"/documentos?{asked}&page=2")

    assert (refused.status, list(refused.json["errors"])) == (422, ["page"])
    assert "cursor" in refused.json["errors"]["page"][0]


FORGED = (
    *(
        "N",
        "P",
        "Z",
        "N#",
        "Nbogus#x",
        "Ninvoice#",
        "P#",
        "P9#x",
        "P9017#2026-05-10T12:00:00-05:00#a b",
        "#",
        "~#a",
    ),
    *("0#a", "2026-05-10", "2026-05-10#", "~~~~", "9017#2026#" + "a" * 65, "zzzz#a", " #a"),
)


def test_a_forged_cursor_is_refused_by_name_or_a_place_in_its_own_list(call, keep, issuer):
    keep("a", number=("9", 1))
    filters = ({}, {"estado": "aceptado"}, {"q": "9"}, {"adquiriente": BUYER}, {"tipo_documento": "factura"})
    for asked, position in product(filters, FORGED):
        forged = documents.listing(asked, issuer.nit).cursor(position)

        answer = call("GET", f"/documentos?{urlencode({**asked, 'cursor': forged})}")

        assert answer.status in (200, 422), answer.text
        if answer.status == 422:
            assert list(answer.json["errors"]) == ["cursor"]
        else:
            assert {row["tracking_id"] for row in answer.json["data"]} <= {"a"}


def test_a_cursor_of_another_issuer_is_refused_by_name(call, keep, issuer):
    keep("a")
    keep("b")
    theirs = documents.listing({}, "800197268").cursor(f"{NOON.isoformat()}#b")

    refused = call("GET", f"/documentos?cursor={theirs}")

    assert (refused.status, list(refused.json["errors"])) == (422, ["cursor"])


def test_records_of_before_are_found_by_kind_and_buyer_once_they_are_indexed(call, keep, gateway, issuer):
    kept = keep("a")
    keep("b")
    client = own("dynamodb")
    client.update_item(
        TableName="cauce",
        Key={"pk": {"S": f"RECORD#{issuer.nit}#{kept.document_id}"}, "sk": {"S": "RECORD"}},
        UpdateExpression="REMOVE kind_pk, party_sk",
    )
    assert names(call, tipo_documento="factura") == names(call, adquiriente=BUYER) == ["b"]

    assert [gateway.listing.reindex(issuer.nit), gateway.listing.reindex(issuer.nit)] == [1, 0]

    assert (
        sorted(names(call, tipo_documento="factura")) == sorted(names(call, adquiriente=BUYER)) == ["a", "b"]
    )


# ── One document by its reference ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reference", ["V-1", "xml", "consultar", "2026/05:V.1_a", "a" * 64])
def test_a_document_is_answered_by_its_reference_as_by_its_id(call, drain, reference):
    posted = call("POST", "/documentos", invoice(referencia=reference)).json["data"]
    drain()

    found = call("GET", f"/documentos/por-referencia/{quote(reference, safe='')}")

    assert found.status == 200, found.text
    assert found.json == call("GET", f"/documentos/{posted['tracking_id']}").json


@pytest.mark.parametrize("reference", ["V-2", "no hay", "x" * 3000, "030-" + "a" * 96, "%00", "*", "ñ"])
def test_a_reference_that_nothing_has_is_not_found(call, drain, reference):
    call("POST", "/documentos", invoice(referencia="V-1"))

    answer = call("GET", f"/documentos/por-referencia/{quote(reference, safe='')}")

    assert (answer.status, answer.json["codigo"]) == (404, "no_encontrado")


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────


def as_csv(call: Any, query: str = "", accept: str = "text/csv") -> Any:
    return call("GET", f"/documentos{query}", Accept=accept)


def test_a_page_as_csv_has_the_rows_of_the_page_as_json(call, keep, gateway):
    keep("a", number=("SETP", 12), reference="V-1")
    kept = keep("b", kind=Kind.SUPPORT_DOCUMENT, issued_at=NOON + timedelta(days=1), state=State.REJECTED)

    answer = as_csv(call)
    found = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Vary"] == "Accept"
    assert answer.text.startswith("\ufeff")
    assert answer.text.count("\r\n") == answer.text.count("\n") == 3
    shown = call("GET", "/documentos").json["data"]
    for row, told in zip(found, shown, strict=True):
        for name in ("tracking_id", "tipo_documento", "fecha_emision", "estado", "proveedor"):
            assert row[name] == told[name]
        assert row["numero_completo"] == (told["numero_completo"] or "")
        assert row["adquirente_documento"] == told["adquirente"]["documento"]
        for name, amount in told["totales"].items():
            assert Decimal(row[name]) == Decimal(str(amount))
    assert kept.document_id == found[0]["tracking_id"]


def test_a_formula_in_a_name_is_text_in_csv(call, keep, gateway):
    for n, name in enumerate(
        ("=1+1", "+57", "-1", "@SUM(A1)", "\t=1", "x;=HYPERLINK(1)", 'a "b", c\r\nd', "＝1")
    ):
        document = _of_kind(Kind.INVOICE, BUYER, None)
        there = document.counterparty.model_copy(update={"name": name})
        kept = keep(f"d{n}", issued_at=NOON - timedelta(hours=n))
        changed = document.model_copy(update={"counterparty": there})
        gateway.records.save(noted(kept, "named", NOON, content=changed, content_at=None))

    answer = as_csv(call)
    found = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""))

    assert [row["adquirente_razon_social"] for row in found] == [
        "'=1+1", "'+57", "'-1", "'@SUM(A1)", "'\t'=1", "x;'=HYPERLINK(1)", 'a "b", c\r\nd', "'＝1",
    ]  # fmt: skip


def test_csv_pages_follow_each_other_by_link(call, keep):
    for n in range(5):
        keep(f"d{n}", issued_at=NOON + timedelta(hours=n))
    found, query = [], "?per_page=2&estado=aceptado"
    while query:
        answer = as_csv(call, query)
        found += [
            row["tracking_id"] for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
        ]
        links = dict(reversed(each.split("; rel=")) for each in answer.headers["Link"].split(", "))
        following = links.get('"next"', "<>")[1:-1]
        query = f"?{urlsplit(following).query}" if following else ""
        assert not following or dict(parse_qsl(query[1:]))["estado"] == "aceptado"

    assert found == ["d4", "d3", "d2", "d1", "d0"]


def test_csv_is_for_who_names_it(call, issuer):
    forms = [
        as_csv(call, accept=accept).headers["Content-Type"] for accept in ("text/csv, */*", "*/*", "text/*")
    ]

    assert [form.split(";")[0] for form in forms] == ["text/csv", "application/json", "application/json"]


def test_what_is_refused_is_a_problem_in_json_for_who_wants_csv_too(call, issuer):
    refused = as_csv(call, "?estado=x")

    assert refused.status == 422
    assert refused.headers["Content-Type"].startswith("application/problem+json")
