"""/sources, /sources/ID, and switching one on and off."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse

from ingest.newsroom import charts, preview, sources
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import given, now, workspace


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/sources", list_, methods=["GET"])
    reads.add_api_route("/sources/{source_id}", one, methods=["GET"])
    edits.add_api_route("/sources/{source_id}/pause", pause, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/enable", enable, methods=["POST"])
    edits.add_api_route("/sources/{source_id}/preview", try_rule, methods=["POST"])


def list_(
    request: Request, state: str = "", q: str = "", number: Annotated[int, Query(alias="page", ge=1)] = 1
) -> HTMLResponse:
    found = sources.listed(workspace(request), now(), state=given(state), text=given(q), page=number)
    sparks = {line.source.id: charts.spark(line.spark) for line in found.lines}
    return page(request, "sources.html", found=found, sparks=sparks, state=state, q=q)


def one(request: Request, source_id: str) -> HTMLResponse:
    found = sources.one(workspace(request), source_id, now())
    return page(request, "source.html", one=found, chart=charts.days(found.bars))


def pause(request: Request, source_id: str) -> JSONResponse:
    changed = sources.switch(workspace(request), source_id, on=False)
    return JSONResponse({"message": f"{source_id} is paused." if changed else f"{source_id} was paused already."})


def enable(request: Request, source_id: str) -> JSONResponse:
    changed = sources.switch(workspace(request), source_id, on=True)
    return JSONResponse({"message": f"{source_id} is enabled." if changed else f"{source_id} was enabled already."})


def try_rule(request: Request, source_id: str, pattern: Annotated[str, Form()] = "") -> JSONResponse:
    """What a pattern would take out of the last articles. Of those who may edit: a pattern takes time to try."""
    hits = preview.would_remove(workspace(request), source_id, pattern, now())
    return JSONResponse(
        {"message": hits.told, "lines": [{"text": hit.text, "articles": hit.articles} for hit in hits.lines]}
    )
