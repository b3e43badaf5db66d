"""The byline that a page shows to its readers, where mark-up says which it is."""

import re
from collections.abc import Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.classed import Classed
from ingest.extract.elements import Elements
from ingest.extract.headline import is_site
from ingest.extract.people import has_given_name, has_lead, is_full_name, names, without_weak_lead
from ingest.extract.text import plain
from ingest.extract.visible_date import aside, holders_of, in_review, is_teaser

_BYLINES = (
    ".byline, .author, .author-name, .byline__name, .article-author, .entry-author, .post-author, .createdby, .autor, "
    ".auteur"
)
_HINTS = re.compile(
    "byline|author|auteur|forfatter|autor|skribent|writer|report|journalist|penulis|yazar|muhabir|signature|firma"
)
_BOXES = re.compile(
    r"author[-_]?(?:bio|box|info|card|profile|area|block)|about[-_]?(?:the[-_]?)?author|autor(?:en)?[-_]?box"
)
_DESKS = re.compile("byline|author")
_PROFILE = re.compile("/author|/autor|/auteur|/reporter/|/by/|/journalist|/profile/|/people/|/columnist")
_MOST_LINKS = 5000
_MOST = 30
_UP = 4  # levels to a figure
_LONGEST = 120  # characters of a byline
_DENSE = 0.3  # of the letters of a byline are names


def printed_bylines(doc: LexborHTMLParser, found: Elements, heading: LexborNode | None) -> list[str]:
    """The first byline that is marked as one and names somebody, and those that stand with it."""
    shown = _naming(doc.css(_BYLINES), heading, sure=True)
    marked = _naming(found.authors, heading, sure=True)
    if marked and names(marked, sure=True) == names(shown, sure=True):
        return shown  # the same with its "By"
    return marked or shown


def hinted_bylines(doc: LexborHTMLParser, by_class: Classed, heading: LexborNode | None) -> list[str]:
    """The same by anything that classes and addresses hint at."""
    if hinted := _naming(by_class.saying(_HINTS), heading, sure=False):
        return hinted
    return _naming(_profiles(doc), heading, sure=False)


def _profiles(doc: LexborHTMLParser) -> list[LexborNode]:
    """Links to pages of authors, and Drupal's users."""
    links = doc.css("a[href]")[:_MOST_LINKS]
    profiles = (link for link in links if _PROFILE.search((link.attrs.get("href") or "")[:500]))
    return [*islice(profiles, _MOST), *doc.css(".submitted .username")[:_MOST]]


def desk_byline(by_class: Classed, sites: Sequence[str]) -> str | None:
    """What stands where bylines do, though it names no person: "Echo Staff", or the site's own name."""
    for node in by_class.saying(_DESKS)[:_MOST]:
        text = plain(node.text(separator=" ")[: 3 * _LONGEST])
        is_byline = "byline" in (node.attributes.get("class") or "").lower()
        if text and len(text) < _LONGEST and (is_byline or is_site(text, sites)) and not aside(node):
            return text
    return None


def boxed_byline(by_class: Classed) -> list[str]:
    """The name on top of a box about the author, which often is all that a page says of who wrote it."""
    for box in by_class.saying(_BOXES)[:_MOST]:
        tops = box.css("h2, h3, h4, h5, a[href], strong")[:3]
        tops_ = (plain(top.text(separator=" ")[:_LONGEST]) for top in tops)
        if name := next((t for t in tops_ if t and names([t]) == (t,) and is_full_name(t) and has_given_name(t)), None):
            return [name]
    return []


def _naming(nodes: Sequence[LexborNode], heading: LexborNode | None, *, sure: bool) -> list[str]:
    """The first byline that names somebody, and others under the same parent or its parent: more of its names."""
    found: list[str] = []
    holders = holders_of(heading)
    home = 0
    for node in nodes[:_MOST]:
        if found and _home(node) != home:
            continue
        text = without_weak_lead(plain(_text_of(node)[: 3 * _LONGEST]) or "")
        if 1 < len(text) < _LONGEST and _names_somebody(text, sure=sure) and not _of_another(node, holders):
            home = home or _home(node)
            found.append(text)
    return list(dict.fromkeys(found))


def _of_another(node: LexborNode, holders: frozenset[int]) -> bool:
    """Whether it is the byline of a comment, another story, a picture or a review of what is sold."""
    if in_review(node) or _is_figure(node):
        return True
    return aside(node) or is_teaser(node, holders)


def _is_figure(node: LexborNode) -> bool:
    up: LexborNode | None = node
    for _ in range(_UP):
        if up is None or up.tag in {"figure", "figcaption"}:
            return up is not None
        up = up.parent
    return False


def _text_of(node: LexborNode) -> str:
    """Of a schema.org person the name alone, if more than a "By" stands with it: job and place do."""
    whole = node.text(separator=" ")
    name = node.css_first('[itemprop~="name"]') if "itemprop" in node.attributes else None
    return whole if name is None or names([whole]) == names([name.text()]) else name.text(separator=" ")


def _names_somebody(text: str, *, sure: bool) -> bool:
    if sure:
        found = names([text], sure=True)
        return bool(found) and all(is_full_name(name) or " " not in name for name in found)
    is_led = has_lead(text)  # "By nell" may tell a nickname
    found = names([text], sure=is_led)
    return all(is_full_name(name) or (is_led and " " not in name) for name in found) and sum(
        map(len, found)
    ) > _DENSE * len(text)


def _home(node: LexborNode) -> int:
    parent = node.parent
    home = parent.parent if parent is not None and parent.parent is not None else parent
    return home.mem_id if home is not None else 0
