"""From what the shards staged to the table and the state: `resolve` into stories, then `land`, one run at a time.

Two runs may be under way at once (the wires' and the nightly one). Each resolves against the index as it then is; if
another has landed since, `land` resolves again, so that no story is founded twice and no version number is used twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ConfigDict
from sqlalchemy import Connection, Engine

from ingest import dedupe
from ingest.health.landed import observe, write_day
from ingest.land import staging
from ingest.land.columns import FINGERPRINT, SCHEMA, to_batches, to_row
from ingest.land.store import Store, scratch
from ingest.land.table import CommitResult, commit_batches, has_run
from ingest.learning import Story, learn_stories, to_learn
from ingest.model import Article, Model, Source, to_json
from ingest.report import RunReport, StageReport, add_counts, add_up
from ingest.resolved import Resolved, saved_member, staged_member
from ingest.shard import ShardResult
from ingest.state.database import chunks, read, write
from ingest.state.items import known_items, known_versions
from ingest.state.models import ItemRow, RunOutcome, VersionRow
from ingest.state.runs import apply_run, find_run, lock_landing, mark_landing, runs_landed
from ingest.state.stories import Saved, SqlIndex, save_rows
from ingest.state.takedowns import add_keys, load_refusals, takedowns_made
from ingest.takedown.late import erase_refused, without_refused
from ingest.takedown.tombstone import Refusals
from ingest.versions import Latest, latest_of, next_version, renewed_version

RESOLVED = "resolved"  # the staged name of what `resolve` wrote, beside the shards
_STATE = "resolved.state"  # rows of the index of stories, to be saved, and lines to learn from


def resolve(store: Store, engine: Engine, run_id: str, now: datetime) -> Resolved:
    """Put what the shards staged into stories. Writes only under staging/, but for what was taken down meanwhile."""
    with read(engine) as conn:
        return _resolve(store, conn, run_id, now)


def land(
    store: Store,
    engine: Engine,
    run_id: str,
    planned: Mapping[str, Sequence[str]],
    now: datetime,
    problems: Sequence[str] = (),
    registry: Mapping[str, Source] = MappingProxyType({}),
) -> RunReport:
    """Commit a run to the table, write runs/RUN.json, advance the state, drop the staging: in this order.

    `planned` are source ids by shard; `problems` those of the registry, for the report. A source that is disabled in
    `registry` is paused in what is known of its health. Called again after a kill at
    any point it goes on; once the run has landed it returns the report that is there. Raises NotStored if the run was
    never resolved, StoreUnavailable, StateError.
    """
    with write(engine) as conn:
        mark_landing(conn, run_id)
    with write(engine) as conn:
        lock_landing(conn)
        if done := landed_report(conn, run_id):  # by another process, or by a try that was killed right after
            staging.delete(store, run_id)
            return done
        began = time.perf_counter()
        resolved = staging.read_result(store, run_id, RESOLVED, Resolved)
        current = _landed_so_far(conn), FINGERPRINT, _archives(store, run_id, resolved.shards)
        if (resolved.after, resolved.columns, resolved.archives) != current and not has_run(store, run_id):
            resolved = _resolve(store, conn, run_id, now)
        refusals = load_refusals(conn)
        results = (staging.read_result(store, run_id, name, ShardResult) for name in resolved.shards)
        shards = [without_refused(shard, refusals) for shard in results]
        report = _report(run_id, planned, shards, resolved, now, problems)
        commit = commit_batches(store, run_id, staging.read_batches(store, run_id, RESOLVED), now, report.counts())
        report = _with_commit(report, commit, time.perf_counter() - began)
        if not any(shard.is_replay for shard in shards):
            feeds = [feed for shard in shards for feed in shard.feeds]
            report = report.model_copy(update={"health": observe(conn, report, feeds, resolved.copies, registry)})
            write_day(conn, store, report.started_at)
        store.put(f"runs/{run_id}.json", to_json(report))
        apply_run(conn, _outcome(report, shards, resolved, now))
        add_keys(conn, chain.from_iterable(shard.refused for shard in shards))
        stories: list[Story] = []
        save_rows(conn, _members(staging.read_plain(store, run_id, _STATE), stories))
        learn_stories(conn, stories, now)
    staging.delete(store, run_id)
    return report


def landed_report(conn: Connection, run_id: str) -> RunReport | None:
    """The report of a run that has landed; None if it has not, or was never started."""
    row = find_run(conn, run_id)
    return RunReport.model_validate_json(row.report) if row and row.status == "landed" and row.report else None


def _resolve(store: Store, conn: Connection, run_id: str, now: datetime) -> Resolved:
    began, after = time.perf_counter(), _landed_so_far(conn)  # asked first: what lands from now on makes this stale
    names = [name for name in staging.shards(store, run_id) if name != RESOLVED]
    shards = dict(zip(names, _archives(store, run_id, names), strict=True))
    staged = chain.from_iterable(staging.read_rows(store, run_id, name, Article) for name in shards)
    moved: dict[str, int] = {}
    refusals, refused = load_refusals(conn), list[str]()
    with scratch() as folder:
        whole = folder / "articles"  # their texts are most of a run's memory, and wait here
        outlines = _outlines(_in_turn(conn, _may_land(staged, refusals, moved, refused), moved), whole)
        resolution = dedupe.resolve(outlines, SqlIndex(conn), now=now)
        pairs = zip(staging.read_file(whole, Article), resolution.articles, strict=True)
        with staging.RowWriter(folder / "state") as state:
            told = _to_learn((_told(*pair) for pair in pairs), state)
            staging.write_batches(store, run_id, RESOLVED, to_batches(map(to_row, told), run_id, now), SCHEMA)
            for member in resolution.members:
                state.write_plain({"member": staged_member(member)})
        state.upload(store, run_id, _STATE)
    stage = StageReport(stage="resolve", count=len(resolution.articles), seconds=round(time.perf_counter() - began, 3))
    if refused:
        erase_refused(store, run_id, refusals)
    resolved = Resolved.of(resolution, shards=shards, moved=moved, after=after, stage=stage, taken_down=len(refused))
    staging.write_result(store, run_id, RESOLVED, resolved)
    return resolved


def _archives(store: Store, run_id: str, shards: Iterable[str]) -> tuple[str | None, ...]:
    """Of each shard that of the try which staged it; None without one, or if the shard is not complete any more.

    A worker that was taken for dead may stage again what another has done since.
    """
    complete = set(staging.shards(store, run_id))
    tries = (staging.read_result(store, run_id, name, _Try) if name in complete else _Try() for name in shards)
    return tuple(one.archive for one in tries)


class _Try(Model):
    """Of a ShardResult what tells one try from another."""

    model_config = ConfigDict(extra="ignore")
    archive: str | None = None


def _told(article: Article, outlined: Article) -> Article:
    """With what was decided; of what a replay renews only the story's ids, since to its publisher it is no update."""
    decided = dedupe.told(article, outlined)
    kept = {name: getattr(article, name) for name in ("relation", "similarity", "evidence")}
    return decided if article.relation is None else decided.model_copy(update=kept)


def _to_learn(articles: Iterable[Article], state: staging.RowWriter) -> Iterator[Article]:
    """The same articles; what there is to learn from them is written down."""
    for article in articles:
        if story := to_learn(article):
            state.write_plain({"lines": story.plain})
        yield article


def _members(rows: Iterable[dict[str, list[Any]]], stories: list[Story]) -> Iterator[Saved]:
    """The rows to save; `stories` gets what there is to learn from."""
    for row in rows:
        if "lines" in row:
            stories.append(Story.of_plain(row["lines"]))
        else:
            yield saved_member(row["member"])


def _outlines(articles: Iterable[Article], path: Path) -> Iterator[Article]:
    """Each article without its text; the whole ones go to a local file, in the same order."""
    with staging.RowWriter(path) as out:
        for article in articles:
            out.write(article)
            yield dedupe.outline(article)


def _landed_so_far(conn: Connection) -> int:
    """Rises with every run that lands, and every takedown: what was resolved before then is to be resolved again."""
    return runs_landed(conn) + takedowns_made(conn)


def _may_land(
    staged: Iterable[Article], refusals: Refusals, moved: dict[str, int], refused: list[str]
) -> Iterator[Article]:
    """Without what was taken down while its shard was at work: `refused` gets the ids, `moved` a 0."""
    for article in staged:
        if refusals.of_article(article):
            moved[_content(article)] = 0
            refused.append(article.article_id)
        else:
            yield article


def _in_turn(conn: Connection, staged: Iterable[Article], moved: dict[str, int]) -> Iterator[Article]:
    """The articles with the versions that are theirs now; one whose content has landed meanwhile is left out.

    `moved` gets what differs from what the shard said.
    """
    latest: dict[str, Latest] = {}  # of this run
    for chunk in chunks(staged):
        ids = [article.article_id for article in chunk]
        known = {article_id: latest_of(row) for article_id, row in known_items(conn, ids).items()}
        contents = known_versions(conn, ids)
        for article in chunk:
            id_ = article.article_id
            before = latest.get(id_) or known.get(id_)
            version = (
                next_version(article, before, contents.get(id_, {}))
                if article.relation is None
                else renewed_version(article, before)
            )
            if version is None:
                same = before is not None and before.content_hash == article.content_hash
                moved[_content(article)] = before.version if before and same else 0
                continue
            if version != article.version:
                moved[_content(article)] = version
            one = article.model_copy(update={"version": version})
            latest[id_] = latest_of(one)
            yield one


def _report(
    run_id: str,
    planned: Mapping[str, Sequence[str]],
    shards: Sequence[ShardResult],
    resolved: Resolved,
    now: datetime,
    problems: Sequence[str],
) -> RunReport:
    there = {shard.shard for shard in shards}
    reports = [report for shard in shards for report in shard.sources]
    ids = {id_ for several in planned.values() for id_ in several} | {report.source_id for report in reports}
    return RunReport(
        run_id=run_id,
        started_at=min((shard.started_at for shard in shards), default=now),
        finished_at=now,
        planned=tuple(sorted(ids)),
        missing_shards=tuple(name for name in planned if name not in there),
        sources=tuple(sorted(reports, key=lambda report: report.source_id)),
        stages=add_up([*(stage for shard in shards for stage in shard.stages), resolved.stage]),
        removed=add_counts([shard.removed for shard in shards]),
        relations=resolved.relations,
        taken_down=sum(report.taken_down for report in reports) + resolved.taken_down,
        stories=resolved.relations.get("canonical", 0),
        registry_problems=tuple(problems),
    )


def _with_commit(report: RunReport, commit: CommitResult, seconds: float) -> RunReport:
    stage = StageReport(stage="land", count=commit.inserted, seconds=round(seconds, 3))
    return report.model_copy(
        update={
            "landed": commit.inserted,
            "table_version": commit.table_version,
            "stages": add_up([*report.stages, stage]),
        }
    )


def _outcome(report: RunReport, shards: Sequence[ShardResult], resolved: Resolved, now: datetime) -> RunOutcome:
    items = tuple(
        item if _content(item) not in resolved.moved else item.model_copy(update={"version": version})
        for shard in shards
        for item in shard.items
        if (version := resolved.moved.get(_content(item))) != 0
    )
    return RunOutcome(
        run_id=report.run_id,
        finished_at=now,
        table_version=report.table_version,
        report=to_json(report).decode(),
        feeds=tuple(feed for shard in shards for feed in shard.feeds),
        items=items,
        versions=tuple(
            VersionRow(article_id=i.article_id, content_hash=i.content_hash, version=i.version, run_id=report.run_id)
            for i in items
            if i.version
        ),
        pending=tuple(row for shard in shards for row in shard.pending),
        settled=tuple(id_ for shard in shards for id_ in shard.settled),
        pieces=tuple(row for shard in shards for row in shard.pieces),
    )


def _content(one: Article | ItemRow) -> str:
    return f"{one.article_id}:{one.content_hash}"
