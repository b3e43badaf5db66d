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
from typing import NamedTuple

from ingest.model import Association, Entry, Link, Parsed, Payload, Reject, Rights, Take
from ingest.parse import desk
from ingest.parse.detect import Sniff
from ingest.parse.fields import people_of, unique
from ingest.parse.frames import Frame, Moment, frames, moment, month_of, without_controls, year_of

NAMES = ("iptc7901", "iptc-7901")

_START = re.compile(rb"\x01\s{0,3}[A-Za-z]{1,6}[ -]?\d{1,6}\s{1,3}\d\s{1,3}[A-Za-z0-9]{1,3}\s")
_HEADER = re.compile(
    r"\s{0,3}(?P<service>[A-Za-z]{1,6})[ -]?(?P<number>\d{1,6})\s{1,3}(?P<priority>\d)\s{1,3}"
    r"(?P<category>[A-Za-z0-9]{1,5})(?:\s{1,3}(?P<words>\d{1,6})\b)?[ \t]{0,9}(?P<rest>[^\n]{0,200})"
)
_AGENCY = re.compile(r"(?:^|\s)([^\W\d_]{2,12}(?:[-/][^\W\d_]{2,12})?)\s{1,3}\d{1,6}\s{0,9}$")
_SENT = re.compile(
    r"\b(?P<day>\d{2})(?P<clock>\d{4})\s{0,3}(?:(?P<zone>GMT|UTC|Z|[A-Z]{1,4}T|MEZ|MESZ)\b)?"
    r"\s{0,3}(?:(?P<month>[^\W\d_]{3})[^\W\d_]{0,7}\.?\s{1,3}(?P<year>\d{4}|\d{2})\b)?",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:by|von|par|por|di|da|av|af)\s{1,3}(?=[^\W\d_])", re.IGNORECASE)
_OFFICE = re.compile(r"\s{0,3},\s{0,3}([\w/-]{2,20})$")
_COPYRIGHT = re.compile(r"(?:copyright\b|\(c\)|©)", re.IGNORECASE)
_NOTE = re.compile(
    r"\(?(?:eds?|editors?|note to editors|attention editors|achtung|hinweis|redaktionshinweis)\b[^:\n]{0,30}:\s{0,3}",
    re.IGNORECASE,
)
# What may stand above a headline: what kind of version it is, never what it is about; a number or name may follow.
_KICKERS = {
    "EXTRA", "LEAD", "ROUNDUP", "URGENT", "FLASH", "BULLETIN", "NEWSALERT", "ALERT", "UPDATE", "CORRECTION",
    "CORRECTED", "KILL", "MANDATORY", "ELIMINATION", "WITHHOLD", "WITHDRAWAL", "REPEAT", "REPEATS", "PREVIEW",
    "FEATURE", "NEWS", "NEWSFEATURE", "ANALYSIS", "PROFILE", "INTERVIEW", "BACKGROUND", "FACTBOX", "CHRONOLOGY",
    "TIMELINE", "SUMMARY", "ADVISORY", "EMBARGO", "EMBARGOED", "SPERRFRIST", "TAKE", "ADD", "EIL", "EILMELDUNG",
    "BERICHTIGUNG", "KORREKTUR", "ZUSAMMENFASSUNG", "ÜBERBLICK", "HINTERGRUND", "PORTRÄT", "DOSSIER", "REPORTAGE",
    "1ST", "2ND", "3RD", "4TH", "5TH",
}  # fmt: skip
_FIRST_WORD = re.compile(r"(?:\d{1,2}\.\s{0,2})?([^\W_]{2,20})")
_NOTEBOOK = re.compile(
    r"\n\s{0,3}#{1,3}\s{0,3}(?:[\w/-]{2,12}[\s-])?(?:notebook|notizblock|carnet|cuaderno|notes?)\s{0,3}(?=\n|$)",
    re.IGNORECASE,
)
# A word of each phrase that says "not for publication", in lower case, and the phrases. What is below is private.
_PRIVATE_WORDS = ("public", "publier", "pubbl", "ffentlich", "for release", "for use")
_PRIVATE = re.compile(
    r"\b(?:not\s{1,3}(?:intended\s{1,3})?for\s{1,3}(?:publication|release|use)|nicht\s{1,3}(?:zur|für\s{1,3}die)\s{1,3}"
    r"ver(?:ö|oe)ffentlichung|ne\s{1,3}pas\s{1,3}publier|pas\s{1,3}destin\S{1,3}\s{1,3}à\s{1,3}(?:la\s{1,3})?publication|"
    r"no\s{1,3}(?:son\s{1,3})?para\s{1,3}(?:su\s{1,3})?publicaci[óo]n|non\s{1,3}per\s{1,3}(?:la\s{1,3})?pubblicazione|"
    r"niet\s{1,3}voor\s{1,3}publicatie)\b(?!\s{1,3}(?:before|until|prior|vor|avant))",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\s*_=-]{3,80}$")
_SIGN_OFF = re.compile(r"[a-z]{2,6}(?:/[a-z]{2,6})?(?: [a-zäöü]{2,4}){1,6}$")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((https?://[^\s)]{1,1000})\)")


def claims(seen: Sniff) -> bool:
    return _START.search(seen.raw) is not None


def parse(payload: Payload) -> Parsed:
    """One entry a message, in order; a message that is no IPTC 7901 is a reject (`no-header`, `no-body`).

    Raises Malformed if there is no message at all. Times without a zone are in `payload.zone`, with a warning.
    """
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for frame in frames(payload):
        place = f"message {frame.number}"
        header = _HEADER.match(frame.header)
        if header is None:
            detail = f"not an IPTC 7901 header: {frame.header[:40]!r}"
            rejects.append(Reject(code="no-header", place=place, detail=detail))
        elif frame.text is None:
            rejects.append(Reject(code="no-body", place=place, detail="no STX (0x02): it was cut off"))
        else:
            entries.append(_entry(frame, header, frame.text, payload))
    return Parsed(format=NAMES[0], entries=tuple(entries), rejects=tuple(rejects))


# ── the text ────────────────────────────────────────────────────────────────────────────────────────────────────


class _Heading(NamedTuple):
    """The lines above the text: what each is, by its words."""

    headline: str | None = None
    subheadline: str | None = None
    kickers: tuple[str, ...] = ()
    byline: str | None = None
    notice: str | None = None
    notes: tuple[str, ...] = ()


class _Text(NamedTuple):
    heading: _Heading
    body: str | None
    notebook: str | None  # for editors, though not marked as private
    private: str | None


def _text(text: str) -> _Text:
    heading, body = _apart(without_controls(text).strip("\n"))
    body, private = _cut_private(f"\n{body}")
    body, notebook = _cut(body, _NOTEBOOK.search(body) if "#" in body else None)
    lines = body.rstrip().split("\n")
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
        lines.pop()
    if len(lines) > 2 and not lines[-2].strip() and _SIGN_OFF.match(lines[-1].strip()):
        private = f"{private}\n{lines.pop()}"
    return _Text(_heading(heading), "\n".join(lines).strip("\n") or None, _note(notebook), _note(private))


def _cut_private(text: str) -> tuple[str, str]:
    """What stands before and after the first line that says "not for publication"."""
    low = text.lower()
    starts: set[int] = set()
    for word in _PRIVATE_WORDS:
        at = low.find(word)
        while at >= 0:
            starts.add(text.rfind("\n", 0, at))
            at = low.find(word, at + 1)
    for start in sorted(starts):
        end = text.find("\n", start + 1)
        end = len(text) if end < 0 else end
        if _PRIVATE.search(text[start : min(end, start + 300)]):
            return text[:start], text[end:]
    return text, ""


def _cut(text: str, found: re.Match[str] | None) -> tuple[str, str]:
    """What stands before the line that was found, and what after it."""
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _apart(text: str) -> tuple[list[str], str]:
    """The heading's lines and the body. The heading ends at a blank line, or where the text is indented."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if at and (not line.strip() or line.startswith("  ")):
            return lines[:at], "\n".join(lines[at:])
        if at and lines[at - 1].rstrip().endswith("=") and not line.rstrip().endswith("=") and not _is_heading(line):
            return lines[:at], "\n".join(lines[at:])
        if at > 12:  # no blank line anywhere near: only the first line can be the headline
            break
    return lines[:1], "\n".join(lines[1:])


def _is_heading(line: str) -> bool:
    return bool(_BYLINE.match(line) or _COPYRIGHT.match(line) or _NOTE.match(line)) and len(line) < 100


def _heading(lines: list[str]) -> _Heading:
    headlines: list[str] = []
    kickers: list[str] = []
    notes: list[str] = []
    byline = notice = None
    open_line = False  # the last line of the headline did not end in =, so this one may go on with it
    for raw in lines:
        line = " ".join(raw.rstrip(" =").split())
        if not line:
            continue
        if not headlines and _is_kicker(line):
            kickers.append(line.rstrip(" :"))
        elif _COPYRIGHT.match(line):
            notice = line
        elif _NOTE.match(line):
            notes.append(_NOTE.sub("", line))
        elif headlines and not byline and _BYLINE.match(line):
            byline = _BYLINE.sub("", line)
        elif headlines and open_line:
            headlines[-1] = f"{headlines[-1]} {line}"
        else:
            headlines.append(line)
        open_line = bool(headlines) and not raw.rstrip().endswith("=")
    subheadline = " ".join(headlines[1:]) or None
    return _Heading(headlines[0] if headlines else None, subheadline, tuple(kickers), byline, notice, tuple(notes))


def _is_kicker(line: str) -> bool:
    """A short line in capitals that begins with a desk's word: EXTRA, "ROUNDUP 2", "1ST LEAD". A headline says more."""
    first = _FIRST_WORD.match(line)
    if first is None or first[1].upper() not in _KICKERS or len(line) > 100:
        return False
    word = first[1].upper()
    return word.startswith(("EMBARGO", "SPERRFRIST")) or (line.upper() == line and len(line.split()) < 5)


def _note(text: str) -> str | None:
    kept = [line.strip() for line in text.split("\n") if line.strip() and not _RULE.match(line)]
    return "\n".join(kept) or None


# ── the entry ───────────────────────────────────────────────────────────────────────────────────────────────────


def _entry(frame: Frame, header: re.Match[str], text: str, payload: Payload) -> Entry:
    read = _text(text)
    heading = read.heading
    moved = _moved(frame, payload)
    slug_lines = [line.strip(" /") for line in without_controls(frame.header[header.end() :]).split("\n")]
    slug = " ".join(line for line in slug_lines if line) or None
    agency = _AGENCY.search(header["rest"])
    provider = agency[1] if agency else header["service"]
    notes = " ".join(heading.notes) or None
    ruling = desk.ruling(*heading.kickers, slug, heading.headline, notes, issued=moved.when, zone=payload.zone)
    return Entry(
        guid=_guid(header, moved),
        provider_version=" ".join(heading.kickers) or None,
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
    if not kickers:
        return desk.take_of(slug)
    line = f"{slug or ''} {' '.join(kickers)}".strip()
    return desk.take_of(line) or Take(key=line, number=1)


def _associations(slug: str | None, instruction: str | None) -> tuple[Association, ...]:
    if slug and instruction in {"kill", "withhold", "correction", "update"}:
        return (Association(rel="replaces", headline=slug),)
    return ()


def _links(read: _Text) -> tuple[Link, ...]:
    return tuple(Link(url=url, text=name) for name, url in _LINK.findall(read.notebook or ""))
