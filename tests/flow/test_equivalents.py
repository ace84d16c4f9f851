"""POS tickets and the notes on them over the handlers: straight to DIAN, and through no other provider."""

import base64
import json
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.providers.registry import provider_class
from tests import dian_issuers, stack
from tests.documents import BUYER, invoice, note, note_on_ticket, ticket
from tests.simulators.dian import DianSimulator, Range, identifiers
from tests.simulators.dian.document import Document
from tests.unit.dian import builders
from tests.unit.dian.oracles import parsed, schema_errors, text, texts
from tests.unit.dian.talking import account

NIT = builders.ISSUER.nit
TICKETS, NOTES = "/documentos-equivalentes", "/notas-documento-equivalente"


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def posted(call: Any, drain: Any, gateway: Gateway) -> Any:
    """POST a document, which must be taken inline: its record."""

    def made(path: str, body: dict[str, Any]) -> Record:
        answer = call("POST", path, body)
        assert answer.status == 201, answer.text
        assert drain() == 0, "DIAN needs no queue"
        return gateway.records.read(NIT, answer.json["data"]["tracking_id"])

    return made


def on(sold: Record, **changes: Any) -> dict[str, Any]:
    day = sold.issued_at.date().isoformat()
    return note_on_ticket(str(sold.number), sold.uuid or "", fecha=day, **changes)


# Emitted --------------------------------------------------------------------------------------------


@pytest.mark.reads_the_date
def test_a_ticket_to_nobody_in_particular_and_the_note_that_annuls_it_are_validated(posted, gateway, dian):
    sold = posted(TICKETS, ticket(referencia="CAJA-1"))
    annulled = posted(NOTES, on(sold))

    assert [str(kept.number) for kept in (sold, annulled)] == ["EPOS1", "NE1"]
    assert [kept.payable for kept in (sold, annulled)] == [119173, 119173]
    for kept in (sold, annulled):
        assert kept.state is State.ACCEPTED, kept.rejections
        xml = gateway.archive.read(kept.signed_xml or "")
        assert schema_errors(xml) == []
        assert dian_issuers.is_verified(xml)
        assert kept.uuid == identifiers.of(Document(xml), "", account(NIT).pin)
    assert [verdict.kind for verdict in dian.documents] == ["equivalent_document", "equivalent_note"]
    names = [verdict.file_name for verdict in dian.documents]
    year = sold.issued_at.year % 100
    assert names == [f"{kind}0900123456000{year}00000001.xml" for kind in ("ds", "ncs")]


def test_the_answer_says_what_it_is_and_has_no_files_for_a_buyer(posted, call):
    sold = posted(TICKETS, ticket())

    data = call("GET", f"/documentos/{sold.document_id}").json

    assert (data["tipo_documento"], data["tipo_codigo"]) == ("documento_equivalente", "CUDE")
    assert data["adquirente"] == {"documento": "222222222222", "razon_social": "Consumidor Final"}
    assert {"xml", "pdf"} <= data["links"].keys()
    assert not {"contenedor", "paquete"} & data["links"].keys()
    for file in ("xml?contenedor=1", "paquete"):
        assert call("GET", f"/documentos/{sold.document_id}/{file}").status == 422
    assert call("GET", f"/documentos/{sold.document_id}/pdf").status == 200


def test_a_buyer_may_be_named_to_support_its_costs(posted, gateway):
    sold = posted(TICKETS, ticket(adquiriente=BUYER, beneficios={"puntos": 12}))

    tree = parsed(gateway.archive.read(sold.signed_xml or ""))
    assert text(tree, "cac:AccountingCustomerParty//cac:PartyTaxScheme/cbc:CompanyID") == "71234567"
    assert sold.state is State.ACCEPTED


@pytest.mark.parametrize("named", [{}, {"razon_social": "consumidor final", "email": "caja@correo.example"}])
def test_who_says_that_the_buyer_is_the_final_consumer_says_enough(posted, gateway, named):
    anybody = {"tipo_documento": "13", "numero_documento": "222222222222", **named}

    sold = posted(TICKETS, ticket(adquiriente=anybody))

    tree = parsed(gateway.archive.read(sold.signed_xml or ""))
    party = "cac:AccountingCustomerParty/cac:Party"
    assert (sold.state, sold.findings) == (State.ACCEPTED, ())
    assert text(tree, f"{party}/cac:PartyTaxScheme/cbc:RegistrationName") == "Consumidor Final"
    mails = texts(tree, f"{party}//cbc:ElectronicMail")
    assert mails == ([named["email"]] if named else [])


def test_a_preview_tells_number_cude_and_totals_and_stores_nothing(call, everything, dian):
    before = everything()

    seen = call("POST", f"{TICKETS}?validar=solo", ticket()).json

    assert everything() == before
    assert seen["data"]["numero_completo"] == "EPOS1"
    assert len(seen["data"]["cufe"]) == 96
    assert seen["data"]["totales"]["total"] == 119173
    assert dian.documents_received == 0


def test_the_same_reference_is_the_same_ticket(posted, call, dian):
    sold = posted(TICKETS, ticket(referencia="CAJA-1"))

    again = call("POST", TICKETS, ticket(referencia="CAJA-1", adquiriente=None))
    other = call("POST", TICKETS, ticket(referencia="CAJA-1", beneficios={"puntos": 1}))

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["data"]["tracking_id"] == sold.document_id
    assert other.status == 409
    assert dian.documents_received == 1


def test_a_lot_and_the_queue_take_tickets(call, deliver, drain, erp, gateway, dian):
    lot = [{"tipo": "documento_equivalente", **ticket(referencia=f"L-{n}")} for n in range(3)]
    posted = call("POST", "/lotes", lot)
    assert posted.json["data"]["invalidos"] == 0, posted.text
    erp(json.dumps({"tipo": "documento_equivalente", **ticket(referencia="Q-1")}))
    deliver()
    drain()

    found = [gateway.records.by_reference(NIT, name) for name in ("L-0", "L-1", "L-2", "Q-1")]
    assert [kept.state for kept in found if kept] == [State.ACCEPTED] * 4
    assert sorted(str(kept.number) for kept in found if kept) == ["EPOS1", "EPOS2", "EPOS3", "EPOS4"]
    listed = call("GET", "/documentos?tipo_documento=documento_equivalente").json["data"]
    assert len(listed) == dian.documents_received == 4


def test_its_representation_is_for_paper_or_for_the_roll_of_a_till(posted, call):
    sold = posted(TICKETS, ticket())
    at = f"/documentos/{sold.document_id}/pdf"

    paper, roll = call("GET", at), call("GET", f"{at}?papel=rollo")
    refused = [call("GET", f"{at}?papel={asked}") for asked in ("a4", "rollo&origen=proveedor")]

    sizes = [pypdfium2.PdfDocument(base64.b64decode(each.text))[0].get_size()[0] for each in (paper, roll)]
    assert sizes == [pytest.approx(612), pytest.approx(80 / 25.4 * 72, abs=0.01)]
    assert [list(each.json["errors"]) for each in refused] == [["papel"]] * 2


# What a till printed -------------------------------------------------------------------------------


def test_a_till_sends_the_prices_that_it_printed_and_its_cash_rounding(posted, gateway):
    lines = [
        {"codigo": "P-1", "descripcion": "Pan", "cantidad": 3, "precio": 4_990, "iva_pct": 19},
        {"codigo": "P-2", "descripcion": "Leche", "cantidad": 1, "precio": 3_333, "iva_pct": 5},
    ]

    sold = posted(
        TICKETS,
        ticket(
            lineas=lines,
            precios_incluyen_impuestos=True,
            redondeo="-3",
            totales_esperados={"total": 18_300},
        ),
    )

    tree = parsed(gateway.archive.read(sold.signed_xml or ""))
    assert (sold.state, sold.payable) == (State.ACCEPTED, 18_300)
    assert text(tree, "cac:LegalMonetaryTotal/cbc:PayableRoundingAmount") == "-3.00"


# Refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["factus", "facturatech", "facepro", "afacturar"])
def test_any_other_provider_is_refused_before_a_number_with_who_can(
    call, gateway, issuer, everything, provider
):
    gateway.issuers.save(issuer.model_copy(update={"providers": dict.fromkeys(issuer.providers, provider)}))
    stack.keep_credentials(NIT, provider, dict.fromkeys(provider_class(provider).credential_fields, "x"))
    stored = everything()

    refused = [
        call("POST", path, body)
        for path, body in ((TICKETS, ticket()), (NOTES, note_on_ticket("EPOS1", "a" * 96)))
    ]

    assert [(each.status, each.json["codigo"]) for each in refused] == [(422, "no_soportado")] * 2
    assert [each.json["proveedores"] for each in refused] == [["dian"]] * 2
    assert all("Lo admite: DIAN (directo)." in each.json["error"] for each in refused)
    assert everything() == stored


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"caja": None}, "caja", "requerid"),
        ({"caja": {"placa": "1"}}, "caja.codigo_venta", "requerid"),
        ({"factura": {"tipo": "08"}}, "factura.tipo", "contingencia"),
        ({"factura": {"tipo": "25"}}, "factura.tipo", "todavía no se emiten"),
        ({"factura": {"operacion": "20"}}, "factura.operacion", "10"),
        ({"beneficios": {"puntos": -1}}, "beneficios.puntos", "entero entre 0"),
        ({"anticipos": []}, "anticipos", "no existe"),
        ({"enviar_correo": True}, "enviar_correo", "representación gráfica (…/pdf)"),
        (
            {"lineas": [*ticket()["lineas"], {**ticket()["lineas"][0], "cantidad": -1}]},
            "lineas.2.cantidad",
            "POST /notas-documento-equivalente, motivo 2",
        ),
    ],
)
def test_what_is_wrong_is_said_by_its_field(call, everything, changes, field, sentence):
    before = everything()

    refused = call("POST", TICKETS, ticket(**changes))

    assert refused.status == 422, refused.text
    assert sentence in refused.json["errors"][field][0], refused.json["errors"]
    assert everything() == before


def test_a_note_on_a_ticket_is_on_a_ticket_of_ours_as_it_is(posted, call):
    bill, sold = posted("/documentos", invoice()), posted(TICKETS, ticket())

    wrong = {
        "another cude": {
            **on(sold),
            "documento_referencia": {**on(sold)["documento_referencia"], "cude": "b" * 96},
        },
        "another number": {
            **on(sold),
            "documento_referencia": {**on(sold)["documento_referencia"], "numero": "EPOS9"},
        },
        "a reason that nobody published": on(sold, motivo={"codigo": "3", "descripcion": "Rebaja"}),
    }
    refused = {name: call("POST", NOTES, body) for name, body in wrong.items()}

    assert {name: list(each.json["errors"]) for name, each in refused.items()} == {
        "another cude": ["documento_referencia.cude"],
        "another number": ["documento_referencia.numero"],
        "a reason that nobody published": ["motivo.codigo"],
    }
    # An invoice has notes of its own, and a ticket none of those.
    crossed = call("POST", NOTES, on(bill))
    day = sold.issued_at.date().isoformat()
    credited = call("POST", "/notas-credito", note(str(sold.number), sold.uuid, fecha=day))
    assert [each.json["data"]["estado"] for each in (crossed, credited)] == ["rechazado"] * 2


def test_a_note_of_another_amount_than_the_ticket_is_noticed(posted):
    sold = posted(TICKETS, ticket())

    part = posted(NOTES, on(sold, lineas=ticket()["lineas"][:1]))

    assert [finding.field for finding in part.findings] == ["lines"]


# Numbered -------------------------------------------------------------------------------------------


def test_a_ticket_takes_numbers_of_a_range_for_tickets_alone(posted, call, gateway, issuer):
    found = [each for each in gateway.ranges.all(NIT) if each.kind is Kind.EQUIVALENT_DOCUMENT]
    assert [(each.prefix, each.next, each.key_withheld) for each in found] == [("EPOS", 1, False)]

    refused = call("POST", TICKETS, ticket(prefijo="SETP"))
    posted("/documentos", invoice())
    sold = posted(TICKETS, ticket(prefijo="EPOS"))

    assert refused.json["codigo"] == "numeracion_no_disponible"
    assert str(sold.number) == "EPOS1"


def test_a_range_whose_use_nobody_set_numbers_no_tickets(call, gateway, issuer, dian, everything):
    unset = {**issuer.settings["dian"], "equivalent_prefixes": ""}
    changed = issuer.model_copy(update={"settings": {"dian": unset}})
    gateway.issuers.save(changed)
    dian_issuers.connect(gateway, changed)
    before = everything()

    refused = call("POST", TICKETS, ticket())

    assert (refused.status, refused.json["codigo"]) == (422, "numeracion_no_disponible")
    assert everything() == before


def test_what_is_missing_names_the_test_set_of_tickets(call, gateway, issuer, dian):
    test_set = dian.accounts[NIT].equivalent_test_set.id
    settings = {"dian": {**issuer.settings["dian"], "equivalent_test_set_id": test_set}}
    gateway.issuers.save(issuer.model_copy(update={"settings": settings}))

    points = call("GET", "/preparacion").json["puntos"]

    (found,) = [point for point in points if "documentos equivalentes" in point["mensaje"]]
    assert "dian.equivalent_test_set_id" in found["que_hacer"]


@pytest.mark.reads_the_date
def test_a_range_that_dian_does_not_list_may_be_written_by_hand(posted, gateway, issuer, dian):
    today = bogota(gateway.now()).date()
    granted = Range(
        "POS2", 1, 50, "18764000077", today, today + timedelta(days=300), "", kind="equivalent_document"
    )
    dian.accounts[NIT].ranges.append(granted)
    written = NumberingRange(
        provider="dian",
        kind=Kind.EQUIVALENT_DOCUMENT,
        prefix="POS2",
        resolution=granted.resolution,
        start=1,
        end=50,
        next=1,
        valid_from=granted.valid_from,
        valid_to=granted.valid_to,
        by_hand=True,
    )
    gateway.ranges.save(NIT, written)

    sold = posted(TICKETS, ticket(prefijo="POS2"))

    assert (str(sold.number), sold.state) == ("POS21", State.ACCEPTED)


# While DIAN is out ----------------------------------------------------------------------------------


def test_a_ticket_waits_for_dian_under_its_own_number_and_never_becomes_another_type(
    call, gateway, dian, let_pass
):
    dian.go_out(503)
    waits = call("POST", TICKETS, ticket(referencia="CAJA-1"))
    kept = gateway.records.read(NIT, waits.json["data"]["tracking_id"])
    assert waits.json["data"]["estado"] == "pendiente"

    still = let_pass(kept, minutes=40, every=2)
    dian.come_back()
    after = let_pass(still, minutes=60, every=3)

    assert still.contingency is None
    assert (after.state, after.document.invoice_type, str(after.number)) == (State.ACCEPTED, None, "EPOS1")
    (verdict,) = dian.documents
    assert Document(verdict.content).type_code == "20"
