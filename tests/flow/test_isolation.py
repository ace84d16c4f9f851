"""Two issuers in one stack: neither sees, reaches or disturbs anything of the other's."""

from collections.abc import Iterator
from typing import Any

import pytest

from cauce.domain.access_token import read_bearer
from cauce.domain.issuer import Issuer
from cauce.emission import sending
from cauce.reception import access
from tests.documents import invoice, support_document
from tests.flow.conftest import enrol
from tests.flow.test_emission import emitted
from tests.simulators.factus import FactusSimulator


@pytest.fixture
def other_factus() -> Iterator[FactusSimulator]:
    """The other issuer's account, which is another one at the provider too."""
    with FactusSimulator() as simulator:
        yield simulator


@pytest.fixture
def other(gateway, issuer, other_factus) -> Issuer:
    return enrol(gateway, other_factus, "800197268", name="OTRA EMPRESA SAS")


@pytest.fixture
def as_other(gateway, other, call) -> Any:
    """``call``, with the other issuer's token."""
    bearer = access.grant(gateway, other.nit, name="Otro", email="")[1]
    return lambda method, path, body=None, **headers: call(method, path, body, bearer=bearer, **headers)


def test_anothers_document_is_not_found_by_its_id(call, as_other, drain, other_factus):
    mine = emitted(call, drain)["tracking_id"]
    nobodys = as_other("GET", "/documentos/550e8400-e29b-41d4-a716-446655440000")

    for what in ("", "/consultar", "/xml", "/pdf"):
        assert call("GET", f"/documentos/{mine}{what}").status == 200
        answer = as_other("GET", f"/documentos/{mine}{what}")

        assert (answer.status, answer.json["codigo"]) == (404, "no_encontrado")
        assert answer.json["error"] == nobodys.json["error"]
        assert not other_factus.documents_received


def test_a_listing_has_only_ones_own_whatever_the_filter(call, as_other, drain):
    mine = [emitted(call, drain)["tracking_id"] for _ in range(3)]
    theirs = [emitted(as_other, drain)["tracking_id"] for _ in range(2)]

    for query in (
        "",
        "?estado=aceptado",
        "?desde=2020-01-01&hasta=2099-12-31",
        "?per_page=1&page=1",
        "?page=2",
    ):
        shown = [row["tracking_id"] for row in call("GET", f"/documentos{query}").json["data"]]
        other = [row["tracking_id"] for row in as_other("GET", f"/documentos{query}").json["data"]]
        assert set(shown) <= set(mine)
        assert set(other) <= set(theirs)
    assert {row["tracking_id"] for row in call("GET", "/documentos").json["data"]} == set(mine)
    assert {row["tracking_id"] for row in as_other("GET", "/documentos").json["data"]} == set(theirs)


def test_anothers_cursor_leads_nowhere(call, as_other, drain):
    """A cursor belongs to its issuer and to the search that it goes on with."""
    for each in (call, as_other):
        for _ in range(3):
            emitted(each, drain)
    cursor = call("GET", "/documentos?per_page=1").json["meta"]["cursor_siguiente"]

    for query in (f"?cursor={cursor}", f"?cursor={cursor}&estado=aceptado&per_page=1"):
        answer = as_other("GET", f"/documentos{query}")
        assert (answer.status, list(answer.json["errors"])) == (422, ["cursor"])


def test_the_same_reference_at_two_issuers_is_two_documents(call, as_other, drain, factus, other_factus):
    mine = emitted(call, drain, body=invoice(referencia="VENTA-1"))
    theirs = as_other("POST", "/documentos", invoice(referencia="VENTA-1", observaciones="otro contenido"))
    drain()

    assert theirs.status == 201
    assert "Idempotency-Replayed" not in theirs.headers
    assert theirs.json["data"]["tracking_id"] != mine["tracking_id"]
    assert (factus.documents_received, other_factus.documents_received) == (1, 1)
    again = as_other("POST", "/documentos", invoice(referencia="VENTA-1", observaciones="otro contenido"))
    assert again.json["data"]["tracking_id"] == theirs.json["data"]["tracking_id"]


def test_each_issuers_documents_go_to_its_own_account(call, as_other, drain, factus, other_factus):
    emitted(call, drain)
    emitted(as_other, drain, "/documentos-soporte", support_document())

    assert [len(rows) for rows in factus.documents.values() if rows] == [1]
    assert len(factus.documents["bills"]) == 1
    assert len(other_factus.documents["support-documents"]) == 1


def test_the_providers_listing_and_the_ranges_are_of_ones_own_account(call, as_other, drain, other_factus):
    number = emitted(call, drain)["numero_completo"]
    next(iter(other_factus.ranges.values())).prefix = "OTRO"

    assert [row["numero_completo"] for row in call("GET", "/emitidos").json["data"]] == [number]
    assert as_other("GET", "/emitidos").json["data"] == []
    as_other("POST", "/numeraciones/sincronizar")
    assert "OTRO" in {row["prefijo"] for row in as_other("GET", "/numeraciones").json["data"]}
    assert "OTRO" not in {row["prefijo"] for row in call("GET", "/numeraciones").json["data"]}


def test_me_says_whose_token_it_is(call, as_other, issuer, other):
    assert call("GET", "/me").json["tenant"]["nit"] == issuer.nit
    assert as_other("GET", "/me").json["tenant"]["nit"] == other.nit
    assert call("GET", "/me").json["tenant"]["id"] != as_other("GET", "/me").json["tenant"]["id"]


def test_anothers_id_with_ones_own_secret_opens_nothing(call, gateway, issuer, other, token):
    theirs = access.grant(gateway, other.nit, name="Otro", email="")[1]
    crossed = f"{theirs.partition('|')[0]}|{token.partition('|')[2]}"

    assert call("GET", "/me", bearer=crossed).status == 401
    assert call("GET", "/me", bearer=theirs).json["tenant"]["nit"] == other.nit


def test_a_revoked_token_opens_nothing_and_its_neighbours_go_on(call, gateway, issuer, token):
    second = access.grant(gateway, issuer.nit, name="Segundo", email="")[1]
    access.revoke(gateway, issuer.nit, read_bearer(token).id)

    for method, path in (("GET", "/me"), ("GET", "/documentos"), ("POST", "/documentos")):
        refused = call(method, path, invoice() if method == "POST" else None)
        assert (refused.status, refused.json["codigo"]) == (401, "no_autenticado")
        assert refused.json["error"] == call(method, path, bearer="99|" + "x" * 40).json["error"]
        assert call(method, path, invoice() if method == "POST" else None, bearer=second).status in (200, 201)


def test_a_suspended_issuer_reads_and_emits_nothing_and_the_other_goes_on(
    call, as_other, gateway, issuer, factus, drain
):
    mine = emitted(call, drain)["tracking_id"]
    gateway.issuers.save(issuer.model_copy(update={"active": False}))

    for method, path in (
        ("GET", "/me"), ("GET", "/documentos"), ("GET", f"/documentos/{mine}"), ("GET", f"/documentos/{mine}/xml"),
        ("GET", "/emitidos"), ("GET", "/numeraciones"), ("POST", "/numeraciones/sincronizar"),
        ("POST", "/documentos"),
    ):  # fmt: skip
        refused = call(method, path, invoice() if method == "POST" else None)
        assert (refused.status, refused.json["codigo"]) == (403, "emisor_suspendido")
    assert factus.documents_received == 1
    assert emitted(as_other, drain)["estado"] == "aceptado"


def test_the_archive_keeps_each_issuer_under_its_own_nit(call, as_other, drain, gateway, issuer, other):
    mine, theirs = emitted(call, drain), emitted(as_other, drain)

    for nit, document in ((issuer.nit, mine), (other.nit, theirs)):
        assert gateway.records.read(nit, document["tracking_id"]).signed_xml.startswith(f"{nit}/")


def test_a_queued_job_of_one_issuer_cannot_name_anothers_document(call, gateway, other, other_factus):
    mine = call("POST", "/documentos", invoice(), Prefer="respond-async").json["data"]["tracking_id"]

    with pytest.raises(Exception, match="no existe"):
        sending.emit(gateway, gateway.records.read(other.nit, mine))
    assert not other_factus.documents_received
