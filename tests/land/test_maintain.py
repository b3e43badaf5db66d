"""Upkeep: fewer files, retention, takedowns, and readers that are not disturbed."""

import gzip
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ingest.land import staging
from ingest.land.local import LocalStore
from ingest.land.maintain import maintain, take_down
from ingest.land.raw import RawArchive, archive_key
from ingest.land.read import Query, read_articles
from ingest.land.store import Store
from ingest.land.table import commit_run, create_table, open_table, table_version
from ingest.model import Payload
from tests.land.articles import LANDED, article

NOW = datetime.now(UTC)


def test_many_small_files_become_one(store: Store) -> None:
    create_table(store)
    for n in range(6):
        commit_run(store, f"r{n}", [article(n)], LANDED, {})
    before = open_table(store)
    done = maintain(store, NOW, keep_raw_days=90)

    assert done.files_compacted == 6
    assert done.files_deleted == 0  # a reader may still have them open
    assert len(open_table(store).file_uris()) == 1
    assert before.to_pyarrow_dataset().count_rows() == 6
    assert {a.guid for a in read_articles(store)} == {str(n) for n in range(6)}
    assert [a.guid for a in read_articles(store, Query(changes_since=5))] == ["5"]
    assert commit_run(store, "r0", [article(0)], LANDED, {}).already
    assert maintain(store, NOW, keep_raw_days=90).files_compacted == 0


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

    done = maintain(store, datetime(2026, 4, 1, tzinfo=UTC), keep_raw_days=60)
    assert done.archives_deleted == 2
    assert done.runs_unstaged == ()
    done = maintain(store, NOW, keep_raw_days=10_000, unfinished=["unfinished"])
    assert done.runs_unstaged == ("old",)
    assert staging.runs(store) == ["new", "unfinished"]
    assert sorted(s.key for s in store.list("raw")) == ["raw/2026-03-01/x", "raw/not-a-day/x"]
    assert not (tmp_path / ".partial" / "killed").exists()


def test_a_takedown_leaves_no_byte(store: Store, tmp_path: Path) -> None:
    create_table(store)
    archive = RawArchive(tmp_path / "a", archive_key(store, "r1", "0", date(2026, 3, 14)))
    kept, gone = (archive.append(Payload(source_id="s", url="u", body=body)) for body in (b"ferry", b"pelican"))
    archive.upload(store)
    secret = article(1, text="Unmistakable pelican").model_copy(update={"raw": gone})
    commit_run(store, "r1", [secret, article(2).model_copy(update={"raw": kept})], LANDED, {})
    commit_run(store, "r2", [article(1, version=2, text="Unmistakable pelican again")], LANDED, {})
    maintain(store, NOW, keep_raw_days=10_000)

    done = take_down(store, [secret.article_id], "court order 7")
    assert (done.rows, done.records) == (2, 1)
    assert [a.guid for a in read_articles(store)] == ["2"]
    assert take_down(store, [secret.article_id], "court order 7").rows == 0
    for stored in store.list(""):
        content = store.get(stored.key)
        assert b"pelican" not in content
        if stored.key.endswith(".gz"):
            assert b"pelican" not in gzip.decompress(content)
        if stored.key.endswith(".parquet") and "_delta_log" not in stored.key:
            assert b"pelican" not in _plain(content)

    version = table_version(store)
    commit_run(store, "r3", [article(3)], LANDED, {})
    assert [a.guid for a in read_articles(store, Query(changes_since=version))] == ["3"]


def _plain(parquet: bytes) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return str(pq.read_table(pa.BufferReader(parquet)).to_pylist()).encode()
