"""Who may do what: every address of the application, without a login, as a viewer, and from another site."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ingest.newsroom.guards import HEADER
from tests.browser.conftest import Open
from tests.browser.house import House
from tests.browser.routes import addresses

CHANGE = {HEADER: "1"}  # as the pages' own script sends


def _asked(context: BrowserContext, home: House, method: str, path: str) -> int:
    return context.request.fetch(home.pages + path, method=method, headers=CHANGE, max_redirects=0).status


def test_without_a_login_every_address_answers_401(browser: Browser, home: House) -> None:
    context = browser.new_context()
    found = {one: _asked(context, home, *one) for one in addresses(home)}
    context.close()
    assert len(found) > 20
    assert set(found.values()) == {401}, found


def test_who_has_no_login_is_told_where_to_get_one(browser: Browser, home: House) -> None:
    page = browser.new_page()
    page.goto(f"{home.pages}/stories")
    expect(page.get_by_role("heading", name="Please log in")).to_be_visible()
    page.get_by_role("link", name="Log in to Airflow").click()
    expect(page.locator("input[name=username]")).to_be_visible()
    page.close()


def test_a_viewer_reads_every_page_and_changes_nothing(browser: Browser, home: House, logins: dict[str, Any]) -> None:
    before = home.desk.settings.sources.read_bytes()
    context = browser.new_context(storage_state=logins["viewer"])
    found = {one: _asked(context, home, *one) for one in addresses(home)}
    context.close()
    assert {path: status for (method, path), status in found.items() if method == "GET" and status != 200} == {}
    assert {status for (method, _), status in found.items() if method != "GET"} == {403}
    assert home.desk.settings.sources.read_bytes() == before
    assert home.held("broken").settled is None


def test_nobody_is_offered_what_would_be_refused(open_page: Open, home: House) -> None:
    """An operator may do all that these pages do, a viewer nothing."""
    article = home.article("hostile")
    paths = ("/sources/mpa-wire", _held(home), f"/articles/{article.article_id}", f"/stories/{article.story_id}")
    offered = {
        "op": _changes(open_page(user="op"), home, paths),
        "viewer": _changes(open_page(user="viewer"), home, paths),
    }
    assert offered["viewer"] == []
    assert {"fetch", "pause", "retire", "rule", "again", "discard", "upload", "takedown"} <= set(offered["op"])


def _changes(page: Page, home: House, paths: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in paths:
        page.goto(home.pages + path)
        found += page.locator("main form:not([role=search])").evaluate_all("forms => forms.map(form => form.id)")
    return found


def test_who_may_not_any_more_is_refused_in_words(home: House, browser: Browser, logins: dict[str, Any]) -> None:
    """The rights are gone while the page is open. Not `open_page`: a refusal is an error on the console."""
    before = home.desk.settings.sources.read_bytes()
    context = browser.new_context(storage_state=logins["admin"])
    page = context.new_page()
    for path, buttons in (("/sources/mpa-wire", ("Fetch now", "Pause", "Preview")), (_held(home), ("Read again",))):
        for name in buttons:
            context.add_cookies(logins["admin"]["cookies"])
            page.goto(home.pages + path)
            context.add_cookies(logins["viewer"]["cookies"])
            _tries(page, name)
    context.close()
    assert home.desk.settings.sources.read_bytes() == before


def _held(home: House) -> str:
    held = home.held("broken")
    return f"/quarantine/{held.day}/{held.id}"


def _tries(page: Page, name: str) -> None:
    if name == "Preview":
        page.get_by_label("Pattern").fill("crowns")
        page.get_by_label("Reason, landed with what goes").fill("a try")
    page.get_by_role("button", name=name).first.click()
    if name == "Pause":
        page.get_by_role("button", name="Yes, pause").click()
    expect(page.get_by_role("status")).to_have_text("You may look, but not change this.")


def test_who_may_edit_may_though_no_admin(open_page: Open, home: House) -> None:
    page = open_page("/newsroom/sources/mpa-wire", user="op")
    page.get_by_label("Pattern").fill("crowns")
    page.get_by_label("Reason, landed with what goes").fill("a try")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("status")).to_contain_text("would go")


FORM = '<form method=post action="{0}/sources/mpa-wire/pause" enctype="{1}"><input name=x value=y></form>'
SCRIPT = """fetch('{0}/sources/mpa-wire/pause', {{method: 'POST', credentials: 'include', headers: {1}}})
  .then(answer => answer.status, () => 0)"""


@pytest.mark.parametrize("host", ["http://127.0.0.1:1", "http://elsewhere.localhost:1"])
def test_another_site_cannot_use_a_login(browser: Browser, home: House, logins: dict[str, Any], host: str) -> None:
    """The first is the same site to a browser, and gets the cookie sent along."""
    before = home.desk.settings.sources.read_bytes()
    context = browser.new_context(storage_state=logins["admin"])
    page = context.new_page()
    page.route(f"{host}/**", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        page.goto(f"{host}/")
        page.set_content(FORM.format(home.pages, kind))
        with page.expect_navigation(url="**/pause") as answer:
            page.evaluate("document.forms[0].submit()")
        assert answer.value.status in (401, 403)
    for headers in ("{}", "{'X-Newsroom': '1'}"):
        page.goto(f"{host}/")
        assert page.evaluate(SCRIPT.format(home.pages, headers)) in (0, 401, 403)
    page.goto(f"{host}/")
    page.set_content(f'<iframe src="{home.pages}/sources/mpa-wire"></iframe>')
    page.wait_for_load_state("networkidle")
    assert page.frames[1].get_by_role("button", name="Pause").count() == 0, "it may be clicked unseen"
    context.close()
    assert home.desk.settings.sources.read_bytes() == before
