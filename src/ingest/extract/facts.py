"""What one vocabulary of a page says of its story, and what to believe when several speak."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from ingest.extract.dates import When
from ingest.extract.place import Place
from ingest.model import Image


@dataclass(frozen=True)
class Facts:
    """Absent is None or (). Texts are plain and squeezed, addresses absolute."""

    origin: str
    headline: str | None = None
    subheadline: str | None = None
    summary: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()  # authors that are no persons
    published: When | None = None
    updated: When | None = None
    url: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    site: str | None = None
    agency: str | None = None
    holder: str | None = None
    year: int | None = None
    notice: str | None = None
    usage_terms: str | None = None
    free: bool | None = None
    body: str | None = None
    is_article: bool = False
    kind: str | None = None  # what the page is, if it is no article: live, video, gallery, audio, index


# Who is believed, best first. JSON-LD of an article is written for this very purpose and by the CMS; Open Graph is
# next but its titles are often rewritten for sharing; Parse.ly and Sailthru are made by the CMS too but for statistics;
# Dublin Core and plain <meta> are often a template's leftovers; the visible page is what readers see, but hard to read.
TRUST = ("json-ld", "opengraph", "parsely", "sailthru", "microdata", "dublin-core", "meta", "visible", "json-ld-page")

# Fields where another order serves better.
TRUST_FOR: dict[str, tuple[str, ...]] = {
    # og:article:author is often a Facebook page; a byline that readers see is better than <meta name=author>,
    # which many CMS fill with whoever uploaded the text.
    "authors": ("json-ld", "parsely", "sailthru", "microdata", "dublin-core", "meta", "opengraph", "visible"),
    # The <html lang> is the template's; og:locale is often left at en_US.
    "language": ("json-ld", "visible", "meta", "dublin-core", "opengraph"),
    "url": ("visible", "opengraph", "json-ld"),
}
_FIELDS = tuple(field.name for field in fields(Facts) if field.name not in {"origin", "published", "updated", "free"})
_FARTHEST = timedelta(hours=14)  # of all zones, ahead of UTC
_SAME_DAY = timedelta(hours=36)
_AMERICA = timedelta(hours=3), timedelta(hours=8)  # behind UTC


def reconcile(said: Sequence[Facts], place: Place) -> Facts:
    """One Facts out of many: each field from the most trusted origin that has it."""
    by_origin = {facts.origin: facts for facts in said}
    merged: dict[str, Any] = {"origin": "page"}
    present = {orders: [by_origin[o] for o in orders if o in by_origin] for orders in {TRUST, *TRUST_FOR.values()}}
    for name in _FIELDS:
        for told in present[TRUST_FOR.get(name, TRUST)]:
            value = getattr(told, name)
            if value is not None and value not in ((), False):
                merged[name] = value
                break
    published = surest([facts.published for facts in said if facts.published], place)
    changes = [facts.updated for facts in said if facts.updated]
    later = [when for when in changes if published is None or when.utc(place) > published.utc(place)]
    frees = [facts.free for facts in said if facts.free is not None]
    return Facts(
        **merged,
        published=published,
        updated=surest(later, place),
        free=all(frees) if frees else None,
    )


def surest(said: Sequence[When], place: Place) -> When | None:
    """The most trusted moment, in the words of another that says the same more exactly.

    A day gives way to a time on that day. A clock without an offset, or with a Z, gives way to the same clock with the
    offset of the place: "10:00Z" beside "10:00+05:30" is a template that writes Z behind any time. One without an
    offset gives way to one that has it and differs by whole half hours, as zones do.
    """
    if not said:
        return None
    best = said[0]
    if not _is_timed(best):
        timed = (one for one in said if _is_timed(one) and abs(one.wall - best.wall) < _SAME_DAY)
        best = min(timed, key=lambda one: one.wall.date() != said[0].wall.date(), default=best)
    zoned = [one for one in said if one.offset is not None and one.has_time]
    if best.offset is None or best.is_zulu:
        local = When(best.wall).utc(place)
        for one in zoned:
            if one.offset and _minute(one) == _minute(best) and one.utc(place) == local:
                return one
    if best.offset is None and best.has_time:
        return next((one for one in zoned if _differs_by_zone(one, best)), best)
    return _outvoted(best, zoned, place) or best


def _outvoted(best: When, zoned: Sequence[When], place: Place) -> When | None:
    """The moment on which more agree, where `best` is whole hours from it: then `best` has the wrong offset.

    So it has if the clock of the place says the other moment.
    """
    votes = Counter(one.instant for one in zoned)
    others = [one for one in zoned if one.instant != best.instant and _differs_by_zone(one, best)]
    if not others:
        return None
    other = max(others, key=lambda one: votes[one.instant])
    if votes[other.instant] > votes[best.instant]:
        return other
    is_tie = votes[other.instant] == votes[best.instant]
    is_local = bool(best.offset) and other.utc(place) == When(best.wall).utc(place)
    return other if is_tie and (is_local or _is_local_as_utc(best, other, place)) else None


def _is_local_as_utc(one: When, other: When, place: Place) -> bool:
    """Whether both are said to be UTC and `one` is the clock of some place in America: its zones lie close together."""
    both = one.offset == other.offset == timedelta()
    return both and place.zone.startswith("America/") and _AMERICA[0] <= other.instant - one.instant <= _AMERICA[1]


def _is_timed(when: When) -> bool:
    return when.has_time and (when.wall.hour, when.wall.minute, when.wall.second) != (0, 0, 0)


def _minute(when: When) -> Any:
    return when.wall.replace(second=0, microsecond=0)


def _differs_by_zone(one: When, other: When) -> bool:
    apart = other.instant - one.instant
    return abs(apart) <= _FARTHEST and apart.total_seconds() % 1800 < 60
