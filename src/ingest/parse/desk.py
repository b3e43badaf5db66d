"""What a desk says of a version in words: kills, corrections, embargoes, takes. Every wire format asks here. Pure.

`ruling` is the one call most formats need; the functions below it can be used one at a time. All are for short fields
(keyword line, headline, ed note, instruction), never for body text, and read the first MAX_TEXT characters of each.
A word only counts where a desk would put it: at the start of a field or a sentence, or in brackets, and set apart
from what follows, so that "Police kill three" and "Correction officers strike" stay news.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ingest.model import PubStatus, Take
from ingest.parse.fields import time_of

MAX_TEXT = 1_000

_START = r"(?:^|[.:;!?(\[*#]\s{0,3}|(?<=[\s-])-{1,2}\s{0,2}|\n\s{0,9})"
_END = r"(?=\s{0,3}(?:$|[\n:;.,!()\[\]*/=<–—-]))"
# Strongest first: a text that corrects and kills, kills. In capitals only, since a false kill hides good news: a
# headline such as "Elimination: how the cup was lost" is none.
_CAPITALS = {
    "kill": "KILLS?|MANDATORY KILL|ELIMINATION|ELIMINATE|WITHDRAWN|WITHDRAWAL|WITHDRAW|RETRACTION|RETRACTED|ANNULATION|"
    "ANNULE|ANNULAMENTO|ANNULLAMENTO|ANNULLATA|ANULACI[OÓ]N|ANULADA|ANULADO|ANULAÇÃO|ZUR[UÜ]CKZIEHUNG|ZUR[UÜ]CKGEZOGEN|"
    "STORNIERUNG|STORNO|ANNULERING|TILBAGETRUKKET|TRUKKET|INDRAGEN|MAKULERAD|MAKULERT",
    "withhold": "WITHHOLD|WITHHELD|HOLD|HOLD STORY|DO NOT USE|ZUR[UÜ]CKHALTEN",
    "correction": "CORRECTION|CORRECTIVE|CLARIFICATION|RECTIFICATION",
}
# In any case: as a word that is set apart, or as the whole field.
_WORDS = {
    "kill": "mandatory kill",
    "correction": "corrections?|corrected|corr|rectificatif|correctif|corrig[eé]|corrige|correcci[oó]n|rectificaci[oó]n|"
    "correzione|rettifica|correç[aã]o|korrektur|berichtigung|korrigiert|berichtigt|correctie|rectificatie|korrigering|"
    "rettelse|r[aä]ttelse|korrigerad|oikaisu",
    "update": "updated?|updates|new version|recasts?|subs|actualizaci[oó]n|actualisation|aggiornamento|aktualisierung|"
    "aktualisiert|oppdatert|opdateret|uppdatering|uppdaterad",
    "repeat": "repeats?|repeating|repeated|rpt|r[eé]p[eé]tition|wiederholung|repetici[oó]n|ripetizione|gentagelse",
    "advisory": "advisory|editor'?s?'? advisory|media advisory|note to editors|avis aux r[eé]dactions|"
    "hinweis an die redaktionen",
}
_WHOLE = {"kill": "kill|elimination|withdrawn|cancel|cancell?ed", "withhold": "withhold|withheld|hold"}
_PHRASES = {
    "kill": r"\bkill\s{1,3}advisory\b|\badvisory[,\s-]{1,3}kill\b|\b(?:bulletin|urgent|story|picture|photo|notice|mandatory)[\s-]{1,3}kill\b|"
    r"\bkill\s{1,3}(?:the\s{1,3}|this\s{1,3}|your\s{1,3})?(?:story|item|notice|advisory|slug|photo|picture|version)\b|"
    r"\b(?:story|item|article|report)\s{1,3}(?:has\s{1,3}been|is|was)\s{1,3}(?:killed|withdrawn|retracted|eliminated)\b|"
    r"\b(?:is|are)\s{1,3}withdrawing\s{1,3}(?:the|this|its)\b|\bavis\s{1,3}d['’]annulation\b|\bmeldung\s{1,3}(?:ist|wird|"
    r"wurde)\s{1,3}zur[uü]ckgezogen\b|\bbitte\b[^.\n]{0,60}\bnicht\s{1,3}(?:mehr\s{1,3})?verwenden\b",
    "withhold": r"\b(?:hold|withhold)\s{1,3}(?:the\s{1,3}|this\s{1,3})?(?:story|item|publication)\b|"
    r"\bdo\s{1,3}not\s{1,3}(?:use|publish)\s{1,3}(?:this|the)\b",
    "correction": r"(?:^|[.:;(]\s{0,3})(?:corrects|correcting|fixes|correct(?:ion)?\s{1,3}(?:to|in|of|slug))\b|"
    r"\(corr(?:ects?|ected|ection|\.)?[\s:)]",
    "update": r"(?:^|[.:;(]\s{0,3})(?:updates|recasts|updating|update\s{1,3}\d)\b|\b(?:ld|lead)?-?(?:write?thru|writethrough|wthru)\b|"
    r"(?:\d(?:st|nd|rd|th)\s{0,2})(?:ld|lead)\b|\b\d{1,2}\.?\s{0,2}lead\b",
    "add": r"\b\d{1,2}(?:st|nd|rd|th)\s{0,2}add\b|\badd\s{0,2}\d{1,2}\b|\btake\s{0,2}(?:[2-9]|\d\d)\b",
}
_ORDER = ("kill", "withhold", "correction", "add", "update", "repeat", "advisory")
_STATUS: dict[str, PubStatus] = {"kill": "canceled", "withhold": "withheld"}


def _compiled(name: str) -> re.Pattern[str]:
    parts = (
        f"(?-i:{_START}(?:{_CAPITALS[name]}){_END}|,\\s?(?:{_CAPITALS[name]}){_END})" if name in _CAPITALS else None,
        f"{_START}(?:{_WORDS[name]}){_END}" if name in _WORDS else None,
        f"^(?:{_WHOLE[name]})$" if name in _WHOLE else None,
        _PHRASES.get(name),
    )
    return re.compile("|".join(part for part in parts if part), re.IGNORECASE)


_INSTRUCTIONS = {name: _compiled(name) for name in _ORDER}
_EMBARGO = re.compile(
    r"\bembargo(?:ed|ed\s{1,3}story)?\b|\bsperrfrist\b|\bhold\s{1,3}for\s{1,3}release\b|\bfor\s{1,3}(?:use|release|"
    r"publication)\s{1,3}(?:at|after|on|from|until)\b|\bnot\s{1,3}(?:for|to\s{1,3}be)\s{1,3}(?:publication|release|use|"
    r"published|released|used)\s{1,3}(?:before|until|prior)\b|\bsous\s{1,3}embargo\b|\bgesperrt\s{1,3}bis\b",
    re.IGNORECASE,
)
_LIFTED = re.compile(
    r"\bembargo\s{1,3}(?:is\s{1,3}|has\s{1,3}been\s{1,3})?lifted\b|\bno\s{1,3}embargo\b", re.IGNORECASE
)
_LEAD = re.compile(
    r"(?P<nth>\d{1,2}(?:st|nd|rd|th))?[\s-]{0,2}(?P<lead>(?:Ld|Lead)\b(?:-?(?:Write?thru|Writethrough|Wthru))?"
    r"|\b(?:Write?thru|Writethrough|Wthru)\b)",
    re.IGNORECASE,
)
_ADD = re.compile(
    r"\b(?:(?P<nth>\d{1,2})(?:st|nd|rd|th)(?:\s{1,2}(?:and|&)\s{1,2}last)?[\s-]{0,2}(?P<kind>add|take)\b"
    r"|(?P<kind2>add|take|page)[\s-]{0,2}(?P<n>\d{1,2})\b)",
    re.IGNORECASE,
)
_LAST = re.compile(r"\blast\b", re.IGNORECASE)
_COUNT = re.compile(r"[\s,]{1,3}\d{2,5}[\s<,.]{0,5}$")


class Ruling(NamedTuple):
    """What the desk's words amount to. Embargoed without a time that can be read is withheld, with a warning."""

    instruction: str | None
    pub_status: PubStatus
    embargoed_until: datetime | None
    warnings: tuple[str, ...] = ()


def ruling(*texts: str | None, issued: datetime | None, zone: str) -> Ruling:
    """`texts` are the item's short fields; `issued` (UTC) and `zone` (IANA) complete an embargo such as "0001 Monday"."""
    instruction = instruction_of(*texts)
    status = status_of(instruction)
    for text in texts:
        if not text or not is_embargoed(text):
            continue
        until = embargo_of(text, issued, zone)
        if until is None and status == "usable":
            return Ruling(instruction or "embargo", "withheld", None, ("embargoed without a time that can be read",))
        return Ruling(instruction or "embargo", status, until)
    return Ruling(instruction, status, None)


def instruction_of(*texts: str | None) -> str | None:
    """The strongest of: kill, withhold, correction, add, update, repeat, advisory; None if the texts say none of it."""
    given = [text[:MAX_TEXT].strip() for text in texts if text]
    for name in _ORDER:
        if any(_INSTRUCTIONS[name].search(text) for text in given):
            return name
    return None


def status_of(instruction: str | None) -> PubStatus:
    """canceled for a kill, withheld for a withhold, usable for all else."""
    return _STATUS.get(instruction or "", "usable")


def take_of(keyword_line: str | None) -> Take | None:
    """`BC-Fair--Opening, 1st Ld-Writethru, 2nd Add,320` is piece 3 of "BC-Fair--Opening 1stLd-Writethru".

    An add belongs to the version that it adds to, so the lead's marker is part of the key and both spellings of it
    ("1st Ld", "1stLd") give the same. A lead alone is piece 1 of its version. None where there is no marker.
    """
    line = _COUNT.sub("", " ".join((keyword_line or "")[:MAX_TEXT].split()))
    add, lead = _ADD.search(line), _LEAD.search(line)
    if not add and not lead:
        return None
    stem = line[: min(found.start() for found in (add, lead) if found)].rstrip(" ,-(")
    version = f"{(lead['nth'] or '')}{lead['lead']}" if lead else ""
    key = f"{stem} {version}".strip()
    if not add:
        return Take(key=key, number=1) if key else None
    nth = int(add["nth"] or add["n"])
    number = nth + 1 if (add["kind"] or add["kind2"]).lower() == "add" else max(nth, 1)
    return Take(key=key, number=number, is_add=number > 1, is_last=_LAST.search(line) is not None) if key else None


# ── embargoes ───────────────────────────────────────────────────────────────────────────────────────────────────

_MONTHS = {
    name: n
    for n, names in enumerate(
        ("jan ene gen", "feb fév fev", "mar mär mrt maa", "apr abr avr", "may mai mag mei maj", "jun jui giu", "jul lug",
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
    return _EMBARGO.search(text[:MAX_TEXT]) is not None and not _LIFTED.search(text[:MAX_TEXT])


def embargo_of(text: str, issued: datetime | None, zone: str) -> datetime | None:
    """Until when (UTC) words such as "EMBARGOED UNTIL 0001 GMT Monday March 3" or "Sperrfrist: 18.00 Uhr" hold a text.

    What is missing comes from `issued`: the year, the day (the next such weekday; the next day if the hour is past).
    Hours without a zone are in `zone`. None without an embargo, or where no time can be made of it.
    """
    found = _EMBARGO.search(text[:MAX_TEXT])
    if found is None or not is_embargoed(text):
        return None
    rest = " ".join(text[found.end() : found.end() + 160].split())
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
