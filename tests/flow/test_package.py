"""The ZIP that a buyer receives."""

import base64
import io
import zipfile
from typing import Any

import pytest

from cauce.domain.record import State
from cauce.reading import delivery
from tests import dian_issuers
from tests.documents import invoice, support_document
from tests.flow.conftest import taken_in


def unzipped(answer: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer.text))) as files:
        return {name: files.read(name) for name in files.namelist()}


class TestThroughDian:
    @pytest.fixture
    def issuer(self, gateway, dian):
        return dian_issuers.enrolled(gateway, dian)

    def test_the_package_has_the_container_and_the_pdf_under_the_annex_s_names(self, posted, call):
        sold = posted("/documentos", invoice())

        found = call("GET", f"/documentos/{sold.document_id}/paquete")

        assert (found.status, found.headers["Content-Type"]) == (200, "application/zip")
        stem = f"ad0900123456000{sold.issued_at.year % 100}00000001"
        assert f'filename="z{stem}.zip"' in found.headers["Content-Disposition"]
        files = unzipped(found)
        assert list(files) == [f"{stem}.xml", f"{stem}.pdf"]
        assert dian_issuers.is_verified(files[f"{stem}.xml"])
        assert files[f"{stem}.pdf"].startswith(b"%PDF")

    def test_a_container_keeps_its_number_however_often_it_is_asked_for(self, posted, call, now_at):
        sold, other = posted("/documentos", invoice()), posted("/documentos", invoice(referencia="V-2"))
        path = f"/documentos/{sold.document_id}"

        names = [
            call("GET", asked).headers["Content-Disposition"][-18:-5]
            for asked in (
                f"{path}/paquete",
                f"/documentos/{other.document_id}/paquete",
                f"{path}/paquete",
                f"{path}/xml?contenedor=1",
            )
        ]

        assert names[0] == names[2] == names[3] != names[1]

    def test_two_at_once_take_one_number(self, posted, gateway, monkeypatch):
        sold = posted("/documentos", invoice())

        first = delivery.container(gateway, sold)
        second = delivery.container(gateway, sold)  # read before the first had stored its number

        assert first.stem == second.stem

    def test_there_is_nothing_to_deliver_before_the_verdict_nor_after_a_rejection(
        self, posted, call, gateway, issuer, dian
    ):
        waiting = taken_in(gateway, issuer, "V-1")
        dian.reject_next("FAD06", "Valor del CUFE no está calculado correctamente.")
        refused = posted("/documentos", invoice(referencia="V-2"))
        bought = posted("/documentos-soporte", support_document())
        assert (refused.state, bought.state) == (State.REJECTED, State.ACCEPTED)

        answers = [
            call("GET", f"/documentos/{kept.document_id}/paquete") for kept in (waiting, refused, bought)
        ]

        assert [each.status for each in answers] == [409, 409, 422]
        assert "vuelva a pedirlo" in answers[0].json["error"]
        assert "Corríjalo" in answers[1].json["error"]
        assert "adquiriente" in answers[2].json["error"]


def test_through_a_provider_that_signs_it_has_what_that_gave(posted, call, drain, now_at):
    sold = posted("/documentos", invoice())
    drain()
    kept = now_at(sold)

    found = call("GET", f"/documentos/{kept.document_id}/paquete")

    assert found.status == 200, found.text
    assert list(unzipped(found)) == [f"{kept.number}.xml", f"{kept.number}.pdf"]
    assert unzipped(found)[f"{kept.number}.xml"].startswith(b"<")


def test_only_what_a_buyer_receives_has_a_link_to_its_package_from_when_it_may(call, drain):
    waits = call("POST", "/documentos", invoice()).json["data"]
    call("POST", "/documentos-soporte", support_document())
    drain()
    bought, sold = call("GET", "/documentos").json["data"]
    if bought["tipo_documento"] == "factura":
        bought, sold = sold, bought

    assert "paquete" not in waits["links"]
    assert sold["links"]["paquete"].endswith(f"/documentos/{sold['tracking_id']}/paquete")
    assert "paquete" not in bought["links"]
