"""/takedowns."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ingest.newsroom import takedowns
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import workspace


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/takedowns", list_, methods=["GET"])


def list_(request: Request) -> HTMLResponse:
    return page(request, "takedowns.html", found=takedowns.listed(workspace(request)))
