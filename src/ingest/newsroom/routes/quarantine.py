"""/quarantine, /quarantine/DAY/ID, reading one again and discarding it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse

from ingest.newsroom import quarantine
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import given, now, who, workspace


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/quarantine", list_, methods=["GET"])
    reads.add_api_route("/quarantine/{day}/{id_}", one, methods=["GET"])
    edits.add_api_route("/quarantine/{day}/{id_}/replay", replay, methods=["POST"])
    edits.add_api_route("/quarantine/{day}/{id_}/discard", discard, methods=["POST"])


def list_(request: Request, source: str = "", code: str = "", settled: bool = False) -> HTMLResponse:
    ws = workspace(request)
    found = quarantine.listed(ws, now(), source=given(source), code=given(code), settled=settled)
    return page(request, "quarantine.html", found=found, source=source, code=code, settled=settled)


def one(request: Request, day: date, id_: str) -> HTMLResponse:
    return page(request, "held.html", one=quarantine.one(workspace(request), day, id_))


def replay(request: Request, day: date, id_: str) -> JSONResponse:
    return JSONResponse({"message": quarantine.read_again(workspace(request), day, id_, now(), who(request))})


def discard(request: Request, day: date, id_: str, why: Annotated[str, Form()] = "") -> JSONResponse:
    return JSONResponse({"message": quarantine.discard(workspace(request), day, id_, now(), who(request), why)})
