"""Seed 003's own requests, made by the adapter: the curl's form and the event of the C# sample."""

import json
import re
from typing import Any

from cauce.domain.issuer import Environment
from cauce.providers.afacturar import payload
from tests.simulators.afacturar import AfacturarSimulator
from tests.unit.afacturar.builders import (
    CUFE,
    NIT,
    TRANSMISSION,
    afacturar,
    declared,
    event,
    opted,
    person,
    query,
    seed,
    seed_json,
)


def test_the_curl_of_the_page_is_sent_field_for_field(simulator: AfacturarSimulator) -> None:
    provider = afacturar(simulator.base_url, search_shape="positional")

    provider.list_emitted(query(offset=30, limit=30, ordenado_por="fc", tipo_orden="ASC"))

    asked = simulator.calls[0]
    documented = dict(re.findall(r"-F '?(\w+)=([^'\s]+)'?", seed()))
    assert documented["opcion_busqueda"] == "0,0,0,0,0,0,0,0"
    assert (asked.path, asked.encoding) == ("/api/v2/transacciones_emitidas_v3", "multipart")
    assert list(asked.fields.items()) == list(documented.items())


def test_the_first_event_of_the_page_is_made_exactly() -> None:
    form = payload.event(opted(), NIT, Environment.TEST, event(), TRANSMISSION)

    assert list(form) == ["data", "documento_obligado"]
    assert json.loads(form["data"]) == seed_json("Ejemplo 1.")
    assert form["documento_obligado"] == NIT


def test_the_csharp_sample_is_sent_as_two_parts_of_a_form() -> None:
    sample = seed().split("C#")[1]
    text = re.search(r'AddParameter\("data", "(.*?)"\);', sample, re.DOTALL)
    issuer = re.search(r'AddParameter\("documento_obligado", "(\d+)"\)', sample)
    assert text
    assert issuer
    documented = json.loads(text[1].replace('\\"', '"'))
    cufe = documented["evento"][0]["informacion_documento_referencia"]["cufe"]

    with AfacturarSimulator(tokens={"token_cliente": issuer[1]}) as simulator:
        declared(
            afacturar(simulator.base_url, nit=issuer[1], token="token_cliente"),
            event(invoice_uuid=cufe, person=person(last_names="Apellido")),
            TRANSMISSION,
        )

    asked = simulator.calls[0]
    assert (asked.path, asked.encoding) == ("/api/radian/acuse_recibo_fev", "multipart")
    assert list(asked.fields) == ["data", "documento_obligado"]
    assert json.loads(asked.fields["data"]) == documented
    assert asked.fields["documento_obligado"] == issuer[1]
    # The two examples of «the same» event are about two invoices.
    assert cufe != CUFE


def test_a_claim_says_why_before_the_rest() -> None:
    claimed = written(event("031", claim_code="04"))["evento"][0]

    assert list(claimed) == ["encabezado", "informacion_documento_referencia", "quien_recibio_documento"]
    assert claimed["encabezado"] == {"tipo_reclamo": "04"}


def test_what_is_not_known_of_the_person_is_left_out() -> None:
    data = written(event(person=person(job=None, area=None)))

    assert set(data["evento"][0]["quien_recibio_documento"]) == {
        "tipo_identificacion",
        "identificacion",
        "nombres",
        "apellidos",
    }


def test_production_says_so_in_the_payload_too() -> None:
    data = written(event(), Environment.PRODUCTION)

    assert data["generalidades"]["tipo_ambiente_dian"] == 1


def test_the_integrator_is_a_setting() -> None:
    form = payload.event(
        opted(integrator_name="CAUCE", integrator_type="ERP-CAUCE"),
        NIT,
        Environment.TEST,
        event(),
        TRANSMISSION,
    )

    assert json.loads(form["data"])["generalidades"]["integrador"] == {"nombre": "CAUCE", "tipo": "ERP-CAUCE"}


def written(declared: Any, environment: Environment = Environment.TEST) -> Any:
    return json.loads(payload.event(opted(environment), NIT, environment, declared, TRANSMISSION)["data"])
