"""ninjs 1.x, 2.x and 3.x: one item, a list of them, or a container such as an API's answer. See `ninjsitem`.

Spec: IPTC ninjs. Containers: `items`, `_items` (Superdesk's API), `item` (the BBC's), `results`, `data`; an object of
`associations` without anything of its own is one too.
"""

from ingest.errors import Malformed
from ingest.model import Entry, FeedInfo, Parsed, Payload, Reject
from ingest.parse.decode import json_value
from ingest.parse.detect import Sniff
from ingest.parse.fields import address_of
from ingest.parse.ninjsitem import entries_of

NAMES = ("ninjs",)

_CONTAINERS = ("items", "_items", "item", "results", "newsitems", "data")
_IDS = {"uri", "guid", "altids"}
_SIGNS = {
    "type", "versioncreated", "firstcreated", "pubstatus", "headlines", "headline", "bodies", "body_html", "body_xhtml",
    "body_text", "descriptions", "description_text", "byline", "by", "urgency", "usageterms", "copyrightholder",
    "copyrightnotice", "renditions", "representationtype", "slugline", "ednote", "associations",
}  # fmt: skip


def claims(sniff: Sniff) -> bool:
    """By an item's names: an identifier and another of ninjs' own, or four of its own."""
    return any(_is_item(one) for one in _items(sniff.json)[0][:20])


def parse(payload: Payload) -> Parsed:
    """One bad item is a reject among the others. Raises Malformed if it is not JSON or there is no object in it."""
    value = json_value(payload)
    items, prefix = _items(value)
    if not items:
        raise Malformed(
            payload.url, "no news item in this JSON", "look at the stored payload; the address may be wrong"
        )
    read = [
        one
        for number, item in enumerate(items)
        for one in entries_of(item, payload, f"{prefix}[{number}]" if prefix else "the item")
    ]
    return Parsed(
        format="ninjs",
        entries=tuple(one for one in read if isinstance(one, Entry)),
        rejects=tuple(one for one in read if isinstance(one, Reject)),
        feed=_feed(value, payload),
    )


def _items(value: object) -> tuple[list[object], str]:
    """The news objects, and where they are; a lone object that holds none is one itself."""
    if isinstance(value, list):
        return value, "list"
    if not isinstance(value, dict):
        return [], ""
    if _is_item(value):
        return [value], ""
    for name in _CONTAINERS:
        inner = value.get(name)
        if isinstance(inner, list) and inner:
            return inner, name
        if isinstance(inner, dict) and _is_item(inner):
            return [inner], name
    inside = value.get("associations")
    if isinstance(inside, dict | list) and inside and not _names(value) & _IDS:
        return [one for one in (inside.values() if isinstance(inside, dict) else inside) if one], "associations"
    return [value], ""


def _is_item(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    names = _names(value)
    own = len(names & _SIGNS)
    return own >= 2 if names & _IDS else own >= 4


def _names(value: dict[str, object]) -> set[str]:
    return {name.lower() for name in value}


def _feed(value: object, payload: Payload) -> FeedInfo:
    """The next page, as Superdesk's (HAL) `_links` and others' `next` give it."""
    if not isinstance(value, dict):
        return FeedInfo()
    links = value.get("_links") or value.get("links")
    after = links.get("next") if isinstance(links, dict) else value.get("next") or value.get("next_page")
    if isinstance(after, dict):
        after = after.get("href")
    return FeedInfo(next_url=address_of(after, payload.url))
