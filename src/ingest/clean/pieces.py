"""Pieces: the body while it is being cleaned. A piece is a block that still knows its links and emphasis, or an image.

Cleaning cuts, splits and drops pieces; `render` turns what is left into blocks and HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from ingest.model import BlockKind, Image, Removed


class Run(NamedTuple):
    """Text of one style. White space is collapsed, but for line breaks (`<br>`) and preformatted text.

    `href` is "" for a link whose address is none that can be kept (relative without a base, javascript:).
    """

    text: str
    href: str | None = None
    em: bool = False
    strong: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Piece:
    """`runs` for text; `items` for a list; `rows` for a table; `image` for an image. `caption`: marked as one."""

    kind: BlockKind | Literal["image"]
    runs: Runs = ()
    level: int | None = None
    items: tuple[Runs, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    image: Image | None = None
    ordered: bool = False
    pre: bool = False
    caption: bool = False
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self._text())  # every step asks for it

    def _text(self) -> str:
        if self.kind == "list":
            return "\n".join([text_of(item) for item in self.items])
        if self.kind == "table":
            return "\n".join(["\t".join(row) for row in self.rows])
        return text_of(self.runs)

    @property
    def prose(self) -> bool:
        """Running text, in which captions, bylines and datelines can be."""
        return self.kind == "paragraph" and not self.pre


class Body(NamedTuple):
    """What a body was read into: pieces in reading order, and what its mark-up said is no text of the story."""

    pieces: tuple[Piece, ...] = ()
    removed: tuple[Removed, ...] = ()
    warnings: tuple[str, ...] = ()


def text_of(runs: Runs) -> str:
    return runs[0].text if len(runs) == 1 else "".join([run.text for run in runs])


def tidy(runs: Sequence[Run], *, pre: bool = False) -> Runs:
    """Merge runs of one style, and let no white space double at a seam or stand at an end."""
    if len(runs) == 1 and not pre:
        text = runs[0].text.strip()
        return (_with(runs[0], text),) if text else ()
    if pre:
        return _trimmed([run for run in runs if run.text], "\n")
    out: list[Run] = []
    for run in runs:
        text = run.text
        if text.startswith("\n"):
            while out and not out[-1].text.rstrip(" "):
                out.pop()
            if out:
                out[-1] = _with(out[-1], out[-1].text.rstrip(" "))
        if not out or out[-1].text[-1] in " \n":
            text = text.lstrip(" ") if out else text.lstrip()
        if not text:
            continue
        if out and out[-1][1:] == run[1:]:
            out[-1] = Run(out[-1].text + text, *run[1:])
        else:
            out.append(_with(run, text))
    return _trimmed(out)


def _trimmed(runs: list[Run], lead: str | None = None) -> Runs:
    while runs and not runs[-1].text.rstrip():
        runs.pop()
    if runs:
        runs[-1] = _with(runs[-1], runs[-1].text.rstrip())
        runs[0] = _with(runs[0], runs[0].text.lstrip(lead))
    return tuple(runs)


def _with(run: Run, text: str) -> Run:
    return run if text is run.text else Run(text, *run[1:])


def cut(runs: Runs, start: int, end: int | None = None) -> Runs:
    """The runs of `text_of(runs)[start:end]`, tidied."""
    out: list[Run] = []
    at = 0
    for run in runs:
        low, high = max(start - at, 0), None if end is None else max(end - at, 0)
        out.append(_with(run, run.text[low:high]))
        at += len(run.text)
    return tidy(out)


def lines_of(piece: Piece) -> tuple[Piece, ...]:
    """A paragraph with line breaks as one piece a line."""
    text, at = piece.text, 0
    out: list[Piece] = []
    for line in text.split("\n"):
        if line.strip():
            out.append(replace(piece, runs=cut(piece.runs, at, at + len(line))))
        at += len(line) + 1
    return tuple(out)


def plain(text: str, kind: BlockKind = "paragraph", *, pre: bool = False) -> Piece:
    return Piece(kind=kind, runs=(Run(text),), pre=pre)


def join_text(pieces: Iterable[Piece], gap: str = "\n\n") -> str:
    return gap.join([piece.text for piece in pieces if piece.kind != "image"])
