"""The file of a sending: its ZIP and its names. Faults here give code 89, not a rejection.

Source: Anexo Técnico 1.9, 10.9, annex DE 1.0, 8.13.5, and messages of the service. [inferred] that a wrong name is refused in a
synchronous sending; in a test set it is known to leave the batch in process for ever.
"""

import base64
import binascii
import io
import re
import zipfile
from dataclasses import dataclass

_NAME = re.compile(r"z?(fv|nc|nd|ar|ds|nas|ncs)(\d{10})(\d{3})(\d{2})([0-9a-f]{8})\.(xml|zip)")
_MOST_IN_BATCH = 50
OWN_SOFTWARE = "000"


class BadFile(Exception):
    """The file cannot be opened; the text is the service's sentence."""


@dataclass(frozen=True)
class Sent:
    """One XML of a ZIP; ``is_well_named`` says whether its name and the ZIP's follow the annex."""

    name: str
    content: bytes
    prefix: str
    year: str
    is_well_named: bool


def opened(content: str, zip_name: str | None, sender: str, *, is_single: bool) -> list[Sent]:
    """The XML files in a ``contentFile``. ``zip_name`` is None for operations without fileName. Raises BadFile."""
    try:
        raw = base64.b64decode(content, validate=True)
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if archive.testzip() is not None:
                raise BadFile("El archivo ZIP está dañado.")
            entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except (binascii.Error, ValueError, zipfile.BadZipFile):
        raise BadFile("El tipo de archivo no es application/x-zip-compressed.") from None
    if not entries or any(not name.endswith(".xml") for name, _ in entries):
        raise BadFile("El archivo ZIP no contiene archivos XML.")
    if is_single and len(entries) != 1:
        raise BadFile("El método síncrono solo puede recibir un documento.")
    if len(entries) > _MOST_IN_BATCH:
        raise BadFile(f"El archivo ZIP contiene más de {_MOST_IN_BATCH} documentos.")
    return [_sent(name, body, zip_name, sender, len(entries)) for name, body in entries]


def _sent(name: str, content: bytes, zip_name: str | None, sender: str, count: int) -> Sent:
    found = _NAME.fullmatch(name)
    good = (
        found is not None
        and not name.startswith("z")
        and name.endswith(".xml")
        and found[2] == sender.zfill(10)
        and found[3] == OWN_SOFTWARE
        and int(found[5], 16) > 0
    )
    if zip_name is not None:
        outer = _NAME.fullmatch(zip_name)
        good = good and outer is not None and zip_name.startswith("z") and zip_name.endswith(".zip")
        if count == 1:
            good = good and zip_name == f"z{name.removesuffix('.xml')}.zip"
    return Sent(name, content, found[1] if found else "", found[4] if found else "", good)
