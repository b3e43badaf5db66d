"""HTML → pieces in reading order, without recursion, so that depth is no danger.

The tree is lexbor's: the HTML standard's rules, at a speed that BeautifulSoup is far from. Text outside any block,
`<br><br>`, divs used as paragraphs and tables used for layout all become paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ingest.clean import apart, elements
from ingest.clean.captions import captioned
from ingest.clean.guard import bounded, unwrapped
from ingest.clean.normalise import decoded, normal, one_line
from ingest.clean.pieces import Body, Piece, Run, text_of, tidy
from ingest.model import Image, Removed, RemovedKind, Rule
from ingest.urls import canonical_url

_UNEVEN = re.compile(r"[\t\n\f\r]|  ")
_WHITE = re.compile(r"[ \t\n\f\r]+")
_BLANKS = " \t\n\f\r"
_DOUBLE = re.compile(" {2,}")
_EM, _STRONG = frozenset(("em", "i", "cite")), frozenset(("strong", "b"))
_MAX_TABLES = 5  # in one another; the question whether one is for layout looks at all that is in it
_LISTS = frozenset(("ul", "ol", "dl", "menu"))
_ITEMS = frozenset(("li", "dt", "dd"))
_CELLS = frozenset(("td", "th"))
_BREAKS = elements.BLOCKS | elements.HEADINGS.keys()  # what ends a line of text
_OPENING = _LISTS | _ITEMS | _CELLS | elements.HEADINGS.keys() | {"blockquote", "pre", "table", "tr"}


def html_body(html: str, base: str | None = None, rules: Sequence[Rule] = ()) -> Body:
    """Read a fragment or a page. `base` makes links absolute; `rules` with a selector remove elements first."""
    html, warnings = bounded(html)
    # The comment takes the place of `root`, whose text would be that of the whole fragment.
    tree = LexborHTMLParser(f"<!---->{unwrapped(html)}", is_fragment=True)
    walker = _Walker(base)
    if tree.root is None:
        return Body(warnings=warnings)
    dropped = {node.mem_id: (rule.kind, f"source:{rule.reason}") for rule, node in _selected(tree, rules)}
    walker.walk(tree.root, dropped)
    return Body(tuple(walker.pieces), tuple(walker.removed), warnings)


def _selected(tree: LexborHTMLParser, rules: Sequence[Rule]) -> Iterator[tuple[Rule, LexborNode]]:
    for rule in rules:
        if rule.selector:
            try:
                yield from ((rule, node) for node in tree.css(rule.selector))
            except SelectolaxError:
                continue  # `sources check` reports a selector that cannot be read; a run goes on without it


@dataclass(slots=True)
class _Open:
    """An element that changes what the text in it becomes."""

    tag: str
    level: int | None = None
    items: list[tuple[Run, ...]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    images: int = 0  # of a figure: how many pieces there were before it
    fresh: bool = True  # of a list: the next text begins an item


class _Walker:
    def __init__(self, base: str | None) -> None:
        self.base = base
        self.pieces: list[Piece] = []
        self.removed: list[Removed] = []
        self._runs: list[Run] = []
        self._open: list[_Open] = []
        self._em = self._strong = self._pre = 0  # how many are open
        self._href: str | None = None
        self._seam = False  # between two spans with nothing between them, which style sheets often set apart

    def walk(self, root: LexborNode, dropped: dict[int, tuple[RemovedKind, str]]) -> None:
        node: LexborNode | None = root
        path: list[tuple[LexborNode, str, _Open | None]] = []
        while node is not None:
            down = None
            if node.is_text_node:
                text = node.text_content or ""
                if self._runs or self._pre or text.strip(_BLANKS):
                    self._text(text)
            elif node.is_element_node:
                tag, attributes = node.tag or "", node.attributes
                if tag == "p" and not attributes and not dropped:  # half of all elements
                    self._flush()
                    down = node.child
                    path.append((node, tag, None))
                    if down is None:
                        path.pop()
                elif not self._is_apart(node, tag, attributes, dropped):
                    down = node.child
                    path.append((node, tag, self._enter(node, tag, attributes)))
                    if down is None:
                        self._leave(*path.pop()[1:])
            following = down or node.next
            while following is None and path:
                done, tag, opened = path.pop()
                if opened or tag != "p":
                    self._leave(tag, opened)
                elif self._runs:
                    self._flush()
                following = done.next
            node = following
        self._flush()

    # ── going in and out ──────────────────────────────────────────────────────────────────────────────────────

    def _is_apart(
        self,
        node: LexborNode,
        tag: str,
        attributes: dict[str, str | None],
        dropped: dict[int, tuple[RemovedKind, str]],
    ) -> bool:
        """Deal with an element that is not walked into: line breaks, pictures, embeds, what is no text of the story."""
        if tag == "br":
            self._break()
        elif dropped and node.mem_id in dropped:
            self._drop(node, *dropped[node.mem_id])
        elif tag == "img":
            self._image(attributes)
        elif tag in elements.CODE or tag in elements.EMBEDS:
            self._embed(node, tag, attributes)
        elif tag == "noscript":
            self._noscript(node)
        elif judged := elements.verdict(tag, attributes):
            self._drop(node, *judged)
        else:
            return False
        return True

    def _enter(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> _Open | None:
        if tag in _BREAKS:
            self._flush()
        else:
            self._style(tag, attributes, 1)
        self._seam = tag == "span" and (before := node.prev) is not None and before.tag == "span"
        opened = self._opens(node, tag, attributes)
        if opened:
            self._flush()
            self._open.append(opened)
            self._pre += opened.tag == "pre"
        return opened

    def _leave(self, tag: str, opened: _Open | None) -> None:
        if opened or tag in _BREAKS:
            self._flush()
        if tag not in _BREAKS:
            self._style(tag, {}, -1)
        if opened:
            self._open.pop()
            self._pre -= opened.tag == "pre"
            self._close(opened)

    def _style(self, tag: str, attributes: dict[str, str | None], step: int) -> None:
        if tag in _EM:
            self._em += step
        elif tag in _STRONG:
            self._strong += step
        elif tag == "a":
            self._href = (canonical_url(attributes.get("href"), self.base) or "") if step > 0 else None

    def _opens(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> _Open | None:
        if tag not in _OPENING:
            marked = elements.marked(tag, attributes)
            return _Open(marked, images=len(self.pieces)) if marked else None
        if tag in elements.HEADINGS:
            return _Open("heading", level=elements.HEADINGS[tag])
        if tag == "table":
            outer = sum(1 for opened in self._open if opened.tag in ("layout", "table"))
            return _Open("layout" if outer > _MAX_TABLES or apart.is_layout(node) else "table")
        if tag == "tr" or tag in _CELLS:
            table = self._inside("table", "layout")
            return _Open(tag) if table and table.tag == "table" else None
        return _Open(tag)

    def _close(self, closed: _Open) -> None:
        outer = self._inside(*_LISTS)
        if closed.tag in _LISTS and closed.items:
            if outer:
                outer.items.extend(closed.items)
                outer.fresh = True
            else:
                self._add(Piece(kind="list", items=tuple(closed.items), ordered=closed.tag == "ol"))
        elif closed.tag in _ITEMS and outer:
            outer.fresh = True
        elif closed.tag == "tr" and closed.rows:
            table = self._inside("table")
            if table:
                table.rows.extend(closed.rows)
        elif closed.tag in _CELLS:
            self._row().append(" ".join(" ".join(cell) for cell in closed.rows))
        elif closed.tag == "table" and closed.rows:
            self._add(Piece(kind="table", rows=tuple(tuple(row) for row in closed.rows)))
        elif closed.tag == "figure":
            self.pieces[closed.images :] = captioned(self.pieces[closed.images :])

    def _row(self) -> list[str]:
        row = self._inside("tr")
        if row is None:
            return []
        if not row.rows:
            row.rows.append([])
        return row.rows[0]

    def _inside(self, *tags: str) -> _Open | None:
        for opened in reversed(self._open):
            if opened.tag in tags:
                return opened
        return None

    # ── text ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _text(self, text: str) -> None:
        even = text.isprintable() and "  " not in text
        if not even and not self._pre and _UNEVEN.search(text):
            text = _WHITE.sub(" ", text)
        if text == " " and not self._runs:
            return
        if self._seam and self._runs and _seam_of_words(self._runs[-1].text, text):
            text = f" {text}"
        self._seam = False
        if not (even and text.isascii()) or "&" in text:
            text = normal(decoded(text))
            if "  " in text and not self._pre:  # no-break spaces are spaces only now
                text = _DOUBLE.sub(" ", text)
        self._runs.append(Run(text, self._href, self._em > 0, self._strong > 0))

    def _break(self) -> None:
        """One line break is a line; two in a row are a new paragraph."""
        while self._runs and not self._runs[-1].text.strip(" "):
            self._runs.pop()
        if self._runs and self._runs[-1].text.endswith("\n"):
            self._flush()
        elif self._runs:
            self._runs.append(Run("\n", self._href, self._em > 0, self._strong > 0))

    def _flush(self) -> None:
        """What was read so far becomes an item, a cell, or a piece of what it stands in."""
        if not self._runs:
            return
        runs, self._runs = tidy(self._runs, pre=self._pre > 0), []
        if runs and not (self._open and self._put(runs)):
            self.pieces.append(self._piece(runs))

    def _put(self, runs: tuple[Run, ...]) -> bool:
        for opened in reversed(self._open):
            if opened.tag in _LISTS:
                _add_item(opened, runs)
                return True
            if opened.tag in _CELLS:
                opened.rows.append([one_line(text_of(runs))])
                return True
        return False

    def _piece(self, runs: tuple[Run, ...]) -> Piece:
        if not self._open:
            return Piece(kind="paragraph", runs=runs)
        for opened in reversed(self._open):
            if opened.tag == "heading":
                return Piece(kind="heading", runs=runs, level=opened.level)
            if opened.tag == "caption":
                return Piece(kind="paragraph", runs=runs, caption=True)
            if opened.tag == "blockquote":
                return Piece(kind="quote", runs=runs)
        return Piece(kind="paragraph", runs=runs, pre=self._pre > 0)

    def _add(self, piece: Piece) -> None:
        """A finished list or table: a piece, or lines of what it stands in."""
        if not self._put((Run(piece.text),)):
            self.pieces.append(piece)

    # ── what is no text ───────────────────────────────────────────────────────────────────────────────────────

    def _drop(self, node: LexborNode, kind: RemovedKind, rule: str) -> None:
        text = apart.visible(node)
        if text:
            self.removed.append(Removed(kind=kind, text=text, rule=rule))

    def _embed(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
        address = attributes.get("src") or attributes.get("data") or attributes.get("data-src") or ""
        if tag not in elements.CODE:
            text = one_line(f"{normal(address)} {apart.visible(node)}")
        else:
            text = one_line(normal(address or (node.text(deep=True) or "")))[:200]
        if text:
            self.removed.append(Removed(kind="embed", text=text, rule=f"html:{tag}"))

    def _noscript(self, node: LexborNode) -> None:
        """The picture that a lazy loader hides is in here, and "please enable JavaScript"."""
        for img in node.css("img"):
            self._image(img.attributes)
        self._drop(node, "other", "html:noscript")

    def _image(self, attributes: dict[str, str | None]) -> None:
        url = canonical_url(apart.source_of(attributes), self.base)
        alt = one_line(normal(decoded(attributes.get("alt") or "")))
        width, height = apart.pixels(attributes.get("width")), apart.pixels(attributes.get("height"))
        if url and elements.is_tracker(url, width, height):
            self.removed.append(Removed(kind="tracker", text=one_line(f"{url} {alt}"), rule="html:tracking-pixel"))
        elif url and not apart.is_emoji(attributes):
            self._flush()
            image = Image(url=url, alt=alt or None, width=width or None, height=height or None)
            self.pieces.append(Piece(kind="image", image=image))
        elif alt:
            self._text(alt)  # an emoji, or a picture without an address: its words are all there is


def _seam_of_words(before: str, after: str) -> bool:
    """ "Course: Main" and "Cuisine: Harbour", not "Ha" and "us" as word processors cut their words."""
    return (before[-1:].islower() or before[-1:].isdigit()) and after[:1].isupper() and after[1:2].islower()


def _add_item(opened: _Open, runs: tuple[Run, ...]) -> None:
    if opened.fresh or not opened.items:
        opened.items.append(runs)
        opened.fresh = False
    else:
        opened.items[-1] = (*opened.items[-1], Run("\n"), *runs)
