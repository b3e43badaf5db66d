"""The stages joined: plan → ingest (a shard) → resolve → land → judge. The CLI and the DAGs are its two thin callers.

What a killed run leaves is harmless: articles count once the table's commit is made, and the state (validators, seen
items, stories) advances only after that. `plan` first completes a run that was killed between the two.

Imports of the stages are inside the functions, so that a DAG file that imports this one parses at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ingest.dealing import Shard, deal
from ingest.errors import BadConfig, StateError, TooManyFailed
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ingest.health.table import Row
    from ingest.land.store import Store
    from ingest.model import Entry, FeedState, RobotsFile, Source
    from ingest.notices import Undelivered
    from ingest.report import RunReport
    from ingest.shard import Backfill, Inputs, ShardResult
    from ingest.sources import Registry

_LOOK_BACK = timedelta(days=14)  # for what a source may bring tonight
Progress = Callable[[str], None]
Tell = Callable[["RunReport"], None]
RESOLVED = "resolved"  # the staged name of what `resolve` wrote, beside the shards


class Workspace:
    """The two ends of the pipeline, opened once by the caller: the registry and state, and the store."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def registry(self) -> Registry:
        from ingest.sources import load_sources

        return load_sources(self.settings.sources)

    @cached_property
    def store(self) -> Store:
        from ingest.land.store import open_store

        return open_store(self.settings.store, self.settings.s3_endpoint)

    @cached_property
    def engine(self) -> Engine:
        from ingest.state.database import open_state

        return open_state(self.settings.state)

    def set_up(self) -> None:
        """Create or upgrade the state database and the table, and check that the store keeps its promises. Idempotent.

        One process at a time: before the first run and after an upgrade, never from parallel tasks.
        """
        from ingest.land.store import probe
        from ingest.land.table import create_table
        from ingest.state.database import upgrade, write
        from ingest.takedown.listing import reconcile

        upgrade(self.engine)
        probe(self.store)
        create_table(self.store)
        with write(self.engine) as conn:
            reconcile(self.store, conn)


# ── the stages ──────────────────────────────────────────────────────────────────────────────────────────────────


def plan(ws: Workspace, run_id: str, now: datetime, source_ids: Sequence[str] = (), force: bool = False) -> list[Shard]:
    """Complete what a killed run left, then deal the due sources into shards. A source of a run that landed is not due.

    Raises BadConfig for a source id that the registry does not have, or if no source of it can be used, and StateError
    for an empty state beside a table that has runs.
    """
    from ingest.state.database import write
    from ingest.state.runs import start_run

    complete_killed(ws, now)
    _refuse_lost_state(ws)
    due = list(_due(ws, _chosen(ws, source_ids), now, force))
    with write(ws.engine) as conn:
        start_run(conn, run_id, now)
    return deal(run_id, due, ws.settings.shards, force, _expected(ws, due, now))


def ingest_shard(
    ws: Workspace,
    shard: Shard,
    now: datetime,
    progress: Progress = lambda _: None,
    backfill: Backfill | None = None,
) -> ShardResult:
    """Fetch to staging, for the sources of one shard; with a `backfill` also what their feeds no longer show.

    What hosts asked for is kept at once, whatever becomes of it.
    """
    from ingest.shard import ShardRun
    from ingest.shard.outbox import Outbox
    from ingest.state.database import write
    from ingest.state.hosts import save_pauses, save_robots

    outbox = Outbox(shard.run_id, shard.name, now)
    run = ShardRun(
        outbox, inputs_of(ws, shard, now, backfill), ws.store, ws.settings, force=shard.force, progress=progress
    )
    try:
        return asyncio.run(run.run())
    finally:
        pauses, robots = run.fetcher.pauses, run.fetcher.robots_files
        if pauses or robots:
            with write(ws.engine) as conn:
                save_pauses(conn, pauses, now)
                save_robots(conn, robots, now)


def resolve(ws: Workspace, run_id: str, now: datetime) -> dict[str, int]:
    """Put what the shards staged into stories. Returns articles by relation."""
    from ingest import landing

    return landing.resolve(ws.store, ws.engine, run_id, now).relations


def land(ws: Workspace, run_id: str, planned: Sequence[Shard], now: datetime) -> RunReport:
    """Commit the run to the table and advance the state. Once the run is landed it returns the report that is there."""
    from ingest import landing

    by_shard = {shard.name: shard.source_ids for shard in planned}
    problems = [str(error) for error in ws.registry.errors]
    report = landing.land(ws.store, ws.engine, run_id, by_shard, now, problems, ws.registry)
    notify(ws, now)
    return report


def notify(ws: Workspace, now: datetime) -> list[Undelivered]:
    """Tell of the commits since the last time, in the store and to webhooks. What fails is tried with the next one."""
    from ingest import notices

    named = ws.settings.notice_hooks.get_secret_value() if ws.settings.notice_hooks else ""
    hooks = notices.hooks_of(named)
    key = ws.settings.notice_key.get_secret_value() if ws.settings.notice_key else None
    return notices.notify(ws.store, ws.engine, hooks, key, now)


def judge(ws: Workspace, report: RunReport) -> None:
    """Raises TooManyFailed for a run that a person should look at. What was good has landed before."""
    limit = ws.settings.max_failed_ratio
    if report.missing_shards:
        names = ", ".join(report.missing_shards)
        raise TooManyFailed(report.run_id, f"no result from shard {names}", "see that task's log; its sources stay due")
    if report.failed_ratio > limit:
        failed = ", ".join(s.source_id for s in report.failed)
        raise TooManyFailed(
            report.run_id,
            f"{report.failed_ratio:.0%} of the sources failed, more than {limit:.0%}: {failed}",
            "what is good has landed; each fault is in runs/ and quarantine/. INGEST_MAX_FAILED_RATIO sets the limit",
        )


def alerts(report: RunReport) -> list[dict[str, str]]:
    """What began or ended in a run of its sources' alerts and states, in plain values: for those who are to be told."""
    return [
        {name: str(value) for name, value in change.model_dump(mode="json").items() if value is not None}
        for change in report.health
    ]


def health_of(ws: Workspace, source_ids: Sequence[str], now: datetime) -> list[Row]:
    """How sources of the registry are, all if none is named. Raises BadConfig for one that is not in it."""
    from ingest.health.assess import pause
    from ingest.health.landed import KEEP_DAYS
    from ingest.health.table import Row
    from ingest.state.database import read
    from ingest.state.health import load_days, load_health

    sources = [ws.registry.get_source(id_) for id_ in source_ids] or list(ws.registry.values())
    ids = [source.id for source in sources]
    with read(ws.engine) as conn:
        known, days = load_health(conn, ids), load_days(conn, ids, now.date() - KEEP_DAYS)
    for source in sources:
        one = known.get(source.id)
        if one and not source.enabled and one.state != "paused":  # since the last run
            known[source.id] = pause(one, now)
    return [Row(id_, known.get(id_), days.get(id_, ())) for id_ in ids]


def run_once(
    settings: Settings,
    source_ids: Sequence[str] = (),
    force: bool = False,
    progress: Progress = lambda _: None,
    now: datetime | None = None,
    backfill: Backfill | None = None,
) -> RunReport:
    """The whole pipeline once, in this process. Does not judge: the caller sees the report and decides."""
    ws = Workspace(settings)
    ws.set_up()
    now = now or datetime.now(UTC)
    run_id = f"run-{now:%Y-%m-%dT%H-%M-%S-%f}"
    shards = plan(ws, run_id, now, source_ids, force)
    for shard in shards:
        ingest_shard(ws, shard, now, progress, backfill)
    resolve(ws, run_id, now)
    return land(ws, run_id, shards, datetime.now(UTC))


def complete_killed(ws: Workspace, now: datetime) -> list[str]:
    """Finish runs that were killed after their commit and before their state: their ids."""
    from ingest.land import staging
    from ingest.land.table import open_table
    from ingest.state.database import read
    from ingest.state.runs import unfinished_runs

    with read(ws.engine) as conn:
        landing = [row.run_id for row in unfinished_runs(conn) if row.status == "landing"]
    staged = set(staging.runs(ws.store)) if landing else set()
    table = open_table(ws.store) if landing else None
    done = [r for r in landing if r in staged and table and table.transaction_version(r) is not None]
    for run_id in done:
        land(ws, run_id, (), now)
    return done


# ── for the DAGs: plain values in and out, settings from the environment ────────────────────────────────────────


def plan_night(
    dag_run_id: str, sources: Sequence[str], force: bool, since: str | None = None, pages: int = 50
) -> list[dict[str, Any]]:
    """The shards of a DAG run. A run that landed and is cleared gets a new id: what it finds now is new.

    With `since`, ISO 8601, it is a backfill of the sources that are named. Raises BadConfig if none is.
    """
    ws = _workspace()
    if since and not sources:
        raise BadConfig("since", "a backfill of all sources would ask every publisher for years", "name the sources")
    run_id = _fresh_run_id(ws, slug(dag_run_id))
    shards = plan(ws, run_id, datetime.now(UTC), sources, force or bool(since))
    further = {"backfill": {"since": since, "pages": pages}} if since else {}
    return [
        {"run_id": s.run_id, "name": s.name, "source_ids": list(s.source_ids), "force": s.force, **further}
        for s in shards
    ]


def ingest_night(shard: dict[str, Any]) -> dict[str, int]:
    result = ingest_shard(_workspace(), _shard(shard), datetime.now(UTC), backfill=_backfill(shard))
    return {
        "sources": len(result.sources),
        "failed": sum(s.status == "failed" for s in result.sources),
        "staged": sum(s.staged for s in result.sources),
    }


def resolve_night(shards: list[dict[str, Any]]) -> dict[str, int]:
    return resolve(_workspace(), shards[0]["run_id"], datetime.now(UTC)) if shards else {}


def land_night(shards: list[dict[str, Any]]) -> dict[str, int | str]:
    """What the asset event tells of what has landed; nothing if nothing has."""
    if not shards:
        return {}
    ws = _workspace()
    return _event(ws, land(ws, shards[0]["run_id"], [_shard(s) for s in shards], datetime.now(UTC)))


def poll_wires(dag_run_id: str, tell: Tell = lambda _: None) -> dict[str, int | str]:
    """One poll of the wires, whole, in this process: what is due, landed. What the asset event tells, as `land_night`.

    Raises TooManyFailed only if nothing landed: a failed task makes no event, and news must not wait for a wire that
    is down. If it stays down, the next quiet poll is red.
    """
    ws = _workspace()
    now = datetime.now(UTC)
    wires = [source.id for source in ws.registry.values() if source.wire]
    if not wires:
        return {}
    run_id = _fresh_run_id(ws, slug(f"wires-{dag_run_id}"))
    shards = plan(ws, run_id, now, wires)
    if not shards:
        return {}
    for shard in shards:
        ingest_shard(ws, shard, now)
    resolve(ws, run_id, now)
    report = land(ws, run_id, shards, datetime.now(UTC))
    for line in report.lines():
        print(line)
    tell(report)
    if not report.landed:
        judge(ws, report)
    return _event(ws, report)


def compact_tables() -> dict[str, int]:
    from ingest import upkeep

    return upkeep.compact(_workspace()).model_dump()


def clean_store() -> dict[str, Any]:
    from ingest import upkeep

    return upkeep.clean(_workspace(), datetime.now(UTC)).model_dump(mode="json")


def forget_old() -> int:
    from ingest import upkeep

    return upkeep.forget(_workspace(), datetime.now(UTC))


def look_over() -> None:
    """Prints how the table is to read and all that is wrong. Raises Damaged if something was lost or doubled."""
    from ingest import upkeep

    for line in upkeep.look_over(_workspace(), datetime.now(UTC)):
        print(line)


def plan_replay(dag_run_id: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The shards of a replay, as `plan_night` gives those of a night. Raises BadConfig, NotStored."""
    from ingest.replay import tasks

    ws = _workspace()
    return tasks.plan_replay(ws, _fresh_run_id(ws, slug(f"replay-{dag_run_id}")), params)


def replay_shard(shard: dict[str, Any]) -> dict[str, Any]:
    from ingest.replay import tasks

    return tasks.read_shard(_workspace(), shard)


def tell_dry_run(shards: list[dict[str, Any]], counts: Iterable[Mapping[str, Any]]) -> None:
    from ingest.replay import tasks

    tasks.tell_dry_run(shards, counts)


def read_again(dag_run_id: str, ids: Sequence[str], by: str) -> dict[str, int | str]:
    """What is in quarantine read again and landed: what the asset event tells, as `land_night`."""
    from ingest.quarantine import tasks

    ws = _workspace()
    report = tasks.read_again(ws, _fresh_run_id(ws, slug(f"quarantine-{dag_run_id}")), ids, by)
    return _event(ws, report) if report else {}


def look_at_takedown(targets: Sequence[str]) -> str:
    """What a takedown of these would remove, in Markdown. Raises NotStored."""
    from ingest.takedown import tasks

    return tasks.look(_workspace(), targets, datetime.now(UTC))


def take_down(
    targets: Sequence[str], reason: str, asked: str | None, approved: Mapping[str, Any] | None
) -> dict[str, int]:
    """Removed for good: numbers. `approved` is Airflow's user who did, None if none is known."""
    from ingest.takedown import tasks

    by = f"{asked or 'unknown'}, approved by {(approved or {}).get('name', 'unknown')}"
    return tasks.remove(_workspace(), targets, reason, by, datetime.now(UTC))


def release_embargoes(dag_run_id: str) -> list[str]:
    """Ids of articles whose embargo has ended and that no other run has told of: the same again for the same run."""
    from ingest import embargoes

    return embargoes.release(_workspace(), dag_run_id, datetime.now(UTC))


def judge_night(shards: list[dict[str, Any]] | None, tell: Tell = lambda _: None) -> None:
    """Prints every fault, then raises TooManyFailed if a person should look, StateError without a plan or a landing.

    This task comes last and whatever happens, so it alone decides whether the run is red.
    """
    if shards is None:
        raise StateError("the run", "it was never planned", "see the log of the task `plan`")
    if not shards:
        print("Nothing was due.")
        return
    ws = _workspace()
    report = _landed_report(ws, shards[0]["run_id"])
    if report is None:
        raise StateError(shards[0]["run_id"], "the run has not landed", "see the log of the tasks before this one")
    for line in report.lines():
        print(line)
    tell(report)
    judge(ws, report)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _expected(ws: Workspace, sources: Sequence[Source], now: datetime) -> dict[str, float]:
    from ingest.state.database import read
    from ingest.state.health import expected_items

    with read(ws.engine) as conn:
        return expected_items(conn, [source.id for source in sources], now.date() - _LOOK_BACK)


def _refuse_lost_state(ws: Workspace) -> None:
    """A state that knows of no run would number versions from 1 and found stories again that are in the table."""
    from ingest.land.table import open_table
    from ingest.state.database import read
    from ingest.state.runs import last_runs

    with read(ws.engine) as conn:
        if last_runs(conn, 1):
            return
    if rows := open_table(ws.store).count():
        hint = "`ingest state rebuild` makes the state again; for a fresh start take another INGEST_STORE"
        raise StateError("the state database", f"it knows none of the {rows:,} articles of {ws.store.url}", hint)


def _chosen(ws: Workspace, source_ids: Sequence[str]) -> list[Source]:
    if not ws.registry and ws.registry.errors:
        raise ws.registry.errors[0]
    wanted = dict.fromkeys(source_ids) or ws.registry
    return [ws.registry.get_source(id_) for id_ in wanted]


def _due(ws: Workspace, sources: list[Source], now: datetime, force: bool) -> Iterator[Source]:
    """Sources with a feed that is due, or an item whose page is to be tried again."""
    from ingest.fetch.hosts import is_paused
    from ingest.fetch.schedule import is_due
    from ingest.state.database import read
    from ingest.state.feeds import load_feed_states
    from ingest.state.hosts import load_pauses
    from ingest.state.items import load_pending

    enabled = [s for s in sources if s.enabled]
    ids = [s.id for s in enabled]
    with read(ws.engine) as conn:
        states = load_feed_states(conn, ids)
        waiting = {row.source_id for row in load_pending(conn, ids) if row.next_try_at <= now}
        pauses = load_pauses(conn, now)
    for source in enabled:
        feeds = {url: states.get((source.id, url)) for url in source.urls}
        if source.id in waiting or any(
            is_due(source, state, now, force) and not is_paused(pauses, url, state, now) for url, state in feeds.items()
        ):
            yield source


def inputs_of(ws: Workspace, shard: Shard, now: datetime, backfill: Backfill | None = None) -> Inputs:
    """What is known of the sources of a shard."""
    from ingest.fetch.hosts import KnownHosts
    from ingest.shard import Inputs, Known
    from ingest.state.database import read
    from ingest.state.feeds import load_feed_states
    from ingest.state.hosts import find_robots, load_pauses
    from ingest.state.items import known_items, known_versions, load_pending
    from ingest.state.learned import load_rules
    from ingest.state.pieces import earlier_pieces
    from ingest.state.runs import find_run
    from ingest.state.takedowns import load_refusals

    sources = tuple(ws.registry[id_] for id_ in shard.source_ids if id_ in ws.registry)
    with read(ws.engine) as conn:
        feeds: dict[tuple[str, str], FeedState] = load_feed_states(conn, shard.source_ids)
        pending = load_pending(conn, shard.source_ids)
        run = find_run(conn, shard.run_id)  # a shard that runs again cleans with the rules of the run's plan
        learned = load_rules(conn, shard.source_ids, run.started_at if run else now)
        pauses = load_pauses(conn, now)
        refusals = load_refusals(conn)

    def known(article_ids: Sequence[str]) -> Known:
        with read(ws.engine) as conn:
            return Known(known_items(conn, article_ids), known_versions(conn, article_ids))

    def pieces(source_id: str, keys: Collection[str]) -> list[Entry]:
        with read(ws.engine) as conn:
            return earlier_pieces(conn, source_id, keys)

    def robots(origin: str) -> RobotsFile | None:
        with read(ws.engine) as conn:
            return find_robots(conn, origin)

    hosts = KnownHosts(pauses, robots, now)
    return Inputs(sources, feeds, pending, known, pieces, learned, hosts, refusals, backfill)


def _landed_report(ws: Workspace, run_id: str) -> RunReport | None:
    from ingest.landing import landed_report
    from ingest.state.database import read

    with read(ws.engine) as conn:
        return landed_report(conn, run_id)


def _fresh_run_id(ws: Workspace, run_id: str) -> str:
    number, name = 1, run_id
    while _landed_report(ws, name):
        number += 1
        name = f"{run_id}.{number}"
    return name


def _event(ws: Workspace, report: RunReport) -> dict[str, int | str]:
    """The counts, and where to read exactly what is new: the run's rows in this version of the table of this store.

    Nothing if nothing landed: then there is no event, and nobody downstream is woken for it.
    """
    if not report.landed:
        return {}
    version = report.table_version or 0
    return {**report.counts(), "run_id": report.run_id, "store": ws.store.url, "table_version": version}


def _workspace() -> Workspace:
    return Workspace(load_settings())


def _shard(plain: dict[str, Any]) -> Shard:
    return Shard(plain["run_id"], plain["name"], tuple(plain["source_ids"]), plain["force"])


def _backfill(plain: Mapping[str, Any]) -> Backfill | None:
    from ingest.shard import Backfill

    return Backfill.model_validate(plain["backfill"]) if "backfill" in plain else None


def slug(dag_run_id: str) -> str:
    """A run's id as part of file names: `scheduled__2026-01-01T02:00:00+00:00` → `scheduled-2026-01-01T02-00-00Z`."""
    plain = dag_run_id.replace("+00:00", "Z").replace("__", "-")
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in plain)
