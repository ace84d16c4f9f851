"""The software that made a document, who makes that, and the technology provider, if there is one."""

import pytest

from cauce.representation.software import Software, credits
from cauce.ubl.signed import Maker

OWN = Software(name="Cauce")
FACTUS = Software(name="Factus", company="Halltec S.A.S.", nit="900825759", is_of_a_provider=True)
UNKNOWN = Software(name="FacEPro Cloud", company="FacEPro Cloud", is_of_a_provider=True)
CHOSEN = Software(name="Mi ERP", company="Hacedora S.A.S.", nit="900111222")


@pytest.mark.parametrize(
    ("told", "own", "adapter", "said"),
    [
        # The issuer's own software has no technology provider.
        (Maker(provider="901724254"), None, OWN, "Cauce | Emisora S.A.S., NIT 901.724.254-1 | "),
        (None, None, OWN, "Cauce | Emisora S.A.S., NIT 901.724.254-1 | "),
        # A technology provider's is made by it, if nothing else is said.
        (
            Maker(provider="900825759"),
            None,
            FACTUS,
            "Factus | Halltec S.A.S., NIT 900.825.759-7 | Halltec S.A.S., NIT 900.825.759-7",
        ),
        (
            None,
            None,
            FACTUS,
            "Factus | Halltec S.A.S., NIT 900.825.759-7 | Halltec S.A.S., NIT 900.825.759-7",
        ),
        # No name is given to a company that is not known by this NIT.
        (Maker(provider="830020470"), None, FACTUS, "Factus | NIT 830.020.470-5 | NIT 830.020.470-5"),
        (
            Maker(provider="830020470"),
            None,
            UNKNOWN,
            "FacEPro Cloud | FacEPro Cloud, NIT 830.020.470-5 | FacEPro Cloud, NIT 830.020.470-5",
        ),
        (None, None, UNKNOWN, "FacEPro Cloud | FacEPro Cloud | FacEPro Cloud"),
        # What the XML says of its maker, and what the operator says of all.
        (
            Maker(provider="900825759", software="Facturador", name="Ana Ruiz", nit="52123456-1"),
            None,
            FACTUS,
            "Facturador | Ana Ruiz, NIT 52.123.456-2 | Halltec S.A.S., NIT 900.825.759-7",
        ),
        (Maker(provider="901724254"), CHOSEN, OWN, "Mi ERP | Hacedora S.A.S., NIT 900.111.222-1 | "),
        (
            Maker(provider="900111222"),
            CHOSEN,
            OWN,
            "Mi ERP | Hacedora S.A.S., NIT 900.111.222-1 | Hacedora S.A.S., NIT 900.111.222-1",
        ),
    ],
)
def test_each_is_named_as_far_as_it_is_known(
    told: Maker | None, own: Software | None, adapter: Software, said: str
):
    found = dict(credits(told, own, adapter, "Emisora S.A.S.", "901724254"))

    names = ("Software", "Fabricante", "Proveedor tecnológico")
    assert " | ".join(found.get(name, "") for name in names) == said
