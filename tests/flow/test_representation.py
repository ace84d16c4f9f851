"""GET …/pdf of what goes straight to DIAN, which draws nothing: Cauce does, from the signed XML in its archive."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.paper import Paper
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.reading import delivery
from cauce.representation import images
from tests import dian_issuers, stack
from tests.dian_issuers import SUPPLIER
from tests.documents import invoice, note, support_document
from tests.flow.conftest import context
from tests.flow.handlers import http_event, named
from tests.simulators.dian import DianSimulator
from tests.unit.dian import builders
from tests.unit.representation.drawn import accepted
from tests.unit.representation.images import png
from tests.unit.representation.reading import symbols, words

NIT = builders.ISSUER.nit
SECRET = f"cauce/test/{NIT}/dian"


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def got(token: str) -> Any:
    """GET a record's PDF as API Gateway gets it: status, headers, and the file's bytes or the problem's fields."""

    def made(record: Record, **query: str) -> tuple[int, dict[str, str], Any]:
        path = f"/documentos/{record.document_id}/pdf?{urlencode(query)}"
        event = http_event("GET", path, bearer=token, headers={})
        answer = named("consult").handler(event, context())
        headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        body = answer["body"]
        return (
            answer["statusCode"],
            headers,
            base64.b64decode(body) if answer["isBase64Encoded"] else json.loads(body),
        )

    return made


def test_every_kind_of_document_has_one_and_nobody_is_asked_for_it(posted, got, gateway, dian):
    sold = posted("/documentos", invoice())
    on_sold, today = (str(sold.number), sold.uuid), sold.issued_at.date().isoformat()
    bought = posted("/documentos-soporte", support_document())
    emitted = [
        sold,
        posted("/notas-credito", note(*on_sold, fecha=today)),
        posted("/notas-debito", note(*on_sold, fecha=today, codigo="3")),
        bought,
        posted("/notas-ajuste", dian_issuers.adjustment(str(bought.number), bought.uuid, today)),
    ]
    asked = len(dian.requests)

    for kept in emitted:
        status, headers, pdf = got(kept)
        text = words(pdf)
        assert (status, headers["Content-Type"]) == (200, "application/pdf")
        assert f'filename="{kept.number}.pdf"' in headers["Content-Disposition"]
        assert str(kept.number) in text
        assert kept.uuid in text
        assert f"Fecha y hora de generación {bogota(kept.issued_at):%Y-%m-%d %H:%M:%S}" in text
        ((symbol,),) = symbols(pdf)
        assert f"documentkey={kept.uuid}" in symbol.text
    assert len(dian.requests) == asked


def test_it_tells_when_dian_validated_the_document(posted, got, gateway):
    kept = posted("/documentos", invoice())

    assert kept.validated_at is not None
    assert kept.validated_at >= kept.issued_at
    assert f"validación {bogota(kept.validated_at):%Y-%m-%d %H:%M:%S}" in words(got(kept)[2])


def test_what_was_accepted_before_the_time_of_validation_was_kept_is_shown_without_it(posted, got, gateway):
    kept = posted("/documentos", invoice())
    gateway.records.save(kept.model_copy(update={"validated_at": None}))

    text = words(got(kept)[2])

    assert "Fecha y hora de validación" not in text
    assert "Documento validado por la DIAN" in text


def test_a_repeated_get_is_the_same_file_and_needs_no_credentials(posted, got):
    kept = posted("/documentos", invoice())
    first = got(kept)[2]

    boto3.client("secretsmanager", region_name=stack.REGION).put_secret_value(
        SecretId=SECRET, SecretString="{}"
    )

    assert got(kept)[2] == first


def test_of_a_pending_document_it_says_on_every_page_that_it_is_pending(posted, got, dian):
    dian.lose_next_answer(stored=False)
    doubtful = posted("/documentos", invoice())

    status, _, pdf = got(doubtful)
    text = words(pdf)

    assert (doubtful.state, status) == (State.UNKNOWN, 200)
    assert "HABILITACIÓN · PENDIENTE" in text
    assert "todavía no ha validado este documento, que mientras tanto no tiene validez" in text
    assert "Documento validado" not in text


def test_of_a_rejected_document_there_is_none(posted, got, dian):
    dian.reject_next("FAK24", "No está informado el DV del NIT")
    rejected = posted("/documentos", invoice())

    status, _, problem = got(rejected)

    assert rejected.state is State.REJECTED
    assert (status, problem["codigo"]) == (404, "no_encontrado")
    assert problem["error"] == "Un documento rechazado o fallido no tiene representación gráfica."


def test_an_event_has_none(posted, got, dian):
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
    declared = posted("/eventos", dian_issuers.acknowledgement(cufe))

    status, _, problem = got(declared)

    assert (status, problem["codigo"]) == (422, "no_soportado")
    assert problem["error"] == "Los eventos no tienen representación gráfica; consulte su XML."


def test_an_invoice_in_contingency_has_one_for_its_buyer_and_another_once_dian_validated_it(
    posted, got, gateway, dian, let_pass
):
    dian.go_out(503)
    kept = posted("/documentos", invoice())

    waiting = let_pass(kept, minutes=10)
    assert waiting.in_contingency, waiting.steps
    before = words(got(waiting)[2])
    dian.come_back()
    settled = let_pass(kept, minutes=30)
    after = words(got(settled)[2])

    assert settled.state is State.ACCEPTED, settled.steps
    for text in (before, after):
        assert "inconvenientes tecnológicos de la DIAN (tipo 04)" in text
        assert settled.uuid in text
    assert "CONTINGENCIA" in before
    assert "Pendiente de validación" in before
    assert "CONTINGENCIA" not in after
    assert "Documento validado por la DIAN" in after


def test_a_trial_stays_one_after_its_issuer_went_to_production(posted, got, gateway, issuer):
    kept = posted("/documentos", invoice())

    gateway.issuers.save(issuer.model_copy(update={"environment": Environment.PRODUCTION}))
    pdf = got(kept)[2]

    assert "no tiene validez" in words(pdf)
    ((symbol,),) = symbols(pdf)
    assert "https://catalogo-vpfe-hab.dian.gov.co/" in symbol.text


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ({}, True),
        ({"prefix": "OTRO"}, False),
        ({"start": 991_000_000}, False),
        ({"provider": "factus"}, False),
    ],
)
def test_where_the_provider_numbers_the_authorisation_is_the_one_that_an_operator_wrote(
    gateway: Gateway, issuer: Issuer, changes: dict[str, Any], is_shown: bool
) -> None:
    facts = {
        "provider": "facepro", "kind": Kind.INVOICE, "prefix": "SETP", "resolution": "18764000000017",
        "start": 990_000_000, "end": 995_000_000, "by_hand": True,
    }  # fmt: skip
    gateway.ranges.save(NIT, NumberingRange(**{**facts, **changes}))
    kept = accepted(builders.a_document(), provider="facepro", range=None)

    text = words(delivery.pdf(gateway, kept))

    assert ("18764000000017" in text) is is_shown


def test_an_event_of_a_provider_that_draws_nothing_is_refused_before_it_is_accepted_too(
    gateway, issuer, posted, dian
):
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
    declared = posted("/eventos", dian_issuers.acknowledgement(cufe)).model_copy(
        update={"state": State.PENDING}
    )

    with pytest.raises(Unsupported):
        delivery.pdf(gateway, declared)


def test_a_paper_has_its_issuers_logo_colour_and_footer_and_the_software_that_it_names(
    posted, got, gateway, issuer
):
    kept = posted("/documentos", invoice())
    plain = got(kept)[2]
    media_type, logo = images.kept(png(lambda x, _: (x, 0, 0)))
    gateway.papers.save(
        NIT,
        Paper(
            logo=gateway.archive.logo(NIT, logo, media_type), colour="#0A5", footer="Gracias por su compra",
            software="Mi ERP", maker="Hacedora S.A.S.", maker_nit="900111222",
        ),
    )  # fmt: skip

    pdf = got(kept)[2]

    assert b"/Subtype /Image" not in plain
    assert b"/Subtype /Image" in pdf
    assert "Gracias por su compra" in words(pdf)
    assert "Software: Mi ERP · Fabricante: Hacedora S.A.S., NIT 900.111.222-1" in words(pdf)
    assert "Software: Cauce · Fabricante: Ñandú & Cía. S.A.S., NIT 900.123.456-8" in words(plain)


def test_who_is_asked_for_is_said_by_origen_and_any_other_word_is_refused_by_name(posted, got):
    kept = posted("/documentos", invoice())

    ours = got(kept, origen="cauce")
    theirs = got(kept, origen="proveedor")
    misspelt = got(kept, orijen="proveedor")
    unknown = got(kept, origen="dian")

    assert ours[0] == 200
    assert (theirs[0], theirs[2]["codigo"]) == (422, "no_soportado")
    assert "no entrega un PDF suyo; pida el de Cauce, sin «origen»" in theirs[2]["error"]
    assert (misspelt[0], unknown[0]) == (422, 422)
    assert misspelt[2]["errors"] == {"orijen": ["El parámetro «orijen» no existe; ¿quiso decir «origen»?"]}
    assert unknown[2]["errors"] == {"origen": ["El parámetro «origen» debe ser uno de: cauce, proveedor."]}


def test_it_is_drawn_from_the_signed_xml_and_not_from_what_the_record_asks_for(posted, got, gateway):
    kept = posted("/documentos", invoice())
    line = kept.document.lines[0].model_copy(update={"description": "otra cosa"})
    changed = kept.document.model_copy(update={"lines": (line,)})

    text = words(delivery.pdf(gateway, kept.model_copy(update={"content": changed})))

    assert kept.document.lines[0].description in text
    assert "otra cosa" not in text


def test_where_the_xml_cannot_be_had_the_record_is_drawn_and_where_it_can_it_is_kept(
    posted, got, gateway, dian
):
    kept = posted("/documentos", invoice())
    bare = gateway.records.save(kept.model_copy(update={"signed_xml": None, "sent_as": None}))

    dian.go_out(503)
    of_record = words(got(bare)[2])
    dian.come_back()
    of_xml = words(got(bare)[2])

    assert "Documento validado por la DIAN" in of_record
    assert kept.uuid in of_record
    assert of_xml == of_record
    assert gateway.records.read(NIT, kept.document_id).signed_xml is not None
