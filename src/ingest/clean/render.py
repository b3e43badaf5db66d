"""Pieces → what lands: blocks, sanitised HTML of the same blocks, links."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

import nh3

from ingest.clean.normalise import one_line
from ingest.clean.pieces import Piece, Run, Runs, text_of
from ingest.model import Block, Link

_TAGS = {
    "p",
    "br",
    "a",
    "em",
    "strong",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "table",
    "tbody",
    "tr",
    "td",
}
_REL = "noopener noreferrer"
# Text, the tags above without attributes, and links to http and https. A tenth of the time of parsing it again.
_INERT = re.compile(
    rf"(?:[^<>]+|</?(?:{'|'.join(sorted(_TAGS))})>|<a href=\"https?://[^\"<>\s]*\" rel=\"{_REL}\">)*", re.ASCII
)


def block_of(piece: Piece) -> Block | None:
    if piece.kind == "image":
        return None
    if piece.kind in ("paragraph", "quote"):
        return Block(kind=piece.kind, text=piece.text)
    items = tuple([text_of(item) for item in piece.items])
    return Block(kind=piece.kind, text=piece.text, level=piece.level, items=items, rows=piece.rows)


def html_of(pieces: Sequence[Piece]) -> str:
    """HTML made from the pieces alone, so nothing of the publisher's mark-up is in it.

    A gate checks every byte of it all the same; what does not pass goes through nh3.
    """
    made = "\n".join([_html(piece) for piece in pieces if piece.kind != "image"])
    return made if _INERT.fullmatch(made) else sanitised(made)


def sanitised(html: str) -> str:
    return nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel=_REL)


def _html(piece: Piece) -> str:
    match piece.kind:
        case "list":
            tag = "ol" if piece.ordered else "ul"
            return f"<{tag}>{''.join([f'<li>{_inline(item)}</li>' for item in piece.items])}</{tag}>"
        case "table":
            rows = ["".join([f"<td>{escape(cell, quote=False)}</td>" for cell in row]) for row in piece.rows]
            return f"<table><tbody>{''.join([f'<tr>{row}</tr>' for row in rows])}</tbody></table>"
        case "heading":
            return f"<h{piece.level}>{_inline(piece.runs)}</h{piece.level}>"
        case "quote":
            return f"<blockquote><p>{_inline(piece.runs)}</p></blockquote>"
        case _ if piece.pre:
            return f"<pre>{escape(piece.text, quote=False)}</pre>"
    return f"<p>{_inline(piece.runs)}</p>"


def _inline(runs: Runs) -> str:
    if len(runs) == 1 and runs[0].href is None:
        return _styled(runs[0])
    out: list[str] = []
    for href, group in groupby(runs, key=lambda run: run.href):
        text = "".join([_styled(run) for run in group])
        out.append(f'<a href="{_address(href)}" rel="{_REL}">{text}</a>' if href else text)
    return "".join(out)


def _address(href: str) -> str:
    return escape(href, quote=False).replace('"', "&quot;")


def _styled(run: Run) -> str:
    text = escape(run.text, quote=False).replace("\n", "<br>")
    if run.em:
        text = f"<em>{text}</em>"
    return f"<strong>{text}</strong>" if run.strong else text


def links_of(pieces: Iterable[Piece], given: Sequence[Link] = ()) -> tuple[Link, ...]:
    """Every address the text links to, once, with the words of its first link; then those the entry lists."""
    found: dict[str, Link] = {}
    for piece in pieces:
        for runs in piece.items or (piece.runs,):
            if len(runs) == 1 and runs[0].href is None:
                continue
            for href, group in groupby(runs, key=lambda run: run.href):
                if href and href not in found:
                    text = one_line("".join([run.text for run in group]))
                    found[href] = Link(url=href, text=text or None)
    for link in given:
        found.setdefault(link.url, link)
    return tuple(found.values())
