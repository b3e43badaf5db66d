"""The tasks that `benchmarks.crash` kills, each in a process of its own, as Airflow's are."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from tests.newsroom import FEW, NIGHT

from ingest import pipeline
from ingest.dealing import Shard
from ingest.errors import StoreUnavailable
from ingest.settings import Settings

_PAUSE = 0.1  # seconds between two looks of the reader


def perform(settings: Settings, folder: Path, run_id: str, task: str, seconds: int) -> None:
    """One try of a task. What one task tells the next is in files, where Airflow has its XComs."""
    tempfile.tempdir = str(folder)  # what a killed try leaves there goes with the benchmark
    with (folder / "log").open("a") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    ws, now = pipeline.Workspace(settings), NIGHT + timedelta(seconds=seconds)
    name, _, number = task.partition(" ")
    if name == "setup":
        ws.set_up()
    elif name == "maintain":
        from ingest.upkeep import keep_up

        keep_up(ws, NIGHT)
    elif name == "read":
        _read(ws, folder)
    elif name == "plan":
        planned = pipeline.plan(ws, run_id, now, FEW, force=True)
        _tell(folder / f"{run_id}.json", [asdict(shard) for shard in planned])
    elif name == "ingest":
        pipeline.ingest_shard(ws, shards(folder, run_id)[int(number)], now)
    elif name == "resolve":
        pipeline.resolve(ws, run_id, now)
    elif name == "land":
        pipeline.land(ws, run_id, shards(folder, run_id), now)


def shards(folder: Path, run_id: str) -> list[Shard]:
    plain = json.loads((folder / f"{run_id}.json").read_text())
    return [Shard(**one | {"source_ids": tuple(one["source_ids"])}) for one in plain]


def _read(ws: pipeline.Workspace, folder: Path) -> None:
    """Open the latest version again and again, and write down how many rows each run has there."""
    from ingest.land.table import open_table

    seen: set[str] = set()
    while True:
        try:
            rows = open_table(ws.store).to_pyarrow_dataset().to_table(columns=["run_id"])
        except (StoreUnavailable, OSError) as e:  # the server's faults; any other error ends this process
            if not ws.settings.s3_endpoint:
                raise
            print("the reader tries again:", e)
            continue
        counts = json.dumps(Counter(rows.column("run_id").to_pylist()), sort_keys=True)
        if counts not in seen:
            seen.add(counts)
            with (folder / "seen").open("a") as out:
                out.write(f"{counts}\n")
        time.sleep(_PAUSE)


def _tell(path: Path, value: object) -> None:
    """Whole or not at all."""
    aside = path.with_suffix(".partial")
    aside.write_text(json.dumps(value))
    aside.replace(path)
