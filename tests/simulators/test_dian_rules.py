"""The rules of the DIAN simulator: what it refuses in a document, a signature and a file, and by which rule."""

import base64
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.outcome import Accepted, Outcome
from cauce.domain.time import BOGOTA
from cauce.providers.dian.provider import Dian
from cauce.ubl import files, reading
from cauce.ubl.certificate import enrolled, loaded
from tests.simulators.dian import DianSimulator, pki
from tests.simulators.dian_client import (
    Change,
    a_file,
    altered,
    built,
    certificate,
    code,
    rules,
    say,
    signed,
    to,
    within,
    without,
    zipped,
)
from tests.unit.dian.builders import DOCUMENTS, ISSUER, a_document, reference
from tests.unit.dian.talking import connected, record, simulator

_TODAY = datetime.now(BOGOTA).date()
# A day of the same year, because the year is in the file's name.
ANOTHER_DAY = _TODAY + timedelta(days=-1 if _TODAY.day > 1 else 1)


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with simulator() as running:
        yield running


@pytest.fixture
def provider(dian: DianSimulator) -> Dian:
    return connected(dian)


ALTERATIONS: list[tuple[str, str, Change]] = [
    # The identifier: a change of any hashed value, or of the hash.
    ("FAD06", "invoice", to("cbc:IssueTime", "00:00:01-05:00")),
    ("FAD06", "invoice", to("cbc:PayableAmount", "119000.01")),
    ("FAD07", "invoice", to("cbc:UUID", "0" * 96, schemeID="1")),
    ("FAD08", "invoice", to("cbc:UUID", "0" * 96, schemeName="CUDE-SHA384")),
    ("FAB27b", "invoice", to("sts:SoftwareSecurityCode", "0" * 96)),
    ("FAB24b", "invoice", to("sts:SoftwareID", "otro")),
    ("FAB19b", "invoice", to("sts:ProviderID", "800197268")),
    ("FAB22b", "invoice", to("sts:ProviderID", ISSUER.nit, schemeID="0")),
    ("FAB23", "invoice", to("sts:ProviderID", ISSUER.nit, schemeName="13")),
    ("FAB31", "invoice", to("sts:AuthorizationProviderID", "800197269")),
    ("FAB36", "invoice", to("sts:QRCode", "https://ejemplo.example")),
    # The header.
    ("FAD01", "invoice", to("cbc:UBLVersionID", "2.1")),
    ("FAD02", "invoice", to("cbc:CustomizationID", "99")),
    ("FAD03", "invoice", to("cbc:ProfileID", "DIAN 2.1")),
    ("FAD04", "invoice", to("cbc:ProfileExecutionID", "1")),
    ("FAD05a", "invoice", to("cbc:ID", "SETP-990000001")),
    ("FAD09e", "invoice", to("cbc:IssueDate", ANOTHER_DAY.isoformat())),
    ("FAD10", "invoice", to("cbc:IssueTime", "10:53:10")),
    ("FAD16", "invoice", to("cbc:LineCountNumeric", "7")),
    ("NSAD03", "adjustment note", to("cbc:ProfileID", "DIAN 2.1: Nota de ajuste ")),
    # The range.
    ("FAB05b", "invoice", to("sts:InvoiceAuthorization", "18760000002")),
    ("FAB07b", "invoice", to("cbc:StartDate", "2019-01-20")),
    ("FAB08b", "invoice", to("cbc:EndDate", "2030-01-20")),
    ("FAB11b", "invoice", to("sts:From", "1")),
    ("FAB12b", "invoice", to("sts:To", "995000001")),
    ("FAD05d", "invoice", to("cbc:ID", "SETP1")),
    ("FAD05d", "invoice", to("cbc:ID", "OTRO990000001")),
    # The parties.
    ("FAJ24", "invoice", to("cbc:CompanyID", ISSUER.nit, schemeID="0")),
    ("FAJ24", "invoice", to("cbc:CompanyID", "800197268", schemeID="4")),
    ("FAJ25", "invoice", to("cbc:CompanyID", ISSUER.nit, schemeName="99")),
    ("FAJ26", "invoice", to("cbc:TaxLevelCode", "O-99")),
    ("FAJ02", "invoice", to("cbc:AdditionalAccountID", "3")),
    ("FAJ09", "invoice", to("cbc:CountrySubentityCode", "99")),
    ("FAJ16", "invoice", within("cac:Country", to("cbc:IdentificationCode", "US"))),
    ("FAK61", "invoice to the final consumer", without("cac:PartyIdentification")),
    # Payment and lines.
    ("FAN02", "invoice", within("cac:PaymentMeans", to("cbc:ID", "3"))),
    ("FAV06", "invoice", to("cbc:PriceAmount", "50001.00", currencyID="COP")),
    ("FAU02", "invoice", to("cbc:LineExtensionAmount", "100001.00", currencyID="COP")),
    ("FAU04", "invoice", to("cbc:TaxExclusiveAmount", "100001.00", currencyID="COP")),
    ("FAU06", "invoice", to("cbc:TaxInclusiveAmount", "119001.00", currencyID="COP")),
    ("FAU08", "invoice, everything", to("cbc:AllowanceTotalAmount", "1000.01", currencyID="COP")),
    ("FAU10", "invoice, everything", to("cbc:ChargeTotalAmount", "10000.01", currencyID="COP")),
    ("FAU12", "invoice, everything", to("cbc:PrepaidAmount", "499.00", currencyID="COP")),
    ("FAU14", "invoice", to("cbc:PayableAmount", "118999.00", currencyID="COP")),
    ("VLR01", "invoice", to("cbc:PayableAmount", "-119000.00", currencyID="COP")),
    # Taxes; the first total is the header's.
    ("FAS02", "invoice", to("cbc:TaxAmount", "19001.00", currencyID="COP")),
    ("FAS07", "invoice", to("cbc:TaxAmount", "19005.00", 1, currencyID="COP")),
    ("FAS01b", "invoice", to("cbc:Percent", "5.00")),
    ("FAS14", "invoice", to("cbc:Percent", "19")),
    ("FAX14", "invoice", to("cbc:Percent", "19.000", 1)),
    ("FAX02", "invoice", to("cbc:TaxAmount", "19001.00", 2, currencyID="COP")),
    ("FAX07", "invoice", to("cbc:TaxableAmount", "100001.00", 1, currencyID="COP")),
    ("FAT02", "invoice, everything", within("cac:WithholdingTaxTotal", to("cbc:TaxAmount", "1.00"))),
    ("DSAY13", "support document", within("cac:TaxTotal", to("cbc:ID", "04"))),
    # Notes.
    ("CBF01", "credit note", without("cac:DiscrepancyResponse")),
    ("CAE03", "credit note", to("cbc:ResponseCode", "9")),
    ("CBG03", "credit note", without("cac:BillingReference")),
    ("CBG06", "credit note", within("cac:BillingReference", to("cbc:IssueDate", "2099-01-01"))),
    ("CAN01", "credit note", without("cac:PaymentMeans")),
    ("DAE03", "debit note", to("cbc:ResponseCode", "5")),
    ("CAD02a", "credit note without reference", to("cbc:ResponseCode", "2")),
]


@pytest.mark.parametrize(
    ("rule", "name", "change"),
    ALTERATIONS,
    ids=[f"{rule} {name}" for rule, name, _ in ALTERATIONS],
)
def test_it_refuses_by_rule(rule: str, name: str, change: Change, provider: Dian, dian: DianSimulator):
    outcome = altered(provider, record(DOCUMENTS[name]), change)

    found = rules(outcome)
    assert rule in found, found
    assert dian.documents_received == 0


def test_what_is_not_altered_is_accepted(provider: Dian):
    assert isinstance(altered(provider, record(a_document())), Accepted)


def test_a_schema_that_is_not_followed_is_zb01(provider: Dian):
    reference("xsd")

    assert rules(altered(provider, record(a_document()), without("cac:LegalMonetaryTotal"))) == {"ZB01"}
    assert rules(altered(provider, record(a_document(Kind.DEBIT_NOTE)), without("cbc:ID"))) == {"ZB01"}


def test_what_is_no_ubl_is_zb01(provider: Dian):
    kept = record(a_document())

    for xml in (b"<Invoice/>", b"not XML", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"):
        assert rules(provider.send(zipped(xml, kept))) == {"ZB01"}


# The document's signature ---------------------------------------------------------------------------


def test_any_byte_changed_after_signing_is_ze02(provider: Dian):
    kept = record(a_document())
    xml = signed(built(provider, kept), certificate(provider), kept.issued_at)

    for before, after in (
        (b'<cbc:PayableAmount currencyID="COP">1', b'<cbc:PayableAmount currencyID="COP">2'),
        (b"<xades:SigningTime>20", b"<xades:SigningTime>19"),
        (b'<ds:SignatureValue Id="xmldsig-cauce-sigvalue">', b"<ds:SignatureValue>AAAA"),
        (b">supplier<", b">third party<"),
    ):
        assert before in xml
        assert "ZE02" in rules(provider.send(zipped(xml.replace(before, after, 1), kept)))


def test_indentation_after_signing_is_ze02(provider: Dian):
    kept = record(a_document())
    xml = signed(built(provider, kept), certificate(provider), kept.issued_at)

    assert "ZE02" in rules(provider.send(zipped(xml.replace(b"<cbc:UUID", b"\n<cbc:UUID", 1), kept)))


def test_prefixes_other_than_ds_are_ze02(provider: Dian):
    kept = record(a_document())
    xml = signed(built(provider, kept), certificate(provider), kept.issued_at)
    other = xml.replace(b"ds:", b"sig:").replace(b"xmlns:ds=", b"xmlns:sig=")

    assert "ZE02" in rules(provider.send(zipped(other, kept)))


def test_a_document_that_is_not_signed_is_ac03(provider: Dian):
    kept = record(a_document())
    tree = built(provider, kept)
    extensions = tree[0]
    extensions.remove(extensions[1])

    assert "FAC03" in rules(provider.send(zipped(etree.tostring(tree, method="c14n"), kept)))


def signed_by(provider: Dian, holder: pki.Holder, nit: str = ISSUER.nit) -> Outcome:
    """A document signed with another company's certificate, in an envelope of the issuer's."""
    kept = record(a_document())
    pem = enrolled(holder.pkcs12("c"), SecretStr("c"), nit, datetime.now(UTC))
    return provider.send(zipped(signed(built(provider, kept), loaded(pem), kept.issued_at), kept))


def test_a_certificate_of_an_unknown_authority_is_zd05(provider: Dian):
    assert rules(signed_by(provider, pki.Authority("Otra").grant(ISSUER.nit, "E"))) == {"ZD05"}


def test_somebody_else_s_certificate_is_zd05(provider: Dian):
    assert rules(signed_by(provider, pki.trusted().grant("800199436", "E"), "800199436")) == {"ZD05"}


def test_a_revoked_certificate_is_zd04(provider: Dian):
    holder = pki.trusted().grant(ISSUER.nit, "E")
    pki.trusted().revoke(holder.certificate)

    assert rules(signed_by(provider, holder)) == {"ZD04"}


def test_a_certificate_that_is_not_valid_yet_is_zd07(provider: Dian):
    later = datetime.now(UTC) + timedelta(days=1)

    assert rules(signed_by(provider, pki.trusted().grant(ISSUER.nit, "E", valid_from=later))) == {"ZD07"}


@pytest.mark.parametrize("hours", [2, 24 * 40])
def test_a_signature_of_the_future_is_dc24(hours: int, provider: Dian):
    kept = record(a_document())
    late = datetime.now(UTC) + timedelta(hours=hours)
    xml = signed(built(provider, kept), certificate(provider), late)

    assert "DC24" in rules(provider.send(zipped(xml, kept)))


# Files --------------------------------------------------------------------------------------------
def test_what_is_no_zip_is_89(dian: DianSimulator):
    result = say(dian, "SendBillSync", fileName="z.zip", contentFile=base64.b64encode(b"no").decode())

    assert code(result) == "89"
    assert "application/x-zip-compressed" in reading.text(result, "StatusDescription")


def test_more_than_one_document_in_a_synchronous_sending_is_89(dian: DianSimulator):
    both = base64.b64encode(files.zipped({"a.xml": b"<a/>", "b.xml": b"<b/>"})).decode()

    result = say(dian, "SendBillSync", fileName="z.zip", contentFile=both)

    assert reading.text(result, "StatusDescription") == (
        "El método síncrono solo puede recibir un documento."
    )


@pytest.mark.parametrize(
    "name",
    [
        "factura.xml",
        "fv0900123456000{yy}0000000G.xml",
        "fv900123456000{yy}00000001.xml",
        "fv0900123457000{yy}00000001.xml",
        "fv0900123456001{yy}00000001.xml",
        "fv090012345600019{n}.xml",
        "fv0900123456000{yy}00000000.xml",
        "nc0900123456000{yy}00000001.xml",
        "ar0900123456000{yy}00000001.xml",
    ],
)
def test_a_file_s_name_is_kind_nit_provider_year_and_hexadecimal(
    name: str, provider: Dian, dian: DianSimulator
):
    kept, xml = a_file(provider)
    name = name.format(yy=f"{kept.issued_at.year % 100:02}", n="00000001")

    content = base64.b64encode(files.zipped({name: xml})).decode()
    result = say(dian, "SendBillSync", fileName=f"z{name[:-4]}.zip", contentFile=content)

    assert code(result) == "89"


def test_a_zip_is_named_after_its_file(provider: Dian, dian: DianSimulator):
    kept, xml = a_file(provider)
    content = base64.b64encode(zipped(xml, kept).body).decode()

    assert code(say(dian, "SendBillSync", fileName="zotro.zip", contentFile=content)) == "89"


def test_a_bad_name_leaves_a_test_set_in_process_for_ever(provider: Dian, dian: DianSimulator):
    account = dian.accounts[ISSUER.nit]
    _, xml = a_file(provider)
    content = base64.b64encode(files.zipped({"factura.xml": xml})).decode()

    sent = say(dian, "SendTestSetAsync", fileName="z.zip", contentFile=content, testSetId=account.test_set.id)

    for _ in range(4):
        found = say(dian, "GetStatusZip", trackId=reading.text(sent, "ZipKey"))
        assert reading.text(found, "DianResponse", "StatusDescription") == "Batch en proceso de validación."
    assert account.test_set.accepted == {}


def test_a_batch_holds_many(provider: Dian, dian: DianSimulator):
    two = [record(a_document(), n) for n in (990_000_001, 990_000_002)]
    zips = [zipfile.ZipFile(io.BytesIO(provider.prepare(kept).body)) for kept in two]
    together = {name: each.read(name) for each in zips for name in each.namelist()}
    content = base64.b64encode(files.zipped(together)).decode()
    name = next(iter(together)).removesuffix(".xml")

    sent = say(dian, "SendBillAsync", fileName=f"z{name}.zip", contentFile=content)
    key = reading.text(sent, "ZipKey")
    say(dian, "GetStatusZip", trackId=key)
    found = say(dian, "GetStatusZip", trackId=key)

    assert [code(each) for each in reading.children(found)] == ["00", "00"]
