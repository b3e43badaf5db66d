"""Entry → Article: the order of the cleaning steps. Each step takes pieces and gives back pieces and what it found."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from ingest.clean.agencies import agency_of, is_agency_name, provider_of
from ingest.clean.boilerplate import sift
from ingest.clean.byline import Byline, given_authors, given_byline, take_byline
from ingest.clean.captions import with_captions
from ingest.clean.dateline import Found, take_dateline
from ingest.clean.desk import status_of, take_notes
from ingest.clean.headline import take_headline, without_repeats
from ingest.clean.images import merged_images
from ingest.clean.language import language_of
from ingest.clean.learned import NOTHING, Learned, take_learned
from ingest.clean.normalise import field_text, one_line, same, word_count
from ingest.clean.pieces import Body, Piece, join_text
from ingest.clean.plaintext import looks_like_html, text_body
from ingest.clean.quality import POOR, quality_of
from ingest.clean.render import block_of, html_of, links_of
from ingest.clean.rights import merged_rights
from ingest.clean.signed import CREDIT_LINES
from ingest.clean.walk import html_body
from ingest.errors import NoContent
from ingest.model import (
    Article,
    Entry,
    Extraction,
    RawRef,
    Removed,
    Source,
    article_id_of,
    content_hash_of,
)
from ingest.urls import canonical_url

_PARAGRAPH = re.compile(r"</?p>")
_NEAR = 2000  # characters of the body before the words that a teaser repeats: promotion, captions, a byline
_TELLING = 40  # characters that are in two texts by no chance
VERSION = "3"  # rises when the same entry would come out otherwise


class _Cleaned(NamedTuple):
    """The body after all steps, and what the steps found in it."""

    pieces: tuple[Piece, ...]
    removed: tuple[Removed, ...]
    warnings: tuple[str, ...]
    headline: str | None
    byline: Byline | None
    dateline: Found | None
    ed_note: str | None


_NOTHING = _Cleaned((), (), (), None, None, None, None)


def clean(
    entry: Entry,
    source: Source,
    *,
    learned: Learned = NOTHING,
    fetched_at: datetime | None = None,
    raw: RawRef | None = None,
) -> Article:
    """Make the article that lands from an item as published. Same entry in, same article out: no clock, no network.

    `learned` are the rules for what the source repeats (`learned.in_force`).

    Raises NoContent if the item has no headline, no text, no image, and is no withdrawal either.
    """
    url = canonical_url(entry.url, entry.base_url)
    base = entry.base_url or url
    read = _read(entry.html, is_text=entry.html_is_text, base=base, source=source)
    body = _cleaned(read, entry, source, learned, is_text=entry.html_is_text)
    teaser = _teaser(entry, source, learned, base, read)
    kept = tuple(piece for piece in body.pieces if piece.kind != "image")
    body_text = join_text(kept)
    summary = _summary(teaser, entry, body_text)
    headline = field_text(entry.headline) or body.headline or teaser.headline
    subheadline = field_text(entry.subheadline)
    ed_note = " ".join(dict.fromkeys(filter(None, (field_text(entry.ed_note), body.ed_note, teaser.ed_note)))) or None
    pub_status = status_of(entry.pub_status, headline, ed_note)
    shown = body.pieces if entry.is_abstract else (*body.pieces, *teaser.pieces)  # a wire's abstract shows no picture
    images, repeated = merged_images(shown, entry.images, base)
    if not (headline or kept or images or summary or pub_status != "usable"):
        raise NoContent(
            entry.url or entry.guid or source.id,
            "no headline, no text and no image is left after cleaning",
            "look at the raw item; a source rule may take out too much",
        )
    removed = _once((*entry.removed, *body.removed, *teaser.removed, *repeated))
    words = word_count(body_text)
    image_urls = tuple(image.url for image in images if image.url)
    content_hash = content_hash_of(headline, subheadline, body_text, pub_status, ed_note, image_urls)
    guid = entry.guid or url or f"hash:{content_hash}"
    credit_line = next((item.text for item in removed if item.rule in CREDIT_LINES), None)
    rights = merged_rights(removed, entry.rights, source.rights, credit_line)
    byline = given_byline(entry.byline) or given_byline(body.byline.text if body.byline else None)
    extraction, poor = _judged(entry, body, removed, headline, words, has_image=bool(images))
    return Article(
        article_id=article_id_of(source.id, guid, entry.provider_version),
        source_id=source.id,
        provider=_provider(entry, source, body, rights.holder),
        guid=guid,
        provider_version=entry.provider_version,
        url=url,
        type=entry.type,
        pub_status=pub_status,
        headline=headline,
        subheadline=subheadline,
        slugline=field_text(entry.slugline),
        summary=summary,
        byline=byline,
        authors=_authors(entry, source, body),
        dateline=entry.dateline or (body.dateline.dateline if body.dateline else None),
        language=language_of((entry.language, source.language), body_text, words),
        published=entry.published,
        updated=entry.updated,
        embargoed_until=entry.embargoed_until,
        fetched_at=fetched_at,
        urgency=entry.urgency,
        genre=field_text(entry.genre),
        keywords=_texts(entry.keywords),
        subjects=entry.subjects,
        ed_note=ed_note,
        contributors=entry.contributors,
        info_sources=entry.info_sources,
        places=entry.places,
        category=entry.category,
        priority=entry.priority,
        provider_sequence=entry.provider_sequence,
        instruction=entry.instruction,
        expires=entry.expires,
        take=entry.take,
        associations=entry.associations,
        private_note=field_text(entry.private_note),
        blocks=tuple(block for block in map(block_of, kept) if block),
        body_text=body_text,
        body_html=html_of(kept),
        word_count=words,
        images=images,
        rights=rights,
        removed=removed,
        links=links_of(kept, entry.links),
        content_hash=content_hash,
        raw=raw,
        extraction=extraction,
        warnings=(*entry.warnings, *body.warnings, *poor),
    )


def clean_fragment(text_or_html: str, *, url: str | None = None, is_text: bool | None = None) -> Article:
    """Clean a fragment that comes without an entry. Whether it is HTML is seen from its tags if `is_text` is None.

    Raises NoContent if there is nothing in it.
    """
    plain = not looks_like_html(text_or_html) if is_text is None else is_text
    entry = Entry(url=url, html=text_or_html, html_is_text=plain, is_full=True)
    return clean(entry, Source(id="fragment", name="A fragment", urls=()))


def _judged(
    entry: Entry, body: _Cleaned, removed: tuple[Removed, ...], headline: str | None, words: int, *, has_image: bool
) -> tuple[Extraction, tuple[str, ...]]:
    """How the text was had and how good it is, with a warning if it is poor. A page was judged when it was read."""
    method = "text" if entry.html_is_text else "feed"
    extraction = entry.extraction or Extraction(method=method, version=VERSION)
    if extraction.quality is not None or entry.pub_status != "usable":
        return extraction, ()
    score, doubts = quality_of(body.pieces, removed, headline=headline, words=words, has_image=has_image)
    poor = (f"poor-text: {', '.join(doubts)}",) if score < POOR else ()
    return Extraction(method=extraction.method, version=extraction.version, quality=score), poor


def _read(html: str | None, *, is_text: bool, base: str | None, source: Source) -> Body:
    if not html:
        return Body()
    return text_body(html) if is_text else html_body(html, base, source.rules)


def _cleaned(body: Body, entry: Entry, source: Source, learned: Learned, *, is_text: bool) -> _Cleaned:
    pieces, sifted = sift(body.pieces, source.rules)
    pieces, repeated = take_learned(pieces, learned)
    pieces, repeats = without_repeats(pieces, entry)
    pieces, byline = take_byline(pieces, entry.byline or (entry.authors[0] if len(entry.authors) == 1 else None))
    pieces = with_captions(pieces)
    headline = None
    if not entry.headline:
        pieces, headline = take_headline(pieces, is_text=is_text)
        if headline and not byline:
            pieces, byline = take_byline(pieces, None)
    pieces, dateline = take_dateline(pieces)
    pieces, ed_note = take_notes(pieces)
    taken: list[Removed] = []
    if byline:
        taken.append(Removed(kind="byline", text=byline.text, rule="byline"))
    if dateline:
        taken.append(Removed(kind="dateline", text=dateline.dateline.text, rule="dateline"))
    removed = (*body.removed, *sifted, *repeated, *repeats, *taken)
    return _Cleaned(pieces, removed, body.warnings, headline, byline, dateline, ed_note)


def _teaser(entry: Entry, source: Source, learned: Learned, base: str | None, body: Body) -> _Cleaned:
    """The summary, cleaned as a body is: some feeds put the whole story there."""
    html = entry.summary_html
    if not html or html == entry.html:
        return _NOTHING
    is_text = not looks_like_html(html)
    if not entry.is_abstract and not is_text and _has(body, _PARAGRAPH.sub(" ", html)):
        return _NOTHING
    teaser = _read(html, is_text=is_text, base=base, source=source)
    if not entry.is_abstract and _repeats(body, teaser):
        return _NOTHING
    return _cleaned(teaser, entry, source, learned, is_text=is_text)


def _repeats(body: Body, teaser: Body) -> bool:
    """Whether a teaser is but words that the body has near its start, as most are: then it says nothing of its own."""
    if teaser.removed or any(piece.kind == "image" for piece in teaser.pieces):
        return False
    return _has(body, join_text(teaser.pieces, " "))


def _has(body: Body, teaser: str) -> bool:
    text = one_line(teaser).rstrip(" .…[]&")
    if not text or "<" in text:
        return False
    near = one_line(join_text(body.pieces[:12], " ")[: len(text) + _NEAR])
    return near.startswith(text) if len(text) < _TELLING else text in near


def _summary(teaser: _Cleaned, entry: Entry, body_text: str) -> str | None:
    """The summary as a wire states it, as plain text; None for a feed's teaser that repeats the body or headline."""
    if entry.is_abstract:
        return one_line(join_text(html_body(entry.summary_html or "").pieces, " ")) or None
    text = one_line(join_text(teaser.pieces, " "))
    if not text or same(text) == same(entry.headline):
        return None
    near = body_text[: 2 * len(text) + 2000]
    said = [piece.text for piece in teaser.pieces if piece.kind != "image" and piece.text.rstrip(" ….") not in near]
    key = same(near) if said else ""
    return text if said and not all(same(part) in key for part in said) else None


def _once(removed: tuple[Removed, ...]) -> tuple[Removed, ...]:
    return tuple({(item.kind, item.text, item.rule): item for item in removed}.values())


def _texts(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(field_text, values) if text))


def _authors(entry: Entry, source: Source, body: _Cleaned) -> tuple[str, ...]:
    """People, and whoever else signed, but not the paper itself."""
    given = given_authors(given_byline(entry.byline), entry.authors) or (body.byline.authors if body.byline else ())
    given = given or (body.dateline.authors if body.dateline else ())
    return tuple(name for name in given if same(name) != same(source.name))


def _provider(entry: Entry, source: Source, body: _Cleaned, holder: str | None) -> str | None:
    """Who made the story: as the item states it, as its dateline, notice or byline shows, else as the source says.

    A paper that states its own name says nothing: so do its pages of what an agency wrote.
    """
    stated = field_text(entry.provider)
    if stated and same(stated) != same(source.name):
        known = agency_of(stated)
        return known.name if known else stated
    found = (body.dateline.provider if body.dateline else None) or provider_of(holder)
    byline = body.byline.provider if body.byline else provider_of(entry.byline)
    other = holder if holder and same(holder) != same(source.name) and is_agency_name(holder) else None
    return found or byline or other or source.provider or (body.dateline.code if body.dateline else None)
