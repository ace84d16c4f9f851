"""DIAN direct on the deployed template: every kind inline, a lost answer, and a kill at every side effect."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from cauce.domain.issuer import Issuer
from cauce.domain.record import State
from cauce.numbering.sync import sync_ranges
from cauce.reception import access
from tests import dian_issuers
from tests.documents import invoice, note, support_document
from tests.e2e.conftest import Run, World
from tests.e2e.journeys import verdict
from tests.e2e.test_killed import settle
from tests.flow.handlers import http_event
from tests.simulators.dian import DianSimulator
from tests.unit.dian.talking import simulator

NIT, SUPPLIER = "900700001", "800199436"


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with simulator(NIT, SUPPLIER) as running:
        yield running


def enrol(world: World, dian: DianSimulator) -> tuple[Issuer, str]:
    """The issuer of these tests, pointed at this simulator, and a token of its own."""
    issuer = dian_issuers.issuer(dian, NIT, number=world.gateway.counters.next("issuer"))
    world.gateway.issuers.save(issuer)
    secrets = world.stack.engine.client("secretsmanager")
    name = f"{world.stack.secret_prefix}/{NIT}/dian"
    with suppress(secrets.exceptions.ResourceExistsException):  # the account is the same for every test
        secrets.create_secret(Name=name, SecretString=json.dumps(dian_issuers.credentials(NIT)))
    sync_ranges(world.gateway, issuer, "dian")
    return issuer, access.grant(world.gateway, NIT, name="ERP", email="erp@empresa.example")[1]


def emit_every_kind(world: World, dian: DianSimulator) -> None:
    issuer, bearer = enrol(world, dian)
    bill = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)

    with world.client(bearer) as api:

        def posted(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = api.post(path, json=body)
            assert answer.status_code == 201, answer.text
            data: dict[str, Any] = answer.json()["data"]
            assert data["estado"] == "aceptado", data
            xml = api.get(f"/documentos/{data['tracking_id']}/xml").content
            assert dian_issuers.is_verified(xml, issuer.nit)
            assert data["cufe"].encode() in xml
            return data

        sold = posted("/documentos", invoice())
        delivered = api.get(f"/documentos/{sold['tracking_id']}/xml", params={"contenedor": "1"})
        assert dian_issuers.is_verified(delivered.content, issuer.nit)
        drawn = api.get(f"/documentos/{sold['tracking_id']}/pdf")
        assert (drawn.status_code, drawn.headers["Content-Type"]) == (200, "application/pdf"), drawn.text
        assert drawn.content.startswith(b"%PDF")
        today = sold["fecha_emision"][:10]
        posted("/notas-credito", note(sold["numero_completo"], sold["cufe"], fecha=today))
        posted("/notas-debito", note(sold["numero_completo"], sold["cufe"], fecha=today, codigo="3"))
        bought = posted("/documentos-soporte", support_document())
        posted("/notas-ajuste", dian_issuers.adjustment(bought["numero_completo"], bought["cufe"], today))
        posted("/eventos", dian_issuers.acknowledgement(bill))

    assert dian.documents_received == 7  # the supplier's bill too


def test_every_kind_is_validated_while_its_caller_waits(world: World, dian: DianSimulator):
    emit_every_kind(world, dian)


def test_every_kind_is_validated_with_every_policy_enforced(strict_world: World, dian: DianSimulator):
    emit_every_kind(strict_world, dian)


def test_an_answer_lost_after_dian_accepted_is_settled_by_the_schedule(world: World, dian: DianSimulator):
    issuer, bearer = enrol(world, dian)
    dian.lose_next_answer(stored=True)
    with world.client(bearer) as api:
        posted = api.post("/documentos", json=invoice()).json()["data"]
        doubtful = world.gateway.records.read(issuer.nit, posted["tracking_id"])
        world.gateway.records.save(doubtful.model_copy(update={"due_at": doubtful.created_at}))
        world.stack.run_schedule("settle")
        settled = verdict(api, posted["tracking_id"])

    assert (doubtful.state, settled) == (State.UNKNOWN, "aceptado")
    assert (len(dian_issuers.files_sent(dian)), dian.documents_received) == (1, 1)


def test_a_post_survives_a_kill_at_every_side_effect(world: World, dian: DianSimulator, run: Run):
    issuer, bearer = enrol(world, dian)

    def event(reference: str) -> dict[str, Any]:
        return http_event("POST", "/documentos", invoice(referencia=reference), bearer=bearer, headers={})

    # The first answer ends what another test left of an outage, which is a side effect of that one alone.
    run(event("ANTES"), 0, "after")
    effects = run(event("K-0"), 0, "after")
    assert any(name.endswith("WcfDianCustomerServices.svc") for name in effects), effects
    last = world.gateway.records.by_reference(issuer.nit, "K-0")
    assert last is not None and last.state is State.ACCEPTED
    for position, name in enumerate(effects, start=1):
        for when in ("before", "after"):
            reference, where = f"K-{position}-{when}", f"killed {when} {position} {name}"
            run(event(reference), position, when)

            with world.client(bearer) as api:
                repeated = api.post("/documentos", json=invoice(referencia=reference))
            assert repeated.status_code == 201, repeated.text
            kept = settle(world, issuer.nit, repeated.json()["data"]["tracking_id"])

            at_dian = [v for v in dian.documents if v.number == str(kept.number)]
            assert kept.state is State.ACCEPTED, f"{where}: {kept.state}, {[s.what for s in kept.steps]}"
            assert [(v.uuid, v.times_sent) for v in at_dian] == [(kept.uuid, 1)], where
            assert kept.number is not None and last.number is not None
            assert kept.number.consecutive == last.number.consecutive + 1, f"{where}: a gap"
            assert dian_issuers.is_verified(world.gateway.archive.read(kept.signed_xml or ""), issuer.nit)
            last = kept
    names = [verdict.file_name for verdict in dian.documents]
    assert len(set(names)) == len(names)
