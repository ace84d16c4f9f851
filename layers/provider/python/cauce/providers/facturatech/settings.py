"""An issuer's settings at Facturatech, each with the reason why its default is a guess; and its account there.

Facturatech's pages are silent or contradict each other on all of the settings. A value that is not listed raises
Unsupported before anything is sent.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pydantic import SecretStr

from cauce.domain.errors import CredentialsUnusable, Unsupported
from cauce.domain.issuer import Environment

# Facturatech's published addresses, without ``?wsdl``. Its phase C1 also requires its demonstration NIT as the
# issuer: create an issuer with that NIT in Cauce for it.
_EMISSION = {
    Environment.TEST: "https://ws.facturatech.co/v2/demo/index.php",
    Environment.PRODUCTION: "https://ws.facturatech.co/v2/pro/index.php",
}
_SUPPORT = {
    Environment.TEST: "https://ws-dse.facturatech.co/v1/demo/",
    Environment.PRODUCTION: "https://ws-dse.facturatech.co/v1/pro/",
}
# Seed 000 breaks this address across two lines and has no other: «BETA», though it requires a productive user.
_NUMBERING = "https://webservice.facturatech.co/v2/BETA/SincronizacionNumeracion.asmx"

# The seed has no WSDL. This is the namespace of another ASMX on the same host; it may also be ASP.NET's own default,
# ``http://tempuri.org/``.
NUMBERING_NAMESPACE = "http://webservice.facturatech.co/"

_Choice = TypeVar("_Choice", bound=StrEnum)
_HOST = re.compile(r"https?://[^/]+")
_HASHED = re.compile(r"[0-9a-fA-F]{64}")


class PassMode(StrEnum):
    """The form in which the numbering service takes ``Pass``."""

    SHA256 = "sha256"
    PLAIN = "plain"


class SupportService(StrEnum):
    """Which service takes support documents."""

    SEPARATE = "separate"
    INVOICES = "invoices"


class CreditOperation(StrEnum):
    """By what ENC_21 of a credit note is chosen."""

    BY_REASON = "by_reason"
    BY_REFERENCE = "by_reference"


class Responsibilities(StrEnum):
    """Whether several fiscal responsibilities are joined in the one field, or refused."""

    ONE = "one"
    JOINED = "joined"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Read once from ``issuer.settings["facturatech"]``."""

    emission_url: str
    support_url: str
    numbering_url: str
    numbering_namespace: str
    numbering_soap: str
    """``1.1``, ASMX's first; a public PHP client of the host spoke 1.2."""
    numbering_ok_codes: frozenset[int]
    """StatusCode has no published list. 100 is what DIAN's GetNumberingRange calls done; 0, 200 and 201 are what
    Facturatech's other services call success."""
    pass_mode: PassMode
    """The seed calls Pass «contraseña de autenticación» and no more. The other services take the SHA-256 of it."""
    allow_promote: bool
    """An operator's word that ConsultaNumeracion may turn this DEMO user into a productive one, for ever."""
    support_service: SupportService
    """The manual has a separate service for support documents; a certified client sends them to that of invoices."""
    credit_operation: CreditOperation
    """The certification material has 20 for reason 2 (annulment) and 22 for the others; DIAN has 20 for any note that
    refers to an invoice, as all of ours do."""
    environment: Environment
    """ENC_20 (``ambiente``). The issuer's, unless set: no page says which one the demo service takes."""
    postal_code: str
    """Written where an address has none: the field is mandatory beside it, and the certified client writes zeros."""
    trade_registration: str
    """ICC_1, the issuer's «matrícula mercantil»; the certified client writes 0 where there is none."""
    responsibilities: Responsibilities
    """TAC_1 and TCR_1 take a code. DIAN joins several with «;»; no page says whether these fields take that."""
    corrected_section: str
    """CDN_1 of an adjustment note, the section it corrects: not in our contract; the certified client writes 1."""


def read(given: dict[str, str], environment: Environment) -> Settings:
    """The settings of an issuer in an environment. Raises Unsupported for a value that does not exist."""
    environment = _choice(given, "ambiente", environment)
    codes = given.get("numbering_ok_codes", "0,100,200,201")
    if not re.fullmatch(r"\d+(,\d+)*", codes):
        raise Unsupported(_bad("numbering_ok_codes", codes, "códigos separados por comas"))
    return Settings(
        emission_url=_address(given, "emission_url", _EMISSION[environment]),
        support_url=_address(given, "support_url", _SUPPORT[environment]),
        numbering_url=_address(given, "numbering_url", _NUMBERING),
        numbering_namespace=given.get("numbering_namespace", NUMBERING_NAMESPACE),
        numbering_soap=_one_of(given, "numbering_soap", "1.1", ["1.1", "1.2"]),
        numbering_ok_codes=frozenset(int(code) for code in codes.split(",")),
        pass_mode=_choice(given, "pass_mode", PassMode.SHA256),
        # Only this exact word, which is not set by accident (as True, 1, yes): it cannot be undone.
        allow_promote=given.get("allow_promote") == "true",
        support_service=_choice(given, "support_service", SupportService.SEPARATE),
        credit_operation=_choice(given, "credit_operation", CreditOperation.BY_REASON),
        environment=environment,
        postal_code=given.get("postal_code", "000000"),
        trade_registration=given.get("trade_registration", "0"),
        responsibilities=_choice(given, "responsibilities", Responsibilities.ONE),
        corrected_section=given.get("corrected_section", "1"),
    )


@dataclass(frozen=True)
class Access:
    """An account at Facturatech, in the forms that its services take; it is never part of a Request.

    ``password`` is the web service's, not the portal's, in the clear or hashed.
    """

    username: str
    password: SecretStr

    def hashed(self) -> str:
        """SHA-256 of the password, in lowercase hex. A password that looks like one is taken as hashed already:
        hashed twice, Facturatech refuses it."""
        plain = self.password.get_secret_value()
        if _HASHED.fullmatch(plain):
            return plain.lower()
        return hashlib.sha256(plain.encode()).hexdigest()

    def numbering(self, mode: PassMode) -> str:
        return self.hashed() if mode is PassMode.SHA256 else self.password.get_secret_value()

    def redacted(self, raw: bytes) -> bytes:
        """A body without our password: a service in debug mode repeats what it was sent."""
        for secret in (self.hashed(), self.password.get_secret_value()):
            raw = raw.replace(secret.encode(), b"[oculto]")
        return raw


def access(credentials: dict[str, SecretStr]) -> Access:
    """The stored account. Raises CredentialsUnusable where user or password is missing."""
    username, password = credentials.get("username"), credentials.get("password")
    if not (username and password and username.get_secret_value() and password.get_secret_value()):
        raise CredentialsUnusable("Faltan el usuario o la contraseña del servicio web de Facturatech.")
    return Access(username.get_secret_value(), password)


def _address(given: dict[str, str], key: str, published: str) -> str:
    """The address as set, or the published one, with ``base_url`` for its host where that is set."""
    if key in given:
        return given[key]
    base = given.get("base_url")
    return _HOST.sub(lambda _: base.rstrip("/"), published, count=1) if base else published


def _choice(given: dict[str, str], key: str, default: _Choice) -> _Choice:
    """The setting as one of the values that its default is of."""
    known = type(default)
    return known(_one_of(given, key, default, list(known)))


def _one_of(given: dict[str, str], key: str, default: str, known: list[str]) -> str:
    chosen = given.get(key, default)
    if chosen not in known:
        raise Unsupported(_bad(key, chosen, " o ".join(known)))
    return chosen


def _bad(key: str, value: str, expected: str) -> str:
    return f"La configuración facturatech.{key} no puede ser «{value}»: {expected}."
