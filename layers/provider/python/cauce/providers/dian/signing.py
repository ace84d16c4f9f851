"""Which of the issuer's certificates signs, and DIAN's operations signed with it.

DIAN may refuse a certificate that it took before: it was revoked, or its authority is trusted no more. Where another
certificate of the issuer's is in force and was not refused, DIAN is asked a question signed with that one, which
creates nothing. If DIAN answers, that one signs from then on, in every container, until an operator chooses again. If
not, something else is wrong (our clock, the address, the service itself), and nothing changes.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown
from cauce.providers.base import Connection
from cauce.providers.dian.settings import Keys
from cauce.providers.dian.soap import Service, SignerRefused
from cauce.ubl.certificate import Certificate, current, in_force

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_log = logging.getLogger("cauce")


class Signers:
    """The issuer's certificates, and which of them signs."""

    def __init__(self, connection: Connection, keys: Keys):
        self._connection = connection
        self._keys = keys

    def at(self, moment: datetime, fingerprint: str | None = None) -> Certificate:
        """The certificate that signs at a moment: the one with this fingerprint, if the issuer still has it.

        Raises CredentialsUnusable, a CredentialsRejected, where none is valid then.
        """
        found = self._keys.certificates
        chosen = tuple(each for each in found if each.fingerprint == fingerprint)
        return current(chosen or found, moment, self._refused())

    def now(self) -> Certificate:
        return self.at(self._now)

    def besides(self, refused: Certificate) -> Certificate | None:
        """The certificate that may sign in place of one that DIAN refuses now; ``None`` where there is none."""
        valid = in_force(self._keys.certificates, self._now)
        known = {refused.fingerprint, *self._refused()}
        return next((each for each in valid if each.fingerprint not in known), None)

    def give_way(self, refused: Certificate) -> None:
        """Note that DIAN refused a certificate, which then signs no more. Raises what AWS raises: the next refusal
        notes it again."""
        self._connection.refusals.add(refused.fingerprint)
        facts = {"issuer": self._connection.issuer.nit, "serial": refused.chain[0].serial}
        _log.warning("certificate refused", extra=facts)

    def _refused(self) -> frozenset[str]:
        """The refused certificates; none, without reading them, where the issuer has only one, which signs anyway."""
        is_only = len(self._keys.certificates) == 1
        return frozenset() if is_only else frozenset(self._connection.refusals.known())

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._connection.clock(), UTC)


class Calls:
    """The service's operations, signed with the certificate that signs now. ``question``: one that creates nothing,
    to try a certificate with."""

    def __init__(self, service: Service, signers: Signers, question: tuple[str, Mapping[str, str]]):
        self._service = service
        self._signers = signers
        self._question = question

    def close(self) -> None:
        """Close the service's connections, for good."""
        self._service.close()

    def ask(self, operation: str, arguments: Mapping[str, str]) -> "tuple[Element, bytes]":
        """As ``Service.ask``. Where DIAN refuses the certificate, the question is repeated with the other one."""
        signer = self._signers.now()
        try:
            return self._service.ask(operation, arguments, signer)
        except SignerRefused:
            other = self._signers.besides(signer)
            if other is None:
                raise
        answered = self._service.ask(operation, arguments, other)
        self._signers.give_way(signer)
        return answered

    def send(self, operation: str, arguments: Mapping[str, str]) -> "tuple[Element, bytes]":
        """As ``Service.send``. Raises NotSent too, where DIAN refused the certificate and another one signs from now
        on: nothing was processed, and the next attempt builds a new request."""
        signer = self._signers.now()
        try:
            return self._service.send(operation, arguments, signer)
        except SignerRefused as refusal:
            if not self.is_replaced(signer.fingerprint):
                raise
            raise NotSent(
                f"La DIAN ya no acepta el certificado de serial {signer.chain[0].serial}; desde ahora firma el otro.",
                retry_after=0,
            ) from refusal

    def is_replaced(self, fingerprint: str) -> bool:
        """Whether another certificate signs in place of a refused one, already or from now on."""
        signer = self._signers.now()
        if signer.fingerprint != fingerprint:
            return True
        other = self._signers.besides(signer)
        if other is None:
            return False
        try:
            self._service.ask(*self._question, other)
        except (CredentialsRejected, NotSent, OutcomeUnknown):
            return False
        self._signers.give_way(signer)
        return True
