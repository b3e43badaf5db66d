"""A headline without the name of the site."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborNode

from ingest.extract.text import plain, squeeze

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EDGE = re.compile(
    r"\s+[|–—·•»«›:/⋆~-]\s+|\s*[|｜»«]\s*|:\s+|\s*-{2,3}\s*|(?<=[\u3040-\u9fff\uac00-\ud7af])[_：-]+(?=[\u3040-\u9fff\uac00-\ud7af])"
)
_CUT = re.compile(r"\s*(?:…|\.{3})$")
_LD_LIMIT = 110  # characters that search engines ask for, so that templates cut there
_LONGEST = 500
_COMMON = 0.5  # of the words of a heading that the vocabularies use too
_SHORT = 20
_SUFFIXES = ("", "com", "de", "org", "net")
_LABELS = frozenset(
    ("log in", "login", "sign in", "sign up", "register", "menu", "search", "subscribe", "home", "navigation", "news")
)
_BLOGS = re.compile(
    r"//[\w-]+\.(?:wordpress\.com|blogspot\.\w+(?:\.\w+)?|tumblr\.com|substack\.com|livejournal\.com|typepad\.com|medium\.com|"
    r"blogger\.de|over-blog\.com|canalblog\.com|blog\.hu|hatenablog\.com|ghost\.io)/"
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Headings:
    """What a page prints as headings: the first level, parts of these that are elements of their own, the second."""

    first: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    second: tuple[str, ...] = ()


def headings(h1s: Sequence[LexborNode], h2s: Sequence[LexborNode]) -> Headings:
    parts = (child for h1 in h1s[:10] for child in islice(h1.iter(), 20))
    return Headings(_texts(h1s[:10]), _texts(parts), _texts(h2s[:8]))


def _texts(nodes: Sequence[LexborNode] | Iterator[LexborNode]) -> tuple[str, ...]:
    return tuple(text for node in nodes if (text := _text(node)))


def _text(node: LexborNode) -> str | None:
    """As readers see it: pieces side by side run together, unless that would make one word of two."""
    spaced, joined = node.text(separator=" ")[:1000], node.text()[:1000]
    if spaced == joined:
        return plain(joined)
    spaced, joined = plain(spaced) or "", plain(joined) or ""
    return joined or None if _WORD.findall(spaced) == _WORD.findall(joined) else spaced or None


def headline(said: Sequence[str], title: str | None, heads: Headings, sites: Sequence[str]) -> str | None:
    """The best of what the vocabularies say (in order of trust), <title> and the headings.

    Readers see the headings, so what agrees with one wins, in the heading's own words. A part before or after " | ",
    " - " or ": " goes if it is the site's name, or if a heading is exactly the other part.
    """
    told = [t for t in (*said, *((title,) if title else ())) if len(t) <= _LONGEST]
    h1s = [h for h in heads.first if 2 < len(h) <= _LONGEST and not is_site(h, sites) and h.lower() not in _LABELS]
    for one in told:
        if agreed := _agrees(one, [*h1s, *heads.parts, *heads.second], sites):
            return agreed
    bare = [b for one in told if (b := without_site(one, sites)) and not is_site(b, sites)]
    if len(h1s) == 1 and (" " in h1s[0] or _HAN.search(h1s[0])) and (not said or _shares(h1s[0], bare)):
        return h1s[0]
    return next(iter([*bare, *h1s, *heads.second]), None)


def is_blog(url: str) -> bool:
    """Whether a site may have its writer's name."""
    return bool(_BLOGS.search(url))


def without_site(text: str, sites: Sequence[str]) -> str:
    """`text` without a first or last part that names the site."""
    for edge in reversed(list(_EDGE.finditer(text))):
        before, after = text[: edge.start()].strip(), text[edge.end() :].strip()
        if before and is_site(after, sites):
            return without_site(before, sites)
        if after and is_site(before, sites):
            return without_site(after, sites)
    return text


def _agrees(text: str, heads: Sequence[str], sites: Sequence[str]) -> str | None:
    """The longest heading that is all of `text` or of its parts; or `text`, if a heading is that after a kicker."""
    bare = without_site(text, sites)
    parts = {squeeze(text): text, squeeze(bare): bare}
    for edge in list(_EDGE.finditer(text))[:6]:
        for part in (text[: edge.start()], text[edge.end() :]):
            parts.setdefault(squeeze(part), part)
    parts.pop("", None)
    same = [h for h in heads if squeeze(h) in parts and not is_site(h, sites)]
    if same:
        best = max(same, key=len)
        return _as_told(best, parts[squeeze(best)])
    key = squeeze(bare)
    if _CUT.search(bare) or len(bare) in range(_LD_LIMIT - 10, _LD_LIMIT + 3):
        whole = next((h for h in heads if len(key) > _SHORT and squeeze(h).startswith(key)), None)
        if whole:
            return whole
    return bare if len(bare) > _SHORT and any(squeeze(h).endswith(key) for h in heads) else None


def _as_told(head: str, told: str) -> str:
    """The heading, unless it is torn into other words (drop caps) or shouts what is told in small letters."""
    torn = len(_WORD.findall(head)) != len(_WORD.findall(told))
    return told.strip() if torn or (head.isupper() and not told.isupper()) else head


def _shares(head: str, told: Sequence[str]) -> bool:
    words = set(re.findall(r"\w{4,}", head.casefold()))
    return any(len(words & set(re.findall(r"\w{4,}", one.casefold()))) >= _COMMON * len(words) for one in told)


def is_site(text: str, sites: Sequence[str]) -> bool:
    key = _folded(text).removeprefix("www")
    for site in filter(None, map(_folded, sites)):
        bare = site.removeprefix("www")
        if key in {f"{bare}{end}" for end in _SUFFIXES} or (len(bare) > 6 and key.endswith(bare)):
            return True
    return False


@lru_cache(maxsize=512)
def _folded(text: str) -> str:
    """Without accents, since host names have none: "Löwenseiten" is loewenseiten."""
    text = text[:_LONGEST].casefold()
    for umlaut, flat in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(umlaut, flat)
    return squeeze("".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)))
