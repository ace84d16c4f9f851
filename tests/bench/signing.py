"""From the JSON of an invoice to its signed XML: how much more that costs than the signature alone.

``python -m tests.bench.signing [--only 10,200] [--rounds 30] [--naive] [--json FILE]``. CPU time, medians of paired rounds in one
process. L0 is an RSA signature of 2048 bits and a SHA-256 of the document's bytes; L1 is L0 and one canonical form
(C14N, lxml) of the document's tree, which is parsed beforehand: the least that a signer needs who holds the finished
document. Ours is everything: the request is read, checked by law and by DIAN's rules, summed, written and signed.

``--naive`` measures beside it what a user would assemble of pydantic, lxml and signxml, or of jinja2 and libxmlsec1
(``tests.bench.naive``), whose documents are ours byte for byte but for the signature.

It asserts nothing; ``tests.bench`` has the limits.
"""

import argparse
import hashlib
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest import mock

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from cauce import law
from cauce.contracts.v1 import bodies, contract
from cauce.domain import expected
from cauce.domain.document import Document, Kind
from cauce.domain.time import bogota
from cauce.domain.totals import amounts_of
from cauce.ubl import emitter, preflight, refusals
from cauce.ubl.facts import NumberedDocument
from cauce.verification.document import verify
from cauce.verification.identifier import Secrets
from tests.bench import invoices
from tests.bench.naive import with_jinja, with_lxml
from tests.bench.paired import Measured, Work, measure
from tests.unit.dian.oracles import canonical, parsed, signxml_accepts, xmlsec_accepts

STAGES = ("read, check", "totals", "law", "format rules", "UBL", "signature")
JSON_TYPE = "application/json"
NAIVE = {"lxml, signxml": with_lxml.signed, "jinja2, xmlsec": with_jinja.signed}
_SIGNATURE = re.compile(rb"<ds:Signature .*</ds:Signature>", re.DOTALL)

Mark = Callable[[str], None]


def ours(text: str, mark: Mark = lambda stage: None) -> bytes:
    """The signed XML of a request's body. Each stage is done once; ``mark`` is told where each ends.

    What an emission does besides (the table, the archive, the call to DIAN) is not here.
    """
    document = contract.read(Kind.INVOICE, bodies.read_body(text, False, JSON_TYPE))
    mark("read, check")
    numbered = _numbered(document)
    expected.refuse(document, amounts_of(numbered.totals))
    mark("totals")
    law.check(document, invoices.ISSUER.extra_rates)
    law.check_today(document, bogota(invoices.NOW).date())
    mark("law")
    _check_format(document)
    mark("format rules")
    return emitter.build_signed(numbered, invoices.signer()[1]).xml


def _numbered(document: Document) -> NumberedDocument:
    return NumberedDocument(
        document=document,
        number=invoices.NUMBER,
        issued_at=invoices.NOW,
        issuer=invoices.ISSUER,
        software=invoices.SOFTWARE,
        range=invoices.RANGE,
        technical_key=invoices.TECHNICAL_KEY,
    )


def _check_format(document: Document) -> None:
    """What DIAN's adapter asks in ``check``, ``check_today`` and ``check_range``, asked once."""
    found = preflight.findings(
        document, invoices.ISSUER, invoices.RANGE, issued_at=invoices.NOW, now=invoices.NOW
    )
    preflight.refuse(found)
    refusals.refuse(document)


def rsa() -> bytes:
    """The signature alone, of as many bytes as a SignedInfo has."""
    return invoices.signer()[0].key.sign(b"\x5a" * 1500, padding.PKCS1v15(), hashes.SHA256())


def works(lines: int, *, naive: bool = False) -> dict[str, Work]:
    """Ours, L0, L1 and the RSA operation for an invoice of so many lines, with or without the naive stacks. What signs
    is verified here."""
    text = invoices.text(lines)
    xml = ours(text)
    check(xml)
    tree = parsed(xml)
    others: dict[str, Work] = {}
    for name, signed in NAIVE.items() if naive else ():
        check_other(signed(text), xml)
        others[name] = each_time(signed, invoices.others(lines))

    def l0() -> None:
        hashlib.sha256(xml).digest()
        rsa()

    def l1() -> None:
        etree.tostring(tree, method="c14n")
        l0()

    mine: dict[str, Work] = {"ours": each_time(ours, invoices.others(lines)), "L0": l0, "L1": l1, "RSA": rsa}
    return {**mine, **others, "json.loads": each_time(json.loads, invoices.others(lines))}


def each_time(work: Callable[[str], object], texts: Iterator[str]) -> Work:
    """A work that takes the next of the texts each time."""
    return lambda: work(next(texts))


def check(xml: bytes) -> None:
    """Fail unless our own verifier and two of others accept a signed document."""
    report = verify(xml, Secrets(technical_key=invoices.TECHNICAL_KEY, pin=invoices.SOFTWARE.pin))
    wrong = [each for each in report.checks if each.verdict == "incorrecto"]
    assert report.is_right, wrong
    made = invoices.signer()[0]
    assert signxml_accepts(xml, made)
    assert xmlsec_accepts(xml, made)


def check_other(xml: bytes, our_xml: bytes) -> None:
    """Fail unless two verifiers accept another's signed document, and it is ours in all but its signature."""
    made = invoices.signer()[0]
    assert signxml_accepts(xml, made)
    assert xmlsec_accepts(xml, made)
    assert canonical(_SIGNATURE.sub(b"", xml)) == canonical(_SIGNATURE.sub(b"", our_xml))


def stages(lines: int, rounds: int) -> dict[str, float]:
    """Median CPU seconds of each stage of ours."""
    texts, samples = invoices.others(lines), defaultdict[str, list[float]](list)
    with _signature_apart() as signing:
        for _ in range(rounds + 1):
            signing.clear()
            last = time.process_time()

            def mark(stage: str) -> None:
                nonlocal last
                now = time.process_time()
                samples[stage].append(now - last)
                last = now

            ours(next(texts), mark)
            rest, signature = time.process_time() - last, sum(signing)
            samples["UBL"].append(rest - signature)
            samples["signature"].append(signature)
    return {stage: median(samples[stage][1:]) for stage in STAGES}


@contextmanager
def _signature_apart() -> Iterator[list[float]]:
    """CPU seconds of each call of ``signed``, which ``build_signed`` ends with."""
    spent: list[float] = []
    signed = emitter.signed

    def timed(*args: object, **options: object) -> bytes:
        began = time.process_time()
        made = signed(*args, **options)  # type: ignore[arg-type]
        spent.append(time.process_time() - began)
        return made

    with mock.patch.object(emitter, "signed", timed):
        yield spent


def rounds_for(lines: int, asked: int) -> int:
    """Fewer rounds for a large invoice, whose samples are long and vary less."""
    return max(5, asked // 3) if lines >= 1000 else asked


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", help="numbers of lines, as 10,200", default=",".join(map(str, invoices.LINES))
    )
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--naive", action="store_true", help="the naive stacks too")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    asked = parser.parse_args()
    sizes = [int(each) for each in asked.only.split(",")]
    found = {n: measure(works(n, naive=asked.naive), rounds_for(n, asked.rounds)) for n in sizes}
    split = {n: stages(n, max(5, rounds_for(n, asked.rounds) // 2)) for n in sizes}
    rows = {
        "ours, µs": lambda n: f"{found[n].seconds('ours') * 1e6:,.0f}",
        "L0, µs": lambda n: f"{found[n].seconds('L0') * 1e6:,.0f}",
        "L1, µs": lambda n: f"{found[n].seconds('L1') * 1e6:,.0f}",
        "ours ÷ L1": lambda n: f"{found[n].ratio('ours', 'L1'):.2f}",
        "the same without RSA": lambda n: f"{found[n].ratio('ours', 'L1', less='RSA'):.2f}",
        **{
            f"{name} ÷ ours": (lambda n, name=name: f"{found[n].ratio(name, 'ours'):.2f}")
            for name in (NAIVE if asked.naive else ())
        },
        "": lambda n: "",
        "json.loads alone, µs": lambda n: f"{found[n].seconds('json.loads') * 1e6:,.0f}",
        **{f"{stage}, µs": (lambda n, stage=stage: f"{split[n][stage] * 1e6:,.0f}") for stage in STAGES},
    }
    print(f"{'JSON to signed XML, lines':28}" + "".join(f"{n:>12,}" for n in sizes))
    for name, said in rows.items():
        print((f"{name:28}" + "".join(f"{said(n):>12}" for n in sizes)).rstrip())
    if asked.json:
        asked.json.write_text(json.dumps(figures(found, split), indent=2) + "\n")
    return 0


def figures(found: dict[int, Measured], split: dict[int, dict[str, float]]) -> dict[str, object]:
    """What was measured, by the number of lines: ratios, and microseconds."""
    return {
        str(n): {
            "ours_to_L1": round(of.ratio("ours", "L1"), 3),
            "ours_to_L1_without_rsa": round(of.ratio("ours", "L1", less="RSA"), 3),
            "microseconds": {name: round(of.seconds(name) * 1e6, 1) for name in of.samples},
            "stages_microseconds": {stage: round(spent * 1e6, 1) for stage, spent in split[n].items()},
        }
        for n, of in found.items()
    }


if __name__ == "__main__":
    sys.exit(main())
