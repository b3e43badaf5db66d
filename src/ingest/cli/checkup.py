"""What `ingest doctor` looks at. Each look is a function that tells what it found and never raises an IngestError."""

import importlib.util
import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from ingest.errors import IngestError, StateError
from ingest.settings import Settings, load_settings

_ENOUGH_BYTES = 2_000_000_000
_NAMED = 5  # sources
_LAST_COMMITS = 100


@dataclass(frozen=True)
class Finding:
    """`later` is what the first run sees to, what some set-ups need, or what is no fault of the set-up; `unsafe` works,
    but leaves a door open."""

    what: str
    verdict: Literal["good", "later", "unsafe", "bad"]
    detail: str
    todo: str = ""


def examine() -> Iterator[Finding]:
    """The findings in order; without settings the rest cannot be looked at."""
    yield _python()
    yield _airflow()
    try:
        settings = load_settings()
    except IngestError as e:
        yield _bad("settings", e)
        return
    given = sorted(name for name in os.environ if name.startswith("INGEST_"))
    yield Finding("settings", "good", ", ".join(given) or "all defaults")
    looks: tuple[Callable[[Settings], Finding], ...] = (_sources, _store, _table, _state, _memory, _health, _disk)
    for look in looks:
        try:
            yield look(settings)
        except IngestError as e:
            yield _bad(look.__name__.strip("_"), e)
    yield from _safety(settings)


def _safety(settings: Settings) -> Iterator[Finding]:
    from ingest.cli.safety import LOOKS, unsafe_settings

    found = [Finding(one.what, "unsafe", one.detail, one.todo) for one in unsafe_settings(settings)]
    yield from found or [Finding("safety", "good", f"{len(LOOKS)} looks found nothing unsafe")]


def _bad(what: str, e: IngestError) -> Finding:
    return Finding(what, "bad", f"{e.subject}: {e.why}", e.hint)


def _python() -> Finding:
    return Finding("Python", "good", f"{platform.python_version()}, {sys.executable}")


def _airflow() -> Finding:
    todo = "pip install 'syndication-ingest[airflow]'; ingest run works without"
    if importlib.util.find_spec("airflow") is None:
        return Finding("Airflow", "later", "not installed", todo)
    try:
        return Finding("Airflow", "good", version("apache-airflow"))
    except PackageNotFoundError:
        return Finding("Airflow", "later", "a folder called airflow hides it", todo)


def _sources(settings: Settings) -> Finding:
    from ingest.sources import load_sources

    registry = load_sources(settings.sources)
    on = sum(source.enabled for source in registry.values())
    told = f"{settings.sources}: {len(registry)} good, {on} enabled"
    if registry.errors:
        return Finding("sources", "bad", f"{told}, {len(registry.errors)} errors", "ingest sources check")
    if not on:
        return Finding("sources", "bad", told, "ingest sources add URL")
    needed = [(s.credential.env, s.id) for s in registry.values() if s.enabled and s.credential and s.credential.env]
    if missing := [f"{name} ({id_})" for name, id_ in needed if not os.environ.get(name)]:
        return Finding("sources", "bad", f"{told}; not in the environment: {', '.join(missing)}", "set them")
    return Finding("sources", "good", told)


def _store(settings: Settings) -> Finding:
    from ingest.land.store import open_store, probe

    store = open_store(settings.store, settings.s3_endpoint)
    probe(store)
    return Finding("store", "good", f"{store.url}: writable, and keeps what it promises")


def _table(settings: Settings) -> Finding:
    from ingest.errors import NotStored
    from ingest.land.store import open_store
    from ingest.land.table import table_version

    try:
        found = table_version(open_store(settings.store, settings.s3_endpoint))
    except NotStored:
        return Finding("table", "later", "not there yet", "the first run makes it")
    return Finding("table", "good", f"version {found}")


def _state(settings: Settings) -> Finding:
    from ingest.state.database import open_state, read
    from ingest.state.runs import last_runs, unfinished_runs

    file = _sqlite_file(settings.state)
    if file is not None and not file.exists():
        return Finding("state", "later", f"{file} is not there yet", "the first run makes it")
    try:
        with read(open_state(settings.state)) as connection:
            last, unfinished = last_runs(connection, 1), unfinished_runs(connection)
    except StateError as e:
        if "not set up" in e.hint:
            return Finding("state", "later", "the database has no tables yet", "the first run makes them")
        raise
    told = f"last run {last[0].run_id}, {last[0].status}" if last else "no run yet"
    return Finding("state", "good", told + (f"; {len(unfinished)} have not landed" if unfinished else ""))


def _memory(settings: Settings) -> Finding:
    """Whether the state knows the runs that landed last."""
    from ingest.errors import NotStored
    from ingest.land.store import open_store
    from ingest.land.table import history
    from ingest.state.database import open_state, read
    from ingest.state.runs import landed_ids

    try:
        last = {c.run_id for c in history(open_store(settings.store, settings.s3_endpoint), _LAST_COMMITS) if c.run_id}
    except NotStored:
        return Finding("memory", "later", "nothing has landed yet", "the first run does")
    file, unknown = _sqlite_file(settings.state), last
    try:
        if file is None or file.exists():
            with read(open_state(settings.state)) as connection:
                unknown = last - landed_ids(connection)
    except StateError as e:
        if "not set up" not in e.hint:
            raise
    if unknown:
        told = f"the state does not know {len(unknown)} of the last {len(last)} runs in the table"
        return Finding("memory", "bad", told, "ingest state rebuild, unless they are landing right now")
    return Finding("memory", "good", f"the state knows the last {len(last)} runs in the table")


def _health(settings: Settings) -> Finding:
    from datetime import UTC, datetime

    from ingest.pipeline import Workspace, health_of

    file = _sqlite_file(settings.state)
    if file is not None and not file.exists():
        return Finding("health", "later", "no source was asked yet", "the first run does")
    try:
        rows = health_of(Workspace(settings), (), datetime.now(UTC))
    except StateError as e:
        if "not set up" in e.hint:
            return Finding("health", "later", "no source was asked yet", "ingest setup, then the first run")
        raise
    states = Counter(row.health.state for row in rows if row.health)
    told = ", ".join(f"{count} {state}" for state, count in states.most_common()) or "no source was asked yet"
    ill = [row.source_id for row in rows if row.health and row.health.state in ("failing", "gone")]
    if ill:
        more = f" and {len(ill) - _NAMED} more" if len(ill) > _NAMED else ""
        return Finding("health", "later", f"{told}: {', '.join(ill[:_NAMED])}{more}", "ingest sources health")
    return Finding("health", "good", told)


def _disk(settings: Settings) -> Finding:
    places = [path for path in (_store_folder(settings.store), _sqlite_file(settings.state)) if path is not None]
    free = min((shutil.disk_usage(_existing(path)).free for path in places), default=None)
    if free is None:
        return Finding("disk", "good", "neither the store nor the state is on a disk of this machine")
    if free < _ENOUGH_BYTES:
        return Finding("disk", "bad", f"{free / 1e9:.1f} GB free", "make room, or lower INGEST_KEEP_RAW_DAYS")
    return Finding("disk", "good", f"{free / 1e9:.1f} GB free")


def _store_folder(store: str) -> Path | None:
    parts = urlsplit(store)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if "://" in store else Path(store)


def _sqlite_file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _existing(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next(p for p in (path.absolute(), *path.absolute().parents) if p.exists())
