"""Lines at a story's end in which people and agencies sign: "Reporting by …; Editing by …", "Source: AFP", "(dpa)".

Words are in tables/signed.toml. A line is one only if nothing else is in it, so that no sentence goes.
"""

import re
from functools import cache

from ingest.clean.agencies import agency_of, provider_of
from ingest.clean.names import is_name
from ingest.clean.tables import table, words

CREDIT_LINES = ("reporting-by", "contributed", "agency-input", "source-line")  # rules of lines that tell who made it
_MAX_DESK, _MAX_AGENCIES = 400, 140  # characters
_ENDS = " ()[]（）【】/—–-*·.。:：\n"
_WORD = re.compile(r"[^\W\d_][\w’'.-]*")
_FIRST_WORD = re.compile(r"[\s()\[\]（）【】/—–*·.。:：-]*([^\W\d_][\w’'.-]*)")
_JOINTS = re.compile(
    r"\s*[,;/&|+()、，／]\s*|\s+(?:and|und|et|y|e|en|og|och|i|и|و|sowie)\s+", re.IGNORECASE
)  # between agencies
_ARTICLE = re.compile(
    r"(?:(?:the|der|die|das|la|le|les|el|il|lo|da|do|de|del|della|di|von|van|od|от)\s+|[ld][’'])+", re.I
)
_BY_NAME = re.compile(r"([^()\n]{4,40}) \(([^()\n]{2,20})\)")
_WORK, _SMALL, _GENERIC = words("signed", "work"), words("signed", "small"), words("signed", "agencies")
_FIRST = _WORK | _SMALL
_AUTHORSHIP = words("signed", "authorship")


class _Leads:
    def __init__(self) -> None:
        read = table("signed")
        source, beside, material = ("|".join(read[name]) for name in ("source", "beside", "material"))
        self.source = re.compile(rf"(?:{source})(?:\s?[:：]\s?|\s)", re.IGNORECASE)
        self.material = re.compile(rf"(?:{material})(?:[\s:(]+|(?<=['’]))", re.IGNORECASE)
        by = "|".join(table("byline")["by"])
        self.beside = re.compile(rf"(?:(?!(?:{by})\s)[^\n().]{{3,40}}\((?=\w{{1,5}}\s))?(?:{beside})\s", re.IGNORECASE)
        bracketed = "|".join(read["bracketed"])
        self.bracketed = re.compile(rf"\((?:{bracketed})\s[^()\n]{{4,200}}\)")


@cache
def _leads() -> _Leads:
    return _Leads()


def signature(text: str) -> str | None:
    """The rule under which a whole line signs, or None: it may be a sentence."""
    if len(text) > _MAX_DESK:
        return None
    first = _FIRST_WORD.match(text)
    begins = first[1].casefold().rstrip(".") if first else ""
    desk = begins in _FIRST
    if not desk and len(text) > _MAX_AGENCIES:
        return None
    line = text.strip(_ENDS)
    if desk and _is_desk(line, begins):
        return "reporting-by"
    leads = _leads()
    if text[:1] == "(" and leads.bracketed.fullmatch(text):
        return "reporting-by"
    if len(line) > _MAX_AGENCIES:
        return None
    if lead := leads.source.match(line):
        return "source-line" if _are_agencies(line[lead.end() :], generic=True) else None
    if lead := leads.material.match(line):
        return "agency-input" if _are_agencies(line[lead.end() :], strangers=True) else None
    if (lead := leads.beside.match(line)) and len(line) <= 60:
        return "agency-input" if _are_agencies(line[lead.end() :]) else None
    if (signed := _BY_NAME.fullmatch(text)) and is_name(signed[1]):  # Anna Nowak (PAP)
        line = signed[2]
    return "agency-sign-off" if len(line) <= 60 and _are_agencies(line) else None


def _is_desk(line: str, first: str) -> bool:
    """Only names, kinds of work and the words between them: "Reporting by Ann Lee in Rome; Editing by Bob Roe"."""
    if first not in _WORK and ";" not in line:
        return False
    found = _WORD.findall(line)
    if len(found) < 2:
        return False
    low = [word.casefold().rstrip(".") for word in found]
    works = [n for n, word in enumerate(low) if word in _WORK]
    if not works or (";" not in line and (works[0] > 0 or _AUTHORSHIP.issuperset(low[n] for n in works))):
        return False
    named = sum(1 for word, bare in zip(found, low, strict=True) if not word[0].islower() and bare not in _WORK)
    plain = all(bare in _WORK or bare in _SMALL or not word[0].islower() for word, bare in zip(found, low, strict=True))
    return plain and named > 0 and (len(found) > 2 or ":" in line or "：" in line)


def _are_agencies(text: str, *, strangers: bool = False, generic: bool = False) -> bool:
    """Whether a list holds only agencies; with `generic`, "agencies" too, with `strangers`, names in capitals."""
    parts = [part.strip(" .:") for part in _JOINTS.split(text) if part.strip(" .:")]
    return 0 < len(parts) <= 8 and all(_is_agency(part, strangers, generic) for part in parts)


def _is_agency(part: str, strangers: bool, generic: bool) -> bool:
    bare = _ARTICLE.sub("", part, count=1)
    known = agency_of(part) or agency_of(bare)
    if known:
        return known.wire and not known.distributes
    if "-" in bare and all(map(provider_of, bare.split("-"))):  # NTB-AFP
        return True
    if not _GENERIC.isdisjoint(bare.casefold().split()) and len(bare.split()) <= 3:
        return strangers or generic
    return strangers and len(bare.split()) <= 5 and all(word[:1].isupper() for word in bare.split())
