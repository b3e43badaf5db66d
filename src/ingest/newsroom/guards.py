"""Who may do what, and what a browser is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'self'; form-action 'self'; base-uri 'none'"
)
INERT = "sandbox; default-src 'none'; style-src 'none'; frame-ancestors 'self'"  # for what publishers wrote
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HEADER = "X-Newsroom"  # other sites' pages cannot send it: browsers ask first, and nobody answers

Dependency = Callable[..., Any]


DAGS = ("syndication", "read_again", "takedown")  # that the pages trigger, by Airflow's own API


@dataclass(frozen=True)
class Rights:
    """What who asks may do, so that no page offers what would be refused. `trigger` has ids of DAGs."""

    edit: bool = False
    trigger: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Guards:
    """FastAPI dependencies. `read` and `edit` raise 401 or 403; `who` gives a name, for what is written down."""

    who: Dependency
    read: Dependency
    edit: Dependency
    rights: Dependency  # gives Rights


def from_here(request: Request) -> None:
    """Raises 403 for a change that another site's page asks for with this browser's login."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if HEADER not in request.headers or site != "same-origin":
        raise HTTPException(403, "A change has to come from these pages.")


class Headers:
    """Sets the headers of every answer that does not have its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
