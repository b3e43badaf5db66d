"""Chosen pieces of a page to one HTML fragment: paragraphs, headings, lists, tables, quotes, figures."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, pairwise

from ingest.extract.align import Piece
from ingest.extract.kinds import states_rights
from ingest.extract.page import Leaf, Page

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LISTS = ("ul", "ol")
_CELLS = ("td", "th")
_FRAMES = ("figure", "table", *_LISTS, "blockquote", "pre")
_LONG_CELL = 400  # characters; a table with more in a cell is a layout, not data
_LONG_ITEM = 1500
_RIGHTS_NEAR = 3  # leaves
_MARKS = re.compile(r" (class|id|dir|lang)=(\"[^\"]*\")")
_NO_PICTURE = re.compile(
    r"related|teaser|share|social|author|avatar|icon|logo|promo|newsletter|banner|\bads?\b|advert|comment|recommend|sponsor",
    re.IGNORECASE,
)


def with_pictures(pieces: Sequence[Piece], page: Sequence[Leaf]) -> list[Piece]:
    """`pieces` and the images and captions between them, as long as they stand in the same element as some text."""
    chosen = {piece.leaf.at for piece in pieces if piece.leaf}
    if not chosen:
        return list(pieces)
    parents = {piece.leaf.page.parents[piece.leaf.owner] for piece in pieces if piece.leaf}
    last, figures = max(chosen), "figure" in page[0].page.tags
    others = (leaf for leaf in page[:last] if leaf.at not in chosen and (figures or not leaf.text))
    extra = [leaf for leaf in others if _is_picture(leaf, parents)]
    return _in_order(pieces, extra)


def with_gaps(pieces: Sequence[Piece], page: Sequence[Leaf]) -> list[Piece]:
    """`pieces` and the paragraphs of the page that stand between two of them, in the same element."""
    chosen = [piece.leaf for piece in pieces if piece.leaf]
    extra: list[Leaf] = []
    for before, after in pairwise(chosen):
        if before.path[:-1] == after.path[:-1]:
            extra += [leaf for leaf in page[before.at + 1 : after.at] if _is_sibling(leaf, before)]
    return _in_order(pieces, extra)


def with_rights(pieces: Sequence[Piece], page: Sequence[Leaf]) -> list[Piece]:
    """`pieces` and what is said of their rights in the same element: no text of the story, but cleaning reads it."""
    chosen = {piece.leaf.at for piece in pieces if piece.leaf}
    parents = {piece.leaf.page.parents[piece.leaf.owner] for piece in pieces if piece.leaf}
    near = {at + step for at in chosen for step in range(1, _RIGHTS_NEAR + 1)} - chosen
    extra = [
        leaf
        for leaf in page
        if leaf.at in near and leaf.page.parents[leaf.owner] in parents and states_rights(leaf.text, leaf.link_share)
    ]
    return _in_order(pieces, extra)


def _in_order(pieces: Sequence[Piece], extra: Sequence[Leaf]) -> list[Piece]:
    """A text that no leaf holds stays behind the leaf before it."""
    keyed: list[tuple[int, int, Piece]] = []
    at = -1
    for n, piece in enumerate(pieces):
        at = piece.leaf.at if piece.leaf else at
        keyed.append((at, n + 1, piece))
    keyed += [(leaf.at, 0, Piece(leaf, leaf.html)) for leaf in extra]
    return [piece for _, _, piece in sorted(keyed, key=lambda k: k[:2])]


def _is_sibling(leaf: Leaf, before: Leaf) -> bool:
    return (
        leaf.path[:-1] == before.path[:-1]
        and leaf.tags[-1] in {"p", "h2", "h3", "blockquote"}
        and leaf.link_share < 0.3
    )


def _is_picture(leaf: Leaf, parents: set[int]) -> bool:
    figure = _up(leaf, ("figure",))
    if not figure and leaf.key:
        return False
    if figure and "<img" not in leaf.page.inner(figure):
        return False
    for step in leaf.path[:-5:-1]:
        if step in parents:
            return True
        if leaf.page.tags[step] in {"aside", "nav", "footer"} or _NO_PICTURE.search(_marks(leaf.page, step)):
            return False
    return False


def to_html(pieces: Sequence[Piece]) -> str:
    """The pieces, grouped by the list, table, quote or figure that holds them."""
    parts: list[str] = []
    for frame, run in groupby(_framed(pieces), key=lambda framed: framed[0]):
        parts += _frame(frame, [piece for _, piece in run])
    return "\n".join(parts)


def _framed(pieces: Sequence[Piece]) -> Iterator[tuple[int, Piece]]:
    """Pieces with the innermost list, table, quote or figure around each; 0 is none."""
    page = next((piece.leaf.page for piece in pieces if piece.leaf), None)
    frames = _frames(page) if page else []
    for piece in pieces:
        yield (frames[piece.leaf.owner] if piece.leaf else 0), piece


def _frames(page: Page) -> list[int]:
    """Of each element the innermost frame around it. An element comes after its parent, so one pass does."""
    frames = [0]
    for element in range(1, len(page.tags)):
        frames.append(element if page.tags[element] in _FRAMES else frames[page.parents[element]])
    return frames


def _up(leaf: Leaf, tags: tuple[str, ...]) -> int:
    """The nearest element around a leaf with one of these tags, its own block included, up to 12 levels; 0 is none."""
    return next((step for step in leaf.path[:-13:-1] if leaf.page.tags[step] in tags), 0)


def _frame(frame: int, pieces: list[Piece]) -> list[str]:
    page = next((piece.leaf.page for piece in pieces if piece.leaf), None)
    if not frame or page is None:
        return [_block(piece) for piece in pieces]
    kind, marks = page.tags[frame], _marks(page, frame)
    if kind == "figure" and "<img" in page.inner(frame):
        return [page.inner(frame)]
    if kind == "table" and (rows := _rows(pieces)):
        return ["<table>", *(f"<tr>{''.join(row)}</tr>" for row in rows), "</table>"]
    if kind in _LISTS and (items := _items(pieces)):
        return [f"<{kind}{marks}>", *(f"<li>{item}</li>" for item in items), f"</{kind}>"]
    if kind == "pre":
        return [f"<pre>{''.join(piece.html for piece in pieces)}</pre>"]
    if kind == "blockquote":
        return [f"<blockquote{marks}>", *(_block(piece) for piece in pieces), "</blockquote>"]
    return [_block(piece) for piece in pieces]


def _rows(pieces: list[Piece]) -> list[list[str]]:
    """Cells by row; none for a table that only lays out the page."""
    rows: defaultdict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for piece in pieces:
        cell = _up(piece.leaf, _CELLS) if piece.leaf else 0
        if piece.leaf is None or not cell or len(piece.leaf.text) > _LONG_CELL:
            return []
        row = rows[piece.leaf.page.parents[cell]]
        tag, so_far = row.get(cell, (piece.leaf.page.tags[cell], ""))
        row[cell] = tag, f"{so_far}<br>{piece.html}" if so_far else piece.html
    if 2 * sum(len(row) > 1 for row in rows.values()) < len(rows):
        return []
    return [[f"<{tag}>{html}</{tag}>" for tag, html in row.values()] for row in rows.values()]


def _items(pieces: list[Piece]) -> list[str]:
    """Items of a list; none if what looks like a list holds sections of a page."""
    items: defaultdict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        item = _up(piece.leaf, ("li",)) if piece.leaf else 0
        if piece.leaf is None or not item or _HEADINGS.intersection(piece.leaf.tags[-2:]):
            return []
        items[item].append(piece)
    if any(sum(len(p.leaf.text) for p in item if p.leaf) > _LONG_ITEM for item in items.values()):
        return []
    return ["<br>".join(piece.html for piece in item) for item in items.values()]


def _block(piece: Piece) -> str:
    if piece.leaf is None:
        return piece.html
    leaf, owner = piece.leaf, piece.leaf.owner
    above = islice(leaf.page.above(owner), 3)
    tag = next((tag for step in above if (tag := leaf.page.tags[step]) in _HEADINGS), "p")
    # A class tells the next stage of promotions and credits; that of a big container says nothing of one paragraph.
    marks = _marks(leaf.page, owner) if leaf.page.tags[owner] in {"p", *_HEADINGS} else ""
    return f"<{tag}{marks}>{piece.html}</{tag}>"


def _marks(page: Page, element: int) -> str:
    return "".join(f" {name}={value}" for name, value in _MARKS.findall(page.attrs[element]) if value != '""')
