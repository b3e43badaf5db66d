"""One news object of ninjs 1.0 to 1.6, 2.0 to 2.2 or 3.0 to 3.1, or of what agencies make of them, to an `Entry`.

Spec: IPTC ninjs. What it is called in which version and dialect is in `ninjsfields`.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from ingest.model import ArticleType, Dateline, Entry, Payload, Reject, Rights
from ingest.parse.bylines import byline_of
from ingest.parse.fields import address_of, language_of, text_of, unique
from ingest.parse.jsonobject import Object
from ingest.parse.ninjsconcepts import (
    authors_of,
    contributors_of,
    genre_of,
    keywords_of,
    places_of,
    sources_of,
    subjects_of,
)
from ingest.parse.ninjsfields import FIELDS, PICTURES, TYPES
from ingest.parse.ninjsmedia import (
    association_of,
    attachments_of,
    earlier_of,
    files_of,
    indicators_of,
    page_of,
    pictures_in,
)
from ingest.parse.ninjsown import is_own, with_carried
from ingest.parse.ninjstexts import Texts, body_of, credit_of, headline_of, subheadline_of, summary_html_of, texts_of
from ingest.parse.wirexml import Notes, Standing, dateline_of, standing

NO_ARTICLES = {"event", "planning", "concept", "knowledge", "catalog"}
_USABLE = Standing("usable", None, None)
MAX_DEPTH = 3  # of items within items


def entries_of(value: object, payload: Payload, place: str, depth: int = 0) -> Iterator[Entry | Reject]:
    """The item, then those that it holds in full. Pictures in it are its images, not items of their own."""
    if not isinstance(value, dict):
        yield Reject(code="bad-item", place=place, detail="expected an object")
        return
    item = Object(value, payload.zone)
    if (kind := (item.text(FIELDS["type"]) or "").lower()) in NO_ARTICLES:
        yield Reject(code=f"{kind}-item", place=place, detail=f"a {kind} item is no article")
        return
    inside = list(_within(item))
    entry = _entry(item, payload, inside)
    if entry is None:
        yield Reject(code="empty-item", place=place, detail="no headline, text, picture, link or withdrawal")
    else:
        yield with_carried(entry, item)
    for name, one in inside if depth < MAX_DEPTH else ():
        if _is_whole(one):
            yield from entries_of(one.fields, payload, f"{place}.associations.{name}", depth + 1)


def _within(item: Object, depth: int = 0) -> Iterator[tuple[str, Object]]:
    """What is associated with an item and, where that is no story with its text (a gallery), with that in turn."""
    for name, one in item.named(FIELDS["associations"]):
        yield name, one
        if depth < MAX_DEPTH and not _is_whole(one):
            yield from _within(one, depth + 1)


def _is_whole(item: Object) -> bool:
    """Whether an association is a story with its text, which no reference would bring otherwise."""
    kind = TYPES.get((item.text(FIELDS["type"]) or "text").lower(), "text")
    return kind in {"text", "composite"} and item.text(FIELDS["guid"]) is not None and bool(texts_of(item).body)


def _entry(item: Object, payload: Payload, inside: list[tuple[str, Object]]) -> Entry | None:
    kind, texts = _type(item), texts_of(item)
    body = body_of(texts.body, markup_only=kind in PICTURES)
    sources, summary = sources_of(item), summary_html_of(texts.description, kind)
    published, updated = item.time(FIELDS["published"]), item.time(FIELDS["updated"])
    ed_note, headline = item.text(FIELDS["ed_note"]), headline_of(item, texts)
    slugline = item.text(FIELDS["slugline"])
    stand = _standing(item, ed_note, (headline, slugline), updated or published)
    guid = item.text(FIELDS["guid"]) or _alternative(item)
    associations = tuple(association_of(name, one, kind, payload) for name, one in inside)
    own, files = files_of(item, texts, kind, payload)
    if not (
        headline or body or summary or own or associations or files or stand.pub_status == "canceled" or is_own(item)
    ):
        return None
    return Entry(
        guid=guid,
        provider_version=item.text(FIELDS["provider_version"]),
        url=page_of(item, payload),
        type=kind,
        pub_status=stand.pub_status,
        headline=headline,
        subheadline=subheadline_of(item, texts),
        slugline=slugline,
        summary_html=summary,
        is_abstract=summary is not None,
        html=body.value if body else None,
        html_is_text=bool(body and body.mime == "text/plain"),
        is_full=body is not None and (item.text(("representationtype",)) or "") not in {"partial", "incomplete"},
        base_url=address_of(payload.url, ""),
        byline=byline_of(item.text(FIELDS["byline"])),
        authors=authors_of(item),
        dateline=_dateline(item),
        language=language_of(item.first(FIELDS["language"]), payload.language),
        published=published or updated,
        updated=updated,
        embargoed_until=stand.embargoed_until,
        expires=item.time(FIELDS["expires"]),
        urgency=_urgency(item),
        priority=item.text(FIELDS["priority"]),
        genre=genre_of(item),
        keywords=keywords_of(item),
        subjects=subjects_of(item),
        places=places_of(item),
        category=", ".join(unique(one.text(("code", "name")) for one in item.objects(FIELDS["category"]))) or None,
        ed_note=ed_note,
        instruction=stand.instruction,
        contributors=contributors_of(item, texts),
        info_sources=sources.others,
        provider=item.text(FIELDS["provider"]) or sources.provider,
        rights=_rights(item, texts, sources.distributor),
        images=(*own, *pictures_in(inside, payload)),
        associations=(*associations, *earlier_of(item), *attachments_of(item, payload)),
        links=(*files, *indicators_of(item, payload)),
        warnings=unique(item.warnings) if item.warnings else (),
    )


def _type(item: Object) -> ArticleType:
    said = (item.text(FIELDS["type"]) or "text").lower()
    kind = TYPES.get(said)
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


def _urgency(item: Object) -> int | None:
    urgency = item.number(FIELDS["urgency"])
    return urgency if urgency is None or 1 <= urgency <= 9 else None


def _dateline(item: Object) -> Dateline | None:
    return dateline_of(item.text(("dateline", *FIELDS["dateline"])), item.text(FIELDS["dateline"]))


def _rights(item: Object, texts: Texts, distributor: str | None) -> Rights:
    """A link to the licence stands in for usage terms that are not spelt out."""
    linked = item.first(("rightsinfo",))
    link = text_of(linked.get("linkedrights") or linked.get("linkedRights")) if isinstance(linked, dict) else None
    return Rights(
        holder=item.text(FIELDS["rights.holder"]),
        notice=item.text(FIELDS["rights.notice"]),
        distributor=distributor,
        usage_terms=item.text(FIELDS["rights.usage_terms"]) or link,
        credit_line=credit_of(item, texts),
    )


def _alternative(item: Object) -> str | None:
    """An identifier from altids: 1.x by name, later a list with roles; an id of the sender's system comes last."""
    by_name = item.first(("altids",))
    own = by_name.get("itemid") or next(iter(by_name.values()), None) if isinstance(by_name, dict) else None
    listed = (one.text(("value",)) for one in item.objects(("altids",)))
    return text_of(own) or next((text for text in listed if text), None) or item.text(("id", "_id"))
