"""Time as DIAN keeps it: Bogotá, five hours behind UTC all year."""

from datetime import datetime, timedelta, timezone

BOGOTA = timezone(timedelta(hours=-5), "America/Bogota")


def bogota(moment: datetime) -> datetime:
    """The same moment on Bogotá's clock, to the second."""
    here = moment.astimezone(BOGOTA)
    return here.replace(microsecond=0) if here.microsecond else here
