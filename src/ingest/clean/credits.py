"""A picture credit taken apart: "Ann Lee/AFP via Getty Images/TNS" is a photographer, an agency, distributors."""

import re
from typing import NamedTuple

from ingest.clean.agencies import agency_of
from ingest.clean.names import is_name, names_in, person
from ingest.clean.tables import words

_LABEL = re.compile(
    r"^(?:(?:file |pool |handout |staff |undated )?(?:photo|image|picture|photograph|illustration|graphic)s?"
    r"(?: (?:credit|courtesy))?|credits?|courtesy|foto(?:graf(?:ía|ia)?|s)?|bild(?:nachweis|quelle)?|quelle|"
    r"crédits?(?: photos?)?|photo d[’']archives|crédito|credito(?: foto)?|imagen|imagem|source|©|\(c\))"
    r"(?:\s*(?:\b(?:by|of|de|di|von|par)\b|:|：|/|©|-|–)\s*|\s+(?=©))+",
    re.IGNORECASE,
)
_BARE_COPYRIGHT = re.compile(r"^(?:©|\(c\)|copyright)\s*(?:\d{4}\s*)?", re.IGNORECASE)
_VIA = re.compile(r"\s+(?:via|through|per)\s+|\s*[/|]\s*|\s+-\s+|\s*,\s*|\s+for\s+(?=[A-Z])", re.IGNORECASE)
_NOBODY = words("words", "nobody")


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


def _parts(text: str) -> list[str]:
    if agency_of(text):
        return [text]
    return [part.strip() for part in _VIA.split(text) if part.strip()]


def read_credit(text: str) -> Credit:
    """Photographer: the first person; agency: the first known maker, else the first known name, else an unknown one."""
    people: list[str] = []
    makers: list[str] = []
    sellers: list[str] = []
    unknown: list[str] = []
    for part in _parts(unlabelled(text[:300])):
        known = agency_of(part)
        if known and known.name != "Pool":
            (sellers if known.distributes else makers).append(known.name)
        elif _nobody(part) or known:
            continue
        elif is_name(part):
            people.append(person(part))
        elif several := names_in(part):
            people.extend(several)
        else:
            unknown.append(part)
    if not makers and not sellers:
        makers = unknown
    chain = list(dict.fromkeys([*makers, *sellers]))
    return Credit(" and ".join(dict.fromkeys(people)) or None, chain[0] if chain else None, tuple(chain[1:]))


def _nobody(part: str) -> bool:
    return all(word in _NOBODY for word in part.casefold().split())


def is_chain(text: str) -> bool:
    """Whether bracketed text is a credit for sure: it is labelled, or names an agency and someone else beside it."""
    if len(text) > 160 or "\n" in text:
        return False
    if labelled(text):
        return len(text.split()) <= 14
    parts = _parts(text)
    known = [part for part in parts if agency_of(part)]
    others = [part for part in parts if not agency_of(part)]
    named = all(is_name(part) or _nobody(part) or len(names_in(part)) for part in others)
    return bool(known) and len(parts) > 1 and named
