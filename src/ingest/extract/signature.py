"""Names that stand where bylines do and that no mark-up marks: in the line of the date, under the text, in scripts."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

from ingest.extract.dates import is_month
from ingest.extract.nearby import LONG, is_prose
from ingest.extract.people import (
    has_given_name,
    has_lead,
    is_full_name,
    is_place,
    names,
    poster,
    without_lead,
    without_weak_lead,
)

_LONGEST = 120  # characters of a byline
_DENSE = 0.3  # of a byline are names
_NEAR = 12  # lines around the headline
_PIECES = re.compile(
    r"\s*[|•·»«≈]\s*|\s[–—-]\s|\s?\d[\d.:,/hH°]*(?:\s?[ap]\.?m\b\.?|\s?uhr\b)?\s?|\s(?=Quelle:|Foto:)", re.IGNORECASE
)
_LOOSE_END = re.compile(r"\s(?:am|um|on|at|el|le|il|den|op|in|under|dne|dnia)$", re.IGNORECASE)
_PICTURE = re.compile(r"©|foto|photo|bild|image|credit|getty|picture|grafik", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d\d|\d{1,2}[:.h]\d\d")
_LABEL = re.compile(r"[^\W\d]{2,14}(?:/-?[^\W\d]{2,4})?\s?[:：]|aut(?:h?or|eur)\w{0,4}\s", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:^|[.!?…\"”“»)\]]\s?)\s(?P<by>[^\W\d_]{2,4}\s[^.!?()\d]{4,60})\.?$"
    r"|\((?P<in>[^()\d/]{5,60})\)$|^\s[–—-]\s?(?P<dash>[^.\d]{5,40})$"
)
_STORY = 400  # characters before a signature without a colon
_UNDER = 3  # lines
_SCRIPT = 60_000  # characters of one script
# Each begins with letters, which are looked for much faster than a choice.
_IN_SCRIPT = {
    word: re.compile(rf"""{word}{more}["']\s?[:,]\s?\[?\s?["']([^"'<>{{}}\[\]\\]{{5,80}})["']""")
    for word, more in (("uthor", "s?(?:_?[nN]ames?)?"), ("byline", ""), ("autor", ""))
}


def byline_near(lines: Sequence[str]) -> list[str]:
    """The line near the headline that begins with "By" in some language, or names somebody beside a date."""
    near = lines[:_NEAR]
    for i, line in enumerate(near):
        text = _whole(near, i)
        if by := _byline(text):
            return [by]
        if len(line) < LONG and (piece := _beside_date(line, near[max(0, i - 1) : i + 2])):
            return [piece]
    return next(([by] for line in near if (by := _at_end(line, bare=False))), [])


def _whole(lines: Sequence[str], i: int) -> str:
    """A line, with the next one if it says no more than "By"."""
    is_lead = len(lines[i]) < _LONGEST and without_lead(f"{lines[i]} x") == "x"
    return " ".join(lines[i : i + 2]) if is_lead else lines[i]


def _byline(text: str) -> str | None:
    """`text` if it is "By" and names, without a "By" that is a name elsewhere."""
    if len(text) >= _LONGEST:
        return None
    if has_lead(text):
        return text if _all_names(text) else poster(text)
    bare = without_weak_lead(text)
    return bare if bare != text and _is_name_alone(bare) else None


def _beside_date(text: str, around: Sequence[str]) -> str | None:
    """ "5 March 2024 | Nell Ashby", in one line or in two."""
    if not any(_YEAR.search(line) for line in around) or _PICTURE.search(text):
        return None
    for whole in _PIECES.split(text)[:12]:
        piece = _LOOSE_END.sub("", whole).lstrip("-–— ")
        if has_lead(piece) and _all_names(piece, sure=True):
            return piece
        if _is_name_alone(piece):
            return piece
    return None


def _is_name_alone(text: str) -> bool:
    return (
        len(text.split()) <= 4
        and is_full_name(text)
        and names([text]) == (text,)
        and has_given_name(text)
        and not is_place(text)
        and not _has_month(text)
    )


def _has_month(text: str) -> bool:
    return any(is_month(word) for word in text.split() if len(word) > 3)


def signature(lines: Sequence[str]) -> list[str]:
    """The line under a text that says who wrote it."""
    prose = [i for i, line in enumerate(lines) if is_prose(line)]
    last = prose[-1] if sum(len(lines[i]) for i in prose) >= _STORY else len(lines)
    for i, line in enumerate(lines):
        text = _whole(lines, i)
        if (by := _byline(text)) and (_LABEL.match(text) or last < i <= last + _UNDER):
            return [by]
        bare = i == last + 1 or last < i == len(lines) - 1
        if (last <= i <= last + _UNDER or bare) and (by := _at_end(line, bare=bare)):
            return [by]
    return []


def _at_end(text: str, *, bare: bool) -> str | None:
    """ "… said the mayor. By Nell Ashby", "– Nell Ashby", "(Nell Ashby)"; a line that is a name if `bare`."""
    if m := _TAIL.search(f" {text[-_LONGEST:]}"):
        if m["by"] and has_lead(m["by"]) and _all_names(m["by"]):
            return m["by"]
        if (alone := m["in"] or m["dash"]) and all(map(_is_name_alone, names([alone]) or [""])):
            return alone
    if bare and "(" not in text and len(text) < _LONGEST // 2:
        found = names([text])
        return text if found and all(map(_is_name_alone, found)) else None
    return None


def _all_names(text: str, *, sure: bool = False) -> bool:
    """Whether it names people, and says little else. `sure`: one may have a nickname."""
    found = names([text], sure=sure)
    dense = "," in text or sum(map(len, found)) >= _DENSE * len(without_lead(text))
    return (
        bool(found)
        and dense
        and all(_is_person(name) or (sure and " " not in name and not is_month(name)) for name in found)
    )


def _is_person(name: str) -> bool:
    return is_full_name(name) and not is_place(name) and not _has_month(name)


def byline_in_scripts(doc: LexborHTMLParser) -> list[str]:
    """The author told to a paywall or to statistics, if all such scripts tell of one and the same."""
    found = set(_in_scripts(doc))
    return [*found] if len(found) == 1 else []


def _in_scripts(doc: LexborHTMLParser) -> Iterator[str]:
    for node in doc.css("script:not([src])")[:60]:
        text = node.text()[:_SCRIPT]
        found = (m[1] for word, names_ in _IN_SCRIPT.items() if word in text for m in names_.finditer(text))
        yield from filter(_all_names, islice(found, 20))
