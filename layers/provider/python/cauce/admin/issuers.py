"""``cauce issuer``: the companies that emit."""

import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypedDict, TypeVar

import typer
from rich.markup import escape

from cauce.admin import doctor, options, papers, stack
from cauce.admin.options import KINDS
from cauce.admin.terminal import facts, out
from cauce.contracts.v1 import contract, preparations
from cauce.domain.access_token import AccessToken
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, InvalidDocument, NotFound
from cauce.domain.issuer import Environment, Issuer, Permission, Quota, RequestLimit
from cauce.domain.money import plain
from cauce.domain.nit import check_digit, has_check_digit
from cauce.domain.preparation import Standing
from cauce.reading import preparation

_T = TypeVar("_T")

_PROVIDER = "Proveedor para todo lo que emite, o TIPO=PROVEEDOR (repetible)."
_ENVIRONMENT = "habilitacion o produccion."
_SETTING = "PROVEEDOR.CLAVE=VALOR, p. ej. factus.dialect=v2 (repetible)."

app = typer.Typer(no_args_is_help=True, help="Emisores: las empresas que emiten.")


class _Changes(TypedDict):
    """The fields of an issuer that ``update`` sets, so that mypy refuses a misspelt one."""

    permissions: frozenset[Permission]
    settings: dict[str, dict[str, str]]
    extra_rates: dict[str, tuple[Decimal, ...]]
    senders: frozenset[str]
    name: str
    providers: dict[Kind, str]
    environment: Environment
    quota: Quota | None
    request_limit: RequestLimit | None
    acquirers_a_day: int
    mail_from: str | None
    active: bool


@app.command("create")
def create(
    nit: Annotated[str, typer.Argument(help="NIT sin dígito de verificación.")],
    name: Annotated[str, typer.Option("--name", help="Razón social.")],
    provider: Annotated[list[str], typer.Option(help=_PROVIDER)],
    environment: Annotated[str, typer.Option(help=_ENVIRONMENT)] = "habilitacion",
    setting: Annotated[list[str] | None, typer.Option(help=_SETTING)] = None,
    quota: Annotated[
        str | None, typer.Option(help="Documentos por periodo: 100/mensual o 1000/anual.")
    ] = None,
) -> None:
    """Crea un emisor. Si ya existe, no lo toca."""
    gateway = stack.gateway()
    if not (nit.isascii() and nit.isdigit() and len(nit) <= 15):
        raise typer.BadParameter("El NIT son solo dígitos, 15 como máximo, sin dígito de verificación.")
    if has_check_digit(nit):
        raise typer.BadParameter(
            f"El NIT parece incluir el dígito de verificación {nit[-1]}: escriba {nit[:-1]}."
        )
    try:
        gateway.issuers.read(nit)  # by key: the list of issuers may lag
    except NotFound:
        pass
    else:
        raise Conflict(f"El emisor {nit} ya existe; use «cauce issuer update».")
    issuer = Issuer(
        nit=nit,
        check_digit=check_digit(nit),
        uuid=str(uuid.uuid4()),
        number=gateway.counters.next("issuer"),
        name=name,
        environment=options.environment(environment),
        providers=options.routes(provider),
        settings=options.settings({}, setting or []),
        quota=options.quota(quota),
    )
    gateway.issuers.save(issuer)
    _show(issuer)


@app.command("update")
def update(
    nit: options.Nit,
    name: Annotated[str | None, typer.Option("--name", help="Razón social.")] = None,
    provider: Annotated[list[str] | None, typer.Option(help=_PROVIDER)] = None,
    environment: Annotated[str | None, typer.Option(help=_ENVIRONMENT)] = None,
    setting: Annotated[list[str] | None, typer.Option(help=_SETTING)] = None,
    quota: Annotated[str | None, typer.Option(help="100/mensual, 1000/anual o «sin».")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="Permiso a conceder (repetible).")] = None,
    deny: Annotated[list[str] | None, typer.Option(help="Permiso a retirar (repetible).")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--suspended", help="Si emite, o está suspendido.")
    ] = None,
    sender: Annotated[
        list[str] | None,
        typer.Option(help="Rol o usuario (AROA…, AIDA…) que envía sus documentos por la cola (repetible)."),
    ] = None,
    no_sender: Annotated[list[str] | None, typer.Option(help="El que deja de hacerlo (repetible).")] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            help="Una tarifa que una ley nueva trae, IMPUESTO=PORCENTAJE, p. ej. 01=12 (repetible)."
        ),
    ] = None,
    no_rate: Annotated[list[str] | None, typer.Option(help="La que ya no rige (repetible).")] = None,
    mail_from: Annotated[
        str | None,
        typer.Option(
            help="Desde qué dirección se envía el correo a sus adquirientes: «Empresa <facturas@empresa.example>», o "
            "«sin»."
        ),
    ] = None,
    requests: Annotated[
        str | None,
        typer.Option(
            help="Solicitudes que admite cada token: 300/10 (cada 10 segundos), o «sin»: las de la pila."
        ),
    ] = None,
    acquirers: Annotated[
        int | None,
        typer.Option(min=0, help="Adquirientes que puede consultar al día (nombre y correo); 0, ninguno."),
    ] = None,
) -> None:
    """Cambia lo indicado de un emisor y deja el resto igual."""
    gateway = stack.gateway()
    issuer = gateway.issuers.read(nit)
    changes: _Changes = {
        "permissions": _changed(issuer.permissions, allow, deny, options.permission),
        "settings": options.settings(issuer.settings, setting or []),
        "extra_rates": options.rates(issuer.extra_rates, rate or [], no_rate or []),
        "senders": _changed(issuer.senders, sender, no_sender, str),
        "name": name or issuer.name,
        "providers": {**issuer.providers, **options.routes(provider or [])},
        "environment": options.environment(environment) if environment else issuer.environment,
        "quota": _limit(issuer.quota, quota, options.quota),
        "request_limit": _limit(issuer.request_limit, requests, options.request_limit),
        "acquirers_a_day": issuer.acquirers_a_day if acquirers is None else acquirers,
        "mail_from": _limit(issuer.mail_from, mail_from, lambda text: options.sender(text, gateway)),
        "active": issuer.active if active is None else active,
    }
    issuer = issuer.model_copy(update=changes)
    gateway.issuers.save(issuer)
    _show(issuer)
    _name_stopped(gateway.access_tokens.all(nit), issuer)


@app.command("party")
def party(
    nit: options.Nit,
    file: Annotated[
        Path,
        options.file(
            "--file", what="JSON con los campos de adquiriente, o el EMISOR.json de «cauce document build»."
        ),
    ],
) -> None:
    """Guarda los datos del emisor que van en sus documentos: dirección, responsabilidades, contacto."""
    gateway = stack.gateway()
    issuer = gateway.issuers.read(nit)
    given = options.json_object(file)
    described = given.get("emisor", given)
    if not isinstance(described, dict):
        raise InvalidDocument("El emisor debe ser un objeto JSON.", field="emisor")
    found = contract.party(described)
    if found.identification != nit:
        raise Conflict(f"El archivo describe al NIT {found.identification}, no al {nit}.")
    issuer = issuer.model_copy(update={"party": found})
    gateway.issuers.save(issuer)
    _show(issuer)


app.command("representation")(papers.representation)


@app.command("reindex")
def reindex(nit: options.Nit) -> None:
    """Hace que los documentos anteriores a la versión 0.2.0 se encuentren por tipo y por adquiriente."""
    gateway = stack.gateway()
    given = gateway.listing.reindex(gateway.issuers.read(nit).nit)
    out.print(f"{given} documentos se encuentran ahora por tipo y por adquiriente.")


@app.command("show")
def show(nit: Annotated[str | None, typer.Argument(help="Sin NIT: todos.")] = None) -> None:
    """Muestra un emisor, o todos."""
    gateway = stack.gateway()
    for issuer in [gateway.issuers.read(nit)] if nit else gateway.issuers.all():
        _show(issuer)


@app.command("check")
def check(nit: options.Nit) -> None:
    """Dice qué le falta a un emisor para emitir, quién debe actuar y qué hacer; no llama a ningún proveedor."""
    gateway = stack.gateway()
    found = preparation.of(gateway, gateway.issuers.read(nit))
    doctor.show(found.points)
    out.print(preparations.summary(found))
    if found.standing is Standing.MISSING:
        raise typer.Exit(1)


def _changed(
    known: frozenset[_T], added: list[str] | None, dropped: list[str] | None, read: Callable[[str], _T]
) -> frozenset[_T]:
    return (known | set(map(read, added or ()))) - set(map(read, dropped or ()))


def _limit(known: _T | None, asked: str | None, read: Callable[[str], _T | None]) -> _T | None:
    """The limit that is asked for: none with «sin», the known one where nothing is asked."""
    if not asked:
        return known
    return None if asked == "sin" else read(asked)


def _name_stopped(tokens: Iterable[AccessToken], issuer: Issuer) -> None:
    """Tell which tokens no longer emit, since they are of the other environment."""
    stopped = [str(token.id) for token in tokens if _is_of_the_other_world(token, issuer)]
    if stopped:
        out.print(
            f"No emiten en {issuer.environment.called} los tokens {', '.join(stopped)}: son del otro ambiente. "
            f"Cree los de este con «cauce token create {issuer.nit}»."
        )


def _is_of_the_other_world(token: AccessToken, issuer: Issuer) -> bool:
    return token.revoked_at is None and token.world not in (None, issuer.environment)


def _show(issuer: Issuer) -> None:
    quota = f"{issuer.quota.limit} {issuer.quota.period.value}" if issuer.quota else "sin límite"
    routes = ", ".join(
        f"{name}: {issuer.providers[kind]}" for name, kind in KINDS.items() if kind in issuer.providers
    )
    settings = ", ".join(f"{p}.{k}={v}" for p, pairs in issuer.settings.items() for k, v in pairs.items())
    rows = {
        "NIT": f"{issuer.nit}-{issuer.check_digit}",
        "razón social": issuer.name,
        "estado": "activo" if issuer.active else "suspendido",
        "ambiente": issuer.environment.called,
        "proveedores": routes,
        "ajustes": settings or "—",
        "permisos": ", ".join(sorted(issuer.permissions)),
        "cuota": quota,
        "solicitudes": _requests(issuer),
        "adquirientes": f"{issuer.acquirers_a_day} consultas al día",
        "tarifas además": _rates(issuer),
        "correo desde": issuer.mail_from or "—",
        "remitentes": ", ".join(sorted(issuer.senders)) or "—",
        "datos": _described(issuer),
    }
    facts((name, escape(value)) for name, value in rows.items())


def _requests(issuer: Issuer) -> str:
    limit = issuer.request_limit
    return f"{limit.requests} cada {limit.seconds} s por token" if limit else "las de la pila"


def _rates(issuer: Issuer) -> str:
    found = (f"{code}={plain(each)}" for code, rates in issuer.extra_rates.items() for each in rates)
    return ", ".join(found) or "—"


def _described(issuer: Issuer) -> str:
    """The issuer's address, municipality and responsibilities, as its documents will show them."""
    if issuer.party is None:
        return "— (cauce issuer party)"
    told = (issuer.party.address, issuer.party.municipality, ";".join(issuer.party.responsibilities))
    return ", ".join(each for each in told if each)
