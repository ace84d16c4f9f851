"""The page's «Catálogos DIAN», and what differs between the kinds of document."""

from dataclasses import dataclass

PERSON_TYPES = ("1", "2")
DOCUMENT_TYPES = ("11", "12", "13", "21", "22", "31", "41", "42", "50")
RESPONSIBILITIES = ("O-13", "O-15", "O-23", "O-47", "R-99-PN")
CREDIT_REASONS = ("1", "2", "3", "4", "5", "6")
DEBIT_REASONS = ("1", "2", "3", "4")
# The page lists only these and refers to the annex for others, so other codes of the same shape are taken too.
UNITS = ("94", "EA", "KGM", "LTR", "MTR", "HUR")
NIT = "31"
ESTADOS = ("aceptado", "rechazado", "pendiente", "fallido")
MAX_LINES = 200
MAX_PER_PAGE, DEFAULT_PER_PAGE = 100, 20


@dataclass(frozen=True)
class Kind:
    """A kind's path, its name in answers, the permission it needs and its first number."""

    path: str
    tipo: str
    permission: str
    prefix: str
    first: int
    root: str
    reasons: tuple[str, ...] = ()


INVOICE = Kind("documentos", "factura", "permite_facturas", "SETP", 990000011, "Invoice")
CREDIT_NOTE = Kind(
    "notas-credito", "nota_credito", "permite_notas_credito", "NC", 1, "CreditNote", CREDIT_REASONS
)
DEBIT_NOTE = Kind("notas-debito", "nota_debito", "permite_notas_debito", "ND", 1, "DebitNote", DEBIT_REASONS)
KINDS = (INVOICE, CREDIT_NOTE, DEBIT_NOTE)
