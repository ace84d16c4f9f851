"""RADIAN events: declared, refused, repeated, and found again after a lost answer."""

import json
from datetime import datetime

import pytest
from pydantic import ValidationError

from cauce.domain.errors import Conflict, CredentialsRejected, InvalidDocument, OutcomeUnknown, Unsupported
from cauce.domain.event import Event
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.domain.time import BOGOTA
from cauce.providers.afacturar import answer
from cauce.providers.afacturar.provider import Afacturar
from tests.simulators.afacturar import AfacturarSimulator
from tests.unit.afacturar.builders import CUFE, TRANSMISSION, afacturar, declared, event, person


def declare(provider: Afacturar, *codes: str) -> None:
    for code in codes:
        assert isinstance(declared(provider, event(code), f"transmision-{code}"), Accepted)


# Declared -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "code", "path"),
    [
        ((), "030", "/api/radian/acuse_recibo_fev"),
        (("030",), "032", "/api/radian/recibo_bien_servicio"),
        (("030", "032"), "031", "/api/radian/reclamo"),
        (("030", "032"), "033", "/api/radian/aceptacion_expresa"),
    ],
)
def test_an_event_is_declared_where_its_page_says(
    provider: Afacturar, simulator: AfacturarSimulator, before: tuple[str, ...], code: str, path: str
) -> None:
    declare(provider, *before)

    outcome = declared(provider, event(code), TRANSMISSION)

    assert isinstance(outcome, Accepted)
    assert simulator.requests[-1].path == path
    assert simulator.events == {CUFE: [*before, code]}


def test_an_accepted_event_brings_its_cude_and_where_its_xml_is(provider: Afacturar) -> None:
    outcome = declared(provider, event(), TRANSMISSION)

    assert isinstance(outcome, Accepted)
    assert outcome.uuid == provider.events(CUFE)[0].uuid
    assert outcome.provider_ids["numero_evento"] == "1"
    assert outcome.provider_ids["url_representacion_xml"].endswith(".xml")
    assert outcome.status_message == "Este documento se envia al entorno: DOCUMENTO_NO_VALIDO"
    assert outcome.notices == ()


def test_the_path_of_the_acceptance_is_a_setting(simulator: AfacturarSimulator) -> None:
    provider = afacturar(simulator.base_url, acceptance_path="/api/radian/aceptacion")
    declare(provider, "030", "032")

    with pytest.raises(CredentialsRejected, match="no atiende esta ruta"):
        declared(provider, event("033"), TRANSMISSION)

    assert simulator.requests[-1].path == "/api/radian/aceptacion"
    assert simulator.events == {CUFE: ["030", "032"]}


@pytest.mark.parametrize(
    ("wrong", "refusal", "field"),
    [
        (event("033", person=None), InvalidDocument, "person"),
        (event(person=person(identification_type="48")), Unsupported, "person.identification_type"),
        (event(person=person(names="Al")), InvalidDocument, "person.names"),
        (event(person=person(last_names="Li ")), InvalidDocument, "person.last_names"),
    ],
    ids=["no person", "PPT", "short names", "short last names"],
)
def test_what_its_tables_do_not_allow_is_refused_before_the_network(
    provider: Afacturar,
    simulator: AfacturarSimulator,
    wrong: Event,
    refusal: type[Unsupported | InvalidDocument],
    field: str | None,
) -> None:
    with pytest.raises(refusal) as refused:
        declared(provider, wrong, TRANSMISSION)

    assert list(refused.value.fields) == ([field] if field else [])
    assert simulator.requests == []


# Refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "code"),
    [((), "032"), (("030",), "033"), (("030",), "031"), (("030", "032", "033"), "031")],
)
def test_an_event_out_of_order_is_dians_refusal_with_its_rule(
    provider: Afacturar, before: tuple[str, ...], code: str
) -> None:
    declare(provider, *before)

    outcome = declared(provider, event(code), TRANSMISSION)

    assert isinstance(outcome, Rejected)
    assert outcome.status_code == "15"
    assert (outcome.rejections[0].rule or "").startswith("LGC")
    assert outcome.stored is False


def test_a_transmission_id_is_used_once(provider: Afacturar) -> None:
    declared(provider, event(), TRANSMISSION)

    outcome = declared(provider, event("032"), TRANSMISSION)

    assert isinstance(outcome, Rejected)
    assert outcome.rejections[0].text.endswith("identificador transmision has already been taken.")


def test_a_refusal_of_the_input_names_the_domains_field(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    said = "The evento.0.quien recibio documento.nombres must be at least 3 characters."
    simulator.answer_next(11, description=[said])

    outcome = declared(provider, event(), TRANSMISSION)

    assert isinstance(outcome, Rejected)
    assert [(found.field, found.text) for found in outcome.rejections] == [("person.names", said)]


# Repeated -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "repeated",
    [
        "Regla: 90, Rechazo: Documento procesado anteriormente.",
        "Documento PROCESADO Anteriormente",
        "Regla: LGC01, Rechazo: El evento ya está registrado para la factura.",
    ],
)
def test_an_event_that_dian_has_already_is_looked_up_and_accepted(repeated: str) -> None:
    with AfacturarSimulator(repeated=repeated) as simulator:
        provider = afacturar(simulator.base_url)
        first = declared(provider, event(), "transmision-1")

        again = declared(provider, event(), "transmision-2")

        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert again.uuid == first.uuid
        assert simulator.events == {CUFE: ["030"]}
        assert simulator.requests[-1].path == "/api/radian/historico_eventos"


def test_an_event_that_dian_has_and_the_history_lacks_is_in_doubt(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    simulator.reject_next("Regla: 90, Rechazo: Documento procesado anteriormente.")

    with pytest.raises(OutcomeUnknown):
        declared(provider, event(), TRANSMISSION)


@pytest.mark.parametrize("code", [401, 429])
def test_an_event_that_dian_has_is_in_doubt_while_the_history_is_closed(
    provider: Afacturar, simulator: AfacturarSimulator, code: int
) -> None:
    declare(provider, "030")
    simulator.answer_next(code, path="historico")

    with pytest.raises(OutcomeUnknown):
        declared(provider, event(), TRANSMISSION)


# In doubt -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processed", [True, False])
def test_code_28_leaves_it_in_doubt_and_the_history_settles_it(
    provider: Afacturar, simulator: AfacturarSimulator, processed: bool
) -> None:
    simulator.time_out_next(processed)

    with pytest.raises(OutcomeUnknown):
        declared(provider, event(), TRANSMISSION)

    assert [seen.code for seen in provider.events(CUFE)] == (["030"] if processed else [])


def test_the_history_tells_every_event_with_its_time_and_parties(provider: Afacturar) -> None:
    declare(provider, "030", "032")

    first, second = provider.events(CUFE)

    assert (first.code, second.code) == ("030", "032")
    assert first.number == "PAR1"
    assert first.description == "Acuse de recibo de Factura Electrónica de Venta"
    assert (first.sender, first.receiver) == ("11111111", "5555555")
    assert first.at
    assert first.at.tzinfo is BOGOTA


# What an answer means, apart from any call ----------------------------------------------------------------


def replied(**body: object) -> answer.Reply:
    said = {"codigo_error": 0, "descripcion_error": "OK", "transaccion": "t", **body}
    return answer.reply(json.dumps(said).encode(), 200)


CUDE = "0d2edd7be211e2bb6d93c8408fd03c17dbe1ad479aab3a2187f88c1480163bece48e19ce8941c813638aaec16a0152ee"
TAKEN = {"cude": CUDE, "numero_evento": "1", "url_representacion_xml": ""}


def test_what_dian_remarks_on_an_accepted_event_is_a_notice() -> None:
    outcome = answer.declared(
        replied(
            resultado=TAKEN,
            ErrorMessage_DIAN="Regla: AAD11b, Notificación: algo; Regla: LGC20, Notificación: más",
        ),
        Environment.TEST,
    )

    assert isinstance(outcome, Accepted)
    assert [notice.rule for notice in outcome.notices] == ["AAD11b", "LGC20"]


def test_an_event_without_its_cude_or_with_a_rejection_beside_it_is_not_accepted_yet() -> None:
    without = answer.declared(replied(resultado={"cude": ""}), Environment.TEST)
    refused = answer.declared(
        replied(resultado=TAKEN, ErrorMessage_DIAN=["Regla: AAH03, Rechazo: x"]), Environment.TEST
    )
    empty = answer.declared(replied(resultado=[]), Environment.TEST)

    assert {type(without), type(refused), type(empty)} == {Pending}


@pytest.mark.parametrize(
    ("environment", "entorno"),
    [
        (Environment.PRODUCTION, "DOCUMENTO_NO_VALIDO"),
        (Environment.PRODUCTION, "HABILITACION"),
        (Environment.TEST, "PRODUCCION"),
        (Environment.TEST, "Producción"),
    ],
)
def test_an_event_registered_in_the_other_environment_needs_a_person(
    environment: Environment, entorno: str
) -> None:
    sentence = f"Este documento se envia al entorno: {entorno}"

    with pytest.raises(Conflict, match=CUDE):
        answer.declared(replied(resultado=TAKEN, entorno=sentence), environment)


def test_an_event_of_production_says_so_in_a_sentence() -> None:
    sentence = "Este documento se envia al entorno: PRODUCCION"

    outcome = answer.declared(replied(resultado=TAKEN, entorno=sentence), Environment.PRODUCTION)

    assert isinstance(outcome, Accepted)


def test_a_history_is_read_as_its_page_shows_it() -> None:
    row = {
        "numero": "1",
        "codigo": "030",
        "descripcion": "Acuse de recibo de Factura Electrónica de Venta",
        "fecha": "2022-11-30 21:22:17",
        "cude": CUDE,
        "identificacion_evento": "PAR29",
        "emisor_nombre": "SOFTWARE SAS",
        "emisor_identificacion": "9999999",
        "receptor_nombre": "ENERGIA",
        "receptor_identificacion": "5555555",
    }

    seen = answer.seen(replied(resultado=[row]))[0]

    assert seen.at == datetime(2022, 11, 30, 21, 22, 17, tzinfo=BOGOTA)
    assert (seen.code, seen.uuid, seen.number) == ("030", CUDE, "PAR29")


@pytest.mark.parametrize("found", ["", {}, "ninguno", [1]])
def test_what_is_no_list_of_events_is_not_an_empty_history(found: object) -> None:
    with pytest.raises(OutcomeUnknown):
        answer.seen(replied(resultado=found))


# The value ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["030", "031", "032", "033", "034"])
def test_an_event_is_kept_as_json_and_read_back_the_same(code: str) -> None:
    kept = event(code, reference="EV-1").model_dump_json()

    assert Event.model_validate_json(kept) == event(code, reference="EV-1")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("029", {}),
        ("030", {"person": None}),
        ("032", {"person": None}),
        ("030", {"claim_code": "01"}),
        ("031", {"claim_code": None}),
        ("031", {"claim_code": "05"}),
        ("033", {"sworn_note": "juro"}),
        ("034", {"sworn_note": None}),
        ("030", {"invoice_uuid": CUFE.upper()}),
        ("030", {"invoice_uuid": CUFE[:-1]}),
        ("030", {"otro": "campo"}),
    ],
)
def test_an_event_that_is_not_whole_does_not_exist(code: str, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        event(code, **changes)


def test_an_event_is_not_changed() -> None:
    with pytest.raises(ValidationError):
        event().reference = "otra"
