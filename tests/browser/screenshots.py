"""Makes docs/screenshots: the demo's stories in a real Airflow, as Chromium shows them. `make screenshots` runs it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.house import House, chromium, house, log_in

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZE = {"width": 1180, "height": 740}
DENSE = {"x": 0, "y": 0, "width": 1180, "height": 480}  # of a page full of text, to be small


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, house(Path(folder), days=1) as home, sync_playwright() as playwright:
        browser = chromium(playwright)
        run_id = _night(home)
        login = log_in(home, browser, "admin")
        for scheme, shots in (("light", _light(home, run_id)), ("dark", _dark(home))):
            context = browser.new_context(viewport=SIZE, color_scheme=scheme, storage_state=login)  # type: ignore[arg-type]
            page = context.new_page()
            for name, path in shots.items():
                _shoot(page, home, name, path)
            context.close()
        browser.close()


def _night(home: House) -> str:
    """The second day, by Airflow's own DAG, for its grid."""
    run_id = home.airflow.trigger("syndication", {"force": True})
    for task, state in home.airflow.wait("syndication", run_id):
        print(task, state, file=sys.stderr)
    return run_id


def _light(home: House, run_id: str) -> dict[str, str]:
    article = next(a for a in home.articles if a.source_id == "harbour-herald" and a.removed and a.images)
    run = f"/dags/syndication/runs/{run_id}".replace("+", "%2B")
    return {
        "grid": run,
        "run": f"{run}/plugin/newsroom-run",
        "sources": "/newsroom/sources",
        "source": "/newsroom/sources/harbour-herald",
        "article": f"/newsroom/articles/{article.article_id}",
        "quarantine": f"/newsroom/quarantine/{home.held('fault-html').day}/{home.held('fault-html').id}",
    }


def _dark(home: House) -> dict[str, str]:
    counts = {a.story_id: sum(b.story_id == a.story_id for b in home.articles) for a in home.articles}
    return {"story": f"/newsroom/stories/{max(counts, key=lambda id_: counts[id_])}"}


def _shoot(page: Page, home: House, name: str, path: str) -> None:
    page.goto(home.airflow.url + path)
    if "plugin" in path:
        page.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
    else:
        page.get_by_role("heading").first.wait_for()
    page.wait_for_timeout(2000)  # Airflow's grid comes bit by bit, and asks for ever
    clip = DENSE if name == "article" else None
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", clip=clip)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
