"""A publisher that attacks whoever reads it, in a real browser: nothing of it runs, nothing leaves for elsewhere."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser import hostile
from tests.browser.conftest import Open
from tests.browser.house import House
from tests.browser.routes import addresses
from tests.browser.watch import watched

ALIVE = """nodes => nodes.filter(node => [...node.attributes].some(({ name, value }) =>
  name.startsWith('on') || name === 'style' || /^\\s*(javascript|data|vbscript):/i.test(value))
  || (node.tagName === 'SCRIPT' && !node.src.endsWith('/static/newsroom.js'))
  || ['OBJECT', 'EMBED', 'BASE', 'STYLE', 'IMG', 'VIDEO'].includes(node.tagName)).map(node => node.outerHTML)"""


TOUCH = """nodes => nodes.forEach(node => {
  node.focus?.();
  node.dispatchEvent(new MouseEvent('mouseover'));
  if (node.href || node.type === 'submit') node.click();
})"""


def _goes_off(context: BrowserContext, text: str, noted: list[str]) -> bool:
    """Where it is shown as it came, and touched."""
    before, page = len(noted), context.new_page()
    page.route("**/bare", lambda route: route.fulfill(body=hostile.page_of(text), content_type="text/html"))
    for _ in range(20):
        with suppress(Error):  # it may leave for elsewhere
            if page.url == "about:blank":
                page.goto("/bare", wait_until="commit")
            page.locator("*").evaluate_all(TOUCH)
        page.wait_for_timeout(50)
        if len(noted) > before:
            break
    page.close()
    return len(noted) > before


def test_the_set_goes_off_where_nobody_escapes_it(browser: Browser, home: House) -> None:
    """Otherwise the tests below would prove nothing."""
    with watched(browser, home.airflow.url, base_url=home.airflow.url) as (context, watch):
        duds = [text for text in hostile.SCRIPTS if not _goes_off(context, text, watch.ran)]
        silent = [text for text in hostile.CALLS if not _goes_off(context, text, watch.called)]
    assert (duds, silent) == ([], [])


def test_every_page_about_it_is_inert(open_page: Open, home: House) -> None:
    page = open_page()
    for path in _pages(home):
        page.goto(home.pages + path)
        _is_inert(page)


def _pages(home: House) -> list[str]:
    """Every address about the hostile source and its articles, and lists that show them."""
    lists = ["/articles?source=hostile", "/stories", "/sources", "/quarantine?source=broken", "/sources/broken"]
    about = [f"/articles/{article.article_id}" for article in home.articles if article.source_id == "hostile"]
    found = [path for method, path in addresses(home) if method == "GET" and not _is_file(path)]
    return [*dict.fromkeys([*found, *lists, *about])]


def _is_file(path: str) -> bool:
    return path.startswith("/static/") or path.endswith(("/json", "/raw", "/body"))


def _is_inert(page: Page) -> None:
    assert page.locator("*").evaluate_all(ALIVE) == [], page.url
    page.locator("details").evaluate_all("nodes => nodes.forEach(node => node.open = true)")
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()  # or it is not loaded
        expect(frame.content_frame.locator("body")).to_be_attached()
    # what waits for a hand: every field and struck line gets the focus, the mouse goes over the page
    page.locator("main [tabindex], main input, main del").evaluate_all("nodes => nodes.forEach(node => node.focus())")
    page.mouse.move(600, 400)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_its_html_is_shown_in_a_frame_in_which_nothing_runs(open_page: Open, home: House) -> None:
    page = open_page()
    about = [article for article in home.articles if article.source_id == "hostile" and article.body_html]
    for article in about:
        page.goto(f"{home.pages}/articles/{article.article_id}")
        page.get_by_text("Its HTML, in a frame").click()
        expect(page.frame_locator("iframe.inert").get_by_text("The mason came").first).to_be_visible()
        answer = page.goto(f"{home.pages}/articles/{article.article_id}/body")  # and by itself, without the frame
        assert answer is not None
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert len(about) >= len(hostile.ALL) / hostile.AN_ARTICLE


@pytest.mark.parametrize(
    "path",
    [
        "/articles?q={0}&source={0}&language={0}&status={0}",
        "/sources?q={0}&state={0}",
        "/stories?q={0}",
        "/quarantine?source={0}&code={0}",
        "/dag-run?dag_id={0}&run_id={0}",
    ],
)
def test_what_an_address_says_is_inert(open_page: Open, home: House, path: str) -> None:
    page = open_page()
    for text in ("".join(hostile.ALL[:15]), "".join(hostile.ALL[15:]), *hostile.LIES):
        page.goto(home.pages + path.format(quote(text[:3000])))
        _is_inert(page)


def test_names_of_what_is_not_there_are_inert(browser: Browser, home: House, logins: dict[str, object]) -> None:
    """Answered with 404, which a browser complains of, and that alone."""
    with watched(browser, home.airflow.url, storage_state=logins["admin"]) as (context, watch):
        page = context.new_page()
        for place in ("runs", "sources", "articles", "stories"):
            for text in hostile.ALL:
                page.goto(f"{home.pages}/{place}/{quote(text, safe='')}")
                assert page.locator("*").evaluate_all(ALIVE) == []
    assert (watch.ran, watch.called) == ([], [])
    assert all("status of 4" in complaint for complaint in watch.complained), watch.complained


def test_it_is_all_there_to_be_read(open_page: Open, home: House) -> None:
    """Inert because it is escaped, not because it is left out."""
    page = open_page(f"/newsroom/quarantine/{home.held('broken').day}/{home.held('broken').id}")
    shown = page.locator("pre").filter(has_text="<rss>").inner_text()
    assert [text for text in hostile.ALL if text not in shown] == []
    page.goto(f"{home.pages}/articles?source=hostile")
    expect(page.get_by_text("<script>hit('script')</script>").first).to_be_visible()
