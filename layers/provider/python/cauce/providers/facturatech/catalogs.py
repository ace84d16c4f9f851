"""Facturatech's names for kinds of document: of ranges that it reads, assigns and makes, and of what is emitted.

Source: seed 000, the ``ClaveTipoDocumento`` and ``TipoDocumento`` rows of its three operations and the
catalogue at its end. For emission, ENC_1 and ENC_9.
"""

from cauce.domain.document import Kind

RANGE_TYPES = {
    "INVOIC": "Factura",
    "INVOIC-C": "Factura de contingencia",
    "NC": "Nota de crédito",
    "ND": "Nota de debito",
    "DOCUMENTO_SOPORTE": "Documento soporte análogo",
    "NOMINA": "Nomina",
    "NOMINA_AJUSTE": "Nómina de ajuste",
    "SALUD": "Documento Salud",
    "INVOIC-C-POS": "Documento contingencia pos",
    "TITULO_VALOR": "Documento Titulo valor",
    "DSE": "Documento Soporte Electrónico",
    "DSE_AJUSTE": "Documento soporte ajuste",
    "RADIAN": "RADIAN",
}
"""What ConsultaNumeracion says that a range is for; a new range that awaits assignment has none."""

ASSIGNABLE = ("DSE", "INVOIC-C")
"""The types that ActualizarNumTipoDocumento takes: DIAN does not tell the two apart, so a person must."""

# The seed says INVOICE here, and INVOIC in its catalogue; both are listed, so that neither gets through.
NEEDS_RESOLUTION = frozenset({"INVOIC", "INVOICE", *ASSIGNABLE})
GENERATABLE = tuple(name for name in RANGE_TYPES if name not in NEEDS_RESOLUTION)
"""The types that GenerarNumeracion takes: those that need no resolution of DIAN's."""

# DOCUMENTO_SOPORTE is the analogue on paper, whose ranges are made; the electronic one is DSE, assigned.
KIND_OF_TYPE = {
    "INVOIC": Kind.INVOICE,
    "NC": Kind.CREDIT_NOTE,
    "ND": Kind.DEBIT_NOTE,
    "DSE": Kind.SUPPORT_DOCUMENT,
    "DSE_AJUSTE": Kind.ADJUSTMENT_NOTE,
}

# ENC_1 and ENC_9 of the simplified XML. An adjustment note is an NC there too, told apart by ENC_9, 95.
SHEET_TYPES = {
    Kind.INVOICE: ("INVOIC", "01"),
    Kind.CREDIT_NOTE: ("NC", "91"),
    Kind.DEBIT_NOTE: ("ND", "92"),
    Kind.SUPPORT_DOCUMENT: ("DS", "05"),
    Kind.ADJUSTMENT_NOTE: ("NC", "95"),
}

# MEP_1, GTE_1 and GTA_1: the values that Facturatech's manual lists. ZZZ is what DIAN calls «acuerdo mutuo».
PAYMENT_MEANS = frozenset({"10", "42", "47", "48", "49", "ZZZ"})
TAX_SCHEMES = {"01": "IVA", "ZZ": "No aplica"}
# Table of credit-note reasons: 5 is «otros» here, as on FacEPro's page; nothing equals annex 1.9's 6, volume.
CREDIT_REASONS = frozenset({"1", "2", "3", "4", "5"})
