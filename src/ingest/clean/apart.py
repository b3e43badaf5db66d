"""What can be read from an element that is not walked into: its words, a picture's address, a table's purpose."""

import re

from selectolax.lexbor import LexborNode

from ingest.clean.normalise import decoded, normal, one_line

_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d{0,3})?\s*(?:px)?\s*$", re.ASCII)


def is_layout(table: LexborNode) -> bool:
    """A table that only places text: newsletters, and feeds from last century. Data has several cells, short ones."""
    cells = table.css("td, th")
    if len(cells) < 2 or table.css_first("table table, table img, table h1, table h2, table h3") is not None:
        return True
    return len(table.text(deep=True)) > 400 * len(cells) or not any(cell.next or cell.prev for cell in cells)


def visible(node: LexborNode) -> str:
    for code in node.css("script, style, template"):
        code.decompose()
    alts = " ".join(img.attributes.get("alt") or "" for img in node.css("img"))
    if node.tag == "img":
        alts = f"{node.attributes.get('src') or ''} {node.attributes.get('alt') or ''}"
    return one_line(normal(decoded(f"{node.text(deep=True, separator=' ')} {alts}")))


def source_of(attributes: dict[str, str | None]) -> str | None:
    for name in ("data-src", "data-lazy-src", "data-original", "src"):
        value = (attributes.get(name) or "").strip()
        if value and not value.startswith("data:"):
            return value
    candidates = attributes.get("srcset") or attributes.get("data-srcset") or ""
    return candidates[:10_000].strip().split(" ")[0].rstrip(",") or None


def pixels(value: str | None) -> int | None:
    digits = _PIXELS.match(value) if value else None
    return int(digits.group(1)) if digits else None


def is_emoji(attributes: dict[str, str | None]) -> bool:
    return not {"emoji", "wp-smiley"}.isdisjoint((attributes.get("class") or "").split())
