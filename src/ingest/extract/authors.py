"""Who wrote a story: what the vocabularies tell, what the page prints, and which of the two to believe."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.bylines import boxed_byline, desk_byline, hinted_bylines, printed_bylines
from ingest.extract.classed import Classed
from ingest.extract.elements import Elements
from ingest.extract.facts import TRUST_FOR, Facts
from ingest.extract.headline import is_site
from ingest.extract.nearby import lines_before, story_lines
from ingest.extract.people import has_given_name, is_full_name, names
from ingest.extract.signature import byline_in_scripts, byline_near, signature

_PERSONS = frozenset(("json-ld", "microdata", "json-ld-page"))  # say of a name that it is a person's
_MOST = 20


class Signed(NamedTuple):
    authors: tuple[str, ...]
    byline: str | None


def signed(
    facts: Facts, said: Sequence[Facts], doc: LexborHTMLParser, found: Elements, by_class: Classed,
    heading: LexborNode | None, sites: Sequence[str],
) -> Signed:  # fmt: skip
    """The JSON-LD of the article is believed first, then the byline as readers see it, then the other vocabularies.

    Where all are silent, names that stand where bylines do. `facts` are `said` reconciled.
    """
    told = _told(said, sites)
    is_told_best = bool(told) and told[0][0] == "json-ld"
    printed = printed_bylines(doc, found, heading)
    shown = _people(printed, sites, sure=True)
    lists = [people for _, people in told]
    lists.insert(int(is_told_best), shown)
    if told and not is_told_best and not shown:
        lists.append(_people(hinted_bylines(doc, by_class, heading), sites, sure=False))
    authors = _fullest([people for people in lists if people])
    if not authors:
        authors, printed = _elsewhere(doc, by_class, heading, sites) or ((), printed)
    byline = next(iter(printed), None) or ", ".join(facts.authors[:10]) or desk_byline(by_class, sites)
    return Signed(authors, byline)


def _told(said: Sequence[Facts], sites: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The people that each vocabulary names, most trusted first."""
    order = TRUST_FOR["authors"]
    told = sorted((f for f in said if f.authors), key=lambda f: order.index(f.origin) if f.origin in order else 99)
    lists = ((f.origin, _people(f.authors, sites, sure=f.origin in _PERSONS)) for f in told)
    return [(origin, people) for origin, people in lists if people]


def _elsewhere(
    doc: LexborHTMLParser, by_class: Classed, heading: LexborNode | None, sites: Sequence[str]
) -> tuple[tuple[str, ...], list[str]] | None:
    """The people and the byline that are found where no mark-up tells, the likeliest place first."""
    for places in _places(doc, by_class, heading):
        spare = [(people, by) for by in places if (people := _people(by, sites, sure=True))]
        if best := _fullest([people for people, _ in spare]):
            return best, next(by for people, by in spare if people == best)
    return None


def _places(doc: LexborHTMLParser, by_class: Classed, heading: LexborNode | None) -> Iterator[list[list[str]]]:
    yield [byline_in_scripts(doc)]
    lines = story_lines(heading) if heading is not None else []
    yield [hinted_bylines(doc, by_class, heading), byline_near(lines)]
    yield [byline_near(lines_before(heading)) if heading is not None else []]
    yield [signature(lines)]
    yield [boxed_byline(by_class)]


def _fullest(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The most trusted list of names, or one that has all of these and more."""
    best = lists[0] if lists else ()
    for names_ in lists[1:]:
        if len(names_) > len(best) and {n.casefold() for n in best} <= {n.casefold() for n in names_}:
            best = names_
    return best


def _people(bylines: Sequence[str], sites: Sequence[str], *, sure: bool) -> tuple[str, ...]:
    """Names, without the site's own: "By Example Times" names nobody, but a person's site has the person's name."""
    found = (_without_house(name, sites) for name in names(bylines, sure=sure))
    return tuple(dict.fromkeys(name for name in found if _is_like_person(name) or not is_site(name, sites)))[:_MOST]


def _is_like_person(name: str) -> bool:
    return is_full_name(name) and has_given_name(name)


def _without_house(name: str, sites: Sequence[str]) -> str:
    """ "Nell Ashby Echo" of the Echo is Nell Ashby."""
    person, _, last = name.rpartition(" ")
    return person if " " in person and is_site(last, sites) else name
