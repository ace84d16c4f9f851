"""Afacturar: its calls, in the order in which they happen. The other modules write requests and read answers."""

import json
from typing import NoReturn

from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.event import Event
from cauce.domain.outcome import Accepted, Identity, Outcome, Pending, Rejected, undoubted
from cauce.domain.record import Record
from cauce.providers import loose
from cauce.providers.afacturar import answer, invoice, payload, rows, values
from cauce.providers.afacturar.answer import Meaning, Reply
from cauce.providers.afacturar.calls import TOKEN, Session
from cauce.providers.afacturar.options import EVENT_CODES, HISTORY, LISTING, SearchShape, address
from cauce.providers.afacturar.rows import Row
from cauce.providers.base import (
    Capabilities,
    Company,
    Connection,
    EmittedPage,
    EmittedQuery,
    EventSeen,
    Lane,
    NumberedBy,
    Pace,
    Provider,
    RecoveredBy,
    Refs,
    Request,
    Resend,
    Verb,
)

# The most calls of a look-up in the listing, half of a minute's pace; the listing has no total to stop at.
_MOST_CALLS = 60


class Afacturar(Provider):
    """Lists and downloads what an issuer emitted through Afacturar, and declares RADIAN events.

    It emits no documents: no page of Afacturar's says where an invoice is posted, which codes its fields take, nor
    what is answered. So it declares no kind but events, and ``check`` refuses. An operator who has the contract may
    set ``emission_path``: then it takes invoices, in the form of ``invoice``, and their outcome is read from the
    listing, by number.
    """

    name = "afacturar"
    title = values.NAME
    company = Company("Teleinte S.A.S.", "830020470")
    credential_fields = (TOKEN,)
    # An example of a path: none is published.
    on_request = ({"emission_path": "/emision"},)

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._session = Session(connection)

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:
        emitted = {Kind.INVOICE} if settings.get("emission_path") else set()
        return Capabilities(
            kinds=frozenset({Kind.EVENT, *emitted}),
            verbs=frozenset({Verb.LIST_EMITTED, Verb.XML, Verb.PDF, Verb.EVENTS}),
            numbered_by=NumberedBy.GATEWAY,
            recovered_by=RecoveredBy.NUMBER,
            resend=Resend.NEVER,
            lane=Lane.NONE,
            pace=Pace(calls=120, seconds=60),
            slow=True,
            extras=frozenset({"tax included"}),
            quantity_scale=0,
            max_lines=None,
            absent_after=3,
            event_codes=EVENT_CODES,
        )

    @classmethod
    def address(cls, connection: Connection) -> str:
        return address(connection.settings, connection.issuer.environment)

    def close(self) -> None:
        self._session.close()

    def check(self, document: Document) -> None:
        if self._session.options.emission_path is None:
            self._emits_nothing()
        invoice.refuse(document)

    def check_event(self, event: Event) -> None:
        if event.code not in EVENT_CODES:
            super().check_event(event)
        payload.check_event(event)

    def prepare(self, record: Record) -> Request:
        """An event's form, or an invoice. The transmission's id is the record's, with the number of a later try."""
        options, issuer = self._session.options, self.connection.issuer
        transmission = record.document_id + (f"-{record.attempt}" if record.attempt > 1 else "")
        if record.event is None:
            if options.emission_path is None:
                self._emits_nothing()
            made = loose.encoded(invoice.body(options, issuer, record, transmission))
            return Request(f"POST {options.emission_path}", made.encode())
        form = payload.event(options, issuer.nit, issuer.environment, record.event, transmission)
        body = loose.encoded(form).encode()
        return Request(f"POST {options.event_path(record.event.code)}", body, "multipart/form-data")

    def send(self, request: Request) -> Outcome:
        """Declare an event, or emit an invoice. Raises Conflict too, where an event was registered in the other
        environment, or another invoice has the number."""
        if request.content_type == "application/json":
            return self._emitted(request)
        form: dict[str, str] = json.loads(request.body)
        path = request.operation.removeprefix("POST ")
        reply = self._session.form(path, form)
        match reply.meaning:
            case Meaning.OK:
                return answer.declared(reply, self.connection.issuer.environment)
            case Meaning.REFUSED | Meaning.DIAN:
                refusal = answer.rejected(reply)
                if not answer.is_event_repeated(refusal):
                    return refusal
                code = next(code for code in EVENT_CODES if self._session.options.event_path(code) == path)
                return self._registered(code, payload.cufe_of(form), refusal)
            case _:
                raise answer.trouble(reply)

    def _emitted(self, request: Request) -> Outcome:
        """Emit an invoice; its outcome by the listing, which is asked at once, since the answer is documented
        nowhere. It is asked too where the answer says that DIAN has the document already (rule 90)."""
        reply = self._session.json(request.operation.removeprefix("POST "), request.body)
        waiting: Outcome
        if reply.meaning is Meaning.OK:
            transaction = values.text(reply.body.get("transaccion"))
            ids = {"transaccion": transaction} if transaction else {}
            waiting = Pending(status_code=str(reply.code), provider_ids=ids, raw=reply.raw)
        elif reply.meaning in (Meaning.REFUSED, Meaning.DIAN):
            waiting = undoubted(answer.rejected(reply))
            if isinstance(waiting, Rejected):
                return waiting
        else:
            raise answer.trouble(reply)
        refs = invoice.sent(request.body)
        try:
            row, raw = self._found(refs)
        except (CredentialsRejected, NotFound, NotSent, OutcomeUnknown):
            return waiting
        found = rows.outcome(row, raw)
        # Another verdict may be of an earlier attempt, which the listing shows until it has this one.
        if not isinstance(found, Accepted):
            return waiting
        rows.check_same(row, refs)
        return found

    def consult(self, refs: Refs) -> Outcome:
        """Find an event in its invoice's history, or a document by its number in the listing."""
        if refs.event is not None:
            return self._declared(refs.event)
        row, raw = self._found(refs)
        rows.check_same(row, refs)
        return rows.outcome(row, raw)

    def list_emitted(self, query: EmittedQuery) -> EmittedPage:
        """The rows from the query's offset on, each once, in as many calls as that takes.

        There is no total: the list ends where fewer rows come than were asked for.
        """
        options = self._session.options
        search = payload.search(options, query)
        seen: dict[str, Row] = {}
        offset, end, over = query.offset, query.offset + query.limit, False
        while offset < end and not over:
            asked = min(options.rows_per_call, end - offset)
            found = answer.rows(self._page(search, offset, asked))
            seen.update({_identity(row, offset + n): row for n, row in enumerate(found)})
            offset += len(found)
            over = len(found) < asked
        return EmittedPage(
            rows=tuple(rows.emitted(row) for row in seen.values()), next_offset=None if over else offset
        )

    def xml(self, refs: Refs) -> bytes:
        content = self._file(refs, "xml")
        start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].lower()
        if not start.startswith(b"<") or start.startswith((b"<!doctype html", b"<html")):
            raise loose.unreadable(self.title, content)
        return content

    def pdf(self, refs: Refs) -> bytes:
        content = self._file(refs, "pdf")
        if not content.startswith(b"%PDF"):
            raise loose.unreadable(self.title, content)
        return content

    def events(self, cufe: str) -> list[EventSeen]:
        reply = self._session.form(HISTORY, payload.history(self.connection.issuer.nit, cufe))
        if reply.meaning is not Meaning.OK:
            raise answer.trouble(reply)
        return answer.seen(reply)

    def _declared(self, event: Event) -> Outcome:
        for seen in self.events(event.invoice_uuid):
            if seen.code == event.code:
                return _seen_outcome(seen, "", b"")
        raise NotFound(f"El historial de la factura no muestra el evento {event.code}.")

    def _registered(self, code: str, cufe: str, refusal: Rejected) -> Outcome:
        """The outcome of an event that DIAN says it has already, from the invoice's history. Raises OutcomeUnknown
        where the history does not show it."""
        try:
            history = self.events(cufe)
        except (NotSent, CredentialsRejected) as silence:
            raise OutcomeUnknown(
                "La DIAN ya tiene el evento y no se pudo leer el historial.", raw=refusal.raw
            ) from silence
        found = next((seen for seen in history if seen.code == code), None)
        if found is None:
            raise OutcomeUnknown(
                "La DIAN ya tiene el evento y el historial aún no lo muestra.", raw=refusal.raw
            )
        return _seen_outcome(found, refusal.status_message, refusal.raw)

    def _found(self, refs: Refs) -> tuple[Row, bytes]:
        """The row of a document and the body it came in. Raises NotFound where no row has its number.

        The newest rows come first, so that it is found soon where a search by number is not possible
        (``search_shape``).
        """
        if refs.number is None:
            raise NotFound("Afacturar encuentra los documentos por su número, y este no lo tiene.")
        options, environment = self._session.options, self.connection.issuer.environment
        by_number = {"prefijo": refs.number.prefix, "numero_documento": str(refs.number.consecutive)}
        filters = {} if options.search_shape is SearchShape.POSITIONAL else by_number
        search = payload.ordered({**filters, "tipo_orden": "DESC"})
        offset = 0
        for _ in range(_MOST_CALLS):
            try:
                reply = self._page(search, offset, options.rows_per_call)
            except InvalidDocument as refusal:  # our search was refused, which proves nothing
                raise OutcomeUnknown(f"Afacturar no buscó el documento {refs.number}.") from refusal
            listed = answer.rows(reply)
            mine = [
                row
                for row in listed
                if rows.is_about(row, refs.kind, refs.number, environment) and not rows.was_refused(row, refs)
            ]
            if mine:
                return rows.best(mine), reply.raw
            if len(listed) < options.rows_per_call:
                raise NotFound(f"Afacturar no tiene el documento {refs.number}.")
            offset += len(listed)
        raise OutcomeUnknown(f"El documento {refs.number} no está entre los últimos {offset} de Afacturar.")

    def _page(self, search: dict[str, str], offset: int, count: int) -> Reply:
        """One call to the listing. Raises InvalidDocument where Afacturar refuses the search."""
        form = payload.listing(self._session.options, self.connection.issuer.nit, search, offset, count)
        reply = self._session.form(LISTING, form)
        if reply.meaning is Meaning.OK:
            return reply
        if reply.meaning is Meaning.REFUSED:
            said: dict[str, list[str]] = {}
            for message in reply.messages:
                said.setdefault(message.field or "filtros", []).append(message.text)
            raise InvalidDocument("Afacturar no acepta esta búsqueda.", fields=said)
        raise answer.trouble(reply)

    def _file(self, refs: Refs, what: str) -> bytes:
        if refs.event is not None:
            return self._event_file(refs, what)
        row, _ = self._found(refs)
        rows.check_same(row, refs)
        url = rows.link(row, what)
        if url is None:
            raise NotFound("Afacturar aún no publica el archivo.")
        return self._session.file(url)

    def _event_file(self, refs: Refs, what: str) -> bytes:
        """An event's XML, by the address that came with its acceptance; no look-up has that address."""
        url = refs.provider_ids.get("url_representacion_xml") if what == "xml" else None
        if url is None:
            raise NotFound("Afacturar no publica ese archivo del evento.")
        return self._session.file(url)

    def _emits_nothing(self) -> NoReturn:
        raise Unsupported(
            "Afacturar no publica cómo se emiten documentos; sirve para listarlos y para eventos. Con su contrato, "
            "configure afacturar.emission_path."
        )


def _identity(row: Row, position: int) -> str:
    """The key of a row: the same row may come twice, in two pages, while documents are emitted."""
    return values.text(row.get("uniqid")) or f"row {position}"


def _seen_outcome(seen: EventSeen, message: str | None, raw: bytes) -> Outcome:
    """The outcome of an event in a history: accepted if it has its CUDE, else pending."""
    about = Identity(kind=Kind.EVENT, uuid=seen.uuid)
    if seen.uuid is None:
        return Pending(issued_at=seen.at, status_message=message, about=about, raw=raw)
    return Accepted(uuid=seen.uuid, issued_at=seen.at, status_message=message, about=about, raw=raw)
