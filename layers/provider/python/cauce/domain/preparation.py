"""What an issuer still needs to emit, point by point: how each stands, who must act, and what to do. Pure.

The numbers of a range are foreseen to last as at the pace of this month and the last; a date, as it stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto

from cauce.domain.access_token import AccessToken, Scope
from cauce.domain.document import AUTHORISED, Kind
from cauce.domain.endpoint import Endpoint
from cauce.domain.errors import CauceError, CredentialsRejected
from cauce.domain.issuer import PERMISSION_OF, Environment, Issuer, Period
from cauce.domain.ranges import CONTINGENCY, DAYS_OF_WARNING, NumberingRange, RangeState
from cauce.domain.time import bogota

SHARE_OF_QUOTA = 80
"""An issuer is warned once this per cent of its quota is used."""


class Standing(Enum):
    """How a point stands; the greater, the worse."""

    READY = auto()
    ATTENTION = auto()
    """It emits, but somebody should act."""
    MISSING = auto()
    """It does not emit what the point is about."""


class Actor(Enum):
    """Who must act."""

    INTEGRATOR = auto()
    ISSUER = auto()
    """The company, or its accountant."""
    OPERATOR = auto()
    DIAN = auto()
    PROVIDER = auto()


class Subject(Enum):
    """What a point is about."""

    ENVIRONMENT = auto()
    TOKEN = auto()
    QUOTA = auto()
    KINDS = auto()
    CREDENTIALS = auto()
    PARTY = auto()
    CERTIFICATE = auto()
    TEST_SET = auto()
    SERVICE = auto()
    RANGE = auto()
    # The next are looked at by the operator's command alone, which may call others.
    TRIAL = auto()
    """A harmless call to a provider."""
    WEBHOOK = auto()
    MAIL = auto()
    LAW = auto()
    ACCOUNT = auto()
    """What AWS lets the account do."""
    ALARM = auto()
    QUEUE = auto()


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point. ``kind`` and ``provider``: whose documents it is about; all of them where both are ``None``."""

    subject: Subject
    standing: Standing
    says: str
    who: Actor | None = None
    """Nobody, where it is ready."""
    fix: str | None = None
    provider: str | None = None
    kind: Kind | None = None
    prefix: str | None = None
    days_left: int | None = None
    """Days until it ends, by its date or its pace, whichever comes first; 0 on the last one."""
    ends_on: date | None = None
    left: int | None = None
    """How many numbers or documents remain."""
    a_day: int | None = None
    """How many of them are used a day lately, rounded up."""

    def stops(self, kind: Kind, provider: str) -> bool:
        """Whether a document of this kind, through this provider, is not emitted for this point."""
        is_about_it = self.kind in (None, kind) and self.provider in (None, provider)
        return self.standing is Standing.MISSING and is_about_it


@dataclass(frozen=True)
class Preparation:
    """All points, and of each kind that the issuer's settings foresee whether it can be emitted now."""

    points: tuple[Point, ...]
    kinds: dict[Kind, bool]

    @property
    def standing(self) -> Standing:
        """The worst of its points; but missing only where nothing can be emitted."""
        if not any(self.kinds.values()):
            return Standing.MISSING
        is_ready = all(point.standing is Standing.READY for point in self.points)
        return Standing.READY if is_ready else Standing.ATTENTION


def preparation(issuer: Issuer, points: Iterable[Point]) -> Preparation:
    found = tuple(points)
    return Preparation(
        found,
        {
            kind: PERMISSION_OF[kind] in issuer.permissions
            and not any(point.stops(kind, issuer.providers[kind]) for point in found)
            for kind in Kind
            if kind in issuer.providers
        },
    )


@dataclass(frozen=True)
class Use:
    """How many were used last month, and this month so far."""

    last_month: int
    this_month: int

    def a_day(self, today: date) -> int | None:
        """How many a day, rounded up; ``None`` where none were used. Without a last month it began in this one."""
        used, days = self._lately(today)
        return -(-used // days) if used else None

    def days_for(self, left: int, today: date) -> int | None:
        """For how many days so many are enough; ``None`` where none are used."""
        used, days = self._lately(today)
        return left * days // used if used else None

    @classmethod
    def of(cls, counts: Sequence[int], own: Sequence[int], *, in_range: bool) -> "Use":
        """Of a range: how many took a number in it last month and in this, and how many were counted for the whole
        issuer (it has a quota, or the provider numbers). Those, unless documents are counted ``in_range``, are all
        taken for the range's: it may last longer than foreseen."""
        return cls(counts[0], counts[1]) if in_range else cls(counts[0] + own[0], counts[1] + own[1])

    def _lately(self, today: date) -> tuple[int, int]:
        if not self.last_month:
            return self.this_month, today.day
        before = today.replace(day=1) - timedelta(days=1)
        return self.last_month + self.this_month, before.day + today.day


def of_environment(issuer: Issuer) -> Point:
    if issuer.environment is Environment.PRODUCTION:
        return _ready(Subject.ENVIRONMENT, "Está en producción.")
    return Point(
        subject=Subject.ENVIRONMENT,
        standing=Standing.ATTENTION,
        says="Está en habilitación: lo que emita es de prueba y no tiene validez.",
        who=Actor.OPERATOR,
        fix=f"Terminadas las pruebas: cauce issuer update {issuer.nit} --environment produccion, y un token de "
        "producción.",
    )


def of_token(issuer: Issuer, token: AccessToken, now: datetime) -> Point:
    """Of the token that asks: whether it emits, and until when."""
    days = (token.expires_at - now).days if token.expires_at else None
    ends_on = bogota(token.expires_at).date() if token.expires_at else None
    make = f"El operador crea otro: cauce token create {issuer.nit}."
    if token.world not in (None, issuer.environment):
        says = f"Este token es del otro ambiente: en {issuer.environment.called} no emite."
        fix = f"Use el token de {issuer.environment.called}. {make}"
    elif Scope.EMIT not in token.scopes:
        says, fix = "Este token no emite: no tiene ese alcance.", f"Emita con otro token. {make}"
    elif days is not None and days <= DAYS_OF_WARNING:
        says, fix = f"Este token vence {_within(days)}.", make
    else:
        return _ready(Subject.TOKEN, "Este token emite.", days_left=days, ends_on=ends_on)
    return Point(
        subject=Subject.TOKEN,
        standing=Standing.ATTENTION,
        says=says,
        who=Actor.INTEGRATOR,
        fix=fix,
        days_left=days,
        ends_on=ends_on,
    )


def of_quota(issuer: Issuer, used: int, now: datetime) -> Point:
    """``used``: documents of the quota's current period."""
    quota, today = issuer.quota, bogota(now).date()
    if quota is None:
        return _ready(Subject.QUOTA, "No tiene límite de documentos.")
    ends_on = quota.period.end(now).date() - timedelta(days=1)
    elapsed = today.day if quota.period is Period.MONTHLY else today.timetuple().tm_yday
    left, days = max(0, quota.limit - used), (ends_on - today).days
    point = Point(
        subject=Subject.QUOTA,
        standing=Standing.READY,
        says=f"Usó {used} de {quota.limit} documentos del periodo, que termina el {ends_on}.",
        days_left=min(days, left * elapsed // used) if used else days,
        ends_on=ends_on,
        left=left,
        a_day=-(-used // elapsed) if used else None,
    )
    if used * 100 < quota.limit * SHARE_OF_QUOTA:
        return point
    return replace(
        point,
        standing=Standing.ATTENTION if left else Standing.MISSING,
        who=Actor.OPERATOR,
        fix=f"Amplíe la cuota: cauce issuer update {issuer.nit} --quota {quota.limit * 2}/{quota.period.value}.",
    )


def of_kinds(issuer: Issuer) -> Point:
    """Whether any document has a provider and the issuer's permission."""
    if any(PERMISSION_OF[kind] in issuer.permissions for kind in issuer.providers):
        return _ready(Subject.KINDS, "Tiene proveedor para los documentos que emite.")
    return Point(
        subject=Subject.KINDS,
        standing=Standing.MISSING,
        says="Ningún documento tiene proveedor y permiso.",
        who=Actor.OPERATOR,
        fix=f"Elija uno: cauce issuer update {issuer.nit} --provider factus (o dian, facturatech, facepro…).",
    )


def of_credentials(provider: str, title: str, missing: Sequence[str], enrols: str) -> Point:
    """``missing``: the names of the credentials that are needed and not there. ``enrols``: the command that stores
    them."""
    if not missing:
        return _ready(Subject.CREDENTIALS, f"Las credenciales de {title} están guardadas.", provider=provider)
    return Point(
        subject=Subject.CREDENTIALS,
        standing=Standing.MISSING,
        says=f"Faltan credenciales de {title}: {', '.join(missing)}.",
        who=Actor.OPERATOR,
        fix=f"Guárdelas: {enrols}.",
        provider=provider,
    )


def unconnected(provider: str, why: str) -> Point:
    """A provider that cannot be connected, for the issuer's settings."""
    return Point(
        subject=Subject.CREDENTIALS,
        standing=Standing.MISSING,
        says=why,
        who=Actor.OPERATOR,
        fix="Revise el proveedor y sus ajustes: cauce issuer show.",
        provider=provider,
    )


def of_party(issuer: Issuer, provider: str, title: str) -> Point:
    if issuer.party is not None:
        return _ready(Subject.PARTY, "Los datos del emisor están guardados.", provider=provider)
    return Point(
        subject=Subject.PARTY,
        standing=Standing.MISSING,
        says=f"Faltan los datos del emisor (dirección, responsabilidades, contacto), que {title} pide.",
        who=Actor.OPERATOR,
        fix=f"Guárdelos como están en su RUT: cauce issuer party {issuer.nit} --file EMISOR.json.",
        provider=provider,
    )


def of_certificate(
    issuer: Issuer, provider: str, ends: datetime, now: datetime, *, is_refused: bool
) -> Point:
    """Of the certificate that signs. ``is_refused``: DIAN does not take it."""
    days, ends_on = (ends - now).days, bogota(ends).date()
    if is_refused:
        says = "La DIAN no acepta el certificado de firma del emisor."
    elif days <= DAYS_OF_WARNING:
        says = f"El certificado de firma vence {_within(days)}."
    else:
        says = "El certificado de firma está vigente."
        return _ready(Subject.CERTIFICATE, says, provider=provider, days_left=days, ends_on=ends_on)
    return Point(
        subject=Subject.CERTIFICATE,
        standing=Standing.MISSING if is_refused else Standing.ATTENTION,
        says=says,
        who=Actor.ISSUER,
        fix=_certifies(issuer, " --siguiente"),
        provider=provider,
        days_left=days,
        ends_on=ends_on,
    )


def without_certificate(issuer: Issuer, provider: str, why: str) -> Point:
    """No certificate signs."""
    return Point(
        subject=Subject.CERTIFICATE,
        standing=Standing.MISSING,
        says=why,
        who=Actor.ISSUER,
        fix=_certifies(issuer, ""),
        provider=provider,
        days_left=0,
    )


def _certifies(issuer: Issuer, how: str) -> str:
    return (
        "Compre otro certificado a una entidad de certificación; el operador lo inscribe: cauce dian enrol "
        f"{issuer.nit} --certificado NUEVO.p12{how}."
    )


def of_equivalent_test_set(provider: str) -> Point:
    """Of the test set of documentos equivalentes, while DIAN has not accepted it."""
    return Point(
        subject=Subject.TEST_SET,
        standing=Standing.ATTENTION,
        says="El set de pruebas de documentos equivalentes no está terminado: los tiquetes y sus notas cuentan.",
        who=Actor.OPERATOR,
        fix="Emita los que pide; cuando la DIAN lo acepte, quite el ajuste dian.equivalent_test_set_id.",
        provider=provider,
    )


def of_test_set(issuer: Issuer, provider: str) -> Point:
    """Of a test set that DIAN has not accepted yet."""
    return Point(
        subject=Subject.TEST_SET,
        standing=Standing.ATTENTION,
        says="El set de pruebas de la DIAN no está terminado: las facturas y notas cuentan para él.",
        who=Actor.OPERATOR,
        fix=f"Envíelo, o vea qué se espera de la DIAN: cauce dian habilitar {issuer.nit}.",
        provider=provider,
    )


def of_service(provider: str, title: str, who: Actor, *, is_out: bool) -> Point:
    """Whether calls to a provider are held, since it does not answer."""
    if not is_out:
        return _ready(Subject.SERVICE, f"{title} no tiene fallas recientes.", provider=provider)
    return Point(
        subject=Subject.SERVICE,
        standing=Standing.ATTENTION,
        says=f"{title} no responde.",
        who=who,
        fix="Espere: los documentos quedan en cola y se envían cuando vuelva.",
        provider=provider,
    )


def of_trial(provider: str, title: str, trouble: CauceError | None) -> Point:
    """Of a harmless call to a provider, with the issuer's credentials. ``trouble``: why it came to nothing."""
    if trouble is None:
        return _ready(
            Subject.TRIAL, f"{title} respondió a una consulta con estas credenciales.", provider=provider
        )
    is_refused = isinstance(trouble, CredentialsRejected)
    return Point(
        subject=Subject.TRIAL,
        standing=Standing.MISSING if is_refused else Standing.ATTENTION,
        says=f"{title} no aceptó las credenciales."
        if is_refused
        else f"{title} no respondió a una consulta: {trouble.message}",
        who=Actor.OPERATOR if is_refused else Actor.PROVIDER,
        fix="Guarde las que valen, y repita este diagnóstico."
        if is_refused
        else "Repita en unos minutos; los documentos esperan en su cola.",
        provider=provider,
    )


def of_webhook(issuer: Issuer, endpoint: Endpoint) -> Point:
    """Of an endpoint to which news is pushed."""
    if endpoint.active and not endpoint.failures:
        return _ready(Subject.WEBHOOK, f"El webhook {endpoint.id} recibe las novedades.")
    if endpoint.active:
        why = f"no recibió las últimas {endpoint.failures} veces."
    else:
        why = f"está desactivado. {endpoint.disabled_why or ''}".strip()
    return Point(
        subject=Subject.WEBHOOK,
        standing=Standing.ATTENTION,
        says=f"El webhook {endpoint.id} {why}",
        who=Actor.INTEGRATOR,
        fix=(
            f"Mire qué respondió: cauce webhook deliveries {issuer.nit} {endpoint.id}. Ya mendado: cauce webhook "
            f"enable {issuer.nit} {endpoint.id}."
        ),
    )


def of_mail(issuer: Issuer, *, is_set_up: bool, is_verified: bool | None) -> Point:
    """Of the mail to buyers. ``is_verified``: whether SES sends for the address; ``None`` where it did not say."""
    if issuer.mail_from is None:
        return _ready(Subject.MAIL, "Cauce no envía correo por este emisor.")
    if is_set_up and is_verified:
        return _ready(Subject.MAIL, f"El correo sale de {issuer.mail_from}.")
    says, fix = (
        (
            "La instalación no envía correo.",
            "Despliegue con MailSenders, o quítelo: «--mail-from sin».",
        )
        if not is_set_up
        else (f"SES no dijo si {issuer.mail_from} está verificado.", "Mire sus identidades en SES.")
        if is_verified is None
        else (f"SES no envía por {issuer.mail_from}.", "Verifique en SES esa dirección, o su dominio.")
    )
    return Point(subject=Subject.MAIL, standing=Standing.ATTENTION, says=says, who=Actor.OPERATOR, fix=fix)


def of_law(year: int, missing: Sequence[str]) -> Point:
    """Of the values that the law sets anew for a year. ``missing``: the names of those that are not known."""
    if not missing:
        return _ready(Subject.LAW, f"Los valores de {year} están.")
    return Point(
        subject=Subject.LAW,
        standing=Standing.ATTENTION,
        says=f"Cauce todavía no tiene los valores de {year} de {', '.join(missing)}.",
        who=Actor.OPERATOR,
        fix="Despliegue la versión nueva de Cauce que los traiga; mientras, se emite como llegue.",
    )


def of_kind(issuer: Issuer, provider: str, title: str, kind: Kind) -> Point:
    """Of a kind that its provider does not emit."""
    return Point(
        subject=Subject.KINDS,
        standing=Standing.MISSING,
        says=f"{title} no emite este tipo de documento con su configuración actual.",
        who=Actor.OPERATOR,
        fix=f"Elija otro proveedor para este tipo: cauce issuer update {issuer.nit} --provider TIPO=PROVEEDOR.",
        provider=provider,
        kind=kind,
    )


def of_numbering(
    provider: str, kind: Kind, ranges: Iterable[NumberingRange], uses: dict[str, Use], today: date
) -> list[Point]:
    """The ranges in which a provider's documents of a kind take their numbers: a point for each that can be used, or
    one that says why none can. ``uses``: by a range's key."""
    own = [
        each
        for each in ranges
        if each.provider == provider and each.kind is kind and each.provider_type != CONTINGENCY
    ]
    usable = [each for each in own if each.state(today) is RangeState.USABLE]
    if usable:
        return [_of_range(each, kind, uses.get(each.key, Use(0, 0)), today) for each in usable]
    return [_without_range(provider, kind, own, today)]


def _without_range(provider: str, kind: Kind, own: Sequence[NumberingRange], today: date) -> Point:
    why = " ".join(f"{each.prefix or 'Sin prefijo'}: {each.warning(today)}" for each in own)
    return Point(
        subject=Subject.RANGE,
        standing=Standing.MISSING,
        says=f"Ningún rango de numeración se puede usar. {why}"
        if own
        else "No hay rango de numeración para este tipo de documento.",
        who=Actor.ISSUER if kind in AUTHORISED else Actor.OPERATOR,
        fix=_renews(kind, is_known=bool(own)),
        provider=provider,
        kind=kind,
        days_left=0 if own else None,
    )


def _renews(kind: Kind, *, is_known: bool) -> str:
    """What to do for another range. ``is_known``: one is, though it ends; else a sync may be all that lacks."""
    sync = "POST /numeraciones/sincronizar"
    first = "" if is_known else f"Sincronice las numeraciones ({sync}). Si no aparece ninguna: "
    if kind in AUTHORISED:
        how = (
            "solicite en el portal de la DIAN una autorización de numeración, asocie su prefijo al proveedor"
        )
    else:
        how = "cree el rango con el proveedor, que no necesita resolución,"
    told = f"{first}{how} y sincronice{f' ({sync})' if is_known else ''}."
    return told[0].upper() + told[1:]


def _of_range(found: NumberingRange, kind: Kind, use: Use, today: date) -> Point:
    by_date, left = found.days_left(today), found.left
    by_pace = None if left is None else use.days_for(left, today)
    days = min((each for each in (by_date, by_pace) if each is not None), default=None)
    warning = found.warning(today) or _warning_by_pace(left, by_pace)
    return Point(
        subject=Subject.RANGE,
        standing=Standing.READY if warning is None else Standing.ATTENTION,
        says=warning or "El rango de numeración se puede usar.",
        who=None if warning is None else Actor.ISSUER if kind in AUTHORISED else Actor.OPERATOR,
        fix=None if warning is None else _renews(kind, is_known=True),
        provider=found.provider,
        kind=kind,
        prefix=found.prefix,
        days_left=days,
        ends_on=found.valid_to,
        left=left,
        a_day=use.a_day(today),
    )


def _warning_by_pace(left: int | None, days: int | None) -> str | None:
    is_near = left is not None and days is not None and days <= DAYS_OF_WARNING
    return end_by_pace(left or 0, days or 0) if is_near else None


def end_by_pace(left: int, days: int) -> str:
    """What is said of a range whose numbers are foreseen to last for so many days."""
    if left == 1:
        return f"Al ritmo reciente el número que queda se acaba {_within(days)}."
    return f"Al ritmo reciente los {left} números que quedan se acaban {_within(days)}."


def _ready(
    subject: Subject,
    says: str,
    *,
    days_left: int | None = None,
    ends_on: date | None = None,
    left: int | None = None,
    a_day: int | None = None,
    provider: str | None = None,
) -> Point:
    return Point(
        subject=subject, standing=Standing.READY, says=says, provider=provider,
        days_left=days_left, ends_on=ends_on, left=left, a_day=a_day,
    )  # fmt: skip


def _within(days: int) -> str:
    return "hoy" if days <= 0 else "mañana" if days == 1 else f"en {days} días"
