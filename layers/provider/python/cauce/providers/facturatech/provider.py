"""Facturatech: its calls, in the order in which they happen. The other modules write requests and read answers."""

from urllib.parse import urlsplit

from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, Identity, Number, Outcome
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.providers import identity
from cauce.providers.base import (
    Capabilities,
    Company,
    Connection,
    Lane,
    NumberedBy,
    Pace,
    Provider,
    RangeAnswer,
    RecoveredBy,
    Refs,
    Request,
    Resend,
    Verb,
)
from cauce.providers.calls import Calls
from cauce.providers.facturatech import answer, check, payload, settings, texts, wire
from cauce.providers.facturatech.answer import Reply
from cauce.providers.facturatech.numbering import Numbering
from cauce.providers.facturatech.texts import Meaning
from cauce.providers.facturatech.wire import Service

# An upload takes 5 to 20 s; no limit is published. With the look-ups after it, this is less than a function may last.
UPLOAD_SECONDS = 45.0
_LOOK_SECONDS = 8.0
# Errors of a look-up that prove nothing about the document that was sent.
_SILENCE = (NotSent, OutcomeUnknown, CredentialsRejected, NotFound)


class Facturatech(Provider):
    """We number and date; Facturatech signs and sends to DIAN. It tells documents apart by their number alone."""

    name = "facturatech"
    title = "Facturatech"
    company = Company("Facturatech")
    credential_fields = ("username", "password")
    needs_party = True

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._settings = settings.read(connection.settings, connection.issuer.environment)
        self._calls = Calls(connection, lambda _: "")  # its services have three hosts

    def close(self) -> None:
        self._calls.close()

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:  # noqa: ARG003 - the same under any settings
        return Capabilities(
            kinds=frozenset(payload.SHEET_TYPES),
            verbs=frozenset({Verb.RANGES, Verb.GENERATE_RANGE, Verb.ASSIGN_RANGE_TYPE, Verb.XML, Verb.PDF}),
            numbered_by=NumberedBy.GATEWAY,
            recovered_by=RecoveredBy.NUMBER,
            # Facturatech recognises a repeated number, so the same bytes again make no second document.
            resend=Resend.SAME_BYTES,
            lane=Lane.NONE,
            mails=frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE}),
            # [inferred] No limit is published (manual, «política»); one agreed with Facturatech is set in «pace».
            pace=Pace(calls=20, seconds=10),
            slow=True,
            quantity_scale=6,
            max_lines=None,
            # The upload, the status, the UUID, the XML to compare it with ours, and the XML to archive.
            calls_each=5,
            # Only in support documents; ``check`` refuses it in other kinds.
            extras=frozenset({"purchase", "tax included", "withholding base"}),
        )

    @classmethod
    def address(cls, connection: Connection) -> str:
        """The address for invoices. Support documents and numbering have their own hosts, which count as this one."""
        return settings.read(connection.settings, connection.issuer.environment).emission_url

    def check(self, document: Document) -> None:
        check.refuse(document, self.connection.issuer, self._settings)

    def prepare(self, record: Record) -> Request:
        service = self._service(record.kind)
        notify = record.document.notify
        in_production = self.connection.issuer.environment is Environment.PRODUCTION
        body = payload.sheet(
            record,
            self.connection.issuer,
            self._settings,
            mail=in_production if notify is None else notify,
        )
        operation = f"POST {urlsplit(service.url).path}#{service.upload}"
        return Request(operation=operation, body=body, content_type="text/xml; charset=utf-8")

    def send(self, request: Request) -> Outcome:
        """Upload the document, or ask again about one whose number Facturatech already has.

        Raises Conflict too, where the number belongs to another document.
        """
        kind, number, ours = payload.of_sheet(request.body)
        service = self._service(kind)
        found = self._call(
            service, service.upload, {"xmlBase64": answer.encoded(request.body)}, UPLOAD_SECONDS
        )
        if doubt := answer.repeated(found):
            return doubt
        match texts.meaning(texts.UPLOAD, found.code, found.message):
            case Meaning.AUTHORISED | Meaning.DUPLICATE_SIGNED:
                return self._if_signed(kind, number, ours, found)
            case Meaning.PROCESSED | Meaning.DUPLICATE_PROCESSING:
                return self._if_processed(kind, number, ours, found)
            case Meaning.REJECTED:
                return answer.rejected(found, kind)
            case meaning:
                raise answer.trouble(meaning, found)

    def consult(self, refs: Refs) -> Outcome:
        """Ask by transaction where it is known, else by number.

        Raises NotFound where neither finds the document. That does not prove that it is absent, since it may be in
        process. So the same bytes are sent again, which Facturatech answers with what it has under the number.
        """
        number, ours = _number(refs), identity.of_refs(refs)
        transaction = refs.provider_ids.get(answer.TRANSACTION)
        found = self._status(refs.kind, transaction) if transaction else None
        if found is None:
            return self._signed(refs.kind, number, ours, None)
        if answer.in_process(found):
            return answer.pending(found)
        try:
            return self._signed(refs.kind, number, ours, found)
        except NotFound:
            return answer.pending(found)

    def ranges(self) -> list[NumberingRange]:
        """Every range Facturatech knows, new ones from DIAN included.

        ConsultaNumeracion turns a DEMO user into a productive one «en ese momento» (seed 000), for ever. So it is not
        called for an issuer outside production, unless an operator has set ``allow_promote``.
        """
        productive = self.connection.issuer.environment is Environment.PRODUCTION
        if not productive and not self._settings.allow_promote:
            raise Unsupported(
                "Consultar las numeraciones convierte para siempre un usuario DEMO de Facturatech en productivo; "
                "el emisor no está en producción. Si es lo que se quiere: facturatech.allow_promote=true."
            )
        return self._numbering().query()

    def generate_range(self, prefix: str, start: int, end: int, type: str) -> RangeAnswer:
        return self._numbering().generate(prefix, start, end, type)

    def assign_range_type(self, prefix: str, resolution: str, type: str) -> RangeAnswer:
        return self._numbering().assign(prefix, resolution, type)

    def xml(self, refs: Refs) -> bytes:
        """The AttachedDocument: the signed document and DIAN's answer to it."""
        service = self._service(refs.kind)
        return answer.content(self._download(service, service.xml, _number(refs)), b"<")

    def pdf(self, refs: Refs) -> bytes:
        service = self._service(refs.kind)
        return answer.content(self._download(service, service.pdf, _number(refs)), b"%PDF")

    def _if_processed(self, kind: Kind, number: Number, ours: Identity, upload: Reply) -> Outcome:
        """The outcome of an upload without a verdict: its status is asked once, since most are signed by then."""
        if not upload.transaction:
            return answer.pending(upload)
        try:
            found = self._status(kind, upload.transaction)
        except _SILENCE:
            return answer.pending(upload)
        if found is None or answer.in_process(found):
            return answer.pending(upload)
        return self._if_signed(kind, number, ours, upload)

    def _if_signed(self, kind: Kind, number: Number, ours: Identity, upload: Reply) -> Outcome:
        """The outcome where Facturatech calls it signed: accepted once it is read and is ours, pending until then."""
        try:
            return self._signed(kind, number, ours, upload)
        except _SILENCE:
            return answer.pending(upload)

    def _signed(self, kind: Kind, number: Number, ours: Identity, told: Reply | None) -> Outcome:
        """The outcome by the signed document under a number. ``told``: the answer that said that it is signed.

        Raises NotFound where there is none, Conflict where it is another document than ours.
        """
        service = self._service(kind)
        cufe = self._download(service, service.uuid, number)
        told = told or cufe
        uuid = answer.uuid(cufe)
        theirs = identity.of_signed(answer.content(self._download(service, service.xml, number), b"<"), kind)
        if uuid is None or theirs is None:
            # Signed, but it cannot be compared yet: without its UUID and its content it is not accepted.
            return answer.pending(told)
        different = identity.difference(ours, theirs)
        if different is not None or theirs.uuid not in (None, uuid):
            raise Conflict(
                f"Facturatech tiene otro documento firmado con el número {number}: "
                f"{different or 'el CUFE no corresponde'}.",
                field="prefix",
            )
        return Accepted(
            number=number,
            uuid=uuid,
            payable=theirs.payable,
            notices=answer.warnings(told),
            status_message=told.message or None,
            provider_ids=answer.provider_ids(told),
            about=theirs,
            raw=told.raw,
        )

    def _status(self, kind: Kind, transaction: str) -> Reply | None:
        """What became of a transaction; ``None`` for one that Facturatech does not know.

        Raises Conflict too, where Facturatech answers about another transaction.
        """
        service = self._service(kind)
        found = self._call(service, service.status, {answer.TRANSACTION: transaction}, _LOOK_SECONDS)
        match texts.meaning(texts.STATUS, found.code, found.message):
            case Meaning.DONE if found.transaction not in ("", transaction):
                raise Conflict(f"Facturatech respondió sobre otra transacción que {transaction}.")
            case Meaning.DONE:
                return found
            case Meaning.ABSENT:
                return None
            case meaning:
                raise answer.trouble(meaning, found)

    def _download(self, service: Service, operation: str, number: Number) -> Reply:
        found = self._call(service, operation, service.numbered(number), _LOOK_SECONDS)
        match texts.meaning(texts.DOWNLOAD, found.code, found.message):
            case Meaning.DONE:
                return found
            case Meaning.ABSENT:
                raise NotFound(f"Facturatech no tiene el documento {number}: «{found.message}».")
            case meaning:
                raise answer.trouble(meaning, found)

    def _call(
        self, service: Service, operation: str, parameters: dict[str, str], read_seconds: float
    ) -> Reply:
        account = settings.access(self.connection.credentials)
        return wire.call(self._calls.http, service, account, operation, parameters, read_seconds=read_seconds)

    def _service(self, kind: Kind) -> Service:
        return wire.service(kind, self._settings, self.connection.issuer.environment)

    def _numbering(self) -> Numbering:
        return Numbering(self._calls.http, self._settings, settings.access(self.connection.credentials))


def _number(refs: Refs) -> Number:
    if refs.number is None:
        raise NotFound("El documento no tiene número, y Facturatech solo se consulta por número.")
    return refs.number
