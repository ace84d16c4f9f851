"""What an operator may set for an issuer at Ejemplo, and where its documents are sent."""

from cauce.providers.base import Connection

TITLE = "Ejemplo"


def address(connection: Connection) -> str:
    """``base_url`` where it is set, else the published address of the issuer's environment."""
    raise NotImplementedError("Ejemplo: settings.address is not written yet")
