"""``cauce issuer representation``: how the papers of an issuer look."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack
from cauce.admin.terminal import facts
from cauce.domain.errors import InvalidDocument
from cauce.domain.nit import has_check_digit
from cauce.domain.paper import Paper
from cauce.gateway import Drawing
from cauce.representation import images
from cauce.representation.look import LEAST_CONTRAST, contrast

_NONE = "sin"
_MOST_FOOTER, _MOST_NAME = 300, 120


def representation(
    nit: options.Nit,
    logo: Annotated[
        str | None, typer.Option("--logo", help="PNG o JPEG, hasta 300 kB; «sin» lo quita.")
    ] = None,
    colour: Annotated[
        str | None, typer.Option("--color", help="De títulos y líneas: #0A5 o #00AA55; «sin»: el de todos.")
    ] = None,
    footer: Annotated[
        str | None,
        typer.Option("--pie", help="Texto al pie de cada página, hasta 300 letras; «sin» lo quita."),
    ] = None,
    software: Annotated[
        str | None, typer.Option("--software", help="Nombre del software que hace los documentos, o «sin».")
    ] = None,
    maker: Annotated[
        str | None, typer.Option("--fabricante", help="Quién hace ese software, o «sin».")
    ] = None,
    maker_nit: Annotated[
        str | None, typer.Option("--fabricante-nit", help="Su NIT, sin dígito de verificación, o «sin».")
    ] = None,
) -> None:
    """Cambia lo indicado de la representación gráfica de un emisor, o la muestra."""
    gateway = stack.gateway()
    gateway.issuers.read(nit)
    paper = gateway.papers.read(nit)
    changed = Paper(
        colour=_chosen(paper.colour, colour and _colour(colour)),
        footer=_chosen(paper.footer, footer and _short(footer, "pie", _MOST_FOOTER)),
        logo=_chosen(paper.logo, logo and _logo(gateway, nit, logo)),
        software=_chosen(paper.software, software and _short(software, "software", _MOST_NAME)),
        maker=_chosen(paper.maker, maker and _short(maker, "fabricante", _MOST_NAME)),
        maker_nit=_chosen(paper.maker_nit, maker_nit and _nit(maker_nit)),
    )
    if changed != paper:
        gateway.papers.save(nit, changed)
    _show(changed)


def _chosen(known: str | None, asked: str | None) -> str | None:
    if not asked:
        return known
    return None if asked == _NONE else asked


def _colour(text: str) -> str:
    if text == _NONE:
        return text
    try:
        found = contrast(text)
    except ValueError:
        raise typer.BadParameter(f"«{text}» no es un color: escríbalo como #0A5 o #00AA55.") from None
    if found < LEAST_CONTRAST:
        raise typer.BadParameter(
            f"El color {text} apenas se ve sobre papel blanco: su contraste es {_said(found)} y debe ser al menos "
            f"{_said(LEAST_CONTRAST)}. Use uno más oscuro."
        )
    return text


def _said(figure: float) -> str:
    return f"{figure:.1f}".replace(".", ",")


def _short(text: str, name: str, most: int) -> str:
    if len(text) > most:
        raise typer.BadParameter(f"«--{name}» admite hasta {most} letras, y tiene {len(text)}.")
    return text.strip()


def _logo(gateway: Drawing, nit: str, name: str) -> str:
    """The archive's key of the logo in a file."""
    if name == _NONE:
        return name
    path = Path(name)
    if not path.is_file():
        raise typer.BadParameter(f"No hay un archivo {name}.")
    try:
        media_type, content = images.kept(path.read_bytes())
    except InvalidDocument as refusal:
        raise typer.BadParameter(f"{refusal.message}") from None
    return gateway.archive.logo(nit, content, media_type)


def _nit(text: str) -> str:
    if text == _NONE:
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 15) or has_check_digit(text):
        raise typer.BadParameter("El NIT son solo dígitos, sin dígito de verificación.")
    return text


def _show(paper: Paper) -> None:
    rows = {
        "logo": "sí" if paper.logo else "—",
        "color": paper.colour or "— (el de todos)",
        "pie": paper.footer or "—",
        "software": paper.software or "—",
        "fabricante": paper.maker or "—",
        "NIT del fabricante": paper.maker_nit or "—",
    }
    facts((name, escape(value)) for name, value in rows.items())
