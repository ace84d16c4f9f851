"""Verifies a whole file, and the files that it encloses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce.domain.errors import InvalidDocument
from cauce.verification import identifier, rules, signature
from cauce.verification.file import elements, enclosed, is_from_dian, local, parsed, text, title
from cauce.verification.identifier import Secrets
from cauce.verification.report import Check, Report, Section, right, unknown, wrong

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ENVIRONMENTS = {"1": "producción", "2": "habilitación"}
_VALIDATED = "02"
_DOCUMENT = "cac:Attachment/cac:ExternalReference/cbc:Description"
_ANSWER = f"cac:ParentDocumentLineReference/cac:DocumentReference/{_DOCUMENT}"
_ANSWERED = "cac:ParentDocumentLineReference/cac:DocumentReference/cbc:UUID"
_ENCLOSED = ((_DOCUMENT, "el documento"), (_ANSWER, "la respuesta de la DIAN"))
_RESPONSE = "cac:DocumentResponse/cac:Response"
# An invoice that is delivered in contingency comes without an answer of DIAN's (annex 1.9, 12.2).
_IN_CONTINGENCY = "04"


def verify(xml: bytes, secrets: Secrets) -> Report:
    """Verify all that a file by itself allows. Raises InvalidDocument where it is not a document of DIAN's."""
    root = parsed(xml)
    if local(root) == "AttachedDocument":
        return _container(xml, root, secrets)
    sections = (signature.check(xml, root), identifier.check(root, secrets))
    if is_from_dian(root):
        return Report(title(root), tuple(_facts(root)), sections)
    return Report(title(root), tuple(_facts(root)), (*sections, *rules.check(root)))


def _container(xml: bytes, root: "Element", secrets: Secrets) -> Report:
    """What the buyer receives: the document and DIAN's answer, each verified as if it came alone."""
    inner: list[Report] = []
    roots: list[Element] = []
    checks: list[Check] = []
    for path, what in _ENCLOSED:
        content = text(root, path)
        in_contingency = bool(roots) and text(roots[0], "cbc:InvoiceTypeCode") == _IN_CONTINGENCY
        if path == _ANSWER and not content and in_contingency:
            said = "No trae la respuesta de la DIAN: la factura se emitió en contingencia (04)."
            checks.append(unknown(said))
            continue
        try:
            roots.append(parsed(enclosed(content)))
            inner.append(verify(enclosed(content), secrets))
        except InvalidDocument as cause:
            missing = f"No trae {what}." if not content else f"No se puede leer {what}: {cause.message}"
            checks.append(wrong(missing))
    if len(roots) == len(_ENCLOSED):
        checks.extend(_coherence(root, *roots))
    sections = (signature.check(xml, root), Section("Contenido", tuple(checks)))
    return Report(title(root), tuple(_facts(root)), sections, tuple(inner))


def _coherence(root: "Element", document: "Element", answer: "Element") -> Iterator[Check]:
    """Whether container, document and answer are about one document, and the answer is that DIAN validated it."""
    uuid = text(document, "cbc:UUID")
    about = text(answer, "cac:DocumentResponse/cac:DocumentReference/cbc:UUID")
    for fine, path, expected in (
        ("El contenedor nombra el número del documento.", "cbc:ParentDocumentID", text(document, "cbc:ID")),
        ("El contenedor nombra el identificador del documento.", _ANSWERED, uuid),
    ):
        yield _same(fine, fine.replace(" nombra ", " no nombra "), expected, text(root, path))
    not_of_it = "La respuesta de la DIAN es de otro documento."
    yield _same("La respuesta de la DIAN es de ese documento.", not_of_it, uuid, about)
    code = text(answer, f"{_RESPONSE}/cbc:ResponseCode")
    yield _same("La DIAN lo validó.", "La DIAN no lo validó.", _VALIDATED, code)


def _same(fine: str, bad: str, expected: str, found: str) -> Check:
    return right(fine) if found == expected else wrong(bad, expected=expected, found=found or "nada")


def _facts(root: "Element") -> Iterator[tuple[str, str]]:
    yield "número", text(root, "cbc:ID")
    yield "emitido", " ".join((text(root, "cbc:IssueDate"), text(root, "cbc:IssueTime"))).strip()
    for name, paths in (
        ("de", ("cac:AccountingSupplierParty/cac:Party", "cac:SenderParty")),
        ("para", ("cac:AccountingCustomerParty/cac:Party", "cac:ReceiverParty")),
    ):
        for path in paths:
            party = f"{path}/cac:PartyTaxScheme"
            if elements(root, party):
                yield (
                    name,
                    f"{text(root, f'{party}/cbc:RegistrationName')} ({text(root, f'{party}/cbc:CompanyID')})",
                )
    if is_from_dian(root):
        code, said = (text(root, f"{_RESPONSE}/cbc:{name}") for name in ("ResponseCode", "Description"))
        yield "respuesta", f"{code} {said}".strip()
    environment = text(root, "cbc:ProfileExecutionID")
    if environment in _ENVIRONMENTS:
        yield "ambiente", _ENVIRONMENTS[environment]
