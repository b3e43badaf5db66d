"""The pages of one story in a row as one Entry."""

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser

from ingest.extract.text import squeeze
from ingest.model import Entry

MAX_PAGES = 10
_SHORT = 40  # characters; a shorter line may stand on two pages of one story for good


def next_page(entry: Entry) -> str | None:
    """The address of the page that goes on where this one ends."""
    return next((one.url for one in entry.associations if one.rel == "next"), None)


def join_pages(pages: Sequence[Entry]) -> Entry:
    """The first page with the text, images, links and removals of all. Paragraphs that a later page repeats, such as
    the standfirst, stand once. The way on is gone from `associations`, unless the last page still has one."""
    first, *rest = pages
    if not rest:
        return first
    seen = {squeeze(text) for text in _paragraphs(first.html or "").values()}
    html = [first.html or ""]
    for page in rest:
        parts = _paragraphs(page.html or "")
        html += [markup for markup, text in parts.items() if len(text) < _SHORT or squeeze(text) not in seen]
        seen |= {squeeze(text) for text in parts.values()}
    ways_on = tuple(one for one in pages[-1].associations if one.rel == "next")
    others = tuple(one for one in first.associations if one.rel != "next")
    quality = [page.extraction.quality for page in pages if page.extraction and page.extraction.quality is not None]
    extraction = first.extraction and first.extraction.model_copy(update={"quality": min(quality, default=None)})
    return first.model_copy(
        update={
            "html": "".join(html),
            "is_full": all(page.is_full for page in pages),
            "images": _union(pages, "images"),
            "links": _union(pages, "links"),
            "warnings": _union(pages, "warnings"),
            "removed": _union(pages, "removed"),
            "associations": (*others, *ways_on),
            "extraction": extraction,
        }
    )


def _paragraphs(html: str) -> dict[str, str]:
    """The outermost elements of a fragment as written → their text."""
    body = LexborHTMLParser(html).body
    return {node.html or "": node.text(strip=True) for node in body.iter(include_text=True)} if body else {}


def _union(pages: Sequence[Entry], name: str) -> tuple[object, ...]:
    return tuple(dict.fromkeys(one for page in pages for one in getattr(page, name)))
