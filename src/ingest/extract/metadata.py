"""What a page says of its story, all vocabularies joined, as an Entry without a body."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from ingest.extract.facts import TRUST, TRUST_FOR, Facts, reconcile
from ingest.extract.headline import headline
from ingest.extract.images import lead_images
from ingest.extract.jsonld import read_jsonld
from ingest.extract.people import agency, names
from ingest.extract.text import plain
from ingest.extract.vocab import metas, read_meta, read_microdata, read_visible
from ingest.model import Entry, Rights
from ingest.urls import canonical_url

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
    meta = metas(doc)
    title = _text(doc, "head title") or _text(doc, "title")
    h1s, h2s = _texts(doc, "h1", 10), _texts(doc, "h2", 8)
    scripts = (node.text() for node in doc.css('script[type*="ld+json"]')[:100])
    said = [
        *read_jsonld(scripts, url, " ".join([title or "", *h1s[:1]]), zone),
        *read_meta(meta, url, zone),
        read_microdata(doc, url, zone),
        read_visible(doc, url, zone),
    ]
    said.sort(key=lambda facts: TRUST.index(facts.origin))
    facts = reconcile(said)
    sites = [s for s in (*(f.site for f in said), _host_name(url)) if s]
    head = headline([f.headline for f in said if f.headline], title, h1s, h2s, sites)
    entry = _entry(facts, said, sites, url)
    images = lead_images([f.images for f in said], doc)
    return Metadata(entry.model_copy(update={"headline": head, "images": images}), facts)


def _texts(doc: LexborHTMLParser, selector: str, limit: int) -> list[str]:
    return [t for node in doc.css(selector)[:limit] if (t := plain(node.text(separator=" ")[:1000]))]


def _text(doc: LexborHTMLParser, selector: str) -> str | None:
    node = doc.css_first(selector)
    return plain(node.text()[:1000]) if node else None


def _entry(facts: Facts, said: Sequence[Facts], sites: Sequence[str], url: str) -> Entry:
    order = TRUST_FOR["authors"]
    bylines = sorted((f for f in said if f.authors), key=lambda f: order.index(f.origin) if f.origin in order else 99)
    authors = _fullest([found for f in bylines if (found := _people(f, sites))])
    return Entry(
        url=_address(said, url),
        subheadline=facts.subheadline,
        summary_html=facts.summary,
        byline=facts.byline or ", ".join(facts.authors[:10]) or None,
        authors=authors,
        language=_language(facts.language),
        published=facts.published,
        updated=facts.updated if facts.updated and facts.updated != facts.published else None,
        genre=plain(facts.section),
        keywords=_keywords(facts.keywords),
        rights=_rights(facts),
        provider=agency([*facts.authors, *(f.agency for f in said)]),
        warnings=("paywalled",) if facts.free is False else (),
    )


def _fullest(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The most trusted list of names, or one that has all of these and more."""
    best = lists[0] if lists else ()
    for names_ in lists[1:]:
        if len(names_) > len(best) and {n.casefold() for n in best} <= {n.casefold() for n in names_}:
            best = names_
    return best


def _people(facts: Facts, sites: Sequence[str]) -> tuple[str, ...]:
    """Names, without the site's own: "By Example Times" names nobody."""
    own = {site.casefold() for site in sites}
    return tuple(name for name in names(facts.authors) if name.casefold() not in own)[:20]


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


def _host_name(url: str) -> str | None:
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return labels[-2] if len(labels) > 1 else None


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
