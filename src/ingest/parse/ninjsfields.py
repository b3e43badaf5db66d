"""What ninjs and its dialects call things: the one table behind `ninjsitem`, `ninjstexts` and their like.

Spec: IPTC ninjs. The versions differ in case (3.x: `versionCreated`), in number (1.x: `subject`, then `subjects`) and
in shape (1.x: `body_html`, `renditions` by name; then `bodies` and `renditions` as lists).
"""

from ingest.model import ArticleType
from ingest.parse.jsonobject import Names

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
CONCEPTS: dict[str, Names] = {
    "service": ("service", "services"),
    "person": ("people", "person", "persons"),
    "organisation": ("organisations", "organisation", "organizations", "organization", "company"),
    "event": ("events", "event"),
    "object": ("objects", "object"),
    "digitalsourcetype": ("digitalsourcetype",),
}
TYPES: dict[str, ArticleType] = {
    "text": "text", "picture": "picture", "video": "video", "audio": "audio", "graphic": "graphic",
    "composite": "composite", "component": "text", "image": "picture", "photo": "picture", "story": "text",
    "advisory": "text", "article": "text", "package": "composite",
}  # fmt: skip
PICTURES = {"picture", "graphic"}
AUTHORS = {"author", "writer", "creator", "photographer", "contributor", "editor", "reporter"}
# Properties of the standard that are left out, in lower case, and why; a test holds the schemas against it. `*.` is
# any thing that has one.
IGNORED = {
    "profile": "how the sender lays out its items",
    "standard": "the shape of the item tells its version",
    "$standard": "the shape of the item tells its version",
    "mimetype": "`type` and the bodies say it",
    "charcount": "counted anew",
    "wordcount": "counted anew",
    "bodies.charcount": "counted anew",
    "bodies.wordcount": "counted anew",
    "*.contactinfo": "how to reach people is nothing for readers",
    "*.creator": "who classified it",
    "*.relevance": "how sure or how central a subject is",
    "*.confidence": "how sure or how central a subject is",
    "*.geojson": "the place has a name",
    "*.symbols.ticker": "the symbol, without its exchange",
    "*.symbols.symboltype": "the exchange tells it",
    "events.id": "beside a URI",
    "eventdetails": "of events, which are no articles",
    "plannedcoverage": "of plans, which are no articles",
    "rightsinfo.langid": "of the licence in a machine's language",
    "rightsinfo.encodedrights": "the licence in a machine's language; a link to it is read",
    **dict.fromkeys(
        ("renditions.title", "renditions.sizeinbytes", "renditions.duration", "renditions.format",
         "renditions.aspectratio", "renditions.videocodec", "renditions.framerate", "renditions.poi",
         "renditions.transportprotocol", "renditions.scantype", "renditions.bitrate"),
        "technical; address, name, kind, width and height are read",
    ),
}  # fmt: skip
