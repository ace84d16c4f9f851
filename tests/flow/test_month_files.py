"""GET /cierre/{mes}/archivos: the signed XML of each valid document of a month, and its PDF, in parts."""

import base64
import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest

from cauce.contracts.v1 import rest
from cauce.contracts.v1.queries import encoded_cursor
from cauce.domain.access_token import Scope
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.reading import delivery, month_files
from cauce.reception import access
from tests import dian_issuers
from tests.documents import invoice, note, support_document
from tests.simulators.dian import DianSimulator
from tests.unit.representation.reading import words


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def month_of(record: Record) -> str:
    return f"{bogota(record.issued_at):%Y-%m}"


@pytest.fixture
def parts(call: Any) -> Any:
    """Every part of the ZIP of a record's month, by the link from each to the next: names and contents."""

    def taken(of: Record, query: str = "") -> list[dict[str, bytes]]:
        month = month_of(of)
        found, path = [], f"/cierre/{month}/archivos{query}"
        while path:
            answer = call("GET", path)
            assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
            with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer.text))) as zipped:
                assert zipped.testzip() is None
                found.append({name: zipped.read(name) for name in zipped.namelist()})
            link = answer.headers.get("Link", "")
            assert link == "" or link.endswith('; rel="next"')
            path = link and f"/cierre/{month}/archivos?{urlsplit(link[1:].partition('>')[0]).query}"
        return found

    return taken


def sold(posted: Any, n: int = 1) -> Record:
    made: Record = posted("/documentos", invoice(referencia=f"V-{n}"))
    return made


def test_every_valid_document_is_there_as_it_was_signed_in_a_folder_of_its_kind(posted, parts, gateway):
    sale = sold(posted)
    credited = posted(
        "/notas-credito", note(str(sale.number), sale.uuid, fecha=f"{bogota(sale.issued_at):%F}")
    )
    bought = posted("/documentos-soporte", support_document())

    (files,) = parts(sale)

    assert files == {
        f"{folder}/{each.number}.xml": delivery.signed_xml(gateway, each)
        for folder, each in (("factura", sale), ("nota_credito", credited), ("documento_soporte", bought))
    }


def test_with_pdf_each_document_has_its_graphic_representation_beside_it(posted, parts, gateway):
    sale = sold(posted)

    (files,) = parts(sale, "?pdf=1")

    assert list(files) == [f"factura/{sale.number}.xml", f"factura/{sale.number}.pdf"]
    assert sale.uuid in words(files[f"factura/{sale.number}.pdf"])
    assert files[f"factura/{sale.number}.pdf"] == delivery.pdf(gateway, sale)


def test_what_is_not_valid_is_not_there_and_a_month_without_valid_documents_says_so(posted, parts, dian):
    dian.lose_next_answer(stored=False)
    doubtful = sold(posted)
    assert doubtful.state is not State.ACCEPTED

    (files,) = parts(doubtful)

    assert list(files) == ["LEAME.txt"]


def test_a_document_whose_xml_is_not_archived_is_named_with_where_to_ask_for_it(posted, parts, gateway):
    sale = sold(posted)
    gateway.records.save(sale.model_copy(update={"signed_xml": None}))

    ((name, said),) = parts(sale)[0].items()

    assert name == f"factura/{sale.number}-falta.txt"
    assert f"GET /documentos/{sale.document_id}/xml" in said.decode()


def test_a_month_of_many_documents_comes_in_parts_that_are_the_month(posted, parts, monkeypatch):
    sales = [sold(posted, n) for n in range(5)]
    names = {f"factura/{sale.number}.xml" for sale in sales}
    (whole,) = parts(sales[0])
    monkeypatch.setattr(month_files, "MOST_DOCUMENTS", 2)

    cut = parts(sales[0])

    assert set(whole) == names
    assert [len(each) for each in cut] == [2, 2, 1]
    assert {name: content for each in cut for name, content in each.items()} == whole


def test_a_part_is_never_larger_than_an_answer_and_a_document_that_is_is_named(
    posted, parts, call, monkeypatch
):
    first, _ = sold(posted, 1), sold(posted, 2)
    alone = len(base64.b64decode(call("GET", f"/cierre/{month_of(first)}/archivos").text))  # of two
    monkeypatch.setattr(rest, "MOST_BYTES", alone - 200)
    assert [len(each) for each in parts(first)] == [1, 1]
    monkeypatch.setattr(rest, "MOST_BYTES", 1_000)

    (files,) = parts(first)

    assert f"factura/{first.number}-falta.txt" in files
    assert len(files) == 2


def test_a_part_ends_where_little_time_is_left(posted, parts, monkeypatch):
    first, _ = sold(posted, 1), sold(posted, 2)
    monkeypatch.setattr(month_files, "_TO_FINISH_SECONDS", 1_000_000.0)

    assert [len(each) for each in parts(first)] == [1, 1]


@pytest.mark.parametrize(
    ("query", "field"),
    [("pdf=si", "pdf"), ("formato=pdf", "formato"), ("cursor=nada", "cursor")],
)
def test_what_is_asked_wrongly_is_refused_by_name(call, query, field):
    answer = call("GET", f"/cierre/2026-05/archivos?{query}")

    assert (answer.status, list(answer.json["errors"])) == (422, [field])


def test_a_cursor_of_another_month_is_refused(call):
    cursor = encoded_cursor("2019-06-02T00:00:00-05:00#a")

    assert list(call("GET", f"/cierre/2026-05/archivos?cursor={cursor}").json["errors"]) == ["cursor"]


def test_whoever_may_only_read_lists_gets_no_documents(call, gateway, issuer):
    only = access.grant(gateway, issuer.nit, name="C", email="c@e.example", scopes=frozenset({Scope.READ}))[1]

    answer = call("GET", "/cierre/2026-05/archivos", bearer=only)

    assert (answer.status, answer.json["alcance"]) == (403, "consultar")
