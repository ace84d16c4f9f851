"""``make oracles``: random documents of every kind, as ERPs could ask for them, judged by others.

Each goes through DIAN's schematron and UBL's schema, every twentieth through signxml and libxmlsec1 too. What the
schematron rejects must be among our own findings, or be one of the rules that DIAN has left behind (``STALE``).
Development only: it needs the reference material beside the project, and says so where that is absent.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from cauce import law
from cauce.contracts.v1 import contract
from cauce.contracts.v1.bodies import Body
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError
from cauce.domain.models import changed
from cauce.domain.time import BOGOTA
from cauce.ubl import preflight
from cauce.ubl.certificate import enrolled, loaded
from cauce.ubl.emitter import build_signed
from cauce.ubl.preflight.rules import LETTERS
from cauce.ubl.refusals import refuse
from tests.oracles.schematron import STYLESHEET, Said, Schematron
from tests.unit.contracts.written import a_request, written
from tests.unit.dian import certificates
from tests.unit.dian.builders import ISSUER, numbered
from tests.unit.dian.oracles import schema_errors, signxml_accepts, xmlsec_accepts

STALE = {
    "AD02": "its operations of notes (20 to 32) are older than the lists of 1.9",
    "AD03": "it wants «DIAN 2.1» and no more; 1.9 and accepted documents have the long text",
    "AD08": "it knows no support documents, whose identifier is a CUDS",
    "AD12": "it knows no support documents (type 05)",
    "AJ27": "its listName is 04 or 05; 1.9's examples have 48 and 49",
    "AL06": "its types of identification are older than 1.9's (10, 47, 48)",
    "AR08": "it takes prepayments off the total, as 1.9 does no longer, and compares whole pesos",
    "AS07": "it compares whole pesos, and knows no tax per thousand",
    "AT07": "it knows no withholding per thousand (ReteICA)",
    "AX07": "it compares whole pesos, and knows no tax per thousand",
    "AY10": "its rates are older than those that the law has now",
    "BC04": "its terms of delivery are those of 2010; DPU is of 2020",
}
"""Rules of the schematron that annex 1.9 or DIAN's later lists have left behind: the code without the letter of the
kind of document, and why."""
_POSTAL_CODE = "AJ73"
"""Its one rule for the postal codes of all addresses, of Colombia and abroad."""
_ABROAD = f"{_POSTAL_CODE} abroad"
STALE[_ABROAD] = "it looks for a Colombian postal code in addresses abroad"


@dataclass
class Judged:
    """What became of the documents of a kind."""

    refused: int = 0
    built: int = 0
    clean: int = 0
    told: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.oracles", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--documents", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if not STYLESHEET.exists():
        print("Nothing is judged: DIAN's reference material is not beside the project (../shared/dian).")
        return 0
    judges = Judges()
    wrong = 0
    for kind in REQUESTS:
        found = judged(judges, kind, asked.documents, asked.seed)
        wrong += len(found.wrong)
        show(kind, found)
    return 1 if wrong else 0


class Judges:
    def __init__(self) -> None:
        self.schematron = Schematron()
        root = certificates.authority("RAIZ DE PRUEBA")
        subordinate = certificates.authority("SUBORDINADA DE PRUEBA", root)
        self.signer = certificates.signer(subordinate)
        self.now = datetime.now(BOGOTA).replace(microsecond=0)
        pkcs12 = certificates.pkcs12_of(self.signer, subordinate, root)
        self.certificate = loaded(enrolled(pkcs12, certificates.PASSWORD, certificates.NIT, self.now))


def judged(judges: Judges, kind: Kind, documents: int, seed: int) -> Judged:
    found = Judged()
    for n in range(documents):
        random = Random(f"{kind}{seed}{n}")
        document = read(kind, random)
        if document is None:
            found.refused += 1
            continue
        # The date is today's, since DIAN takes no other.
        document = changed(document, {"issue_date": None, "issue_time": None})
        hits = preflight.findings(document, ISSUER, None, issued_at=judges.now, now=None)
        if any(each.is_rejection for each in hits):
            found.refused += 1
            continue
        told = {each.rule.removeprefix(LETTERS[kind]) for each in hits}
        judge(judges, found, f"{kind} --seed {seed} n={n}", document, told, is_verified=n % 20 == 0)
    return found


def read(kind: Kind, random: Random) -> Document | None:
    """A document that the contract and the law take; ``None`` where they refuse what was made up."""
    try:
        document = contract.read(kind, Body(written(_whole(kind, a_request(kind, random)), random)))
        law.check(document)
        refuse(document)
    except CauceError:
        return None
    return document


def _whole(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """A request without what is nearly always refused when it is made up: parts that must agree with each other."""
    party = body.get("vendedor" if kind.is_bought else "adquiriente", {})
    for name in ("participantes", "direccion_fiscal", "contacto"):
        party.pop(name, None)
    if kind.is_bought and party.get("pais", "CO") == "CO":
        party |= {"direccion": "Calle 1 # 2-3", "codigo_municipio": "11001"}
    for line in body["lineas"]:
        if kind is not Kind.SUPPORT_DOCUMENT:
            line.pop("compra", None)
        if any(each.get("valor_unitario") is not None for each in line.get("impuestos") or ()):
            line |= {"impuestos": None, "iva_pct": 19}
    return body


def judge(
    judges: Judges, found: Judged, name: str, document: Document, told: set[str], *, is_verified: bool
) -> None:
    xml = build_signed(numbered(document, issued_at=judges.now), judges.certificate).xml
    found.built += 1
    if errors := schema_errors(xml):
        found.wrong.append(f"{name}: schema: {errors[0]}")
    if is_verified and not (signxml_accepts(xml, judges.signer) and xmlsec_accepts(xml, judges.signer)):
        found.wrong.append(f"{name}: its signature")
    # Of what is neither an invoice nor a note on one it knows support documents little, and tickets not at all.
    said = [] if document.kind.is_equivalent else judges.schematron.says(xml)
    rejections = [each for each in said if each.is_rejection]
    for each in rejections:
        sort(found, name, each, told, is_abroad=is_abroad(document))
    found.clean += not rejections


def is_abroad(document: Document) -> bool:
    """Whether a buyer, a seller or what is delivered is abroad."""
    delivered = document.delivery.address if document.delivery else None
    return not document.resident or (delivered is not None and delivered.country != "CO")


def sort(found: Judged, name: str, said: Said, told: set[str], *, is_abroad: bool) -> None:
    what = said.code[1:] or said.said[:60]
    if what == _POSTAL_CODE:
        told = told | ({what} if "AK73" in told else set())
        what = _ABROAD if is_abroad and what not in told else what
    if what in STALE:
        found.stale[what] += 1
    elif what in told:
        found.told[what] += 1
    else:
        found.wrong.append(f"{name}: {what}: {said.said}")


def show(kind: Kind, found: Judged) -> None:
    word = (
        "under the schema and the verifiers alone" if kind.is_equivalent else f"{found.clean} without a word"
    )
    print(f"{kind}: {found.built} built, {found.refused} refused before, {word}")
    for what, times in found.told.most_common():
        print(f"  told before  {times:5}  {what}")
    for what, times in found.stale.most_common():
        print(f"  left behind  {times:5}  {what}: {STALE[what]}")
    for each in found.wrong[:20]:
        print(f"  WRONG        {each}")
    if len(found.wrong) > 20:
        print(f"  WRONG        and {len(found.wrong) - 20} more")


if __name__ == "__main__":
    sys.exit(main())
