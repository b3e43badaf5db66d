"""The text of an IPTC 7901 message: its heading, the body, and what is for editors or not for publication."""

import re
from typing import NamedTuple

from ingest.parse.frames import without_controls

_BYLINE = re.compile(r"^(?:by|von|par|por|di|da|av|af)\s{1,3}(?=[^\W\d_])", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:copyright\b|\(c\)|©)", re.IGNORECASE)
_NOTE = re.compile(
    r"^\(?(?:eds?|editors?|note to editors|attention editors|achtung|hinweis|redaktionshinweis)\b[^:\n]{0,30}:\s{0,3}",
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


class Heading(NamedTuple):
    """The lines above the text: what each is, by its words."""

    headline: str | None = None
    subheadline: str | None = None
    kickers: tuple[str, ...] = ()
    byline: str | None = None
    notice: str | None = None
    notes: tuple[str, ...] = ()


class Text(NamedTuple):
    heading: Heading
    body: str | None
    notebook: str | None  # for editors, though not marked as private
    private: str | None


def text_of(text: str) -> Text:
    """Take a text apart (what stands between STX and ETX, line ends as \\n). The body keeps its lines."""
    heading, body = _apart(without_controls(text).strip("\n"))
    body, private = _cut_private(f"\n{body}")
    body, notebook = _cut(body, _NOTEBOOK.search(body) if "#" in body else None)
    notebook, signed = _without_sign_off(notebook)
    private = f"{private}\n{signed}"
    lines = body.rstrip().split("\n")
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
        lines.pop()
    if len(lines) > 2 and not lines[-2].strip() and _SIGN_OFF.match(lines[-1].strip()):
        private = f"{private}\n{lines.pop()}"
    return Text(_heading(heading), "\n".join(lines).strip("\n") or None, _note(notebook), _note(private))


def _without_sign_off(notebook: str) -> tuple[str, str]:
    """The notebook without the desk's initials below it ("dpa abc de"), and those."""
    above, _, last = notebook.rstrip().rpartition("\n")
    return (above, last.strip()) if _SIGN_OFF.match(last.strip()) else (notebook, "")


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


def _heading(lines: list[str]) -> Heading:
    headlines: list[str] = []
    kickers: list[str] = []
    notes: list[str] = []
    byline = notice = None
    open_line = False  # the last line of the headline did not end in =, so this one may go on with it
    for raw in lines:
        line = " ".join(raw.rstrip(" =").split())
        if not line:
            continue
        bracketed = line[1:-1] if line.startswith("(") and line.endswith(")") and len(line) > 2 else None
        if bracketed and not open_line:
            (kickers if _begins_as_kicker(bracketed) else notes).append(bracketed)
        elif not headlines and _is_kicker(line):
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
    return Heading(headlines[0] if headlines else None, subheadline, tuple(kickers), byline, notice, tuple(notes))


def _is_kicker(line: str) -> bool:
    """A short line in capitals that begins with a desk's word: EXTRA, "ROUNDUP 2", "1ST LEAD". A headline says more."""
    if not _begins_as_kicker(line):
        return False
    return line.upper().startswith(("EMBARGO", "SPERRFRIST")) or (line.upper() == line and len(line.split()) < 5)


def _begins_as_kicker(line: str) -> bool:
    first = _FIRST_WORD.match(line)
    return first is not None and first[1].upper() in _KICKERS and len(line) <= 100


def _note(text: str) -> str | None:
    kept = [line.strip() for line in text.split("\n") if line.strip() and not _RULE.match(line)]
    return "\n".join(kept) or None
