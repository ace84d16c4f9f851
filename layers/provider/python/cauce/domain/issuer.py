"""An issuer: the company that must emit the documents, and what it may do."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from cauce.domain import acquirer
from cauce.domain.document import Kind, Party, Percent, Value
from cauce.domain.errors import Unsupported
from cauce.domain.time import bogota


class Environment(StrEnum):
    """DIAN's two environments; the value is UBL's ProfileExecutionID."""

    PRODUCTION = "1"
    TEST = "2"

    @property
    def called(self) -> str:
        """Its Spanish name, without accents: in answers, in commands and in an issuer's file."""
        return "produccion" if self is Environment.PRODUCTION else "habilitacion"


class Permission(StrEnum):
    """What an issuer is allowed to emit; the names of seed 002, extended in the same style."""

    INVOICES = "permite_facturas"
    CREDIT_NOTES = "permite_notas_credito"
    DEBIT_NOTES = "permite_notas_debito"
    SUPPORT_DOCUMENTS = "permite_documentos_soporte"
    ADJUSTMENT_NOTES = "permite_notas_ajuste"
    EQUIVALENT_DOCUMENTS = "permite_documentos_equivalentes"
    EQUIVALENT_NOTES = "permite_notas_documento_equivalente"
    EVENTS = "permite_eventos"


PERMISSION_OF = {
    Kind.INVOICE: Permission.INVOICES,
    Kind.CREDIT_NOTE: Permission.CREDIT_NOTES,
    Kind.DEBIT_NOTE: Permission.DEBIT_NOTES,
    Kind.SUPPORT_DOCUMENT: Permission.SUPPORT_DOCUMENTS,
    Kind.ADJUSTMENT_NOTE: Permission.ADJUSTMENT_NOTES,
    Kind.EQUIVALENT_DOCUMENT: Permission.EQUIVALENT_DOCUMENTS,
    Kind.EQUIVALENT_NOTE: Permission.EQUIVALENT_NOTES,
    Kind.EVENT: Permission.EVENTS,
}


class Period(StrEnum):
    """The period of a quota, as seed 002 names it."""

    MONTHLY = "mensual"
    YEARLY = "anual"

    def name_at(self, moment: datetime) -> str:
        """The calendar period that a moment is in, Bogotá time: ``2026-11`` or ``2026``."""
        here = bogota(moment)
        return f"{here:%Y-%m}" if self is Period.MONTHLY else f"{here:%Y}"

    def end(self, moment: datetime) -> datetime:
        """The first moment of the next period, Bogotá time."""
        here = bogota(moment).replace(day=1, hour=0, minute=0, second=0)
        if self is Period.MONTHLY and here.month < 12:
            return here.replace(month=here.month + 1)
        return here.replace(year=here.year + 1, month=1)


class Quota(Value):
    """How many documents an issuer may emit in a calendar period, Bogotá time."""

    limit: Annotated[int, Field(ge=1)]
    period: Period = Period.MONTHLY


class RequestLimit(Value):
    """At most ``requests`` of a token in each ``seconds``; those that act and those that read are counted apart."""

    requests: Annotated[int, Field(ge=1)]
    seconds: Annotated[int, Field(ge=1, le=3_600)]

    @classmethod
    def parsed(cls, text: str) -> "RequestLimit":
        """``1200/10`` for 1200 requests in 10 s. Raises ValueError for any other form."""
        requests, _, seconds = text.partition("/")
        return cls(requests=int(requests), seconds=int(seconds))


class Issuer(Value):
    """A company and its settings. ``providers``: the one that takes each kind of document."""

    # What ``as_party`` made. It is no field: no copy, comparison, dump or pickle of the issuer has it.
    __slots__ = ("_as_party",)
    if TYPE_CHECKING:
        _as_party: Party | None

    nit: str
    check_digit: str
    uuid: str
    number: int
    """A small id, unique in the stack: ``tenant.id`` of the contract."""
    name: str
    active: bool = True
    environment: Environment = Environment.TEST
    providers: dict[Kind, str] = {}
    settings: dict[str, dict[str, str]] = {}
    """The settings of each provider that are not secret: dialect, base URL…"""
    permissions: frozenset[Permission] = frozenset(Permission)
    quota: Quota | None = None
    request_limit: RequestLimit | None = None
    """For each of its tokens; ``None``: the stack's limit."""
    acquirers_a_day: Annotated[int, Field(ge=0)] = acquirer.A_DAY
    """How many buyers it may look up in a day, Bogotá time."""
    senders: frozenset[str] = frozenset()
    """AWS's ids of the roles (AROA…) and users (AIDA…) that may put its documents in the intake queue."""
    extra_rates: dict[str, tuple[Percent, ...]] = {}
    """Percentages that it may use besides those of the law's closed lists, by tax code (``law.rates``)."""
    mail_from: str | None = None
    """From whom its buyers get the mails that Cauce sends, as ``Empresa <facturas@empresa.example>``; ``None``: Cauce
    sends none."""
    party: Party | None = None
    """Its address, responsibilities and contact, for providers that must be sent them."""

    @property
    def counted_by(self) -> Period:
        """The period by which ``/me`` counts its documents: its quota's, else the month."""
        return self.quota.period if self.quota else Period.MONTHLY

    @property
    def connected(self) -> list[str]:
        """The names of the providers that take its documents or have settings here, sorted."""
        return sorted(set(self.providers.values()) | set(self.settings))

    @property
    def as_party(self) -> Party | None:
        """``party`` with the issuer's own NIT and check digit, which the description may lack."""
        try:
            return self._as_party
        except AttributeError:
            own = {"identification": self.nit, "check_digit": self.check_digit}
            found = self.party.model_copy(update=own) if self.party else None
            object.__setattr__(self, "_as_party", found)
            return found

    def require(self, provider: str) -> None:
        """Raise Unsupported for a provider that is not among ``connected``."""
        if provider not in self.connected:
            why = f"El emisor no tiene configurado el proveedor «{provider}»."
            raise Unsupported(why, field="provider")
