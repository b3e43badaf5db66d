"""A state database that was lost, or is an older copy, made again from the store: its table and its reports.

Each run of the table that the state does not know is applied as it was when it landed, in its turn. All in one
transaction: no run begins with half a state. What no store has is gone: see `LOST`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from ingest import dedupe
from ingest.dedupe.placing import placed
from ingest.land import staging
from ingest.land.read import Query, read_articles
from ingest.land.store import Store
from ingest.learning import Landed, learn_from
from ingest.model import Article, Model, to_json
from ingest.report import RunReport
from ingest.state.database import write
from ingest.state.models import ItemRow, RunOutcome, VersionRow
from ingest.state.runs import apply_run, landed_ids, lock_landing, mark_landing, start_run
from ingest.state.stories import KEEP_TEXTS, SqlIndex, expire, save_members
from ingest.state.takedowns import save_tombstone
from ingest.takedown import tombstone
from ingest.takedown.tombstone import Tombstone
from ingest.verify.landed import LandedRun, in_turn

LOST = (
    "validators: each feed is asked once more for all it has, and lands nothing of it again",
    "items that waited for their page: tried again when their feed shows them",
    "rules that were undone by hand: `ingest sources rules` lists what was learned again",
    "the history of sources' health, and subscriptions at hubs, which are asked for again",
)
_UNDECIDED = dict.fromkeys(("story_id", "relation", "duplicate_of", "similarity", "evidence"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rebuilt(Model):
    """What a rebuild did. `unfinished` are runs that were killed while they landed: the next run completes them."""

    runs: int
    articles: int
    reports_missing: int
    takedowns: int
    known_before: int
    unfinished: tuple[str, ...] = ()


def rebuild(
    store: Store, engine: Engine, now: datetime, index_days: int, progress: Callable[[str], None] = lambda _: None
) -> Rebuilt:
    """Apply every run of the table that the state does not know. Again is fine; runs that land meanwhile wait.

    Raises NotStored without a table, StateError for a state that is not set up.
    """
    runs, reports = in_turn(store)
    staged, today = set(staging.runs(store)), (now - _EPOCH).days
    articles = missing = 0
    with write(engine) as conn:
        lock_landing(conn)
        known = landed_ids(conn)
        new = [run for run in runs if run.run_id not in known]
        unfinished = tuple(run.run_id for run in new if run.run_id in staged - reports.keys())
        for run in new:
            if run.run_id in unfinished:
                start_run(conn, run.run_id, run.landed_at)
                mark_landing(conn, run.run_id)
            else:
                missing += run.run_id not in reports
                articles += _apply(conn, store, run, reports.get(run.run_id), now, index_days)
            progress(run.run_id)
        without_rows = [report for id_, report in reports.items() if id_ not in known | {run.run_id for run in runs}]
        for report in without_rows:
            start_run(conn, report.run_id, report.started_at)
            apply_run(conn, _outcome(report, ()))
        takedowns = _restore_takedowns(conn, store)
        expire(conn, today - index_days, today - KEEP_TEXTS)
    return Rebuilt(
        runs=len(new) - len(unfinished) + len(without_rows),
        articles=articles,
        reports_missing=missing,
        takedowns=takedowns,
        known_before=len(known),
        unfinished=unfinished,
    )


def _apply(
    conn: Connection, store: Store, run: LandedRun, report: RunReport | None, now: datetime, index_days: int
) -> int:
    """What the landing of a run left in the state, from its rows. Returns how many."""
    wanted = Query(run_id=run.run_id, since=run.landed_at, latest_only=False)
    articles = list(read_articles(store, wanted))
    report = report or RunReport(
        run_id=run.run_id, started_at=run.landed_at, finished_at=run.landed_at, landed=run.rows
    )
    start_run(conn, run.run_id, report.started_at)
    apply_run(conn, _outcome(report, articles))
    if run.landed_at >= now - timedelta(days=index_days):
        save_members(conn, list(_members(conn, articles, run.landed_at)))
    learn_from(conn, (_to_learn(article) for article in articles if article.story_id), run.landed_at)
    return len(articles)


def _restore_takedowns(conn: Connection, store: Store) -> int:
    """What was taken down must stay out: its tombstones are in the store too."""
    stones = [Tombstone.model_validate_json(store.get(stored.key)) for stored in store.list(tombstone.FOLDER)]
    for stone in stones:
        save_tombstone(conn, stone)
    return len(stones)


def _outcome(report: RunReport, articles: Sequence[Article]) -> RunOutcome:
    return RunOutcome(
        run_id=report.run_id,
        finished_at=report.finished_at or report.started_at,
        table_version=report.table_version,
        report=to_json(report).decode(),
        items=tuple(_item(article, report.started_at) for article in articles),
        versions=tuple(
            VersionRow(article_id=a.article_id, content_hash=a.content_hash, version=a.version, run_id=report.run_id)
            for a in articles
        ),
    )


def _item(article: Article, seen_at: datetime) -> ItemRow:
    """Without the hash of its entry, which is no part of an article: it is read once more, and found to be known."""
    return ItemRow(
        article_id=article.article_id,
        source_id=article.source_id,
        guid=article.guid,
        entry_hash="",
        content_hash=article.content_hash,
        version=article.version,
        provider_version=article.provider_version,
        updated=article.updated,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
    )


def _members(conn: Connection, articles: Iterable[Article], now: datetime) -> Iterator[dedupe.Member]:
    """The members of stories, decided as when the run landed; where today decides otherwise, what landed stands."""
    landed = {article.article_id: article for article in sorted(articles, key=lambda a: a.version)}
    plain = [dedupe.outline(article).model_copy(update=_UNDECIDED) for article in articles]
    resolution = dedupe.resolve(plain, SqlIndex(conn), now=now)
    again = {article.article_id: article.story_id for article in resolution.articles}
    for member in resolution.members:
        article = landed.get(member.article_id)
        same = article is None or again.get(member.article_id) == article.story_id
        yield member if article is None or same else _as_landed(member, article, now)


def _as_landed(member: dedupe.Member, article: Article, now: datetime) -> dedupe.Member:
    founds = article.story_id == dedupe.story_id_of(article.article_id)
    (one,) = placed([article], now)  # a founder has its text in the index
    return replace(
        one.member if founds else member,
        story_id=article.story_id or member.story_id,
        relation=article.relation or member.relation,
        duplicate_of=article.duplicate_of,
        killed=member.killed,
        related=member.related,
    )


def _to_learn(article: Article) -> Landed:
    return Landed.model_validate(article.model_dump(include=set(Landed.model_fields)))
