"""The state database, on SQLite and PostgreSQL: migrations, and what a run reads and applies."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from ingest.errors import StateError
from ingest.model import Entry, FeedState
from ingest.state.database import open_state, read, upgrade, write
from ingest.state.feeds import load_feed_states, save_feed_states
from ingest.state.items import (
    delete_pending,
    known_items,
    known_versions,
    load_pending,
    save_items,
    save_pending,
    save_versions,
)
from ingest.state.models import ItemRow, PendingRow, RunOutcome, VersionRow
from ingest.state.runs import apply_run, last_runs, mark_landing, start_run, unfinished_runs
from ingest.state.tables import metadata

NOW = datetime(2026, 3, 14, 2, 0, 0, 123456, tzinfo=UTC)


def _item(number: int = 1, version: int = 1, **changes: object) -> ItemRow:
    fields: dict[str, object] = {
        "article_id": f"{number:032x}",
        "source_id": "harbour-post",
        "guid": str(number),
        "entry_hash": f"{version:064x}",
        "content_hash": f"{version:064x}",
        "version": version,
        "first_seen_at": NOW,
        "last_seen_at": NOW,
    }
    return ItemRow.model_validate(fields | changes)


def _pending(number: int, at: datetime, source_id: str = "harbour-post") -> PendingRow:
    entry = Entry(guid=str(number), headline="Ferry", published=NOW)
    return PendingRow(article_id=f"{number:032x}", source_id=source_id, entry=entry, attempts=1, next_try_at=at)


def _outcome(run_id: str, **changes: object) -> RunOutcome:
    return RunOutcome.model_validate({"run_id": run_id, "finished_at": NOW, "table_version": 7} | changes)


# ── migrations ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_migrations_make_the_tables_of_the_metadata(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    with write(engine) as conn:
        start_run(conn, "r", NOW)
    upgrade(engine)
    with read(engine) as conn:
        assert [run.run_id for run in last_runs(conn)] == ["r"]


_UPGRADER = """
import sys
import alembic.command
from ingest.state.database import open_state, upgrade
print("ready", flush=True)
sys.stdin.readline()
upgrade(open_state(sys.argv[1]))
"""


def test_several_processes_may_upgrade_at_once(state_url: str) -> None:
    engine = open_state(state_url)
    command = [sys.executable, "-c", _UPGRADER, state_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert other.stdin is not None
        other.stdin.close()
        upgrade(engine)
        assert other.wait(60) == 0
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with write(engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match="newer version"):
        upgrade(engine)


def test_a_failing_migration_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    monkeypatch.setattr("alembic.command.upgrade", lambda config, _: _half(config.attributes["connection"]))
    with pytest.raises(RuntimeError):
        upgrade(engine)
    assert inspect(engine).get_table_names() == []


def _half(conn: object) -> None:
    conn.execute(text("CREATE TABLE half (a int)"))  # type: ignore[attr-defined]
    raise RuntimeError


# ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sqlite_is_opened_for_several_processes(tmp_path: Path) -> None:
    engine = open_state(f"sqlite:///{tmp_path}/new/folder/state.db")
    with engine.connect() as conn:
        pragmas = [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
        assert pragmas == ["wal", 1]
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar() == 120_000


def test_postgres_urls_get_the_installed_driver() -> None:
    assert open_state("postgresql://u@localhost/db").url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["not a url", "mysql://u:secret@host/db"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StateError) as caught:
        open_state(url)
    assert "secret" not in str(caught.value)


def test_a_database_that_was_not_set_up_or_is_away(state_url: str, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="not set up"), read(open_state(state_url)) as conn:
        last_runs(conn)
    away = open_state("postgresql://u:secret@127.0.0.1:9/db")
    with pytest.raises(StateError) as caught, read(away):
        pass
    assert "secret" not in str(caught.value)
    (tmp_path / "no.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StateError), read(open_state(f"sqlite:///{tmp_path}/no.db")):
        pass


# ── feeds and items ─────────────────────────────────────────────────────────────────────────────────────────────


def test_feed_states_come_back(engine: Engine) -> None:
    first = FeedState(source_id="a", url="https://a.example/1", etag='"x"', next_due_at=NOW, failures=2)
    second = FeedState(source_id="a", url="https://a.example/2", retired_at=NOW, cursor="{}")
    with write(engine) as conn:
        save_feed_states(conn, [first, second])
        save_feed_states(conn, [first.model_copy(update={"etag": None, "failures": 0})])
    with read(engine) as conn:
        found = load_feed_states(conn, ["a", "unknown"])
    assert found[second.source_id, second.url] == second
    assert found[first.source_id, first.url] == first.model_copy(update={"etag": None, "failures": 0})


def test_an_item_s_version_never_goes_back(engine: Engine) -> None:
    later = NOW + timedelta(hours=1)
    with write(engine) as conn:
        save_items(conn, [_item(version=2), _item(2)])
        save_items(conn, [_item(version=1, last_seen_at=later), _item(2, version=2, first_seen_at=later)])
    with read(engine) as conn:
        found = known_items(conn, [_item().article_id, _item(2).article_id, "unknown"])
    assert found[_item().article_id] == _item(version=2)
    assert found[_item(2).article_id] == _item(2, version=2, first_seen_at=NOW)


def test_many_items_are_saved_and_found(engine: Engine) -> None:
    rows = [_item(number) for number in range(3000)]
    with write(engine) as conn:
        save_items(conn, rows)
    with read(engine) as conn:
        assert known_items(conn, [row.article_id for row in rows]) == {row.article_id: row for row in rows}


def test_contents_keep_their_first_version(engine: Engine) -> None:
    old = VersionRow(article_id="a", content_hash="x", version=1, run_id="r1")
    with write(engine) as conn:
        save_versions(conn, [old, old, old.model_copy(update={"content_hash": "y", "version": 2})])
        save_versions(conn, [old.model_copy(update={"version": 3, "run_id": "r2"})])
    with read(engine) as conn:
        assert known_versions(conn, ["a", "b"]) == {"a": {"x": 1, "y": 2}}


def test_pending_items_are_kept_until_deleted(engine: Engine) -> None:
    rows = [_pending(1, NOW), _pending(2, NOW - timedelta(hours=1))]
    with write(engine) as conn:
        save_pending(conn, [*rows, _pending(4, NOW, source_id="other")])
        save_pending(conn, [rows[0].model_copy(update={"attempts": 2})])
    with read(engine) as conn:
        found = load_pending(conn, ["harbour-post", "unknown"])
    assert sorted(found, key=lambda row: row.article_id) == [rows[0].model_copy(update={"attempts": 2}), rows[1]]
    with write(engine) as conn:
        delete_pending(conn, [rows[1].article_id])
        assert [row.article_id for row in load_pending(conn, ["harbour-post"])] == [rows[0].article_id]


def test_hostile_text_is_kept(engine: Engine) -> None:
    """NUL, which PostgreSQL refuses, and a guid longer than an index of its may be."""
    noise = "".join(chr(0x4E00 + n * n % 20_000) for n in range(9_000))
    row = _item(guid=f"a\0b{noise}", provider_version="\0")
    with write(engine) as conn:
        save_items(conn, [row])
        save_pending(conn, [_pending(1, NOW).model_copy(update={"last_error": "\0"})])
        save_feed_states(conn, [FeedState(source_id="a", url="u", etag="\0", last_error=noise)])
    with read(engine) as conn:
        assert known_items(conn, [row.article_id])[row.article_id].guid == f"a\ufffdb{noise}"


# ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _apply(engine: Engine, outcome: RunOutcome) -> bool:
    with write(engine) as conn:
        return apply_run(conn, outcome)


def test_a_run_s_way(engine: Engine) -> None:
    with write(engine) as conn:
        assert start_run(conn, "r1", NOW).status == "running"
        assert start_run(conn, "r1", NOW + timedelta(hours=1)).started_at == NOW
        start_run(conn, "r2", NOW + timedelta(hours=1))
        mark_landing(conn, "r1")
    with read(engine) as conn:
        assert [(run.run_id, run.status) for run in unfinished_runs(conn)] == [("r1", "landing"), ("r2", "running")]

    assert _apply(engine, _outcome("r1", report="{}"))
    with write(engine) as conn:
        mark_landing(conn, "r1")
    with read(engine) as conn:
        assert [run.run_id for run in unfinished_runs(conn)] == ["r2"]
        newest, landed = last_runs(conn)
    assert newest.run_id == "r2"
    assert (landed.status, landed.table_version, landed.report, landed.finished_at) == ("landed", 7, "{}", NOW)


def test_a_run_is_applied_once_and_whole(engine: Engine) -> None:
    feed = FeedState(source_id="a", url="u", etag="1")
    outcome = _outcome(
        "r1",
        feeds=[feed],
        items=[_item()],
        versions=[VersionRow(article_id=_item().article_id, content_hash="x", version=1, run_id="r1")],
        pending=[_pending(5, NOW)],
        settled=[_pending(6, NOW).article_id],
    )
    with write(engine) as conn:
        start_run(conn, "r1", NOW)
        save_pending(conn, [_pending(6, NOW)])

    with pytest.raises(ZeroDivisionError), write(engine) as conn:
        apply_run(conn, outcome)
        raise ZeroDivisionError
    with read(engine) as conn:
        assert not known_items(conn, [_item().article_id])
        assert not load_feed_states(conn, ["a"])

    assert _apply(engine, outcome)
    with write(engine) as conn:
        save_feed_states(conn, [feed.model_copy(update={"etag": "2"})])
    assert not _apply(engine, outcome)
    with read(engine) as conn:
        assert load_feed_states(conn, ["a"])["a", "u"].etag == "2"
        assert [row.entry.guid for row in load_pending(conn, ["harbour-post"])] == ["5"]
        assert known_versions(conn, [_item().article_id]) == {_item().article_id: {"x": 1}}


def test_a_run_that_was_never_started(engine: Engine) -> None:
    with pytest.raises(StateError, match="no such run"):
        _apply(engine, _outcome("r"))


def test_runs_applied_at_once_do_not_get_in_each_other_s_way(engine: Engine) -> None:
    items = [_item(number) for number in range(200)]
    applied: list[bool] = []
    with write(engine) as conn:
        for n in range(4):
            start_run(conn, f"r{n % 3}", NOW)

    def apply(n: int) -> None:
        rows = items if n % 2 else items[::-1]
        applied.append(_apply(engine, _outcome(f"r{n % 3}", items=[row.model_dump() for row in rows])))

    threads = [threading.Thread(target=apply, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [False, True, True, True]


def test_times_are_kept_as_utc(tmp_path: Path) -> None:
    engine = open_state(f"sqlite:///{tmp_path}/s.db")
    upgrade(engine)
    with write(engine) as conn:
        start_run(conn, "r", datetime.fromisoformat("2026-03-14T03:00:00+01:00"))
    with sqlite3.connect(tmp_path / "s.db") as raw:
        assert raw.execute("SELECT started_at FROM runs").fetchone() == ("2026-03-14 02:00:00.000000",)
