"""What one vocabulary of a page says of its story, and what to believe when several speak."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from ingest.model import Image


@dataclass(frozen=True)
class Facts:
    """Absent is None or (). Texts are plain and squeezed, times aware and UTC, addresses absolute."""

    origin: str
    headline: str | None = None
    subheadline: str | None = None
    summary: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    url: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    site: str | None = None
    agency: str | None = None
    holder: str | None = None
    year: int | None = None
    notice: str | None = None
    usage_terms: str | None = None
    free: bool | None = None
    body: str | None = None
    is_article: bool = False


# Who is believed, best first. JSON-LD of an article is written for this very purpose and by the CMS; Open Graph is
# next but its titles are often rewritten for sharing; Parse.ly and Sailthru are made by the CMS too but for statistics;
# Dublin Core and plain <meta> are often a template's leftovers; the visible page is what readers see, but hard to read.
TRUST = ("json-ld", "opengraph", "parsely", "sailthru", "microdata", "dublin-core", "meta", "visible", "json-ld-page")

# Fields where another order serves better.
TRUST_FOR: dict[str, tuple[str, ...]] = {
    # og:article:author is often a Facebook page; a byline that readers see is better than <meta name=author>,
    # which many CMS fill with whoever uploaded the text.
    "authors": ("json-ld", "parsely", "sailthru", "microdata", "dublin-core", "meta", "opengraph", "visible"),
    # The <html lang> is the template's; og:locale is often left at en_US.
    "language": ("json-ld", "visible", "meta", "dublin-core", "opengraph"),
    "url": ("visible", "opengraph", "json-ld"),
}


def reconcile(said: Sequence[Facts]) -> Facts:
    """One Facts out of many: each field from the most trusted origin that has it."""
    by_origin = {facts.origin: facts for facts in said}
    merged: dict[str, Any] = {"origin": "page"}
    for field in fields(Facts):
        if field.name == "origin":
            continue
        for origin in TRUST_FOR.get(field.name, TRUST):
            value = getattr(by_origin.get(origin), field.name, None)
            if value is not None and value not in ((), False):
                merged[field.name] = value
                break
    if any(facts.free is False for facts in said):
        merged["free"] = False
    return Facts(**merged)
