"""An error names the field that the request has."""

import pytest

from cauce.contracts.v1 import contract, listings, names, render, sent
from cauce.contracts.v1.errors import InvalidRequest
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.outcome import Finding, Message, Severity
from tests.documents import invoice
from tests.unit.contracts.examples import BASE_URL, a_record

RATE, LISTED = "lines.0.taxes.0.percent", "lineas.0.impuestos.0.porcentaje"


def renamed(path: str, body, kind: Kind = Kind.INVOICE) -> list[str]:
    return list(sent.as_sent(InvalidDocument("x", fields={path: ["y"]}), kind, body).fields)


def with_line(**changes):
    body = invoice()
    body["lineas"][0] = {**body["lineas"][0], **changes}
    return body


def test_a_rate_sent_as_iva_pct_is_called_iva_pct():
    assert renamed(RATE, with_line(iva_pct=8)) == ["lineas.0.iva_pct"]


def test_a_rate_sent_in_impuestos_is_called_so_even_beside_an_iva_pct_of_0():
    body = with_line(iva_pct=0, impuestos=[{"codigo": "01", "porcentaje": 8}])
    assert renamed(RATE, body) == [LISTED]


def test_a_discount_sent_as_a_percentage_is_called_so():
    assert renamed("lines.1.discount_amount", invoice()) == ["lineas.1.descuento_pct"]
    assert renamed("lines.0.discount_amount", with_line(descuento_valor=5)) == ["lineas.0.descuento_valor"]


def test_what_an_adjustment_note_adjusts_is_called_as_it_was_sent():
    one = {"factura_referencia": {"numero": "DS1", "cufe": "a" * 96, "fecha": "2026-05-10"}}
    other = {"documento_referencia": {"numero": "DS1", "cuds": "a" * 96, "fecha": "2026-05-10"}}

    for body, path in ((one, "factura_referencia.cufe"), (other, "documento_referencia.cuds")):
        assert renamed("billing_reference.uuid", body, Kind.ADJUSTMENT_NOTE) == [path]


def test_what_has_the_requests_names_already_keeps_them():
    refusal = InvalidRequest({"currency": ["x"]})
    once = sent.as_sent(InvalidDocument("x", field="reference"), Kind.INVOICE, invoice())

    assert list(sent.as_sent(refusal, Kind.INVOICE, invoice()).fields) == ["currency"]
    assert once.fields_as_sent and list(names.of_error(once)) == ["referencia"]


def test_two_sentences_about_one_field_stay_together_and_findings_are_renamed_with_them():
    found = Finding("FAX14", Severity.REJECTION, RATE, "19", "8", "fix", "fix")
    error = InvalidDocument("x", fields={RATE: ["one"], "lines.0.taxes.0.code": ["two"]}, findings=(found,))

    told = sent.as_sent(error, Kind.INVOICE, with_line(iva_pct=8))

    assert told.fields == {"lineas.0.iva_pct": ["one", "two"]}
    assert isinstance(told, InvalidDocument) and told.findings[0].field == "lineas.0.iva_pct"


@pytest.mark.parametrize(
    "line, said",
    [
        ({"iva_pct": 19}, (None, "lineas.0.iva_pct")),
        ({"iva_pct": 0, "impuestos": [{"codigo": "01", "porcentaje": 19}]}, (LISTED, LISTED)),
    ],
    ids=["as its content tells", "another name"],
)
def test_what_a_record_keeps_of_a_field_is_its_path_and_a_name_only_where_its_content_would_tell_another(
    line, said
):
    body = with_line(**line)
    document = contract.document(Kind.INVOICE, body)
    kept = Message(text="x", field=RATE, said=sent.said(RATE, document, body))

    told = render.of_record(a_record(document, findings=(kept,)), BASE_URL)["notificaciones"][0]["campo"]

    assert (kept.said, told) == said


@pytest.mark.parametrize(
    "parameters, path, told",
    [
        ({"numero_completo": "X1"}, "number", "numero_completo"),
        ({"vendedor": "1"}, "counterparty", "vendedor"),
        ({"tipo_documento": "factura_mandato"}, "kind", "tipo_documento"),
        ({"prefix": "X"}, "prefix", "prefix"),  # no filter has this name, though a path of the domain has
        # What no parameter of the request was about.
        ({}, "direction", "tipo_orden"),
        ({"prefijo": "X"}, "limit", "cantidad"),
        ({"prefijo": "X"}, "provider", "proveedor"),
        ({"prefix": "S", "prefijo": "SETP"}, "prefix", "prefix"),  # unknown, and refused under its own name
    ],
)
def test_an_error_of_a_listing_names_the_parameter_that_was_sent(parameters, path, told):
    _, query = listings.emitted_query(parameters)

    with pytest.raises(InvalidDocument) as refused, sent.filtered(query):
        raise InvalidDocument("x", field=path)

    assert names.of_error(refused.value) == {told: ["x"]}
