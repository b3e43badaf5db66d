"""Dates as pages write them: ISO 8601, epochs, RFC 2822, and in words and digits of some fifty languages."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ingest.extract.place import Place
from ingest.extract.tables import table

FIRST_YEAR, LAST_YEAR = 1990, 2100  # outside, it is a template's default or the subject of the story
_MAX_CHARS = 300
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_DIGIT = re.compile(r"\d")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\s\d!-/:-@\[-`{-~،؛·|–—]{2,24}(?:\.[^\s\d!-/:-@\[-`{-~]{1,3}\.)?")

_OF = r"(?:de|del|di|of|da|the|ng|al|ta')"
_DAY_LEFT = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|ere|o|a|\.|-?го)?[\s,/.-]{{0,3}}(?:{_OF}\s+)?$")
_YEAR_LEFT = re.compile(r"(?<!\d)(\d{4})\.?[\s,/-]{0,3}(?:(?:m|gada|ko|eko|оны)\.?\s+)?$")
_YEAR_DAY_LEFT = re.compile(r"(?<!\d)(\d{4})\.?\s*(?:gada|г\.|m\.)?\s*(\d{1,2})\.?\s*$")
_YEAR_RIGHT = re.compile(rf"\.?(?:/\S{{2,12}})?[\s,/.-]{{0,3}}(?:{_OF}l?\s+|του\s+)?(\d{{4}})(?!\d)")
_DAY_YEAR_RIGHT = re.compile(r"\.?\s{0,2}(\d{1,2})(?:st|nd|rd|th)?\s?(?:,|\s|د)\s{0,2}(\d{4})(?![\d:])")
_DAY_RIGHT = re.compile(r"\.?\s{0,2}(\d{1,2})(?!\d|:)")
_CTIME_RIGHT = re.compile(r"\s{1,2}(\d{1,2})\s+(\d{2}:\d{2}:\d{2}\s+(?:[a-z]{2,4}\s+)?)(\d{4})(?!\d)")

_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)\s?[日일.]?")
_ERA = re.compile(r"(令和|平成|民國|民国)\s?(\d{1,3}|元)年\s?(\d{1,2})月\s?(\d{1,2})日")
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_DAY_FIRST = re.compile(r"(?<![\d.:/])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d:])")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})[\s,/-]{1,3}thang\s+(\d{1,2})[\s,/-]{1,3}(?:nam\s+)?(\d{4})")

_AM = "am|a\\.\\s?m\\.?|오전|上午|午前|凌晨|早上|sa|πμ|π\\.μ\\.|ص|صباحا|قبل الظهر"
_PM = "pm|p\\.\\s?m\\.?|오후|下午|午後|晚上|ch|μμ|μ\\.μ\\.|م|مساء|بعد الظهر"
_CLOCK = re.compile(
    rf"(?P<before>{_AM}|{_PM})?\s?(?<![\d.])(?P<hour>\d{{1,2}})"
    r"(?:\s?[:h時时시點点ч]\s?(?P<minute>\d{2})(?!\d)(?:[:분分](?P<second>\d{2})?)?"
    r"|\.(?P<dotted>\d{2})(?![\d.])|\s?(?P<whole>uhr|h\b|時|시|点|點)|(?=\s?[ap]\.?m\b))"
    rf"\s?(?:[.,]\d{{1,9}})?\s?(?P<after>(?:{_AM}|{_PM})(?!\w))?",
)
_DOTTED_AFTER = re.compile(r"\s?(?:uhr|wi[bt]a?\b|น|ist\b|hrs|[ap]\.?m)")
_DOTTED_BEFORE = re.compile(r"(?:^|\b(?:kl|klo|ore|alle|at|um|pukul|jam|ob|u|o)\.?)[\s,|•·–-]{0,3}$")
_ZONE = re.compile(
    r"[\s(]{0,2}(?:(?:gmt|utc)\s?)?(?:(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?|(?P<name>[a-z]{1,4})\b)"
)


@dataclass(frozen=True)
class When:
    """A moment as written: the clock on the wall, how far it is ahead of UTC if that is said, and whether it has a
    time of day at all."""

    wall: datetime
    offset: timedelta | None = None
    has_time: bool = True
    is_zulu: bool = False  # the offset is a mere "Z", which templates write behind any time

    @property
    def instant(self) -> datetime:
        """In UTC if an offset is said, else on the wall; naive."""
        return self.wall - (self.offset or timedelta())

    def utc(self, place: Place) -> datetime:
        if self.offset is not None:
            return self.instant.replace(tzinfo=UTC)
        return self.wall.replace(tzinfo=ZoneInfo(place.zone if self.has_time else place.day_zone)).astimezone(UTC)


def read_when(text: str | None, place: Place) -> When | None:
    """The first exact day or moment in `text`; None for anything less, or for what cannot be right."""
    text = " ".join((text or "")[:_MAX_CHARS].split())
    if len(text) < 6:
        return None
    try:
        when = _iso(text) or _epoch(text) or next(_written(text, place), None)
    except (ValueError, OverflowError):
        return None
    return when if when and FIRST_YEAR <= when.wall.year <= LAST_YEAR else None


def _iso(text: str) -> When | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return When(
        moment.replace(tzinfo=None, microsecond=0),
        moment.utcoffset(),
        ":" in text or "T" in text.upper(),
        text[-1] in "zZ",
    )


def _epoch(text: str) -> When | None:
    if not _EPOCH.fullmatch(text):
        return None
    return When(datetime.fromtimestamp(int(text[:10]), UTC).replace(tzinfo=None), timedelta())


def _written(text: str, place: Place) -> Iterator[When]:
    """Moments in words or digits, the surest way of writing first."""
    text = folded(text)
    for day, start, end in (*_by_digits(text, place), *_by_month(text, place)):
        if end < 0:  # the time stands between day and year
            clock = _clock(text[start:-end], day, place)
        else:
            clock = _clock(text[end : end + 48], day, place) or _clock(text[max(0, start - 24) : start], day, place)
        yield clock or When(day, has_time=False)


def folded(text: str) -> str:
    """Small letters without the accents of Latin, Greek and Cyrillic, digits of all scripts as ASCII."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold().replace("ı", "i").replace("ł", "l")
    text = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text))
    text = unicodedata.normalize("NFC", text)
    return _DIGIT.sub(lambda m: str(int(m[0])), text).replace("\u200f", "").replace("\u200e", "")


def _by_digits(text: str, place: Place) -> Iterator[tuple[datetime, int, int]]:
    for m in _ERA.finditer(text):
        year = _ERAS[m[1]] + (1 if m[2] == "元" else int(m[2]))
        yield from _day(year, int(m[3]), int(m[4]), m.start(), m.end())
    for m in _YEAR_FIRST.finditer(text):
        yield from _day(int(m[1]), int(m[2]), int(m[3]), m.start(), m.end())
    for m in _VIETNAMESE.finditer(text):
        yield from _day(int(m[3]), int(m[2]), int(m[1]), m.start(), m.end())
    for m in _DAY_FIRST.finditer(text):
        one, two, year = int(m[1]), int(m[3]), int(m[4])
        if len(m[4]) == 2:
            year += 2000
        month_first = False if m[2] == "." or one > 12 else True if two > 12 else place.month_first
        if month_first is None and one != two:
            continue
        yield from _day(year, *((one, two) if month_first else (two, one)), m.start(), m.end())


def _by_month(text: str, place: Place) -> Iterator[tuple[datetime, int, int]]:
    months = _months(place.language)
    words = list(_WORD.finditer(text))
    for i, word in enumerate(words):
        start, end = word.span()
        month = months.get(word[0].replace(".", ""))
        if i + 1 < len(words) and (two := months.get(text[start : words[i + 1].end()])):
            month, end = two, words[i + 1].end()  # كانون الثاني
        if not month:
            continue
        left, right = text[max(0, start - 24) : start], text[end : end + 40]
        if (day := _DAY_LEFT.search(left)) and (year := _YEAR_RIGHT.match(right)):
            yield from _day(int(year[1]), month, int(day[1]), start - len(day[0]), end + year.end())
        elif m := _CTIME_RIGHT.match(right):
            yield from _day(int(m[3]), month, int(m[1]), end + m.start(2), -(end + m.end(2)))
        elif m := _DAY_YEAR_RIGHT.match(right):
            yield from _day(int(m[2]), month, int(m[1]), start, end + m.end())
        elif (year := _YEAR_LEFT.search(left)) and (day := _DAY_RIGHT.match(right)):
            yield from _day(int(year[1]), month, int(day[1]), start - len(year[0]), end + day.end())
        elif m := _YEAR_DAY_LEFT.search(left):
            yield from _day(int(m[1]), month, int(m[2]), start - len(m[0]), end)


def is_month(word: str) -> bool:
    return folded(word).strip(".,") in _months(None)


@cache
def _months(language: str | None) -> dict[str, int]:
    """Month by word: Jalali months are 101 to 112. The language's own words count most."""
    found: dict[str, int] = {}
    tables = table("months")
    own = tables["gregorian"].get(language)
    for first, names in (*((1, n) for n in (own or [], *tables["gregorian"].values())),
                         *((101, n) for n in tables["jalali"].values())):  # fmt: skip
        for month, forms in enumerate(names, first):
            for form in forms.split("|"):
                found.setdefault(folded(form), month)
    return found


def _day(year: int, month: int, day: int, start: int, end: int) -> Iterator[tuple[datetime, int, int]]:
    """Midnight of a day of whichever calendar, and its place in the text; nothing if there is no such day."""
    try:
        if month > 100 or 1350 <= year <= 1420:
            found = _from_jalali(year, month % 100, day)
        else:
            found = date(year - 543 if 2440 <= year <= 2700 else year, month, day)
    except ValueError:
        return
    if FIRST_YEAR <= found.year <= LAST_YEAR:
        yield datetime(found.year, found.month, found.day), start, end


def _from_jalali(year: int, month: int, day: int) -> date:
    """The solar calendar of Iran. Good for 1206 to 1498, by the 33-year rule."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        raise ValueError(month, day)
    since = year - 979
    days = 365 * since + since // 33 * 8 + (since % 33 + 3) // 4 + day - 1
    days += (month - 1) * 31 if month <= 7 else (month - 7) * 30 + 186
    return date(1600, 3, 20) + timedelta(days=days)  # 1 Farvardin 979


def _clock(text: str, day: datetime, place: Place) -> When | None:
    for m in _CLOCK.finditer(text):
        if m["dotted"] and not (_DOTTED_AFTER.match(text, m.end()) or _DOTTED_BEFORE.search(text[: m.start("hour")])):
            continue
        hour, minute, second = int(m["hour"]), int(m["minute"] or m["dotted"] or 0), int(m["second"] or 0)
        half = m["before"] or m["after"]
        if half and hour <= 12:
            hour = hour % 12 + (12 if re.fullmatch(_PM, half) else 0)
        if hour < 24 and minute < 60 and second < 60:
            wall = day.replace(hour=hour, minute=minute, second=second)
            return When(wall, _offset(text[m.end() : m.end() + 14], wall, place))
    return None


def _offset(text: str, wall: datetime, place: Place) -> timedelta | None:
    if not (m := _ZONE.match(text)):
        return None
    if m["hours"]:
        size = timedelta(hours=int(m["hours"]), minutes=int(m["minutes"] or 0))
        return (-size if m["sign"] == "-" else size) if size <= timedelta(hours=14) else None
    name = m["name"].upper()
    if wall.replace(tzinfo=ZoneInfo(place.zone)).tzname() == name:
        return None  # IST is India's, Israel's or Ireland's: the place says which
    known = table("zones")["abbreviations"].get(name)
    return (
        ZoneInfo(known).utcoffset(wall)
        if isinstance(known, str)
        else None
        if known is None
        else timedelta(minutes=known)
    )
