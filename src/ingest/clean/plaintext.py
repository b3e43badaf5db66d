"""Plain text → paragraphs, lists and tables kept by lines, as wires and text feeds send them."""

import re

from ingest.clean.guard import MAX_CHARS
from ingest.clean.normalise import decoded, encodable, normal, one_line
from ingest.clean.pieces import Body, Piece, Run, plain

_BLANK = re.compile(r"\n[ ]*\n[ \n]*")
_COLUMNS = re.compile(r"\S(?: {3,}|\t[ \t]*)\S")
_INDENT = re.compile(r"\n {2,}(?=\S)")
_BULLET = re.compile(r"\s*[•●▪*–-]\s+")
_HTML = re.compile(
    r"<(?:p|br|div|img|a|span|strong|em|b|i|u|ul|ol|li|h[1-6]|table|blockquote|figure|html|body|section|article|script|"
    r"iframe|hr|pre|font|center|style|sup|sub|small|td|tr)(?:\s[^<>]{0,2000})?/?>|<!--|<!doctype",
    re.IGNORECASE,
)


def looks_like_html(text: str) -> bool:
    return _HTML.search(text) is not None


def text_body(text: str) -> Body:
    warnings = (f"body-truncated: {len(text)} characters, {MAX_CHARS} read",) if len(text) > MAX_CHARS else ()
    text = encodable(text[:MAX_CHARS]).replace("\r\n", "\n").replace("\r", "\n")
    columns = "\t" in text
    text = normal(decoded(text.replace("\t", "    ") if columns else text))
    pieces: list[Piece] = []
    for part in _BLANK.split(text.strip("\n")):
        pieces.extend(_part(part))
    return Body(tuple(pieces), (), warnings)


def _part(part: str) -> list[Piece]:
    lines = [line.rstrip() for line in part.split("\n") if line.strip()]
    if not lines:
        return []
    if len(lines) == 1:
        return [plain(one_line(lines[0]))]
    if sum(1 for line in lines if _COLUMNS.search(line.strip())) * 2 > len(lines):
        return [plain("\n".join(lines), pre=True)]
    if all(_BULLET.match(line) for line in lines):
        return [Piece(kind="list", items=tuple((Run(one_line(_BULLET.sub("", line, count=1))),) for line in lines))]
    indented = _INDENT.split("\n" + "\n".join(lines))
    if len(indented) > 2 or (len(indented) == 2 and not indented[0].strip()):
        return [piece for piece in map(_unwrapped, indented) if piece]
    if max(map(len, lines)) > 120:  # a paragraph a line
        return [plain(one_line(line)) for line in lines]
    piece = _unwrapped("\n".join(lines))
    return [piece] if piece else []


def _unwrapped(text: str) -> Piece | None:
    """Lines that a wire broke at its width are one paragraph; short ones were meant as lines."""
    lines = [one_line(line) for line in text.split("\n") if line.strip()]
    if not lines:
        return None
    wrapped = all(len(line) >= 40 for line in lines[:-1]) and max(map(len, lines)) <= 120
    return plain((" " if wrapped else "\n").join(lines))
