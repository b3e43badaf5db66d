"""Sources dealt into shards."""

from __future__ import annotations

import random
from statistics import median

from ingest.dealing import cost_s, deal
from ingest.model import Source


def _sources(*feeds: str) -> list[Source]:
    return [Source(id=f"s{n:02d}", name="S", urls=tuple(urls.split())) for n, urls in enumerate(feeds)]


def test_a_host_is_one_shard_s_and_shards_are_even() -> None:
    one_host = [f"https://times.example/{n}" for n in range(6)]
    others = [f"https://{name}.example/rss" for name in "abcdef"]
    shards = deal("run", _sources(*one_host, *others), 3, force=True)
    assert [len(shard.source_ids) for shard in shards] == [6, 3, 3]
    assert shards[0].source_ids == ("s00", "s01", "s02", "s03", "s04", "s05")
    assert {(shard.run_id, shard.force) for shard in shards} == {("run", True)}
    assert [shard.name for shard in shards] == ["shard01", "shard02", "shard03"]


def test_a_source_of_many_feeds_weighs_as_many() -> None:
    several = _sources(
        "https://a.example/1 https://a.example/2 https://a.example/3", "https://b.example/", "https://c.example/"
    )
    assert [shard.source_ids for shard in deal("run", several, 2)] == [("s00",), ("s01", "s02")]


def test_loopback_and_folders_are_dealt_source_by_source() -> None:
    here = _sources("http://127.0.0.1:1/a", "http://localhost:1/b", "/srv/drop", "http://[::1]/c")
    assert [len(shard.source_ids) for shard in deal("run", here, 4)] == [1, 1, 1, 1]
    assert deal("run", [], 4) == []


def test_the_last_shard_ends_within_half_as_long_again_as_the_median() -> None:
    """Rhythms of real registries: a few wires and big papers, a long tail of small ones, some sites of many feeds."""
    for seed in range(20):
        rng = random.Random(seed)
        hosts = [f"https://h{n}.example/" for n in range(300)]
        sources = _sources(*(f"{rng.choice(hosts)}{n}.xml" for n in range(1_000)))
        expected = {source.id: min(rng.paretovariate(0.8), 400.0) for source in sources}
        costs = {source.id: cost_s(source, expected[source.id]) for source in sources}
        for count in (4, 8, 16):
            shards = deal("run", sources, count, expected=expected)
            ends = sorted(sum(costs[id_] for id_ in shard.source_ids) for shard in shards)
            assert ends[-1] <= 1.5 * median(ends)
            assert sum(len(shard.source_ids) for shard in shards) == 1_000


def test_a_source_that_brings_much_is_dealt_alone() -> None:
    several = _sources(*(f"https://{name}.example/" for name in "abcd"))
    shards = deal("run", several, 2, expected={"s00": 900, "s01": 5, "s02": 5, "s03": 5})
    assert [shard.source_ids for shard in shards] == [("s00",), ("s01", "s02", "s03")]
