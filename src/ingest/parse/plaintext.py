"""Plain text that begins with header lines ("HEADLINE: …", "Slug: …"), one story or several with rules between them."""

import re

from ingest.errors import Malformed
from ingest.model import Entry, Parsed, Payload, Reject
from ingest.parse import headerlines
from ingest.parse.decode import decode
from ingest.parse.detect import Sniff
from ingest.parse.fields import address_of
from ingest.parse.headerlines import Headers, take, told
from ingest.parse.limits import check_count

NAMES = ("plaintext", "text")
FIELDS = headerlines.TOLD
REJECTS = {"empty-item": "no headline, no slugline and no text"}
KNOWN = "header lines in English, German, French, Spanish, Italian, Portuguese, Dutch and the Nordic languages"

MIN_HEADERS = 2
_RULE = re.compile(r"\n[ \t]{0,9}(?:[-=_*#~]{5,200}|NNNN|ZCZC|-{0,3}\s?(?:END|ENDS|30)\s?-{0,3})[ \t]{0,9}(?=\n|$)")


def claims(sniff: Sniff) -> bool:
    """Two header lines that are known."""
    return sniff.kind == "text" and take(sniff.head).known >= MIN_HEADERS


def parse(payload: Payload) -> Parsed:
    """Raises Malformed if the text does not begin with a header line."""
    decoded = decode(payload)
    stories = _stories(decoded.text, payload.url)
    if not stories:
        raise Malformed(payload.url, "no header line such as 'HEADLINE:' at its top", "set another `format`")
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for number, story in enumerate(stories, 1):
        entry = told(story, _entry(story, payload), payload)
        if entry.headline or entry.html or entry.slugline:
            entries.append(entry)
        else:
            rejects.append(Reject(code="empty-item", place=f"story {number}", detail="no headline and no text"))
    return Parsed(format="plaintext", entries=tuple(entries), rejects=tuple(rejects), warnings=decoded.warnings)


def _stories(text: str, url: str) -> list[Headers]:
    """A rule parts two stories only if header lines follow it; else it is part of the text."""
    stories: list[str] = []
    at = 0
    rules = list(_RULE.finditer(text))
    check_count(rules, "lines that part stories", url)
    for rule in rules:
        if take(text[rule.end() : rule.end() + 4_000]).known >= MIN_HEADERS:
            stories.append(text[at : rule.start()])
            at = rule.end()
    stories.append(_RULE.sub("", text[at:]) if at else text[at:])
    taken = [take(story) for story in stories if story.strip()]
    return taken if taken and taken[0].known else []


def _entry(story: Headers, payload: Payload) -> Entry:
    base = address_of(payload.url, "")
    body = story.body.strip() or None
    return Entry(
        html=body, html_is_text=body is not None, is_full=body is not None, base_url=base, language=payload.language
    )
