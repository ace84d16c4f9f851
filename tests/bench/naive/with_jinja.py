"""pydantic, jinja2 and libxmlsec1: a template of the whole file, its digests and its signature filled in by xmlsec.

The template is compiled once, and so is what depends on the certificates alone. xmlsec needs the file parsed, canonicalises
it for each reference, and signs; the key is loaded once.
"""

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from tests.bench import invoices
from tests.bench.naive import header
from tests.bench.naive.figures import figures, shown
from tests.bench.naive.request import Invoice

_HERE = Path(__file__).parent


def signed(text: str) -> bytes:
    """The signed XML of a request's body."""
    invoice = Invoice.model_validate_json(text)
    found = figures(invoice)
    computed = header.computed(invoice, found)
    lines = zip(invoice.lineas, found.lines, strict=True)
    filled = _template().render(
        invoice=invoice, found=found, computed=computed, lines=lines, now=invoices.NOW
    )
    root = etree.fromstring(filled.encode(), etree.XMLParser(huge_tree=True, remove_blank_text=True))
    _sign(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False)


def _sign(root: Any) -> None:
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = _key()
    context.sign(root.find(".//{http://www.w3.org/2000/09/xmldsig#}Signature"))


@cache
def _key() -> Any:
    made = invoices.signer()[0]
    pem = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shown": shown, "money": "{:f}".format}
    made = [each.public_bytes(Encoding.DER) for each in invoices.chain()]
    chain = [
        {
            "digest": base64.b64encode(hashlib.sha256(der).digest()).decode(),
            "issuer": each.issuer.rfc4514_string(),
            "serial": str(each.serial_number),
        }
        for der, each in zip(made, invoices.chain(), strict=True)
    ]
    environment.globals |= {
        "header": header,
        "certificate": base64.b64encode(made[0]).decode(),
        "chain": chain,
        "nit_attributes": header.nit_attributes,
        "moment": _moment,
    }
    return environment.get_template("invoice.xml.j2")


def _moment(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M:%S}-05:00"
