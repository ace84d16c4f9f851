"""Emitting a document or an event, and everything about one of them."""

from cauce.contracts.v1.actions import Decision, Resending
from cauce.contracts.v1.described.model import (
    CALL_ERRORS,
    Answer,
    Body,
    Operation,
    Parameter,
    Schema,
    always,
    choice,
    flag,
    integer,
    link,
    listed,
    moment,
    named,
    number,
    query,
    record,
    text,
)
from cauce.contracts.v1.queries import ESTADOS, PAPERS
from cauce.contracts.v1.render import CORREO, TIPO_CODIGO, TIPO_DOCUMENTO
from cauce.contracts.v1.requests import (
    A_CUFE,
    REFERENCE,
    AdjustmentNoteRequest,
    CreditNoteRequest,
    DebitNoteRequest,
    EquivalentDocumentRequest,
    EquivalentNoteRequest,
    InvoiceRequest,
    SupportDocumentRequest,
)
from cauce.contracts.v1.rest import Route
from cauce.domain.event import EventCode
from cauce.domain.outcome import Origin, Severity

EMISSION, CONSULTATION = "Emitir", "Consultar un documento"

AN_ID = "550e8400-e29b-41d4-a716-446655440000"
_SELF = f"/documentos/{AN_ID}"

ID = Parameter(
    "id",
    "El «tracking_id» con que se respondió al recibir el documento.",
    {"type": "string", "examples": [AN_ID]},
    place="path",
    required=True,
)

_ORIGINS = tuple(each.value for each in Origin)


def document_fields() -> dict[str, Schema]:
    """The fields of a document in an answer, by their names."""
    return {
        "tracking_id": text("El identificador del documento en Cauce; con él se consulta.", AN_ID),
        "numero_completo": text("Prefijo y consecutivo juntos.", "SETP990000011", optional=True),
        "tipo_documento": text("Qué documento es.", "factura", among=TIPO_DOCUMENTO.values()),
        "prefijo": text("El prefijo de su numeración.", "SETP", optional=True),
        "consecutivo": integer("Su número, sin el prefijo.", 990000011, optional=True),
        "fecha_emision": moment("Cuándo se emitió, en la hora de Bogotá."),
        "adquirente": named("Contraparte", "La otra parte del documento.", optional=True),
        "totales": named("Totales"),
        "cufe": text(
            "El código único con que la DIAN lo identifica; «tipo_codigo» dice cuál es.",
            A_CUFE,
            optional=True,
        ),
        "zip_key": text("El ZipKey que dio la DIAN, si el envío fue asíncrono.", optional=True),
        "estado": text(
            "En qué va: pendiente, mientras no haya veredicto; aceptado, si la DIAN lo validó; rechazado, "
            "si no lo validó; fallido, si no se pudo entregar.",
            "aceptado",
            among=ESTADOS,
        ),
        "estado_dian_codigo": text("El código de estado que respondió la DIAN.", "00", optional=True),
        "estado_dian_mensaje": text("Lo que respondió la DIAN.", "Procesado Correctamente.", optional=True),
        "links": record(
            "Dónde seguir.",
            {
                "self": link("El documento.", _SELF),
                "consultar": link("Preguntarle ya al proveedor o a la DIAN por él.", f"{_SELF}/consultar"),
                "xml": link("Su XML firmado.", f"{_SELF}/xml"),
                "pdf": link("Su representación gráfica.", f"{_SELF}/pdf"),
                "contenedor": link("Su AttachedDocument.", f"{_SELF}/xml?contenedor=1"),
                "paquete": link("Lo que recibe el adquiriente, en un ZIP.", f"{_SELF}/paquete"),
                "evidencia": link("Todo lo que se guardó del documento, en un ZIP.", f"{_SELF}/evidencia"),
            },
            maybe=("pdf", "contenedor", "paquete"),
        ),
        "estado_detalle": text(
            "Qué está pasando con el documento y qué puede hacer usted.", "Validado por la DIAN."
        ),
        "notificaciones": listed(named("Mensaje"), "Avisos que no le quitan validez al documento."),
        "rechazos": listed(named("Mensaje"), "Por qué no se validó."),
        "ultimo_error": text("Lo último que falló al enviarlo o consultarlo.", optional=True),
        "referencia": text("La referencia con que usted lo envió.", "PEDIDO-1024", optional=True),
        "proveedor": text("Por dónde se emite.", "dian"),
        "tipo_codigo": text("Qué código es el de «cufe».", "CUFE", among=dict.fromkeys(TIPO_CODIGO.values())),
        "moneda": text("En qué moneda están los totales; nula en los eventos.", "COP", optional=True),
        "evento": named("Evento", "Solo en los eventos RADIAN."),
        "contingencia": named("Contingencia", "Solo en una factura que se emitió en contingencia."),
        "correo": named("Correo", "Solo donde Cauce le envía el correo al adquiriente."),
    }


MAYBE = ("evento", "contingencia", "correo")
"""Fields of a document that only some have."""


def schemas() -> dict[str, Schema]:
    fields = document_fields()
    return {
        "Documento": record("Un documento, como está ahora.", fields, maybe=MAYBE),
        "DocumentoConHistoria": record(
            "Un documento, como está ahora, y cómo llegó ahí.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                **fields,
                "historia": listed(named("Paso"), "Lo que ha pasado con él, en orden."),
            },
            maybe=MAYBE,
        ),
        "Paso": record(
            "Algo que pasó con el documento.",
            {
                "fecha": moment("Cuándo."),
                "hecho": text("Qué.", "recibido"),
                "detalle": text("Lo que se sabe de ello.", optional=True),
                "por": text("Quién lo pidió.", "token 7", optional=True),
            },
        ),
        "DocumentoRecibido": record(
            "La respuesta a un documento recibido.",
            {"ok": always(True, "La solicitud se cumplió."), "data": named("Documento")},
        ),
        "ArchivoEnOtraParte": record(
            "Dónde descargar un archivo grande.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "data": record(
                    "El archivo.",
                    {
                        "url": text("Dónde está.", form="uri"),
                        "vence_en_segundos": integer("Por cuánto tiempo.", 600),
                    },
                ),
            },
        ),
        "Contraparte": record(
            "El adquiriente o el vendedor.",
            {
                "documento": text("Su número de identificación.", "52123987", optional=True),
                "razon_social": text("Su nombre o razón social.", "Lucía Ramírez", optional=True),
            },
        ),
        "Totales": record(
            "subtotal + impuestos − descuentos + cargos = total.",
            {
                "subtotal": number("La suma de las líneas, sin impuestos.", 100000),
                "iva": number("Solo el IVA.", 19000),
                "total": number("Lo que se paga.", 119000),
                "impuestos": number("Todos los impuestos, con el IVA.", 19000),
                "descuentos": number("Los descuentos de todo el documento.", 0),
                "cargos": number("Los cargos de todo el documento.", 0),
            },
        ),
        "Mensaje": record(
            "Lo que la DIAN, el proveedor o Cauce dicen del documento.",
            {
                "regla": text("La regla de la DIAN, si se conoce.", "FAK24", optional=True),
                "mensaje": text("Lo que dice.", "El DV del NIT del adquiriente no está informado"),
                "campo": text("El campo de la solicitud, si se sabe.", "adquiriente.dv", optional=True),
                "origen": text("Quién lo dice.", "dian", among=_ORIGINS),
            },
        ),
        "Evento": record(
            "Qué evento RADIAN es, y de qué factura.",
            {
                "codigo": text("El código del evento.", "030", among=[each.value for each in EventCode]),
                "cufe_factura": text("El CUFE de la factura.", A_CUFE, optional=True),
            },
        ),
        "Contingencia": record(
            "La factura se emitió como tipo 04 porque la DIAN no respondía.",
            {
                "tipo": text("El tipo de factura.", "04"),
                "desde": moment("Desde cuándo no responde la DIAN."),
                "limite": moment(
                    "Hasta cuándo hay para transmitirla; nulo mientras la DIAN no responda.", optional=True
                ),
                "cufe": text("El CUFE de la factura tipo 04.", A_CUFE, optional=True),
                "cufe_ordinaria": text("El CUFE que habría tenido sin contingencia.", A_CUFE, optional=True),
                "vigente": flag("Si la factura entregada en contingencia sigue valiendo.", True),
            },
        ),
        "Correo": record(
            "El correo con el documento que Cauce le envía al adquiriente.",
            {
                "estado": text(
                    "En qué va: en_duda, si no se sabe si salió; devuelto, si no llegó; queja, si quien lo "
                    "recibió lo marcó como no deseado.",
                    "enviado",
                    among=CORREO.values(),
                ),
                "fecha": moment("Desde cuándo."),
                "motivo": text("Por qué no se envió o no llegó.", optional=True),
            },
        ),
        "Consulta": record(
            "El documento, después de preguntar por él.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "documento": named("Documento"),
                "dian": record(
                    "La respuesta de la DIAN.",
                    {
                        "is_valid": flag("Si la DIAN lo validó.", True),
                        "status_code": text("Su código de estado.", "00", optional=True),
                        "status_description": text("Su mensaje.", "Procesado Correctamente.", optional=True),
                        "errors": listed(
                            {"type": "string"}, "Cada rechazo o notificación en una línea, con su regla."
                        ),
                    },
                ),
            },
        ),
        "EventosDeFactura": record(
            "Los eventos RADIAN de la factura, del más viejo al más nuevo.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "documento": named("Documento"),
                "eventos": listed(
                    record(
                        "Un evento.",
                        {
                            "codigo": text("Su código.", "030"),
                            "nombre": text("Qué es.", "Acuse de recibo de la factura", optional=True),
                            "numero": text("Su número, que le puso quien lo declaró.", "1", optional=True),
                            "cude": text("Su CUDE.", A_CUFE, optional=True),
                            "fecha": moment("Cuándo se declaró.", optional=True),
                            "declarante": text(
                                "La identificación de quien lo declaró.", "800199436", optional=True
                            ),
                        },
                    ),
                    "Los eventos; ninguno, si nadie ha declarado.",
                ),
            },
        ),
        "Validacion": record(
            "Qué sería de un documento; no se guardó nada y no se usó ningún número.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "data": record(
                    "El documento, como quedaría.",
                    {
                        "valido": always(
                            True, "Cumple las reglas que se pueden comprobar antes de enviarlo."
                        ),
                        "tipo_documento": text("Qué documento es.", "factura", among=TIPO_DOCUMENTO.values()),
                        "numero_completo": text(
                            "El número que tomaría ahora, si se puede prever.", "SETP990000011", optional=True
                        ),
                        "referencia": text(
                            "La referencia con que usted lo envió.", "PEDIDO-1024", optional=True
                        ),
                        "proveedor": text("Por dónde se emitiría.", "dian", optional=True),
                        "totales": named("Totales"),
                        "impuestos": listed(named("Impuesto"), "Los impuestos, por código y tarifa."),
                        "retenciones": listed(named("Impuesto"), "Las retenciones, por código y tarifa."),
                        "cufe": text("El código que tendría, si se puede prever.", optional=True),
                        "tipo_codigo": text(
                            "Qué código es.", "CUFE", among=dict.fromkeys(TIPO_CODIGO.values())
                        ),
                        "hallazgos": listed(
                            named("Hallazgo"), "Avisos que la DIAN daría, sin quitarle validez."
                        ),
                    },
                ),
            },
        ),
        "Impuesto": record(
            "Un impuesto o una retención de todo el documento.",
            {
                "codigo": text("El código del tributo.", "01"),
                "porcentaje": number("La tarifa; nula si es por unidad.", 19, optional=True),
                "base": number("Sobre cuánto se calculó.", 100000, optional=True),
                "valor": number("El valor.", 19000),
            },
        ),
        "Hallazgo": record(
            "Una regla que la solicitud incumple, o que un documento incumple sin dejar de valer.",
            {
                "regla": text("El código de la regla; su página dice más.", "FAK24", optional=True),
                "severidad": text(
                    "Rechazo: la DIAN no lo validaría. Notificación: lo validaría con un aviso.",
                    "Rechazo",
                    among=[each.value for each in Severity],
                ),
                "campo": text("El campo de la solicitud.", "adquiriente.dv", optional=True),
                "esperado": text("Lo que debía estar.", "1", optional=True),
                "encontrado": text("Lo que estaba.", "7", optional=True),
                "arreglo": text(
                    "Qué hacer.", "Corrija el dígito de verificación, o quítelo para que se calcule."
                ),
                "fix_en": text("Lo mismo, en inglés.", optional=True),
                "origen": text("Quién lo dice.", "cauce", among=_ORIGINS),
            },
        ),
    }


_KEY = Parameter(
    "Idempotency-Key",
    "Su propio identificador de la solicitud; es lo mismo que «referencia», y si van los dos deben ser "
    "iguales.",
    {"type": "string", "pattern": f'^"?{REFERENCE}"?$'},
    place="header",
)
_PREFER = Parameter(
    "Prefer",
    "Con `respond-async` se responde 202 apenas el documento queda guardado, sin esperar el veredicto.",
    {"type": "string", "examples": ["respond-async"]},
    place="header",
)
_VALIDATE = query(
    "validar",
    "Con `solo` se valida y se responde con los totales; no se emite ni se guarda nada.",
    choice("solo"),
)
_REPLAYED = {"Idempotency-Replayed": "`true` si ya se había recibido: la respuesta es de ese documento."}
_RETRY = {"Retry-After": "Si quedó pendiente, en cuántos segundos consultar de nuevo."}

_EMITTED = (
    Answer(
        201,
        "El documento quedó guardado y se envió, o está en cola. Mire «estado».",
        "DocumentoRecibido",
        headers={**_REPLAYED, **_RETRY},
    ),
    Answer(
        202,
        "El documento quedó guardado y se emitirá; se pidió no esperar.",
        "DocumentoRecibido",
        headers=_REPLAYED,
    ),
)
_VALIDATED = Answer(200, "Con `?validar=solo`: el documento cumple.", "Validacion")
EMISSION_ERRORS = (
    "permiso_no_concedido",
    "referencia_en_uso",
    "factura_pendiente",
    "conflicto",
    "datos_invalidos",
    "no_soportado",
    "numeracion_no_disponible",
    "quota_excedida",
    "documento_demasiado_grande",
    *CALL_ERRORS,
)


def _emission(summary: str, about: str, body: Body) -> Operation:
    return Operation(
        group=EMISSION,
        summary=summary,
        about=about,
        answers=(_VALIDATED, *_EMITTED),
        errors=EMISSION_ERRORS,
        parameters=(_VALIDATE, _KEY, _PREFER),
        body=body,
    )


_ABOUT = (
    "Responde cuando el registro existe y el documento se envió o está en cola. Envíe siempre «referencia»: "
    "repetida con el mismo contenido responde el mismo documento y nada se emite dos veces."
)
_FILE_ERRORS = (
    "no_encontrado",
    "no_soportado",
    "conflicto",
    *CALL_ERRORS,
)


def _file(about: str, media_type: str) -> Answer:
    return Answer(
        200, about, media_types=(media_type,), headers={"Content-Disposition": "El nombre del archivo."}
    )


OPERATIONS: dict[Route, Operation] = {
    ("POST", "/documentos"): _emission(
        "Emitir una factura", _ABOUT, Body(InvoiceRequest, "La factura electrónica de venta.")
    ),
    ("POST", "/notas-credito"): _emission(
        "Emitir una nota crédito",
        f"Corrige o anula una factura, que se nombra en «factura_referencia». {_ABOUT}",
        Body(CreditNoteRequest, "La nota crédito."),
    ),
    ("POST", "/notas-debito"): _emission(
        "Emitir una nota débito",
        f"Aumenta el valor de una factura, que se nombra en «factura_referencia». {_ABOUT}",
        Body(DebitNoteRequest, "La nota débito."),
    ),
    ("POST", "/documentos-soporte"): _emission(
        "Emitir un documento soporte",
        f"Compra a quien no está obligado a facturar, que va en «vendedor». {_ABOUT}",
        Body(SupportDocumentRequest, "El documento soporte."),
    ),
    ("POST", "/notas-ajuste"): _emission(
        "Emitir una nota de ajuste",
        f"Corrige o anula un documento soporte, que se nombra en «documento_referencia». {_ABOUT}",
        Body(AdjustmentNoteRequest, "La nota de ajuste."),
    ),
    ("POST", "/documentos-equivalentes"): _emission(
        "Emitir un tiquete POS",
        "El documento equivalente de una venta en caja, con los datos de la «caja». Sin «adquiriente» es al "
        f"consumidor final. {_ABOUT}",
        Body(EquivalentDocumentRequest, "El documento equivalente."),
    ),
    ("POST", "/notas-documento-equivalente"): _emission(
        "Emitir una nota de ajuste a un tiquete POS",
        f"Anula un documento equivalente, que se nombra en «documento_referencia». {_ABOUT}",
        Body(EquivalentNoteRequest, "La nota de ajuste al documento equivalente."),
    ),
    ("POST", "/eventos"): Operation(
        group=EMISSION,
        summary="Emitir un evento RADIAN",
        about="Eventos 030 a 034 sobre una factura, en el orden de la DIAN: 030 acuse de recibo, 031 "
        "reclamo, 032 recibo del bien o servicio, 033 aceptación expresa, 034 aceptación tácita.",
        answers=_EMITTED,
        errors=EMISSION_ERRORS,
        parameters=(_KEY, _PREFER),
        body=Body("EventoSolicitado", "El evento, solo o dentro de «evento», con «generalidades»."),
    ),
    ("GET", "/documentos/{id}"): Operation(
        group=CONSULTATION,
        summary="Ver un documento",
        about="Cómo está ahora, por lo que Cauce sabe; no le pregunta al proveedor.",
        answers=(Answer(200, "El documento.", "DocumentoConHistoria"),),
        errors=("no_encontrado",),
        parameters=(ID,),
    ),
    ("GET", "/documentos/por-referencia/{referencia}"): Operation(
        group=CONSULTATION,
        summary="Ver un documento por su referencia",
        about="El documento que usted envió con esta referencia. Sirve para saber qué fue de una solicitud "
        "sin respuesta.",
        answers=(Answer(200, "El documento.", "DocumentoConHistoria"),),
        errors=("no_encontrado",),
        parameters=(
            Parameter(
                "referencia",
                "La referencia con que se envió.",
                {"type": "string", "examples": ["PEDIDO-1024"]},
                place="path",
                required=True,
            ),
        ),
    ),
    ("GET", "/documentos/{id}/consultar"): Operation(
        group=CONSULTATION,
        summary="Preguntar por un documento",
        about="Le pregunta ya al proveedor o a la DIAN. No hace falta para que un documento avance: Cauce "
        "pregunta solo.",
        answers=(Answer(200, "El documento y lo que dijo la DIAN.", "Consulta"),),
        errors=(
            "no_encontrado",
            "conflicto",
            *CALL_ERRORS,
        ),
        parameters=(ID,),
    ),
    ("GET", "/documentos/{id}/eventos"): Operation(
        group=CONSULTATION,
        summary="Ver los eventos de una factura",
        about="Le pregunta ya a la DIAN, o al proveedor de eventos, qué se ha declarado sobre la factura: acuse, "
        "recibo, aceptación, reclamo y los demás. Cada evento de otro que no se había visto es también la novedad "
        "`evento.recibido`; Cauce no los busca solo.",
        answers=(Answer(200, "Los eventos.", "EventosDeFactura"),),
        errors=("no_encontrado", "conflicto", "no_soportado", "datos_invalidos", *CALL_ERRORS),
        parameters=(ID,),
    ),
    ("GET", "/documentos/{id}/xml"): Operation(
        group=CONSULTATION,
        summary="Descargar el XML firmado",
        about="El XML que validó la DIAN, o el de una factura emitida en contingencia.",
        answers=(_file("El XML.", "application/xml"),),
        errors=(*_FILE_ERRORS, "datos_invalidos"),
        parameters=(
            ID,
            query(
                "contenedor",
                "Con `1`: el AttachedDocument, que es lo que recibe el adquiriente.",
                choice("1"),
            ),
        ),
    ),
    ("GET", "/documentos/{id}/pdf"): Operation(
        group=CONSULTATION,
        summary="Descargar la representación gráfica",
        about="El PDF del documento, dibujado de su XML firmado, sea cual sea el proveedor. De un documento "
        "pendiente, en contingencia o de habilitación lo dice en cada página; uno rechazado no lo tiene.",
        answers=(_file("El PDF.", "application/pdf"),),
        errors=(*_FILE_ERRORS, "datos_invalidos"),
        parameters=(
            ID,
            query(
                "origen",
                "Con `proveedor`: el PDF del proveedor, donde dibuja uno; si no, `no_soportado`.",
                choice("cauce", "proveedor"),
            ),
            query(
                "papel",
                "Con `rollo`: para el rollo de 80 mm de una caja, tan largo como haga falta; si no, en tamaño carta.",
                choice(*PAPERS),
            ),
        ),
    ),
    ("GET", "/documentos/{id}/paquete"): Operation(
        group=CONSULTATION,
        summary="Descargar el paquete del adquiriente",
        about="El ZIP que recibe el adquiriente, como lo pide el anexo técnico: el AttachedDocument y el PDF.",
        answers=(_file("El ZIP.", "application/zip"),),
        errors=_FILE_ERRORS,
        parameters=(ID,),
    ),
    ("GET", "/documentos/{id}/evidencia"): Operation(
        group=CONSULTATION,
        summary="Descargar la evidencia",
        about="Un ZIP con todo lo que se guardó del documento, cada intento, quién lo pidió, y un "
        "manifiesto de hashes.",
        answers=(
            _file("El ZIP.", "application/zip"),
            Answer(
                303,
                "El ZIP es grande: está en «Location» por unos minutos.",
                "ArchivoEnOtraParte",
                headers={"Location": "Dónde está."},
            ),
        ),
        errors=_FILE_ERRORS,
        parameters=(ID,),
    ),
    ("POST", "/documentos/{id}/reenviar-correo"): Operation(
        group=CONSULTATION,
        summary="Reenviar el correo al adquiriente",
        about="Envía otra vez el correo con el paquete del documento, o lo envía a otra dirección, que no se "
        "guarda. Cada solicitud envía uno, salvo que otro haya salido hace menos de un minuto.",
        answers=(Answer(200, "El documento, con lo que se sabe de su correo.", "DocumentoConHistoria"),),
        errors=(*_FILE_ERRORS, "datos_invalidos"),
        parameters=(ID,),
        body=Body(Resending, "A qué dirección; sin ella, a la del adquiriente. El cuerpo puede faltar."),
    ),
    ("POST", "/documentos/{id}/resolver"): Operation(
        group=CONSULTATION,
        summary="Decidir sobre un documento",
        about="Cuando «estado_detalle» dice que una persona debe revisarlo: enviarlo otra vez, darlo por no "
        "emitido, o decir de qué CUFE es. «aceptar» primero lee el documento de ese CUFE y lo compara.",
        answers=(Answer(200, "El documento, después de la decisión.", "DocumentoConHistoria"),),
        errors=(
            "no_encontrado",
            "conflicto",
            "datos_invalidos",
            "no_soportado",
            *CALL_ERRORS,
        ),
        parameters=(ID,),
        body=Body(Decision, "La decisión."),
    ),
}
