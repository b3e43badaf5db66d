"""What is news: what is on now, against what was told before. Pure.

An alert is told when it begins and when it is over. It is over once it has been off for `SETTLE`: one that flaps stays
on. What no channel took is tried again by a check after `AGAIN`; until then another check leaves it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.alerts.model import Alert, Kind, urgency
from ingest.model import Model

SETTLE = timedelta(minutes=30)
AGAIN = timedelta(minutes=5)

Key = tuple[Kind, str]  # kind, subject


class AlertRow(Model):
    """An alert as it began. `tried_at` is the last try to tell of it, its begin or its end."""

    alert: Alert
    told_at: datetime | None = None
    tried_at: datetime
    off_since: datetime | None = None

    @property
    def key(self) -> Key:
        return key_of(self.alert)


class News(NamedTuple):
    """`begun` and `over` are to be told; `kept` are the rows as they are from now on, `dropped` those to forget."""

    begun: tuple[AlertRow, ...]
    over: tuple[AlertRow, ...]
    kept: tuple[AlertRow, ...]
    dropped: tuple[Key, ...]


def key_of(alert: Alert) -> Key:
    return (alert.kind, alert.subject)


def compare(on: Iterable[Alert], off: Collection[Key], rows: Mapping[Key, AlertRow], now: datetime) -> News:
    """`on` are the alerts that were found, `off` those of `rows` that were looked for and not found."""
    begun, over, kept, dropped = [], [], [], []
    for alert in sorted(on, key=urgency):
        row = rows.get(key_of(alert))
        if row is None:
            begun.append(AlertRow(alert=alert, tried_at=now))
        elif row.told_at is None and now - row.tried_at >= AGAIN:
            begun.append(row.model_copy(update={"tried_at": now, "off_since": None}))
        elif row.off_since:
            kept.append(row.model_copy(update={"off_since": None}))
    for key in sorted(off):
        row = rows[key]
        if row.told_at is None:
            dropped.append(key)  # nobody knows of it
        elif row.off_since is None:
            kept.append(row.model_copy(update={"off_since": now}))
        elif now - row.off_since >= SETTLE and now - row.tried_at >= AGAIN:
            over.append(row.model_copy(update={"tried_at": now}))
    return News(tuple(begun), tuple(over), (*begun, *over, *kept), tuple(dropped))
