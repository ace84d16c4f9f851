"""Facturatech's names for kinds of document, in three lists: of ranges read, of ranges assigned, of ranges made.

Source: seed 000, the ``ClaveTipoDocumento`` and ``TipoDocumento`` rows of its three operations and the
catalogue at its end. For emission, ENC_1 and ENC_9.
"""

from enum import StrEnum

from cauce.domain.document import Kind


class ReadType(StrEnum):
    """What ConsultaNumeracion says that a range is for; a new range that awaits assignment has none."""

    INVOIC = "INVOIC"
    INVOIC_C = "INVOIC-C"
    NC = "NC"
    ND = "ND"
    DOCUMENTO_SOPORTE = "DOCUMENTO_SOPORTE"
    NOMINA = "NOMINA"
    NOMINA_AJUSTE = "NOMINA_AJUSTE"
    SALUD = "SALUD"
    INVOIC_C_POS = "INVOIC-C-POS"
    TITULO_VALOR = "TITULO_VALOR"
    DSE = "DSE"
    DSE_AJUSTE = "DSE_AJUSTE"
    RADIAN = "RADIAN"


class AssignableType(StrEnum):
    """The types that ActualizarNumTipoDocumento takes: DIAN does not tell the two apart, so a person must."""

    DSE = "DSE"
    INVOIC_C = "INVOIC-C"


class GeneratableType(StrEnum):
    """The types that GenerarNumeracion takes: those that need no resolution of DIAN's."""

    NC = "NC"
    ND = "ND"
    DOCUMENTO_SOPORTE = "DOCUMENTO_SOPORTE"
    NOMINA = "NOMINA"
    NOMINA_AJUSTE = "NOMINA_AJUSTE"
    SALUD = "SALUD"
    INVOIC_C_POS = "INVOIC-C-POS"
    TITULO_VALOR = "TITULO_VALOR"
    DSE_AJUSTE = "DSE_AJUSTE"
    RADIAN = "RADIAN"


# The seed says INVOICE here, and INVOIC in its catalogue; both are listed, so that neither gets through.
NEEDS_RESOLUTION = frozenset({"INVOIC", "INVOICE", "INVOIC-C", "DSE"})

DESCRIPTIONS = {
    ReadType.INVOIC: "Factura",
    ReadType.INVOIC_C: "Factura de contingencia",
    ReadType.NC: "Nota de crédito",
    ReadType.ND: "Nota de debito",
    ReadType.DOCUMENTO_SOPORTE: "Documento soporte análogo",
    ReadType.NOMINA: "Nomina",
    ReadType.NOMINA_AJUSTE: "Nómina de ajuste",
    ReadType.SALUD: "Documento Salud",
    ReadType.INVOIC_C_POS: "Documento contingencia pos",
    ReadType.TITULO_VALOR: "Documento Titulo valor",
    ReadType.DSE: "Documento Soporte Electrónico",
    ReadType.DSE_AJUSTE: "Documento soporte ajuste",
    ReadType.RADIAN: "RADIAN",
}

# DOCUMENTO_SOPORTE is the analogue on paper, whose ranges are made; the electronic one is DSE, assigned.
KIND_OF_TYPE = {
    ReadType.INVOIC: Kind.INVOICE,
    ReadType.NC: Kind.CREDIT_NOTE,
    ReadType.ND: Kind.DEBIT_NOTE,
    ReadType.DSE: Kind.SUPPORT_DOCUMENT,
    ReadType.DSE_AJUSTE: Kind.ADJUSTMENT_NOTE,
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
