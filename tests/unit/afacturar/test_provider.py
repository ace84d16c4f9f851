"""What it declares, which environment it talks to, its secret, and every way of not getting an answer."""

from collections.abc import Callable
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected
from cauce.domain.issuer import Environment
from cauce.providers import registry
from cauce.providers.afacturar import answer
from cauce.providers.afacturar.answer import Meaning
from cauce.providers.afacturar.provider import Afacturar
from cauce.providers.base import Verb
from tests.simulators.afacturar import AfacturarSimulator
from tests.unit.afacturar.builders import (
    CUFE,
    TOKEN,
    TRANSMISSION,
    afacturar,
    declared,
    event,
    opted,
    query,
    refs,
)

Ask = Callable[[Afacturar], Any]
ASKS: dict[str, Ask] = {
    "list": lambda provider: provider.list_emitted(query()),
    "consult": lambda provider: provider.consult(refs()),
    "event": lambda provider: declared(provider, event(), TRANSMISSION),
    "history": lambda provider: provider.events(CUFE),
}
EVERY_ASK = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)


# Declared -----------------------------------------------------------------------------------------------


def test_it_takes_no_documents() -> None:
    assert Afacturar.declare({}).kinds == {Kind.EVENT}
    assert not any("afacturar" in registry.able(kind) for kind in Kind if kind is not Kind.EVENT)


def test_it_declares_what_its_pages_offer() -> None:
    declared = Afacturar.declare({})

    assert declared.verbs == {Verb.LIST_EMITTED, Verb.XML, Verb.PDF, Verb.EVENTS}
    assert declared.event_codes == {"030", "031", "032", "033"}
    assert declared.pace
    assert (declared.pace.calls, declared.pace.seconds) == (120, 60)
    assert declared.slow


def test_it_waits_longer_than_afacturar_waits_for_dian() -> None:
    assert opted().read_seconds >= 75


# Environments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "settings", "url"),
    [
        (Environment.TEST, {}, "https://servicios-pruebas.afacturar.com"),
        (Environment.TEST, {"stage": "habilitacion"}, "https://servicios-habilitacion.afacturar.com"),
        (Environment.PRODUCTION, {}, "https://servicios.afacturar.com"),
        (Environment.PRODUCTION, {"stage": "habilitacion"}, "https://servicios.afacturar.com"),
        (Environment.TEST, {"base_url": "http://127.0.0.1:9101/"}, "http://127.0.0.1:9101"),
    ],
)
def test_the_issuers_environment_chooses_the_address(
    environment: Environment, settings: dict[str, str], url: str
) -> None:
    assert opted(environment, **settings).base_url == url


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        (Environment.TEST, {"base_url": "https://servicios.afacturar.com/"}),
        (Environment.PRODUCTION, {"base_url": "https://servicios-pruebas.afacturar.com"}),
        (Environment.PRODUCTION, {"base_url": "https://Servicios-Habilitacion.afacturar.com"}),
        (Environment.TEST, {"stage": "produccion"}),
        (Environment.TEST, {"stage": "otra"}),
        (Environment.TEST, {"search_shape": "otra"}),
        (Environment.TEST, {"rows_per_call": "muchas"}),
    ],
)
def test_a_setting_that_contradicts_the_issuer_or_makes_no_sense_is_refused(
    environment: Environment, settings: dict[str, str]
) -> None:
    with pytest.raises(CredentialsRejected, match="configuración de Afacturar"):
        opted(environment, **settings)


# The token ----------------------------------------------------------------------------------------------


@EVERY_ASK
def test_a_refused_token_is_not_tried_again(simulator: AfacturarSimulator, ask: Ask) -> None:
    simulator.revoke_tokens()

    with pytest.raises(CredentialsRejected):
        ask(afacturar(simulator.base_url))

    assert len(simulator.requests) == 1


@EVERY_ASK
def test_the_token_of_another_issuer_is_a_matter_for_the_operator(ask: Ask) -> None:
    with (
        AfacturarSimulator(tokens={TOKEN: "22222222"}) as simulator,
        pytest.raises(CredentialsRejected, match="no esta asociado"),
    ):
        ask(afacturar(simulator.base_url))


# No answer ----------------------------------------------------------------------------------------------


@EVERY_ASK
def test_a_refusal_outside_the_envelope_is_sorted_by_its_status(
    provider: Afacturar, simulator: AfacturarSimulator, ask: Ask
) -> None:
    simulator.answer_next("laravel401")

    with pytest.raises(CredentialsRejected):
        ask(provider)


@pytest.mark.parametrize(
    ("raw", "status", "meaning"),
    [
        (b'{"codigo_error": 0}', 500, Meaning.OK),
        (b'{"codigo_error": "0"}', 200, Meaning.OK),
        (b'{"codigo_error": 429}', 200, Meaning.THROTTLED),
        (b'{"codigo_error": 11, "descripcion_error": "El documento no existe"}', 200, Meaning.REFUSED),
        (b'{"codigo_error": 10, "descripcion_error": ["The x field is required."]}', 200, Meaning.REFUSED),
        (b'{"codigo_error": 77}', 200, Meaning.UNKNOWN),
        (b'{"codigo_error": true}', 200, Meaning.UNKNOWN),
        (b'{"codigo_error": null}', 403, Meaning.CREDENTIALS),
        (b'{"codigo_error": "quince"}', 200, Meaning.UNKNOWN),
        (b"{}", 200, Meaning.UNKNOWN),
        (b"[]", 200, Meaning.UNKNOWN),
        (b"", 200, Meaning.UNKNOWN),
        (b"", 302, Meaning.UNKNOWN),
        (b"<html>", 200, Meaning.UNKNOWN),
        (b"<html>", 404, Meaning.MISROUTED),
        (b"<html>", 429, Meaning.THROTTLED),
        (b"<html>", 502, Meaning.UNKNOWN),
        (b'\xff\xfe{"codigo_error"', 200, Meaning.UNKNOWN),
    ],
)
def test_the_body_decides_and_the_status_only_where_there_is_no_code(
    raw: bytes, status: int, meaning: Meaning
) -> None:
    assert answer.reply(raw, status).meaning is meaning
