"""Rule ZB01: the XSDs of DIAN's toolbox, if they are at hand beside the repository; compiled once for each process."""

from functools import cache
from pathlib import Path

from lxml import etree

_FOLDER = Path(__file__).parents[4] / "shared" / "dian" / "xsd" / "dian-caja-fe-v1.9" / "maindoc"


def is_at_hand() -> bool:
    return _FOLDER.is_dir()


def errors(root: etree._Element) -> list[str]:
    """The errors of a root against its XSD; none if the XSD is not at hand."""
    if not is_at_hand():
        return []
    schema = _schema(etree.QName(root).localname)
    if schema.validate(root):
        return []
    return [str(error.message) for error in schema.error_log][:5]


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_FOLDER / f"UBL-{name}-2.1.xsd")))
