"""NewsML-G2's ways to name a thing: QCode, URI, literal, names in languages and roles. Shared by the G2 modules."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.model import Subject
from ingest.parse.fields import unique
from ingest.parse.qcodes import resolve, subject_of
from ingest.parse.wirexml import LANG, Element, Notes, text

Children = dict[str, list[Element]]

# A name's role: what a reader wants first. Short and coded names only where there is no other.
_LAST = {"mnemonic": 2, "short": 1, "adjectival": 1, "sort": 2}
_ORGANISATION = re.compile(r"organi[sz]ation|company", re.IGNORECASE)


@dataclass
class Item:
    """One item on its way: its language, its own schemes and assertions, and what there is to warn of."""

    language: str | None
    schemes: dict[str, str]
    asserted: dict[str, str]
    notes: Notes


_URIS = {"role": "roleuri", "type": "typeuri", "rel": "reluri", "jobtitle": "jobtitleuri"}


def code_of(element: Element | None, name: str = "qcode") -> str | None:
    """The local part of a QCode attribute ("stat:usable" is "usable"), or of a URI."""
    value = qcode_of(element, name)
    if value is None:
        return None
    return value.rstrip("/").rpartition("/" if "://" in value else ":")[2].strip() or None


def qcode_of(element: Element | None, name: str = "qcode") -> str | None:
    if element is None:
        return None
    value = element.get(name) or element.get(_URIS.get(name, "uri"))
    return (value.strip() or None) if value else None


def named(element: Element, name: str) -> list[Element]:
    """The children of this local name."""
    return list(element.iterchildren("{*}" + name))


def role_of(element: Element) -> str:
    return (code_of(element, "role") or "").lower() if len(element.keys()) else ""


def schemes_of(inside: Children) -> dict[str, str]:
    """The schemes that an item or a header defines itself; a catalogRef is never fetched."""
    return {
        alias: uri
        for catalog in inside.get("catalog", ())
        for scheme in named(catalog, "scheme")
        if (alias := scheme.get("alias")) and (uri := scheme.get("uri"))
    }


def asserted_of(inside: Children, language: str | None) -> dict[str, str]:
    """Names that an item's assert elements give to QCodes, URIs and literals used elsewhere in it."""
    found: dict[str, str] = {}
    for one in inside.get("assert", ()):
        key = one.get("qcode") or one.get("uri") or one.get("literal")
        name = chosen(named(one, "name"), language)
        if key and name:
            found.setdefault(key, name)
    return found


def chosen(elements: Iterable[Element] | None, language: str | None) -> str | None:
    """The text among several in languages and roles: whole names first, then English, the item's language, any."""
    best: tuple[int, int] | None = None
    said = None
    for element in elements or ():
        value = text(element)
        if value is None:
            continue
        tag = (element.get(LANG) or "").lower()
        rank = (_LAST.get(role_of(element), 0), 0 if tag[:2] == "en" else 1 if _is(tag, language) else 2)
        if best is None or rank < best:
            best, said = rank, value
        if rank == (0, 0):
            break
    return said


def in_language(elements: list[Element] | None, language: str | None) -> list[Element]:
    """Those in the item's language (or without one), else those in the language of the first."""
    if not elements:
        return []
    given = [one for one in elements if text(one)]
    if len(given) < 2:
        return given
    own = [one for one in given if not one.get(LANG) or _is(one.get(LANG) or "", language)]
    if own or not given:
        return own
    return [one for one in given if one.get(LANG) == given[0].get(LANG)]


def _is(tag: str, language: str | None) -> bool:
    return bool(language) and tag.lower().partition("-")[0] == (language or "").lower().partition("-")[0]


def name_of(element: Element | None, item: Item) -> str | None:
    """What a party or concept is called: its name, an assertion's, its literal, its code, its URI's host."""
    if element is None:
        return None
    return stated_name(element, item) or element.get("literal") or _from_code(element) or text(element)


def stated_name(element: Element, item: Item) -> str | None:
    name = chosen(named(element, "name"), item.language) if len(element) else None
    if name or not item.asserted:
        return name
    keys = (element.get("qcode"), element.get("uri"), element.get("literal"))
    return next((item.asserted[key] for key in keys if key and key in item.asserted), None)


def _from_code(element: Element) -> str | None:
    if element.get("qcode"):
        return code_of(element)
    try:
        return (urlsplit(element.get("uri") or "").hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def subject_from(element: Element, item: Item) -> Subject:
    """One concept. A literal is a name only where nothing else says what it is."""
    name = stated_name(element, item)
    if qcode := element.get("qcode"):
        known = resolve(qcode, item.schemes)
        return known if _says_it(known, name, element, item) else resolve(qcode, item.schemes, name)
    if uri := element.get("uri"):
        known = subject_of(uri)
        return known if _says_it(known, name, element, item) else subject_of(uri, name=name)
    return Subject(name=name or element.get("literal") or text(element))


def _says_it(known: Subject, name: str | None, element: Element, item: Item) -> bool:
    """Whether IPTC's English name is the one to take: none is stated, or one in another language."""
    return name is None or (known.name is not None and not _is_english(name, element, item))


def _is_english(name: str, element: Element, item: Item) -> bool:
    tags = [one.get(LANG) for one in named(element, "name") if text(one) == name]
    return ((tags and tags[0]) or item.language or "en").lower().startswith("en")


def subjects_from(elements: Iterable[Element], item: Item) -> tuple[Subject, ...]:
    """Each subject once; one without a code of its own gives the bits of its bag as well."""
    found: list[Subject] = []
    for element in elements:
        found.append(subject_from(element, item))
        if found[-1].code is None:
            for bag in named(element, "bag"):
                found += [subject_from(bit, item) for bit in named(bag, "bit")]
    return once(found)


def once(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """Each once, without those that say nothing."""
    return tuple({(one.scheme, one.code, one.name): one for one in subjects if one.code or one.name}.values())


def names_of(elements: Iterable[Element] | None, item: Item) -> tuple[str, ...]:
    return unique(name_of(element, item) for element in elements or ())


def is_organisation(element: Element) -> bool:
    return bool(_ORGANISATION.search(element.get("type") or ""))


def in_rank(elements: list[Element] | None) -> list[Element]:
    """By @rank where there is one, else as they come."""
    if not elements or len(elements) < 2:
        return elements or []
    return sorted(elements, key=lambda one: _number(one.get("rank")))


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else 1_000_000
