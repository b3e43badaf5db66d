"""Embargoes as desks write them: "EMBARGOED UNTIL 0001 GMT Monday March 3", "Sperrfrist: 18.00 Uhr". Pure.

Only what a desk would write counts: the arms embargo of a headline is none.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ingest.parse.fields import time_of

MAX_TEXT = 1_000  # characters of a field that are read
_WINDOW = 160  # characters after the word in which the time stands

_UNTIL = (
    r"(?:until|untill|till|til|to|for|at|before|jusqu\S{0,4}|bis|hasta|fino|ate|at[eé]|tot|till|kl|story|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|[\d:.,;!)\]*-])"
)
_EMBARGO = re.compile(
    rf"\bembargoed\b\s{{0,3}}(?={_UNTIL}|$)|(?:^|[.:;!(\[*]\s{{0,3}}|\bstrict\s{{1,3}})embargo\b\s{{0,3}}(?={_UNTIL}|$)"
    r"|(?-i:\bEMBARGO)\s{0,3}:"
    r"|\b(?:under|sous|bajo|sotto|onder|unter)\s{1,3}embargo\b|\bsperrfrist\b|\bgesperrt\s{1,3}bis\b"
    r"|\bhold\s{1,3}for\s{1,3}release\b|^for\s{1,3}(?:use|release|publication)\s{1,3}(?:at|after|on|from)\b"
    r"|\bnot\s{1,3}(?:for|to\s{1,3}be)\s{1,3}(?:publication|release|use|published|released|used)\s{1,3}"
    r"(?:before|until|prior)\b",
    re.IGNORECASE,
)
_NEEDED = ("use", "embargo", "sperr", "release", "publi")  # none of these words is without one of them
_LIFTED = re.compile(
    r"\bembargo\s{1,3}(?:is\s{1,3}|has\s{1,3}been\s{1,3})?lifted\b|\bno\s{1,3}embargo\b", re.IGNORECASE
)
_MONTHS = {
    name: n
    for n, names in enumerate(
        ("jan ene gen", "feb fév fev", "mar mär mrt maa", "apr abr avr", "may mai mag mei maj", "jun giu", "jul lug",
         "aug ago aoû aou", "sep set", "oct okt ott out", "nov", "dec dez dic déc des"), 1,
    )
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: n
    for n, names in enumerate(
        ("mon lun", "tue die mar", "wed mit mer mié mie", "thu don jeu jue gio", "fri fre ven vie", "sat sam sáb sab",
         "sun son dim dom")
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"\b(\d{4}-?\d{2}-?\d{2}[T ]\d{2}:?\d{2}(?::?\d{2})?(?:\s?(?:Z|[+-]\d{2}:?\d{2}))?)(?![\d:])")
_YMD = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DMY = re.compile(r"\b(\d{1,2})(?:\.(\d{1,2})\.|/(\d{1,2})/)(\d{4}|\d{2})?(?!\d)")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|\.|er|º)?\s{1,3}(?:of\s|de\s)?([^\W\d_]{3,10})\.?(?:,?\s{1,3}(?:de\s)?(\d{4}))?(?!\d)"
)
_MONTH_DAY = re.compile(
    r"\b([^\W\d_]{3,10})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d\d|\s{0,2}[ap]\.?m)(?:,?\s{1,3}(\d{4})\b(?!\s{0,2}(?:GMT|UTC|hrs)))?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|wed|thu(?:rs)?|fri|sat|sun|montag|dienstag|"
    r"mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|"
    r"mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d/.-])(?P<hour>[01]?\d|2[0-4])(?:(?::|\.|h)?(?P<minute>[0-5]\d))?"
    r"\s{0,2}(?:(?P<half>[ap])\.?m\b\.?|(?P<sure>uhr|hrs|hours|h|heures|gmt|utc|[a-z]{1,3}t)\b)?(?![\d/.-]?\d)",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"\b(GMT|UTC|BST|C?E?S?T|CES?T|EES?T|MES?Z|[ECMP][SD]T|AE[SD]T|NZ[SD]T|JST|IST|HKT|SGT)\b")
_AGO = timedelta(days=180)


class _Day(NamedTuple):
    year: int | None
    month: int
    day: int


def is_embargoed(text: str) -> bool:
    text = text[:MAX_TEXT]
    if not any(map(text.lower().__contains__, _NEEDED)):
        return False
    return _EMBARGO.search(text) is not None and not _LIFTED.search(text)


def embargo_of(text: str, issued: datetime | None, zone: str) -> datetime | None:
    """Until when (UTC) words such as "EMBARGOED UNTIL 0001 GMT Monday March 3" or "Sperrfrist: 18.00 Uhr" hold a text.

    What is missing comes from `issued`: the year, the day (the next such weekday; the next day if the hour is past).
    Hours without a zone are in `zone`. None without an embargo, or where no time can be made of it.
    """
    found = _EMBARGO.search(text[:MAX_TEXT]) if is_embargoed(text) else None
    if found is None:
        return None
    rest = " ".join(text[found.end() : found.end() + _WINDOW].split())
    if iso := _ISO.search(rest):
        return time_of(iso[1].replace(" ", "T", 1), zone)
    day, rest_without = _day_in(rest)
    hour, minute = _clock_in(rest_without, day is not None)
    local = issued.astimezone(ZoneInfo(zone)) if issued else None
    if (day is None and hour is None and not _WEEKDAY.search(rest)) or (
        local is None and (day is None or not day.year)
    ):
        return None
    abbreviation = _ABBREVIATION.search(rest)
    stamp = f"{hour or 0:02d}:{minute:02d}{' ' + abbreviation[1] if abbreviation else ''}"
    return _completed(day, _WEEKDAY.search(rest), stamp, local, zone)


def _completed(
    day: _Day | None, weekday: re.Match[str] | None, stamp: str, local: datetime | None, zone: str
) -> datetime | None:
    if day is not None:
        year = day.year or (local.year if local else 0)
        when = time_of(f"{year:04d}-{day.month:02d}-{day.day:02d} {stamp}", zone)
        if when and not day.year and local and when < local - _AGO:  # December's wire, January's embargo
            when = time_of(f"{year + 1:04d}-{day.month:02d}-{day.day:02d} {stamp}", zone)
        return when
    if local is None:
        return None
    ahead = (_DAYS[weekday[1][:3].lower()] - local.weekday()) % 7 if weekday else 0
    when = time_of(f"{(local + timedelta(days=ahead)).date()} {stamp}", zone)
    if when and when < local:
        when += timedelta(days=7 if weekday else 1)
    return when.astimezone(UTC) if when else None


def _day_in(text: str) -> tuple[_Day | None, str]:
    """The date, and the text without it, so that its numbers are not taken for the hour."""
    if found := _YMD.search(text):
        return _day(found[1], int(found[2]), found[3]), text.replace(found[0], " ; ", 1)
    if found := _DMY.search(text):
        return _day(found[4], int(found[2] or found[3]), found[1]), text.replace(found[0], " ; ", 1)
    for pattern, month, day in ((_DAY_MONTH, 2, 1), (_MONTH_DAY, 1, 2)):
        for found in pattern.finditer(text):
            if number := _MONTHS.get(found[month][:3].lower()):
                return _day(found[3], number, found[day]), text.replace(found[0], " ; ", 1)
    return None, text


def _day(year: str | None, month: int, day: str) -> _Day | None:
    if not 1 <= month <= 12 or not 1 <= int(day) <= 31:
        return None
    return _Day(int(year) + (2000 if len(year) == 2 else 0) if year else None, month, int(day))


def _clock_in(text: str, has_day: bool) -> tuple[int | None, int]:
    low = text.lower()
    if "midnight" in low:
        return 0, 0
    if "noon" in low:
        return 12, 0
    for found in _CLOCK.finditer(text):
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        if not (found["minute"] or found["half"] or found["sure"]):
            continue  # a bare number is no time
        if found["half"]:
            hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
        return hour % 24, minute
    return None, 0
