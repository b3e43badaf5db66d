"""What can be asked of the table, and the same as a condition that Delta and Parquet skip files and row groups by."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime
from functools import cache, reduce
from importlib.resources import files
from operator import and_
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from ingest.land.columns import SCHEMA
from ingest.model import Model

Hidden = Literal["embargoed", "withheld", "canceled", "expired"]
STATUSES: tuple[Hidden, ...] = ("withheld", "canceled")
_TIME = SCHEMA.field("landed_at").type


class Query(Model):
    """Which articles. All conditions must hold; `since` and `until` (exclusive) are times of landing.

    `language` finds its regions too ("en" has "en-GB"). `redistributable`: see open_terms.toml. `changes_since` is a
    version of the table: what was landed after it; `embargo_over_since`: what an embargo held back until then.
    `at_version` reads an older version of the table; without it, the
    latest. `latest_only` leaves out the versions of an article that a later one replaced.

    `public_at` leaves out what readers are not to see at that time, but for the kinds in `include` and a `pub_status`
    that is asked for. A version under embargo does not replace the one before it until it may be seen, unless it
    takes it back.
    """

    since: datetime | None = None
    until: datetime | None = None
    source_id: str | None = None
    story_id: str | None = None
    article_id: str | None = None
    article_ids: tuple[str, ...] | None = None
    run_id: str | None = None
    language: str | None = None
    pub_status: str | None = None
    holder: str | None = None
    distributor: str | None = None
    redistributable: bool = False
    changes_since: int | None = None
    embargo_over_since: datetime | None = None
    at_version: int | None = None
    latest_only: bool = True
    public_at: datetime | None = None
    include: frozenset[Hidden] = frozenset()

    @property
    def hidden_statuses(self) -> tuple[str, ...]:
        """Those whose articles are not shown, in any version."""
        if self.public_at is None:
            return ()
        return tuple(status for status in STATUSES if status not in self.include and status != self.pub_status)


def condition(query: Query, runs: list[str] | None = None) -> pc.Expression | None:
    """`runs` are those that `changes_since` allows."""
    return all_of(*always(query), *_landed(query), *_rights(query), *_public(query), *of_runs(runs))


def all_of(*conditions: pc.Expression) -> pc.Expression | None:
    return reduce(and_, conditions) if conditions else None


def since_day(since: datetime | None) -> Iterator[pc.Expression]:
    """The day is the partition: it saves opening the files of older days."""
    if since is not None:
        yield pc.field("landed_day") >= pa.scalar(since.date(), pa.date32())


def replacing(query: Query) -> Iterator[pc.Expression]:
    """What counts as of `public_at`: all but what is under embargo, unless it takes back what came before."""
    if query.public_at is not None and "embargoed" not in query.include:
        yield _over(query.public_at) | pc.field("pub_status").isin(pa.array(STATUSES))


def always(query: Query) -> Iterator[pc.Expression]:
    """What has to be equal."""
    for name in ("source_id", "story_id", "article_id", "run_id", "pub_status"):
        if (value := getattr(query, name)) is not None:
            yield pc.field(name) == value
    if query.article_ids is not None:
        yield pc.field("article_id").isin(pa.array(query.article_ids, pa.string()))
    if query.language is not None:
        tag = pc.field("language")
        yield (tag == query.language) | pc.starts_with(tag, f"{query.language}-")


def _landed(query: Query) -> Iterator[pc.Expression]:
    yield from since_day(query.since)
    if query.since is not None:
        yield pc.field("landed_at") >= pa.scalar(query.since, _TIME)
    if query.until is not None:
        yield pc.field("landed_day") <= pa.scalar(query.until.date(), pa.date32())
        yield pc.field("landed_at") < pa.scalar(query.until, _TIME)


def _rights(query: Query) -> Iterator[pc.Expression]:
    for name in ("holder", "distributor"):
        if (value := getattr(query, name)) is not None:
            yield pc.field("rights", name) == value
    if query.redistributable:
        yield pc.match_substring_regex(pc.field("rights", "usage_terms"), _open_terms(), ignore_case=True)


def _public(query: Query) -> Iterator[pc.Expression]:
    if query.embargo_over_since is not None:
        yield pc.field("embargoed_until") > pa.scalar(query.embargo_over_since, _TIME)
    if query.public_at is None:
        return
    if query.hidden_statuses:
        yield ~pc.field("pub_status").isin(pa.array(query.hidden_statuses))
    yield from replacing(query)
    if "expired" not in query.include:
        expires = pc.field("expires")
        yield expires.is_null() | (expires > pa.scalar(query.public_at, _TIME))


def of_runs(runs: list[str] | None) -> Iterator[pc.Expression]:
    """What these runs landed; None is all."""
    if runs is not None:
        yield pc.field("run_id").isin(pa.array(runs, pa.string()))


def _over(now: datetime) -> pc.Expression:
    until = pc.field("embargoed_until")
    return until.is_null() | (until <= pa.scalar(now, _TIME))


@cache
def _open_terms() -> str:
    patterns = tomllib.loads(files("ingest.land").joinpath("open_terms.toml").read_text("utf-8"))["patterns"]
    return rf"^\s*(?:{'|'.join(patterns)})\s*\.?\s*$"
