"""Stories: the biggest and the newest, and one with its copies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from ingest.errors import NotStored
from ingest.model import Article
from ingest.newsroom.charts import Dot
from ingest.newsroom.reading import EVERYTHING, Days, landed_between, reader_of, remembered, versions_of
from ingest.pipeline import Workspace
from ingest.read import Reader
from ingest.state.database import read
from ingest.state.stories import KEEP_TEXTS, Standing, standing_of
from ingest.state.tables import story_members
from ingest.story_view import told
from ingest.word_diff import Change, word_diff

LIMIT, CHANGES, DIFFED = 50, 12, 20
_COLUMNS = ("story_id", "article_id", "source_id", "headline", "duplicate_of", "published", "fetched_at", "landed_at")
Order = Literal["biggest", "newest"]


@dataclass(frozen=True)
class Line:
    """`articles` and `sources` are how many landed in the time that is looked at."""

    story_id: str
    headline: str
    articles: int
    sources: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class Member:
    article: Article
    is_canonical: bool
    is_killed: bool
    relation: str
    why: str | None
    passages: tuple[str, ...]
    changes: tuple[Change, ...] | None  # beside the canonical item; None if there is nothing to compare
    more_changes: bool


@dataclass(frozen=True)
class One:
    standing: Standing
    headline: str
    members: tuple[Member, ...]
    versions: int

    @property
    def dots(self) -> tuple[Dot, ...]:
        times = [(m.article.published or m.article.fetched_at, m) for m in self.members]
        return tuple(
            Dot(
                at,
                m.article.source_id,
                "killed" if m.is_killed else m.relation,
                f"{m.article.source_id}, {at:%Y-%m-%d %H:%M} UTC, {m.relation}: {m.article.headline or ''}",
            )
            for at, m in times
            if at is not None
        )


def listed(
    ws: Workspace, now: datetime, *, order: Order = "biggest", days: int = 3, text: str | None = None
) -> list[Line]:
    """Of the articles that landed in the last days."""
    rows, grouped = remembered(ws, now, ("stories", days), lambda reader: _grouped(reader, days))
    if text is not None:
        hits = pc.fill_null(pc.match_substring(rows["headline"], text, ignore_case=True), False)
        named = pc.unique(rows.filter(hits)["story_id"])
        grouped = grouped.filter(pc.is_in(grouped["story_id"], value_set=named))
    first = "article_id_count" if order == "biggest" else "landed_at_max"
    keys = [(first, "descending"), ("at_max", "descending"), ("story_id", "ascending")]
    chosen = grouped.sort_by(keys).slice(0, LIMIT)
    headlines = _headlines(rows, chosen["story_id"])
    return [_line(row, headlines) for row in chosen.to_pylist()]


def one(ws: Workspace, story_id: str, now: datetime, near: date | None = None) -> One:
    """`near` is a day on which it had an article: for one that the index has forgotten. Raises NotStored."""
    with read(ws.engine) as conn:
        standing = standing_of(conn, story_id)
        ids = list(
            conn.scalars(select(story_members.c.article_id).where(story_members.c.story_id == standing.story_id))
        )
    days = landed_between(ws, ids) or (near and around(near))
    several = list(versions_of(reader_of(ws, now), days, ({"story": id_} for id_ in standing.ids))) if days else []
    if not several:
        hint = "it was taken down, or deleted; or it is old, and found from one of its articles"
        raise NotStored(story_id, "no article of it is known", hint)
    latest = {a.article_id: a for a in sorted(several, key=lambda a: a.version)}
    ordered = sorted(latest.values(), key=lambda a: (a.article_id != standing.canonical, *_turn(a)))
    lead = ordered[0]
    members = tuple(_member(article, lead, standing, number) for number, article in enumerate(ordered))
    return One(standing, lead.headline or lead.slugline or "(no headline)", members, len(several))


def _grouped(reader: Reader, days: int) -> tuple[pa.Table, pa.Table]:
    """The articles, and a row a story."""
    rows = reader.current(_COLUMNS, since=reader.now - timedelta(days=days), include=EVERYTHING).arrow()
    rows = rows.filter(pc.is_valid(rows["story_id"]))
    rows = rows.append_column("at", pc.coalesce(rows["published"], rows["fetched_at"]))
    counts = [
        ("article_id", "count"),
        ("source_id", "count_distinct"),
        ("at", "min"),
        ("at", "max"),
        ("landed_at", "max"),
    ]
    return rows, rows.group_by("story_id").aggregate(counts)


def around(day: date) -> Days:
    """When articles may have landed that are in one story with one of this day."""
    noon = datetime.combine(day, time(12), UTC)
    return Days(noon - timedelta(days=KEEP_TEXTS), noon + timedelta(days=KEEP_TEXTS))


def _turn(article: Article) -> tuple[bool, str, str]:
    at = article.published or article.fetched_at
    return article.duplicate_of is not None, at.isoformat() if at else "", article.article_id


def _member(article: Article, lead: Article, standing: Standing, number: int) -> Member:
    is_lead = article is lead
    comparable = not is_lead and number <= DIFFED and article.body_text and lead.body_text
    changes = list(islice(word_diff(lead.body_text, article.body_text), CHANGES + 1)) if comparable else None
    evidence = article.evidence
    return Member(
        article=article,
        is_canonical=is_lead,
        is_killed=article.article_id in standing.killed or article.pub_status == "canceled",
        relation="canonical" if is_lead else _relation(article),
        why=told(evidence) if evidence else None,
        passages=tuple(passage[:200] for passage in evidence.passages[:3]) if evidence else (),
        changes=None if changes is None else tuple(changes[:CHANGES]),
        more_changes=changes is not None and len(changes) > CHANGES,
    )


def _relation(article: Article) -> str:
    """One that was the canonical item when it landed, and is no longer, stands beside the one that is."""
    return "copy" if article.relation in (None, "canonical") else article.relation


def _headlines(rows: pa.Table, story_ids: pa.ChunkedArray) -> dict[str, str]:
    """Of the item that is nobody's duplicate, else of any."""
    some = rows.filter(pc.is_in(rows["story_id"], value_set=story_ids.combine_chunks()))
    some = some.filter(pc.is_valid(some["headline"])).select(["story_id", "headline", "duplicate_of", "at"])
    turn = sorted(some.to_pylist(), key=lambda row: (row["duplicate_of"] is None, str(row["at"])))
    return {row["story_id"]: row["headline"] for row in turn}


def _line(row: dict[str, Any], headlines: dict[str, str]) -> Line:
    id_ = row["story_id"]
    return Line(
        story_id=id_,
        headline=headlines.get(id_, "(no headline)"),
        articles=row["article_id_count"],
        sources=row["source_id_count_distinct"],
        first_at=row["at_min"],
        last_at=row["at_max"],
    )
