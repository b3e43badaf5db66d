"""Four workers that resolve and land at once, on one PostgreSQL, split no story and lose no article."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from ingest import landing
from ingest.land import staging
from ingest.land.read import read_articles
from ingest.land.store import open_store
from ingest.land.table import create_table
from ingest.model import Article
from ingest.shard import ShardResult
from ingest.state.database import open_state, read, upgrade, write
from ingest.state.runs import start_run
from ingest.state.stories import SqlIndex, standing_of

from .texts import NOW, article, prose

WORKERS, ROUNDS, STORIES = 4, 2, 6
SHARD = "shard01"


def _articles(run_id: str) -> list[Article]:
    """A copy of each story, cut by a paragraph or none, as a paper of its own carries it; x0 has other stories."""
    number, first = int(run_id[1:]), 100 if run_id[0] == "x" else 0
    copies = [prose(first + story, 9)[: 9 - (number + story) % 2] for story in range(STORIES)]
    return [article(f"{number:016x}{first + story:016x}", body, number / 10) for story, body in enumerate(copies)]


def stage(store_url: str, state_url: str, run_id: str) -> None:
    store, engine = open_store(store_url, None), open_state(state_url)
    with write(engine) as conn:
        start_run(conn, run_id, NOW)
    staging.write_rows(store, run_id, SHARD, _articles(run_id))
    staging.write_result(store, run_id, SHARD, ShardResult(run_id=run_id, shard=SHARD, started_at=NOW))
    landing.resolve(store, engine, run_id, NOW)
    engine.dispose()


def land(store_url: str, state_url: str, run_id: str) -> int:
    """Clocks of workers differ, and one may wait long for its turn: the later the run, the earlier its time."""
    store, engine = open_store(store_url, None), open_state(state_url)
    now = NOW - timedelta(minutes=int(run_id[1:]))
    landed = landing.land(store, engine, run_id, {SHARD: []}, now).landed
    engine.dispose()
    return landed


def both(store_url: str, state_url: str, run_id: str) -> int:
    stage(store_url, state_url, run_id)
    return land(store_url, state_url, run_id)


@contextmanager
def _pool() -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("forkserver")  # as spawn, but what is imported is imported once
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(WORKERS, context) as pool:
        yield pool


@pytest.mark.services
def test_four_workers_split_no_story(postgres_url: str, tmp_path: Path) -> None:
    store_url, engine = str(tmp_path / "store"), open_state(postgres_url)
    upgrade(engine)
    create_table(open_store(store_url, None))
    ids = [f"r{number}" for number in range(WORKERS * ROUNDS)]
    stale, free = ids[:WORKERS], ids[WORKERS:]
    where = (store_url, postgres_url)
    with _pool() as pool:
        list(pool.map(stage, *zip(*[(*where, id_) for id_ in stale], strict=True)))  # none has seen another's yet
        landed = list(pool.map(land, *zip(*[(*where, id_) for id_ in stale], strict=True)))
        landed += pool.map(both, *zip(*[(*where, id_) for id_ in free], strict=True))
    assert landed == [STORIES] * len(ids)
    articles = list(read_articles(open_store(store_url, None)))
    told = Counter(a.story_id for a in articles)
    assert sorted(told.values()) == [len(ids)] * STORIES
    assert Counter(a.story_id for a in articles if a.duplicate_of is None) == Counter(told.keys())
    with read(engine) as conn:
        members = SqlIndex(conn).by_article_ids([a.article_id for a in articles])
        assert {id_: member.story_id for id_, member in members.items()} == {a.article_id: a.story_id for a in articles}
        assert all(standing_of(conn, id_).aliases == () for id_ in told if id_)
    engine.dispose()


def test_what_landed_with_an_earlier_clock_is_seen(tmp_path: Path) -> None:
    """r1 resolves before r2 lands, whose clock is behind that of x0: it must be resolved again all the same."""
    where = (str(tmp_path / "store"), f"sqlite:///{tmp_path}/state.db")
    upgrade(open_state(where[1]))
    create_table(open_store(where[0], None))
    assert both(*where, "x0") == STORIES
    stage(*where, "r1")
    stage(*where, "r2")
    assert [land(*where, "r2"), land(*where, "r1")] == [STORIES] * 2
    articles = list(read_articles(open_store(where[0], None)))
    assert len({a.story_id for a in articles}) == 2 * STORIES
