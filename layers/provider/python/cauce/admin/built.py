"""Shows a file that was built, and which rules of DIAN it breaks."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.markup import escape

from cauce.admin.terminal import facts, out, signed
from cauce.domain.money import ZERO
from cauce.domain.outcome import Finding
from cauce.domain.time import bogota
from cauce.offline.build import Built

_UNSIGNED = (
    "[yellow]Sin firma.[/yellow] Sirve para revisar el contenido; la DIAN lo rechaza. No se firma con un certificado "
    "hecho aquí, porque la DIAN solo acepta el de una autoridad acreditada."
)
_OTHER_DAY = (
    "[yellow]Firmado como si fuera el {:%Y-%m-%d}.[/yellow] Sirve para revisarlo o reproducirlo; lo que se envía a "
    "la DIAN se emite y se firma el mismo día, con la hora verdadera (FAD09e): hágalo sin --fecha."
)


def show(made: Built, target: Path, now: datetime) -> None:
    """Print the file in a few lines: what it is, its totals, who signed it, what DIAN would object to. ``now`` is the
    true time: a file that was signed as if on another day gets a warning."""
    facts(_facts(made, target))
    if made.certificate is None:
        out.print()
        signed("[yellow]![/yellow]", _UNSIGNED)
    elif made.signed_at.date() != bogota(now).date():
        out.print()
        signed("[yellow]![/yellow]", _OTHER_DAY.format(made.signed_at))
    if made.document is not None:
        out.print()
        show_findings(list(made.findings), as_json=False)


def show_findings(found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_as_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        sign = "[red]✘[/red]" if each.is_rejection else "[yellow]![/yellow]"
        signed(sign, f"[b]{each.rule}[/b] {escape(each.field)}: {escape(each.fix)}")
        facts((("se esperaba", escape(each.expected)), ("se encontró", escape(each.found))), indent=4)
    rejections = sum(each.is_rejection for each in found)
    notices = len(found) - rejections
    told = f"{notices} {'notificación' if notices == 1 else 'notificaciones'}" if notices else ""
    if rejections:
        rules = f"{rejections} {'regla' if rejections == 1 else 'reglas'}"
        also = f", y daría {told}" if told else ""
        signed("[red]✘[/red]", f"[red]La DIAN lo rechazaría por {rules}[/red]{also}.")
    else:
        also = f", con {told}" if told else ""
        signed(
            "[green]✔[/green]", f"Cumple las reglas de la DIAN que se pueden saber antes de enviarlo{also}."
        )


def _facts(made: Built, target: Path) -> Iterator[tuple[str, str]]:
    yield "archivo", f"[b]{escape(str(target))}[/b] ({len(made.xml):,} bytes)"
    yield "número", made.number
    yield "emitido", made.issued_at.isoformat()
    yield made.identifier_scheme, made.identifier
    if made.document is not None and made.totals is not None:
        sums, currency = made.totals, made.document.currency
        for name, amount in (
            ("valor bruto", sums.line_extension),
            ("impuestos", sums.tax),
            ("descuentos", sums.allowance),
            ("cargos", sums.charge),
            ("total", sums.payable),
        ):
            if amount != ZERO or name in ("valor bruto", "total"):
                yield name, f"{amount:,.2f} {currency}"
    if made.certificate is not None:
        yield "firmado", f"certificado vigente hasta {bogota(made.certificate.valid_to):%Y-%m-%d}"


def _as_json(found: Finding) -> dict[str, str]:
    return {
        "regla": found.rule,
        "severidad": found.severity.value,
        "campo": found.field,
        "esperado": found.expected,
        "hallado": found.found,
        "correccion": found.fix,
        "correccion_en": found.fix_en,
    }
