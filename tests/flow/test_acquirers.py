"""Who a buyer is: asked for by itself, or for a document that has only their identification (Ley 1581 of 2012,
Resolución 000202 of 2025)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cauce.aws import keys
from cauce.domain.access_token import AccessToken, Scope
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.providers.guard import ACQUIRER_SECONDS
from cauce.reception import access
from tests import dian_issuers, stack
from tests.dian_issuers import SUPPLIER
from tests.documents import invoice
from tests.flow.conftest import enrol
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.accounts import Acquirer as Known
from tests.simulators.factus import FactusSimulator

LUCIA = "/adquirientes/13/52123987"


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def token(gateway: Gateway, issuer: Issuer) -> str:
    """One that was given the scope by its name."""
    return access.grant(gateway, issuer.nit, name="ERP", email="", scopes=Scope)[1]


@pytest.fixture
def usual(gateway: Gateway, issuer: Issuer) -> str:
    """One that was given no scope by name."""
    return access.grant(gateway, issuer.nit, name="caja", email="")[1]


@pytest.fixture
def limited(gateway: Gateway, issuer: Issuer) -> Any:
    return lambda most: gateway.issuers.save(issuer.model_copy(update={"acquirers_a_day": most}))


@pytest.fixture
def asked(dian: DianSimulator) -> Any:
    """How many times DIAN was asked for a buyer."""
    return lambda: sum("GetAcquirer" in request.path for request in dian.requests)


def only_the_id(number: str = "52123987", **changes: Any) -> dict[str, Any]:
    """A request that says of its buyer the identification alone."""
    body = invoice(**changes)
    return {**body, "adquiriente": {"tipo_documento": "13", "numero_documento": number}}


def bought_by(gateway: Gateway, issuer: Issuer, answer: Any) -> Any:
    assert answer.status == 201, answer.text
    record = gateway.records.read(issuer.nit, answer.json["data"]["tracking_id"])
    return record.document.counterparty


# The route


def test_dian_tells_a_name_and_an_e_mail_and_we_the_check_digit(call: Any) -> None:
    person, company = (
        call("GET", LUCIA).json["data"],
        call("GET", f"/adquirientes/31/{SUPPLIER}").json["data"],
    )

    assert person.pop("consultado_en").endswith("-05:00")
    assert person == {
        "tipo_documento": "13",
        "numero_documento": "52123987",
        "dv": None,
        "razon_social": "LUCIA RAMIREZ",
        "email": "lucia@example.com",
        "origen": "dian",
    }
    assert (company["dv"], company["razon_social"]) == ("4", "EMPRESA")


def test_no_token_has_the_scope_that_was_not_given_it_by_name(
    call: Any, usual: str, gateway: Gateway, asked: Any
) -> None:
    refused = call("GET", LUCIA, bearer=usual)

    assert (refused.status, refused.json["alcance"]) == (403, "adquirientes")
    # One that was stored before there was this scope.
    old = {"id": 9, "issuer": "1", "name": "x", "email": "", "secret_hash": "x", "created_at": gateway.now()}
    assert AccessToken.model_validate(old).scopes == set(Scope) - {Scope.ACQUIRERS, Scope.NOTIFY}
    assert asked() == 0


def test_an_answer_is_kept_a_day_for_its_issuer_alone_and_nothing_of_it_in_clear(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any, clock: Any, everything: Any, dian: DianSimulator
) -> None:
    call("GET", LUCIA)
    dian.acquirers["13", "52123987"] = Known("OTRA PERSONA")

    again = call("GET", "/adquirientes/13/52.123.987")

    assert (again.json["data"]["razon_social"], asked()) == ("LUCIA RAMIREZ", 1)
    kept = json.dumps({str(key): item for key, item in everything().items() if key[0].startswith("ACQUIRER")})
    assert "ACQUIRER#" in kept
    assert not [text for text in ("LUCIA", "lucia@", "52123987") if text in kept]
    assert gateway.acquirers.read("800199436", "13", "52123987", gateway.now()) is None

    clock.advance(hours=24)
    assert call("GET", LUCIA).json["data"]["razon_social"] == "OTRA PERSONA"


def test_what_another_issuer_s_item_holds_does_not_open(gateway: Gateway, call: Any, issuer: Issuer) -> None:
    call("GET", LUCIA)
    table = stack.client("dynamodb")
    mine, other = keys.acquirer(issuer.nit, "13", "52123987"), keys.acquirer("800199436", "13", "52123987")
    item = table.get_item(TableName="cauce", Key={name: {"S": text} for name, text in mine.items()})["Item"]
    table.put_item(TableName="cauce", Item={**item, **{name: {"S": text} for name, text in other.items()}})

    assert gateway.acquirers.read("800199436", "13", "52123987", gateway.now()) is None


def test_beyond_the_issuer_s_limit_of_the_day_in_bogota_the_route_is_429_and_a_post_422(
    call: Any, limited: Any, asked: Any, clock: Any, dian: DianSimulator
) -> None:
    limited(1)
    dian.acquirers["13", "71234567"] = Known("JUAN PEREZ")
    call("GET", LUCIA)

    over = call("GET", "/adquirientes/13/71234567")
    posted = call("POST", "/documentos", only_the_id("71234567"))

    assert (over.status, over.json["codigo"], over.json["limite"]) == (429, "quota_excedida", 1)
    assert 0 < int(over.headers["Retry-After"]) <= 86_400
    assert posted.status == 422
    assert "Hoy ya se consultaron los 1 adquirientes" in posted.json["errors"]["adquiriente.razon_social"][0]
    assert (call("GET", LUCIA).status, asked()) == (200, 1)  # what was looked up already costs nothing

    clock.advance(seconds=int(over.headers["Retry-After"]) + 1)
    assert call("GET", "/adquirientes/13/71234567").status == 200


def test_an_operator_may_allow_none(call: Any, cauce: Any, issuer: Issuer, asked: Any) -> None:
    assert "0 consultas al día" in cauce("issuer", "update", issuer.nit, "--acquirers", "0").output

    assert (call("GET", LUCIA).status, asked()) == (429, 0)


@pytest.mark.parametrize(
    ("path", "field", "said"),
    [
        ("/adquirientes/99/52123987", "tipo", "debe ser uno de estos códigos"),
        ("/adquirientes/cedula/52123987", "tipo", "debe ser uno de estos códigos"),
        ("/adquirientes/13/ABC", "numero", "solo dígitos"),
        ("/adquirientes/31/8001994364", "numero", "pida 800199436, sin él"),
        ("/adquirientes/31/800199436-7", "numero", "debe ser 4"),
        (f"{LUCIA}?x=1", "x", "no existe"),
    ],
)
def test_what_is_no_identification_is_refused_by_its_part_and_not_asked(
    call: Any, asked: Any, path: str, field: str, said: str
) -> None:
    refused = call("GET", path)

    assert refused.status == 422
    assert said in refused.json["errors"][field][0]
    assert asked() == 0


def test_a_number_that_dian_does_not_know_is_404(call: Any) -> None:
    assert (call("GET", "/adquirientes/13/1").status, call("GET", "/adquirientes/13/1").json["codigo"]) == (
        404,
        "no_encontrado",
    )


def test_the_final_consumer_is_known_to_everybody(call: Any, asked: Any) -> None:
    found = call("GET", "/adquirientes/13/222222222222").json["data"]

    assert (found["razon_social"], found["email"], found["origen"], asked()) == (
        "consumidor final",
        None,
        None,
        0,
    )


def test_who_asked_is_in_the_audit_log_and_who_was_asked_for_in_no_log(
    call: Any, kept: Any, token: str, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="cauce")
    call("GET", LUCIA)
    call("GET", "/adquirientes/13/1")
    call("POST", "/documentos", only_the_id())

    lines = kept()
    number = int(token.split("|")[0].rpartition("_")[2])
    assert [(line["route"], line["token"], line["issuer"], line["codigo"]) for line in lines] == [
        ("/adquirientes/{tipo}/{numero}", number, issuer.nit, None),
        ("/adquirientes/{tipo}/{numero}", number, issuer.nit, "no_encontrado"),
        ("adquirientes", number, issuer.nit, None),
        ("/documentos", number, issuer.nit, None),
    ]
    said = json.dumps(lines) + caplog.text
    assert not [text for text in ("LUCIA", "lucia@", "52123987") if text in said]


# Only the identification


def test_the_identification_of_a_buyer_suffices(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any
) -> None:
    buyer = bought_by(gateway, issuer, call("POST", "/documentos", only_the_id()))

    assert (buyer.name, buyer.email) == ("LUCIA RAMIREZ", "lucia@example.com")
    assert (buyer.person_type, buyer.responsibilities, buyer.tax_scheme) == ("2", ("R-99-PN",), "ZZ")
    assert asked() == 1


def test_what_was_typed_stays(call: Any, gateway: Gateway, issuer: Issuer, asked: Any) -> None:
    body = only_the_id()
    named_ = {**body, "adquiriente": {**body["adquiriente"], "razon_social": "LUCÍA R."}}
    mailed = {**body, "adquiriente": {**body["adquiriente"], "email": "otra@example.com"}}

    by_name = bought_by(gateway, issuer, call("POST", "/documentos", named_))
    assert (by_name.name, by_name.email, asked()) == ("LUCÍA R.", None, 0)

    by_mail = bought_by(gateway, issuer, call("POST", "/documentos", mailed))
    assert (by_mail.name, by_mail.email, asked()) == ("LUCIA RAMIREZ", "otra@example.com", 1)


def test_the_final_consumer_comes_whole_without_a_look_up_and_with_any_token(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any, usual: str
) -> None:
    buyer = bought_by(gateway, issuer, call("POST", "/documentos", only_the_id("222222222222"), bearer=usual))

    assert (buyer.name, buyer.person_type, buyer.identification_type, asked()) == (
        "consumidor final",
        "2",
        "13",
        0,
    )


def test_a_repetition_is_one_though_the_buyer_is_called_otherwise_by_now_and_asks_nobody(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any, clock: Any, dian: DianSimulator
) -> None:
    body = only_the_id(referencia="V-1")
    first = call("POST", "/documentos", body)
    dian.acquirers["13", "52123987"] = Known("OTRA PERSONA")
    clock.advance(hours=25)

    again = call("POST", "/documentos", body)

    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json["data"]["tracking_id"] == first.json["data"]["tracking_id"]
    assert (bought_by(gateway, issuer, again).name, asked()) == ("LUCIA RAMIREZ", 1)


def test_a_correction_looks_its_buyer_up_and_a_conflict_nobody(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any, dian: DianSimulator
) -> None:
    dian.reject_next("FAK24", "x")
    body = only_the_id(referencia="V-1")
    assert call("POST", "/documentos", body).json["data"]["estado"] == "rechazado"
    dian.acquirers["13", "71234567"] = Known("JUAN PEREZ")

    corrected = call("POST", "/documentos", only_the_id("71234567", referencia="V-1"))
    assert bought_by(gateway, issuer, corrected).name == "JUAN PEREZ"
    assert (corrected.json["data"]["estado"], asked()) == ("aceptado", 2)

    refused = call("POST", "/documentos", body)
    assert (refused.status, refused.json["codigo"], asked()) == (409, "referencia_en_uso", 2)


def test_no_name_is_made_up_where_nobody_tells_one(
    call: Any, everything: Any, dian: DianSimulator, usual: str
) -> None:
    before = {key for key in everything() if key[0].startswith("RECORD")}

    def refusal(number: str, **how: Any) -> str:
        answer = call("POST", "/documentos", only_the_id(number), **how)
        assert (answer.status, list(answer.json.get("errors", {}))) == (422, ["adquiriente.razon_social"])
        return str(answer.json["errors"]["adquiriente.razon_social"][0])

    assert "no tiene el nombre" in refusal("1")
    assert "alcance «adquirientes»" in refusal("2", bearer=usual)
    dian.go_out(503, "GetAcquirer")
    assert "no respondió a tiempo" in refusal("3")
    dian.go_out("silent", "GetAcquirer")
    assert "no respondió a tiempo" in refusal("4")
    assert {key for key in everything() if key[0].startswith("RECORD")} == before


def test_a_look_up_that_nobody_answers_ends_in_two_seconds_and_holds_up_no_document(
    call: Any, dian: DianSimulator
) -> None:
    call("GET", "/me")
    dian.stall(4, operation="GetAcquirer")  # who waited that long would have a name
    assert call("POST", "/documentos", only_the_id()).status == 422
    assert ACQUIRER_SECONDS < 2
    dian.go_out(503, "GetAcquirer")
    assert [call("GET", LUCIA).status for _ in range(6)] == [503] * 6

    assert call("POST", "/documentos", invoice()).json["data"]["estado"] == "aceptado"


def test_validating_alone_looks_up_too_and_the_document_then_costs_no_other(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any
) -> None:
    assert call("POST", "/documentos?validar=solo", only_the_id()).status == 200
    bought_by(gateway, issuer, call("POST", "/documentos", only_the_id()))

    assert asked() == 1


def test_the_lines_of_a_lot_are_looked_up_in_their_turn_and_one_that_nobody_names_is_invalid(
    call: Any, gateway: Gateway, issuer: Issuer, asked: Any, kept: Any, usual: str, deliver: Any
) -> None:
    lines = [
        {"tipo": "factura", **only_the_id(referencia="L-1")},
        {"tipo": "factura", **only_the_id("1", referencia="L-2")},
    ]

    taken, refused = call("POST", "/lotes", lines), call("POST", "/lotes", lines, bearer=usual)

    assert (taken.json["data"]["aceptados"], refused.json["data"]["aceptados"], asked()) == (2, 0, 0)
    deliver()
    rows = call("GET", f"/lotes/{taken.json['data']['lote_id']}").json["documentos"]
    by_reference = {row["referencia"]: row for row in rows}
    record = gateway.records.by_reference(issuer.nit, "L-1")
    assert record is not None
    assert record.document.counterparty.name == "LUCIA RAMIREZ"
    assert by_reference["L-2"]["estado"] == "invalido"
    assert "no tiene el nombre" in str(by_reference["L-2"])
    assert [line["lot"] for line in kept() if line["route"] == "adquirientes"] == [
        taken.json["data"]["lote_id"]
    ] * 2


# Other providers, and the queue


@pytest.fixture
def through_factus(gateway: Gateway, factus: FactusSimulator) -> Issuer:
    return enrol(gateway, factus, "901724254")


@pytest.fixture
def their(gateway: Gateway, through_factus: Issuer) -> str:
    return access.grant(gateway, through_factus.nit, name="ERP", email="", scopes=Scope)[1]


def test_factus_tells_it_for_who_emits_through_factus(call: Any, their: str) -> None:
    found = call("GET", LUCIA, bearer=their).json["data"]

    assert (found["origen"], found["email"]) == ("factus", "mail_52123987@example.com")
    assert found["razon_social"].endswith("52123987")


def test_factus_takes_a_buyer_of_whom_only_the_identification_is_known(
    call: Any, their: str, drain: Any, factus: FactusSimulator
) -> None:
    posted = call("POST", "/documentos", only_the_id(), bearer=their)
    drain()

    assert posted.json["data"]["adquirente"]["razon_social"].endswith("52123987")
    assert factus.documents_received == 1


def test_a_look_up_waits_for_no_turn_that_comes_too_late(
    call: Any, their: str, gateway: Gateway, through_factus: Issuer, clock: Any
) -> None:
    call("GET", LUCIA, bearer=their)
    gateway.provider(through_factus, "factus").connection.turns.rest(3)
    before = clock.passed

    late = call("GET", "/adquirientes/13/71234567", bearer=their)

    assert (late.status, late.json["codigo"]) == (503, "proveedor_no_disponible")
    assert clock.passed - before < timedelta(seconds=1)  # the simulated sleep


def test_where_no_provider_tells_who_a_buyer_is_that_is_said(
    call: Any, gateway: Gateway, through_factus: Issuer, their: str
) -> None:
    change = {"providers": {Kind.INVOICE: "facepro"}, "settings": {}}
    gateway.issuers.save(through_factus.model_copy(update=change))

    looked_up = call("GET", LUCIA, bearer=their)
    posted = call("POST", "/documentos", only_the_id(), bearer=their)

    assert (looked_up.status, looked_up.json["codigo"]) == (422, "no_soportado")
    assert list(posted.json["errors"]) == ["adquiriente.razon_social"]


@pytest.mark.reads_the_date
def test_a_message_of_the_queue_has_no_token_so_its_buyer_must_be_named(
    call: Any, erp: Any, deliver: Any, asked: Any, clock: Any
) -> None:
    erp({"tipo": "factura", **only_the_id(referencia="Q-1")})
    deliver()

    day = bogota(clock()).date().isoformat()
    (row,) = call("GET", f"/lotes/cola-{day}").json["documentos"]
    assert (row["estado"], list(row["errors"]), asked()) == ("invalido", ["adquiriente.razon_social"], 0)
