"""A headline without the name of the site."""

import re
from collections.abc import Iterable, Sequence

from ingest.extract.text import squeeze

_EDGE = re.compile(r"\s+[|–—·•»«›:/⋆~-]\s+|\s*[|»«]\s*")
_LONGEST = 500


def headline(candidates: Sequence[str], h1s: Iterable[str], title: str | None, sites: Sequence[str]) -> str | None:
    """The best of what the vocabularies say (in order of trust), the first heading and <title>.

    What agrees with a heading on the page is what readers see, so it wins, in the heading's own words; a part before or
    after " | " or " - " goes if it is the site's name, or if a heading on the page is exactly the other part.
    """
    heads = [h for h in h1s if 2 < len(h) <= _LONGEST]
    said = [c for c in (*candidates, *((title,) if title else ())) if c and len(c) <= _LONGEST]
    for one in said:
        if agreed := _agrees(one, heads, sites):
            return agreed
    bare = [b for one in said if (b := without_site(one, sites)) and not _is_site(b, sites)]
    return next(iter([*bare, *(h for h in heads if not _is_site(h, sites))]), None)


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
    """The heading that is all of `text`, or all of it but parts set off by a separator."""
    parts = {squeeze(text), squeeze(without_site(text, sites))}
    for edge in list(_EDGE.finditer(text))[:6]:
        parts |= {squeeze(text[: edge.start()]), squeeze(text[edge.end() :])}
    parts.discard("")
    return next((h for h in heads if squeeze(h) in parts and not _is_site(h, sites)), None)


def _is_site(text: str, sites: Sequence[str]) -> bool:
    key = squeeze(text)
    return any(
        site and (key == site or (len(key) > 3 and key in {f"{site}com", f"www{site}", f"{site}de"}))
        for site in map(squeeze, sites)
    )
