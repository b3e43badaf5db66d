"""A replay as the tasks of a DAG: plain values in and out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from ingest.dealing import Shard
from ingest.errors import BadConfig, StateError
from ingest.pipeline import Workspace
from ingest.replay.archive import Wanted
from ingest.replay.program import Summary, plan, replay_shard
from ingest.replay.views import read_again, told


def plan_replay(ws: Workspace, run_id: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The shards, each with what is wanted. Raises BadConfig for parameters that say too little or too much."""
    wanted, dry_run = _wanted(params), bool(params["dry_run"])
    planned = plan(ws, run_id, wanted, datetime.now(UTC), dry_run=dry_run)
    if planned.gone:
        print(f"no longer in the registry, so not read again: {', '.join(planned.gone)}")
    return [
        {
            "run_id": one.run_id,
            "name": one.name,
            "source_ids": list(one.source_ids),
            "force": one.force,
            "wanted": wanted.model_dump(mode="json"),
            "dry_run": dry_run,
        }
        for one in planned.shards
    ]


def read_shard(ws: Workspace, plain: Mapping[str, Any]) -> dict[str, Any]:
    """One shard read again; the log has examples, what is returned only counts."""
    shard = Shard(plain["run_id"], plain["name"], tuple(plain["source_ids"]))
    summary, wanted = Summary(), Wanted.model_validate(plain["wanted"])
    result = replay_shard(ws, shard, wanted, datetime.now(UTC), summary.add, dry_run=plain["dry_run"])
    for name, examples in summary.examples.items():
        for line in (line for one in examples for line in told(one)):
            print(f"{name}: {line}")
    for line in read_again(summary, result.sources):
        print(line)
    read = sum(one.new + one.updated + one.unchanged for one in result.sources)
    counts = {"read": read, "changed": len(summary.changed), "new": len(summary.new)}
    return {**counts, "fields": dict(summary.fields)}


def tell_dry_run(shards: list[dict[str, Any]], counts: Iterable[Mapping[str, Any]]) -> None:
    """Prints what would change. Raises StateError if a shard did not tell, since the sum would be too small."""
    several = list(counts)
    if len(several) < len(shards):
        raise StateError(
            "the replay", f"{len(shards) - len(several)} shards did not tell", "see their logs; clear them"
        )
    for name in ("read", "changed", "new"):
        print(f"{name:>12} {sum(one[name] for one in several):,}")
    fields: Counter[str] = Counter()
    for one in several:
        fields.update(one["fields"])
    for name, count in fields.most_common():
        print(f"{name:>12} {count:,} articles")


def _wanted(params: Mapping[str, Any]) -> Wanted:
    given = {name: params.get(name) or None for name in ("run_id", "since", "until")}
    if (given["run_id"] is None) == (given["since"] is None):
        raise BadConfig("the replay", "give a run_id or a since, and not both", "trigger it again")
    try:
        wanted = Wanted(**given, sources=tuple(params.get("sources") or ()))
    except ValidationError as e:
        raise BadConfig("the replay", str(e.errors()[0]["msg"]), "times are as 2026-03-01T06:00:00Z") from e
    times = {name: _utc(when) for name in ("since", "until") if (when := getattr(wanted, name))}
    return wanted.model_copy(update=times)


def _utc(when: datetime) -> datetime:
    """Times without a zone are UTC."""
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
