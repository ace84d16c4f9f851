"""Records in a state that a test wants. Cauce itself changes records only by the moves of ``domain.life``."""

from datetime import datetime
from typing import Any

from cauce.domain.record import Record, State, Step


def moved(record: Record, to: State, at: datetime, detail: str | None = None, **facts: Any) -> Record:
    """The record in another state, allowed by ``MOVES`` or not, with a line in its trace."""
    return noted(record, to.value, at, detail, state=to, **facts)


def noted(record: Record, what: str, at: datetime, detail: str | None = None, **facts: Any) -> Record:
    """The record with a line in its trace, and with other fields changed."""
    step = Step(at=at, what=what, detail=detail)
    changed = {name: getattr(record, name) for name in Record.model_fields} | facts
    return Record.model_validate({**changed, "updated_at": at, "steps": (*record.steps, step)})
