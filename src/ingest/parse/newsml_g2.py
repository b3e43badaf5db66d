"""NewsML-G2 2.x: newsItem and packageItem, alone or in a newsMessage. One item becomes one entry.

Spec: IPTC NewsML-G2 2.33. Items about concepts, events, planning or catalogs are no articles: they are rejected with
their own code. No catalog is fetched; QCodes resolve against the document's own schemes and IPTC's, see `qcodes`.
"""

from datetime import datetime

from ingest.model import Entry, Image, Parsed, Payload, Reject
from ingest.parse import g2meta
from ingest.parse.fields import language_of
from ingest.parse.g2content import Content, class_of, content_of, members_of
from ingest.parse.g2values import Children, Item, asserted_of, code_of, name_of, once, schemes_of, subjects_from
from ingest.parse.wirexml import (
    LANG,
    Element,
    Message,
    Notes,
    Standing,
    children,
    dateline_of,
    local,
    message_of,
    read_items,
    standing,
    text,
)

NAMES = ("newsml-g2", "newsmlg2", "g2")
ROOTS = ("newsmessage", "newsitem", "packageitem", "conceptitem", "knowledgeitem", "planningitem", "catalogitem")

_READ = {"newsItem", "packageItem"}
_REFUSED = {
    "conceptItem": "concept-item", "knowledgeItem": "knowledge-item", "planningItem": "planning-item",
    "catalogItem": "catalog-item",
}  # fmt: skip
_ITEMS = frozenset({*_READ, *_REFUSED})


def parse(payload: Payload) -> Parsed:
    """Every news and package item. Raises Malformed where nothing is XML; a broken message's whole items are read."""
    message = message_of(payload, _ITEMS, "header")
    if not message.items and not message.broken:
        message = Message((), message.head, message.warnings, (Reject(code="no-item", place="itemSet"),))
    head = children(message.head)
    shared = schemes_of(message.head) if message.head is not None else {}
    return read_items(message, lambda element, number: _read(element, number, head, shared, payload), NAMES[0])


def _read(element: Element, number: int, head: Children, shared: dict[str, str], payload: Payload) -> Entry | Reject:
    name, guid = local(element), element.get("guid", "").strip() or None
    place = f"{name} {number}" + (f" ({guid})" if guid else "")
    if name not in _READ:
        code = _REFUSED.get(name, "unknown-item")
        return Reject(code=code, place=place, detail=f"a {name} is no article" if code != "unknown-item" else None)
    language = element.get(LANG)
    item = Item(
        language, {**shared, **schemes_of(element)}, asserted_of(element, language), Notes(payload.zone), number
    )
    entry = _entry(element, guid, head, item, payload)
    is_empty = not (entry.headline or entry.html or entry.images or entry.summary_html or entry.associations)
    if is_empty and entry.pub_status == "usable":
        return Reject(code="no-content", place=place, detail="no headline, no text, no picture and no member")
    return entry


def _entry(element: Element, guid: str | None, head: Children, item: Item, payload: Payload) -> Entry:
    inside = children(element)
    item_meta, meta = _merged(inside.get("itemMeta")), _merged(inside.get("contentMeta"))
    parts = [children(one) for one in inside.get("partMeta", ())]
    language = language_of(*(one.get("tag") for one in meta.get("language", ())), item.language, payload.language)
    item.language = language
    kind = class_of(_first(item_meta, "itemClass")) or ("composite" if local(element) == "packageItem" else "text")
    content = content_of(
        inside.get("contentSet", []), meta.get("icon", []), kind in {"picture", "graphic"}, payload.url
    )
    headline, subheadline = g2meta.headlines_of(meta, item)
    headline = headline or text(_first(item_meta, "title")) or content.body.headline
    public, private = g2meta.notes_of(item_meta.get("edNote", ()), content.body)
    updated = item.notes.time(text(_first(item_meta, "versionCreated")), "versionCreated")
    stand = _standing(item_meta, (headline, public), updated, item.notes)
    provider = name_of(_first(item_meta, "provider"), item) or text(_first(head, "sender"))
    sources, credit = g2meta.senders_of(inside, meta, item), g2meta.credit_line_of(meta, item)
    people = g2meta.people_in((meta, *parts), item, (provider, credit, *sources))
    byline = text(_first(meta, "by")) or content.body.byline
    summary, caption = g2meta.descriptions_of(meta, item)
    genre, versions = g2meta.genres_of(meta, item)
    subjects = subjects_from([one for each in (meta, *parts) for one in each.get("subject", ())], item)
    places = g2meta.places_of(meta, item)
    members = members_of(_first(inside, "groupSet"), item, payload.url)
    relations = tuple(g2meta.relations_of(item_meta, guid, item, payload.url))
    printed = text(_first(meta, "dateline")) or content.body.dateline
    created = item.notes.time(text(_first(meta, "contentCreated")), "contentCreated")
    if guid is None:
        item.notes.warnings.append("no guid")
    return Entry(
        guid=guid,
        provider_version=element.get("version", "").strip() or None,
        type=kind,
        pub_status=stand.pub_status,
        headline=headline,
        subheadline=subheadline or content.body.subheadline,
        slugline=next((one for one in map(text, meta.get("slugline", ())) if one), None),
        summary_html=summary or content.body.summary or caption,
        html=content.body.html or _shot_list(parts, item),
        html_is_text=content.body.is_text,
        is_full=bool(content.body.html),
        byline=byline,
        authors=g2meta.authors_of(people, byline, content.body),
        dateline=dateline_of(printed, places[0].name if meta.get("located") and places else None),
        language=language,
        published=item.notes.time(text(_first(item_meta, "firstCreated")), "firstCreated") or created,
        updated=updated,
        embargoed_until=stand.embargoed_until,
        urgency=item.notes.urgency(text(_first(meta, "urgency"))),
        genre=genre,
        keywords=g2meta.keywords_of((meta, *parts), item),
        subjects=once((*subjects, *versions)),
        ed_note=public,
        contributors=people.contributors,
        info_sources=sources,
        places=places,
        category=g2meta.category_of(meta, item_meta, subjects),
        priority=text(_first(head, "priority")),
        provider_sequence=g2meta.sequence_of(meta),
        instruction=stand.instruction,
        associations=tuple(dict.fromkeys((*members, *relations, *content.body.media))),
        private_note=private,
        images=(*_images(content, caption, people.photographer, credit), *content.body.images),
        rights=g2meta.rights_of(inside.get("rightsInfo", []), credit, item),
        provider=provider,
        links=(*content.links, *g2meta.links_of(item_meta, item, payload.url)),
        removed=content.body.removed,
        warnings=(*dict.fromkeys(item.notes.warnings), *content.body.warnings),
    )


def _standing(item_meta: Children, words: tuple[str | None, ...], issued: datetime | None, notes: Notes) -> Standing:
    embargoed = _first(item_meta, "embargoed")
    return standing(
        code_of(_first(item_meta, "pubStatus")),
        g2meta.signal_of(item_meta.get("signal", ())),
        notes.time(text(embargoed), "embargoed"),
        words,
        issued,
        notes,
        is_embargoed=embargoed is not None,
    )


def _merged(elements: list[Element] | None) -> Children:
    """The children of all elements of one name; the standard allows one, some send several."""
    if elements and len(elements) == 1:
        return children(elements[0])
    found: Children = {}
    for one in elements or ():
        for name, inside in children(one).items():
            found.setdefault(name, []).extend(inside)
    return found


def _first(found: Children, name: str) -> Element | None:
    return next(iter(found.get(name, ())), None)


def _shot_list(parts: list[Children], item: Item) -> str | None:
    """The descriptions of a video's or programme's parts, where the item has no text of its own."""
    told = (text(one) for part in parts for one in part.get("description", ()))
    return "".join(f"<p>{_escaped(one)}</p>" for one in told if one) or None


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _images(content: Content, caption: str | None, photographer: str | None, credit: str | None) -> tuple[Image, ...]:
    if content.image is None:
        return ()
    return (content.image.model_copy(update={"caption": caption, "photographer": photographer, "credit": credit}),)
