"""Whether what was found on a page is a story at all."""

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from ingest.errors import NoContent
from ingest.extract.body import Body
from ingest.extract.facts import Facts

_CONSENT = re.compile(
    r"cookies?\b|consent|datenschutz|privacy|zustimm|einwillig|accepter|akzeptieren|tracking|werbung|javascript|"
    r"captcha|robot|verify you are human|access denied|are you a human|checking your browser|adblock",
    re.IGNORECASE,
)
_SHORT = 60  # characters
_WALL = 1200


def refuse_if_no_story(body: Body | None, doc: LexborHTMLParser, facts: Facts, url: str) -> Body:
    """`body`, or NoContent with what the page seems to be."""
    hint = "set full_text to feed, or give a body rule for this source"
    if body is None or len(body.text) < _SHORT:
        raise NoContent(url, "an empty shell: no text without scripts", hint)
    if len(body.text) < _WALL and len(_CONSENT.findall(body.text)) >= 3 + len(body.text) // 400 and not facts.body:
        raise NoContent(url, "a consent wall or a check for robots", hint)
    if not facts.is_article and _is_index(body, doc, url):
        raise NoContent(url, "an index of stories, not a story", hint)
    return body


def _is_index(body: Body, doc: LexborHTMLParser, url: str) -> bool:
    if body.extraction.method == "rule":
        return False
    teasers = len(doc.css("article a[href], h2 a[href], h3 a[href]"))
    front = not urlsplit(url).path.strip("/")
    return body.link_share > 0.5 or (teasers >= 8 and (front or body.link_share > 0.25))
