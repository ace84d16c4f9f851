"""What the contract itself refuses. Its fields have the names that the request used, be they known or not."""

from cauce.domain.errors import CauceError, InvalidDocument


class InvalidRequest(InvalidDocument):
    """The request breaks the contract. ``fields``: the sentences by the names of the request."""

    fields_as_sent = True

    def __init__(self, fields: dict[str, list[str]]):
        super().__init__("Datos invalidos", fields=fields)


class BadRequest(CauceError):
    """The body is not JSON that can be trusted to mean one thing."""

    code = "json_invalido"
    fields_as_sent = True


class TooLarge(CauceError):
    """The body is longer than any document needs."""

    code = "cuerpo_demasiado_grande"


class UnsupportedMediaType(CauceError):
    """The body says it is not JSON in UTF-8."""

    code = "tipo_de_contenido_no_soportado"


class RepeatedHeader(CauceError):
    """A header came more than once, with different values, so that none of them can be taken."""

    code = "encabezado_repetido"
    fields_as_sent = True

    def __init__(self, name: str):
        super().__init__(
            f"El encabezado {name} llegó más de una vez con valores distintos; envíelo una sola vez.",
            field=name,
        )
