"""Headlines that the body repeats, and the headline of text that comes without fields."""

from ingest.clean.normalise import field_text, one_line, same
from ingest.clean.pieces import Piece
from ingest.model import Entry, Removed


def without_repeats(pieces: tuple[Piece, ...], entry: Entry) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """Take out what the first pieces repeat of the headline and the subheadline."""
    known = {same(field_text(entry.headline)), same(field_text(entry.subheadline))} - {""}
    kept: list[Piece] = []
    removed: list[Removed] = []
    texts = 0
    for piece in pieces:
        if texts < 3 and piece.kind in ("paragraph", "heading"):
            texts += 1
            if len(piece.text) < 500 and same(piece.text) in known:
                removed.append(Removed(kind="headline", text=piece.text, rule="headline-repeated"))
                continue
        kept.append(piece)
    return tuple(kept), tuple(removed)


def take_headline(pieces: tuple[Piece, ...], *, is_text: bool) -> tuple[tuple[Piece, ...], str | None]:
    """The headline of an item that has none: a heading first of all, or, in plain text, a first line like one."""
    for index, piece in enumerate(pieces):
        if piece.kind == "image":
            continue
        more = [later for later in pieces[index + 1 :] if later.kind != "image"]
        if piece.kind == "heading" and more:
            return (*pieces[:index], *pieces[index + 1 :]), one_line(piece.text)
        if is_text and more and piece.prose and _is_headline(piece.text, more[0].text):
            return (*pieces[:index], *pieces[index + 1 :]), one_line(piece.text)
        break
    return pieces, None


def _is_headline(text: str, following: str) -> bool:
    """Short, shorter than what follows it, and no sentence."""
    return 8 <= len(text) <= 180 and len(text) < len(following) and text[-1] not in ".:;,—" and text.count("\n") < 2
