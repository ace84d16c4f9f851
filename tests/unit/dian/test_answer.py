"""What DIAN answers, row by row: outcomes, and what is safe where there is none."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from cauce.domain.acquirer import Acquirer
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    NotFound,
    NotSent,
    NumberingUnavailable,
    OutcomeUnknown,
)
from cauce.domain.outcome import Accepted, Outcome, Pending, Rejected
from cauce.providers import soap
from cauce.providers.dian import answer, events, numbering, settings
from cauce.providers.dian.answer import Reply
from cauce.ubl import reading
from tests.unit.dian.builders import CUFE, reference

OTHER = "0" * 96
_CONTRACT = "http://schemas.datacontract.org/2004/07/"
_ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"


def element(xml: str) -> Any:
    found = reading.parsed(xml.encode())
    assert found is not None
    return found


def a_reply(code: str = "00", *sentences: str, valid: bool | None = None, **fields: str) -> Reply:
    """A DianResponse, in the namespaces that the service uses."""
    valid = code == "00" if valid is None else valid
    errors = "".join(f"<c:string>{text}</c:string>" for text in sentences)
    names = {"StatusDescription": "", "XmlDocumentKey": CUFE, **fields}
    others = "".join(f"<b:{name}>{text}</b:{name}>" for name, text in names.items())
    xml = (
        f'<r xmlns:b="{_CONTRACT}DianResponse"><b:ErrorMessage xmlns:c="{_ARRAYS}">{errors}</b:ErrorMessage>'
        f"<b:IsValid>{str(valid).lower()}</b:IsValid><b:StatusCode>{code}</b:StatusCode>{others}</r>"
    )
    return answer.reply(element(xml), b"raw")


def outcome(*args: Any, **fields: Any) -> Outcome:
    return answer.outcome(a_reply(*args, **fields), CUFE)


# StatusCode ---------------------------------------------------------------------------------------


def test_00_is_acceptance_under_our_identifier():
    found = outcome(StatusMessage="La Factura electrónica SETP990000001, ha sido autorizada.")

    assert isinstance(found, Accepted)
    assert (found.uuid, found.status_code, found.notices) == (CUFE, "00", ())
    assert found.status_message == "La Factura electrónica SETP990000001, ha sido autorizada."


@pytest.mark.parametrize(
    ("application_response", "validated_at"),
    [
        (
            "<A><IssueDate>2026-05-10</IssueDate><IssueTime>15:30:09-05:00</IssueTime></A>",
            "2026-05-10T15:30:09-05:00",
        ),
        ("<A><IssueDate>2026-05-10</IssueDate><IssueTime>15:30:09</IssueTime></A>", None),
        ("<A><IssueDate>ayer</IssueDate></A>", None),
        ("no es XML", None),
        ("", None),
    ],
)
def test_an_acceptance_says_when_dian_validated_where_its_signed_answer_does(
    application_response: str, validated_at: str | None
):
    content = base64.b64encode(application_response.encode()).decode()
    expected = datetime.fromisoformat(validated_at) if validated_at else None

    accepted = answer.outcome(a_reply(XmlDocumentKey=CUFE, XmlBase64Bytes=content), CUFE)

    assert isinstance(accepted, Accepted)
    assert accepted.validated_at == expected


def test_00_about_another_document_is_a_conflict():
    with pytest.raises(Conflict, match=OTHER):
        outcome(XmlDocumentKey=OTHER)


def test_99_without_sentences_is_a_rejection_in_its_own_words():
    found = outcome("99", StatusDescription="Validación contiene errores en campos mandatorios.")

    assert isinstance(found, Rejected)
    assert [m.text for m in found.rejections] == ["Validación contiene errores en campos mandatorios."]


@pytest.mark.parametrize(
    "text",
    [
        "NIT 900123456 no autorizado a enviar documentos para NIT 900999999.",
        "El tipo de archivo no es application/x-zip-compressed.",
        "El método síncrono solo puede recibir un documento.",
        "TrackId inválido.",
    ],
)
def test_89_stops_until_the_operator_acts(text: str):
    with pytest.raises(CredentialsRejected, match=text[:20]):
        outcome("89", StatusDescription=text)


def test_500_was_not_decided_and_may_be_sent_again():
    with pytest.raises(NotSent) as raised:
        outcome("500", StatusDescription="Ha ocurrido un error.")

    assert raised.value.raw == b"raw"


@pytest.mark.parametrize("rule", ["SIGNPLGNS", "CERTPLGNS"])
def test_a_plugin_of_dian_s_that_broke_down_decided_nothing(rule: str):
    with pytest.raises(NotSent):
        outcome("99", f"Regla: {rule}, Rechazo: No se pudo validar firma")


def test_a_plugin_that_broke_down_beside_a_real_rejection_is_a_rejection():
    found = outcome("99", "Regla: SIGNPLGNS, Rechazo: No se pudo", "Regla: FAD06, Rechazo: CUFE")

    assert isinstance(found, Rejected)


@pytest.mark.parametrize(
    ("code", "valid"),
    [("00", False), ("99", True), ("", False), ("67", False), ("68", False), ("7", False), ("100", False)],
)
def test_a_code_that_contradicts_itself_or_is_of_nowhere_is_no_answer(code: str, valid: bool):
    with pytest.raises(OutcomeUnknown, match=None if code in ("", "00", "99") else code):
        outcome(code, valid=valid)


def test_an_answer_that_says_neither_yes_nor_no_is_none():
    with pytest.raises(OutcomeUnknown):
        answer.reply(element("<r><StatusCode>00</StatusCode></r>"), b"raw")


# Sentences ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sentence:
    text: str
    rule: str | None
    is_rejection: bool


SENTENCES = (
    Sentence("Regla: FAK24, Rechazo: No está informado el DV del NIT", "FAK24", True),
    Sentence("Regla: DSAB19b, Notificación: El NIT del proveedor", "DSAB19b", False),
    Sentence("Regla: FAZ09, Notificacio\u0301n: descompuesta", "FAZ09", False),
    Sentence("Regla: LGC01, rechazo: en minúscula", "LGC01", True),
    # The annex's own examples.
    Sentence("Regla: AC38b Documento fue enviado para el ambiente errado", "AC38b", True),
    Sentence("Algo que no es una regla", None, True),
)


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: s.text[:14])
def test_a_sentence_is_its_rule_and_its_severity(sentence: Sentence):
    found = a_reply("99", sentence.text)

    listed = found.rejections if sentence.is_rejection else found.notices
    assert [(m.rule, m.text) for m in listed] == [(sentence.rule, sentence.text)]
    assert len(found.rejections) + len(found.notices) == 1


# The official samples -----------------------------------------------------------------------------


def sample(operation: str, name: str) -> tuple[Any, bytes]:
    raw = reference("wsdl", "samples", name).read_bytes()
    found = reading.child(soap.answer("DIAN", raw), f"{operation}Result")
    assert found is not None
    return found, raw


def test_sample_rejected_send_bill_sync():
    found = answer.reply(*sample("SendBillSync", "SendBillSync.response.rejected.xml"))

    refused = answer.outcome(found, CUFE)
    assert isinstance(refused, Rejected)
    assert [m.rule for m in refused.rejections] == ["AC38b", "ZB01", "AA08d", "AA09"]


def test_sample_accepted_get_status_zip_with_notifications():
    result, raw = sample("GetStatusZip", "GetStatusZip.response.accepted-with-notifications.xml")
    key = "794d0cf7692a33e6b103801a8db189a95a89d37f9f1f58ae73c9fb50b05aa4783ce6a5b9e45bffe3c7ab6f23a13b1e4c"

    found = answer.of_batch(answer.replies(result, raw), key, raw)

    assert isinstance(found, Accepted)
    assert [m.rule for m in found.notices] == ["FAJ40", "FAJ41"]


def test_sample_zip_key_of_send_test_set_async():
    result, raw = sample("SendTestSetAsync", "SendTestSetAsync.response.zipkey.xml")

    found = answer.submitted(result, CUFE, raw)

    assert isinstance(found, Pending)
    assert found.provider_ids == {"zip_key": "358f9538-1f80-4ed5-a3f6-aaa1ef36bebd", "zip_uuid": CUFE}
    assert found.uuid == CUFE


# Batches ------------------------------------------------------------------------------------------


def test_a_batch_that_dian_has_not_opened_is_pending():
    assert isinstance(answer.of_batch([], CUFE, b""), Pending)


def test_a_batch_answers_for_the_document_that_is_meant():
    mine, other = a_reply("99", "Regla: FAD06, Rechazo: CUFE"), a_reply("00", XmlDocumentKey=OTHER)

    assert isinstance(answer.of_batch([other, mine], CUFE, b""), Rejected)


def test_a_batch_of_an_earlier_attempt_says_nothing_of_this_one():
    assert (
        answer.of_batch([a_reply("99", "Regla: FAD06, Rechazo: x", XmlDocumentKey=OTHER)], CUFE, b"") is None
    )


def test_neither_a_key_nor_why_there_is_none_is_no_answer():
    with pytest.raises(OutcomeUnknown):
        answer.submitted(element("<r/>"), CUFE, b"")


# The XML of a document ----------------------------------------------------------------------------


def event_response(code: str, content: str = "") -> Any:
    return element(
        f"<r><Code>{code}</Code><Message>m</Message><XmlBytesBase64>{content}</XmlBytesBase64></r>"
    )


def test_100_brings_the_xml():
    assert answer.xml(event_response("100", "PGEvPg=="), b"") == b"<a/>"


def test_206_is_a_document_whose_file_comes_later():
    assert answer.xml(event_response("206"), b"") is None


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("404", NotFound),
        ("401", CredentialsRejected),
        ("500", OutcomeUnknown),
        ("100", OutcomeUnknown),
    ],
)
def test_other_codes_bring_none(code: str, raised: type[Exception]):
    with pytest.raises(raised):
        answer.xml(event_response(code), b"")


# Ranges -------------------------------------------------------------------------------------------


def number_ranges(code: str, *rows: dict[str, str]) -> Any:
    listed = "".join(
        "<c:NumberRangeResponse>"
        + "".join(f"<c:{name}>{text}</c:{name}>" for name, text in row.items())
        + "</c:NumberRangeResponse>"
        for row in rows
    )
    return element(
        f'<r xmlns:b="{_CONTRACT}NumberRangeResponseList" xmlns:c="{_CONTRACT}NumberRangeResponse">'
        f"<b:OperationCode>{code}</b:OperationCode><b:OperationDescription>d</b:OperationDescription>"
        f"<b:ResponseList>{listed}</b:ResponseList></r>"
    )


ROW = {
    "ResolutionNumber": "18764012345678",
    "ResolutionDate": "2026-01-02",
    "Prefix": "FE",
    "FromNumber": "1",
    "ToNumber": "5000",
    "ValidDateFrom": "2026-01-02",
    "ValidDateTo": "2028-01-02T00:00:00",
    "TechnicalKey": " FC8EAC422EBA16E22FFD8C6F94B3F40A6E38162C ",
}


def test_100_lists_ranges_with_their_technical_key_hidden():
    (found,) = numbering.authorised(number_ranges("100", ROW), b"", {})

    assert (found.prefix, found.resolution, found.start, found.end) == ("FE", "18764012345678", 1, 5000)
    assert (str(found.valid_from), str(found.valid_to)) == ("2026-01-02", "2028-01-02")
    assert found.kind == "invoice"
    assert found.technical_key is not None
    assert found.technical_key.get_secret_value() == "fc8eac422eba16e22ffd8c6f94b3f40a6e38162c"
    assert "fc8eac42" not in repr(found)


def test_a_range_without_technical_key_is_for_no_kind_until_the_operator_says_which():
    row = {**ROW, "TechnicalKey": ""}

    (unknown,) = numbering.authorised(number_ranges("100", row), b"", {})
    (support,) = numbering.authorised(number_ranges("100", row), b"", {"support_prefixes": "DS, FE"})

    assert unknown.kind is None
    assert support.kind == "support_document"


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("301", NumberingUnavailable),
        ("302", NumberingUnavailable),
        ("303", CredentialsRejected),
        ("401", CredentialsRejected),
        ("500", NotSent),
        ("999", OutcomeUnknown),
    ],
)
def test_codes_of_get_numbering_range(code: str, raised: type[Exception]):
    with pytest.raises(raised):
        numbering.authorised(number_ranges(code), b"", {})


def test_a_range_that_is_not_understood_never_quotes_its_key():
    with pytest.raises(OutcomeUnknown) as raised:
        numbering.authorised(number_ranges("100", {**ROW, "FromNumber": "uno"}), b"", {})

    assert raised.value.__cause__ is None


# Events -------------------------------------------------------------------------------------------


def test_67_is_an_invoice_without_events():
    assert events.history(a_reply("67", valid=False), CUFE) == []


def test_a_history_that_cannot_be_read_is_no_answer():
    with pytest.raises(OutcomeUnknown):
        events.history(a_reply("00"), CUFE)


@pytest.mark.parametrize("code", ["00", "67", "68"])
def test_a_history_of_another_invoice_says_nothing_of_this_one(code: str):
    with pytest.raises(OutcomeUnknown, match="otra factura"):
        events.history(a_reply(code, XmlDocumentKey="b" * 96), CUFE)


def test_the_invoice_s_own_cufe_is_no_event_s_cude():
    def told(uuid: str) -> list[str | None]:
        response = (
            "<a:ApplicationResponse xmlns:a='a'><a:DocumentResponse><a:Response><a:ResponseCode>030</a:ResponseCode>"
            f"</a:Response><a:DocumentReference><a:UUID>{uuid}</a:UUID></a:DocumentReference></a:DocumentResponse>"
            "</a:ApplicationResponse>"
        )
        reply = a_reply(XmlBase64Bytes=base64.b64encode(response.encode()).decode())
        return [seen.uuid for seen in events.history(reply, CUFE)]

    assert told("b" * 96) == ["b" * 96]
    assert told(CUFE) == [None]


def test_lgc01_alone_means_that_the_event_is_there():
    repeated = outcome("99", "Regla: LGC01, Rechazo: Evento ya registrado")
    more = outcome("99", "Regla: LGC01, Rechazo: Evento", "Regla: AAD06, Rechazo: CUDE")

    assert isinstance(repeated, Rejected) and answer.is_event_repeated(repeated)
    assert isinstance(more, Rejected) and not answer.is_event_repeated(more)


# Contingency --------------------------------------------------------------------------------------


def test_the_errors_that_make_a_contingency_are_those_of_dian_s_table():
    import json

    table = json.loads(reference("codelists", "contingency_http_errors.json").read_text(encoding="utf-8"))

    assert {int(row["code"]) for row in table["items"]} == settings.OUTAGE_STATUSES


# GetAcquirer


def an_acquirer(code: str, name: str = "", email: str = "") -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        '<GetAcquirerResponse xmlns="http://wcf.dian.colombia"><GetAcquirerResult '
        'xmlns:b="http://schemas.datacontract.org/2004/07/Gosocket.Dian.Services.Utils.Common">'
        f"<b:Message>x</b:Message><b:ReceiverEmail>{email}</b:ReceiverEmail><b:ReceiverName>{name}</b:ReceiverName>"
        f"<b:StatusCode>{code}</b:StatusCode></GetAcquirerResult></GetAcquirerResponse></s:Body></s:Envelope>"
    ).encode()


def acquirer_in(raw: bytes) -> Acquirer:
    result = reading.child(soap.body("la DIAN", raw), "GetAcquirerResult")
    assert result is not None
    return answer.acquirer(result, raw)


@pytest.mark.parametrize(
    ("name", "email", "found"),
    [
        ("LUCIA RAMIREZ", "lucia@example.com", Acquirer(name="LUCIA RAMIREZ", email="lucia@example.com")),
        ("  LUCIA \n RAMIREZ ", "", Acquirer(name="LUCIA RAMIREZ")),
        ("LUCIA RAMIREZ", "no tiene", Acquirer(name="LUCIA RAMIREZ")),
    ],
)
def test_a_buyer_is_told_by_name_and_by_an_e_mail_that_is_one(name, email, found):
    assert acquirer_in(an_acquirer("200", name, email)) == found


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("404", NotFound),
        ("66", NotFound),
        ("200", NotFound),
        ("", NotSent),
        ("500", NotSent),
        ("401", CredentialsRejected),
    ],
)
def test_a_buyer_without_a_name_is_nobody_and_a_fault_is_no_answer(code, means):
    with pytest.raises(means):
        acquirer_in(an_acquirer(code))
