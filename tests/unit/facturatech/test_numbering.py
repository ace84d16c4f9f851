"""The numbering service beyond the seed's rows: what is a guess is a setting, and failures say what is safe."""

from datetime import date
from typing import Any

import pytest

from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown, Unsupported
from tests.simulators.facturatech import FacturatechSimulator
from tests.unit.facturatech.builders import SECRETS, connected, demo_user, facturatech
from tests.unit.facturatech.conftest import Script
from tests.unit.facturatech.test_seed_000_rows import listing, read, row, sent

# ★ quirk 3 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["True", "TRUE", "1", "yes", "si", "", "true "])
def test_quirk_3_no_other_word_than_true_promotes_a_demo_user(flag: str, simulator: FacturatechSimulator):
    with pytest.raises(Unsupported):
        demo_user(simulator, allow_promote=flag).ranges()

    assert (simulator.promotions, simulator.requests) == (0, [])


def test_quirk_3_the_flag_of_another_provider_opens_nothing(simulator: FacturatechSimulator):
    provider = demo_user(simulator)
    issuer = provider.connection.issuer.model_copy(update={"settings": {"factus": {"allow_promote": "true"}}})

    with pytest.raises(Unsupported):
        demo_user(simulator, by=issuer).ranges()
    assert simulator.requests == []


def test_quirk_3_a_productive_issuer_needs_no_flag(simulator: FacturatechSimulator):
    assert connected(simulator).ranges()
    assert simulator.promotions == 0


def test_quirk_3_nothing_but_ranges_asks_for_it(simulator: FacturatechSimulator):
    provider = demo_user(simulator)
    provider.generate_range("NUEVO", 1, 2, "NC")
    provider.assign_range_type("CDS", "1", "DSE")

    assert [seen.path.partition("#")[2] for seen in simulator.requests] == [
        "GenerarNumeracion",
        "ActualizarNumTipoDocumento",
    ]
    assert simulator.promotions == 0


# Settings ----------------------------------------------------------------------------------------


def test_the_password_travels_hashed_unless_it_already_is(script: Script):
    hashed = "ab" * 32
    for password in (hashed, hashed.upper()):
        script.asmx("ConsultaNumeracion", listing())
        facturatech(script.url, secrets={**SECRETS, "password": password}).ranges()

        assert sent(script)["Pass"] == hashed


def test_the_password_travels_as_it_is_where_the_operator_says_so():
    with FacturatechSimulator(plain_pass=True) as simulator:
        assert connected(simulator, pass_mode="plain").ranges()
        with pytest.raises(CredentialsRejected):
            connected(simulator).ranges()


def test_the_namespace_is_a_setting():
    with FacturatechSimulator(namespace="http://tempuri.org/") as simulator:
        assert connected(simulator, numbering_namespace="http://tempuri.org/").ranges()
        with pytest.raises(OutcomeUnknown):
            connected(simulator).ranges()


def test_the_soap_version_is_a_setting(simulator: FacturatechSimulator):
    assert connected(simulator, numbering_soap="1.2").ranges()
    assert simulator.requests[-1].headers["content-type"].startswith("application/soap+xml")


def test_answers_are_read_by_local_name_whatever_namespace_they_come_in(script: Script):
    script.asmx("ConsultaNumeracion", listing(row()), namespace="urn:something-else")

    assert facturatech(script.url).ranges()[0].prefix == "SETP"


def test_answers_are_read_without_namespace_wrapper_or_order(script: Script):
    script.raw(
        b"<Envelope><Body><ConsultaNumeracionResponse><RespNumeration>"
        b"<numberingRangelist><NumeroFinal>9</NumeroFinal><Prefijo>A</Prefijo><NumeroInicial>1</NumeroInicial>"
        b"</numberingRangelist></RespNumeration><StatusCode>100</StatusCode>"
        b"</ConsultaNumeracionResponse></Body></Envelope>"
    )

    (found,) = facturatech(script.url).ranges()
    assert (found.prefix, found.start, found.end, found.active) == ("A", 1, 9, False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pass_mode", "md5"),
        ("numbering_soap", "2"),
        ("support_service", "both"),
        ("credit_operation", "20"),
        ("ambiente", "3"),
        ("responsibilities", "all"),
        ("numbering_ok_codes", "ok"),
    ],
)
def test_a_setting_that_does_not_exist_is_named(key: str, value: str):
    with pytest.raises(Unsupported, match=f"facturatech.{key}"):
        facturatech(**{key: value})


# Dates, which the seed only calls String ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-19",
        "2030-01-19T00:00:00",
        "2030-01-19T00:00:00-05:00",
        "2030-01-19T05:00:00Z",
        "19/01/2030",
        "19/1/2030",
        "19/01/2030 12:00:00 a. m.",
        "/Date(1895029200000)/",
        "/Date(1895029200000-0500)/",
    ],
)
def test_a_date_is_read_in_every_way_a_service_of_this_sort_writes_it(text: str, script: Script):
    (found,) = read(script, row(FechaFinAutorizacion=text))

    assert found.valid_to == date(2030, 1, 19)


def test_a_range_without_resolution_has_no_dates(script: Script):
    fields = {"NumeroAutorizacion": "", "FechaInicioAutorizacion": "", "FechaFinAutorizacion": ""}
    (found,) = read(script, row(**fields))

    assert (found.resolution, found.valid_from, found.valid_to) == (None, None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"FechaFinAutorizacion": "pronto"},
        {"FechaFinAutorizacion": "31/31/2030"},
        {"NumeroInicial": "1.5"},
        {"NumeroFinal": ""},
    ],
)
def test_a_row_that_cannot_be_read_is_no_answer_rather_than_a_wrong_range(
    changes: dict[str, str], script: Script
):
    with pytest.raises(OutcomeUnknown):
        read(script, row(**changes))


# Failures ----------------------------------------------------------------------------------------


def query(provider: Any) -> Any:
    return provider.ranges()


def assign(provider: Any) -> Any:
    return provider.assign_range_type("CDS", "18764000012", "DSE")


def generate(provider: Any) -> Any:
    return provider.generate_range("NUEVO", 1, 100, "NC")


VERBS = pytest.mark.parametrize("verb", [query, assign, generate], ids=lambda verb: verb.__name__)


@VERBS
def test_a_limiter_turned_it_away_at_the_door(verb: Any, simulator: FacturatechSimulator):
    simulator.answer_next(429, operation="Num")

    with pytest.raises(NotSent) as refusal:
        verb(connected(simulator))
    assert refusal.value.retry_after == 30


def test_a_lost_answer_to_assigning_is_settled_by_reading_again(simulator: FacturatechSimulator):
    provider = connected(simulator)
    provider.ranges()
    simulator.lose_next_answer(operation="ActualizarNumTipoDocumento")

    with pytest.raises(OutcomeUnknown):
        assign(provider)
    assert next(found for found in provider.ranges() if found.prefix == "CDS").provider_type == "DSE"


def test_a_refusal_with_an_error_never_reads_as_no_ranges(simulator: FacturatechSimulator):
    simulator.refuse_numbering(error="Servicio no disponible")

    with pytest.raises(CredentialsRejected, match="Servicio no disponible"):
        connected(simulator).ranges()


@pytest.mark.parametrize("what", ["fault", "waf", "truncated"])
def test_a_fault_or_a_half_answer_to_the_numbering_is_an_unknown_outcome(
    what: str, simulator: FacturatechSimulator
):
    simulator.answer_next(what, operation="Num")

    with pytest.raises(OutcomeUnknown):
        connected(simulator).ranges()
