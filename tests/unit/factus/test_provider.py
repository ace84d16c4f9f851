"""What the adapter declares, where it connects, and what it keeps to itself."""

import traceback
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import AllowanceCharge, Kind
from cauce.domain.errors import (
    CauceError,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted
from cauce.providers.base import Verb
from cauce.providers.factus.provider import Factus
from tests.unit.factus.answers import CREATE, LOGIN, bill, prepared
from tests.unit.factus.builders import (
    SECRETS,
    factus,
    invoice,
    record,
)
from tests.unit.factus.conftest import Script


def test_what_each_dialect_declares() -> None:
    v1, v2 = Factus.declare({}), Factus.declare({"dialect": "v2"})

    assert v2.kinds - v1.kinds == {Kind.DEBIT_NOTE}
    assert (v1.quantity_scale, v2.quantity_scale) == (0, 2)
    assert v1.verbs == {Verb.LIST_EMITTED, Verb.RANGES, Verb.XML, Verb.PDF, Verb.DISCARD, Verb.UUID_OF}
    with pytest.raises(Unsupported):
        Factus.declare({"dialect": "v3"})


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        (Environment.TEST, "https://api-sandbox.factus.com.co"),
        (Environment.PRODUCTION, "https://api.factus.com.co"),
    ],
)
def test_the_host_follows_the_environment(
    environment: Environment, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cauce.providers import http

    asked: list[str] = []

    def client(base_url: str, **_: Any) -> Any:
        asked.append(base_url)
        raise NotSent("enough")

    monkeypatch.setattr(http, "client", client)
    provider = factus(environment=environment, base_url="")
    with pytest.raises(NotSent):
        provider.ranges()

    assert asked == [host]


def test_no_secret_shows_in_what_is_printed_raised_or_archived(script: Script, v1: Factus) -> None:
    said = [repr(v1), str(vars(v1)), repr(v1.connection), repr(prepared(v1)), prepared(v1).body.decode()]
    for status in (400, 401, 500, 200):
        script.answer(LOGIN, status, {"error": "invalid_grant"} if status != 200 else b"<html>")
        with pytest.raises(CauceError) as trouble:
            v1.send(prepared(v1))
        said.append("".join(traceback.format_exception(trouble.value)))
        said.append(repr(trouble.value) + str(vars(trouble.value)))
    script.answer(CREATE, 500, {"message": "Server Error"})
    with pytest.raises(OutcomeUnknown) as doubt:
        v1.send(prepared(v1))
    said.append("".join(traceback.format_exception(doubt.value)) + repr(doubt.value.raw))

    kept = [*SECRETS.values(), "t0k3n-1", "r3fr35h-1"]
    assert [secret for secret in kept for text in said if secret in text] == []


def test_a_tip_counts_in_the_total_that_is_compared(script: Script, v1: Factus) -> None:
    tip = AllowanceCharge(
        is_charge=True, reason_code="03", reason="Propina", amount=Decimal(500), base_amount=Decimal(50000)
    )
    script.answer(CREATE, 201, bill(total="60000.00"))

    outcome = v1.send(v1.prepare(record(invoice(allowance_charges=(tip,)))))

    assert isinstance(outcome, Accepted)
    assert outcome.payable == Decimal(60000)
