"""IPTC 7901: each message of a wire becomes one entry.

    SOH eca062 4 i 211 ccccb   dpa 061   service and number, priority, category, word count, optional information
    Germany-politics/                    keywords (the slug), one or several lines
    STX Headline =                       lines of the heading up to a blank one; the headline ends in =
    Berlin (dpa) - …                     text; then, at some agencies, a notebook and what is not for publication
    ETX 131137 GMT Nov 13  EOT           day and time, month and year (two digits)

A message has no id. Its guid is made of what a wire numbers it by, as desks do: `iptc7901:eca062:2013-11-13` (service,
number, day it was sent, UTC); the number runs up through a day and is used again. The body stays plain text with its
lines, so that cleaning finds its paragraphs, lists and tables.
"""

import re

from ingest.model import Association, Entry, Link, Parsed, Payload, Reject, Rights, Take
from ingest.parse import desk
from ingest.parse.detect import Sniff
from ingest.parse.fields import people_of, unique
from ingest.parse.frames import Frame, Moment, frames, moment, month_of, without_controls, year_of
from ingest.parse.iptc7901text import Text, text_of
from ingest.parse.limits import MAX_MESSAGE
from ingest.parse.lostcontrols import Shape, is_message

NAMES = ("iptc7901", "iptc-7901")

# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "guid": "made: service, number and the day it was sent",
    "pub_status": "kickers, headline, slug and notes",
    "headline": "the heading's first line that is no kicker, up to `=`",
    "subheadline": "the heading's next lines",
    "slugline": "the header's keyword lines",
    "html": "the text up to the notebook, with its lines",
    "byline": "a heading line that begins with By, Von, Par …",
    "authors": "names in the byline",
    "published": "day, time and zone after ETX",
    "updated": "day, time and zone after ETX",
    "embargoed_until": "a kicker or note that names a time",
    "urgency": "the header's priority",
    "genre": "a kicker such as ROUNDUP, PREVIEW, PROFILE",
    "keywords": "the slug's parts between `/`",
    "ed_note": "heading lines for editors, the notebook below `#`",
    "info_sources": "the agency in the header, else the service",
    "category": "the header's category",
    "priority": "the header's priority",
    "provider_sequence": "the header's number",
    "instruction": "a kicker such as CORRECTION, KILL, EMBARGO; the desk's words",
    "take": "the slug with a kicker such as 1ST LEAD, ADD",
    "associations": "the slug that a kill, correction or update replaces",
    "private_note": 'what is below "not for publication" in six languages, and the sign-off',
    "rights.notice": "a heading line with © or Copyright",
    "provider": "the agency in the header, else the service",
    "links": "`[name](address)` in the notebook",
}
REJECTS = {
    "no-header": "no IPTC 7901 header after SOH",
    "no-body": "no STX: it was cut off",
    "too-long": f"over {MAX_MESSAGE:,} characters in one message",
}
KNOWN = "dpa"

MARK = re.compile(rb"\x01\s{0,3}[A-Za-z]{1,6}[ -]?\d{1,6}\s{1,3}\d\s{1,3}[A-Za-z0-9]{1,3}\s")
_HEADER = re.compile(
    r"\s{0,3}(?P<service>[A-Za-z]{1,6})[ -]?(?P<number>\d{1,6})\s{1,3}(?P<priority>\d)\s{1,3}"
    r"(?P<category>[A-Za-z0-9]{1,5})(?:\s{1,3}(?P<words>\d{1,6})\b)?[ \t]{0,9}(?P<rest>[^\n]{0,200})"
)
# The header where nothing else tells it: service and number, priority, category, words, selector, agency and number.
_NUMBER = r"[ \t]{0,3}[A-Za-z]{2,6}-?\d{1,6}"
_REST = (
    r"[ \t]{1,3}[1-9][ \t]{1,3}[A-Za-z]{1,5}[ \t]{1,3}\d{1,5}[ \t]{1,9}(?:[a-z]{3,6}[ \t]{1,9})?"
    r"[A-Za-z/-]{2,25}[ \t]{1,3}\d{1,6}[ \t]{0,9}\r{0,3}\n"
)
_KEYWORDS = r"(?:[ \t\r]{0,9}\n){0,2}[^\s=/][^\n=/]{0,60}/[^\n=]{0,60}\n"  # harbour-fees/
_TRAILER = r"^[ \t]{0,3}\d{6}[ \t]{1,3}(?:[A-Z]{3,4}\b[^\n]{0,20}|[A-Z][a-z]{2,8}\.?[ \t]{1,3}\d\d[ \t\r]{0,9})$"
_HEADERS = rf"(?:\A\s{{0,20}}|^(?={_NUMBER}{_REST}{_KEYWORDS}))(?P<number>{_NUMBER}){_REST}(?:{_KEYWORDS}){{0,3}}"
_SHAPE = Shape(re.compile(_HEADERS.encode(), re.MULTILINE), re.compile(_TRAILER.encode(), re.MULTILINE))
_AGENCY = re.compile(r"(?:^|\s)([^\W\d_]{2,12}(?:[-/][^\W\d_]{2,12})?)\s{1,3}\d{1,6}\s{0,9}$")
_SENT = re.compile(
    r"\b(?P<day>\d{2})(?P<clock>\d{4})\s{0,3}(?:(?P<zone>GMT|UTC|Z|[A-Z]{1,4}T|MEZ|MESZ)\b)?"
    r"\s{0,3}(?:(?P<month>[^\W\d_]{3})[^\W\d_]{0,7}\.?\s{1,3}(?P<year>\d{4}|\d{2})\b)?",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"\s{0,3},\s{0,3}([\w/-]{2,20})$")
_GENRES = {
    "ROUNDUP", "PREVIEW", "FEATURE", "NEWSFEATURE", "ANALYSIS", "PROFILE", "INTERVIEW", "BACKGROUND", "FACTBOX",
    "CHRONOLOGY", "TIMELINE", "SUMMARY", "ZUSAMMENFASSUNG", "HINTERGRUND", "PORTRÄT", "DOSSIER", "REPORTAGE",
}  # fmt: skip
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((https?://[^\s)]{1,1000})\)")
_NO_TAKES = {"kill", "withhold", "correction", "repeat", "advisory"}  # a kicker that says so heads no pieces


def claims(sniff: Sniff) -> bool:
    """Where its control characters are lost; else by MARK."""
    return is_message(sniff, _SHAPE, MARK)


def parse(payload: Payload) -> Parsed:
    """One entry a message, in order; a message that is no IPTC 7901 is a reject, see REJECTS.

    Raises Malformed if there is no message at all. Times without a zone are in `payload.zone`, with a warning.
    """
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for frame in frames(payload, _SHAPE):
        place = f"message {frame.number}"
        header = _HEADER.match(frame.header)
        if header is None:
            detail = f"not an IPTC 7901 header: {frame.header[:40]!r}"
            rejects.append(Reject(code="no-header", place=place, detail=detail))
        elif frame.text is None:
            rejects.append(Reject(code="no-body", place=place, detail="no STX (0x02): it was cut off"))
        elif len(frame.text) > MAX_MESSAGE:
            detail = f"{len(frame.text):,} characters in one message"
            rejects.append(Reject(code="too-long", place=place, detail=detail))
        else:
            entries.append(_entry(frame, header, frame.text, payload))
    return Parsed(format=NAMES[0], entries=tuple(entries), rejects=tuple(rejects))


# ── the entry ───────────────────────────────────────────────────────────────────────────────────────────────────


def _entry(frame: Frame, header: re.Match[str], text: str, payload: Payload) -> Entry:
    read = text_of(text)
    heading = read.heading
    moved = _moved(frame, payload)
    slug_lines = [line.strip(" /") for line in without_controls(frame.header[header.end() :]).split("\n")]
    slug = " ".join(line for line in slug_lines if line) or None
    agency = _AGENCY.search(header["rest"])
    provider = agency[1] if agency else header["service"]
    embargoes = (kicker for kicker in heading.kickers if desk.is_embargoed(kicker))
    notes = " ".join((*embargoes, *heading.notes)) or None
    ruling = desk.ruling(*heading.kickers, slug, heading.headline, notes, issued=moved.when, zone=payload.zone)
    return Entry(
        guid=_guid(header, moved),
        pub_status=ruling.pub_status,
        headline=heading.headline,
        subheadline=heading.subheadline,
        slugline=slug,
        html=read.body,
        html_is_text=True,
        is_full=True,
        byline=_OFFICE.sub("", heading.byline) if heading.byline else None,
        authors=people_of([_OFFICE.sub("", heading.byline)] if heading.byline else []),
        language=payload.language,
        published=moved.when,
        updated=moved.when,
        embargoed_until=ruling.embargoed_until,
        urgency=int(header["priority"]) or None,
        genre=next((kicker for kicker in heading.kickers if _GENRES & set(kicker.upper().split())), None),
        keywords=unique(part.strip() for part in (slug or "").split("/")),
        ed_note="\n".join(part for part in (notes, read.notebook) if part) or None,
        private_note=read.private,
        info_sources=(provider,),
        category=header["category"],
        priority=header["priority"],
        provider_sequence=header["number"],
        instruction=ruling.instruction,
        take=_take(slug, heading.kickers),
        associations=_associations(slug, ruling.instruction),
        rights=Rights(notice=heading.notice),
        provider=provider,
        links=_links(read),
        warnings=(*frame.warnings, *moved.warnings, *ruling.warnings),
    )


def _moved(frame: Frame, payload: Payload) -> Moment:
    sent = _SENT.search(frame.trailer)
    if sent is None:
        return Moment(None, ("no date in its trailer",))
    month = month_of(sent["month"]) if sent["month"] else None
    year = year_of(sent["year"]) if sent["year"] and month else None
    return moment(year, month, int(sent["day"]), sent["clock"], sent["zone"], payload)


def _guid(header: re.Match[str], moved: Moment) -> str:
    day = f"{moved.when:%Y-%m-%d}" if moved.when else "undated"
    return f"iptc7901:{header['service']}{header['number']}:{day}"


def _take(slug: str | None, kickers: tuple[str, ...]) -> Take | None:
    """The piece that a version's kicker names; a kicker without a number heads a version whose adds share its key."""
    kickers = tuple(one for one in kickers if desk.instruction_of(one) not in _NO_TAKES and not desk.is_embargoed(one))
    if not kickers:
        return desk.take_of(slug)
    line = f"{slug or ''} {' '.join(kickers)}".strip()
    return desk.take_of(line) or Take(key=line, number=1)


def _associations(slug: str | None, instruction: str | None) -> tuple[Association, ...]:
    if slug and instruction in {"kill", "withhold", "correction", "update"}:
        return (Association(rel="replaces", headline=slug),)
    return ()


def _links(read: Text) -> tuple[Link, ...]:
    return tuple(Link(url=url, text=name) for name, url in _LINK.findall(read.notebook or ""))
