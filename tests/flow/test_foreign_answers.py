"""What a provider tells of another document than the one that was sent or asked about: nobody's verdict, nobody's file."""

from dataclasses import replace
from typing import Any

import pytest

from cauce.domain.outcome import Identity, Rejected
from cauce.domain.record import Record, State
from cauce.providers.factus.provider import Factus
from tests.documents import invoice
from tests.records import noted

NIT = "901724254"


@pytest.fixture
def emitted(emitted: Any) -> Record:
    return emitted("V-1")


STRANGERS = [Identity(reference="V-2"), Identity(counterparty="71234568"), Identity(issuer="900999999")]


@pytest.fixture(params=STRANGERS, ids=["reference", "buyer", "issuer"])
def estranged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Whatever Factus answers to a document, it says that it is another's."""
    send = Factus.send
    monkeypatch.setattr(Factus, "send", lambda self, sent: replace(send(self, sent), about=request.param))
    return monkeypatch


def test_an_acceptance_of_another_document_is_a_person_s_and_ours_is_found_by_asking(
    estranged: Any, emitted: Record, asked: Any, factus: Any
) -> None:
    assert (emitted.state, emitted.needs_person, emitted.number) == (State.UNKNOWN, True, None)
    assert "un documento que no es este" in (emitted.last_error or "")

    estranged.undo()

    assert asked(emitted).state is State.ACCEPTED
    assert factus.documents_received == 1


def test_a_rejection_of_another_document_does_not_void_ours(
    monkeypatch: pytest.MonkeyPatch, call: Any, drain: Any, gateway: Any
) -> None:
    monkeypatch.setattr(Factus, "send", lambda *_: Rejected(about=STRANGERS[0]))

    posted = call("POST", "/documentos", invoice(referencia="V-1"))
    drain()

    record = gateway.records.read(NIT, posted.json["data"]["tracking_id"])
    assert (record.state, record.rejections) == (State.UNKNOWN, ())


def test_the_signed_xml_of_another_document_is_not_kept_as_ours(
    monkeypatch: pytest.MonkeyPatch, call: Any, drain: Any, gateway: Any, asked: Any, factus: Any
) -> None:
    xml = Factus.xml
    monkeypatch.setattr(
        Factus,
        "xml",
        lambda self, refs: xml(self, refs).replace(factus.documents["bills"][0].uuid.encode(), b"b" * 96),
    )
    posted = call("POST", "/documentos", invoice(referencia="V-1"))
    drain()

    record = gateway.records.read(NIT, posted.json["data"]["tracking_id"])
    assert (record.state, record.signed_xml) == (State.ACCEPTED, None)

    monkeypatch.setattr(Factus, "xml", xml)
    kept = asked(record)
    assert kept.signed_xml is not None
    assert (kept.uuid or "").encode() in gateway.archive.read(kept.signed_xml)


@pytest.mark.parametrize("prefix", ["of its range", "of another range", "of no range"])
def test_a_person_s_cufe_brings_the_number_with_it_and_claims_it(
    estranged: Any, emitted: Record, call: Any, factus: Any, gateway: Any, prefix: str
) -> None:
    bill = factus.documents["bills"][0]
    if prefix != "of its range":
        other = emitted.range.model_copy(update={"prefix": "OTRA"}) if "another" in prefix else None
        gateway.records.save(noted(emitted, "of another range", gateway.now(), range=other))
    body = {"accion": "aceptar", "motivo": "Es la nuestra", "cufe": bill.uuid}

    accepted = call("POST", f"/documentos/{emitted.document_id}/resolver", body)

    assert (accepted.status, accepted.json["estado"]) == (200, "aceptado"), accepted.text
    record = gateway.records.read(NIT, emitted.document_id)
    assert (str(record.number), record.number.prefix) == (bill.number, "SETP")
    assert gateway.records.by_number(NIT, record.kind, bill.number).document_id == record.document_id
