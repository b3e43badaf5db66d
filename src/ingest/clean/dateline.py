"""Datelines in the house styles of the wires, taken off the first paragraph.

ROME, March 14 (AFP) — · BERLIN (dpa) - · MADRID, 3 mar (EFE).- · MOSCOW, March 14. /TASS/. ·
(ANSA) - ROMA, 14 MAR - · KYIV, Ukraine —
"""

import re
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from ingest.clean.agencies import Agency, agency_of
from ingest.clean.dates import month_pattern
from ingest.clean.pieces import Piece, cut
from ingest.clean.tables import words
from ingest.model import Dateline

_DASH = r"(?:\.?\s{0,2}(?:--?|–|—|―|_|:)\s*-?\s*|\.-\s*)"


class Found(NamedTuple):
    dateline: Dateline
    provider: str | None
    end: int  # where the text begins


@cache
def _pattern() -> re.Pattern[str]:
    month = month_pattern()
    day = (
        rf"(?:(?:Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun)[a-z]{{0,6}},?\s)?"
        rf"(?:{month}\s\d{{1,2}}|\d{{1,2}}(?:\.|er|º)?\s(?:de\s)?{month})(?:(?:,|\sdel?)?\s\d{{4}})?"
    )
    place = r"[^\W\d_][^\n()\[\]\d:;!?\"“”«»—–]{1,58}?"
    agency = r"(?:\((?P<agency>[^()\n]{2,40})\)|/(?P<slashed>[^/\n]{2,30})/)"
    return re.compile(
        rf"(?:\(?(?P<first>[A-Z][\w-]{{1,20}})\)?\s?[-–—]{{1,2}}\s?)?"
        rf"(?:(?P<place>{place})(?:,?\s(?P<date>{day})\.?)?\s?(?:--?)?{agency}(?P<end>{_DASH}|\.?\s+(?=/|[^\W\d_]|[“\"«„])|$)"
        rf"|(?P<place2>{place})(?:,?\s(?P<date2>{day}))?(?P<end2>\s?(?:--?|–|—)\s+|\.-\s*))",
        re.IGNORECASE,
    )


_ONLY_AGENCY = re.compile(r"\((?P<agency>[^()\n]{2,40})\)\s{0,2}(?:--?|–|—|\.-)\s*")


def read_dateline(text: str) -> Found | None:
    """The dateline that `text` begins with. Without a known agency, the place must be in capitals."""
    head = text[:200]
    only = _ONLY_AGENCY.match(head)
    known = agency_of(only["agency"]) if only else None
    match = _pattern().match(head, only.end() if only and known else 0)
    found = _judged(match, head) if match else None
    if found:
        return found._replace(provider=found.provider or (known.name if known else None))
    if only and known:
        return Found(Dateline(text=only[0].strip()), known.name, only.end())
    return None


def _judged(match: re.Match[str], head: str) -> Found | None:
    place = (match["place"] or match["place2"]).strip(" ,.-")
    day = match["date"] or match["date2"]
    agency = _agency(match["agency"] or match["slashed"])
    first = agency_of(match["first"])
    if match["first"] and not first:
        return None
    if match["place2"] and not (_capitals(place) and (day or "—" in match["end2"] or "–" in match["end2"] or first)):
        return None
    if match["place"] and not (agency and agency.wire and _is_place(place)) and not (_capitals(place) and day):
        return None
    if first and not _is_place(place):
        return None
    end = match.end()
    maker = agency if agency and agency.wire else first
    text = head[:end].strip()
    return Found(
        Dateline(text=text, place=place or None, date=day.rstrip(".") if day else None), maker and maker.name, end
    )


def _agency(printed: str | None) -> Agency | None:
    """The agency, or that of which this is a service ("dpa/lhe", "AFP/APA")."""
    return agency_of(printed) or agency_of((printed or "").split("/", maxsplit=1)[0])


def _capitals(place: str) -> bool:
    """ROME, "KYIV, Ukraine", "SÃO PAULO": the town is in capitals, what follows a comma need not be."""
    town = place.split(",", maxsplit=1)[0].strip()
    return len(town) > 2 and town.isupper() and len(town.split()) <= 4 and _is_place(place)


def _is_place(place: str) -> bool:
    words = re.split(r"[\s,/]+", place)
    return len(words) <= 7 and all(w[:1].isupper() or w in _SMALL or w[:1] == "'" for w in words if w)


_SMALL = words("words", "places")


def take_dateline(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], Found | None]:
    """The pieces without the dateline of the first paragraph, and the dateline."""
    for index, piece in enumerate(pieces[:6]):
        if not piece.prose:
            continue
        found = read_dateline(piece.text)
        if found is None:
            return pieces, None
        rest = cut(piece.runs, found.end)
        kept = (replace(piece, runs=rest),) if rest else ()
        return (*pieces[:index], *kept, *pieces[index + 1 :]), found
    return pieces, None
