"""A ledger's files, verified offline: whatever is altered, dropped or put elsewhere is named."""

import base64
import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cauce.domain import ledger
from cauce.domain.errors import InvalidDocument
from cauce.domain.ledger import GENESIS, Head, Segment, Signature
from cauce.verification.ledger import Keys, verify
from cauce.verification.report import Verdict

NIT = "901724254"
MANY, EACH = 10_000, 100
AT = "2026-05-10T15:30:00-05:00"


@cache
def key(name: str = "the stack's") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(name: str = "the stack's") -> bytes:
    return (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


KEYS = Keys.read([pem()])


def signed(count: int, last: str, name: str = "the stack's", issuer: str = NIT) -> Signature:
    value = key(name).sign(ledger.statement(issuer, count, last, AT), ec.ECDSA(hashes.SHA256()))
    return Signature(at=AT, key="arn", value=base64.b64encode(value).decode())


def facts(number: int) -> ledger.Facts:
    return {
        "n": number,
        "tracking_id": f"id-{number}",
        "estado": "aceptado",
        "numero_completo": f"SETP{990000000 + number}",
        "archivos": {"request-001": f"{number:064x}"},
    }


@cache
def made(many: int = MANY, each: int = EACH, name: str = "the stack's") -> dict[str, bytes]:
    """A ledger's files as ``cauce ledger export`` writes them."""
    files, before = {}, GENESIS
    for start in range(1, many + 1, each):
        entries, last = [], before
        for number in range(start, min(start + each, many + 1)):
            entries.append(ledger.entry(last, facts(number)))
            last = entries[-1].hash
        segment = Segment(
            issuer=NIT,
            before=before,
            entries=tuple(entries),
            read_to="0",
            signature=signed(entries[-1].number, last, name),
        )
        files[f"{start:012d}.json"] = segment.model_dump_json(by_alias=True).encode()
        before = last
    head = Head(issuer=NIT, entries=many, hash=before, signature=signed(many, before, name))
    return {**files, "cabeza.json": head.model_dump_json(by_alias=True).encode()}


def with_entries(change: Callable[[list[Any]], None]) -> dict[str, bytes]:
    """The ledger of 10⁴ after somebody changed its entries, wherever they are, and signed nothing."""
    names = [name for name in made() if name != "cabeza.json"]
    segments = [json.loads(made()[name]) for name in names]
    entries = [entry for segment in segments for entry in segment["entradas"]]
    sizes = [len(segment["entradas"]) for segment in segments]
    change(entries)
    sizes[-1] += len(entries) - sum(sizes)
    for segment, size in zip(segments, sizes, strict=True):
        segment["entradas"], entries = entries[:size], entries[size:]
    return {**made(), **{n: json.dumps(each).encode() for n, each in zip(names, segments, strict=True)}}


def said(files: dict[str, bytes]) -> list[str]:
    return [check.text for check in verify(files, KEYS).checks if check.verdict is Verdict.WRONG]


def anyone() -> int:
    """The number of any entry; the first and last, and those at a segment's ends, more often than others."""
    special = [1, 2, EACH, EACH + 1, MANY - 1, MANY]
    return random.choice([*special, *(random.randint(1, MANY) for _ in special)])


def test_a_ledger_of_ten_thousand_that_nobody_touched_is_right():
    report = verify(made(), KEYS)

    assert report.is_right
    assert dict(report.facts)["entradas"] == "10000"
    assert [check.verdict for check in report.checks] == [Verdict.RIGHT] * 4


@pytest.mark.parametrize("number", [1, EACH, "any"])
@pytest.mark.parametrize("what", ["numero_completo", "archivos", "hash"])
def test_an_altered_entry_is_named_and_no_other(number, what):
    place = (anyone() if number == "any" else number) - 1

    def alter(entries: list[Any]) -> None:
        if what == "hash":
            entries[place]["hash"] = "f" * 64
        else:
            entries[place]["hechos"][what] = (
                "SETP1" if what == "numero_completo" else {"request-001": "0" * 64}
            )

    named = [text for text in said(with_entries(alter)) if text.startswith("La entrada")]

    assert [text.split()[2] for text in named] == [str(place + 1)]


@pytest.mark.parametrize("number", [1, EACH, MANY, "any"])
def test_a_dropped_entry_is_named(number):
    gone = anyone() if number == "any" else number

    found = said(with_entries(lambda entries: entries.pop(gone - 1)))

    assert f"Falta la entrada {gone}." in found
    assert not [text for text in found if "alterada" in text]


def test_two_that_changed_places_are_named():
    one, other = sorted(random.sample(range(1, MANY + 1), 2))

    def swap(entries: list[Any]) -> None:
        entries[one - 1], entries[other - 1] = entries[other - 1], entries[one - 1]

    assert f"Están fuera de su lugar las entradas {one}, {other}." in said(with_entries(swap))


def test_a_repeated_entry_is_named():
    one = anyone()

    def repeat(entries: list[Any]) -> None:
        entries.insert(one, entries[one - 1])

    assert f"Está repetida la entrada {one}." in said(with_entries(repeat))


def test_who_computes_every_later_hash_anew_is_found_by_the_first_signature_behind():
    def rewrite(entries: list[Any]) -> None:
        entries[249]["hechos"]["estado"] = "rechazado"
        for at in range(249, len(entries)):
            before = entries[at - 1]["hash"]
            entries[at]["hash"] = ledger.chained(before, ledger.digest(entries[at]["hechos"]))

    found = said(with_entries(rewrite))

    first = next(text for text in found if "firma" in text)
    assert first.startswith("La firma no es de estas entradas, o no es de esa llave: 201 a 300;")


def test_the_last_entries_cannot_be_left_out_nor_a_whole_file():
    last = f"{MANY - EACH + 1:012d}.json"
    files = {name: body for name, body in made().items() if name != last}

    found = said(files)

    assert f"Faltan las entradas {MANY - EACH + 1} a {MANY}." in found
    assert f"La cadena no termina donde cabeza.json dice: en la entrada {MANY}." in found


def test_the_first_entries_cannot_be_left_out_where_it_is_said_where_the_ledger_ends():
    files = {name: body for name, body in made().items() if name != "000000000001.json"}

    assert said(files) == [f"Faltan las entradas 1 a {EACH}."]
    assert said({name: body for name, body in files.items() if name != "cabeza.json"}) == []


def test_a_head_that_counts_any_number_of_entries_is_not_counted_up_to():
    head = json.loads(made()["cabeza.json"]) | {"cantidad_entradas": 10**18}

    found = said({**made(), "cabeza.json": json.dumps(head).encode()})

    assert found[0] == f"Faltan las entradas {MANY + 1} a {10**18}."


def test_a_ledger_that_another_key_signed_is_wrong():
    assert len(said(made(300, 100, "somebody else's"))) == 2


@pytest.mark.parametrize("files", [{}, {"a.json": b"{}"}, {"a.json": b"\xff"}, {"a.txt": b"x"}])
def test_what_is_no_ledger_is_refused_in_a_sentence(files):
    with pytest.raises(InvalidDocument):
        verify(files, KEYS)


@pytest.mark.parametrize("file", [b"", b"-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_public_key_is_refused_in_a_sentence(file):
    with pytest.raises(InvalidDocument, match="PEM"):
        Keys.read([file])


def test_a_proof_leads_from_one_entry_to_the_signature_without_the_facts_of_others():
    segment = Segment.model_validate_json(made()["000000000101.json"])

    for number in (101, 150, 200):
        found = ledger.proof(segment, number)

        assert found.signed == (200, segment.entries[-1].hash)
        assert ledger.chained(found.before, ledger.digest(found.entry.facts)) == found.entry.hash
        shown = found.model_dump_json()
        assert [n for n in range(101, 201) if f"SETP{990000000 + n}" in shown] == [number]
