"""Seed 002's tables, row by row: each test's name and id say which row it is about."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.facepro import FacEProSimulator
from tests.simulators.facepro_client import CUFE, body, but, client, invoice, line, note, table

YES, NO = "sí", "no"

# Field → required, a value that is accepted, a value that is not.
FIELDS: dict[str, tuple[str, Any, Any]] = {
    "factura.fecha": (NO, "2026-05-10", "10/05/2026"),
    "factura.hora": (NO, "15:30:00-05:00", "15:30"),
    "adquiriente.tipo_persona": (YES, "1", 1),
    "adquiriente.tipo_documento": (YES, "41", "47"),
    "adquiriente.numero_documento": (YES, "71234567", 71234567),
    "adquiriente.dv": (NO, "7", "77"),
    "adquiriente.razon_social": (YES, "Empresa SAS", ""),
    "adquiriente.responsabilidad_fiscal": (YES, "O-13", "O-13;O-15"),
    "adquiriente.email": (NO, "juan@correo.example", "juan"),
    "adquiriente.direccion": (NO, "Calle 50 # 30-20", 50),
    "adquiriente.codigo_municipio": (NO, "05001", "5001"),
    "adquiriente.codigo_departamento": (NO, "05", "5"),
    "lineas[]": (YES, [line()] * 200, [line()] * 201),
    "lineas[].codigo": (YES, "PROD-001", None),
    "lineas[].descripcion": (YES, "Repuesto", " "),
    "lineas[].cantidad": (YES, 2.5, "2"),
    "lineas[].unidad": (NO, "KGM", "kilogramo"),
    "lineas[].precio": (YES, 19000.50, "19000,50"),
    "lineas[].iva_pct": (YES, 5, 101),
    "lineas[].descuento_pct": (NO, 10, -1),
    "lineas[].descuento_valor": (NO, 500, "500"),
}
NOTE_FIELDS: dict[str, tuple[str, Any, Any]] = {
    "factura_referencia.numero": (YES, "SETP990000011", ""),
    "factura_referencia.cufe": (YES, CUFE, CUFE[:95]),
    "factura_referencia.fecha": (YES, "2026-05-10", "2026-02-30"),
    "motivo.codigo": (YES, "1", 1),
    "motivo.descripcion": (YES, "Anulación", None),
}
CATALOGUES = {
    "tipo_persona": ("Tipo de persona tipo_persona", "adquiriente.tipo_persona", ("1", "2")),
    "tipo_documento": (
        "Tipo de documento tipo_documento",
        "adquiriente.tipo_documento",
        ("11", "12", "13", "21", "22", "31", "41", "42", "50"),
    ),
    "responsabilidad_fiscal": (
        "Responsabilidad fiscal responsabilidad_fiscal",
        "adquiriente.responsabilidad_fiscal",
        ("O-13", "O-15", "O-23", "O-47", "R-99-PN"),
    ),
    "unidad": ("Unidad de medida unidad", "lineas.0.unidad", ("94", "EA", "KGM", "LTR", "MTR", "HUR")),
}
REASONS = {
    "motivo NC": ("Motivo nota crédito motivo.codigo", "/notas-credito", ("1", "2", "3", "4", "5", "6")),
    "motivo ND": ("Motivo nota débito motivo.codigo", "/notas-debito", ("1", "2", "3", "4")),
}
PARAMETERS = ("estado", "desde", "hasta", "per_page", "page")
STATUSES = ("200", "201", "401", "403", "404", "422", "429", "500")
CONVENTIONS = ("Base URL", "Formato", "Content-Type", "Accept", "Zona horaria", "Decimales", "Fechas")


@pytest.fixture(scope="module")
def running() -> Iterator[FacEProSimulator]:
    with FacEProSimulator() as simulator:
        yield simulator


@pytest.fixture
def facepro(running: FacEProSimulator) -> FacEProSimulator:
    running.reset()
    return running


@pytest.fixture
def api(facepro: FacEProSimulator) -> Iterator[httpx.Client]:
    with client(facepro) as opened:
        yield opened


def dotted(field: str) -> str:
    """`lineas[].precio` → `lineas.0.precio`, as errors name it."""
    return field.replace("[].", ".0.").replace("[]", "")


def given(field: str, original: dict[str, Any]) -> dict[str, Any]:
    """A body in which the field may be used: the DV, for one, only with a NIT."""
    return but(original, "adquiriente.tipo_documento", "31") if field.endswith(".dv") else original


def refused(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert told["ok"] is False
    assert "codigo" not in told
    assert all(sentences and all(sentences) for sentences in told["errors"].values())
    return list(told["errors"])


ALL_FIELDS = [("/documentos", field, row) for field, row in FIELDS.items()] + [
    (path, field, row) for path in ("/notas-credito", "/notas-debito") for field, row in NOTE_FIELDS.items()
]
FIELD_ROWS = pytest.mark.parametrize(
    "path, field, row", ALL_FIELDS, ids=[f"{path} {field}" for path, field, _ in ALL_FIELDS]
)


@FIELD_ROWS
def test_seed_002_field_is_taken_as_its_row_says(api, facepro, path, field, row):
    answer = api.post(path, json=but(given(field, body(path)), dotted(field), row[1]))

    assert answer.status_code == 201, answer.text
    assert facepro.documents[0].unknown_fields == ()


@FIELD_ROWS
def test_seed_002_field_is_refused_by_name_when_wrong(api, facepro, path, field, row):
    answer = api.post(path, json=but(given(field, body(path)), dotted(field), row[2]))

    assert refused(answer) == [dotted(field)]
    assert facepro.documents_received == 0


@FIELD_ROWS
def test_seed_002_field_is_required_or_not_as_its_row_says(api, facepro, path, field, row):
    answer = api.post(path, json=but(body(path), dotted(field)))

    if row[0] == YES:
        assert refused(answer) == [dotted(field)]
    else:
        assert answer.status_code == 201


@pytest.mark.parametrize(
    "field, code", [(field, code) for _, field, codes in CATALOGUES.values() for code in codes]
)
def test_seed_002_catalogue_code_is_taken(api, facepro, field, code):
    assert api.post("/documentos", json=but(invoice(), field, code)).status_code == 201


@pytest.mark.parametrize(
    "path, code", [(path, code) for _, path, codes in REASONS.values() for code in codes]
)
def test_seed_002_reason_code_is_taken(api, facepro, path, code):
    assert api.post(path, json=but(note(), "motivo.codigo", code)).status_code == 201


@pytest.mark.parametrize("path, code", [("/notas-credito", "7"), ("/notas-debito", "5")])
def test_a_reason_of_no_row_is_refused(api, path, code):
    assert refused(api.post(path, json=but(note(), "motivo.codigo", code))) == ["motivo.codigo"]


# Query params ------------------------------------------------------------------------------------


def numbers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["numero_completo"] for row in answer.json()["data"]]


def issued(api: httpx.Client, *days: str) -> list[str]:
    return [
        api.post("/documentos", json=invoice(factura={"fecha": day})).json()["data"]["numero_completo"]
        for day in days
    ]


def test_seed_002_parameter_estado(api, facepro):
    facepro.reject_next("FAK24", "DV")
    rejected, accepted = issued(api, "2026-05-10", "2026-05-10")

    assert numbers(api.get("/documentos", params={"estado": "rechazado"})) == [rejected]
    assert numbers(api.get("/documentos", params={"estado": "aceptado"})) == [accepted]
    assert numbers(api.get("/documentos", params={"estado": "pendiente"})) == []
    assert refused(api.get("/documentos", params={"estado": "otro"})) == ["estado"]


def test_seed_002_parameter_desde_is_inclusive_and_of_the_date_of_issue(api, facepro):
    _, second, third = issued(api, "2026-05-09", "2026-05-10", "2026-05-11")

    assert numbers(api.get("/documentos", params={"desde": "2026-05-10"})) == [third, second]
    assert refused(api.get("/documentos", params={"desde": "10-05-2026"})) == ["desde"]


def test_seed_002_parameter_hasta_is_inclusive_and_of_the_date_of_issue(api, facepro):
    first, second, _ = issued(api, "2026-05-09", "2026-05-10", "2026-05-11")

    assert numbers(api.get("/documentos", params={"hasta": "2026-05-10"})) == [second, first]
    assert refused(api.get("/documentos", params={"hasta": "mayo"})) == ["hasta"]


def test_seed_002_parameter_per_page_is_20_unless_said_and_100_at_most(api, facepro):
    issued(api, *["2026-05-10"] * 21)

    assert len(numbers(api.get("/documentos"))) == 20
    assert len(numbers(api.get("/documentos", params={"per_page": 100}))) == 21
    assert refused(api.get("/documentos", params={"per_page": 101})) == ["per_page"]


def test_seed_002_parameter_page(api, facepro):
    first, second, third = issued(api, *["2026-05-10"] * 3)

    assert numbers(api.get("/documentos", params={"per_page": 2, "page": 1})) == [third, second]
    assert numbers(api.get("/documentos", params={"per_page": 2, "page": 2})) == [first]
    assert numbers(api.get("/documentos", params={"per_page": 2, "page": 3})) == []
    assert refused(api.get("/documentos", params={"page": 0})) == ["page"]


# Códigos de error --------------------------------------------------------------------------------


def test_seed_002_status_200_is_a_get_that_worked(api):
    assert api.get("/documentos").status_code == 200


def test_seed_002_status_201_is_a_document_created(api, facepro):
    assert api.post("/documentos", json=invoice()).status_code == 201
    assert facepro.documents_received == 1


@pytest.mark.parametrize("header", ["", "Bearer 7|otro", "Bearer 8|x", "Basic Nzp4"])
def test_seed_002_status_401_is_a_token_wrong_or_absent(api, facepro, header):
    for path in ("/me", "/documentos"):
        assert api.get(path, headers={"Authorization": header}).status_code == 401
    assert api.post("/documentos", json=invoice(), headers={"Authorization": header}).status_code == 401
    assert facepro.documents_received == 0


@pytest.mark.parametrize(
    "path, permission",
    [
        ("/documentos", "permite_facturas"),
        ("/notas-credito", "permite_notas_credito"),
        ("/notas-debito", "permite_notas_debito"),
    ],
)
def test_seed_002_status_403_is_a_permission_not_granted(api, facepro, path, permission):
    facepro.set_permissions(facepro.tenants[0].permissions - {permission})

    answer = api.post(path, json=body(path))

    assert answer.status_code == 403
    assert answer.json() == {
        "ok": False,
        "error": "Tu empresa no tiene permitido emitir este tipo de documento.",
        "codigo": "permiso_no_concedido",
        "permiso": permission,
    }
    assert facepro.documents_received == 0


def test_seed_002_status_404_is_an_unknown_tracking_id_or_another_companys(api, facepro):
    facepro.add_tenant("8|la-otra-empresa", "800197268")
    tracking_id = api.post("/documentos", json=invoice()).json()["data"]["tracking_id"]

    with client(facepro, "8|la-otra-empresa") as other:
        for suffix in ("", "/consultar", "/xml"):
            assert api.get(f"/documentos/{tracking_id}{suffix}").status_code == 200
            assert other.get(f"/documentos/{tracking_id}{suffix}").status_code == 404
            assert api.get(f"/documentos/no-existe{suffix}").status_code == 404
        assert numbers(other.get("/documentos")) == []


def test_seed_002_status_422_names_every_wrong_field_at_once(api, facepro):
    wrong = but(but(invoice(), "adquiriente.numero_documento", ""), "lineas.0.iva_pct", 119)

    answer = api.post("/documentos", json=wrong)

    assert answer.status_code == 422
    assert answer.json() == {
        "ok": False,
        "error": "Datos invalidos",
        "errors": {
            "adquiriente.numero_documento": ["El número de documento es requerido."],
            "lineas.0.iva_pct": ["El IVA % debe ser un número entre 0 y 100."],
        },
    }
    assert facepro.documents_received == 0


@pytest.mark.parametrize("period", ["mensual", "anual"])
def test_seed_002_status_429_is_the_quota_of_a_period(api, facepro, period):
    facepro.set_quota(2, period)
    for path in ("/documentos", "/notas-credito"):
        assert api.post(path, json=body(path)).status_code == 201

    answer = api.post("/notas-debito", json=note())

    assert answer.status_code == 429
    assert answer.json() == {
        "ok": False,
        "error": "Cuota excedida para el periodo.",
        "codigo": "quota_excedida",
        "consumidos": 2,
        "limite": 2,
        "periodo": period,
    }
    assert api.get("/documentos").status_code == 200
    assert facepro.documents_received == 2


@pytest.mark.parametrize("stored", [True, False])
def test_seed_002_status_500_brings_the_detail_and_may_come_after_storing(api, facepro, stored):
    facepro.answer_next(500, stored=stored)

    answer = api.post("/documentos", json=invoice())

    assert answer.status_code == 500
    assert answer.json()["ok"] is False
    assert answer.json()["detalle"]
    assert facepro.documents_received == int(stored)


# Convenciones ------------------------------------------------------------------------------------


def test_seed_002_convention_base_url_ends_in_api_v1(facepro):
    assert facepro.api_url.endswith("/api/v1")
    assert httpx.get(f"{facepro.base_url}/v1/health").status_code == 404


@pytest.mark.parametrize("what", ["Formato", "Content-Type"])
def test_seed_002_convention_requests_are_json(api, what):
    content = b"adquiriente=1" if what == "Formato" else None
    form = {} if what == "Formato" else {"json": invoice()}
    media = "application/json" if what == "Formato" else "text/plain"

    answer = api.post("/documentos", content=content, headers={"Content-Type": media}, **form)

    assert refused(answer)[0] == "adquiriente"


def test_seed_002_convention_answers_are_json(api):
    for path in ("/health", "/me", "/documentos"):
        assert api.get(path).headers["content-type"] == "application/json"


def test_seed_002_convention_time_is_bogotas(api):
    issue = {"fecha": "2026-05-10", "hora": "23:59:59-05:00"}
    document = api.post("/documentos", json=invoice(factura=issue)).json()["data"]

    assert document["fecha_emision"] == "2026-05-10T23:59:59-05:00"
    assert api.get("/health").json()["time"].endswith("-05:00")


def test_seed_002_convention_decimals_take_a_point(api, facepro):
    document = api.post("/documentos", json=invoice(lineas=[line(cantidad=1, precio=19000.50)])).json()[
        "data"
    ]

    assert document["totales"] == {"subtotal": 19000.50, "iva": 3610.1, "total": 22610.6}


def test_seed_002_convention_dates_are_year_month_day(api):
    assert refused(api.post("/documentos", json=invoice(factura={"fecha": "10-05-2026"}))) == [
        "factura.fecha"
    ]


# The page itself ---------------------------------------------------------------------------------


def test_every_row_of_the_page_has_its_test():
    assert [(row[0], row[2]) for row in table("Cuerpo del request")] == [(f, r[0]) for f, r in FIELDS.items()]
    assert [(row[0], row[1]) for row in table("Campos adicionales")] == [
        (f, r[0]) for f, r in NOTE_FIELDS.items()
    ]
    for heading, _, codes in (*CATALOGUES.values(), *REASONS.values()):
        assert tuple(row[0] for row in table(heading)) == codes
    assert tuple(row[0] for row in table("Query params")) == PARAMETERS
    assert tuple(row[0] for row in table("Códigos de error")) == STATUSES
    # The page's table has its first convention where other tables have their header.
    assert tuple(row[0] for row in table("Convenciones")) == CONVENTIONS[1:]
