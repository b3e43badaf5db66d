"""A newsroom with what two days have landed, and a real Airflow with the pages in front of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

from ingest.demo import DemoServer, start_demo, write_sources
from ingest.embedded import EmbeddedAirflow
from ingest.model import Article
from ingest.pipeline import run_once
from ingest.quarantine import Held, held
from tests.newsroom import Desk, desk

WIDE = {"width": 1280, "height": 900}
USERS = ("admin", "op", "viewer")  # of Airflow's simple auth manager, each with the role of that name
_SETTINGS = ("sources", "store", "state", "allow_nets", "host_delay_s")


@dataclass(frozen=True)
class House:
    desk: Desk
    demo: DemoServer
    airflow: EmbeddedAirflow

    @property
    def pages(self) -> str:
        return f"{self.airflow.url}/newsroom"

    @cached_property
    def articles(self) -> list[Article]:
        """As the house was opened."""
        return self.desk.articles(latest_only=True)

    def article(self, source_id: str) -> Article:
        return next(article for article in self.articles if article.source_id == source_id)

    def held(self, source_id: str) -> Held:
        """The newest of a source that is open."""
        found = [one for one in held(self.desk.workspace.store) if one.source_id == source_id and not one.settled]
        return found[-1]

    def password(self, user: str) -> str:
        file = self.airflow.home / "simple_auth_manager_passwords.json.generated"
        password: str = json.loads(file.read_text())[user]
        return password


@contextmanager
def house(folder: Path, more: str = "", days: int = 2) -> Iterator[House]:
    """`more` is added to the demo's registry; of its two days, the first may be all that has landed."""
    now = datetime.now(UTC)
    with start_demo(today=(now - timedelta(hours=20)).date(), folder=folder / "drop") as demo:
        write_sources(folder / "sources.toml", demo.base_url, folder / "drop")
        with (folder / "sources.toml").open("a") as file:
            file.write(more)
        here = desk(folder)
        here.workspace.set_up()
        env = {f"INGEST_{name.upper()}": str(getattr(here.settings, name)) for name in _SETTINGS}
        env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = ",".join(f"{user}:{user}" for user in USERS)
        airflow = EmbeddedAirflow(folder / "airflow", env)
        with ThreadPoolExecutor(1) as beside:
            landing = beside.submit(_land, here, demo, now, days)
            with airflow:
                landing.result()
                yield House(here, demo, airflow)


def _land(here: Desk, demo: DemoServer, now: datetime, days: int) -> None:
    """The newsroom's first day, a look at it in the night, and its second day."""
    run_once(here.settings, force=True, now=now - timedelta(hours=18))
    run_once(here.settings, ["mpa-wire", "harbour-herald", "valley-post"], True, now=now - timedelta(hours=9))
    demo.day = 2
    if days == 2:
        run_once(here.settings, force=True, now=now - timedelta(minutes=40))


def chromium(playwright: Playwright) -> Browser:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox refuses to run as root
    return playwright.chromium.launch(executable_path=path, args=flags)


def log_in(home: House, browser: Browser, user: str) -> Any:
    """By the login form; the cookies that it gives."""
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(120_000)  # the first page that Airflow serves takes its time
    page = context.new_page()
    page.goto(home.airflow.url)
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(home.password(user))
    page.keyboard.press("Enter")
    page.get_by_test_id("nav-home-link").wait_for()
    state = context.storage_state()
    context.close()
    return state
