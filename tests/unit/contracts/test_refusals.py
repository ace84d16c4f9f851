"""What the contract refuses, under which path, in which words."""

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument

from .examples import CUFE, EXAMPLES, REMOVED, an_invoice


def refusal(kind: Kind, idempotency_key: str | None = None, **changes: object) -> dict[str, list[str]]:
    with pytest.raises(InvalidDocument) as raised:
        contract.document(kind, EXAMPLES[kind](**changes), idempotency_key=idempotency_key)
    assert raised.value.message == "Datos invalidos"
    return raised.value.fields


def test_seed_002s_own_example_of_a_refusal():
    fields = refusal(Kind.INVOICE, adquiriente__numero_documento="", lineas__0__iva_pct=190)

    assert fields == {
        "adquiriente.numero_documento": ["El número de documento es requerido."],
        "lineas.0.iva_pct": ["El IVA % debe ser un número entre 0 y 100."],
    }


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"adquiriente": REMOVED}, "adquiriente", "El adquiriente es requerido."),
        ({"adquiriente": []}, "adquiriente", "El adquiriente debe ser un objeto JSON."),
        ({"adquirente": {}}, "adquirente", "¿quiso decir «adquiriente»?"),
        ({"items": []}, "items", "¿quiso decir «lineas»?"),
        ({"lineas__0__iva": 19}, "lineas.0.iva", "¿quiso decir «iva_pct»?"),
        ({"lineas__0__zzz": 19}, "lineas.0.zzz", "El campo «zzz» no existe."),
        ({"lineas": []}, "lineas", "mínimo 1"),
        ({"lineas": {}}, "lineas", "debe ser una lista"),
        ({"lineas": [None]}, "lineas.0", "requerido"),
        ({"lineas__0__cantidad": 0}, "lineas.0.cantidad", "La cantidad debe ser mayor que 0."),
        ({"lineas__0__cantidad": True}, "lineas.0.cantidad", "La cantidad debe ser un número."),
        ({"lineas__0__cantidad": "0.0000001"}, "lineas.0.cantidad", "admite máximo 6 decimales"),
        ({"lineas__0__precio": -1}, "lineas.0.precio", "El precio no puede ser menor que 0: lo que"),
        ({"lineas__0__precio": "19000,50"}, "lineas.0.precio", "escriba 19000.50"),
        ({"lineas__0__precio": "1.900,50"}, "lineas.0.precio", "sin separador de miles"),
        ({"lineas__0__precio": 10**12}, "lineas.0.precio", "debe ser menor que 1000000000000"),
        ({"lineas__0__precio": 10**11, "lineas__0__cantidad": 99}, "lineas.0.precio", "El valor de la línea"),
        ({"lineas__0__precio": "1e3"}, "lineas.0.precio", "El precio debe ser un número."),
        ({"lineas__0__iva_pct": REMOVED}, "lineas.0.iva_pct", "El IVA % es requerido."),
        ({"lineas__0__excluido": True}, "lineas.0.iva_pct", "línea excluida"),
        ({"lineas__0__excluido": 1}, "lineas.0.excluido", "debe ser true o false"),
        ({"lineas__0__impuestos": [{"codigo": "04", "porcentaje": 8}]}, "lineas.0.iva_pct", "código 01"),
        ({"lineas__1__descuento_valor": 5}, "lineas.1.descuento_valor", "no en ambos"),
        ({"lineas__0__descuento_valor": "100000.01"}, "lineas.0.descuento_valor", "no puede superar"),
        ({"lineas__0__descripcion": "x" * 901}, "lineas.0.descripcion", "admite máximo 900 caracteres"),
        ({"lineas__0__descripcion": "a\x07"}, "lineas.0.descripcion", "caracteres de control"),
        ({"lineas__0__codigo": 7}, "lineas.0.codigo", "debe ser un texto entre comillas"),
        ({"lineas__0__unidad": "XYZQ"}, "lineas.0.unidad", "UN/ECE"),
        ({"lineas__0__unidad": 94}, "lineas.0.unidad", "ceros a la izquierda"),
        ({"lineas__0__retenciones": [{"codigo": "06"}]}, "lineas.0.retenciones.0.porcentaje", "requerido"),
        (
            {"adquiriente__tipo_documento": 99},
            "adquiriente.tipo_documento",
            "debe ser uno de estos códigos: 10, 11",
        ),
        ({"adquiriente__tipo_persona": True}, "adquiriente.tipo_persona", "códigos: 1, 2"),
        ({"adquiriente__numero_documento": "52.12"}, "adquiriente.numero_documento", "solo dígitos"),
        ({"adquiriente__dv": "3"}, "adquiriente.dv", "solo se informa cuando"),
        ({"adquiriente__responsabilidad_fiscal": "O-99"}, "adquiriente.responsabilidad_fiscal", "O-13, O-15"),
        ({"adquiriente__email": "a@b"}, "adquiriente.email", "nombre@empresa.com"),
        ({"adquiriente__email": "a@b.co;c@d.co"}, "adquiriente.email", "una sola dirección"),
        ({"adquiriente__codigo_municipio": "05999"}, "adquiriente.codigo_municipio", "05001"),
        ({"adquiriente__codigo_municipio": 11001}, "adquiriente.codigo_municipio", "ceros a la izquierda"),
        ({"adquiriente__codigo_departamento": "05"}, "adquiriente.codigo_departamento", "departamento 11"),
        ({"adquiriente__pais": "US"}, "adquiriente.codigo_municipio", "solo se informa cuando el país es CO"),
        ({"adquiriente__direccion": "Calle 1\nPiso 2"}, "adquiriente.direccion", "saltos de línea"),
        ({"factura__fecha": "2026-02-30"}, "factura.fecha", "La fecha no existe en el calendario."),
        ({"factura__fecha": "10/05/2026"}, "factura.fecha", "AAAA-MM-DD"),
        ({"factura__fecha": "0206-05-10"}, "factura.fecha", "entre los años 2000 y 2099"),
        ({"factura__hora": "15:30:00Z"}, "factura.hora", "HH:mm:ss-05:00"),
        ({"factura__hora": "25:30:00-05:00"}, "factura.hora", "HH:mm:ss-05:00"),
        ({"pago": {"forma": "2"}}, "pago.vencimiento", "requerida cuando la forma de pago es 2"),
        (
            {"factura__fecha": "2026-05-10", "pago": {"forma": "2", "vencimiento": "2026-05-09"}},
            "pago.vencimiento",
            "anterior a la fecha de emisión",
        ),
        ({"moneda": "PESOS"}, "moneda", "ISO 4217"),
        ({"referencia": "con espacios"}, "referencia", "admite de 1 a 64"),
        ({"referencia": "x" * 65}, "referencia", "64"),
        ({"observaciones": 3}, "observaciones", "un texto o una lista de textos"),
        ({"descuentos": [{"descripcion": "d", "valor": 145776}]}, "descuentos", "no pueden superar"),
        ({"cargos": [{"descripcion": "d"}]}, "cargos.0.valor", "valor o porcentaje"),
        ({"lineas__0__precio": 0, "lineas__1__precio": 0}, "lineas", "mayor que 0"),
        ({"vendedor": {}}, "vendedor", "no existe"),
        ({"motivo": {}}, "motivo", "no existe"),
    ],
)
def test_an_invoice_is_refused_naming_the_field(change, path, words):
    fields = refusal(Kind.INVOICE, **change)

    assert words in " ".join(fields[path])


@pytest.mark.parametrize(
    ("kind", "change", "path", "words"),
    [
        (Kind.CREDIT_NOTE, {"factura_referencia": REMOVED}, "factura_referencia", "requerid"),
        (Kind.CREDIT_NOTE, {"factura_referencia__cufe": "a1b2c3"}, "factura_referencia.cufe", "96 dígitos"),
        (Kind.CREDIT_NOTE, {"motivo__codigo": 7}, "motivo.codigo", "1, 2, 3, 4, 5, 6"),
        (Kind.CREDIT_NOTE, {"factura": {"fecha": "2026-05-09"}}, "factura_referencia.fecha", "posterior"),
        (Kind.DEBIT_NOTE, {"motivo__codigo": 5}, "motivo.codigo", "1, 2, 3, 4"),
        (Kind.SUPPORT_DOCUMENT, {"adquiriente": {}}, "adquiriente", "¿quiso decir «vendedor»?"),
        (Kind.SUPPORT_DOCUMENT, {"vendedor__dv": 5}, "vendedor.dv", "debe ser 6"),
        (Kind.ADJUSTMENT_NOTE, {"documento_referencia": REMOVED}, "documento_referencia", "es requerido"),
        (
            Kind.ADJUSTMENT_NOTE,
            {"documento_referencia__cuds": None},
            "documento_referencia.cuds",
            "El CUDS es requ",
        ),
        (
            Kind.ADJUSTMENT_NOTE,
            {"documento_referencia__cufe": "0" * 96},
            "documento_referencia.cufe",
            "una sola vez",
        ),
        (Kind.ADJUSTMENT_NOTE, {"motivo__codigo": 6}, "motivo.codigo", "1, 2, 3, 4, 5"),
    ],
)
def test_the_other_kinds_are_refused_naming_the_field(kind, change, path, words):
    assert words in " ".join(refusal(kind, **change)[path])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("dv", {"adquiriente__numero_documento": "800197268", "adquiriente__dv": "3"}),
        ("numero_documento", {"adquiriente__numero_documento": "800197268-5"}),
    ],
)
def test_a_wrong_check_digit_is_told_the_right_one(field, wrong):
    fields = refusal(Kind.INVOICE, adquiriente__tipo_documento="31", **wrong)

    assert fields == {f"adquiriente.{field}": ["El dígito de verificación del NIT 800197268 debe ser 4."]}


def test_a_reference_that_differs_from_its_header_is_refused():
    assert "deben ser iguales" in refusal(Kind.INVOICE, "REF-2", referencia="REF-1")["referencia"][0]
    assert "Idempotency-Key" in refusal(Kind.INVOICE, "ñ" * 70)


def test_as_many_lines_are_taken_as_a_body_holds():
    line = an_invoice()["lineas"][0]

    assert len(contract.document(Kind.INVOICE, an_invoice(lineas=[line] * 201)).lines) == 201
    assert refusal(Kind.INVOICE, lineas=[line] * 5001) == {"lineas": ["Las líneas: máximo 5000."]}


def test_every_wrong_field_is_reported_at_once():
    fields = refusal(
        Kind.CREDIT_NOTE,
        adquiriente__numero_documento=None,
        factura_referencia__cufe=CUFE[:-1],
        lineas__1__cantidad="dos",
        motivo=REMOVED,
    )

    assert set(fields) == {
        "adquiriente.numero_documento",
        "factura_referencia.cufe",
        "lineas.1.cantidad",
        "motivo",
    }


def test_an_answer_names_no_more_than_fifty_fields():
    assert len(refusal(Kind.INVOICE, **{f"campo{n}": n for n in range(5000)})) == 50
