"""NewsML 1 metadata: envelope, identification, news lines, administrative, descriptive and rights metadata.

Of what several components say, the outermost counts first, then those of the main text; a picture's words are its own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ingest.model import Contributor, Rights, Subject
from ingest.parse import desk
from ingest.parse.fields import people_of, unique
from ingest.parse.newsml1content import Children, Component, code, first, is_of_picture
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import LANG, Element, children, text

_INSTRUCTIONS = {
    "update": "update", "updated": "update", "correction": "correction", "rectify": "correction", "kill": "kill",
    "delete": "kill", "withhold": "withhold", "add": "add", "repeat": "repeat", "lift embargo": "embargo-lifted",
}  # fmt: skip
_SUBJECTS = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")
_NOTES = {
    "editornote", "editorialnote", "ednote", "note", "advisory", "notetoeditors", "editorsnote", "advisoryline",
    "productline",
}  # fmt: skip
_SUMMARIES = {"summary", "abstract", "lead", "teaser", "description"}
_ORDER = ("sublocation", "city", "countryarea", "state", "province", "region", "country", "worldregion")
_SPLIT = re.compile(r"\s{0,5}[,;|]\s{0,5}")
_YEAR = re.compile(r"(?:19|20)\d\d")


# ── envelope and identification ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Envelope:
    priority: str | None = None
    sequence: str | None = None
    senders: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    topics: Mapping[str, Subject] = field(default_factory=dict)  # of the TopicSets that the document begins with


def envelope_of(element: Element | None) -> Envelope:
    inside = children(element)
    services = (*inside.get("NewsService", ()), *inside.get("NewsProduct", ()))
    return Envelope(
        priority=code_in(inside, "Priority"),
        sequence=text(first(inside, "TransmissionId")),
        senders=unique(_party(one) for one in inside.get("SentFrom", ())),
        products=unique(code(one) for one in services),
        topics=_topics(element.itersiblings("{*}TopicSet", preceding=True)) if element is not None else {},
    )


@dataclass(frozen=True)
class Identity:
    """`guid` is the PublicIdentifier as sent, its revision at the end; `previous` that of the revision before."""

    guid: str | None = None
    version: str | None = None
    provider: str | None = None
    label: str | None = None
    previous: str | None = None
    instruction: str | None = None


def identity_of(element: Element | None) -> Identity:
    outer = children(element)
    inside = children(first(outer, "NewsIdentifier"))
    revision = first(inside, "RevisionId")
    version = text(revision)
    provider, date, item = (text(first(inside, name)) for name in ("ProviderId", "DateId", "NewsItemId"))
    stem = f"urn:newsml:{provider}:{date}:{item}" if provider and date and item else None
    update = ((revision.get("Update") or "N") if revision is not None else "N").strip().upper()
    earlier = (revision.get("PreviousRevision") or "0").strip() if revision is not None else "0"
    guid = text(first(inside, "PublicIdentifier"))
    if guid is None and stem:
        guid = f"{stem}:{version or '1'}{'' if update == 'N' else update}"
    return Identity(
        guid=guid,
        version=version,
        provider=provider,
        label=text(first(outer, "NameLabel")),
        previous=f"{stem}:{earlier}" if stem and earlier not in {"", "0", version} else None,
        instruction={"U": "update", "A": "add"}.get(update),
    )


def code_in(found: Children, name: str) -> str | None:
    """The code of an element, or its text where the sender put it there."""
    element = first(found, name)
    return code(element) or text(element)


def instruction_of(managed: Children) -> str | None:
    for one in managed.get("Instruction", ()):
        said = (code(one) or "").lower()
        if said:
            return _INSTRUCTIONS.get(said.replace("instruction", "").strip(), said)
    return None


def _party(element: Element) -> str | None:
    """A party's name: its FormalName, a PartyName or Name inside, or its text."""
    for party in (*children(element).get("Party", ()), element):
        named = next((text(one) for one in party.iter("{*}PartyName", "{*}Name")), None)
        if found := code(party) or named:
            return found
    return text(element)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Lines:
    found: tuple[Children, ...]
    note: str | None
    summary: str | None
    keywords: tuple[str, ...]
    language: str | None

    def first(self, name: str) -> str | None:
        return next((said for lines in self.found for one in lines.get(name, ()) if (said := text(one))), None)


def lines_of(components: tuple[Component, ...]) -> Lines:
    found = tuple(one.lines() for one in story_components(components))
    typed = [(_kind(one), said) for lines in found for one in lines.get("NewsLine", ()) if (said := _line_text(one))]
    keywords = (text(one) or "" for lines in found for one in lines.get("KeywordLine", ()))
    heads = [one.get(LANG) for lines in found for one in lines.get("HeadLine", ())]
    return Lines(
        found=found,
        note="\n".join(said for kind, said in typed if kind in _NOTES) or None,
        summary=next((said for kind, said in typed if kind in _SUMMARIES), None),
        keywords=unique(word for line in keywords for word in _SPLIT.split(line)),
        language=next((one for one in heads if one), None),
    )


def story_components(components: tuple[Component, ...]) -> Iterator[Component]:
    """Those that speak for the item: the outer ones, then main ones, then others; pictures only if there is no else."""
    own = [one for one in components if not is_of_picture(one)]
    rest = own or list(components)
    return iter(sorted(rest, key=lambda one: (len(one.path) > 1, "main" not in one.path)))


def comments_of(holders: Iterable[Children]) -> tuple[str, ...]:
    """Those Comments in which the desk says what may be done with the item; others are about the file."""
    said = (text(one) for each in holders for one in each.get("Comment", ()))
    return unique(one for one in said if one and (desk.is_embargoed(one) or desk.instruction_of(one)))


def _kind(line: Element) -> str:
    return (code(first(children(line), "NewsLineType")) or "").lower().replace(" ", "")


def _line_text(line: Element) -> str | None:
    return " ".join(said for one in children(line).get("NewsLineText", ()) if (said := text(one))) or None


# ── administrative and descriptive metadata ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Administered:
    found: tuple[Children, ...]

    def party(self, name: str) -> str | None:
        return next((who for each in self.found for one in each.get(name, ()) if (who := _party(one))), None)

    def parties(self, *names: str) -> Iterator[tuple[str, str]]:
        for each in self.found:
            for name in names:
                for one in each.get(name, ()):
                    yield from ((name.lower(), who) for who in (_party(one),) if who)

    def sources(self, provider: str | None) -> tuple[str, ...]:
        return unique(who for _, who in self.parties("Source", "Provider") if who != provider)

    def contributors(self) -> tuple[Contributor, ...]:
        named = [Contributor(name=who, role=role) for role, who in self.parties("Creator", "Contributor")]
        return tuple(dict.fromkeys((*named, *(Contributor(name=who, role="author") for who in self._signed()))))

    def _signed(self) -> tuple[str, ...]:
        """Some make a Property of the author (Belga)."""
        return unique(value for each in self.found for value in _values(each, "author"))

    def authors(self, provider: str | None) -> tuple[str, ...]:
        """Creators with a whole name: a single word there is a desk's or agency's code."""
        return people_of(who for _, who in self.parties("Creator") if " " in who and who != provider) or self._signed()

    def value(self, name: str) -> str | None:
        return next(
            (one.get("Value") for each in self.found for one in each.get("Property", ()) if code(one) == name), None
        )


def administered_of(components: tuple[Component, ...]) -> Administered:
    return Administered(tuple(_metadata(components, "AdministrativeMetadata")))


def _metadata(components: tuple[Component, ...], name: str) -> Iterator[Children]:
    for component in story_components(components):
        for one in component.inside.get(name, ()):
            yield children(one)
        for wrapper in component.inside.get("Metadata", ()):
            yield from (children(one) for one in children(wrapper).get(name, ()))


@dataclass(frozen=True)
class Described:
    languages: tuple[str | None, ...]
    subjects: tuple[Subject, ...]
    genres: tuple[str, ...]
    keywords: tuple[str, ...]
    places: tuple[Subject, ...]
    city: str | None
    category: str | None


def described_of(components: tuple[Component, ...], topics: Mapping[str, Subject]) -> Described:
    found = tuple(_metadata(components, "DescriptiveMetadata"))
    codes = [one for each in found for holder in each.get("SubjectCode", ()) for one in holder.iterchildren(*_tags())]
    values = [(code(one) or "", one.get("Value")) for each in found for one in each.get("Property", ())]
    areas = [place for each in found for one in each.get("Location", ()) for place in _places(one)]
    areas += [place for each in found for place in _areas(each.get("Property", []))]
    return Described(
        languages=tuple(code(one) or text(one) for each in found for one in each.get("Language", ())),
        subjects=_once([_subject(one, "subj") for one in codes] + _others(found, topics)),
        genres=unique(code(one) for each in found for one in each.get("Genre", ())),
        keywords=unique(value for name, value in values if name.lower() in {"keyword", "keywords"}),
        places=_once([place for _, place in areas]),
        city=next((place.name for kind, place in areas if kind == "city"), None),
        category=next((one.get("cat") for one in codes if one.get("cat")), None)
        or next((value for name, value in values if name.lower() == "category" and value), None),
    )


def _tags() -> list[str]:
    return [f"{{*}}{name}" for name in _SUBJECTS]


def _subject(element: Element, scheme: str | None) -> Subject:
    said = element.get("Scheme") or element.get("Vocabulary") or scheme
    name = next((one.get("Value") for one in element.iter("{*}Property") if code(one) == "Name"), None)
    given = (said or "").lower()
    return subject_of(code(element), "subj" if "subjectcode" in given or "subject-code" in given else said, name)


def _others(found: tuple[Children, ...], shared: Mapping[str, Subject]) -> list[Subject]:
    """What TopicOccurrences refer to or, some, say themselves. OfInterestTo is of no use without its vocabulary."""
    occurrences = [one for each in found for one in each.get("TopicOccurrence", ())]
    references = [one.get("Topic", "").strip(" #") for one in occurrences]
    own = _own_topics(occurrences[0]) if any(references) else {}
    referred = (own.get(one) or shared.get(one) for one in references)
    named = (said for each in found for said in (*map(text, each.get("TopicOccurrence", ())), *_values(each, "topic")))
    return [*(one for one in referred if one), *(Subject(name=said) for said in named if said)]


def _own_topics(inside: Element) -> dict[str, Subject]:
    """Those that an item holds itself."""
    return _topics(one for item in inside.iterancestors("{*}NewsItem") for one in item.iter("{*}TopicSet"))


def _topics(sets: Iterable[Element]) -> dict[str, Subject]:
    """By their Duid."""
    return {duid: _topic(one) for each in sets for one in each.iterchildren("{*}Topic") if (duid := one.get("Duid"))}


def _topic(topic: Element) -> Subject:
    inside = children(topic)
    formal = first(inside, "FormalName")
    scheme = (formal.get("Scheme") or formal.get("Vocabulary")) if formal is not None else None
    return subject_of(text(formal), scheme, text(first(inside, "Description")))


def _values(inside: Children, name: str) -> Iterator[str | None]:
    return (one.get("Value") for one in inside.get("Property", ()) if (code(one) or "").lower() == name)


def _places(location: Element) -> Iterator[tuple[str, Subject]]:
    """The nearest first: City, then what is around it; or the Location's own code."""
    if own := code(location):
        yield "", subject_of(own, location.get("Scheme") or location.get("Vocabulary"))
    yield from _areas(children(location).get("Property", []))


def _areas(properties: list[Element]) -> Iterator[tuple[str, Subject]]:
    """Those that name a place; some have them without a Location around them (ANA)."""
    named = {(code(one) or "").lower(): one.get("Value") for one in properties}
    for kind in sorted((one for one in named if named[one] and _nearness(one) < len(_ORDER)), key=_nearness):
        value = (named[kind] or "").strip()
        is_code = kind.startswith("country") and len(value) in {2, 3} and value.isupper()
        scheme = f"iso3166-1a{len(value)}" if is_code else None
        yield kind, Subject(scheme=scheme, code=value) if is_code else Subject(name=value)


def _nearness(kind: str) -> int:
    return next((n for n, one in enumerate(_ORDER) if kind.startswith(one)), len(_ORDER))


def _once(subjects: list[Subject]) -> tuple[Subject, ...]:
    return tuple({(one.scheme, one.code, one.name): one for one in subjects if one.code or one.name}.values())


# ── rights ──────────────────────────────────────────────────────────────────────────────────────────────────────


def rights_of(components: tuple[Component, ...], lines: Lines) -> Rights:
    """Copyright and UsageRights of RightsMetadata, with the lines for people."""
    found = tuple(_metadata(components, "RightsMetadata"))
    copyrights = [children(one) for each in found for one in each.get("Copyright", ())]
    usages = [children(one) for each in found for one in each.get("UsageRights", ())]
    holder = next((text(one) for each in copyrights for one in each.get("CopyrightHolder", ())), None)
    date = next((text(one) for each in copyrights for one in each.get("CopyrightDate", ())), None)
    terms = unique(text(one) for each in usages for name in ("UsageType", "Limitations") for one in each.get(name, ()))
    year = _YEAR.search(date or "")
    return Rights(
        holder=holder or next((text(one) for each in usages for one in each.get("RightsHolder", ())), None),
        year=int(year[0]) if year else None,
        notice=lines.first("CopyrightLine"),
        credit_line=lines.first("CreditLine"),
        usage_terms="; ".join(terms) or lines.first("RightsLine"),
    )
