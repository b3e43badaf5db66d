"""The text of an ANPA message: its heading (lines that begin with ^ and end in < or =), paragraphs and tables."""

import html
import re
from typing import NamedTuple

from ingest.model import Removed
from ingest.parse.frames import CONTROLS, without_controls

_TLI = "\x08"
_CONTROLS = CONTROLS.replace(b"\x08", b"")
_HALF = re.compile(r"\{(?<=[;\d]\{)(?=;|\s|$)")  # the wire's seven bits have no ½, and tables send it as {
_BYLINE = re.compile(r"^(?:By|BY)\s{1,3}(?=[^\W\d_])")
_NOTE = re.compile(r"^\(?(?:Eds?|Editors?|EDITORS?['’]?S?)\b[^:\n]{0,20}(?::|NOTE\s{0,2}[_–—:-])\s{0,3}", re.IGNORECASE)
_PHOTO = re.compile(r"[A-Z]{2,6} (?:Photos?|Graphics?|Video)s?\b[\s:]{0,3}(.{0,400})$")
_PHOTO_CODE = re.compile(r"\b[A-Z]{2,6}\d{1,6}\b")
PICK_UP = re.compile(r"[A-Z][A-Z .,'-]{1,40}: ?\S")  # where an add goes on: the dateline's town, the last words
_END_MARKS = {"END", "ENDS", "-30-", "30", "###", "MORE", "(MORE)", "-MORE-"}
_ALERT = re.compile(r"(?:URGENT|BULLETIN|FLASH|(?:AP\s?)?NEWS\s?ALERT)$")  # alone above a headline
_LONG = 80  # characters: a longer line of the heading is a summary
_LONGEST = 1_000  # characters of a heading's line, with those it was wrapped into
_SHORT, _FEW = 8, 2  # longer than the end marks are; columns that prose has, too
_WIDE = 120  # characters: a longer line without columns is prose, though in a tabular message
AGENCY = re.compile(r"(?:the\s.{1,60}|[a-z ]{0,30}\bpress|reuters|agence\b.{0,20}|staff)$", re.IGNORECASE)  # no person


class Text(NamedTuple):
    keyword: str | None = None
    headline: str | None = None
    subheadline: str | None = None
    summary: str | None = None
    byline: str | None = None
    title: str | None = None  # of the reporter: the line after the byline
    notes: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    html: str | None = None
    removed: tuple[Removed, ...] = ()


def text_of(text: str, *, is_tabular: bool) -> Text:
    """Take apart what stands between STX and ETX (line ends as \\n). `is_tabular` is DC2 in the message's header."""
    heading, rest = _parted(without_controls(text.replace("\x10 ", " ").replace("\x10", " "), _CONTROLS).split("\n"))
    fields: dict[str, str] = {}
    notes: list[str] = []
    photos: list[str] = []
    kept: list[str] = []
    for raw in heading:
        line = _bare(raw)
        kind = _kind(line, raw, fields, is_tabular) if line else None
        if kind == "note":
            notes.append(_NOTE.sub("", line.rstrip(")") if line.startswith("(") else line))
        elif kind == "photo":
            photos.extend(_PHOTO_CODE.findall(line))
            notes.append(line)
        elif kind == "body":
            kept.append(raw)
        elif kind:
            fields[kind] = _BYLINE.sub("", line) if kind == "byline" else line
    body, removed = _body([*kept, *rest], is_tabular)
    return Text(**fields, notes=tuple(notes), photos=tuple(photos), html=body, removed=removed)


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    """The heading's lines, those that were wrapped made whole, and the rest."""
    heading: list[str] = []
    for at, raw in enumerate(lines):
        if raw.startswith("^"):
            heading.append(raw)
        elif heading and raw.strip() and raw[0] not in "\t\b" and _is_open(heading[-1]):
            heading[-1] = f"{heading[-1].rstrip()} {raw}"
        elif raw.strip():
            return heading, lines[at:]
    return heading, []


def _is_open(line: str) -> bool:
    return len(line) < _LONGEST and not line.rstrip().endswith(("<", "="))


def _kind(line: str, raw: str, seen: dict[str, str], is_tabular: bool) -> str | None:
    """What a line of the heading is, by its words and by what has come before it."""
    if "keyword" not in seen:
        return "keyword"
    if _NOTE.match(line) or _ALERT.match(line):
        return "note"
    if _PHOTO.match(line):
        return "photo"
    if "byline" not in seen and _BYLINE.match(line):
        return "byline"
    if "byline" in seen:
        is_title = (
            not is_tabular and "title" not in seen and not AGENCY.match(seen["byline"]) and raw.rstrip().endswith("=")
        )
        return "title" if is_title else "body"
    if "headline" not in seen:
        return "headline"
    if is_tabular:
        return "body"
    if "summary" not in seen and len(line) > _LONG:
        return "summary"
    return "body" if "subheadline" in seen else "subheadline"


def _bare(line: str) -> str:
    line = line.strip("\b\t\r ^").rstrip("<= ")
    is_single = line.isascii() and not ("  " in line or "\t" in line or "\r" in line)
    return line if is_single else " ".join(line.split())


def _body(lines: list[str], is_tabular: bool) -> tuple[str | None, tuple[Removed, ...]]:
    """Paragraphs begin with a tab or ^; other lines go on with the one before. Tabular lines stay together in <pre>."""
    parts: list[str] = []
    table: list[str] = []
    paragraph: list[str] = []
    removed: list[Removed] = []
    for raw in lines:
        line = _bare(raw) if raw and not raw.isspace() else ""
        if not line:
            continue
        if len(line) < _SHORT and line in _END_MARKS:
            removed.append(Removed(kind="other", text=line, rule="anpa-end-mark"))
        elif raw[0] == _TLI or (is_tabular and len(line) <= _WIDE) or (";" in line and line.count(";") > _FEW):
            if paragraph:
                parts.append(_prose(paragraph))
                paragraph.clear()
            table.append(line)
        else:
            if table:
                parts.append(_tabular(table))
                table.clear()
            elif paragraph and raw[0] in "\t^":
                parts.append(_prose(paragraph))
                paragraph.clear()
            paragraph.append(line)
    parts += [_prose(paragraph)] if paragraph else []
    parts += [_tabular(table)] if table else []
    return "\n".join(parts) or None, tuple(removed)


def _prose(lines: list[str]) -> str:
    return f"<p>{_escaped(' '.join(lines))}</p>"


def _tabular(lines: list[str]) -> str:
    text = "\n".join(lines)
    return f"<pre>{_escaped(_HALF.sub('½', text) if '{' in text else text)}</pre>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text
