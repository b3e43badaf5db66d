"""Articles: the newest, and one as it landed beside what came in."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.errors import IngestError, NotStored
from ingest.land.raw import read_raw
from ingest.model import Article, Payload
from ingest.newsroom.reading import landed_between, newest, reader_of, remembered, versions_of
from ingest.pipeline import Workspace
from ingest.read.reader import Filters

LIMIT = 50
_COLUMNS = (
    "article_id", "version", "source_id", "headline", "slugline", "language", "published", "pub_status",
    "embargoed_until", "word_count", "story_id", "landed_at",
)  # fmt: skip
_BEFORE, _SHOWN = 1_500, 30_000  # characters of what came in
_TAG = re.compile(r"<[^<>]{0,4000}>")
_PROBE = 48
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]{0,100}?encoding=["']([A-Za-z0-9._-]{1,40})["']""")


@dataclass(frozen=True)
class Search:
    text: str | None = None
    source: str | None = None
    language: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Line:
    article_id: str
    version: int
    source_id: str
    headline: str
    language: str | None
    published: datetime | None
    state: str  # usable, embargoed, withheld, canceled
    word_count: int
    story_id: str | None
    landed_at: datetime


@dataclass(frozen=True)
class Found:
    rows: tuple[Line, ...]
    more: bool


@dataclass(frozen=True)
class Came:
    """What came over the wire: a part of it, as text. `why_not` if it cannot be shown."""

    payload: Payload | None = None
    text: str = ""
    cut_before: int = 0
    cut_after: int = 0
    why_not: str | None = None


@dataclass(frozen=True)
class Piece:
    """A line of the text in reading order; one with a `rule` was taken out."""

    kind: str
    text: str
    rule: str | None = None
    level: int | None = None
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class One:
    article: Article
    versions: tuple[Article, ...]
    came: Came
    pieces: tuple[Piece, ...]

    @property
    def facts(self) -> tuple[tuple[str, object], ...]:
        a, rights = self.article, self.article.rights
        told: tuple[tuple[str, object], ...] = (
            ("Byline", a.byline),
            ("Authors", ", ".join(a.authors)),
            ("Dateline", a.dateline.text if a.dateline else None),
            ("Provider", a.provider),
            ("Published", a.published),
            ("Updated", a.updated),
            ("Embargoed until", a.embargoed_until),
            ("Language", a.language),
            ("Subjects", ", ".join(s.name or s.code or "" for s in a.subjects)),
            ("Keywords", ", ".join(a.keywords)),
            ("Editor's note", a.ed_note),
            ("Rights", rights.holder and f"© {rights.year or ''} {rights.holder}".replace("  ", " ")),
            ("Notice", rights.notice),
            ("Credit line", rights.credit_line),
            ("Distributor", rights.distributor),
            ("Usage terms", rights.usage_terms),
            ("Address", a.url),
            ("GUID", a.guid),
            ("Extraction", a.extraction and f"{a.extraction.method} {a.extraction.version}"),
            ("Warnings", "; ".join(a.warnings)),
        )
        return tuple((name, value) for name, value in told if value)


def listed(ws: Workspace, search: Search, now: datetime, limit: int = LIMIT) -> Found:
    wanted = {"source": search.source, "language": search.language, "status": search.status}
    filters = Filters(**{name: value for name, value in wanted.items() if value is not None})  # type: ignore[typeddict-item]
    rows, more = remembered(ws, now, (search, limit), lambda r: newest(r, _COLUMNS, filters, limit, search.text))
    return Found(tuple(_line(dict(row), now) for row in rows), more)


def versions(ws: Workspace, article_id: str, now: datetime) -> tuple[Article, ...]:
    """The newest first. Raises NotStored if there is none."""
    days = landed_between(ws, [article_id])
    found = list(versions_of(reader_of(ws, now), days, [{"article": article_id}])) if days else []
    if not found:
        raise NotStored(article_id, "no such article", "it may have been taken down, or deleted by its retention")
    return tuple(sorted(found, key=lambda a: -a.version))


def chosen(several: Sequence[Article], version: int | None) -> Article:
    """Raises NotStored for a version that never was."""
    for article in several:
        if version in (None, article.version):
            return article
    raise NotStored(f"{several[0].article_id} version {version}", "no such version")


def one(ws: Workspace, article_id: str, now: datetime, version: int | None = None) -> One:
    """Raises NotStored."""
    several = versions(ws, article_id, now)
    article = chosen(several, version)
    came = came_of(ws, article)
    return One(article, several, came, in_reading_order(article, came.text))


def came_of(ws: Workspace, article: Article) -> Came:
    """The part of the payload that the article is in."""
    if article.raw is None:
        return Came(why_not="no bytes are kept of it")
    try:
        payload = read_raw(ws.store, article.raw)
    except IngestError as e:
        return Came(why_not=str(e))
    return part_of(payload, article)


def part_of(payload: Payload, article: Article) -> Came:
    text = decoded(payload)
    needles = (article.guid, article.url, article.headline, article.slugline)
    places = (text.find(form) for needle in needles if needle for form in (needle, html.escape(needle, quote=False)))
    at = next((place for place in places if place >= 0), 0)
    start = max(0, at - _BEFORE)
    start = max(start, *(text.rfind(tag, start, at) for tag in ("<item", "<entry", "<newsItem"))) if start < at else at
    end = min(len(text), start + _SHOWN)
    for tag in ("</item>", "</entry>", "</newsItem>"):
        place = text.find(tag, at, end)
        end = place + len(tag) if place >= 0 else end
    return Came(payload, text[start:end], start, len(text) - end)


def decoded(payload: Payload) -> str:
    """As text, whatever it is: bytes that are none are shown as such."""
    return payload.body.decode(encoding_of(payload), "backslashreplace")


def encoding_of(payload: Payload) -> str:
    """As its headers say, else as its XML declaration does, else UTF-8. A name that means nothing counts as none."""
    named = {name.lower(): value for name, value in payload.headers}.get("content-type", "")
    declared = _DECLARED.match(payload.body[:200])
    said = named.rpartition("charset=")[2].strip("\"' ") if "charset=" in named else ""
    for name in (said, declared[1].decode() if declared else "", "utf-8"):
        try:
            "".encode(name)
            b"".decode(name)
        except (LookupError, ValueError):
            continue
        if name:
            return name
    return "utf-8"


def in_reading_order(article: Article, came: str) -> tuple[Piece, ...]:
    """The blocks as they landed, with what was taken out put where it stood, as far as it is found there."""
    plain = _plain(came)
    blocks = [Piece(b.kind, b.text, None, b.level, b.items, b.rows) for b in article.blocks]
    removed = [Piece(r.kind, r.text, r.rule) for r in article.removed]
    probes = [_plain(piece.text)[:_PROBE] for piece in blocks]
    # the first words may stand in a teaser too, before or behind the text: where most of the blocks follow, it begins
    starts = {plain.find(probes[0]), plain.rfind(probes[0])} if probes else set[int]()
    places = max((_places(plain, probes, max(start, 0)) for start in sorted(starts)), key=len, default={})
    begins = min(places.values(), default=0)
    order: list[tuple[int, int, Piece]] = []
    last = begins
    for number, piece in enumerate(blocks):
        last = places.get(number, last)
        order.append((last, number, piece))
    for piece in removed:
        probe = _plain(piece.text)[:_PROBE]
        found = plain.find(probe, begins)
        found = found if found >= 0 else plain.find(probe)
        order.append((found if found >= 0 else len(plain), len(order), piece))
    return tuple(piece for *_, piece in sorted(order, key=lambda one: one[:2]))


def _places(plain: str, probes: Sequence[str], start: int) -> dict[int, int]:
    """Where the blocks are, one behind the other; by their number, of those that are found."""
    found: dict[int, int] = {}
    for number, probe in enumerate(probes):
        if probe and (place := plain.find(probe, start)) >= 0:
            found[number] = start = place
    return found


def _plain(text: str) -> str:
    """Without tags and spaces, which cleaning changes. Twice unescaped: a feed has HTML within XML."""
    bare = _TAG.sub(" ", html.unescape(_TAG.sub(" ", html.unescape(text.replace("<![CDATA[", " ")))))
    return "".join(bare.split())


def _line(row: dict[str, object], now: datetime) -> Line:
    headline, slugline, until = row.pop("headline"), row.pop("slugline"), row.pop("embargoed_until")
    status = row.pop("pub_status")
    is_held = isinstance(until, datetime) and until > now and status == "usable"
    state = "embargoed" if is_held else str(status)
    return Line(headline=str(headline or slugline or "(no headline)"), state=state, **row)  # type: ignore[arg-type]
