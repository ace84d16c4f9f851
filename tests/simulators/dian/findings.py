"""What a rule finds wrong, in DIAN's words: «Regla: CODE, Rechazo: text» or «…, Notificación: text»."""

from typing import NamedTuple


class Finding(NamedTuple):
    """A rule that a document breaks. A notification does not reject the document."""

    rule: str
    text: str
    is_rejection: bool = True

    def __str__(self) -> str:
        return f"Regla: {self.rule}, {'Rechazo' if self.is_rejection else 'Notificación'}: {self.text}"
