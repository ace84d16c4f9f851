"""What the adapter declares, where it connects, and what it keeps to itself."""

from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import AllowanceCharge, Kind
from cauce.domain.errors import NotSent, Unsupported
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted
from cauce.providers.base import Verb
from cauce.providers.factus.provider import Factus
from tests.unit.factus.answers import CREATE, bill
from tests.unit.factus.builders import factus, invoice, record
from tests.unit.factus.conftest import Script


def test_what_each_dialect_declares() -> None:
    v1, v2 = Factus.declare({}), Factus.declare({"dialect": "v2"})

    assert v2.kinds - v1.kinds == {Kind.DEBIT_NOTE}
    assert (v1.quantity_scale, v2.quantity_scale) == (0, 2)
    assert v1.verbs == {
        *(Verb.LIST_EMITTED, Verb.RANGES, Verb.XML, Verb.PDF, Verb.DISCARD, Verb.UUID_OF, Verb.ACQUIRER)
    }
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


def test_a_tip_counts_in_the_total_that_is_compared(script: Script, v1: Factus) -> None:
    tip = AllowanceCharge(
        is_charge=True, reason_code="03", reason="Propina", amount=Decimal(500), base_amount=Decimal(50000)
    )
    script.answer(CREATE, 201, bill(total="60000.00"))

    outcome = v1.send(v1.prepare(record(invoice(allowance_charges=(tip,)))))

    assert isinstance(outcome, Accepted)
    assert outcome.payable == Decimal(60000)
