"""JSON-LD: the article among a page's schema.org nodes, read leniently, for half of it is written by templates.

schema.org Article and its kin; @graph, lists and nesting are walked, {"@id": …} is looked up.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import orjson

from ingest.extract.facts import Facts
from ingest.extract.place import Place
from ingest.extract.schema_org import Node, facts_of, strings, text_of
from ingest.extract.text import squeeze
from ingest.urls import canonical_url

MAX_CHARS = 1_000_000  # of one script
MAX_NODES = 20_000
_NEWS = frozenset(
    [
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "BackgroundNewsArticle",
        "OpinionNewsArticle",
        "AskPublicNewsArticle",
        "ReviewNewsArticle",
        "LiveBlogPosting",
    ]
)
ARTICLE_TYPES = _NEWS | frozenset(
    [
        "Article",
        "AdvertiserContentArticle",
        "SatiricalArticle",
        "BlogPosting",
        "SocialMediaPosting",
        "TechArticle",
        "ScholarlyArticle",
        "Report",
        "Recipe",
        "Review",
    ]
)
_PAGE_TYPES = frozenset(("WebPage", "ItemPage", "AboutPage", "FAQPage", "CreativeWork"))
_KINDS = {
    "LiveBlogPosting": "live",
    "VideoObject": "video",
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "PodcastEpisode": "audio",
    "CollectionPage": "index",
}
_LISTS = frozenset(
    (
        "itemListElement",
        "hasPart",
        "relatedLink",
        "isRelatedTo",
        "comment",
        "blogPost",
        "citation",
        "mentions",
        "liveBlogUpdate",
        "review",
        "subjectOf",
    )
)
# The closing quote is optional and every part possessive, so that an open string costs one pass, not one per quote.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|/\*.*?\*/|//[^\n]*+|,(?=\s{0,2000}[}\]])|;\s*$', re.DOTALL)
_ESCAPE = re.compile(r'\\([\\/"bfnrt]|u[0-9a-fA-F]{4})?')
_WRAPPER = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_CONTROL = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t"} | {chr(c): " " for c in range(32) if c not in (9, 10, 13)}
)
_OPENS = re.compile(r"[\[{]")


def read_jsonld(scripts: Iterable[str], url: str, title: str, place: Place) -> list[Facts]:
    """Facts of the article (origin json-ld) and of the page (json-ld-page). Scripts that cannot be read give none.

    Of several articles, the one that names this address or headline wins; others of that headline fill its gaps.
    """
    shown = squeeze(title)
    nodes = [node for script in scripts for node in _nodes(loads(script))]
    ids = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 2}
    top = [node for node in nodes if not node.get("_listed")]
    kinds = [_types(node) for node in top]
    articles = [node for node, kind in zip(top, kinds, strict=True) if not ARTICLE_TYPES.isdisjoint(kind)]
    pages = [node for node, kind in zip(top, kinds, strict=True) if not _PAGE_TYPES.isdisjoint(kind)]
    found = []
    if articles:
        best = max(articles, key=lambda node: _fit(node, url, shown))
        found.append(facts_of("json-ld", _filled(best, articles), ids, url, place, kind=_kind([best])))
    if pages or not articles:
        page: Node = max(pages, key=lambda node: _fit(node, url, shown), default={})
        found.append(
            facts_of(
                "json-ld-page",
                page,
                ids,
                url,
                place,
                kind=None if articles else _kind(top),
                section=_crumb(nodes, shown),
            )
        )
    return found


def _filled(best: Node, articles: Sequence[Node]) -> Node:
    """`best`, with what other nodes of the same headline say where it is silent."""
    key = squeeze(text_of(best.get("headline")) or "")
    same = [node for node in articles if key and squeeze(text_of(node.get("headline")) or "") == key]
    whole: Node = {}
    for node in (best, *same[:5]):
        whole |= {name: value for name, value in node.items() if name not in whole and value not in (None, "", [], {})}
    return whole


def _kind(nodes: Sequence[Node]) -> str | None:
    return next((kind for node in nodes for name in _types(node) if (kind := _KINDS.get(name))), None)


def _crumb(nodes: Sequence[Node], shown: str) -> str | None:
    """The section: the last of the breadcrumbs that is not the story itself."""
    for node in nodes:
        if "BreadcrumbList" in _types(node) and isinstance(items := node.get("itemListElement"), list):
            names = [strings(i if i.get("name") else i.get("item"), "name") for i in items[:10] if isinstance(i, dict)]
            crumbs = [name[0] for name in names[1:] if name and squeeze(name[0]) not in shown]
            return crumbs[-1] if crumbs else None
    return None


def loads(script: str) -> Any:
    """JSON as found on pages: with comments, trailing commas, raw line ends, several in a row. None if hopeless."""
    if len(script) > MAX_CHARS:
        return None
    try:
        return orjson.loads(script)
    except orjson.JSONDecodeError:
        pass  # the usual case on the web; it is mended below
    text = _WRAPPER.sub("", script.strip()).strip()
    if "&quot;" in text and '"' not in text:
        text = html.unescape(text)
    return _in_a_row(_TOKEN.sub(_mend, text))


def _mend(token: re.Match[str]) -> str:
    if not token[0].startswith('"'):
        return ""
    return _ESCAPE.sub(lambda m: m[0] if m[1] else "\\\\", token[0].translate(_CONTROL))


def _in_a_row(text: str) -> Any:
    decoder, at = json.JSONDecoder(strict=False), 0
    found: list[Any] = []
    while at < len(text) and len(found) < 50:
        if not (start := _OPENS.search(text, at)):
            break
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found or None


def _nodes(root: Any) -> Iterator[Node]:
    """Every object in document order, without recursion: depth is the page's choice. Members of lists are marked."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    for _ in range(MAX_NODES):
        if not stack:
            return
        value, listed = stack.pop()
        if isinstance(value, list):
            stack.extend((item, listed) for item in reversed(value))
        elif isinstance(value, dict):
            if listed:
                value["_listed"] = True
            yield value
            stack.extend((v, listed or k in _LISTS) for k, v in reversed(value.items()) if isinstance(v, dict | list))


def _types(node: Node) -> set[str]:
    kinds = node.get("@type") or node.get("type")
    if isinstance(kinds, str):
        return {_bare_type(kinds)}
    kinds = kinds if isinstance(kinds, list) else []
    return {_bare_type(kind) for kind in kinds if isinstance(kind, str)}


@lru_cache(maxsize=500)
def _bare_type(kind: str) -> str:
    """Without its vocabulary: "schema:Article" and "http://schema.org/Article" are Article."""
    return re.split(r"[/#:]", kind[:200])[-1]


def _fit(node: Node, url: str, shown: str) -> tuple[bool, bool, bool, int]:
    places = [node.get("url"), node.get("@id"), *strings(node.get("mainEntityOfPage"), "@id", "url")]
    here = url in {canonical_url(p.split("#")[0], url) for p in places if isinstance(p, str)}
    headline = squeeze(text_of(node.get("headline")) or text_of(node.get("name")) or "")
    return here, bool(headline) and headline in shown, bool(_NEWS & _types(node)), len(node)
