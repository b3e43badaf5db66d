"""Chosen pieces of a page to one HTML fragment: paragraphs, headings, lists, tables, quotes, figures."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

from selectolax.lexbor import LexborNode

from ingest.extract.align import Piece
from ingest.extract.leaves import Leaf
from ingest.extract.text import squeeze

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LISTS = ("ul", "ol")
_CELLS = ("td", "th")
_LONG_CELL = 400  # characters; a table with more in a cell is a layout, not data
_LONG_ITEM = 1500
_LABEL = 150
_LEAD = 40  # letters that a description and a standfirst have in common; descriptions are cut
_NO_PICTURE = re.compile(
    r"related|teaser|share|social|author|avatar|icon|logo|promo|newsletter|banner|\bads?\b|advert|comment|recommend|sponsor",
    re.IGNORECASE,
)


def with_pictures(pieces: Sequence[Piece], page: Sequence[Leaf]) -> list[Piece]:
    """`pieces` and the images and captions between them, as long as they stand in the same element as some text."""
    chosen = {piece.leaf.at for piece in pieces if piece.leaf}
    if not chosen:
        return list(pieces)
    parents = {step for piece in pieces if piece.leaf for step in piece.leaf.path[-2:-1]}
    last = max(chosen)
    extra = [leaf for leaf in page if leaf.at < last and leaf.at not in chosen and _is_picture(leaf, parents)]
    return _in_order(pieces, extra)


def with_gaps(pieces: Sequence[Piece], page: Sequence[Leaf]) -> list[Piece]:
    """`pieces` and the paragraphs of the page that stand between two of them, in the same element."""
    chosen = [piece.leaf for piece in pieces if piece.leaf]
    extra: list[Leaf] = []
    for before, after in pairwise(chosen):
        if before.path[:-1] == after.path[:-1]:
            extra += [leaf for leaf in page[before.at + 1 : after.at] if _is_sibling(leaf, before)]
    return _in_order(pieces, extra)


def with_lead(pieces: Sequence[Piece], page: Sequence[Leaf], summary: str | None) -> list[Piece]:
    """`pieces` and the standfirst before them: a paragraph that begins as the page's description does."""
    start = squeeze(summary or "")[:_LEAD]
    first = next((piece.leaf.at for piece in pieces if piece.leaf), 0)
    if len(start) < _LEAD // 2 or any(piece.leaf and piece.leaf.key.startswith(start) for piece in pieces):
        return list(pieces)
    lead = [leaf for leaf in page[:first] if leaf.key.startswith(start) and link_share(leaf) < 0.3]
    return _in_order(pieces, lead[-1:])


def without_edges(pieces: Sequence[Piece]) -> tuple[list[Piece], list[str]]:
    """`pieces` without menus before and headings, labels and links after ("Read also:"), and the texts of these."""
    start, end = 0, len(pieces)
    while start < end - 1 and (leaf := pieces[start].leaf) and _is_links(leaf):
        start += 1
    while end > start + 1 and (leaf := pieces[end - 1].leaf) and _leads_nowhere(leaf):
        end -= 1
    kept = sum(len(p.leaf.key) for p in pieces[start:end] if p.leaf)
    if 2 * kept < sum(len(p.leaf.key) for p in pieces if p.leaf):  # a story set in headings or links
        return list(pieces), []
    return list(pieces[start:end]), [p.leaf.text for p in (*pieces[:start], *pieces[end:]) if p.leaf and p.leaf.key]


def _is_links(leaf: Leaf) -> bool:
    return len(leaf.text) < _LABEL and link_share(leaf) > 0.8 and not _HEADINGS.intersection(leaf.tags[-2:])


def _leads_nowhere(leaf: Leaf) -> bool:
    heading = bool(_HEADINGS.intersection(leaf.tags[-2:]))
    return heading or _is_links(leaf) or (len(leaf.text) < _LABEL and leaf.text.endswith(":"))


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
        and link_share(leaf) < 0.3
    )


def link_share(leaf: Leaf) -> float:
    """Of a leaf's text, how much is in links."""
    if "a" in leaf.tags[-5:]:
        return 1.0
    linked = sum(len(match[1]) for match in re.finditer(r"<a\s[^>]{0,2000}>([^<]{1,500})", leaf.html))
    return linked / max(len(leaf.text), 1)


def _is_picture(leaf: Leaf, parents: set[int]) -> bool:
    in_figure = "figure" in leaf.tags[-4:]
    if leaf.key and not in_figure:
        return False
    if in_figure and (figure := _up(leaf, ("figure",))) is not None and figure.css_first("img") is None:
        return False
    node: LexborNode | None = leaf.owner
    for step in leaf.path[:-5:-1]:
        if step in parents:
            return True
        if (
            node is None
            or node.tag in {"aside", "nav", "footer"}
            or _NO_PICTURE.search(f"{node.attributes.get('class')} {node.id}")
        ):
            return False
        node = node.parent
    return False


def to_html(pieces: Sequence[Piece]) -> str:
    """The pieces, grouped by the list, table, quote or figure that holds them."""
    parts: list[str] = []
    for _, run in groupby(_framed(pieces), key=lambda framed: framed[0]):
        framed = list(run)
        kind, frame, _ = framed[0][1], framed[0][2], None
        parts += _frame(kind, frame, [piece for *_, piece in framed])
    return "\n".join(parts)


def _framed(pieces: Sequence[Piece]) -> Iterator[tuple[int, str, LexborNode | None, Piece]]:
    for piece in pieces:
        frame = _up(piece.leaf, ("figure", "table", *_LISTS, "blockquote", "pre")) if piece.leaf else None
        yield (frame.mem_id if frame else 0), (frame.tag or "") if frame else "", frame, piece


def _up(leaf: Leaf, tags: tuple[str, ...]) -> LexborNode | None:
    """The nearest element around a leaf with one of these tags, its own block included, up to 12 levels."""
    node: LexborNode | None = leaf.owner
    for _ in range(12):
        if node is None or node.tag in tags:
            return node
        node = node.parent
    return None


def _frame(kind: str, frame: LexborNode | None, pieces: list[Piece]) -> list[str]:
    if frame is None:
        return [_block(piece) for piece in pieces]
    if kind == "figure" and frame.css_first("img"):
        return [frame.html or ""]
    if kind == "table" and (rows := _rows(pieces)):
        return ["<table>", *(f"<tr>{''.join(row)}</tr>" for row in rows), "</table>"]
    if kind in _LISTS and (items := _items(pieces)):
        return [f"<{kind}{_marks(frame)}>", *(f"<li>{item}</li>" for item in items), f"</{kind}>"]
    if kind == "pre":
        return [f"<pre>{''.join(piece.html for piece in pieces)}</pre>"]
    if kind == "blockquote":
        return [f"<blockquote{_marks(frame)}>", *(_block(piece) for piece in pieces), "</blockquote>"]
    return [_block(piece) for piece in pieces]


def _rows(pieces: list[Piece]) -> list[list[str]]:
    """Cells by row; none for a table that only lays out the page."""
    rows: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for piece in pieces:
        cell = _up(piece.leaf, _CELLS) if piece.leaf else None
        if piece.leaf is None or cell is None or cell.parent is None or len(piece.leaf.text) > _LONG_CELL:
            return []
        row, so_far = rows[cell.parent.mem_id], rows[cell.parent.mem_id].get(cell.mem_id)
        row[cell.mem_id] = f"{so_far}<br>{piece.html}" if so_far else f"<{cell.tag}>{piece.html}"
    wide = sum(len(row) > 1 for row in rows.values())
    return (
        [[f"{cell}</{cell[1:3]}>" for cell in row.values()] for row in rows.values()] if 2 * wide >= len(rows) else []
    )


def _items(pieces: list[Piece]) -> list[str]:
    """Items of a list; none if what looks like a list holds sections of a page."""
    items: defaultdict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        item = _up(piece.leaf, ("li",)) if piece.leaf else None
        if piece.leaf is None or item is None or _HEADINGS.intersection(piece.leaf.tags[-2:]):
            return []
        items[item.mem_id].append(piece)
    if any(sum(len(p.leaf.text) for p in item if p.leaf) > _LONG_ITEM for item in items.values()):
        return []
    return ["<br>".join(piece.html for piece in item) for item in items.values()]


def _block(piece: Piece) -> str:
    if piece.leaf is None:
        return piece.html
    owner = piece.leaf.owner
    heading = next((tag for tag in reversed(piece.leaf.tags[-3:]) if tag in _HEADINGS), None)
    tag = heading or "p"
    # A class tells the next stage of promotions and credits; that of a big container says nothing of one paragraph.
    marks = _marks(owner) if owner.tag in {"p", *_HEADINGS} else ""
    return f"<{tag}{marks}>{piece.html}</{tag}>"


def _marks(node: LexborNode) -> str:
    kept = ((name, node.attributes.get(name)) for name in ("class", "id", "dir", "lang"))
    return "".join(f' {name}="{escape(value)}"' for name, value in kept if value)
