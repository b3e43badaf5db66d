"""The pages as one ASGI application, to be mounted behind somebody else's login."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from ingest.errors import BadConfig, IngestError, NotStored
from ingest.newsroom.guards import HEADER, Guards, Headers, Rights, from_here
from ingest.newsroom.office import Office
from ingest.newsroom.pages import page
from ingest.newsroom.routes import articles, quarantine, runs, sources, stories, takedowns
from ingest.settings import Settings

STATIC = {"newsroom.css": "text/css", "newsroom.js": "text/javascript", "icon.svg": "image/svg+xml"}
_TITLES = {401: "Please log in", 403: "Not allowed", 404: "Not found"}


def create_app(settings: Settings, guards: Guards) -> FastAPI:
    """No route without a guard: every one needs the right to read, every POST the right to edit besides."""

    who, rights = Depends(guards.who), Depends(guards.rights)

    async def known(request: Request, name: str = who, may: Rights = rights) -> None:
        request.state.who, request.state.may = name, may

    app = FastAPI(
        title="Newsroom",
        dependencies=[Depends(guards.read), Depends(known)],
        openapi_url=None,  # with it go /docs and /redoc, which no dependency guards
        exception_handlers={
            StarletteHTTPException: _refused,
            RequestValidationError: _refused,
            IngestError: _failed,
        },
    )
    app.add_middleware(Headers)
    app.state.office = Office(settings)
    reads, edits = APIRouter(), APIRouter(dependencies=[Depends(guards.edit), Depends(from_here)])
    reads.add_api_route("/static/{name}", _static, methods=["GET"])
    for part in (runs, sources, articles, stories, quarantine, takedowns):
        part.add_routes(reads, edits)
    app.include_router(reads)
    app.include_router(edits)
    return app


def _static(name: str) -> Response:
    if name not in STATIC:
        raise HTTPException(404, "No such file.")
    body = files("ingest.newsroom").joinpath("static", name).read_bytes()
    return Response(body, media_type=STATIC[name], headers={"Cache-Control": "private, max-age=300"})


async def _refused(request: Request, error: Exception) -> Response:
    """What the guards and FastAPI refuse: as a page for people, as JSON for programs."""
    status, why = (error.status_code, error.detail) if isinstance(error, StarletteHTTPException) else (422, str(error))
    return _told(request, status, _TITLES.get(status, "That did not work"), str(why))


async def _failed(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotStored) else 400 if isinstance(error, BadConfig) else 503
    return _told(request, status, _TITLES.get(status, "That did not work"), str(error))


def _told(request: Request, status: int, title: str, why: str) -> Response:
    if HEADER in request.headers or "text/html" not in request.headers.get("Accept", ""):
        return JSONResponse({"detail": why}, status)
    return page(request, "error.html", status, title=title, why=why, status_code=status)
