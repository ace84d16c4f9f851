"""Tokens in Laravel Passport's shape, and the request budget per user.

Source: pages `autenticacion/auth` and `refresh-token` (form body, both grants); error bodies and the rotation
of refresh tokens are Passport's conventions.
"""

import secrets
import threading
import time
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from tests.simulators.routing import Answer, Request, json_answer

_WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Credentials:
    client_id: str = "simulator-client"
    client_secret: str = "simulator-secret"
    username: str = "simulator@example.com"
    password: str = "simulator-password"


class Tokens:
    """The access and refresh tokens in force; refreshing or revoking ends the old ones."""

    def __init__(self, credentials: Credentials, expires_in: int) -> None:
        self._credentials = credentials
        self._expires_in = expires_in
        self._access: dict[str, float] = {}
        self._access_by_refresh: dict[str, str] = {}
        self._lock = threading.Lock()
        self.logins = 0
        self.refreshes = 0

    def grant(self, request: Request) -> Answer:
        """POST /oauth/token. A JSON body has no form fields, so its grant type is missing."""
        form = _form(request)
        match form.get("grant_type"):
            case "password":
                return self._password(form)
            case "refresh_token":
                return self._refresh(form)
        return _refused(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server.",
        )

    def accepts(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        with self._lock:
            return scheme.lower() == "bearer" and self._access.get(token, 0) > time.monotonic()

    def revoke(self, *, refresh: bool) -> None:
        with self._lock:
            self._access.clear()
            if refresh:
                self._access_by_refresh.clear()

    def _password(self, form: dict[str, str]) -> Answer:
        missing = next((name for name in ("username", "password") if not form.get(name)), None)
        if missing:
            return _refused(400, "invalid_request", f"The request is missing the parameter `{missing}`.")
        if not self._knows_client(form):
            return _refused(401, "invalid_client", "Client authentication failed")
        expected = (self._credentials.username, self._credentials.password)
        if (form["username"], form["password"]) != expected:
            return _refused(400, "invalid_grant", "The user credentials were incorrect.")
        with self._lock:
            self.logins += 1
        return self._issue()

    def _refresh(self, form: dict[str, str]) -> Answer:
        if not self._knows_client(form):
            return _refused(401, "invalid_client", "Client authentication failed")
        with self._lock:
            access = self._access_by_refresh.pop(form.get("refresh_token", ""), None)
            if access is not None:
                self._access.pop(access, None)
                self.refreshes += 1
        if access is None:
            return _refused(401, "invalid_request", "The refresh token is invalid.")
        return self._issue()

    def _knows_client(self, form: dict[str, str]) -> bool:
        expected = (self._credentials.client_id, self._credentials.client_secret)
        return (form.get("client_id"), form.get("client_secret")) == expected

    def _issue(self) -> Answer:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._lock:
            self._access[access] = time.monotonic() + self._expires_in
            self._access_by_refresh[refresh] = access
        return json_answer(
            200,
            {
                "token_type": "Bearer",
                "expires_in": self._expires_in,
                "access_token": access,
                "refresh_token": refresh,
            },
            "token issued",
        )


class Budget:
    """Requests per minute, without limit until one is set; one user, one window."""

    def __init__(self) -> None:
        self._limit: int | None = None
        self._used = 0
        self._ends = 0.0
        self._lock = threading.Lock()

    def set(self, limit: int | None) -> None:
        with self._lock:
            self._limit, self._used, self._ends = limit, 0, 0.0

    def spend(self) -> tuple[bool, dict[str, str]]:
        """Whether this request fits in the window, and the headers of its answer."""
        with self._lock:
            if self._limit is None:
                return True, {}
            now = time.monotonic()
            if now >= self._ends:
                self._used, self._ends = 0, now + _WINDOW_SECONDS
            fits = self._used < self._limit
            self._used += fits
            seconds = str(max(1, round(self._ends - now)))
            headers = {
                "X-RateLimit-Limit": str(self._limit),
                "X-RateLimit-Remaining": str(self._limit - self._used),
                "X-RateLimit-Reset": seconds,
            }
            return fits, headers if fits else {**headers, "Retry-After": seconds}


def _form(request: Request) -> dict[str, str]:
    if request.media_type() == "application/x-www-form-urlencoded":
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    if request.media_type() == "multipart/form-data":
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + request.body)
        parts = message.iter_parts() if message.is_multipart() else ()
        return {
            str(part.get_param("name", header="content-disposition")): part.get_content().strip()
            for part in parts
        }
    return {}


def _refused(status: int, error: str, description: str) -> Answer:
    body = {"error": error, "error_description": description, "message": description}
    return json_answer(status, body, error)
