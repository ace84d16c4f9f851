"""The downloads of a signed document: its UUID, its AttachedDocument, its PDF."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element

from tests.simulators import ubl
from tests.simulators.facturatech.account import Stored
from tests.simulators.facturatech.structure import text

_MAKER = "901555001"
"""NIT of the company behind Facturatech: made up."""
_ROOTS = {"01": "Invoice", "05": "Invoice", "91": "CreditNote", "95": "CreditNote", "92": "DebitNote"}


def facts(root: Element) -> dict[str, str]:
    """The facts that identify the document in a simplified XML."""
    party = "PRO" if root.tag == "DOCUMENTO_SOPORTE" else "ADQ"
    return {
        "type": text(root, "ENC", 9),
        "number": text(root, "ENC", 6),
        "issued": text(root, "ENC", 7),
        "time": text(root, "ENC", 8),
        "issuer": text(root, "ENC", 2),
        "party": text(root, party, 2),
        "total": text(root, "TOT", 5),
    }


def uuid(fields: dict[str, str]) -> str:
    """96 hexadecimal digits made of the facts. Not DIAN's formula, which needs a key that is not among them."""
    return hashlib.sha384("|".join(f"{name}={value}" for name, value in fields.items()).encode()).hexdigest()


def attached(stored: Stored) -> bytes:
    """The AttachedDocument, with the signed document as text inside."""
    inner = document(stored)
    issued_at = datetime.fromisoformat(f"{stored.fields['issued']}T{stored.fields['time'][:8]}")
    return ubl.attached(stored.number, inner, issued_at + timedelta(seconds=ubl.VALIDATED_AFTER))


def document(stored: Stored) -> bytes:
    """The document as Facturatech's software writes it, from the XML_SIMPLIFICADO that it was sent."""
    sent, fields = stored.root, stored.fields
    is_bought = fields["type"] in ("05", "95")
    root = _ROOTS[fields["type"]]
    return ubl.document(
        ubl.Document(
            root=root,
            type_code=fields["type"],
            number=fields["number"],
            uuid=stored.uuid,
            scheme="CUDS" if is_bought else "CUFE" if fields["type"] == "01" else "CUDE",
            issued_at=datetime.fromisoformat(f"{fields['issued']}T{fields['time'][:8]}"),
            seller=_party(sent, *(("PRO", fields["party"]) if is_bought else ("EMI", fields["issuer"]))),
            buyer=_party(sent, "ADQ", fields["issuer" if is_bought else "party"]),
            lines=tuple(_line(item) for item in sent.findall("ITE")),
            payable=Decimal(fields["total"]),
            maker=_MAKER,
            form=text(sent, "MEP", 2) or "1",
            means=text(sent, "MEP", 1) or "10",
            due=text(sent, "MEP", 3),
            prefix=text(sent, "DRF", 4),
            resolution=text(sent, "DRF", 1) if root == "Invoice" else "",
            delivered_at="Bodega 3, Fontibón",
            corrected=_corrected(sent),
            reason=_reason(sent),
        )
    )


def pdf(stored: Stored) -> bytes:
    return b"%PDF-1.4\n% " + stored.number.encode() + b"\n%%EOF\n"


def _party(sent: Element, block: str, identification: str) -> ubl.Party:
    return ubl.Party(
        identification=identification,
        digit=text(sent, block, 22),
        kind=text(sent, block, 3),
        name=text(sent, block, 6),
        person=text(sent, block, 1),
        responsibilities=sent.findtext(f"{block}/TAC/TAC_1")
        or sent.findtext(f"{block}/TCR/TCR_1")
        or "R-99-PN",
        address=text(sent, block, 10),
        town=text(sent, block, 23),
    )


def _corrected(sent: Element) -> tuple[str, str, str] | None:
    number = text(sent, "REF", 2)
    return (number, text(sent, "REF", 4), text(sent, "REF", 3)) if number else None


def _reason(sent: Element) -> tuple[str, str]:
    """Its code and its text; in an adjustment note the first place is the section's, and the text has its own block."""
    own = sent.findtext("CDN/DCN/DCN_1")
    return (text(sent, "CDN", 2), own) if own else (text(sent, "CDN", 1), text(sent, "CDN", 2))


def _line(item: Element) -> ubl.Line:
    taxes = item.iterfind("TII[TII_3='false']/IIM")
    return ubl.Line(
        code=item.findtext("IAE/IAE_1") or "",
        description=item.findtext("ITE_11") or "",
        quantity=Decimal(item.findtext("ITE_27") or "0"),
        unit=item.findtext("ITE_28") or "94",
        price=Decimal(item.findtext("ITE_7") or "0"),
        net=Decimal(item.findtext("ITE_5") or "0"),
        discount=sum((Decimal(entry.findtext("IDE_2") or "0") for entry in item.findall("IDE")), Decimal(0)),
        taxes=tuple(
            ubl.Tax(
                code=tax.findtext("IIM_1") or "",
                name="IVA",
                percent=Decimal(tax.findtext("IIM_6") or "0"),
                base=Decimal(tax.findtext("IIM_4") or "0"),
                amount=Decimal(tax.findtext("IIM_2") or "0"),
            )
            for tax in taxes
        ),
    )
