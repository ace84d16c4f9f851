"""What the templates of XML are given stands in them as its canonical form, whatever it is."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cauce.ubl.canonical import (
    SIGNATURE,
    UNWRITABLE,
    Unwritable,
    day,
    declarations,
    maybe,
    octets,
    some,
    text,
    unsigned,
    value,
)
from tests.examples import examples
from tests.unit.dian.oracles import canonical, parsed

DECLARED = declarations({"": "urn:of-nothing", "ext": "urn:b", "cac": "urn:c", "cbc": "urn:a"})

# Everything that Python can hold, and often what breaks writers of XML.
_MARKUP = ["]]>", "<![CDATA[", "&amp;", "&#0;", "&lt;", "<!--", "-->", '"', "'", "%", "{0}"]
_BLANKS = ["\r\n", "\r", "\t", "\n", "\x00", "\x0b", "\x7f", "\x85", "\u2028", "\ufeff", "  "]
_FAR = ["\ufffe", "\ud800", "\U0001f40e", "\U0010ffff"]
HOSTILE = st.sampled_from([*_MARKUP, *_BLANKS, *_FAR])
TEXTS = st.lists(st.one_of(HOSTILE, st.text(st.characters(), max_size=8)), max_size=6).map("".join)


@settings(max_examples=examples(500, deep=10_000))
@given(TEXTS)
def test_a_text_survives_in_canonical_form_or_is_refused(said: str):
    if UNWRITABLE.search(said):
        for written in (text, value):
            with pytest.raises(Unwritable):
                written(said)
        return

    xml = octets(f'<Root{DECLARED}><cbc:ID schemeID="{value(said)}">{text(said)}</cbc:ID></Root>')

    assert canonical(xml) == xml
    read = parsed(xml)[0]
    assert (read.text or "", read.get("schemeID")) == (said, said)


def test_every_character_is_written_alike_alone_and_among_others():
    for code in (*range(0x3000), *range(0xD700, 0xE100), *range(0xFF00, 0x10100), 0x1F40E, 0x10FFFF):
        each = chr(code)
        if UNWRITABLE.search(each):
            with pytest.raises(Unwritable):
                text(each)
        else:
            assert text(each) + text("<é") == text(f"{each}<é")
            assert value(each) + value('"é') == value(f'{each}"é')


def test_absent_parts_leave_no_trace():
    assert some("A", maybe("B", None) + maybe("B", "") + day("C", None)) == ""
    assert some("A", maybe("B", "<") + day("C", date(2026, 5, 9))) == "<A><B>&lt;</B><C>2026-05-09</C></A>"


def test_the_place_of_the_signature_divides_the_document():
    document = unsigned(DECLARED, f"<Root><a>{SIGNATURE}</a>", "<b></b>", "</Root>")

    assert document == ("<Root><a>", "</a><b></b></Root>", DECLARED)


def test_a_text_cannot_pass_for_the_place_of_the_signature():
    with pytest.raises(Unwritable):
        text(SIGNATURE)


def test_what_is_printable_can_be_written():
    """``refusals`` looks for the place of what cannot be written only where a text is not printable."""
    assert not [each for each in map(chr, range(0x110000)) if each.isprintable() and UNWRITABLE.search(each)]
