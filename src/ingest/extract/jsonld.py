"""JSON-LD: the article among a page's schema.org nodes, read leniently, for half of it is written by templates.

schema.org Article and its kin; @graph, lists and nesting are walked, {"@id": …} is looked up.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from ingest.extract.dates import read_date
from ingest.extract.facts import Facts
from ingest.extract.text import plain, squeeze, year_of
from ingest.model import Image
from ingest.urls import canonical_url

MAX_CHARS = 1_000_000  # of one script
MAX_NODES = 20_000
_ARTICLE_TYPES = (
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "AskPublicNewsArticle ReviewNewsArticle AdvertiserContentArticle SatiricalArticle BlogPosting LiveBlogPosting "
    "SocialMediaPosting TechArticle ScholarlyArticle Report Recipe Review"
)
ARTICLE_TYPES = frozenset(_ARTICLE_TYPES.split())
_PAGE_TYPES = frozenset(("WebPage", "ItemPage", "AboutPage", "FAQPage", "CreativeWork"))
_LISTS = frozenset(
    ("itemListElement", "hasPart", "relatedLink", "isRelatedTo", "comment", "blogPost", "citation", "mentions")
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

Node = dict[str, Any]


def read_jsonld(scripts: Iterable[str], url: str, title: str, zone: str) -> list[Facts]:
    """Facts of the article (origin json-ld) and of the page (json-ld-page). Scripts that cannot be read give none.

    Of several articles, the one that names this address or headline wins.
    """
    nodes = [node for script in scripts for node in _nodes(loads(script))]
    ids = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 2}
    articles = [node for node in nodes if ARTICLE_TYPES & _types(node) and not node.get("_listed")]
    pages = [node for node in nodes if _PAGE_TYPES & _types(node) and not node.get("_listed")]
    found = []
    if articles:
        best = max(articles, key=lambda node: _fit(node, url, title))
        found.append(_facts("json-ld", best, ids, url, zone))
    if pages:
        found.append(_facts("json-ld-page", pages[0], ids, url, zone))
    return found


def loads(script: str) -> Any:
    """JSON as found on pages: with comments, trailing commas, raw line ends, several in a row. None if hopeless."""
    if len(script) > MAX_CHARS:
        return None
    text = _WRAPPER.sub("", script.strip()).strip()
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass  # the usual case on the web; it is mended below
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
        if not (start := re.compile(r"[\[{]").search(text, at)):
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
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {re.split(r"[/#:]", kind)[-1] for kind in kinds if isinstance(kind, str)}


def _fit(node: Node, url: str, title: str) -> tuple[bool, bool, int]:
    places = [node.get("url"), node.get("@id"), *_strings(node.get("mainEntityOfPage"), "@id", "url")]
    here = url in {canonical_url(p.split("#")[0], url) for p in places if isinstance(p, str)}
    headline = squeeze(_text(node.get("headline")) or _text(node.get("name")) or "")
    return here, bool(headline) and headline in squeeze(title), len(node)


def _facts(origin: str, node: Node, ids: dict[str, Node], url: str, zone: str) -> Facts:
    def objects(key: str) -> list[Any]:
        value = node.get(key)
        items = value if isinstance(value, list) else [value]
        return [
            ids.get(i["@id"], i) if isinstance(i, dict) and isinstance(i.get("@id"), str) else i for i in items if i
        ]

    publisher = next((n for p in objects("publisher") if (n := _name(p))), None)
    language = node.get("inLanguage")
    return Facts(
        origin=origin,
        headline=_text(node.get("headline")) or _text(node.get("name")),
        subheadline=_text(node.get("alternativeHeadline")),
        summary=_text(node.get("description")),
        authors=tuple(n for a in objects("author") or objects("creator") if (n := _name(a))),
        published=read_date(_text(node.get("datePublished")) or _text(node.get("dateCreated")), zone),
        updated=read_date(_text(node.get("dateModified")), zone),
        url=canonical_url(
            _text(node.get("url")) or next(iter(_strings(node.get("mainEntityOfPage"), "@id", "url")), None), url
        ),
        language=_text(
            language if isinstance(language, str) else next(iter(_strings(language, "alternateName", "name")), None)
        ),
        section=next(iter(_strings(node.get("articleSection"), "name")), None),
        keywords=_keywords(node.get("keywords")),
        images=tuple(_images([*objects("image"), *objects("thumbnailUrl")], url)),
        site=publisher,
        agency=publisher,
        holder=next((n for h in objects("copyrightHolder") if (n := _name(h))), None),
        year=year_of(_text(node.get("copyrightYear"))),
        notice=_text(node.get("copyrightNotice")),
        usage_terms=next(iter(_strings(node.get("license") or node.get("usageInfo"), "url", "@id", "name")), None),
        free=_boolean(node.get("isAccessibleForFree")),
        body=_body(node),
        is_article=origin == "json-ld",
    )


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return plain(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _name(value: Any) -> str | None:
    if isinstance(value, dict):
        whole = _text(value.get("name")) or " ".join(
            filter(None, (_text(value.get("givenName")), _text(value.get("familyName"))))
        )
        return whole or None
    return _text(value)


def _strings(value: Any, *keys: str) -> list[str]:
    """A string, an object's first of `keys`, or a list of those, as a list of strings."""
    items = value if isinstance(value, list) else [value]
    texts = (next((i[k] for k in keys if i.get(k)), None) if isinstance(i, dict) else i for i in items[:100])
    return [text for t in texts if isinstance(t, str) and (text := plain(t))]


def _keywords(value: Any) -> tuple[str, ...]:
    texts = _strings(value, "name")
    return tuple(k for t in texts for k in (t.split(",") if len(texts) == 1 else [t]))


def _images(values: list[Any], url: str) -> Iterator[Image]:
    for value in values[:10]:
        about: Node = value if isinstance(value, dict) else {"url": value}
        address = next(
            (a for k in ("url", "contentUrl", "@id") if (a := canonical_url(_text(about.get(k)), url))), None
        )
        if not address:
            continue
        credit = _text(about.get("creditText")) or _first(
            _name, about, "creator", "author", "copyrightHolder", "credit"
        )
        yield Image(
            url=address,
            caption=_text(about.get("caption")) or _text(about.get("description")),
            alt=_text(about.get("alternateName")),
            credit=credit,
            width=_pixels(about.get("width")),
            height=_pixels(about.get("height")),
        )


def _first(read: Callable[[Any], str | None], node: Node, *keys: str) -> str | None:
    return next((found for key in keys if (found := read(node.get(key)))), None)


def _pixels(value: Any) -> int | None:
    found = re.match(r"\d{1,5}", _text(value.get("value") if isinstance(value, dict) else value) or "")
    return int(found[0]) or None if found else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().rsplit("/")[-1].lower())
    return value if isinstance(value, bool) else None


def _body(node: Node) -> str | None:
    value = node.get("articleBody")
    return value if isinstance(value, str) and len(value) > 100 else None
