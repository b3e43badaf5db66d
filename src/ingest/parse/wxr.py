"""WordPress exports (WXR 1.0 to 1.2): published posts and pages, with their authors' names and their pictures.

An export is RSS with a site's inventory in it: drafts, revisions, menus and private posts are turned down, attachments
become the pictures of the posts that they belong to. Elements are found by local name: the namespace has the version.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ingest.errors import Malformed
from ingest.model import Association, Entry, FeedInfo, Image, Parsed, Payload, Reject, Subject
from ingest.parse.detect import Sniff
from ingest.parse.fields import address_of, language_of, people_of, text_of, unique
from ingest.parse.limits import OverLimit, check_count
from ingest.parse.wirexml import Element, Notes, children, text
from ingest.parse.xmltext import xml_root, xml_text

NAMES = ("wxr", "wordpress")

# Ours → the elements, as WordPress writes them; found by local name, since the namespace has the version in it.
FIELDS: dict[str, tuple[str, ...]] = {
    "guid": ("guid",),
    "url": ("link",),
    "headline": ("title",),
    "html": ("content:encoded",),
    "summary_html": ("excerpt:encoded", "description"),
    "byline": ("dc:creator",),
    "published": ("wp:post_date_gmt", "pubDate", "wp:post_date"),
    "updated": ("wp:post_modified_gmt", "wp:post_modified"),
    "keywords": ("category[@domain='post_tag']",),
    "subjects": ("category[@domain='category']",),
    "category": ("category[@domain='category']",),
    "images": ("wp:attachment_url",),
    "authors": ("wp:author_display_name", "dc:creator"),
    "language": ("channel/language",),
    "associations": ("wp:attachment_url",),
}
REJECTS = {
    "not-published": "a draft, a private post, or one behind a password",
    "empty-item": "no title and no content",
    "cut-off": "the export ends in it",
}
KNOWN = "WordPress' exports, WXR 1.0 to 1.2"
_ALT, _THUMBNAIL = "_wp_attachment_image_alt", "_thumbnail_id"  # of wp:postmeta
_STORIES = {"post", "page"}
_NEVER = re.compile(r"0{4}-0{2}-0{2}")
_BLOCK = re.compile(
    r"\s{0,99}(?:</?(?:p|div|h[1-6]|ul|ol|li|table|thead|tbody|tr|td|th|blockquote|figure|figcaption|pre|hr|section|"
    r"article|aside|iframe|form|dl|dt|dd|address|details|video|audio)\b|<!--|\[/?[a-z])",
    re.IGNORECASE,
)
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"\n[ \t]{0,99}\n\s{0,999}")


Children = dict[str, list[Element]]


class _Site(NamedTuple):
    language: str | None
    names: dict[str, str]  # log-in → name shown
    pictures: dict[str, list[Image]]  # post id → what was uploaded to it
    by_id: dict[str, Image]


def claims(sniff: Sniff) -> bool:
    return sniff.root is not None and sniff.root.local == "rss" and "wxr_version>" in sniff.text[:200_000]


def parse(payload: Payload) -> Parsed:
    """One entry a published post or page. Raises Malformed if it is not XML; of a cut-off export, what is there."""
    document = xml_text(payload)
    broken: tuple[str, ...] = ()
    try:
        root = xml_root(payload)
    except OverLimit:
        raise
    except Malformed as e:
        root, broken = xml_root(payload, recover=True), (f"{e.why}; what can be read of it was taken",)
    is_cut = not document.text.rstrip().endswith(f"</{document.root.name}>")
    channel = next(iter(children(root).get("channel", [])), root)
    head = children(channel)
    check_count(head.get("item", []), "items", payload.url)
    items = [children(item) for item in head.get("item", [])]
    site = _site(head, items, payload)
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for number, item in enumerate(items, 1):
        if (_text(item, "post_type") or "post") not in _STORIES:
            continue
        place = f"item {number}" + (f" (post {_text(item, 'post_id')})" if _text(item, "post_id") else "")
        entry = _entry(item, site, payload)
        if is_cut and number == len(items):  # what ends inside an item looks like a shorter one
            rejects.append(Reject(code="cut-off", place=place, detail="the export ends in or after it"))
        elif why := _unpublished(item):
            rejects.append(Reject(code="not-published", place=place, detail=why))
        elif entry.headline or entry.html:
            entries.append(entry)
        else:
            rejects.append(Reject(code="empty-item", place=place, detail="no title and no content"))
    kinds = Counter(_text(item, "post_type") or "post" for item in items)
    left = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()) if kind not in _STORIES)
    link, title = _text(head, "link"), _text(head, "title")
    return Parsed(
        format="wxr",
        entries=tuple(entries),
        rejects=tuple(rejects),
        feed=FeedInfo(title=title, language=site.language, home_url=address_of(link, payload.url)),
        warnings=(*document.warnings, *broken, *((f"no stories, left out: {left}",) if left else ())),
    )


def _site(head: Children, items: list[Children], payload: Payload) -> _Site:
    names = {}
    for author in map(children, head.get("author", [])):
        login, given = _text(author, "author_login"), _text(author, "author_display_name")
        whole = " ".join(filter(None, (_text(author, "author_first_name"), _text(author, "author_last_name"))))
        if login:
            names[login] = given if given and given != login else whole or given or login
    pictures: dict[str, list[Image]] = {}
    by_id = {}
    for item in items:
        if _text(item, "post_type") == "attachment" and (image := _picture(item, payload)):
            pictures.setdefault(_text(item, "post_parent") or "0", []).append(image)
            by_id[_text(item, "post_id") or ""] = image
    pictures.pop("0", None)  # uploaded to no post
    return _Site(language_of(_text(head, "language"), payload.language), names, pictures, by_id)


def _picture(item: Children, payload: Payload) -> Image | None:
    url = address_of(_text(item, "attachment_url"), payload.url)
    if url is None or not re.search(r"\.(?:jpe?g|png|gif|webp|avif|svg|tiff?)$", url.partition("?")[0], re.IGNORECASE):
        return None
    return Image(url=url, caption=_encoded(item, "excerpt") or _encoded(item, "content"), alt=_meta(item, _ALT))


def _unpublished(item: Children) -> str | None:
    status = _text(item, "status") or "publish"
    if status != "publish":
        return f"its status is {status[:40]}"
    return "it has a password" if _text(item, "post_password") else None


def _entry(item: Children, site: _Site, payload: Payload) -> Entry:
    notes = Notes(payload.zone)
    html, excerpt = _encoded(item, "content"), _encoded(item, "excerpt") or text_of(_raw(item, "description"))
    url = address_of(_stated(item, "url"), payload.url)
    login = _stated(item, "byline")
    name = site.names.get(login, login) if login else None
    categories = item.get("category", [])
    tags = [text(one) for one in categories if one.get("domain") == "post_tag"]
    sections = [one for one in categories if one.get("domain") == "category" and one.get("nicename") != "uncategorized"]
    return Entry(
        guid=_stated(item, "guid"),
        url=url,
        headline=_stated(item, "headline"),
        summary_html=excerpt,
        is_abstract=excerpt is not None,
        html=_paragraphs(html) if html else None,
        is_full=html is not None,
        base_url=url or address_of(payload.url, ""),
        byline=name,
        authors=people_of([name]),
        language=site.language,
        published=_time(item, FIELDS["published"], notes),
        updated=_time(item, FIELDS["updated"], notes),
        keywords=unique(tags),
        subjects=tuple(Subject(scheme="category", code=one.get("nicename"), name=text(one)) for one in sections),
        category=next((name for name in map(text, sections) if name), None),
        images=tuple(dict.fromkeys(_images(item, site, payload))),
        associations=tuple(_files(item, payload)),
        warnings=tuple(notes.warnings),
    )


def _images(item: Children, site: _Site, payload: Payload) -> Iterator[Image]:
    """The one chosen to stand with it, what it says itself, what was uploaded to it."""
    if chosen := site.by_id.get(_meta(item, _THUMBNAIL) or ""):
        yield chosen
    if own := _picture(item, payload):
        yield own
    yield from site.pictures.get(_text(item, "post_id") or "", [])


def _files(item: Children, payload: Payload) -> Iterator[Association]:
    url = address_of(_text(item, "attachment_url"), payload.url)
    if url and not _picture(item, payload):
        yield Association(rel="attachment", url=url)


def _time(item: Children, names: tuple[str, ...], notes: Notes) -> datetime | None:
    """WordPress' `_gmt` times name no zone, and are zeros where there is none."""
    for name in (name.rpartition(":")[2] for name in names):
        said = _text(item, name)
        if said and not _NEVER.match(said):
            return notes.time(f"{said}Z" if name.endswith("_gmt") else said, name)
    return None


def _encoded(item: Children, prefix: str) -> str | None:
    """content:encoded and excerpt:encoded have one local name."""
    for one in item.get("encoded", []):
        if f"/{prefix}/" in str(one.tag):
            return text_of(one.text)
    return None


def _raw(item: Children, name: str) -> str | None:
    """The first that has text: atom:link and the like share a local name."""
    return next((one.text for one in item.get(name, []) if one.text), None)


def _stated(item: Children, field: str) -> str | None:
    return next((text for name in FIELDS[field] if (text := _text(item, name.rpartition(":")[2]))), None)


def _text(item: Children, name: str) -> str | None:
    return text_of(_raw(item, name))


def _meta(item: Children, key: str) -> str | None:
    pairs = (children(one) for one in item.get("postmeta", []))
    return next((_text(pair, "meta_value") for pair in pairs if _text(pair, "meta_key") == key), None)


def _paragraphs(html: str) -> str:
    """Blank lines as paragraphs and ends of line as breaks, as WordPress shows a text without marks for them."""
    parts = _PRE.split(html.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(part if part[:4].lower() == "<pre" else _marked(part) for part in parts)


def _marked(text: str) -> str:
    chunks = [chunk.strip("\n") for chunk in _BLANK.split(text) if chunk.strip()]
    return "\n".join(chunk if _BLOCK.match(chunk) else f"<p>{chunk.replace(chr(10), '<br>')}</p>" for chunk in chunks)
