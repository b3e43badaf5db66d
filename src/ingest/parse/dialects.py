"""What agencies add to RSS and Atom in namespaces of their own: one row a namespace, one a field.

AP's WebFeeds (apcm, apnm), WENN's after their model, PRISM. What is said here goes before the feed's own elements.
"""

from collections.abc import Mapping

from ingest.model import Entry
from ingest.parse.bylines import byline_of
from ingest.parse.fields import language_of, people_of, text_of, unique
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import Notes, dateline_of, standing

# Namespace → the prefix that it has here, whatever a document calls it.
NAMESPACES = {
    "http://feed.wenn.com/xmlns/2010/03/wenn_nm": "wenn",
    "http://feed.wenn.com/xmlns/2010/03/wenn_cm": "wenn",
    "http://feed.wenn.com/xmlns/2010/03/wenn_mm": "wennmm",
    "http://ap.org/schemas/03/2005/apcm": "apcm",
    "http://ap.org/schemas/03/2005/apnm": "apnm",
    "http://prismstandard.org/namespaces/basic/2.0/": "prism",
    "http://prismstandard.org/namespaces/basic/2.1/": "prism",
    "http://prismstandard.org/namespaces/basic/3.0/": "prism",
}
# Ours → elements, in lower case as feedparser has them; the first that is there is taken.
FIELDS: dict[str, tuple[str, ...]] = {
    "guid": ("wenn_original_article_id",),
    "provider_version": ("apnm_managementsequencenumber", "prism_versionidentifier"),
    "headline": ("wenn_title", "apcm_headline"),
    "slugline": ("apcm_slugline",),
    "summary_html": ("wenn_first_line", "apcm_extendedheadline", "prism_teaser"),
    "byline": ("apcm_byline", "wenn_byline"),
    "dateline": ("apcm_dateline", "apcm_datelinelocation", "prism_location"),
    "published": ("wenn_published", "apnm_published", "prism_publicationdate"),
    "updated": ("wenn_updated", "prism_modificationdate"),
    "embargoed_until": ("apnm_releasedatetime", "prism_embargodate"),
    "expires": ("prism_expirationdate",),
    "pub_status": ("apnm_publishingstatus",),
    "ed_note": ("apnm_publishingspecialinstructions", "apnm_publishingreason", "apnm_editorialnote"),
    "priority": ("apcm_priority", "apnm_priority"),
    "keywords": ("apcm_keywords", "prism_keyword", "prism_section"),
    "subjects": ("apcm_subjectclassification", "prism_subject"),
    "places": ("apcm_entityclassification", "prism_geography"),
    "provider": ("apcm_source", "prism_publicationname"),
    "language": ("apcm_language",),
    "notice": ("apcm_copyright", "prism_copyright"),
}


def with_stated(entry: Entry, stated: Mapping[str, list[str]], zone: str) -> Entry:
    """The entry with what the item's elements in these namespaces say: element → its texts (or `Value`s)."""
    notes = Notes(zone)

    def all_of(field: str) -> tuple[str, ...]:
        return unique(text_of(value) for name in FIELDS[field] for value in stated.get(name, []))

    def one(field: str) -> str | None:
        return next(iter(all_of(field)), None)

    published, updated = notes.time(one("published"), "published"), notes.time(one("updated"), "updated")
    embargo, byline = notes.time(one("embargoed_until"), "embargo"), byline_of(one("byline"))
    issued = updated or published or entry.updated or entry.published
    stand = standing(one("pub_status"), None, embargo, (one("ed_note"), one("slugline")), issued, notes)
    found: dict[str, object] = {
        **{name: one(name) for name in ("guid", "provider_version", "headline", "slugline", "summary_html")},
        **{name: one(name) for name in ("ed_note", "priority", "provider")},
        "byline": byline,
        "authors": people_of([byline]),
        "dateline": dateline_of(one("dateline")),
        "language": language_of(one("language")),
        "published": published,
        "updated": updated,
        "embargoed_until": stand.embargoed_until or entry.embargoed_until,
        "expires": notes.time(one("expires"), "expires"),
        "instruction": stand.instruction,
        "keywords": unique((*entry.keywords, *all_of("keywords"))),
        "subjects": (*entry.subjects, *(subject_of(code) for code in all_of("subjects"))),
        "places": tuple(subject_of(None, None, name) for name in all_of("places")),
        "warnings": (*entry.warnings, *notes.warnings),
    }
    if notice := one("notice"):
        found["rights"] = entry.rights.model_copy(update={"notice": notice})
    given = {name: value for name, value in found.items() if value}
    return entry.model_copy(update={**given, "pub_status": stand.pub_status})
