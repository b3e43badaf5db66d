"""The other vocabularies of a page: <meta> in all its dialects, microdata, and what readers see."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.dates import read_date
from ingest.extract.facts import Facts
from ingest.extract.people import names
from ingest.extract.text import plain, year_of
from ingest.model import Image
from ingest.urls import canonical_url

# vocabulary → field → names of <meta>, best first
_META: dict[str, dict[str, tuple[str, ...]]] = {
    "opengraph": {
        "headline": ("og:title", "twitter:title"),
        "summary": ("og:description", "twitter:description"),
        "authors": ("article:author:name", "article:author", "og:article:author", "og:author", "book:author"),
        "published": ("article:published_time", "og:article:published_time", "article:published", "og:published_time"),
        "updated": ("article:modified_time", "og:updated_time", "article:updated_time", "og:article:modified_time"),
        "url": ("og:url",),
        "language": ("og:locale",),
        "section": ("article:section", "og:article:section"),
        "keywords": ("article:tag", "og:article:tag"),
        "site": ("og:site_name",),
    },
    "parsely": {
        "headline": ("parsely-title",),
        "authors": ("parsely-author",),
        "published": ("parsely-pub-date",),
        "section": ("parsely-section",),
        "keywords": ("parsely-tags",),
    },
    "sailthru": {
        "headline": ("sailthru.title",),
        "authors": ("sailthru.author",),
        "published": ("sailthru.date",),
        "summary": ("sailthru.description",),
        "keywords": ("sailthru.tags",),
    },
    "dublin-core": {
        "headline": ("dc.title", "dcterms.title"),
        "authors": ("dc.creator", "dcterms.creator", "dc.creator.name"),
        "published": ("dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date"),
        "updated": ("dcterms.modified", "dc.date.modified"),
        "summary": ("dc.description", "dcterms.abstract"),
        "language": ("dc.language", "dcterms.language"),
        "keywords": ("dc.subject",),
        "notice": ("dc.rights", "dcterms.rights"),
        "holder": ("dcterms.rightsholder",),
    },
    "meta": {
        "authors": ("author", "authors", "byl", "article.author", "cxenseparse:author", "citation_author"),
        "published": (
            "date", "pubdate", "publish-date", "publishdate", "publication_date", "publish_date", "article.published",
            "datepublished", "cxenseparse:recs:publishtime", "citation_publication_date", "originalpublicationdate",
            "article_date_original", "displaydate", "rnews:datepublished", "sitedate",
        ),
        "updated": ("last-modified", "lastmod", "article.updated", "datemodified", "revised"),
        "summary": ("description",),
        "language": ("language", "content-language"),
        "section": ("section", "article.section", "category"),
        "keywords": ("news_keywords", "keywords"),
        "notice": ("copyright", "rights"),
    },
}  # fmt: skip
_MANY = {"authors", "keywords"}
_ARTICLE_ITEM = '[itemtype*="schema.org/"][itemtype*="Article"], [itemtype*="schema.org/"][itemtype*="Posting"]'
_BYLINES = (  # surest first
    '[rel="author"], [itemprop~="author"] [itemprop~="name"], [itemprop~="author"]',
    ".byline, .author, .author-name, .byline__name, .article-author, .entry-author, .post-author, .autor, .auteur",
    '[class*="byline" i], [class*="author" i], [class*="autor" i], [class*="auteur" i]',
    'a[href*="/author/"], a[href*="/autor/"], a[href*="/authors/"], .submitted .username',
)
_TIME = (
    'time[pubdate], time[itemprop="datePublished"], article header time[datetime], time.entry-date, time.published, '
    'article time[datetime], main time[datetime], time[datetime], abbr.published[title], [itemprop="datePublished"]'
)
_UNWANTED = re.compile(r"comment|related|sidebar|teaser|(?<!-)widget|recommend|most-read|\bbio\b", re.IGNORECASE)


def metas(doc: LexborHTMLParser) -> dict[str, list[str]]:
    """Every <meta> by lower-case name or property."""
    found: dict[str, list[str]] = defaultdict(list)
    for node in doc.css("meta[content]")[:1000]:
        marks = node.attributes
        text = plain((marks.get("content") or "")[:5000])
        for key in ("property", "name", "itemprop", "http-equiv"):
            if text and (name := marks.get(key)):
                found[name.strip().lower()].append(text)
                break
    return found


def read_meta(meta: dict[str, list[str]], url: str, zone: str) -> list[Facts]:
    """One Facts for each vocabulary that <meta> is used for."""
    found = []
    for origin, fields in _META.items():
        said = {field: [t for key in keys for t in meta.get(key, ())] for field, keys in fields.items()}
        one = {field: texts[0] for field, texts in said.items() if texts and field not in _MANY}
        many = {field: _first_group(meta, fields[field]) for field, texts in said.items() if texts and field in _MANY}
        found.append(
            Facts(
                origin=origin,
                headline=one.get("headline"),
                summary=one.get("summary"),
                authors=many.get("authors", ()),
                published=_first_date(said.get("published", ()), zone),
                updated=_first_date(said.get("updated", ()), zone),
                url=canonical_url(one.get("url"), url),
                language=one.get("language"),
                section=one.get("section"),
                keywords=_commas(many.get("keywords", ())),
                images=_og_image(meta, url) if origin == "opengraph" else (),
                site=one.get("site"),
                holder=one.get("holder"),
                notice=one.get("notice"),
                year=year_of(one.get("notice")),
                is_article=origin == "opengraph"
                and meta.get("og:type", [""])[0].lower() in {"article", "blog", "news"},
            )
        )
    return found


def _first_group(meta: dict[str, list[str]], keys: tuple[str, ...]) -> tuple[str, ...]:
    return next((tuple(meta[key]) for key in keys if meta.get(key)), ())


def _first_date(texts: Iterable[str], zone: str) -> datetime | None:
    return next((when for text in texts if (when := read_date(text, zone))), None)


def _commas(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for text in texts for part in (re.split(r"[,;]", text) if len(texts) == 1 else [text]))


def _og_image(meta: dict[str, list[str]], url: str) -> tuple[Image, ...]:
    keys = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    address = next((a for key in keys for text in meta.get(key, ()) if (a := canonical_url(text, url))), None)
    if not address:
        return ()
    width, height = (
        next((int(t) for t in meta.get(f"og:image:{k}", ()) if t.isdigit() and len(t) < 6), None)
        for k in ("width", "height")
    )
    alt = next(iter(meta.get("og:image:alt") or meta.get("twitter:image:alt") or ()), None)
    return (Image(url=address, alt=alt, width=width or None, height=height or None),)


def read_microdata(doc: LexborHTMLParser, url: str, zone: str) -> Facts:
    """schema.org microdata of the first article item, or loose itemprops."""
    scope = doc.css_first(_ARTICLE_ITEM)

    def value(name: str) -> str | None:
        node = (scope or doc).css_first(f'[itemprop~="{name}"]')
        return _value_of(node) if node else None

    author = (scope or doc).css_first('[itemprop~="author"]')
    name = author.css_first('[itemprop~="name"]') if author else None
    return Facts(
        origin="microdata",
        headline=value("headline") if scope else None,
        subheadline=value("alternativeHeadline"),
        summary=value("description") if scope else None,
        authors=tuple(filter(None, (_value_of(name or author),))) if author else (),
        published=read_date(value("datePublished"), zone),
        updated=read_date(value("dateModified"), zone),
        section=value("articleSection"),
        keywords=_commas(tuple(filter(None, (value("keywords"),)))),
        is_article=scope is not None,
    )


def _value_of(node: LexborNode) -> str | None:
    marks = node.attributes
    return plain(marks.get("content") or marks.get("datetime") or node.text(separator=" ")[:500])


def read_visible(doc: LexborHTMLParser, url: str, zone: str) -> Facts:
    """<link rel=canonical>, <html lang>, the byline and the time that readers see."""
    bylines = _bylines(doc)
    link = doc.css_first('link[rel="canonical"][href]')
    root = doc.css_first("html")
    lang = (root.attributes.get("lang") or root.attributes.get("xml:lang")) if root else None
    # datetime is for machines; a time in words ("2 hours ago") is of no use without a clock
    times = (t for n in doc.css(_TIME)[:30] if not _aside(n) for t in (_value_of(n), n.attributes.get("title")))
    return Facts(
        origin="visible",
        byline=next(iter(bylines), None),
        authors=tuple(bylines),
        published=_first_date((t for t in times if t), zone),
        url=canonical_url(link.attributes.get("href"), url) if link else None,
        language=plain(lang),
    )


def _bylines(doc: LexborHTMLParser) -> list[str]:
    """The first byline, as printed, that names somebody."""
    for tier in _BYLINES:
        for node in doc.css(tier)[:30]:
            text = plain(node.text(separator=" ")[:300])
            if text and 2 < len(text) < 120 and not _aside(node) and names([text]):
                return [text]
    return []


def _aside(node: LexborNode) -> bool:
    """Whether a node belongs to comments, teasers or a footer rather than to the story."""
    up: LexborNode | None = node
    for _ in range(8):
        if up is None or up.tag in {"body", "article", "main"}:
            return False
        if up.tag in {"aside", "nav"} or _UNWANTED.search(f"{up.attributes.get('class')} {up.id}"):
            return True
        up = up.parent
    return False
