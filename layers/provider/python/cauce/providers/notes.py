"""What a note must state, for the adapters that write it. Pure."""

from cauce.domain.document import BillingReference, Document, Reason
from cauce.domain.errors import InvalidDocument


def reason(note: Document) -> Reason:
    """Why the note is issued. Raises InvalidDocument where it does not say."""
    if note.reason is None:
        raise InvalidDocument("La nota debe decir su motivo.", field="reason.code")
    return note.reason


def corrected(note: Document, what: str = "documento") -> BillingReference:
    """The document that the note corrects (``what``, in Spanish). Raises InvalidDocument where it names none."""
    if note.billing_reference is None:
        raise InvalidDocument(f"La nota debe decir qué {what} corrige.", field="billing_reference.number")
    return note.billing_reference
