"""ANPA 1312: each message of a wire becomes one entry.

    SYN SYN SOH W2870 US asian LF        service level, story number, selector codes
    r z DC3 DC1 BC-Fair 1stLd 02-20 0500 priority, category, format, keyword and version, date, word count
    STX ^BC-Fair--Opening, 1st Ld,416<   lines from ^ to < or =: keyword line, headline, notes, byline
    TAB text … ETX AP-WF-02-20-16 0337GMT< FF EOT

A message has no id. Its guid is made of what a wire numbers it by, as desks do: `anpa:AP-WF:W2870:2016-02-20` (wire,
service level and number, day it was sent, UTC); the number runs up through a day and is used again. A later version has
a number of its own, so it names the slug that it replaces in an association. TLI (0x08) and EN space (0x10) mark
tabular lines, which are kept as they stand.
"""

import html
import re
from typing import NamedTuple

from ingest.model import Association, Contributor, Entry, Parsed, Payload, Reject, Subject, Take
from ingest.parse import desk
from ingest.parse.anpatext import AGENCY, PICK_UP, Text, text_of
from ingest.parse.detect import Sniff
from ingest.parse.fields import people_of
from ingest.parse.frames import Frame, Moment, frames, moment, without_controls, year_of
from ingest.parse.limits import MAX_MESSAGE
from ingest.parse.lostcontrols import Shape, is_message
from ingest.parse.qcodes import subject_of

NAMES = ("anpa", "anpa1312", "anpa-1312")

# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "made: wire, service level, number and the day it was sent",
    "provider_version": "the keyword's version: 1stLd-Writethru",
    "pub_status": "keyword, headline and notes",
    "headline": "the second `^` line",
    "subheadline": "the third `^` line",
    "slugline": "the header's keyword without its version",
    "summary_html": "a `^` line of more than 80 characters",
    "html": "paragraphs that begin with TAB; tables (TLI, DC2, columns) as `pre`",
    "byline": "the `^` line that begins with By",
    "authors": "names in the byline",
    "published": "date, time and zone after ETX",
    "updated": "date, time and zone after ETX",
    "embargoed_until": "a note that names a time",
    "urgency": "the header's priority letter, 1 (f) to 7 (s)",
    "keywords": "the keyword line",
    "subjects": "the sport that the keyword begins with (BKN, SOC …), as an IPTC subject code",
    "ed_note": "`^` lines such as Eds: and AP Photos",
    "contributors": "the byline with the line after it, the reporter's title",
    "info_sources": "the wire's name after ETX",
    "category": "the header's category letter",
    "priority": "the header's priority letter",
    "provider_sequence": "the header's number",
    "instruction": "the keyword's version, KILL, ELIMINATION, WITHHOLD, CORRECTION; notes",
    "take": "the keyword line: 1st Add, 2nd Ld",
    "associations": "the slug it replaces or continues, codes of AP Photos",
    "provider": "the wire's name after ETX",
}
REJECTS = {
    "no-header": "no ANPA header after SOH",
    "no-body": "no STX: it was cut off, or is a service message",
    "too-long": f"over {MAX_MESSAGE:,} characters in one message",
}
KNOWN = "AP"

MARK = re.compile(rb"\x01(?:[A-Za-z]?\d{3,5}\x1f|(?<=\x16\x01)[A-Za-z]?\d{3,5}\s)")
# The header where nothing else tells it: number and selectors, then priority, category, keyword, day and words.
_NUMBER = r"[ \t]{0,3}[A-Za-z]?\d{3,5}"
_REST = (
    r"[\x1f \t]?[A-Za-z_-]{0,12}[ \t]{0,9}\r{0,3}\n?[ \t]{0,3}[A-Za-z] [A-Za-z0-9][ \t\x11-\x14]{0,4}"
    r"[^\n^]{2,100}?\d\d-\d\d[ \t]{1,3}\d{3,5}[ \t]{0,9}\r{0,3}\n[ \t\r\n]{0,9}(?=\^|\x02\^)"
)
_TRAILER = r"^[ \t]{0,9}[A-Z]{1,6}(?:-[A-Z0-9]{1,6}){0,2}-\d\d-\d\d-\d{2,4}[ \t]{1,3}\d{4}[A-Z]{0,4}<?[ \t\r]{0,9}$"
_SHAPE = Shape(
    re.compile(rf"^(?P<number>{_NUMBER}){_REST}".encode(), re.MULTILINE), re.compile(_TRAILER.encode(), re.MULTILINE)
)
_FIRST = re.compile(r"\s{0,5}([A-Za-z]?)(\d{3,5})(?:\x1f|\s)\s?([^\n]{0,200})")
_SECOND = re.compile(
    r"\s{0,5}(?P<priority>[A-Za-z]) (?P<category>[A-Za-z0-9])\s?(?P<format>[\x11-\x14]{0,2})\s?"
    r"(?P<keyword>[^\n]{0,120})"
)
_WHEN = re.compile(r"(\d{1,2})-(\d{1,2})(?:\s{1,3}\d{1,5})?\s{0,9}$")
_SENT = re.compile(
    r"(?:(?P<wire>[A-Z]{1,6}(?:-[A-Z0-9]{1,6}){0,2})[-\s])?(?P<month>\d{1,2})-(?P<day>\d{1,2})-(?P<year>\d{4}|\d{2})"
    r"\s{1,3}(?P<clock>\d{4})\s{0,2}(?P<zone>GMT|UTC|Z|[A-Z]{1,3}T)?"
)
_TABULAR = "\x12"  # DC2 in the format field
_COUNT = re.compile(r"[\s,]{0,3}\d{0,5}\s{0,3}$")
_VERSION = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)\s?)?(?:ld|lead)?-?(?:writethru|wthru)\b|\d{1,2}(?:st|nd|rd|th)\s?(?:ld|lead|add|sub|insert)\b"
    r"|(?-i:\b(?:MANDATORY )?KILL\b|\bELIMINATION\b|\bWITHHOLD\b|\bCORRECTION\b)",
    re.IGNORECASE,
)
_OF_VERSIONS = ("thru", "kill", "elimination", "withhold", "correction", *"0123456789")  # none is without one of them
# 1 (flash) to 8, by the letters of ANPA 1312; others are as good as regular.
_URGENCY = {"f": 1, "b": 2, "u": 2, "r": 4, "d": 5, "a": 6, "s": 7, "w": 7, "n": 6}
# Sports desks begin a slug with their sport: the IPTC subject code it stands for.
_SPORTS = {
    "BBA": "15007000", "BBC": "15007000", "BBH": "15007000", "BBI": "15007000", "BBM": "15007000", "BBN": "15007000",
    "BBO": "15007000", "BBW": "15007000", "BBY": "15007000", "BKC": "15008000", "BKH": "15008000", "BKL": "15008000",
    "BKN": "15008000", "BKO": "15008000", "BKW": "15008000", "BOX": "15014000", "CAR": "15039000", "CRI": "15017000",
    "CYC": "15019000", "FBC": "15003000", "FBH": "15003000", "FBL": "15003000", "FBN": "15003000", "FBO": "15003000",
    "FIG": "15025000", "GLF": "15027000", "HKC": "15031000", "HKN": "15031000", "HKO": "15031000", "RAC": "15030000",
    "RGL": "15048000", "RGU": "15049000", "SKI": "15043000", "SOC": "15054000", "SWM": "15062000", "TEN": "15065000",
}  # fmt: skip
_SPORT = re.compile(r"(?:[A-Z]{2}-)?([A-Z]{3})-{1,2}")


def claims(sniff: Sniff) -> bool:
    """Where its control characters are lost; else by MARK."""
    return is_message(sniff, _SHAPE, MARK)


def parse(payload: Payload) -> Parsed:
    """One entry a message, in order; a message that is no ANPA is a reject, see REJECTS.

    Raises Malformed if there is no message at all. Times without a zone are in `payload.zone`, with a warning.
    """
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for frame in frames(payload, _SHAPE):
        read = _message(frame, payload)
        if isinstance(read, Entry):
            entries.append(read)
        else:
            rejects.append(read)
    return Parsed(format=NAMES[0], entries=tuple(entries), rejects=tuple(rejects))


class _Head(NamedTuple):
    service: str
    number: str
    selectors: str
    priority: str | None
    category: str | None
    is_tabular: bool
    keyword: str | None
    month: int | None
    day: int | None


def _message(frame: Frame, payload: Payload) -> Entry | Reject:
    place = f"message {frame.number}"
    first = _FIRST.match(frame.header)
    if first is None:
        return Reject(code="no-header", place=place, detail=f"not an ANPA header: {frame.header[:40]!r}")
    if frame.text is None:
        return Reject(code="no-body", place=place, detail="no STX (0x02): it was cut off, or it is a service message")
    if len(frame.text) > MAX_MESSAGE:
        return Reject(code="too-long", place=place, detail=f"{len(frame.text):,} characters in one message")
    head = _head(first, frame.header[first.end() :])
    return _entry(frame, head, text_of(frame.text, is_tabular=head.is_tabular), payload)


def _head(first: re.Match[str], rest: str) -> _Head:
    second = _SECOND.match(rest.strip("\n").partition("\n")[0])
    service, number, selectors = first.groups()
    if second is None:
        return _Head(service, number, without_controls(selectors).strip(), None, None, False, None, None, None)
    when = _WHEN.search(second["keyword"][-20:])
    rest = second["keyword"]
    keyword = without_controls(rest[: len(rest) - len(when[0])] if when else rest).strip() or None
    month, day = (int(when[1]), int(when[2])) if when else (None, None)
    tabular = _TABULAR in second["format"]
    selectors = without_controls(selectors).strip()
    return _Head(service, number, selectors, second["priority"], second["category"], tabular, keyword, month, day)


# ── the entry ───────────────────────────────────────────────────────────────────────────────────────────────────


def _entry(frame: Frame, head: _Head, text: Text, payload: Payload) -> Entry:
    sent = _SENT.search(frame.trailer)
    moved = _moved(sent, head, payload)
    wire = sent["wire"] if sent else None
    provider = wire.partition("-")[0] if wire else None
    keyword = _COUNT.sub("", text.keyword) if text.keyword else head.keyword
    take = desk.take_of(text.keyword or head.keyword)
    headline: str | None = text.headline
    notes = text.notes
    if headline and take and take.is_add and PICK_UP.match(headline):
        notes, headline = (headline, *notes), None
    note = " ".join(notes) or None
    ruling = desk.ruling(text.keyword or head.keyword, headline, note, issued=moved.when, zone=payload.zone)
    version = _version(keyword) if take and keyword else None
    return Entry(
        guid=_guid(wire, head, moved, payload),
        provider_version=version[0] if version else None,
        pub_status=ruling.pub_status,
        headline=headline,
        subheadline=text.subheadline,
        slugline=_slug(head.keyword or keyword),
        summary_html=html.escape(text.summary, quote=False) if text.summary else None,
        is_abstract=text.summary is not None,
        html=text.html,
        is_full=True,
        byline=text.byline,
        authors=people_of([text.byline] if text.byline and not AGENCY.match(text.byline) else []),
        language=payload.language,
        published=moved.when,
        updated=moved.when,
        embargoed_until=ruling.embargoed_until,
        urgency=_URGENCY.get((head.priority or "").lower()),
        keywords=(keyword,) if keyword else (),
        subjects=_subjects(head.keyword or keyword),
        ed_note=note,
        contributors=_contributors(text),
        info_sources=(provider,) if provider else (),
        category=head.category,
        priority=head.priority,
        provider_sequence=head.number,
        instruction=ruling.instruction,
        take=take,
        associations=_associations(text, take, ruling.instruction, keyword),
        provider=provider,
        removed=text.removed,
        warnings=(*frame.warnings, *moved.warnings, *ruling.warnings),
    )


def _moved(sent: re.Match[str] | None, head: _Head, payload: Payload) -> Moment:
    if sent:
        year, month, day = year_of(sent["year"]), int(sent["month"]), int(sent["day"])
        return moment(year, month, day, sent["clock"], sent["zone"], payload)
    if head.month and head.day:
        return Moment(None, ("no time in its trailer; the header gives only month and day",))
    return Moment(None, ("no date in it",))


def _guid(wire: str | None, head: _Head, moved: Moment, payload: Payload) -> str:
    """Wire, service and number, and the day; the header's month and day if the trailer is lost."""
    day = f"{moved.when:%Y-%m-%d}" if moved.when else f"{head.month:02d}-{head.day:02d}" if head.month else "undated"
    return f"anpa:{wire or payload.source_id}:{head.service}{head.number}:{day}"


def _slug(keyword: str | None) -> str | None:
    """The header's keyword without its version: `BC-BKN--Heat-Hawks 1stLd-Writethru` is `BC-BKN--Heat-Hawks`."""
    if keyword is None:
        return None
    version = _version(keyword)
    return (keyword[: version.start()] if version else keyword).strip(" ,-") or keyword


def _version(keyword: str) -> re.Match[str] | None:
    return _VERSION.search(keyword) if any(map(keyword.lower().__contains__, _OF_VERSIONS)) else None


def _subjects(keyword: str | None) -> tuple[Subject, ...]:
    sport = _SPORT.match(keyword or "")
    code = _SPORTS.get(sport[1]) if sport else None
    return (subject_of(code, "subj"),) if code else ()


def _contributors(text: Text) -> tuple[Contributor, ...]:
    """The reporters, if the line after the byline is their title and no agency."""
    if not text.byline or not text.title or AGENCY.match(text.title):
        return ()
    return tuple(Contributor(name=name, role=text.title) for name in people_of([text.byline]))


def _associations(
    text: Text, take: Take | None, instruction: str | None, keyword: str | None
) -> tuple[Association, ...]:
    pictures = [Association(rel="picture", guid=code, type="picture") for code in text.photos]
    if take and take.is_add:
        return (Association(rel="continues", headline=take.key), *pictures)
    is_later = take is not None or instruction in {"kill", "withhold", "correction", "update"}
    if is_later and (slug := _slug(keyword)):
        return (Association(rel="replaces", headline=slug), *pictures)
    return tuple(pictures)
