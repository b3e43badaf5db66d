"""ZCZC … NNNN: text between the marks of the teletype, with a sign at the start of each header line.

    ZCZC 0412            the number on the wire, if any
    $f                   category      :Harbour       keyword       =Fees, 1st Ld     version
    ^Harbour fees fall   headline      +04015000      IPTC subject  *T                tabular, else X
    The text, to NNNN (or the end of the file).

Desks disagree about the signs: where `#` is the keyword or `%` stands in the header, `:` is the headline.
"""

import html
import re

from ingest.errors import Malformed
from ingest.model import Entry, Parsed, Payload, Reject
from ingest.parse import desk
from ingest.parse.decode import decode
from ingest.parse.detect import Sniff
from ingest.parse.frames import without_controls
from ingest.parse.limits import check_count
from ingest.parse.qcodes import subject_of

NAMES = ("zczc",)

# An article's fields and what they are read from; `fieldtable` makes docs/formats.md of it.
FIELDS = {
    "headline": "`^`; `:` beside `#` or `%`",
    "slugline": "`:`, `#`",
    "keywords": "`:`, `#`",
    "html": "the lines after the header, tabular ones as `pre`",
    "subjects": "`+`",
    "category": "`$`",
    "provider_sequence": "what stands behind ZCZC",
    "take": "the keyword and `=` or `@`",
    "instruction": "the desk's words in keyword, version and headline",
    "pub_status": "the desk's words in keyword, version and headline",
    "embargoed_until": "the desk's words in keyword, version and headline",
}
REJECTS = {"empty-item": "no headline, no keyword and no text"}
KNOWN = "AAP's editors' files, Pagemasters, Medianet"

_START = re.compile(r"^[^\S\n]{0,9}ZCZC\b([^\n]{0,80})(?:\n|\Z)", re.MULTILINE)
_END = re.compile(r"^[^\S\n]{0,9}NNNN\b", re.MULTILINE)
_SIGNS = {"$": "category", "^": "headline", "+": "subject", "*": "format", "=": "version", "@": "version", "#": "slug"}
_SIGNS |= {":": "slug", "&": "service", "%": "service"}


def claims(sniff: Sniff) -> bool:
    return sniff.kind == "text" and sniff.head.lstrip().startswith("ZCZC")


def parse(payload: Payload) -> Parsed:
    """One entry a ZCZC. Raises Malformed if there is none."""
    decoded = decode(payload)
    text = without_controls(decoded.text.replace("\r\n", "\n").replace("\r", "\n"))
    starts = list(_START.finditer(text))
    if not starts:
        raise Malformed(payload.url, "no ZCZC in it", "set another `format`")
    check_count(starts, "messages", payload.url)
    entries: list[Entry] = []
    rejects: list[Reject] = []
    ends = [*(found.start() for found in starts[1:]), len(text)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        entry = _entry(start[1].strip(), _END.split(text[start.end() : end], maxsplit=1)[0], payload)
        if entry.headline or entry.slugline or entry.html:
            entries.append(entry)
        else:
            rejects.append(Reject(code="empty-item", place=f"message {number}", detail=REJECTS["empty-item"]))
    return Parsed(format=NAMES[0], entries=tuple(entries), rejects=tuple(rejects), warnings=decoded.warnings)


def _entry(number: str, text: str, payload: Payload) -> Entry:
    fields, body = _header(text.lstrip("\n"))
    slug, version, headline = (fields.get(name) or None for name in ("slug", "version", "headline"))
    ruling = desk.ruling(slug, version, headline, issued=None, zone=payload.zone)
    is_table = fields.get("format", "").upper() == "T" and body is not None
    return Entry(
        pub_status=ruling.pub_status,
        headline=headline,
        slugline=slug,
        html=f"<pre>{html.escape(body or '', quote=False)}</pre>" if is_table else body,
        html_is_text=body is not None and not is_table,
        is_full=body is not None,
        language=payload.language,
        embargoed_until=ruling.embargoed_until,
        keywords=(slug,) if slug else (),
        subjects=(subject_of(fields["subject"], "subj"),) if fields.get("subject") else (),
        category=fields.get("category") or None,
        provider_sequence=number or None,
        instruction=ruling.instruction,
        take=desk.take_of(", ".join(one for one in (slug, version) if one)),
        warnings=ruling.warnings,
    )


def _header(text: str) -> tuple[dict[str, str], str | None]:
    """The header's values, the first of each, and the text from the first line without a sign on."""
    lines = text.split("\n")
    end = next((n for n, line in enumerate(lines) if line[:1] not in _SIGNS), len(lines))
    signs = {line[0] for line in lines[:end]}
    names = _SIGNS | ({":": "headline"} if signs & {"#", "%"} else {})
    fields: dict[str, str] = {}
    for line in lines[:end]:
        fields.setdefault(names[line[0]], " ".join(line[1:].split()))
    return fields, "\n".join(lines[end:]).strip("\n").rstrip() or None
