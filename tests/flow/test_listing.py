"""Listings: an issuer's own documents by date of issue, and what its provider says it emitted."""

import base64
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from cauce import wiring
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.outcome import Message
from cauce.domain.record import Record, State
from cauce.domain.time import BOGOTA
from cauce.domain.totals import amounts_of, totals
from cauce.providers.base import Emitted, EmittedPage, EmittedQuery, Filter, FilterName, Verb
from tests.documents import invoice, support_document
from tests.flow.conftest import make_known
from tests.records import noted
from tests.unit.contracts.examples import a_record

NOON = datetime(2026, 5, 10, 12, 0, tzinfo=BOGOTA)


@pytest.fixture
def keep(gateway, issuer) -> Any:
    """Store a record as if it had been emitted at a moment, in a state: ``keep("a", NOON)``."""

    def kept(name: str, issued_at: datetime, state: State = State.ACCEPTED, **asked: Any) -> Record:
        document = contract.document(Kind.INVOICE, invoice(**asked))
        record = a_record(
            document,
            issuer=issuer.nit,
            document_id=name,
            issued_at=issued_at,
            state=state,
            number=None,
            **amounts_of(totals(document))._asdict(),
        )
        return gateway.new_records.take_in(noted(record, "kept", issued_at), numbered=False, quota=None)

    return kept


def names(answer: Any) -> list[str]:
    assert answer.status == 200, answer.text
    return [row["tracking_id"] for row in answer.json["data"]]


def follow(call: Any, path: str) -> list[list[str]]:
    """The pages from a path on, by their own ``next`` links."""
    pages = []
    while path:
        answer = call("GET", path)
        pages.append(names(answer))
        link = answer.json["links"]["next"]
        path = f"/documentos?{urlsplit(link).query}" if link else ""
    return pages


def test_newest_first_and_twenty_to_a_page(call, keep):
    for n in range(25):
        keep(f"d{n:02}", NOON + timedelta(hours=n))

    answer = call("GET", "/documentos")

    assert names(answer) == [f"d{n:02}" for n in reversed(range(5, 25))]
    assert answer.json["meta"]["per_page"] == 20
    assert (answer.json["meta"]["from"], answer.json["meta"]["to"]) == (1, 20)
    assert answer.json["links"]["prev"] is None


def test_a_row_is_what_the_detail_says(call, drain):
    posted = call("POST", "/documentos", invoice(referencia="V-1"))
    drain()
    detail = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json

    row = call("GET", "/documentos").json["data"][0]

    assert {"ok": True, **row, "historia": detail["historia"]} == detail


def test_a_row_says_in_which_currency_its_totals_are(call, keep):
    keep("pesos", NOON)
    keep(
        "dollars",
        NOON + timedelta(hours=1),
        moneda="USD",
        tasa_cambio={"valor": "4000", "fecha": "2026-05-04"},
    )

    rows = call("GET", "/documentos").json["data"]

    assert [each["moneda"] for each in rows] == ["USD", "COP"]


def test_a_row_whose_message_only_its_content_can_name_is_read_with_it(call, gateway, keep):
    kept = keep("named", NOON)
    finding = Message(text="Ojo", field="lines.0.taxes.0.percent")
    gateway.records.save(noted(kept, "found", NOON, findings=(finding,)))

    (row,) = call("GET", "/documentos").json["data"]

    assert row["notificaciones"][0]["campo"] == "lineas.0.iva_pct"
    detail = call("GET", "/documentos/named").json
    assert {"ok": True, **row, "historia": detail["historia"]} == detail


def test_a_page_of_documents_with_all_the_messages_there_may_be_fits_an_answer_and_each_document_has_all_of_its_own(
    call, gateway, keep
):
    said = tuple(Message(text="ñ" * 500, rule=f"R{n}") for n in range(100))
    for n in range(100):
        kept = keep(f"d{n:03}", NOON + timedelta(minutes=n))
        facts = {"findings": said, "notices": said[:50], "rejections": said[:50]}
        gateway.records.save(noted(kept, "with messages", NOON, **facts))

    page = call("GET", "/documentos?per_page=100")

    assert (page.status, len(page.json["data"])) == (200, 100)
    assert len(page.text.encode()) < 5_500_000
    row = page.json["data"][0]
    assert "mensajes más" in row["notificaciones"][-1]["mensaje"]
    whole = call("GET", f"/documentos/{row['tracking_id']}").json
    assert (len(whole["notificaciones"]), len(whole["rechazos"])) == (150, 50)


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", "dcba"),
        ("?estado=aceptado", "da"),
        ("?estado=rechazado", "b"),
        ("?estado=pendiente", "c"),
        ("?estado=fallido", ""),
        ("?desde=2026-05-11", "dcb"),
        ("?desde=2026-05-12", "d"),
        ("?hasta=2026-05-11", "cba"),
        ("?hasta=2026-05-10", "a"),
        ("?desde=2026-05-11&hasta=2026-05-11", "cb"),
        ("?desde=2026-05-11&hasta=2026-05-11&estado=rechazado", "b"),
        ("?desde=2026-05-13", ""),
        ("?estado=&desde=&hasta=", "dcba"),
    ],
)
def test_filters_are_by_state_and_by_the_day_of_issue_in_bogota(call, keep, query, expected):
    keep("a", datetime(2026, 5, 10, 23, 59, 59, tzinfo=BOGOTA))
    keep("b", datetime(2026, 5, 11, 0, 0, 0, tzinfo=BOGOTA), State.REJECTED)
    keep("c", datetime(2026, 5, 11, 23, 59, 59, tzinfo=BOGOTA), State.UNKNOWN)
    keep("d", datetime(2026, 5, 12, 12, tzinfo=BOGOTA))

    assert names(call("GET", f"/documentos{query}")) == list(expected)


def test_every_state_of_ours_is_listed_under_its_estado(call, keep):
    for n, state in enumerate(State):
        keep(state.value, NOON + timedelta(minutes=n), state)

    listed = {
        estado: set(names(call("GET", f"/documentos?estado={estado}")))
        for estado in ("aceptado", "rechazado", "pendiente", "fallido")
    }

    assert listed == {
        "aceptado": {"accepted"},
        "rechazado": {"rejected"},
        "pendiente": {"received", "sending", "pending", "unknown"},
        "fallido": {"failed"},
    }


@pytest.mark.parametrize("total, per_page", [(0, 5), (1, 1), (5, 5), (10, 5), (11, 5), (7, 100)])
def test_the_next_links_visit_every_document_once(call, keep, total, per_page):
    for n in range(total):
        keep(f"d{n:02}", NOON + timedelta(hours=n))

    pages = follow(call, f"/documentos?per_page={per_page}")

    assert [name for page in pages for name in page] == [f"d{n:02}" for n in reversed(range(total))]
    assert all(len(page) <= per_page for page in pages)


def test_documents_of_the_same_second_are_each_listed_once(call, keep):
    for n in range(7):
        keep(f"d{n}", NOON)

    assert Counter(name for page in follow(call, "/documentos?per_page=2") for name in page) == Counter(
        {f"d{n}": 1 for n in range(7)}
    )


def test_a_cursor_is_stable_while_documents_are_added_in_front(call, keep):
    for n in range(6):
        keep(f"d{n}", NOON + timedelta(hours=n))
    first = call("GET", "/documentos?per_page=2")
    for n in range(5):
        keep(f"new{n}", NOON + timedelta(days=1, hours=n))

    rest = follow(call, f"/documentos?per_page=2&cursor={first.json['meta']['cursor_siguiente']}")

    assert names(first) == ["d5", "d4"]
    assert [name for page in rest for name in page] == ["d3", "d2", "d1", "d0"]


def test_a_page_number_and_its_cursor_are_the_same_page(call, keep):
    for n in range(9):
        keep(f"d{n}", NOON + timedelta(hours=n))

    by_number = [names(call("GET", f"/documentos?per_page=4&page={page}")) for page in (1, 2, 3)]

    assert by_number == follow(call, "/documentos?per_page=4")
    assert call("GET", "/documentos?per_page=4&page=2").json["meta"]["from"] == 5


@pytest.mark.parametrize("page", [2, 3, 100])
def test_a_page_beyond_the_end_is_empty(call, keep, page):
    for n in range(5):
        keep(f"d{n}", NOON + timedelta(hours=n))

    answer = call("GET", f"/documentos?per_page=5&page={page}")

    assert names(answer) == []
    assert (answer.json["links"]["next"], answer.json["meta"]["from"], answer.json["meta"]["to"]) == (
        None,
        None,
        None,
    )


def test_a_page_number_reaches_ten_thousand_rows_and_then_says_what_to_do(call, issuer):
    assert call("GET", "/documentos?per_page=100&page=101").status == 200

    refused = call("GET", "/documentos?per_page=100&page=102")

    assert refused.status == 422
    assert refused.json["errors"] == {"page": ["Con «page» se llega hasta la fila 10000; siga con «cursor»."]}


def test_a_cursor_goes_on_with_its_own_filters_and_is_refused_by_name_with_others(call, keep):
    for n in range(4):
        keep(f"d{n}", NOON + timedelta(days=n))
    asked = "hasta=2026-05-13&estado=aceptado"
    cursor = call("GET", f"/documentos?per_page=1&{asked}").json["meta"]["cursor_siguiente"]

    for others in ("", "hasta=2026-05-12&estado=aceptado", "hasta=2026-05-13", f"{asked}&q=8"):
        refused = call("GET", f"/documentos?cursor={cursor}&{others}")

        assert refused.status == 422
        assert list(refused.json["errors"]) == ["cursor"]
    assert names(call("GET", f"/documentos?cursor={cursor}&{asked}")) == ["d2", "d1", "d0"]


@pytest.mark.parametrize(
    "position",
    ["", "x", "2026-05-10", "#", "2026-05-10T12:00:00-05:00", "2026-05-10#", "2026-05-10#a#b",
     "2026-05-10#" + "a" * 65, "2026-05-10T12:00:00-05:00#ñ", "RECORDS#1"],
)  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_refused_by_name(call, position):
    cursor = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=") or "="

    refused = call("GET", f"/documentos?cursor={cursor}")

    assert (refused.status, list(refused.json["errors"])) == (422, ["cursor"])


def test_every_wrong_parameter_is_named_at_once(call):
    refused = call(
        "GET", "/documentos?estado=x&desde=ayer&hasta=2026-02-30&per_page=101&page=0&cursor=x&otro=1"
    )

    assert refused.status == 422
    assert set(refused.json["errors"]) == {
        "estado", "desde", "hasta", "per_page", "page", "cursor", "otro",
    }  # fmt: skip


def test_links_are_absolute_and_keep_the_filters(call, keep):
    for n in range(3):
        keep(f"d{n}", NOON + timedelta(hours=n))

    links = call("GET", "/documentos?estado=aceptado&desde=2026-05-01&per_page=1&page=2").json["links"]

    for name in ("first", "prev", "next"):
        assert links[name].startswith("https://api.cauce.example/api/v1/documentos?")
        assert "estado=aceptado" in links[name]
        assert "desde=2026-05-01" in links[name]


def test_a_documents_new_state_moves_it_from_one_list_to_the_other(call, drain, factus, clock, settle):
    factus.pend_next(1)
    posted = call("POST", "/documentos", invoice()).json["data"]["tracking_id"]
    drain()
    assert names(call("GET", "/documentos?estado=pendiente")) == [posted]

    clock.advance(minutes=5)
    settle()  # it is sent again, which no caller waits for

    assert names(call("GET", "/documentos?estado=pendiente")) == []
    assert names(call("GET", "/documentos?estado=aceptado")) == [posted]


# GET /emitidos


def test_what_factus_says_it_emitted_comes_in_the_rows_every_provider_shares(call, drain):
    posted = call("POST", "/documentos", invoice(referencia="V-1"))
    drain()
    detail = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json

    answer = call("GET", "/emitidos")

    assert answer.status == 200
    assert answer.json["meta"] == {"proveedor": "factus", "offset_siguiente": None}
    row = answer.json["data"][0]
    assert (row["referencia"], row["numero_completo"], row["tipo_documento"], row["estado"]) == (
        "V-1", detail["numero_completo"], "factura", "aceptado",
    )  # fmt: skip
    assert row["total"] == detail["totales"]["total"]
    assert row["adquirente"]["documento"] == detail["adquirente"]["documento"]


def test_factus_rows_are_paged_by_offset_and_filtered_as_it_can(call, drain):
    for n in range(5):
        call("POST", "/documentos", invoice(referencia=f"V-{n}"))
    call("POST", "/documentos-soporte", support_document(referencia="S-1"))
    drain()

    first = call("GET", "/emitidos?cantidad=2")
    second = call("GET", f"/emitidos?cantidad=2&offset={first.json['meta']['offset_siguiente']}")
    third = call("GET", "/emitidos?cantidad=2&offset=4")
    found = [row["referencia"] for page in (first, second, third) for row in page.json["data"]]

    assert sorted(found) == [f"V-{n}" for n in range(5)]
    assert third.json["meta"]["offset_siguiente"] is None
    assert call("GET", "/emitidos?offset=100").json["data"] == []
    assert [r["referencia"] for r in call("GET", "/emitidos?referencia=V-3").json["data"]] == ["V-3"]
    only = call("GET", "/emitidos?tipo_documento=documento_soporte").json["data"]
    assert [row["referencia"] for row in only] == ["S-1"]


@pytest.mark.parametrize(
    "query, field",
    [
        ("tipo_documento=recibo", "tipo_documento"),
        ("offset=-1", "offset"),
        ("cantidad=0", "cantidad"),
        ("cantidad=101", "cantidad"),
        ("cantidad=x", "cantidad"),
        ("proveedor=nadie", "proveedor"),
        ("estado=x", "estado"),
        ("desde=ayer", "desde"),
        ("nada=1", "nada"),
        ("start=1", "start"),  # also a path of the domain
        ("referencia=" + "x" * 101, "referencia"),
    ],
)
def test_what_cannot_be_asked_of_the_listing_is_named(call, query, field):
    refused = call("GET", f"/emitidos?{query}")

    assert refused.status == 422, refused.text
    assert list(refused.json["errors"]) == [field]


def test_a_kind_that_the_dialect_does_not_have_is_refused(call):
    answer = call("GET", "/emitidos?tipo_documento=nota_debito")

    assert answer.status == 422, answer.text
    assert answer.json["codigo"] == "no_soportado"


class Lister:
    """A second provider, which lists too, or has nothing to list with."""

    def __init__(self, *verbs: Verb):
        self.capabilities: Any = type("Declared", (), {"verbs": frozenset(verbs)})
        self.asked: list[EmittedQuery] = []

    def list_emitted(self, query: EmittedQuery) -> EmittedPage:
        self.asked.append(query)
        row = Emitted(
            provider_id="7", reference=None, kind=Kind.INVOICE, number="X1", counterparty=None,
            counterparty_name=None, total=Decimal("10.50"), issued_at=None, received_at=None, uuid=None,
            shown_state="aceptado",
        )  # fmt: skip
        return EmittedPage(rows=(row,), next_offset=20)


def _with_second(gateway: Any, issuer: Any, monkeypatch: Any, lister: Lister, kinds: dict[Kind, str]) -> None:
    ours = gateway.provider
    second = replace(gateway, provider=lambda who, name: lister if name == "otro" else ours(who, name))
    monkeypatch.setattr(wiring, "gateway", lambda: second)
    make_known(monkeypatch, "otro", lister)
    gateway.issuers.save(issuer.model_copy(update={"providers": {**issuer.providers, **kinds}}))


def test_two_providers_that_list_must_be_told_apart(call, gateway, issuer, monkeypatch):
    lister = Lister(Verb.LIST_EMITTED)
    _with_second(gateway, issuer, monkeypatch, lister, {Kind.DEBIT_NOTE: "otro"})

    undecided = call("GET", "/emitidos")
    assert (undecided.status, list(undecided.json["errors"])) == (422, ["proveedor"])
    assert "factus" in undecided.json["error"]

    assert call("GET", "/emitidos?proveedor=factus").json["meta"]["proveedor"] == "factus"
    by_name = call("GET", "/emitidos?proveedor=otro&numero=X1&offset=5").json
    assert (by_name["meta"], by_name["data"][0]["total"]) == (
        {"proveedor": "otro", "offset_siguiente": 20},
        10.5,
    )
    filters = (Filter(FilterName.NUMBER, "X1", said="numero"),)
    assert lister.asked[-1] == EmittedQuery(kind=None, filters=filters, offset=5, limit=20)
    assert call("GET", "/emitidos?tipo_documento=nota_debito").json["meta"]["proveedor"] == "otro"


def test_a_provider_that_cannot_list_is_not_asked(call, gateway, issuer, monkeypatch):
    _with_second(gateway, issuer, monkeypatch, Lister(), {Kind.DEBIT_NOTE: "otro"})

    assert call("GET", "/emitidos").json["meta"]["proveedor"] == "factus"


@pytest.mark.parametrize(
    "fault, status, codigo",
    [
        ({"status": 429}, 503, "proveedor_no_disponible"),
        ({"status": 500}, 504, "resultado_desconocido"),
        ({"status": "html"}, 504, "resultado_desconocido"),
        ({"status": 403}, 502, "credenciales_rechazadas"),
    ],
)
def test_a_provider_in_trouble_is_told_from_a_fault_of_ours(call, factus, fault, status, codigo):
    factus.answer_next(**fault, path="/v1/bills", method="GET")

    answer = call("GET", "/emitidos")

    assert (answer.status, answer.json["codigo"]) == (status, codigo)
