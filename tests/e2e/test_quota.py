"""A quota under many callers at once, on a table whose transactions are exact."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import QuotaExceeded
from cauce.domain.issuer import Period, Quota
from cauce.intake import documents
from tests.documents import invoice
from tests.e2e.conftest import World


@pytest.mark.parametrize("period", Period)
def test_as_many_are_taken_as_the_quota_says_and_never_one_more(world: World, period: Period):
    issuer, bearer = world.enrol(quota=Quota(limit=7, period=period))

    def ask(n: int) -> str:
        document = contract.document(Kind.INVOICE, invoice(referencia=f"V-{n}"))
        try:
            documents.take_in(world.gateway, issuer, document, contract.content_hash(document))
        except QuotaExceeded as spent:
            return f"refused: {spent.used} of {spent.limit} {spent.period}"
        return "taken"

    with ThreadPoolExecutor(16) as callers:
        answers = Counter(callers.map(ask, range(40)))

    assert answers == {"taken": 7, f"refused: 7 of 7 {period.value}": 33}
    with world.client(bearer) as api:
        assert len(api.get("/documentos?per_page=100").json()["data"]) == 7
        refused = api.post("/documentos", json=invoice())
    assert refused.status_code == 429
    assert {name: refused.json()[name] for name in ("codigo", "consumidos", "limite", "periodo")} == {
        "codigo": "quota_excedida",
        "consumidos": 7,
        "limite": 7,
        "periodo": period.value,
    }


def test_one_reference_asked_for_by_many_at_once_is_one_document_and_one_of_the_quota(world: World):
    issuer, bearer = world.enrol(quota=Quota(limit=2))
    document = contract.document(Kind.INVOICE, invoice(referencia="V-1"))

    def ask(_: int) -> tuple[str, bool]:
        record, replayed = documents.take_in(world.gateway, issuer, document, contract.content_hash(document))
        return record.document_id, replayed

    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(ask, range(32)))

    assert len({document_id for document_id, _ in answers}) == 1
    assert [replayed for _, replayed in answers].count(False) == 1
    with world.client(bearer) as api:
        taken = [
            api.post("/documentos", json=invoice(), headers={"Prefer": "respond-async"}) for _ in range(2)
        ]
    assert [answer.status_code for answer in taken] == [202, 429]
