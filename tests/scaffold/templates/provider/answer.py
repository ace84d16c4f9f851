"""What Ejemplo answers → an outcome, or what to raise. Pure."""

from cauce.domain.errors import CauceError
from cauce.domain.outcome import Outcome


def outcome(status: int, raw: bytes) -> Outcome:
    """What an answer says about a document: accepted only on its explicit word and with its CUFE.

    ``about`` has what the answer says of itself, and ``raw`` the body as it came. Raises ``trouble``.
    """
    raise NotImplementedError("Ejemplo: answer.outcome is not written yet")


def trouble(status: int, raw: bytes) -> CauceError:
    """What to raise for an answer that says nothing about a document; OutcomeUnknown for any that no page has."""
    raise NotImplementedError("Ejemplo: answer.trouble is not written yet")
