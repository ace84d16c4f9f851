"""Documents nobody thought of: each is its own canonical form, adds up, and is what its CUFE says.

The sums and the chain are taken from the XML, in code that shares nothing with what wrote it.
"""

import hashlib
import re
from decimal import ROUND_DOWN, Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cauce.contracts.v1 import contract
from cauce.domain.document import AUTHORISED, AllowanceCharge, Document, Kind, Line, Tax, Withholding
from cauce.domain.errors import InvalidDocument
from cauce.ubl.certificate import Certificate
from cauce.ubl.emitter import build_signed
from cauce.ubl.signature import DECLARATION
from tests.documents import invoice
from tests.examples import examples
from tests.unit.dian.builders import SOFTWARE, TECHNICAL_KEY, a_document, numbered
from tests.unit.dian.oracles import canonical, parsed, schema_errors, text, texts

WRITABLE = st.text(
    st.characters(exclude_characters="\ufffe\uffff", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
)
LIVELY = st.lists(
    st.one_of(WRITABLE, st.sampled_from(["]]>", "&lt;", "\r", "\t", "\n", '"<', "\U0001f40e"])), min_size=1
).map("".join)
MONEY = st.decimals("0", "9999999", places=2)
PERCENTS = st.decimals("0", "100", places=2)


def taxes(kind: Kind) -> st.SearchStrategy[tuple[Tax, ...]]:
    vat = st.builds(Tax, code=st.just("01"), percent=st.sampled_from([Decimal(0), Decimal(5), Decimal(19)]))
    if kind in (Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE):
        return st.lists(vat, max_size=1).map(tuple)
    percentage = st.builds(Tax, code=st.sampled_from(["03", "04", "08", "35", "36"]), percent=PERCENTS)
    nominal = st.builds(
        Tax,
        code=st.sampled_from(["22", "32", "34"]),
        per_unit_amount=st.decimals("0", "999", places=3),
        base_units=st.decimals("0", "9999", places=3),
        unit=st.sampled_from(["94", "MLT"]),
    )
    other = st.builds(Tax, code=st.just("ZZ"), name=LIVELY, percent=PERCENTS)
    return st.lists(st.one_of(vat, percentage, nominal, other), max_size=4, unique_by=lambda t: t.code).map(
        tuple
    )


def entries(most: str) -> st.SearchStrategy[tuple[AllowanceCharge, ...]]:
    entry = st.builds(
        AllowanceCharge,
        is_charge=st.booleans(),
        reason_code=st.sampled_from(["00", "01", "02", "03"]),
        reason=LIVELY,
        amount=st.decimals("0", most, places=2),
    )
    return st.lists(entry, max_size=2).map(tuple)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    kind = draw(st.sampled_from(sorted(set(Kind) - {Kind.EVENT})))
    withholding = st.builds(
        Withholding, code=st.sampled_from(["05", "06"]), percent=st.decimals("0", "99", places=2)
    )
    withheld = kind in AUTHORISED
    line = st.builds(
        Line,
        code=LIVELY,
        description=LIVELY,
        quantity=st.decimals("0.000001", "99999", places=6),
        price=st.decimals("0", "999999", places=6),
        discount_percent=st.none() | PERCENTS,
        taxes=taxes(kind),
        withholdings=st.lists(withholding, max_size=2, unique_by=lambda w: w.code).map(tuple)
        if withheld
        else st.just(()),
        allowance_charges=st.just(()) | entries("0.01"),
        note=st.none() | LIVELY,
    )
    return a_document(
        kind,
        lines=tuple(draw(st.lists(line, min_size=1, max_size=5))),
        allowance_charges=draw(entries("99999")),
        notes=tuple(draw(st.lists(LIVELY, max_size=2))),
    )


@settings(
    max_examples=examples(150, deep=2000),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(document=documents())
def test_every_document_holds(document: Document, certificate: Certificate):
    signed = build_signed(numbered(document), certificate)
    tree = parsed(signed.xml)

    assert signed.xml == DECLARATION + canonical(signed.xml)
    assert text(tree, "/*/cbc:UUID") == signed.identifier == _identifier(tree)
    assert texts(tree, "/*/cbc:Note") == list(document.notes)
    assert texts(tree, "/*/*/cac:Item/cbc:Description") == [line.description for line in document.lines]
    _adds_up(tree)


@settings(
    max_examples=examples(30, deep=300),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(document=documents())
def test_the_schemas_accept_every_document(document: Document, certificate: Certificate):
    assert schema_errors(build_signed(numbered(document), certificate).xml) == []


# A text of the request, and where it stands in the XML.
HOSTILE_TEXTS = {
    "adquiriente.razon_social": "/*/cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:RegistrationName",
    "adquiriente.direccion": "/*/cac:AccountingCustomerParty//cac:PhysicalLocation//cbc:Line",
    "lineas.0.codigo": "/*/cac:InvoiceLine[1]/cac:Item/cac:SellersItemIdentification/cbc:ID",
    "lineas.0.descripcion": "/*/cac:InvoiceLine[1]/cac:Item/cbc:Description",
    "lineas.0.nota": "/*/cac:InvoiceLine[1]/cbc:Note",
    "cargos.0.descripcion": "/*/cac:AllowanceCharge/cbc:AllowanceChargeReason",
    "orden.numero": "/*/cac:OrderReference/cbc:ID",
    "observaciones": "/*/cbc:Note",
}
# Any of Unicode, surrogates and controls too, and what looks like markup.
HOSTILE = st.lists(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(
            ["]]>", "&lt;", "&#0;", "<!--", "<?x?>", "\x00", "\x1f", "\ufffe", "\ud800", "\r\n", "\u2028"]
        ),
    ),
    min_size=1,
    max_size=20,
).map("".join)


@settings(
    max_examples=examples(400, deep=4000),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(field=st.sampled_from(sorted(HOSTILE_TEXTS)), said=HOSTILE)
def test_a_hostile_text_is_refused_by_its_field_or_survives_unchanged(
    field: str, said: str, certificate: Certificate
):
    body = invoice(cargos=[{"descripcion": "Flete", "valor": 1}], orden={"numero": "1"})
    *path, last = field.split(".")
    part: Any = body
    for step in path:
        part = part[int(step) if step.isdigit() else step]
    part[last] = said
    found = _asked(body)
    if not isinstance(found, Document):
        assert list(found) == [field]
        return
    if not found.counterparty.name:  # a blank name is none, and is looked up
        assert (field, said.strip()) == ("adquiriente.razon_social", "")
        return

    tree = parsed(build_signed(numbered(found), certificate).xml)

    # Blanks around it are taken off, and the ends of lines are one character.
    expected = said.strip().replace("\r\n", "\n").replace("\r", "\n")
    assert texts(tree, HOSTILE_TEXTS[field]) == ([expected] if expected else [])


def _asked(body: dict[str, Any]) -> Document | dict[str, list[str]]:
    """The document that a request is for, or the fields that it is refused for."""
    try:
        return contract.document(Kind.INVOICE, body)
    except InvalidDocument as refused:
        return refused.fields


def _adds_up(tree: Any) -> None:
    """FAU02 to FAU14, FAS01b and FAS02, as the annex words them."""

    def total(path: str) -> Decimal:
        return sum((Decimal(found) for found in texts(tree, path)), Decimal(0))

    money = "/*/*[self::cac:LegalMonetaryTotal or self::cac:RequestedMonetaryTotal]"
    line = "/*/*[cac:Price]"
    amounts = texts(tree, "//cbc:*[@currencyID][not(self::cbc:PriceAmount or self::cbc:PerUnitAmount)]")
    assert [each for each in amounts if not re.fullmatch(r"-?\d+\.\d\d", each)] == []
    inclusive = total(f"{money}/cbc:TaxInclusiveAmount")
    allowance, charge = total(f"{money}/cbc:AllowanceTotalAmount"), total(f"{money}/cbc:ChargeTotalAmount")
    extension = total(f"{money}/cbc:LineExtensionAmount")

    assert extension == total(f"{line}/cbc:LineExtensionAmount")
    first_taxes = (
        f"{line}/cac:TaxTotal[not(preceding-sibling::cac:TaxTotal)]/cac:TaxSubtotal/cbc:TaxableAmount"
    )
    assert total(f"{money}/cbc:TaxExclusiveAmount") == total(first_taxes)
    assert inclusive == extension + total("/*/cac:TaxTotal/cbc:TaxAmount")
    assert allowance == total("/*/cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount")
    assert charge == total("/*/cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount")
    assert total(f"{money}/cbc:PayableAmount") == inclusive - allowance + charge
    for group in ("TaxTotal", "WithholdingTaxTotal"):
        codes = texts(tree, f"/*/cac:{group}/cac:TaxSubtotal[1]//cac:TaxScheme/cbc:ID")
        assert len(codes) == len(set(codes))
        assert set(codes) == set(texts(tree, f"{line}/cac:{group}//cac:TaxScheme/cbc:ID"))
        for code in codes:
            mine = f"cac:{group}[cac:TaxSubtotal//cac:TaxScheme/cbc:ID='{code}']"
            header = total(f"/*/{mine}/cbc:TaxAmount")
            assert header == total(f"{line}/{mine}/cbc:TaxAmount")
            assert header == total(f"/*/{mine}/cac:TaxSubtotal/cbc:TaxAmount")


def _identifier(tree: Any) -> str:
    """CUFE, CUDE or CUDS from what the XML itself says."""

    def tax(code: str) -> str:
        found = texts(tree, f"/*/cac:TaxTotal[.//cac:TaxScheme/cbc:ID='{code}']/cbc:TaxAmount")
        return _cut(found[0] if found else "0")

    def company(side: str) -> str:
        return text(tree, f"/*/cac:Accounting{side}Party/cac:Party/cac:PartyTaxScheme/cbc:CompanyID")

    money = "/*/*[self::cac:LegalMonetaryTotal or self::cac:RequestedMonetaryTotal]"
    scheme = text(tree, "/*/cbc:UUID/@schemeName")
    secret = (TECHNICAL_KEY if scheme == "CUFE-SHA384" else SOFTWARE.pin).get_secret_value()
    amounts = f"01{tax('01')}" if scheme == "CUDS-SHA384" else f"01{tax('01')}04{tax('04')}03{tax('03')}"
    chain = "".join(texts(tree, "/*/cbc:ID | /*/cbc:IssueDate | /*/cbc:IssueTime"))
    chain += _cut(text(tree, f"{money}/cbc:LineExtensionAmount")) + amounts
    chain += _cut(text(tree, f"{money}/cbc:PayableAmount")) + company("Supplier") + company("Customer")
    chain += secret + text(tree, "/*/cbc:ProfileExecutionID")
    return hashlib.sha384(chain.encode()).hexdigest()


def _cut(amount: str) -> str:
    return f"{Decimal(amount).quantize(Decimal('0.01'), ROUND_DOWN):f}"
