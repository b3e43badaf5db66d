"""The articles table: one commit a run, nothing lost, nothing doubled, on every store."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import NotStored, StoreUnavailable
from ingest.land.columns import SCHEMA
from ingest.land.read import Query, read_articles, read_batches
from ingest.land.store import Store, open_store
from ingest.land.table import CommitResult, commit_run, create_table, history, open_table, run_of_commit, table_version
from ingest.model import Article
from tests.land.articles import LANDED, article, full_article


@pytest.fixture
def table(store: Store) -> Store:
    create_table(store)
    return store


def _keys(store: Store, query: Query = Query(latest_only=False)) -> list[tuple[str, int]]:  # noqa: B008
    return sorted((a.guid, a.version) for a in read_articles(store, query))


def test_a_run_is_one_commit_and_lands_once(table: Store) -> None:
    run = [article(n) for n in range(5)]

    assert commit_run(table, "r1", iter(run), LANDED, {"articles": 5}) == CommitResult(table_version=1, inserted=5)
    again = commit_run(table, "r1", iter(run), LANDED, {"articles": 5})
    assert again == CommitResult(table_version=1, inserted=5, already=True)

    assert table_version(table) == 1
    first = history(table)[0]
    assert (first.run_id, first.inserted, first.counts) == ("r1", 5, {"articles": 5})
    assert run_of_commit(table, 1) == "r1"
    assert run_of_commit(table, 0) is None


def test_rows_that_are_there_are_not_doubled(table: Store) -> None:
    commit_run(table, "r1", [article(1), article(2)], LANDED, {})
    overlap = [article(2), article(2, version=2), article(3), article(3)]

    assert commit_run(table, "r2", overlap, LANDED + timedelta(days=1), {}).inserted == 2
    assert commit_run(table, "r3", overlap, LANDED, {}) == CommitResult(table_version=2, inserted=0)
    assert _keys(table) == [("1", 1), ("2", 1), ("2", 2), ("3", 1)]


def test_an_article_comes_back_whole(table: Store) -> None:
    original = full_article()
    commit_run(table, "run-1", [original], LANDED, {})
    assert list(read_articles(table)) == [original]


def test_an_empty_run_makes_no_commit(table: Store) -> None:
    assert commit_run(table, "r", [], LANDED, {}) == CommitResult(table_version=0, inserted=0)


def test_without_a_table_nothing_is_created(store: Store) -> None:
    for ask in (lambda: commit_run(store, "r", [article(1)], LANDED, {}), lambda: list(read_articles(store))):
        with pytest.raises(NotStored, match="no articles table"):
            ask()
    assert list(store.list("articles")) == []


def test_set_up_again_changes_nothing(table: Store) -> None:
    commit_run(table, "r", [article(1)], LANDED, {})
    assert create_table(table) == 1


def test_racing_runs_double_nothing(table: Store) -> None:
    """Four runs with overlapping articles at once, two of them the same run twice."""
    results: dict[int, CommitResult] = {}

    def land(number: int, run_id: str, start: int) -> None:
        results[number] = commit_run(table, run_id, [article(n) for n in range(start, start + 20)], LANDED, {})

    runs = [("a", 0), ("b", 10), ("c", 20), ("a", 0)]
    threads = [threading.Thread(target=land, args=(n, *run)) for n, run in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _keys(table) == sorted((str(n), 1) for n in range(40))
    assert sorted(r.already for r in (results[0], results[3])) == [False, True]
    assert results[0].inserted == results[3].inserted


def test_queries(table: Store) -> None:
    later = LANDED + timedelta(days=2)
    commit_run(table, "r1", [article(1), article(2), article(4, source_id="other")], LANDED, {})
    commit_run(table, "r2", [article(2, version=2), article(3)], later, {})

    assert _keys(table, Query()) == [("1", 1), ("2", 2), ("3", 1), ("4", 1)]
    assert _keys(table, Query(since=LANDED + timedelta(hours=1))) == [("2", 2), ("3", 1)]
    assert _keys(table, Query(since=later)) == [("2", 2), ("3", 1)]
    assert _keys(table, Query(source_id="other")) == [("4", 1)]
    assert _keys(table, Query(story_id="story-2", latest_only=False)) == [("2", 1), ("2", 2)]
    assert _keys(table, Query(article_id=article(2).article_id)) == [("2", 2)]
    assert _keys(table, Query(run_id="r1", latest_only=False)) == [("1", 1), ("2", 1), ("4", 1)]
    assert _keys(table, Query(changes_since=1)) == [("2", 2), ("3", 1)]
    assert _keys(table, Query(changes_since=2)) == []
    assert _keys(table, Query(at_version=1)) == [("1", 1), ("2", 1), ("4", 1)]
    (batch,) = read_batches(table, Query(article_id=article(2).article_id), columns=["headline"])
    assert batch.to_pylist() == [{"headline": "Trip 2"}]


def test_reading_many_rows_needs_many_batches(table: Store) -> None:
    commit_run(table, "r1", (article(n) for n in range(2500)), LANDED, {})
    assert sum(1 for _ in read_articles(table)) == 2500
    assert max(batch.num_rows for batch in read_batches(table, Query(), ["guid"])) <= 1000


def test_the_log_holds_no_text(table: Store) -> None:
    commit_run(table, "r1", [article(1, text="Unmistakable pelican")], LANDED, {})
    open_table(table).create_checkpoint()
    logs = [table.get(s.key) for s in table.list("articles/_delta_log")]
    assert len(logs) >= 3
    assert not any(b"pelican" in log or b"Trip 1" in log for log in logs)


def test_a_newer_schema_s_columns_are_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path), None)
    monkeypatch.setattr("ingest.land.table.SCHEMA", SCHEMA.remove(SCHEMA.get_field_index("ed_note")))
    create_table(store)
    monkeypatch.undo()

    assert create_table(store) == 1
    commit_run(store, "run-1", [full_article()], LANDED, {})
    assert list(read_articles(store)) == [full_article()]


def test_other_engines_read_it(tmp_path: Path) -> None:
    import polars as pl

    store = open_store(str(tmp_path), None)
    create_table(store)
    commit_run(store, "r1", [article(1), full_article()], LANDED, {})
    frame = pl.read_delta(store.delta_uri("articles")).sort("guid")
    assert frame["landed_day"].to_list() == [LANDED.date()] * 2
    start = pl.col("blocks").list.first().struct.field("start")
    length = pl.col("blocks").list.first().struct.field("length")
    assert frame.select(pl.col("body_text").str.slice(start, length))["body_text"].to_list() == [
        article(1).blocks[0].text,
        "Gulls 🐦 came.",
    ]


def test_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    store = open_store("s3://bucket", "http://127.0.0.1:9")
    options = store.storage_options | {"max_retries": "0", "retry_timeout": "1s"}
    monkeypatch.setattr(type(store), "storage_options", options)
    with pytest.raises(StoreUnavailable):
        table_version(store)


def test_articles_are_read_once(table: Store) -> None:
    def once() -> list[Article]:
        yield article(1)  # type: ignore[misc]

    assert commit_run(table, "r", once(), datetime(2026, 1, 1, tzinfo=UTC), {}).inserted == 1
