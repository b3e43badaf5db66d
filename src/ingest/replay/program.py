"""The replay of some runs, whole: dealt into shards, each read again. Resolved and landed as any run is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ingest.dealing import Shard, deal
from ingest.land.read import Query, read_articles
from ingest.land.store import scratch
from ingest.pipeline import Workspace, complete_killed, inputs_of, land, resolve
from ingest.replay.archive import Archive, Wanted, sources_in
from ingest.replay.differences import Difference, Tell
from ingest.replay.run import ReplayOutbox, ReplayRun, Standing
from ingest.report import RunReport
from ingest.settings import Settings
from ingest.shard import ShardResult
from ingest.state.database import read, write
from ingest.state.runs import start_run
from ingest.state.stories import killed_of

_EXAMPLES = 3  # a field


@dataclass(frozen=True)
class Plan:
    """`gone` are ids of sources that the registry no longer has: what they brought is not read again."""

    shards: list[Shard]
    gone: tuple[str, ...]


@dataclass
class Summary:
    """Differences counted as they are told: by field, with a few of each."""

    changed: set[str] = field(default_factory=set)  # article ids
    new: set[str] = field(default_factory=set)
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Difference]] = field(default_factory=dict)

    def add(self, one: Difference) -> None:
        if not one.version:
            self.new.add(one.article_id)
            return
        self.changed.add(one.article_id)
        self.fields[one.field] += 1
        few = self.examples.setdefault(one.field, [])
        if len(few) < _EXAMPLES:
            few.append(one)


def plan(ws: Workspace, run_id: str, wanted: Wanted, now: datetime, *, dry_run: bool) -> Plan:
    """Deal the sources of which there is something. A dry run leaves no trace.

    Raises BadConfig for a wanted source that the registry does not have, NotStored if nothing is in the archive.
    """
    for source_id in wanted.sources:
        ws.registry.get_source(source_id)
    there = sources_in(ws.store, wanted)
    if not dry_run:
        complete_killed(ws, now)
        with write(ws.engine) as conn:
            start_run(conn, run_id, now)
    sources = [source for source in ws.registry.values() if source.id in there]
    return Plan(deal(run_id, sources, ws.settings.shards), tuple(sorted(there - ws.registry.keys())))


def replay_shard(
    ws: Workspace,
    shard: Shard,
    wanted: Wanted,
    now: datetime,
    tell: Tell,
    *,
    dry_run: bool,
    progress: Callable[[str], None] = lambda _: None,
) -> ShardResult:
    """Read again what a shard's sources brought, and stage what comes out otherwise; a dry run stages nothing."""
    inputs = replace(inputs_of(ws, shard, now), pending=())
    outbox = ReplayOutbox(shard.run_id, shard.name, now)
    with scratch() as folder:
        archive = Archive(ws.store, wanted, set(shard.source_ids), folder)
        run = ReplayRun(outbox, inputs, ws.store, ws.settings, archive, _standing(ws), tell, progress)
        return asyncio.run(run.dry_run() if dry_run else run.run())


def replay_once(
    settings: Settings, wanted: Wanted, progress: Callable[[str], None] = lambda _: None, now: datetime | None = None
) -> tuple[tuple[str, ...], RunReport]:
    """The whole of it in this process, landed: the sources that are gone from the registry, and the report."""
    ws = Workspace(settings)
    now = now or datetime.now(UTC)
    run_id = f"replay-{now:%Y-%m-%dT%H-%M-%S-%f}"
    planned = plan(ws, run_id, wanted, now, dry_run=False)
    for shard in planned.shards:
        replay_shard(ws, shard, wanted, now, lambda _: None, dry_run=False, progress=progress)
    resolve(ws, run_id, now)
    return planned.gone, land(ws, run_id, planned.shards, datetime.now(UTC))


def _standing(ws: Workspace) -> Callable[[str, Collection[str]], Standing]:
    def standing(source_id: str, article_ids: Collection[str]) -> Standing:
        landed = read_articles(ws.store, Query(source_id=source_id))
        with read(ws.engine) as conn:
            killed = killed_of(conn, article_ids)
        return Standing({one.article_id: one for one in landed if one.article_id in article_ids}, killed)

    return standing
