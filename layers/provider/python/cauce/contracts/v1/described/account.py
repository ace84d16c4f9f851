"""Who the token speaks for, and whether the API is up."""

from cauce.contracts.v1 import preparations
from cauce.contracts.v1.described.model import (
    Answer,
    Operation,
    Schema,
    Token,
    always,
    choice,
    day,
    integer,
    listed,
    moment,
    number,
    query,
    record,
    table,
    text,
)
from cauce.contracts.v1.render import TIPO_DOCUMENTO, VERSION
from cauce.contracts.v1.rest import Route
from cauce.domain.access_token import Scope
from cauce.domain.issuer import Environment, Period

_GROUP = "Su cuenta"
_STANDINGS = [*preparations.ESTADOS.values()]
_ENVIRONMENTS = sorted(each.called for each in Environment)


def schemas() -> dict[str, Schema]:
    return {
        "Cuenta": record(
            "De quién es el token y qué puede.",
            {
                "user": record(
                    "El token.",
                    {
                        "id": integer("Su número.", 7),
                        "name": text("El nombre que le dieron.", "ERP"),
                        "email": text("El correo de quien lo tiene.", "erp@empresa.example"),
                    },
                ),
                "tenant": record(
                    "La empresa.",
                    {
                        "id": integer("Su número.", 1),
                        "uuid": text("Su identificador.", "6a2f1c4e-0000-4000-8000-000901724254"),
                        "nit": text("Su NIT, sin dígito de verificación.", "901724254"),
                        "dv": text("El dígito de verificación.", "1"),
                        "razon_social": text("Su razón social.", "MI EMPRESA SAS"),
                        "estado": text("Si puede usar Cauce.", "activo", among=("activo", "inactivo")),
                    },
                ),
                "ambiente": text("Adónde van sus documentos.", "habilitacion", among=_ENVIRONMENTS),
                "token": record(
                    "Qué puede el token.",
                    {
                        "alcances": listed(
                            {"type": "string", "enum": [scope.value for scope in Scope]},
                            "Sus alcances.",
                            ["emitir"],
                        ),
                        "ambiente": text(
                            "Para qué ambiente es; nulo: para ambos.", among=_ENVIRONMENTS, optional=True
                        ),
                        "vence": moment("Desde cuándo se rechaza; nulo: nunca.", optional=True),
                    },
                ),
                "cuota": record(
                    "Cuántos documentos van en el periodo.",
                    {
                        "consumidos": integer("Cuántos van.", 120),
                        "limite": integer("Cuántos caben; nulo: sin límite.", 1000, optional=True),
                        "periodo": text("El periodo.", "mensual", among=[each.value for each in Period]),
                        "termina": moment("Cuándo empieza el siguiente.", "2026-06-01T00:00:00-05:00"),
                    },
                ),
            },
        ),
        "Preparacion": record(
            "Qué falta para emitir, punto por punto.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "estado": text("Cómo está en conjunto.", "atencion", among=_STANDINGS),
                "resumen": text("Lo mismo, en una frase.", "Puede emitir: hay 1 punto por atender."),
                "ambiente": text("En qué ambiente.", "habilitacion", among=_ENVIRONMENTS),
                "emite": table(
                    {"type": "boolean"}, "Si ya puede emitir cada tipo de documento.", {"factura": True}
                ),
                "puntos": listed(
                    record(
                        "Un punto.",
                        {
                            "punto": text("De qué trata.", "numeracion", among=preparations.PUNTOS.values()),
                            "estado": text("Cómo está.", "atencion", among=_STANDINGS),
                            "mensaje": text("Qué pasa.", "El rango vence en 12 días."),
                            "responsable": text(
                                "Quién debe actuar.",
                                "emisor",
                                among=preparations.RESPONSABLES.values(),
                                optional=True,
                            ),
                            "que_hacer": text("Qué hacer.", optional=True),
                            "proveedor": text("Con quién.", "dian", optional=True),
                            "tipo_documento": text(
                                "Para qué documento.", "factura", among=TIPO_DOCUMENTO.values(), optional=True
                            ),
                            "prefijo": text("Con qué prefijo.", "SETP", optional=True),
                            "dias_restantes": integer("Cuántos días quedan.", 12, optional=True),
                            "vence": day("Cuándo vence.", optional=True),
                            "quedan": integer("Cuántos quedan.", 40, optional=True),
                            "por_dia": number("Cuántos se gastan por día.", 3.5, optional=True),
                        },
                    ),
                    "Los puntos.",
                ),
            },
        ),
        "Salud": record(
            "La API responde.",
            {
                "status": always("ok", "La API responde."),
                "service": always("Cauce", "El servicio."),
                "version": always(VERSION, "La versión del contrato."),
                "time": moment("Qué hora es aquí."),
                "proveedores": table(
                    record(
                        "Un proveedor.",
                        {
                            "interruptor": text(
                                "abierto: alguna empresa no lo está usando porque no responde.",
                                "cerrado",
                                among=("abierto", "cerrado"),
                            )
                        },
                    ),
                    "Con `?detalle=1`: cómo está cada proveedor.",
                ),
            },
            maybe=("proveedores",),
        ),
    }


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/me"): Operation(
        group=_GROUP,
        summary="Saber de quién es el token",
        about="La empresa, su ambiente, los alcances del token y la cuota. Es la primera solicitud que "
        "conviene hacer.",
        answers=(Answer(200, "La cuenta.", "Cuenta"),),
    ),
    ("GET", "/preparacion"): Operation(
        group=_GROUP,
        summary="Saber qué falta para emitir",
        about="Cada punto dice cómo está, quién debe actuar y qué hacer; y cuánto queda del rango, de la "
        "resolución, del certificado y de la cuota.",
        answers=(Answer(200, "Los puntos.", "Preparacion"),),
        errors=("datos_invalidos",),
    ),
    ("GET", "/health"): Operation(
        group=_GROUP,
        summary="Saber si la API responde",
        about="No pide token, salvo con `?detalle=1`.",
        answers=(Answer(200, "La API responde.", "Salud"),),
        parameters=(query("detalle", "Con `1`: cómo está cada proveedor; pide token.", choice("1")),),
        token=Token.OPTIONAL,
    ),
}
