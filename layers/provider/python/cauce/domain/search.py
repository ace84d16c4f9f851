"""A search among an issuer's records: what each that is found must be."""

from dataclasses import dataclass
from datetime import date

from cauce.domain.document import Kind
from cauce.domain.record import Listed
from cauce.domain.time import bogota


@dataclass(frozen=True, kw_only=True)
class Search:
    """Conditions on a record, all of which must hold; one that is absent asks nothing."""

    shown_state: str | None = None
    since: date | None = None
    """Day of issue, Bogotá, as ``until``; both days are included."""
    until: date | None = None
    kind: Kind | None = None
    provider: str | None = None
    counterparty: str | None = None
    """Identification of the other party."""
    reference: str | None = None
    number: str | None = None
    """Prefix and consecutive."""
    uuid: str | None = None
    """CUFE, CUDE or CUDS, also that of the ordinary invoice or the void one of a record that has two."""
    beginning: str | None = None
    """How the number begins, or the identification of the other party."""
    is_found_by_party: bool = False
    """Whether it is that identification alone that begins so, and not the number."""

    @property
    def asks(self) -> set[str]:
        """The names of its conditions."""
        return {name for name, value in vars(self).items() if value}

    @property
    def is_by_key(self) -> bool:
        """Whether it finds what has one reference, number or CUFE."""
        return bool(self.reference or self.number or self.uuid)

    def finds(self, record: Listed) -> bool:
        asked = (
            (self.shown_state, record.shown_state),
            (self.kind, record.kind),
            (self.provider, record.provider),
            (self.counterparty, record.outline.counterparty),
            (self.reference, record.outline.reference),
            (self.number, str(record.number)),
        )
        return (
            all(wanted is None or wanted == found for wanted, found in asked)
            and self._is_issued_within(bogota(record.issued_at).date())
            and (self.uuid is None or self.uuid.lower() in _uuids(record))
            and (self.beginning is None or self._begins(record, self.beginning))
        )

    def _is_issued_within(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def _begins(self, record: Listed, beginning: str) -> bool:
        if record.number is not None and str(record.number).startswith(beginning):
            return not self.is_found_by_party
        return (record.outline.counterparty or "").startswith(beginning)


def _uuids(record: Listed) -> list[str]:
    also = record.contingency
    every = (record.uuid, also.ordinary_uuid, also.void_uuid) if also else (record.uuid,)
    return [each.lower() for each in every if each]
