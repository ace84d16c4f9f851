"""What Ejemplo cannot say exactly is refused here, before a call is spent. Pure."""

from cauce.domain.document import Document


def refuse(document: Document) -> None:
    """Raise Unsupported or InvalidDocument, naming the contract's field, for the first thing that cannot go."""
    raise NotImplementedError("Ejemplo: check.refuse is not written yet")
