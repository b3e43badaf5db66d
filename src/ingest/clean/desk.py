"""What an agency's desk writes into headline and text, where the format has no field for it (tables/desk.toml)."""

import re
from functools import cache

from ingest.clean.normalise import one_line
from ingest.clean.pieces import Piece
from ingest.clean.tables import table
from ingest.model import PubStatus

_MAX_NOTE = 600


@cache
def _starts() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Of a headline that takes an item back, of one that holds it, of a block for editors."""

    def any_of(name: str) -> str:
        return "|".join(sorted(map(re.escape, table("desk")[name]), key=len, reverse=True))

    canceled, withheld = (
        re.compile(rf"\W{{0,3}}(?:{any_of(n)})(?:(?<=[】\]])|\s?[:：]|\s?[-–—])") for n in ("canceled", "withheld")
    )
    return canceled, withheld, re.compile(rf"\W{{0,3}}(?:{any_of('to_editors')})\s?(?:[:：–—]|-\s|\n)", re.IGNORECASE)


def status_of(stated: PubStatus, headline: str | None, ed_note: str | None) -> PubStatus:
    """`stated`, unless it is "usable" and the headline or the note says in a desk's words that the item is not."""
    if stated != "usable":
        return stated
    canceled, withheld, _ = _starts()
    note = (ed_note or "").casefold().lstrip(" *-–—(")
    if canceled.match(headline or "") or note.startswith(tuple(table("desk")["canceled_notes"])):
        return "canceled"
    return "withheld" if withheld.match(headline or "") else "usable"


def take_notes(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], str | None]:
    """The pieces without the paragraphs that speak to editors, and what these say."""
    speaks = _starts()[2].match
    notes = [piece for piece in pieces if piece.prose and len(piece.text) <= _MAX_NOTE and speaks(piece.text)]
    if not notes:
        return pieces, None
    return tuple(piece for piece in pieces if piece not in notes), " ".join(one_line(piece.text) for piece in notes)
