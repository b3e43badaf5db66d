"""Between tasks: written by shards, read by the land task, gone after the commit."""

from pathlib import Path

import pytest

from ingest.errors import BadConfig, Malformed, NotStored, StoreUnavailable
from ingest.land import staging
from ingest.land.columns import SCHEMA, to_batches, to_row
from ingest.land.store import Store, open_store
from ingest.model import Article, Model
from tests.faulty import FaultyStore
from tests.land.articles import LANDED, article, full_article

RUN = "scheduled__2026-03-14T02:00:00+00:00"


class Outcome(Model):
    fetched: int
    names: tuple[str, ...] = ()


def test_a_shard_s_way(store: Store) -> None:
    originals = [article(1), full_article()]
    assert staging.write_rows(store, RUN, "0", iter(originals)) == 2
    assert staging.shards(store, RUN) == []
    staging.write_result(store, RUN, "0", Outcome(fetched=2, names=("a",)))

    assert staging.shards(store, RUN) == ["0"]
    assert staging.runs(store) == [RUN]
    assert list(staging.read_rows(store, RUN, "0", Article)) == originals
    assert staging.read_result(store, RUN, "0", Outcome) == Outcome(fetched=2, names=("a",))

    staging.write_rows(store, "other", "0", [])
    assert list(staging.read_rows(store, "other", "0", Article)) == []
    assert staging.delete(store, RUN) == 2
    assert staging.runs(store) == ["other"]


def test_a_retried_shard_overwrites_itself(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), None)
    for number in (1, 2):
        staging.write_rows(store, RUN, "0", [article(number)])
    assert list(staging.read_rows(store, RUN, "0", Article)) == [article(2)]


def test_a_shard_that_fails_half_way_stages_nothing(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), None)
    with pytest.raises(ZeroDivisionError):
        staging.write_rows(store, RUN, "0", (article(1 // (1 - n)) for n in range(2)))
    faulty = FaultyStore(store, {"put": {1}})
    with pytest.raises(StoreUnavailable):
        staging.write_rows(faulty, RUN, "0", [article(1)])
    assert list(store.list("")) == []


def test_what_is_not_staging_is_malformed(tmp_path: Path) -> None:
    import zstandard

    store = open_store(str(tmp_path), None)
    staging.write_rows(store, "r", "0", [article(n) for n in range(50)])
    staging.write_result(store, "r", "0", Outcome(fetched=1))
    whole = store.get("staging/r/0.jsonl.zst")
    packed = zstandard.ZstdCompressor().compress
    for bad in (whole[:-20], b"noise", packed(b"{}\n"), packed(b'{"article_id": ')):
        store.put("staging/r/0.jsonl.zst", bad)
        with pytest.raises(Malformed, match=r"staging/r/0\.jsonl\.zst"):
            list(staging.read_rows(store, "r", "0", Article))
    for bad in (b"noise", packed(b"{}")):
        store.put("staging/r/0.result.json.zst", bad)
        with pytest.raises(Malformed, match="result"):
            staging.read_result(store, "r", "0", Outcome)
    with pytest.raises(NotStored):
        list(staging.read_rows(store, "r", "9", Article))
    with pytest.raises(BadConfig):
        staging.delete(store, "")


def test_columns_come_back_and_a_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), None)
    batches = list(to_batches((to_row(article(n)) for n in range(1100)), RUN, LANDED))
    staging.write_batches(store, "r", "resolved", batches, SCHEMA)
    back = list(staging.read_batches(store, "r", "resolved"))
    assert [batch.num_rows for batch in back] == [500, 500, 100]
    assert back == batches

    whole = store.get("staging/r/resolved.arrow")
    for bad in (whole[:-40], whole[: len(whole) // 2], b"", b"no columns"):
        store.put("staging/r/resolved.arrow", bad)
        with pytest.raises(Malformed, match=r"resolved\.arrow"):
            list(staging.read_batches(store, "r", "resolved"))
    with pytest.raises(NotStored):
        list(staging.read_batches(store, "r", "other"))
