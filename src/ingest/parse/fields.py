"""Values as publishers write them, for every format: times, names of people, languages, numbers, plain strings."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

MAX_DATE = 64  # characters; what is longer is no date
MAX_NAME = 300

# Abbreviations are ambiguous (IST, CST, AST); these are what news feeds mean by them. Minutes east of UTC.
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120,
    "MESZ": 120, "EET": 120, "SAST": 120, "EEST": 180, "MSK": 180, "GST": 240, "PKT": 300, "IST": 330, "WIB": 420,
    "ICT": 420, "SGT": 480, "HKT": 480, "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180,
    "ART": -180, "CLT": -240,
}  # fmt: skip
_ABBREVIATION = re.compile(r"\s{0,3}\(?\b([A-Z]{1,4}T|Z|UTC|MEZ|MESZ|MSK|WIB)\)?$")
_OFFSET = re.compile(r"(?:[+-]\d{2}:?\d{2}|:\d{2}[+-]\d{2}|Z)\s{0,3}(?:\([^)]{0,30}\))?$")
_ABSOLUTE = re.compile(
    r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:/[A-Za-z0-9/%~_.,:@+=!-]{0,2000})?"
    r"(?:\?[A-Za-z0-9/%~_.,:@+=!&-]{1,2000})?\Z"
)
_NUMBER = re.compile(r"\s{0,9}(\d{1,9})")
_BY = re.compile(r"^by[\s:]{1,3}", re.IGNORECASE)
_HALF_DAY = re.compile(r"[ap]\.?m\b", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?|(?P<mm>\d{2})(?P<dd>\d{2}))(?![\d-])"
    r"(?:[T ](?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?(?!\d))?"
)
_WEEK = re.compile(r"\d{4}-?W\d")
_UNPARTED = re.compile(r"(\d{8})(\d{6})(?!\d)")
_GMT_OFFSET = re.compile(r"\s{0,3}(?:GMT|UTC)(?=[+-]\d)")
_EPOCH = re.compile(r"\d{10}(\d{3})?(?:\.\d{1,9})?$")
_ADDRESS = re.compile(r"(?:mailto:)?[\w.+%-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){0,6}(?:\?[^\s>)]{0,100})?")
_AND = re.compile(r"\s{1,3}(?:and|&amp;|&)\s{1,3}|\s{0,3};\s{0,3}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}$")


def text_of(value: object) -> str | None:
    """A string without space around it; a number as its digits; None for "" and everything else."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def int_of(value: object) -> int | None:
    """A whole number from a number or from up to nine digits (`800`, `800px`)."""
    said = text_of(value) if value is not None else None
    found = _NUMBER.match(said) if said else None
    return int(found[1]) if found else None


def address_of(value: object, base: str) -> str | None:
    """An absolute http(s) address; None for every other scheme and what is no address."""
    given = text_of(value)
    if given is None:
        return None
    if _ABSOLUTE.match(given):  # as they mostly are, and urljoin would leave it as it is
        return given
    try:
        url = urljoin(base, given)
    except ValueError:  # such as a bracket in the host
        return None
    return url if url.lower().startswith(("http://", "https://")) else None


def unique(values: Iterable[str | None]) -> tuple[str, ...]:
    """In order, without None, "" and what differs in case only."""
    given = [value for value in values if value]
    if len(given) < 2:
        return tuple(given)
    found: dict[str, str] = {}
    for value in given:
        found.setdefault(value.casefold(), value)
    return tuple(found.values())


def language_of(*values: object) -> str | None:
    """The first that looks like BCP 47, with the usual case: `en_us` is `en-US`."""
    for value in values:
        tag = (text_of(value) or "").replace("_", "-") if value else ""
        if tag and _LANGUAGE.match(tag):
            first, *rest = tag.lower().split("-")
            return "-".join([first, *(part.upper() if len(part) == 2 else part for part in rest)])
    return None


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────


def person_of(value: object) -> str | None:
    """The name in `jane@example.org (Jane Roe)`, `Jane Roe <jane@example.org>` or `By Jane Roe`; None without one."""
    name = (text_of(value) or "")[:MAX_NAME]
    if "@" in name:
        name = _ADDRESS.sub(" ", name)
    name = " ".join(name.replace("<>", " ").replace("&lt;", " ").replace("&gt;", " ").split())
    if "(" not in name[1:]:
        name = name.strip("()")
    return _BY.sub("", name.strip("<> \t,;")).strip() or None


def people_of(values: Iterable[object]) -> tuple[str, ...]:
    """Names alone. "A and B" are two people; a comma is left alone, since "Jane Roe, Rome" is one."""
    found: list[str] = []
    for value in values:
        name = person_of(value)
        if name and ("&" in name or ";" in name or "and" in name.lower()):
            found += [part.strip() for part in _AND.split(name)]
        elif name:
            found.append(name)
    return unique(found)


# ── times ───────────────────────────────────────────────────────────────────────────────────────────────────────


def time_of(value: object, zone: str = "UTC") -> datetime | None:
    """UTC, or None where there is no whole date in it. `zone` (IANA) is for times that name none themselves.

    Reads RFC 822 and 2822, ISO 8601, W3C and Unix times, and what feedparser and dateutil know besides.
    """
    raw = " ".join((text_of(value) or "").split())
    return _time(raw, zone) if 0 < len(raw) <= MAX_DATE else None


def no_times(said: Mapping[str, object], zone: str) -> tuple[str, ...]:
    """A warning for each that is stated, by its name, and is no time."""
    given = ((name, text_of(value)) for name, value in said.items())
    return tuple(f"{name} is no time: {value[:40]}" for name, value in given if value and time_of(value, zone) is None)


@lru_cache(maxsize=4096)
def _time(raw: str, zone: str) -> datetime | None:
    when = _epoch(raw) or _named_zone(raw) or _plain(raw)
    if when is None:
        return None
    try:
        when = when.replace(tzinfo=when.tzinfo or ZoneInfo(zone)).astimezone(UTC)
    except (OverflowError, ValueError, OSError):  # year 1 or 9999 shifted out of range
        return None
    return when if 1900 <= when.year <= 2200 else None  # 0001-01-01 is how some systems write "none"


def _plain(raw: str) -> datetime | None:
    raw = _GMT_OFFSET.sub("", _UNPARTED.sub(r"\1T\2", raw, count=1), count=1)
    if not _is_possible(raw):
        return None
    if _HALF_DAY.search(raw):  # only dateutil does not pass over "PM"
        return _any(raw)
    return _rfc822(raw) or _iso(raw) or _unusual(raw) or _any(raw)


def _is_possible(raw: str) -> bool:
    """False for a 31st of June or an hour 25, of which feedparser makes the day after: nobody said that."""
    found = _YEAR_FIRST.match(raw)
    if found is None:
        return not _WEEK.match(raw) or _iso(raw) is not None
    said = {name: int(digits) for name, digits in found.groupdict(0).items()}
    try:
        date(said["year"], said["month"] or said["mm"], said["day"] or said["dd"] or 1)
    except ValueError:
        return False
    return said["hour"] <= 24 and said["minute"] < 60 and said["second"] <= 60


def _epoch(raw: str) -> datetime | None:
    found = _EPOCH.match(raw)
    return datetime.fromtimestamp(float(raw) / (1000 if found[1] else 1), UTC) if found else None


def _named_zone(raw: str) -> datetime | None:
    """The date with its zone's abbreviation taken off and applied: email.utils knows North America's only."""
    found = _ABBREVIATION.search(raw)
    if found is None or found[1] not in _ZONES or found.start() == 0:
        return None
    bare = raw[: found.start()].strip()
    when = _plain(bare)
    return when.replace(tzinfo=timezone(timedelta(minutes=_ZONES[found[1]]))) if when else None


def _rfc822(raw: str) -> datetime | None:
    try:
        return parsedate_to_datetime(raw) if ":" in raw and not raw[:4].isdigit() else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso(raw: str) -> datetime | None:
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return None


def _unusual(raw: str) -> datetime | None:
    """Korean, Greek, Hungarian, Perforce and partial W3C dates, by feedparser; it takes a missing zone for UTC."""
    from feedparser.datetimes import _parse_date

    try:
        parts = _parse_date(raw)
        when = datetime(*parts[:6]) if parts else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError, KeyError):
        return None
    return when.replace(tzinfo=UTC) if when and _OFFSET.search(raw) else when


def _any(raw: str) -> datetime | None:
    """dateutil fills what is missing from a default; two defaults that disagree show that a date was not whole."""
    from dateutil import parser

    if not re.search(r"\d", raw) or not re.search(r"\d{4}", raw):
        return None
    try:
        first, second = (parser.parse(raw, default=default, tzinfos=_offset) for default in _DEFAULTS)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError):
        return None
    return first if first == second else None


_DEFAULTS = (datetime(2001, 1, 1), datetime(2002, 2, 2))


def _offset(name: str | None, seconds: int | None) -> int | None:
    minutes = _ZONES.get((name or "").upper())
    return seconds if seconds is not None else minutes * 60 if minutes is not None else None
