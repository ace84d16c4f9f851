"""``cauce``: the operator's command. It works on a stack in AWS and on the local engine alike."""

import json
import os
import uuid
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated

import boto3
import typer
from rich.console import Console
from rich.table import Table

from cauce import access, numbering, wiring
from cauce.aws.settings import Settings
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError
from cauce.domain.issuer import Environment, Issuer, Period, Permission, Quota
from cauce.domain.nit import check_digit
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.providers import registry

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Opera una instalación de Cauce."
)
issuer_app = typer.Typer(no_args_is_help=True, help="Emisores: las empresas que emiten.")
provider_app = typer.Typer(no_args_is_help=True, help="Proveedores: credenciales de cada emisor.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens del API.")
range_app = typer.Typer(no_args_is_help=True, help="Rangos de numeración.")
document_app = typer.Typer(no_args_is_help=True, help="Documentos emitidos.")
app.add_typer(issuer_app, name="issuer")
app.add_typer(provider_app, name="provider")
app.add_typer(token_app, name="token")
app.add_typer(range_app, name="range")
app.add_typer(document_app, name="document")

_out = Console(soft_wrap=True, highlight=False)
_stack = "cauce"

KINDS = {
    "factura": Kind.INVOICE,
    "nota-credito": Kind.CREDIT_NOTE,
    "nota-debito": Kind.DEBIT_NOTE,
    "documento-soporte": Kind.SUPPORT_DOCUMENT,
    "nota-ajuste": Kind.ADJUSTMENT_NOTE,
    "evento": Kind.EVENT,
}
ENVIRONMENTS = {"habilitacion": Environment.TEST, "produccion": Environment.PRODUCTION}


@app.callback()
def main(
    stack: Annotated[
        str, typer.Option(envvar="CAUCE_STACK", help="Nombre de la pila de CloudFormation.")
    ] = "cauce",
) -> None:
    """Opera una instalación de Cauce."""
    global _stack
    _stack = stack


def run() -> None:
    """The console script: an error is one red line and exit code 1, never a traceback."""
    try:
        app()
    except CauceError as error:
        Console(stderr=True, highlight=False).print(f"[red]{error.message}[/red]")
        raise SystemExit(1) from None


@issuer_app.command("create")
def issuer_create(
    nit: Annotated[str, typer.Argument(help="NIT sin dígito de verificación.")],
    name: Annotated[str, typer.Option("--name", help="Razón social.")],
    provider: Annotated[
        list[str], typer.Option(help="Proveedor para todo lo que emite, o TIPO=PROVEEDOR (repetible).")
    ],
    environment: Annotated[str, typer.Option(help="habilitacion o produccion.")] = "habilitacion",
    setting: Annotated[
        list[str] | None, typer.Option(help="PROVEEDOR.CLAVE=VALOR, p. ej. factus.dialect=v2 (repetible).")
    ] = None,
    quota: Annotated[
        str | None, typer.Option(help="Documentos por periodo: 100/mensual o 1000/anual.")
    ] = None,
) -> None:
    """Crea un emisor. Si ya existe, no lo toca."""
    gateway = _gateway()
    if not (nit.isdigit() and len(nit) <= 15):
        raise typer.BadParameter("El NIT son solo dígitos, sin dígito de verificación.")
    if any(known.nit == nit for known in gateway.store.issuers()):
        raise typer.BadParameter(f"El emisor {nit} ya existe; use «cauce issuer update».")
    issuer = Issuer(
        nit=nit,
        check_digit=check_digit(nit),
        uuid=str(uuid.uuid4()),
        number=gateway.store.next_id("issuer"),
        name=name,
        environment=_environment(environment),
        providers=_routes(provider),
        settings=_settings({}, setting or []),
        quota=_quota(quota),
    )
    gateway.store.save_issuer(issuer)
    _show_issuer(issuer)


@issuer_app.command("update")
def issuer_update(
    nit: str,
    name: Annotated[str | None, typer.Option("--name")] = None,
    provider: Annotated[list[str] | None, typer.Option()] = None,
    environment: Annotated[str | None, typer.Option()] = None,
    setting: Annotated[list[str] | None, typer.Option()] = None,
    quota: Annotated[str | None, typer.Option(help="100/mensual, 1000/anual o «sin».")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="Permiso a conceder (repetible).")] = None,
    deny: Annotated[list[str] | None, typer.Option(help="Permiso a retirar (repetible).")] = None,
    active: Annotated[bool | None, typer.Option("--active/--suspended")] = None,
) -> None:
    """Cambia lo indicado de un emisor y deja el resto igual."""
    gateway = _gateway()
    issuer = gateway.store.issuer(nit)
    permissions = (issuer.permissions | {_permission(p) for p in allow or []}) - {
        _permission(p) for p in deny or []
    }
    changes: dict[str, object] = {
        "permissions": permissions,
        "settings": _settings(issuer.settings, setting or []),
    }
    if name:
        changes["name"] = name
    if provider:
        changes["providers"] = {**issuer.providers, **_routes(provider)}
    if environment:
        changes["environment"] = _environment(environment)
    if quota:
        changes["quota"] = None if quota == "sin" else _quota(quota)
    if active is not None:
        changes["active"] = active
    issuer = issuer.model_copy(update=changes)
    gateway.store.save_issuer(issuer)
    _show_issuer(issuer)


@issuer_app.command("show")
def issuer_show(nit: Annotated[str | None, typer.Argument(help="Sin NIT: todos.")] = None) -> None:
    """Muestra un emisor, o todos."""
    gateway = _gateway()
    for issuer in [gateway.store.issuer(nit)] if nit else gateway.store.issuers():
        _show_issuer(issuer)


@provider_app.command("credentials")
def provider_credentials(
    nit: str,
    name: Annotated[str, typer.Argument(metavar="PROVEEDOR")],
    file: Annotated[
        Path | None, typer.Option("--file", exists=True, dir_okay=False, help="JSON con las credenciales.")
    ] = None,
) -> None:
    """Guarda las credenciales de un emisor ante un proveedor; las pregunta, o las lee de un archivo.

    Nunca van en la línea de comandos, donde quedarían en el historial.
    """
    gateway = _gateway()
    issuer = gateway.store.issuer(nit)
    wanted = registry.provider_class(name).credential_fields
    if file is not None:
        given = json.loads(file.read_text(encoding="utf-8"))
        missing = [field for field in wanted if not given.get(field)]
        if missing:
            raise typer.BadParameter(f"Faltan en el archivo: {', '.join(missing)}.")
        fields = {field: str(given[field]) for field in wanted}
    else:
        fields = {field: typer.prompt(field, hide_input=True) for field in wanted}
    wiring.secrets_of(boto3.Session(), _resources()).write(issuer.nit, name, fields)
    _out.print(f"Credenciales de [b]{name}[/b] guardadas para {issuer.name}.")


@token_app.command("create")
def token_create(
    nit: str,
    name: Annotated[str, typer.Option("--name", help="Quién lo usará.")],
    email: Annotated[str, typer.Option("--email")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Imprime solo el token.")] = False,
) -> None:
    """Crea un token del API. Se muestra una sola vez."""
    token, bearer = access.grant(_gateway(), nit, name=name, email=email)
    if quiet:
        print(bearer)
        return
    _out.print(f"Token {token.id} de {nit} («{token.name}»). Cópielo ahora: no se vuelve a mostrar.")
    print(bearer)


@token_app.command("list")
def token_list(nit: str) -> None:
    """Lista los tokens de un emisor; nunca sus secretos."""
    table = _table("id", "nombre", "correo", "creado", "revocado")
    for token in _gateway().store.tokens(nit):
        revoked = f"{bogota(token.revoked_at):%Y-%m-%d %H:%M}" if token.revoked_at else ""
        table.add_row(
            str(token.id), token.name, token.email, f"{bogota(token.created_at):%Y-%m-%d %H:%M}", revoked
        )
    _out.print(table)


@token_app.command("revoke")
def token_revoke(token_id: int) -> None:
    """Revoca un token: desde ya no sirve."""
    token = access.revoke(_gateway(), token_id)
    _out.print(f"Token {token.id} de {token.issuer} revocado.")


@range_app.command("list")
def range_list(nit: str) -> None:
    """Lista los rangos de numeración de un emisor, con su estado y lo que conviene saber."""
    gateway = _gateway()
    table = _table(
        "proveedor", "tipo", "prefijo", "desde", "hasta", "siguiente", "resolución", "vence", "estado"
    )
    for found, state, warning in numbering.ranges(gateway, gateway.store.issuer(nit)):
        table.add_row(
            found.provider,
            found.kind.value if found.kind else found.provider_type or "",
            found.prefix,
            str(found.start),
            str(found.end),
            str(found.next or ""),
            found.resolution or "",
            str(found.valid_to or ""),
            warning or state.value,
        )
    _out.print(table)


@range_app.command("sync")
def range_sync(nit: str) -> None:
    """Trae de los proveedores los rangos de un emisor; no baja ni borra ninguno."""
    gateway = _gateway()
    for report in numbering.sync_all(gateway, gateway.store.issuer(nit)):
        if report.error:
            _out.print(f"[red]{report.provider}: {report.error}[/red]")
            continue
        _out.print(
            f"{report.provider}: {len(report.new)} nuevos, {len(report.changed)} cambiados, "
            f"{len(report.vanished)} ausentes, {len(report.unchanged)} iguales."
        )


@document_app.command("show")
def document_show(
    nit: str, document: Annotated[str, typer.Argument(help="tracking_id o referencia.")]
) -> None:
    """Muestra un documento: qué es, en qué va y qué dijo el proveedor."""
    record = _find(_gateway(), nit, document)
    table = Table.grid(padding=(0, 2))
    for name, value in _facts(record):
        table.add_row(f"[dim]{name}[/dim]", value)
    _out.print(table)


@document_app.command("trace")
def document_trace(
    nit: str, document: Annotated[str, typer.Argument(help="tracking_id o referencia.")]
) -> None:
    """Muestra, paso a paso y con su hora, todo lo que le pasó a un documento."""
    record = _find(_gateway(), nit, document)
    table = _table("hora", "paso", "detalle")
    for step in record.steps:
        table.add_row(
            f"{step.at.astimezone(bogota(step.at).tzinfo):%Y-%m-%d %H:%M:%S.%f}"[:-3],
            step.what,
            step.detail or "",
        )
    _out.print(table)


def _facts(record: Record) -> Iterable[tuple[str, str]]:
    yield "tracking_id", record.document_id
    yield "tipo", record.kind.value
    yield "estado", f"[b]{record.state.value}[/b]"
    yield "número", str(record.number or "—")
    yield "código único", record.uuid or "—"
    yield "proveedor", record.provider
    yield "referencia", record.content.reference or "—"
    yield "emitido", record.issued_at.isoformat()
    if record.event is None:
        yield "total", f"{record.payable:,.2f} {record.document.currency}"
    yield "intentos", str(record.attempt)
    yield "XML firmado", record.signed_xml or "—"
    for message in record.rejections:
        yield "rechazo", f"[red]{message.text}[/red]"
    for message in record.notices:
        yield "notificación", message.text
    if record.last_error:
        yield "último error", f"[red]{record.last_error}[/red]"


def _find(gateway: Gateway, nit: str, document: str) -> Record:
    return gateway.store.by_reference(nit, document) or gateway.store.record(nit, document)


def _show_issuer(issuer: Issuer) -> None:
    table = Table.grid(padding=(0, 2))
    quota = f"{issuer.quota.limit} {issuer.quota.period.value}" if issuer.quota else "sin límite"
    routes = ", ".join(
        f"{name}: {issuer.providers[kind]}" for name, kind in KINDS.items() if kind in issuer.providers
    )
    settings = ", ".join(f"{p}.{k}={v}" for p, pairs in issuer.settings.items() for k, v in pairs.items())
    rows = {
        "NIT": f"{issuer.nit}-{issuer.check_digit}",
        "razón social": issuer.name,
        "estado": "activo" if issuer.active else "suspendido",
        "ambiente": next(name for name, value in ENVIRONMENTS.items() if value is issuer.environment),
        "proveedores": routes,
        "ajustes": settings or "—",
        "permisos": ", ".join(sorted(issuer.permissions)),
        "cuota": quota,
    }
    for name, value in rows.items():
        table.add_row(f"[dim]{name}[/dim]", value)
    _out.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _routes(given: list[str]) -> dict[Kind, str]:
    """``factus`` for every kind it takes, or ``factura=factus`` for one."""
    routes: dict[Kind, str] = {}
    for text in given:
        kind, separator, name = text.rpartition("=")
        cls = registry.provider_class(name)
        if separator and kind not in KINDS:
            raise typer.BadParameter(f"«{kind}» no es un tipo; los hay: {', '.join(KINDS)}.")
        able = {kind for settings in cls.variants for kind in cls.declare(settings).kinds}
        routes.update({KINDS[kind]: name} if separator else dict.fromkeys(sorted(able), name))
    return routes


def _settings(current: dict[str, dict[str, str]], given: list[str]) -> dict[str, dict[str, str]]:
    merged = {provider: dict(pairs) for provider, pairs in current.items()}
    for text in given:
        path, separator, value = text.partition("=")
        provider, dot, name = path.partition(".")
        if not (separator and dot):
            raise typer.BadParameter(f"«{text}» no tiene la forma PROVEEDOR.CLAVE=VALOR.")
        registry.provider_class(provider)
        merged.setdefault(provider, {})[name] = value
    return merged


def _environment(text: str) -> Environment:
    if text not in ENVIRONMENTS:
        raise typer.BadParameter("El ambiente es habilitacion o produccion.")
    return ENVIRONMENTS[text]


def _permission(text: str) -> Permission:
    try:
        return Permission(text)
    except ValueError:
        raise typer.BadParameter(f"Los permisos son: {', '.join(Permission)}.") from None


def _quota(text: str | None) -> Quota | None:
    if text is None:
        return None
    limit, _, period = text.partition("/")
    try:
        return Quota(limit=int(limit), period=Period(period or "mensual"))
    except ValueError:
        raise typer.BadParameter("La cuota se escribe 100/mensual o 1000/anual.") from None


@cache
def _gateway() -> Gateway:
    return wiring.connect(_resources())


@cache
def _resources() -> Settings:
    """The stack's resources: from the environment where it names them, else from the stack's outputs."""
    if "CAUCE_TABLE" in os.environ:
        from cauce.aws.settings import from_environment

        return from_environment()
    stacks = boto3.client("cloudformation").describe_stacks(StackName=_stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
    return Settings(
        table=outputs["TableName"],
        bucket=outputs["BucketName"],
        queue_url=outputs["QueueUrl"],
        secret_prefix=outputs["SecretPrefix"],
        stage=outputs.get("Stage", ""),
    )
