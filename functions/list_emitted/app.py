"""``list-emitted``: documents and news of an issuer, what its provider says it emitted; code lists and pages."""

from cauce import starting  # isort: skip

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import observability, wiring
from cauce.contracts.v1 import documents, listings, news, queries, rest, sent, web
from cauce.domain.errors import NotFound
from cauce.reading import listing
from cauce.reception import desk
from cauce.telling import feed

api = rest.resolver()


@api.get("/documentos")
def list_documents() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    asked = documents.listing(request.query, issuer.nit)
    wanted = listing.RecordsQuery(asked.search, per_page=asked.per_page, page=asked.page, start=asked.start)
    records, following = listing.records(gateway, issuer, wanted)
    if web.accepts(request.headers, ("text/csv",)):
        from cauce.contracts.v1 import document_rows

        others = document_rows.linked(documents.links(asked, request.base_url, following))
        rows = document_rows.page(records, request.base_url)
        return rest.file(
            rows.encode(), document_rows.MEDIA_TYPE, "documentos.csv", Link=others, Vary="Accept"
        )
    return rest.answer(200, documents.page(records, request.base_url, asked, following), Vary="Accept")


@api.get("/emitidos")
def list_emitted() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    name, query = listings.emitted_query(request.query)
    with sent.filtered(query):
        provider, page = listing.emitted(gateway, issuer, name, query)
    return rest.answer(200, listings.emitted(provider, page))


@api.get("/novedades")
def list_news() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    asked = news.asked(request.query)
    found, after, has_more = feed.page(
        gateway, issuer.nit, asked.after, asked.per_page, asked.types, newest_first=asked.latest
    )
    return rest.answer(200, news.page(found, after, request.base_url, asked, has_more=has_more))


@api.get("/lotes")
def list_lots() -> rest.Reply:
    from cauce.contracts.v1 import lot_answers
    from cauce.reading import lots

    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    asked = lot_answers.list_query(request.query)
    found, following = lots.latest(gateway, issuer, asked.per_page, asked.start)
    return rest.answer(200, lot_answers.listed(found, following, asked, request.base_url))


@api.get("/cierre/<mes>/conciliacion")
def compare_month(mes: str) -> rest.Reply:
    from cauce.contracts.v1 import closes
    from cauce.reading import close, comparison

    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    asked = closes.comparison_query(mes, request.query)
    month = close.Month(asked.first)
    found = comparison.compared(gateway, issuer, month, asked.provider, asked.kind, asked.offset)
    return rest.answer(200, closes.comparison(found))


@api.get("/cierre/<mes>/archivos")
def month_files(mes: str) -> rest.Reply:
    from cauce.contracts.v1 import closes
    from cauce.reading import close, month_files

    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    asked = closes.files_query(mes, request.query)
    made = month_files.part(
        gateway,
        issuer.nit,
        close.Month(asked.first),
        asked.position,
        rest.MOST_BYTES,
        with_pdf=asked.with_pdf,
    )
    link = closes.following_files(asked, made, request.base_url)
    content = month_files.zipped(closes.archive_names(made))
    more = {"Link": f'<{link}>; rel="next"'} if link else {}
    return rest.file(content, closes.ZIP, closes.archive_named(asked, made), **more)


@api.get("/cierre/<mes>")
def month_close(mes: str) -> rest.Reply:
    from cauce.contracts.v1 import closes  # once or twice a month
    from cauce.reading import close

    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    asked = closes.query(mes, request.query, close.MOST_DOCUMENTS)
    start = close.Start(asked.position, asked.reached) if asked.position else None
    form = web.accepts(request.headers, closes.FORMS)
    rows = closes.Rows() if form else None
    made = close.page(gateway, issuer.nit, close.Month(asked.first), start, asked.per_page, rows)
    if rows is None or form is None:
        return rest.answer(200, closes.answer(made, asked, request.base_url))
    content, name = closes.file(form, made, rows, issuer, start)
    _, link = closes.following(made, asked, request.base_url)
    return rest.file(content, form, name, **({"Link": f'<{link}>; rel="next"'} if link else {}))


@api.get("/openapi.json")
def get_openapi() -> rest.Reply:
    from cauce.contracts.v1 import pages
    from cauce.contracts.v1.described import openapi

    request = rest.Request(api.current_event)
    return pages.answer(pages.openapi(openapi.document(request.base_url)), request.headers)


@api.get("/docs")
def get_docs() -> rest.Reply:
    from cauce.reference import guide  # few requests are for pages

    return _page(lambda: guide.start(rest.Request(api.current_event).base_url))


@api.get("/docs/<name>")
def get_docs_page(name: str) -> rest.Reply:
    from cauce.reference import guide

    if "." in name:
        return _file("docs", name)
    return _page(lambda: guide.document(name, rest.Request(api.current_event).base_url))


@api.get("/docs/errores/<code>")
def get_error_page(code: str) -> rest.Reply:
    from cauce.reference import guide

    return _page(lambda: guide.error(code), depth=1)


@api.get("/docs/reglas/<code>")
def get_rule_page(code: str) -> rest.Reply:
    from cauce.reference import guide

    return _page(lambda: guide.rule(code), depth=1)


@api.get("/consola")
def get_console() -> rest.Reply:
    return _file("consola", "index.html")


@api.get("/consola/<archivo>")
def get_console_file(archivo: str) -> rest.Reply:
    return _file("consola", archivo)


def _page(written: Callable[[], str], depth: int = 0) -> rest.Reply:
    """The page; that there is none is told as a page too, to who reads pages."""
    from cauce.contracts.v1 import pages
    from cauce.reference import guide

    headers = rest.Request(api.current_event).headers
    try:
        return pages.answer(pages.html(written()), headers)
    except NotFound as unknown:
        if web.accepts(headers, ("text/html",)) is None:
            raise
        return pages.answer(pages.html(guide.missing(str(unknown), depth)), headers, 404)


def _file(folder: str, name: str) -> rest.Reply:
    from cauce.contracts.v1 import pages

    return pages.answer(pages.asset(folder, name), rest.Request(api.current_event).headers)


@api.get("/catalogos")
def list_catalogs() -> rest.Reply:
    from cauce.contracts.v1 import catalogues

    request = rest.Request(api.current_event)
    desk.caller(request)
    queries.nothing(request.query)
    return rest.kept(request, catalogues.listed(request.base_url))


@api.get("/catalogos/<name>")
def search_catalog(name: str) -> rest.Reply:
    from cauce.contracts.v1 import catalogues

    request = rest.Request(api.current_event)
    desk.caller(request)
    return rest.kept(request, catalogues.found_in(name, catalogues.search(request.query)))


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return desk.answered(api, event, context)


starting.done()
