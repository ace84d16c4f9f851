"""DIAN's schematron, as it publishes it compiled to XSLT 3, run by Saxon."""

import re
from typing import Any, NamedTuple

from tests.unit.dian.builders import DIAN

STYLESHEET = DIAN / "schematron" / "DIAN-UBL21-model-compiled.xsl"
_MESSAGE = re.compile(
    r"(?P<level>Fatal|Warning|Error)\s*:\s*(?:\[(?P<code>\w+)\])?\s*-?\s*(?P<said>.*)", re.DOTALL
)


class Said(NamedTuple):
    """One sentence of the schematron. ``code``: empty for a check that has none."""

    code: str
    is_rejection: bool
    said: str


class Schematron:
    def __init__(self) -> None:
        from saxonche import PySaxonProcessor

        self._saxon: Any = PySaxonProcessor(license=False)
        self._sheet: Any = self._saxon.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(STYLESHEET)
        )
        self._sheet.set_save_xsl_message(True)

    def says(self, xml: bytes) -> list[Said]:
        """What it says of a file; it looks at the clock."""
        self._sheet.clear_xsl_messages()
        self._sheet.transform_to_string(xdm_node=self._saxon.parse_xml(xml_text=xml.decode()))
        found = self._sheet.get_xsl_messages()
        return [_read(found.item_at(n).string_value) for n in range(found.size)] if found is not None else []


def _read(message: str) -> Said:
    found = _MESSAGE.match(message.strip())
    assert found is not None, message
    # Its own fault: a few checks say «Rechazo» and are written as warnings.
    return Said(found["code"] or "", found["level"] == "Fatal", " ".join(found["said"].split()))
