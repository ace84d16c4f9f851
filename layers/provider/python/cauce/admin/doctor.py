"""``cauce doctor``: what must hold before an issuer can emit, and of the stack; who must act, and what to do."""

import json
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import stack, words
from cauce.admin.terminal import out, signed, wrapped
from cauce.contracts.v1 import preparations
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.issuer import Issuer
from cauce.domain.preparation import Actor, Point, Preparation, Standing, Subject, of_law
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.law import values
from cauce.reading import doctor as reading

SIGNS = {Standing.READY: "✔", Standing.ATTENTION: "!", Standing.MISSING: "✗"}
PUNTOS = {
    **preparations.PUNTOS,
    Subject.TRIAL: "consulta",
    Subject.WEBHOOK: "webhook",
    Subject.MAIL: "correo",
    Subject.LAW: "valores de ley",
    Subject.ACCOUNT: "cuenta de AWS",
    Subject.ALARM: "alarmas",
    Subject.QUEUE: "colas",
}
# The profiles of samconfig.toml, by how many functions the account may run at a time.
_NEW_ACCOUNT, _USUAL = 10, 100


def doctor(
    nit: Annotated[str | None, typer.Argument(help="Sin NIT: todos los emisores activos.")] = None,
    of_stack: Annotated[
        bool, typer.Option("--stack", "--pila", help="También la instalación: cuenta, alarmas y colas.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Para otro programa.")] = False,
) -> None:
    """Dice qué debe cumplirse para emitir, ahora y en los próximos 30 días: quién debe actuar, y con qué comando.

    Prueba las credenciales con una consulta que no cambia nada. Sale con 1 si algo impide emitir.
    """
    gateway = stack.gateway()
    issuers = [gateway.issuers.read(nit)] if nit else [each for each in gateway.issuers.all() if each.active]
    found = [(issuer, reading.of(gateway, issuer)) for issuer in issuers]
    installed = [_law(gateway), *(_stack(gateway) if of_stack else ())]
    if as_json:
        told = {
            "emisores": [_told(issuer, each) for issuer, each in found],
            "pila": [preparations.point(each, PUNTOS) for each in installed],
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        _tell(found, installed)
    stand = {*(each.standing for _, each in found), *(each.standing for each in installed)}
    if Standing.MISSING in stand:
        raise typer.Exit(1)


def _tell(found: Iterable[tuple[Issuer, Preparation]], installed: Iterable[Point]) -> None:
    for issuer, each in found:
        out.print(f"[bold]{escape(issuer.name)}[/bold], NIT {issuer.nit}, {issuer.environment.called}")
        show(each.points)
        out.print(preparations.summary(each))
    out.print("[bold]La instalación[/bold]")
    show(installed)


def show(points: Iterable[Point]) -> None:
    """Print each point: how it stands and, where somebody must act, who and what to do."""
    for point in points:
        about = (point.provider, point.kind and words.KINDS[point.kind], point.prefix)
        where = " ".join([PUNTOS[point.subject], *(each for each in about if each)])
        days = "" if point.days_left is None else f" (días: {point.days_left})"
        signed(SIGNS[point.standing], f"[dim]{where}:[/dim] {escape(point.says)}{days}")
        if point.who and point.fix:
            wrapped(f"{preparations.RESPONSABLES[point.who]}: {escape(point.fix)}", indent=2)


def _told(issuer: Issuer, found: Preparation) -> JsonObject:
    return {"nit": issuer.nit, **preparations.answer(found, issuer, PUNTOS)}


def _law(gateway: Gateway) -> Point:
    """Of the values of the law for the year that is needed next."""
    year = values.year_needed(bogota(gateway.now()).date())
    return of_law(year, values.absent(year))


def _stack(gateway: Gateway) -> Iterable[Point]:
    account = stack.account()
    yield _executions(account.executions())
    yield _alarms(account.raised(stack.name()))
    for name, letters in (
        ("emisión", gateway.dead_letters),
        ("entrada", gateway.intake_dead_letters),
        ("control", gateway.control_dead_letters),
    ):
        _, dead = letters.depths()
        yield _queue(name, dead.waiting)


def _executions(limit: int | None) -> Point:
    if limit is None:
        says, fix = "AWS no dijo cuántas funciones puede correr la cuenta a la vez.", _MAY_READ
    elif limit < _USUAL:
        profile = "cuenta-nueva" if limit <= _NEW_ACCOUNT else "habilitacion"
        says = f"La cuenta corre {limit} funciones a la vez: el perfil que le cabe es «{profile}»."
        fix = "Pida 1000 en Service Quotas («Concurrent executions»); tarda de minutos a dos días."
    else:
        says = f"La cuenta corre {limit} funciones a la vez: le caben los perfiles «habilitacion» y «produccion»."
        return _point(Subject.ACCOUNT, says)
    return _point(Subject.ACCOUNT, says, fix)


_MAY_READ = "Dé a quien opera permiso de leerlo (lambda:GetAccountSettings, cloudwatch:DescribeAlarms)."


def _alarms(raised: list[str] | None) -> Point:
    if raised == []:
        return _point(Subject.ALARM, "Ninguna alarma de la pila está encendida.")
    if raised is None:
        says, fix = "AWS no dijo qué alarmas están encendidas.", _MAY_READ
    else:
        says = f"Alarmas encendidas: {', '.join(raised)}."
        fix = "Qué hacer con cada una está en docs/RUNBOOK.md, por su nombre."
    return _point(Subject.ALARM, says, fix)


def _queue(name: str, dead: int) -> Point:
    if not dead:
        return _point(Subject.QUEUE, f"La cola de {name} no ha abandonado mensajes.")
    return _point(
        Subject.QUEUE,
        f"La cola de {name} abandonó {dead}: nada de ello sigue solo.",
        "Mírelos: cauce queue show. Devuélvalos: cauce queue redrive; nada se emite dos veces.",
    )


def _point(subject: Subject, says: str, fix: str | None = None) -> Point:
    """A point of the stack: right, or for the operator to attend to where there is something to ``fix``."""
    if fix is None:
        return Point(subject=subject, standing=Standing.READY, says=says)
    return Point(subject=subject, standing=Standing.ATTENTION, says=says, who=Actor.OPERATOR, fix=fix)
