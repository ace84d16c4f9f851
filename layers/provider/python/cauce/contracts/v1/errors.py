"""Errors of a request as HTTP, before it is about any document."""

from cauce.domain.errors import CauceError


class BadRequest(CauceError):
    """The body is not JSON that can be trusted to mean one thing."""

    code = "json_invalido"


class TooLarge(CauceError):
    """The body is longer than any document needs."""

    code = "cuerpo_demasiado_grande"


class UnsupportedMediaType(CauceError):
    """The body says it is not JSON in UTF-8."""

    code = "tipo_de_contenido_no_soportado"


class RepeatedHeader(CauceError):
    """A header came more than once, with different values, so that none of them can be taken."""

    code = "encabezado_repetido"

    def __init__(self, name: str):
        super().__init__(
            f"El encabezado {name} llegó más de una vez con valores distintos; envíelo una sola vez.",
            field=name,
        )


class MethodNotAllowed(CauceError):
    """The route exists, with other methods; ``allowed`` names them."""

    code = "metodo_no_permitido"

    def __init__(self, allowed: tuple[str, ...]):
        super().__init__(f"Esta ruta solo admite {', '.join(allowed)}.")
        self.allowed = allowed
