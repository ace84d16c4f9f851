"""Factus: its calls, in the order in which they happen. The other modules here write requests and read answers."""

import base64
import binascii
from datetime import datetime

from cauce.domain.acquirer import Acquirer, told
from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.issuer import Environment
from cauce.domain.outcome import AlreadyProcessed, Blocked, Outcome, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.law import correction
from cauce.providers import loose
from cauce.providers.base import (
    Blocker,
    Capabilities,
    Company,
    Computed,
    Connection,
    EmittedPage,
    EmittedQuery,
    FilterName,
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
from cauce.providers.factus import (
    answer,
    arithmetic,
    catalogs,
    check,
    counted,
    payload,
    routes,
    rows,
    values,
    wire,
)
from cauce.providers.factus.answer import MEANINGS, Meaning
from cauce.providers.factus.calls import CREDENTIALS, Session, address
from cauce.providers.factus.routes import RESOURCES, Dialect

_V1_KINDS = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE})


class Factus(Provider):
    """Factus numbers, dates and signs what we send under a reference, by which the document is found again."""

    name = "factus"
    title = values.NAME
    company = Company("Halltec S.A.S.", "900825759")
    credential_fields = CREDENTIALS
    variants = ({"dialect": "v1"}, {"dialect": "v2"})

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._dialect = routes.dialect(connection.settings)
        self._session = Session(connection)

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:
        v1 = routes.dialect(settings) is Dialect.V1
        return Capabilities(
            kinds=_V1_KINDS if v1 else _V1_KINDS | {Kind.DEBIT_NOTE},
            verbs=frozenset(
                {
                    Verb.LIST_EMITTED,
                    Verb.RANGES,
                    Verb.XML,
                    Verb.PDF,
                    Verb.DISCARD,
                    Verb.UUID_OF,
                    Verb.ACQUIRER,
                }
            ),
            numbered_by=NumberedBy.PROVIDER,
            recovered_by=RecoveredBy.REFERENCE,
            resend=Resend.SAME_REFERENCE,
            # A document that DIAN has not validated blocks every other of its kind («manejo de respuestas»).
            lane=Lane.KIND,
            mails=payload.MAILED,
            pace=Pace(calls=80, seconds=60),
            slow=True,
            quantity_scale=0 if v1 else 2,
            max_lines=None,
            # v1's table of bills has no prepayments.
            extras=frozenset({"period", "tax included", *(() if v1 else ("prepayments", "payments"))}),
            # Factus publishes fields for mandates and freight («tipos de factura»), v1 for paper, v2 for health too.
            not_yet=frozenset(
                {
                    "operation",
                    "principal",
                    "consignment",
                    *(
                        ("invoice type 03", "paper_invoice")
                        if v1
                        else ("payable_rounding", "health", "collection concept")
                    ),
                }
            ),
        )

    @classmethod
    def address(cls, connection: Connection) -> str:
        return address(connection)

    def close(self) -> None:
        self._session.close()

    def check(self, document: Document) -> None:
        check.refuse(document, self._dialect)

    def check_today(self, document: Document, now: datetime) -> None:
        check.refuse_today(document, bogota(now).date())

    def computed(self, document: Document) -> Computed:
        return counted.computed(document, self._dialect)

    def resolve(self, record: Record) -> dict[str, str]:
        """v1's credit notes name their invoice by Factus's own id, which is found by the invoice's number.

        The CUFE that the note prints comes from that invoice too, so it is compared here.
        """
        if (
            self._dialect is not Dialect.V1
            or record.kind is not Kind.CREDIT_NOTE
            or wire.on_a_period(record.document)
        ):
            return {}
        billed = correction.corrected_by(record.document)
        try:
            found = self._shown(Kind.INVOICE, billed.number)[0]
        except NotFound:
            raise InvalidDocument(
                f"Factus no tiene la factura {billed.number}.", field="billing_reference.number"
            ) from None
        if found.uuid != billed.uuid.lower():
            raise InvalidDocument(
                f"El CUFE no es el de la factura {billed.number}.", field="billing_reference.uuid"
            )
        if "id" not in found.provider_ids:
            raise OutcomeUnknown("Factus mostró la factura sin su identificador interno.")
        return {"bill_id": found.provider_ids["id"]}

    def uuid_of(self, kind: Kind, number: str) -> str | None:
        return self._shown(kind, number)[0].uuid

    def prepare(self, record: Record) -> Request:
        document = record.document
        in_production = self.connection.issuer.environment is Environment.PRODUCTION
        range_id = record.range.provider_id if record.range else None
        bill_id = record.provider_ids.get("bill_id")
        body = payload.body(
            self._dialect,
            document,
            reference=record.reference,
            range_id=int(range_id) if range_id else None,
            # Factus's own default is to mail real people, in its sandbox too.
            send_email=in_production if document.notify is None else document.notify,
            bill_id=int(bill_id) if bill_id else None,
        )
        operation = f"POST {routes.create(self._dialect, record.kind)}"
        return Request(operation, loose.encoded(body).encode())

    def send(self, request: Request) -> Outcome:
        """Create the document, or have Factus ask DIAN again about the pending one of the same reference.

        Raises Conflict too, where the answer is about another document than the one sent.
        """
        method, path = request.operation.split(" ", 1)
        response = self._session.call(
            method, path, content=request.body, headers={"Content-Type": request.content_type}
        )
        kind, raw = routes.kind_of(request.operation), response.content
        match MEANINGS.get(response.status_code, Meaning.UNKNOWN):
            case Meaning.DOCUMENT:
                facts = answer.document(raw, kind)
                # A repeated reference is answered with the document that has it: it must be the one we sent.
                _check_same(facts, _sent(request, kind))
                return answer.outcome(facts, raw, self.connection.issuer.environment)
            case Meaning.BLOCKED:
                message = values.message_of(raw)
                return Blocked(status_message=message or "Otro documento espera a la DIAN.", raw=raw)
            case Meaning.INVALID:
                return self._invalid(answer.invalid(raw), request, kind)
            case Meaning.REFUSED:
                return answer.refused(raw, response.status_code)
            case _:
                raise self._session.trouble(response)

    def consult(self, refs: Refs) -> Outcome:
        """Find the document by its reference in the list, which tells whether it is validated; a validated one is
        then shown by its number, since the list lacks the UUID."""
        facts, raw, number = self._listed(refs.kind, refs.reference)
        if facts.validated and number:
            try:
                facts, raw = self._shown(refs.kind, number)
            except NotFound as contradiction:
                raise OutcomeUnknown("Factus lista el documento y no lo muestra.", raw=raw) from contradiction
        _check_same(facts, refs)
        return answer.outcome(facts, raw, self.connection.issuer.environment)

    def discard(self, refs: Refs) -> None:
        """Delete by reference. Factus deletes only what DIAN has not validated; one that is gone already is fine."""
        response = self._session.call("DELETE", routes.delete(self._dialect, refs.kind, refs.reference))
        if response.status_code in (200, 201, 204, 404):
            return
        if response.status_code in (400, 409, 422):
            said = values.message_of(response.content) or f"respondió {response.status_code}"
            raise Conflict(f"Factus no eliminó el documento {refs.reference}: {said}.", field="reference")
        raise self._session.trouble(response)

    def blockers(self, kind: Kind) -> list[Blocker]:
        """The stored documents that are not validated: each of them keeps all others of its kind from being taken.

        Source: «manejo de errores».
        """
        found = []
        for raw, row in self._session.rows(routes.listing(self._dialect, kind), {"filter[status]": "0"}):
            facts = answer.listed(raw, kind, row)
            if not facts.validated:
                # DIAN may have the one that it refused by rule 90: it is not to be deleted.
                rejected = any(answer.is_rejection(error.text) for error in facts.errors)
                rejected = rejected and not answer.is_known_to_dian(facts)
                number = values.text(row.get("number"))
                found.append(Blocker(reference=facts.reference, number=number, rejected=rejected))
        return found

    def list_emitted(self, query: EmittedQuery) -> EmittedPage:
        """The rows from the query's offset to the end of that page of Factus's, newest first.

        Filters that Factus does not have (rejected or pending) or does not apply exactly (a number) are applied here,
        so that pages may have fewer rows.
        """
        kind = query.kind or Kind.INVOICE
        if kind not in self.capabilities.kinds:
            raise Unsupported(f"Factus {self._dialect} no tiene este tipo de documento.", field="kind")
        state = query.by(FilterName.STATE)
        search = rows.query(self._dialect, query)
        if state and state.value == "fallido":  # a state of ours: what failed never reached Factus
            return EmittedPage(rows=(), next_offset=None)
        per_page = rows.PER_PAGE
        if self._dialect is Dialect.V2:
            per_page = max(1, query.limit)
            search["filter[per_page]"] = str(per_page)
        page, skip = query.offset // per_page + 1, query.offset % per_page
        raw, found, pagination = self._session.page(routes.listing(self._dialect, kind), search, page)
        taken = found[skip : skip + query.limit]
        emitted = (rows.emitted(raw, kind, row) for row in taken)
        end = query.offset + len(taken)
        total = loose.amount(pagination.get("total")) or 0
        return EmittedPage(
            rows=tuple(row for row in emitted if rows.fits(query, row)),
            next_offset=end if taken and end < total else None,
        )

    def ranges(self) -> list[NumberingRange]:
        path = f"/{self._dialect}/numbering-ranges"
        return [
            rows.numbering_range(raw, row)
            for raw, row in self._session.rows(path, {})
            if not row.get("deleted_at")
        ]

    def acquirer(self, identification_type: str, identification: str) -> Acquirer:
        """As DIAN tells it through Factus («información de adquirientes»); v1 names the type by an id of its own."""
        known = catalogs.acquirer_type(self._dialect, identification_type)
        if known is None:
            raise NotFound("Factus no busca adquirientes por este tipo de documento.")
        raw = self._session.get(
            f"/{self._dialect}/dian/acquirer", {**known, "identification_number": identification}
        )
        data = loose.mapping(loose.payload_of(self.title, raw).get("data"))
        if "name" not in data:
            raise loose.unreadable(self.title, raw)
        found = told(values.text(data["name"]), values.text(data.get("email")))
        if found is None:
            raise NotFound("Factus no tiene el nombre de este adquiriente.")
        return found

    def xml(self, refs: Refs) -> bytes:
        # Some of Factus's pages say ``pdf_base_64_encoded`` here too; every example has ``xml_base_64_encoded``.
        return self._download(refs, "xml", ("xml_base_64_encoded", "pdf_base_64_encoded"), b"<")

    def pdf(self, refs: Refs) -> bytes:
        return self._download(refs, "pdf", ("pdf_base_64_encoded",), b"%PDF")

    def _invalid(self, refusal: Rejected | AlreadyProcessed, request: Request, kind: Kind) -> Outcome:
        """The outcome of a 422. One about the reference may mean that this very document has it already, so Factus is
        asked before it counts as refused."""
        if isinstance(refusal, AlreadyProcessed):
            return refusal
        about_reference = any(message.field == "reference" for message in refusal.rejections)
        if refusal.stored or not about_reference:
            return refusal
        try:
            return self.consult(_sent(request, kind))
        except NotFound:
            return refusal
        except (NotSent, CredentialsRejected) as silence:
            raise OutcomeUnknown(
                "No se pudo saber si la referencia ya existe en Factus.", raw=refusal.raw
            ) from silence

    def _listed(self, kind: Kind, reference: str) -> tuple[answer.Facts, bytes, str | None]:
        """The listed document with a reference, the body it came in, and its number as text. Raises NotFound.

        Factus's filter may match parts, so every page is read and only the exact reference counts.
        """
        search = {"filter[reference_code]": reference}
        found = [
            (answer.listed(raw, kind, row), raw, values.text(row.get("number")))
            for raw, row in self._session.rows(routes.listing(self._dialect, kind), search)
            if values.text(row.get("reference_code")) == reference
        ]
        if not found:
            raise NotFound(f"Factus no tiene un documento con la referencia {reference}.")
        return next((entry for entry in found if entry[0].validated), found[0])

    def _shown(self, kind: Kind, number: str) -> tuple[answer.Facts, bytes]:
        raw = self._session.get(routes.show(self._dialect, kind, number))
        return answer.document(raw, kind), raw

    def _download(self, refs: Refs, what: str, keys: tuple[str, ...], starts: bytes) -> bytes:
        number = str(refs.number) if refs.number else None
        if number is None:
            number = self._listed(refs.kind, refs.reference)[2]
        if number is None:
            raise NotFound("Factus aún no numera el documento.")
        raw = self._session.get(routes.download(self._dialect, refs.kind, number, what))
        data = loose.mapping(loose.payload_of(self.title, raw).get("data"))
        encoded = next((data[key] for key in keys if data.get(key)), None)
        try:
            content = base64.b64decode("".join(str(encoded or "").split()), validate=True)
        except (binascii.Error, ValueError) as cause:
            raise loose.unreadable(self.title, raw) from cause
        if not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(starts):
            raise loose.unreadable(self.title, raw)
        return content


def _sent(request: Request, kind: Kind) -> Refs:
    """What the document in a request is known by."""
    body = loose.payload_of(values.NAME, request.body)
    return Refs(
        kind=kind,
        reference=str(body["reference_code"]),
        number=None,
        uuid=None,
        provider_ids={},
        counterparty=str(loose.mapping(body[RESOURCES[kind].party])["identification"]),
        payable=arithmetic.total(body, kind),
        sent_at=None,
    )


def _check_same(facts: answer.Facts, refs: Refs) -> None:
    answer.check_same(facts, reference=refs.reference, counterparty=refs.counterparty, payable=refs.payable)
