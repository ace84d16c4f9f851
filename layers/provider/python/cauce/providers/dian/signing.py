"""The issuer's secrets at DIAN: those of its software, its certificates, and which of these signs.

DIAN may refuse a certificate that it took before: it was revoked, or its authority is trusted no more. Then another
one of the issuer's may sign instead, in every container, until an operator chooses again (``soap`` tries it first).
"""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsUnusable
from cauce.providers.base import Connection
from cauce.ubl import own_ranges
from cauce.ubl.certificate import Certificate, current, in_force, loaded
from cauce.ubl.facts import Software

CREDENTIALS = ("software_id", "software_pin", "certificate")
NEXT_CERTIFICATE = "next_certificate"
"""The second certificate: it signs while the first is not valid, or once DIAN refused the first."""
_EQUIVALENT = "equivalent_"
OPTIONAL_CREDENTIALS = (NEXT_CERTIFICATE, f"{_EQUIVALENT}software_id", f"{_EQUIVALENT}software_pin")
"""``equivalent_…``: of the software that an issuer registered for its documentos equivalentes, if it is another."""
# The settings that tell who made the software, by the fields of ``Software``.
_MADE_BY = {"name": "software_name", "maker": "software_maker", "company": "software_company"}

if TYPE_CHECKING:
    from cauce.domain.preparation import Point

_log = logging.getLogger("cauce")


class Keys:
    """The secrets of an issuer, certificates loaded on first use."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._certificates: tuple[Certificate, ...] = ()

    @property
    def software(self) -> Software:
        """The issuer's own software: its owner is the issuer."""
        return self._software("")

    def software_of(self, kind: Kind) -> Software:
        """The software of this kind of document; what it is called and who made it, as the operator tells."""
        own = self._connection.credentials.get(f"{_EQUIVALENT}software_id")
        return self._software(_EQUIVALENT if kind.is_equivalent and own is not None else "")

    def _software(self, whose: str) -> Software:
        told = self._connection.settings
        return Software(
            id=self._secret(f"{whose}software_id").get_secret_value(),
            pin=self._secret(f"{whose}software_pin"),
            owner_nit=self._connection.issuer.nit,
            **{field: told.get(name, "") for field, name in _MADE_BY.items()},
        )

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The one that an operator chose, and the other if there is one. Raises CredentialsUnusable."""
        if not self._certificates:
            texts = (self._secret("certificate"), self._connection.credentials.get(NEXT_CERTIFICATE))
            self._certificates = tuple(loaded(text) for text in texts if text is not None)
        return self._certificates

    def signer(self, moment: datetime | None = None, fingerprint: str | None = None) -> Certificate:
        """The certificate that signs at a moment, or now: the one with this fingerprint, if the issuer still has it.

        Raises CredentialsUnusable, a CredentialsRejected, where none is valid then.
        """
        found = self.certificates
        chosen = tuple(each for each in found if each.fingerprint == fingerprint)
        return current(chosen or found, moment or self._now, self._refused())

    def besides(self, refused: Certificate) -> Certificate | None:
        """The certificate that may sign in place of one that DIAN refuses now; ``None`` where there is none."""
        known = {refused.fingerprint, *self._refused()}
        valid = in_force(self.certificates, self._now)
        return next((each for each in valid if each.fingerprint not in known), None)

    def readiness(self, now: datetime) -> "Point":
        """Whether a certificate signs, and for how long."""
        from cauce.domain.preparation import of_certificate, without_certificate

        issuer = self._connection.issuer
        try:
            signer, refused = self.signer(now), self._refused()
        except CredentialsUnusable as unusable:
            return without_certificate(issuer, own_ranges.NAME, unusable.message)
        return of_certificate(
            issuer, own_ranges.NAME, signer.valid_to, now, is_refused=signer.fingerprint in refused
        )

    def give_way(self, refused: Certificate) -> None:
        """Note that DIAN refused a certificate, which then signs no more. Raises what AWS raises: the next refusal
        notes it again."""
        self._connection.refusals.add(refused.fingerprint)
        facts = {"issuer": self._connection.issuer.nit, "serial": refused.chain[0].serial}
        _log.warning("certificate refused", extra=facts)

    def _refused(self) -> frozenset[str]:
        """The refused certificates; none, without reading them, where the issuer has only one, which signs anyway."""
        is_only = len(self.certificates) == 1
        return frozenset() if is_only else frozenset(self._connection.refusals.known())

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._connection.clock(), UTC)

    def _secret(self, name: str) -> SecretStr:
        found = self._connection.credentials.get(name)
        if found is None or not found.get_secret_value():
            raise CredentialsUnusable(f"Falta la credencial de la DIAN: {name}.")
        return found
