"""/quarantine, /quarantine/DAY/ID, its bytes, reading one again mended, and discarding it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response

from ingest.newsroom import quarantine
from ingest.newsroom.guards import INERT
from ingest.newsroom.pages import page
from ingest.newsroom.routes.common import given, now, said, who, workspace


def add_routes(reads: APIRouter, edits: APIRouter) -> None:
    reads.add_api_route("/quarantine", list_, methods=["GET"])
    reads.add_api_route("/quarantine/{day}/{id_}", one, methods=["GET"])
    reads.add_api_route("/quarantine/{day}/{id_}/raw", raw, methods=["GET"])
    edits.add_api_route("/quarantine/{day}/{id_}/mend", mend, methods=["POST"])
    edits.add_api_route("/quarantine/{day}/{id_}/upload", upload, methods=["POST"])
    edits.add_api_route("/quarantine/{day}/{id_}/discard", discard, methods=["POST"])


def list_(request: Request, source: str = "", code: str = "", settled: bool = False) -> HTMLResponse:
    ws = workspace(request)
    found = quarantine.listed(ws, now(), source=given(source), code=given(code), settled=settled)
    return page(request, "quarantine.html", found=found, source=source, code=code, settled=settled)


def one(request: Request, day: date, id_: str) -> HTMLResponse:
    return page(request, "held.html", one=quarantine.one(workspace(request), day, id_))


def raw(request: Request, day: date, id_: str) -> Response:
    """For download, never as what the bytes say they are."""
    headers = {"Content-Disposition": f'attachment; filename="{id_[:40]}.bin"', "Content-Security-Policy": INERT}
    body = quarantine.bytes_of(workspace(request), day, id_)
    return Response(body, media_type="application/octet-stream", headers=headers)


def mend(request: Request, day: date, id_: str, text: Annotated[str, Form()] = "") -> JSONResponse:
    ws = workspace(request)
    instead = quarantine.mended(ws, day, id_, text)
    return said(quarantine.read_mended(ws, day, id_, now(), who(request), instead))


def upload(request: Request, day: date, id_: str, file: UploadFile) -> JSONResponse:
    instead = file.file.read(quarantine.MENDED + 1)
    return said(quarantine.read_mended(workspace(request), day, id_, now(), who(request), instead))


def discard(request: Request, day: date, id_: str, why: Annotated[str, Form()] = "") -> JSONResponse:
    return said(quarantine.discard(workspace(request), day, id_, now(), who(request), why))
