"""Dates as pages write them, to UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_ISO = re.compile(
    r"^(\d{4})-(\d{2})-(\d{2})(?:[T ]{1,2}(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"^1\d{9}(\d{3})?$")
_EITHER = re.compile(r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|1[0-2])/\d{4}")  # day or month first: not to be known
_HOURS = {
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
    "MEZ": 1,
    "MESZ": 2,
    "JST": 9,
}
FIRST_YEAR = 1990  # before that, it is a template's default or the subject of the story, not its publication


def read_date(text: str | None, zone: str = "UTC") -> datetime | None:
    """An exact day or moment as UTC; None for anything less, or for what cannot be right.

    A time without an offset is in `zone`; a day without a time is its midnight in `zone`.
    """
    text = " ".join((text or "").split())
    if not 6 <= len(text) <= 60:
        return None
    try:
        when = _iso(text) or _epoch(text) or _rfc2822(text) or _words(text)
        if when is None or when.year < FIRST_YEAR:
            return None
        return (when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    if not (m := _ISO.match(text)):
        return None
    day = f"{m[1]}-{m[2]}-{m[3]}"
    if not m[4]:
        return datetime.fromisoformat(day)
    offset = (m[7] or "").upper()
    offset = "+00:00" if offset in {"Z", "UTC", "GMT"} else offset
    return datetime.fromisoformat(f"{day}T{m[4]}:{m[5]}:{m[6] or '00'}{offset}")


def _epoch(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text[:10]), UTC) if _EPOCH.match(text) else None


def _rfc2822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if "," in text[:5] else None
    except (ValueError, TypeError):
        return None


def _words(text: str) -> datetime | None:
    """14 March 2022, 18:05: only if day, month and year are all there, which two different defaults show."""
    from dateutil import parser

    if not re.search(r"(?:19|20)\d{2}", text) or _EITHER.search(text):
        return None
    dotted = bool(re.match(r"\D{0,20}\d{1,2}\.", text))  # nobody writes the month first with dots
    try:
        one, two = (
            parser.parse(text, default=datetime(year, month, day), dayfirst=dotted, tzinfos=_zone)
            for year, month, day in ((2001, 1, 1), (2002, 2, 2))
        )
    except (ValueError, OverflowError, TypeError):
        return None
    return one if one == two else None


def _zone(name: str | None, offset_s: int | None) -> tzinfo | None:
    """What dateutil asks for each zone it reads; an unknown name is no zone."""
    if offset_s is not None:
        return timezone(timedelta(seconds=offset_s))
    hours = _HOURS.get((name or "").upper())
    return timezone(timedelta(hours=hours)) if hours is not None else None
