"""What every route needs of its request."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import JSONResponse

from ingest.newsroom.office import Office
from ingest.pipeline import Workspace


def workspace(request: Request) -> Workspace:
    office: Office = request.app.state.office
    return office.workspace()


def who(request: Request) -> str:
    name: str = request.state.who
    return name


def now() -> datetime:
    return datetime.now(UTC)


def given(text: str) -> str | None:
    """A form sends an empty field as "", which is absent."""
    return text.strip() or None


def said(message: str) -> JSONResponse:
    """What a change came to, in words."""
    return JSONResponse({"message": message})
