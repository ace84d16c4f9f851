"""Paging without a total, rows that come twice, both shapes of the search, and the look-up by number."""

import json
from decimal import Decimal

import pytest

from cauce.contracts.v1 import listings, names
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, InvalidDocument, NotFound, OutcomeUnknown, Unsupported
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, Number, Pending, Rejected
from cauce.providers.afacturar import rows
from cauce.providers.afacturar.provider import Afacturar
from cauce.providers.afacturar.values import ORDERS, SEARCH_OPTIONS
from tests.simulators.afacturar import AfacturarSimulator, row
from tests.unit.afacturar.builders import afacturar, query, refs


def numbered(consecutive: int, prefix: str = "SETT") -> Number:
    return Number(prefix=prefix, consecutive=consecutive)


# Paging -------------------------------------------------------------------------------------------------


def test_a_page_shorter_than_asked_for_is_the_last(provider: Afacturar) -> None:
    first = provider.list_emitted(query(limit=8))
    second = provider.list_emitted(query(limit=8, offset=first.next_offset or 0))

    assert (len(first.rows), first.next_offset) == (8, 8)
    assert (len(second.rows), second.next_offset) == (3, None)


def test_a_list_that_ends_with_a_full_page_ends_at_the_next(simulator: AfacturarSimulator) -> None:
    provider = afacturar(simulator.base_url)

    full = provider.list_emitted(query(limit=11))
    after = provider.list_emitted(query(limit=11, offset=11))

    assert full.next_offset == 11
    assert (after.rows, after.next_offset) == ((), None)


def test_no_call_asks_for_more_rows_than_the_page_shows_to_be_taken(simulator: AfacturarSimulator) -> None:
    simulator.rows = [row(n) for n in range(1, 76)]

    page = afacturar(simulator.base_url).list_emitted(query(limit=70))

    assert [
        (call.fields["offset"], call.fields["cantidad_filas_por_consulta"]) for call in simulator.calls
    ] == [
        ("0", "30"),
        ("30", "30"),
        ("60", "10"),
    ]
    assert (len(page.rows), page.next_offset) == (70, 70)


def test_how_many_rows_a_call_takes_is_a_setting(simulator: AfacturarSimulator) -> None:
    afacturar(simulator.base_url, rows_per_call="5").list_emitted(query(limit=7))

    assert [call.fields["cantidad_filas_por_consulta"] for call in simulator.calls] == ["5", "2"]


def test_in_order_of_arrival_what_is_emitted_meanwhile_comes_last(simulator: AfacturarSimulator) -> None:
    simulator.emit_after_next_listing(row(12))

    page = afacturar(simulator.base_url, rows_per_call="4").list_emitted(query())

    assert [shown.provider_id for shown in page.rows] == sorted(known["uniqid"] for known in simulator.rows)


def test_newest_first_a_row_that_comes_twice_is_shown_once(simulator: AfacturarSimulator) -> None:
    simulator.emit_after_next_listing(row(12))

    page = afacturar(simulator.base_url, rows_per_call="4").list_emitted(query(tipo_orden="DESC"))

    identities = [shown.provider_id for shown in page.rows]
    assert len(identities) == len(set(identities)) == 11


@pytest.mark.parametrize("kind", [Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE])
def test_support_documents_are_not_listed_there(
    provider: Afacturar, simulator: AfacturarSimulator, kind: Kind
) -> None:
    with pytest.raises(Unsupported):
        provider.list_emitted(query(kind=kind))

    assert simulator.requests == []


def test_fc_may_be_asked_for_and_its_refusal_names_the_parameter() -> None:
    """The table lists it; the page's own error example wants five characters."""
    with AfacturarSimulator(takes_fc=False) as simulator, pytest.raises(InvalidDocument) as refused:
        afacturar(simulator.base_url).list_emitted(query(ordenado_por="fc"))

    assert names.of_error(refused.value) == {
        "ordenado_por": ["The ordenado por must be at least 5 characters."]
    }


def test_the_form_of_the_searchs_dates_is_a_setting(simulator: AfacturarSimulator) -> None:
    provider = afacturar(simulator.base_url, search_date_format="%d/%m/%Y")

    with pytest.raises(InvalidDocument) as refused:  # by the simulator, which knows ISO dates only
        provider.list_emitted(query(fecha_documento_desde="2026-05-12"))

    assert list(names.of_error(refused.value)) == ["fecha_documento_desde"]
    assert '"fecha_documento_desde":"12/05/2026"' in simulator.calls[0].fields["opcion_busqueda"]


def test_every_search_option_is_a_query_parameter_of_the_contract_under_its_own_name(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    asked = {
        "fecha_recepcion_desde": "2026-05-01",
        "fecha_recepcion_hasta": "2026-05-31",
        "fecha_documento_desde": "2026-05-01",
        "fecha_documento_hasta": "2026-05-31",
        "tipo_factura_electronica": "VP",
        "entorno": "HABILITACION",
        "tipo_documento": "factura_mandato",
        "numero_documento": "3",
        "uniqid": "5ea991336d003",
        "prefijo": "SETT",
    }
    orders = {"tipo_orden": "DESC", "ordenado_por": "fecha_documento"}

    name, emitted = listings.emitted_query({"proveedor": "afacturar", **asked, **orders, "cantidad": "30"})
    answered = listings.emitted("afacturar", provider.list_emitted(emitted))

    assert (name, set(asked), set(orders)) == (
        "afacturar",
        set(SEARCH_OPTIONS.values()),
        set(ORDERS.values()),
    )
    sent = simulator.calls[0].fields
    assert json.loads(sent["opcion_busqueda"]) == asked
    assert {name: sent[name] for name in ORDERS.values()} == orders
    assert [shown["numero_completo"] for shown in answered["data"]] == ["SETT3"]
    assert answered["data"][0]["tipo_documento"] == "factura_mandato"


@pytest.mark.parametrize(
    ("prefix", "consecutive", "number"),
    [
        ("SETT", "7", "SETT7"),
        ("SETT", "SETT7", "SETT7"),
        ("", "7", "7"),
        ("1", "17", "117"),
        ("SETT", "", None),
    ],
)
def test_a_number_is_its_prefix_and_its_consecutive(
    prefix: str, consecutive: str, number: str | None
) -> None:
    assert rows.number({"prefijo": prefix, "numero_documento": consecutive}) == number


# The positional search ----------------------------------------------------------------------------------


def test_the_positional_search_lists_everything_and_filters_nothing(simulator: AfacturarSimulator) -> None:
    provider = afacturar(simulator.base_url, search_shape="positional")

    assert len(provider.list_emitted(query()).rows) == 11
    assert simulator.calls[0].fields["opcion_busqueda"] == "0,0,0,0,0,0,0,0"
    with pytest.raises(Unsupported) as refused:
        provider.list_emitted(query(prefijo="NC"))
    assert list(refused.value.fields) == ["prefijo"]
    assert len(simulator.calls) == 1


def test_the_positional_search_finds_a_number_among_all_rows(simulator: AfacturarSimulator) -> None:
    provider = afacturar(simulator.base_url, search_shape="positional", rows_per_call="3")

    assert isinstance(provider.consult(refs(number=numbered(1))), Accepted)
    assert len(simulator.calls) == 4


def test_a_search_through_all_rows_ends_without_an_answer_before_it_spends_the_minute(
    simulator: AfacturarSimulator,
) -> None:
    simulator.rows = [row(n) for n in range(1, 100)]
    provider = afacturar(simulator.base_url, search_shape="positional", rows_per_call="1")

    with pytest.raises(OutcomeUnknown):
        provider.consult(refs(number=numbered(1)))

    assert len(simulator.calls) == 60


# The look-up by number ----------------------------------------------------------------------------------


def test_a_validated_row_is_accepted_with_its_cufe(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    outcome = provider.consult(refs())

    assert isinstance(outcome, Accepted)
    listed = next(known for known in simulator.rows if known["numero_documento"] == "7")
    assert (outcome.uuid, outcome.payable) == (listed["cufe"], Decimal("59500.00"))
    assert outcome.provider_ids == {"uniqid": listed["uniqid"]}
    assert '"numero_documento":"7"' in simulator.calls[0].fields["opcion_busqueda"]


def test_a_row_that_dian_has_not_answered_is_pending(provider: Afacturar) -> None:
    assert isinstance(provider.consult(refs(number=numbered(5))), Pending)


def test_a_row_that_dian_refused_says_by_which_rules(provider: Afacturar) -> None:
    outcome = provider.consult(refs(number=numbered(6)))

    assert isinstance(outcome, Rejected)
    assert [(said.rule, said.text) for said in outcome.rejections] == [
        ("FAK24", "Regla: FAK24, Rechazo: No está informado el DV del NIT")
    ]
    assert [said.rule for said in outcome.notices] == ["FAJ43b"]


def test_a_word_of_state_that_nobody_documents_is_pending() -> None:
    odd = row(7, consulta_doc_dian_estado="EN PROCESO", rta_ws_dian_response="")
    with AfacturarSimulator(rows=[odd]) as simulator:
        assert isinstance(afacturar(simulator.base_url).consult(refs()), Pending)


@pytest.mark.parametrize("cufe", ["", "abc", "g" * 96])
def test_nothing_is_accepted_without_its_cufe(cufe: str) -> None:
    with AfacturarSimulator(rows=[row(7, cufe=cufe)]) as simulator:
        assert isinstance(afacturar(simulator.base_url).consult(refs()), Pending)


def test_a_number_nobody_emitted_is_not_found(provider: Afacturar) -> None:
    with pytest.raises(NotFound):
        provider.consult(refs(number=numbered(99)))


def test_without_a_number_nothing_can_be_found_nor_asked(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    with pytest.raises(NotFound):
        provider.consult(refs(number=None))

    assert simulator.requests == []


def test_a_note_with_the_number_of_an_invoice_is_not_that_invoice() -> None:
    with AfacturarSimulator(rows=[row(7, tipo_documento="nota_credito")]) as simulator:
        provider = afacturar(simulator.base_url)

        with pytest.raises(NotFound):
            provider.consult(refs())
        assert isinstance(provider.consult(refs(kind=Kind.CREDIT_NOTE)), Accepted)


@pytest.mark.parametrize("entorno", ["DOCUMENTO_NO_VALIDO", "HABILITACION"])
def test_a_test_document_never_answers_for_one_of_production(entorno: str) -> None:
    with AfacturarSimulator(rows=[row(7, entorno=entorno)]) as simulator:
        provider = afacturar(simulator.base_url, environment=Environment.PRODUCTION)

        with pytest.raises(NotFound):
            provider.consult(refs())


def test_a_document_of_production_never_answers_for_a_test(provider: Afacturar) -> None:
    with pytest.raises(NotFound):
        provider.consult(refs(number=numbered(10)))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"adquiriente_documento": "900825759"}, "otro adquiriente"),
        ({"valor_total": "59499.98"}, "su total"),
        ({"cufe": "b" * 96}, "su CUFE"),
    ],
)
def test_our_number_on_another_document_is_a_conflict(changes: dict[str, str], why: str) -> None:
    with AfacturarSimulator(rows=[row(7, **changes)]) as simulator, pytest.raises(Conflict, match=why):
        afacturar(simulator.base_url).consult(refs(uuid="a" * 96 if "cufe" in changes else None))


def test_the_buyer_may_be_written_with_marks_and_check_digit() -> None:
    with AfacturarSimulator(rows=[row(7, adquiriente_documento="900.825.759-7")]) as simulator:
        outcome = afacturar(simulator.base_url).consult(refs(counterparty="900825759"))

    assert isinstance(outcome, Accepted)


def test_a_number_refused_once_and_validated_later_is_validated() -> None:
    refused = row(7, consulta_doc_dian_estado="FALLIDA", rta_ws_dian_response="Regla: FAK24, Rechazo: x")
    later = row(8, numero_documento="7")
    with AfacturarSimulator(
        rows=[later, refused, row(9, consulta_doc_dian_estado="", numero_documento="7")]
    ) as it:
        outcome = afacturar(it.base_url).consult(refs())

    assert isinstance(outcome, Accepted)
    assert outcome.uuid == later["cufe"]


def test_a_refused_search_says_nothing_about_the_document(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    simulator.answer_next(422)

    with pytest.raises(OutcomeUnknown):
        provider.consult(refs())


def test_a_test_document_is_listed_as_what_it_is(provider: Afacturar) -> None:
    shown = provider.list_emitted(query(entorno="DOCUMENTO_NO_VALIDO")).rows[0]

    assert shown.messages[-1] == "Documento de prueba: no tiene validez legal."
