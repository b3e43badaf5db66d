"""NewsML-G2 metadata: itemMeta, contentMeta, rightsInfo and hopHistory to the fields of an entry."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest.model import Association, Contributor, Link, Rights, Subject
from ingest.parse.fields import address_of, people_of, unique
from ingest.parse.g2values import (
    Children,
    Item,
    code_of,
    in_language,
    in_rank,
    is_organisation,
    name_of,
    named,
    names_of,
    once,
    qcode_of,
    role_of,
    stated_name,
    subject_from,
    subjects_from,
)
from ingest.parse.inline import Inline
from ingest.parse.wirexml import Element, children, text

MAX_NOTES = 200

_SIGNALS = {
    "update": "update", "correction": "correction", "corrected": "correction", "kill": "kill", "withhold": "withhold",
    "atomicupdate": "update", "retraction": "kill", "repeat": "repeat",
}  # fmt: skip
_EDIT_STATES = {"u": "update", "c": "correction", "k": "kill", "w": "kill", "r": "repeat"}  # schemes named …stat…
_RELS = {
    "seealso": "related", "previousversion": "earlier-version", "isreplacementof": "replaces", "replaces": "replaces",
    "continues": "continues", "iscontinuationof": "continues", "haspicture": "picture", "related": "related",
}  # fmt: skip
_PRIVATE = re.compile(r"private|non-?public|internal|contact|closingline|not-?for-?publication", re.IGNORECASE)
_PLACES = ("geoarea", ":poi", "cpttype:5")  # the last is Reuters' and ANSA's
_CAPTIONS, _SUMMARIES = {"caption"}, {"", "summary", "abstract", "teaser", "lead", "intro", "synopsis"}
_SUBHEADS = {"sub", "subhead", "subheadline", "subtitle", "hl2", "second", "secondary", "deck"}
_SEQUENCES = {"runningnumber", "sequence", "sequencenumber", "seqno", "serviceseq"}
_PHOTOGRAPHERS = {"photographer", "photog"}
_DASH = re.compile(r"\s{0,3}[-–—]\s{0,3}$")


# ── itemMeta ────────────────────────────────────────────────────────────────────────────────────────────────────


def signal_of(signals: Iterable[Element]) -> str | None:
    """What the coded signals say this version is; agencies' own schemes (…stat…) use single letters."""
    for element in signals:
        scheme, _, code = (qcode_of(element) or "").lower().rpartition(":")
        found = _EDIT_STATES.get(code) if "stat" in scheme else _SIGNALS.get(code.rpartition("/")[2])
        if found:
            return found
    return None


def notes_of(elements: Iterable[Element], body: Inline) -> tuple[str | None, str | None]:
    """The editorial notes for all and those not for publication; a part that another note repeats is left out."""
    public: list[str] = list(body.notes)
    private: list[str] = list(body.private)
    for element in elements:
        said = f"{element.get('role') or ''} {element.get('pubconstraint') or ''}"
        if _PRIVATE.search(said):
            private += [text(element) or ""]
            continue
        for part in [one for one in element.iter() if (kind := one.get("class")) and _PRIVATE.search(kind)]:
            private += [text(part) or ""]
            _emptied(part)
        public += [text(element) or ""]
    return _joined(public), _joined(private)


def _emptied(element: Element) -> None:
    tail = element.tail
    element.clear()
    element.tail = tail


def _joined(values: list[str]) -> str | None:
    kept = [one for one in values if one][:MAX_NOTES]
    if len(kept) < 2:
        return kept[0] if kept else None
    kept = [
        one
        for n, one in enumerate(kept)
        if not any(one in other for other in (*kept[:n], *kept[n + 1 :]) if other != one)
    ]
    return "\n".join(dict.fromkeys(kept)) or None


def relations_of(meta: Children, guid: str | None, item: Item, base: str) -> Iterator[Association]:
    """Links to other items. One to the same guid is to an earlier version, whatever it says."""
    for link in in_rank(meta.get("link")):
        target = link.get("residref") or link.get("guidref") or None
        rel = code_of(link, "rel") or "seeAlso"
        inside = children(link)
        title = in_language(inside.get("headline"), item.language) or in_language(inside.get("title"), item.language)
        url = address_of(link.get("href"), base)
        if target:
            yield Association(
                rel="earlier-version" if target and target == guid else _RELS.get(rel.lower(), rel),
                guid=target,
                url=url,
                type=code_of(next(iter(inside.get("itemClass", ())), None)),
                headline=text(title[0]) if title else None,
            )
    for element, rel in (("instanceOf", "instance-of"), ("memberOf", "member-of")):
        for one in meta.get(element, ()):
            yield Association(rel=rel, guid=qcode_of(one) or one.get("literal"), headline=stated_name(one, item))


def links_of(meta: Children, item: Item, base: str) -> tuple[Link, ...]:
    """Links to pages, which have no guid."""
    return tuple(
        Link(url=url, text=text(next(iter(in_language(children(link).get("title"), item.language)), None)))
        for link in in_rank(meta.get("link"))
        if not (link.get("residref") or link.get("guidref")) and (url := address_of(link.get("href"), base))
    )


# ── contentMeta ─────────────────────────────────────────────────────────────────────────────────────────────────


def headlines_of(meta: Children, item: Item) -> tuple[str | None, str | None]:
    """The headline in the item's language, and the one that is marked as second to it."""
    given = in_rank(in_language(meta.get("headline"), item.language))
    main = [one for one in given if role_of(one) not in _SUBHEADS]
    sub = next((one for one in given if role_of(one) in _SUBHEADS), None)
    return text(next(iter(main or given), None)), text(sub) if main else None


def descriptions_of(meta: Children, item: Item) -> tuple[str | None, str | None]:
    """Summary and caption, joined where there are several of a kind."""
    given = in_language(meta.get("description"), item.language)
    said = [(role_of(one), text(one) or "") for one in given]
    captions = [one for role, one in said if role in _CAPTIONS]
    summaries = [one for role, one in said if role in _SUMMARIES]
    others = [one for role, one in said if role not in _CAPTIONS and role not in _SUMMARIES]
    return _joined(summaries) or (None if captions else _joined(others)), _joined(captions)


class People(NamedTuple):
    authors: tuple[str, ...]
    contributors: tuple[Contributor, ...]
    photographer: str | None


def people_in(metas: Iterable[Children], item: Item, agencies: Iterable[str | None]) -> People:
    """Everyone named as creator or contributor, with their roles; authors are the creators that are no agency."""
    known = {one.casefold() for one in agencies if one}
    authors: list[str] = []
    found: dict[str, dict[str | None, None]] = {}
    for meta in metas:
        for kind in ("creator", "contributor"):
            for element in meta.get(kind, ()):
                name = name_of(element, item)
                if not name:
                    continue
                role = code_of(element, "role") or code_of(element, "jobtitle")
                roles = found.setdefault(name, {})
                if role or kind == "creator" or not roles:
                    roles[role or ("creator" if kind == "creator" else None)] = None
                is_agency = name.casefold() in known or is_organisation(element) or not stated_name(element, item)
                authors += [name] if kind == "creator" and not is_agency else []
    people = tuple(Contributor(name=name, role=role) for name, roles in found.items() for role in roles)
    photographer = next((one.name for one in people if (one.role or "").lower() in _PHOTOGRAPHERS), None)
    return People(unique(authors), people, photographer)


def authors_of(people: People, byline: str | None, body: Inline) -> tuple[str, ...]:
    """The creators, and who the byline names besides."""
    named = body.authors or people_of([byline] if byline else [])
    return unique((*people.authors, *(one for one in named if not any(name in one for name in people.authors))))


def places_of(meta: Children, asserts: Iterable[Element], item: Item) -> tuple[Subject, ...]:
    """Where it was made and, around that, the wider areas; then the places it is about, as subjects or asserted."""
    found: list[Subject] = []
    about = [one for one in meta.get("subject", ()) if one.get("type", "").lower().endswith(_PLACES)]
    for element in meta.get("located", ()):
        found += [subject_from(one, item) for one in (element, *named(element, "broader"))]
    for element in asserts:  # STT has places there, and nowhere else
        areas = [one for one in named(element, "broader") if one.get("type", "").lower().endswith(_PLACES)]
        own = [element] if areas or named(element, "geoAreaDetails") else []
        about += [one for one in (*own, *areas) if named(one, "name")]
    return once((*found, *(subject_from(one, item) for one in about)))


def genres_of(meta: Children, item: Item) -> tuple[str | None, tuple[Subject, ...]]:
    """The genres' names; what is put among them but tells a version is a subject."""
    given = meta.get("genre", [])
    versions: list[Element] = []
    genres: list[Element] = []
    for one in given:
        (versions if "version" in f"{one.get('qcode')} {one.get('type')}".lower() else genres).append(one)
    return ", ".join(names_of(genres, item)) or None, subjects_from(versions, item)


def keywords_of(metas: Iterable[Children], item: Item) -> tuple[str, ...]:
    return unique(text(one) or name_of(one, item) for meta in metas for one in in_rank(meta.get("keyword")))


def category_of(meta: Children, item_meta: Children, subjects: Iterable[Subject]) -> str | None:
    """The ANPA category, else the subject whose type says that it is the category, else the services' codes."""
    for one in subjects:
        if one.scheme == "a1312cat" and one.code:
            return one.code
    for element in meta.get("subject", ()):
        if element.get("type", "").lower().endswith(("category", ":cat")):
            return code_of(element) or element.get("literal")
    return ", ".join(unique(code_of(one) for one in item_meta.get("service", ()))) or None


def sequence_of(meta: Children) -> str | None:
    """The item's number on the wire, which G2 puts among the alternative ids."""
    return next(
        (text(one) for one in meta.get("altId", ()) if (code_of(one, "type") or "").lower() in _SEQUENCES), None
    )


def credit_line_of(meta: Children, item: Item) -> str | None:
    line = next(iter(in_language(meta.get("creditline"), item.language)), None)
    return _DASH.sub("", text(line) or "") or None


# ── rights, and the way it came ─────────────────────────────────────────────────────────────────────────────────


def rights_of(infos: list[Element], credit_line: str | None, item: Item) -> Rights:
    """Each statement from the first rightsInfo that makes it; those for a part of the item come last."""
    ordered = [children(one) for one in sorted(infos, key=lambda one: bool(one.get("idrefs") or one.get("scope")))]
    return Rights(
        holder=next((name for one in ordered for name in names_of(one.get("copyrightHolder"), item)), None),
        notice=_statement(ordered, "copyrightNotice", item),
        usage_terms=_statement(ordered, "usageTerms", item),
        credit_line=credit_line,
    )


def _statement(infos: list[Children], name: str, item: Item) -> str | None:
    for info in infos:
        if given := in_language(info.get(name), item.language):
            return " ".join(dict.fromkeys(text(one) or "" for one in given))
    return None


def senders_of(item_element: Children, meta: Children, item: Item) -> tuple[str, ...]:
    """The sources as stated, then who passed the item on, in the order of the hops."""
    hops = [hop for history in item_element.get("hopHistory", ()) for hop in in_rank(children(history).get("hop"))]
    parties = [party for hop in hops for party in children(hop).get("party", ())]
    return unique((*names_of(meta.get("infoSource"), item), *names_of(parties, item)))
