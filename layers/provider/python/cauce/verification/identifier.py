"""Checks whether a file's CUFE, CUDE or CUDS is the one that its own data give.

The chain of values that is hashed has a secret at its end: the range's technical key, or the software's PIN. The
secret is known where the caller gives it, where DIAN publishes it (the test range), or where the file carries its
whole chain in a ``cbc:Note``, as DIAN's examples do.
Source: Anexo Técnico 1.9, 11.2 to 11.4; Anexo DS 1.1; Anexo RADIAN, 14.1.8.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr

from cauce.domain.money import ZERO, truncated
from cauce.ubl.own_ranges import TEST_KEY, TEST_RESOLUTION
from cauce.verification.file import elements, is_from_dian, local, rule, text
from cauce.verification.report import Check, Section, notice, right, unknown, wrong

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TITLE = "Identificador"

_HEX = re.compile(r"[0-9a-f]{96}")
_CHAIN = re.compile(r"\S{1,20}\d{4}-\d\d-\d\d\d\d:\d\d:\d\d[+-]\d\d:\d\d\S+")
_SCHEMES = frozenset({"CUFE", "CUDE", "CUDS"})


@dataclass(frozen=True)
class Secrets:
    """The secrets of the file that the caller knows."""

    technical_key: SecretStr | None = None
    pin: SecretStr | None = None


@dataclass(frozen=True)
class Chain:
    """The named values that are hashed, in order; the secret stands between ``facts`` and ``environment``."""

    facts: tuple[tuple[str, str], ...]
    environment: str
    """Empty in events, whose chain has none."""

    @property
    def before(self) -> str:
        return "".join(value for _, value in self.facts)

    def hashed(self, secret: SecretStr) -> str:
        return _sha384(f"{self.before}{secret.get_secret_value()}{self.environment}")

    def secret_in(self, whole: str) -> SecretStr | None:
        """The secret in a whole chain; ``None`` where the rest of the chain is not these values."""
        if not (whole.startswith(self.before) and whole.endswith(self.environment)):
            return None
        return SecretStr(whole[len(self.before) : len(whole) - len(self.environment)])


def check(root: "Element", secrets: Secrets) -> Section:
    """The section about the identifier of a document or an event."""
    uuid, scheme, code = text(root, "cbc:UUID"), _scheme(root), rule(root, "D06")
    facts = ((scheme, uuid or "no trae"),)
    if is_from_dian(root):
        return Section(TITLE, (unknown("Lo calculó la DIAN, con una clave que solo ella tiene."),), facts)
    if not _HEX.fullmatch(uuid):
        malformed = wrong(f"El {scheme} no tiene 96 dígitos hexadecimales en minúscula.", code)
        return Section(TITLE, (malformed,), facts)
    try:
        chain = _chain(root, scheme)
    except InvalidOperation:
        unreadable = wrong("Un valor del que se calcula no es un número.", code)
        return Section(TITLE, (unreadable,), facts)
    noted = _noted(root, uuid)
    pin = secrets.pin
    if scheme != "CUFE" and noted and pin is None:
        pin = chain.secret_in(noted)
    checks = (*_identifier(root, scheme, uuid, chain, noted, secrets), *_security_code(root, pin))
    return Section(TITLE, checks, facts)


def _identifier(
    root: "Element", scheme: str, uuid: str, chain: Chain, noted: str | None, secrets: Secrets
) -> Iterator[Check]:
    key, code = _key(root, scheme, secrets), rule(root, "D06")
    if key is None:
        if noted is None:
            missing, option = _MISSING[scheme]
            yield unknown(f"El {scheme} no se pudo recalcular: falta {missing} ({option}).")
    elif chain.hashed(key.secret) == uuid:
        yield right(f"El {scheme} es el de los datos del documento y la {key.name}.")
        return
    elif key.is_given or noted is None:
        option = f" ({_MISSING[scheme][1]})" if key.is_given else ""
        yield wrong(
            f"El {scheme} no es el de los datos del documento con la {key.name}{option}.",
            code,
            expected=chain.hashed(key.secret),
            found=uuid,
        )
    if noted is not None:
        yield from _of_its_note(scheme, chain, noted, code)
    elif any(_CHAIN.fullmatch(note) for note in _notes(root)):
        yield notice(f"Un cbc:Note trae una cadena que no da el {scheme}.")


class _Key(NamedTuple):
    """The secret that ends a chain, as it is known without the chain itself."""

    secret: SecretStr
    name: str
    is_given: bool


# What the identifier is computed with, and the option that gives it.
_MISSING = {
    "CUFE": ("la clave técnica del rango", "--clave-tecnica"),
    "CUDE": ("el PIN del software", "--pin"),
    "CUDS": ("el PIN del software", "--pin"),
}


def _key(root: "Element", scheme: str, secrets: Secrets) -> _Key | None:
    given = secrets.technical_key if scheme == "CUFE" else secrets.pin
    if given is not None:
        return _Key(given, "clave dada", True)
    if scheme == "CUFE" and text(root, ".//{*}InvoiceAuthorization") == TEST_RESOLUTION:
        return _Key(TEST_KEY, "clave pública de habilitación", False)
    return None


def _of_its_note(scheme: str, chain: Chain, noted: str, code: str) -> Iterator[Check]:
    """A note's chain gives the identifier. Whether DIAN would build that chain from the file is checked here: a file
    may have been edited after it was hashed, as examples were."""
    yield right(f"La cadena que trae el cbc:Note da el {scheme}.")
    if chain.secret_in(noted) is not None:
        yield right("Los datos de esa cadena son los del documento.")
        return
    for name, expected, found in _differences(chain, noted):
        yield wrong(
            f"El {scheme} se calculó con otro {name} que el del documento.",
            code,
            expected=expected,
            found=found,
        )


def _differences(chain: Chain, noted: str) -> list[tuple[str, str, str]]:
    """(name, value in the document, value in the chain) of each value that differs. Where the chain cannot be split
    any further, its whole rest counts as one value."""
    found: list[tuple[str, str, str]] = []
    rest = noted
    for position, (name, value) in enumerate(chain.facts):
        if rest.startswith(value):
            rest = rest[len(value) :]
            continue
        said = _up_to_next(rest, value, chain.facts[position + 1 :])
        if said is None:
            return [*found, (name, value, f"{rest[:24]}…")]
        found.append((name, value, said))
        rest = rest[len(said) :]
    return found or [("TipoAmbiente", chain.environment, rest[-1:])]


def _up_to_next(rest: str, value: str, following: tuple[tuple[str, str], ...]) -> str | None:
    """The chain's value in the place of ``value``, recognised by its form or by the value after it; else ``None``."""
    if re.fullmatch(r"\d+\.\d\d", value):
        amount = re.match(r"\d+\.\d\d", rest)
        return amount[0] if amount else None
    if following and following[0][1] in rest:
        return rest[: rest.index(following[0][1])]
    # The next value differs too, as where both parties were changed: another NIT usually has as many digits.
    same = rest[: len(value)]
    return same if value.isdigit() and same.isdigit() else None


def _security_code(root: "Element", pin: SecretStr | None) -> Iterator[Check]:
    """SHA-384 of software, PIN and number (FAB27b)."""
    stated = text(root, ".//{*}SoftwareSecurityCode")
    if not stated:
        return
    if pin is None:
        yield unknown("El código de seguridad del software no se pudo recalcular: falta el PIN (--pin).")
        return
    software = text(root, ".//{*}SoftwareID")
    computed = _sha384(software + pin.get_secret_value() + text(root, "cbc:ID"))
    if computed == stated:
        yield right("El código de seguridad es el del software, su PIN y el número.")
    else:
        said = "El código de seguridad no es el del software con ese PIN."
        yield wrong(said, "FAB27b", expected=computed, found=stated)


def _chain(root: "Element", scheme: str) -> Chain:
    """The chain that DIAN would build from the file. Raises InvalidOperation where an amount is not a number."""
    start = (
        ("número", text(root, "cbc:ID")),
        ("fecha de emisión", text(root, "cbc:IssueDate")),
        ("hora de emisión", text(root, "cbc:IssueTime")),
    )
    if local(root) == "ApplicationResponse":
        reference = "cac:DocumentResponse/cac:DocumentReference"
        of_event = (
            *start,
            ("emisor", _company(root, "cac:SenderParty")),
            ("receptor", _company(root, "cac:ReceiverParty")),
            ("evento", text(root, "cac:DocumentResponse/cac:Response/cbc:ResponseCode")),
            ("documento referenciado", text(root, f"{reference}/cbc:ID")),
            ("tipo de documento referenciado", text(root, f"{reference}/cbc:DocumentTypeCode")),
        )
        return Chain(of_event, "")
    totals = "cac:RequestedMonetaryTotal" if local(root) == "DebitNote" else "cac:LegalMonetaryTotal"
    seller = "vendedor" if scheme == "CUDS" else "emisor"
    supplier = (seller, _company(root, "cac:AccountingSupplierParty/cac:Party"))
    customer = ("adquiriente", _company(root, "cac:AccountingCustomerParty/cac:Party"))
    taxes = ("01",) if scheme == "CUDS" else ("01", "04", "03")
    facts = (
        *start,
        ("valor bruto", _amount(text(root, f"{totals}/cbc:LineExtensionAmount"))),
        *(
            pair
            for code in taxes
            for pair in ((f"código {code}", code), (f"impuesto {code}", _amount(_tax(root, code))))
        ),
        ("total", _amount(text(root, f"{totals}/cbc:PayableAmount"))),
        supplier,
        customer,
    )
    return Chain(facts, text(root, "cbc:ProfileExecutionID"))


def _scheme(root: "Element") -> str:
    """``CUFE``, ``CUDE`` or ``CUDS``: as stated, or as the kind of document has it."""
    uuid = elements(root, "cbc:UUID")
    stated = (uuid[0].get("schemeName") or "").partition("-")[0] if uuid else ""
    if stated in _SCHEMES:
        return stated
    return "CUFE" if local(root) == "Invoice" else "CUDE"


def _company(root: "Element", party: str) -> str:
    for path in ("cac:PartyTaxScheme/cbc:CompanyID", "cac:PartyIdentification/cbc:ID"):
        found = text(root, f"{party}/{path}")
        if found:
            return found
    return ""


def _tax(root: "Element", code: str) -> str:
    amounts = [
        Decimal(text(total, "cbc:TaxAmount"))
        for total in elements(root, "cac:TaxTotal")
        if text(total, "cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID") == code
    ]
    return str(sum(amounts, ZERO))


def _amount(stated: str) -> str:
    amount = Decimal(stated)
    if not amount.is_finite():
        raise InvalidOperation(stated)
    return f"{truncated(amount):f}"


def _notes(root: "Element") -> list[str]:
    return [(note.text or "").strip() for note in elements(root, "cbc:Note")]


def _noted(root: "Element", uuid: str) -> str | None:
    """The note that is the whole chain of the identifier, if there is one."""
    return next((note for note in _notes(root) if note and _sha384(note) == uuid), None)


def _sha384(content: str) -> str:
    return hashlib.sha384(content.encode()).hexdigest()
