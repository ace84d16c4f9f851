"""What FacEPro answers is about the document that it was asked about, or nothing is made of it."""

from typing import Any

import httpx
import pytest

from cauce.domain.errors import Conflict
from cauce.domain.outcome import AlreadyProcessed, Outcome, Rejected
from tests.unit.facepro.builders import facepro, invoice, record
from tests.unit.facepro.test_answer import shown

RULE_90 = "Regla: 90, Rechazo: Documento procesado anteriormente."


def sent(consulted: dict[str, Any], *errors: str) -> Outcome:
    """The outcome of a document that is refused, and explained afterwards as it says here."""
    answers: dict[str, dict[str, Any]] = {
        "POST": {"ok": True, "data": shown(estado="rechazado")},
        "GET": {"ok": True, "documento": consulted, "dian": {"is_valid": False, "errors": list(errors)}},
    }
    provider = facepro()
    network = httpx.MockTransport(lambda request: httpx.Response(200, json=answers[request.method]))
    provider._calls._client = httpx.Client(base_url="http://facepro.invalid", transport=network)
    return provider.send(provider.prepare(record(invoice())))


def test_a_refusal_is_explained_by_the_rules_of_that_document() -> None:
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
def test_a_refusal_is_not_explained_by_what_is_told_of_another(other: dict[str, Any]) -> None:
    with pytest.raises(Conflict, match="otro documento"):
        sent(shown(estado="aceptado", **other), "Regla: FAK24, Rechazo: DV")


def test_a_refusal_by_rule_90_that_only_asking_tells_is_a_doubt() -> None:
    found = sent(shown(estado="rechazado"), RULE_90)

    assert isinstance(found, AlreadyProcessed)
    assert not any(name.startswith("rejected:") for name in found.provider_ids)
