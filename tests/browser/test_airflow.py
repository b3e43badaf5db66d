"""The pages where people meet them: in Airflow's own UI, from its menu and from the page of a DAG run."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Open


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


def test_every_section_by_clicking(open_page: Open) -> None:
    frame = from_menu(open_page())
    for name in ("Sources", "Articles", "Stories", "Quarantine", "Takedowns", "Runs"):
        section(frame, name)
