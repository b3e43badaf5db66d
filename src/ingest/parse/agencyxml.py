"""Agencies' own XML, one row a dialect: which element is an item, and which of its children hold what.

Ritzau: `RBNews`, alone or in a list. A new dialect is one more row of `DIALECTS` (and its roots in `ROOTS`).
"""

import re
from typing import NamedTuple

from ingest.model import Association, Entry, Parsed, Payload, Reject
from ingest.parse.bylines import byline_of
from ingest.parse.fields import language_of, people_of, unique
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import Element, Notes, children, dateline_of, local, message_of, read_items, standing, text

NAMES = ("agencyxml", "ritzau")
ROOTS = ("rbnews", "arrayofrbnews")

Children = dict[str, list[Element]]


class Dialect(NamedTuple):
    """`fields`: ours → the item's children, first come first served. `flags`: child → what "true" in it means."""

    name: str
    item: str
    zone: str  # of times without one, unless the source sets its own
    language: str
    fields: dict[str, tuple[str, ...]]
    flags: dict[str, str]


DIALECTS = (
    Dialect(
        name="ritzau",
        item="RBNews",
        zone="Europe/Copenhagen",
        language="da",
        fields={
            "guid": ("NewsID",),
            "provider_version": ("version",),
            "headline": ("headline", "ContentShort"),
            "subheadline": ("subtitle",),
            "slugline": ("strapline",),
            "html": ("content",),
            "summary_html": ("abstract",),
            "byline": ("byLine",),
            "dateline": ("town",),
            "provider": ("origin",),
            "published": ("PublishDate",),
            "updated": ("PublishDate",),
            "embargoed_until": ("Embargo", "EmbargoDate"),
            "priority": ("Priority",),
            "category": ("section", "sectionShort"),
            "genre": ("format",),
            "ed_note": ("TilRedaktionen",),
            "keywords": ("SubjectKeyword",),
            "subjects": ("IPTCList",),
            "provider_sequence": ("HistID",),
            "private_note": ("byLineEmail", "byLinePhone"),
            "replaces": ("Replaces", "replacedID"),
            "related": ("Related",),
        },
        flags={"Annuleret": "kill", "Korrektion": "correction", "NyVersion": "update"},
    ),
)
# For docs/formats.md: the dialects' own tables, and what comes of them besides.
FIELDS = {ours: names for dialect in DIALECTS for ours, names in dialect.fields.items()} | {
    "pub_status": ("Annuleret",),
    "instruction": tuple(name for dialect in DIALECTS for name in dialect.flags),
    "authors": "names in the byline",
    "language": "the dialect's",
    "info_sources": "the other agencies in `origin`",
}
REJECTS = {
    "unknown-item": "no item of a known dialect",
    "no-content": "no headline and no text",
    "malformed-item": "an item that is no XML, in a list whose others are",
}
KNOWN = ", ".join(one.name.capitalize() for one in DIALECTS)
_TRUE = {"true", "1"}
_TAG = re.compile(r"<[^<>]{0,500}>")
MAX_HEADLINE = 100


def parse(payload: Payload) -> Parsed:
    """One entry an item. Raises Malformed where nothing is XML; a broken list's whole items are read."""
    message = message_of(payload, frozenset(dialect.item for dialect in DIALECTS), "head")
    return read_items(message, lambda item, number: _read(item, number, payload), NAMES[0])


def _read(element: Element, number: int, payload: Payload) -> Entry | Reject:
    place = f"{local(element)} {number}"
    dialect = next((one for one in DIALECTS if one.item == local(element)), None)
    if dialect is None:
        return Reject(code="unknown-item", place=place)
    item = _Item(children(element), dialect, payload)
    entry = _entry(item)
    if not (entry.headline or entry.html) and entry.pub_status == "usable":
        return Reject(code="no-content", place=place, detail="no headline and no text")
    return entry


class _Item:
    def __init__(self, inside: Children, dialect: Dialect, payload: Payload) -> None:
        self.inside, self.dialect = inside, dialect
        self.notes = Notes(payload.zone if payload.zone != "UTC" else dialect.zone)
        self.language = language_of(payload.language, dialect.language)

    def all(self, field: str) -> tuple[str, ...]:
        """The texts under all of the field's elements, of a list its members' each."""
        found = [one for name in self.dialect.fields[field] for one in self.inside.get(name, [])]
        return unique(text(leaf) for one in found for leaf in (one if len(one) else [one]))

    def one(self, field: str) -> str | None:
        return next(iter(self.all(field)), None)

    def raw(self, field: str) -> str | None:
        """With its lines and mark-up, which is escaped, so that it is text to XML."""
        found = (one.text for name in self.dialect.fields[field] for one in self.inside.get(name, []))
        return next((value.strip() for value in found if value and value.strip()), None)


def _entry(item: _Item) -> Entry:
    notes, html = item.notes, item.raw("html")
    # a fraction of a second is the database's
    published, updated = (time.replace(microsecond=0) if (time := notes.time(item.one(f), f)) else None for f in _TIMES)
    flagged = [
        meaning
        for name, meaning in item.dialect.flags.items()
        if any((text(one) or "").lower() in _TRUE for one in item.inside.get(name, []))
    ]
    embargo = notes.time(item.one("embargoed_until"), "embargo")
    headline, ed_note = item.one("headline") or _beginning(html), _bare(item.one("ed_note")) or None
    status = "canceled" if "kill" in flagged else None
    stand = standing(status, next(iter(flagged), None), embargo, (ed_note, headline), updated or published, notes)
    origins = [part.strip() for part in (item.one("provider") or "").split("/") if part.strip()]
    slugs = [part.strip() for part in (item.one("slugline") or "").split("/")]
    byline = byline_of(item.one("byline"))
    return Entry(
        guid=item.one("guid"),
        provider_version=item.one("provider_version"),
        pub_status=stand.pub_status,
        headline=headline,
        subheadline=item.one("subheadline"),
        slugline=item.one("slugline"),
        summary_html=item.raw("summary_html"),
        is_abstract=item.raw("summary_html") is not None,
        html=html,
        html_is_text=html is not None and not _TAG.search(html),
        is_full=html is not None,
        byline=byline,
        authors=people_of([byline]),
        dateline=dateline_of(item.one("dateline")),
        language=item.language,
        published=published,
        updated=updated,
        embargoed_until=stand.embargoed_until,
        genre=item.one("genre"),
        keywords=unique((*item.all("keywords"), *slugs)),
        subjects=tuple(subject_of(code) for code in item.all("subjects")),
        ed_note=ed_note,
        info_sources=tuple(origins[1:]),
        category=item.one("category"),
        priority=item.one("priority"),
        provider_sequence=item.one("provider_sequence"),
        instruction=stand.instruction,
        associations=tuple(Association(rel=rel, guid=guid) for rel in _RELATIONS for guid in item.all(rel)),
        private_note=", ".join(item.all("private_note")) or None,
        provider=origins[0] if origins else None,
        warnings=unique(notes.warnings),
    )


_TIMES = ("published", "updated")
_RELATIONS = ("replaces", "related")


def _beginning(html: str | None) -> str | None:
    """A flash has no headline: the first words of its text stand in."""
    words = _bare((html or "")[:2_000])
    if len(words) <= MAX_HEADLINE:
        return words or None
    return words[:MAX_HEADLINE].rpartition(" ")[0] + " …"


def _bare(html: str | None) -> str:
    return " ".join(_TAG.sub(" ", html or "").split())
