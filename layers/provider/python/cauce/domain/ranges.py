"""Ranges: the intervals of numbers that DIAN authorises, or that a provider keeps for notes."""

from datetime import date
from enum import StrEnum

from pydantic import SecretStr

from cauce.domain.document import Kind, Value
from cauce.domain.errors import NumberingUnavailable

# A range's issuer is warned this many days before it ends: DIAN takes days to authorise another.
DAYS_OF_WARNING = 30
# Or once this per cent of its numbers is left.
SHARE_OF_WARNING = 10


CONTINGENCY = "contingencia"
"""The ``provider_type`` of a range that DIAN authorised for paper invoices: only their transcriptions, invoices of
type 03, are numbered in it."""


class RangeState(StrEnum):
    """Whether numbers may be taken from a range today."""

    USABLE = "activo"
    INACTIVE = "inactivo"
    NOT_YET = "por iniciar"
    EXPIRED = "vencido"
    EXHAUSTED = "agotado"
    VANISHED = "ausente"
    HELD = "en otro proveedor"


class NumberingRange(Value):
    """A range as last synced. ``kind``: of the documents it numbers; ``None`` while it is assigned to none."""

    provider: str
    kind: Kind | None
    prefix: str
    resolution: str | None = None
    start: int
    end: int
    next: int | None = None
    """The next number to take; ``None`` where the provider keeps the count to itself."""
    valid_from: date | None = None
    valid_to: date | None = None
    technical_key: SecretStr | None = None
    key_withheld: bool = False
    """It has a technical key that is not here: it was read without its key, or the stored key did not open."""
    active: bool = True
    vanished: bool = False
    """The last sync did not list it any more. It is kept, since its numbers were used."""
    by_hand: bool = False
    """An operator wrote it, because its provider lists no ranges or not this one; a sync never marks it vanished."""
    held_by: str | None = None
    """Another provider that numbers the same authorisation of DIAN's. To number from it here too would repeat
    numbers."""
    provider_id: str | None = None
    provider_type: str | None = None
    """The provider's own name for the kind of document."""

    @property
    def key(self) -> str:
        return (
            f"{self.provider}#{self.provider_type or self.kind or ''}#{self.prefix}#{self.resolution or ''}"
        )

    @property
    def left(self) -> int | None:
        """How many numbers remain, the next one included."""
        return None if self.next is None else max(0, self.end - self.next + 1)

    def at(self, following: int | None) -> "NumberingRange":
        """The range as it is when ``following`` is the next number to take."""
        return self.model_copy(update={"next": following})

    def state(self, today: date) -> RangeState:
        if self.vanished:
            return RangeState.VANISHED
        if self.held_by is not None:
            return RangeState.HELD
        if not self.active:
            return RangeState.INACTIVE
        # DIAN rejects a number dated before its authorisation begins (FAB07b).
        if self.valid_from is not None and today < self.valid_from:
            return RangeState.NOT_YET
        if self.valid_to is not None and self.valid_to < today:
            return RangeState.EXPIRED
        # Seed 004 calls ``current`` the next number, so current == to still has one to give.
        return RangeState.EXHAUSTED if self.left == 0 else RangeState.USABLE

    def warning(self, today: date) -> str | None:
        """What an accountant should be told about the range now, if anything."""
        state = self.state(today)
        if state is RangeState.HELD:
            return f"El rango lo numera {self.held_by}: desactívelo allí, o use otro prefijo."
        if state is not RangeState.USABLE:
            return f"El rango está {state.value}."
        days, left = self.days_left(today), self.left
        if days is not None and days <= DAYS_OF_WARNING:
            return f"El rango vence en {days} días." if days else "El rango vence hoy."
        if left is not None and left * 100 <= (self.end - self.start + 1) * SHARE_OF_WARNING:
            return numbers_left(left)
        return None

    def is_to_be_renewed(self, today: date) -> bool:
        """Whether it has ended or soon will, so that a new range must be asked of DIAN, or made."""
        state = self.state(today)
        ended = state in (RangeState.EXPIRED, RangeState.EXHAUSTED)
        return ended or (state is RangeState.USABLE and self.warning(today) is not None)

    def shares_numbers(self, other: "NumberingRange") -> bool:
        """Whether both are the same authorisation of DIAN's, though two providers list it, or under two kinds."""
        return (
            self.resolution is not None
            and (self.resolution, self.prefix) == (other.resolution, other.prefix)
            and self.start <= other.end
            and other.start <= self.end
        )

    def days_left(self, today: date) -> int | None:
        return None if self.valid_to is None else (self.valid_to - today).days


def numbers_left(left: int) -> str:
    return f"Quedan {left} números." if left != 1 else "Queda un número."


def choose(
    ranges: list[NumberingRange], kind: Kind, prefix: str | None, today: date, *, from_paper: bool = False
) -> NumberingRange:
    """The one range that a document of this kind takes its number from: a contingency range for the transcription
    of a paper invoice, and never for anything else.

    Raises NumberingUnavailable, naming ``prefix``, where there is none or where several are usable and the
    request does not choose.
    """
    candidates = [
        r
        for r in ranges
        if r.kind is kind and prefix in (None, r.prefix) and (r.provider_type == CONTINGENCY) is from_paper
    ]
    usable = [r for r in candidates if r.state(today) is RangeState.USABLE]
    if len(usable) == 1:
        return usable[0]
    if usable:
        prefixes = ", ".join(sorted(r.prefix for r in usable))
        why = f"Hay varios rangos de numeración activos; indique uno en «prefijo»: {prefixes}."
    elif candidates:
        states = ", ".join(f"{r.prefix} ({r.state(today).value})" for r in candidates)
        why = f"Ningún rango de numeración se puede usar: {states}."
    else:
        why = _none_of(prefix, from_paper)
    raise NumberingUnavailable(why, field="prefix")


def _none_of(prefix: str | None, from_paper: bool) -> str:
    wanted = f" con el prefijo {prefix}" if prefix else ""
    use = " de contingencia" if from_paper else ""
    return (
        f"No hay rango de numeración{use}{wanted} para este tipo de documento; sincronice las numeraciones."
    )
