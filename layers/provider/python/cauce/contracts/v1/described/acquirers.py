"""Who a buyer is, by their identification."""

from cauce.contracts.v1.described.model import (
    CALL_ERRORS,
    Answer,
    Operation,
    Parameter,
    Schema,
    always,
    moment,
    record,
    text,
)
from cauce.contracts.v1.rest import Route


def schemas() -> dict[str, Schema]:
    return {
        "AdquirienteEncontrado": record(
            "Quién es: su nombre y su correo, y nada más.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "data": record(
                    "El adquiriente.",
                    {
                        "tipo_documento": text("El tipo de identificación que se pidió.", "31"),
                        "numero_documento": text("La identificación que se pidió.", "901724254"),
                        "dv": text("El dígito de verificación, si es un NIT.", "1", optional=True),
                        "razon_social": text("Su nombre o razón social.", "MI EMPRESA SAS"),
                        "email": text("Su correo, si se sabe.", "compras@empresa.example", optional=True),
                        "origen": text("Quién lo dijo.", "dian", optional=True),
                        "consultado_en": moment("Cuándo lo dijo; se recuerda por un día."),
                    },
                ),
            },
        )
    }


def _part(name: str, about: str, example: str) -> Parameter:
    return Parameter(name, about, {"type": "string", "examples": [example]}, place="path", required=True)


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/adquirientes/{tipo}/{numero}"): Operation(
        group="Catálogos",
        summary="Buscar a un adquiriente",
        about="Su nombre y su correo, por su identificación, como los dice la DIAN o el proveedor. Son "
        "datos personales (Ley 1581): pide un alcance que se da expresamente, y tiene un límite diario por "
        "empresa.",
        answers=(Answer(200, "Quién es.", "AdquirienteEncontrado"),),
        errors=(
            "no_encontrado",
            "datos_invalidos",
            "no_soportado",
            "quota_excedida",
            *CALL_ERRORS,
        ),
        parameters=(
            _part("tipo", "El tipo de identificación; «tipos-documento» en los catálogos.", "31"),
            _part("numero", "La identificación, sin dígito de verificación.", "901724254"),
        ),
    ),
}
