"""Which of the issuer's certificates signs, and DIAN's operations signed with it.

DIAN may refuse tomorrow what it takes today: a certificate is revoked, or its authority is trusted no more. Where
another one of the issuer's is in force and was not refused, DIAN is asked something with that one, which creates
nothing. If it answers, that one signs from then on, in every container, until an operator chooses again. If it does
not, the certificate is not what is wrong (our clock, the address, the service itself), and nothing changes.
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
    """The issuer's certificates, and who of them signs."""

    def __init__(self, connection: Connection, keys: Keys):
        self._connection = connection
        self._keys = keys

    def at(self, moment: datetime, fingerprint: str | None = None) -> Certificate:
        """What signs at this moment: the one of that fingerprint, where it is the issuer's still.

        Raises CredentialsRejected where there is none.
        """
        found = self._keys.certificates
        chosen = tuple(each for each in found if each.fingerprint == fingerprint)
        return current(chosen or found, moment, self._refused())

    def now(self) -> Certificate:
        return self.at(self._now)

    def besides(self, refused: Certificate) -> Certificate | None:
        """What may sign in place of one that DIAN refuses now."""
        valid = in_force(self._keys.certificates, self._now)
        known = {refused.fingerprint, *self._refused()}
        return next((each for each in valid if each.fingerprint not in known), None)

    def give_way(self, refused: Certificate) -> None:
        """One of them signs no more. Raises what AWS raises; then it is refused again, and this is said again."""
        self._connection.refusals.add(refused.fingerprint)
        facts = {"issuer": self._connection.issuer.nit, "serial": refused.chain[0].serial}
        _log.warning("certificate refused", extra=facts)

    def _refused(self) -> frozenset[str]:
        """Nobody needs to know of an only one."""
        is_only = len(self._keys.certificates) == 1
        return frozenset() if is_only else frozenset(self._connection.refusals.known())

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._connection.clock(), UTC)


class Calls:
    """The service's operations, signed by whoever signs now. ``question``: one that may be asked at any time."""

    def __init__(self, service: Service, signers: Signers, question: tuple[str, Mapping[str, str]]):
        self._service = service
        self._signers = signers
        self._question = question

    def ask(self, operation: str, arguments: Mapping[str, str]) -> "tuple[Element, bytes]":
        """As ``Service.ask``. Where DIAN refuses whoever signs, the other one asks the same."""
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
        """As ``Service.send``. Raises NotSent besides, where DIAN refused whoever signed and another one signs now:
        nothing was processed, and what was signed for this call is made anew."""
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
        """Whether another certificate signs in place of a refused one: since before, or from now on."""
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
