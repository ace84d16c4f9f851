"""The sums of an XML_SIMPLIFICADO, recomputed from its own numbers. An amount may differ by half a cent."""

from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element

_HALF_CENT = Decimal("0.005")
ZERO = Decimal(0)


def problems(root: Element) -> list[str]:
    return [*_lines(root), *_totals(root), *_taxes(root)]


def _lines(root: Element) -> Iterator[str]:
    for item in root.findall("ITE"):
        line = item.findtext("ITE_1")
        quantity, price, net = (_amount(item, f"ITE_{number}") for number in (27, 7, 5))
        if _amount(item, "ITE_3") != quantity or item.findtext("ITE_4") != item.findtext("ITE_28"):
            yield f"ITE_3 e ITE_27 no coinciden en la línea {line}"
        discounts = sum((_amount(entry, "IDE_2") for entry in item.findall("IDE")), ZERO)
        for entry in item.findall("IDE"):
            if abs(_amount(entry, "IDE_7") - quantity * price) > _HALF_CENT:
                yield f"IDE_7 no es el valor de la línea {line}"
            exact = _amount(entry, "IDE_7") * _amount(entry, "IDE_6") / 100
            # The percentage has as few as four decimals, so on a large amount the product is only approximate.
            if abs(_amount(entry, "IDE_2") - exact) > _HALF_CENT + _amount(entry, "IDE_7") / 2_000_000:
                yield f"IDE_6 no da el descuento de la línea {line}"
        if abs(net - (quantity * price - discounts)) > _HALF_CENT:
            yield f"ITE_5 no es ITE_27 por ITE_7 menos IDE en la línea {line}"
        taxes = sum((_amount(tax, "TII_1") for tax in item.findall("TII[TII_3='false']")), ZERO)
        if item.findtext("ITE_19") is not None:
            if _amount(item, "ITE_19") != net:
                yield f"ITE_19 no es ITE_5 en la línea {line}"
            if _amount(item, "ITE_21") != net + taxes:
                yield f"ITE_21 no es el total de la línea {line}"
        for total in item.findall("TII"):
            if _amount(total, "TII_1") != sum((_amount(tax, "IIM_2") for tax in total.findall("IIM")), ZERO):
                yield f"TII_1 no es la suma de IIM_2 en la línea {line}"
        for tax in item.iter("IIM"):
            exact = _amount(tax, "IIM_4") * _amount(tax, "IIM_6") / 100
            if abs(_amount(tax, "IIM_2") - exact) > _HALF_CENT:
                yield f"IIM_2 no es IIM_6 % de IIM_4 en la línea {line}"


def _totals(root: Element) -> Iterator[str]:
    items = root.findall("ITE")
    net = sum((_amount(item, "ITE_5") for item in items), ZERO)
    if _amount(root, "TOT/TOT_1") != net:
        yield "TOT_1 no es la suma de ITE_5"
    first = [item.find("TII[TII_3='false']/IIM") for item in items]
    if _amount(root, "TOT/TOT_3") != sum((_amount(tax, "IIM_4") for tax in first if tax is not None), ZERO):
        yield "TOT_3 no es la suma de IIM_4"
    taxes = sum((_amount(total, "TIM_2") for total in root.findall("TIM[TIM_1='false']")), ZERO)
    if _amount(root, "TOT/TOT_7") != net + taxes:
        yield "TOT_7 no es TOT_1 más impuestos"
    if _amount(root, "TOT/TOT_5") != _amount(root, "TOT/TOT_7"):
        yield "TOT_5 no es TOT_7"


def _taxes(root: Element) -> Iterator[str]:
    """Each code and rate stands once in TIM, with the sum of the lines' base and tax."""
    for flag in ("false", "true"):
        of_lines: dict[tuple[str, Decimal], list[Decimal]] = {}
        for tax in root.iterfind(f"ITE/TII[TII_3='{flag}']/IIM"):
            sums = of_lines.setdefault((tax.findtext("IIM_1") or "", _amount(tax, "IIM_6")), [ZERO, ZERO])
            sums[0] += _amount(tax, "IIM_4")
            sums[1] += _amount(tax, "IIM_2")
        stated: dict[tuple[str, Decimal], list[Decimal]] = {}
        for total in root.findall(f"TIM[TIM_1='{flag}']"):
            entries = total.findall("IMP")
            if len({entry.findtext("IMP_1") for entry in entries}) != 1:
                yield "TIM mezcla impuestos"
            if _amount(total, "TIM_2") != sum((_amount(entry, "IMP_4") for entry in entries), ZERO):
                yield "TIM_2 no es la suma de IMP_4"
            for entry in entries:
                key = (entry.findtext("IMP_1") or "", _amount(entry, "IMP_6"))
                if key in stated:
                    yield "IMP repite una tarifa"
                stated[key] = [_amount(entry, "IMP_2"), _amount(entry, "IMP_4")]
        if stated != of_lines:
            yield "TIM no es la suma de los impuestos de los ítems"


def _amount(element: Element, path: str) -> Decimal:
    return Decimal(element.findtext(path) or "0")
