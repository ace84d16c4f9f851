"""Pages, and what they load: styles, scripts, pictures. They hold nobody's data, and so ask for no token.

The files are those of the layer ``layers/face``, which only the function that serves them has. A name is looked up in
the list of its folder, and never made into a path.
"""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from aws_lambda_powertools.event_handler import Response

from cauce.contracts.v1 import render, rest, web
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.errors import NotFound

_LAYER = "face"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
# Powertools would write bytes as JSON once more where the type is plain application/json.
OPENAPI = "application/vnd.oai.openapi+json; charset=utf-8"
# No outside host, no script or style within a page; a PDF is shown from memory (blob:).
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src blob:",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",  # kept, and asked for again with its ETag
    "Vary": "Accept, Accept-Encoding",
}
# Below it compressing saves no packet.
_WORTH_COMPRESSING = 1_000


@dataclass(frozen=True)
class Page:
    """A page or a file of one, as it is served."""

    content: bytes
    content_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:32]

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)


@cache
def asset(folder: str, name: str) -> Page:
    """A file of the layer. Raises NotFound for any name that its folder does not list."""
    kind = _TYPES.get(name.rpartition(".")[2])
    place = files(_LAYER).joinpath(folder)
    if kind and place.is_dir():
        for each in place.iterdir():
            if each.name == name and each.is_file():
                return Page(each.read_bytes(), kind)
    raise NotFound("No hay una página con ese nombre.")


@cache
def text(*path: str) -> str:
    """A file of the layer that is shown within a page. ``path`` is never what somebody sent."""
    place = files(_LAYER)
    for each in path:
        place = place.joinpath(each)
    return place.read_text("utf-8")


def html(text: str) -> Page:
    return Page(text.encode(), _TYPES["html"])


def openapi(body: JsonObject) -> Page:
    return Page(render.dump(body).encode(), OPENAPI)


def answer(page: Page, headers: Mapping[str, str | Sequence[str]], status: int = 200) -> rest.Reply:
    """The page, or that the caller has it already (304)."""
    packed = len(page.content) >= _WORTH_COMPRESSING and "gzip" in (
        web.header(headers, "Accept-Encoding") or ""
    )
    tag = f'"{page.digest}{"-gzip" if packed else ""}"'
    told = {**_HEADERS, "ETag": tag}
    if status == 200 and web.has_kept(headers, tag):
        return Response(status_code=304, content_type=page.content_type, headers=dict(told), body="")
    if packed:
        told["Content-Encoding"] = "gzip"
    body = page.compressed if packed else page.content
    return Response(status_code=status, content_type=page.content_type, headers=dict(told), body=body)
