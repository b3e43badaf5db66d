"""The people, subjects, places, organisations, events and objects of a ninjs object."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest.model import Contributor, Subject
from ingest.parse.fields import text_of, unique
from ingest.parse.jsonobject import Object, as_list, words_of
from ingest.parse.ninjsfields import AUTHORS, CONCEPTS, FIELDS
from ingest.parse.ninjstexts import WRITERS, Texts
from ingest.parse.qcodes import subject_of

_CODE, _NAME, _URI, _SCHEMES = ("code", "qcode", "literal"), ("name",), ("uri",), ("scheme",)
_WRITE = AUTHORS - {"editor"}


class Sources(NamedTuple):
    """The `infoSources`: the first that provided the item, the first that distributed it, and the `others`."""

    provider: str | None
    distributor: str | None
    others: tuple[str, ...]


def authors_of(item: Object) -> tuple[str, ...]:
    """Who wrote it, as listed; of the people in it those whose `rel` says so, but a byline often names more of them."""
    listed = [one for one in item.objects(FIELDS["contributors"]) if (relation_of(one) or "writer") in _WRITE]
    if not listed and not item.first(FIELDS["byline"]):
        listed = [one for one in item.objects(CONCEPTS["person"]) if relation_of(one) in _WRITE]
    return unique(one.text(("name",)) for one in listed)


def sources_of(item: Object) -> Sources:
    named = [(relation_of(one), one.text(("name", "literal", "code"))) for one in item.objects(FIELDS["info_sources"])]
    first = [
        next((one for one in named if one[0] == role and one[1]), ("", None)) for role in ("provider", "distributor")
    ]
    return Sources(first[0][1], first[1][1], unique(one[1] for one in named if one not in first))


def keywords_of(item: Object) -> tuple[str, ...]:
    """1.x lists them (or has commas between them); 3.x has none: some make them subjects with `rel` "keyword"."""
    words: Iterable[object] = as_list(item.first(FIELDS["keywords"]))
    listed = (part.strip() for word in words for part in (words_of(word) or "").split(","))
    subjects = (one for one in as_list(item.first(FIELDS["subjects"])) if isinstance(one, dict))
    return unique((*listed, *(text_of(one.get("name")) for one in subjects if one.get("rel") == "keyword")))


def contributors_of(item: Object, texts: Texts) -> tuple[Contributor, ...]:
    named = [(one, "author") for one in item.objects(FIELDS["contributors"])]
    people = [(one, "") for one in item.objects(CONCEPTS["person"]) if relation_of(one) in AUTHORS]
    others = [(one, role) for role in ("photographer", "captionwriter", "editor") for one in item.objects((role,))]
    found = [
        Contributor(name=name, role=one.text(("role", "rel")) or role or None)
        for one, role in (*named, *people, *others)
        if (name := one.text(("name", "literal", "code")))
    ]
    writers = [Contributor(name=text.value, role=text.role) for text in texts.description if text.role in WRITERS]
    return tuple(dict.fromkeys((*found, *writers)))


def genre_of(item: Object) -> str | None:
    """Names; of a genre without one its code, which ends its URI."""
    found = (one.text(("name", *_CODE)) or (one.text(_URI) or "").rpartition("/")[2] for one in _genres(item))
    return ", ".join(unique(found)) or None


def _genres(item: Object) -> list[Object]:
    """Of the first name that holds any."""
    return next((found for name in FIELDS["genre"] if (found := item.objects((name,)))), [])


def relation_of(concept: Object) -> str:
    return (concept.text(("rel", "role")) or "").lower().rpartition(":")[2]


def subjects_of(item: Object) -> tuple[Subject, ...]:
    own = [_concept(one, None) for one in item.objects(FIELDS["subjects"]) if relation_of(one) != "keyword"]
    others = [
        _concept(one, kind)
        for kind, names in CONCEPTS.items()
        for one in item.objects(names)
        if kind != "person" or relation_of(one) not in AUTHORS
    ]
    said = {(one.code, one.name) for one in own}  # AP's service is one of its subjects
    others = [one for one in others if (one.code, one.name) not in said]
    return tuple(dict.fromkeys((*own, *others, *_symbols(item))))


def _concept(concept: Object, kind: str | None) -> Subject:
    """1.x has scheme and code, later versions a URI and a literal; the literal ends most URIs."""
    code, name, uri, scheme = concept.text(_CODE), concept.text(_NAME), concept.text(_URI), concept.text(_SCHEMES)
    if uri and not code:
        return subject_of(uri, scheme, name)
    if uri and code and uri.endswith(code):
        return subject_of(code, uri.removesuffix(code), name)
    return subject_of(code, scheme or kind, name)


def places_of(item: Object) -> tuple[Subject, ...]:
    """`located`, where it was written, is one of them unless it is there already."""
    places = [_concept(one, None) for one in item.objects(FIELDS["places"])]
    located = item.text(FIELDS["dateline"])
    if located and all(one.name != located for one in places):
        places.append(Subject(name=located))
    return tuple(dict.fromkeys(places))


def _symbols(item: Object) -> Iterator[Subject]:
    for company in item.objects(CONCEPTS["organisation"]):
        for one in company.objects(("symbols",)):
            if code := one.text(("symbol", "ticker")):
                yield Subject(scheme=one.text(("exchange", "symboltype")), code=code, name=company.text(("name",)))
