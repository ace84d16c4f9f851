"""Errors as problem details, and what headers ask for."""

import importlib
import json
import pkgutil

import pytest

import cauce
from cauce.contracts.v1 import bodies, contract, documents, web
from cauce.contracts.v1 import errors as api
from cauce.domain import errors
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError
from cauce.domain.outcome import Finding, Severity
from tests.documents import invoice

from .examples import BASE_URL

EVERY_ERROR: list[CauceError] = [
    CauceError("m"),
    api.BadRequest("m"),
    api.RepeatedHeader("Prefer"),
    api.TooLarge("m"),
    api.UnsupportedMediaType("m"),
    errors.InvalidDocument("m", fields={"lineas.0.precio": ["El precio es requerido."]}),
    errors.Unsupported("m", providers=("factus", "dian")),
    errors.NumberingUnavailable("m", field="prefijo"),
    errors.CredentialsRejected("m"),
    errors.NotSent("m", retry_after=1.2),
    errors.Held("m", retry_after=0.3),
    errors.OutcomeUnknown("m"),
    errors.Conflict("m"),
    errors.NotFound("m"),
    errors.Unauthenticated("m"),
    errors.IssuerSuspended("m"),
    errors.PermissionDenied("permite_notas_credito"),
    errors.ScopeMissing("emitir"),
    errors.OtherWorld("habilitacion", "produccion"),
    errors.QuotaExceeded(used=100, limit=100, period="mensual"),
    errors.TooManyRequests(1200, 10, acts=True, retry_after=4),
    errors.InvoicePending("m"),
    errors.ReferenceConflict("m"),
    errors.Busy("m"),
    errors.DocumentTooLarge("m"),
    errors.WrittenByNewer(3, 2),
]


def every_subclass(of: type[CauceError]) -> set[type[CauceError]]:
    return {of}.union(*(every_subclass(inner) for inner in of.__subclasses__()))


def test_every_error_has_a_status_a_title_and_a_code_of_its_own():
    for module in pkgutil.walk_packages(cauce.__path__, "cauce."):
        if ".contracts." in module.name or ".domain." in module.name:
            importlib.import_module(module.name)

    # One without a code of its own is, to whoever asks, what it is a case of.
    classes = {each for each in every_subclass(CauceError) if "code" in vars(each)}
    assert classes == set(web.PROBLEMS) == {type(error) for error in EVERY_ERROR}
    assert len({error.code for error in classes}) == len(classes)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.code)
def test_a_problem_has_the_members_of_rfc_9457_and_of_seed_002(error):
    status, headers, text = web.problem(error, "/v1/documentos", "r-1", BASE_URL)

    body = json.loads(text)
    assert headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert 400 <= status < 600
    assert body["status"] == status
    assert body["type"] == f"{BASE_URL}/docs/errores/{error.code}"
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == "/v1/documentos"
    assert body["ok"] is False
    assert body["error"] == error.message
    assert body["codigo"] == error.code


def problem(error: CauceError) -> tuple[int, dict[str, str], dict[str, object]]:
    status, headers, text = web.problem(error, "/", "r-1", BASE_URL)
    return status, headers, json.loads(text)


def test_seed_002s_error_bodies_are_inside_the_problems():
    _, _, invalid = problem(
        errors.InvalidDocument("Datos invalidos", fields={"lineas.0.iva_pct": ["El IVA % es requerido."]})
    )
    _, _, quota = problem(errors.QuotaExceeded(used=100, limit=100, period="mensual"))
    _, _, permission = problem(errors.PermissionDenied("permite_notas_credito"))

    assert invalid.items() >= {"ok": False, "error": "Datos invalidos"}.items()
    assert invalid["errors"] == {"lineas.0.iva_pct": ["El IVA % es requerido."]}
    assert (
        quota.items()
        >= {
            "ok": False,
            "error": "Cuota excedida para el periodo.",
            "codigo": "quota_excedida",
            "consumidos": 100,
            "limite": 100,
            "periodo": "mensual",
        }.items()
    )
    assert (
        permission.items()
        >= {
            "ok": False,
            "error": "Tu empresa no tiene permitido emitir este tipo de documento.",
            "codigo": "permiso_no_concedido",
            "permiso": "permite_notas_credito",
        }.items()
    )


def test_what_the_caller_may_do_next_is_in_the_headers_and_members():
    assert problem(errors.NotSent("m", retry_after=1.2))[1]["Retry-After"] == "2"
    assert problem(errors.Busy("m"))[1]["Retry-After"] == "1"
    late = errors.TooManyRequests(1200, 10, acts=True, retry_after=4)
    assert problem(late)[1]["Retry-After"] == "4"
    assert problem(errors.Unsupported("m", providers=("dian",)))[2]["proveedores"] == ["dian"]


def test_the_detail_is_the_first_thing_to_mend():
    _, _, body = problem(errors.InvalidDocument("Datos invalidos", fields={"a": ["Uno."], "b": ["Dos."]}))

    assert body["detail"] == "Uno. (y 1 más)"


def test_a_problem_names_the_contracts_fields():
    found = Finding("FAN04", Severity.REJECTION, "payment.due_date", "una fecha", "nada", "x", "x")
    error = errors.InvalidDocument("m", fields={"lines.0.price": ["x"], "prefix": ["y"]}, findings=(found,))

    _, _, body = problem(error)

    assert body["errors"] == {"lineas.0.precio": ["x"], "prefijo": ["y"]}
    assert [each["campo"] for each in body["hallazgos"]] == ["pago.vencimiento"]


@pytest.mark.parametrize("name", ["uuid", "lines", "provider", "currency", "kind", "issuer", "start"])
def test_what_the_contract_does_not_know_is_named_as_it_was_sent(name: str):
    """A caller's own key may also be a path of the domain."""
    with pytest.raises(CauceError) as unknown:
        contract.document(Kind.INVOICE, invoice() | {name: 1})
    with pytest.raises(CauceError) as repeated:
        bodies.parsed(f'{{"{name}": 1, "{name}": 2}}')
    with pytest.raises(CauceError) as parameter:
        documents.listing({name: "1"}, "900123456")

    for refusal in (unknown, repeated, parameter):
        assert list(problem(refusal.value)[2]["errors"]) == [name]


def test_a_fault_of_ours_says_nothing_of_itself():
    status, _, text = web.internal_error("/", "r-1", BASE_URL)

    assert status == 500
    assert json.loads(text)["codigo"] == "error_interno"


def test_an_answer_is_json_that_nobody_stores():
    status, headers, text = web.answer(201, {"ok": True}, **{"Idempotency-Replayed": "true"})

    assert (status, text) == (201, '{"ok":true}')
    assert headers == {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "no-store",
        "Idempotency-Replayed": "true",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("respond-async", True),
        ("Respond-Async; wait=10", True),
        ("return=minimal, respond-async", True),
        ("wait=10", False),
        ("", False),
        (None, False),
    ],
)
def test_prefer_respond_async_is_understood(value, expected):
    assert web.responds_async({"prefer": value} if value is not None else None) is expected


def test_the_idempotency_key_is_found_whatever_its_case():
    assert web.idempotency_key({"IDEMPOTENCY-KEY": "REF-1"}) == "REF-1"
    assert web.idempotency_key({}) is None


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("text/csv", True),
        ("TEXT/CSV; charset=utf-8", True),
        ("text/csv, */*", True),
        ("text/csv, application/json;q=0.9", True),
        ("text/csv;q=0.5, */*;q=0.1", True),
        ("application/json, text/csv", False),
        ("application/json, text/csv;q=0.9", False),
        ("text/csv;q=0", False),
        ("text/csv;q=0.0, */*", False),
        ("text/csv;q=nan", False),
        ("text/csv;q=2", False),
        ("text/csv;q=0.1, */*", False),
        ("*/*", False),
        ("text/*", False),
        ("", False),
        (",;=,;q=", False),
        ("text/html", False),
    ],
)
def test_a_form_is_for_who_names_it_and_wants_json_no_more(accept: str, is_csv: bool):
    assert (web.accepts({"Accept": accept}, ("text/csv",)) == "text/csv") is is_csv


def test_of_two_forms_the_one_that_is_wanted_more_is_given():
    forms = ("text/csv", "application/zip")

    assert web.accepts({"accept": ["text/csv;q=0.5", "application/zip;q=0.7"]}, forms) == "application/zip"
    assert web.accepts({"Accept": "application/zip, text/csv"}, forms) == "text/csv"
    assert web.accepts({}, forms) is None
