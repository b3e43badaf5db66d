"""What an element's tag, class or address says it is, before its text is read. Tables: tables/elements.toml."""

import re
from functools import cache
from typing import Literal, NamedTuple, cast

from ingest.clean.tables import table, words
from ingest.model import RemovedKind

BLOCKS, EMBEDS, CODE = words("elements", "blocks"), words("elements", "embeds"), words("elements", "code")
HEADINGS = {f"h{n}": max(2, n) for n in range(1, 7)}
_TELLING = frozenset(("class", "id", "hidden", "style"))
_PLACED = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Verdict(NamedTuple):
    kind: RemovedKind
    rule: str


class _Tables(NamedTuple):
    tags: dict[str, RemovedKind]
    classes: dict[str, RemovedKind]
    captions: frozenset[str]
    figures: frozenset[str]
    trackers: re.Pattern[str]


@cache
def tables() -> _Tables:
    read = table("elements")
    classes = {name: kind for kind, names in read["classes"].items() for name in names.split()}
    return _Tables(
        tags=cast("dict[str, RemovedKind]", read["tags"]),
        classes=cast("dict[str, RemovedKind]", classes),
        captions=words("elements", "captions"),
        figures=words("elements", "figures"),
        trackers=re.compile("|".join(read["trackers"]), re.IGNORECASE),
    )


def verdict(tag: str, attributes: dict[str, str | None]) -> Verdict | None:
    """Why this element is no text of the story, or None if it may be."""
    known = tables()
    kind = known.tags.get(tag)
    if kind:
        return Verdict(kind, f"html:{tag}")
    if not attributes or _TELLING.isdisjoint(attributes):
        return None
    for name in f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower().split():
        if name in known.classes:
            return Verdict(known.classes[name], f"class:{name}")
    if "hidden" in attributes or _PLACED.search(attributes.get("style") or ""):
        return Verdict("other", "html:hidden")
    return None


def marked(tag: str, attributes: dict[str, str | None]) -> Literal["caption", "figure"] | None:
    """Whether an element holds a caption, or pictures together with one."""
    if tag == "figcaption":
        return "caption"
    if tag == "figure":
        return "figure"
    names = (attributes.get("class") or "").lower().split() if attributes else ()
    if not names:
        return None
    if not tables().captions.isdisjoint(names):
        return "caption"
    return None if tables().figures.isdisjoint(names) else "figure"


def is_tracker(url: str, width: int | None, height: int | None) -> bool:
    """A picture that nobody sees: of at most three pixels, or from an address that only counts or shares."""
    tiny = width is not None and height is not None and width <= 3 and height <= 3
    return tiny or bool(tables().trackers.search(url[:2000]))
