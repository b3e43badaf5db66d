"""NewsML-G2 2.x: newsItem and packageItem, alone or in a newsMessage. One item becomes one entry.

Spec: IPTC NewsML-G2 2.33. Items about concepts, events, planning or catalogs are no articles: they are rejected with
their own code. No catalog is fetched; QCodes resolve against the document's own schemes and IPTC's, see `qcodes`.
"""

from datetime import datetime

from ingest.model import ArticleType, Association, Dateline, Entry, Image, Parsed, Payload, Reject, Subject
from ingest.parse import g2meta
from ingest.parse.bylines import byline_of
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

# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "`@guid`",
    "provider_version": "`@version`",
    "type": "`itemMeta/itemClass`; a packageItem is composite",
    "pub_status": "`itemMeta/pubStatus`; withheld for an `embargoed` without a time; the desk's words",
    "headline": "`contentMeta/headline`, else `itemMeta/title`, else NITF's `hl1` or `title`, TT's `RUBRIK`",
    "subheadline": "`headline` with a role such as subhead, else NITF's `hl2`",
    "slugline": "`contentMeta/slugline`",
    "summary_html": "`contentMeta/description` (summary, abstract, teaser …), else a caption",
    "html": "`contentSet/inlineXML` (XHTML or NITF) or `inlineData`, the longest; else `partMeta/description`",
    "byline": "`contentMeta/by`, else NITF's `byline`",
    "authors": "`contentMeta/creator` that is no agency, and who the byline names besides",
    "dateline": "`contentMeta/dateline`, its place spelt as in `located`",
    "language": "`contentMeta/language/@tag`, else `@xml:lang`",
    "published": "`itemMeta/firstCreated`, else `contentMeta/contentCreated`; of a first version `versionCreated`",
    "updated": "`itemMeta/versionCreated`",
    "embargoed_until": "`itemMeta/embargoed`, else the desk's words",
    "urgency": "`contentMeta/urgency`",
    "genre": "`contentMeta/genre`",
    "keywords": "`contentMeta/keyword`, `partMeta/keyword`",
    "subjects": "`contentMeta/subject`, `partMeta/subject`, with names; genres that tell a version",
    "ed_note": "`itemMeta/edNote`, notes in NITF",
    "contributors": "`creator` and `contributor` with `@role` or `@jobtitle`",
    "info_sources": "`contentMeta/infoSource`, then `hopHistory/hop/party`",
    "places": "`contentMeta/located` with its `broader`, `subject` and `assert` of a geographic type",
    "category": "`subject` in ANPA's scheme or typed as category, else `itemMeta/service`",
    "priority": "`header/priority` of the newsMessage",
    "provider_sequence": "`contentMeta/altId` typed as a sequence number",
    "instruction": "`itemMeta/signal`, an agency's edit state, the desk's words",
    "associations": "`groupSet/group/itemRef`, `itemMeta/link` to items, `instanceOf`, `memberOf`, media in NITF",
    "private_note": "`edNote` (or a part of it) that is private by role, class or `@pubconstraint`",
    "images": "`remoteContent` of a picture and `icon` as its renditions, with caption and credit; pictures in NITF",
    "rights.holder": "`rightsInfo/copyrightHolder`",
    "rights.notice": "`rightsInfo/copyrightNotice`",
    "rights.credit_line": "`contentMeta/creditline`",
    "rights.usage_terms": "`rightsInfo/usageTerms`",
    "provider": "`itemMeta/provider`, else `header/sender`, `header/origin`",
    "links": "`remoteContent` that is no picture, `itemMeta/link` to pages",
}
REJECTS = {
    "concept-item": "a conceptItem is no article",
    "knowledge-item": "a knowledgeItem is no article",
    "planning-item": "a planningItem is no article",
    "catalog-item": "a catalogItem is no article",
    "no-id": "a packageItem without a guid, which is all that its versions have in common",
    "unknown-item": "an item of a kind that the standard does not have",
    "no-item": "a newsMessage without any item",
    "no-content": "no headline, no text, no picture and no member, and no withdrawal either",
    "malformed-item": "an item that is no XML, in a message whose other items are",
}
KNOWN = "Reuters, dpa, STT, the standard's own examples"

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
    shared = schemes_of(head)
    return read_items(message, lambda element, number: _read(element, number, head, shared, payload), NAMES[0])


def _read(element: Element, number: int, head: Children, shared: dict[str, str], payload: Payload) -> Entry | Reject:
    name, guid = local(element), element.get("guid", "").strip() or None
    place = f"{name} {number}" + (f" ({guid})" if guid else "")
    if name not in _READ:
        code = _REFUSED.get(name, "unknown-item")
        return Reject(code=code, place=place, detail=f"a {name} is no article" if code != "unknown-item" else None)
    if name == "packageItem" and guid is None:
        return Reject(code="no-id", place=place, detail=REJECTS["no-id"])
    entry = _Reader(element, guid, head, shared, payload).entry()
    is_empty = not (entry.headline or entry.html or entry.images or entry.summary_html or entry.associations)
    if is_empty and entry.pub_status == "usable":
        return Reject(code="no-content", place=place, detail="no headline, no text, no picture and no member")
    return entry


class _Reader:
    """One item, with its parts looked up once."""

    def __init__(
        self, element: Element, guid: str | None, head: Children, shared: dict[str, str], payload: Payload
    ) -> None:
        self.element, self.guid, self.head, self.base = element, guid, head, payload.url
        self.inside = children(element)
        self.management, self.meta = _merged(self.inside.get("itemMeta")), _merged(self.inside.get("contentMeta"))
        self.parts = [children(one) for one in self.inside.get("partMeta", ())]
        tags = (one.get("tag") for one in self.meta.get("language", ()))
        language = language_of(*tags, element.get(LANG), payload.language)
        schemes = {**shared, **schemes_of(self.inside)}
        self.item = Item(language, schemes, asserted_of(self.inside, language), Notes(payload.zone))
        default: ArticleType = "composite" if local(element) == "packageItem" else "text"
        self.kind = class_of(_first(self.management, "itemClass")) or default
        is_picture = self.kind in {"picture", "graphic"}
        self.content = content_of(self.inside.get("contentSet", []), self.meta.get("icon", []), is_picture, self.base)
        self.body = self.content.body
        if guid is None:
            self.item.notes.warnings.append("no guid")

    def entry(self) -> Entry:
        item, meta, body = self.item, self.meta, self.body
        headline, subheadline = g2meta.headlines_of(meta, item)
        headline = headline or text(_first(self.management, "title")) or body.headline
        public, private = g2meta.notes_of(self.management.get("edNote", ()), body)
        updated = self._time(self.management, "versionCreated")
        version = self.element.get("version", "").strip() or None
        stand = self._standing((headline, public), updated)
        provider = name_of(_first(self.management, "provider"), item)
        provider = provider or text(_first(self.head, "sender")) or text(_first(self.head, "origin"))
        sources, credit = g2meta.senders_of(self.inside, meta, item), g2meta.credit_line_of(meta, item)
        people = g2meta.people_in((meta, *self.parts), item, (provider, credit, *sources))
        byline = byline_of(text(_first(meta, "by")) or body.byline)
        summary, caption = g2meta.descriptions_of(meta, item)
        genre, versions = g2meta.genres_of(meta, item)
        subjects = subjects_from([one for each in (meta, *self.parts) for one in each.get("subject", ())], item)
        places = g2meta.places_of(meta, self.inside.get("assert", ()), item)
        return Entry(
            guid=self.guid,
            provider_version=version,
            type=self.kind,
            pub_status=stand.pub_status,
            headline=headline,
            subheadline=subheadline or body.subheadline,
            slugline=next((one for one in map(text, meta.get("slugline", ())) if one), None),
            summary_html=summary or body.summary or caption,
            is_abstract=(summary or body.summary or caption) is not None,
            html=body.html or _shot_list(self.parts),
            html_is_text=body.is_text,
            is_full=bool(body.html),
            byline=byline,
            authors=g2meta.authors_of(people, byline, body),
            dateline=self._dateline(places),
            language=item.language,
            published=self._first_created() or (updated if version in {None, "1"} else None),
            updated=updated,
            embargoed_until=stand.embargoed_until,
            urgency=item.notes.urgency(text(_first(meta, "urgency"))),
            genre=genre,
            keywords=g2meta.keywords_of((meta, *self.parts), item),
            subjects=once((*subjects, *versions)),
            ed_note=public,
            contributors=people.contributors,
            info_sources=sources,
            places=places,
            category=g2meta.category_of(meta, self.management, subjects),
            priority=text(_first(self.head, "priority")),
            provider_sequence=g2meta.sequence_of(meta),
            instruction=stand.instruction,
            associations=self._associations(),
            private_note=private,
            images=(*_images(self.content, caption, people.photographer, credit), *body.images),
            rights=g2meta.rights_of(self.inside.get("rightsInfo", []), credit, item),
            provider=provider,
            links=(*self.content.links, *g2meta.links_of(self.management, item, self.base)),
            removed=body.removed,
            warnings=(*dict.fromkeys(item.notes.warnings), *body.warnings),
        )

    def _first_created(self) -> datetime | None:
        return self._time(self.management, "firstCreated") or self._time(self.meta, "contentCreated")

    def _time(self, found: Children, name: str) -> datetime | None:
        return self.item.notes.time(text(_first(found, name)), name)

    def _standing(self, words: tuple[str | None, ...], issued: datetime | None) -> Standing:
        return standing(
            code_of(_first(self.management, "pubStatus")),
            g2meta.signal_of(self.management.get("signal", ())),
            self._time(self.management, "embargoed"),
            words,
            issued,
            self.item.notes,
            is_embargoed="embargoed" in self.management,
        )

    def _dateline(self, places: tuple[Subject, ...]) -> Dateline | None:
        printed = text(_first(self.meta, "dateline")) or self.body.dateline
        return dateline_of(printed, places[0].name if "located" in self.meta and places else None)

    def _associations(self) -> tuple[Association, ...]:
        members = members_of(_first(self.inside, "groupSet"), self.item, self.base)
        relations = g2meta.relations_of(self.management, self.guid, self.item, self.base)
        found = (*members, *relations, *self.body.media)
        return tuple({(one.rel, one.guid, one.url): one for one in reversed(found)}.values())[::-1]


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
    return found[name][0] if name in found else None


def _shot_list(parts: list[Children]) -> str | None:
    """The descriptions of a video's or programme's parts, where the item has no text of its own."""
    told = (text(one) for part in parts for one in part.get("description", ()))
    return "".join(f"<p>{_escaped(one)}</p>" for one in told if one) or None


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _images(content: Content, caption: str | None, photographer: str | None, credit: str | None) -> tuple[Image, ...]:
    if content.image is None:
        return ()
    return (content.image.model_copy(update={"caption": caption, "photographer": photographer, "credit": credit}),)
