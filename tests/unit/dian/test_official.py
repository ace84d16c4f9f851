"""The facts of DIAN's own examples give the totals and identifiers that those examples have.

Where an example contradicts the annex, or was edited after it was hashed, the test says so.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.domain.issuer import Environment
from cauce.ubl.facts import NumberedDocument
from tests.unit.dian.builders import ISSUER, SOFTWARE, TECHNICAL_KEY, reference
from tests.unit.dian.official import numbered_example
from tests.unit.dian.oracles import NAMES, parsed, text, texts

TOTALS = {
    "LineExtensionAmount": "line_extension",
    "TaxExclusiveAmount": "tax_exclusive",
    "TaxInclusiveAmount": "tax_inclusive",
    "AllowanceTotalAmount": "allowance",
    "ChargeTotalAmount": "charge",
    "PrepaidAmount": "prepaid",
    "PayableAmount": "payable",
}
EXAMPLES = (
    "Consumidor Final.xml",
    "CreditNote.xml",
    "DebitNote.xml",
    "Ejemplificacion Propina.xml",
    "Ejemplificacion nota credito sin referencia a factura.xml",
    "Excluido de IVA.xml",
    "Exento de IVA.xml",
    "Generica.xml",
    "GenericaPagoAnticipado.xml",
    "Servicios.xml",
    "documento-soporte-residente.xml",
    "ejemplificacionIBUA.xml",
    "ejemplificacionICUI.xml",
)
# Of 2019: they take the prepayment off, which annex 1.9 (11.9.2) no longer does.
PREPAYMENT_TAKEN_OFF = ("GenericaPagoAnticipado.xml", "Servicios.xml")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_facts_of_the_example_give_its_totals(name: str):
    tree = _example(name)
    sums = numbered_example(tree).totals
    monetary = "cac:RequestedMonetaryTotal" if name == "DebitNote.xml" else "cac:LegalMonetaryTotal"

    for tag, attribute in TOTALS.items():
        expected = Decimal((texts(tree, f"{monetary}/cbc:{tag}") or ["0"])[0])
        if tag == "PayableAmount" and name in PREPAYMENT_TAKEN_OFF:
            expected += sums.prepaid
        assert getattr(sums, attribute) == expected, tag


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_facts_of_the_example_give_its_taxes(name: str):
    tree = _example(name)
    sums = numbered_example(tree).totals

    for group, found in (("cac:TaxTotal", sums.taxes), ("cac:WithholdingTaxTotal", sums.withholdings)):
        for tax_total in tree.xpath(group, namespaces=NAMES):
            code = texts(tax_total, ".//cac:TaxScheme/cbc:ID")[0]
            amount = Decimal(text(tax_total, "cbc:TaxAmount"))
            assert sum((tax.amount for tax in found if tax.code == code), Decimal(0)) == amount, code


@pytest.mark.parametrize(
    "name, nit, secret",
    [
        ("Consumidor Final.xml", "99998888", TECHNICAL_KEY),
        # Hashed with another NIT than the one they now print.
        ("CreditNote.xml", "900508908", SecretStr("20191")),
        ("DebitNote.xml", "900508908", SecretStr("20191")),
        ("Excluido de IVA.xml", "800197268", TECHNICAL_KEY),
        ("Exento de IVA.xml", "800197268", TECHNICAL_KEY),
        ("Generica.xml", "900508908", TECHNICAL_KEY),
        ("GenericaPagoAnticipado.xml", "900508908", TECHNICAL_KEY),
        ("Servicios.xml", "900508908", TECHNICAL_KEY),
    ],
)
def test_the_facts_of_the_example_give_its_identifier(name: str, nit: str, secret: SecretStr):
    tree = _example(name)
    found = _issued_by(nit, secret, tree)
    if found.totals.prepaid:
        # All three were hashed with the prepayment taken off; Generica.xml's total was mended afterwards.
        less = found.totals.payable - found.totals.prepaid
        vars(found)["totals"] = found.totals._replace(payable=less)

    assert found.identifier == text(tree, "cbc:UUID")
    assert found.identifier_scheme == text(tree, "cbc:UUID/@schemeName")


def test_the_support_document_was_hashed_with_its_first_subtotal_and_we_hash_its_tax():
    tree = _example("documento-soporte-residente.xml")
    found = _issued_by("800197268", SecretStr("12345"), tree)
    assert found.totals.tax_of("01") == Decimal("432530.00")
    assert found.identifier != text(tree, "cbc:UUID")

    first = tuple(tax for tax in found.totals.taxes if tax.percent == 19)
    as_hashed = _issued_by("800197268", SecretStr("12345"), tree)
    vars(as_hashed)["totals"] = found.totals._replace(taxes=first)
    assert as_hashed.identifier == text(tree, "cbc:UUID")


def _example(name: str) -> Any:
    """An example, with the bags of one of them counted as it charges them: one said, two paid."""
    xml = reference("examples", name).read_bytes()
    if name == "Consumidor Final.xml":
        xml = xml.replace(
            b'<cbc:BaseUnitMeasure unitCode="NIU">1<', b'<cbc:BaseUnitMeasure unitCode="NIU">2<'
        )
    return parsed(xml)


def _issued_by(nit: str, secret: SecretStr, tree: Any) -> NumberedDocument:
    environment = Environment(text(tree, "cbc:ProfileExecutionID"))
    return numbered_example(
        tree,
        issuer=ISSUER.model_copy(update={"nit": nit, "environment": environment}),
        software=replace(SOFTWARE, pin=secret),
        technical_key=secret,
    )
