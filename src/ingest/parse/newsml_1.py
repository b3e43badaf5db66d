"""NewsML 1.0 to 1.2: each NewsItem becomes one entry, its nested NewsComponents read as one story with its pictures.

Spec: IPTC NewsML 1.2 DTD. Element paths below are the DTD's own names. A code is the FormalName of an element.
"""

from datetime import datetime

from ingest.model import Association, Entry, Parsed, Payload, Reject
from ingest.parse import newsml1meta as meta
from ingest.parse.bylines import byline_of
from ingest.parse.fields import language_of, people_of, unique
from ingest.parse.newsml1content import Children, Component, components_of, content_of, first
from ingest.parse.wirexml import (
    LANG,
    Element,
    Notes,
    Standing,
    children,
    dateline_of,
    message_of,
    read_items,
    standing,
    text,
)

NAMES = ("newsml-1", "newsml1", "newsml")
ROOTS = ("newsml",)

# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "`PublicIdentifier`, else made of `ProviderId`, `DateId`, `NewsItemId` and `RevisionId`",
    "provider_version": "`RevisionId`",
    "type": "`MediaType` where there is no text; a picture, a package (composite)",
    "pub_status": "`NewsManagement/Status`, `Instruction`, the desk's words",
    "headline": "`NewsLines/HeadLine`, else a component of the role title, else NITF's `hl1`",
    "subheadline": "`NewsLines/SubHeadLine`, else NITF's `hl2`",
    "slugline": "`NewsLines/SlugLine`, else `Identification/NameLabel`",
    "summary_html": "`NewsLine` typed as summary or lead, a component of that role, NITF's `abstract`",
    "html": "`ContentItem/DataContent` (NITF, XHTML, text, base64) of the main component, else the longest",
    "byline": "`NewsLines/ByLine`, else NITF's `byline`",
    "authors": "names in the byline, else `AdministrativeMetadata/Creator`, `Property` author",
    "dateline": "`NewsLines/DateLine`, else NITF's `dateline`",
    "language": "`DescriptiveMetadata/Language`, else `@xml:lang`",
    "published": "`NewsManagement/FirstCreated`",
    "updated": "`NewsManagement/ThisRevisionCreated`",
    "embargoed_until": "`StatusWillChange` of an embargoed item, else the desk's words",
    "expires": "`AdministrativeMetadata/Property` Expires",
    "urgency": "`NewsManagement/Urgency`",
    "genre": "`DescriptiveMetadata/Genre`",
    "keywords": "`NewsLines/KeywordLine`, `Property` Keyword",
    "subjects": "`SubjectCode` with Subject, SubjectMatter, SubjectDetail; `TopicOccurrence`, `Property` Topic",
    "ed_note": "`NewsLine` typed as a note to editors, a `Comment` with an embargo or a kill, notes in NITF",
    "contributors": "`AdministrativeMetadata/Creator`, `Contributor`, `Property` author",
    "info_sources": "`AdministrativeMetadata/Source`, `Provider`; `NewsEnvelope/SentFrom`",
    "places": "`DescriptiveMetadata/Location`, `Property` City, Country …",
    "category": "`SubjectCode/*/@cat`, `Property` Category, else the envelope's service and product",
    "priority": "`NewsEnvelope/Priority`",
    "provider_sequence": "`NewsEnvelope/TransmissionId`",
    "instruction": "`NewsManagement/Instruction`, `RevisionId/@Update`, the desk's words",
    "associations": "`NewsItemRef` and `NewsItem` within, `@PreviousRevision`, `DerivedFrom`, `AssociatedWith`",
    "private_note": "notes in NITF that are not for publication",
    "images": "`ContentItem` with `@Href` of a picture, all renditions of a component as one; captions beside them",
    "rights.holder": "`RightsMetadata/Copyright/CopyrightHolder`, else `UsageRights/RightsHolder`",
    "rights.year": "`RightsMetadata/Copyright/CopyrightDate`",
    "rights.notice": "`NewsLines/CopyrightLine`",
    "rights.credit_line": "`NewsLines/CreditLine`",
    "rights.usage_terms": "`UsageRights/UsageType` and `Limitations`, else `NewsLines/RightsLine`",
    "provider": "`AdministrativeMetadata/Provider`, else `Source`, else `ProviderId`",
    "links": "`ContentItem/@Href` that is no picture",
}
REJECTS = {
    "topic-set": "a NewsItem that holds a vocabulary",
    "partial-update": "an `Update` names changes to an item and holds none",
    "no-item": "a NewsML without any NewsItem",
    "no-content": "no headline, no text, no picture and no member, and no withdrawal either",
    "malformed-item": "an item that is no XML, in a message whose other items are",
}
KNOWN = "AFP"

_ITEMS = frozenset({"NewsItem"})


def parse(payload: Payload) -> Parsed:
    """Every NewsItem that is news. Raises Malformed where nothing is XML; a broken message's whole items are read."""
    message = message_of(payload, _ITEMS, "NewsEnvelope")
    if not message.items and not message.broken:
        return Parsed(format=NAMES[0], rejects=(Reject(code="no-item", place="NewsML"),), warnings=message.warnings)
    envelope = meta.envelope_of(message.head)
    return read_items(message, lambda element, number: _read(element, number, envelope, payload), NAMES[0])


def _read(element: Element, number: int, envelope: meta.Envelope, payload: Payload) -> Entry | Reject:
    inside = children(element)
    identity = meta.identity_of(first(inside, "Identification"))
    place = f"NewsItem {number}" + (f" ({identity.guid})" if identity.guid else "")
    if "NewsComponent" not in inside and "TopicSet" in inside:
        return Reject(code="topic-set", place=place, detail="a TopicSet is a vocabulary, no article")
    if "NewsComponent" not in inside and "Update" in inside:
        return Reject(code="partial-update", place=place, detail="an Update names changes to an item, it holds none")
    components = components_of(inside.get("NewsComponent", []))
    entry = _entry(element, inside, identity, components, envelope, payload)
    is_empty = not (entry.headline or entry.html or entry.images or entry.associations)
    if is_empty and entry.pub_status == "usable":
        return Reject(code="no-content", place=place, detail="no headline, no text, no picture and no member")
    return entry


def _entry(
    element: Element,
    inside: Children,
    identity: meta.Identity,
    components: tuple[Component, ...],
    envelope: meta.Envelope,
    payload: Payload,
) -> Entry:
    notes = Notes(payload.zone)
    managed = children(first(inside, "NewsManagement"))
    content = content_of(components, payload.url)
    lines = meta.lines_of(components)
    described = meta.described_of(components, envelope.topics)
    managing = meta.administered_of(components)
    updated = notes.time(text(first(managed, "ThisRevisionCreated")), "ThisRevisionCreated")
    headline = lines.first("HeadLine") or content.body.headline
    comments = meta.comments_of((inside, managed, *(one.inside for one in components)))
    ed_note = "\n".join(one for one in (lines.note, *comments, *content.body.notes) if one) or None
    stand = _standing(managed, identity, (headline, ed_note), updated, notes)
    provider = managing.party("Provider") or managing.party("Source") or identity.provider
    byline = byline_of(lines.first("ByLine") or content.body.byline)
    printed = lines.first("DateLine") or content.body.dateline
    if identity.guid is None:
        notes.warnings.append("no guid")
    return Entry(
        guid=identity.guid,
        provider_version=identity.version,
        type=content.type,
        pub_status=stand.pub_status,
        headline=headline,
        subheadline=lines.first("SubHeadLine") or content.body.subheadline,
        slugline=lines.first("SlugLine") or identity.label,
        summary_html=lines.summary or content.body.summary,
        is_abstract=(lines.summary or content.body.summary) is not None,
        html=content.body.html,
        html_is_text=content.body.is_text,
        is_full=bool(content.body.html),
        byline=byline,
        authors=content.body.authors or (people_of([byline]) if byline else managing.authors(provider)),
        dateline=dateline_of(printed, described.city),
        language=language_of(*described.languages, element.get(LANG), lines.language, payload.language),
        published=notes.time(text(first(managed, "FirstCreated")), "FirstCreated"),
        updated=updated,
        embargoed_until=stand.embargoed_until,
        urgency=notes.urgency(meta.code_in(managed, "Urgency")),
        genre=", ".join(described.genres) or None,
        keywords=unique((*described.keywords, *lines.keywords)),
        subjects=described.subjects,
        ed_note=ed_note,
        contributors=managing.contributors(),
        info_sources=unique((*managing.sources(provider), *envelope.senders)),
        places=described.places,
        category=described.category or ", ".join(envelope.products) or None,
        priority=envelope.priority,
        provider_sequence=envelope.sequence,
        instruction=stand.instruction,
        expires=notes.time(managing.value("Expires"), "Expires"),
        associations=(*content.members, *_relations(managed, identity), *content.body.media),
        private_note="\n".join(content.body.private) or None,
        images=(*content.images, *content.body.images),
        rights=meta.rights_of(components, lines),
        provider=provider,
        links=content.links,
        removed=content.body.removed,
        warnings=(*dict.fromkeys(notes.warnings), *content.warnings, *content.body.warnings),
    )


def _standing(
    managed: Children,
    identity: meta.Identity,
    words: tuple[str | None, ...],
    issued: datetime | None,
    notes: Notes,
) -> Standing:
    """Status, its announced change (how NewsML 1 says an embargo), Instruction and RevisionId/@Update."""
    status = (meta.code_in(managed, "Status") or "usable").lower()
    change = children(first(managed, "StatusWillChange"))
    future = (meta.code_in(change, "FutureStatus") or "").lower()
    when = notes.time(text(first(change, "DateAndTime")), "StatusWillChange")
    is_embargoed = status == "embargoed" or (status == "withheld" and future == "usable")
    return standing(
        "embargoed" if is_embargoed else status,
        meta.instruction_of(managed) or identity.instruction,
        when if is_embargoed and future in {"usable", ""} else None,
        words,
        issued,
        notes,
        is_embargoed=is_embargoed,
    )


def _relations(managed: Children, identity: meta.Identity) -> tuple[Association, ...]:
    found = [Association(rel="earlier-version", guid=identity.previous)] if identity.previous else []
    for name, rel in (("DerivedFrom", "derived-from"), ("AssociatedWith", "related")):
        for one in managed.get(name, ()):
            guid = (one.get("NewsItem") or "").strip()
            found += [Association(rel=rel, guid=guid)] if guid else []
    return tuple(dict.fromkeys(found))
