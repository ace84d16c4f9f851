"""Reads the lines of a signed document of any maker, and its taxes, discounts and charges.

Each line passes here, so its children are looked at once, by name.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from cauce.domain import catalogs
from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    Consignment,
    Line,
    OtherCode,
    Principal,
    Purchase,
    ReferencePrice,
)
from cauce.domain.money import ZERO, rounded
from cauce.domain.totals import LineTotals, TaxAmount
from cauce.ubl.lines import AIU_NOTE, PART

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_UBL = "{urn:oasis:names:specification:ubl:schema:xsd:"
CAC = f"{_UBL}CommonAggregateComponents-2}}"
CBC = f"{_UBL}CommonBasicComponents-2}}"

_LINES = ("InvoiceLine", "CreditNoteLine", "DebitNoteLine")
_QUANTITIES = ("InvoicedQuantity", "CreditedQuantity", "DebitedQuantity")
_OWN_CODE = "999"
_OWN_DISCOUNT = ("", "Descuento")
"""The reasons of a discount that says nothing but that it is one."""
# Longer numbers, and smaller ones, are no amounts, and could not be rounded exactly.
_MOST_DIGITS, _MOST_DECIMALS = 16, 10

Children = dict[str, "list[Element]"]


def read(root: "Element") -> tuple[tuple[Line, ...], tuple[LineTotals, ...]]:
    """The lines, and what each adds up to. A line without a value is left out: it is none."""
    found = [
        pair for name in _LINES for line in root.iterfind(CAC + name) if (pair := _line(line)) is not None
    ]
    return tuple(line for line, _ in found), tuple(sums for _, sums in found)


def taxes(parent: "Element", name: str) -> tuple[TaxAmount, ...]:
    """The rates of the TaxTotal or WithholdingTaxTotal elements of a parent."""
    return _taxes(parent.iterfind(CAC + name))


def adjustment(entry: "Element") -> AllowanceCharge:
    """An AllowanceCharge element."""
    of = {child.tag: child.text for child in entry}
    base = of.get(CBC + "BaseAmount")
    percent = of.get(CBC + "MultiplierFactorNumeric")
    return AllowanceCharge.model_construct(
        None,
        is_charge=(of.get(CBC + "ChargeIndicator") or "").strip().lower() == "true",
        reason_code=(of.get(CBC + "AllowanceChargeReasonCode") or "").strip(),
        reason=(of.get(CBC + "AllowanceChargeReason") or "").strip(),
        amount=figure(of.get(CBC + "Amount")) or ZERO,
        base_amount=figure(base),
        percent=figure(percent),
    )


def figure(said: str | None) -> Decimal | None:
    """A number as a file writes it; ``None`` where it is none, or longer than any amount."""
    if not said:
        return None
    try:
        found = Decimal(said.strip())
    except InvalidOperation:
        return None
    if not found.is_finite() or found.adjusted() >= _MOST_DIGITS:
        return None
    exponent = found.as_tuple().exponent
    is_exact = isinstance(exponent, int) and exponent >= -_MOST_DECIMALS
    return found if is_exact else rounded(found, _MOST_DECIMALS)


def _line(element: "Element") -> tuple[Line, LineTotals] | None:
    of = _children(element)
    quantity = next((of[CBC + name][0] for name in _QUANTITIES if CBC + name in of), None)
    net, item = figure(_text(of, "LineExtensionAmount")), of.get(CAC + "Item")
    if quantity is None or net is None or item is None:
        return None
    entries = [adjustment(each) for each in of.get(CAC + "AllowanceCharge", ())]
    own = next(filter(_is_own, entries), None)
    return _said(of, quantity, _children(item[0]), entries, own), _sums(of, net, entries)


def _said(
    of: Children,
    quantity: "Element",
    item: Children,
    entries: list[AllowanceCharge],
    own: AllowanceCharge | None,
) -> Line:
    standard, code, standard_code = _codes(item)
    contract, note = _notes(of.get(CBC + "Note", ()))
    return Line.model_construct(
        None,
        code=code,
        description=_description(item),
        quantity=figure(quantity.text) or ZERO,
        unit=quantity.get("unitCode", ""),
        price=_price(of),
        discount_percent=own.percent if own else None,
        discount_amount=own.amount if own else None,
        standard=standard,
        standard_code=standard_code,
        note=note,
        reference_price=_reference_price(of),
        brand=_text(item, "BrandName") or None,
        model=_text(item, "ModelName") or None,
        principal=_principal(item),
        purchase=_purchase(of),
        aiu_contract=contract,
        period=_period(of),
        other_codes=tuple(_other_codes(item)),
        consignment=_consignment(item),
        allowance_charges=tuple(each for each in entries if each is not own),
    )


def _sums(of: Children, net: Decimal, entries: list[AllowanceCharge]) -> LineTotals:
    discount = sum([each.amount for each in entries if not each.is_charge], ZERO)
    charge = sum([each.amount for each in entries if each.is_charge], ZERO)
    return LineTotals(
        gross=net + discount - charge,
        discount=discount,
        charge=charge,
        net=net,
        taxes=_taxes(of.get(CAC + "TaxTotal", ())),
        withholdings=_taxes(of.get(CAC + "WithholdingTaxTotal", ())),
    )


def _price(of: Children) -> Decimal:
    priced = of.get(CAC + "Price")
    return (figure(priced[0].findtext(CBC + "PriceAmount")) if priced else None) or ZERO


def _is_own(entry: AllowanceCharge) -> bool:
    return not entry.is_charge and not entry.reason_code and entry.reason in _OWN_DISCOUNT


def _children(element: "Element") -> Children:
    found: Children = {}
    for child in element:
        found.setdefault(child.tag, []).append(child)
    return found


def _text(of: Children, name: str) -> str:
    found = of.get(CBC + name)
    return (found[0].text or "").strip() if found else ""


def _notes(notes: "list[Element] | tuple[()]") -> tuple[str | None, str | None]:
    """The object of an AIU contract, and what else the notes of a line say."""
    said = [text for each in notes if (text := (each.text or "").strip())]
    contract = next((each for each in said if each.startswith(AIU_NOTE)), None)
    others = "\n".join(each for each in said if each is not contract)
    return contract.removeprefix(AIU_NOTE) if contract else None, others or None


def _description(of: Children) -> str:
    """The parts of a description; what follows a full part goes on within the word."""
    found, is_cut = "", False
    for each in of.get(CBC + "Description", ()):
        said = each.text or ""
        found += said if is_cut or not found else f"\n{said.strip()}"
        is_cut = len(said) == PART
    return found.strip() or _text(of, "Name")


def _codes(of: Children) -> tuple[str, str, str | None]:
    """Scheme, code, and the standard's code where the seller's own is another."""
    scheme, standard = _identified(of, "StandardItemIdentification")
    _, own = _identified(of, "SellersItemIdentification")
    if not standard:
        return _OWN_CODE, own, None
    return (scheme, standard, None) if own in ("", standard) else (scheme, own, standard)


def _identified(of: Children, name: str) -> tuple[str, str]:
    for found in of.get(CAC + name, ()):
        number = found.find(CBC + "ID")
        if number is not None and (number.text or "").strip():
            return number.get("schemeID") or _OWN_CODE, (number.text or "").strip()
    return _OWN_CODE, ""


def _principal(of: Children) -> Principal | None:
    for found in of.get(CAC + "InformationContentProviderParty", ()):
        name = found.findtext(f"{CAC}PowerOfAttorney/{CAC}AgentParty/{CAC}PartyName/{CBC}Name")
        for number in found.iter(CBC + "ID"):
            if (number.text or "").strip():
                return Principal.model_construct(
                    identification_type=number.get("schemeName") or "",
                    identification=(number.text or "").strip(),
                    check_digit=number.get("schemeID"),
                    name=(name or "").strip() or None,
                )
    return None


def _reference_price(of: Children) -> ReferencePrice | None:
    if _text(of, "FreeOfChargeIndicator").lower() != "true":
        return None
    for found in of.get(CAC + "PricingReference", ()):
        price = found.find(f"{CAC}AlternativeConditionPrice/{CBC}PriceAmount")
        value = figure(price.text) if price is not None else None
        if value is not None:
            kind = found.findtext(f"{CAC}AlternativeConditionPrice/{CBC}PriceTypeCode") or ""
            return ReferencePrice.model_construct(amount=value, type=kind.strip())
    return None


def _purchase(of: Children) -> Purchase | None:
    for found in of.get(CAC + "InvoicePeriod", ()):
        try:
            on = date.fromisoformat((found.findtext(CBC + "StartDate") or "").strip()[:10])
        except ValueError:
            continue
        return Purchase.model_construct(on=on, form=(found.findtext(CBC + "DescriptionCode") or "").strip())
    return None


def _period(of: Children) -> BillingPeriod | None:
    for found in of.get(CAC + "InvoicePeriod", ()):
        start, end = (day(found.findtext(CBC + name)) for name in ("StartDate", "EndDate"))
        if start and end:
            return BillingPeriod.model_construct(start=start, end=end)
    return None


def day(said: str | None) -> date | None:
    try:
        return date.fromisoformat((said or "").strip()[:10])
    except ValueError:
        return None


def _other_codes(of: Children) -> Iterator[OtherCode]:
    for found in of.get(CAC + "AdditionalItemIdentification", ()):
        number = found.find(CBC + "ID")
        if number is not None and (number.text or "").strip():
            scheme = number.get("schemeName") or number.get("schemeID") or ""
            yield OtherCode.model_construct(scheme=scheme, code=(number.text or "").strip())


def _consignment(of: Children) -> Consignment | None:
    said: dict[str, str] = {}
    quantity, unit = ZERO, ""
    for found in of.get(CAC + "AdditionalItemProperty", ()):
        name = (found.findtext(CBC + "Name") or "").strip()
        said[name] = (found.findtext(CBC + "Value") or "").strip()
        carried = found.find(CBC + "ValueQuantity")
        if carried is not None:
            quantity, unit = figure(carried.text) or ZERO, carried.get("unitCode") or ""
    freight = figure(said.get("03"))
    if freight is None or "01" not in said:
        return None
    return Consignment.model_construct(
        filing=said["01"], number=said.get("02", ""), freight=int(freight), quantity=quantity, unit=unit
    )


def _taxes(totals: "Iterator[Element] | list[Element] | tuple[()]") -> tuple[TaxAmount, ...]:
    """One entry for each rate; those of which nothing is owed on nothing, which some makers write, are left out."""
    found = (_tax(subtotal) for total in totals for subtotal in total.iterchildren(CAC + "TaxSubtotal"))
    return tuple(tax for tax in found if tax.amount or tax.base)


def _tax(subtotal: "Element") -> TaxAmount:
    of = {child.tag: child for child in subtotal}
    code, name, percent = _category(of.get(CAC + "TaxCategory"))
    base = figure(_of(of, "TaxableAmount")) or ZERO
    owed = figure(_of(of, "TaxAmount")) or ZERO
    each = figure(_of(of, "PerUnitAmount"))
    if percent is not None and (percent or not each):  # of a tax by unit some makers write 0.00
        return TaxAmount(code, percent, name, None, None, base, owed)
    units = of.get(CBC + "BaseUnitMeasure")
    unit = units.get("unitCode") if units is not None else None
    return TaxAmount(code, None, name, each, unit, base, owed, figure(_of(of, "BaseUnitMeasure")))


def _category(category: "Element | None") -> tuple[str, str | None, Decimal | None]:
    """A tax's code, its name where the code does not say which tax it is, and its percentage."""
    if category is None:
        return "", None, None
    code = (category.findtext(f"{CAC}TaxScheme/{CBC}ID") or "").strip()
    name = None
    if code not in _NAMED:
        name = (category.findtext(f"{CAC}TaxScheme/{CBC}Name") or "").strip()
    return code, name, figure(category.findtext(CBC + "Percent"))


def _of(children: "dict[str, Element]", name: str) -> str | None:
    found = children.get(CBC + name)
    return found.text if found is not None else None


_NAMED = {*catalogs.TAXES, *catalogs.WITHHOLDINGS} - {"ZZ"}
"""The codes that say by themselves which tax it is."""
