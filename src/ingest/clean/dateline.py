"""Datelines in the house styles of the wires, taken off the first paragraph.

ROME, March 14 (AFP) — · BERLIN (dpa) - · MADRID, 3 mar (EFE).- · SEOUL, Nov 26 AFP - · MOSCOW, March 14. /TASS/. ·
(ANSA) - ROMA, 14 MAR - · KYIV, Ukraine — · 【東京共同】 · 新华社北京3月14日电
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


# A code that no table has: as short as they are, in one case, and not what a party is called after a politician's name.
_CODE = re.compile(r"[^\W\d_]{2,8}(?:/[^\W\d_]{2,8})?")
_DENSE = re.compile(
    r"[【［\[](?P<place>[^】］\]\n]{1,16}?)[\s＝=]{0,3}(?:\d{1,2}日)?\s?(?P<agency>共同|時事|ロイター|AFP時事|AFP|AP)[】］\]]"
    r"(?:\s?[-–—]\s?)?|(?P<maker>新华社|中新社|中新网)(?P<town>[^\d\s，。]{2,8})(?P<date>\d{1,2}月\d{1,2}日)[电讯]\s{0,3}"
)
_NEAR = 250  # characters; a longer paragraph than this before a dateline is text, and the dateline another item's


class Found(NamedTuple):
    dateline: Dateline
    provider: str | None
    code: str | None  # of an agency that the table has not
    end: int  # where the text begins
    certain: bool = False  # it names an agency


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
        rf"(?P<place>{place})(?:,?\s(?P<date>{day})\.?)?\s?(?:--?)?{agency}(?P<end>{_DASH}|\.?\s+(?=/|[^\W\d_]|[“\"«„])|$)"
        rf"|(?P<place2>{place})(?:,?\s(?P<date2>{day})(?:\s(?P<bare>[A-Z]{{2,8}}))?)?(?P<end2>\s?(?:--?|–|—)(?:\s+|$)|\.-\s*)",
        re.IGNORECASE,
    )


# (ANSA) - ROMA, 14 MAR -
_FIRST = re.compile(r"(?:\((?P<agency>[^()\n]{2,40})\)|(?P<bare>[^\W\d_][\w-]{1,20}))\s{0,2}(?:--?|–|—|\.-)\s*")


def read_dateline(text: str) -> Found | None:
    """The dateline that `text` begins with. Without a known agency, the place must be in capitals."""
    head = text[:200]
    if not head[:1].isascii() and (dense := _DENSE.match(head)):
        return _dense(dense)
    first = _FIRST.match(head)
    maker = agency_of(first["agency"] or first["bare"]) if first else None
    start = first.end() if first and maker else 0
    match = _pattern().match(head, start)
    found = _judged(match, head, maker) if match else None
    if found is None and first and maker and first["agency"]:
        return Found(Dateline(text=first[0].strip()), maker.name, None, start, certain=True)
    return found


def _dense(match: re.Match[str]) -> Found:
    maker = agency_of(match["maker"] or match["agency"])
    place = match["town"] or match["place"].strip()
    line = Dateline(text=match[0].strip(), place=place, date=match["date"])
    return Found(line, maker and maker.name, None, match.end(), certain=True)


def _judged(match: re.Match[str], head: str, first: Agency | None) -> Found | None:
    place = (match["place"] or match["place2"]).strip(" ,.-")
    day = match["date"] or match["date2"]
    printed = match["agency"] or match["slashed"]
    agency = _agency(printed or match["bare"])
    end = match.end()
    if match["bare"] and not agency:
        return None
    if printed:
        is_code = not agency and _is_code(printed, day, match["end"])
        if not (_is_place(place) and ((agency and agency.wire) or is_code)) and not (_capitals(place) and day):
            return None
    elif not _capitals(place) or not (day or first or _is_break(match["end2"], head[end : end + 1])):
        return None
    if first and not _is_place(place):
        return None
    maker = agency if agency and agency.wire else first
    town = place.partition(",")[0].strip()  # "CHATHAM, Mass.": the state is in the text
    line = Dateline(text=head[:end].strip(), place=town or None, date=day.rstrip(".") if day else None)
    return Found(line, maker and maker.name, None if agency else printed, end, certain=bool(printed or agency))


def _is_break(dash: str, following: str) -> bool:
    """ "ROME — Talks went on", and not "NASA — the agency — said so"."""
    return ("—" in dash or "–" in dash) and not following.islower()


def _is_code(printed: str, day: str | None, end: str) -> bool:
    """An agency's code by its looks: before a dash, with a date or in lower case as German agencies write theirs."""
    dashed = any(dash in end for dash in "-–—")
    return dashed and _CODE.fullmatch(printed) is not None and (printed.islower() or (bool(day) and printed.isupper()))


def _agency(printed: str | None) -> Agency | None:
    """The agency, or that of which this is a service ("dpa/lhe", "AFP/APA")."""
    return agency_of(printed) or agency_of((printed or "").split("/", maxsplit=1)[0])


def _capitals(place: str) -> bool:
    """ROME, "KYIV, Ukraine", "SÃO PAULO": the town is in capitals, what follows a comma need not be."""
    town = place.split(",", maxsplit=1)[0].strip()
    return len(town) > 2 and town.isupper() and len(town.split()) <= 4 and _is_place(place)


def _is_place(place: str) -> bool:
    words = re.split(r"[\s,/]+", place)
    return len(words) <= 7 and all(not w[:1].islower() or w in _SMALL for w in words if w)


_SMALL = words("words", "places")


def take_dateline(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], Found | None]:
    """The pieces without the dateline of the first paragraph, and the dateline.

    One that names its agency may stand in the second or third, under a standfirst or a line that cleaning left.
    """
    texts = 0
    for index, piece in enumerate(pieces[:8]):
        if not piece.prose:
            continue
        found = read_dateline(piece.text)
        if found is None or (texts and not found.certain):
            texts += 1
            if texts == 3 or len(piece.text) > _NEAR:
                return pieces, None
            continue
        rest = cut(piece.runs, found.end)
        kept = (replace(piece, runs=rest),) if rest else ()
        return (*pieces[:index], *kept, *pieces[index + 1 :]), found
    return pieces, None
