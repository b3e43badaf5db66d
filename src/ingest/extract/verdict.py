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
_HEADS = "article a[href], h2 a[href], h3 a[href]"
_TEASERS = 8  # linked headings
_SLUG = 3  # hyphens: the words of a headline in the address of a story
_LIVE = re.compile(
    r"live-?(?:blog|ticker|updates?|stream)|/live/|en-(?:vivo|direct)|minuto-a-minuto|ao-vivo|in-diretta"
)
_PICTURES = re.compile(
    r"/(?:(?:photo-?)?galler(?:y|ies)|galer[ií]as?|galeries?|galerien|fotostrecken?|diaporamas?|photos?|fotos?|slideshows?)(?:/|$)"
)
_VIDEO = re.compile(r"/videos?/|/watch/|mediathek")
_CAPTION = 600  # characters; what is longer has a story beside its pictures
_TIMES = 6  # entries of a live blog
_LINKED = 0.6  # share of the text that is in links


def refuse_if_no_story(body: Body | None, doc: LexborHTMLParser, facts: Facts, url: str) -> Body:
    """`body`, or NoContent with what the page seems to be."""
    hint = "set full_text to feed, or give a body rule for this source"
    if body is None or len(body.text) < _SHORT:
        if len(doc.css(_HEADS)) >= _TEASERS:
            raise NoContent(url, "an index of stories, not a story", hint)
        raise NoContent(url, "an empty shell: no text without scripts", hint)
    if len(body.text) < _WALL and len(_CONSENT.findall(body.text)) >= 3 + len(body.text) // 400 and not facts.body:
        raise NoContent(url, "a consent wall or a check for robots", hint)
    if body.extraction.method != "rule" and (kind := _other_kind(body, doc, facts, url)):
        raise NoContent(url, f"{kind}, not a story", hint)
    if not facts.is_article and body.extraction.method != "rule" and _is_index(body, doc, facts, url):
        raise NoContent(url, "an index of stories, not a story", hint)
    return body


def _other_kind(body: Body, doc: LexborHTMLParser, facts: Facts, url: str) -> str | None:
    """A live blog says so in its data, or in its address and has many times; the others are known by little text."""
    path = urlsplit(url).path.lower()
    if facts.kind == "live" or (_LIVE.search(path) and len(doc.css("time")) >= _TIMES):
        return "a live blog"
    if len(body.text) < _CAPTION:
        if facts.kind == "gallery" or _PICTURES.search(path):
            return "a gallery"
        if facts.kind in {"video", "audio"} or _VIDEO.search(path):
            return f"{'an audio' if facts.kind == 'audio' else 'a video'} page"
    if facts.kind == "index" and not facts.is_article and len(doc.css(_HEADS)) >= _TEASERS // 2:
        return "an index of stories"
    return None


def _is_index(body: Body, doc: LexborHTMLParser, facts: Facts, url: str) -> bool:
    teasers = len(doc.css(_HEADS))
    path = urlsplit(url).path.strip("/")
    if path.rsplit("/", 1)[-1].count("-") >= _SLUG or teasers < _TEASERS:
        return body.link_share > _LINKED
    undated = not path or facts.published is None
    return body.link_share > _LINKED / 2 or (undated and body.prose < _LINKED / 2 and body.link_share > 0.1)
