"""What a page says of its story, all vocabularies joined, as an Entry without a body."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.authors import signed
from ingest.extract.classed import Classed
from ingest.extract.dates import When
from ingest.extract.elements import Elements, elements_of
from ingest.extract.facts import TRUST, Facts, reconcile, surest
from ingest.extract.headline import headings, headline, is_blog
from ingest.extract.images import lead_images
from ingest.extract.jsonld import read_jsonld
from ingest.extract.nearby import heading_of, lines_around
from ingest.extract.people import agency
from ingest.extract.place import Place, place_of
from ingest.extract.series import others_of
from ingest.extract.text import plain
from ingest.extract.visible_date import DATED, visible_when
from ingest.extract.vocab import html_language, read_meta, read_microdata, read_visible, wanted_metas
from ingest.model import Entry, Rights
from ingest.urls import canonical_url

_WANTED_METAS = wanted_metas()
_LANGUAGE = re.compile(r"^([a-zA-Z]{2,3})(?:[-_](?:[a-zA-Z]{4}[-_])?([a-zA-Z]{2}))?(?:[-_.].*)?$")
_HOLDER = re.compile(
    r"^(?:copyright|©|\(c\)|all rights reserved|\d{4}(?:\s?[-–]\s?\d{4})?|by|[\s.,:])+|all rights reserved.*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Metadata:
    entry: Entry
    facts: Facts


def read_metadata(doc: LexborHTMLParser, url: str, zone: str) -> Metadata:
    """Everything but the body. `doc` is still whole: scripts hold the JSON-LD."""
    found, by_class, language = elements_of(doc, _WANTED_METAS), Classed(doc), html_language(doc)
    place = place_of(url, (language, *found.metas["content-language"], *found.metas["og:locale"]), zone)
    title_node = doc.css_first("title")
    title = plain(title_node.text()[:1000]) if title_node else None
    heads = headings(found.h1s, found.h2s)
    scripts = (node.text() for node in found.scripts[:100])
    said = [
        *read_jsonld(scripts, url, " ".join([title or "", *heads.first[:1]]), place),
        *read_meta(found.metas, url, place),
        read_microdata(found, place),
        read_visible(found, url, language, place),
    ]
    said.sort(key=lambda facts: TRUST.index(facts.origin))
    facts = reconcile(said, place)
    sites = [s for s in (*(f.site for f in said), *_host_names(url)) if s]
    head = headline([f.headline for f in said if f.headline], title, heads, sites)
    heading = heading_of(doc, [*found.h1s, *found.h2s], by_class, head)
    entry = _entry(facts, said, url)
    when = _published(facts, found, by_class, heading, entry.url or url, place)
    published = when.utc(place) if when else None
    updated = facts.updated.utc(place) if facts.updated else None
    houses = [] if is_blog(url) else [*sites, *found.metas["publisher"], *found.metas["dc.publisher"]]
    who = signed(facts, said, doc, found, by_class, heading, houses)
    return Metadata(
        entry.model_copy(
            update={
                "headline": head,
                "authors": who.authors,
                "byline": who.byline,
                "published": published,
                "updated": updated if updated and (published is None or updated > published) else None,
                "images": lead_images([f.images for f in said], found.figures),
                "associations": others_of(found, url),
            }
        ),
        facts,
    )


def _published(
    facts: Facts, found: Elements, by_class: Classed, heading: LexborNode | None, url: str, place: Place
) -> When | None:
    """As told, or from the page readers see, where the vocabularies know no time."""
    told = facts.published
    if told and told.has_time:
        return told
    shown = visible_when(lines_around(heading), _dated(found, by_class), url, place)
    return surest([when for when in (told, shown) if when], place)


def _dated(found: Elements, by_class: Classed) -> Iterator[LexborNode]:
    yield from (node for prop, node in found.props if prop == "datePublished")
    yield from found.times
    yield from by_class.saying(DATED)


def _entry(facts: Facts, said: Sequence[Facts], url: str) -> Entry:
    desks = [desk for f in said for desk in f.desks]
    return Entry(
        url=_address(said, url),
        subheadline=facts.subheadline,
        summary_html=facts.summary,
        language=_language(facts.language),
        genre=plain(facts.section),
        keywords=_keywords(facts.keywords),
        rights=_rights(facts),
        provider=agency([*facts.authors, *desks, *(f.agency for f in said)]),
        warnings=("paywalled",) if facts.free is False else (),
    )


def _address(said: Sequence[Facts], url: str) -> str | None:
    """rel=canonical or og:url if it is of the same site and not its front page; else where the page was found."""
    here = canonical_url(url)
    by_origin = {facts.origin: facts.url for facts in said}
    for origin in ("visible", "opengraph", "json-ld"):
        there = by_origin.get(origin)
        if (
            there
            and here
            and _site(there) == _site(here)
            and (urlsplit(there).path.strip("/") or not urlsplit(here).path.strip("/"))
        ):
            return there
    return here


def _site(url: str) -> str:
    """The last two labels of the host, three where the second is short (co.uk): near enough to tell sites apart."""
    labels = (urlsplit(url).hostname or "").split(".")
    return ".".join(labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])


def _host_names(url: str) -> list[str]:
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return [label for label in labels[:-1][::-1] if len(label) > 4 or label == labels[-2]]


def _language(text: str | None) -> str | None:
    """BCP 47: "de_AT" is de-AT."""
    m = _LANGUAGE.match(text or "")
    return (f"{m[1].lower()}-{m[2].upper()}" if m[2] else m[1].lower()) if m else None


def _keywords(texts: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts[:200]:
        if (word := plain(text)) and len(word) <= 80:
            found.setdefault(word.casefold(), word)
    return tuple(found.values())[:50]


def _rights(facts: Facts) -> Rights:
    holder = facts.holder or (
        _HOLDER.sub("", facts.notice).strip(" .,-") if facts.notice and len(facts.notice) < 120 else None
    )
    return Rights(holder=holder or None, year=facts.year, notice=facts.notice, usage_terms=facts.usage_terms)
