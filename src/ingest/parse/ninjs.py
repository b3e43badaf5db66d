"""ninjs 1.x, 2.x and 3.x: one item, a list of them, or a container such as an API's answer. See `ninjsitem`.

Spec: IPTC ninjs. Containers: `items`, `_items` (Superdesk's API), `item` (the BBC's), `results`, `data`; an object of
`associations` without anything of its own is one too.
"""

from ingest.errors import Malformed
from ingest.model import Entry, FeedInfo, Parsed, Payload, Reject
from ingest.parse import ninjsfields
from ingest.parse.decode import json_value
from ingest.parse.detect import Sniff
from ingest.parse.fields import address_of
from ingest.parse.jsonobject import Names
from ingest.parse.limits import check_count
from ingest.parse.ninjsitem import NO_ARTICLES, entries_of

NAMES = ("ninjs",)
# An article's fields and what they are called, or are read from; `fieldtable` makes docs/formats.md of it.
FIELDS: dict[str, str | Names] = {
    **ninjsfields.FIELDS,
    "url": "the rendition `web`, `url`, `weburl` …",
    "authors": "`authors`; without a byline those `people` whose `rel` is author, writer …",
    "keywords": "`keywords`, `subjects` whose `rel` is keyword",
    "subjects": "`subjects`; as subjects of their kind `people`, `organisations`, `events`, `objects` …",
    "contributors": "`authors`, `people` with a part in it, `photographer`, descriptions of the role writer",
    "places": "`places`, `located`",
    "provider": "`source`, `provider`, an info source of that role",
    "images": "`renditions` of a picture; pictures among `associations`",
    "genre": "`genres`, by name, else by code or the end of the URI",
    "published": "`firstCreated`, else `contentCreated`, else `versionCreated`",
    "associations": "`associations`, and theirs unless they are a story (a gallery); `evolvedfrom`, `attachments`",
    "links": "`renditions` that are neither pictures nor the page, `trustIndicators`",
    "rights.distributor": "an info source of that role",
    "rights.credit_line": "`creditline`, a description of that role",
    **dict.fromkeys(("take", "rights.year", "provider_sequence"), "`altIds`, of an article that left here"),
}
IGNORED = ninjsfields.IGNORED
REJECTS = {
    "bad-item": "no object",
    **{f"{kind}-item": f"of the type {kind}, which is no article" for kind in sorted(NO_ARTICLES)},
    "empty-item": "no headline, text, picture, link or withdrawal",
}
KNOWN = "ninjs 1.0–3.1 as AAP, AP, the BBC, dpa, NTB, Reuters and Superdesk's API send it; names in any case"

_CONTAINERS = ("items", "_items", "item", "results", "newsitems", "data")
# As the versions write them: finding them must not cost more than reading the item.
_IDS = {"uri", "guid", "altids", "altIds"}
_SIGNS = {
    "type", "versioncreated", "versionCreated", "firstcreated", "firstCreated", "pubstatus", "pubStatus", "headlines",
    "headline", "bodies", "body_html", "body_xhtml", "body_text", "descriptions", "description_text", "byline", "by",
    "urgency", "usageterms", "usageTerms", "copyrightholder", "copyrightHolder", "copyrightnotice", "copyrightNotice",
    "renditions", "representationtype", "representationType", "slugline", "ednote", "edNote", "associations",
}  # fmt: skip


def claims(sniff: Sniff) -> bool:
    """By an item's names: an identifier and another of ninjs' own, or four of its own."""
    return sniff.kind == "json" and any(_is_item(one) for one in _items(sniff.json)[0][:20])


def parse(payload: Payload) -> Parsed:
    """One bad item is a reject among the others. Raises Malformed if it is not JSON or there is no object in it."""
    value = json_value(payload)
    items, prefix = _items(value)
    if not items:
        raise Malformed(
            payload.url, "no news item in this JSON", "look at the stored payload; the address may be wrong"
        )
    check_count(items, "items", payload.url)
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
    if isinstance(inside, dict | list) and inside and value.keys().isdisjoint(_IDS):
        return [one for one in (inside.values() if isinstance(inside, dict) else inside) if one], "associations"
    return [value], ""


def _is_item(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    own = len(value.keys() & _SIGNS)
    return own >= 4 or (own >= 2 and not value.keys().isdisjoint(_IDS))


def _feed(value: object, payload: Payload) -> FeedInfo:
    """The next page, as Superdesk's (HAL) `_links` and others' `next` give it."""
    if not isinstance(value, dict):
        return FeedInfo()
    links = value.get("_links") or value.get("links")
    after = links.get("next") if isinstance(links, dict) else value.get("next") or value.get("next_page")
    if isinstance(after, dict):
        after = after.get("href")
    return FeedInfo(next_url=address_of(after, payload.url))
