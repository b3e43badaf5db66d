"""/stories and /stories/ID."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ingest.newsroom import charts, stories
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import given, now, workspace


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/stories", list_, methods=["GET"])
    reads.add_api_route("/stories/{story_id}", one, methods=["GET"])


def list_(
    request: Request,
    order: stories.Order = "biggest",
    days: Annotated[int, Query(ge=1, le=14)] = 3,
    q: str = "",
) -> HTMLResponse:
    found = stories.listed(workspace(request), now(), order=order, days=days, text=given(q))
    return page(request, "stories.html", found=found, order=order, days=days, q=q)


def one(request: Request, story_id: str, day: date | None = None) -> HTMLResponse:
    found = stories.one(workspace(request), story_id, now(), day)
    chart = charts.timeline(found.dots) if found.dots else None
    return page(request, "story.html", one=found, chart=chart)
