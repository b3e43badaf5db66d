"""A newer version takes over a run that the one before has staged: without the fields and columns that are new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from ingest.land import staging
from ingest.pipeline import RESOLVED, Workspace, ingest_shard, land, plan, resolve
from ingest.resolved import Resolved
from tests.faults.newsstand import SIZE, left_of, newsstand, subscribe
from tests.newsroom import NIGHT, Desk, desk

FAULT = "takeover"
OLD = ("private_note", "links")  # columns that the version before did not have yet


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Desk]:
    with newsstand(FAULT) as room:
        subscribe(tmp_path, room, FAULT)
        yield desk(tmp_path)


def test_a_shard_staged_by_the_version_before_lands(one: Desk) -> None:
    one.workspace.set_up()
    shards = plan(one.workspace, "run", NIGHT)
    for shard in shards:
        ingest_shard(one.workspace, shard, NIGHT)
        _rewrite(one.workspace, f"staging/run/{shard.name}.jsonl.zst", b'"private_note":null,', b"")
        _rewrite(one.workspace, f"staging/run/{shard.name}.jsonl.zst", b'"schema_version":1', b'"schema_version":0')
    resolve(one.workspace, "run", NIGHT)
    assert land(one.workspace, "run", shards, NIGHT).landed == SIZE
    assert {a.schema_version for a in one.articles()} == {0}
    assert one.night(hours=1).landed == 0


def test_a_run_resolved_by_the_version_before_lands(one: Desk) -> None:
    one.workspace.set_up()
    shards = plan(one.workspace, "run", NIGHT)
    for shard in shards:
        ingest_shard(one.workspace, shard, NIGHT)
    resolve(one.workspace, "run", NIGHT)
    _without_columns(one.workspace)
    assert land(one.workspace, "run", shards, NIGHT).landed == SIZE
    left = left_of(one, FAULT)
    assert one.night(hours=1).landed == 0
    assert left_of(one, FAULT) == left


def _rewrite(ws: Workspace, key: str, old: bytes, new: bytes) -> None:
    rows = zstandard.ZstdDecompressor().decompressobj().decompress(ws.store.get(key))
    assert rows.count(old) == rows.count(b"\n")
    ws.store.put(key, zstandard.ZstdCompressor().compress(rows.replace(old, new)))


def _without_columns(ws: Workspace) -> None:
    """As the version before would have resolved it."""
    batches = [batch.drop_columns(list(OLD)) for batch in staging.read_batches(ws.store, "run", RESOLVED)]
    staging.write_batches(ws.store, "run", RESOLVED, iter(batches), batches[0].schema)
    resolved = staging.read_result(ws.store, "run", RESOLVED, Resolved)
    staging.write_result(ws.store, "run", RESOLVED, resolved.model_copy(update={"columns": "older"}))
