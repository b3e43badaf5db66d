"""A picture credit taken apart: "Ann Lee/AFP via Getty Images/TNS" is a photographer, an agency, distributors."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from ingest.clean.agencies import agency_of, is_agency_name
from ingest.clean.names import is_name, names_in, person
from ingest.clean.tables import table, words

_BARE_COPYRIGHT = re.compile(r"^(?:©|\(c\)|copyright)\s*(?:\d{4}\s*)?", re.IGNORECASE)
_LICENCE = re.compile(
    r"\s*[(,|/]?\s*\bCC(?:0|[ -]?BY)(?:[ -](?:SA|ND|NC))*(?:[ /-]?\d\.\d)?(?:[ /-](?:DE|US|AT|CH))?\b\s*\)?",
    re.IGNORECASE,
)
_VIA = re.compile(
    r"(\s*/?\s*\bvia\s+|\s+(?:through|per)\s+|\s+(?:on|auf|sur)\s+(?=(?:unsplash|pexels|pixabay|flickr)\b)|"
    r"\s*[/|／]\s*|\s+[-–—]\s+|\s*,\s*|\s+for\s+(?=[A-Z]))",
    re.IGNORECASE,
)
_PASSED_ON, _SLASHES = frozenset(("via", "through", "per", "on", "auf", "sur")), frozenset(("/", "|", "／"))
_NOBODY, _OFFICES = words("words", "nobody"), words("words", "offices")
_SMALL = words("words", "particles") | words("words", "places") | {"and", "und", "et", "for", "via", "courtesy"}
_BRACKET = re.compile(r"\s*\(([^()]{2,60})\)$")  # Ann Lee (AFP)
_EDGE = r"(?:(?<![^\W_])|(?=[^\x00-\x7f]))"  # where a word begins; in scripts without spaces, anywhere
# 新华社记者 李明 摄
_HAN = re.compile(r"(?:(?P<house>\w{2,5}?)记者[\s:：]?)?(?P<name>[\u4e00-\u9fff]{2,4})\s?[/／]?\s?摄影?")


class Credit(NamedTuple):
    photographer: str | None = None
    agency: str | None = None
    distributors: tuple[str, ...] = ()


@cache
def _labels() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A label with what must follow it, and one before a chain, where nothing must."""
    labels, bare = ("|".join(table("credits")[name]).replace("'", "['’]") for name in ("labels", "bare"))
    joint = r"(?:\s*(?:\b(?:by|of|de|di|von|par|av|af|door)\b|:|：|/|©|-|–|・|＝)\s*|\s+(?=©))+"
    return (
        re.compile(rf"{_EDGE}(?:(?:{labels}){joint}|(?:©|\(c\))\s*)", re.IGNORECASE),
        re.compile(rf"(?:{bare})\s+", re.IGNORECASE),
    )


def labelled(text: str) -> bool:
    """Whether `text` begins as a credit line does ("Photo: ", "Foto: ", "Crédit photo : ")."""
    return _labels()[0].match(text) is not None


def label_at(text: str, start: int) -> tuple[int, bool] | None:
    """Where in `text`, from `start` on, a credit begins that has a label, and whether only names follow it."""
    first: tuple[int, bool] | None = None
    for match in _labels()[0].finditer(text, start):
        rest = text[match.end() :]
        if not rest or "\n" in text[match.start() :]:
            continue
        before = text[: match.start()].rstrip()
        named = is_named(rest)
        if not before or before[-1] in '.!?…”"»|)）。–—-':
            if named:
                return match.start(), True
            first = first or (match.start(), False)
        elif named and text[match.start()].isupper() and ":" in match[0]:  # "Waves at the pier Photo: Ann Lee/AFP"
            return match.start(), True
    return first


def is_bare(text: str) -> bool:
    """ "Foto Ann Lee": a label without a colon, then a name."""
    label = _labels()[1].match(text)
    return label is not None and len(text.split()) <= 7 and is_named(text[label.end() :])


def unlabelled(text: str) -> str:
    """The credit without its label."""
    for _ in range(3):
        shorter = _BARE_COPYRIGHT.sub("", _labels()[0].sub("", text, count=1) if labelled(text) else text).strip()
        if shorter == text:
            break
        text = shorter
    bare = _labels()[1].match(text)
    return text[bare.end() :] if bare and is_bare(text) else text


def is_named(text: str) -> bool:
    """Whether each part of a credit may be a name: its words have capitals, but for small ones and known agencies."""
    parts = _parts(text.strip(" .()"))
    return 0 < len(parts) <= 6 and all(_may_be_name(part.text) for part in parts)


def _may_be_name(part: str) -> bool:
    if agency_of(part) or _nobody(part):
        return True
    found = part.split()
    return len(found) <= 7 and all(not word[0].islower() or word in _SMALL or "." in word[1:-1] for word in found)


class _Part(NamedTuple):
    text: str
    joint: str  # what stands before it: "" for the first, "/", "|", ",", "-", "for" or "via"


def _parts(text: str) -> list[_Part]:
    if agency_of(text):
        return [_Part(text, "")]
    cut = _VIA.split(text)
    joints = ["", *(joint.strip(" /").lower() or "/" for joint in cut[1::2])]
    return [_Part(part.strip(), joint) for part, joint in zip(cut[::2], joints, strict=True) if part.strip()]


def read_credit(text: str) -> Credit:
    return _read(text[:300])


@lru_cache(maxsize=1024)  # the same few photographers stand under all pictures of a source
def _read(text: str) -> Credit:
    """Photographer: the first person; agency: the first maker; distributors: who comes after them.

    A maker that nobody knows is told by its place: after a person's name and a slash; a distributor by "via".
    """
    people: list[str] = []
    makers: list[str] = []
    sellers: list[str] = []
    houses: list[str] = []
    unknown: list[str] = []
    passed_on = False
    text = _HAN.sub(r"\g<house>/\g<name>", unlabelled(text)).strip(" .")
    text = _BRACKET.sub(r" / \1", text)
    for part, joint in _parts(_LICENCE.sub("", text)):
        known = agency_of(part)
        passed_on = passed_on or joint in _PASSED_ON
        if known and known.name != "Pool":
            second = passed_on and (houses or unknown) and not makers  # "Ann Lee/Harbour Times via AP"
            (sellers if known.distributes or second else makers).append(known.name)
        elif _nobody(part) or known:
            continue
        elif passed_on:
            sellers.append(part)
        elif people and joint in _SLASHES:
            houses.append(part)
        elif _is_house(part) or not names_in(part):
            unknown.append(part)
        else:
            people.extend(names_in(part))
    if makers:  # then a name after a slash is another person's: "Ann Lee/Bob Roe/AFP"
        people += [person(name) for name in houses if is_name(name)]
    elif houses or unknown or not sellers:
        makers = houses or unknown
    chain = list(dict.fromkeys([*makers, *sellers]))
    return Credit(" and ".join(dict.fromkeys(people)) or None, chain[0] if chain else None, tuple(chain[1:]))


def _is_house(part: str) -> bool:
    """The Harbour Times, Radio News: the last word says so."""
    return part.casefold().split()[-1] in _OFFICES


def _nobody(part: str) -> bool:
    return all(word in _NOBODY for word in part.casefold().split())


def is_chain(text: str) -> bool:
    """Whether bracketed text is a credit for sure: it is labelled, or names an agency and someone else beside it."""
    return len(text) <= 160 and "\n" not in text and _is_chain(text)


@lru_cache(maxsize=1024)
def _is_chain(text: str) -> bool:
    if labelled(text):
        return len(text.split()) <= 14 and is_named(unlabelled(text))
    if _HAN.fullmatch(text.strip()):
        return True
    read = _parts(unlabelled(text))
    parts = [part.text for part in read]
    known = [
        text for text, joint in read if agency_of(text) or is_agency_name(text) or (joint == "for" and _is_house(text))
    ]
    others = [part for part in parts if not agency_of(part)]
    named = all(
        "(" not in part and (is_name(part) or _nobody(part) or _is_house(part) or names_in(part)) for part in others
    )
    return bool(known) and len(parts) > 1 and named


def has_chain_form(text: str) -> bool:
    """Whether bracketed text has a chain's form, "Ann Lee/Harbour Times via Picture House". Enough in a caption."""
    first, *others = _parts(text) or [_Part("", "")]
    joints = _SLASHES | _PASSED_ON
    return (
        0 < len(others) <= 4
        and len(text) <= 120
        and is_name(first.text)
        and all(part.joint in joints and _may_be_house(part.text) for part in others)
    )


def _may_be_house(part: str) -> bool:
    return len(part.split()) <= 5 and (not part[0].islower() or len(part) <= 6)
