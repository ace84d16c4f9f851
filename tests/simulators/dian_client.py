"""Documents altered before they are signed, and calls made by hand, for the tests of the DIAN simulator.

The documents come from Cauce's emitter. What is wrong with each after the alteration follows from the rule's text, so
emitter and simulator cannot agree on the same mistake unnoticed.
"""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from pydantic import SecretStr

from cauce.domain.outcome import Outcome, Rejected
from cauce.domain.record import Record
from cauce.providers import soap as transport
from cauce.providers.base import Request
from cauce.providers.dian.envelope import action, envelope
from cauce.providers.dian.provider import Dian
from cauce.providers.dian.signing import Keys
from cauce.providers.http import client
from cauce.ubl import document as ubl
from cauce.ubl import files, reading, signature
from cauce.ubl.canonical import Unsigned, octets
from cauce.ubl.certificate import Certificate, current
from cauce.ubl.facts import NumberedDocument
from tests.simulators.dian import PATH, DianSimulator
from tests.unit.dian.builders import ISSUER, a_document
from tests.unit.dian.oracles import NAMES, parsed
from tests.unit.dian.talking import connected, record

KEY = "fc8eac422eba16e22ffd8c6f94b3f40a6e38162c"
Change = Callable[[Any], None]

# Where the signature will be, in a document that is being altered.
_PLACE = "<ds:Signature></ds:Signature>"


def to(tag: str, text: str, nth: int = 0, **attributes: str) -> Change:
    """A change of the nth element of this name: another text, and other attributes."""
    seen = itertools.count()

    def change(element: Any) -> None:
        for found in element.iter(_qualified(tag)):
            if next(seen) == nth:
                found.text = text
                found.attrib.update(attributes)

    return change


def within(parent: str, inner: Change) -> Change:
    """A change inside every element of this name, and nowhere else."""

    def change(element: Any) -> None:
        for found in element.iter(_qualified(parent)):
            inner(found)

    return change


def without(tag: str) -> Change:
    def change(element: Any) -> None:
        for found in list(element.iter(_qualified(tag))):
            found.getparent().remove(found)

    return change


def _qualified(tag: str) -> str:
    prefix, _, name = tag.partition(":")
    return f"{{{NAMES[prefix]}}}{name}"


def built(provider: Dian, kept: Record) -> Any:
    """The document, to be altered and then ``signed``."""
    assert kept.number is not None
    before, after, _ = ubl.build(
        NumberedDocument(
            document=kept.document,
            number=kept.number,
            issued_at=kept.issued_at,
            issuer=provider.connection.issuer,
            software=Keys(provider.connection).software,
            range=kept.range,
            technical_key=SecretStr(KEY),
        )
    )
    return parsed(octets(before + _PLACE + after))


def signed(tree: Any, signer: Certificate, signed_at: datetime) -> bytes:
    before, _, after = etree.tostring(tree, method="c14n").decode("latin-1").partition(_PLACE)
    declared = ubl.namespaces(etree.QName(tree).localname)
    return signature.signed(Unsigned(before, after, declared), signer, signed_at)


def certificate(provider: Dian) -> Certificate:
    return current(Keys(provider.connection).certificates, datetime.now(UTC))


def zipped(xml: bytes, kept: Record, prefix: str | None = None) -> Request:
    """The request with the file named as it should be."""
    assert kept.number is not None
    stem = files.stem(
        prefix or files.PREFIXES[kept.kind], ISSUER.nit, kept.issued_at.year, kept.number.consecutive
    )
    return Request("SendBillSync", files.zipped({f"{stem}.xml": xml}), "application/zip")


def altered(provider: Dian, kept: Record, *changes: Change) -> Outcome:
    """The outcome of the document after it was changed, signed and sent."""
    tree = built(provider, kept)
    for change in changes:
        change(tree)
    return provider.send(zipped(signed(tree, certificate(provider), kept.issued_at), kept))


def rules(outcome: Outcome) -> set[str | None]:
    assert isinstance(outcome, Rejected), outcome
    return {message.rule for message in outcome.rejections}


def a_file(provider: Dian) -> tuple[Record, bytes]:
    kept = record(a_document())
    return kept, signed(built(provider, kept), certificate(provider), kept.issued_at)


def say(dian: DianSimulator, operation: str, signer: Certificate | None = None, **arguments: str) -> Any:
    """Call an operation with exactly these arguments; returns its Result element."""
    used = signer or certificate(connected(dian))
    raw = post(dian, envelope(operation, arguments, dian.base_url + PATH, used, datetime.now(UTC)), operation)
    found = reading.child(transport.answer("DIAN", raw), f"{operation}Result")
    assert found is not None
    return found


def post(dian: DianSimulator, message: bytes, operation: str, **headers: str) -> bytes:
    content_type = f'application/soap+xml; charset=utf-8; action="{action(operation)}"'
    return transport.respond(
        client(dian.base_url),
        "DIAN",
        dian.base_url + PATH,
        message,
        {"Content-Type": content_type, **headers},
        read_seconds=10,
    ).content


def code(result: Any) -> str:
    return reading.text(result, "StatusCode")
