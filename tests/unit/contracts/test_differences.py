"""A document that is not the one under its reference says in which of the contract's fields."""

from typing import Any

import pytest

from cauce.contracts.v1 import contract, events
from cauce.contracts.v1.sent import between
from cauce.domain.document import Document, Kind
from tests.documents import invoice, support_document
from tests.unit.contracts.examples import EXAMPLES, changed
from tests.unit.contracts.test_hostile import FULL


def document(body: dict[str, Any], kind: Kind = Kind.INVOICE) -> Document:
    return contract.document(kind, body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("adquiriente.razon_social", "OTRO"),
        ("adquiriente.numero_documento", "71234568"),
        ("adquiriente.email", "otro@correo.example"),
        ("adquiriente.codigo_postal", "050021"),
        ("lineas.1.precio", 25001),
        ("lineas.0.cantidad", 3),
        ("lineas.0.descripcion", "Otro"),
        ("lineas.1.descuento_pct", 11),
        ("lineas.0.marca", "XYZ"),
        ("prefijo", "SETP"),
        ("moneda", "USD"),
        ("observaciones", "otra"),
        ("enviar_correo", True),
    ],
)
def test_a_field_that_differs_is_named_as_it_was_sent(path: str, value: Any) -> None:
    extra = {"tasa_cambio": {"valor": 4000, "fecha": "2026-05-10"}} if path == "moneda" else {}
    other = {**changed(invoice(), {path.replace(".", "__"): value}), **extra}

    assert set(between(document(invoice()), document(other))) - {"tasa_cambio"} == {path}


def test_what_one_has_and_the_other_lacks_differs_whichever_came_first() -> None:
    plain, more = invoice(), invoice(orden={"numero": "7"}, pago={"forma": "2", "vencimiento": "2099-01-01"})

    for before, after in ((plain, more), (more, plain)):
        assert set(between(document(before), document(after))) == {"orden", "pago"}


def test_what_is_worked_out_of_a_field_does_not_differ_beside_it() -> None:
    discount = {"descuentos": [{"porcentaje": 10, "descripcion": "x"}]}
    before = invoice(**discount)
    after = changed(before, {"lineas__0__precio": 60000})

    assert between(document(before), document(after)) == ("lineas.0.precio",)


def test_charges_and_discounts_are_told_apart() -> None:
    before = invoice(cargos=[{"valor": 10, "descripcion": "propina"}])
    after = invoice(cargos=[{"valor": 11, "descripcion": "propina"}])

    assert between(document(before), document(after)) == ("cargos",)


def test_documents_with_other_lines_differ_in_their_lines() -> None:
    fewer = invoice()
    fewer["lineas"] = fewer["lineas"][:1]

    assert between(document(invoice()), document(fewer)) == ("lineas",)


def test_a_document_of_another_kind_differs_in_that() -> None:
    other = contract.document(Kind.SUPPORT_DOCUMENT, support_document())

    assert between(document(invoice()), other) == ("tipo",)


def test_the_other_party_and_the_document_that_a_note_corrects_have_the_names_of_its_kind() -> None:
    for kind, names in (
        (Kind.CREDIT_NOTE, ("adquiriente", "factura_referencia")),
        (Kind.ADJUSTMENT_NOTE, ("vendedor", "documento_referencia")),
    ):
        before = EXAMPLES[kind]()
        party, reference = names
        after = changed(before, {f"{party}__razon_social": "OTRO", f"{reference}__numero": "X9"})

        found = between(contract.document(kind, before), contract.document(kind, after))

        assert set(found) == {f"{party}.razon_social", f"{reference}.numero"}


def test_an_event_that_differs_is_named_as_it_was_sent() -> None:
    person = {
        "tipo_identificacion": "13",
        "identificacion": "71234567",
        "nombres": "ANA",
        "apellidos": "RUIZ",
    }
    before = {
        "informacion_documento_referencia": {"cufe": "a" * 96},
        "quien_recibio_documento": person,
    }
    after = {
        "informacion_documento_referencia": {"cufe": "b" * 96},
        "quien_recibio_documento": {**person, "nombres": "EVA"},
    }

    found = between(events.event(before)[0], events.event(after)[0])

    assert found == ("informacion_documento_referencia.cufe", "quien_recibio_documento")


def test_of_a_long_document_the_first_twenty_are_told() -> None:
    line = invoice()["lineas"][0]
    before = invoice(lineas=[line] * 50)
    after = invoice(lineas=[{**line, "precio": 1}] * 50)

    assert between(document(before), document(after)) == tuple(f"lineas.{n}.precio" for n in range(20))


def test_a_full_document_does_not_differ_from_itself() -> None:
    assert between(document(FULL), document(changed(FULL, {}))) == ()
