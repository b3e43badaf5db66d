"""The pages where people meet them: in Airflow's own UI, from its menu and from the page of a DAG run."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.house import WIDE, House


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def from_menu(page: Page) -> FrameLocator:
    page.get_by_role("link", name="Newsroom").first.click()
    frame = framed(page)
    expect(frame.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    return frame


def section(frame: FrameLocator, name: str) -> None:
    frame.get_by_role("navigation", name="Newsroom").get_by_role("link", name=name).click()
    expect(frame.get_by_role("heading", name=name, level=1)).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_section_by_clicking(open_page: Open, size: dict[str, int], scheme: str) -> None:
    frame = from_menu(open_page(size=size, scheme=scheme))
    expect(frame.locator("html")).to_have_attribute("data-theme", scheme)
    for name in ("Sources", "Articles", "Stories", "Quarantine", "Takedowns", "Runs"):
        section(frame, name)


def shown(frame: FrameLocator) -> Locator:
    """The rows of the list, without its head."""
    return frame.locator("tbody").get_by_role("row")


def show_only(frame: FrameLocator, text: str) -> None:
    """Sends the form; waits for the page on which every row has the text."""
    frame.get_by_role("button", name="Show").click()
    expect(shown(frame).filter(has_not_text=re.compile(text, re.IGNORECASE))).to_have_count(0)
    expect(shown(frame).first).to_be_visible()


def test_sources_are_searched_filtered_and_paged(open_page: Open) -> None:
    frame = from_menu(open_page())
    section(frame, "Sources")
    first = shown(frame).first.inner_text()
    frame.get_by_role("link", name="Next").click()
    expect(frame.get_by_text(re.compile(r"2 of \d"))).to_be_visible()
    assert shown(frame).first.inner_text() != first
    frame.get_by_role("link", name="Before").click()
    expect(frame.get_by_text(re.compile(r"1 of \d"))).to_be_visible()
    frame.get_by_label("State").select_option("failing")
    frame.get_by_label("Search").fill("fault-")
    show_only(frame, "fault-")
    expect(frame.get_by_label("Search")).to_have_value("fault-")
    assert set(frame.locator("tbody .state").all_inner_texts()) == {"failing"}


def test_a_table_is_sorted_by_its_heads(open_page: Open) -> None:
    """By mouse and by keyboard; figures as figures, and the screen reader is told."""
    page = open_page("/newsroom/stories")
    page.get_by_role("button", name="Articles", exact=True).click()
    counts = [int(text) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    expect(page.get_by_role("columnheader", name="Articles")).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Enter")
    assert [int(text) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()] == sorted(counts)
    expect(page.get_by_role("columnheader", name="Articles")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Story", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    names = page.locator("tbody th").all_inner_texts()
    assert names[0].lower()[:1] <= names[-1].lower()[:1]


def test_from_an_article_to_its_source_its_story_and_its_run(open_page: Open) -> None:
    frame = from_menu(open_page())
    section(frame, "Articles")
    frame.get_by_label("Source").fill("harbour-herald")
    show_only(frame, "harbour-herald")
    expect(frame.get_by_label("Source")).to_have_value("harbour-herald")
    article = shown(frame).first.get_by_role("link").first
    headline = article.inner_text()
    for name, heading in (
        ("its story", "Its articles"),
        ("its run", "By source"),
        ("harbour-herald", "New items a day"),
    ):
        section(frame, "Articles")
        frame.get_by_role("link", name=headline).first.click()
        expect(frame.get_by_role("heading", name="What came in")).to_be_visible()
        frame.get_by_role("main").get_by_role("link", name=name).click()
        expect(frame.get_by_role("heading", name=heading, level=2)).to_be_visible()


def test_an_articles_bytes_and_json_are_to_be_had(open_page: Open, home: House) -> None:
    article = home.article("harbour-herald")
    page = open_page(f"/newsroom/articles/{article.article_id}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="raw").click()
    assert article.raw is not None
    assert sha256(saved.value.path().read_bytes()).hexdigest() == article.raw.sha256
    page.get_by_role("link", name="JSON").click()
    assert article.article_id in page.locator("body").inner_text()


def test_stories_are_ordered_and_searched(open_page: Open) -> None:
    frame = from_menu(open_page())
    section(frame, "Stories")
    counts = [int(count) for count in frame.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 2
    frame.get_by_label("Order").select_option("newest")
    frame.get_by_label("In a headline").fill("ferry")
    show_only(frame, "ferry")
    expect(frame.get_by_label("In a headline")).to_have_value("ferry")
    shown(frame).first.get_by_role("link").click()
    expect(frame.get_by_role("heading", name="When each was published")).to_be_visible()
    expect(frame.get_by_role("img").first).to_be_visible()
