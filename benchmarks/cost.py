"""What object storage is asked for a night: `python -m benchmarks.cost [ARTICLES]`.

A whole run of ten papers in four shards against an S3 server (moto), all requests of boto3 and deltalake counted from
the server's log: by stage and method, how many objects stay, and how large they are. Then the same night again with
nothing new, and upkeep.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import AWS, s3_process

from benchmarks import Figure
from benchmarks.newsroom import write_papers
from ingest import pipeline, upkeep
from ingest.dealing import Shard
from ingest.pipeline import Workspace
from ingest.settings import Settings

_NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
_REQUEST = re.compile(rb'"(?:\x1b\[[0-9;]{1,8}m)*([A-Z]{3,7}) /news[/?]')  # the log is in colour
_STAGES = ("plan", "ingest", "resolve", "land")


def figures(quick: bool) -> Iterator[Figure]:
    yield from measured(200 if quick else 10_000)


def measured(articles: int) -> Iterator[Figure]:
    os.environ |= AWS
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        with s3_process("moto", log) as endpoint:
            yield from _nights(Path(scratch), endpoint, log, articles)


def _nights(folder: Path, endpoint: str, log: Path, articles: int) -> Iterator[Figure]:
    import boto3

    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="news")
    ws = Workspace(_settings(folder, endpoint, articles))
    ws.set_up()
    before = {stored.key for stored in ws.store.list("")}
    asked = _night(ws, _NIGHT, log)
    for name, counts in asked.items():
        yield Figure(f"{name}: {_told(counts)}", counts.total(), "requests")
    stored = [one for one in ws.store.list("") if one.key not in before]
    per = articles / 10_000
    target = "60 or fewer" if articles == 10_000 else ""
    yield Figure("requests of the night", sum(asked.values(), Counter[str]()).total(), "", target)
    yield Figure("objects that stay", len(stored), "", "12 or fewer" if target else "")
    for top in sorted({one.key.split("/")[0] for one in stored}):
        size = sum(one.size_bytes for one in stored if one.key.split("/")[0] == top)
        yield Figure(f"{top}/, for 10,000 articles", size / 1e6 / per, "MB")
    again = _night(ws, _NIGHT + timedelta(days=1), log)
    yield Figure("requests of a night with nothing new", sum(again.values(), Counter[str]()).total(), "")
    keep = _counted(log, lambda: upkeep.keep_up(ws, _NIGHT))
    yield Figure(f"upkeep: {_told(keep)}", keep.total(), "requests")


def _night(ws: Workspace, now: datetime, log: Path) -> dict[str, Counter[str]]:
    """Requests by stage, the shards' added up."""
    run_id, shards, asked = f"run-{now:%Y-%m-%d}", list[Shard](), dict[str, Counter[str]]()

    def one(stage: str) -> None:
        if stage == "plan":
            shards.extend(pipeline.plan(ws, run_id, now, force=True))
        elif stage == "ingest":
            for shard in shards:
                pipeline.ingest_shard(ws, shard, now)
        elif stage == "resolve":
            pipeline.resolve(ws, run_id, now)
        else:
            pipeline.land(ws, run_id, shards, now)

    for stage in _STAGES:
        asked[stage] = _counted(log, lambda stage=stage: one(stage))  # type: ignore[misc]
    return asked


def _counted(log: Path, work: Callable[[], object]) -> Counter[str]:
    before = log.stat().st_size
    work()
    with log.open("rb") as file:
        file.seek(before)
        return Counter(match[1].decode() for match in _REQUEST.finditer(file.read()))


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {method}" for method, count in counts.most_common())


def _settings(folder: Path, endpoint: str, articles: int) -> Settings:
    return Settings.model_validate(
        {
            "sources": write_papers(folder, articles),
            "store": "s3://news/store",
            "s3_endpoint": endpoint,
            "state": f"sqlite:///{folder}/state.db",
            "shards": 4,
        }
    )


def main() -> None:
    for figure in measured(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000):
        print(f"{figure.what:<50} {figure.value:>10,.4g} {figure.unit} {figure.target}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
