"""How an issuer's graphic representations look, and the software that they name."""

from cauce.domain.document import Value


class Paper(Value):
    """What an operator chose for an issuer; what is absent is as with everybody."""

    colour: str | None = None
    """``#00AA55``: of titles and rules."""
    footer: str | None = None
    """The issuer's own text at the foot of each page."""
    logo: str | None = None
    """The archive's key of its logo."""
    software: str | None = None
    """Name of the software that makes the documents, and next who makes that: name, NIT without check digit."""
    maker: str | None = None
    maker_nit: str | None = None
