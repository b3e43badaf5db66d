"""What else there is of a story: its next page, its AMP version."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ingest.extract.elements import Elements
from ingest.model import Association
from ingest.urls import canonical_url

_PAGE = re.compile(
    r"[/?&_,.-]{0,2}(?:page|seite|pagina|página|strona|sida|side|pag|pg|p|s)?[/=_,-]?(\d{1,2})(?:/|\.\w{2,5})?"
)
_END = re.compile(r"(?:/|\.\w{2,5})$")


def others_of(found: Elements, url: str) -> tuple[Association, ...]:
    """`rel` is "next" for the page that goes on, "amphtml" for the same story in AMP."""
    amp = (there for link in found.links["amphtml"][:1] if (there := canonical_url(link, url)))
    return (
        *(Association(rel="next", url=there) for there in _next(found, url)),
        *(Association(rel="amphtml", url=there) for there in amp),
    )


def _next(found: Elements, url: str) -> Iterator[str]:
    """rel=next is the next page if only a small number tells the two addresses apart; else it is the next story."""
    here = canonical_url(url) or ""
    for link in found.links["next"][:5]:
        there = canonical_url(link, url) or ""
        if urlsplit(there).netloc == urlsplit(here).netloc and _goes_on(here, there):
            yield there
            return


def _goes_on(here: str, there: str) -> bool:
    start = _END.sub("", here)
    if there.startswith(start) and (m := _PAGE.fullmatch(there[len(start) :])):
        return int(m[1]) == 2
    digits = re.split(r"(\d+)", here), re.split(r"(\d+)", there)
    differ = [i for i, pair in enumerate(zip(*digits, strict=False)) if pair[0] != pair[1]]
    if len(digits[0]) != len(digits[1]) or len(differ) != 1 or differ[0] % 2 == 0:
        return False
    now, then = (int(parts[differ[0]][:9]) for parts in digits)
    return 1 <= now < 100 and then == now + 1
