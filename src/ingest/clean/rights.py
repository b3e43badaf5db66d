"""Rights lines: who holds the copyright, since when, who passed the text on, and what may be done with it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from ingest.clean.agencies import agency_of, holder_of
from ingest.clean.tables import table
from ingest.model import Removed, Rights, RightsDefaults

_RESERVED, _ALONE_STARTS, _USAGE_STARTS = ("|".join(table("rights")[name]) for name in ("reserved", "alone", "usage"))
_YEAR = r"(?:(?:19|20)\d{2})"
_NEXT = (  # "2017-18", "2019–2020", "2011, 2014 and 2018", "2016-present"
    rf"[-–—/]\d{{2}}(?!\w)|(?:\s?[-–—/,&+]\s?|\s(?:to|bis|and|et|und|y|e)\s){_YEAR}(?!\d)|"
    r"\s?[-–—]\s?(?:present|today|heute|now)\b"
)
_YEARS = rf"(?:{_YEAR}(?:{_NEXT}){{0,12}})"
_STOP = (  # what a holder's name ends before
    rf"\s*$|\s*\n|[,.]?\s+(?={_YEARS}\s*\.?\s*$)|[.,;]?\s*\(?(?={_RESERVED})|\.\s+(?=[A-ZÀ-Þ])|"
    rf"[.,;]?\s+(?=(?:dpa:\d{{1,12}}|visit|distributed by|this (?:material|article|story)|{_ALONE_STARTS})\b)"
)
_NOTICE = re.compile(
    r"(?P<mark>©|\(c\)|copyright)\s*(?:©|\(c\)|copyright|by)?\s*"
    rf"(?:(?P<years>{_YEARS})[,.]?(?:\s[-–—])?\s+(?:by\s+)?|(?=[^\W\d_]))"
    rf"(?P<holder>[^\n©]{{2,120}}?)(?P<end>{_STOP})(?P<late>{_YEARS})?",
    re.IGNORECASE,
)
_DISTRIBUTED = re.compile(
    r"(?:distributed|syndicated|provided) (?:by|through)\s+(?P<name>[^\n;]{2,80}?)\s*(?:\.?\s*$|\.\s+(?=[A-Z])|\n)",
    re.IGNORECASE,
)
_VISIT = re.compile(
    r"^visit\s(?:[^\n]{2,60}\s(?:at|online at|on the internet at)\s[^\n]{4,80}|(?:www\.)?[\w-]{2,40}\.\w{2,6}\.?)$",
    re.IGNORECASE,
)
_USAGE = re.compile(rf"(?<!\w)(?:{_USAGE_STARTS}|{_ALONE_STARTS})[^\n]{{0,300}}", re.IGNORECASE)
_DATED = re.compile(rf"\s{_YEARS}$")
_MARK = re.compile(r"^(?:[\s©®™/]|\(c\)|copyright\b|TM\b)+", re.IGNORECASE)
_LEAD = re.compile(r"^(?:[\s*–—_-]|\((?!c\)))+", re.IGNORECASE)
# A whole line that begins so, in lower case; for the table of rules.
ALONE = (
    rf"(?:{_RESERVED})(?:\W*$|[\s，,.]{{1,3}}(?:{_ALONE_STARTS})|[\s.,|·–-]{{1,4}}(?:©|\(c\)|copyright)[^\n]{{2,120}}$)",
    rf"(?:{_ALONE_STARTS})",
)
_MARKED = frozenset("©CcVvDdSsPp(*–—_- ")
_READ = 2000  # characters of a field; notices are shorter
_ABBREVIATION = re.compile(r"(?:\b(?:Inc|Ltd|Co|Corp|Bros)|\.[A-Za-z])$")


def is_rights(text: str) -> bool:
    """Whether this whole line or block is a rights notice, and no sentence of a story about copyright."""
    if len(text) > 700 or text[:1] not in _MARKED:
        return False
    stripped = _LEAD.sub("", text)
    notice = _NOTICE.match(stripped)
    if notice:
        mark = notice["mark"].lower()
        dated = bool(notice["years"] or notice["late"] or _DATED.search(notice["holder"]))
        short = len(stripped) <= 90 and stripped.count(" ") <= 10
        reserved = re.search(_RESERVED, stripped, re.IGNORECASE) is not None
        known = short and agency_of(_MARK.sub("", notice["holder"])) is not None
        return dated or reserved or known or (mark == "©" and (short or notice["end"].strip() == ""))
    if _VISIT.match(stripped):
        return True
    distributed = _DISTRIBUTED.match(stripped)
    return bool(distributed) and len(stripped) <= 120 and distributed is not None and distributed["name"][0].isupper()


def read_rights(notices: Sequence[str]) -> Rights:
    """What the rights lines of one item say together. The first that states something wins."""
    rights = Rights()
    for text in notices:
        rights = _filled(rights, _read(text))
    return rights


def _read(text: str) -> Rights:
    return _remembered(text) if len(text) <= _READ else _told(text)


@lru_cache(maxsize=1024)
def _remembered(text: str) -> Rights:
    """All items of a source have the same notice."""
    return _told(text)


def _told(text: str) -> Rights:
    head = text[:_READ]
    notice, distributed, usage = _NOTICE.search(head), _DISTRIBUTED.search(head), _USAGE.search(head)
    holder, years = _holder(notice) if notice else (None, None)
    return Rights(
        holder=holder_of(holder) if holder else None,
        year=_last_of(years) if years else None,
        notice=text if notice else None,
        distributor=holder_of(distributed["name"].strip(" ,.")) if distributed else None,
        usage_terms=usage[0].strip(" .") if usage else None,
    )


def _holder(notice: re.Match[str]) -> tuple[str | None, str | None]:
    """The holder and the years of a notice, as printed."""
    holder, years = _MARK.sub("", notice["holder"]).strip(" ,;-–—"), notice["years"] or notice["late"]
    if re.match(_ALONE_STARTS, holder, re.IGNORECASE) or not holder:
        return None, years
    stem = re.sub(rf"\s*,?\s*{_YEARS}$", "", holder)
    years = years or (holder[len(stem) :].strip(" ,") or None)
    stem = stem.rstrip(".")
    dotted = notice.string.startswith(".", notice.end("holder")) or holder.endswith(".")
    return f"{stem}." if dotted and _ABBREVIATION.search(stem) else stem, years


def _last_of(years: str) -> int:
    """2018 of "2017-18", 2020 of "2019–2020": a version belongs to the last of its years."""
    first, *others = [int(digits) for digits in re.findall(r"\d+", years)]
    last = others[-1] if others else first
    return last if last > 99 else first - first % 100 + last + (100 if last < first % 100 else 0)


def _filled(rights: Rights, more: Rights) -> Rights:
    lacking = {name: value for name, value in more if value and not getattr(rights, name)}
    return rights.model_copy(update=lacking) if lacking else rights


@lru_cache(maxsize=64)
def _of_source(defaults: RightsDefaults) -> Rights:
    return Rights(**defaults.model_dump())


def merged_rights(
    removed: Sequence[Removed], stated: Rights, defaults: RightsDefaults, credit_line: str | None = None
) -> Rights:
    """What the text says, then what the item's fields say, then the source's defaults.

    A year and a notice belong to a holder: they are not taken from another one's.
    """
    text = read_rights([item.text for item in removed if item.kind == "rights"])
    if credit_line and not text.credit_line:
        text = text.model_copy(update={"credit_line": credit_line})
    if stated.holder:  # a field of free text: "© 2022 Harbour Times. All rights reserved"
        named = _read(f"© {_MARK.sub('', stated.holder)}")
        is_name = named.holder == holder_of(stated.holder.strip())  # then as it is spelled there
        holder = stated.holder if is_name else named.holder or stated.holder
        stated = stated.model_copy(update={"holder": holder, "year": stated.year or named.year})
    if stated.notice and not (stated.holder and stated.year):
        stated = _filled(stated, _read(stated.notice).model_copy(update={"notice": None}))
    for more in (stated, _of_source(defaults)):
        others = text.holder and more.holder and text.holder != more.holder
        text = _filled(text, more.model_copy(update={"year": None, "notice": None}) if others else more)
    return text
