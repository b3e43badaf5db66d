"""A headline without the name of the site."""

import re
import unicodedata
from collections.abc import Sequence

from ingest.extract.text import squeeze

_EDGE = re.compile(r"\s+[|–—·•»«›:/⋆~-]\s+|\s*[|｜»«]\s*|:\s+")
_LONGEST = 500
_COMMON = 0.5  # of the words of a heading that the vocabularies use too
_SUFFIXES = ("", "com", "de", "org", "net")


def headline(
    said: Sequence[str], title: str | None, h1s: Sequence[str], h2s: Sequence[str], sites: Sequence[str]
) -> str | None:
    """The best of what the vocabularies say (in order of trust), <title> and the headings.

    Readers see the headings, so what agrees with one wins, in the heading's own words. A part before or after " | ",
    " - " or ": " goes if it is the site's name, or if a heading is exactly the other part.
    """
    told = [t for t in (*said, *((title,) if title else ())) if len(t) <= _LONGEST]
    h1s = [h for h in h1s if 2 < len(h) <= _LONGEST and not _is_site(h, sites)]
    for one in told:
        if agreed := _agrees(one, [*h1s, *h2s], sites):
            return agreed
    bare = [b for one in told if (b := without_site(one, sites)) and not _is_site(b, sites)]
    if len(h1s) == 1 and len(h1s[0].split()) > 1 and (not said or _shares(h1s[0], bare)):
        return h1s[0]
    return next(iter([*bare, *h1s, *h2s]), None)


def without_site(text: str, sites: Sequence[str]) -> str:
    """`text` without a first or last part that names the site."""
    for edge in reversed(list(_EDGE.finditer(text))):
        before, after = text[: edge.start()].strip(), text[edge.end() :].strip()
        if before and _is_site(after, sites):
            return without_site(before, sites)
        if after and _is_site(before, sites):
            return without_site(after, sites)
    return text


def _agrees(text: str, heads: Sequence[str], sites: Sequence[str]) -> str | None:
    """The longest heading that is all of `text` or of its parts; or `text`, if a heading is that after a kicker."""
    bare = without_site(text, sites)
    parts = {squeeze(text), squeeze(bare)}
    for edge in list(_EDGE.finditer(text))[:6]:
        parts |= {squeeze(text[: edge.start()]), squeeze(text[edge.end() :])}
    parts.discard("")
    same = [h for h in heads if squeeze(h) in parts and not _is_site(h, sites)]
    if same:
        return max(same, key=len)
    key = squeeze(bare)
    return bare if len(bare) > 20 and any(squeeze(h).endswith(key) for h in heads) else None


def _shares(head: str, told: Sequence[str]) -> bool:
    words = set(re.findall(r"\w{4,}", head.casefold()))
    return any(len(words & set(re.findall(r"\w{4,}", one.casefold()))) >= _COMMON * len(words) for one in told)


def _is_site(text: str, sites: Sequence[str]) -> bool:
    key = _folded(text)
    for site in filter(None, map(_folded, sites)):
        bare = site.removeprefix("www")
        if key.removeprefix("www") in {f"{bare}{end}" for end in _SUFFIXES} or (len(bare) > 6 and key.endswith(bare)):
            return True
    return False


def _folded(text: str) -> str:
    """Without accents, since host names have none: "Löwenseiten" is loewenseiten."""
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.casefold().replace(umlaut, plain)
    return squeeze("".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)))
