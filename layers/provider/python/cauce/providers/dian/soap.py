"""DIAN's web service: one signed envelope out, the element that answers it back.

Source: the service's WSDL (SOAP 1.2, WS-Addressing). ``providers.soap`` says what silence means, this module a fault.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown
from cauce.domain.outage import Failure
from cauce.domain.texts import folded
from cauce.providers import soap
from cauce.providers.base import Connection
from cauce.providers.dian.envelope import action, envelope
from cauce.providers.dian.settings import Options
from cauce.providers.dian.signing import Keys
from cauce.providers.http import client
from cauce.ubl import reading
from cauce.ubl.certificate import Certificate

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# After a minute without an answer a send counts as a failure of DIAN's (annex 1.9, 12.2); a question need not
# be waited for so long, as it is asked again.
SEND_SECONDS = 60.0
ASK_SECONDS = 15.0

TITLE = "la DIAN"

# The faults by which the service refuses a certificate, before it processes anything: a standard code, which may
# stand in the reason's text alone; a sentence about the certificate; or, for an untrusted one, the bare code «Client»
# with WCF's own text that no reason was given. A fault without any reason proves nothing.
_SECURITY_FAULTS = frozenset(
    {
        "InvalidSecurity",
        "InvalidSecurityToken",
        "FailedAuthentication",
        "FailedCheck",
        "SecurityTokenUnavailable",
    }
)
_NO_REASON = "The creator of this fault did not specify a Reason."
_BAD_CERTIFICATE = "el certificado no es valido"


class SignerRefused(CredentialsRejected):
    """The service refused the certificate that signed the envelope, and processed nothing in it."""


class Service:
    """The operations of the service, each call signed with the certificate that signs now.

    Where DIAN refuses that certificate, and another one of the issuer's is in force, DIAN is asked a question signed
    with the other one, which creates nothing. If it answers, the other one signs from then on. If not, something else
    is wrong (our clock, the address, the service itself), and nothing changes.
    """

    def __init__(self, connection: Connection, options: Options, keys: Keys):
        self._clock = connection.clock
        self._options = options
        self._keys = keys
        self._http = client(options.address)
        nit = connection.issuer.nit
        asked: dict[str, str | bytes] = {
            "accountCode": nit,
            "accountCodeT": nit,
            "softwareCode": keys.software.id,
        }
        self._question = ("GetNumberingRange", asked)

    def close(self) -> None:
        """Close its connections, for good."""
        self._http.close()

    def send(self, operation: str, arguments: Mapping[str, str | bytes]) -> "tuple[Element, bytes]":
        """Call an operation that takes a document, in one POST of an envelope signed now, never repeated: its
        ``…Result`` and the whole body.

        Raises as ``_call``, and NotSent too where DIAN refused the certificate and another one signs from now on:
        nothing was processed, and the next attempt builds a new request.
        """
        signer = self._keys.signer()
        try:
            seconds = self._options.silence_seconds or SEND_SECONDS
            return self._call(operation, arguments, signer, seconds)
        except SignerRefused as refusal:
            if not self.give_way_if_refused(signer.fingerprint):
                raise
            raise NotSent(
                f"La DIAN ya no acepta el certificado de serial {signer.chain[0].serial}; desde ahora firma el otro.",
                retry_after=0,
            ) from refusal

    def ask(self, operation: str, arguments: Mapping[str, str | bytes]) -> "tuple[Element, bytes]":
        """Call an operation that only reads: its ``…Result`` and the whole body. Raises as ``_call``. Where DIAN
        refuses the certificate, the question is repeated with the other one."""
        signer = self._keys.signer()
        try:
            return self._call(operation, arguments, signer, ASK_SECONDS)
        except SignerRefused:
            other = self._keys.besides(signer)
            if other is None:
                raise
        answered = self._call(operation, arguments, other, ASK_SECONDS)
        self._keys.give_way(signer)
        return answered

    def ask_ranges(self) -> "tuple[Element, bytes]":
        """Ask for the ranges of the issuer's software."""
        return self.ask(*self._question)

    def give_way_if_refused(self, fingerprint: str) -> bool:
        """Whether another certificate signs in place of a refused one, already or from now on."""
        signer = self._keys.signer()
        if signer.fingerprint != fingerprint:
            return True
        other = self._keys.besides(signer)
        if other is None:
            return False
        try:
            self._call(*self._question, other, ASK_SECONDS)
        except (CredentialsRejected, NotSent, OutcomeUnknown):
            return False
        self._keys.give_way(signer)
        return True

    def _call(
        self, operation: str, arguments: Mapping[str, str | bytes], signer: Certificate, read_seconds: float
    ) -> "tuple[Element, bytes]":
        """The ``…Result`` element, and the body it came in.

        Raises NotSent where the call never left, SignerRefused or CredentialsRejected where the envelope was refused
        before it was processed, OutcomeUnknown where there is no readable answer for any other reason.
        """
        now = datetime.fromtimestamp(self._clock(), UTC)
        message = envelope(operation, arguments, self._options.address, signer, now)
        content_type = f'application/soap+xml; charset=utf-8; action="{action(operation)}"'
        response = soap.respond(
            self._http,
            TITLE,
            self._options.address,
            message,
            {"Content-Type": content_type},
            read_seconds=read_seconds,
        )
        raw = response.content
        try:
            return _result(operation, raw), raw
        except OutcomeUnknown as nothing:
            if response.status_code == 415:
                raise CredentialsRejected(
                    "La DIAN no admite la solicitud (HTTP 415) y no la procesó: revise la dirección del servicio."
                ) from nothing
            if response.status_code not in self._options.outage_statuses:
                raise
            # A proxy may answer with this status after DIAN did the work: what was sent is still in doubt.
            text = f"La DIAN está fuera de servicio (HTTP {response.status_code})."
            raise OutcomeUnknown(text, raw=raw, failure=Failure.ERROR) from nothing


def _result(operation: str, raw: bytes) -> "Element":
    found = soap.body(TITLE, raw)
    if reading.local(found) == "Fault":
        _refuse(found, raw)
    result = reading.child(found, f"{operation}Result")
    if reading.local(found) != f"{operation}Response" or result is None:
        raise OutcomeUnknown("La DIAN respondió a otra operación.", raw=raw)
    return result


def _refuse(fault: "Element", raw: bytes) -> None:
    codes = {
        reading.text(fault, *path).rpartition(":")[2]
        for path in (("Code", "Value"), ("Code", "Subcode", "Value"))
    }
    reason = reading.text(fault, "Reason", "Text")
    is_about_us = any(code in reason for code in _SECURITY_FAULTS) or _BAD_CERTIFICATE in folded(reason)
    if codes & _SECURITY_FAULTS or is_about_us or ("Client" in codes and reason == _NO_REASON):
        raise SignerRefused(
            "La DIAN no aceptó la firma del sobre: revise que el certificado sea de una entidad acreditada y esté "
            "vigente, y que el reloj y la dirección del servicio sean correctos."
        )
    raise OutcomeUnknown(f"La DIAN respondió con una falla: {reason or 'sin motivo'}", raw=raw)
