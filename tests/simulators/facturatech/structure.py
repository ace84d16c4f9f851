"""The blocks of an XML_SIMPLIFICADO, their order and their fields. Strict where the manual is."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

ORDERS = {
    "FACTURA": "ENC EMI ADQ TOT TIM* TDC? DRF MEP ITE+",
    "NOTA": "ENC EMI ADQ TOT TIM* DRF REF MEP CDN ITE+",
    "DOCUMENTO_SOPORTE": "ENC PRO ADQ TOT TIM* DRF CDN? REF? MEP ITE+",
}
INNER = {
    "EMI": "TAC DFE ICC CDE? GTE",
    "PRO": "TAC GTE",
    "ADQ": "TCR ILA? DFA? ICR? CDA? GTA",
    "TIM": "IMP+",
    "CDN": "DCN?",
    "ITE": "IAE IBS? IDE* TII*",
    "TII": "IIM*",
}
_ADDRESS = "10 11 13 14 15 19 21 22 23"
FIELDS = {
    "ENC": "1 2 3 4 5 6 7 8 9 10 15 16 20 21",
    "EMI": f"1 2 3 6 7 24 {_ADDRESS}",
    "PRO": f"1 2 3 6 7 {_ADDRESS}",
    "ADQ": f"1 2 3 6 7 {_ADDRESS}",
    "TAC": "1",
    "DFE": "1 2 3 4 5 6 7 8",
    "ICC": "1 9",
    "CDE": "2 3 4",
    "GTE": "1 2",
    "TCR": "1",
    "ILA": "1 2 3 4",
    "CDA": "2 3 4",
    "GTA": "1 2",
    "TOT": "1 2 3 4 5 6 7 8",
    "TIM": "1 2 3",
    "IMP": "1 2 3 4 5 6",
    "DRF": "1 2 3 4 5 6",
    "REF": "1 2 3 4 5",
    "MEP": "1 2 3",
    "CDN": "1 2",
    "DCN": "1",
    "ITE": "1 3 4 5 6 7 8 11 19 20 21 22 27 28",
    "IAE": "1 2",
    "IBS": "1 2 3",
    "IDE": "1 2 3 4 5 6 7 8 9 10",
    "TII": "1 2 3",
    "IIM": "1 2 3 4 5 6",
}
_AMOUNTS = {
    "TOT": "1 3 5 7",
    "TIM": "2",
    "IMP": "2 4 6",
    "ITE": "3 5 7 19 21 27",
    "IDE": "2 6 7",
    "TII": "1",
    "IIM": "2 4 6",
}
_REQUIRED = {
    "ENC": "1 2 4 5 6 7 8 9 10 15 20 21",
    "EMI": "1 2 3 6 10 11 13 15 19 22 23",
    "PRO": "1 2 3 6",
    "ADQ": "1 2 3 6",
    "TAC": "1",
    "TCR": "1",
    "DFE": "1 2 3 4 5 6 7 8",
    "GTE": "1 2",
    "GTA": "1 2",
    "TOT": "1 2 3 4 5 6 7 8",
    "TIM": "1 2 3",
    "IMP": "1 2 3 4 5 6",
    "DRF": "4 5 6",
    "REF": "1 2 3 4 5",
    "MEP": "1 2",
    "CDN": "1 2",
    "DCN": "1",
    "ITE": "1 3 4 5 6 7 8 11 27 28",
    "IAE": "1 2",
    "IBS": "1 2 3",
    "IDE": "1 2 3 6 7 8",
    "TII": "1 2 3",
    "IIM": "1 2 3 4 5 6",
}
_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


def problems(root: Element) -> list[str]:
    """Everything that is wrong with a document: each field, and what is wrong with it."""
    if root.tag not in ORDERS:
        return [f"{root.tag} no es un documento"]
    found = list(_blocks(root, ORDERS[root.tag]))
    return found or [*_header(root), *_parties(root), *_notes(root), *_lines(root)]


def text(root: Element, block: str, number: int) -> str:
    return root.findtext(f"{block}/{block}_{number}") or ""


def _blocks(element: Element, order: str) -> Iterator[str]:
    names = [child.tag for child in element if "_" not in child.tag]
    pattern = "".join(_expected(part) for part in order.split())
    if not re.fullmatch(pattern, "".join(f"{name} " for name in names)):
        yield f"Elementos esperados en {element.tag}: {order}; inesperados: {' '.join(names)}"
    for child in element:
        if child.tag in FIELDS:
            yield from _fields(child)
            yield from _blocks(child, INNER.get(child.tag, ""))


def _expected(part: str) -> str:
    name, mark = (part[:-1], part[-1]) if part[-1] in "*+?" else (part, "")
    return f"(?:{name} ){mark}"


def _fields(element: Element) -> Iterator[str]:
    block = element.tag
    written = [child.tag for child in element if "_" in child.tag]
    known = {f"{block}_{number}" for number in FIELDS[block].split()}
    for name in written:
        if name not in known:
            yield f"{name} inesperado"
    if len(set(written)) != len(written):
        yield f"{block} repite elementos"
    for number in _REQUIRED.get(block, "").split():
        if not element.findtext(f"{block}_{number}"):
            yield f"{block}_{number} no informado"
    for number in _AMOUNTS.get(block, "").split():
        value = element.findtext(f"{block}_{number}")
        if value is not None and not re.fullmatch(r"\d{1,15}\.\d{2,6}", value):
            yield f"{block}_{number} no es un valor"


def _header(root: Element) -> Iterator[str]:
    kinds = {
        "FACTURA": {("INVOIC", "01")},
        "NOTA": {("NC", "91"), ("ND", "92")},
        "DOCUMENTO_SOPORTE": {("DS", "05"), ("NC", "95")},
    }[root.tag]
    code = text(root, "ENC", 9)
    if (text(root, "ENC", 1), code) not in kinds:
        yield "ENC_1 y ENC_9 no corresponden"
    if (text(root, "ENC", 4), text(root, "ENC", 5)) != ("UBL 2.1", "DIAN 2.1"):
        yield "ENC_4 o ENC_5 inválido"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text(root, "ENC", 7)):
        yield "ENC_7 inválido"
    if not re.fullmatch(r"\d\d:\d\d:\d\d-05:00", text(root, "ENC", 8)):
        yield "ENC_8 inválido"
    if text(root, "ENC", 20) not in ("1", "2"):
        yield "ENC_20 inválido"
    operations = {
        "01": ("10",),
        "91": ("20", "22"),
        "92": ("30", "32"),
        "05": ("10", "11"),
        "95": ("10", "11"),
    }
    if text(root, "ENC", 21) not in operations.get(code, ()):
        yield "ENC_21 inválido"
    has_buyer = bool(text(root, "ENC", 3))
    if has_buyer == (root.tag == "DOCUMENTO_SOPORTE"):
        yield "ENC_3 inválido"
    if text(root, "ENC", 15) != str(len(root.findall("ITE"))):
        yield "ENC_15 no coincide con el número de ítems"


def _parties(root: Element) -> Iterator[str]:
    for block in ("EMI", "PRO", "ADQ"):
        party = root.find(block)
        if party is None:
            continue
        if text(root, block, 1) not in ("1", "2"):
            yield f"{block}_1 inválido"
        if text(root, block, 3) == "31" and text(root, block, 22) != _digit(text(root, block, 2)):
            yield f"{block}_22 no es el dígito de verificación"
        if block != "PRO" and text(root, block, 10):
            for number in (11, 13, 14, 15, 19, 21, 23):
                if not text(root, block, number):
                    yield f"{block}_{number} no informado"
        inner = "TCR" if block == "ADQ" else "TAC"
        for code in (party.findtext(f"{inner}/{inner}_1") or "").split(";"):
            if code not in ("O-13", "O-15", "O-23", "O-47", "R-99-PN"):
                yield f"{inner}_1 inválido"
    if root.find("PRO") is not None and text(root, "ENC", 21) == "10":
        for number in (10, 11, 13, 19, 23):
            if not text(root, "PRO", number):
                yield f"PRO_{number} no informado"


def _notes(root: Element) -> Iterator[str]:
    code, operation = text(root, "ENC", 9), text(root, "ENC", 21)
    if code == "91" and (operation == "20") != (text(root, "CDN", 1) == "2"):
        yield "Si ENC_21=20 entonces CDN_1=2"
    if code in ("91", "95") and text(root, "CDN", 2 if code == "95" else 1) not in ("1", "2", "3", "4", "5"):
        yield "CDN inválido"
    if code == "95" and root.find("CDN/DCN") is None:
        yield "DCN_1 no informado"
    if code in ("91", "92", "95"):
        scheme = "CUDS-SHA384" if code == "95" else "CUFE-SHA384"
        if text(root, "REF", 5) != scheme or not re.fullmatch(r"[0-9a-f]{96}", text(root, "REF", 4)):
            yield "REF_4 inválido"
    if text(root, "MEP", 2) == "2" and not text(root, "MEP", 3):
        yield "MEP_3 no informado"
    if text(root, "MEP", 1) not in ("10", "42", "47", "48", "49", "ZZZ"):
        yield "MEP_1 inválido"


def _lines(root: Element) -> Iterator[str]:
    code = text(root, "ENC", 9)
    for number, item in enumerate(root.findall("ITE"), start=1):
        if item.findtext("ITE_1") != str(number):
            yield "ITE_1 no es consecutivo"
        if (item.findtext("ITE_19") is None) == (root.tag != "DOCUMENTO_SOPORTE"):
            yield "ITE_19 inválido"
        if (item.find("IBS") is None) == (code == "05"):
            yield "IBS es del documento soporte, y solo de él"
        if item.findtext("IAE/IAE_2") not in ("999", "001", "010", "020"):
            yield "IAE_2 inválido"
        if code != "01" and code != "05" and item.find("TII[TII_3='true']") is not None:
            yield "TII_3 inválido: una nota no lleva retenciones"
        if root.tag == "DOCUMENTO_SOPORTE" and any(
            tax.findtext("IIM_1") not in ("01", "05", "06") for tax in item.iter("IIM")
        ):
            yield "Regla: DSAY13, Rechazo: impuesto no permitido"


def _digit(nit: str) -> str:
    if not nit.isdigit():
        return ""
    total = sum(int(digit) * weight for digit, weight in zip(reversed(nit), _WEIGHTS, strict=False)) % 11
    return str(total if total < 2 else 11 - total)
