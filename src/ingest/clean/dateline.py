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
from ingest.clean.tables import table, words
from ingest.model import Dateline

_DASH = r"(?:\.?\s{0,2}(?:--?|–|—|―|_|:)\s*-?\s*|\.-\s*)"


# A code that no table has: as short as they are, in one case, and not what a party is called after a politician's name.
_CODE = re.compile(r"[^\W\d_]{2,8}(?:/[^\W\d_]{2,8})?")
_DENSE = re.compile(
    r"[【［\[](?P<place>[^】］\]\n]{1,16}?)[\s＝=]{0,3}(?:\d{1,2}日)?\s?(?P<agency>共同|時事|ロイター|AFP時事|AFP|AP)[】］\]]"
    r"(?:\s?[-–—－]\s?)?"
    r"|(?P<maker>新华社|中新社|中新网|新華社)(?P<town>[^\d\s，。]{0,8})(?P<date>\d{1,2}月\d{1,2}日)[电電讯](?:\s?[（(]记者\s?(?P<by>[^）)\n]{2,30})[）)])?\s{0,3}"
    r"|[（(](?P<maker2>中央社|法新社|路透社|美联社|美聯社|新华社|共同社|韩联社|塔斯社)(?:記者(?P<by2>[\u4e00-\u9fff]{2,3}))?(?P<town2>[\u4e00-\u9fff]{2,6}?)(?P<date2>(?:\d{1,2}月)?\d{1,2}日)[電电讯][)）]\s{0,3}"
)
_CORRESPONDENT = re.compile(r"^корр\.?\s(\S{2,12})(?:\s(.{3,40}))?$", re.IGNORECASE)  # /Корр. ТАСС Анна Иванова/
_DENSE_STARTS = frozenset("【［[新中（(")
_NEAR = 250  # characters; a longer paragraph than this before a dateline is text, and the dateline another item's


class Found(NamedTuple):
    dateline: Dateline
    provider: str | None
    code: str | None  # of an agency that the table has not
    end: int  # where the text begins
    certain: bool = False  # it names an agency
    authors: tuple[str, ...] = ()  # where the style names them there


@cache
def _pattern() -> re.Pattern[str]:
    month = month_pattern()
    day = (
        rf"(?:(?:Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun)[a-z]{{0,6}},?\s)?"
        rf"(?:{month}\s\d{{1,2}}|\d{{1,2}}(?:\.|er|º)?\s(?:de\s)?{month})(?:(?:,|\sdel?)?\s\d{{4}})?|\d{{1,2}}[./-]\d{{1,2}}[./-](?:20)?\d{{2}}"
    )
    place = r"['’]?[^\W\d_][^\n()\[\]\d:;!?\"“”«»—–]{1,58}?"
    agency = r"(?:\((?P<agency>[^()\n]{2,40})\)|/(?P<slashed>[^/\n]{2,30})/)"
    bare = r"(?:,?\s(?P<bare>[^\W\d_]{2,12}(?:\.ru|\s[^\W\d_]{2,10})?))?"
    return re.compile(
        rf"(?P<place>{place})(?:[,.]?\s(?P<date>{day})\.?)?\s?(?:--?\s?)?{agency}(?P<end>{_DASH}|\.?\s+(?=/|[^\W\d_]|[“\"«„])|$)"
        rf"|(?P<place2>{place})(?:[,.]?\s(?P<date2>{day})\.?{bare})?(?P<end2>\s?(?:--?|–|—)(?:\s+|$)|\.-\s*)",
        re.IGNORECASE,
    )


# МОСКВА, 14 мар — РИА Новости.
_BEHIND = re.compile(r"(?P<agency>[^\W\d_]{2,12}(?:\s[^\W\d_]{2,10})?)(?:\.\s+|\s?[-–—:]\s+)")
# What any dateline has soon: a bracket, a slash or a dash, and before it no sign that a place has not.
_OPENING = re.compile(r"[^()/—–:;!?\"“”«»\n]{0,110}?(?:[(/—–]|-[-\s(]|\.-)")

# (ANSA) - ROMA, 14 MAR -
_FIRST = re.compile(
    r"\((?P<agency>[^()\n]{2,40})\)(?:\s{0,2}(?:--?|–|—|\.-)\s*|\s+(?=[^\W\d_]|[“\"«„]))"
    r"|(?P<bare>[^\W\d_][\w-]{1,20})\s{0,2}(?:--?|–|—|\.-)\s*"
)


def read_dateline(text: str) -> Found | None:
    """The dateline that `text` begins with. Without a known agency, the place must be in capitals."""
    head = text[:200]
    if head[:1] in _DENSE_STARTS and (dense := _DENSE.match(head)):
        return _dense(dense)
    if not _OPENING.match(head):
        return None
    first = _FIRST.match(head)
    maker = agency_of(first["agency"] or first["bare"]) if first else None
    start = first.end() if first and maker else 0
    match = _pattern().match(head, start)
    found = _judged(match, head, maker) if match else None
    if found is None and first and maker and (first["agency"] or _opens(first, head)):
        return Found(Dateline(text=first[0].strip()), maker.name, None, start, certain=True)
    return found


def _opens(first: re.Match[str], head: str) -> bool:
    """ "AGI - Il porto": an agency in capitals and a hyphen, then a sentence."""
    return first["bare"].isupper() and first[0].endswith("- ") and head[first.end() : first.end() + 1].isupper()


def _dense(match: re.Match[str]) -> Found:
    maker = agency_of(match["maker"] or match["maker2"] or match["agency"])
    place = match["town"] or match["town2"] or (match["place"] or "").strip() or None
    line = Dateline(text=match[0].strip(), place=place, date=match["date"] or match["date2"])
    authors = tuple((match["by"] or match["by2"] or "").replace("、", " ").split())
    return Found(line, maker and maker.name, None, match.end(), certain=True, authors=authors)


def _judged(match: re.Match[str], head: str, first: Agency | None) -> Found | None:
    place = (match["place"] or match["place2"]).strip(" ,.-")
    day = match["date"] or match["date2"]
    printed = match["agency"] or match["slashed"]
    agency = _agency(printed or match["bare"])
    end = match.end()
    if match["bare"] and not agency:
        return None
    if not printed and not agency and (behind := _BEHIND.match(head, end)) and (agency := agency_of(behind["agency"])):
        end = behind.end()
    if printed:
        is_code = not agency and _is_code(printed, day, match["end"])
        if not (_is_place(place) and ((agency and agency.wire) or is_code)) and not (_capitals(place) and day):
            return None
    elif first or (agency and day):
        if not _is_place(place):
            return None
    elif not _stands_alone(place, day, match["end2"], head[end : end + 1]):
        return None
    maker = agency if agency and agency.wire else first
    town = place.partition(",")[0].strip()  # "CHATHAM, Mass.": the state is in the text
    line = Dateline(text=head[:end].strip(), place=town or None, date=day.rstrip(".") if day else None)
    return Found(line, maker and maker.name, None if agency else printed, end, certain=bool(printed or agency))


def _stands_alone(place: str, day: str | None, dash: str, following: str) -> bool:
    """A place without an agency: in capitals, or a known town; a sentence follows. "NASA — the agency" is none."""
    town = place.split(",", maxsplit=1)[0].strip().casefold()
    if town in _NO_PLACES:
        return False
    if not _capitals(place):
        return town in _towns() and not day and not following.islower() and dash != "-"
    long = len(town) > 4 or town in _towns()
    return bool(day) or (not following.islower() and (long or "," in place))


@cache
def _towns() -> frozenset[str]:
    return frozenset(name.strip() for name in table("towns")["names"].casefold().split(","))


def _is_code(printed: str, day: str | None, end: str) -> bool:
    """An agency's code by its looks: before a dash, with a date or in lower case as German agencies write theirs."""
    dashed = any(dash in end for dash in "-–—")
    return dashed and _CODE.fullmatch(printed) is not None and (printed.islower() or (bool(day) and printed.isupper()))


def _agency(printed: str | None) -> Agency | None:
    """The agency, or that of which this is a service ("dpa/lhe", "AFP/APA")."""
    return agency_of(printed) or agency_of(re.split("[/-]", _CORRESPONDENT.sub(r"\1", printed or ""), maxsplit=1)[0])


def _capitals(place: str) -> bool:
    """ROME, "KYIV, Ukraine", "SÃO PAULO": the town is in capitals, what follows a comma need not be."""
    town = place.split(",", maxsplit=1)[0].strip()
    return len(town) > 2 and town.isupper() and len(town.split()) <= 4 and _is_place(place)


def _is_place(place: str) -> bool:
    words = re.split(r"[\s,/]+", place)
    return len(words) <= 7 and all(not w[:1].islower() or w in _SMALL for w in words if w)


_SMALL, _NO_PLACES = words("words", "places"), words("words", "no_places")


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
