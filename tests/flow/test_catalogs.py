"""GET /catalogos: what a caller gets, and what a unit that is probably another answers."""

from typing import Any

import pytest

from cauce.domain.access_token import Scope
from cauce.reception import access
from tests.documents import invoice


def test_any_token_lists_them_and_searches_one(call: Any, gateway: Any, issuer: Any) -> None:
    _, bearer = access.grant(gateway, issuer.nit, name="caja", email="", scopes={Scope.EMIT})

    listed = call("GET", "/catalogos", bearer=bearer)
    found = call("GET", "/catalogos/unidades?q=kilogramo&per_page=1", bearer=bearer)

    units = next(row for row in listed.json["data"] if row["nombre"] == "unidades")
    assert units["links"]["codigos"].endswith("/v1/catalogos/unidades")
    assert found.json["data"] == [{"codigo": "KGM", "nombre": "Kilogramo"}]
    assert found.json["meta"]["encontrados"] > 10
    assert call("GET", "/catalogos", bearer=None).status == 401


def test_what_the_caller_has_already_is_not_sent_again(call: Any) -> None:
    first = call("GET", "/catalogos/municipios?q=medellin")
    tag = first.headers["ETag"]

    again = call("GET", "/catalogos/municipios?q=medellin", If_None_Match=f'"other", W/{tag}')
    other = call("GET", "/catalogos/municipios?q=cali", If_None_Match=tag)

    assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
    assert (other.status, other.json["data"][0]["codigo"]) == (200, "76001")
    assert other.headers["ETag"] != tag
    assert first.headers["Cache-Control"] == "private, max-age=3600"


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("municipio", 404, "¿quiso decir «municipios»?"),
        ("x", 404, "GET /catalogos dice cuáles hay"),
        ("unidades?nombre=kilo", 422, "El parámetro «nombre» no existe"),
        ("unidades?per_page=501", 422, "entre 1 y 500"),
        (f"unidades?q={'k' * 101}", 422, "máximo 100 caracteres"),
    ],
)
def test_a_wrong_name_or_parameter_is_told(call: Any, asked: str, status: int, said: str) -> None:
    answer = call("GET", f"/catalogos/{asked}")

    assert answer.status == status
    assert said in answer.text


def test_a_unit_that_is_probably_another_is_taken_with_a_notice(call: Any) -> None:
    body = invoice()
    body["lineas"][0]["unidad"] = "KG"

    answer = call("POST", "/documentos?validar=solo", body)

    (found,) = [each for each in answer.json["data"]["hallazgos"] if each["campo"] == "lineas.0.unidad"]
    assert answer.status == 200
    assert "KG es barrilete; ¿KGM, kilogramo?" in str(found)
