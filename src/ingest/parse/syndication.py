"""RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, CDF, with Media RSS, Dublin Core, content, iTunes, slash and syndication.

Specs: RSS 2.0.11, RFC 4287, RSS 1.0 with its modules, Media RSS 1.5.1. Values stay as sent; cleaning is a later stage.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ingest.errors import Malformed
from ingest.model import Entry, FeedInfo, Link, Parsed, Payload, Reject, Rights, Subject
from ingest.parse.dialects import with_stated
from ingest.parse.feedreader import Feed, Media, Piece, read
from ingest.parse.fields import address_of, int_of, language_of, no_times, people_of, text_of, time_of, unique
from ingest.parse.media import attached
from ingest.parse.xmltext import xml_text

NAMES = ("syndication", "rss", "atom", "rdf", "cdf")
ROOTS = ("rss", "feed", "rdf", "channel", "entry")
# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "`guid`, Atom's `id`",
    "url": "`feedburner:origLink`, Atom's alternate, `link`, a permanent `guid`",
    "type": "that of an enclosed recording, or of Media RSS without a picture",
    "headline": "`title`, `dc:title`, else `media:title`",
    "summary_html": "`description`, `summary`, `itunes:summary` …, else `media:description`",
    "html": "`content:encoded`, Atom's `content`, `xhtml:body`; the longest, a teaser if there is no other",
    "byline": "`author`, `dc:creator`; in Atom else the feed's",
    "authors": "`author`, `dc:creator`; in Atom else the feed's",
    "language": "`xml:lang`, `dc:language`, else the feed's",
    "published": "`pubDate`, `published`, `dc:date`, `created`",
    "updated": "`updated`, `modified`, `dcterms:modified`",
    "embargoed_until": "`dcterms:valid`",
    "instruction": "the desk's words in an agency's note or slugline",
    "keywords": "`category`, `dc:subject`, `slash:section`",
    "subjects": "`category` of an IPTC scheme",
    "images": "`media:content`, `media:thumbnail`, picture `enclosure`, `itunes:image`; renditions of one are one",
    "rights.notice": "`rights`, `copyright`, `dc:rights`, `media:copyright`, else the feed's",
    "rights.usage_terms": "`media:license`, a link of the relation license",
    "provider": "`dc:publisher`, `source`",
    "links": "links of the relation related or via, other `enclosure`s",
}
REJECTS = {"empty-item": "there is nothing in it", "cut-off": "the feed ends inside it"}
KNOWN = "RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, CDF; the namespaces of AP's WebFeeds, WENN and PRISM"

_FULL = {"content:encoded", "content", "fullitem", "body", "xhtml:body", "xhtml:div"}
_TEASERS = {"description", "summary", "dc:description", "abstract", "itunes:summary", "itunes:subtitle", "subtitle"}
_TEXTUAL = {"text/html", "text/plain", "application/xhtml+xml", ""}
_MARKED_UP = re.compile(r"</(?:p|div|li|ul|ol|blockquote|h[1-6]|a|em|strong|td)>|<br\s{0,3}/?>", re.IGNORECASE)
_PERIODS_S = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_IPTC = re.compile(r"iptc\.org|medtop|subjectcode", re.IGNORECASE)
_RELATED = {"related", "via", "canonical"}


def parse(payload: Payload) -> Parsed:
    """Every item that can be read; a cut-off or empty one is a reject. Raises Malformed where there is no feed."""
    document = xml_text(payload)
    feed = read(document)
    if not feed.items and not feed.about and feed.warnings:
        raise Malformed(payload.url, feed.warnings[0], "look at the stored payload; the feed may be cut off")
    entries, rejects, nothing = [], [], _entry({}, feed, payload)
    for number, item in enumerate(feed.items, 1):
        entry = _entry(item, feed, payload)
        if stated := item.get("stated"):
            entry = with_stated(entry, stated, payload.zone)
        if entry == nothing:
            rejects.append(Reject(code="empty-item", place=f"item {number}", detail="there is nothing in it"))
        else:
            entries.append(entry)
    if feed.unfinished:
        rejects.append(Reject(code="cut-off", place=f"item {len(feed.items) + 1}", detail="the feed ends inside it"))
    return Parsed(
        format=feed.version or {"channel": "cdf"}.get(document.root.local, document.root.local),
        entries=tuple(entries),
        rejects=tuple(rejects),
        feed=_info(feed, payload),
        warnings=(*document.warnings, *feed.warnings),
    )


def _entry(item: dict[str, Any], feed: Feed, payload: Payload) -> Entry:
    texts: list[Piece] = item.get("texts", [])
    media: Media = item.get("media") or Media()
    body, summary, is_full = _body_and_summary(texts)
    url, base = _url(item, payload), _base(body, payload)
    files = attached(media, _enclosures(item), payload.url)
    spoken = [piece.language for piece in ((body,) if body else texts[:1])]
    language = language_of(item.get("language"), *spoken, feed.about.get("language"), payload.language)
    byline, authors = _people(item, feed)
    published, updated = _times(item, payload.zone)
    return Entry(
        guid=text_of(item.get("id")),
        url=url,
        type=files.type,
        headline=_first(texts, {"title", "dc:title"}) or _from_media(media, "title"),
        summary_html=summary.value if summary else None if body else _from_media(media, "description"),
        html=body.value if body else None,
        html_is_text=bool(body and _is_plain(body)),
        is_full=is_full,
        base_url=base or url or address_of(payload.url, ""),
        byline=byline,
        authors=authors,
        language=language,
        published=published,
        updated=updated,
        embargoed_until=time_of(item.get("validity_start"), payload.zone),
        keywords=_keywords(item),
        subjects=_subjects(item),
        images=files.images,
        rights=_rights(item, feed),
        provider=_provider(item, feed),
        links=_links(item, files.links, payload),
        warnings=_unread_times(item, payload.zone),
    )


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _body_and_summary(texts: list[Piece]) -> tuple[Piece | None, Piece | None, bool]:
    """The longest text, the first teaser, and whether the publisher sent any text as the whole story.

    Longest, because content:encoded now and then holds less than the description beside it.
    """
    full = [piece for piece in texts if piece.element in _FULL and piece.type in _TEXTUAL]
    teasers = [piece for piece in texts if piece.element in _TEASERS]
    body = max([*full, *teasers], key=lambda piece: len(piece.value), default=None)
    summary = next((piece for piece in teasers if piece is not body or not full), None)
    return body, summary, bool(full)


def _first(texts: Iterable[Piece], elements: set[str]) -> str | None:
    return next((piece.value for piece in texts if piece.element in elements), None)


def _from_media(media: Media, kind: str) -> str | None:
    """Video channels describe their items in media:group only."""
    return next((text for one in (media, *media.inside) for text in one.texts.get(kind, [])), None)


def _is_plain(piece: Piece) -> bool:
    """Atom's default type is text; those who send markup without saying html are believed by their markup."""
    return piece.type == "text/plain" and not _MARKED_UP.search(piece.value[:20_000])


def _base(body: Piece | None, payload: Payload) -> str | None:
    """xml:base where the feed sets one; else relative links are the story page's, not the feed's."""
    return address_of(body.base, payload.url) if body and body.base else None


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────────────────


def _url(item: dict[str, Any], payload: Payload) -> str | None:
    """The story's page: FeedBurner's original link, an HTML alternate, RSS's link, or a permanent guid."""
    alternates = [
        link.get("href")
        for link in item.get("links", [])
        if link.get("rel") == "alternate" and "html" in (link.get("type") or "html")
    ]
    candidates = (
        item.get("feedburner_origlink"), *alternates, item.get("link"), item.get("permalink"), item.get("content_src"),
    )  # fmt: skip
    return next((url for url in (address_of(one, payload.url) for one in candidates) if url), None)


def _enclosures(item: dict[str, Any]) -> list[dict[str, str]]:
    files = [link for link in item.get("links", []) if link.get("rel") == "enclosure"]
    image = item.get("image")  # itunes:image
    if isinstance(image, dict) and image.get("href"):
        files.append({"href": image["href"], "medium": "image"})
    return files


def _links(item: dict[str, Any], files: tuple[Link, ...], payload: Payload) -> tuple[Link, ...]:
    related = [
        Link(url=url, text=text_of(link.get("title")))
        for link in item.get("links", [])
        if (url := address_of(link.get("href"), payload.url)) and link.get("rel") in _RELATED
    ]
    return tuple({link.url: link for link in (*related, *files)}.values())


# ── people, times, words ────────────────────────────────────────────────────────────────────────────────────────


def _people(item: dict[str, Any], feed: Feed) -> tuple[str | None, tuple[str, ...]]:
    """The byline as printed and the names in it. Atom's entries inherit authors (RFC 4287, 4.2.1); RSS's do not."""
    sources = [item]
    if feed.version.startswith("atom"):
        sources += [item.get("source") or {}, feed.about]
    for one in sources:
        printed = unique(text_of(a.get("name")) or text_of(a.get("email")) for a in one.get("authors", []) if a)
        if printed:
            return ", ".join(printed), people_of(printed)
    return None, ()


def _times(item: dict[str, Any], zone: str) -> tuple[datetime | None, datetime | None]:
    """Published and updated. dc:date is the only date of most RDF feeds; Atom 0.3's `created` comes last."""
    # dict.get: feedparser's own answers "updated" with "published"
    published = (time_of(dict.get(item, key), zone) for key in ("published", "dc_date", "created"))
    return next((when for when in published if when), None), time_of(dict.get(item, "updated"), zone)


def _unread_times(item: dict[str, Any], zone: str) -> tuple[str, ...]:
    return no_times({key: dict.get(item, key) for key in ("published", "dc_date", "updated")}, zone)


def _keywords(item: dict[str, Any]) -> tuple[str, ...]:
    tags = [text_of(tag.get("label")) or text_of(tag.get("term")) for tag in item.get("tags", []) if not _is_iptc(tag)]
    return unique([*tags, text_of(item.get("slash_section"))])


def _subjects(item: dict[str, Any]) -> tuple[Subject, ...]:
    """Categories whose scheme is one of IPTC's, each once."""
    found = (
        Subject(scheme=text_of(tag.get("scheme")), code=text_of(tag.get("term")), name=text_of(tag.get("label")))
        for tag in item.get("tags", [])
        if _is_iptc(tag)
    )
    return tuple(dict.fromkeys(found))


def _is_iptc(tag: dict[str, Any]) -> bool:
    return bool(_IPTC.search(f"{tag.get('scheme') or ''} {(tag.get('term') or '')[:100]}"))


# ── rights and provider ─────────────────────────────────────────────────────────────────────────────────────────


def _rights(item: dict[str, Any], feed: Feed) -> Rights:
    """The item's own notice, else its media's, else its source's, else the feed's. Licences are usage terms."""
    media = item.get("media") or Media()
    licences = [link["href"] for link in item.get("links", []) if link.get("rel") == "license" and link.get("href")]
    source = item.get("source") or {}
    notice = item.get("rights"), _from_media(media, "copyright"), source.get("rights"), feed.about.get("rights")
    return Rights(
        notice=next((text for text in map(text_of, notice) if text), None),
        usage_terms=_from_media(media, "license") or next(iter(licences), None),
    )


def _provider(item: dict[str, Any], feed: Feed) -> str | None:
    source = item.get("source") or {}
    named = item.get("dc_publisher"), source.get("title"), feed.about.get("dc_publisher")
    return next((name for name in map(text_of, named) if name), None)


# ── the feed itself ─────────────────────────────────────────────────────────────────────────────────────────────


def _info(feed: Feed, payload: Payload) -> FeedInfo:
    about = feed.about
    links = [(link.get("rel") or "", address_of(link.get("href"), payload.url)) for link in about.get("links", [])]
    rels = {rel: url for names, url in reversed(links) for rel in names.split() if url}
    hours = {hour % 24 for hour in map(int_of, about.get("skip_hours", [])) if hour is not None and hour <= 24}
    return FeedInfo(
        title=_first(about.get("texts", []), {"title"}),
        language=language_of(about.get("language"), payload.language),
        self_url=rels.get("self"),
        home_url=address_of(about.get("link"), payload.url),
        hub_url=rels.get("hub"),
        next_url=rels.get("next"),
        archive_url=rels.get("prev-archive"),
        generator=text_of(about.get("generator")),
        ttl_s=_ttl_s(about),
        skip_hours=tuple(sorted(hours)),
        skip_days=unique(text_of(day) for day in about.get("skip_days", [])),
    )


def _ttl_s(about: dict[str, Any]) -> int | None:
    """RSS's ttl is in minutes; RSS 1.0's module gives a period and how often in it."""
    if minutes := int_of(about.get("ttl")):
        return minutes * 60
    period = _PERIODS_S.get((text_of(about.get("sy_updateperiod")) or "").lower())
    return period // max(1, int_of(about.get("sy_updatefrequency")) or 1) if period else None
