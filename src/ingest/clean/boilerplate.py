"""Blocks that are no part of a story: promotion, subscription, sharing, feed tails, related lists, credits, rights.

Rules are data (tables/boilerplate.toml) and look at short blocks only, from their first word on, so that a sentence
that merely mentions a newsletter stays. What goes, goes to `removed` under the name of its rule.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ingest.clean.dates import month_pattern
from ingest.clean.elements import Verdict
from ingest.clean.phrases import ByInitial, alternatives
from ingest.clean.pieces import Piece, cut, lines_of
from ingest.clean.rights import ALONE, is_rights
from ingest.clean.signed import signature
from ingest.clean.tables import table
from ingest.model import Image, Removed, RemovedKind, Rule

_MAX_CHARS = 500
_QUOTES = re.compile('["“”„«»「」]')
_LONG = 80  # characters; a paragraph of the story
_LINE = 160  # characters; what is longer is mostly the story, and no two are the same
_LEAD = re.compile(
    r"[^\w\[(©“”\"'‘„«]*(?:\((?!c\)))?"
    r"(?:(?:new|jetzt neu|neu|nouveau|nuevo|nueva|novità|novidade|ps|p\.s\.)\s?[:!]\s{1,3})?",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:[A-Z]{2,5}(?: [A-Z]{2,4})? [a-z]{2,4}(?:/[a-z]{2,4}){0,3}|[a-z]{2,4}(?:[/-][a-z]{2,4}){1,5}|"
    r"(?:[a-z]{2,5}/ ?){2,4}|"
    r"[A-Z]{2,4}(?: \([A-Z]{2,4}\))? // [A-Z]{2,4}\.?|(?i:ends?|ende|fim|fin)\.?|Lusa/[Ff]im|[（(]完[）)]|"
    r"(?:[a-z]{2,4}|[A-Z]{2,4})(?:/(?:[a-z]{2,4}|[A-Z]{2,4})){1,5}(?: \([A-Za-z]{2,5}(?:, ?[A-Za-z]{2,5}){0,4}\))?)"
)
_PICTURE_CREDIT = re.compile(r"©(?![^\n]*\b(?:19|20)\d\d\b)(?![^\n]*reserv)[^\n]{2,100}[|/][^\n]{2,60}")
# A phrase ends where its word does; scripts without spaces have no such place.
_EDGE = r"(?:(?<=[\u2e80-\ua4cf\uff00-\uffef])|(?<=\W)|(?!\w))"


class _Anywhere(NamedTuple):
    """A rule that looks at the whole of a short text."""

    name: str
    has: tuple[str, ...]  # one of them is in the text
    every: tuple[re.Pattern[str], ...]
    within: int  # characters


class _Rules(NamedTuple):
    first: ByInitial  # of text in lower case, from its first word
    anywhere: tuple[_Anywhere, ...]
    kinds: dict[str, RemovedKind]
    tail: re.Pattern[str]
    date: re.Pattern[str]


@cache
def _rules() -> _Rules:
    read = table("boilerplate")
    named: dict[str, str] = read["words"] | {"month": month_pattern().replace(r"\b\.?", r"\b")}
    first = [("rights-notice", pattern) for pattern in ALONE]
    first += [(rule["name"], _spelled(part, named)) for rule in read["rule"] for part in _patterns_of(rule)]
    anywhere = [
        _Anywhere(
            rule["name"],
            tuple(rule["has"]),
            tuple(re.compile(_spelled(part, named)) for part in rule["all"]),
            rule.get("within", 200),
        )
        for rule in read["rule"]
        if "all" in rule
    ]
    tail, date = (re.compile(_spelled(read[name], named), re.IGNORECASE) for name in ("tail", "date"))
    return _Rules(
        ByInitial([(name, part) for name, pattern in first for part in alternatives(pattern)]),
        tuple(anywhere),
        {"rights-notice": "rights", **{rule["name"]: rule["kind"] for rule in read["rule"]}},
        tail,
        date,
    )


def _patterns_of(rule: dict[str, Any]) -> list[str]:
    """The regular expressions of all that a rule of the table lists."""
    endings = {
        "whole": r"\W*$",
        "labels": r"(?:\W*$|\s*[:：|>»→】］–—-].{0,220}$)",
        "starts": rf"{_EDGE}[^\n]{{0,{rule.get('rest', 160)}}}$",
    }
    listed = [f"(?:{entry}){end}" for name, end in endings.items() for entry in rule.get(name, ())]
    return [*listed, *([rule["pattern"]] if "pattern" in rule else ())]


def _spelled(pattern: str, named: dict[str, str]) -> str:
    for name, value in named.items():
        pattern = pattern.replace(f"<{name}>", f"(?:{value})")
    return pattern


def rule_names() -> tuple[str, ...]:
    """The rules of the table, in the order in which they are asked."""
    return tuple(_rules().kinds)


def judge(text: str) -> Verdict | None:
    """The rule of the table that takes this whole block or line out, or None."""
    if len(text) > _MAX_CHARS:
        return None
    lead = _LEAD.match(text)
    low = text[lead.end() if lead else 0 :].lower().replace("’", "'").replace("i\u0307", "i")  # İ
    rules = _rules()
    name = rules.first.match(low) or _found_in(low)
    return Verdict(rules.kinds[name], name) if name else None


def _found_in(low: str) -> str | None:
    """The rule of which every part is somewhere in a short text."""
    for rule in _rules().anywhere:
        if len(low) > rule.within or not _has(rule.has, low) or _QUOTES.search(low):
            continue
        if all(part.search(low) for part in rule.every):
            return rule.name
    return None


def _has(literals: tuple[str, ...], low: str) -> bool:
    for word in literals:  # noqa: SIM110 — `any` over a generator takes three times as long
        if word in low:
            return True
    return False


def _judge_prose(text: str) -> Verdict | None:
    """The same for running text, which may also be a notice of rights or a signature."""
    return _judged_line(text) if len(text) <= _LINE else _judged_prose(text)


@lru_cache(maxsize=4096)
def _judged_line(text: str) -> Verdict | None:
    """What a source puts around its stories is the same in all of them."""
    return _judged_prose(text)


def _judged_prose(text: str) -> Verdict | None:
    if is_rights(text):
        return Verdict("rights", "rights-notice")
    name = signature(text)
    return Verdict("credit", name) if name else judge(text)


def sift(pieces: Sequence[Piece], rules: Sequence[Rule]) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """The pieces that stay, and what goes. `rules` are the source's own."""
    patterns = [(re.compile(rule.pattern), rule) for rule in rules if rule.pattern and _compiles(rule.pattern)]
    kept: list[Piece] = []
    removed: list[Removed] = []
    related = False
    for piece in _split(pieces):
        text = piece.text
        verdict = None if piece.kind == "image" else _judge_piece(piece, text, patterns)
        if verdict and kept and kept[-1].image and _is_of_picture(kept[-1].image, verdict, text):
            verdict = None
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
    return without_orphans(kept, removed)


def _take_date(kept: list[Piece], removed: list[Removed]) -> None:
    """The line with the date above the text, if there is one such line."""
    is_date = _rules().date.match
    dates = [piece for piece in kept if len(piece.text) <= 60 and piece.prose and is_date(piece.text)]
    if len(dates) != 1:
        return
    start = next((n for n, piece in enumerate(kept) if len(piece.text) > _LONG), 0)
    if dates[0] in kept[:start]:
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
    if piece.kind == "list":
        lines = [judge(line) for line in text.split("\n")]
        return lines[0] if lines and all(lines) else None
    return _judge_prose(text) if piece.kind == "paragraph" else judge(text)


def _is_of_picture(image: Image, verdict: Verdict, text: str) -> bool:
    """ "© dpa | Ann Lee" and "Source: AFP" right under a picture are its credit."""
    if verdict.rule == "source-line":
        return not image.credit
    return verdict.kind == "rights" and _PICTURE_CREDIT.fullmatch(text) is not None


def _only_links(piece: Piece) -> bool:
    """A list, or a short line, whose every word is a link."""
    parts = piece.items if piece.kind == "list" else (piece.runs,) if piece.prose else ()
    short = piece.kind == "list" or len(piece.text) <= 250
    return bool(parts) and short and all(run.href is not None for runs in parts for run in runs if run.text.strip())


def _split(pieces: Sequence[Piece]) -> list[Piece]:
    """Paragraphs of lines, one of which is to go, as a piece a line."""
    out: list[Piece] = []
    for piece in pieces:
        if piece.prose and "\n" in piece.text and any(_judge_prose(line) for line in piece.text.split("\n")):
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


def without_orphans(kept: list[Piece], removed: list[Removed]) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """Rules of underscores or stars are no text; at the end, a heading with nothing under it goes too."""
    kept = [piece for piece in kept if piece.kind == "image" or piece.text[:1].isalnum() or not _is_rule(piece)]
    while removed and len(kept) > 1 and kept[-1].kind == "heading":
        removed.append(Removed(kind="other", text=kept.pop().text, rule="heading-without-text"))
    return tuple(kept), tuple(removed)


def _is_rule(piece: Piece) -> bool:
    return set(piece.text) <= set("_-*=~#•–—. \n")
