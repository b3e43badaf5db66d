"""AP's Media API: one item, a page of a feed or search, or what a fetcher makes of it with the NITF text beside it.

AP's item is ninjs 1.x with names of its own. It is told in ninjs' names here, and read by `ninjsitem`. The text is not
in it: where no `nitf` with `body_html` stands beside the item, `url` is where its NITF is to be fetched.
"""

import re

from ingest.errors import Malformed
from ingest.model import Entry, FeedInfo, Parsed, Payload, Reject
from ingest.parse import ninjsfields
from ingest.parse.bylines import byline_of
from ingest.parse.decode import json_value
from ingest.parse.desk import take_of
from ingest.parse.detect import Sniff
from ingest.parse.fields import address_of
from ingest.parse.jsonobject import Names, Object, as_list
from ingest.parse.limits import check_count
from ingest.parse.ninjsitem import entries_of

NAMES = ("apjson", "ap-json", "ap-media")

# ninjs' name → AP's; what is not here is called the same in both.
AP_NAMES: dict[str, Names] = {
    "description_summary": ("description_summary", "headline_extended"),
    "embargoed": ("embargoed", "releasedate"),
    "priority": ("editorialpriority",),
    "source": ("provider", "source"),
    "ednote": ("ednote", "description_editornotes"),
}
# An article's fields and what AP calls them, if not as in ninjs; `fieldtable` makes docs/formats.md of it.
FIELDS: dict[str, str | Names] = {
    **ninjsfields.FIELDS,
    "guid": ("altids.itemid", "uri"),
    "url": "the `renditions` that is NITF, where no text stands beside the item",
    "summary_html": AP_NAMES["description_summary"],
    "html": "`nitf.body_html` beside the item",
    "byline": ("bylines", "photographer"),
    "authors": ("bylines",),
    "dateline": ("datelinelocation.city",),
    "embargoed_until": AP_NAMES["embargoed"],
    "priority": AP_NAMES["priority"],
    "ed_note": AP_NAMES["ednote"],
    "instruction": ("signals", "editorialtypes"),
    "category": "`subject` whose `rels` hold category",
    "take": "`slugline` behind its comma: 1st Ld-Writethru",
    "provider": "`provider`, `source`, else AP",
    "rights.credit_line": ("description_creditline", "creditline"),
    "associations": "`associations` in or beside the item",
}
REJECTS = {"bad-item": "no object", "empty-item": "no headline, text, picture, link or withdrawal"}
KNOWN = "AP's Media API 2.x: an item, a page of a feed, what a fetcher makes of them"
_AP = {"editorialpriority", "editorialtypes", "datelinelocation", "headline_extended", "bylines", "datatier"}
_ITEM_ID = re.compile(r"[0-9a-f]{32}$")
_EDS = re.compile(r"eds?:\s{0,3}", re.IGNORECASE)


def claims(sniff: Sniff) -> bool:
    return _wrapped(sniff.json) or _is_ap(sniff.json)


def parse(payload: Payload) -> Parsed:
    """One bad item is a reject among the others; `feed.next_url` is the next page, else where to ask for what is new.

    Raises Malformed if it is not JSON or holds no item and no page.
    """
    value = json_value(payload)
    if not (_wrapped(value) or _is_ap(value)) or not isinstance(value, dict):
        raise Malformed(
            payload.url, "no AP item in this JSON", "look at the stored payload; it may be an error message"
        )
    page = value.get("data")
    holder = page if isinstance(page, dict) else {}
    items = holder.get("items")
    read: list[Entry | Reject] = []
    if isinstance(items, list):
        check_count(items, "items", payload.url)
        for number, one in enumerate(items):
            read += _entries(one, payload, f"data.items[{number}]")
    elif "item" in holder:
        read += _entries(value | holder, payload, "data.item")
    elif not holder:
        read += _entries(value, payload, "the item")
    return Parsed(
        format="apjson",
        entries=tuple(one for one in read if isinstance(one, Entry)),
        rejects=tuple(one for one in read if isinstance(one, Reject)),
        feed=_feed(holder, payload),
    )


def _wrapped(value: object) -> bool:
    """`data.item` or `data.items`; an empty page has no items but its query or the API's version."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(data, dict):
        return False
    return isinstance(data.get("item"), dict) or (
        ("items" in data or "feed_href" in data or "next_page" in data)
        and ("api_version" in value or any(_is_ap(one) for one in as_list(data.get("items"))[:5]))
    )


def _is_ap(value: object) -> bool:
    item = value.get("item", value) if isinstance(value, dict) else None
    if not isinstance(item, dict):
        return False
    ids = item.get("altids")
    return isinstance(ids, dict) and bool(_ITEM_ID.match(str(ids.get("itemid")))) and not _AP.isdisjoint(item)


def _entries(value: object, payload: Payload, place: str) -> list[Entry | Reject]:
    """`value` is the item, or holds it with what stands beside it: `nitf`, `associations`, `meta`."""
    item = value.get("item", value) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(item, dict):
        return [Reject(code="bad-item", place=place, detail="expected an object")]
    read = entries_of(_told(Object(item, payload.zone), value), payload, place)
    return [_slugged(one) if isinstance(one, Entry) else one for one in read]


def _told(item: Object, beside: dict[str, object]) -> dict[str, object]:
    """The item in ninjs' names. An extended headline is a summary; a text's renditions are files to fetch it from."""
    told = item.fields | {name: item.text(names) for name, names in AP_NAMES.items()}
    is_text, html = item.text(("type",)) in {None, "text"}, _of(beside.get("nitf"), "body_html")
    told |= {
        "guid": _of(item.fields.get("altids"), "itemid") or item.fields.get("uri"),
        "source": told["source"] or "AP",
        "located": _of(item.fields.get("datelinelocation"), "city"),
        "byline": _byline(item),
        "authors": [{"name": name, "role": "writer"} for name in _writers(item)],
        "ednote": _EDS.sub("", str(told["ednote"] or ""), count=1),
        "service": [one.fields for one in item.objects(("subject",)) if "category" in as_list(one.fields.get("rels"))],
        "body_html": html or item.fields.get("body_html"),
        "associations": _associations(beside.get("associations") or item.fields.get("associations")),
        "renditions": None if is_text else item.fields.get("renditions"),
        "url": _text_url(item) if is_text and not html else None,
    }
    told.pop("headline_extended", None)
    return told


def _associations(value: object) -> object:
    if isinstance(value, dict):
        return {name: _inner(one) for name, one in value.items()}
    return [_inner(one) for one in as_list(value)]


def _inner(value: object) -> object:
    """An association, taken out of its own `data.item` if a fetcher put the whole answer there."""
    item = _of(value.get("data"), "item") if isinstance(value, dict) and "data" in value else value
    return item | {"guid": _of(item.get("altids"), "itemid") or item.get("uri")} if isinstance(item, dict) else None


def _byline(item: Object) -> str | None:
    return ", ".join(_writers(item)) or item.text(("photographer",))


def _writers(item: Object) -> list[str]:
    return [name for one in item.objects(("bylines",)) if (name := byline_of(one.text(("name", "by"))))]


def _text_url(item: Object) -> str | None:
    files = dict(item.named(("renditions",)))
    nitf = files.get("nitf") or next(
        (one for one in files.values() if "nitf" in (one.text(("format",)) or "").lower()), None
    )
    return nitf.text(("href",)) if nitf else None


def _slugged(entry: Entry) -> Entry:
    """`BC-US--Fair, 1st Ld-Writethru` is the slugline and the take in one."""
    line = entry.slugline or ""
    bare = line.partition(",")[0].removeprefix("BC-").strip()
    return entry.model_copy(update={"slugline": bare or None, "take": take_of(line)})


def _of(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _feed(page: dict[str, object], payload: Payload) -> FeedInfo:
    """`next_page` is there while more is ready; `feed_href` asks for what comes after the last item."""
    pages = (address_of(page.get(name), payload.url) for name in ("next_page", "feed_href"))
    return FeedInfo(next_url=next((url for url in pages if url), None))
