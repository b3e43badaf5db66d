"""Of which files and row groups something is read, and that nothing is missed by it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.land.datafiles import FILE, GROUP, DataFiles
from ingest.land.local import LocalStore
from ingest.land.query import Query, conditions
from ingest.land.read import read_articles, read_batches
from ingest.land.runfile import GROUP as GROUP_ROWS
from ingest.land.table import commit_run, create_table, open_table
from ingest.model import Article
from tests.land.articles import LANDED, article

ROWS = GROUP_ROWS + 200


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    """A run of several row groups with a kill in the midst of it, and one of a day later with a second version."""
    store = LocalStore(tmp_path_factory.mktemp("store"))
    create_table(store)
    commit_run(store, "first", map(one, range(ROWS)), LANDED, {})
    commit_run(store, "second", [one(3, version=2)], LANDED + timedelta(days=1), {})
    return store


def one(number: int, version: int = 1) -> Article:
    status = "canceled" if number == 7 else "usable"
    return article(number, version).model_copy(update={"story_id": f"s{number % 100}", "pub_status": status})


def places(store: LocalStore, query: Query) -> set[tuple[int, int]]:
    found = DataFiles(store, open_table(store)).find(["article_id"], conditions(query))
    return {(row[FILE], row[GROUP]) for table in found for row in table.to_pylist()}


def ids(query: Query, store: LocalStore) -> Iterator[tuple[str, int]]:
    return ((found.guid, found.version) for found in read_articles(store, query))


def test_what_is_retracted_has_row_groups_of_its_own(store: LocalStore) -> None:
    usable, retracted = places(store, Query(pub_status="usable")), places(store, Query(pub_status="canceled"))
    assert len(usable) == 3
    assert len(retracted) == 1
    assert not usable & retracted


def test_an_article_is_found_wherever_it_is(store: LocalStore) -> None:
    for number in (0, 7, GROUP_ROWS - 1, ROWS - 1):
        assert list(ids(Query(article_id=article(number).article_id), store)) == [(str(number), 1)]
    assert list(ids(Query(article_id=article(3).article_id), store)) == [("3", 2)]
    assert sorted(ids(Query(article_id=article(3).article_id, latest_only=False), store)) == [("3", 1), ("3", 2)]
    assert list(ids(Query(article_id="nobody"), store)) == []
    assert list(ids(Query(article_ids=()), store)) == []


def test_some_stories_are_found_with_all_their_articles(store: LocalStore) -> None:
    found = sorted(ids(Query(story_ids=("s3", "s99")), store))
    assert found == sorted((str(n), 2 if n == 3 else 1) for n in range(ROWS) if n % 100 in (3, 99))


def test_by_day_and_run(store: LocalStore) -> None:
    assert list(ids(Query(since=LANDED + timedelta(microseconds=1)), store)) == [("3", 2)]
    assert sum(1 for _ in ids(Query(until=LANDED + timedelta(days=1), latest_only=False), store)) == ROWS
    assert sum(1 for _ in ids(Query(run_id="first", latest_only=False), store)) == ROWS
    assert list(ids(Query(changes_since=1), store)) == [("3", 2)]


def test_columns_that_nothing_is_asked_of_need_not_be_there(store: LocalStore) -> None:
    [batch] = read_batches(store, Query(article_id=article(3).article_id), ["landed_day", "run_id"])
    assert batch.to_pylist() == [{"landed_day": (LANDED + timedelta(days=1)).date(), "run_id": "second"}]


def test_files_that_another_writer_left(tmp_path: Path) -> None:
    """`DeltaTable.delete` leaves views of strings."""
    store = LocalStore(tmp_path)
    create_table(store)
    commit_run(store, "r", [article(n) for n in range(3)], LANDED, {})
    open_table(store).delete(f"article_id = '{article(1).article_id}'")
    assert sorted(found.guid for found in read_articles(store)) == ["0", "2"]
    assert list(ids(Query(article_id=article(2).article_id), store)) == [("2", 1)]
