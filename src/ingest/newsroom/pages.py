"""Templates to pages. Everything is escaped; what is markup of our own comes from `charts` alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ingest.health.spoken import span
from ingest.newsroom.guards import Rights

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NAV = (
    ("runs", "Runs"),
    ("sources", "Sources"),
    ("articles", "Articles"),
    ("stories", "Stories"),
    ("quarantine", "Quarantine"),
    ("takedowns", "Takedowns"),
)


def page(request: Request, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
    """`shown` is all that a template sees, with the address that the pages are mounted at and what who asks may do."""
    root = request.scope.get("root_path", "").rstrip("/")
    html = _templates.get_template(template).render(
        root=root,
        airflow=root.rpartition("/")[0],
        nav=NAV,
        here=request.url.path,
        now=datetime.now(UTC),
        may=getattr(request.state, "may", Rights()),  # none before the login
        **shown,
    )
    return HTMLResponse(html, status)


def plain(text: object) -> str:
    """Without what turns the direction of a line or is not to be seen: it would lie about what is there."""
    return _UNSEEN.sub("�", str(text))


def when(time: datetime | date | None) -> str:
    if time is None:
        return "never"
    return f"{time:%Y-%m-%d %H:%M} UTC" if isinstance(time, datetime) else f"{time:%Y-%m-%d}"


def ago(time: datetime | None, now: datetime) -> str:
    if time is None:
        return "never"
    seconds = (now - time).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"


def count(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}"


def _finalize(value: Any) -> Any:
    return plain(value) if type(value) is str else value


_templates = Environment(
    loader=PackageLoader("ingest.newsroom"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_finalize,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "when": when,
    "ago": ago,
    "span": span,
    "count": count,
    "share": lambda value: "–" if value is None else f"{value:.0%}",
}
