"""Sources dealt into shards that end at about the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.model import Source

FEED_S, ITEM_S, PAGE_S = 0.02, 0.006, 0.03  # processor time of one; see docs/performance.md
UNKNOWN_ITEMS = 20.0  # of a source that was never asked: all of its feed is new


@dataclass(frozen=True)
class Shard:
    """A task's worth of sources. `force` asks them before they are due."""

    run_id: str
    name: str
    source_ids: tuple[str, ...]
    force: bool = False


def deal(
    run_id: str,
    sources: Iterable[Source],
    shards: int,
    force: bool = False,
    expected: Mapping[str, float] | None = None,
) -> list[Shard]:
    """Deal sources to at most `shards` shards, evenly by the work they are expected to be.

    `expected` are new items a run by source id. One host is one shard's, so that it is asked politely; loopback, which
    nobody needs to be polite to, is dealt source by source. The heaviest first, each to the lightest shard (Graham's
    LPT rule): the last shard ends at most a third later than in the best deal there is.
    """
    known = expected or {}
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(_host(source), []).append(source)
    costs = {name: sum(cost_s(s, known.get(s.id, UNKNOWN_ITEMS)) for s in group) for name, group in groups.items()}
    loads: list[list[Source]] = [[] for _ in range(min(shards, len(groups)))]
    weights = [0.0] * len(loads)
    for name in sorted(groups, key=lambda name: (-costs[name], groups[name][0].id)):
        lightest = weights.index(min(weights))
        loads[lightest] += groups[name]
        weights[lightest] += costs[name]
    return [
        Shard(run_id, f"shard{number:02d}", tuple(sorted(s.id for s in load)), force)
        for number, load in enumerate(loads, start=1)
    ]


def cost_s(source: Source, items: float) -> float:
    """Seconds of work: a feed is read whole, an item cleaned, and its page too where the text is there."""
    return len(source.urls) * FEED_S + items * (PAGE_S if source.full_text == "page" else ITEM_S)


def _host(source: Source) -> str:
    host = source.host
    return source.id if not host or host.startswith("127.") or host in ("localhost", "::1") else host
