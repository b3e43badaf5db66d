"""A page as its leaves: the smallest pieces of text with block edges around them, in reading order.

Walking a tree node by node from Python takes ten times as long as parsing it. So the parser's tree is written out again
with every element closed and every attribute quoted, and that text is cut at the edges of blocks by one pattern.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice

from selectolax.lexbor import LexborHTMLParser

from ingest.extract.inline import ATTRS, balanced, plain_text, text_and_links
from ingest.extract.kinds import Show, side_show
from ingest.extract.text import squeeze

BLOCKS = (
    "address|article|aside|blockquote|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|"
    "header|hgroup|hr|li|main|menu|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul|caption"
)
MAX_LEAVES = 20_000
_LONG, _FEW = 80, 2  # characters of a paragraph; paragraphs
_LITTLE = 400  # characters; a page with less was skipped whole, by a class of its outermost element
SOFT_HYPHEN = "\u00ad"
_NO_TEXT = [
    "script", "style", "template", "button", "select", "textarea", "object", "canvas", "head", "noscript", "rt", "rp",
    "svg", "iframe", "noembed", "noframes", "xmp", "plaintext",
]  # fmt: skip
_EDGE = re.compile(rf"<(/?)({BLOCKS})({ATTRS})>")
_BREAKS = re.compile(r"(?:<br(?: [^>]{0,200})?>\s*){2,}")


@dataclass(eq=False)
class Leaf:
    """A piece of text, or an image (`text` is then empty). `owner` is the element it is all or part of."""

    page: "Page" = field(repr=False)
    at: int
    owner: int
    start: int
    end: int
    text: str
    linked: int  # characters in links

    @cached_property
    def key(self) -> str:
        """The text squeezed, for comparison."""
        return squeeze(self.text)

    @cached_property
    def html(self) -> str:
        return balanced(self.page.html[self.start : self.end])

    @cached_property
    def path(self) -> tuple[int, ...]:
        """The elements around it, outermost first, its owner last."""
        return tuple(reversed([*self.page.above(self.owner)]))

    @cached_property
    def tags(self) -> tuple[str, ...]:
        return tuple([self.page.tags[e] for e in self.path])

    @property
    def link_share(self) -> float:
        return self.linked / max(len(self.text), 1)


@dataclass(eq=False)
class Page:
    """Elements by number, in the page's order, 0 is the body; of each its tag, attributes as written, and span."""

    html: str
    tags: list[str] = field(default_factory=lambda: ["body"])
    attrs: list[str] = field(default_factory=lambda: [""])
    parents: list[int] = field(default_factory=lambda: [0])
    starts: list[int] = field(default_factory=lambda: [0])
    ends: list[int] = field(default_factory=lambda: [0])
    first: list[int] = field(default_factory=lambda: [0])  # leaf inside
    last: list[int] = field(default_factory=lambda: [0])  # and the one after the last
    leaves: list[Leaf] = field(default_factory=list)
    skipped: list[tuple[int, int]] = field(default_factory=list)  # where menus, comments and the like are written

    def open(self, tag: str, attrs: str, parent: int, start: int) -> int:
        """Its number."""
        self.tags.append(tag)
        self.attrs.append(attrs)
        self.parents.append(parent)
        self.starts.append(start)
        self.ends.append(start)
        self.first.append(len(self.leaves))
        self.last.append(len(self.leaves))
        return len(self.tags) - 1

    def close(self, element: int, end: int) -> None:
        self.ends[element], self.last[element] = end, len(self.leaves)

    def inner(self, element: int) -> str:
        """The element as it is written."""
        return self.html[self.starts[element] : self.ends[element]]

    def without(self, leaves: Iterable[Leaf]) -> str:
        """What is written but for some leaves and what was skipped."""
        spans = sorted([*self.skipped, *((leaf.start, leaf.end) for leaf in leaves)])
        starts, ends = (0, *(end for _, end in spans)), (*(start for start, _ in spans), len(self.html))
        return "".join([self.html[start:end] for start, end in zip(starts, ends, strict=True)])

    def above(self, element: int) -> Iterator[int]:
        """The element and those around it, innermost first, the body last."""
        while element:
            yield element
            element = self.parents[element]
        yield 0


def strip_noise(doc: LexborHTMLParser) -> None:
    """Take out what holds no text of the story. A <noscript> repeats the lazy image before it, an <rt> the word.

    Menus and side columns go here already, which is cheaper than to cut them up; the rest goes by its classes.
    """
    doc.strip_tags(_NO_TEXT, recursive=True)
    for node in doc.css("nav,aside,footer"):
        if node.css_first("h1") is None:
            node.decompose()


def read_page(doc: LexborHTMLParser) -> Page:
    """The leaves of a page without noise. At most MAX_LEAVES."""
    html = (doc.body.html or "") if doc.body else ""
    html = _without_comments(html)
    html = html if html.isascii() else html.replace(SOFT_HYPHEN, "")
    page = cut(html)
    return page if sum(len(leaf.text) for leaf in page.leaves) > _LITTLE else cut(html, skip=False)


def _without_comments(html: str) -> str:
    """Not by a pattern, which would look for the end of each of many starts."""
    first, *rest = html.split("<!--")
    parts = (part.partition("-->") for part in rest)
    return first + "".join(after if end else f"<!--{before}" for before, end, after in parts)


def cut(html: str, *, skip: bool = True) -> Page:
    """The leaves of markup that a parser has written. `skip`: without those of menus, comments and the like."""
    page = Page(html)
    parts = _EDGE.split(html)
    chunks, slashes, tags, attrs = (parts[n::4] for n in range(4))
    lengths = list(accumulate(map(len, parts)))
    stack, in_link, n = [0], False, 0
    while n < len(chunks) and len(page.leaves) < MAX_LEAVES:
        chunk = chunks[n]
        if chunk and not chunk.isspace():
            in_link = _add_leaves(page, chunk, lengths[4 * n] - len(chunk) + 2 * n, stack[-1], in_link)
        if n == len(tags):
            break
        tag = tags[n]
        if slashes[n]:
            _close(page, stack, tag, lengths[4 * n + 3] + 2 * n + 2)
        elif skip and (show := side_show(tag, attrs[n])) and (past := _past(chunks, slashes, tags, n, show)):
            page.skipped.append((lengths[4 * n] + 2 * n, lengths[4 * past + 3] + 2 * past + 2))
            n = past
        else:
            element = page.open(tag, attrs[n], stack[-1], lengths[4 * n] + 2 * n)
            if tag != "hr":
                stack.append(element)
        n += 1
    for element in stack:
        page.close(element, len(html))
    return page


def _past(chunks: list[str], slashes: list[str], tags: list[str], start: int, show: Show) -> int | None:
    """The edge that closes the element opened at `start`; None if it holds a title, or paragraphs where it must not."""
    end = _closing(slashes, tags, start)
    if end is None or "h1" in tags[start:end]:
        return None
    prose = (chunk for chunk in chunks[start + 1 : end + 1] if len(chunk) > _LONG and _is_paragraph(chunk))
    return None if show is Show.WITHOUT_PROSE and sum(1 for _ in islice(prose, _FEW + 1)) > _FEW else end


def _closing(slashes: list[str], tags: list[str], start: int) -> int | None:
    depth, n, tag = 1, start, tags[start]
    with suppress(ValueError):
        while depth:
            n = tags.index(tag, n + 1)
            depth += -1 if slashes[n] else 1
        return n
    return None


def _is_paragraph(chunk: str) -> bool:
    """Whether it is a paragraph rather than a teaser, which is a link."""
    return chunk.lstrip()[:2] != "<a" and len(plain_text(chunk)) > _LONG


def _close(page: Page, stack: list[int], tag: str, end: int) -> None:
    """Close the innermost open element with this tag and those in it; nothing if there is none."""
    if tag != page.tags[stack[-1]] and tag not in {page.tags[element] for element in stack}:
        return
    while len(stack) > 1:
        element = stack.pop()
        page.close(element, end)
        if page.tags[element] == tag:
            return


def _add_leaves(page: Page, chunk: str, at: int, owner: int, in_link: bool) -> bool:
    """Add what is between two edges; whether a link is open after it."""
    start = 0
    if "<br" in chunk:
        for gap in _BREAKS.finditer(chunk):
            in_link = _add_leaf(page, chunk[start : gap.start()], at + start, owner, in_link)
            start = gap.end()
    return _add_leaf(page, chunk[start:] if start else chunk, at + start, owner, in_link)


def _add_leaf(page: Page, html: str, start: int, owner: int, in_link: bool) -> bool:
    text, linked, after = html, 0, in_link
    if in_link or "<a" in html or "</a" in html:
        text, linked, after = text_and_links(html, in_link)
    elif "<" in html or "&" in html:
        text = plain_text(html)
    text = " ".join(text.split())
    if text or "<img" in html:
        linked = len(text) if in_link and after else min(linked, len(text))
        page.leaves.append(Leaf(page, len(page.leaves), owner, start, start + len(html), text, linked))
    return after
