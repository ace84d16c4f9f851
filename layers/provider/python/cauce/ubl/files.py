"""The names of the files that DIAN is sent, and the ZIP around them. Pure: the same file, the same bytes.

Source: Anexo Técnico 1.9, 10.9.
"""

import io
import zipfile
from collections.abc import Mapping

from cauce.domain.document import Kind

OWN_SOFTWARE = "000"
"""Stands for the technology provider's code where the issuer sends with software of its own."""

PREFIXES = {
    Kind.INVOICE: "fv",
    Kind.CREDIT_NOTE: "nc",
    Kind.DEBIT_NOTE: "nd",
    Kind.SUPPORT_DOCUMENT: "ds",
    Kind.ADJUSTMENT_NOTE: "nas",
    # The prefix of support documents too: both are counted together (annex DE 1.0, 8.13.5).
    Kind.EQUIVALENT_DOCUMENT: "ds",
    Kind.EQUIVALENT_NOTE: "ncs",
    Kind.EVENT: "ar",
}
ATTACHED_DOCUMENT_PREFIX = "ad"

# Hexadecimal, starting at 1 every 1 January. The annex's example calls the eleventh file of a year 00000011,
# which is decimal; its text says hexadecimal, 0000000b.
_CONSECUTIVE = "{:08x}"


def stem(prefix: str, nit: str, year: int, consecutive: int, provider_code: str = OWN_SOFTWARE) -> str:
    """A file's name without extension: kind, NIT in 10 digits, provider, year in 2 digits, consecutive.

    Raises ValueError where the consecutive does not fit: the year's names are used up.
    """
    if not 0 < consecutive <= 0xFFFFFFFF:
        raise ValueError("the consecutive of a file is 1 to ffffffff")
    return f"{prefix}{nit.zfill(10)}{provider_code}{year % 100:02}{_CONSECUTIVE.format(consecutive)}"


def number_id(year: int) -> str:
    """The name, among a record's provider ids, of the consecutive of its file of that year."""
    return f"file_{year}"


CONTAINER_ID = "container"
"""The name, among a record's provider ids, of its container's own number (``container_number``)."""


def container_number(year: int, consecutive: int) -> str:
    """A container's own number, as its file's name ends: year in 2 digits, consecutive."""
    return f"{year % 100:02}{_CONSECUTIVE.format(consecutive)}"


def container_stem(nit: str, number: str, provider_code: str = OWN_SOFTWARE) -> str:
    """The name of a container's file, without extension."""
    return f"{ATTACHED_DOCUMENT_PREFIX}{nit.zfill(10)}{provider_code}{number}"


def xml_name(stem: str) -> str:
    return f"{stem}.xml"


def zip_name(stem: str) -> str:
    return f"z{stem}.zip"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of the files, in their order. The dates in it are fixed, so that the same files give the same bytes."""
    # Level 3 takes 0.4 of the usual level's time, for a tenth more bytes (documents of 2 to 2000 lines).
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # else the bytes would depend on the operating system
            archive.writestr(entry, content, compresslevel=3)
    return buffer.getvalue()
