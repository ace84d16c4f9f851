"""What the health sector says of a sale, in the contract's own words; and what its fields must agree on."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from cauce.contracts.v1.fields import Code, Day, Listed, Text, To, listed, optional, required
from cauce.contracts.v1.sentences import Finding
from cauce.contracts.v1.shapes import Shape
from cauce.domain import catalogs, health

if TYPE_CHECKING:
    from cauce.contracts.v1.requests import InvoiceRequest

_RULE = "Documento Técnico 2"


class CollectionProof(Shape):
    """The document that proves what the user paid."""

    numero: str = required("El número del soporte", Text(24), To("number"), example="FC-2041")
    fecha: date = required("La fecha del soporte", Day(), To("issue_date"), example="2026-05-04")
    cufe: str | None = optional(
        "El CUFE del soporte",
        Text(96, pattern=r"[0-9A-Fa-f]{96}", like="debe tener 96 dígitos hexadecimales"),
        To("uuid"),
        about="o su CUDE; uno de talonario no tiene",
        example="8bb918b19ba22a694f1da11c643b5e9de39adf60311cf179179e9b33381030bcd4c3c3f156c506ed5908f9276f5bd9b4",
    )


class Health(Shape):
    """What MinSalud's validation (MUV) reads of an invoice of the health sector."""

    codigo_prestador: str = required(
        "El código del prestador",
        Text(12, pattern="[0-9]{10,12}", like="son los 10 dígitos del REPS, o 12 con los de la sede"),
        To("provider"),
        example="1100112345",
        rule=_RULE,
    )
    modalidad_pago: str = required(
        "La modalidad de pago",
        Code(health.payment_methods, catalog="modalidades-pago-salud"),
        To("payment_method"),
        example="04",
        rule=_RULE,
    )
    cobertura: str = required(
        "La cobertura o plan de beneficios",
        Code(health.coverages, catalog="coberturas-salud"),
        To("coverage"),
        example="16",
        rule=_RULE,
    )
    contrato: str | None = optional(
        "El contrato",
        Text(64),
        To("contract"),
        about="su CUCON, o su número; o `sin_contrato`",
        example="CT-2026-014",
        rule=_RULE,
    )
    sin_contrato: str | None = optional(
        "El motivo para facturar sin contrato",
        Code(health.absences, catalog="motivos-sin-contrato-salud"),
        To("no_contract"),
        about="por qué no hay `contrato`",
        example="01",
        rule=_RULE,
    )
    poliza: str | None = optional(
        "El número de la póliza",
        Text(60),
        To("policy"),
        about="del SOAT o de un plan voluntario",
        example="AT-1329-7700",
        rule=_RULE,
    )
    soportes: Listed[CollectionProof] = listed(
        "Los soportes",
        50,
        To("proofs"),
        about="los documentos con que el usuario pagó antes (SS-CUFE, SS-CUDE, SS-POS y SS-SNum)",
    )


def findings(request: "InvoiceRequest") -> Iterator[Finding]:
    """What is wrong between an invoice's operation and what it says of health. What MinSalud refuses and a document
    may say all the same is a notice (``law.health``)."""
    asked = request.factura.operacion if request.factura else None
    if asked in catalogs.HEALTH_OPERATIONS:
        if request.salud is None and asked != health.RECEIPT:
            yield "salud", f"La operación {asked} lleva los datos de salud (DND060)."
        if request.salud is not None and asked == health.RECEIPT:
            yield (
                "salud",
                f"La operación {asked} no lleva los datos de salud: van en la factura del servicio.",
            )
        yield from _proofs(request.salud, asked)
    else:
        yield from _of_another(request)


def _proofs(said: Health | None, operation: str | None) -> Iterator[Finding]:
    proofs = said.soportes if said is not None else ()
    for n, proof in enumerate(proofs):
        if proof.cufe and operation == health.OF_PAPER:
            yield f"salud.soportes.{n}.cufe", "Una factura de talonario o papel no tiene CUFE; omítalo."
    if proofs and operation not in health.COLLECTED_BEFORE:
        yield (
            "salud.soportes",
            f"Los soportes son de lo que pagó el usuario: {', '.join(sorted(health.COLLECTED_BEFORE))}.",
        )


def _of_another(request: "InvoiceRequest") -> Iterator[Finding]:
    """What only an invoice of the health sector says."""
    if request.salud is not None:
        operations = ", ".join(each for each in catalogs.HEALTH_OPERATIONS if each != health.RECEIPT)
        yield "factura.operacion", f"Con los datos de salud, el tipo de operación es uno de: {operations}."
    for n, paid in enumerate(request.anticipos):
        if paid.concepto:
            yield (
                f"anticipos.{n}.concepto",
                "El concepto es de lo que paga un usuario de salud, en una operación SS-.",
            )
