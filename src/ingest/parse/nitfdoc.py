"""What one NITF document states, looked up where the standard has it. Element paths are NITF 3.6's own names."""

import re
from datetime import datetime

from lxml import etree

from ingest.model import Contributor, Dateline, Payload, Rights, Subject, Take
from ingest.parse import desk
from ingest.parse.bylines import byline_of
from ingest.parse.fields import int_of, language_of, time_of, unique
from ingest.parse.frames import UNZONED
from ingest.parse.nitfbody import Body, body_of, decks, paragraphs, taken_notes
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import LANG, Element, Notes, children, local, text

# What <meta name="…"> means, in lower case, at whichever agency uses it.
_META = {
    "anpa-sequence": "sequence", "sequence": "sequence", "anpa-category": "category", "category": "category",
    "ntbtjeneste": "category", "ntb-tjeneste": "category", "anpa-keyword": "slug", "slug": "slug", "slugline": "slug",
    "ntbstikkord": "slug", "ntb-stikkord": "slug", "anpa-takekey": "take", "takekey": "take", "anpa-format": "format",
    "anpa-priority": "priority", "priority": "priority", "genre": "genre", "language": "language", "lang": "language",
    "keywords": "keywords", "keyword": "keywords", "source": "source", "optinfo": "source", "aap-source": "source",
    "aap-priority": "priority", "ntbprioritet": "priority", "ntb-prioritet": "priority", "categoria": "category",
    "author": "author", "writer": "writer", "aap-place": "place",
}  # fmt: skip
_SUBJECT_META = "category_iptc"  # ANSA's; one a subject
_AGENCY_MARK = re.compile(r"^>{2,4}\s{0,3}[A-Z]{2,8}/\s{0,3}")  # ">>>ANSA/Headline"
_ZONED = re.compile(r"(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,4})$")
_LANGUAGE_OF_TEXT = etree.XPath("string(.//p/@xml:lang)", smart_strings=False)
_LEAD = etree.XPath("*[@class='lead'][1]")
_PERIOD = (("from", "startdate"), ("until", "enddate"))
_DAY, _ISO_DAY = re.compile(r"^(\d{4})-?(\d\d)-?(\d\d).{0,40}"), r"\1-\2-\3"
_NUMBERED = re.compile(r"(\d{1,3})[\s.]{1,3}(?=\S)")
_PEOPLE = ("person", "org", "event", "object.title", "function", "virtloc", "classifier", "chron", "money")


class Document:
    """One document, with its parts looked up once."""

    def __init__(self, nitf: Element, head: Element | None, body: Element | None, payload: Payload) -> None:
        self.nitf, self.payload = nitf, payload
        self.notes = Notes(payload.zone)
        heads = children(head)
        self.title = text(_first(heads, "title"))
        self.metas = heads.get("meta", [])
        self.meta = _meta(self.metas)
        self.tobject = _first(heads, "tobject")
        self.pubdata = _first(heads, "pubdata")
        self.revisions = heads.get("revision-history", [])
        self.docdata = _first(heads, "docdata")
        self.doc = children(self.docdata)
        self.body = children(body)
        self.top = children(_first(self.body, "body.head"))
        self.content = _first(self.body, "body.content")
        self.status = self.at("management-status")

    def read_body(self) -> Body:
        if self.content is None:
            return Body()
        return body_of(self.content, is_tabular=self.meta.get("format", "").lower() == "t")

    def lead(self) -> Element | None:
        """NTB's abstract, which is the body's first paragraph as well; to be asked for before the body is read."""
        found = _LEAD(self.content) if self.content is not None else ()
        return next((one for one in found if isinstance(one, Element)), None) if isinstance(found, list) else None

    # ── who and when ──────────────────────────────────────────────────────────────────────────────────────────

    def guid(self) -> str | None:
        reference = self.pubdata.get("ex-ref") if self.pubdata is not None else None
        stated = (self.value("doc-id", "id-string"), self.value("du-key", "key"), reference)
        return next((one.strip() for one in stated if one and one.strip()), None)

    def version(self) -> str | None:
        """The dynamic-use key counts generations of a story, and versions of a generation."""
        parts = [self.value("du-key", name) for name in ("generation", "version")]
        return ".".join(part for part in parts if part) or None

    def time(self, name: str) -> datetime | None:
        return self._read_time(self.value(name, "norm"), name)

    def _read_time(self, norm: str | None, name: str) -> datetime | None:
        if not norm or not norm.strip():
            return None
        when = time_of(norm, self.payload.zone)
        if when is None:
            self.notes.warnings.append(f"{name} is no time: {norm[:40]}")
        elif not _ZONED.search(norm.strip()):
            self.notes.warnings.append(UNZONED)
        return when

    def published(self) -> datetime | None:
        dated = self.pubdata.get("date.publication") if self.pubdata is not None else None
        story = self.head("dateline")
        day = story.find("story.date") if story is not None else None
        return self._read_time(dated or (day.get("norm") if day is not None else None), "date of publication")

    def revised(self, issued: datetime | None) -> datetime | None:
        """The last revision, if it is later than the issue: the history of a story goes on before that, too."""
        times = [self._read_time(one.get("norm"), "revision-history") for one in self.revisions]
        last = max((when for when in times if when), default=None)
        return last if last and (issued is None or last > issued) else None

    def byline(self) -> tuple[str | None, tuple[Contributor, ...]]:
        """The names as printed, without "By" and without titles; each person with the title that follows."""
        lines: list[str] = []
        people: list[Contributor] = []
        for byline in self.top.get("byline", []):
            title, named = None, []
            if len(byline):
                title = text(byline.find("byttl"))
                named = [name for name in map(text, byline.iter("person")) if name]
                etree.strip_elements(byline, "byttl", with_tail=False)
            line = (byline_of(text(byline)) or "").strip(" ,;") or None
            lines += [line] if line else []
            people += [Contributor(name=name, role=title) for name in named or ([line] if line and title else [])]
        return ", ".join(lines) or None, tuple(people)

    def revisers(self) -> tuple[Contributor, ...]:
        found = [(one.get("name"), one.get("function")) for one in self.revisions]
        found += [(self.meta.get(role), role) for role in ("author", "writer")]
        return tuple(Contributor(name=name, role=role) for name, role in dict.fromkeys(found) if name)

    def dateline(self) -> Dateline | None:
        element = self.head("dateline")
        for part in list(element)[:-1] if element is not None else ():
            part.tail = part.tail if (part.tail or "").strip() else ", "
        printed = text(element)
        if element is None or not printed:
            return None
        inside = children(element)
        city, place, day = next(element.iter("city"), None), _first(inside, "location"), _first(inside, "story.date")
        location = text(city) or (text(place) or printed).split(",", maxsplit=1)[0]
        return Dateline(text=printed.replace(" ,", ","), place=location.strip(" .-–—") or None, date=text(day))

    # ── what it is about ──────────────────────────────────────────────────────────────────────────────────────

    def headlines(self) -> tuple[str | None, str | None]:
        """hl1 and hl2; without hl1 the title, less the number of the piece that it begins with (PA)."""
        lines = children(self.head("hedline"))
        first, second = text(_first(lines, "hl1")), text(_first(lines, "hl2"))
        headline = first or text(self.head("hedline")) or self._plain_title()
        headline = _AGENCY_MARK.sub("", headline) if headline else None
        return headline, second if second != headline else None

    def _plain_title(self) -> str | None:
        title = _AGENCY_MARK.sub("", self.title or "") or None
        found = _NUMBERED.match(title or "")
        is_part = found is not None and found[1] == self.value("series", "series.part")
        return (title or "")[found.end() :] if found and is_part else title

    def slug(self, headline: str | None) -> str | None:
        """As stated; else the title where it is another text than the headline; else the first keyword."""
        title = self._plain_title()
        if "slug" in self.meta:
            return self.meta["slug"]
        is_own = title != headline or "hedline" not in self.top
        slug = (title if title != headline else None) or next(iter(self.keywords()), title if is_own else None)
        return slug or self.value("du-key", "key")

    def keywords(self) -> tuple[str, ...]:
        listed = (one.get("key") or text(one) for one in self.all("key-list", "keyword"))
        named = (_AGENCY_MARK.sub("", part.strip()) for part in self.meta.get("keywords", "").split(","))
        return unique((*listed, *named))

    def subjects(self) -> tuple[Subject, ...]:
        given = self.tobject.iter("tobject.subject") if self.tobject is not None else ()
        found = [subject for one in given if (subject := _subject(one))]
        found += [subject_of(one.get("content"), "subj") for one in self.metas if one.get("name") == _SUBJECT_META]
        content = _first(self.doc, "identified-content")
        if content is not None:
            found += [_identified(one) for one in content.iter(*_PEOPLE)]
        return tuple(dict.fromkeys(one for one in found if one.code or one.name))

    def places(self) -> tuple[Subject, ...]:
        events = (
            Subject(scheme="iso-cc" if one.get("iso-cc") else None, code=one.get("iso-cc") or None, name=name)
            for one in self.doc.get("evloc", [])
            if (name := one.get("city") or one.get("county-dist") or one.get("state-prov") or None) or one.get("iso-cc")
        )
        named = (
            Subject(scheme=one.get("code-source"), code=one.get("location-code"), name=text(one))
            for one in self.all("identified-content", "location")
        )
        stated = (Subject(name=self.meta["place"]),) if "place" in self.meta else ()
        return tuple(dict.fromkeys(one for one in (*events, *named, *stated) if one.code or one.name))

    def genre(self) -> str | None:
        """As stated, and the fixture: the constant name of articles such as this one."""
        properties = self.tobject.iter("tobject.property") if self.tobject is not None else ()
        types = [one.get("tobject.property.type") for one in properties]
        stated = [self.meta["genre"]] if "genre" in self.meta else types
        return ", ".join(unique((*stated, *self.values("fixture", "fix-id")))) or None

    def category(self) -> str | None:
        """The wire's own, and for whom it is (PA: SPORT)."""
        return ", ".join(unique((self.meta.get("category"), *self.values("doc-scope", "scope")))) or None

    def language(self) -> str | None:
        body = self.content.getparent() if self.content is not None else None
        stated = (one.get(LANG) for one in (self.nitf, body, self.content) if one is not None)
        return language_of(self.meta.get("language"), *stated) or language_of(
            self._text_language(), self.payload.language
        )

    def _text_language(self) -> object:
        """That of the first paragraph which has one."""
        return _LANGUAGE_OF_TEXT(self.content) if self.content is not None else None

    # ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────

    def messages(self) -> tuple[str, ...]:
        said = [*self.doc.get("ed-msg", ()), *self.doc.get("correction", ())]
        return unique((one.get("info") or "").strip() for one in said)

    def head_notes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        head = _first(self.body, "body.head")
        return taken_notes(head) if head is not None and "note" in self.top else ((), ())

    def take(self, slug: str | None) -> Take | None:
        """A series without a name is one story in pieces; one with a name is a row of stories (NITF 3.6, series)."""
        if key := self.meta.get("take"):
            return desk.take_of(f"{slug or ''}, {key}") or Take(key=f"{slug or ''} {key}".strip(), number=1)
        part = int_of(self.value("series", "series.part"))
        group = self.value("du-key", "key") or slug
        if not part or not group or self.value("series", "series.name"):
            return None
        total = int_of(self.value("series", "series.totalpart")) or 0
        return Take(key=group, number=part, is_add=part > 1, is_last=part == total)

    def rights(self, distributor: str | None) -> Rights:
        """What all doc.copyright and doc.rights say together; the year is the last."""
        notice = self.head("rights")
        holders = self.values("doc.copyright", "holder") or self.values("doc.rights", "owner")
        printed = text(notice.find("rights.owner")) if notice is not None else None
        years = [year for said in self.values("doc.copyright", "year") if (year := int_of(said))]
        return Rights(
            holder=", ".join(holders) or printed,
            year=max(years, default=None),
            notice=text(notice),
            distributor=distributor or ", ".join(self.values("doc.rights", "agent")) or None,
            usage_terms="; ".join(unique(map(_terms, self.doc.get("doc.rights", ())))) or None,
        )

    def html(self, read: Body) -> str | None:
        end = children(_first(self.body, "body.end"))
        lines = children(self.head("hedline"))
        tail = (paragraphs(_first(end, name)) for name in ("tagline", "bibliography"))
        return "\n".join(part for part in (decks(lines.get("hl2", [])), read.html, *tail) if part) or None

    # ── looking up ────────────────────────────────────────────────────────────────────────────────────────────

    def head(self, name: str) -> Element | None:
        """The first such element of body.head."""
        return _first(self.top, name)

    def at(self, name: str) -> str | None:
        return (self.docdata.get(name) or None) if self.docdata is not None else None

    def value(self, element: str, name: str) -> str | None:
        found = self.doc.get(element)
        return (found[0].get(name) or None) if found else None

    def values(self, element: str, name: str) -> tuple[str, ...]:
        """An attribute of all such elements of docdata."""
        return unique((one.get(name) or "").strip() for one in self.doc.get(element, ()))

    def all(self, outer: str, inner: str) -> list[Element]:
        return [one for holder in self.doc.get(outer, ()) for one in holder.iterchildren(inner)]


def _first(found: dict[str, list[Element]], name: str) -> Element | None:
    return found[name][0] if name in found else None


def _meta(elements: list[Element]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in elements:
        name, value = _META.get((one.get("name") or "").lower()), (one.get("content") or "").strip()
        if name and value:
            found.setdefault(name, value)
    return found


def _subject(element: Element) -> Subject | None:
    """IPTC's English name where the code is IPTC's; otherwise the most exact name that is given."""
    said = element.get
    name = said("tobject.subject.detail") or said("tobject.subject.matter") or said("tobject.subject.type") or None
    code = element.get("tobject.subject.refnum") or element.get("tobject.subject.code")
    if not code:
        return Subject(name=name) if name else None
    code = code.zfill(8) if code.isdigit() and len(code) == 7 else code
    scheme = element.get("tobject.subject.ipr") or "IPTC"
    known = subject_of(code, scheme)
    return known if known.name else subject_of(code, scheme, name)


def _terms(rights: Element) -> str | None:
    """One doc.rights: what may be done, where, and from when to when."""
    said = [rights.get(name) for name in ("type", "limitations", "geography")]
    said += [f"{word} {_DAY.sub(_ISO_DAY, day[:40])}" for word, name in _PERIOD if (day := rights.get(name))]
    return " ".join(unique(said)) or None


def _identified(element: Element) -> Subject:
    """A person, organisation, event … that the document is about; its scheme is where its code is from, or its kind."""
    scheme = element.get("idsrc") or element.get("type") or local(element)
    return Subject(scheme=scheme, code=element.get("value") or None, name=text(element))
