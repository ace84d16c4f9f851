"""``cauce range``: the intervals of numbers of an issuer."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from cauce.admin import options, reconciliation, stack, words
from cauce.admin.terminal import out, say_in_red, table
from cauce.domain.document import Kind
from cauce.domain.ranges import NumberingRange
from cauce.numbering.sync import sync_all
from cauce.providers import registry
from cauce.reading import listing

app = typer.Typer(no_args_is_help=True, help="Rangos de numeración.")
app.command("audit")(reconciliation.audit)


@app.command("list")
def list_(nit: options.Nit) -> None:
    """Lista los rangos de numeración de un emisor, con su estado y lo que conviene saber."""
    gateway = stack.gateway()
    listed = table(
        "proveedor", "tipo", "prefijo", "desde", "hasta", "siguiente", "resolución", "vence", "estado"
    )
    for found, state, warning in listing.ranges(gateway, gateway.issuers.read(nit)):
        listed.add_row(
            found.provider,
            words.KINDS[found.kind] if found.kind else found.provider_type or "",
            found.prefix,
            str(found.start),
            str(found.end),
            str(found.next or ""),
            found.resolution or "",
            str(found.valid_to or ""),
            warning or state.value,
        )
    out.print(listed)


@app.command("sync")
def sync(nit: options.Nit) -> None:
    """Trae de los proveedores los rangos de un emisor; no baja ni borra ninguno."""
    gateway = stack.gateway()
    reports = sync_all(gateway, gateway.issuers.read(nit))
    for report in reports:
        if report.error:
            say_in_red(f"{report.provider}: {report.error}")
            continue
        out.print(
            f"{report.provider}: {len(report.new)} nuevos, {len(report.changed)} cambiados, "
            f"{len(report.vanished)} ausentes, {len(report.unchanged)} iguales."
        )
    if any(report.error for report in reports):
        raise typer.Exit(1)


@app.command("add")
def add(
    nit: options.Nit,
    provider: Annotated[str, typer.Option(help="Proveedor que emite con este rango.")],
    kind: Annotated[str, typer.Option(help="factura, nota-credito, documento-soporte…")],
    start: Annotated[int, typer.Option("--from", min=1, help="Primer número autorizado.")],
    end: Annotated[int, typer.Option("--to", min=1, help="Último número autorizado.")],
    prefix: Annotated[str, typer.Option(help="Letras y dígitos; sin él, el rango no tiene prefijo.")] = "",
    following: Annotated[
        int | None, typer.Option("--next", min=1, help="Siguiente número; si no se dice, el primero.")
    ] = None,
    resolution: Annotated[str | None, typer.Option(help="Resolución de la DIAN.")] = None,
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Primer día en que se puede usar.")
    ] = None,
    valid_to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Último día en que se puede usar.")
    ] = None,
    technical_key_file: Annotated[
        Path | None, options.file("--technical-key-file", what="Archivo con la clave técnica, y nada más.")
    ] = None,
) -> None:
    """Agrega a mano un rango que ningún proveedor informa. El siguiente número nunca baja."""
    gateway = stack.gateway()
    issuer = gateway.issuers.read(nit)
    registry.provider_class(provider)
    found = NumberingRange(
        provider=provider,
        kind=_numbered(kind),
        prefix=_prefix(prefix),
        resolution=resolution,
        start=start,
        end=end,
        next=start if following is None else following,
        valid_from=valid_from and valid_from.date(),
        valid_to=valid_to and valid_to.date(),
        technical_key=_technical_key(technical_key_file),
        by_hand=True,
    )
    if end < start:
        raise typer.BadParameter("--to no puede ser menor que --from.")
    if not start <= (found.next or start) <= end + 1:
        raise typer.BadParameter("--next debe estar dentro del rango.")
    if found.valid_from and found.valid_to and found.valid_to < found.valid_from:
        raise typer.BadParameter("--valid-to no puede ser anterior a --valid-from.")
    gateway.ranges.save(issuer.nit, found)
    stored = gateway.ranges.read(issuer.nit, found.key)
    out.print(
        f"Rango {stored.prefix or 'sin prefijo'} de {start} a {end} guardado; siguiente: {stored.next}."
    )


def _numbered(text: str) -> Kind:
    found = options.kind(text)
    if found is Kind.EVENT:
        raise typer.BadParameter("Los eventos no se numeran en un rango.")
    return found


def _prefix(text: str) -> str:
    if text and not (text.isascii() and text.isalnum() and len(text) <= 10):
        raise typer.BadParameter("El prefijo admite letras sin tilde y dígitos, 10 como máximo.")
    return text


def _technical_key(file: Path | None) -> SecretStr | None:
    """The key as it is hashed: in lowercase, without blanks."""
    if file is None:
        return None
    key = "".join(file.read_text(encoding="utf-8").split()).lower()
    if not (key.isascii() and key.isalnum()):
        raise typer.BadParameter("El archivo debe traer la clave técnica, y nada más.")
    return SecretStr(key)
