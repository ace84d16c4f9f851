"""FacEPro Cloud: its calls, in the order in which they happen. Other modules write requests and read answers."""

from dataclasses import replace
from urllib.parse import quote

from cauce.domain.document import Document, Kind
from cauce.domain.errors import Conflict, CredentialsRejected, NotFound, NotSent, OutcomeUnknown
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, AlreadyProcessed, Outcome, Rejected
from cauce.domain.record import Record
from cauce.providers import loose
from cauce.providers.base import (
    Capabilities,
    Company,
    Connection,
    EmittedPage,
    EmittedQuery,
    Lane,
    NumberedBy,
    Provider,
    RecoveredBy,
    Refs,
    Request,
    Resend,
    Verb,
)
from cauce.providers.facepro import answer, check, payload, search
from cauce.providers.facepro.answer import MEANINGS, Facts, Meaning
from cauce.providers.facepro.calls import Session, address
from cauce.providers.identity import contradiction


class FacEPro(Provider):
    """FacEPro numbers and signs, and takes no reference: a document that is sent twice is issued twice."""

    name = "facepro"
    title = answer.NAME
    company = Company("FacEPro Cloud")
    credential_fields = ("token",)

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._session = Session(connection)
        self._is_ours = False

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:  # noqa: ARG003 - it has no dialects
        return Capabilities(
            kinds=frozenset(payload.PATHS),
            verbs=frozenset({Verb.LIST_EMITTED, Verb.XML}),
            numbered_by=NumberedBy.PROVIDER,
            recovered_by=RecoveredBy.SEARCH,
            resend=Resend.NEVER,
            # With only one document under way, a new one in FacEPro's list can be no other of ours.
            lane=Lane.ISSUER,
            extras=frozenset({"tax included"}),
            mails=frozenset({Kind.INVOICE, Kind.CREDIT_NOTE}),
            pace=None,
            slow=True,
            quantity_scale=6,
            max_lines=search.MAX_LINES,
            # With growing pauses six look-ups take ten minutes or more: DIAN may hold FacEPro up that long.
            absent_after=6,
        )

    @classmethod
    def address(cls, connection: Connection) -> str:
        return address(connection)

    def close(self) -> None:
        self._session.close()

    def check(self, document: Document) -> None:
        check.refuse(document)

    def check_credentials(self) -> None:
        """Ask FacEPro whose token it is (``GET /me``). Raises CredentialsRejected where it is not the issuer's.

        FacEPro's page: «Llámalo siempre antes de enviar el primer documento». The token decides in whose name a
        document is issued, and no document names its issuer.
        """
        raw = self._session.get("/me")
        company = loose.mapping(loose.payload_of(self.title, raw).get("tenant"))
        nit, estado = loose.text(company.get("nit")), loose.text(company.get("estado"))
        if nit is None:
            raise loose.unreadable(self.title, raw)
        if nit != self.connection.issuer.nit:
            raise CredentialsRejected(
                f"El token de FacEPro Cloud es de la empresa {nit}, no de {self.connection.issuer.nit}."
            )
        if estado not in (None, "activo"):
            raise CredentialsRejected(f"La empresa {nit} está en estado «{estado}» en FacEPro Cloud.")

    def resolve(self, record: Record) -> dict[str, str]:  # noqa: ARG002 - whoever it is for
        """Adds no ids; checks that the token is the issuer's, once for each set of credentials."""
        if not self._is_ours:
            self.check_credentials()
            self._is_ours = True
        return {}

    def prepare(self, record: Record) -> Request:
        document = record.document
        in_production = self.connection.issuer.environment is Environment.PRODUCTION
        notify = in_production if document.notify is None else document.notify
        body = payload.body(document, record.issued_at, notify=notify)
        return Request(operation=f"POST {payload.PATHS[document.kind]}", body=loose.encoded(body).encode())

    def send(self, request: Request) -> Outcome:
        """Create the document, once. FacEPro answers 201 whatever DIAN said."""
        method, path = request.operation.split(" ", 1)
        response = self._session.call(
            method, path, content=request.body, headers={"Content-Type": request.content_type}
        )
        match MEANINGS.get(response.status_code):
            case Meaning.ANSWER:
                outcome = answer.outcome(response.content)
                return self._explained(outcome) if isinstance(outcome, Rejected) else outcome
            case Meaning.INVALID:
                return answer.invalid(response.content)
        raise self._session.trouble(response)

    def _explained(self, refusal: Rejected) -> Outcome:
        """A refusal with its rules, which only ``/consultar`` tells. Where that says another verdict, the verdict,
        which is the later one.

        Raises Conflict where ``/consultar`` answers about another document.
        """
        try:
            told = answer.outcome(
                self._session.document(f"{_path(refusal.provider_ids['tracking_id'])}/consultar")
            )
        except (CredentialsRejected, NotFound, NotSent, OutcomeUnknown):
            return refusal
        if refusal.about and told.about and (other := contradiction(refusal.about, told.about)):
            raise Conflict(f"FacEPro Cloud respondió sobre otro documento al preguntarle por este: {other}.")
        if not isinstance(told, Rejected):
            return told
        return replace(refusal, rejections=told.rejections, notices=told.notices)

    def consult(self, refs: Refs) -> Outcome:
        """Have FacEPro ask DIAN about the document; where its id is not known, find the document in the list.

        Nothing is sent again: ``/consultar`` asks DIAN by the original key.
        """
        tracking_id = answer.alive(refs)
        if tracking_id is not None:
            return self._told(tracking_id, f"{_path(tracking_id)}/consultar")
        found = search.ours(refs, self._listed(refs))
        try:
            return self._told(found.tracking_id, _path(found.tracking_id))
        except NotFound as contradiction:
            raise OutcomeUnknown("FacEPro Cloud lista el documento y no lo muestra.") from contradiction

    def found_by_uuid(self, refs: Refs) -> Accepted | AlreadyProcessed | None:
        """The document with a CUFE: found in the list, since FacEPro shows none by CUFE, and then asked about at
        DIAN, as ``consult`` does."""
        if answer.alive(refs) is not None:
            return None
        found = search.of_uuid(refs, self._listed(refs))
        told = self._told(found.tracking_id, f"{_path(found.tracking_id)}/consultar")
        if isinstance(told, Accepted | AlreadyProcessed) and told.uuid == refs.uuid:
            return told
        raise Conflict("FacEPro Cloud no da por validado el documento de ese CUFE.")

    def _listed(self, refs: Refs) -> list[Facts]:
        return [
            row
            for since, until in search.windows(refs)
            for row in self._session.rows({"desde": since.isoformat(), "hasta": until.isoformat()})
        ]

    def _told(self, tracking_id: str, path: str) -> Outcome:
        """The outcome that FacEPro tells of a document. Raises Conflict too, where it answers about another id; its
        other facts are compared by the caller (``Outcome.about``)."""
        told = answer.outcome(self._session.document(path))
        if told.provider_ids["tracking_id"] != tracking_id:
            raise Conflict(
                f"FacEPro Cloud respondió sobre otro documento al preguntarle por {tracking_id}. Una persona debe "
                "decidir."
            )
        return told

    def list_emitted(self, query: EmittedQuery) -> EmittedPage:
        """The rows from the query's offset to the end of FacEPro's page. The kind is filtered here, so that pages may
        have fewer rows."""
        per_page = min(max(1, query.limit), search.MAX_PER_PAGE)
        page, skip = query.offset // per_page + 1, query.offset % per_page
        found = self._session.page(search.query(query), page, per_page)
        emitted = (search.emitted(row) for row in found[skip:] if query.kind in (None, row.kind))
        return EmittedPage(
            rows=tuple(emitted),
            next_offset=page * per_page if len(found) == per_page else None,
        )

    def xml(self, refs: Refs) -> bytes:
        tracking_id = answer.alive(refs)
        if tracking_id is None:
            raise NotFound("Aún no se sabe el tracking_id del documento en FacEPro Cloud.")
        return answer.signed_xml(self._session.document(f"{_path(tracking_id)}/xml"))


def _path(tracking_id: str) -> str:
    return f"/documentos/{quote(tracking_id, safe='')}"
