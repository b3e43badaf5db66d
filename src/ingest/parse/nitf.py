"""NITF 3.x: one <nitf> document becomes one entry; several, in a wrapper or one after the other, become several.

Spec: IPTC NITF 3.6 (3.0 to 3.6 read the same); element paths are its own names. What agencies put into <meta> is told
by a table in `nitfdoc`. A document without doc-id is known by its du-key, else by its external reference.
"""

from functools import partial

from ingest.model import Association, Entry, Parsed, Payload, Reject
from ingest.parse.fields import address_of, people_of, unique
from ingest.parse.nitfdoc import Document
from ingest.parse.wirexml import Element, children, local, message_of, read_items, standing, text

NAMES = ("nitf",)
ROOTS = ("nitf", "nitfs")

# An article's fields and what they are read from (in head or body.head); `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "`doc-id/@id-string`, else `du-key/@key`, else `pubdata/@ex-ref`",
    "provider_version": "`du-key/@generation` and `@version`",
    "url": "`pubdata/@ex-ref`",
    "type": "a picture if there is nothing else",
    "pub_status": "`docdata/@management-status`, the desk's words",
    "headline": "`hedline/hl1`, else `title`",
    "subheadline": "the first `hedline/hl2`",
    "slugline": "`meta` slug, anpa-keyword …; the title; the first keyword; `du-key/@key`",
    "summary_html": "`abstract`, else the paragraph of the class lead",
    "html": "further `hl2` as headings; `body.content`; `body.end/tagline` and `bibliography`",
    "byline": "`byline`, without titles",
    "authors": "`byline/person`, else names in the byline",
    "dateline": "`dateline` with `location`, `story.date`",
    "language": "`meta` language, else `@xml:lang`",
    "published": "`date.issue`, else `pubdata/@date.publication`, `story.date`, `date.release`",
    "updated": "`revision-history/@norm`, the last that is later",
    "embargoed_until": "`date.release` later than the issue or of an embargoed item, else the desk's words",
    "expires": "`date.expire`",
    "urgency": "`urgency/@ed-urg`",
    "genre": "`meta` genre, else `tobject.property`; `fixture/@fix-id`",
    "keywords": "`key-list/keyword`, `meta` keywords",
    "subjects": "`tobject.subject`, `meta` category_iptc; people, organisations, events … of `identified-content`",
    "ed_note": "`ed-msg/@info`, `correction/@info`, `note` that may be published",
    "contributors": "`byline/person` with `byttl`, `revision-history/@name`, `meta` author and writer",
    "info_sources": "`distributor`, `del-list/from-src`, `meta` source",
    "places": "`evloc`, `identified-content/location`, `meta` aap-place",
    "category": "`meta` category, anpa-category, ntbTjeneste; `doc-scope/@scope`",
    "priority": "`meta` priority, aap-priority, NTBPrioritet, else `urgency/@ed-urg`",
    "provider_sequence": "`meta` sequence, anpa-sequence",
    "instruction": "`correction`; the desk's words; update for a `@management-doc-idref`",
    "take": "`meta` anpa-takekey, `series` without a name",
    "associations": "`docdata/@management-doc-idref`, `correction/@id-string`; `media` of video and audio",
    "private_note": "`note` of the type npa",
    "images": "`media` of pictures: `media-reference` as renditions, `media-caption`, `media-producer`",
    "rights.holder": "all `doc.copyright/@holder`, else `doc.rights/@owner`, `rights.owner`",
    "rights.year": "`doc.copyright/@year`, the last",
    "rights.notice": "`rights`",
    "rights.distributor": "`distributor`, else `doc.rights/@agent`",
    "rights.usage_terms": "of each `doc.rights` `@type`, `@limitations`, `@geography`, `@startdate`, `@enddate`",
    "provider": "`distributor`, else `doc-id/@regsrc`, `from-src`, `meta` source",
}
REJECTS = {
    "no-content": "neither head nor body, or a wrapper without any document",
    "malformed-item": "a document that is no XML, among others that are",
}
KNOWN = "AAP, AP, PA, NTB's names, the standard's own examples"


def parse(payload: Payload) -> Parsed:
    """One entry a document. Times without a zone are in `payload.zone`, with a warning.

    A document of which nothing can be read is a reject (`no-content`). Raises Malformed if it is no XML.
    """
    message = message_of(payload, frozenset({"nitf"}), "nitfs")
    parsed = read_items(message, partial(_document, payload=payload), NAMES[0])
    if not parsed.entries and not parsed.rejects:
        reject = Reject(code="no-content", place="nitfs", detail="a wrapper without any <nitf> in it")
        return parsed.model_copy(update={"rejects": (reject,)})
    return parsed


def _document(nitf: Element, number: int, payload: Payload) -> Entry | Reject:
    if nitf.tag[0] == "{":
        _without_namespace(nitf)
    parts = children(nitf)
    head, body = (parts[name][0] if name in parts else None for name in ("head", "body"))
    if head is None and body is None:
        return Reject(code="no-content", place=f"nitf {number}", detail="neither head nor body")
    return _entry(Document(nitf, head, body, payload))


def _without_namespace(nitf: Element) -> None:
    for one in nitf.iter():
        name = local(one)
        if name:
            one.tag = name


def _entry(doc: Document) -> Entry:
    issued = doc.time("date.issue")
    body_notes, private = doc.head_notes()
    lead = doc.lead()
    read = doc.read_body()
    note = " ".join((*doc.messages(), *body_notes, *read.notes)) or None
    headline, subheadline = doc.headlines()
    slug = doc.slug(headline)
    release = doc.time("date.release")
    is_embargoed = (doc.status or "").lower() == "embargoed"
    later = release if release and (is_embargoed or (issued and release > issued)) else None
    signal = "correction" if "correction" in doc.doc else None
    words = (note, slug, headline, doc.meta.get("take"))
    stands = standing(doc.status, signal, later, words, issued, doc.notes, is_embargoed=is_embargoed)
    replaces = unique((doc.at("management-doc-idref"), doc.value("correction", "id-string")))
    distributor = text(doc.head("distributor"))
    senders = tuple(one.get("src-name") for one in doc.all("del-list", "from-src"))
    byline, people = doc.byline()
    abstract = _summary(doc.head("abstract")) or _summary(lead)
    return Entry(
        guid=doc.guid(),
        provider_version=doc.version(),
        url=address_of(doc.pubdata.get("ex-ref"), "") if doc.pubdata is not None else None,
        type="picture" if read.images and not read.html else "text",
        pub_status=stands.pub_status,
        headline=headline,
        subheadline=subheadline,
        slugline=slug,
        summary_html=abstract,
        is_abstract=abstract is not None,
        html=doc.html(read),
        is_full=True,
        byline=byline,
        authors=people_of(person.name for person in people) or people_of([byline] if byline else []),
        dateline=doc.dateline(),
        language=doc.language(),
        published=issued or doc.published() or release,
        updated=doc.revised(issued),
        embargoed_until=stands.embargoed_until,
        urgency=doc.notes.urgency(doc.value("urgency", "ed-urg")),
        genre=doc.genre(),
        keywords=doc.keywords(),
        subjects=doc.subjects(),
        ed_note=note,
        contributors=(*people, *doc.revisers()),
        info_sources=unique((distributor, *senders, doc.meta.get("source"))),
        places=doc.places(),
        category=doc.category(),
        priority=doc.meta.get("priority") or doc.value("urgency", "ed-urg"),
        provider_sequence=doc.meta.get("sequence"),
        instruction=stands.instruction or ("update" if replaces else None),
        expires=doc.time("date.expire"),
        take=doc.take(slug),
        associations=(*(Association(rel="replaces", guid=guid) for guid in replaces), *read.media),
        private_note=" ".join((*private, *read.private)) or None,
        images=read.images,
        rights=doc.rights(distributor),
        provider=distributor
        or doc.value("doc-id", "regsrc")
        or next(iter(unique((*senders, doc.meta.get("source")))), None),
        warnings=(*dict.fromkeys(doc.notes.warnings), *read.warnings),  # last: reading the fields adds to them
    )


def _summary(abstract: Element | None) -> str | None:
    said = text(abstract)
    return said.replace("&", "&amp;").replace("<", "&lt;") if said else None
