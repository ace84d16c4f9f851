"""The month's close: what was issued, added up; every number without a valid document, and why; as JSON, CSV, ZIP."""

import base64
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from cauce import faults
from cauce.aws import items, keys
from cauce.contracts.v1 import contract
from cauce.contracts.v1.queries import encoded_cursor
from cauce.domain.access_token import Scope
from cauce.domain.document import Kind
from cauce.domain.outcome import Message, Number
from cauce.domain.record import Record, State
from cauce.domain.time import BOGOTA, bogota
from cauce.domain.totals import amounts_of, totals
from cauce.reading import close
from cauce.reception import access
from tests import stack
from tests.bench import emission
from tests.documents import BUYER, invoice
from tests.records import noted
from tests.simulators.factus.state import Verdict
from tests.unit.contracts.examples import a_credit_note, a_record

FIRST = 990000001
MAY = datetime(2026, 5, 1, 0, 0, tzinfo=BOGOTA)


@pytest.fixture
def keep(gateway, issuer) -> Any:
    """Store a document as if it had been emitted: ``keep(3)`` has the third number, on the third of May."""

    def kept(
        n: int, state: State = State.ACCEPTED, body: Any = None, kind: Kind = Kind.INVOICE, **changes: Any
    ) -> Record:
        document = contract.document(kind, body or invoice(referencia=f"V-{kind.value}-{n}"))
        record = a_record(
            document,
            issuer=issuer.nit,
            document_id=f"{kind.value[:2]}-{n:03}",
            state=state,
            **{
                "issued_at": MAY + timedelta(days=n - 1, hours=12),
                "number": Number(prefix="SETP" if kind is Kind.INVOICE else "NC", consecutive=FIRST + n - 1),
                **amounts_of(totals(document))._asdict(),
                **changes,
            },
        )
        record = noted(record, "kept", record.issued_at)
        taken = gateway.new_records.take_in(record, numbered=False, quota=None)
        if taken.number:
            claim(taken)
        return taken

    return kept


def claim(record: Record) -> None:
    """The number's item, which the provider's answer would have written."""
    stack.client("dynamodb").put_item(TableName="cauce", Item=items.number_item(record))


def closed(call: Any, month: str = "2026-05", **query: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = call("GET", f"/cierre/{month}?{asked}")
    assert answer.status == 200, answer.text
    return answer.json["data"]


def sums(data: Any) -> dict[tuple[str, str, str], tuple[int, Any, Any]]:
    return {
        (each["tipo_documento"], each["estado"], each["moneda"]): (
            each["documentos"],
            each["iva"],
            each["total"],
        )
        for each in data["sumas"]
    }


def numbers(data: Any) -> list[tuple[int, int, str]]:
    return [(each["desde"] - FIRST + 1, each["hasta"] - FIRST + 1, each["causa"]) for each in data["numeros"]]


WITHHELD = [{"codigo": "06", "porcentaje": "2.5"}, {"codigo": "05", "porcentaje": "15"}]


def with_lines(**changes: Any) -> dict[str, Any]:
    """An invoice of two lines of 100,000, at 19 and at 5 %; what is withheld is of the first."""
    line = {"codigo": "A", "descripcion": "Asesoría", "cantidad": 1, "precio": 100000, "iva_pct": 19}
    return invoice(lineas=[{**line, "retenciones": WITHHELD}, {**line, "iva_pct": 5}], **changes)


# What is added up


def test_documents_are_added_up_by_kind_state_and_currency(call, keep):
    keep(1)
    keep(2)
    keep(3, State.REJECTED)
    keep(4, body=invoice(moneda="USD", tasa_cambio={"valor": "4000", "fecha": "2026-05-04"}))
    keep(1, kind=Kind.CREDIT_NOTE, body=a_credit_note())

    data = closed(call)

    assert sums(data) == {
        ("factura", "aceptado", "COP"): (2, 46550, 291550),
        ("factura", "rechazado", "COP"): (1, 23275, 145775),
        ("factura", "aceptado", "USD"): (1, 23275, 145775),
        ("nota_credito", "aceptado", "COP"): (1, 23275, 145775),
    }
    assert (data["documentos"], data["sin_leer"]) == (5, 0)


def test_taxes_and_withholdings_are_those_of_accepted_documents_by_rate(call, keep):
    keep(1, body=with_lines())
    keep(2, body=with_lines())
    keep(3, State.PENDING, body=with_lines())

    data = closed(call)

    taxes = [(each["nombre"], each["porcentaje"], each["base"], each["valor"]) for each in data["impuestos"]]
    withheld = [
        (each["nombre"], each["porcentaje"], each["base"], each["valor"]) for each in data["retenciones"]
    ]
    assert taxes == [("IVA", 19, 200000, 38000), ("IVA", 5, 200000, 10000)]
    assert withheld == [("ReteIVA", 15, 38000, 5700), ("ReteRenta", 2.5, 200000, 5000)]


def test_the_month_is_bogotas(call, keep):
    keep(1, issued_at=MAY - timedelta(seconds=1))
    keep(2, issued_at=MAY)
    keep(31, issued_at=datetime(2026, 5, 31, 23, 59, 59, tzinfo=BOGOTA))
    keep(32, issued_at=datetime(2026, 6, 1, tzinfo=BOGOTA))

    assert closed(call)["documentos"] == 2


def test_what_is_not_accepted_is_listed_with_dians_reason(call, keep):
    keep(1, State.REJECTED, rejections=(Message(text="El valor no cuadra", rule="FAU14"),))
    keep(2, State.FAILED, number=None)

    rejected, failed = closed(call)["por_revisar"]

    assert rejected["numero_completo"] == f"SETP{FIRST}"
    assert rejected["rechazos"] == [{"regla": "FAU14", "mensaje": "El valor no cuadra"}]
    assert (failed["estado"], failed["numero_completo"]) == ("fallido", None)
    assert "no se reintentará" in failed["porque"]


def test_a_document_that_a_newer_cauce_wrote_is_counted_and_in_no_sum(call, keep):
    keep(1)
    kept = keep(2)
    stack.client("dynamodb").update_item(
        TableName="cauce",
        Key=items.pack(keys.record(kept.issuer, kept.document_id)),
        UpdateExpression="SET #schema = :newer",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues={":newer": {"N": str(items.SCHEMA + 1)}},
    )

    data = closed(call)

    assert (data["documentos"], data["sin_leer"], len(data["sumas"])) == (2, 1, 1)


# Numbers


def test_every_number_without_a_valid_document_is_named_with_its_cause(call, keep):
    keep(0, issued_at=MAY - timedelta(days=3))
    keep(3)
    keep(4, State.REJECTED)  # it keeps its number, and is listed for itself
    respent = keep(8)
    claim(
        respent.model_copy(update={"number": Number(prefix="SETP", consecutive=FIRST + 5)})
    )  # an earlier attempt
    keep(7, State.REJECTED, issued_at=MAY + timedelta(days=40))

    found = numbers(closed(call))

    assert found == [(1, 2, "nunca_tomado"), (5, 5, "nunca_tomado"), (6, 6, "gastado"), (7, 7, "sin_validez")]


def test_numbers_that_another_month_used_are_no_gap(call, keep):
    keep(1)
    keep(2, issued_at=MAY + timedelta(days=40))
    keep(3)

    assert numbers(closed(call)) == []


def test_too_many_numbers_in_a_row_are_named_and_not_looked_up_one_by_one(call, keep):
    keep(1)
    keep(5_000, issued_at=MAY + timedelta(days=3))

    assert numbers(closed(call)) == [(2, 4_999, "sin_revisar")]


# Pages


def test_the_pages_of_a_month_add_up_to_the_month(call, keep):
    for n in (1, 2, 5, 6, 8, 9, 10):
        keep(n, State.REJECTED if n == 6 else State.ACCEPTED, body=with_lines())
    keep(1, kind=Kind.CREDIT_NOTE, body=a_credit_note())  # in the first page alone

    whole = closed(call)
    pages = list(followed(call, "/cierre/2026-05?per_page=2"))

    assert [page["documentos"] for page in pages] == [2, 2, 2, 2]
    for name, keys_, added in (
        ("sumas", ("tipo_documento", "estado"), ("documentos", "iva", "total")),
        ("impuestos", ("tipo_documento", "porcentaje"), ("base", "valor")),
        ("retenciones", ("codigo",), ("base", "valor")),
    ):
        assert added_up(pages, name, keys_, added) == added_up([whole], name, keys_, added)
    assert (
        [one for page in pages for one in numbers(page)]
        == numbers(whole)
        == [
            (3, 4, "nunca_tomado"),
            (7, 7, "nunca_tomado"),
        ]
    )


def test_a_page_reads_the_index_once_and_its_records_fifty_at_a_time():
    with emission.container() as running:
        for _ in range(60):
            running.accepted(2)
        bill = running.aws.begin()
        month = close.Month(bogota(running.clock.now).date().replace(day=1))

        page = close.page(running.gateway, running.issuer.nit, month, None, 55, None)

    assert (page.documents, page.next is not None) == (55, True)
    # Of queries: the ranges, the index, the number before the lowest. Of reads: two of fifty records, and as all were
    # issued in one second, whose order is by chance, the numbers that the other page has, with their records.
    assert bill.requests == {"dynamodb.Query": 3, "dynamodb.BatchGetItem": 4}


def test_a_page_ends_where_little_time_is_left(keep, gateway, issuer):
    for n in range(1, 4):
        keep(n)

    with faults.time_for(5):
        page = close.page(gateway, issuer.nit, close.Month(MAY.date()), None, 100, None)

    assert (page.documents, page.next is not None) == (1, True)


# Files


def test_as_csv_each_document_is_a_row_that_a_spreadsheet_of_colombia_reads(call, keep):
    keep(1, body=with_lines(referencia="V-1"))
    buyer = {**BUYER, "razon_social": '=HYPERLINK("http://x")'}
    keep(2, State.REJECTED, body=invoice(adquiriente=buyer), rejections=(Message(text="Mal", rule="FAU14"),))

    answer = call("GET", "/cierre/2026-05", Accept="text/csv")

    one, other = rows(answer.text)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert one["referencia"] == "V-1"
    assert (one["base_iva_19"], one["iva_19"], one["iva_5"], one["iva"]) == (
        "100000",
        "19000",
        "5000",
        "24000",
    )
    assert (one["reteiva"], one["reterenta"], one["reteica"], one["total"]) == ("2850", "2500", "0", "224000")
    assert other["nombre_tercero"] == '\'=HYPERLINK("http://x")'
    assert other["observacion"] == "FAU14 Mal"


def test_a_csv_of_several_pages_says_where_the_next_one_is(call, keep):
    for n in range(1, 4):
        keep(n)

    answer = call("GET", "/cierre/2026-05?per_page=2", Accept="text/csv")
    link = answer.headers["Link"].removeprefix("<").partition(">")[0]
    rest = call("GET", f"/cierre/2026-05?{urlsplit(link).query}", Accept="text/csv")

    assert [row["numero"] for page in (answer, rest) for row in rows(page.text)] == [
        f"SETP{FIRST + n}" for n in range(3)
    ]
    assert "Link" not in rest.headers


def test_the_zip_has_every_table_and_says_what_each_is(call, keep):
    keep(1, body=with_lines())
    keep(3)

    answer = call("GET", "/cierre/2026-05", Accept="application/zip")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="cierre-2026-05.zip"'
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer.text))) as found:
        tables = {name: found.read(name).decode() for name in found.namelist()}
    told = tables.pop("LEAME.txt")
    assert all(name in told for name in tables)
    assert [row["causa"] for row in rows(tables["numeros.csv"])] == ["nunca_tomado"]
    assert {row["porcentaje"]: row["valor"] for row in rows(tables["impuestos.csv"])} == {
        "19": "42275",
        "5": "5000",
    }
    assert {row["codigo"]: row["valor"] for row in rows(tables["retenciones.csv"])} == {
        "05": "2850",
        "06": "2500",
    }
    assert len(rows(tables["documentos.csv"])) == 2


# Refusals


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("2026-13", "mes"),
        ("mayo", "mes"),
        ("2026-05?desde=2026-05-01", "desde"),
        ("2026-05?per_page=5001", "per_page"),
        ("2026-05?cursor=nada", "cursor"),
        ("2026-05?cursor=" + encoded_cursor("2026-05-02T00:00:00-05:00#a factura:SETP:1 nada::2"), "cursor"),
        ("2026-05?cursor=" + encoded_cursor("2026-06-02T00:00:00-05:00#a"), "cursor"),
    ],
)
def test_what_is_asked_wrongly_is_refused_by_name(call, path, field):
    answer = call("GET", f"/cierre/{path}")

    assert (answer.status, list(answer.json["errors"])) == (422, [field])


def test_only_who_may_read_listings_reads_a_close(call, gateway, issuer):
    only = access.grant(gateway, issuer.nit, name="ERP", email="e@e.example", scopes=frozenset({Scope.EMIT}))[
        1
    ]

    assert call("GET", "/cierre/2026-05", bearer=only).json["codigo"] == "alcance_insuficiente"


# Reading answers


def followed(call: Any, path: str) -> Iterator[Any]:
    while path:
        answer = call("GET", path)
        assert answer.status == 200, answer.text
        yield answer.json["data"]
        link = answer.json["links"]["next"]
        path = f"/cierre/2026-05?{urlsplit(link).query}" if link else ""


def added_up(pages: list[Any], name: str, by: tuple[str, ...], added: tuple[str, ...]) -> Any:
    found: dict[Any, list[float]] = {}
    for each in (row for page in pages for row in page[name]):
        key = tuple(each[one] for one in by)
        found[key] = [a + each[one] for a, one in zip(found.get(key, [0] * len(added)), added, strict=True)]
    return found


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


# Ours against the provider's list


def of_this_month(call: Any, month: date, **query: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = call("GET", f"/cierre/{month:%Y-%m}/conciliacion?{asked}")
    assert answer.status == 200, answer.text
    return answer.json["data"], answer.json["meta"]


@pytest.mark.reads_the_date
@pytest.mark.parametrize("dialect", ["v1", "v2"])  # only v2 can be asked for dates
def test_a_page_of_the_providers_list_is_compared_with_our_records(
    call, posted, drain, gateway, factus, issuer, dialect
):
    settings = {"factus": {"base_url": factus.base_url, "dialect": dialect}}
    gateway.issuers.save(issuer.model_copy(update={"settings": settings}))
    for n in range(4):
        posted(body=invoice(referencia=f"V-{n}"))
    drain()
    kept = factus.memory.documents["bills"]
    known = [each.number for each in kept]
    kept.pop(1)  # deleted there behind our back: whoever read every page knows that nobody named it
    kept.append(replace(kept[0], id=9001, number="SETP990000500"))
    kept[1] = replace(kept[1], verdict=Verdict.PENDING)
    today = bogota(gateway.now()).date()

    data, meta = of_this_month(call, today)

    assert set(data["numeros"]) == {*known, "SETP990000500"} - {known[1]}
    found = {(each["numero_completo"], each["que"]) for each in data["hallazgos"]}
    assert found == {("SETP990000500", "ajeno"), (known[2], "distinto")}
    assert meta == {"offset_siguiente": None}


@pytest.mark.reads_the_date
def test_what_the_provider_has_of_another_month_is_not_told(call, posted, drain, gateway):
    posted()
    drain()
    before = (bogota(gateway.now()).date().replace(day=1) - timedelta(days=40)).replace(day=1)

    data, _ = of_this_month(call, before)

    assert (data["numeros"], data["hallazgos"]) == ([], [])


def test_a_provider_without_a_list_is_named_as_such(call, gateway, issuer):
    gateway.issuers.save(issuer.model_copy(update={"providers": {Kind.INVOICE: "dian"}}))

    answer = call("GET", "/cierre/2026-05/conciliacion?proveedor=dian")

    assert (answer.status, answer.json["codigo"]) == (422, "no_soportado")


@pytest.mark.parametrize(
    ("query", "field"), [("offset=x", "offset"), ("tipo_documento=evento", "tipo_documento")]
)
def test_what_is_compared_wrongly_is_refused_by_name(call, query, field):
    answer = call("GET", f"/cierre/2026-05/conciliacion?{query}")

    assert (answer.status, list(answer.json["errors"])) == (422, [field])
