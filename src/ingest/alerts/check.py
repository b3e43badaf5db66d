"""One check: what is on is looked for, compared with what was told, and what is news goes out as one message.

A check that is killed between sending and writing down tells again; nothing is told twice otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from ingest.alerts import looks, outage
from ingest.alerts.channels import Sent, send, specs_of
from ingest.alerts.letter import letter, trial_letter
from ingest.alerts.model import OF_A_RUN, Alert, Kind, urgency
from ingest.alerts.told import AlertRow, Key, News, compare, key_of
from ingest.errors import BadConfig, NotStored, StateError, StoreUnavailable
from ingest.health import Health
from ingest.land.table import open_table
from ingest.notices import hooks_of, load_notices, reader_of
from ingest.notices.deliver import MAX_AT_ONCE, QUEUE
from ingest.pipeline import Workspace, notify
from ingest.settings import Settings
from ingest.state.alerts import forget_alerts, load_alerts, lock_alerts, save_alerts
from ingest.state.database import read, write
from ingest.state.health import load_health
from ingest.state.notices import load_positions
from ingest.state.runs import last_landed_at


class Checked(NamedTuple):
    """What is on, what of it (and of what is over) was told now, and how that went."""

    on: Sequence[Alert]
    told: int
    sent: Sequence[Sent]


class _Found(NamedTuple):
    on: list[Alert]
    looked: set[Kind]  # what is not on of these is over


def check(ws: Workspace, now: datetime, seen: Sequence[Alert] = (), well: str | None = None) -> Checked:
    """Tell what is news. `seen` are alerts of a run, from who saw it; those of the DAG `well` are over.

    Raises BadConfig for settings that cannot be read; what does not answer is an alert.
    """
    try:
        _send_kills_again(ws, now)
        found = _look(ws, now)
        on, news = _compare(ws, found, seen, well, now)
    except StateError as e:
        return _without_state(ws.settings, e, seen, now)
    sent = _tell(ws, news, now)
    sent += _tell_back(ws.settings, now)
    return Checked(on, len(news.begun) + len(news.over), sent)


def on_now(ws: Workspace, now: datetime) -> list[tuple[Alert, AlertRow | None]]:
    """What is on, with when it was told, the most urgent first. Tells nobody. Raises StateError."""
    found = _look(ws, now)
    with read(ws.engine) as conn:
        rows = load_alerts(conn)
    on = [*found.on, *_of_runs(rows, None)]
    return [(alert, rows.get(key_of(alert))) for alert in sorted(on, key=urgency)]


def try_channels(settings: Settings, now: datetime) -> list[Sent]:
    """A message that nothing is wrong, to each channel."""
    return send(settings, trial_letter(), now)


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _look(ws: Workspace, now: datetime) -> _Found:
    settings = ws.settings
    found = _Found([], {"nothing-landed", "store-unreachable"})
    ids = _enabled(ws)
    with read(ws.engine) as conn:
        health: Mapping[str, Health] = load_health(conn, ids or ())
        landed_at = last_landed_at(conn)
    if ids is not None:
        found.looked.update(looks.OF_SOURCES)
        found.on.extend(looks.of_sources(health.values()))
        found.on.extend(looks.of_failures(list(health.values()), settings.max_failed_ratio, now))
    if ids != []:
        found.on.extend(looks.of_landing(landed_at, timedelta(hours=settings.alert_late_h), now))
    try:
        if landed_at is not None:
            open_table(ws.store)
        found.on.extend(looks.of_hooks(_hooks(ws), timedelta(minutes=settings.alert_kill_min), now))
        found.looked.update(looks.OF_HOOKS)
    except (StoreUnavailable, NotStored, BadConfig) as e:
        found.on.append(Alert(kind="store-unreachable", what=str(e), since=now))
    return found


def _enabled(ws: Workspace) -> list[str] | None:
    """Sources that are asked; None while the registry cannot be read, which `plan` tells of."""
    try:
        registry = ws.registry
    except BadConfig:
        return None
    return None if registry.errors else [source.id for source in registry.values() if source.enabled]


def _hooks(ws: Workspace) -> list[looks.Hook]:
    """The webhooks for notices that are behind."""
    named = ws.settings.notice_hooks
    hooks = hooks_of(named.get_secret_value()) if named else []
    with read(ws.engine) as conn:
        rows = load_positions(conn) if hooks else {}
    last = rows[QUEUE].table_version if QUEUE in rows else 0
    found = []
    for hook in hooks:
        reader = reader_of(hook)
        if (row := rows.get(reader)) and row.table_version < last:
            waiting = list(islice(load_notices(ws.store, row.table_version), MAX_AT_ONCE))
            found.append(looks.Hook(f"{(urlsplit(hook).hostname or '?')[:200]} ({reader[:6]})", row, waiting))
    return found


def _send_kills_again(ws: Workspace, now: datetime) -> None:
    """Before anybody is woken for one: else it would wait for the next commit."""
    try:
        if any(hook.kills for hook in _hooks(ws)):
            notify(ws, now)
    except (StoreUnavailable, NotStored, BadConfig):
        return  # `_look` finds it too, or `land` says it


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _compare(
    ws: Workspace, found: _Found, seen: Sequence[Alert], well: str | None, now: datetime
) -> tuple[list[Alert], News]:
    with write(ws.engine) as conn:
        lock_alerts(conn)
        rows = load_alerts(conn)
        on = {key_of(alert): alert for alert in [*_of_runs(rows, well), *found.on, *seen]}
        off = [key for key, row in rows.items() if key not in on and _was_looked_for(row, found.looked, well)]
        news = compare(on.values(), off, rows, now)
        save_alerts(conn, news.kept)
        forget_alerts(conn, news.dropped)
    return list(on.values()), news


def _of_runs(rows: Mapping[Key, AlertRow], well: str | None) -> Iterable[Alert]:
    """Nobody sees them again; they are on until a run of their DAG ends well."""
    return [
        row.alert for (kind, subject), row in rows.items() if kind in OF_A_RUN and subject != well and not row.off_since
    ]


def _was_looked_for(row: AlertRow, looked: set[Kind], well: str | None) -> bool:
    kind, subject = row.key
    return kind in looked or (kind in OF_A_RUN and (subject == well or row.off_since is not None))


def _tell(ws: Workspace, news: News, now: datetime) -> list[Sent]:
    if not (news.begun or news.over):
        return []
    taken, sent = _send(ws.settings, news.begun, news.over, now)
    if taken:
        with write(ws.engine) as conn:
            save_alerts(conn, [row.model_copy(update={"told_at": now}) for row in news.begun])
            forget_alerts(conn, [row.key for row in news.over])
    return sent


def _send(
    settings: Settings, begun: Sequence[AlertRow], over: Sequence[AlertRow], now: datetime
) -> tuple[bool, list[Sent]]:
    """Whether people know: one channel is enough, and without any nobody wants to."""
    sent = send(settings, letter(begun, over, settings.ui, settings.runbooks), now)
    return not specs_of(settings) or any(one.error is None for one in sent), sent


def _without_state(settings: Settings, error: StateError, seen: Sequence[Alert], now: datetime) -> Checked:
    """Nothing is known of what was told, but this must be: once in a while, by a note on this machine."""
    on = [Alert(kind="state-unreachable", what=str(error), since=now), *seen]
    if not outage.note(settings.state, now):
        return Checked(on, 0, [])
    taken, sent = _send(settings, [AlertRow(alert=alert, tried_at=now) for alert in on], (), now)
    if not taken:
        outage.forget(settings.state)
    return Checked(on, len(on), sent)


def _tell_back(settings: Settings, now: datetime) -> list[Sent]:
    since = outage.forget(settings.state)
    if since is None:
        return []
    alert = Alert(kind="state-unreachable", what="it answers again", since=since)
    return _send(settings, (), [AlertRow(alert=alert, tried_at=now)], now)[1]
