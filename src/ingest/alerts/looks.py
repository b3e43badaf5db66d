"""What is on, from what the state knows. Pure: values in, alerts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args
from urllib.parse import quote

from ingest.alerts.model import Alert, Kind
from ingest.health import Health
from ingest.health.model import AlertKind
from ingest.health.spoken import share, span
from ingest.notices import Notice
from ingest.state.models import NoticeRow

_PAGES = "/plugin/newsroom/newsroom"  # of the newsroom, in Airflow's own frame
HOOK_DOWN = timedelta(hours=1)
_KINDS: Mapping[AlertKind, Kind] = {
    "silent": "source-silent",
    "flood": "source-flood",
    "failing": "source-failing",
    "rejects": "source-rejects",
    "late": "source-late",
    "thin": "source-thin",
}
OF_SOURCES: tuple[Kind, ...] = (*_KINDS.values(), "failure-share")
OF_HOOKS: tuple[Kind, ...] = ("kill-undelivered", "hook-down")
assert set(_KINDS) == set(get_args(AlertKind))  # a new one of a source must be told


def of_sources(several: Iterable[Health]) -> Iterator[Alert]:
    """What each source's own history says: see `ingest.health`."""
    for one in several:
        page = f"{_PAGES}/sources/{quote(one.source_id, safe='')}"
        for alert in one.alerts:
            yield Alert(kind=_KINDS[alert.kind], subject=one.source_id, what=alert.cause, since=alert.since, page=page)


def of_failures(several: Sequence[Health], limit: float, now: datetime) -> Iterator[Alert]:
    """More of the sources gave nothing when they were last asked than a run may have."""
    failed = [one for one in several if one.failures and (one.last_success_at or one.first_run_at) <= one.at]
    failed = [one for one in failed if one.last_success_at is None or one.last_success_at < one.at]
    if several and len(failed) / len(several) > limit:
        what = f"{len(failed)} of {len(several)} sources gave nothing when last asked, more than {share(limit)}"
        yield Alert(kind="failure-share", what=what, since=now, page=f"{_PAGES}/sources")


def of_landing(last_landed: datetime | None, late_after: timedelta, now: datetime) -> Iterator[Alert]:
    """No run has landed for so long. Before the first one there is nothing to be late."""
    if last_landed is not None and now - last_landed > late_after:
        what = f"no run has landed for {span((now - last_landed).total_seconds())}"
        yield Alert(kind="nothing-landed", what=what, since=last_landed + late_after, page=f"{_PAGES}/runs")


@dataclass(frozen=True)
class Hook:
    """A webhook for notices, and those it has not taken, oldest first. `name` holds no secret."""

    name: str
    row: NoticeRow
    waiting: Sequence[Notice]

    @property
    def kills(self) -> list[Notice]:
        """Those after which something must no longer be shown. Of a gap nobody knows: it may hide a kill."""
        return [one for one in self.waiting if one.killed or one.kind != "landed"]


def of_hooks(hooks: Iterable[Hook], kill_after: timedelta, now: datetime) -> Iterator[Alert]:
    """Kills and takedowns that have landed and were not taken in time; webhooks that take nothing at all."""
    for hook in hooks:
        error = hook.row.last_error
        if (kills := hook.kills) and now - kills[0].at > kill_after:
            yield _undelivered(hook.name, kills, error, now)
        elif hook.waiting and now - hook.waiting[0].at > HOOK_DOWN:
            first, count = hook.waiting[0], len(hook.waiting)
            what = f"{count} notices wait, the first for {span(_age_s(first, now))}: {error or 'not sent yet'}"
            yield Alert(kind="hook-down", subject=hook.name, what=what, since=first.at)


def _undelivered(name: str, kills: Sequence[Notice], error: str | None, now: datetime) -> Alert:
    ids = [id_ for one in kills for id_ in one.killed]
    some = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "") if ids else "a takedown"
    what = f"{some}: landed {span(_age_s(kills[0], now))} ago and not taken: {error or 'not sent yet'}"
    page = f"{_PAGES}/articles/{quote(ids[0], safe='')}" if ids else f"{_PAGES}/takedowns"
    return Alert(kind="kill-undelivered", subject=name, what=what, since=kills[0].at, page=page)


def _age_s(notice: Notice, now: datetime) -> float:
    return (now - notice.at).total_seconds()
