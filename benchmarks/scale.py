"""What a day costs from 100 feeds to 100,000 and 10 million articles, and what breaks first: a model.

    python -m benchmarks.scale [--svg docs/scale.svg]

It is made of figures that were measured on one core, of assumptions and of prices: all in scale.toml. Two things are
not reckoned but simulated: a round of polite fetching (hosts of very different sizes, each asked once a second), and a
day of runs, each of which takes up what was published while the one before it was under way.
"""

from __future__ import annotations

import argparse
import heapq
import math
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks import Figure

_GIVEN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
M, A, P, L = (SimpleNamespace(**_GIVEN[part]) for part in ("measured", "assumed", "prices", "limits"))
SIZES = (
    (100, 1_000),
    (1_000, 30_000),
    (5_000, 200_000),
    (20_000, 1_000_000),
    (50_000, 4_000_000),
    (100_000, 10_000_000),
)
DAY_S = 86_400
_HEADROOM = 0.6  # of a core that is kept busy


@dataclass(frozen=True)
class Size:
    """A service of so many feeds that bring so many articles a day."""

    feeds: int
    articles: int

    @cached_property
    def shard_s(self) -> float:
        """Processor time of fetching, parsing, extracting and cleaning, an article."""
        return A.page_share / M.page_rate + (1 - A.page_share) / M.shard_rate

    @cached_property
    def busy_cores(self) -> float:
        polls = self.feeds * A.polls * M.poll_cpu_s
        return (polls + self.articles * (self.shard_s + 1 / M.resolve_rate + 1 / M.land_rate)) / DAY_S

    @cached_property
    def cores(self) -> int:
        """Bought: enough for the busiest hour."""
        return max(1, math.ceil(self.busy_cores * A.peak / _HEADROOM))

    @cached_property
    def round_s(self) -> float:
        return fetch_round(self.feeds, self.articles, self.cores)

    @cached_property
    def day(self) -> Day:
        return day_of_runs(self.articles, self.shard_s, self.cores)

    @property
    def table_gb(self) -> float:
        return self.articles * A.table_days * M.table_bytes / 1e9

    @property
    def raw_gb(self) -> float:
        bytes_ = A.page_share * A.raw_page_bytes + (1 - A.page_share) * M.raw_feed_bytes
        return self.articles * A.keep_raw_days * bytes_ / 1e9

    @property
    def state_gb(self) -> float:
        """A year of items, which are kept for good, and the index of stories."""
        return self.articles * (365 * M.item_bytes + A.index_days * M.index_bytes) / 1e9

    @property
    def requests(self) -> float:
        """To the store, a day."""
        return self.day.runs * (M.requests_run + M.requests_shard * self.cores)

    @property
    def dollars_a_month(self) -> float:
        hours = 730 * self.cores * (P.core_hour + 2 * P.memory_gb_hour)
        stored = (self.table_gb + self.raw_gb) * P.gb_month + self.state_gb * P.database_gb_month
        return hours + stored + 30 * self.requests / 1000 * (P.put_1000 + P.get_1000) / 2  # half of each


# ── simulated ───────────────────────────────────────────────────────────────────────────────────────────────────


def fetch_round(feeds: int, articles: int, cores: int) -> float:
    """Seconds until every feed was asked once and its new pages fetched; hosts in order of their work, longest first.

    The share of a host is Zipf's (the second has half the feeds of the first), which is what publishing platforms do.
    """
    hosts = max(1, feeds // A.feeds_a_host)
    harmonic = sum(1 / rank for rank in range(1, hosts + 1))
    pages = articles * A.page_share / A.polls / feeds  # a feed has for a round
    slots = [0.0] * min(hosts, A.tasks_at_once * cores)
    for rank in range(1, hosts + 1):
        asked = min(A.host_cap, feeds / harmonic / rank)
        heapq.heapreplace(slots, slots[0] + asked * (1 + pages) * max(A.host_delay_s, A.latency_s))
    return max(slots)


@dataclass(frozen=True)
class Day:
    runs: int
    landing_share: float  # of the day in which a run is resolved or landed, which no other may be
    largest: int  # articles of a run
    wait_s: float  # from published to landed, the mean of the busiest hour; infinite: it falls behind


def day_of_runs(articles: int, shard_s: float, cores: int) -> Day:
    """Runs one after another; each takes what was published since the one before began. Two days, the second told."""
    at, since, waits, sizes, landing = 0.0, 0.0, list[tuple[float, float]](), list[int](), 0.0
    while at < 2 * DAY_S:
        count = _published(articles, since, at)
        alone = count / M.resolve_rate + count / M.land_rate
        took = 3 * M.task_s + count * shard_s / cores + M.task_s + alone  # plan, resolve, land; a shard
        if at >= DAY_S:
            waits.append((at % DAY_S, (at - since) / 2 + took))
            sizes.append(round(count))
            landing += alone
        since, at = at, max(at + took, at + A.run_every_s)
        if took > DAY_S / 2:
            return Day(max(1, len(sizes)), math.inf, round(count), math.inf)
    busiest = [wait for hour, wait in waits if 11.5 <= hour / 3600 < 12.5] or [wait for _, wait in waits]
    return Day(len(sizes), landing / DAY_S, max(sizes), sum(busiest) / len(busiest))


def _published(articles: int, since: float, until: float) -> float:
    """Of a day whose rate is a wave, highest at noon: `peak` times the mean then."""

    def total(t: float) -> float:
        return t + (A.peak - 1) * DAY_S / (2 * math.pi) * math.sin(2 * math.pi * (t / DAY_S - 0.5))

    return articles / DAY_S * (total(until) - total(since))


# ── what breaks first ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Part:
    """A part at its end when `load` is 1 or more; `next` is what takes over."""

    name: str
    load: Callable[[Size], float]
    next: str


PARTS = (
    Part("one machine's cores", lambda s: s.cores / L.local_cores, "Celery workers (docker-compose.yml)"),
    Part(
        "Celery workers kept by hand", lambda s: s.cores / L.celery_cores, "Airflow on Kubernetes (docs/kubernetes.md)"
    ),
    Part("SQLite for the state", lambda s: s.state_gb / L.sqlite_gb, "PostgreSQL: INGEST_STATE"),
    Part(
        "one PostgreSQL for items and stories",
        lambda s: s.state_gb / L.postgres_gb,
        "PostgreSQL, partitioned: items by source, stories by day",
    ),
    Part(
        "resolve and land, one run at a time",
        lambda s: s.day.landing_share / L.landing_share,
        "a landing for each language: copies of a text share theirs",
    ),
    Part(
        "memory, with one run a night",
        lambda s: (M.run_base_mb + s.articles * M.run_article_mb) / L.worker_memory_mb,
        "more runs a day: the schedule of `syndication`",
    ),
    Part(
        "memory, with a run every five minutes",
        lambda s: (M.run_base_mb + s.day.largest * M.run_article_mb) / L.worker_memory_mb,
        "smaller runs, or a commit for each part of a run",
    ),
    Part(
        "an article by id alone",
        lambda s: s.articles * A.table_days / 1e6 * M.by_id_s / L.by_id_s,
        "Spark or Trino on Delta; the day in the request",
    ),
    Part(
        "a replay of the whole archive on the day's cores",
        lambda s: s.articles * A.keep_raw_days / M.replay_rate / s.cores / 3600 / L.replay_hours,
        "Spark or Ray over `ingest.replay`, a shard a partition",
    ),
    Part(
        "a round of all feeds",
        lambda s: s.round_s / L.round_s,
        "nothing of ours: agree on a faster rate with the largest hosts",
    ),
)


def end_of(part: Part) -> int | None:
    """The articles a day with which a part comes to its end, of 100 for each feed; None up to 100 million."""
    low, high = 2.0, 8.0
    if part.load(typical(high)) < 1:
        return None
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if part.load(typical(middle)) >= 1 else (middle, high)
    return int(float(f"{10**high:.1g}"))


def typical(power: float) -> Size:
    """10 to this power articles a day, from a hundredth as many feeds."""
    return Size(max(1, round(10**power / 100)), round(10**power))


def figures(quick: bool) -> Iterator[Figure]:
    for size in [Size(*one) for one in (SIZES[:2] if quick else SIZES)]:
        name = f"{size.feeds:,} feeds, {size.articles:,} articles a day"
        yield Figure(f"{name}: cores", size.cores, "")
        yield Figure(f"{name}: a month", size.dollars_a_month, "$")


# ── shown ───────────────────────────────────────────────────────────────────────────────────────────────────────


_COLUMNS = (
    "feeds",
    "articles a day",
    "cores",
    "requests a day",
    "table, a year",
    "raw, 90 days",
    "state, a year",
    "round of feeds",
    "published to landed",
    "$ a month",
)


def table(sizes: Sequence[Size]) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|" + "---|" * len(_COLUMNS)
    for s in sizes:
        wait = "falls behind" if math.isinf(s.day.wait_s) else _time(s.day.wait_s)
        counts = (f"{s.feeds:,}", f"{s.articles:,}", f"{s.cores:,}", f"{s.requests:,.0f}")
        stored = (_gb(s.table_gb), _gb(s.raw_gb), _gb(s.state_gb))
        yield f"| {' | '.join((*counts, *stored, _time(s.round_s), wait, f'{s.dollars_a_month:,.0f}'))} |"


def ends() -> Iterator[str]:
    yield "| part | at its end with so many articles a day | what takes over |"
    yield "|---|---|---|"
    found = [(end_of(part), part) for part in PARTS]
    for end, part in sorted(found, key=lambda one: one[0] or math.inf):
        yield f"| {part.name} | {f'{end:,}' if end else 'none up to 100,000,000'} | {part.next} |"


def _gb(gb: float) -> str:
    return f"{gb / 1000:,.1f} TB" if gb >= 1000 else f"{gb:,.1f} GB"


def _time(seconds: float) -> str:
    return f"{seconds / 3600:,.1f} h" if seconds >= 5400 else f"{seconds / 60:,.1f} min"


def drawn(sizes: Sequence[Size]) -> str:
    """Each part's load over articles a day, both on logarithmic scales; above the line it is at its end."""
    colours = (
        "#1f6feb",
        "#d1242f",
        "#1a7f37",
        "#9a6700",
        "#8250df",
        "#bf3989",
        "#0a7ea4",
        "#57606a",
        "#bc4c00",
        "#2f4858",
    )
    low, high = math.log10(sizes[0].articles), math.log10(sizes[-1].articles)

    def spot(articles: float, load: float) -> tuple[float, float]:
        y = min(3.0, max(-3.0, math.log10(max(load, 1e-9))))
        return 50 + 560 * (math.log10(articles) - low) / (high - low), 200 - 60 * y

    body = [
        '<path d="M50 20V380H610" fill="none" stroke="#888"/><path d="M50 200H610" stroke="#888" stroke-dasharray="4"/>'
    ]
    for number, (part, colour) in enumerate(zip(PARTS, colours, strict=True)):
        line = " ".join("{:.0f},{:.0f}".format(*spot(s.articles, part.load(s))) for s in sizes)
        body.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.append(f'<text x="630" y="{40 + 24 * number}" fill="{colour}">{part.name}</text>')
    body.extend(
        f'<text x="{spot(s.articles, 1)[0]:.0f}" y="398" text-anchor="middle">{s.articles:,}</text>'
        for s in sizes
        if math.log10(s.articles).is_integer()
    )
    body.extend(
        f'<text x="44" y="{204 - 60 * power}" text-anchor="end">{10.0**power:g}</text>' for power in range(-3, 4)
    )
    return _framed("".join(body))


def _framed(body: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="960" height="430" font-family="sans-serif" font-size="12">'
        f'<rect width="960" height="430" fill="white"/>{body}'
        '<text x="330" y="420" text-anchor="middle">articles a day</text>'
        '<text x="50" y="14">load: 1 is the end of what a part does as it is built</text></svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svg", type=Path)
    given: Any = parser.parse_args()
    for line in (*table([Size(*one) for one in SIZES]), "", *ends()):
        print(line)
    if given.svg:
        given.svg.write_text(drawn([typical(3 + n / 4) for n in range(17)]), "utf-8")


if __name__ == "__main__":
    main()
