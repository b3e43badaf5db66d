"""docs/formats.md, made of the parsers' own tables (FIELDS, REJECTS, IGNORED and KNOWN, its dialects, of each format).

python -m ingest.parse.fieldtable > docs/formats.md
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from ingest.model import Article, Rights
from ingest.parse import dialects, formats, headerlines
from ingest.parse.detect import Format
from ingest.parse.ninjsown import CARRIED, ROLE

Sources = Mapping[str, str | Sequence[str]]

# In this order, under these names; a format that is not here comes last, under its own.
TITLES = {
    "newsml-g2": "NewsML-G2", "newsml-1": "NewsML 1", "nitf": "NITF", "ninjs": "ninjs", "apjson": "AP JSON",
    "iptc7901": "IPTC 7901", "anpa": "ANPA 1312", "agencyxml": "Agency XML", "mail": "Mail", "plaintext": "Plain text",
    "zczc": "ZCZC", "syndication": "RSS, RDF, Atom", "jsonfeed": "JSON Feed", "sitemap": "Sitemap", "wxr": "WordPress",
}  # fmt: skip
# What the parsers call otherwise than the article does; "" is nothing of an article's.
_OURS = {
    "summary_html": "summary", "html": "blocks", "holder": "rights.holder", "notice": "rights.notice",
    "usage_terms": "rights.usage_terms", "credit_line": "rights.credit_line", "replaces": "associations",
    "related": "associations", "body": "blocks", "ignored": "",
}  # fmt: skip
_NAMES_SHOWN = 6
_BEGIN = """\
# Formats
What is read, and where an article's fields come from. Made from the parsers' own tables by
`python -m ingest.parse.fieldtable`; a test keeps it current, and another holds it against what the fixtures yield.

The format is told by the bytes, never by the content type: by control characters (or, where they were lost or spelt
out as `<SOH>`, by header lines), the root element or what a JSON object holds. `format` in the registry names it where
that fails. Whatever the format:

- `blocks` stands for the body, and so for `body_text`, `body_html` and `word_count`. Cleaning adds what only the text
  says: a dateline, a byline, the credit chain of a caption, a rights notice; see [Articles](articles.md).
- Times are UTC. One without a zone is read in the source's `zone`, with a warning.
- A payload may hold many items. One that cannot be read is a reject, under the code given below, in the run's report;
  the others are read. Only a payload of which nothing can be read is refused as a whole and goes to quarantine.
- "The desk's words" are KILL, ELIMINATION, CORRECTION, WITHHOLD, EMBARGO and their like, where a note, a keyword line
  or a headline says them, in the languages that agencies write. The strictest of all that is said wins: a kill lands
  as `pub_status` canceled, a hold as withheld, and an embargo stays readable for nobody before `embargoed_until`.
- Subjects get IPTC's English names offline, from their codes, QCodes or URIs; a scheme that is not IPTC's is kept.
- Nothing is fetched, no entity or DTD is resolved, and size and depth have limits.
"""
_EXPORT = """\
## ninjs out
`ingest articles --as ninjs` writes ninjs 3.1, valid against the official schema, one item a line. Its `uri` is
`urn:x-article:` and the article's id, the same in all versions. Every field that describes the content comes back when
the item is read again. What a reader of ninjs' own properties would get otherwise, or not at all, goes along in
`altIds`: `guid` and `providerVersion` as the publisher has them, and `{role}FIELD` with that field as JSON. The
fields that may go so: {fields}.

Never exported: `private_note`. Left out, since they are no content: evidence, what was removed, warnings, where the
raw bytes are. The text is cleaned again when it is read, which changes nothing in what is clean.
"""


def markdown() -> str:
    """The whole page."""
    readers = {name: formats()[name] for name in sorted(formats(), key=_place)}
    fields = ", ".join(f"`{name}`" for name in CARRIED)
    export = _EXPORT.format(role=ROLE, fields=fields)
    return "\n".join([_BEGIN, *_matrix(readers), *(line for one in readers.items() for line in _section(*one)), export])


def fields_of(reader: Format) -> dict[str, str]:
    """What an article's field is read from, by its name ("rights.holder"), in the article's order; as Markdown."""
    own: Sources = getattr(reader, "TOLD", getattr(reader, "FIELDS", {}))
    found: dict[str, list[str]] = {}
    for name, sources in own.items():
        found.setdefault(_OURS.get(name, name), []).extend(_told(sources))
    return {name: ", ".join(dict.fromkeys(found[name])) for name in _names() if name in found}


def also_of(reader: Format) -> tuple[str, dict[str, str]]:
    """A second table of the format, and its heading: what goes before the first one's where it is there."""
    more: dict[str, tuple[str, Sources]] = {
        "mail": ("or in a line above the text", headerlines.TOLD),
        "syndication": ("or in an agency's namespace", _prefixed(dialects.FIELDS)),
    }
    heading, sources = more.get(reader.NAMES[0], ("", {}))
    told = {_OURS.get(name, name): ", ".join(_told(one)) for name, one in sources.items()}
    return heading, {name: told[name] for name in _names() if name in told}


def _prefixed(sources: Mapping[str, Sequence[str]]) -> Sources:
    return {name: [one.replace("_", ":", 1) for one in elements] for name, elements in sources.items()}


def _names() -> list[str]:
    rights = [f"rights.{name}" for name in Rights.model_fields]
    return [one for name in Article.model_fields for one in (rights if name == "rights" else [name])]


def _place(name: str) -> tuple[int, str]:
    return (list(TITLES).index(name) if name in TITLES else len(TITLES), name)


def _told(sources: str | Sequence[str]) -> Iterator[str]:
    """Prose as it is; names as code, of many the first few."""
    names = sources.split("|") if isinstance(sources, str) and "|" in sources else sources
    if isinstance(names, str):
        yield names if re.search(r"[\s`]", names) else f"`{names}`"
        return
    yield from (f"`{name}`" for name in names[:_NAMES_SHOWN])
    if len(names) > _NAMES_SHOWN:
        yield f"… ({len(names)} names)"


def _matrix(readers: Mapping[str, Format]) -> Iterator[str]:
    known = {name: fields_of(one) | also_of(one)[1] for name, one in readers.items()}
    yield "## Fields by format"
    yield "| |" + "".join(f" {TITLES.get(name, name)} |" for name in readers)
    yield "|---|" + ":-:|" * len(readers)
    for field in _names():
        if any(field in has for has in known.values()):
            yield f"| `{field}` |" + "".join(" ✓ |" if field in has else " |" for has in known.values())
    yield ""


def _section(name: str, reader: Format) -> Iterator[str]:
    heading, more = also_of(reader)
    yield f"## {TITLES.get(name, name)}"
    yield _about(reader)
    yield ""
    yield f'`format = "{name}"`{_aliases(reader)}. Known: {getattr(reader, "KNOWN", "the standard")}.'
    yield ""
    yield "| field | from |" + (f" {heading} |" if heading else "")
    yield "|---|---|" + ("---|" if heading else "")
    own = fields_of(reader)
    for field in [one for one in _names() if one in own or one in more]:
        yield f"| `{field}` | {own.get(field, '')} |" + (f" {more.get(field, '')} |" if heading else "")
    yield ""
    yield "| turned down | |"
    yield "|---|---|"
    yield from (f"| `{code}` | {why} |" for code, why in getattr(reader, "REJECTS", {}).items())
    yield ""
    if ignored := getattr(reader, "IGNORED", {}):
        yield "| left out | |"
        yield "|---|---|"
        yield from (f"| `{name}` | {why} |" for name, why in ignored.items())
        yield ""


def _about(reader: Format) -> str:
    """The first paragraph of the module's own description."""
    first = (reader.__doc__ or "").strip().split("\n\n", maxsplit=1)[0]
    return " ".join(re.sub(r"(<\w+>)", r"`\1`", re.sub(r"\s+See `\w+`\.$", "", first)).split())


def _aliases(reader: Format) -> str:
    others = ", ".join(f"`{name}`" for name in reader.NAMES[1:])
    return f" (or {others})" if others else ""


if __name__ == "__main__":
    print(markdown(), end="")
