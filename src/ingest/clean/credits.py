"""A picture credit taken apart: "Ann Lee/AFP via Getty Images/TNS" is a photographer, an agency, distributors."""

import re
from typing import NamedTuple

from ingest.clean.agencies import agency_of
from ingest.clean.names import is_name, names_in, person
from ingest.clean.tables import words

_LABEL = re.compile(
    r"^(?:(?:titel|beitrags|aufmacher|teaser|artikel|symbol|vorschau)(?:bild|foto)|"
    r"(?:featured?|header|cover|hero) (?:image|photo)|image (?:illustrative|d[’']illustration)|photo d[’']illustration|"
    r"(?:file |pool |handout |staff |undated )?(?:photo|image|picture|photograph|illustration|graphic)s?"
    r"(?: (?:credit|courtesy))?|credits?|courtesy|foto(?:graf(?:ía|ia)?|s)?|bild(?:nachweis|quelle)?|quelle|"
    r"crédits?(?: photos?)?|photo d[’']archives|crédito|credito(?: foto)?|imagen|imagem|source|©|\(c\))"
    r"(?:\s*(?:\b(?:by|of|de|di|von|par)\b|:|：|/|©|-|–)\s*|\s+(?=©))+",
    re.IGNORECASE,
)
_BARE_COPYRIGHT = re.compile(r"^(?:©|\(c\)|copyright)\s*(?:\d{4}\s*)?", re.IGNORECASE)
_LICENCE = re.compile(
    r"\s*[(,|/]?\s*\bCC(?:0|[ -]?BY)(?:[ -](?:SA|ND|NC))*(?:[ /-]?\d\.\d)?(?:[ /-](?:DE|US|AT|CH))?\b\s*\)?",
    re.IGNORECASE,
)
_VIA = re.compile(
    r"(\s*/?\s*\bvia\s+|\s+(?:through|per)\s+|\s+(?:on|auf|sur)\s+(?=(?:unsplash|pexels|pixabay|flickr)\b)|"
    r"\s*[/|／]\s*|\s+-\s+|\s*,\s*|\s+for\s+(?=[A-Z]))",
    re.IGNORECASE,
)
_PASSED_ON, _SLASHES = frozenset(("via", "through", "per", "on", "auf", "sur")), frozenset(("/", "|", "／"))
_NOBODY, _OFFICES = words("words", "nobody"), words("words", "offices")


class Credit(NamedTuple):
    photographer: str | None = None
    agency: str | None = None
    distributors: tuple[str, ...] = ()


def labelled(text: str) -> bool:
    """Whether `text` begins as a credit line does ("Photo: ", "Foto: ", "Crédit photo : ")."""
    return _LABEL.match(text) is not None


def unlabelled(text: str) -> str:
    """The credit without its label."""
    for _ in range(3):
        shorter = _BARE_COPYRIGHT.sub("", _LABEL.sub("", text)).strip()
        if shorter == text:
            break
        text = shorter
    return text


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
    """Photographer: the first person; agency: the first maker; distributors: who comes after them.

    A maker that nobody knows is told by its place: after a person's name and a slash; a distributor by "via".
    """
    people: list[str] = []
    makers: list[str] = []
    sellers: list[str] = []
    houses: list[str] = []
    unknown: list[str] = []
    passed_on = False
    for part, joint in _parts(_LICENCE.sub("", unlabelled(text[:300]))):
        known = agency_of(part)
        passed_on = passed_on or joint in _PASSED_ON
        if known and known.name != "Pool":
            (sellers if known.distributes else makers).append(known.name)
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
    elif houses or not sellers:
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
    if len(text) > 160 or "\n" in text:
        return False
    if labelled(text):
        return len(text.split()) <= 14
    parts = [part.text for part in _parts(text)]
    known = [part for part in parts if agency_of(part)]
    others = [part for part in parts if not agency_of(part)]
    named = all(is_name(part) or _nobody(part) or len(names_in(part)) for part in others)
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
