"""What can go wrong, sorted by what is safe to do next.

A refusal by a provider or DIAN is data (``domain.outcome``). An exception means that the provider gave no answer, or
was not asked. ``code`` is the stable ``codigo`` of the HTTP contract; the message is in Spanish.
"""

from typing import TYPE_CHECKING, ClassVar

from cauce.domain.outage import Failure
from cauce.domain.outcome import Finding
from cauce.domain.texts import cut

if TYPE_CHECKING:
    from cauce.domain.document import Document
    from cauce.domain.event import Event
    from cauce.domain.lot import Lot
    from cauce.domain.record import Record

# Characters of a message, a quoted answer included.
_LONGEST_MESSAGE = 1_000
# A yearly quota's next period is a year away at most.
_LONGEST_WAIT_SECONDS = 366 * 86_400.0


class CauceError(Exception):
    """Anything Cauce refuses or could not finish. ``fields``: what to mend, by the domain's path (``lines.2.price``).

    The message may quote a provider's answer, so it is cut.
    """

    code: ClassVar[str] = "error_interno"
    fields_as_sent = False
    """Whether ``fields`` has the names that the request used, instead of the domain's paths."""

    def __init__(self, message: str, *, field: str | None = None, fields: dict[str, list[str]] | None = None):
        message = cut(message, _LONGEST_MESSAGE)
        super().__init__(message)
        self.message = message
        self.fields = fields or ({field: [message]} if field else {})


class InvalidDocument(CauceError):
    """The request breaks the contract or a rule that can be known before sending. Mend it and send again.

    ``findings``: the DIAN rules that it breaks, notices included, where it breaks such rules.
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
    """The provider refused the credentials, the account or how it is configured. Nothing was processed; the operator
    must act."""

    code = "credenciales_rechazadas"


class NotSent(CauceError):
    """The request never left, or the service did not process it. Repeat freely, after ``retry_after`` seconds.

    ``failure``: how the service failed, where it did or may have. ``arrived``: the service had the request and broke
    down before it decided anything, so the same bytes must be repeated.
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
    """The stored credentials, or the settings beside them, do not suffice for a call. No call was made."""


class Held(NotSent):
    """We made no call: the provider's pace is used up, or its breaker is open. Try after ``retry_after`` seconds.

    ``host_is_out``: the open breaker is its host's, which holds the calls of every issuer there.
    ``is_due_a_trial``: the breaker's wait is over, and only the trial call is left to somebody who waits longer: the
    provider may be back.
    """

    code = "proveedor_en_espera"
    retry_after: float

    def __init__(
        self, message: str, *, retry_after: float, host_is_out: bool = False, is_due_a_trial: bool = False
    ):
        super().__init__(message, retry_after=retry_after)
        self.host_is_out = host_is_out
        self.is_due_a_trial = is_due_a_trial


class OutcomeUnknown(CauceError):
    """The request may or may not have been processed: ask before repeating. ``raw``: what came back, if anything.

    ``failure``: how the service failed, where it did or may have.
    """

    code = "resultado_desconocido"

    def __init__(self, message: str, *, raw: bytes = b"", failure: Failure | None = None):
        super().__init__(message)
        self.raw = raw
        self.failure = failure


class Conflict(CauceError):
    """What was asked does not fit what is there: another document under our reference or number, or a record in
    another state. A person must look."""

    code = "conflicto"


class NotFound(CauceError):
    """What was asked for does not exist, or belongs to another issuer: the answer is the same."""

    code = "no_encontrado"


class Unauthenticated(CauceError):
    """No token, an unknown one, or a revoked one: the answer is the same. Only an expired token is told apart, since
    its secret was shown. Also a queued message whose sender does not speak for the issuer."""

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
    """The token is valid, but lacks ``scope``, which the route requires."""

    code = "alcance_insuficiente"

    def __init__(self, scope: str):
        super().__init__(
            f"El token no tiene el alcance «{scope}», que esta ruta pide; pida uno que lo tenga."
        )
        self.scope = scope


class OtherWorld(CauceError):
    """The token is of one environment and its issuer is in the other: tests would become real documents, or real
    documents tests."""

    code = "token_de_otro_ambiente"

    def __init__(self, token: str, issuer: str):
        super().__init__(f"El token es de {token} y el emisor está en {issuer}; use un token de {issuer}.")


class QuotaExceeded(CauceError):
    """The issuer used up its quota for the period, of documents or look-ups; that ends in ``retry_after`` seconds."""

    code = "quota_excedida"

    def __init__(
        self,
        *,
        used: int,
        limit: int,
        period: str,
        retry_after: float | None = None,
        message: str = "Cuota excedida para el periodo.",
    ):
        super().__init__(message)
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
    """The reference already names another document, which cannot be corrected now; or a lot's key, another lot.

    ``other``: the record of that document; ``asked``: what was asked for under its reference now; ``lot``: that lot;
    ``differing``: the fields of the request in which the two differ.
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
    """The document is larger than a record can be; nothing was stored. Divide it."""

    code = "documento_demasiado_grande"


class Busy(CauceError):
    """Too many callers compete for the same numbers, or the table is throttled; nothing was stored. Repeat after a
    second."""

    code = "ocupado"


class WrittenByNewer(CauceError):
    """The stored item was written by a newer Cauce, in a form that this one does not know. An operator must deploy
    the newer one again; then repeat the request."""

    code = "version_posterior"

    def __init__(self, schema: int, known: int):
        super().__init__(
            f"Lo guardado lo escribió una versión más nueva de Cauce (forma {schema}; esta conoce hasta la {known}). "
            "El operador debe desplegar otra vez la más nueva."
        )


class Stale(Exception):
    """Another worker wrote the record since it was read: read it again. Never reaches a client."""


class NumberTaken(Exception):
    """Another record of the issuer has this number. Never reaches a client."""


class ReferenceTaken(Exception):
    """The issuer already has a record under this reference. Never reaches a client."""

    def __init__(self, document_id: str):
        super().__init__(document_id)
        self.document_id = document_id


def _seconds(count: int) -> str:
    return f"{count} segundo" if count == 1 else f"{count} segundos"
