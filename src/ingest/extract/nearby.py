"""What a page prints around its headline and under its text, where no mark-up says which line is which."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.classed import Classed
from ingest.extract.text import plain, squeeze
from ingest.extract.visible_date import is_side

LONG = 200  # characters; what is longer is taken apart, or is the story
_KEY = 40  # letters of a headline that tell it from others
_TITLES = re.compile("title|headline|heading")
_LEVELS = 5  # of ancestors
_LINES = 24
_NODES = 400
_DEPTH = 12
_STORY_LINES, _STORY_NODES, _STORY_TEXT = 200, 1500, 4000
_STORY = 800  # characters
_PROSE = 80
# Who took a picture, and when, is not who wrote the story: figures too.
_SKIP = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "nav",
        "form",
        "select",
        "button",
        "-comment",
        "figure",
        "figcaption",
    )
)
_INLINE = frozenset(("-text", "a", "b", "i", "em", "strong", "u", "sup", "sub", "img", "time", *_SKIP))
_BLOCK = "p, div, li, br"
_BLOCKS = frozenset(
    ("p", "div", "section", "article", "header", "ul", "ol", "li", "h1", "h2", "h3", "h4", "figure", "table", "br")
)


def heading_of(
    doc: LexborHTMLParser, headings: Sequence[LexborNode], by_class: Classed, headline: str | None
) -> LexborNode | None:
    """The heading with the headline, else what is marked as a title and is that, else the first h1."""
    wanted, first = squeeze(headline or "")[:_KEY], None
    for node in headings[:40]:
        if wanted and wanted in squeeze(node.text(separator=" ")[:600]):
            return node
        first = first or (node if node.tag == "h1" else None)
    for node in (*by_class.saying(_TITLES), *doc.css("h3, h4, h5")[:100]) if wanted else ():
        text = squeeze(node.text(separator=" ")[:600])
        if text.startswith(wanted) and len(text) < 2 * len(squeeze(headline or "")):
            return node
    return first


def lines_around(heading: LexborNode | None) -> Iterator[str]:
    """The lines after the headline, then those before it, nearest first."""
    if heading is None:
        return
    yield from (text for child in islice(heading.iter(), 20) if (text := plain(child.text(separator=" ")[:LONG])))
    yield from _walk(heading, forward=True)
    yield from _walk(heading, forward=False)


def _walk(heading: LexborNode, *, forward: bool) -> Iterator[str]:
    return islice(_beside(heading, [_NODES], forward=forward), _LINES)


def _beside(heading: LexborNode, budget: list[int], *, forward: bool) -> Iterator[str]:
    node: LexborNode | None = heading
    for _ in range(_LEVELS):
        if node is None or node.tag == "body":
            break
        beside = node.next if forward else node.prev
        while beside is not None and budget[0] > 0:
            yield from _lines(beside, budget, 0, forward)
            beside = beside.next if forward else beside.prev
        node = node.parent


def _lines(node: LexborNode, budget: list[int], depth: int, forward: bool) -> Iterator[str]:
    budget[0] -= 1
    if budget[0] < 0 or node.tag in _SKIP:
        return
    text = plain(node.text(separator=" ")[: 4 * LONG]) or ""
    if 2 < len(text) <= LONG:
        yield text
    elif len(text) > LONG and depth < _DEPTH and node.tag != "-text":
        child = node.child if forward else node.last_child
        while child is not None:
            yield from _lines(child, budget, depth + 1, forward)
            child = child.next if forward else child.prev


def is_prose(line: str) -> bool:
    return len(line) > _PROSE and line.rstrip("\"'”’»)")[-1:] in ".!?…。！？।۔"


def story_lines(heading: LexborNode) -> list[str]:
    """The lines from the headline to the end of what holds it and the story, as they are set."""
    lines: list[str] = []
    budget = [_STORY_NODES]
    node: LexborNode | None = heading
    for _ in range(_LEVELS):
        if node is None or node.tag == "body" or sum(len(line) for line in lines if is_prose(line)) >= _STORY:
            break
        beside = node.next
        while beside is not None and len(lines) < _STORY_LINES and budget[0] > 0:
            lines.extend(_set_lines(beside, budget, 0))
            beside = beside.next
        node = node.parent
    return lines


def lines_before(heading: LexborNode) -> list[str]:
    """The few lines before the headline, nearest first."""
    lines: list[str] = []
    budget = [_NODES // 4]
    node: LexborNode | None = heading
    for _ in range(_LEVELS // 2):
        if node is None or node.tag == "body":
            break
        beside = node.prev
        while beside is not None and budget[0] > 0:
            lines.extend(reversed([*_set_lines(beside, budget, 0)]))
            beside = beside.prev
        node = node.parent
    return lines


def _set_lines(node: LexborNode, budget: list[int], depth: int) -> Iterator[str]:
    """One for each block or piece between blocks."""
    budget[0] -= 1
    if budget[0] < 0 or node.tag in _SKIP or is_side(node):
        return
    children = [] if node.tag == "-text" or depth == _DEPTH else [*islice(node.iter(include_text=True), 500)]
    parts = [(child, child.tag in _BLOCKS or _holds_blocks(child)) for child in children]
    if any(is_block for _, is_block in parts):
        yield from _pieces(parts, budget, depth)
    elif line := plain(node.text(separator=" ")[:_STORY_TEXT]):
        yield line


def _holds_blocks(node: LexborNode) -> bool:
    return node.tag not in _INLINE and node.css_first(_BLOCK) is not None


def _pieces(parts: Sequence[tuple[LexborNode, bool]], budget: list[int], depth: int) -> Iterator[str]:
    """What stands between blocks and line breaks is one line."""
    run: list[str] = []
    for child, is_block in parts:
        if is_block:
            yield from filter(None, [plain(" ".join(run))])
            run = []
            yield from _set_lines(child, budget, depth + 1)
        elif child.tag not in _SKIP:
            run.append(child.text(separator=" ")[:_STORY_TEXT])
    yield from filter(None, [plain(" ".join(run))])
