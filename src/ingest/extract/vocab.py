"""The other vocabularies of a page: <meta> in all its dialects, microdata, and what readers see."""

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.dates import When, read_when
from ingest.extract.elements import Elements
from ingest.extract.facts import Facts, surest
from ingest.extract.place import Place
from ingest.extract.text import pixels, plain, year_of
from ingest.extract.visible_date import aside, in_review
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
_PICTURE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_TIERS = {"free": True, "locked": False, "metered": None}
_NAMES = {origin: {name for names in fields.values() for name in names} for origin, fields in _META.items()}
_NAMES["opengraph"] |= {*_PICTURE, "og:type", "article:content_tier"}
_MANY = {"authors", "keywords"}
_MOST = 300  # of elements looked at
_TIMES = 30


def wanted_metas() -> frozenset[str]:
    """The names of <meta> that anything here reads."""
    named = (name for fields in _META.values() for names in fields.values() for name in names)
    others = (
        "og:type og:image:width og:image:height og:image:alt twitter:image:alt article:content_tier "
        "publisher dc.publisher"
    )
    return frozenset((*named, *_PICTURE, *others.split()))


def read_meta(meta: dict[str, list[str]], url: str, place: Place) -> list[Facts]:
    """One Facts for each vocabulary that <meta> is used for."""
    found = []
    for origin, fields in _META.items():
        if _NAMES[origin].isdisjoint(meta):
            continue
        said = {field: [t for key in keys for t in meta.get(key, ())] for field, keys in fields.items()}
        one = {field: texts[0] for field, texts in said.items() if texts and field not in _MANY}
        many = {field: _first_group(meta, fields[field]) for field, texts in said.items() if texts and field in _MANY}
        found.append(
            Facts(
                origin=origin,
                free=_free(meta) if origin == "opengraph" else None,
                kind=_kind(meta) if origin == "opengraph" else None,
                headline=one.get("headline"),
                summary=one.get("summary"),
                authors=many.get("authors", ()),
                published=_first_date(said.get("published", ()), place),
                updated=_first_date(said.get("updated", ()), place),
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
                and (meta.get("og:type") or [""])[0].lower() in {"article", "blog", "news"},
            )
        )
    return found


def _free(meta: dict[str, list[str]]) -> bool | None:
    return next((_TIERS.get(tier.lower()) for tier in meta.get("article:content_tier", ())), None)


def _kind(meta: dict[str, list[str]]) -> str | None:
    kind = meta["og:type"][0].lower() if meta.get("og:type") else ""
    return "video" if kind.startswith("video") else "audio" if kind.startswith("music") else None


def _first_group(meta: dict[str, list[str]], keys: tuple[str, ...]) -> tuple[str, ...]:
    return next((tuple(meta[key]) for key in keys if meta.get(key)), ())


def _first_date(texts: Iterable[str], place: Place) -> When | None:
    return surest([when for text in texts if (when := read_when(text, place))], place)


def _commas(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for text in texts for part in (re.split(r"[,;]", text) if len(texts) == 1 else [text]))


def _og_image(meta: dict[str, list[str]], url: str) -> tuple[Image, ...]:
    address = next((a for key in _PICTURE for text in meta.get(key, ()) if (a := canonical_url(text, url))), None)
    if not address:
        return ()
    width, height = (
        next((n for t in meta.get(f"og:image:{k}", ()) if (n := pixels(t)) is not None), None)
        for k in ("width", "height")
    )
    alt = next(iter(meta.get("og:image:alt") or meta.get("twitter:image:alt") or ()), None)
    return (Image(url=address, alt=alt, width=width or None, height=height or None),)


def read_microdata(found: Elements, place: Place) -> Facts:
    """schema.org microdata of the first article item, or loose itemprops."""
    props: dict[str, LexborNode] = {}
    for prop, node in _inside(found.article) if found.article else found.props[:_MOST]:
        if prop not in props and not (prop == "author" and in_review(node)):
            props[prop] = node

    def value(name: str) -> str | None:
        return _value_of(props[name]) if name in props else None

    author = props.get("author")
    name = author.css_first('[itemprop~="name"]') if author else None
    return Facts(
        origin="microdata",
        headline=value("headline") if found.article else None,
        subheadline=value("alternativeHeadline"),
        summary=value("description") if found.article else None,
        authors=tuple(filter(None, (_value_of(name or author),))) if author else (),
        published=read_when(value("datePublished"), place),
        updated=read_when(value("dateModified"), place),
        section=value("articleSection"),
        keywords=_commas(tuple(filter(None, (value("keywords"),)))),
        is_article=found.article is not None,
    )


def _inside(scope: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    for node in scope.css("[itemprop]")[:_MOST]:
        for name in (node.attributes.get("itemprop") or "").split()[:5]:
            yield name, node


def _value_of(node: LexborNode) -> str | None:
    marks = node.attributes
    return plain(marks.get("content") or marks.get("datetime") or node.text(separator=" ")[:500])


def read_visible(found: Elements, url: str, language: str | None, place: Place) -> Facts:
    """<link rel=canonical>, <html lang> and the time that readers see."""
    # datetime is for machines; a time in words ("2 hours ago") is of no use without a clock
    times = (t for n in _best_times(found) if not aside(n) for t in (_value_of(n), n.attributes.get("title")))
    return Facts(
        origin="visible",
        published=next((when for t in times if t and (when := read_when(t, place))), None),
        url=next((there for link in found.links["canonical"] if (there := canonical_url(link, url))), None),
        language=language,
    )


def _best_times(found: Elements) -> list[LexborNode]:
    """Those that are marked as publication first, then those with a machine's time."""
    return sorted(found.times[:_TIMES], key=_rank_of_time)


def _rank_of_time(node: LexborNode) -> int:
    marks = node.attributes
    kind = f"{marks.get('class') or ''} {marks.get('itemprop') or ''}"
    if "pubdate" in marks or "datePublished" in kind:
        return 0
    if "updated" in kind.split() or "modified" in kind or "dateModified" in kind:
        return 4
    return 1 if {"published", "entry-date"} & set(kind.split()) else 2 if marks.get("datetime") else 3


def html_language(doc: LexborHTMLParser) -> str | None:
    root = doc.root
    return plain(root.attributes.get("lang") or root.attributes.get("xml:lang")) if root else None
