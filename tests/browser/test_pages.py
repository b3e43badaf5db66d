"""Every page that links lead to: it fits, it is named, it is readable, and the browser has nothing to complain of."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Open
from tests.browser.house import WIDE

_UNNAMED = re.compile(
    r"- (button|link|textbox|searchbox|combobox|spinbutton|checkbox|img|region|navigation)(?::|$)", re.M
)
A_KIND = 2  # pages of each kind that are opened: the pages of two articles look alike
LINKS = """nodes => nodes.filter(node => node.href.includes('/newsroom/') && !node.hasAttribute('download'))
  .map(node => node.href)"""
PALE = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = colour => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = colour => rgb(colour).map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, place) => sum + c * [.2126, .7152, .0722][place], 0);
  const behind = node => { for (; node; node = node.parentElement) {
    const colour = getComputedStyle(node).backgroundColor;
    if (colour !== 'rgba(0, 0, 0, 0)') return colour;
  } return 'white' };
  const pale = [];
  for (const node of document.querySelectorAll('body *')) {
    const text = [...node.childNodes].filter(c => c.nodeType === 3).map(c => c.data.trim()).join('');
    if (!text || !node.checkVisibility() || node.closest('svg, option')) continue;
    const [low, high] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => a - b);
    if ((high + .05) / (low + .05) < 4.5) pale.push(`${text.slice(0, 40)} ${((high + .05) / (low + .05)).toFixed(1)}`);
  }
  return pale;
}"""


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")])
def test_every_page(open_page: Open, size: dict[str, int], scheme: str) -> None:
    page = open_page("/newsroom/runs", size=size, scheme=scheme)
    seen: Counter[str] = Counter()
    waiting, known = [page.url], {page.url}
    while waiting:
        address = waiting.pop(0)
        seen[_kind(address)] += 1
        if _kind(address).endswith("/json"):
            continue
        page.goto(address)
        _is_sound(page, size["width"])
        for link in page.locator("a[href]").evaluate_all(LINKS):
            if (
                link.partition("#")[0] not in known
                and seen[_kind(link)] + sum(_kind(w) == _kind(link) for w in waiting) < A_KIND
            ):
                known.add(link)
                waiting.append(link)
    assert {"runs", "runs/_", "sources", "sources/_", "articles", "articles/_", "stories", "stories/_"} <= set(seen)
    assert {"quarantine", "quarantine/_/_", "takedowns"} <= set(seen)


def _kind(address: str) -> str:
    """runs/_ for any run: the path, with what names one thing left out."""
    path = address.partition("/newsroom/")[2].partition("?")[0].partition("#")[0]
    first, *rest = path.split("/")
    return "/".join(
        [first, *("_" if re.search(r"\d|-", part) or part not in ("json", "raw", "body") else part for part in rest)]
    )


def _is_sound(page: Page, width: int) -> None:
    expect(page.get_by_role("heading", level=1), page.url).to_have_count(1)
    expect(page.get_by_role("main"), page.url).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} is wider than the window"
    assert page.evaluate(PALE) == [], page.url
    unnamed = _UNNAMED.findall(page.locator("body").aria_snapshot())
    assert unnamed == [], page.url
