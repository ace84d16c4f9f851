"""The month's close, for the accountant."""

from cauce.contracts.v1 import closes
from cauce.contracts.v1.described.model import (
    CALL_ERRORS,
    Answer,
    Operation,
    Parameter,
    Schema,
    always,
    choice,
    day,
    integer,
    link,
    listed,
    moment,
    number,
    query,
    record,
    text,
)
from cauce.contracts.v1.queries import ESTADOS
from cauce.contracts.v1.render import TIPO_DOCUMENTO
from cauce.contracts.v1.rest import Route

_KINDS = [*TIPO_DOCUMENTO.values()]


def schemas() -> dict[str, Schema]:
    kind = {"tipo_documento": text("De qué documentos.", "factura", among=_KINDS)}
    amounts = {
        "subtotal": number("La suma de las líneas, sin impuestos.", 100000),
        "iva": number("Solo el IVA.", 19000),
        "total": number("Lo que se paga.", 119000),
        "impuestos": number("Todos los impuestos, con el IVA.", 19000),
        "descuentos": number("Los descuentos de todo el documento.", 0),
        "cargos": number("Los cargos de todo el documento.", 0),
    }
    tax = record(
        "Un tributo a una tarifa.",
        {
            **kind,
            "moneda": text("La moneda.", "COP"),
            "codigo": text("El código del tributo.", "01"),
            "nombre": text("Su nombre.", "IVA", optional=True),
            "porcentaje": number("La tarifa; nula si es por unidad.", 19, optional=True),
            "valor_unitario": number("El valor por unidad, si es así.", optional=True),
            "documentos": integer("En cuántos documentos.", 120),
            "base": number("La suma de las bases.", 100000),
            "valor": number("La suma de los valores.", 19000),
        },
    )
    return {
        "Cierre": record(
            "El mes: lo emitido, sumado, y cada número sin documento válido, con su causa.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "data": record(
                    "El mes, o la parte de él que va en esta página.",
                    {
                        "mes": text("El mes.", "2026-05"),
                        "desde": day("Su primer día.", "2026-05-01"),
                        "hasta": day("Su último día.", "2026-05-31"),
                        "documentos": integer("Cuántos documentos van en esta página.", 120),
                        "sin_leer": integer("Cuántos no se pudieron leer.", 0),
                        "sumas": listed(
                            record(
                                "Las sumas de un tipo, un estado y una moneda.",
                                {
                                    **kind,
                                    "estado": text("En qué estado.", "aceptado", among=ESTADOS),
                                    "moneda": text("La moneda.", "COP", optional=True),
                                    "documentos": integer("Cuántos.", 120),
                                    **amounts,
                                },
                            ),
                            "Las sumas.",
                        ),
                        "impuestos": listed(tax, "Los impuestos, por tarifa."),
                        "retenciones": listed(tax, "Las retenciones, por tarifa."),
                        "por_revisar": listed(
                            record(
                                "Un documento que no está aceptado.",
                                {
                                    "tracking_id": text("Su identificador."),
                                    **kind,
                                    "numero_completo": text("Su número.", "SETP990000011", optional=True),
                                    "fecha_emision": moment("Cuándo se emitió."),
                                    "estado": text("En qué va.", "rechazado", among=ESTADOS),
                                    "total": number("Su total.", 119000),
                                    "porque": text("Qué pasa con él."),
                                    "rechazos": listed(
                                        record(
                                            "Un rechazo.",
                                            {
                                                "regla": text("La regla.", "FAK24", optional=True),
                                                "mensaje": text("Lo que dice."),
                                            },
                                        ),
                                        "Los primeros rechazos.",
                                    ),
                                    "links": record(
                                        "Dónde seguir.", {"self": link("El documento.", "/documentos/…")}
                                    ),
                                },
                            ),
                            "Los documentos que no están aceptados.",
                        ),
                        "por_revisar_mas": integer("Cuántos más hay, que no van en la lista.", 0),
                        "numeros": listed(
                            record(
                                "Números seguidos sin documento válido.",
                                {
                                    **kind,
                                    "prefijo": text("El prefijo.", "SETP"),
                                    "desde": integer("El primero.", 990000012),
                                    "hasta": integer("El último.", 990000012),
                                    "cantidad": integer("Cuántos son.", 1),
                                    "causa": text("Por qué.", "gastado", among=closes.CAUSES),
                                    "porque": text("Lo mismo, en una frase."),
                                    "tracking_id": text("El documento de que se trata.", optional=True),
                                },
                            ),
                            "Los números sin documento válido.",
                        ),
                        "numeros_mas": integer("Cuántos más hay, que no van en la lista.", 0),
                    },
                ),
                "links": record(
                    "Dónde seguir.",
                    {"next": link("La página siguiente.", "/cierre/2026-05?cursor=…", optional=True)},
                ),
                "meta": record(
                    "La página.",
                    {
                        "per_page": integer("Cuántos documentos caben.", 2000),
                        "cursor_siguiente": text("El cursor de la página siguiente.", optional=True),
                    },
                ),
            },
        ),
        "Conciliacion": record(
            "Una página de la lista del proveedor, comparada con lo que Cauce tiene.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "data": record(
                    "Lo comparado.",
                    {
                        "proveedor": text("De quién es la lista.", "factus"),
                        "tipo_documento": text("Qué documentos.", "factura", among=_KINDS),
                        "numeros": listed({"type": "string"}, "Los números de esta página que son del mes."),
                        "hallazgos": listed(
                            record(
                                "Algo que no concuerda.",
                                {
                                    "numero_completo": text("El número.", "SETP990000011"),
                                    "que": text("Qué pasa."),
                                    "detalle": text("Lo mismo, en una frase.", optional=True),
                                    "tracking_id": text("El documento, en Cauce.", optional=True),
                                },
                            ),
                            "Lo que no concuerda.",
                        ),
                    },
                ),
                "meta": record(
                    "La página.",
                    {"offset_siguiente": integer("Dónde empieza la siguiente.", 100, optional=True)},
                ),
            },
        ),
    }


_MONTH = Parameter("mes", "El mes.", {"type": "string", "examples": ["2026-05"]}, place="path", required=True)

OPERATIONS: dict[Route, Operation] = {
    ("GET", "/cierre/{mes}"): Operation(
        group="Listar",
        summary="Cerrar el mes",
        about="Lo emitido en el mes, sumado por tipo, estado y tarifa, y cada número sin documento válido, "
        "con su causa. Con `Accept: text/csv`, los documentos; con `Accept: application/zip`, todas las "
        "tablas.",
        answers=(
            Answer(
                200,
                "El mes.",
                "Cierre",
                media_types=("application/json", *closes.FORMS),
                headers={
                    "Content-Disposition": "El nombre del archivo.",
                    "Link": "La página siguiente, si la hay, en un archivo.",
                },
            ),
        ),
        errors=("datos_invalidos",),
        parameters=(
            _MONTH,
            query("cursor", "El «cursor_siguiente» de la página anterior.", {"type": "string"}),
            query("per_page", "Cuántos documentos por página.", {"type": "integer", "minimum": 1}),
            Parameter("Accept", "En qué forma.", {"type": "string", "enum": [*closes.FORMS]}, place="header"),
        ),
    ),
    ("GET", "/cierre/{mes}/archivos"): Operation(
        group="Listar",
        summary="Descargar los documentos del mes",
        about="El XML firmado de cada documento válido del mes en un ZIP, con una carpeta por tipo. Un mes que "
        "no cabe en una respuesta va en partes: el encabezado `Link` lleva a la siguiente. De un documento "
        "cuyo XML no está aún en el archivo va una nota, que dice dónde pedirlo.",
        answers=(
            Answer(
                200,
                "Una parte del mes.",
                media_types=(closes.ZIP,),
                headers={
                    "Content-Disposition": "El nombre del archivo.",
                    "Link": "La parte siguiente, si la hay.",
                },
            ),
        ),
        errors=("datos_invalidos",),
        parameters=(
            _MONTH,
            query("pdf", "Con 1, el PDF de cada documento también.", choice("0", "1")),
            query("cursor", "El del enlace a la parte siguiente.", {"type": "string"}),
        ),
    ),
    ("GET", "/cierre/{mes}/conciliacion"): Operation(
        group="Listar",
        summary="Comparar el mes con el proveedor",
        about="Lo que el proveedor dice haber emitido, contra lo que Cauce tiene, una página a la vez.",
        answers=(Answer(200, "Una página.", "Conciliacion"),),
        errors=(
            "datos_invalidos",
            "no_soportado",
            *CALL_ERRORS,
        ),
        parameters=(
            _MONTH,
            query("proveedor", "Con quién, si hay varios.", {"type": "string", "examples": ["factus"]}),
            query(
                "tipo_documento",
                "Qué documentos; sin él, facturas.",
                choice(*(each for each in _KINDS if each != "evento")),
            ),
            query(
                "offset", "El «offset_siguiente» de la página anterior.", {"type": "integer", "minimum": 0}
            ),
        ),
    ),
}
