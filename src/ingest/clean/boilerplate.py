"""Blocks that are no part of a story: promotion, subscription, sharing, feed tails, related lists, credits, rights.

Rules are data (tables/boilerplate.toml) and look at short blocks only, from their first word on, so that a sentence
that merely mentions a newsletter stays. What goes, goes to `removed` under the name of its rule.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from ingest.clean.dates import month_pattern
from ingest.clean.elements import Verdict
from ingest.clean.pieces import Piece, cut, lines_of
from ingest.clean.rights import is_rights
from ingest.clean.tables import table, words
from ingest.model import Removed, RemovedKind, Rule

_MAX_CHARS, _MAX_RELATED = 500, 250
_LONG = 80  # characters; a paragraph of the story
_LEAD = re.compile(
    r"[^\w\[(©“”\"'‘„«]*(?:\((?!c\)))?"
    r"(?:(?:new|jetzt neu|neu|nouveau|nuevo|nueva|novità|novidade|ps|p\.s\.)\s?[:!]\s{1,3})?",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"^\(?(?:(?:additional |further )?(?:reporting|writing|editing|compiled|production|graphics|photography)|"
    r"reportage|rédaction|redaktion|bericht|reporte|edición|editado|escrito|scritto|reportagem|edição)\b",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:[A-Z]{2,5}(?: [A-Z]{2,4})? [a-z]{2,4}|[a-z]{2,4}(?:[/-][a-z]{2,4}){1,5}|(?i:ends?|ende)\.?)"
)
_PICTURE_CREDIT = re.compile(r"©(?![^\n]*\b(?:19|20)\d\d\b)(?![^\n]*reserv)[^\n]{2,100}[|/][^\n]{2,60}")
_SIGNED_WORD = re.compile(r"[^\W\d_][\w’'.-]*")
_SIGNED_SMALL = words("words", "signed")


class _Rules(NamedTuple):
    pattern: re.Pattern[str]
    kinds: dict[str, RemovedKind]
    related: re.Pattern[str]
    tail: re.Pattern[str]
    date: re.Pattern[str]


@cache
def _rules() -> _Rules:
    read = table("boilerplate")
    named: dict[str, str] = read["words"] | {"month": month_pattern().replace(r"\b\.?", r"\b")}
    kinds: dict[str, RemovedKind] = {}
    parts: list[str] = []
    for rule in read["rule"]:
        name = rule["name"].replace("-", "_")
        kinds[name] = rule["kind"]
        parts.append(f"(?P<{name}>{_spelled(rule['pattern'], named)})")
    flags = re.IGNORECASE | re.VERBOSE
    related, tail, date = (re.compile(_spelled(read[name], named), flags) for name in ("related", "tail", "date"))
    return _Rules(re.compile("|".join(parts), flags), kinds, related, tail, date)


def _spelled(pattern: str, named: dict[str, str]) -> str:
    for name, value in named.items():
        pattern = pattern.replace(f"<{name}>", f"(?:{value})")
    return pattern


def judge(text: str) -> Verdict | None:
    """The rule that takes this whole block or line out, or None."""
    if len(text) > 2 * _MAX_CHARS:
        return None
    if is_rights(text):
        return Verdict("rights", "rights-notice")
    if _is_signed(text):
        return Verdict("credit", "reporting-by")
    if len(text) > _MAX_CHARS:
        return None
    lead = _LEAD.match(text)
    match = _rules().pattern.match(text, lead.end() if lead else 0)
    if match is None or match.lastgroup is None:
        return None
    return Verdict(_rules().kinds[match.lastgroup], match.lastgroup.replace("_", "-"))


def _is_signed(text: str) -> bool:
    """ "Reporting by Ann Lee; Editing by Bob Roe": only names and the words between them, so it is no sentence."""
    if not _SIGNED.match(text) or len(text) > 400:
        return False
    found = _SIGNED_WORD.findall(text)
    return len(found) > 2 and all(word[0].isupper() or word in _SIGNED_SMALL for word in found)


def sift(pieces: Sequence[Piece], rules: Sequence[Rule]) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """The pieces that stay, and what goes. `rules` are the source's own."""
    patterns = [(re.compile(rule.pattern), rule) for rule in rules if rule.pattern and _compiles(rule.pattern)]
    kept: list[Piece] = []
    removed: list[Removed] = []
    related = False
    for piece in _split(pieces):
        text = piece.text
        verdict = None if piece.kind == "image" else _judge_piece(piece, text, patterns)
        if verdict and verdict.kind == "rights" and kept and kept[-1].image and _PICTURE_CREDIT.fullmatch(text):
            verdict = None  # "© dpa | Ann Lee" under a picture is its credit
        if verdict is None and related and _only_links(piece):
            verdict = Verdict("related", "related-list")
        related = verdict is not None and verdict.kind == "related"
        if verdict:
            removed.append(Removed(kind=verdict.kind, text=text, rule=verdict.rule))
        elif piece.kind == "paragraph" and (tail := _tail_at(piece, text)):
            removed.append(Removed(kind="navigation", text=text[tail:].strip(), rule="truncated"))
            kept.append(replace(piece, runs=cut(piece.runs, 0, tail)))
        else:
            kept.append(piece)
    _take_date(kept, removed)
    _take_sign_off(kept, removed)
    return _without_orphans(kept, removed)


def _take_date(kept: list[Piece], removed: list[Removed]) -> None:
    """The line with the date above the text, if there is one such line."""
    dates = [piece for piece in kept if piece.prose and len(piece.text) <= 60 and _rules().date.match(piece.text)]
    start = next((n for n, piece in enumerate(kept) if len(piece.text) > _LONG), 0)
    if len(dates) == 1 and dates[0] in kept[:start]:
        kept.remove(dates[0])
        removed.append(Removed(kind="navigation", text=dates[0].text, rule="date-above"))


def _take_sign_off(kept: list[Piece], removed: list[Removed]) -> None:
    """What a desk ends a story with: "AFP sn", "hh/ph/ts/hd", "ends"."""
    if len(kept) > 1 and kept[-1].prose and _SIGN_OFF.fullmatch(kept[-1].text):
        removed.append(Removed(kind="credit", text=kept.pop().text, rule="desk-sign-off"))


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False  # `sources check` reports it; a run goes on without it
    return True


def _judge_piece(piece: Piece, text: str, patterns: Sequence[tuple[re.Pattern[str], Rule]]) -> Verdict | None:
    for pattern, rule in patterns:
        if pattern.search(text[:5000]):
            return Verdict(rule.kind, f"source:{rule.reason}")
    if piece.kind in ("table", "quote"):
        return None
    if len(text) <= _MAX_RELATED and _rules().related.match(text):
        return Verdict("related", "related")
    if piece.kind == "list":
        lines = [judge(line) for line in text.split("\n")]
        return lines[0] if lines and all(lines) else None
    return judge(text)


def _only_links(piece: Piece) -> bool:
    """A list, or a short line, whose every word is a link."""
    parts = piece.items if piece.kind == "list" else (piece.runs,) if piece.prose else ()
    short = piece.kind == "list" or len(piece.text) <= 250
    return bool(parts) and short and all(run.href is not None for runs in parts for run in runs if run.text.strip())


def _split(pieces: Sequence[Piece]) -> list[Piece]:
    """Paragraphs of lines, one of which is to go, as a piece a line."""
    out: list[Piece] = []
    for piece in pieces:
        if piece.prose and "\n" in piece.text and any(judge(line) for line in piece.text.split("\n")):
            out.extend(lines_of(piece))
        else:
            out.append(piece)
    return out


def _tail_at(piece: Piece, text: str) -> int:
    """Where "[…]", "Continue reading" or "Read more" hangs on the end of a paragraph; 0 if none does."""
    start = max(0, len(text) - 200)
    if not (piece.runs[-1].href is not None or text.find("…", start) > 0 or text.find("[...]", start) > 0):
        return 0
    match = _rules().tail.search(text, start)
    if match is None or match.start() == 0:
        return 0
    if match["link"]:
        last = piece.runs[-1]
        return match.start() if last.href is not None and len(last.text.strip()) <= len(match[0].strip()) + 2 else 0
    return match.start()


def _without_orphans(kept: list[Piece], removed: list[Removed]) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """Rules of underscores or stars are no text; at the end, a heading with nothing under it goes too."""
    kept = [
        piece
        for piece in kept
        if piece.kind == "image" or any(char.isalnum() for char in piece.text) or not _is_rule(piece)
    ]
    while removed and len(kept) > 1 and kept[-1].kind == "heading":
        removed.append(Removed(kind="other", text=kept.pop().text, rule="heading-without-text"))
    return tuple(kept), tuple(removed)


def _is_rule(piece: Piece) -> bool:
    return set(piece.text) <= set("_-*=~#•–—. \n")
