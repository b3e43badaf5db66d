"""One news object of ninjs 1.0 to 1.6, 2.0 to 2.2 or 3.0 to 3.1, or of what agencies make of them, to an `Entry`.

Spec: IPTC ninjs. The versions differ in case (3.x: `versionCreated`), in number (1.x: `subject`, then `subjects`) and
in shape (1.x: `body_html`, `renditions` by name; then `bodies` and `renditions` as lists): `FIELDS` names them all.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from ingest.model import (
    ArticleType,
    Association,
    Contributor,
    Dateline,
    Entry,
    Image,
    Link,
    Payload,
    Reject,
    Rendition,
    Rights,
    Subject,
)
from ingest.parse.fields import address_of, int_of, language_of, text_of, unique
from ingest.parse.jsonobject import Names, Object, as_list, words_of
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import Notes, Standing, dateline_of, standing

# Ours → what it is called, in lower case; the first that holds something is taken. A plural holds a list with roles.
FIELDS: dict[str, Names] = {
    "guid": ("guid", "uri"),
    "provider_version": ("version",),
    "type": ("type",),
    "pub_status": ("pubstatus",),
    "headline": ("headlines", "headline", "headline_*", "title"),
    "subheadline": ("headlines", "headline_*", "subheadline", "subtitle"),
    "slugline": ("slugline",),
    "summary_html": ("descriptions", "description_*", "description"),
    "html": ("bodies", "body_*", "body"),
    "byline": ("byline", "by"),
    "language": ("language",),
    "published": ("firstcreated", "firstpublished", "contentcreated"),
    "updated": ("versioncreated",),
    "embargoed_until": ("embargoeduntil", "embargoed", "embargotime", "embargo"),
    "expires": ("expires",),
    "urgency": ("urgency",),
    "priority": ("priority",),
    "ed_note": ("ednote",),
    "instruction": ("signals", "signal", "editorialtypes"),
    "genre": ("genres", "genre"),
    "keywords": ("keywords", "keyword"),
    "category": ("service", "services"),
    "subjects": ("subjects", "subject"),
    "places": ("places", "place"),
    "dateline": ("located",),
    "provider": ("source", "provider"),
    "info_sources": ("infosources", "infosource"),
    "contributors": ("authors", "author"),
    "rights.holder": ("copyrightholder",),
    "rights.notice": ("copyrightnotice",),
    "rights.usage_terms": ("usageterms",),
    "images": ("renditions",),
    "associations": ("associations",),
}
# Concepts that have no field of their own become subjects, with what they are for a scheme if they have none.
_CONCEPTS: dict[str, Names] = {
    "service": ("service", "services"),
    "person": ("people", "person", "persons"),
    "organisation": ("organisations", "organisation", "organizations", "organization", "company"),
    "event": ("events", "event"),
    "object": ("objects", "object"),
}
_TYPES: dict[str, ArticleType] = {
    "text": "text", "picture": "picture", "video": "video", "audio": "audio", "graphic": "graphic",
    "composite": "composite", "component": "text", "image": "picture", "photo": "picture", "story": "text",
    "advisory": "text", "article": "text", "package": "composite",
}  # fmt: skip
NO_ARTICLES = {"event", "planning", "concept", "knowledge", "catalog"}
_USABLE = Standing("usable", None, None)
_PICTURES = {"picture", "graphic"}
_FORMATS = {"html": "text/html", "xhtml": "text/html", "nitf": "text/html", "text": "text/plain"}
_SUB = {"sub", "subheadline", "sub-headline", "subtitle", "subhead", "deck", "secondary"}
_MAIN = {"main", "headline", "title", "hl1", "body", *_FORMATS, ""}
_CREDIT = {"creditline", "credit", "byline"}
_WRITER = {"writer", "captionwriter"}
_NO_BODY = {"caption", "summary", "abstract", "teaser", "alttext", *_CREDIT, "headline", "title"}
_AUTHORS = {"author", "writer", "creator", "photographer", "contributor", "editor", "reporter"}
_BY = re.compile(r"(?:by|von|par|por|di|av|af|door)\s{1,3}(?=[^\W\d_])", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)
_CODE, _NAME, _URI, _SCHEMES = ("code", "qcode", "literal"), ("name",), ("uri",), ("scheme",)
MAX_DEPTH = 3  # of items within items


class Text(NamedTuple):
    """One of several headlines, descriptions or bodies; 1.x's `body_html` has the role html."""

    role: str
    mime: str
    value: str


class Texts(NamedTuple):
    headline: list[Text]
    description: list[Text]
    body: list[Text]


def entries_of(value: object, payload: Payload, place: str, depth: int = 0) -> Iterator[Entry | Reject]:
    """The item, then those that it holds in full. Pictures in it are its images, not items of their own."""
    if not isinstance(value, dict):
        yield Reject(code="bad-item", place=place, detail="expected an object")
        return
    item = Object(value, payload.zone)
    if (kind := (item.text(FIELDS["type"]) or "").lower()) in NO_ARTICLES:
        yield Reject(code=f"{kind}-item", place=place, detail=f"a {kind} item is no article")
        return
    inside = list(item.named(FIELDS["associations"]))
    entry = _entry(item, payload, inside)
    if entry is None:
        yield Reject(code="empty-item", place=place, detail="no headline, text, picture, link or withdrawal")
    else:
        yield entry
    for name, one in inside if depth < MAX_DEPTH else ():
        if _is_whole(one):
            yield from entries_of(one.fields, payload, f"{place}.associations.{name}", depth + 1)


def _is_whole(item: Object) -> bool:
    """Whether an association is a story with its text, which no reference would bring otherwise."""
    kind = _TYPES.get((item.text(FIELDS["type"]) or "text").lower(), "text")
    return kind in {"text", "composite"} and item.text(FIELDS["guid"]) is not None and bool(_texts(item).body)


def _entry(item: Object, payload: Payload, inside: list[tuple[str, Object]]) -> Entry | None:
    kind, texts = _type(item), _texts(item)
    body = _body(texts.body, markup_only=kind in _PICTURES)
    rights, summary = _rights(item, texts), _summary(texts.description, kind)
    published, updated = item.time(FIELDS["published"]), item.time(FIELDS["updated"])
    ed_note, headline = item.text(FIELDS["ed_note"]), _headline(item, texts)
    slugline = item.text(FIELDS["slugline"])
    stand = _standing(item, ed_note, (headline, slugline), updated or published)
    guid = item.text(FIELDS["guid"]) or _alternative(item)
    associations = tuple(_association(name, one, kind, payload) for name, one in inside)
    own, files = _files(item, texts, kind, payload)
    if not (headline or body or summary or own or associations or files or stand.pub_status == "canceled"):
        return None
    return Entry(
        guid=guid,
        provider_version=item.text(FIELDS["provider_version"]),
        url=_page(item, payload),
        type=kind,
        pub_status=stand.pub_status,
        headline=headline,
        subheadline=_subheadline(item, texts),
        slugline=slugline,
        summary_html=summary,
        html=body.value if body else None,
        html_is_text=bool(body and body.mime == "text/plain"),
        is_full=body is not None and (item.text(("representationtype",)) or "") not in {"partial", "incomplete"},
        base_url=address_of(payload.url, ""),
        byline=byline_of(item.text(FIELDS["byline"])),
        authors=unique(one.text(("name",)) for one in item.objects(FIELDS["contributors"]) if _is_author(one)),
        dateline=_dateline(item),
        language=language_of(item.first(FIELDS["language"]), payload.language),
        published=published,
        updated=updated,
        embargoed_until=stand.embargoed_until,
        expires=item.time(FIELDS["expires"]),
        urgency=_urgency(item),
        priority=item.text(FIELDS["priority"]),
        genre=item.text(FIELDS["genre"]),
        keywords=_keywords(item),
        subjects=_subjects(item),
        places=_places(item),
        category=", ".join(unique(one.text(("code", "name")) for one in item.objects(FIELDS["category"]))) or None,
        ed_note=ed_note,
        instruction=stand.instruction,
        contributors=_contributors(item, texts),
        info_sources=unique(one.text(("name", "literal", "code")) for one in item.objects(FIELDS["info_sources"])),
        provider=item.text(FIELDS["provider"]),
        rights=rights,
        images=(*own, *_pictures(inside, payload)),
        associations=(*associations, *_earlier(item), *_attachments(item, payload)),
        links=files,
        warnings=unique(item.warnings) if item.warnings else (),
    )


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _texts(item: Object) -> Texts:
    found = Texts([], [], [])
    by_name = {
        "headlines": found.headline, "headline": found.headline, "descriptions": found.description,
        "description": found.description, "bodies": found.body, "body": found.body,
    }  # fmt: skip
    for key, value in item.fields.items():
        if not key.startswith(("headline", "description", "bod")):
            continue
        name, _, role = key.partition("_")
        if (texts := by_name.get(name)) is not None:
            texts += _with_roles(value) if isinstance(value, list) else _plain(role, value)
    return found


def _plain(role: str, value: object) -> list[Text]:
    text = text_of(value)
    return [Text(role, _FORMATS.get(role, ""), text)] if text else []


def _with_roles(values: list[object]) -> list[Text]:
    found = []
    for one in values:
        if not isinstance(one, dict):
            found += _plain("", one)
        elif text := text_of(one.get("value")):
            role = (text_of(one.get("role")) or "").lower()
            mime = text_of(one.get("contenttype") or one.get("contentType")) or _FORMATS.get(role, "")
            found.append(Text(role, mime.lower(), text))
    return found


def _headline(item: Object, texts: Texts) -> str | None:
    main = [text for text in texts.headline if text.role in _MAIN]
    others = [text for text in texts.headline if text.role not in _SUB]
    return next((text.value for text in (*main, *others)), None) or item.text(("title",))


def _subheadline(item: Object, texts: Texts) -> str | None:
    own = next((text.value for text in texts.headline if text.role in _SUB), None)
    return own or item.text(("subheadline", "subtitle"))


def _summary(texts: list[Text], kind: ArticleType) -> str | None:
    """Plain before marked up: it is the same teaser. A caption is one only where the picture is the item."""
    skip = _CREDIT | _WRITER | (set() if kind != "text" else {"caption"})
    order = {"caption": 0, "text": 1, "": 2}
    fit = sorted((text for text in texts if text.role not in skip), key=lambda text: order.get(text.role, 3))
    return fit[0].value if fit else None


def _body(texts: list[Text], *, markup_only: bool = False) -> Text | None:
    """The longest of the marked-up bodies, else of the plain ones; a main one goes before a role of its own."""
    fit = [text for text in texts if text.role not in _NO_BODY]
    marked = [text for text in fit if _is_markup(text) and _TAG.sub("", text.value[:2_000]).strip()]
    plain = [] if markup_only else [text for text in fit if not _is_markup(text)]
    best = max(marked or plain, key=lambda text: (text.role in _MAIN, len(text.value)), default=None)
    return best._replace(mime="text/html" if best in marked else "text/plain") if best else None


def _is_markup(text: Text) -> bool:
    return text.mime != "text/plain" if text.mime else "</" in text.value or "<p>" in text.value


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _type(item: Object) -> ArticleType:
    said = (item.text(FIELDS["type"]) or "text").lower()
    kind = _TYPES.get(said)
    if kind is None:
        item.warnings.append(f"type: {said[:40]} is none of ninjs', read as text")
    return kind or "text"


def _standing(item: Object, ed_note: str | None, words: tuple[str | None, ...], issued: datetime | None) -> Standing:
    """As the item states it and its signals and ed note say; its headline is only asked where it states nothing."""
    status = item.text(FIELDS["pub_status"])
    signals = [text for one in item.objects(FIELDS["instruction"]) for text in _signals(one)]
    signal = "advisory" if item.text(FIELDS["type"]) == "advisory" else None
    if status == "usable" and not (ed_note or signals or signal or item.first(FIELDS["embargoed_until"])):
        return _USABLE  # most items
    notes = Notes(item.zone)
    stand = standing(
        status,
        signal,
        item.time(FIELDS["embargoed_until"]),
        (ed_note, *signals) if status else (ed_note, *signals, *words),
        issued,
        notes,
        is_embargoed=item.first(FIELDS["embargoed_until"]) is not None,
    )
    item.warnings += notes.warnings
    return stand


def _signals(signal: Object) -> Iterator[str]:
    """`sig:correction`, {"code": "update"}, "Kill": each in a form that the desk's words are known in."""
    for key in ("code", "qcode", "literal", "name", "uri"):
        if text := signal.text((key,)):
            yield re.split(r"[:/]", text)[-1]


def byline_of(printed: str | None) -> str | None:
    """Without the word for "by"."""
    return (_BY.sub("", printed, count=1).strip() if _BY.match(printed) else printed) or None if printed else None


def _is_author(person: Object) -> bool:
    role = (person.text(("role", "rel")) or "writer").lower()
    return role.rpartition(":")[2] in _AUTHORS - {"editor"}


def _contributors(item: Object, texts: Texts) -> tuple[Contributor, ...]:
    named = [(one, "author") for one in item.objects(FIELDS["contributors"])]
    people = [(one, "") for one in item.objects(_CONCEPTS["person"]) if _relation(one) in _AUTHORS]
    others = [(one, role) for role in ("photographer", "captionwriter", "editor") for one in item.objects((role,))]
    found = [
        Contributor(name=name, role=one.text(("role", "rel")) or role or None)
        for one, role in (*named, *people, *others)
        if (name := one.text(("name", "literal", "code")))
    ]
    writers = [Contributor(name=text.value, role=text.role) for text in texts.description if text.role in _WRITER]
    return tuple(dict.fromkeys((*found, *writers)))


def _relation(concept: Object) -> str:
    return (concept.text(("rel", "role")) or "").lower().rpartition(":")[2]


def _urgency(item: Object) -> int | None:
    urgency = item.number(FIELDS["urgency"])
    return urgency if urgency is None or 1 <= urgency <= 9 else None


def _keywords(item: Object) -> tuple[str, ...]:
    words: Iterable[object] = as_list(item.first(FIELDS["keywords"]))
    if not words:
        return ()
    return unique(one for word in words for one in (part.strip() for part in (words_of(word) or "").split(",")))


def _dateline(item: Object) -> Dateline | None:
    return dateline_of(item.text(("dateline", *FIELDS["dateline"])), item.text(FIELDS["dateline"]))


def _rights(item: Object, texts: Texts) -> Rights:
    """A link to the licence stands in for usage terms that are not spelt out."""
    linked = item.first(("rightsinfo",))
    link = text_of(linked.get("linkedrights") or linked.get("linkedRights")) if isinstance(linked, dict) else None
    return Rights(
        holder=item.text(FIELDS["rights.holder"]),
        notice=item.text(FIELDS["rights.notice"]),
        usage_terms=item.text(FIELDS["rights.usage_terms"]) or link,
        credit_line=_credit(item, texts),
    )


def _credit(item: Object, texts: Texts) -> str | None:
    own = next((text.value for text in texts.description if text.role in {"creditline", "credit"}), None)
    return own or item.text(("creditline", "credit"))


# ── concepts ────────────────────────────────────────────────────────────────────────────────────────────────────


def _subjects(item: Object) -> tuple[Subject, ...]:
    own = [_concept(one, None) for one in item.objects(FIELDS["subjects"])]
    others = [
        _concept(one, kind)
        for kind, names in _CONCEPTS.items()
        for one in item.objects(names)
        if kind != "person" or _relation(one) not in _AUTHORS
    ]
    said = {(one.code, one.name) for one in own}  # AP's service is one of its subjects
    others = [one for one in others if (one.code, one.name) not in said]
    return tuple(dict.fromkeys((*own, *others, *_symbols(item))))


def _concept(concept: Object, kind: str | None) -> Subject:
    """1.x has scheme and code, later versions a URI and a literal; the literal ends most URIs."""
    code, name, uri, scheme = concept.text(_CODE), concept.text(_NAME), concept.text(_URI), concept.text(_SCHEMES)
    if uri and not code:
        return subject_of(uri, scheme, name)
    if uri and code and uri.endswith(code):
        return subject_of(code, uri.removesuffix(code), name)
    return subject_of(code, scheme or kind, name)


def _places(item: Object) -> tuple[Subject, ...]:
    """`located`, where it was written, is one of them unless it is there already."""
    places = [_concept(one, None) for one in item.objects(FIELDS["places"])]
    located = item.text(FIELDS["dateline"])
    if located and all(one.name != located for one in places):
        places.append(Subject(name=located))
    return tuple(dict.fromkeys(places))


def _symbols(item: Object) -> Iterator[Subject]:
    for company in item.objects(_CONCEPTS["organisation"]):
        for one in company.objects(("symbols",)):
            if code := one.text(("symbol", "ticker")):
                yield Subject(scheme=one.text(("exchange", "symboltype")), code=code, name=company.text(("name",)))


def _alternative(item: Object) -> str | None:
    """An identifier from altids: 1.x by name, later a list with roles; an id of the sender's system comes last."""
    by_name = item.first(("altids",))
    own = by_name.get("itemid") or next(iter(by_name.values()), None) if isinstance(by_name, dict) else None
    listed = (one.text(("value",)) for one in item.objects(("altids",)))
    return text_of(own) or next((text for text in listed if text), None) or item.text(("id", "_id"))


def _page(item: Object, payload: Payload) -> str | None:
    """ninjs has a name for an item (`uri`), not its page; some add the page."""
    given = item.text(("url", "canonicalurl", "weburl", "href", "link"))
    return address_of(given, payload.url)


# ── pictures and what else hangs on it ──────────────────────────────────────────────────────────────────────────


def _files(
    item: Object, texts: Texts, kind: ArticleType, payload: Payload
) -> tuple[tuple[Image, ...], tuple[Link, ...]]:
    """The item's own renditions: all of a picture are that picture; of a recording, the stills; the rest is linked."""
    sizes = _renditions(item, payload)
    if kind in _PICTURES:
        return (image_of(item, texts, sizes),), ()
    stills = [one for one in sizes if (one.mime or "").startswith("image/")]
    links = (Link(url=one.url, text=one.name) for one in sizes if one not in stills)
    image = (image_of(item, texts, stills, is_item=False),) if stills else ()
    return image, tuple({link.url: link for link in links if address_of(link.url, "")}.values())


def image_of(item: Object, texts: Texts, sizes: list[Rendition], *, is_item: bool = True) -> Image:
    """The widest picture stands for all; caption and credit only where the item is the picture itself."""
    shown = [one for one in sizes if not one.mime or one.mime.startswith("image/")]
    best = max(shown, key=lambda one: one.width or 0, default=None)
    caption = _summary(texts.description, "picture") if is_item else None
    alt = next((text.value for text in texts.body if not _is_markup(text)), None) if is_item else None
    taken = item.time(("contentcreated",)) if is_item else None
    credit = unique((byline_of(item.text((*FIELDS["byline"], "photographer"))), _credit(item, texts)))
    return Image(
        url=best.url if best else None,
        caption=caption,
        alt=item.text(("alttext", "alt_text")) or (alt if alt != caption else None),
        credit=(" / ".join(credit) or item.text(FIELDS["rights.holder"])) if is_item else None,
        width=best.width if best else None,
        height=best.height if best else None,
        taken=taken.date() if taken else None,
        renditions=tuple(sizes),
    )


def _renditions(item: Object, payload: Payload) -> list[Rendition]:
    return [
        Rendition(
            url=url,
            name=name or None,
            mime=one.text(("contenttype", "mimetype")),
            width=int_of(one.fields.get("width")),
            height=int_of(one.fields.get("height")),
        )
        for name, one in item.named(("renditions",))
        if (url := _href(one, payload))
    ]


def _href(rendition: Object, payload: Payload) -> str | None:
    """Absolute where it can be; a file's bare name stays, since some send the picture beside the JSON."""
    given = rendition.text(("href", "url"))
    url = address_of(given, payload.url)
    return url or (given if given and not _SCHEME.match(given) else None)


def _pictures(inside: list[tuple[str, Object]], payload: Payload) -> Iterator[Image]:
    for _, one in inside:
        image = image_of(one, _texts(one), _renditions(one, payload)) if _kind_of(one) in _PICTURES else None
        if image and (image.url or image.caption):
            yield image


def _association(name: str, one: Object, kind: ArticleType, payload: Payload) -> Association:
    inner = _kind_of(one)
    given = one.text(("rel",)) or ("picture" if inner in _PICTURES else "member" if kind == "composite" else "related")
    url = _page(one, payload)
    headline = _headline(one, _texts(one))
    return Association(rel=given, guid=one.text(FIELDS["guid"]) or name or None, url=url, type=inner, headline=headline)


def _kind_of(one: Object) -> ArticleType | None:
    """What an association is; the BBC's pictures do not say so, but have renditions."""
    said = one.text(FIELDS["type"])
    return _TYPES.get(said.lower()) if said else "picture" if one.first(FIELDS["images"]) else None


def _earlier(item: Object) -> Iterator[Association]:
    """Superdesk names the story that this one rewrites."""
    if guid := item.text(("evolvedfrom", "rewrite_of")):
        yield Association(rel="earlier-version", guid=guid)


def _attachments(item: Object, payload: Payload) -> Iterator[Association]:
    for one in item.objects(("attachments",)):
        url = _href(one, payload)
        title = one.text(("title", "filename", "name"))
        yield Association(
            rel="attachment", guid=one.text(("id",)), url=url, type=one.text(("mimetype",)), headline=title
        )
