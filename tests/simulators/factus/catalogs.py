"""Factus's small tables: v1 has internal ids, v2 DIAN codes; here both are read as codes.

Source: reference tables of the documentation, v1 and v2 (long lists: `listed`, `municipalities`).
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """One family of documents: its path segment and the names of its parts."""

    path: str
    wrapper: str  # v1 wraps the document in this key
    uuid: str
    file_prefix: str
    noun: str
    range_types: tuple[str, ...]
    mail_code: str
    conflict: str
    dv_rule: str
    v1_show: str
    v1_delete: str
    v2_delete: str


BILLS = Kind(
    "bills", "bill", "cufe", "fv", "Factura", ("21", "30"), "01",
    "Se encontró una factura pendiente por enviar a la DIAN",
    "FAK24", "show/{number}", "destroy/reference/{reference}", "destroy/reference/{reference}",
)  # fmt: skip
CREDIT_NOTES = Kind(
    "credit-notes", "credit_note", "cude", "nc", "Nota crédito", ("22",), "91",
    "Se encontró una nota crédito pendiente por enviar a la DIAN",
    "CAK24", "{number}", "reference/{reference}", "reference/{reference}",
)  # fmt: skip
DEBIT_NOTES = Kind(
    "debit-notes", "debit_note", "cude", "nd", "Nota débito", ("23",), "92",
    "Se encontró una nota débito pendiente por enviar a la DIAN",
    "DAK24", "{number}", "reference/{reference}", "reference/{reference}",
)  # fmt: skip
SUPPORT_DOCUMENTS = Kind(
    "support-documents", "support_document", "cuds", "ds", "Documento soporte", ("24",), "05",
    "Se encontró un documento soporte por enviar a la DIAN",
    "DSAJ24", "show/{number}", "reference/{reference}", "reference/{reference}",
)  # fmt: skip
ADJUSTMENT_NOTES = Kind(
    "adjustment-notes", "adjustment_note", "cuds", "nas", "Nota de ajuste", ("25",), "95",
    "Se encontró una nota de ajuste pendiente por enviar a la DIAN",
    "NSAJ24", "{number}", "reference/{reference}", "reference/{reference}",
)  # fmt: skip
KINDS = (BILLS, CREDIT_NOTES, DEBIT_NOTES, SUPPORT_DOCUMENTS, ADJUSTMENT_NOTES)

IDENTITY_CODE_BY_ID = {
    1: "11", 2: "12", 3: "13", 4: "21", 5: "22", 6: "31", 7: "41", 8: "42", 9: "47", 10: "50", 11: "91",
}  # fmt: skip
IDENTITY_ID_BY_CODE = {code: number for number, code in IDENTITY_CODE_BY_ID.items()}
IDENTITY_NAMES = {
    "11": "Registro civil",
    "12": "Tarjeta de identidad",
    "13": "Cédula ciudadanía",
    "21": "Tarjeta de extranjería",
    "22": "Cédula de extranjería",
    "31": "NIT",
    "41": "Pasaporte",
    "42": "Documento de identificación extranjero",
    "47": "PEP",
    "48": "PPT (Permiso Protección Temporal)",
    "50": "NIT otro país",
    "91": "NUIP",
}
# This table has no cédula for the supplier of a support document: a natural person is sent as NIT.
SUPPLIER_IDENTITY_CODES = frozenset({"21", "22", "31", "41", "42", "47", "50"})
SUPPLIER_IDENTITY_IDS = frozenset({4, 5, 6, 7, 8, 9, 10})

ORGANIZATION_NAMES = {"1": "Persona Jurídica", "2": "Persona Natural"}
CUSTOMER_TRIBUTE_ID_BY_CODE = {"01": 18, "ZZ": 21}
CUSTOMER_TRIBUTE_NAMES = {"01": "IVA", "ZZ": "No aplica"}
RESPONSIBILITIES = frozenset({"O-13", "O-15", "O-23", "O-47", "R-99-PN"})

STANDARD_CODE_BY_ID = {1: "999", 2: "001", 3: "020", 4: "010"}
STANDARD_ID_BY_CODE = {code: number for number, code in STANDARD_CODE_BY_ID.items()}
STANDARD_NAMES = {
    "999": "Estándar de adopción del contribuyente",
    "001": "UNSPSC",
    "020": "Partida Arancelaria",
    "010": "GTIN",
}

PAYMENT_FORM_NAMES = {"1": "Pago de contado", "2": "Pago a crédito"}
PAYMENT_METHOD_NAMES = {
    "10": "Efectivo",
    "42": "Consignación",
    "20": "Cheque",
    "47": "Transferencia",
    "71": "Bonos",
    "72": "Vales",
    "1": "Medio de pago no definido",
    "49": "Tarjeta Débito",
    "48": "Tarjeta Crédito",
    "ZZZ": "Otro",
}

DOCUMENT_NAMES = {
    "01": "Factura electrónica de Venta",
    "03": "Instrumento electrónico de transmisión - tipo 03",
}
OPERATION_NAMES = {
    "10": "Estándar",
    "11": "Mandatos",
    "12": "Transporte",
    "SS-CUFE": "Sector Salud - CUFE",
    "SS-Reporte": "Sector Salud - Reporte",
    "SS-SinAporte": "Sector Salud - Sin Aporte",
    "SS-Recaudo": "Sector Salud - Recaudo de cuotas moderadoras o copagos",
}
V1_OPERATIONS = frozenset({"10", "11", "12"})
HEALTH_OPERATIONS = frozenset({"SS-CUFE", "SS-Reporte", "SS-SinAporte"})
SCHEME_NAMES = {"0": "Ingreso propio", "1": "Ingresos recibidos para terceros"}

CUSTOMIZATION_NAMES = {
    "20": "Nota Crédito que referencia una factura electrónica.",
    "22": "Nota Crédito sin referencia a una factura electrónica.",
    "30": "Nota Débito que referencia una factura electrónica.",
    "32": "Nota Débito sin referencia a una factura electrónica.",
}
CREDIT_CORRECTIONS = {
    "1": "Devolución parcial de los bienes y/o no aceptación parcial del servicio",
    "2": "Anulación de factura electrónica",
    "3": "Rebaja o descuento parcial o total",
    "4": "Ajuste de precio",
    "5": "Descuento comercial por pronto pago",
    "6": "Descuento comercial por volumen de ventas",
}
DEBIT_CORRECTIONS = {"1": "Intereses", "2": "Gastos por cobrar", "3": "Cambio del valor", "4": "Otros"}
ADJUSTMENT_CORRECTIONS = {
    "1": "Devolución parcial de los bienes y/o no aceptación parcial del servicio",
    "2": "Anulación del documento soporte",
    "3": "Rebaja o descuento parcial o total",
    "4": "Ajuste de precio",
    "5": "Otros",
}

SURCHARGE_CONCEPTS = {"03": "Recargo Condicionado"}  # 00, 01 and 02 are announced, not available
HEALTH_IDENTITIES = frozenset(
    {"CC", "CE", "CD", "PA", "SC", "PE", "RC", "TI", "CN", "AS", "MS", "DE", "SI", "PT"}
)
HEALTH_COVERAGES = frozenset(f"{number:02}" for number in range(1, 18))
HEALTH_PAYMENTS = frozenset(f"{number:02}" for number in range(1, 13))
PREPAYMENT_CONCEPTS = frozenset({"01", "02", "03", "04", "05"})


class Tribute(NamedTuple):
    id: int
    code: str
    name: str
    description: str


# The documentation lists code 24 twice.
TRIBUTES = (
    Tribute(1, "01", "IVA", "Impuesto sobre la Ventas"),
    Tribute(2, "02", "IC", "Impuesto al Consumo Departamental Nominal"),
    Tribute(3, "03", "ICA", "Impuesto de Industria, Comercio y Aviso"),
    Tribute(4, "04", "INC", "Impuesto Nacional al Consumo"),
    Tribute(5, "05", "ReteIVA", "Retención sobre el IVA"),
    Tribute(6, "06", "ReteRenta", "Retención sobre renta"),
    Tribute(7, "07", "ReteICA", "Retención sobre el ICA"),
    Tribute(8, "08", "IC Porcentual", "Impuesto al Consumo Departamental Porcentual"),
    Tribute(9, "20", "FtoHorticultura", "Cuota de Fomento Hortifrutícula"),
    Tribute(10, "21", "Timbre", "Impuesto de Timbre"),
    Tribute(11, "22", "INC Bolsas", "Impuesto Nacional al Consumo de Bolsa Plástica"),
    Tribute(12, "23", "INCarbono", "Impuesto Nacional del Carbono"),
    Tribute(13, "24", "INCarbono", "Impuesto Nacional del Carbono"),
    Tribute(14, "24", "INCombustibles", "Impuesto Nacional a los Combustibles"),
    Tribute(15, "25", "Sobretasa Combustibles", "Sobretasa a los combustibles"),
    Tribute(16, "26", "Sordicom", "Contribución minoristas (Combustibles)"),
    Tribute(17, "30", "IC Datos", "Impuesto al Consumo de Datos"),
)
TRIBUTE_BY_ID = {row.id: row for row in TRIBUTES}
WITHHOLDING_CODES = frozenset({"05", "06", "07"})
V2_WITHHOLDING_CODES = frozenset({"05", "06"})
V2_TAX_CODES = frozenset({"01", "04", "35"})
TRIBUTE_NAMES = {row.code: row.name for row in reversed(TRIBUTES)} | {"35": "ICUI"}

RANGE_TYPE_NAMES = {
    "21": "Factura de Venta",
    "22": "Nota Crédito",
    "23": "Nota Débito",
    "24": "Documento Soporte",
    "25": "Nota de Ajuste Documento Soporte",
    "30": "Factura de talonario o de papel",
}
RANGE_TYPES_WITH_RESOLUTION = frozenset({"21", "24", "30"})

EVENT_NAMES = {
    "030": "Acuse de recibo de Factura Electrónica de Venta",
    "031": "Reclamo de la Factura Electrónica de Venta",
    "032": "Recibo del bien y/o prestación del servicio",
    "033": "Aceptación expresa",
    "034": "Aceptación tácita",
}
CLAIM_CONCEPTS = {
    "01": "Documento con inconsistencias",
    "02": "Mercancía no entregada totalmente",
    "03": "Mercancía no entregada parcialmente",
    "04": "Servicio no prestado",
}


def check_digit(nit: str) -> str | None:
    """DIAN's modulo-11 check digit; None if `nit` is not only digits."""
    if not nit.isascii() or not nit.isdigit() or len(nit) > 15:
        return None
    weights = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(nit), weights, strict=False)) % 11
    return str(rest if rest < 2 else 11 - rest)
