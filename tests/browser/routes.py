"""Every address that the pages have, taken from the application itself, with what is there filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ingest.newsroom import Guards, Rights, create_app
from ingest.newsroom.app import STATIC
from tests.browser.house import House

NOBODY = Guards(who=lambda: "nobody", read=lambda: None, edit=lambda: None, rights=Rights)


def addresses(home: House, source_id: str = "hostile") -> Iterator[tuple[str, str]]:
    """Method and path, below the pages' root. A route with a parameter that is not known here is a KeyError."""
    filled = _filled(home, source_id)
    for route in create_app(home.desk.settings, NOBODY).routes:
        path = re.sub(r"{(\w+)(?::\w+)?}", lambda found: filled[found[1]], route.path)  # type: ignore[attr-defined]
        yield from ((method, path) for method in sorted(route.methods - {"HEAD"}))  # type: ignore[attr-defined]


def _filled(home: House, source_id: str) -> Mapping[str, str]:
    article, held = home.article(source_id), home.held("broken")
    return {
        "run_id": home.desk.runs()[0].run_id,
        "source_id": source_id,
        "article_id": article.article_id,
        "story_id": article.story_id or "",
        "day": held.day,
        "id_": held.id,
        "number": "0",
        "name": next(iter(STATIC)),
    }
