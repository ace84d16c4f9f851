"""What the operator reads, in Spanish, for what the code and the table name in English."""

from cauce.domain.document import Kind

KINDS = {
    Kind.INVOICE: "factura",
    Kind.CREDIT_NOTE: "nota crédito",
    Kind.DEBIT_NOTE: "nota débito",
    Kind.SUPPORT_DOCUMENT: "documento soporte",
    Kind.ADJUSTMENT_NOTE: "nota de ajuste",
    Kind.EQUIVALENT_DOCUMENT: "documento equivalente",
    Kind.EQUIVALENT_NOTE: "nota al documento equivalente",
    Kind.EVENT: "evento",
}
_CREDENTIALS = {
    "client_id": "Id del cliente",
    "client_secret": "Secreto del cliente",
    "username": "Usuario",
    "password": "Contraseña",
    "token": "Token",
    "software_id": "Identificador del software",
    "software_pin": "PIN del software",
    "certificate": "Certificado",
}


def credential(field: str) -> str:
    """What is asked for a provider's credential: its name, and its key in a file of credentials."""
    name = _CREDENTIALS.get(field)
    return f"{name} ({field})" if name else field
