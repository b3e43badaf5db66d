"""What a run changed: states that became others, alerts that began or ended; and what to do about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.health.model import Change, Health

_TODO = {  # by state or alert
    "failing": "ingest fetch --source {id} shows why",
    "gone": "ingest sources disable {id}, or give it its new address",
    "moved": "write the new address into the registry, then ingest sources check",
    "quiet": "ingest fetch --source {id}: is the feed still the one that is kept up?",
    "silent": "ingest fetch --source {id}: is the feed still the one that is kept up?",
    "flood": "ingest articles --source {id}: what came?",
    "rejects": "its faults are in quarantine/; a rule for it, or full_text, may help",
    "thin": "open one of its new articles: a paywall, a consent page, another layout? A `body` rule may help",
    "late": "ask its publisher, or ask it more often (every)",
}


def changes(before: Health | None, after: Health, run_id: str) -> Iterator[Change]:
    """Alerts first to last, the state before them. That a new source is healthy is no change."""

    def change(kind: str, was: str | None, now: str | None, cause: str) -> Change:
        values = {"kind": kind, "before": was, "after": now, "cause": cause}
        return Change.model_validate({"source_id": after.source_id, "at": after.at, "run_id": run_id} | values)

    state = before.state if before else None
    if after.state != state and (before or after.state != "healthy"):
        yield change("state", state, after.state, after.cause)
    was = {alert.kind for alert in before.alerts} if before else set()
    now = {alert.kind for alert in after.alerts}
    for alert in after.alerts:
        if alert.kind not in was:
            yield change("alert", None, alert.kind, alert.cause)
    for alert in before.alerts if before else ():
        if alert.kind not in now:
            yield change("alert", alert.kind, None, f"it was: {alert.cause}")


def report_lines(several: Iterable[Change]) -> Iterator[str]:
    """A line a change, with what to do. An alert that only repeats the state's name is told with it."""
    told = set()
    for one in several:
        if one.kind == "state":
            told.add((one.source_id, one.after))
            told.add((one.source_id, one.before))
            yield f"{one.source_id} is {one.after}, was {one.before or 'new'}: {one.cause}{_todo(one)}"
        elif (one.source_id, one.after or one.before) not in told:
            word = "alert" if one.after else "alert over"
            yield f"{one.source_id}: {word}, {one.after or one.before}: {one.cause}{_todo(one)}"


def todo_for(name: str | None, source_id: str) -> str | None:
    """What a person can do about a state or an alert."""
    todo = _TODO.get(name or "")
    return todo.format(id=source_id) if todo else None


def _todo(one: Change) -> str:
    todo = todo_for(one.after, one.source_id)
    return f" → {todo}" if todo else ""
