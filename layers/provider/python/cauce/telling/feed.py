"""Reading the feed of an issuer's news."""

from collections.abc import Collection

from cauce.domain.news import News, NewsType
from cauce.gateway import Telling

# Pages of the table that one reading of certain types goes through, at most.
_MOST_PAGES = 5


def page(
    gateway: Telling,
    nit: str,
    at: str,
    most: int,
    types: Collection[NewsType] = (),
    *,
    newest_first: bool = False,
) -> tuple[list[News], str, bool]:
    """An issuer's news after a position, of these types or of all, oldest first: at most ``most``; where to go on
    from; and whether there may be more now. ``newest_first``: the news before the position, and before the beginning
    the latest of all.

    What is read is bounded: of types that are rare a page may be empty and not the last.
    """
    read_at = gateway.news.latest if newest_first else gateway.news.page
    found: list[News] = []
    for _ in range(_MOST_PAGES):
        read = read_at(nit, at, most - len(found))
        found += [told for _, told in read.rows if not types or told.type in types]
        at = read.next
        if read.is_last or len(found) == most:
            return found, at, not read.is_last
    return found, at, True
