"""Which items of one source are the same item: guid, else canonical URL, else (later) the content.

Publishers repeat guids, leave them out, use one for all, or make a new one for every fetch. The first three show within
one fetch, and `assign_identity` settles them; the last shows only against what is known, see `settle_guids`.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ingest.model import Entry
from ingest.urls import canonical_url, url_key

CHURN_MIN = 3  # known pages under a new guid that it takes to distrust a feed's guids
CHURN_SHARE = 0.8

_NEVER = datetime.min.replace(tzinfo=UTC)
_NOT_CONTENT = {"guid", "provider_version", "extraction", "removed", "warnings", "base_url"}


def assign_identity(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries of one source (from one payload or several), each once, with canonical `url` and a `guid` of its own.

    A guid is kept as given, even where it is a URL with tracking in it. It gives way to the canonical URL where it is
    empty, or stands on items with different URLs (or, without URL, different headlines); where the URL is not its own
    either, `guid` is None and the content decides ("hash:" + content hash). Of one item sent several times the latest
    stays, in the place of the first. A wire's versions (`provider_version`) of one guid are one item.
    """
    groups: dict[tuple[str | None, ...], list[Entry]] = defaultdict(list)
    for entry in map(_cleaned, entries):
        groups[_same(entry)].append(entry)
    kept = [item for group in groups.values() for item in _items(group)]
    guids = Counter(entry.guid for entry in kept)
    own = {guid for guid, count in guids.items() if guid and count == 1}
    urls = Counter(entry.url for entry in kept if entry.guid not in own)
    return tuple(entry if entry.guid in own else _with_guid(entry, _fallback(entry, urls, own)) for entry in kept)


def settle_guids(entries: Sequence[Entry], known: Mapping[str, str]) -> tuple[Entry, ...]:
    """Undo guids that change with every fetch (a session or a time in them), after `assign_identity`.

    `known` maps the canonical URLs this source has landed to the guid they landed under; only those of these entries
    are needed. If at least CHURN_MIN and CHURN_SHARE of the entries on known pages come under a guid that is not the
    page's, the feed's guids are worthless: known pages take their old guid, new ones their URL. Otherwise nothing
    changes: one page with a new guid is a new item (a rolling page, for one).
    """
    seen = [entry for entry in entries if entry.url in known]
    moved = [entry for entry in seen if entry.guid != known[entry.url or ""]]
    if len(moved) < CHURN_MIN or len(moved) < CHURN_SHARE * len(seen):
        return tuple(entries)
    guids = [known.get(entry.url, entry.url) if entry.url else None for entry in entries]
    counts = Counter(guids)
    return tuple(
        _with_guid(entry, guid if counts[guid] == 1 else None) for entry, guid in zip(entries, guids, strict=True)
    )


def entry_hash(entry: Entry) -> str:
    """SHA-256 of the entry as sent: the same means that there is nothing new to look at, not even the page.

    Guid and version labels do not count. Dates count only where the feed does not hold the whole text: then a touched
    date is the one sign that the page changed.
    """
    left_out = _NOT_CONTENT | ({"published", "updated"} if entry.is_full else set())
    url = canonical_url(entry.url) or entry.url
    sent = entry.model_copy(update={"url": url}).model_dump_json(exclude=left_out, exclude_defaults=True)
    return hashlib.sha256(sent.encode()).hexdigest()


def _cleaned(entry: Entry) -> Entry:
    guid, url = (entry.guid or "").strip() or None, canonical_url(entry.url) or entry.url
    return entry if (guid, url) == (entry.guid, entry.url) else entry.model_copy(update={"guid": guid, "url": url})


def _same(entry: Entry) -> tuple[str | None, ...]:
    """Equal for what may be one item sent several times. Versions of a wire story share a guid by intent."""
    page = url_key(entry.url)
    if entry.guid and entry.provider_version:
        return ("wire", entry.guid)
    if entry.guid and page:
        return ("page", entry.guid, page)
    return ("headline", entry.guid, page, _headline(entry), None if entry.guid or page else entry.html)


def _items(group: Sequence[Entry]) -> list[Entry]:
    """One item, its latest version, unless other headlines and other times show that guid and URL are placeholders."""
    times = {entry.published for entry in group}
    headlines = dict.fromkeys(map(_headline, group))
    placeholder = len(headlines) > 1 and (len(times) > 1 or None in times) and not group[0].provider_version
    if not placeholder:
        return [max(group, key=_recency)]
    return [max((entry for entry in group if _headline(entry) == one), key=_recency) for one in headlines]


def _recency(entry: Entry) -> tuple[tuple[int, ...], datetime]:
    """The version's numbers ("12" is after "9"), then the time; of equals `max` takes the first, a feed's newest."""
    version = re.findall(r"\d{1,18}", entry.provider_version or "")
    return tuple(map(int, version)), entry.updated or entry.published or _NEVER


def _fallback(entry: Entry, urls: Counter[str | None], own: set[str]) -> str | None:
    return entry.url if urls[entry.url] == 1 and entry.url not in own else None


def _headline(entry: Entry) -> str:
    return " ".join((entry.headline or "").casefold().split())


def _with_guid(entry: Entry, guid: str | None) -> Entry:
    return entry if entry.guid == guid else entry.model_copy(update={"guid": guid})
