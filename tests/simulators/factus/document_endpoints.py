"""The endpoints of every document family in both dialects: list, show, files, e-mail, delete. Creation is in `creation`.

The URL styles differ by family and dialect, and the wrong one is a 404: `catalogs.Kind` has them.
"""

from collections.abc import Callable

from tests.simulators.factus import answers, files, listing, shaping
from tests.simulators.factus.catalogs import BILLS, CREDIT_NOTES, DEBIT_NOTES, KINDS, Kind
from tests.simulators.factus.state import Document, State
from tests.simulators.factus.validation import Fields, parse_object
from tests.simulators.routing import Answer, Request, Router

_MAILED = (BILLS, CREDIT_NOTES, DEBIT_NOTES)

Endpoint = Callable[[Request, Document], Answer]


class DocumentEndpoints:
    def __init__(self, state: State, base_url: Callable[[], str]) -> None:
        self._state = state
        self._base_url = base_url

    def register(self, router: Router) -> None:
        for kind in KINDS:
            if kind is not DEBIT_NOTES:
                self._register_v1(router, kind)
            self._register_v2(router, kind)
        router.add("GET", "/v2/documents/{uuid}/download-xml", self._xml_by_uuid)

    def _register_v1(self, router: Router, kind: Kind) -> None:
        root = f"/v1/{kind.path}"
        router.add("GET", root, self._list(kind, "v1"))
        router.add("GET", f"{root}/{kind.v1_show}", self._on(kind, self._show("v1")))
        router.add("GET", f"{root}/download-pdf/{{number}}", self._on(kind, self._pdf))
        router.add("GET", f"{root}/download-xml/{{number}}", self._on(kind, self._xml))
        router.add("DELETE", f"{root}/{kind.v1_delete}", self._delete(kind))
        if kind in _MAILED:
            router.add("POST", f"{root}/send-email/{{number}}", self._on(kind, self._send_email))
            router.add("GET", f"{root}/{{number}}/email-content", self._on(kind, self._email_content))

    def _register_v2(self, router: Router, kind: Kind) -> None:
        root = f"/v2/{kind.path}"
        router.add("GET", root, self._list(kind, "v2"))
        router.add("GET", f"{root}/{{number}}", self._on(kind, self._show("v2")))
        router.add("GET", f"{root}/{{number}}/download-pdf", self._on(kind, self._pdf))
        router.add("GET", f"{root}/{{number}}/download-xml", self._on(kind, self._xml))
        router.add("DELETE", f"{root}/{kind.v2_delete}", self._delete(kind))
        if kind in _MAILED:
            attached = f"{root}/{{number}}/download-attached-document-xml"
            router.add("GET", attached, self._on(kind, self._attached_document))
            router.add("POST", f"{root}/{{number}}/send-email", self._on(kind, self._send_email))
            router.add("GET", f"{root}/{{number}}/email-content", self._on(kind, self._email_content))

    def _on(self, kind: Kind, endpoint: Endpoint) -> Callable[..., Answer]:
        """The endpoint for the document whose number is in the path; 404 if there is none."""

        def handler(request: Request, number: str) -> Answer:
            document = self._state.by_number(kind, number)
            return endpoint(request, document) if document else answers.not_found()

        return handler

    def _list(self, kind: Kind, dialect: str) -> Callable[[Request], Answer]:
        tests = {
            "identification": listing.contains(lambda row: row.draft.party.identification),
            "names": listing.contains(lambda row: row.draft.party.display_name),
            "number": listing.contains(lambda row: row.number),
            "prefix": listing.equals(lambda row: row.range.prefix),
            "reference_code": listing.contains(lambda row: row.reference),
            "status": listing.equals(lambda row: int(row.is_validated)),
        }
        if dialect == "v2":
            tests["created_at.start_date"] = lambda row, day: f"{row.created_at:%Y-%m-%d}" >= day
            tests["created_at.end_date"] = lambda row, day: f"{row.created_at:%Y-%m-%d}" <= day

        def handler(request: Request) -> Answer:
            newest_first = reversed(self._state.of_kind(kind))
            kept = listing.chosen(request, newest_first, tests)
            if isinstance(kept, Answer):
                return kept
            return listing.page(
                request,
                self._base_url(),
                kept,
                lambda row: shaping.row(row, self._state, dialect),
                sized=dialect == "v2",
            )

        return handler

    def _show(self, dialect: str) -> Endpoint:
        def endpoint(_request: Request, document: Document) -> Answer:
            data = shaping.rendered(document, self._state, dialect, shown=True)
            if dialect == "v1" and document.kind is BILLS:
                # The page shows status "Created" and the creation sentence for a GET, too.
                answer = answers.created(data, shaping.message(document))
                return Answer(200, answer.body, answer.headers)
            return answers.ok(data)

        return endpoint

    def _pdf(self, _request: Request, document: Document) -> Answer:
        if not document.is_validated:
            return answers.not_found("not validated: no file")
        content = files.base_64(files.pdf(document))
        return answers.ok({"file_name": self._file_name(document), "pdf_base_64_encoded": content})

    def _xml(self, _request: Request, document: Document) -> Answer:
        return self._xml_answer(document, files.xml(document, self._state))

    def _attached_document(self, _request: Request, document: Document) -> Answer:
        return self._xml_answer(document, files.attached_document(document, self._state))

    def _xml_by_uuid(self, request: Request, uuid: str) -> Answer:
        document = self._state.by_uuid(uuid)
        return self._xml(request, document) if document else answers.not_found()

    def _xml_answer(self, document: Document, content: bytes) -> Answer:
        if not document.is_validated:
            return answers.not_found("not validated: no file")
        data = {"file_name": self._file_name(document), "xml_base_64_encoded": files.base_64(content)}
        return answers.ok(data)

    def _send_email(self, request: Request, document: Document) -> Answer:
        fields = Fields(parse_object(request.body) or {})
        address = fields.email("email", required=True)
        fields.text("pdf_base_64_encoded")
        if fields.errors or address is None:
            return answers.field_errors(fields.errors)
        with self._state.lock:
            self._state.emails.append((document.number, address))
        return answers.done(f"{document.kind.noun} enviada al cliente con éxito")

    def _email_content(self, _request: Request, document: Document) -> Answer:
        company = self._state.company
        subject = ";".join(
            (company.nit, company.name, document.number, document.kind.mail_code, company.name)
        )
        archive = files.base_64(files.mail_archive(document, self._state))
        return answers.ok({"subject": subject, "attached_document": archive})

    def _delete(self, kind: Kind) -> Callable[..., Answer]:
        def handler(_request: Request, reference: str) -> Answer:
            with self._state.lock:
                document = self._state.by_reference(kind, reference)
                if document is None:
                    return answers.not_found()
                if document.is_validated:
                    return answers.conflict("El documento ya se encuentra validado por la DIAN")
                self._state.remove(document)
            sentence = f"Documento con código de referencia {reference} eliminado con éxito"
            return answers.done(sentence, f"{document.number} deleted ({document.verdict})")

        return handler

    def _file_name(self, document: Document) -> str:
        return files.file_name(document, self._state)
