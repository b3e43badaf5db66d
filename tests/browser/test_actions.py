"""What editors do on the pages, by mouse and by keyboard, and that it is so in the registry, the store and Airflow."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from ingest.quarantine import Held, held
from ingest.takedown.audit import removals
from tests.browser.conftest import Open
from tests.browser.house import House
from tests.browser.test_airflow import framed, from_menu, section, show_only, shown


def told(page: Page, words: str) -> None:
    expect(framed(page).get_by_role("status")).to_contain_text(words)


def open_source(page: Page, name: str, id_: str) -> None:
    """From the menu of Airflow, by search."""
    frame = from_menu(page)
    section(frame, "Sources")
    frame.get_by_label("Search").fill(id_)
    frame.get_by_role("button", name="Show").click()
    frame.get_by_role("link", name=name).click()
    expect(frame.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_source_is_paused_and_enabled(open_page: Open, home: House) -> None:
    registry = home.desk.settings.sources
    before = registry.read_bytes()
    page = open_page()
    open_source(page, "Valley Post", "valley-post")
    framed(page).get_by_role("button", name="Pause").click()
    told(page, "until it is enabled again. Pause it?")
    assert registry.read_bytes() == before, "it asks first"
    framed(page).get_by_role("button", name="Yes, pause").click()
    told(page, "valley-post is paused.")
    assert not home.desk.workspace.registry["valley-post"].enabled
    framed(page).get_by_role("button", name="Enable").click()
    told(page, "valley-post is enabled.")
    expect(framed(page).get_by_role("button", name="Pause")).to_be_visible()
    assert home.desk.workspace.registry["valley-post"].enabled


def test_a_rule_is_tried_written_and_taken_out(open_page: Open, home: House) -> None:
    registry = home.desk.settings.sources
    before = registry.read_bytes()
    page = open_page()
    open_source(page, "Valley Post", "valley-post")
    frame = framed(page)
    frame.get_by_label("Pattern").fill("crowns")
    frame.get_by_label("Kind").select_option("promo")
    frame.get_by_label("Reason, landed with what goes").fill("a test of the page")
    frame.get_by_role("button", name="Preview").click()
    expect(frame.get_by_role("list", name="What would go").get_by_role("listitem").first).to_contain_text("crowns")
    assert registry.read_bytes() == before, "a preview writes nothing"
    frame.get_by_role("button", name="Save the rule").click()
    expect(frame.get_by_role("cell", name="a test of the page")).to_be_visible()
    assert "crowns" in [rule.pattern for rule in home.desk.workspace.registry["valley-post"].rules]
    taken = frame.get_by_role("row").filter(has_text="a test of the page").get_by_role("button")
    taken.click()
    taken.click()
    expect(frame.get_by_role("cell", name="a test of the page")).to_have_count(0)
    assert registry.read_bytes().replace(b"rules = []\n", b"") == before


def test_a_source_is_retired(open_page: Open, home: House) -> None:
    page = open_page()
    open_source(page, "Old Mill Courier", "old-mill-courier")
    frame = framed(page)
    frame.locator("#retire").get_by_label("Reason").fill("it has closed")
    frame.get_by_role("button", name="Retire").click()
    assert not home.desk.workspace.registry["old-mill-courier"].retired, "it asks first"
    frame.get_by_role("button", name="Yes, retire").click()
    expect(frame.get_by_role("button", name="Fetch now")).to_have_count(0)
    assert home.desk.workspace.registry["old-mill-courier"].retired
    section(frame, "Sources")
    frame.get_by_label("Search").fill("old-mill-courier")
    frame.get_by_role("button", name="Show").click()
    expect(frame.get_by_text("0 sources")).to_be_visible()


def test_a_source_is_fetched_now(open_page: Open, home: House) -> None:
    """To the end: the DAG run that it asked for, its grid, and its page of the newsroom."""
    page = open_page()
    open_source(page, "Valley Post", "valley-post")
    framed(page).get_by_role("button", name="Fetch now").click()
    run_id = asked_for(page)
    assert home.airflow.api("GET", f"/api/v2/dags/syndication/dagRuns/{run_id}")["conf"]["sources"] == ["valley-post"]
    for _ in home.airflow.wait("syndication", run_id):
        pass
    assert home.airflow.run_state("syndication", run_id) == "success"
    page.goto(f"{home.airflow.url}/dags/syndication/runs/{run_id}".replace("+", "%2B"))
    page.locator("a[href*='/plugin/newsroom-run']").first.click()  # the tab
    frame = framed(page)
    expect(frame.get_by_role("heading", name="From the feeds to the table")).to_be_visible()
    expect(frame.get_by_role("link", name="DAG run")).to_be_visible()  # and back
    page.goto(f"{home.airflow.url}/dags/syndication/runs/{run_id}/tasks/land/details".replace("+", "%2B"))
    address = page.locator("a[href*='/newsroom/dag-run']").first.get_attribute("href")
    page.goto(address or "")
    expect(framed(page).get_by_role("heading", name="From the feeds to the table")).to_be_visible()


def _of(home: House, one: Held) -> Held:
    return next(other for other in held(home.desk.workspace.store) if (other.day, other.id) == (one.day, one.id))


def open_held(page: Page, code: str, source: str) -> None:
    frame = from_menu(page)
    section(frame, "Quarantine")
    frame.get_by_label("Source").fill(source)
    frame.get_by_label("Code").select_option(code)
    show_only(frame, source)
    shown(frame).first.get_by_role("link").first.click()
    expect(frame.get_by_role("heading", name="The bytes")).to_be_visible()


def test_what_is_in_quarantine_is_discarded(open_page: Open, home: House) -> None:
    one = home.held("fault-html")
    page = open_page()
    open_held(page, one.code, "fault-html")
    framed(page).get_by_role("button", name="Discard").click()
    assert _of(home, one).settled is None, "it wants a reason"
    framed(page).get_by_label("Reason").fill("a page for people, its publisher was told")
    framed(page).get_by_role("button", name="Discard").click()
    told(page, "Discarded.")
    expect(framed(page).get_by_text("Discarded by admin")).to_be_visible()
    settled = _of(home, one).settled
    assert settled is not None
    assert (settled.how, settled.by, settled.why) == ("discarded", "admin", "a page for people, its publisher was told")
    assert settled.why in [removal.reason for removal in removals(home.desk.workspace.store)]
    section(framed(page), "Takedowns")
    expect(framed(page).get_by_role("cell", name="a page for people, its publisher was told")).to_be_visible()


def asked_for(page: Page) -> str:
    """The id of the DAG run that the page tells it has asked for."""
    told(page, "has been asked for.")
    found = re.search(r"DAG run (\S+) has", framed(page).get_by_role("status").inner_text())
    assert found
    return found[1]


def test_what_is_still_bad_is_read_again_and_stays(open_page: Open, home: House) -> None:
    """As it came, by a DAG run; and mended, in the page."""
    one = home.held("broken")
    page = open_page()
    open_held(page, one.code, "broken")
    framed(page).locator("#again").get_by_role("button", name="Read again").click()
    run_id = asked_for(page)
    assert home.airflow.api("GET", f"/api/v2/dags/read_again/dagRuns/{run_id}")["conf"]["ids"] == [one.id]
    told(page, f"The DAG run {run_id} has ended: failed.")  # when that is known, so what follows does not meet it
    mended = {"name": "mended.xml", "mimeType": "text/xml", "buffer": b"<rss>"}
    framed(page).get_by_label("A mended file").set_input_files(mended)  # type: ignore[arg-type]
    framed(page).get_by_role("button", name="Read the file instead").click()
    told(page, "Still malformed")
    assert _of(home, one).settled is None


def test_an_article_is_taken_down_once_approved(open_page: Open, home: House) -> None:
    article = home.article("valley-post")
    page = open_page(f"/newsroom/articles/{article.article_id}", user="op")
    page.get_by_label("Reason").fill("a court's order")
    page.get_by_role("button", name="Take the article down").click()
    page.get_by_role("button", name="Yes, take the article down").click()
    expect(page.get_by_role("status")).to_contain_text("A second look has to approve it")
    found = re.search(r"DAG run (\S+) has", page.get_by_role("status").inner_text())
    assert found
    expect(page.get_by_role("link", name="See it in Airflow")).to_be_visible()
    while ("approve", "awaiting_input") not in home.airflow.squares("takedown", found[1]):
        page.wait_for_timeout(1000)
    page.goto(f"{home.airflow.url}/required_actions")
    page.get_by_role("link", name="Remove for good what op wants taken down?").first.click()
    assert article.article_id in {one.article_id for one in home.desk.articles()}, "nothing goes before that"
    page.get_by_role("button", name="Approve").click()
    squares = dict(home.airflow.wait("takedown", found[1]))
    assert squares["remove"] == "success"
    assert article.article_id not in {one.article_id for one in home.desk.articles()}
    page.goto(f"{home.pages}/takedowns")
    expect(page.get_by_role("row").filter(has_text=article.article_id).first).to_contain_text("a court's order")
    expect(page.get_by_role("cell", name="op, approved by op").first).to_be_visible()


def test_a_story_is_offered_to_be_taken_down(open_page: Open, home: House) -> None:
    article = home.article("harbour-herald")
    page = open_page(f"/newsroom/stories/{article.story_id}")
    button = page.get_by_role("button", name="Take the story down")
    button.click()
    expect(page.get_by_role("status")).to_be_empty()  # it wants a reason
    page.get_by_label("Reason").fill("a court's order")
    button.click()
    expect(page.get_by_role("status")).to_contain_text("Ask for it?")
    assert page.locator("#takedown").get_attribute("data-conf") == f'{{"ids": ["{article.story_id}"]}}'


def test_a_whole_task_by_keyboard(open_page: Open, home: House) -> None:
    """From the list of sources to one that is paused and enabled again; no mouse."""
    page = open_page("/newsroom/sources")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    _tab_to(page, "Search")
    page.keyboard.type("harbour-herald")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 source", exact=True)).to_be_visible()
    _tab_to(page, "Harbour Herald")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Harbour Herald")).to_be_visible()
    _tab_to(page, "Pause")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Yes, pause")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("harbour-herald is paused.")
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    assert not home.desk.workspace.registry["harbour-herald"].enabled
    _tab_to(page, "Enable")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("harbour-herald is enabled.")
    assert home.desk.workspace.registry["harbour-herald"].enabled


NAME = "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"


def _tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(NAME).startswith(name):
            # it is to be seen where one is
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"no way to {name} by Tab")
