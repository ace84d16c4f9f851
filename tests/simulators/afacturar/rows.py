"""The preloaded issuer's rows: one of every type of document, and one in each state."""

import hashlib
from typing import Any

NIT = "11111111"
TOKEN = "token_obligado"

Row = dict[str, Any]

# Every field of the documented answer, in its order.
_EMPTY: Row = {
    "fc": "",
    "ip": "",
    "milseg_ejecucion": "",
    "tipo_documento": "",
    "uniqid": "",
    "prefijo": "",
    "numero_documento": "",
    "adquiriente_nombre": "",
    "adquiriente_documento": "",
    "fecha_documento": "",
    "url_representacion_xml": "",
    "url_representacion_pdf": "",
    "correo_adquiriente": "",
    "cufe": "",
    "url_rta_envio_dian": "",
    "consulta_doc_dian_estado": "",
    "consulta_doc_dian_url_rta": "",
    "aceptacion_rechazo_fecha": "",
    "aceptacion_rechazo_ip": "",
    "aceptacion_rechazo_estado": "",
    "aceptacion_rechazo_observaciones": "",
    "acuse_recibo": None,
    "acuse_recibo_fecha": None,
    "acuse_recibo_ip": None,
    "correos_enviados": 0,
    "entorno": "",
    "tipo_factura_electronica": "",
    "url_representacion_qr_svg": None,
    "valor_total": "",
    "rta_ws_dian_response": "",
    "application_response_url": None,
    "attached_document_url": None,
}
FIELDS = tuple(_EMPTY)


def row(sequence: int, **changes: Any) -> Row:
    """A validated invoice of the test environment; its number, uniqid and times come from `sequence`."""
    uniqid = f"{0x5EA991336D000 + sequence:013x}"
    return {
        **_EMPTY,
        "fc": f"2026-05-{sequence % 28 + 1:02d} 10:{sequence % 60:02d}:00",
        "ip": "192.0.2.10",
        "milseg_ejecucion": "1234",
        "tipo_documento": "factura",
        "uniqid": uniqid,
        "prefijo": "SETT",
        "numero_documento": str(sequence),
        "adquiriente_nombre": "JUAN PEREZ",
        "adquiriente_documento": "71234567",
        "fecha_documento": f"2026-05-{sequence % 28 + 1:02d}",
        "url_representacion_xml": f"/archivos/{uniqid}.xml",
        "url_representacion_pdf": f"/archivos/{uniqid}.pdf",
        "correo_adquiriente": "juan@correo.example",
        "cufe": hashlib.sha384(uniqid.encode()).hexdigest(),
        "url_rta_envio_dian": f"/archivos/{uniqid}-envio.xml",
        "consulta_doc_dian_estado": "EXITOSA",
        "consulta_doc_dian_url_rta": f"/archivos/{uniqid}-consulta.xml",
        "correos_enviados": 1,
        "entorno": "HABILITACION",
        "tipo_factura_electronica": "VP",
        "valor_total": "59500.00",
        "rta_ws_dian_response": "Procesado Correctamente.",
        **changes,
    }


def emitted_rows() -> list[Row]:
    """The preloaded rows in order of arrival, which is neither the order by number nor by date."""
    return [
        row(7),
        row(3, tipo_documento="factura_mandato"),
        row(9, tipo_documento="factura_exportacion", adquiriente_documento="EX-4455"),
        row(1, tipo_documento="factura_contingencia", tipo_factura_electronica="2242"),
        row(2, tipo_documento="nota_credito", prefijo="NC"),
        row(4, tipo_documento="nota_debito", prefijo="ND"),
        row(5, consulta_doc_dian_estado="", cufe="", rta_ws_dian_response=""),
        row(
            6,
            consulta_doc_dian_estado="FALLIDA",
            rta_ws_dian_response="Regla: FAK24, Rechazo: No está informado el DV del NIT; "
            "Regla: FAJ43b, Notificación: Nombre informado no corresponde al registrado en el RUT",
        ),
        row(8, entorno="DOCUMENTO_NO_VALIDO"),
        row(10, entorno="PRODUCCION"),
        row(
            11,
            aceptacion_rechazo_fecha="2026-05-13 09:00:00",
            aceptacion_rechazo_ip="192.0.2.77",
            aceptacion_rechazo_estado="ACEPTADO",
            aceptacion_rechazo_observaciones="Conforme",
            acuse_recibo="SI",
            acuse_recibo_fecha="2026-05-12 09:00:00",
            acuse_recibo_ip="192.0.2.77",
            url_representacion_qr_svg="/archivos/qr.svg",
            application_response_url="/archivos/respuesta.xml",
            attached_document_url="/archivos/adjunto.xml",
        ),
    ]
