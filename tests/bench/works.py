"""Single works against what they are made of: reading against ``json.loads``, an envelope against its RSA operation, a
PDF against reportlab's platypus.
"""

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import cycle

import pypdfium2
import zxingcpp

from cauce.contracts.v1 import bodies, contract
from cauce.domain.document import Document, Kind
from cauce.domain.record import Record, State
from cauce.providers.dian.envelope import envelope
from cauce.representation import drawing, facts, known
from cauce.ubl import files, preflight
from cauce.ubl.certificate import loaded
from tests.bench import invoices, signing
from tests.bench.naive import with_platypus
from tests.bench.naive.request import Invoice
from tests.bench.paired import Measured, measure
from tests.records import a_record
from tests.unit.dian.oracles import parsed
from tests.unit.factus.builders import factus

_ADDRESS = "https://vpfe-hab.dian.gov.co/WcfDianCustomerServices.svc"


def read(text: str) -> Document:
    """The document that a body asks for, read and checked as ``emit`` does."""
    return contract.read(Kind.INVOICE, bodies.read_body(text, False, signing.JSON_TYPE))


def reading(rounds: int, lines: int = 200) -> Measured:
    """``ours`` against ``json.loads``."""
    assert len(read(invoices.text(lines)).lines) == lines
    texts = invoices.others(lines)
    works = {"ours": signing.each_time(read, texts), "json.loads": signing.each_time(json.loads, texts)}
    return measure(works, rounds)


def factus_v2(rounds: int, lines: int = 200) -> Measured:
    """From a body to the bytes that Factus is sent, without Factus's own checks, against ``json.loads``."""
    texts, provider = cycle(_for_factus(lines)), factus("v2")
    kept = a_record(read(next(texts)), invoices.NOW, issuer="901724254", provider="factus")

    def ours(text: str) -> bytes:
        return provider.prepare(kept.model_copy(update={"content": read(text)})).body

    sent = json.loads(ours(next(texts)), parse_float=Decimal)
    assert len(sent["items"]) == lines
    return measure(
        {"ours": signing.each_time(ours, texts), "json.loads": signing.each_time(json.loads, texts)}, rounds
    )


def _for_factus(lines: int) -> list[str]:
    """The bodies without what Factus has no place for."""
    bodies_ = [invoices.body(lines, nth=nth) for nth in range(30)]
    paid = {"pago": {"forma": "1", "medio": "47"}}
    return [json.dumps({**body, **paid}, ensure_ascii=False, separators=(",", ":")) for body in bodies_]


def soap(rounds: int) -> Measured:
    """The signed envelope of an invoice of two lines against the RSA operation in it."""
    content = files.zipped({"fv.xml": signing.ours(invoices.text(2))})
    certificate, now = invoices.signer()[1], datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
    arguments = {"fileName": "z.zip", "contentFile": base64.b64encode(content).decode()}
    ours = partial(envelope, "SendBillSync", arguments, _ADDRESS, certificate, now)
    return measure({"ours": ours, "RSA": signing.rsa}, rounds)


def pdf(rounds: int, lines: int) -> Measured:
    """The graphic representation of an accepted invoice, its signed XML read too, against platypus with segno, which
    has the invoice read already."""
    texts = [invoices.text(lines, nth=nth) for nth in range(6)]
    signed = [(accepted(text, xml), xml) for text in texts for xml in [signing.ours(text)]]
    _check_pdf(our_pdf(*signed[0]), lines)
    _check_pdf(with_platypus.pdf(Invoice.model_validate_json(texts[0])), lines)
    documents, models = cycle(signed), cycle(map(Invoice.model_validate_json, texts))
    works = {"ours": lambda: our_pdf(*next(documents)), "platypus": lambda: with_platypus.pdf(next(models))}
    return measure(works, rounds)


def certificate(rounds: int) -> Measured:
    """Loading an issuer's certificate, as a container does with its first document, against one RSA operation."""
    return measure({"ours": partial(loaded, invoices.enrolled_signer()), "RSA": signing.rsa}, rounds)


def file_rules(rounds: int, lines: int = 10) -> Measured:
    """DIAN's rules on a signed file, parsed beforehand, against L1."""
    tree = parsed(signing.ours(invoices.text(lines)))
    assert preflight.xml_findings(tree) is not None
    return measure({"ours": partial(preflight.xml_findings, tree), "L1": signing.works(lines)["L1"]}, rounds)


def our_pdf(record: Record, signed_xml: bytes) -> bytes:
    found = known.known(record, invoices.ISSUER, lambda: None, signed_xml)
    assert found.maker is not None  # which no record tells
    return drawing.pdf(facts.sheet(found, invoices.ISSUER))


def accepted(text: str, signed_xml: bytes) -> Record:
    """The record of an invoice that DIAN accepted."""
    uuid = parsed(signed_xml).findtext("{*}UUID")
    return a_record(
        read(text),
        invoices.NOW,
        issuer=invoices.ISSUER.nit,
        provider="dian",
        state=State.ACCEPTED,
        number=invoices.NUMBER,
        range=invoices.RANGE,
        uuid=uuid,
    )


def _check_pdf(content: bytes, lines: int) -> None:
    """Fail unless the text of a PDF has every line's code, and its QR can be read."""
    pages = list(pypdfium2.PdfDocument(content))
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    codes = [line["codigo"] for line in invoices.body(lines)["lineas"]]
    assert all(code in text for code in codes)
    assert any(
        "documentkey" in each.text for each in zxingcpp.read_barcodes(pages[0].render(scale=3).to_pil())
    )
