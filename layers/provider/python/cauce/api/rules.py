"""What two fields of a request must agree on, each disagreement under the path of the field to mend."""

from collections.abc import Iterator

from cauce.api.requests import AdjustmentNoteRequest, CreditNoteRequest, DebitNoteRequest, Request
from cauce.api.sentences import required
from cauce.api.shapes import Adjustment, Line, Party, Payment
from cauce.domain import nit
from cauce.domain.catalogs import NIT, VAT
from cauce.domain.document import Kind

Finding = tuple[str, str]
"""A path and a sentence."""

# A citizen's and a minor's card, and the NIT, are digits alone; passports and foreign numbers are not.
_DIGITS_ONLY = frozenset({"12", "13", NIT})
# Cash unless it says otherwise; a credit has a due date (annex 1.9, FAN01 to FAN03).
CREDIT = "2"
HOME = "CO"
# In a support document no tax is the rule: its seller is usually not responsible for VAT.
_VAT_OPTIONAL = frozenset({Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE})


def findings(kind: Kind, request: Request, party_field: str, party: Party) -> Iterator[Finding]:
    """Everything wrong between the fields of a request, each of which is right alone."""
    for path, sentence in _party(party):
        yield f"{party_field}.{path}", sentence
    for n, line in enumerate(request.lineas):
        for path, sentence in _line(line, vat_optional=kind in _VAT_OPTIONAL):
            yield f"lineas.{n}.{path}", sentence
    for field, adjustments in (("cargos", request.cargos), ("descuentos", request.descuentos)):
        for n, adjustment in enumerate(adjustments):
            for path, sentence in _adjustment(adjustment):
                yield f"{field}.{n}.{path}", sentence
    issued = request.factura.fecha if request.factura else None
    if request.pago:
        for path, sentence in _payment(request.pago):
            yield f"pago.{path}", sentence
        if issued and request.pago.vencimiento and request.pago.vencimiento < issued:
            yield "pago.vencimiento", "La fecha de vencimiento no puede ser anterior a la fecha de emisión."
    yield from _reference(request)


def _party(party: Party) -> Iterator[Finding]:
    number, kind = party.numero_documento, party.tipo_documento
    if kind in _DIGITS_ONLY and not (number.isdigit() and len(number) <= 15):
        yield (
            "numero_documento",
            "El número de documento debe tener solo dígitos, 15 como máximo"
            + (", sin el dígito de verificación." if kind == NIT else "."),
        )
    elif kind == NIT and party.dv is not None and party.dv != (expected := nit.check_digit(number)):
        yield "dv", f"El dígito de verificación del NIT {number} debe ser {expected}."
    if kind != NIT and party.dv is not None:
        yield "dv", f"El dígito de verificación solo se informa cuando el tipo de documento es {NIT} (NIT)."
    if (party.pais or HOME) == HOME:
        if party.codigo_municipio and party.codigo_departamento:
            department = party.codigo_municipio[:2]
            if department != party.codigo_departamento:
                yield (
                    "codigo_departamento",
                    f"El municipio {party.codigo_municipio} pertenece al departamento {department}.",
                )
    else:
        for field, label in (("codigo_municipio", "municipio"), ("codigo_departamento", "departamento")):
            if getattr(party, field):
                yield field, f"El código de {label} solo se informa cuando el país es {HOME}."


def _line(line: Line, *, vat_optional: bool) -> Iterator[Finding]:
    if line.iva_pct is None:
        if not (line.excluido or line.impuestos or vat_optional):
            yield "iva_pct", required("El IVA %")
    elif line.impuestos:
        yield "iva_pct", "El IVA % no se informa junto con impuestos; inclúyalo en la lista con el código 01."
    elif line.excluido and line.iva_pct:
        yield "iva_pct", "El IVA % de una línea excluida solo puede ser 0, o no informarse."
    if line.excluido and any(tax.codigo == VAT for tax in line.impuestos):
        yield "excluido", "Una línea excluida no puede llevar IVA (01) en sus impuestos."
    if line.descuento_pct and line.descuento_valor:
        yield "descuento_valor", "El descuento se informa en porcentaje o en valor, no en ambos."
    for field, items in (("impuestos", line.impuestos), ("retenciones", line.retenciones)):
        codes = [item.codigo for item in items]
        for n, code in enumerate(codes):
            if code in codes[:n]:
                yield f"{field}.{n}.codigo", f"El código {code} está repetido en la misma línea."
    for n, tax in enumerate(line.impuestos):
        if (tax.porcentaje is None) == (tax.valor_unitario is None):
            yield (
                f"impuestos.{n}.porcentaje",
                "El impuesto se informa con porcentaje o con valor_unitario, uno de los dos.",
            )
        elif tax.valor_unitario is not None and tax.unidades is None:
            yield f"impuestos.{n}.unidades", required("El número de unidades gravadas")
        elif tax.porcentaje is not None and (tax.unidades is not None or tax.unidad):
            yield (
                f"impuestos.{n}.unidades",
                "Las unidades gravadas solo se informan con valor_unitario, no con porcentaje.",
            )


def _adjustment(adjustment: Adjustment) -> Iterator[Finding]:
    if (adjustment.valor is None) == (adjustment.porcentaje is None):
        yield "valor", "Se informa valor o porcentaje, uno de los dos."


def _payment(payment: Payment) -> Iterator[Finding]:
    if payment.forma == CREDIT and payment.vencimiento is None:
        yield "vencimiento", "La fecha de vencimiento es requerida cuando la forma de pago es 2 (crédito)."


def _reference(request: Request) -> Iterator[Finding]:
    if isinstance(request, CreditNoteRequest | DebitNoteRequest):
        field, issued = "factura_referencia", request.factura_referencia.fecha
    elif isinstance(request, AdjustmentNoteRequest):
        field = "factura_referencia" if request.factura_referencia else "documento_referencia"
        reference = request.documento_referencia or request.factura_referencia
        if reference is None:
            yield field, required("El documento de referencia")
            return
        if request.documento_referencia and request.factura_referencia:
            yield field, "El documento de referencia se informa una sola vez, en documento_referencia."
        if reference.cuds is None and reference.cufe is None:
            yield f"{field}.cuds", required("El CUDS")
        elif reference.cuds and reference.cufe and reference.cuds.lower() != reference.cufe.lower():
            yield f"{field}.cufe", "El CUDS se informa una sola vez, en cuds."
        issued = reference.fecha
    else:
        return
    if request.factura and request.factura.fecha and request.factura.fecha < issued:
        yield f"{field}.fecha", "La fecha del documento de referencia no puede ser posterior a la de la nota."
