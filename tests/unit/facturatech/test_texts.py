"""Its catalogue of answers: every documented code and text has a meaning, and none of them is a guess at runtime."""

from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, OutcomeUnknown
from cauce.domain.texts import folded
from cauce.providers.facturatech import answer, texts
from cauce.providers.facturatech.answer import Reply
from cauce.providers.facturatech.names import field_in
from cauce.providers.facturatech.texts import DOWNLOAD, STATUS, UPLOAD, Meaning
from tests.content import CUFE
from tests.unit.facturatech.builders import published

# operation, code, text, meaning: the catalogue of the manual, a line each
DOCUMENTED = [
    (UPLOAD, "201", "Procesado correctamente", Meaning.PROCESSED),
    (UPLOAD, "200", "Procesado correctamente", Meaning.PROCESSED),
    (UPLOAD, "201", "Documento procesado, Advertencias: [x]", Meaning.PROCESSED),
    (
        UPLOAD,
        "201",
        "La factura electrónica[SETP1], ha sido autorizada, Advertencias:[x]",
        Meaning.AUTHORISED,
    ),
    (
        UPLOAD,
        "201",
        "Ya existe un documento en status de procesamiento con este folio, favor de verificar el estatus con "
        "documentStatus",
        Meaning.DUPLICATE_PROCESSING,
    ),
    (
        UPLOAD,
        "201",
        "Ya existe un documento firmado con este folio, no es posible procesarlo nuevamente",
        Meaning.DUPLICATE_SIGNED,
    ),
    (UPLOAD, "404", "Parámetro password inválido", Meaning.CREDENTIALS),
    (UPLOAD, "404", "Parámetro XML inválido", Meaning.REJECTED),
    (UPLOAD, "404", "base64 inválido", Meaning.REJECTED),
    (UPLOAD, "404", "datos de acceso incorrectos", Meaning.CREDENTIALS),
    (UPLOAD, "404", "usuario sin mapeo", Meaning.CREDENTIALS),
    (UPLOAD, "404", "usuario sin modo de trabajo", Meaning.CREDENTIALS),
    (UPLOAD, "404", "usuario sin proveedor", Meaning.CREDENTIALS),
    (UPLOAD, "404", "límite de folios de prueba", Meaning.CREDENTIALS),
    (UPLOAD, "404", "inconsistencia ENC_6", Meaning.REJECTED),
    (UPLOAD, "404", "Elementos esperados ENC. Errores", Meaning.REJECTED),
    (UPLOAD, "404", "Elementos inesperados XYZ. Errores", Meaning.REJECTED),
    (UPLOAD, "404", "Rechazo reglas de validación", Meaning.REJECTED),
    (UPLOAD, "404", "Rechazo datos incorrectos, Errores [x], advertencias [y]", Meaning.REJECTED),
    (UPLOAD, "409", "sin autorización WS", Meaning.CREDENTIALS),
    (UPLOAD, "409", "usuario no en fase de pruebas", Meaning.CREDENTIALS),
    (UPLOAD, "409", "sin folios disponibles", Meaning.CREDENTIALS),
    (UPLOAD, "409", "NIT emisor distinto de la cuenta", Meaning.CREDENTIALS),
    (UPLOAD, "409", "número de autorización no coincide", Meaning.NUMBERING),
    (UPLOAD, "409", "fecha inicio de autorización no coincide", Meaning.NUMBERING),
    (UPLOAD, "409", "fecha fin de autorización no coincide", Meaning.NUMBERING),
    (UPLOAD, "409", "folio fuera de rango", Meaning.NUMBERING),
    (UPLOAD, "409", "El número de transacciones permitidas para el folio [SETP1]", Meaning.CREDENTIALS),
    (UPLOAD, "405", "método no permitido", Meaning.MISROUTED),
    (STATUS, "201", "Documento firmado", Meaning.DONE),
    (STATUS, "404", "transaccionid inválido", Meaning.ABSENT),
    (STATUS, "404", "no existe documento con este transaccionid", Meaning.ABSENT),
    (STATUS, "404", "credenciales inválidas", Meaning.CREDENTIALS),
    (STATUS, "404", "usuario no asociado", Meaning.CREDENTIALS),
    (STATUS, "405", "método no permitido", Meaning.MISROUTED),
    (DOWNLOAD, "201", "Recurso obtenido correctamente", Meaning.DONE),
    (DOWNLOAD, "100", "", Meaning.DONE),
    (DOWNLOAD, "404", "prefijo inválido", Meaning.ABSENT),
    (DOWNLOAD, "404", "folio inválido", Meaning.ABSENT),
    (DOWNLOAD, "404", "credenciales incorrectas", Meaning.CREDENTIALS),
    (DOWNLOAD, "404", "No existe el recurso solicitado", Meaning.ABSENT),
    (DOWNLOAD, "405", "método no permitido", Meaning.MISROUTED),
]


@pytest.mark.parametrize(
    ("catalogue", "code", "text", "expected"),
    DOCUMENTED,
    ids=[f"{row[1]} {row[2][:40]}" for row in DOCUMENTED],
)
def test_documented_answer(catalogue: Any, code: str, text: str, expected: Meaning):
    assert texts.meaning(catalogue, code, text) is expected


@pytest.mark.parametrize("catalogue", [UPLOAD, STATUS, DOWNLOAD], ids=["upload", "status", "download"])
def test_every_documented_code_has_a_meaning_whatever_its_text(catalogue: Any):
    for code in ("100", "200", "201", "404", "405", "409"):
        assert texts.meaning(catalogue, code, "un texto que nadie documentó") is not Meaning.UNKNOWN
    for code in ("500", "", "abc", "204"):
        assert texts.meaning(catalogue, code, "Procesado correctamente") is Meaning.UNKNOWN


def test_the_sheets_own_words_are_those_above():
    sheet = folded(published("providers/facturatech.md"))

    for fragment in (
        "ya existe un documento en status de procesamiento con este folio",
        "ya existe un documento firmado con este folio",
        "ha sido autorizada, advertencias",
        "procesado correctamente",
        "datos de acceso incorrectos",
        "rechazo reglas de validacion",
        "folio fuera de rango",
        "no existe el recurso solicitado",
    ):
        assert fragment in sheet


@pytest.mark.parametrize("meaning", [Meaning.CREDENTIALS, Meaning.NUMBERING, Meaning.MISROUTED])
def test_what_only_an_operator_can_mend_says_that_nothing_was_processed(meaning: Meaning):
    assert isinstance(answer.trouble(meaning, reply("x")), CredentialsRejected)


def test_an_answer_without_a_meaning_is_an_unknown_outcome():
    assert isinstance(answer.trouble(Meaning.UNKNOWN, reply("x")), OutcomeUnknown)


# What is in a text -------------------------------------------------------------------------------


def reply(message: str, **changes: str) -> Reply:
    fields = {"code": "201", "status": "", "transaction": "", "resource": "", **changes}
    return Reply(message=message, raw=b"", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["TrasactionID", "TransactionID", "transaccionID", "TRASACTIONID"])
def test_quirk_24_a_transaction_inside_the_text_is_found_however_it_is_spelt(word: str):
    from lxml import etree

    element = etree.fromstring(
        f"<r><return><code>201</code><error>Ya existe… {word}: 5f3a9c01</error></return></r>".encode()
    )
    assert answer.reply(element, b"").transaction == "5f3a9c01"


@pytest.mark.parametrize("name", ["error", "Msgerror"])
def test_quirk_24_the_message_is_under_either_name(name: str):
    from lxml import etree

    element = etree.fromstring(f"<r><code>404</code><{name}>No</{name}></r>".encode())
    assert answer.reply(element, b"").message == "No"


def test_a_rejection_keeps_its_errors_and_its_warnings_apart():
    outcome = answer.rejected(
        reply("Rechazo datos incorrectos, Errores: [ADQ_6 no informado], advertencias: [Sin correo]"),
        Kind.INVOICE,
    )

    assert [(why.text, why.field) for why in outcome.rejections] == [
        ("ADQ_6 no informado", "counterparty.name")
    ]
    assert [notice.text for notice in outcome.notices] == ["Sin correo"]


def test_a_rejection_without_brackets_is_its_whole_text():
    outcome = answer.rejected(reply("Rechazo reglas de validación"), Kind.INVOICE)

    assert [why.text for why in outcome.rejections] == ["Rechazo reglas de validación"]


@pytest.mark.parametrize(
    "resource",
    [
        CUFE,
        CUFE.upper(),
        "NDRlMjYwYTc2ZTA5MmU0NmZkNWQ4MzQ0YTAzMTQ2ZDVjODg2M2FiNjhiMThiZGUzOGE1MzMxOGEzM2JmNjgwNWJhYzc1ZjBiZDcxYjBiNzViM2JkOWM3NDdhNjI5NDcw",
    ],
)
def test_a_cufe_is_read_as_text_or_in_base64(resource: str):
    assert answer.uuid(reply("", resource=resource)) == CUFE


@pytest.mark.parametrize("resource", ["", "no", "ab" * 40])
def test_what_is_no_cufe_is_none(resource: str):
    assert answer.uuid(reply("", resource=resource)) is None


@pytest.mark.parametrize(
    ("text", "kind", "field"),
    [
        ("ADQ_23 no informado", Kind.INVOICE, "counterparty.municipality"),
        ("PRO_2 inválido", Kind.SUPPORT_DOCUMENT, "counterparty.identification"),
        ("CDA_4 inválido", Kind.INVOICE, "counterparty.email"),
        ("MEP_1 inválido", Kind.INVOICE, "payment.means"),
        ("REF_4 inválido", Kind.CREDIT_NOTE, "billing_reference.uuid"),
        ("REF_4 inválido", Kind.ADJUSTMENT_NOTE, "billing_reference.uuid"),
        ("CDN_1 inválido", Kind.CREDIT_NOTE, "reason.code"),
        ("CDN_2 inválido", Kind.ADJUSTMENT_NOTE, "reason.code"),
        ("ENC_6 inválido", Kind.INVOICE, "prefix"),
        ("ITE_5 inválido", Kind.INVOICE, None),
        ("EMI_2 inválido", Kind.INVOICE, None),
        ("algo anda mal", Kind.INVOICE, None),
    ],
)
def test_a_field_of_theirs_is_one_of_the_contracts(text: str, kind: Kind, field: str | None):
    assert field_in(text, kind) == field
