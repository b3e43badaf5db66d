"""The way from a feed to what it no longer shows: archived pages, next pages, the sitemaps of an index. Pure.

RFC 5005 (`prev-archive` of archived feeds, `next` of paged ones), JSON Feed's `next_url`, WordPress's `?paged=`, and
sitemaps.org's index. What a publisher keeps is not bounded, so a walk is: by pages, and by a date.
"""

from collections import deque
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest.model import Entry, Model, Parsed

MAX_SITEMAPS = 3  # of an index that is read each night: what is new is in those changed last


class Backfill(Model):
    """How far back: so many further pages of each feed, and nothing older than `since`."""

    pages: int = 50
    since: datetime | None = None


class Walk:
    """Where to go next from one feed. `next` gives addresses while there are any; `arrive` takes what was there."""

    def __init__(self, url: str, parsed: Parsed, backfill: Backfill | None) -> None:
        self._since = backfill.since if backfill else None
        self._left = backfill.pages if backfill else MAX_SITEMAPS
        self._is_backfill = backfill is not None
        self._ahead: deque[str] = deque()
        self._seen: set[str] = {url}
        self._items: set[str] = set()
        self.arrive(url, parsed)

    def next(self) -> str | None:
        while self._ahead and self._left:
            url = self._ahead.popleft()
            if url not in self._seen:
                self._seen.add(url)
                self._left -= 1
                return url
        return None

    def arrive(self, url: str, parsed: Parsed) -> None:
        """A page that has nothing but what was seen, or that is older than `since`, leads nowhere."""
        self._ahead.extend(parsed.feed.sitemaps)
        here = {entry.guid or entry.url or entry.headline or "" for entry in parsed.entries}
        is_new = bool(here - self._items)
        self._items |= here
        dated = [when for entry in parsed.entries if (when := date_of(entry))]
        is_past = self._since is not None and bool(dated) and max(dated) < self._since
        if self._is_backfill and is_new and not is_past and (older := older_page(url, parsed)):
            self._ahead.append(older)

    def wants(self, entry: Entry) -> bool:
        when = date_of(entry)
        return self._since is None or when is None or when >= self._since


def date_of(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def older_page(url: str, parsed: Parsed) -> str | None:
    """The address of the page with the items before those of this one; WordPress names none and has one."""
    if there := parsed.feed.archive_url or parsed.feed.next_url:
        return there
    if "wordpress" in (parsed.feed.generator or "").lower() and parsed.entries:
        return _next_paged(url)
    return None


def _next_paged(url: str) -> str:
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "paged"]
    given = dict(parse_qsl(parts.query)).get("paged", "1")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 1
    return urlunsplit(parts._replace(query=urlencode([*query, ("paged", str(number + 1))])))
