"""The tree's bytes are its canonical form, whatever the texts in it."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from cauce.ubl.canonical import (
    HOLE,
    UNWRITABLE,
    Element,
    Tree,
    Unwritable,
    around,
    declarations,
    document,
    fragment,
    group,
    leaf,
    maybe,
    octets,
    some,
    text,
    value,
)
from tests.unit.dian.oracles import canonical, parsed

NAMESPACES = {"": "urn:of-nothing", "ext": "urn:b", "cac": "urn:c", "cbc": "urn:a"}
DECLARED = declarations(NAMESPACES)

# Everything that Python can hold, and often what breaks writers of XML.
_MARKUP = ["]]>", "<![CDATA[", "&amp;", "&#0;", "&lt;", "<!--", "-->", '"', "'", "%", "{0}"]
_BLANKS = ["\r\n", "\r", "\t", "\n", "\x00", "\x0b", "\x7f", "\x85", "\u2028", "\ufeff", "  "]
_FAR = ["\ufffe", "\ud800", "\U0001f40e", "\U0010ffff"]
HOSTILE = st.sampled_from([*_MARKUP, *_BLANKS, *_FAR])
TEXTS = st.lists(st.one_of(HOSTILE, st.text(st.characters(), max_size=8)), max_size=6).map("".join)
TAGS = st.sampled_from(["cbc:ID", "cac:Party", "ext:Content", "Plain"])
ATTRIBUTES = st.dictionaries(st.sampled_from(["schemeID", "schemeName", "a", "listID"]), TEXTS, max_size=3)


def elements() -> st.SearchStrategy[Element]:
    leaves = st.builds(lambda tag, text, more: leaf(tag, text, **more), TAGS, TEXTS, ATTRIBUTES)
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda tag, children, more: group(tag, *children, **more),
            TAGS,
            st.lists(inner, max_size=4),
            ATTRIBUTES,
        ),
        max_leaves=12,
    )


@settings(max_examples=1500)
@given(elements())
def test_the_bytes_are_the_canonical_form_or_the_text_is_refused(element: Element):
    root = group("Root", element, group("Other"))
    if UNWRITABLE.search(_everything_in(element)):
        with pytest.raises(Unwritable):
            document(root, DECLARED)
        return

    written = document(root, DECLARED)

    assert canonical(written) == written


@settings(max_examples=1500)
@given(TEXTS)
def test_a_text_alone_is_written_as_it_is_in_a_tree(said: str):
    if UNWRITABLE.search(said):
        for written in (text, value):
            with pytest.raises(Unwritable):
                written(said)
        return

    alone = octets(f'<cbc:ID a="{value(said)}">{text(said)}</cbc:ID>')

    assert alone == fragment(leaf("cbc:ID", said, a=said)).encode()


@settings(max_examples=1500)
@given(TEXTS)
def test_a_text_survives_unchanged_or_is_refused(text: str):
    root = group("Root", leaf("cbc:ID", text, schemeID=text))
    if UNWRITABLE.search(text):
        with pytest.raises(Unwritable, match="cbc:ID"):
            document(root, DECLARED)
        return

    read = parsed(document(root, DECLARED))[0]

    assert (read.text or "", read.get("schemeID")) == (text, text)


def _tags(element: Element) -> Iterator[str]:
    yield element.tag
    if not isinstance(element.content, str):
        for inner in element.content:
            yield from _tags(inner)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(elements())
def test_a_part_with_the_roots_namespaces_is_what_is_signed_of_it(element: Element):
    if UNWRITABLE.search(_everything_in(element)):
        return
    # libxml2 writes a stray xmlns="" on a prefixed element inside an unprefixed one; what is signed has only
    # prefixed ones.
    assume(all(":" in tag for tag in _tags(element)))
    within = parsed(document(group("Root", element), DECLARED))[0]

    # lxml gives the apex of a part every namespace in scope.

    assert etree.tostring(within, method="c14n", with_tail=False) == fragment(element, DECLARED).encode()


def test_nothing_is_indented_and_no_tag_closes_itself():
    root = group("Root", leaf("cbc:A", ""), group("cac:B", leaf("cbc:C", "1", z="3", a='"')))

    assert document(root, declarations({"cbc": "u2", "cac": "u1"})) == (
        b'<Root xmlns:cac="u1" xmlns:cbc="u2"><cbc:A></cbc:A>'
        b'<cac:B><cbc:C a="&quot;" z="3">1</cbc:C></cac:B></Root>'
    )


def test_absent_parts_leave_no_trace():
    assert fragment(group("A", None, maybe("B", None), some("C", maybe("D", "")), leaf("E", "1"))) == (
        "<A><E>1</E></A>"
    )


def test_the_hole_divides_the_document_and_leaves_its_canonical_form():
    root = group("Root", group("ext:Content", HOLE), leaf("cbc:ID", "é"))
    before, after, declared = around(Tree(root, NAMESPACES))

    assert before.endswith("<ext:Content>") and after.startswith("</ext:Content>") and declared == DECLARED
    assert canonical(octets(before + after)) == octets(before + after)


def test_a_text_cannot_pass_for_the_hole():
    with pytest.raises(Unwritable):
        around(Tree(group("Root", HOLE, leaf("cbc:ID", "\x00")), NAMESPACES))


def _everything_in(element: Element) -> str:
    values = "".join(value for _, value in element.attributes)
    inner = element.content
    return values + (inner if isinstance(inner, str) else "".join(map(_everything_in, inner)))


def test_what_is_printable_can_be_written():
    """``refusals`` looks for the place of what cannot be written only where a text is not printable."""
    assert not [each for each in map(chr, range(0x110000)) if each.isprintable() and UNWRITABLE.search(each)]
