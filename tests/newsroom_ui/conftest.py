"""Pages over what a real run has landed: two kiosks whose texts are copies, one hostile feed, one broken, one gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient

from ingest.model import Article
from ingest.newsroom import Guards, Rights, create_app
from ingest.newsroom.guards import DAGS, HEADER
from ingest.pipeline import run_once
from ingest.report import RunReport
from tests.newsroom import Desk, Kiosk, Story, desk, kiosk, registry

ROOT = "/newsroom"
HOSTILE = '"&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;'  # as XML has it
HTML = {"Accept": "text/html"}
PAPER = Story("ferry", "Ferry stays in port", "The ferry stays in port for the whole of the week, said its master.")


class Wall(Story):
    """Its text has markup as text, as a story about markup would; much of it would be no story."""

    @property
    def paragraphs(self) -> Iterator[str]:
        yield from (f"{self.text} He gave reason {number}, and went home before the rain came." for number in range(6))
        yield "It read &lt;script&gt;alert(3)&lt;/script&gt; &lt;b onclick=alert(4)&gt; in letters as high as a door."
        yield "<script>alert(6)</script><b onclick='alert(7)'>The paint was blue</b>, and it is there to this day."


def roles(request: Request) -> str:
    """Stands for a login: the name is the role."""
    role = request.headers.get("X-Role")
    if role is None:
        raise HTTPException(401, "Not authenticated")
    return role


def only_editors(request: Request) -> None:
    if roles(request) != "editor":
        raise HTTPException(403, "Forbidden")


def rights(request: Request) -> Rights:
    return Rights(edit=True, trigger=frozenset(DAGS)) if roles(request) == "editor" else Rights()


GUARDS = Guards(who=roles, read=roles, edit=only_editors, rights=rights)


def mounted(desk: Desk) -> FastAPI:
    outer = FastAPI(openapi_url=None)
    outer.mount(ROOT, create_app(desk.settings, GUARDS))
    return outer


@dataclass(frozen=True)
class Landed:
    desk: Desk
    kiosk: Kiosk
    report: RunReport
    client: TestClient  # a viewer's

    def page(self, path: str, status: int = 200, role: str = "viewer") -> str:
        answer = self.client.get(f"{ROOT}{path}", headers=HTML | {"X-Role": role})
        assert answer.status_code == status, answer.text[:500]
        return answer.text

    def post(self, path: str, role: str = "editor", **form: str) -> tuple[int, str]:
        """The status, and what people are told."""
        answer = self.client.post(f"{ROOT}{path}", data=form, headers={"X-Role": role, HEADER: "1"})
        told = answer.json()
        return answer.status_code, told.get("message") or told["detail"]

    def article(self, source_id: str) -> Article:
        return next(a for a in self.desk.articles(latest_only=True) if a.source_id == source_id)


@pytest.fixture(scope="package")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    with kiosk() as stand:
        yield land(tmp_path_factory.mktemp("newsroom"), stand)


def land(folder: Path, stand: Kiosk) -> Landed:
    hostile = Wall("evil&quot;'&gt;", HOSTILE, "A mason was asked what he had put upon the wall of the harbour.")
    stand.bodies["/broken.xml"] = b'<?xml version="1.0"?><rss><channel><item><title>\x1b]0;owned\x07<script>alert(5)'
    registry(
        folder,
        paper=stand.feed("/paper.xml", PAPER),
        evening=stand.feed("/evening.xml", PAPER),
        hostile=stand.feed("/hostile.xml", hostile),
        broken=f"{stand.base_url}/broken.xml",
        missing=f"{stand.base_url}/missing.xml",
    )
    here = desk(folder)
    report = run_once(here.settings, force=True, now=datetime.now(UTC))
    client = TestClient(mounted(here), headers={"X-Role": "viewer"})
    return Landed(here, stand, report, client)
