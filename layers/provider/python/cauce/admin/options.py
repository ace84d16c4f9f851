"""Reads what an operator types: kinds, environments, quotas, scopes, ends, routes, settings, files."""

import json
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.issuer_file import ENVIRONMENTS
from cauce.contracts.v1.issuer_file import KINDS as DOCUMENTS
from cauce.domain.access_token import USUAL, Scope
from cauce.domain.catalogs import TAXES, WITHHOLDINGS
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Environment, Period, Permission, Quota, RequestLimit
from cauce.domain.money import HUNDRED
from cauce.domain.time import bogota
from cauce.law import rates as law_rates
from cauce.mailing import letter
from cauce.providers import registry

if TYPE_CHECKING:
    from cauce.gateway import Gateway

_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?", re.ASCII)

KINDS = {**DOCUMENTS, "evento": Kind.EVENT}


Nit = Annotated[str, typer.Argument(help="NIT del emisor, sin dígito de verificación.")]


def file(*flags: str, what: str) -> Any:
    """An option whose value is the path of a file that exists. ``what``: its help."""
    return typer.Option(*flags, exists=True, dir_okay=False, help=what)


def kind(text: str) -> Kind:
    if text not in KINDS:
        raise typer.BadParameter(f"«{text}» no es un tipo; los hay: {', '.join(KINDS)}.")
    return KINDS[text]


def environment(text: str) -> Environment:
    if text not in ENVIRONMENTS:
        raise typer.BadParameter("El ambiente es habilitacion o produccion.")
    return ENVIRONMENTS[text]


def permission(text: str) -> Permission:
    try:
        return Permission(text)
    except ValueError:
        raise typer.BadParameter(f"Los permisos son: {', '.join(Permission)}.") from None


def quota(text: str | None) -> Quota | None:
    if text is None:
        return None
    limit, _, period = text.partition("/")
    try:
        return Quota(limit=int(limit), period=Period(period or "mensual"))
    except ValueError:
        raise typer.BadParameter("La cuota se escribe 100/mensual o 1000/anual.") from None


def request_limit(text: str) -> RequestLimit:
    try:
        return RequestLimit.parsed(text)
    except ValueError:
        raise typer.BadParameter("El límite se escribe 300/10: 300 solicitudes cada 10 segundos.") from None


def scopes(given: list[str]) -> frozenset[Scope]:
    """The scopes named; the usual ones where none is."""
    try:
        return frozenset(Scope(text) for text in given) or USUAL
    except ValueError:
        raise typer.BadParameter(f"Los alcances son: {', '.join(Scope)}.") from None


def end(text: str, now: datetime) -> datetime:
    """Midnight in Bogotá after a token's last day, which is given as a date or as a number of days from today."""
    today = bogota(now)
    try:
        last = today.date() + timedelta(int(text)) if text.isdecimal() else date.fromisoformat(text)
        following = last + timedelta(days=1)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            "El vencimiento es una fecha, 2027-01-31, o un número de días, 90."
        ) from None
    if last < today.date():
        raise typer.BadParameter(f"El {last} ya pasó.")
    return datetime.combine(following, time(), today.tzinfo)


def routes(given: list[str]) -> dict[Kind, str]:
    """``factus`` for every kind it takes, or ``factura=factus`` for one."""
    found: dict[Kind, str] = {}
    for text in given:
        wanted, separator, name = text.rpartition("=")
        cls = registry.provider_class(name)
        able = {kind for settings in cls.variants for kind in cls.declare(settings).kinds}
        found.update({kind(wanted): name} if separator else dict.fromkeys(sorted(able), name))
    return found


def settings(current: dict[str, dict[str, str]], given: list[str]) -> dict[str, dict[str, str]]:
    merged = {provider: dict(pairs) for provider, pairs in current.items()}
    for text in given:
        path, separator, value = text.partition("=")
        provider, dot, name = path.partition(".")
        if not (separator and dot):
            raise typer.BadParameter(f"«{text}» no tiene la forma PROVEEDOR.CLAVE=VALOR.")
        registry.provider_class(provider)
        merged.setdefault(provider, {})[name] = value
        registry.provider_class(provider).declare(merged[provider])
    return merged


def rates(
    current: dict[str, tuple[Decimal, ...]], added: list[str], dropped: list[str]
) -> dict[str, tuple[Decimal, ...]]:
    """The issuer's percentages beside those of the law's file, by tax, with those added and without those dropped."""
    pairs = {(code, each) for code, known in current.items() for each in known}
    pairs = (pairs | set(map(_rate, added))) - set(map(_rate, dropped))
    by_code: dict[str, tuple[Decimal, ...]] = {}
    for code, percent in sorted(pairs):
        by_code[code] = (*by_code.get(code, ()), percent)
    return by_code


def _rate(text: str) -> tuple[str, Decimal]:
    code, _, percent = text.partition("=")
    if code not in law_rates.codes() or not _PERCENT.fullmatch(percent) or Decimal(percent) > HUNDRED:
        names = {**TAXES, **WITHHOLDINGS}
        codes = ", ".join(f"{each} ({names[each]})" for each in law_rates.codes())
        raise typer.BadParameter(f"«{text}» no tiene la forma IMPUESTO=PORCENTAJE; los impuestos: {codes}.")
    return code, Decimal(percent).normalize()


def json_object(file: Path) -> JsonObject:
    """The object in a JSON file. Raises InvalidDocument, which quotes nothing of the file: it may hold secrets."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise InvalidDocument("El archivo no es un objeto JSON en UTF-8.")
    return given


def secrets(file: Path, wanted: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The wanted fields of a JSON file, and those of the optional ones that it has. Raises InvalidDocument,
    quoting nothing."""
    given = json_object(file)
    texts = {name: text for name, text in given.items() if isinstance(text, str) and text}
    asked = (*wanted, *optional)
    wrong = [name for name in wanted if name not in given]
    wrong += [name for name in asked if name in given and name not in texts]
    if wrong:
        raise InvalidDocument(f"Faltan en el archivo, como texto: {', '.join(wrong)}.")
    return {name: texts[name] for name in asked if name in texts}


def sender(text: str, gateway: "Gateway") -> str:
    """From whom mails are sent. Refused where the stack sends none, or where it is no address."""
    if not gateway.mail.is_set_up:
        raise typer.BadParameter("Esta pila no envía correo: despliéguela con el parámetro MailSenders.")
    try:
        letter.address(text)
    except letter.Unaddressable:
        raise typer.BadParameter(f"«{text}» no es una dirección de correo.") from None
    return text
