"""Sitemaps with Google's news, image and video extensions, and sitemap indexes. Spec: sitemaps.org, protocol 0.9.

Entries name pages only (`html` is None). An index has no entries: `FeedInfo.sitemaps` lists what it points at, the last
changed first, so that a caller may fetch the first few.
"""

from collections.abc import Iterator

from lxml import etree

from ingest.model import ArticleType, Entry, FeedInfo, Image, Parsed, Payload, Reject
from ingest.parse.decode import decode
from ingest.parse.fields import address_of, language_of, no_times, text_of, time_of, unique
from ingest.parse.xmltext import xml_root

NAMES = ("sitemap", "news-sitemap")
ROOTS = ("urlset", "sitemapindex")
# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it. The text is on the page.
FIELDS = {
    "url": "`loc`", "type": "video where `video:video` stands alone", "headline": "`news:title`, else `video:title`",
    "summary_html": "`video:description`", "language": "`news:language`",
    "published": "`news:publication_date`, else `video:publication_date`", "updated": "`lastmod`",
    "genre": "`news:genres`", "keywords": "`news:keywords`", "images": "`image:image`, else `video:thumbnail_loc`",
    "provider": "`news:name`",
}  # fmt: skip
REJECTS = {"no-address": "no http(s) address in `loc`"}
KNOWN = "Google's news, image and video extensions"


def parse(payload: Payload) -> Parsed:
    """One entry a `url`; one without an address is a reject. Raises Malformed if nothing of the XML can be read."""
    root = xml_root(payload, recover=True)
    if _local(root) == "sitemapindex":
        return Parsed(format="sitemapindex", feed=FeedInfo(sitemaps=_sitemaps(root, payload)))
    urls = list(_children(root, "url"))
    entries, rejects, warnings = [], [], tuple[str, ...]()
    if not decode(payload).text.rstrip().endswith("urlset>") and urls:
        urls.pop()  # its address may lack its end, and be another page's
        warnings = ("the sitemap is cut off; its last url was left out",)
    for number, url in enumerate(urls, 1):
        address = address_of(_text(url, "loc"), payload.url)
        if address:
            entries.append(_entry(url, address, payload))
        else:
            rejects.append(Reject(code="no-address", place=f"url {number}", detail="no http(s) address in <loc>"))
    return Parsed(format="sitemap", entries=tuple(entries), rejects=tuple(rejects), warnings=warnings)


def _entry(url: etree._Element, address: str, payload: Payload) -> Entry:
    news, video = _child(url, "news"), _child(url, "video")
    publication = _child(news, "publication")
    images = tuple(_image(image, payload) for image in _children(url, "image"))
    published = _text(news, "publication_date") or _text(video, "publication_date")
    lastmod = _text(url, "lastmod")
    kind: ArticleType = "video" if video is not None and news is None else "text"
    return Entry(
        url=address,
        type=kind,
        headline=_text(news, "title") or _text(video, "title"),
        summary_html=_text(video, "description"),
        base_url=address,
        language=language_of(_text(publication, "language"), payload.language),
        published=time_of(published, payload.zone),
        updated=time_of(lastmod, payload.zone),
        genre=_text(news, "genres"),
        keywords=unique(word.strip() for word in (_text(news, "keywords") or "").split(",")),
        images=tuple(image for image in images if image.url) or _thumbnail(video, payload),
        provider=_text(publication, "name"),
        warnings=no_times({"publication_date": published, "lastmod": lastmod}, payload.zone),
    )


def _image(image: etree._Element, payload: Payload) -> Image:
    return Image(
        url=address_of(_text(image, "loc"), payload.url),
        caption=_text(image, "caption") or _text(image, "title"),
        place=_text(image, "geo_location"),
    )


def _thumbnail(video: etree._Element | None, payload: Payload) -> tuple[Image, ...]:
    url = address_of(_text(video, "thumbnail_loc"), payload.url)
    return (Image(url=url),) if url else ()


def _sitemaps(root: etree._Element, payload: Payload) -> tuple[str, ...]:
    found = [(_text(one, "lastmod"), address_of(_text(one, "loc"), payload.url)) for one in _children(root, "sitemap")]
    dated = [(when.timestamp() if (when := time_of(lastmod, payload.zone)) else 0.0, url) for lastmod, url in found]
    return unique(url for _, url in sorted(dated, key=lambda one: -one[0]))


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return (child for child in (element if element is not None else ()) if _local(child) == name)


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(_children(element, name), None)


def _text(element: etree._Element | None, name: str) -> str | None:
    """By local name: publishers bind these namespaces to whatever, or to nothing."""
    child = _child(element, name)
    return text_of("".join(str(part) for part in child.itertext())) if child is not None else None
