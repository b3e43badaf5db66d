"""Headlines that the body repeats, and the headline of text that comes without fields."""

from ingest.clean.normalise import field_text, one_line, same
from ingest.clean.pieces import Piece
from ingest.model import Entry, Removed

_LONG = 80  # characters; shorter lines may come twice in a row


def without_repeats(pieces: tuple[Piece, ...], entry: Entry) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """Take out what the first pieces repeat of the headline and the subheadline, and paragraphs that come twice."""
    known = {same(field_text(entry.headline)), same(field_text(entry.subheadline))} - {""}
    kept: list[Piece] = []
    removed: list[Removed] = []
    texts = 0
    first = last = ""  # the first long paragraph, and the one right before
    for piece in pieces:
        text = piece.text
        if texts < 3 and piece.kind in ("paragraph", "heading", "list"):  # a list: bread crumbs end in the headline
            texts += 1
            if text == entry.url:
                removed.append(Removed(kind="navigation", text=text, rule="own-address"))
                continue
            if len(text) < 500 and same(text) in known:
                removed.append(Removed(kind="headline", text=text, rule="headline-repeated"))
                continue
        if len(text) >= _LONG and text in (first, last):
            removed.append(Removed(kind="other", text=text, rule="paragraph-repeated"))
            continue
        if text:
            first, last = first or (text if len(text) >= _LONG else ""), text
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
