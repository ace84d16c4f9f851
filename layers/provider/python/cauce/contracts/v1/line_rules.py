"""What the fields of one line must agree on, each disagreement under its path within the line."""

from collections.abc import Iterator

from cauce.contracts.v1.lines import Line, Tax
from cauce.contracts.v1.party_rules import identification
from cauce.contracts.v1.sentences import Finding, required
from cauce.contracts.v1.shapes import Adjustment
from cauce.domain.catalogs import VAT

_OTHER_TAX = "ZZ"


def findings(line: Line, *, vat_optional: bool) -> Iterator[Finding]:
    yield from _vat(line, vat_optional=vat_optional)
    if line.descuento_pct and line.descuento_valor:
        yield "descuento_valor", "El descuento se informa en porcentaje o en valor, no en ambos."
    for field, adjustments in (("cargos", line.cargos), ("descuentos", line.descuentos)):
        for n, entry in enumerate(adjustments):
            for path, sentence in adjustment(entry):
                yield f"{field}.{n}.{path}", sentence
    for field, items in (("impuestos", line.impuestos), ("retenciones", line.retenciones)):
        codes = [item.codigo for item in items]
        for n, code in enumerate(codes):
            if code in codes[:n]:
                yield f"{field}.{n}.codigo", f"El código {code} está repetido en la misma línea."
    for n, tax in enumerate(line.impuestos):
        for path, sentence in _tax(tax):
            yield f"impuestos.{n}.{path}", sentence
    if line.precio_referencia and line.precio:
        yield (
            "precio_referencia",
            "El precio de referencia solo se informa cuando el precio es 0, en lo que se entrega gratis.",
        )
    if line.mandante:
        for path, sentence in identification(line.mandante):
            yield f"mandante.{path}", sentence


def adjustment(entry: Adjustment) -> Iterator[Finding]:
    """What is wrong between the fields of a charge or discount, of a line or of the whole document."""
    if (entry.valor is None) == (entry.porcentaje is None):
        yield "valor", "Se informa valor o porcentaje, uno de los dos."


def _vat(line: Line, *, vat_optional: bool) -> Iterator[Finding]:
    if line.iva_pct is None:
        if not (line.excluido or line.impuestos or vat_optional):
            yield "iva_pct", required("El IVA %")
    elif line.impuestos and line.iva_pct:  # a 0 only fills in the field that seed 002 requires
        yield "iva_pct", "El IVA % no se informa junto con impuestos; inclúyalo en la lista con el código 01."
    elif line.excluido and line.iva_pct:
        yield "iva_pct", "El IVA % de una línea excluida solo puede ser 0, o no informarse."
    if line.excluido and any(tax.codigo == VAT for tax in line.impuestos):
        yield "excluido", "Una línea excluida no puede llevar IVA (01) en sus impuestos."


def _tax(tax: Tax) -> Iterator[Finding]:
    if (tax.porcentaje is None) == (tax.valor_unitario is None):
        yield "porcentaje", "El impuesto se informa con porcentaje o con valor_unitario, uno de los dos."
    elif tax.valor_unitario is not None and tax.unidades is None:
        yield "unidades", required("El número de unidades gravadas")
    elif tax.porcentaje is not None and (tax.unidades is not None or tax.unidad):
        yield "unidades", "Las unidades gravadas solo se informan con valor_unitario, no con porcentaje."
    if tax.nombre and tax.codigo != _OTHER_TAX:
        yield (
            "nombre",
            f"El nombre del impuesto solo se informa con el código {_OTHER_TAX}; los demás ya tienen uno.",
        )
