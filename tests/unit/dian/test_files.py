"""Names and ZIPs of the files that DIAN is sent."""

import io
import zipfile

import pytest

from cauce.domain.document import Kind
from cauce.ubl import files


@pytest.mark.parametrize(
    "kind, expected",
    [
        (Kind.INVOICE, "fv09001234560002600000001"),
        (Kind.CREDIT_NOTE, "nc09001234560002600000001"),
        (Kind.DEBIT_NOTE, "nd09001234560002600000001"),
        (Kind.SUPPORT_DOCUMENT, "ds09001234560002600000001"),
        (Kind.ADJUSTMENT_NOTE, "nas09001234560002600000001"),
        (Kind.EVENT, "ar09001234560002600000001"),
    ],
)
def test_a_name_says_kind_nit_software_year_and_consecutive(kind: Kind, expected: str):
    stem = files.stem(files.PREFIXES[kind], "900123456", 2026, 1)

    assert files.xml_name(stem) == f"{expected}.xml"
    assert files.zip_name(stem) == f"z{expected}.zip"


def test_attached_documents_and_technology_providers_have_names_too():
    assert files.stem(files.ATTACHED_DOCUMENT_PREFIX, "1", 2030, 1, "123") == "ad00000000011233000000001"


def test_the_consecutive_is_hexadecimal():
    assert files.stem("fv", "1", 2026, 11).endswith("0000000b")
    assert files.stem("fv", "1", 2026, 0xFFFFFFFF).endswith("ffffffff")


@pytest.mark.parametrize("consecutive", [0, -1, 0x1_0000_0000])
def test_a_consecutive_that_does_not_fit_is_refused(consecutive: int):
    with pytest.raises(ValueError, match="consecutive"):
        files.stem("fv", "1", 2026, consecutive)


def test_a_zip_is_a_real_one_and_the_same_each_time():
    content = {"b.xml": b"<b/>" * 1000, "a.xml": b"<a/>"}
    zipped = files.zipped(content)

    assert files.zipped(content) == zipped
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == content
        assert archive.namelist() == list(content)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert zipped.startswith(b"PK\x03\x04") and len(zipped) < 1000
