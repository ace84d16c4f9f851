"""What can go wrong, sorted by what is safe to do next.

A refusal by a provider or DIAN is data (``domain.outcome``). An exception means there was no answer, or none
was asked for. ``code`` is the stable ``codigo`` of the HTTP contract; the message is Spanish, for its reader.
"""

from typing import TYPE_CHECKING, ClassVar

from cauce.domain.finding import Finding
from cauce.domain.outage import Failure
from cauce.domain.texts import cut

if TYPE_CHECKING:
    from cauce.domain.document import Document
    from cauce.domain.event import Event
    from cauce.domain.lot import Lot
    from cauce.domain.record import Record

# Ours and what is quoted in it.
_LONGEST_MESSAGE = 1_000
# Until a quota's next period, a year from now at most.
_LONGEST_WAIT_SECONDS = 366 * 86_400.0


class CauceError(Exception):
    """Anything Cauce refuses or could not finish; ``fields`` says what to mend, by the domain's path.

    Its message may quote an answer, and is cut as one is.
    """

    code: ClassVar[str] = "error_interno"

    def __init__(self, message: str, *, field: str | None = None, fields: dict[str, list[str]] | None = None):
        message = cut(message, _LONGEST_MESSAGE)
        super().__init__(message)
        self.message = message
        self.fields = fields or ({field: [message]} if field else {})


class InvalidDocument(CauceError):
    """The request breaks the contract or a rule that can be known before sending. Mend it and send again.

    ``findings`` are the rules of DIAN's that it breaks, notices included, where it is those.
    """

    code = "datos_invalidos"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        fields: dict[str, list[str]] | None = None,
        findings: tuple[Finding, ...] = (),
    ):
        super().__init__(message, field=field, fields=fields)
        self.findings = findings


class Unsupported(CauceError):
    """The provider cannot do this, or not exactly; ``providers`` names those that can. Nothing was sent."""

    code = "no_soportado"

    def __init__(self, message: str, *, field: str | None = None, providers: tuple[str, ...] = ()):
        super().__init__(message, field=field)
        self.providers = providers


class NumberingUnavailable(CauceError):
    """No usable range: none synced, exhausted, expired, or several and none chosen."""

    code = "numeracion_no_disponible"


class CredentialsRejected(CauceError):
    """The provider refused who we are, or its plan. Nothing was processed; the operator must act."""

    code = "credenciales_rechazadas"


class NotSent(CauceError):
    """The request never left, or was turned away at the door. Repeat freely, after ``retry_after`` seconds.

    ``failure``: how, where the service itself is to blame, or may be. ``arrived``: the service had it and broke down
    before it decided anything, so that what is repeated must be the same.
    """

    code = "proveedor_no_disponible"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        raw: bytes = b"",
        failure: Failure | None = None,
        arrived: bool = False,
    ):
        super().__init__(message)
        # A service may ask for any number of seconds; no clock reads infinity.
        self.retry_after = None if retry_after is None else min(max(0.0, retry_after), _LONGEST_WAIT_SECONDS)
        self.raw = raw
        self.failure = failure
        self.arrived = arrived


class CredentialsUnusable(CredentialsRejected):
    """Those that are kept, or what is set beside them, are not enough to ask with. Nobody was asked."""


class Held(NotSent):
    """Kept back by us, to be tried after ``retry_after``: the provider's pace is used up, or its breaker is open.

    ``host_is_out``: the breaker of its host is, so that every issuer's calls there are kept back.
    """

    code = "proveedor_en_espera"
    retry_after: float

    def __init__(self, message: str, *, retry_after: float, host_is_out: bool = False):
        super().__init__(message, retry_after=retry_after)
        self.host_is_out = host_is_out


class OutcomeUnknown(CauceError):
    """It may or may not have happened: ask before repeating. ``raw`` is what came back, if anything did.

    ``failure``: how the service itself failed, where that is what happened, or may be.
    """

    code = "resultado_desconocido"

    def __init__(self, message: str, *, raw: bytes = b"", failure: Failure | None = None):
        super().__init__(message)
        self.raw = raw
        self.failure = failure


class Conflict(CauceError):
    """What was found is not ours: same reference or number, other content. A person must look."""

    code = "conflicto"


class NotFound(CauceError):
    """There is no such thing, or it belongs to somebody else: the answer is the same."""

    code = "no_encontrado"


class Unauthenticated(CauceError):
    """No token, or not one of ours, or a revoked one: the answer is the same. One that has ended is
    told so: whoever shows it has its secret."""

    code = "no_autenticado"


class IssuerSuspended(CauceError):
    """The issuer is not active in this stack."""

    code = "emisor_suspendido"


class PermissionDenied(CauceError):
    """The issuer may not emit this kind of document."""

    code = "permiso_no_concedido"

    def __init__(self, permission: str):
        super().__init__("Tu empresa no tiene permitido emitir este tipo de documento.")
        self.permission = permission


class ScopeMissing(CauceError):
    """The token is good, and not for this; ``scope`` is what it lacks."""

    code = "alcance_insuficiente"

    def __init__(self, scope: str):
        super().__init__(
            f"El token no tiene el alcance «{scope}», que esta ruta pide; pida uno que lo tenga."
        )
        self.scope = scope


class OtherWorld(CauceError):
    """The token is of one environment and its issuer is in the other: what it sends would be real, or would not."""

    code = "token_de_otro_ambiente"

    def __init__(self, token: str, issuer: str):
        super().__init__(f"El token es de {token} y el emisor está en {issuer}; use un token de {issuer}.")


class QuotaExceeded(CauceError):
    """The issuer used up its documents of the period, which ends in ``retry_after`` seconds."""

    code = "quota_excedida"

    def __init__(self, *, used: int, limit: int, period: str, retry_after: float | None = None):
        super().__init__("Cuota excedida para el periodo.")
        self.retry_after = retry_after
        self.used = used
        self.limit = limit
        self.period = period


class TooManyRequests(CauceError):
    """The token made as many requests as it may in this window. Nothing was done; repeat after ``retry_after`` s."""

    code = "demasiadas_solicitudes"

    def __init__(self, requests: int, seconds: int, *, acts: bool, retry_after: int):
        uses = "emitir, numerar y decidir" if acts else "consultar y listar"
        sentence = (
            f"Este token llegó a su límite para {uses}: {requests} solicitudes cada {_seconds(seconds)}. No se hizo "
            f"nada; repita esta misma solicitud en {_seconds(retry_after)}."
        )
        super().__init__(f"{sentence} Muchos documentos caben en un solo lote." if acts else sentence)
        self.retry_after = retry_after


class InvoicePending(CauceError):
    """The document that a note corrects, ``other``, has no verdict yet. Send the note again once it has."""

    code = "factura_pendiente"

    def __init__(self, message: str, *, field: str | None = None, other: "Record | None" = None):
        super().__init__(message, field=field)
        self.other = other


class ReferenceConflict(CauceError):
    """The reference names another document, one that is not open to correction; or a lot's key another lot.

    ``other`` is its record and ``asked`` what was asked for under it now, where it is a document's; ``lot`` the lot,
    where it is one's; ``differing`` are the fields of the request in which they differ.
    """

    code = "referencia_en_uso"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        other: "Record | None" = None,
        asked: "Document | Event | None" = None,
        lot: "Lot | None" = None,
        differing: tuple[str, ...] = (),
    ):
        super().__init__(message, field=field)
        self.other = other
        self.asked = asked
        self.lot = lot
        self.differing = differing


class DocumentTooLarge(CauceError):
    """The document says more than a record can keep; nothing was stored. Divide it."""

    code = "documento_demasiado_grande"


class Busy(CauceError):
    """Too many callers for the same numbers at once; nothing was stored. Repeat after a second."""

    code = "ocupado"


class WrittenByNewer(CauceError):
    """What is stored was written by a newer Cauce, in a form that this one does not know. An operator must deploy the
    newer one again; what was asked may then be done."""

    code = "version_posterior"

    def __init__(self, schema: int, known: int):
        super().__init__(
            f"Lo guardado lo escribió una versión más nueva de Cauce (forma {schema}; esta conoce hasta la {known}). "
            "El operador debe desplegar otra vez la más nueva."
        )


class Stale(Exception):
    """Somebody else wrote the record since it was read: read it again. Never leaves the gateway."""


class NumberTaken(Exception):
    """Another record of the issuer has this number. Never leaves the gateway."""


class ReferenceTaken(Exception):
    """The issuer already has a record under this reference. Never leaves the gateway."""

    def __init__(self, document_id: str):
        super().__init__(document_id)
        self.document_id = document_id


def _seconds(count: int) -> str:
    return f"{count} segundo" if count == 1 else f"{count} segundos"
