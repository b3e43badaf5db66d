"""The moment of publication that a page shows to its readers, or has in its address."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import islice

from selectolax.lexbor import LexborNode

from ingest.extract.dates import When, folded, read_when
from ingest.extract.place import Place
from ingest.extract.tables import table
from ingest.extract.text import plain

DATED = re.compile("date|time|publi|datum|fecha|posted|byline|meta|info|dato")  # classes
_MOST = 60
_NEAREST = 6  # lines
_LINE = 160
_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d{2})[/-]?(\d{1,2})[/-]?(\d{1,2})(?!\d)")
_DAY_IN_ADDRESS = re.compile(r"(?<![\d-])(\d{2})-(\d{2})-((?:19|20)\d{2})(?![\d])")
_YEAR = re.compile(r"\d{2}")


def visible_when(lines: Iterator[str], marked: Iterable[LexborNode], url: str, place: Place) -> When | None:
    """The first date near the headline, else one that the mark-up calls a date, else the one in the address.

    A line that says "published" comes before others, one that says "updated" counts for nothing. The day in the address
    chooses among several.
    """
    address = when_in_address(url)
    nearest = [*islice(lines, _NEAREST)]
    near = [*_read(nearest, place)]
    if near and near[0].has_time and _is_of_day(near[0], address):
        return near[0]
    found = [*near, *_read([*nearest, *lines], place)] or [*_read(_texts(marked), place)]
    same = [when for when in found if address and _is_of_day(when, address)]
    best = next(iter(same), None) or address or next(iter(found), None)
    if best is None or best.has_time:
        return best
    return next((when for when in found if when.has_time and when.wall.date() == best.wall.date()), best)


def _is_of_day(when: When, address: When | None) -> bool:
    return address is None or abs((when.wall.date() - address.wall.date()).days) <= 1


def when_in_address(url: str) -> When | None:
    path = url.split("?", maxsplit=1)[0]
    if m := _IN_ADDRESS.search(path):
        return read_when(f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}", Place())
    if m := _DAY_IN_ADDRESS.search(path):
        return read_when(f"{m[3]}-{m[2]}-{m[1]}", Place())
    return None


def _read(texts: Iterable[str], place: Place) -> Iterator[When]:
    published: list[When] = []
    others: list[When] = []
    for text in dict.fromkeys(texts):
        if len(text) <= _LINE and _YEAR.search(text) and not _said("other").search(key := folded(text)):
            before = _said("updated").split(key, maxsplit=1)[0]
            if when := read_when(before, place):
                (published if _said("published").search(key) else others).append(when)
    yield from published
    yield from others


@cache
def _said(kind: str) -> re.Pattern[str]:
    """Stems of "published" or "updated" in all languages."""
    return re.compile("|".join(re.escape(folded(word)) for word in table("bylines")["dates"][kind]))


def _texts(marked: Iterable[LexborNode]) -> Iterator[str]:
    for node in islice(marked, _MOST):
        if not aside(node) and (text := plain(node.text(separator=" ")[: 2 * _LINE])):
            yield text


_SIDES = frozenset(("aside", "nav", "footer"))
_KINDS = 500  # characters of class names
_OWN = re.compile(r"\b(?:entry|post|article)-(?:footer|meta|info)|\bbyline", re.IGNORECASE)  # of the story itself
_LINKED_HEADING = "h2 a[href], h3 a[href], h4 a[href], a[href] h2, a[href] h3, a[href] h4"
_ASIDE = re.compile(
    r"comment|related|sidebar|teaser|(?<!-)widget\b(?! Blog\b)|recommend|most-read|\bbio\b|"
    r"(?<!post-)(?<!entry-)(?<!article-)footer|copyright",
    re.IGNORECASE,
)


def aside(node: LexborNode) -> bool:
    """Whether a node belongs to comments, teasers or a footer rather than to the story."""
    up: LexborNode | None = node
    inside = True  # of the innermost article
    for _ in range(12):
        if up is None or up.tag in {"body", "main"}:
            return False
        if (inside or up.tag in _SIDES) and is_side(up):
            return True
        inside = inside and up.tag != "article"
        up = up.parent
    return False


def is_side(node: LexborNode) -> bool:
    """Whether a node by itself says that it is no part of the story."""
    marks = node.attributes
    return _says_side(node.tag in _SIDES, marks.get("class") or "", marks.get("id") or "")


@lru_cache(maxsize=20_000)
def _says_side(is_tag: bool, classes: str, id_: str) -> bool:
    return (is_tag and not _OWN.search(classes)) or _ASIDE.search(f"{classes} {id_}"[:_KINDS]) is not None


def is_teaser(node: LexborNode, holders: frozenset[int]) -> bool:
    """Whether a node stands in a box with the linked headline of another story. `holders` hold this page's own."""
    up: LexborNode | None = node.parent
    for _ in range(5):
        if up is None or up.tag in {"body", "main"} or up.mem_id in holders:
            return False
        if up.css_first(_LINKED_HEADING) is not None:
            return True
        up = up.parent
    return False


def holders_of(heading: LexborNode | None) -> frozenset[int]:
    """The ids of a heading and of what it stands in."""
    found: list[int] = []
    while heading is not None and len(found) < 100:
        found.append(heading.mem_id)
        heading = heading.parent
    return frozenset(found)


def in_review(node: LexborNode) -> bool:
    """Whether microdata say that a node belongs to a review or comment of readers."""
    up: LexborNode | None = node
    for _ in range(4):
        if up is None:
            return False
        if (up.attributes.get("itemprop") or "").lower() in {"review", "reviews", "comment"}:
            return True
        up = up.parent
    return False
