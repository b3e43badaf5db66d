"""What can be asked of the table, and the same as conditions that files and row groups can be skipped by."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from typing import Any, Literal, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ingest.land.columns import SCHEMA
from ingest.model import Model

Hidden = Literal["embargoed", "withheld", "canceled", "expired"]
STATUSES: tuple[Hidden, ...] = ("withheld", "canceled")
_TIME = SCHEMA.field("landed_at").type
_INSTANT = timedelta(microseconds=1)


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
    story_ids: tuple[str, ...] | None = None
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


Mask: TypeAlias = pa.ChunkedArray


class Condition(NamedTuple):
    """`met` tells for each row of a table with the `columns`; null is no.

    Only values from `low` to `high` of the first column can meet it; None is no bound.
    """

    columns: tuple[str, ...]
    met: Callable[[pa.Table], Mask]
    low: Any = None
    high: Any = None

    @property
    def is_bounded(self) -> bool:
        """Whether statistics can rule it out, for a file or a row group."""
        return self.low is not None or self.high is not None

    def may_hold(self, low: Any, high: Any) -> bool:
        """For any of the values that are in this range."""
        return (self.low is None or self.low <= high) and (self.high is None or low <= self.high)


def conditions(query: Query, runs: list[str] | None = None) -> list[Condition]:
    """The most selective first. `runs` are those that `changes_since` allows."""
    return [*always(query), *of_runs(runs), *_landed(query), *_rights(query), *_public(query)]


def since_day(since: datetime | None) -> Iterator[Condition]:
    """The day is the partition: it saves opening the files of older days."""
    if since is not None:
        day = since.date()
        yield Condition(("landed_day",), lambda rows: pc.greater_equal(rows["landed_day"], _day(day)), day)


def replacing(query: Query) -> Iterator[Condition]:
    """What counts as of `public_at`: all but what is under embargo, unless it takes back what came before."""
    if query.public_at is not None and "embargoed" not in query.include:
        now = query.public_at
        yield Condition(
            ("embargoed_until", "pub_status"),
            lambda rows: pc.or_(_over(rows["embargoed_until"], now), _is_in(rows["pub_status"], STATUSES)),
        )


def always(query: Query) -> Iterator[Condition]:
    """What has to be equal."""
    for name in ("article_id", "story_id", "source_id", "run_id", "pub_status"):
        if (value := getattr(query, name)) is not None:
            yield among(name, (value,))
    for name, values in (("article_id", query.article_ids), ("story_id", query.story_ids)):
        if values is not None:
            yield among(name, values)
    if query.language is not None:
        tag = query.language
        yield Condition(
            ("language",),
            lambda rows: pc.or_(pc.equal(rows["language"], tag), pc.starts_with(rows["language"], f"{tag}-")),
        )


def among(name: str, values: Sequence[str]) -> Condition:
    low, high = min(values, default=""), max(values, default="")
    if len(values) == 1:
        return Condition((name,), lambda rows: pc.equal(rows[name], low), low, high)
    return Condition((name,), lambda rows: _is_in(rows[name], values), low, high)


def replaces() -> Condition:
    """A version that is not an article's first."""
    return Condition(("version",), lambda rows: pc.greater(rows["version"], 1), 2)


def of_runs(runs: list[str] | None) -> Iterator[Condition]:
    """What these runs landed; None is all."""
    if runs is not None:
        yield among("run_id", runs)


def _landed(query: Query) -> Iterator[Condition]:
    yield from since_day(query.since)
    if query.since is not None:
        yield _not_before("landed_at", query.since)
    if query.until is not None:
        until, last = _time(query.until), query.until.date()
        yield Condition(("landed_day",), lambda rows: pc.less_equal(rows["landed_day"], _day(last)), None, last)
        yield Condition(("landed_at",), lambda rows: pc.less(rows["landed_at"], until))


def _rights(query: Query) -> Iterator[Condition]:
    for name in ("holder", "distributor"):
        if (value := getattr(query, name)) is not None:
            yield Condition(("rights",), partial(_has_right, name, value))
    if query.redistributable:
        yield Condition(("rights",), _is_open)


def _public(query: Query) -> Iterator[Condition]:
    if query.embargo_over_since is not None:
        yield _not_before("embargoed_until", query.embargo_over_since + _INSTANT)
    if query.public_at is None:
        return
    if query.hidden_statuses:
        hidden = query.hidden_statuses
        yield Condition(("pub_status",), lambda rows: pc.invert(_is_in(rows["pub_status"], hidden)))
    yield from replacing(query)
    if "expired" not in query.include:
        now = query.public_at
        yield Condition(("expires",), lambda rows: pc.fill_null(pc.greater(rows["expires"], _time(now)), True))


def _not_before(name: str, when: datetime) -> Condition:
    """Statistics may be cut off at the millisecond."""
    least = _time(when)
    return Condition((name,), lambda rows: pc.greater_equal(rows[name], least), when - timedelta(milliseconds=1))


def _over(until: Mask, now: datetime) -> Mask:
    return pc.fill_null(pc.less_equal(until, _time(now)), True)


def _is_in(values: Mask, some: Sequence[str]) -> Mask:
    return pc.is_in(values, value_set=pa.array(some, pa.string()))


def _time(when: datetime) -> pa.Scalar:
    return pa.scalar(when, _TIME)


def _day(day: date) -> pa.Scalar:
    return pa.scalar(day, pa.date32())


def _has_right(name: str, value: str, rows: pa.Table) -> Mask:
    return pc.equal(pc.struct_field(rows["rights"], name), value)


def _is_open(rows: pa.Table) -> Mask:
    terms = pc.struct_field(rows["rights"], "usage_terms")
    return pc.match_substring_regex(terms, _open_terms(), ignore_case=True)


@cache
def _open_terms() -> str:
    patterns = tomllib.loads(files("ingest.land").joinpath("open_terms.toml").read_text("utf-8"))["patterns"]
    return rf"^\s*(?:{'|'.join(patterns)})\s*\.?\s*$"
