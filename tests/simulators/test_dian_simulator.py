"""The DIAN simulator by itself: its envelopes, its questions, and its answers as other libraries read them."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import signxml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from pydantic import SecretStr

from cauce.domain.errors import CauceError, OutcomeUnknown
from cauce.domain.outcome import Accepted
from cauce.domain.time import bogota
from cauce.providers import soap as transport
from cauce.providers.dian.envelope import envelope
from cauce.providers.dian.provider import Dian
from cauce.ubl import reading
from cauce.ubl.certificate import enrolled, loaded
from tests.simulators.dian import PATH, DianSimulator, pki
from tests.simulators.dian.document import Document
from tests.simulators.dian.envelope import OPERATIONS
from tests.simulators.dian.identifiers import of, security_code
from tests.simulators.dian.signature import certificate_of, verifies
from tests.simulators.dian.totals import check as arithmetic
from tests.simulators.dian_client import KEY, certificate, code, post, rules, say
from tests.unit.dian.builders import DOCUMENTS, ISSUER, a_document, reference
from tests.unit.dian.talking import connected, emit, on_credit, record, simulator

_PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with simulator() as running:
        yield running


@pytest.fixture
def provider(dian: DianSimulator) -> Dian:
    return connected(dian)


# The envelope --------------------------------------------------------------------------------------


def fault(raw: bytes) -> str:
    found = transport.body("DIAN", raw)
    assert reading.local(found) == "Fault"
    return reading.text(found, "Code", "Subcode", "Value") or reading.text(found, "Code", "Value")


def a_message(dian: DianSimulator, now: datetime | None = None, address: str | None = None) -> bytes:
    signer = certificate(connected(dian))
    arguments = {"trackId": "0" * 96}
    return envelope("GetStatus", arguments, address or dian.base_url + PATH, signer, now or datetime.now(UTC))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The signed text, the digest, the token, the order: each change alone breaks the signature.
        (b"/WcfDianCustomerServices.svc<", b"/WcfDianCustomerServices.svc <"),
        (b"<ds:DigestValue>", b"<ds:DigestValue>A"),
        (b"<wsse:BinarySecurityToken", b"<wsse:BinarySecurityToken2"),
        (b'URI="#x509-cauce"', b'URI="#otro"'),
        (b"xmlns:ec=", b"xmlns:ed="),
        (b'PrefixList="soap wcf"', b'PrefixList="soap"'),
    ],
)
def test_an_envelope_that_is_not_as_it_was_signed_is_refused(
    before: bytes, after: bytes, dian: DianSimulator
):
    message = a_message(dian)
    assert before in message

    broken = post(dian, message.replace(before, after, 1), "GetStatus")

    assert fault(broken) in {"a:InvalidSecurity", "a:DestinationUnreachable", "s:Sender"}


def test_an_envelope_without_security_is_refused(dian: DianSimulator):
    message = a_message(dian)
    start, end = message.index(b"<wsse:Security"), message.index(b"<wsa:Action")

    assert fault(post(dian, message[:start] + message[end:], "GetStatus")) == "a:InvalidSecurity"


@pytest.mark.parametrize("hours", [-24, 1])
def test_an_envelope_of_another_time_is_refused(hours: int, dian: DianSimulator):
    message = a_message(dian, datetime.now(UTC) + timedelta(hours=hours))

    assert fault(post(dian, message, "GetStatus")) == "a:InvalidSecurity"


def test_an_envelope_for_another_address_is_refused(dian: DianSimulator):
    message = a_message(dian, address="https://vpfe.dian.gov.co/WcfDianCustomerServices.svc")

    assert fault(post(dian, message, "GetStatus")) == "a:DestinationUnreachable"


def test_the_actions_of_header_content_type_and_body_are_one(dian: DianSimulator):
    assert fault(post(dian, a_message(dian), "GetStatusZip")) == "a:ActionMismatch"


def test_an_operation_that_is_none_is_refused(dian: DianSimulator):
    message = a_message(dian).replace(b"GetStatus", b"GetEstado")

    assert fault(post(dian, message, "GetEstado")) == "a:ActionNotSupported"


def test_arguments_out_of_the_wsdl_s_order_are_refused(dian: DianSimulator):
    message = a_message(dian).replace(b"wcf:trackId", b"wcf:fileName")

    assert fault(post(dian, message, "GetStatus")) == "a:DeserializationFailed"


def test_soap_11_is_not_spoken(dian: DianSimulator):
    raw = post(dian, a_message(dian), "GetStatus", **{"Content-Type": "text/xml"})

    assert raw == b""


def test_an_untrusted_certificate_gets_the_fault_of_the_live_service(dian: DianSimulator):
    holder = pki.Authority("Otra").grant(ISSUER.nit, "E")
    pem = enrolled(holder.pkcs12("c"), SecretStr("c"), ISSUER.nit, datetime.now(UTC))
    arguments = {"trackId": "0" * 96}
    message = envelope("GetStatus", arguments, dian.base_url + PATH, loaded(pem), datetime.now(UTC))

    raw = post(dian, message, "GetStatus")

    real = reference("wsdl", "samples", "fault.untrusted-certificate.xml").read_bytes()
    assert etree.tostring(etree.fromstring(raw), method="c14n") == etree.tostring(
        etree.fromstring(real.strip()), method="c14n"
    )


def test_there_are_no_test_sets_in_production():
    with simulator(environment="1") as dian:
        provider = connected(dian, test_set_id="x")

        with pytest.raises(OutcomeUnknown):
            provider.send(provider.prepare(record(a_document())))


# Questions -----------------------------------------------------------------------------------------


def test_a_track_id_that_is_none_is_89(dian: DianSimulator):
    assert code(say(dian, "GetStatus", trackId="corto")) == "89"
    assert code(reading.children(say(dian, "GetStatusZip", trackId="corto"))[0]) == "89"


def test_a_document_s_xml_is_for_its_two_sides_only(provider: Dian, dian: DianSimulator):
    outcome = emit(provider, record(a_document()))
    assert outcome.uuid
    stranger = dian.enrol("901234567", "TERCERO")
    pem = enrolled(stranger.pkcs12(), SecretStr(stranger.password), stranger.nit, datetime.now(UTC))

    found = say(dian, "GetXmlByDocumentKey", loaded(pem), trackId=outcome.uuid)

    assert reading.text(found, "Code") == "401"


def test_an_acquirer_is_a_name_and_an_address_to_write_to(dian: DianSimulator):
    found = say(dian, "GetAcquirer", identificationType="31", identificationNumber=ISSUER.nit)

    assert reading.text(found, "ReceiverEmail") == dian.accounts[ISSUER.nit].email


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "100"),
        ({"softwareCode": "otro"}, "303"),
        ({"accountCode": "800199436"}, "401"),
        ({"accountCodeT": "800199436"}, "401"),
    ],
)
def test_ranges_are_for_the_nit_and_its_software(changes: dict[str, str], expected: str, dian: DianSimulator):
    software = dian.accounts[ISSUER.nit].software_id
    arguments = {"accountCode": ISSUER.nit, "accountCodeT": ISSUER.nit, "softwareCode": software, **changes}

    found = say(dian, "GetNumberingRange", **arguments)

    assert reading.text(found, "OperationCode") == expected


def test_ranges_that_are_not_associated_to_the_software_are_302(dian: DianSimulator, provider: Dian):
    account = dian.accounts[ISSUER.nit]
    account.ranges = [type(r)(**{**vars(r), "associated": False}) for r in account.ranges]
    arguments = {
        "accountCode": ISSUER.nit,
        "accountCodeT": ISSUER.nit,
        "softwareCode": account.software_id,
    }

    assert reading.text(say(dian, "GetNumberingRange", **arguments), "OperationCode") == "302"
    assert "FAB05c" in rules(emit(provider, record(a_document())))


# Its answers as others read them ------------------------------------------------------------------


def test_an_application_response_is_signed_valid_ubl(provider: Dian, dian: DianSimulator):
    dian.accept_with_notices({"RUT01": "RUT"})
    emit(provider, record(a_document(payment=on_credit())))

    response = dian.documents[0].application_response

    signxml.XMLVerifier().verify(response, x509_cert=pki.dian().certificate)
    root = etree.fromstring(response)
    schema = reference("xsd", "dian-caja-fe-v1.9", "maindoc", "UBL-ApplicationResponse-2.1.xsd")
    etree.XMLSchema(etree.parse(str(schema))).assertValid(root)
    assert root.findtext(".//{*}DocumentResponse/{*}Response/{*}ResponseCode") == "02"
    assert root.findtext(".//{*}LineResponse/{*}Response/{*}ResponseCode") == "RUT01"


def test_zeep_reads_every_answer_with_the_official_wsdl(provider: Dian, dian: DianSimulator):
    import zeep

    wsdl = zeep.Client(str(reference("wsdl", "WcfDianCustomerServices.habilitacion.single.wsdl")))
    outcome = emit(provider, record(a_document()))
    assert outcome.uuid
    content = base64.b64encode(provider.prepare(record(a_document(), 990_000_002)).body).decode()
    account = dian.accounts[ISSUER.nit]
    arguments: dict[str, dict[str, str]] = {
        "SendBillSync": {"fileName": "z.zip", "contentFile": "UEsDBA=="},
        "SendBillAsync": {"fileName": "z.zip", "contentFile": content},
        "SendTestSetAsync": {"fileName": "z.zip", "contentFile": "UEsDBA==", "testSetId": "x"},
        "SendEventUpdateStatus": {"contentFile": content},
        "GetStatus": {"trackId": outcome.uuid},
        "GetStatusZip": {"trackId": "358f9538-1f80-4ed5-a3f6-aaa1ef36bebd"},
        "GetStatusEvent": {"trackId": outcome.uuid},
        "GetXmlByDocumentKey": {"trackId": outcome.uuid},
        "GetNumberingRange": {
            "accountCode": ISSUER.nit,
            "accountCodeT": ISSUER.nit,
            "softwareCode": account.software_id,
        },
        "GetAcquirer": {"identificationType": "31", "identificationNumber": ISSUER.nit},
    }
    assert arguments.keys() == OPERATIONS.keys()
    binding = wsdl.wsdl.bindings["{http://wcf.dian.colombia}WSHttpBinding_IWcfDianCustomerServices"]

    for operation, values in arguments.items():
        result = say(dian, operation, **values)
        root = result.getroottree().getroot()
        read = binding.get(operation).process_reply(root)
        assert read is not None, operation
        # A field out of the contract's order or namespace would be among zeep's raw elements.
        assert getattr(read, "_raw_elements", None) is None, operation


# Independent arithmetic ----------------------------------------------------------------------------

_KEYED = ("Consumidor Final.xml", "Excluido de IVA.xml", "Exento de IVA.xml")
# The other examples were edited after they were signed.
_SIGNED = ("Consumidor Final.xml", "CreditNote.xml", "DebitNote.xml", "GenericaPagoAnticipado.xml")
# The other examples have header taxes that no line has, or subtract a prepayment, as older annexes did.
_ADD_UP = (
    "Ejemplificacion nota credito sin referencia a factura.xml",
    "Excluido de IVA.xml",
    "Exento de IVA.xml",
    "documento-soporte-residente.xml",
    "ejemplificacionIBUA.xml",
    "ejemplificacionICUI.xml",
)


@pytest.mark.parametrize("name", _KEYED)
def test_the_identifier_of_an_official_example_is_recomputed_from_its_xml(name: str):
    document = Document(reference("examples", name).read_bytes())

    assert of(document, KEY, "") == document.uuid


@pytest.mark.parametrize("name", _SIGNED)
def test_the_signature_of_an_official_example_is_accepted_and_of_a_changed_one_is_not(name: str):
    document = Document(reference("examples", name).read_bytes())
    changed = Document(document.content.replace(b"</cbc:UUID>", b" </cbc:UUID>", 1))
    found = certificate_of(document)

    assert found is not None
    assert verifies(document, found)
    assert not verifies(changed, found)


@pytest.mark.parametrize("name", _ADD_UP)
def test_the_arithmetic_of_an_official_example_holds(name: str):
    assert list(arithmetic(Document(reference("examples", name).read_bytes()))) == []


def test_a_security_code_is_of_software_pin_and_number():
    root = etree.fromstring(reference("examples", "030 - Acuse_ReciboFEV.xml").read_bytes())
    found = root.findtext(".//{*}SoftwareSecurityCode")

    assert security_code("fa326ca7-c1f8-40d3-a6fc-24d7c1040607", "20191", "ACR0021") == found


# Control plane -------------------------------------------------------------------------------------


def ask(dian: DianSimulator, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{dian.base_url}/_simulator/{path}", data) as answer:
        return json.load(answer)


def test_enrolling_gives_what_an_operator_would_be_given(dian: DianSimulator):
    found = ask(dian, "enrol", {"nit": "901999888", "name": "NUEVA"})

    pem = enrolled(
        base64.b64decode(found["pkcs12"]), SecretStr(found["password"]), "901999888", datetime.now(UTC)
    )
    assert loaded(pem).chain
    assert found["software_pin"] and found["software_id"] and found["test_set_id"]
    assert ask(dian, "enrol", {"nit": "901999888", "name": "NUEVA"})["software_id"] == found["software_id"]


def test_two_issuers_keep_their_numbers_apart():
    with simulator(ISSUER.nit, "800199436") as dian:
        one, other = connected(dian), connected(dian, "800199436")
        kept = record(a_document())

        assert isinstance(emit(one, kept), Accepted)
        assert isinstance(emit(other, kept), Accepted)
        assert dian.documents_received == 2


def test_types_01_and_02_share_their_numbers(provider: Dian):
    emit(provider, record(DOCUMENTS["invoice"]))

    with pytest.raises(CauceError, match="número"):
        emit(provider, record(DOCUMENTS["export"]))


def test_a_certificate_without_nit_gets_89(dian: DianSimulator):
    holder = pki.trusted().grant(None, "SIN NIT")
    pem = holder.key.private_bytes(*_PEM) + b"".join(
        each.public_bytes(_PEM[0]) for each in (holder.certificate, *holder.chain)
    )

    result = say(dian, "GetStatus", loaded(SecretStr(pem.decode())), trackId="0" * 96)

    assert code(result) == "89"


def test_type_04_is_good_if_it_was_signed_while_an_outage_was_declared(dian: DianSimulator, provider: Dian):
    def signed_at(moment: datetime, consecutive: int) -> list[str]:
        document = a_document(invoice_type="04")
        then = Dian(replace(provider.connection, clock=moment.timestamp))
        outcome = emit(then, record(document, consecutive, issued_at=bogota(moment)))
        return [message.rule or "" for message in getattr(outcome, "rejections", ())]

    before = datetime.now(UTC) - timedelta(seconds=2)
    dian.go_out(503)
    during = datetime.now(UTC)
    dian.come_back()
    dian.register.outages[-1].until = during + timedelta(seconds=1)

    assert signed_at(before, 990_000_001) == ["CTG01"]
    assert signed_at(during, 990_000_001) == []


def test_out_of_order_nothing_is_done_until_it_is_back(dian: DianSimulator, provider: Dian):
    dian.go_out("silent", operation="SendBill")
    with pytest.raises(OutcomeUnknown):
        emit(provider, record(a_document()))
    assert provider.ranges()
    with pytest.raises(ValueError, match="how must be"):
        dian.go_out(418)

    dian.come_back()

    assert isinstance(emit(provider, record(a_document())), Accepted)
    assert dian.documents_received == 1
