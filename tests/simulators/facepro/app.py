"""The FacEPro simulator: tokens first, then a company's endpoints under `/api/v1`."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.simulators.facepro import answers, controls, listing, validation
from tests.simulators.facepro.catalogs import KINDS, MAX_PER_PAGE, Kind
from tests.simulators.facepro.controls import Controls
from tests.simulators.facepro.documents import ACCEPTED, Document, Documents, Verdict
from tests.simulators.facepro.tenants import DEFAULT_TOKEN, PERMISSIONS, Quota, Tenant, Tokens
from tests.simulators.faults import Fault
from tests.simulators.routing import Answer, Request, Router
from tests.simulators.server import Simulator

BOGOTA = timezone(timedelta(hours=-5))
_PREFIX = "/api/v1"


def bogota_now() -> datetime:
    return datetime.now(BOGOTA).replace(microsecond=0)


class FacEProSimulator(Controls, Simulator):
    """FacEPro over HTTP; see the package docstring for what is documented.

    The first of `tenants` is the company of `token`; `add_tenant` adds others. The page leaves three things open:
    `wrapped_detail` and `bare_list` choose the other reading, and `largest_page` caps the page size that is asked for.
    """

    title = "facepro"
    orders = (
        "reject_next",
        "pend_next",
        "fail_next",
        "add_tenant",
        "set_permissions",
        "set_quota",
        "revoke_token",
    )

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        say: Callable[[str], None] | None = None,
        *,
        tenants: Iterable[Tenant] = (),
        token: str = DEFAULT_TOKEN,
        clock: Callable[[], datetime] = bogota_now,
        wrapped_detail: bool = False,
        bare_list: bool = False,
        largest_page: int = MAX_PER_PAGE,
    ) -> None:
        super().__init__(host, port, say)
        self.token = token
        self._given = list(tenants) or [Tenant()]
        self._clock = clock
        self._wrapped_detail, self._bare_list, self._largest_page = wrapped_detail, bare_list, largest_page
        self._prepare()

    def _prepare(self) -> None:
        self.tenants = [replace(tenant, next_numbers=dict(tenant.next_numbers)) for tenant in self._given]
        self.tokens = Tokens()
        self.tokens.issue(self.token, self.tenants[0])
        self._documents = Documents(self._clock)
        self.router = Router()
        add = self.router.add
        add("GET", f"{_PREFIX}/health", self._health)
        add("GET", f"{_PREFIX}/me", lambda _, tenant: answers.ok(tenant.me()))
        for kind in KINDS:
            add("POST", f"{_PREFIX}/{kind.path}", self._creation(kind))
        add("GET", f"{_PREFIX}/documentos", self._list)
        add("GET", f"{_PREFIX}/documentos/{{tracking_id}}", self._about(self._detail))
        add("GET", f"{_PREFIX}/documentos/{{tracking_id}}/consultar", self._about(self._consult))
        add("GET", f"{_PREFIX}/documentos/{{tracking_id}}/xml", self._about(self._xml))

    # For tests to read -------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        """The page's «Base URL»."""
        return f"{self.base_url}{_PREFIX}"

    @property
    def documents(self) -> list[Document]:
        """The documents of every company, oldest first."""
        return self._documents.all()

    @property
    def documents_received(self) -> int:
        return len(self.documents)

    def state(self) -> dict[str, Any]:
        return {
            "documents": [document.summary() for document in self.documents],
            "documents_received": self.documents_received,
            "next_numbers": {tenant.nit: tenant.next_numbers for tenant in self.tenants},
            "faults_waiting": [fault.kind for fault in self.faults.waiting],
        }

    def reset(self) -> None:
        super().reset()
        self._prepare()

    def expected(self) -> dict[str, str]:
        return {"token": self.token, "NIT": self.tenants[0].nit}

    def add_tenant(self, token: str, nit: str, dv: str = "0", razon_social: str = "OTRA EMPRESA SAS") -> None:
        """Add a company with its own token; a known token becomes the new company's."""
        tenant = Tenant(nit=nit, dv=dv, razon_social=razon_social, id=len(self.tenants) + 2)
        self.tenants.append(tenant)
        self.tokens.issue(token, tenant)

    def set_permissions(self, permissions: Iterable[str], nit: str | None = None) -> None:
        """Set everything that a company may emit; of the first company unless `nit` names another."""
        unknown = set(permissions) - PERMISSIONS
        if unknown:
            raise ValueError(f"no such permissions: {sorted(unknown)}")
        self._tenant(nit).permissions = frozenset(permissions)

    def set_quota(self, limit: int | None, period: str = "mensual", nit: str | None = None) -> None:
        """Set how many documents a company may emit in a period; None removes the limit."""
        self._tenant(nit).quota = None if limit is None else Quota(limit, period)

    def forget(self, position: int) -> None:
        """Lose the document at this position."""
        del self._documents.stored[position]

    def revoke_token(self, token: str | None = None) -> None:
        self.tokens.revoke(token or self.token)

    def _tenant(self, nit: str | None) -> Tenant:
        return next(tenant for tenant in self.tenants if nit in (None, tenant.nit))

    # One request -------------------------------------------------------------------------------

    def respond(self, request: Request) -> Answer:
        route = self.router.find(request.method, request.path)
        if route is None:
            return answers.error(404, "Ruta no encontrada.", "no_encontrado")
        handler, values = route
        if request.path == f"{_PREFIX}/health":
            return handler(request)
        tenant = self.tokens.tenant(request.headers.get("authorization", ""))
        return answers.unauthenticated() if tenant is None else handler(request, tenant, **values)

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        return controls.answer(fault.details)

    def _health(self, _: Request) -> Answer:
        now = self._clock().isoformat()
        return answers.ok({"status": "ok", "service": "FacEPro Cloud", "version": "v1", "time": now})

    def _creation(self, kind: Kind) -> Callable[[Request, Tenant], Answer]:
        def handler(request: Request, tenant: Tenant) -> Answer:
            if kind.permission not in tenant.permissions:
                return answers.forbidden(kind.permission)
            with self._documents.lock:
                used, quota = self._documents.used(tenant), tenant.quota
                if quota is not None and used >= quota.limit:
                    return answers.quota_exceeded(used, quota.limit, quota.period)
                body = validation.body_of(request)
                errors = validation.errors_of(kind, body)
                if errors:
                    return answers.invalid(errors)
                unknown = validation.unknown_fields(kind, body)
                document = self._documents.store(tenant, kind, body, unknown, self._verdict(request))
            note = f"{document.number} {document.estado}"
            return answers.created(document.resource(self.api_url), note)

        return handler

    def _verdict(self, request: Request) -> Verdict:
        fault = self.faults.take("verdict", request.method, request.path)
        return fault.details["verdict"] if fault else ACCEPTED

    def _list(self, request: Request, tenant: Tenant) -> Answer:
        return listing.page(
            request,
            self._documents.of(tenant),
            lambda document: document.resource(self.api_url),
            f"{self.api_url}/documentos",
            bare=self._bare_list,
            largest_page=self._largest_page,
        )

    def _about(self, handler: Callable[[Document], Answer]) -> Callable[..., Answer]:
        def found(_: Request, tenant: Tenant, tracking_id: str) -> Answer:
            document = self._documents.find(tenant, tracking_id)
            return answers.not_found() if document is None else handler(document)

        return found

    def _detail(self, document: Document) -> Answer:
        resource = document.resource(self.api_url)
        return answers.ok({"ok": True, "data": resource} if self._wrapped_detail else resource)

    def _consult(self, document: Document) -> Answer:
        self._documents.ask(document)
        resource = document.resource(self.api_url)
        return answers.ok({"ok": True, "documento": resource, "dian": document.dian()}, document.estado)

    def _xml(self, document: Document) -> Answer:
        return Answer(200, document.xml(), {"Content-Type": "application/xml"}, document.number)
