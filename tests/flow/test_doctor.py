"""``cauce doctor``: all that must hold before an issuer can emit, with a harmless call to each provider."""

import json
from dataclasses import asdict, replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto.ses.models import ses_backends

from cauce.admin import stack as stack_in_use
from cauce.admin.account import Account
from cauce.aws.settings import Settings
from cauce.domain.issuer import Environment, Issuer
from cauce.gateway import Gateway
from cauce.law import values
from cauce.telling import endpoints
from tests import dian_issuers, stack
from tests.simulators.dian import DianSimulator
from tests.simulators.factus import FactusSimulator


@pytest.fixture
def resources(resources: Settings) -> Settings:
    stack.client("sesv2").create_email_identity(EmailIdentity="empresa.example")
    (known,) = ses_backends["123456789012"][stack.REGION].email_identities.values()
    known.verified_for_sending_status = True  # as once its owner proved it
    return replace(resources, mail_set="cauce-mail")


@pytest.fixture
def dians(gateway: Gateway, dian: DianSimulator) -> Issuer:
    found = dian_issuers.enrolled(gateway, dian).model_copy(update={"environment": Environment.PRODUCTION})
    gateway.issuers.save(found)
    return found


def test_credentials_are_tried_by_a_call_that_changes_nothing(
    cauce: Any, dian: DianSimulator, dians: Issuer, everything: Any
) -> None:
    before, heard = everything(), len(dian.requests)

    shown = cauce("doctor", dians.nit)

    assert shown.exit_code == 0, shown.output
    assert "✔ consulta dian: " in shown.output and "respondió a una consulta" in shown.output
    assert "✔ certificado dian: " in shown.output and "✔ numeracion dian factura SETP: " in shown.output
    assert len(dian.requests) == heard + 1
    assert everything() == before


def test_credentials_that_a_provider_refuses_stop_the_issuer(
    cauce: Any, gateway: Gateway, factus: FactusSimulator, issuer: Issuer
) -> None:
    other = issuer.model_copy(update={"nit": "900555666", "check_digit": "1"})
    gateway.issuers.save(other)
    stack.keep_credentials(other.nit, "factus", {**asdict(factus.credentials), "password": "otra"})

    shown = cauce("doctor", other.nit)

    assert shown.exit_code == 1
    assert "✗ consulta factus: Factus no aceptó las credenciales." in shown.output
    assert "operador: " in shown.output


def test_a_provider_that_is_out_is_no_fault_of_the_issuer(
    cauce: Any, gateway: Gateway, factus: FactusSimulator, issuer: Issuer
) -> None:
    factus.stop()

    shown = cauce("doctor", issuer.nit)

    assert shown.exit_code == 0, shown.output
    assert "! consulta factus: Factus no respondió a una consulta" in shown.output


def test_without_credentials_nobody_is_called(cauce: Any, gateway: Gateway, issuer: Issuer) -> None:
    gateway.issuers.save(issuer.model_copy(update={"providers": dict.fromkeys(issuer.providers, "facepro")}))

    shown = cauce("doctor", issuer.nit)

    assert shown.exit_code == 1
    assert "✗ credenciales facepro: Faltan credenciales" in shown.output
    assert "consulta facepro" not in shown.output


def test_a_webhook_that_is_off_or_fails_is_named_with_what_to_do(
    cauce: Any, gateway: Gateway, issuer: Issuer
) -> None:
    made, _ = endpoints.create(gateway, issuer.nit, "https://erp.example/x", (), "", by="operador")
    assert f"✔ webhook: El webhook {made.id} recibe" in cauce("doctor", issuer.nit).output

    endpoints.change(gateway, gateway.endpoints.read(issuer.nit, made.id), active=False)

    shown = cauce("doctor", issuer.nit).output
    assert f"! webhook: El webhook {made.id} está desactivado." in shown
    assert f"cauce webhook enable {issuer.nit} {made.id}" in shown


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ("Empresa <facturas@empresa.example>", "✔ correo: El correo sale de"),
        ("facturas@otra.example", "! correo: SES no envía por facturas@otra.example."),
        (None, "✔ correo: Cauce no envía correo"),
    ],
)
def test_the_address_that_mail_leaves_from_is_looked_for_at_ses(
    cauce: Any, gateway: Gateway, issuer: Issuer, sender: str | None, said: str
) -> None:
    gateway.issuers.save(issuer.model_copy(update={"mail_from": sender}))

    assert said in cauce("doctor", issuer.nit).output


def test_programs_read_the_same_points(cauce: Any, dians: Issuer) -> None:
    (found,) = json.loads(cauce("doctor", dians.nit, "--json").output)["emisores"]

    assert (found["nit"], found["ambiente"]) == (dians.nit, "produccion")
    by_name = {(each["punto"], each["tipo_documento"]): each for each in found["puntos"]}
    assert by_name["consulta", None]["estado"] == "listo"
    assert by_name["numeracion", "factura"]["dias_restantes"] > 30


def test_without_a_nit_every_active_issuer_is_looked_at(
    cauce: Any, gateway: Gateway, issuer: Issuer, dians: Issuer
) -> None:
    both = cauce("doctor").output
    assert f"NIT {issuer.nit}," in both and f"NIT {dians.nit}," in both

    gateway.issuers.save(dians.model_copy(update={"active": False}))
    assert f"NIT {dians.nit}," not in cauce("doctor").output


# The stack


class Told:
    """What AWS says of an account, as a test wants it."""

    def __init__(self, executions: int | None, raised: list[str] | None):
        self._executions, self._raised = executions, raised

    def executions(self) -> int | None:
        return self._executions

    def raised(self, stack: str) -> list[str] | None:
        return self._raised


@pytest.mark.parametrize(
    ("executions", "said"),
    [
        (
            10,
            "! cuenta de AWS: La cuenta corre 10 funciones a la vez: el perfil que le cabe es «cuenta-nueva».",
        ),
        (50, "«habilitacion»."),
        (1000, "✔ cuenta de AWS: La cuenta corre 1000 funciones a la vez"),
        (None, "! cuenta de AWS: AWS no dijo"),
    ],
)
def test_the_profile_that_fits_the_account_is_named(
    cauce: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, executions: int | None, said: str
) -> None:
    monkeypatch.setattr(stack_in_use, "account", lambda: Told(executions, []))

    shown = cauce("doctor", issuer.nit, "--stack").output
    assert said in shown
    assert "✔ alarmas: Ninguna" in shown and "✔ colas: La cola de emisión no ha abandonado" in shown
    assert "cuenta de AWS" not in cauce("doctor", issuer.nit).output


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ((), "✔ valores de ley: Los valores de "),
        (("UVT",), "! valores de ley: Cauce todavía no tiene los valores de "),
    ],
)
def test_the_years_values_that_are_missing_are_told(
    cauce: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(values, "absent", lambda _year: missing)

    assert said in cauce("doctor", issuer.nit).output


@pytest.mark.parametrize(
    ("raised", "said"),
    [(["DeadLettersAlarm"], "Alarmas encendidas: DeadLettersAlarm."), (None, "AWS no dijo")],
)
def test_alarms_that_are_raised_lead_to_the_runbook(
    cauce: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, raised: list[str] | None, said: str
) -> None:
    monkeypatch.setattr(stack_in_use, "account", lambda: Told(1000, raised))

    shown = cauce("doctor", issuer.nit, "--pila").output
    assert f"! alarmas: {said}" in shown


def test_messages_that_a_queue_gave_up_are_counted(
    cauce: Any, gateway: Gateway, resources: Settings, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_in_use, "account", lambda: Told(1000, []))
    sqs = boto3.client("sqs", region_name="us-east-1")
    dead = next(url for url in sqs.list_queues()["QueueUrls"] if "dead" in url and "intake" in url)
    sqs.send_message(QueueUrl=dead, MessageBody="{}")

    shown = cauce("doctor", issuer.nit, "--stack").output
    assert "! colas: La cola de entrada abandonó 1" in shown and "cauce queue redrive" in shown


def test_what_aws_answers_is_read_and_a_refusal_is_nothing_said() -> None:
    account = Account(boto3.Session(region_name="us-east-1"))
    with Stubber(account._lambda) as functions, Stubber(account._cloudwatch) as alarms:
        functions.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}})
        functions.add_client_error("get_account_settings", "AccessDeniedException")
        alarms.add_response(
            "describe_alarms",
            {"MetricAlarms": [{"AlarmName": "cauce-B-1"}, {"AlarmName": "cauce-A-1"}]},
            {"StateValue": "ALARM", "AlarmNamePrefix": "cauce-"},
        )
        alarms.add_client_error("describe_alarms", "AccessDenied")

        assert (account.executions(), account.executions()) == (10, None)
        assert (account.raised("cauce"), account.raised("cauce")) == (["A-1", "B-1"], None)
