"""JSON Feed 1.0 and 1.1. Spec: jsonfeed.org/version/1.1.

A field of a wrong type is taken as absent, with a warning in its entry; an item that is no object, or in which nothing
can be read, is a reject.
"""

from ingest.errors import Malformed
from ingest.model import Entry, FeedInfo, Image, Link, Parsed, Payload, Reject
from ingest.parse.decode import json_value
from ingest.parse.detect import Sniff
from ingest.parse.feedreader import Media
from ingest.parse.fields import address_of, language_of, no_times, people_of, text_of, time_of, unique
from ingest.parse.limits import check_count
from ingest.parse.media import attached

NAMES = ("jsonfeed", "json-feed")
# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "`id`", "url": "`url`, else `external_url`", "type": "that of an attached recording", "headline": "`title`",
    "summary_html": "`summary`", "html": "`content_html`, else `content_text`",
    "byline": "`authors`, else `author`, else the feed's", "authors": "`authors`, else `author`, else the feed's",
    "language": "`language`, else the feed's", "published": "`date_published`", "updated": "`date_modified`",
    "keywords": "`tags`", "images": "`image`, `banner_image`, pictures among `attachments`",
    "links": "`external_url`, other `attachments`",
}  # fmt: skip
REJECTS = {"bad-item": "no object", "empty-item": "no url, title or content"}
KNOWN = "1.0 and 1.1"
Object = dict[str, object]

_STRINGS = ("id", "url", "title", "content_html", "content_text", "summary", "image", "date_published", "date_modified")
_TIMES = ("date_published", "date_modified")


def claims(sniff: Sniff) -> bool:
    """By its version's URL; some leave that out, then by an `items` list beside what only a feed has."""
    value = sniff.json
    if not isinstance(value, dict):
        return False
    named = "jsonfeed.org" in str(value.get("version"))
    return named or (
        isinstance(value.get("items"), list) and not value.keys().isdisjoint({"feed_url", "home_page_url"})
    )


def parse(payload: Payload) -> Parsed:
    """Raises Malformed if it is not JSON or has no list of items."""
    feed = json_value(payload)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(items, list):
        raise Malformed(payload.url, "a JSON Feed without a list `items`", "look at the stored payload")
    check_count(items, "items", payload.url)
    read = [_entry(item, feed, payload, f"items[{number}]") for number, item in enumerate(items)]
    return Parsed(
        format="jsonfeed",
        entries=tuple(one for one in read if isinstance(one, Entry)),
        rejects=tuple(one for one in read if isinstance(one, Reject)),
        feed=_info(feed, payload),
    )


def _entry(item: object, feed: Object, payload: Payload, place: str) -> Entry | Reject:
    if not isinstance(item, dict):
        return Reject(code="bad-item", place=place, detail=f"expected an object, got {_type(item)}")
    url = address_of(item.get("url"), payload.url) or address_of(item.get("external_url"), payload.url)
    html, text, title = (text_of(item.get(key)) for key in ("content_html", "content_text", "title"))
    if not (url or html or text or title):
        return Reject(code="empty-item", place=place, detail="no url, title or content")
    printed = _authors(item) or _authors(feed)
    files = attached(Media(), _attachments(item), url or payload.url)
    pictures = [address_of(item.get(key), payload.url) for key in ("image", "banner_image")]
    images = {one: Image(url=one) for one in pictures if one} | {one.url: one for one in files.images}
    return Entry(
        guid=text_of(item.get("id")),
        url=url,
        type=files.type,
        headline=title,
        summary_html=text_of(item.get("summary")),
        html=html or text,
        html_is_text=bool(text and not html),
        is_full=bool(html or text),
        base_url=url or address_of(payload.url, ""),
        byline=", ".join(printed) or None,
        authors=people_of(printed),
        language=language_of(item.get("language"), feed.get("language"), payload.language),
        published=time_of(item.get("date_published"), payload.zone),
        updated=time_of(item.get("date_modified"), payload.zone),
        keywords=unique(text_of(tag) for tag in _list(item.get("tags"))),
        images=tuple(images.values()),
        links=_links(item, url, payload) + files.links,
        warnings=(*_wrong_types(item), *no_times({key: item.get(key) for key in _TIMES}, payload.zone)),
    )


def _authors(holder: Object) -> tuple[str, ...]:
    """Version 1.1's `authors`, else 1.0's `author`."""
    people = _list(holder.get("authors")) or [holder.get("author")]
    return unique(text_of(person.get("name")) if isinstance(person, dict) else text_of(person) for person in people)


def _attachments(item: Object) -> list[dict[str, str]]:
    files = [file for file in _list(item.get("attachments")) if isinstance(file, dict) and text_of(file.get("url"))]
    return [{"url": str(file["url"]), "type": text_of(file.get("mime_type")) or ""} for file in files]


def _links(item: Object, url: str | None, payload: Payload) -> tuple[Link, ...]:
    external = address_of(item.get("external_url"), payload.url)
    return (Link(url=external),) if external and external != url else ()


def _wrong_types(item: Object) -> tuple[str, ...]:
    """A number for an id is no fault: the specification has it read as a string."""
    wrong = ((key, item[key]) for key in _STRINGS if item.get(key) is not None and not isinstance(item[key], str))
    return tuple(f"{key}: expected a string, got {_type(value)}" for key, value in wrong if key != "id")


def _info(feed: Object, payload: Payload) -> FeedInfo:
    hubs = [hub.get("url") for hub in _list(feed.get("hubs")) if isinstance(hub, dict)]
    return FeedInfo(
        title=text_of(feed.get("title")),
        language=language_of(feed.get("language"), payload.language),
        self_url=address_of(feed.get("feed_url"), payload.url),
        home_url=address_of(feed.get("home_page_url"), payload.url),
        hub_url=next((url for url in (address_of(hub, payload.url) for hub in hubs) if url), None),
        next_url=address_of(feed.get("next_url"), payload.url),
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _type(value: object) -> str:
    return {dict: "an object", list: "a list", bool: "a boolean", int: "a number", float: "a number"}.get(
        type(value), "null" if value is None else "a string"
    )
