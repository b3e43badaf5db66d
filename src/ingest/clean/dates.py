"""Dates in running text, in the languages of tables/months.toml. Only what names a year is a date; the rest is text."""

import re
from datetime import date
from functools import cache

from ingest.clean.tables import table

_NUMERIC = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


@cache
def months() -> dict[str, int]:
    read: dict[str, list[str]] = table("months")["names"]
    return {name: number for names in read.values() for number, part in enumerate(names, 1) for name in part.split("|")}


@cache
def month_pattern() -> str:
    return "(?:" + "|".join(sorted(map(re.escape, months()), key=len, reverse=True)) + r")\b\.?"


@cache
def _written() -> re.Pattern[str]:
    month = month_pattern()
    return re.compile(
        rf"\b({month})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
        rf"|\b(\d{{1,2}})(?:\.|er|º|st|nd|rd|th)?\s+(?:de\s+)?({month})(?:\s+del?)?,?\s+(\d{{4}})\b",
        re.IGNORECASE,
    )


def find_date(text: str) -> tuple[date, int, int] | None:
    """The last full date in `text`, and where it starts and ends."""
    found: tuple[date, int, int] | None = None
    for match in (*_written().finditer(text), *_NUMERIC.finditer(text)):
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
        return date(int(year), known[month.lower().rstrip(".")], int(day))
    except (ValueError, KeyError):
        return None
