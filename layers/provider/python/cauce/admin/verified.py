"""Shows the report of a verified file: to a person in a terminal, or as JSON to a program."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.markup import escape

from cauce.admin.terminal import facts, out, signed, wrapped
from cauce.contracts.v1.bodies import JsonObject
from cauce.verification.report import Check, Report, Section, Verdict

_SIGNS = {
    Verdict.RIGHT: "[green]✔[/green]",
    Verdict.WRONG: "[red]✘[/red]",
    Verdict.NOTICE: "[yellow]![/yellow]",
    Verdict.UNKNOWN: "[dim]○[/dim]",
}
# A longer value, as a hash, is shown by its two ends; in JSON it is whole.
_LONGEST_VALUE = 60
_MOST_PLACES = 3


def show(report: Report, file: Path) -> None:
    out.print(f"[dim]{escape(str(file))}[/dim]")
    _show(report, 0)
    out.print()
    out.print(_summary(report))


def as_json(report: Report, file: Path) -> JsonObject:
    return {"archivo": str(file), "correcto": report.is_right, **_as_json(report)}


def _show(report: Report, indent: int) -> None:
    wrapped(f"[b]{escape(report.title)}[/b]", indent=indent)
    facts(((name, escape(value)) for name, value in report.facts if value), indent=indent)
    for section in report.sections:
        out.print()
        wrapped(f"[b]{escape(section.title)}[/b]", indent=indent)
        facts(((name, escape(value)) for name, value in section.facts), indent=indent + 2)
        _checks(section, indent + 2)
    for inner in report.enclosed:
        out.print()
        _show(inner, indent + 4)


def _checks(section: Section, indent: int) -> None:
    """Print the checks; equal ones about several places are printed once."""
    for _, same in groupby(section.checks, key=lambda check: (check.verdict, check.rule, check.text)):
        found = list(same)
        first = found[0]
        rule = f"[b]{escape(first.rule)}[/b] " if first.rule else ""
        times = f" [dim]({len(found)} veces)[/dim]" if len(found) > 1 else ""
        signed(_SIGNS[first.verdict], f"{rule}{escape(first.text)}{times}", indent=indent)
        for check in found[:_MOST_PLACES]:
            facts(_details(check), indent=indent + 4)
        if len(found) > _MOST_PLACES:
            wrapped(f"[dim]y en {len(found) - _MOST_PLACES} lugares más[/dim]", indent=indent + 4)


def _details(check: Check) -> Iterator[tuple[str, str]]:
    if check.where is not None:
        yield f"{'en':<11}", escape(check.where)
    for name, value in (("se esperaba", check.expected), ("se encontró", check.found)):
        if value is not None:
            yield name, escape(_short(value))


def _short(value: str) -> str:
    if len(value) <= _LONGEST_VALUE:
        return value
    half = _LONGEST_VALUE // 2
    return f"{value[:half]}…{value[-half:]}"


def _summary(report: Report) -> str:
    notices, unknown = report.count(Verdict.NOTICE), report.count(Verdict.UNKNOWN)
    beside = []
    if notices:
        beside.append("un aviso" if notices == 1 else f"{notices} avisos")
    if unknown:
        beside.append("una cosa sin verificar" if unknown == 1 else f"{unknown} cosas sin verificar")
    rest = f", {' y '.join(beside)}" if beside else ""
    wrong = report.count(Verdict.WRONG)
    if wrong:
        return f"[red b]✘ Incorrecto:[/red b] {'una falla' if wrong == 1 else f'{wrong} fallas'}{rest}."
    return f"[green b]✔ Correcto[/green b]{rest}."


def _as_json(report: Report) -> JsonObject:
    return {
        "documento": report.title,
        "datos": dict(report.facts),
        "secciones": [
            {
                "titulo": section.title,
                "datos": dict(section.facts),
                "verificaciones": [_check_as_json(check) for check in section.checks],
            }
            for section in report.sections
        ],
        "contenidos": [_as_json(inner) for inner in report.enclosed],
    }


def _check_as_json(check: Check) -> dict[str, str]:
    values = {
        "veredicto": check.verdict.value,
        "texto": check.text,
        "regla": check.rule,
        "lugar": check.where,
        "esperado": check.expected,
        "hallado": check.found,
    }
    return {name: value for name, value in values.items() if value is not None}
