"""Provider credentials: one secret per issuer and provider, ``{prefix}/{nit}/{provider}``, a JSON object."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, cast

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from pydantic import SecretStr

from cauce import faults
from cauce.domain.errors import CredentialsRejected

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_MAX_AGE_SECONDS = 300
MOST_KEPT = 500
"""Secrets that a container keeps at most, so that those of issuers long gone do not stay in its memory."""


class Secrets:
    """Secrets Manager, read through a cache of five minutes per container."""

    def __init__(self, client: "SecretsManagerClient", prefix: str):
        self._client = client
        self._prefix = prefix
        self._made: dict[str, tuple[object, dict[str, SecretStr]]] = {}
        """By a secret's name: its text, and the credentials in it."""

    @cached_property
    def _cached(self) -> SecretsProvider:
        return SecretsProvider(boto3_client=self._client)  # which has the client made

    def credentials(self, nit: str, provider: str) -> dict[str, SecretStr]:
        """An issuer's credentials at a provider, by name. Raises CredentialsRejected where there are none or they are
        no JSON object, and what boto raises for a fault of Secrets Manager, which says nothing about the
        credentials."""
        if len(self._cached.store) >= MOST_KEPT:
            self._cached.store.clear()
            self._made.clear()
        name = self._name(nit, provider)
        try:
            text = self._cached.get(name, max_age=_MAX_AGE_SECONDS)
        except GetParameterError as cause:
            if isinstance(cause.__context__, faults.RAISED) and faults.is_fault(cause.__context__):
                raise cause.__context__ from None
            raise CredentialsRejected(f"No hay credenciales de {provider} para el emisor.") from cause
        known = self._made.get(name)
        if known is None or known[0] != text:
            self._made[name] = known = text, self._read(provider, text)
        return known[1]

    @staticmethod
    def _read(provider: str, text: object) -> dict[str, SecretStr]:
        try:
            fields = cast(dict[str, str], json.loads(cast(str, text)))
            return {name: SecretStr(value) for name, value in fields.items()}
        except (ValueError, AttributeError):  # chaining the cause would show the secret's text
            raise CredentialsRejected(f"El secreto de {provider} no es un objeto JSON.") from None

    def write(self, nit: str, provider: str, fields: dict[str, str]) -> None:
        """Create the secret, or a new version of it."""
        name, text = self._name(nit, provider), json.dumps(fields)
        try:
            self._client.create_secret(Name=name, SecretString=text)
        except self._client.exceptions.ResourceExistsException:
            self._client.put_secret_value(SecretId=name, SecretString=text)

    def _name(self, nit: str, provider: str) -> str:
        return f"{self._prefix}/{nit}/{provider}"
