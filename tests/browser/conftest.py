"""One Airflow and one browser for all: the demo's two days beside a publisher that attacks who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import hostile
from tests.browser.house import USERS, WIDE, House, chromium, house, log_in
from tests.browser.watch import watched
from tests.newsroom import kiosk

NARROW = {"width": 390, "height": 800}
ASLEEP = 80  # sources that are asked by nobody, for a second page of the list

Open = Callable[..., Page]
expect.set_options(timeout=30_000)  # the machine may be busy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starting Airflow may take its time."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with kiosk() as stand:
        stand.bodies["/hostile.xml"] = hostile.feed(stand.base_url)
        stand.bodies["/broken.xml"] = hostile.broken()
        with house(tmp_path_factory.mktemp("house"), _registry(stand.base_url)) as found:
            yield found


def _registry(base_url: str) -> str:
    """Hostile names too: whoever keeps the registry may have copied them from the publisher."""
    rule = "{ pattern = '<script>hit', kind = 'promo', reason = '<img src=x onerror=hit(1)>' }"
    names = [text.replace("'", '"') for text in hostile.ALL]
    tables = [f"[sources.hostile]\nurl = '{base_url}/hostile.xml'\nname = '{names[0]}'\nrules = [{rule}]\n"]
    tables += [f"[sources.broken]\nurl = '{base_url}/broken.xml'\nname = '{names[1]}'\n"]
    tables += [
        f"[sources.asleep-{number}]\nurl = '{base_url}/asleep.xml'\nname = '{name}'\nenabled = false\n"
        for number, name in enumerate(islice(cycle(names), ASLEEP))
    ]
    return "\n" + "\n".join(tables)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = chromium(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def logins(home: House, browser: Browser) -> dict[str, Any]:
    """Cookies by user, as the login form gives them."""
    return {user: log_in(home, browser, user) for user in USERS}


@pytest.fixture
def open_page(home: House, browser: Browser, logins: dict[str, Any]) -> Iterator[Open]:
    """Opens a page of somebody; none of them may have run, called or complained of anything at the end of the test."""
    with ExitStack() as stack:
        watches = []

        def open_(path: str = "", user: str = "admin", *, size: dict[str, int] = WIDE, scheme: str = "light") -> Page:
            context, watch = stack.enter_context(
                watched(browser, home.airflow.url, viewport=size, color_scheme=scheme, storage_state=logins[user])
            )
            watches.append(watch)
            page = context.new_page()
            page.goto(home.airflow.url + path)
            return page

        yield open_
        for watch in watches:
            watch.is_clean()
