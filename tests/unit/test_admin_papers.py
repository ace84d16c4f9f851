"""``cauce issuer representation``: how an issuer's papers look."""

import pytest

from cauce.domain.paper import Paper
from cauce.representation import images
from tests.unit.representation.images import jpeg, png
from tests.unit.test_admin import NIT, cauce, enrolled, factus, gateway, one_red_line, settings  # noqa: F401


def representation(cauce, *options):  # noqa: F811
    return cauce("issuer", "representation", NIT, *options)


def test_what_is_chosen_is_kept_shown_and_the_rest_stays(cauce, enrolled, gateway, tmp_path):  # noqa: F811
    (tmp_path / "logo.png").write_bytes(png(lambda x, _: (x, 0, 0)))

    first = representation(cauce, "--logo", str(tmp_path / "logo.png"), "--color", "#0A5", "--pie", "Gracias")
    second = representation(
        cauce, "--pie", "sin", "--software", "Mi ERP", "--fabricante", "Hacedora S.A.S.", "--fabricante-nit", "900111222"
    )  # fmt: skip
    shown = representation(cauce)

    assert (first.code, second.code, shown.code) == (0, 0, 0), first.err + second.err + shown.err
    paper = gateway.papers.read(NIT)
    assert paper.logo is not None
    assert images.read(gateway.archive.read(paper.logo)).width == 40
    assert paper == Paper(
        colour="#0A5", logo=paper.logo, software="Mi ERP", maker="Hacedora S.A.S.", maker_nit="900111222"
    )
    assert "Gracias" in first.out
    assert "#0A5" in shown.out
    assert "Hacedora S.A.S." in shown.out


def test_a_jpeg_is_kept_as_it_is_and_a_logo_is_taken_away(cauce, enrolled, gateway, tmp_path):  # noqa: F811
    (tmp_path / "logo.jpg").write_bytes(jpeg())
    representation(cauce, "--logo", str(tmp_path / "logo.jpg"))
    kept = gateway.papers.read(NIT).logo

    representation(cauce, "--logo", "sin")

    assert gateway.archive.read(kept) == jpeg()
    assert gateway.papers.read(NIT) == Paper()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--color", "azul"), "«azul» no es un color: escríbalo como #0A5 o #00AA55."),
        (("--color", "#FFEE00"), "contraste es 1,2 y debe ser al menos 3,0. Use uno más oscuro."),
        (("--pie", "x" * 301), "«--pie» admite hasta 300 letras, y tiene 301."),
        (("--logo", "no-hay.png"), "No hay un archivo no-hay.png."),
        (("--logo", "README.md"), "El logo no es PNG ni JPEG: guárdelo en uno de esos formatos"),
        (("--fabricante-nit", "900111222-1"), "El NIT son solo dígitos, sin dígito de verificación."),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(cauce, enrolled, gateway, options, why):  # noqa: F811
    ran = representation(cauce, "--pie", "Gracias", *options)

    assert ran.code != 0
    assert why in " ".join(ran.err.replace("│", " ").split())
    assert gateway.papers.read(NIT) == Paper()
