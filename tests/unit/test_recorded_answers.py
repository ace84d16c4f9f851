"""Answers seen in public records of other integrations, row by row, and how each is to be read.

They are of 2024 to 2026, and outrank every other description. U is the identifier that we
sent, OTHER another one. The sentences are those of the answers; everything around them is as small as it can be.
"""

import base64
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, CredentialsRejected, NotFound, OutcomeUnknown
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, AlreadyProcessed, Outcome, Pending, Rejected, is_rule_90, rule_in
from cauce.providers import soap
from cauce.providers.afacturar import answer as afacturar
from cauce.providers.afacturar import rows
from cauce.providers.base import refs
from cauce.providers.dian import answer as dian
from cauce.providers.dian import settings
from cauce.providers.dian import soap as dian_service
from cauce.providers.dian.signing import Keys
from cauce.providers.facepro import answer as facepro
from cauce.providers.facturatech import answer as facturatech
from cauce.providers.factus import answer as factus
from cauce.ubl import reading
from tests.unit.dian.builders import a_document
from tests.unit.dian.talking import connected
from tests.unit.dian.talking import record as dian_record
from tests.unit.facepro.test_answer import shown

U, OTHER = "a1" * 48, "0b" * 48
RULE_90 = "Regla: 90, Rechazo: Documento procesado anteriormente."
RUT01 = "Regla: RUT01, Notificación: La validación del estado del RUT próximamente estará disponible."
_CONTRACT = "http://schemas.datacontract.org/2004/07/"


# DIAN ---------------------------------------------------------------------------------------------


def entry(
    code: str,
    *sentences: str,
    valid: bool | None = False,
    key: str = U,
    description: str = "",
    response: str = "",
) -> str:
    """The inside of a DianResponse. Its texts are XML, so that entities may stand in them."""
    errors = "".join(f"<c:string>{text}</c:string>" for text in sentences)
    told = "" if valid is None else f"<b:IsValid>{str(valid).lower()}</b:IsValid>"
    return (
        f'<b:ErrorMessage xmlns:c="urn:c">{errors}</b:ErrorMessage>{told}<b:StatusCode>{code}</b:StatusCode>'
        f"<b:StatusDescription>{description}</b:StatusDescription>"
        f"<b:XmlBase64Bytes>{base64.b64encode(response.encode()).decode()}</b:XmlBase64Bytes>"
        f"<b:XmlDocumentKey>{key}</b:XmlDocumentKey>"
    )


def element(inside: str) -> Any:
    found = reading.parsed(f'<r xmlns:b="{_CONTRACT}DianResponse">{inside}</r>'.encode())
    assert found is not None
    return found


def read(code: str, *sentences: str, **fields: Any) -> Outcome:
    return dian.outcome(dian.reply(element(entry(code, *sentences, **fields)), b"raw"), U)


def batch(code: str, *sentences: str, **fields: Any) -> Outcome | None:
    """The same, as the one entry of a batch."""
    result = element(f"<b:DianResponse>{entry(code, *sentences, **fields)}</b:DianResponse>")
    return dian.of_batch(dian.replies(result, b"raw"), U, b"raw")


def signed(code: str, about: str) -> str:
    return (
        f"<ApplicationResponse><DocumentResponse><Response><ResponseCode>{code}</ResponseCode></Response>"
        f"<DocumentReference><UUID>{about}</UUID></DocumentReference></DocumentResponse></ApplicationResponse>"
    )


def rules(outcome: Outcome | None) -> list[str | None]:
    assert isinstance(outcome, Rejected)
    return [message.rule for message in outcome.rejections]


def test_00_with_notices_is_accepted_and_each_notice_is_kept_the_same_rule_twice_and_entities_inside() -> (
    None
):
    twice = "Regla: FAJ44b, Notificación: Nombre"
    found = read("00", twice, twice, "Regla: FAS14, Notificaci&amp;#243;n: Tarifa", RUT01, valid=True)

    assert isinstance(found, Accepted)
    assert [notice.rule for notice in found.notices] == ["FAJ44b", "FAJ44b", "FAS14", "RUT01"]
    assert found.notices[2].text == "Regla: FAS14, Notificación: Tarifa"


@pytest.mark.parametrize("rule", ["ZB01", "ZE02", "FAD06", "CBG04a", "DSDS01", "NIE901"])
def test_99_with_a_rule_is_rejected_and_what_is_notified_stands_apart(rule: str) -> None:
    found = read("99", f"Regla: {rule}, Rechazo: No", RUT01)

    assert rules(found) == [rule]
    assert isinstance(found, Rejected) and not found.stored
    assert [notice.rule for notice in found.notices] == ["RUT01"]


def test_99_with_a_rule_and_an_entity_in_its_notice_does_not_take_the_notice_for_a_rejection() -> None:
    found = read("99", "Regla: FAD06, Rechazo: CUFE", "Regla: FAJ44b, Notificaci&amp;#243;n: Nombre")

    assert rules(found) == ["FAD06"]


def test_99_with_a_rule_without_comma_nor_the_word_rechazo_is_rejected_by_it() -> None:
    assert rules(read("99", "Regla: AA09 Valor del CUFE")) == ["AA09"]


def test_99_without_error_message_has_its_rules_one_a_line_in_the_description() -> None:
    found = read(
        "99",
        description="Validación contiene errores:\n Regla: FAD06, Rechazo: CUFE\r\nRegla: FAJ44b, Notificación: Nombre"
        "\n\nRegla: ZB01, Rechazo: Esquema",
    )

    assert rules(found) == ["FAD06", "ZB01"]
    assert [notice.rule for notice in found.notices] == ["FAJ44b"]


def test_99_that_could_not_parse_the_xml_is_rejected_by_no_rule() -> None:
    text = "Error al parsear xml. Namespace prefix sts is not defined."

    assert rules(read("99", text)) == [None]
    assert rules(read("99", description=text)) == [None]


REPEATED: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
    ("alone, under our key", (RULE_90,), {}),
    ("and its signed answer says 04", (RULE_90,), {"response": signed("04", U)}),
    ("and its signed answer is about another", (RULE_90,), {"response": signed("02", OTHER)}),
    ("and its signed answer accepts", (RULE_90,), {"response": signed("02", U)}),
    ("beside a second rejection", (RULE_90, "Regla: FAD06, Rechazo: CUFE"), {}),
    ("under our key in capitals", (RULE_90,), {"key": U.upper()}),
    ("without key", (f"Documento con CUFE '{U}' procesado anteriormente.",), {"key": ""}),
    ("in the description alone", (), {"description": f"Documento con CUFE '{U}' procesado anteriormente."}),
    ("one a line", (), {"description": f"Validación contiene errores\n{RULE_90}"}),
]


@pytest.mark.parametrize(("sentences", "fields"), [row[1:] for row in REPEATED], ids=[r[0] for r in REPEATED])
@pytest.mark.parametrize("where", [read, batch], ids=["one", "in a batch"])
def test_rule_90_is_in_doubt_whatever_stands_beside_it(
    where: Callable[..., Outcome | None], sentences: tuple[str, ...], fields: dict[str, str]
) -> None:
    found = where("99", *sentences, RUT01, **fields) if sentences else where("99", **fields)

    assert isinstance(found, AlreadyProcessed)
    assert (found.uuid, [notice.rule for notice in found.notices]) == (U, ["RUT01"] if sentences else [])


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        (RULE_90, OTHER),
        (f"Documento con CUFE '{OTHER}' procesado anteriormente.", OTHER),
        (f"Documento con CUFE '{OTHER}' procesado anteriormente.", ""),
    ],
)
def test_rule_90_of_another_identifier_is_a_conflict_of_numbers(sentence: str, key: str) -> None:
    with pytest.raises(Conflict, match=OTHER):
        read("99", sentence, key=key)


def test_an_identifier_that_another_rule_speaks_of_is_no_conflict() -> None:
    assert isinstance(read("99", RULE_90, f"Regla: CBG04a, Rechazo: {OTHER}"), AlreadyProcessed)


@pytest.mark.parametrize("code", ["89", "90"])
def test_a_nit_that_may_not_send_for_the_issuer_is_about_credentials(code: str) -> None:
    said = "NIT 900373115 no autorizado a enviar documentos para emisor con NIT 901724254"

    with pytest.raises(CredentialsRejected, match="no autorizado"):
        read(code, description=said)


@pytest.mark.parametrize("said", ["TrackId no existe en los registros de la DIAN.", "TrackId no encontrado"])
def test_66_in_these_words_is_absence(said: str) -> None:
    with pytest.raises(NotFound):
        read("66", description=said)


@pytest.mark.parametrize("said", ["Error al generar ApplicationResponse. Inténtelo más tarde.", ""])
def test_66_in_other_words_or_none_proves_no_absence(said: str) -> None:
    with pytest.raises(OutcomeUnknown):
        read("66", description=said)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("98", "En Proceso"),
        ("", "Batch en proceso de validación."),
        ("0", "En proceso de validación"),
        ("0", "En Proceso"),
    ],
)
@pytest.mark.parametrize("where", [read, batch], ids=["one", "in a batch"])
def test_in_process_is_pending_under_any_of_its_codes(
    where: Callable[..., Outcome | None], code: str, said: str
) -> None:
    assert isinstance(where(code, description=said), Pending)


def test_2_of_a_set_that_was_accepted_says_to_leave_test_set_id() -> None:
    found = batch("2", description="Set de prueba con identificador 358f se encuentra Aceptado.")

    assert isinstance(found, Rejected) and "test_set_id" in found.rejections[0].text


def test_2_of_a_set_that_was_rejected_says_so() -> None:
    said = "Set de prueba con identificador 358f se encuentra Rechazado."

    found = batch("2", description=said)

    assert isinstance(found, Rejected) and [m.text for m in found.rejections] == [said]


def test_2_of_a_nit_that_is_not_authorised_is_about_credentials() -> None:
    said = "NIT 900373115 no autorizado a enviar documentos"
    over = "Set de prueba con identificador 358f se encuentra Aceptado."

    with pytest.raises(CredentialsRejected):
        batch("2", description=said)
    with pytest.raises(CredentialsRejected, match="no autorizado"):
        batch("2", said, description=over)


def test_2_with_rules_is_rejected_by_them() -> None:
    said = "Set de prueba con identificador 358f se encuentra Aceptado."

    assert rules(batch("2", "Regla: ZE02, Rechazo: Valor de la firma inválido", description=said)) == ["ZE02"]


def test_0_processed_is_accepted_only_by_get_status_so_a_batch_that_says_it_settles_nothing() -> None:
    assert isinstance(read("0", valid=True, description="Procesado Correctamente."), Pending)
    assert batch("0", valid=True, description="Procesado Correctamente.") is None


@pytest.mark.parametrize("code", ["66", "89", "90", "500"])
def test_a_batch_that_was_not_processed_leaves_it_to_the_document_s_own_identifier(code: str) -> None:
    assert batch(code, description="NIT no autorizado; TrackId no existe") is None


def test_000_timeout_without_is_valid_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        read("000", valid=None, description="Timeout")
    with pytest.raises(OutcomeUnknown):
        read("000", description="Timeout")


@pytest.mark.parametrize(
    ("response", "raised"), [(signed("04", U), OutcomeUnknown), (signed("02", OTHER), Conflict)]
)
def test_00_whose_signed_answer_refuses_or_is_about_another_is_no_acceptance(
    response: str, raised: type[Exception]
) -> None:
    assert isinstance(read("00", valid=True, response=signed("02", U)), Accepted)

    with pytest.raises(raised):
        read("00", valid=True, response=response)


def test_00_with_a_rejection_in_it_is_no_acceptance() -> None:
    with pytest.raises(OutcomeUnknown):
        read("00", "Regla: FAD06, Rechazo: CUFE", valid=True)


@pytest.mark.parametrize("code", ["99", "98", "0", "2"])
def test_no_verdict_on_another_document_is_one_on_ours(code: str) -> None:
    with pytest.raises(Conflict, match=OTHER):
        read(code, key=OTHER)


# DIAN: what is no DianResponse ---------------------------------------------------------------------


def served(body: str, status: int = 500, content_type: str = "application/soap+xml") -> Any:
    """What the service makes of an answer to a document."""
    provider = connected("http://dian.invalid", contingency_statuses="500,503")
    options = settings.options(provider.connection.settings, provider.connection.issuer)
    answered = httpx.Response(status, text=body, headers={"Content-Type": content_type})
    http = httpx.Client(transport=httpx.MockTransport(lambda _: answered))
    with patch.object(dian_service, "client", return_value=http):
        service = dian_service.Service(provider.connection, options, Keys(provider.connection))
    return service.send("SendBillSync", {"fileName": "f.zip", "contentFile": ""})


def fault(code: str, reason: str | None, subcode: str = "") -> str:
    told = "" if reason is None else f"<s:Reason><s:Text>{reason}</s:Text></s:Reason>"
    under = f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>" if subcode else ""
    return (
        f'<s:Envelope xmlns:s="{soap.SOAP_12}"><s:Body><s:Fault><s:Code><s:Value>s:{code}</s:Value>{under}</s:Code>'
        f"{told}</s:Fault></s:Body></s:Envelope>"
    )


@pytest.mark.parametrize(
    "body",
    [
        fault("Sender", "An error occurred when verifying security", "a:InvalidSecurity"),
        fault("Sender", "InvalidSecurity"),
        fault("Receiver", "a:InvalidSecurity: An error occurred when verifying security for the message."),
        fault("Sender", "El certificado no es válido"),
        fault("Receiver", "El certificado no es valido."),
        fault("Client", "The creator of this fault did not specify a Reason."),
    ],
    ids=[
        "subcode",
        "reason alone",
        "within a reason",
        "certificate",
        "without accent",
        "of the live service",
    ],
)
def test_a_fault_of_security_says_that_the_body_was_not_processed(body: str) -> None:
    with pytest.raises(CredentialsRejected):
        served(body)


@pytest.mark.parametrize(
    "body",
    [fault("Client", None), fault("Client", ""), fault("Receiver", None), fault("Receiver", "Timeout")],
)
def test_a_fault_without_a_reason_or_for_another_is_unknown(body: str) -> None:
    with pytest.raises(OutcomeUnknown):
        served(body)


def test_html_with_415_says_that_nothing_was_processed() -> None:
    with pytest.raises(CredentialsRejected, match="415"):
        served("<html><body>Cannot process the message</body></html>", 415, "text/html")


def upload(message: str) -> Any:
    found = reading.parsed(
        f'<r xmlns:b="{_CONTRACT}UploadDocumentResponse" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        f"<b:ErrorMessageList><c xmlns='urn:c'><ProcessedMessage>{message}</ProcessedMessage></c></b:ErrorMessageList>"
        '<b:ZipKey i:nil="true"/></r>'.encode()
    )
    assert found is not None
    return found


def test_no_zip_key_and_a_test_set_that_is_wrong_says_that_nothing_was_taken() -> None:
    with pytest.raises(CredentialsRejected, match="Set de prueba"):
        dian.submitted(upload("Set de prueba con identificador 358f es incorrecto."), U, b"raw")


def test_no_zip_key_and_rule_90_is_in_doubt() -> None:
    assert isinstance(dian.submitted(upload(RULE_90), U, b"raw"), AlreadyProcessed)


def test_a_batch_refused_by_rule_90_is_accepted_only_once_the_document_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = connected("http://dian.invalid")
    kept = dian_record(a_document())
    request = provider.prepare(kept)
    assert request.uuid and request.signed_xml
    known = kept.model_copy(
        update={"uuid": request.uuid, "provider_ids": {"zip_key": "z", "zip_uuid": request.uuid}}
    )
    answers = {
        "GetStatusZip": element(f"<b:DianResponse>{entry('99', RULE_90, key=request.uuid)}</b:DianResponse>"),
        "GetStatus": element(entry("00", valid=True, key=request.uuid)),
        "GetXmlByDocumentKey": xml_of(request.signed_xml),
    }
    monkeypatch.setattr(
        dian_service.Service, "ask", lambda _self, operation, *_: (answers[operation], b"raw")
    )

    assert isinstance(provider.consult(refs(known)), Accepted)

    answers["GetXmlByDocumentKey"] = element("<Code>206</Code>")
    assert isinstance(provider.consult(refs(known)), AlreadyProcessed)
    answers["GetXmlByDocumentKey"] = xml_of(request.signed_xml.replace(b"<cbc:ID>SETP", b"<cbc:ID>SETT"))
    with pytest.raises(Conflict):
        provider.consult(refs(known))


@pytest.mark.parametrize(
    "status",
    [
        entry("66", description="TrackId no existe en los registros de la DIAN."),
        entry("98"),
        entry("99", "Regla: FAD06, Rechazo: CUFE", key=""),
        entry("66", description="Error al generar ApplicationResponse. Inténtelo más tarde."),
    ],
    ids=["absent", "in process", "rejected", "no answer"],
)
def test_a_batch_refused_by_rule_90_is_in_doubt_whatever_else_dian_says_of_the_document(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = connected("http://dian.invalid")
    known = dian_record(a_document(), uuid=U, provider_ids={"zip_key": "z", "zip_uuid": U})
    answers = {
        "GetStatusZip": element(f"<b:DianResponse>{entry('99', RULE_90)}</b:DianResponse>"),
        "GetStatus": element(status),
    }
    monkeypatch.setattr(
        dian_service.Service, "ask", lambda _self, operation, *_: (answers[operation], b"raw")
    )

    assert isinstance(provider.consult(refs(known)), AlreadyProcessed)


def xml_of(content: bytes) -> Any:
    encoded = base64.b64encode(content).decode()
    return element(f"<Code>100</Code><XmlBytesBase64>{encoded}</XmlBytesBase64>")


# Factus -------------------------------------------------------------------------------------------


def a_422(errors: Any, message: str = "Error de validación") -> Outcome:
    return factus.invalid(json.dumps({"message": message, "data": {"errors": errors}}).encode())


def a_201(**bill: Any) -> Outcome:
    shown = {"number": "SETP1", "reference_code": "R", "status": 0, "cufe": U, "errors": [], **bill}
    raw = json.dumps({"status": "Created", "data": {"bill": shown}}).encode()
    return factus.outcome(factus.document(raw, Kind.INVOICE), raw, Environment.TEST)


@pytest.mark.parametrize(
    "errors",
    [
        [RULE_90],
        {"90": RULE_90},
        [RUT01, RULE_90],
        ["Documento procesado anteriormente."],
        {"90": "Documento procesado anteriormente."},
    ],
    ids=["a list", "v1's map", "beside a notification", "without its number", "by its key alone"],
)
def test_factus_422_of_rule_90_is_in_doubt(errors: Any) -> None:
    found = a_422(errors)

    assert isinstance(found, AlreadyProcessed)
    assert [notice.text for notice in found.notices] == ([RUT01] if RUT01 in errors else [])


@pytest.mark.parametrize("errors", [[RULE_90], {"90": RULE_90}, [RUT01, RULE_90]])
def test_factus_201_not_validated_with_rule_90_is_in_doubt(errors: Any) -> None:
    found = a_201(errors=errors)

    assert isinstance(found, AlreadyProcessed)
    assert found.uuid == U


@pytest.mark.parametrize("rules_", [["FAK24"], ["DD14"], ["NIE045"], ["FAK24", "DD14", "NIE045"]])
@pytest.mark.parametrize("is_map", [False, True], ids=["a list", "a map"])
def test_factus_422_of_other_rules_is_rejected_and_stored_there(rules_: list[str], is_map: bool) -> None:
    said = {rule: f"Regla: {rule}, Rechazo: No" for rule in rules_}

    found = a_422(said if is_map else list(said.values()))

    assert rules(found) == rules_
    assert isinstance(found, Rejected) and found.stored


# The others: rule 90 in the words of each -----------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        f"Documento no autorizado, Errores:[{RULE_90}], Advertencias:[]",
        "Rechazo reglas de validación, Errores: [Regla: 90]",
        "Errores:[Documento procesado anteriormente.]",
    ],
)
@pytest.mark.parametrize("code", ["404", "201"])
def test_facturatech_s_answer_of_rule_90_is_in_doubt(message: str, code: str) -> None:
    found = facturatech.Reply(
        code=code, message=message, status="", transaction="5f3a9c01", resource="", raw=b"raw"
    )

    doubt = facturatech.repeated(found)

    assert isinstance(doubt, AlreadyProcessed)
    assert doubt.provider_ids == {"transaccionID": "5f3a9c01"}


def test_facturatech_s_answer_of_another_rule_is_not() -> None:
    message = "Rechazo reglas de validación, Errores:[Regla: FAD06, Rechazo: CUFE]"
    found = facturatech.Reply(code="404", message=message, status="", transaction="", resource="", raw=b"raw")

    assert facturatech.repeated(found) is None
    assert rules(facturatech.rejected(found, Kind.INVOICE)) == ["FAD06"]


@pytest.mark.parametrize("estado", ["rechazado", "fallido", "pendiente", "aceptado"])
@pytest.mark.parametrize(
    "told",
    [
        {"dian": {"is_valid": False, "errors": [RULE_90, RUT01]}},
        {"dian": {"is_valid": False, "errors": {"90": RULE_90}}},
        {"documento": {"estado_dian_mensaje": "Regla: 90 Documento procesado"}},
        {"documento": {"ultimo_error": "Documento procesado anteriormente."}},
    ],
    ids=["DIAN's list", "DIAN's map", "its message", "its last error"],
)
def test_facepro_s_answer_of_rule_90_is_in_doubt_and_its_document_is_asked_about_again(
    estado: str, told: dict[str, Any]
) -> None:
    document = shown(estado=estado, **told.get("documento", {}))
    found = facepro.outcome(
        json.dumps({"ok": True, "documento": document, "dian": told.get("dian")}).encode()
    )

    assert isinstance(found, AlreadyProcessed)
    assert found.provider_ids["tracking_id"] == document["tracking_id"]
    assert not any(name.startswith("rejected:") for name in found.provider_ids)
    assert not any(map(is_rule_90, found.notices))


@pytest.mark.parametrize("errors", [{"documento": [RULE_90]}, None])
def test_facepro_s_422_of_rule_90_is_in_doubt(errors: Any) -> None:
    raw = json.dumps({"ok": False, "error": RULE_90, "errors": errors}).encode()

    assert isinstance(facepro.invalid(raw), AlreadyProcessed)


def test_afacturar_s_row_of_rule_90_is_in_doubt() -> None:
    row = {"consulta_doc_dian_estado": "FALLIDA", "rta_ws_dian_response": f"{RULE_90} {RUT01}", "uniqid": "6"}

    found = rows.outcome(row, b"raw")

    assert isinstance(found, AlreadyProcessed)
    assert [notice.rule for notice in found.notices] == ["RUT01"]
    assert rows.shown_state(row) == "pendiente"


def test_afacturar_s_refusal_of_an_event_that_dian_has_is_known_by_either_rule() -> None:
    for said in (RULE_90, "Regla: LGC01, Rechazo: Evento registrado", "Documento procesado anteriormente."):
        reply = afacturar.reply(json.dumps({"codigo_error": 15, "descripcion_error": [said]}).encode(), 200)
        assert afacturar.is_event_repeated(afacturar.rejected(reply))


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Regla: FAD09e, Rechazo: Fecha", "FAD09e"),
        ("REGLA: 90, RECHAZO: x", "90"),
        ("Errores:[Regla: DSAB19b, Notificación]", "DSAB19b"),
        ("Regla: SIGNPLGNS, Rechazo", "SIGNPLGNS"),
        ("Regla: 900373115", None),
        ("La regla general", None),
    ],
)
def test_a_rule_is_read_alike_from_whoever_passes_it_on(sentence: str, rule: str | None) -> None:
    assert rule_in(sentence) == rule
