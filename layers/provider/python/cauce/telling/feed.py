"""Reading the feed of an issuer's news."""

from collections.abc import Collection

from cauce.domain.news import News, NewsType
from cauce.gateway import Telling

# Pages of the table that one reading of certain types goes through, at most.
_MOST_PAGES = 5


def page(
    gateway: Telling, nit: str, after: str, most: int, types: Collection[NewsType] = ()
) -> tuple[list[News], str, bool]:
    """An issuer's news after a position, of these types or of all, oldest first: at most ``most``; where to go on
    from; and whether there may be more now.

    What is read is bounded: of types that are rare a page may be empty and not the last.
    """
    found: list[News] = []
    for _ in range(_MOST_PAGES):
        read = gateway.news.page(nit, after, most - len(found))
        found += [told for _, told in read.rows if not types or told.type in types]
        after = read.next
        if read.is_last or len(found) == most:
            return found, after, not read.is_last
    return found, after, True
