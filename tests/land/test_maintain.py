"""Upkeep: fewer files, retention, takedowns, and readers that are not disturbed."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.land import staging
from ingest.land.local import LocalStore
from ingest.land.maintain import clean, compact, health
from ingest.land.read import Query, read_articles
from ingest.land.store import Store
from ingest.land.table import commit_run, create_table, open_table, table_version
from tests.land.articles import LANDED, article

NOW = datetime.now(UTC)


def test_many_small_files_become_one(store: Store) -> None:
    create_table(store)
    for n in range(6):
        commit_run(store, f"r{n}", [article(n)], LANDED, {})
    before = open_table(store)
    assert compact(store).files_compacted == 6
    assert clean(store, NOW, keep_raw_days=90).files_deleted == 0  # a reader may still have them open
    assert len(open_table(store).file_uris()) == 1
    assert before.to_pyarrow_dataset().count_rows() == 6
    assert {a.guid for a in read_articles(store)} == {str(n) for n in range(6)}
    assert [a.guid for a in read_articles(store, Query(changes_since=5))] == ["5"]
    assert commit_run(store, "r0", [article(0)], LANDED, {}).already
    assert compact(store).files_compacted == 0


def test_what_is_past_its_retention_goes(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    create_table(store)
    for folder in ("raw", "quarantine"):
        for day in ("2026-01-01", "2026-03-01", "not-a-day"):
            store.put(f"{folder}/{day}/x", b"x")
    for run in ("old", "unfinished", "new"):
        staging.write_rows(store, run, "0", [article(1)])
    (tmp_path / ".partial" / "killed").write_bytes(b"x")
    old = (NOW - timedelta(days=8)).timestamp()
    for path in (*tmp_path.glob("staging/old/*"), *tmp_path.glob("staging/unfinished/*"), tmp_path / ".partial/killed"):
        os.utime(path, (old, old))

    done = clean(store, datetime(2026, 4, 1, tzinfo=UTC), keep_raw_days=60)
    assert done.archives_deleted == 2
    assert done.runs_unstaged == ()
    done = clean(store, NOW, keep_raw_days=10_000, unfinished=["unfinished"])
    assert done.runs_unstaged == ("old",)
    assert staging.runs(store) == ["new", "unfinished"]
    assert sorted(s.key for s in store.list("raw")) == ["raw/2026-03-01/x", "raw/not-a-day/x"]
    assert not (tmp_path / ".partial" / "killed").exists()


def test_days_are_compacted_one_by_one_within_bounds(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    create_table(store)
    for day in range(3):
        for n in range(3):
            commit_run(store, f"r{day}{n}", [article(10 * day + n)], LANDED + timedelta(days=day), {})
    ticks = iter([True, False, False])
    done = compact(store, goes_on=lambda: next(ticks))
    assert (done.files_compacted, done.days_left) == (3, 2)
    assert health(store).most_small == 3
    assert (done := compact(store, max_bytes=1)).days_left == 2
    done = compact(store)  # goes on where it ended
    assert (done.files_compacted, done.days_left) == (6, 0)
    assert (health(store).files, health(store).most_small) == (3, 1)
    before = table_version(store)
    assert compact(store).files_compacted == 0
    assert table_version(store) == before
    assert len(list(read_articles(store))) == 9


def test_archives_are_deleted_some_at_a_time(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    create_table(store)
    for n in range(5):
        store.put(f"raw/2026-01-01/{n}", b"x")
    when = datetime(2026, 4, 1, tzinfo=UTC)
    assert clean(store, when, keep_raw_days=60, at_most=3).archives_deleted == 3
    assert clean(store, when, keep_raw_days=60, at_most=3).archives_deleted == 2


def test_a_writer_that_appends_meanwhile_is_no_conflict(store: Store) -> None:
    create_table(store)
    for n in range(4):
        commit_run(store, f"r{n}", [article(n)], LANDED, {})

    def append() -> bool:
        commit_run(store, "meanwhile", [article(9)], LANDED, {})
        return True

    assert compact(store, goes_on=append).files_compacted >= 4
    assert len(list(read_articles(store))) == 5
