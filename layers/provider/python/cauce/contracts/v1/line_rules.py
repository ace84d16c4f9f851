"""What the fields of one line must agree on, each disagreement under its path within the line."""

from collections.abc import Iterator, Sequence

from cauce.contracts.v1.lines import Line, Tax, Withholding
from cauce.contracts.v1.party_rules import identification
from cauce.contracts.v1.requests import Request
from cauce.contracts.v1.sentences import Finding, required, under
from cauce.domain.catalogs import VAT

_OTHER_TAX = "ZZ"


def findings(line: Line, *, vat_optional: bool) -> Iterator[Finding]:
    yield from _vat(line, vat_optional=vat_optional)
    if line.descuento_pct and line.descuento_valor:
        yield "descuento_valor", "El descuento se informa en porcentaje o en valor, no en ambos."
    yield from adjustments(line)
    yield from _repeated("impuestos", line.impuestos)
    yield from _repeated("retenciones", line.retenciones)
    for n, tax in enumerate(line.impuestos):
        yield from under(f"impuestos.{n}", _tax(tax))
    if line.precio_referencia and line.precio:
        yield (
            "precio_referencia",
            "El precio de referencia solo se informa cuando el precio es 0, en lo que se entrega gratis.",
        )
    if line.mandante:
        yield from under("mandante", identification(line.mandante))


def adjustments(of: Line | Request) -> Iterator[Finding]:
    """What is wrong between the fields of each charge and discount, of a line or of the whole document."""
    for field, entries in (("cargos", of.cargos), ("descuentos", of.descuentos)):
        for n, entry in enumerate(entries):
            if (entry.valor is None) == (entry.porcentaje is None):
                yield f"{field}.{n}.valor", "Se informa valor o porcentaje, uno de los dos."


def _repeated(field: str, items: Sequence[Tax | Withholding]) -> Iterator[Finding]:
    codes = [item.codigo for item in items]
    for n, code in enumerate(codes):
        if code in codes[:n]:
            yield f"{field}.{n}.codigo", f"El código {code} está repetido en la misma línea."


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
