"""Rights lines: who holds the copyright, since when, who passed the text on, and what may be done with it."""

import re
from collections.abc import Sequence

from ingest.clean.agencies import holder_of
from ingest.model import Removed, Rights, RightsDefaults

_RESERVED = (
    r"all rights? reserved|alle rechte vorbehalten|tous (?:les )?droits réservés|(?:todos los )?derechos reservados|"
    r"tutti i diritti riservati|todos os direitos reservados"
)
_YEAR = r"(?:(?:19|20)\d{2})"
_STOP = (  # what a holder's name ends before
    rf"\s*$|\s*\n|[,.]?\s+(?={_YEAR}\s*\.?\s*$)|[.,;]?\s*\(?(?={_RESERVED})|\.\s+(?=[A-ZÀ-Þ])|"
    r"[.,;]?\s+(?=(?:dpa:\d{1,12}|visit|"
    r"distributed by|this (?:material|article|story)|reproduction|no part|unauthori[sz]ed)\b)"
)
_NOTICE = re.compile(
    r"(?P<mark>©|\(c\)|copyright)\s*(?:©|\(c\)|copyright|by)?\s*"
    rf"(?:(?:\d{{4}}\s?[-–]\s?)?(?P<year>{_YEAR})[,.]?\s+(?:by\s+)?|(?=[^\W\d_]))"
    rf"(?P<holder>[^\n©]{{2,120}}?)(?P<end>{_STOP})(?P<late>{_YEAR})?",
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
_USAGE = re.compile(
    r"\b(?:this (?:material|article|story|content) (?:may|can|must|is)\b[^\n]{0,60}"
    r"(?:publish|broadcast|rewrit|redistribut|reproduc|copied)[^\n]{0,300}|"
    r"republished? (?:here )?(?:under|with permission)[^\n]{0,200}|"
    r"(?:reproduction|no part of|unauthori[sz]ed)\b[^\n]{0,300})",
    re.IGNORECASE,
)
_MARK = re.compile(r"^(?:[\s©®™/]|\(c\)|copyright\b|TM\b)+", re.IGNORECASE)
_LEAD = re.compile(r"^(?:[\s*–—_-]|\((?!c\)))+", re.IGNORECASE)
_ALONE = re.compile(
    rf"^\(?(?:(?:{_RESERVED})\W*$|this (?:material|content) may not be (?:published|reproduced|copied)|"
    r"(?:this (?:article|story) (?:is|was) )?republished (?:here )?(?:under|with permission|from the conversation)|"
    r"reproduction (?:in whole|or|without|is prohibited|interdite))",
    re.IGNORECASE,
)


def is_rights(text: str) -> bool:
    """Whether this whole line or block is a rights notice, and no sentence of a story about copyright."""
    if len(text) > 700:
        return False
    stripped = _LEAD.sub("", text)
    notice = _NOTICE.match(stripped)
    if notice:
        mark = notice["mark"].lower()
        dated = bool(notice["year"] or notice["late"])
        short = len(stripped) <= 90 and stripped.count(" ") <= 10
        reserved = re.search(_RESERVED, stripped, re.IGNORECASE) is not None
        return dated or reserved or (mark == "©" and (short or notice["end"].strip() == ""))
    if _VISIT.match(stripped) or _ALONE.match(stripped):
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
    notice = _NOTICE.search(text)
    distributed = _DISTRIBUTED.search(text)
    usage = _USAGE.search(text)
    holder = _MARK.sub("", notice["holder"]).strip(" ,;-–—") if notice else None
    year = (notice["year"] or notice["late"]) if notice else None
    if holder:
        stem = re.sub(r"\s*,?\s*(?:19|20)\d{2}$", "", holder)
        year = year or (holder[len(stem) :].strip(" ,") or None)
        holder = stem if re.search(r"\b(?:[A-Za-z]|Inc|Ltd|Co|Corp)\.$", stem) else stem.rstrip(".")
    return Rights(
        holder=holder_of(holder) if holder else None,
        year=int(year) if year else None,
        notice=text if notice else None,
        distributor=holder_of(distributed["name"].strip(" ,.")) if distributed else None,
        usage_terms=usage[0].strip(" .") if usage else None,
    )


def _filled(rights: Rights, more: Rights) -> Rights:
    lacking = {
        name: getattr(more, name) for name in Rights.model_fields if getattr(more, name) and not getattr(rights, name)
    }
    return rights.model_copy(update=lacking) if lacking else rights


def merged_rights(
    removed: Sequence[Removed], stated: Rights, defaults: RightsDefaults, credit_line: str | None = None
) -> Rights:
    """What the text says, then what the item's fields say, then the source's defaults.

    A year and a notice belong to a holder: they are not taken from another one's.
    """
    text = read_rights([item.text for item in removed if item.kind == "rights"])
    text = _filled(text, Rights(credit_line=credit_line))
    if stated.holder:  # a field of free text: "© 2022 Harbour Times. All rights reserved"
        named = _read(f"© {_MARK.sub('', stated.holder)}")
        is_name = named.holder == holder_of(stated.holder.strip())  # then as it is spelled there
        holder = stated.holder if is_name else named.holder or stated.holder
        stated = stated.model_copy(update={"holder": holder, "year": stated.year or named.year})
    if stated.notice and not (stated.holder and stated.year):
        stated = _filled(stated, _read(stated.notice).model_copy(update={"notice": None}))
    for more in (stated, Rights(**defaults.model_dump())):
        others = text.holder and more.holder and text.holder != more.holder
        text = _filled(text, more.model_copy(update={"year": None, "notice": None}) if others else more)
    return text
