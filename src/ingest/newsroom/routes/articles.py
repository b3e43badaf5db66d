"""/articles, /articles/ID, its JSON, its HTML shown inert, and what came over the wire."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from ingest.errors import NotStored
from ingest.land.raw import read_raw
from ingest.model import Article, to_json
from ingest.newsroom import articles
from ingest.newsroom.guards import INERT
from ingest.newsroom.pages import page
from ingest.newsroom.reading import SEARCHED_DAYS
from ingest.newsroom.routes.common import given, now, workspace

_Version = Annotated[int | None, Query(ge=1)]


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/articles", list_, methods=["GET"])
    reads.add_api_route("/articles/{article_id}", one, methods=["GET"])
    reads.add_api_route("/articles/{article_id}/json", json, methods=["GET"])
    reads.add_api_route("/articles/{article_id}/body", body, methods=["GET"])
    reads.add_api_route("/articles/{article_id}/raw", raw, methods=["GET"])


def list_(request: Request, q: str = "", source: str = "", language: str = "", status: str = "") -> HTMLResponse:
    search = articles.Search(given(q), given(source), given(language), given(status))
    found = articles.listed(workspace(request), search, now())
    return page(request, "articles.html", found=found, search=search, searched_days=SEARCHED_DAYS)


def one(request: Request, article_id: str, version: _Version = None) -> HTMLResponse:
    return page(request, "article.html", one=articles.one(workspace(request), article_id, now(), version))


def json(request: Request, article_id: str, version: _Version = None) -> Response:
    """As readers get it: without the note that is for editors alone."""
    article = _chosen(request, article_id, version).model_copy(update={"private_note": None})
    return Response(to_json(article), media_type="application/json")


def body(request: Request, article_id: str, version: _Version = None) -> Response:
    """The sanitised HTML, for a frame in which nothing runs and nothing is fetched."""
    html = _chosen(request, article_id, version).body_html
    document = f'<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">{html}'
    return HTMLResponse(document, headers={"Content-Security-Policy": INERT})


def raw(request: Request, article_id: str, version: _Version = None) -> Response:
    """The bytes as they came: for download, never as what they say they are."""
    article = _chosen(request, article_id, version)
    if article.raw is None:
        raise NotStored(article_id, "no bytes are kept of it")
    payload = read_raw(workspace(request).store, article.raw)
    headers = {
        "Content-Disposition": f'attachment; filename="{article.raw.sha256[:16]}.bin"',
        "Content-Security-Policy": INERT,
    }
    return Response(payload.body, media_type="application/octet-stream", headers=headers)


def _chosen(request: Request, article_id: str, version: int | None) -> Article:
    return articles.chosen(articles.versions(workspace(request), article_id, now()), version)
