"""Every ``codigo`` of an error: what it means, whether the request may be repeated, and what to do.

The statuses and titles are those of ``web.PROBLEMS``; the codes that API Gateway answers itself are in template.yaml.
"""

from dataclasses import dataclass
from enum import StrEnum

from cauce.contracts.v1 import web
from cauce.contracts.v1.described.model import (
    Schema,
    always,
    integer,
    listed,
    named,
    record,
    table,
    text,
)
from cauce.contracts.v1.queries import ESTADOS


class Repeat(StrEnum):
    """Whether the same request may be sent again."""

    FREELY = "Sí: no se hizo nada."
    LATER = "Sí, después de lo que diga «Retry-After»: no se hizo nada."
    SAME_REFERENCE = "Sí, con la misma «referencia»: nada se hace dos veces. Sin ella, consulte antes."
    MENDED = "No como está: corríjala y envíela de nuevo. No se hizo nada."
    ASK = "No: consulte antes el documento."
    OPERATOR = "Sí, cuando el operador lo haya resuelto: no se hizo nada."


@dataclass(frozen=True)
class Explained:
    """An error for who meets it. ``of_gateway``: the statuses with which API Gateway answers it itself."""

    meaning: str
    repeat: Repeat
    mend: str
    example: str
    of_gateway: tuple[int, ...] = ()


EXPLAINED: dict[str, Explained] = {
    "json_invalido": Explained(
        "El cuerpo no es JSON, o es un JSON que podría leerse de dos maneras (nombres repetidos, por ejemplo).",
        Repeat.MENDED,
        "Genere el JSON con una librería y envíelo en UTF-8. El mensaje dice la línea y la columna.",
        "El cuerpo no es JSON válido (línea 1, columna 2).",
    ),
    "encabezado_repetido": Explained(
        "Un encabezado llegó más de una vez con valores distintos, y no se puede saber cuál vale.",
        Repeat.MENDED,
        "Envíelo una sola vez. Revise si un proxy suyo lo agrega.",
        "El encabezado Idempotency-Key llegó más de una vez con valores distintos; envíelo una sola vez.",
    ),
    "cuerpo_demasiado_grande": Explained(
        "El cuerpo es más largo que lo que cabe en un documento o en un lote.",
        Repeat.MENDED,
        "Divida el documento, o suba el lote como archivo («subir»).",
        "El documento supera el máximo de 256 KiB; divídalo en varios.",
        (413,),
    ),
    "documento_demasiado_grande": Explained(
        "El documento cabe en la solicitud, pero no en lo que se puede guardar.",
        Repeat.MENDED,
        "Divídalo en varios documentos.",
        "El documento es demasiado grande; divídalo en varios.",
    ),
    "tipo_de_contenido_no_soportado": Explained(
        "El encabezado Content-Type falta, o no dice que el cuerpo sea JSON en UTF-8.",
        Repeat.MENDED,
        "Envíe `Content-Type: application/json`.",
        "El Content-Type debe ser application/json.",
        (415,),
    ),
    "no_autenticado": Explained(
        "El token falta, no existe, se revocó o venció.",
        Repeat.MENDED,
        "Envíe `Authorization: Bearer` y el token tal como se lo dieron, con todo y su número. Si venció, "
        "pida otro.",
        "Token inválido o ausente. Envíe el encabezado Authorization: Bearer y el token, tal como se lo "
        "dieron.",
        (401,),
    ),
    "emisor_suspendido": Explained(
        "La empresa del token no está activa.",
        Repeat.OPERATOR,
        "Hable con el operador.",
        "El emisor está suspendido.",
    ),
    "permiso_no_concedido": Explained(
        "La empresa no tiene habilitado este tipo de documento. «permiso» dice cuál falta.",
        Repeat.OPERATOR,
        "Pídale ese permiso al operador.",
        "Tu empresa no tiene permitido emitir este tipo de documento.",
    ),
    "alcance_insuficiente": Explained(
        "El token vale, pero no para esta ruta. «alcance» dice cuál le falta.",
        Repeat.MENDED,
        "Use un token que tenga ese alcance, o pídalo.",
        "El token no tiene el alcance «decidir», que esta ruta pide; pida uno que lo tenga.",
    ),
    "token_de_otro_ambiente": Explained(
        "El token es de habilitación y la empresa está en producción, o al contrario. Así una prueba no se "
        "convierte en un documento real.",
        Repeat.MENDED,
        "Use un token del ambiente en que está la empresa.",
        "El token es de habilitacion y el emisor está en produccion; use un token de produccion.",
    ),
    "no_encontrado": Explained(
        "Lo que se pidió no existe, todavía no existe, o es de otra empresa.",
        Repeat.FREELY,
        "Revise el identificador y el token. El XML y el PDF existen cuando el documento está aceptado.",
        "No hay un documento con ese identificador.",
    ),
    "ruta_no_encontrada": Explained(
        "La ruta no existe, o no con ese método.",
        Repeat.MENDED,
        "Revise la dirección y el método; las rutas están en la referencia.",
        "Esta ruta no existe.",
        (404,),
    ),
    "solicitud_invalida": Explained(
        "La solicitud no llegó entera, o su ruta no existe y por eso no se pudo leer.",
        Repeat.MENDED,
        "Revise la ruta, el método y los encabezados.",
        "La solicitud no se pudo leer; revise la ruta, el método y los encabezados.",
        (400,),
    ),
    "acceso_denegado": Explained(
        "Quien opera la API no deja pasar esta solicitud.",
        Repeat.OPERATOR,
        "Hable con el operador.",
        "La solicitud no está permitida.",
        (403,),
    ),
    "conflicto": Explained(
        "Lo que se pidió no concuerda con lo que hay: el documento está en otro estado, o el proveedor "
        "tiene otro con ese número.",
        Repeat.ASK,
        "Consulte el documento; «estado_detalle» dice qué se puede hacer. Si hay otro documento de por "
        "medio, debe mirarlo una persona.",
        "El documento no espera la decisión de una persona.",
    ),
    "factura_pendiente": Explained(
        "La factura que la nota corrige todavía no tiene veredicto. «documento» dice cuál es.",
        Repeat.SAME_REFERENCE,
        "Espere a que la factura esté aceptada y envíe la nota de nuevo.",
        "La factura SETP990000011 todavía no tiene veredicto de la DIAN.",
    ),
    "referencia_en_uso": Explained(
        "Ya hay otro documento, o lote, con esa referencia y otro contenido. «documento» o «lote» dice cuál, y "
        "«diferencias» en qué campos.",
        Repeat.MENDED,
        "Si es el mismo documento, envíe el mismo contenido. Si es otro, use otra referencia. Uno rechazado "
        "se corrige con su misma referencia.",
        "Ya hay otro documento con esa referencia.",
    ),
    "datos_invalidos": Explained(
        "La solicitud incumple el contrato, la ley o una regla de la DIAN que se puede comprobar antes. "
        "«errors» dice, por campo, qué corregir; «hallazgos», qué reglas.",
        Repeat.MENDED,
        "Corrija cada campo de «errors». Con `?validar=solo` puede comprobarlo sin emitir.",
        "Datos invalidos",
    ),
    "no_soportado": Explained(
        "El proveedor no puede con esto, o no exactamente. «proveedores» dice cuáles sí.",
        Repeat.MENDED,
        "Quite lo que el proveedor no admite, o pídale al operador otro proveedor.",
        "Factus no emite este tipo de documento con su configuración actual.",
    ),
    "numeracion_no_disponible": Explained(
        "No hay un rango con que numerar: ninguno, agotado, vencido, o varios y no se dijo cuál.",
        Repeat.MENDED,
        "Diga «prefijo» si hay varios. Si no hay, pida numeración a la DIAN y sincronice (`POST "
        "/numeraciones/sincronizar`).",
        "No hay un rango de numeración activo para este documento.",
    ),
    "quota_excedida": Explained(
        "La empresa ya emitió los documentos de su cuota en este periodo.",
        Repeat.LATER,
        "Espere al periodo siguiente, o hable con el operador. `GET /me` dice cuántos van.",
        "Cuota excedida para el periodo.",
    ),
    "demasiadas_solicitudes": Explained(
        "El token, o toda la API, llegó a su límite de solicitudes por segundo.",
        Repeat.LATER,
        "Repita después de «Retry-After». Muchos documentos caben en un solo lote.",
        "Demasiadas solicitudes por segundo; repita en un momento.",
        (429,),
    ),
    "error_interno": Explained(
        "Una falla nuestra, que quedó registrada con el «request_id».",
        Repeat.SAME_REFERENCE,
        "Repita con la misma referencia. Si sigue, dígale al operador el «request_id».",
        "Error interno. Consulte el documento antes de enviarlo otra vez.",
        (500, 502),
    ),
    "credenciales_rechazadas": Explained(
        "El proveedor rechazó las credenciales del operador, o faltan. Nada de la solicitud lo arregla.",
        Repeat.OPERATOR,
        "Avise al operador.",
        "El proveedor rechazó las credenciales.",
    ),
    "proveedor_no_disponible": Explained(
        "El proveedor o la DIAN no respondió, y es seguro que no recibió nada.",
        Repeat.LATER,
        "Repita más tarde. Un documento ya recibido se envía solo: no hace falta repetirlo.",
        "El proveedor no respondió.",
    ),
    "proveedor_en_espera": Explained(
        "No se llamó al proveedor: no está respondiendo, o ya se le hicieron las llamadas que admite por "
        "ahora.",
        Repeat.LATER,
        "Repita después de «Retry-After».",
        "El proveedor no está respondiendo; se prueba de nuevo en unos segundos.",
    ),
    "ocupado": Explained(
        "Hay demasiadas solicitudes a la vez por los mismos números, o AWS está ocupado.",
        Repeat.SAME_REFERENCE,
        "Repita después de «Retry-After».",
        "El servicio está ocupado; repita la misma solicitud en unos segundos.",
        (503,),
    ),
    "version_posterior": Explained(
        "Lo guardado lo escribió una versión más nueva de Cauce, que el operador quitó.",
        Repeat.OPERATOR,
        "Avise al operador: debe desplegar otra vez la versión más nueva.",
        "Lo guardado lo escribió una versión más nueva de Cauce.",
    ),
    "resultado_desconocido": Explained(
        "Se le pidió algo al proveedor y no se sabe si lo hizo.",
        Repeat.ASK,
        "Consulte el documento. Cauce sigue preguntando solo, y no lo envía otra vez mientras no se sepa.",
        "El proveedor no respondió a tiempo; no se sabe si procesó la solicitud.",
    ),
    "tiempo_agotado": Explained(
        "La respuesta no llegó a tiempo; la solicitud pudo haberse cumplido.",
        Repeat.SAME_REFERENCE,
        "Repita con la misma referencia: si ya estaba hecho, responde lo mismo.",
        "No hubo respuesta a tiempo; repita con la misma referencia: no se emite dos veces.",
        (504,),
    ),
}


def told() -> dict[str, tuple[tuple[int, ...], str]]:
    """The statuses and the title of each code."""
    found: dict[str, tuple[set[int], str]] = {}
    for error, (status, title) in web.PROBLEMS.items():
        found.setdefault(error.code, (set(), title))[0].add(status)
    for code, explained in EXPLAINED.items():
        found.setdefault(code, (set(), _GATEWAY_TITLES.get(code, "")))[0].update(explained.of_gateway)
    return {code: (tuple(sorted(statuses)), title) for code, (statuses, title) in found.items()}


_GATEWAY_TITLES = {
    "ruta_no_encontrada": "No encontrado",
    "solicitud_invalida": "Solicitud rechazada",
    "acceso_denegado": "Acceso denegado",
    "tiempo_agotado": "Sin respuesta a tiempo",
}


def schemas() -> dict[str, Schema]:
    one_document = {
        "tracking_id": text("Su identificador.", "550e8400-e29b-41d4-a716-446655440000"),
        "numero_completo": text("Su número.", "SETP990000011", optional=True),
        "estado": text("En qué va.", "pendiente", among=ESTADOS),
    }
    fields = {
        "ok": always(False, "La solicitud no se cumplió."),
        "error": text("Qué pasó.", "Datos invalidos"),
        "codigo": text("Qué error es; no cambia entre versiones.", "datos_invalidos", among=EXPLAINED),
        "type": text("La página que lo explica.", form="uri"),
        "title": text("El error, en dos palabras.", "Datos inválidos"),
        "status": integer("El estado HTTP.", 422),
        "detail": text("Qué pasó, o el primer campo que hay que corregir.", "El precio debe ser un número."),
        "instance": text("La ruta que se pidió.", "/v1/documentos"),
        "request_id": text("El identificador de la solicitud; dígaselo al operador si algo no se entiende."),
        "errors": table(
            listed({"type": "string"}, "Qué corregir."),
            "Por campo de la solicitud, qué corregir.",
            {"lineas.0.precio": ["…"]},
        ),
        "hallazgos": listed(named("Hallazgo"), "Las reglas de la DIAN que incumple."),
        "permiso": text("El permiso que falta.", "factura"),
        "alcance": text("El alcance que le falta al token.", "emitir"),
        "documento": record("El documento con que choca.", one_document),
        "lote": record(
            "El lote con que choca.",
            {"lote_id": text("Su identificador."), "estado": text("En qué va.", "en_proceso")},
        ),
        "diferencias": listed({"type": "string"}, "Los campos en que se diferencian."),
        "consumidos": integer("Cuántos documentos van en el periodo.", 1000),
        "limite": integer("Cuántos caben.", 1000),
        "periodo": text("El periodo.", "mensual"),
        "proveedores": listed({"type": "string"}, "Los proveedores que sí pueden."),
    }
    always_there = ("ok", "error", "codigo", "type", "title", "status", "detail", "request_id")
    return {
        "Problema": record(
            "Un error (RFC 9457), con su código y qué hacer.",
            fields,
            maybe=[name for name in fields if name not in always_there],
        )
    }
