"""DIAN itself: its calls, in the order in which they happen. ``ubl`` builds documents, ``answer`` reads answers."""

import base64
import binascii
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from cauce.domain import extras
from cauce.domain.acquirer import Acquirer
from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    CauceError,
    Conflict,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    NumberingUnavailable,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.event import Event
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, AlreadyProcessed, Finding, Identity, Number, Outcome, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.providers import identity
from cauce.providers.base import (
    ZIP,
    Capabilities,
    Connection,
    Container,
    EventSeen,
    Lane,
    NumberedBy,
    Preview,
    Provider,
    RecoveredBy,
    Refs,
    Request,
    Resend,
    Verb,
)
from cauce.providers.dian import answer, delivery, events, numbering, settings
from cauce.providers.dian.signing import CREDENTIALS, OPTIONAL_CREDENTIALS, Keys
from cauce.providers.dian.soap import Service
from cauce.ubl import declaring, files, own_ranges, preflight, refusals
from cauce.ubl.attached import Validation
from cauce.ubl.certificate import fingerprint
from cauce.ubl.emitter import Signed, build_signed, build_signed_container
from cauce.ubl.facts import NumberedDocument
from cauce.ubl.identifiers import issue_time

if TYPE_CHECKING:
    from cauce.domain.preparation import Point

# The operations that take a document, each with its arguments in the WSDL's order.
_ARGUMENTS = {
    "SendBillSync": ("fileName", "contentFile"),
    "SendBillAsync": ("fileName", "contentFile"),
    "SendTestSetAsync": ("fileName", "contentFile", "testSetId"),
    "SendEventUpdateStatus": ("contentFile",),
}
_ASYNC = frozenset({"SendBillAsync", "SendTestSetAsync"})
_SIGNED_AT, _SIGNER = "signed_at", "signer"
# The first UUID of our own XML is the document's; those of what it refers to come after.
_IDENTIFIER = re.compile(rb"<cbc:UUID [^>]*>([0-9a-f]{96})</cbc:UUID>")
# The first certificate of its signature is the signer's.
_CERTIFICATE = re.compile(rb"<ds:X509Certificate>([^<]*)</ds:X509Certificate>")


# Where a ZIP's first file has the length of its name, and its name (APPNOTE.TXT, 4.3.7).
_NAME_LENGTH, _NAME_AT = slice(26, 28), 30


class Dian(Provider):
    """We number, identify and sign; DIAN validates. The same number with the same identifier is the same document.

    That is why the same bytes may be sent again at any time: a repetition is answered with what was decided then
    (rule 90). A request's body is the ZIP; the envelope around it is dated and signed when it leaves.
    """

    name = own_ranges.NAME
    title = "DIAN (directo)"
    credential_fields = CREDENTIALS
    optional_credential_fields = OPTIONAL_CREDENTIALS
    enrolled_by = "cauce dian enrol {nit} --certificado FIRMA.p12"
    needs_party = True
    is_dian = True

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._options = settings.options(connection.settings, connection.issuer)
        self._keys = Keys(connection)
        self._called: Service | None = None

    @classmethod
    def declare(cls, settings_: dict[str, str]) -> Capabilities:
        settings.health_form(settings_)  # an operator's wrong value is refused when it is set
        return Capabilities(
            kinds=frozenset(Kind),
            # XML: fetched only where our own cannot be proved to be what DIAN accepted (``exchange.attempt``).
            verbs=frozenset({Verb.RANGES, Verb.XML, Verb.EVENTS, Verb.ACQUIRER}),
            numbered_by=NumberedBy.GATEWAY,
            recovered_by=RecoveredBy.CUFE,
            resend=Resend.SAME_BYTES,
            lane=Lane.NONE,
            pace=None,
            slow=settings.is_async(settings_),
            quantity_scale=6,
            max_lines=None,
            # The signed XML is our own, and takes no call.
            calls_each=1,
            absent_after=3,
            extras=extras.ALL,
            event_codes=events.CODES,
            contingency=settings.outage_rules(settings_),
            uses_technical_key=True,
            makes_container=True,
        )

    @classmethod
    def address(cls, connection: Connection) -> str:
        return settings.options(connection.settings, connection.issuer).address

    def readiness(self, now: datetime) -> "tuple[Point, ...]":
        from cauce.domain.preparation import of_equivalent_test_set, of_test_set

        issuer, found = self.connection.issuer, list(super().readiness(now))
        if "certificate" in self.connection.credentials:
            found.append(self._keys.readiness(now))
        if Kind.INVOICE in self._options.test_sets:
            found.append(of_test_set(issuer, self.name))
        if Kind.EQUIVALENT_DOCUMENT in self._options.test_sets:
            found.append(of_equivalent_test_set(self.name))
        return tuple(found)

    def close(self) -> None:
        if self._called is not None:
            self._called.close()
            self._called = None

    def check(self, document: Document) -> None:
        declaring.party_of(self.connection.issuer)
        preflight.refuse(self._findings(document))
        refusals.refuse(document)
        if document.notify:
            given = "el contenedor (…/xml?contenedor=1)"
            if not document.kind.is_handed_over:
                given = "su representación gráfica (…/pdf)"
            raise Unsupported(f"La DIAN no envía correos al adquiriente; entréguele {given}.", field="notify")

    def check_today(self, document: Document, now: datetime) -> None:
        # Judged by the date that it asks for. ``findings`` and ``preview`` go by the one that it will really have.
        preflight.refuse(self._findings(document, now=now, issued_at=document.issued_at(now)))

    def check_range(self, document: Document, numbering_range: NumberingRange) -> None:
        preflight.refuse(self._findings(document, numbering_range=numbering_range))

    def findings(
        self, document: Document, numbering_range: NumberingRange | None, now: datetime
    ) -> tuple[Finding, ...]:
        return self._findings(
            document, numbering_range=numbering_range, now=now, issued_at=self._foreseen_issue(document, now)
        )

    def _foreseen_issue(self, document: Document, now: datetime) -> datetime:
        """The date and time of issue that a document will have: those it asks for or, where they are of another day
        and ``other_dates`` does not allow that, now."""
        asked = document.issued_at(now)
        return asked if self._options.other_dates or asked.date() == bogota(now).date() else bogota(now)

    def _findings(
        self,
        document: Document,
        *,
        numbering_range: NumberingRange | None = None,
        now: datetime | None = None,
        issued_at: datetime | None = None,
    ) -> tuple[Finding, ...]:
        """Without ``numbering_range`` or ``now`` the rules about the range, or about today, are left out."""
        found = preflight.findings(
            document,
            self.connection.issuer,
            numbering_range,
            issued_at=issued_at or document.issued_at(self._now),
            now=now,
            other_dates=self._options.other_dates,
        )
        return tuple(found)

    def preview(self, document: Document, numbering_range: NumberingRange | None, now: datetime) -> Preview:
        if numbering_range is None or numbering_range.next is None:
            return Preview()
        number = Number(prefix=numbering_range.prefix, consecutive=numbering_range.next)
        if own_ranges.is_key_missed(numbering_range):
            return Preview(number=number)
        numbered = self._numbered(document, number, self._foreseen_issue(document, now), numbering_range)
        return Preview(number=number, uuid=numbered.identifier)

    def check_event(self, event: Event) -> None:  # noqa: ARG002  an event is whole by itself
        declaring.party_of(self.connection.issuer)

    def issued_at(self, record: Record) -> datetime:
        """The record's own or, where it is of another day than the signature (FAD09e), now. ``other_dates`` keeps a
        date that the ERP chose."""
        now, asked = bogota(self._now), bogota(record.issued_at)
        is_chosen = record.event is None and record.document.issue_date is not None
        if asked.date() == now.date() or (is_chosen and self._options.other_dates):
            return record.issued_at
        return now

    def resolve(self, record: Record) -> dict[str, str]:
        """The consecutive of the record's file, the time of signing (now) and the certificate that signs. For an
        event also the number, the type and the other party of its invoice, which only the invoice's XML tells."""
        facts = {**self._invoice_facts(record), **self._file_number(record)}
        now = self._now
        return {**facts, _SIGNED_AT: bogota(now).isoformat(), _SIGNER: self._keys.signer(now).fingerprint}

    def _file_number(self, record: Record) -> dict[str, str]:
        """The consecutive of the record's file, taken once, so that the file has the same name when it is sent again.
        A correction in another year takes one of that year, whose files are counted from 1."""
        year = bogota(record.issued_at).year
        name = files.number_id(year)
        if name in record.provider_ids:
            return {}
        return {name: str(self.connection.count(f"{files.PREFIXES[record.kind]}#{year}"))}

    def _invoice_facts(self, record: Record) -> dict[str, str]:
        if record.event is None or "invoice_number" in record.provider_ids:
            return {}
        try:
            invoice = self._xml(record.event.invoice_uuid)
        except NotFound:
            raise InvalidDocument("La DIAN no tiene una factura con ese CUFE.", field="uuid") from None
        if invoice is None:
            raise NotSent("La DIAN tiene la factura y todavía no publica su XML; el evento se envía después.")
        # Check first that it is this invoice's XML: the number read from it stays in the record for good.
        if not declaring.is_invoice(invoice, record.event.invoice_uuid):
            raise NotSent("La DIAN entregó el XML de otra factura; el evento se envía después.")
        return declaring.invoice_facts(invoice, self.connection.issuer, record.event.code)

    def prepare(self, record: Record) -> Request:
        """The ZIP with the signed document. The record's range has its technical key here, if it needs one.

        Raises NumberingUnavailable where the number, the range or the key is missing.
        """
        signed = self._signed(record)
        year = bogota(record.issued_at).year
        number = int(record.provider_ids[files.number_id(year)])
        stem = files.stem(files.PREFIXES[record.kind], self.connection.issuer.nit, year, number)
        content = files.zipped({files.xml_name(stem): signed.xml})
        operation = self._options.operation(record.kind)
        return Request(operation, content, ZIP, uuid=signed.identifier, signed_xml=signed.xml)

    def _signed(self, record: Record) -> Signed:
        """The record's document, signed at the time and with the certificate that ``resolve`` noted in the record."""
        moment = record.provider_ids.get(_SIGNED_AT)
        signed_at = datetime.fromisoformat(moment) if moment else record.issued_at
        certificate = self._keys.signer(signed_at, record.provider_ids.get(_SIGNER))
        if record.event is not None:
            event = declaring.numbered(record, self.connection.issuer, self._keys.software)
            return build_signed(event, certificate, signed_at)
        if record.number is None:
            raise NumberingUnavailable("El documento no tiene número.", field="prefix")
        numbered = self._numbered(record.document, record.number, record.issued_at, record.range)
        return build_signed(numbered, certificate, signed_at)

    def _numbered(
        self,
        document: Document,
        number: Number,
        issued_at: datetime,
        numbering_range: NumberingRange | None,
    ) -> NumberedDocument:
        return NumberedDocument(
            document=document,
            number=number,
            issued_at=issued_at,
            issuer=self.connection.issuer,
            software=self._keys.software_of(document.kind),
            range=numbering_range,
            technical_key=own_ranges.technical_key(numbering_range),
            health_form=self._options.health_form,
        )

    def signed_in(self, request: Request) -> tuple[str, bytes] | None:
        sent = _Contents(request)
        return (sent.uuid, sent.xml) if sent.uuid else None

    def send(self, request: Request) -> Outcome:
        """Send the ZIP. Raises Conflict too, where another document has its number."""
        sent = _Contents(request)
        given: dict[str, str | bytes] = {
            "fileName": files.zip_name(sent.stem),
            "contentFile": request.body,
            "testSetId": self._test_set(sent.stem),
        }
        arguments = {name: given[name] for name in _ARGUMENTS[request.operation]}
        result, raw = self._service.send(request.operation, arguments)
        if request.operation in _ASYNC:
            return answer.submitted(result, sent.uuid, raw)
        outcome = self._unless_there(answer.of_sending(result, sent.uuid, raw), sent)
        return self._marked_for_signer(outcome, sent.signer) if isinstance(outcome, Rejected) else outcome

    def _test_set(self, stem: str) -> str:
        """The test set that a file of this name is sent to. Of the kinds that share a prefix, one has a test set."""
        sets = self._options.test_sets
        return next((sets[kind] for kind in sets if re.match(rf"{files.PREFIXES[kind]}\d", stem)), "")

    def consult(self, refs: Refs) -> Outcome:
        """Ask by the identifier that the document was sent with, or by the key of its batch."""
        return self._marked_for_signer(self._found(refs), refs.provider_ids.get(_SIGNER))

    def _found(self, refs: Refs) -> Outcome:
        key, doubt = answer.batch_of(refs.provider_ids, refs.uuid), None
        if key:
            result, raw = self._service.ask("GetStatusZip", {"trackId": key})
            found = answer.of_batch(answer.replies(result, raw), refs.uuid, raw)
            if found is not None and not isinstance(found, AlreadyProcessed):
                return found
            doubt = found
        if refs.uuid is None:
            raise OutcomeUnknown("No se conoce el CUFE con el que se envió el documento.")
        if doubt is not None and not refs.already_processed:
            # The batch says rule 90 for the first time: in doubt, unless DIAN's document is read and is this one.
            return self._accepted_as_read(refs) or doubt
        outcome = self._status(refs.uuid)
        if refs.already_processed and isinstance(outcome, Accepted):
            self._read(refs)
        return outcome

    def ranges(self) -> list[NumberingRange]:
        """The authorised ranges and the internal ones of notes. In habilitación the public test range is added, where
        DIAN lists none for invoices."""
        issuer, options = self.connection.issuer, self.connection.settings
        result, raw = self._service.ask_ranges()
        is_test = issuer.environment is Environment.TEST
        try:
            authorised = numbering.authorised(result, raw, options)
        except NumberingUnavailable:
            if not is_test:
                raise
            authorised = []
        if is_test and not any(map(own_ranges.is_for_sales, authorised)):
            authorised = [own_ranges.TEST_RANGE, *authorised]
        return [*authorised, *own_ranges.internal(options)]

    def acquirer(self, identification_type: str, identification: str) -> Acquirer:
        asked: dict[str, str | bytes] = {
            "identificationType": identification_type,
            "identificationNumber": identification,
        }
        result, raw = self._service.ask("GetAcquirer", asked)
        return answer.acquirer(result, raw)

    def xml(self, refs: Refs) -> bytes:
        if refs.uuid is None:
            raise NotFound("No se conoce el CUFE del documento.")
        found = self._xml(refs.uuid)
        if found is None:
            raise NotFound("La DIAN tiene el documento y todavía no publica su XML.")
        return found

    def container_number(self, record: Record) -> dict[str, str]:
        delivery.refuse(record)
        if files.CONTAINER_ID in record.provider_ids:
            return {}
        year = bogota(self._now).year
        taken = self.connection.count(f"{files.ATTACHED_DOCUMENT_PREFIX}#{year}")
        return {files.CONTAINER_ID: files.container_number(year, taken)}

    def container(self, record: Record, signed_xml: bytes) -> Container:
        """The container, with DIAN's answer but for an invoice of type 04 that waits to be transmitted."""
        delivery.refuse(record)
        validation = self._validation(record) if record.state is State.ACCEPTED else None
        contents = delivery.delivery(record, self.connection.issuer, signed_xml, validation, self._now)
        xml = build_signed_container(contents, self._keys.signer())
        return Container(xml, delivery.file_stem(record, self.connection.issuer.nit))

    def events(self, cufe: str) -> list[EventSeen]:
        result, raw = self._service.ask("GetStatusEvent", {"trackId": cufe})
        found = answer.reply(result, raw)
        if found.code in events.HISTORY:
            return events.history(found, cufe)
        answer.outcome(found, cufe)  # raises what any other code means
        raise OutcomeUnknown("La DIAN no mostró los eventos de la factura.", raw=raw)

    @property
    def _service(self) -> Service:
        if self._called is None:
            self._called = Service(self.connection, self._options, self._keys)
        return self._called

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.connection.clock(), UTC)

    def _xml(self, uuid: str) -> bytes | None:
        return answer.xml(*self._service.ask("GetXmlByDocumentKey", {"trackId": uuid}))

    def _unless_there(self, outcome: Outcome, sent: "_Contents") -> Outcome:
        """The outcome of this sending; where DIAN may already have had these bytes, that of the earlier one."""
        if isinstance(outcome, Rejected) and answer.is_event_repeated(outcome):
            return self._registered(sent.xml, outcome)
        if isinstance(outcome, AlreadyProcessed) and sent.uuid is not None:
            return self._proved(outcome, sent.uuid, sent.xml)
        if isinstance(outcome, Rejected) and answer.is_for_signer(outcome) and sent.uuid is not None:
            return self._unless_valid(outcome, sent.uuid, sent.xml)
        return outcome

    def _proved(self, doubt: AlreadyProcessed, uuid: str, sent: bytes) -> Outcome:
        """The acceptance of a document that DIAN says is valid and returns as it was sent; else the doubt."""
        try:
            found = self._status(uuid)
            theirs = self._xml(uuid) if isinstance(found, Accepted) else None
        except CauceError:  # the schedule asks about the doubt again
            return doubt
        if theirs is None:
            return doubt
        # Documents are compared by the facts in their XML (any kind can be read as an invoice), events byte for byte.
        said = identity.of_signed(theirs, Kind.INVOICE)
        is_same = said == identity.of_signed(sent, Kind.INVOICE) if said is not None else theirs == sent
        return found if is_same else doubt

    def _unless_valid(self, refusal: Rejected, uuid: str, sent: bytes) -> Outcome:
        """The refusal of a document for its certificate, unless DIAN took the very same bytes while it trusted that
        certificate: then the document exists, and no other is made. Raises OutcomeUnknown where DIAN cannot be
        asked."""
        try:
            known = self._status(uuid)
        except NotFound:
            return refusal
        except (Conflict, CredentialsRejected, NotSent) as silence:
            raise OutcomeUnknown(
                "La DIAN no acepta el certificado que firmó el documento, y no dice si lo tiene de antes.",
                raw=refusal.raw,
            ) from silence
        if not isinstance(known, Accepted):
            return refusal
        doubt = AlreadyProcessed(uuid=uuid, status_message=refusal.status_message, raw=refusal.raw)
        return self._proved(doubt, uuid, sent)

    def _marked_for_signer(self, outcome: Outcome, signer: str | None) -> Outcome:
        """A rejection for the certificate alone, where another one can sign, is marked ``for_its_signer``. Where the
        document has other faults too, the other certificate signs from now on all the same."""
        if not isinstance(outcome, Rejected) or signer is None:
            return outcome
        if not answer.names_signer(outcome) or not self._service.give_way_if_refused(signer):
            return outcome
        return replace(outcome, for_its_signer=answer.is_for_signer(outcome))

    def _status(self, uuid: str) -> Outcome:
        result, raw = self._service.ask("GetStatus", {"trackId": uuid})
        return answer.outcome(answer.reply(result, raw), uuid)

    def _accepted_as_read(self, refs: Refs) -> Accepted | None:
        """The acceptance of a document, once DIAN's was read and is the one sent; ``None`` where it cannot be read
        yet. Raises Conflict where it is another."""
        try:
            outcome = self._status(refs.uuid or "")
            if not isinstance(outcome, Accepted):
                return None
            self._read(refs)
        except Conflict:
            raise
        except CauceError:  # the schedule asks again
            return None
        return outcome

    def _read(self, refs: Refs) -> None:
        """Read the document that DIAN says is valid. Raises Conflict where it is not the one that was sent,
        OutcomeUnknown where DIAN does not give it."""
        theirs = self._xml(refs.uuid or "")
        if refs.event is not None and theirs is not None:
            if not identity.is_event(theirs, refs.uuid or "", refs.event, self.connection.issuer.nit):
                raise Conflict("El evento que tiene la DIAN no es este.")
            return
        told = identity.of_signed(theirs, refs.kind) if theirs is not None else None
        if told is None:
            raise OutcomeUnknown("La DIAN valida el documento y todavía no publica su XML.")
        different = _difference(refs, self.connection.issuer.nit, told)
        if different is not None:
            raise Conflict(f"El documento que tiene la DIAN no es este: {different}.")

    def _validation(self, record: Record) -> Validation:
        result, raw = self._service.ask("GetStatus", {"trackId": record.uuid or ""})
        found = answer.reply(result, raw)
        answer.outcome(found, record.uuid)  # raises where DIAN answers about another document
        return delivery.validation(found)

    def _registered(self, sent: bytes, refusal: Rejected) -> Outcome:
        """The acceptance of an event that DIAN has already, whoever sent it; the invoice's history has its CUDE."""
        code, cufe = declaring.declared(sent)
        try:
            seen = next((each for each in self.events(cufe) if each.code == code), None)
        except (Conflict, NotSent, NotFound, CredentialsRejected) as silence:
            raise OutcomeUnknown(
                "La DIAN ya tiene el evento y no se pudo leer el historial.", raw=refusal.raw
            ) from silence
        return Accepted(
            uuid=seen.uuid if seen and seen.uuid else refusal.uuid,
            status_code="00",
            status_message="La DIAN ya tenía el evento.",
            raw=refusal.raw,
        )


class _Contents:
    """What a request of ours sends. An archived request has its ZIP alone, which is opened only where it must be."""

    def __init__(self, request: Request):
        self._request = request

    @property
    def stem(self) -> str:
        """The name without extension of the one file in the ZIP, as the file's own header at the beginning has it."""
        header = self._request.body
        length = int.from_bytes(header[_NAME_LENGTH], "little")
        return header[_NAME_AT : _NAME_AT + length].decode().removesuffix(".xml")

    @cached_property
    def xml(self) -> bytes:
        if self._request.signed_xml is not None:
            return self._request.signed_xml
        with self._opened() as archive:
            return archive.read(archive.namelist()[0])

    @cached_property
    def uuid(self) -> str | None:
        if self._request.uuid is not None:
            return self._request.uuid
        found = _IDENTIFIER.search(self.xml)
        return found[1].decode() if found else None

    @property
    def signer(self) -> str | None:
        """The fingerprint of the certificate that signed it."""
        found = _CERTIFICATE.search(self.xml)
        try:
            return fingerprint(base64.b64decode(found[1])) if found else None
        except binascii.Error:
            return None

    def _opened(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self._request.body))


def _difference(refs: Refs, issuer: str, told: Identity) -> str | None:
    """The first fact of a record that DIAN's document does not share, in Spanish: time of issue and CUFE too."""
    different = identity.difference(identity.of_refs(refs, issuer=issuer), told)
    if different is None and refs.issued_at is not None and told.issued_at != issue_time(refs.issued_at):
        return f"la hora es {told.issued_at}, no {issue_time(refs.issued_at)}"
    if different is None and told.uuid != refs.uuid:
        return "tiene otro CUFE"
    return different
