"""Dates in running text, in the languages of tables/months.toml. Only what names a year is a date; the rest is text."""

import re
from datetime import date
from functools import cache
from itertools import groupby
from operator import itemgetter

from ingest.clean.tables import table

_WORD = r"[^\W\d_]{3,12}"  # a month's name is looked up, which is faster than an alternative each
_WRITTEN = re.compile(
    rf"\b({_WORD})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
    rf"|\b(\d{{1,2}})(?:\.|er|º|st|nd|rd|th)?\s+(?:de\s+)?({_WORD})\.?(?:\s+del?)?,?\s+(\d{{4}})\b",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


@cache
def months() -> dict[str, int]:
    read: dict[str, list[str]] = table("months")["names"]
    return {name: number for names in read.values() for number, part in enumerate(names, 1) for name in part.split("|")}


@cache
def month_pattern() -> str:
    """By their first letters, since text is asked at each of its words and most begin no month."""
    names = sorted(sorted(months(), key=len, reverse=True), key=itemgetter(0))
    initials = (
        f"{letter}(?:{'|'.join(re.escape(name[1:]) for name in group)})"
        for letter, group in groupby(names, itemgetter(0))
    )
    return f"(?:{'|'.join(initials)})\\b\\.?"


def find_date(text: str) -> tuple[date, int, int] | None:
    """The last full date in `text`, and where it starts and ends."""
    found: tuple[date, int, int] | None = None
    for match in (*_WRITTEN.finditer(text), *_NUMERIC.finditer(text)):
        day = _date(match)
        if day and (found is None or match.start() > found[1]):
            found = day, match.start(), match.end()
    return found


def _date(match: re.Match[str]) -> date | None:
    a, b, c, d, e, f = match.groups()
    known = months()
    try:
        if match.re is _NUMERIC:
            return date(int(a), int(b), int(c)) if a else date(int(f), int(e), int(d))
        month, day, year = (a, b, c) if a else (e, d, f)
        return date(int(year), known[month.lower()], int(day))
    except (ValueError, KeyError):
        return None
