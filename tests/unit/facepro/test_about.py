"""What FacEPro answers is about the document that it was asked about, or nothing is made of it."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cauce.domain.errors import Conflict
from cauce.domain.outcome import AlreadyProcessed, Outcome, Rejected
from cauce.domain.record import Record
from cauce.exchange import attempt
from cauce.providers import http
from cauce.providers.facepro import answer
from tests.unit.facepro.builders import facepro, invoice, knowing, record
from tests.unit.facepro.test_answer import shown

RULE_90 = "Regla: 90, Rechazo: Documento procesado anteriormente."


Sent = Callable[..., Outcome]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The outcome of a document that is refused, and explained afterwards as it says here."""

    def outcome(consulted: dict[str, Any], *errors: str) -> Outcome:
        answers: dict[str, dict[str, Any]] = {
            "POST": {"ok": True, "data": shown(estado="rechazado")},
            "GET": {"ok": True, "documento": consulted, "dian": {"is_valid": False, "errors": list(errors)}},
        }
        network = httpx.MockTransport(lambda request: httpx.Response(200, json=answers[request.method]))
        monkeypatch.setattr(
            http, "client", lambda base_url, **_: httpx.Client(base_url=base_url, transport=network)
        )
        provider = facepro()
        return provider.send(provider.prepare(record(invoice())))

    return outcome


def test_a_refusal_is_explained_by_the_rules_of_that_document(sent: Sent) -> None:
    found = sent(shown(estado="rechazado"), "Regla: FAK24, Rechazo: DV")

    assert isinstance(found, Rejected)
    assert [message.rule for message in found.rejections] == ["FAK24"]


@pytest.mark.parametrize(
    "other",
    [
        {"tracking_id": "another"},
        {"consecutivo": 990000012},
        {"adquirente": {"documento": "1"}},
        {"totales": {"total": 1}},
        {"cufe": "b" * 96},
        {"tipo_documento": "nota_credito"},
    ],
    ids=["id", "number", "buyer", "total", "CUFE", "kind"],
)
def test_a_refusal_is_not_explained_by_what_is_told_of_another(sent: Sent, other: dict[str, Any]) -> None:
    with pytest.raises(Conflict, match="otro documento"):
        sent(shown(estado="aceptado", **other), "Regla: FAK24, Rechazo: DV")


def test_a_refusal_by_rule_90_that_only_asking_tells_is_a_doubt(sent: Sent) -> None:
    found = sent(shown(estado="rechazado"), RULE_90)

    assert isinstance(found, AlreadyProcessed)
    assert not any(name.startswith("rejected:") for name in found.provider_ids)


# What is asked about ------------------------------------------------------------------------------


def told(**changes: Any) -> Outcome:
    return answer.outcome(json.dumps({"ok": True, "documento": shown(**changes)}).encode())


def known_as(outcome: Outcome) -> Record:
    """A record that this was told of before."""
    kept = knowing(record(invoice()), outcome)
    return kept.model_copy(update={"number": outcome.number, "uuid": outcome.uuid})


def test_what_is_told_of_the_same_document_is_believed() -> None:
    assert attempt.of_another(facepro(), known_as(told(estado="pendiente")), told()) is None
    assert attempt.of_another(facepro(), record(invoice()), told()) is None


@pytest.mark.parametrize(
    "other",
    [
        {"tracking_id": "another"},
        {"consecutivo": 990000012},
        {"prefijo": "SETT"},
        {"adquirente": {"documento": "71234568"}},
        {"totales": {"total": 145776}},
        {"cufe": "b" * 96},
        {"tipo_documento": "nota_credito"},
    ],
    ids=["id", "number", "prefix", "buyer", "total", "CUFE", "kind"],
)
@pytest.mark.parametrize("estado", ["aceptado", "rechazado", "pendiente"])
def test_what_is_told_of_another_is_nobody_s_verdict(other: dict[str, Any], estado: str) -> None:
    why = attempt.of_another(facepro(), known_as(told(estado="pendiente")), told(estado=estado, **other))

    assert why is not None and why.startswith("FacEPro Cloud respondió por un documento que no es este")


def test_its_correction_has_another_number_and_cufe_than_the_attempt_that_was_refused() -> None:
    refused = known_as(told(estado="rechazado"))
    corrected = told(tracking_id="new", consecutivo=990000012, cufe="b" * 96)

    assert attempt.of_another(facepro(), refused, corrected) is None
