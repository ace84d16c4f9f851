"""DIAN's own examples of freight and of currencies as requests: our tree is theirs, but for the differences that are
named here with their reasons."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind
from cauce.domain.time import BOGOTA
from cauce.ubl.canonical import octets
from cauce.ubl.document import build
from tests.unit.dian.builders import numbered, reference
from tests.unit.dian.oracles import parsed

FREIGHT, CURRENCIES = "Transporte de Carga.xml", "Compra o Venta de Divisas.xml"
REMESA = {"radicado": "13456", "numero": "REM0001", "flete": 250000, "cantidad": 10, "unidad": "KGM"}


def document(name: str) -> Document:
    """What an ERP would have to send for an example."""
    is_freight = name == FREIGHT
    place = {"direccion": "Cra 6 # 15 - 32", "codigo_municipio": "11001", "codigo_postal": "110111"}
    first = {"unidad": "KGM", "remesa": REMESA} if is_freight else {"unidad": "KGM"}
    said = {} if is_freight else {"factura": {"operacion": "15"}, "debida_diligencia": "01"}
    return contract.document(
        Kind.INVOICE,
        {
            "adquiriente": {
                "tipo_persona": "1",
                "tipo_documento": "31",
                "numero_documento": "900374634-9",
                "razon_social": "PRUEBAS2",
                "responsabilidad_fiscal": "O-13",
                "tributo": "01",
                "telefono": "222222222",
                "email": "lcanono@dian.gov.co",
                **place,
            },
            "lineas": [
                {
                    "codigo": "18234000-8",
                    "estandar": "001",
                    "descripcion": "Pantalones" if is_freight else "Dolares",
                    "cantidad": 10,
                    "precio": 200000,
                    "iva_pct": 19,
                    **first,
                },
                {
                    "codigo": "18234000-8",
                    "estandar": "001",
                    "descripcion": "flete" if is_freight else "Euros",
                    "cantidad": 1,
                    "unidad": "NIU",
                    "precio": 20000,
                    "excluido": True,
                },
            ],
            "pago": {"medio": "21"},
            "orden": {"numero": "0001", "fecha": "2023-06-20"},
            "envio": {"fecha": "2022-02-15", "direccion": place},
            "observaciones": "Linea de negocio:",
            **said,
        },
    )


def leaves(element: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts and attributes below an element, by their paths without positions."""
    for child in element.iterchildren("*"):
        at = f"{path}/{child.tag.rpartition('}')[2]}"
        if not len(child):
            yield at, (child.text or "").strip()
        for name, value in child.attrib.items():
            yield f"{at}/@{name}", value
        yield from leaves(child, at)


def differences(theirs: Any, ours: Any) -> set[str]:
    found: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, tree in enumerate((theirs, ours)):
        for path, said in leaves(tree):
            found[path][side].append(said)
    return {path for path, (one, other) in found.items() if one != other}


# Of whoever issued and signed the example, and not of what was sold.
_ISSUERS_OWN = ("/UBLExtensions/UBLExtension/ExtensionContent/DianExtensions", "/AccountingSupplierParty")
_NUMBERED = "the number is another, and so is the identifier"
_NO_PAPER = (
    "type 03 transcribes a paper invoice, which the example does not name; it is no part of the operation"
)
_NOTHING_PAID = "a prepayment of 0 without a number says nothing"
_LISTED = "the list of a code, which is optional"
_DIVIPOLA = "the name as DIVIPOLA writes it"
DIFFERENCES = {
    "/ID": _NUMBERED,
    "/UUID": _NUMBERED,
    "/UUID/@schemeName": _NO_PAPER,
    "/InvoiceTypeCode": _NO_PAPER,
    "/DueDate": "a cash sale has no due date; the example has two that contradict each other",
    "/PaymentMeans/PaymentDueDate": "a cash sale has no due date; the example's is before its date of issue",
    "/DocumentCurrencyCode/@listID": _LISTED,
    "/DocumentCurrencyCode/@listAgencyID": _LISTED,
    "/DocumentCurrencyCode/@listAgencyName": _LISTED,
    "/AccountingCustomerParty/Party/PhysicalLocation/Address/CityName": _DIVIPOLA,
    "/AccountingCustomerParty/Party/PartyTaxScheme/RegistrationAddress/CityName": _DIVIPOLA,
    "/AccountingCustomerParty/Party/PartyTaxScheme/TaxLevelCode/@listName": "the regime; the example's is empty",
    "/Delivery/DeliveryAddress/CityName": _DIVIPOLA,
    "/Delivery/DeliveryAddress/CountrySubentity": "the department, where the example repeats the city",
    "/PrepaidPayment/ID": _NOTHING_PAID,
    "/PrepaidPayment/PaidAmount": _NOTHING_PAID,
    "/PrepaidPayment/PaidAmount/@currencyID": _NOTHING_PAID,
    "/LegalMonetaryTotal/PrepaidAmount": _NOTHING_PAID,
    "/LegalMonetaryTotal/PrepaidAmount/@currencyID": _NOTHING_PAID,
    "/InvoiceLine/FreeOfChargeIndicator": "every line of ours says that it is not free; the example's second does not",
    "/InvoiceLine/Item/SellersItemIdentification/ID": "FAZ09: the seller's code, which the example lacks",
    "/InvoiceLine/Item/StandardItemIdentification/ID/@schemeAgencyID": "FAZ12: the agency of the standard",
    "/InvoiceLine/Item/StandardItemIdentification/ID/@schemeName": "FAZ12: the name of the standard",
    "/UBLExtensions/UBLExtension/ExtensionContent": "the place of the signature, which the example lacks",
}
_OF_CURRENCIES = {
    "/InvoiceLine/ID/@schemeID": "left over from the example of freight; its meaning here is published nowhere",
    "/InvoiceLine/Price/BaseQuantity/@unitCode": "the line's own unit, where the example has two units in one line",
}


@pytest.mark.parametrize("name, more", [(FREIGHT, {}), (CURRENCIES, _OF_CURRENCIES)])
def test_the_tree_of_an_official_example_is_ours_but_for_what_is_named(
    name: str, more: dict[str, str]
) -> None:
    issued_at = datetime(2023, 6, 20, 18, 4, 10, tzinfo=BOGOTA)
    built = build(numbered(document(name), issued_at=issued_at))
    theirs = parsed(reference("more", "fe19", name).read_bytes())

    found = differences(theirs, parsed(octets(built.before + built.after)))

    assert {path for path in found if not path.startswith(_ISSUERS_OWN)} == DIFFERENCES.keys() | more.keys()
