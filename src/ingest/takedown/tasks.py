"""Takedowns as the tasks of a DAG: what would go, for a person to approve, and then its removal.

Nothing of what an article says is in what these return or print: Airflow keeps it, and it would outlive the takedown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ingest.pipeline import Workspace
from ingest.takedown.take import TakenDown, preview, take_down

_SHOWN = 100  # ids of articles


def look(ws: Workspace, targets: Sequence[str], now: datetime) -> str:
    """What would be removed, in Markdown. Raises NotStored for an id that nothing has."""
    found = [(target, preview(ws, target, now)) for target in dict.fromkeys(targets)]
    articles = sorted({id_ for _, one in found for id_ in one.articles})
    lines = ["| asked for | articles | versions |", "|---|---|---|"]
    lines += [f"| `{target}` | {len(one.articles):,} | {one.rows:,} |" for target, one in found]
    lines += ["", f"{len(articles):,} articles would go, for good, from the table, the raw archive and the state:"]
    lines += [f"- [{id_}](/plugin/newsroom/newsroom/articles/{id_})" for id_ in articles[:_SHOWN]]
    if len(articles) > _SHOWN:
        lines.append(f"- and {len(articles) - _SHOWN:,} more")
    return "\n".join(lines)


def remove(ws: Workspace, targets: Sequence[str], reason: str, by: str, now: datetime) -> dict[str, int]:
    """One after the other; what a killed try has removed is left. Returns what this call removed, in numbers."""
    done = [take_down(ws, target, reason, by, now) for target in dict.fromkeys(targets)]
    names = set(TakenDown.model_fields) - {"takedown_id", "articles"}
    removed = {name: sum(getattr(one, name) for one in done) for name in sorted(names)}
    return {"articles": len({id_ for one in done for id_ in one.articles}), **removed}
