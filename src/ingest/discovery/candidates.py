"""Addresses on a page that may be feeds. Pure.

First what the page declares: `<link rel="alternate" type="application/rss+xml">` (RSS autodiscovery, HTML Standard
4.6.7.1), JSON Feed and Atom likewise. Then links that look like feeds, then the places where feeds usually are.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

How = Literal["itself", "declared", "linked", "robots.txt", "usual place"]
MAX_LINKS = 5_000  # of a page that are looked at
_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json|text/xml", re.IGNORECASE)
_LOOKS = re.compile(
    r"(?:^|[/._?=&-])(?:rss|rdf|atom|feeds?|xmlfeed|news-?sitemap|sitemap-?news)(?:[/._?=&-]|\d{0,3}$)|feed\.json$",
    re.IGNORECASE,
)
_SERVICES = re.compile(r"(?:^|\.)(?:feedly|netvibes|inoreader|newsblur|theoldreader|facebook|twitter|x)\.com$")
_COMMENTS = re.compile(r"\bcomments?\b|kommentar|comentario|commentaire|commenti", re.IGNORECASE)
_WORDPRESS = ("wp-content/", "wp-json", "WordPress")
_USUAL = (
    "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "feeds/posts/default", "?format=rss",
    "news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml",
)  # fmt: skip


class Candidate(NamedTuple):
    """An address that may be a feed, how it was found, and what the page calls it."""

    url: str
    how: How
    title: str | None = None

    @property
    def is_comments(self) -> bool:
        return bool(_COMMENTS.search(f"{self.title or ''} {self.url}"))


def candidates(html: str, url: str) -> list[Candidate]:
    """Declared ones in the page's order, then linked ones, feeds of comments last of each; each address once."""
    doc = LexborHTMLParser(html)
    base = doc.css_first("base[href]")
    base_url = _absolute(base.attributes.get("href") if base else None, url) or url
    found = [*_declared(doc, base_url), *_linked(doc, base_url)]
    return sorted(_once(found), key=lambda one: (one.how != "declared", one.is_comments))


def usual_places(html: str, url: str) -> list[Candidate]:
    """Where such a site's feed may be though no page says so: below the page's own folder, and at the root."""
    if any(mark in html for mark in _WORDPRESS):
        names: Iterable[str] = ("feed/", "?feed=rss2")
    else:
        names = _USUAL
    parts = urlsplit(url)
    root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    folder = urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/", "", ""))
    places = [*(urljoin(root, name) for name in names), *(urljoin(folder, name) for name in ("feed/", "rss.xml"))]
    return _once(Candidate(place, "usual place") for place in places)


def sitemaps(robots_txt: str, url: str) -> list[Candidate]:
    """The sitemaps that a robots.txt names, those of news first (sitemaps.org, "Specifying the Sitemap location")."""
    lines = (line.partition(":") for line in robots_txt.splitlines()[:MAX_LINKS])
    named = (_absolute(value.strip(), url) for key, _, value in lines if key.strip().lower() == "sitemap")
    found = _once(Candidate(there, "robots.txt") for there in named if there)
    return sorted(found, key=lambda one: "news" not in one.url.lower())


def _declared(doc: LexborHTMLParser, base: str) -> Iterator[Candidate]:
    for node in doc.css("link[href]")[:MAX_LINKS]:
        rel = (node.attributes.get("rel") or "").lower().split()
        kind = node.attributes.get("type") or ""
        is_feed = "feed" in rel or ("alternate" in rel and _TYPES.match(kind.strip()))
        if is_feed and "wp-json" not in (node.attributes.get("href") or "") and (there := _target(node, base)):
            yield Candidate(there, "declared", _words(node.attributes.get("title")))


def _linked(doc: LexborHTMLParser, base: str) -> Iterator[Candidate]:
    for node in doc.css("a[href]")[:MAX_LINKS]:
        there = _target(node, base)
        if there is None or _SERVICES.search(urlsplit(there).hostname or ""):
            continue
        parts = urlsplit(there)
        if _LOOKS.search(f"{parts.path}{'?' if parts.query else ''}{parts.query}"):
            yield Candidate(there, "linked", _words(node.text()))


def _target(node: LexborNode, base: str) -> str | None:
    href = (node.attributes.get("href") or "").strip()
    return _absolute(re.sub(r"^feed:(?://)?(?=https?:)?", "", href, flags=re.IGNORECASE), base)


def _absolute(href: str | None, base: str) -> str | None:
    if not href:
        return None
    try:
        there = urlsplit(urljoin(base, href))
        return urlunsplit(there._replace(fragment="")) if there.scheme in ("http", "https") and there.hostname else None
    except ValueError:
        return None


def _once(found: Iterable[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for one in found:
        first.setdefault(one.url, one)
    return list(first.values())


def _words(text: str | None) -> str | None:
    return " ".join((text or "").split())[:200] or None
