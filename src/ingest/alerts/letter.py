"""One message for all that is news in a check: what every channel is given. Pure.

Names and causes come from outside: a control character or a line break in one becomes a space, and it is cut. How a
channel marks text up is the channel's to escape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from ingest.alerts.model import Alert, Severity, urgency
from ingest.alerts.told import AlertRow
from ingest.health.spoken import span
from ingest.model import Model

MAX_LINES = 15  # of each sort; what is more is counted
_LINE = 300
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


class Line(Model):
    """An alert as people read it. `runbook` and `page` are addresses, or a path where none is known."""

    kind: str
    subject: str
    severity: Severity
    title: str
    what: str
    since: datetime
    todo: str
    runbook: str
    page: str | None = None

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Each with its name."""
        return (("Runbook", self.runbook), *([("Page", self.page)] if self.page else []))

    @property
    def advice(self) -> str:
        return f"Since {self.since:%Y-%m-%d %H:%M} UTC. {self.todo}"


class Letter(Model):
    """`subject` is one line. Empty `begun` and `over`: a test. Lines beyond MAX_LINES are only in `more`."""

    subject: str
    begun: tuple[Line, ...] = ()
    over: tuple[str, ...] = ()
    more: int = 0

    def text(self) -> str:
        """For those who read plain text."""
        parts = [self.subject]
        for one in self.begun:
            links = [f"{name}: {target}" for name, target in one.links]
            head = f"{one.severity.upper()}: {one.title}{': ' if one.subject else ''}{one.subject}"
            parts.append("\n  ".join([head, one.what, one.advice, *links]))
        if self.over:
            parts.append("\n".join(f"Over: {line}" for line in self.over))
        if self.more:
            parts.append(f"And {self.more} more: `ingest alerts list`")
        return "\n\n".join(parts) + "\n"


def letter(begun: Sequence[AlertRow], over: Sequence[AlertRow], ui_url: str, runbooks: str) -> Letter:
    """The message of what began and what is over; at least one of them is given."""
    new = sorted((row.alert for row in begun), key=urgency)
    lines = tuple(_line(alert, ui_url, runbooks) for alert in new[:MAX_LINES])
    ended = tuple(_ended(row) for row in sorted(over, key=lambda row: urgency(row.alert))[:MAX_LINES])
    more = len(begun) + len(over) - len(lines) - len(ended)
    return Letter(subject=_subject(new, len(over), ended), begun=lines, over=ended, more=more)


def trial_letter() -> Letter:
    return Letter(subject="ingest: a test of this channel; nothing is wrong")


def one_line(text: str, length: int = _LINE) -> str:
    """Without line breaks, control characters and marks that turn the direction of text."""
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _line(alert: Alert, ui_url: str, runbooks: str) -> Line:
    return Line(
        kind=alert.kind,
        subject=one_line(alert.subject, 100),
        severity=alert.about.severity,
        title=alert.about.title,
        what=one_line(alert.what),
        since=alert.since,
        todo=alert.about.todo,
        runbook=f"{runbooks}#{alert.anchor}",
        page=ui_url.rstrip("/") + alert.page if ui_url and alert.page else None,
    )


def _ended(row: AlertRow) -> str:
    alert = row.alert
    lasted = span(max(0.0, ((row.off_since or row.tried_at) - alert.since).total_seconds()))
    return f"{_named(alert)}; it was on for {lasted}"


def _named(alert: Alert) -> str:
    return f"{alert.about.title}{': ' if alert.subject else ''}{one_line(alert.subject, 100)}"


def _subject(begun: Sequence[Alert], over: int, ended: Sequence[str]) -> str:
    if not begun:
        return f"ingest: over: {ended[0]}" if over == 1 else f"ingest: {over} alerts are over"
    critical = "CRITICAL: " if begun[0].about.severity == "critical" else ""
    rest = f", and {len(begun) - 1} more" if len(begun) > 1 else ""
    return f"ingest: {critical}{_named(begun[0])}{rest}"


def is_address(link: str) -> bool:
    return urlsplit(link).scheme in ("http", "https")
