"""NITF 3.x: one <nitf> document becomes one entry; several, in a wrapper or one after the other, become several.

Spec: IPTC NITF 3.6 (3.0 to 3.6 read the same). Element paths below are the standard's own names. What agencies put into
<meta> is told by the table _META. A document without doc-id is known by its du-key, else by its external reference.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from lxml import etree

from ingest.model import Association, Contributor, Dateline, Entry, Parsed, Payload, Reject, Rights, Subject, Take
from ingest.parse import desk
from ingest.parse.fields import address_of, int_of, language_of, people_of, time_of, unique
from ingest.parse.frames import UNZONED
from ingest.parse.nitfbody import Body, body_of, paragraphs, taken_notes
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import LANG, Element, Notes, children, local, message_of, read_items, standing, text

NAMES = ("nitf",)
ROOTS = ("nitf", "nitfs")

# What <meta name="…"> means, in lower case, at whichever agency uses it.
_META = {
    "anpa-sequence": "sequence", "sequence": "sequence", "anpa-category": "category", "category": "category",
    "ntbtjeneste": "category", "ntb-tjeneste": "category", "anpa-keyword": "slug", "slug": "slug", "slugline": "slug",
    "ntbstikkord": "slug", "ntb-stikkord": "slug", "anpa-takekey": "take", "takekey": "take", "anpa-format": "format",
    "anpa-priority": "priority", "priority": "priority", "genre": "genre", "language": "language", "lang": "language",
    "keywords": "keywords", "source": "source", "optinfo": "source",
}  # fmt: skip
_ZONED = re.compile(r"(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,4})$")
_BY = re.compile(r"^\s{0,9}(?:by|von|par|por|di|da|av|af)[\s:]{1,5}(?=\S)", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,3})[\s.]{1,3}(?=\S)")
_PEOPLE = ("person", "org", "event", "object.title", "function", "virtloc", "classifier", "chron", "money")


def parse(payload: Payload) -> Parsed:
    """One entry a document. Times without a zone are in `payload.zone`, with a warning.

    A document of which nothing can be read is a reject (`no-content`). Raises Malformed if it is no XML.
    """
    message = message_of(payload, frozenset({"nitf"}), "nitfs")
    parsed = read_items(message, partial(_document, payload=payload), NAMES[0])
    if not parsed.entries and not parsed.rejects:
        reject = Reject(code="no-content", place="nitfs", detail="a wrapper without any <nitf> in it")
        return parsed.model_copy(update={"rejects": (reject,)})
    return parsed


def _document(nitf: Element, number: int, payload: Payload) -> Entry | Reject:
    if nitf.tag[0] == "{":
        _without_namespace(nitf)
    head, body = nitf.find("head"), nitf.find("body")
    if head is None and body is None:
        return Reject(code="no-content", place=f"nitf {number}", detail="neither head nor body")
    return _Reader(nitf, head, body, payload).entry()


def _without_namespace(nitf: Element) -> None:
    for one in nitf.iter():
        name = local(one)
        if name:
            one.tag = name


class _Reader:
    """One document, with its parts looked up once."""

    def __init__(self, nitf: Element, head: Element | None, body: Element | None, payload: Payload) -> None:
        self.nitf, self.payload = nitf, payload
        self.notes = Notes(payload.zone)
        heads = children(head)
        self.title = text(_first(heads, "title"))
        self.meta = _meta(heads.get("meta", []))
        self.tobject = _first(heads, "tobject")
        self.pubdata = _first(heads, "pubdata")
        self.revisions = heads.get("revision-history", [])
        self.docdata = _first(heads, "docdata")
        self.doc = children(self.docdata)
        self.body = children(body)
        self.top = children(_first(self.body, "body.head"))
        self.content = _first(self.body, "body.content")
        self.status = self._at("management-status")

    def entry(self) -> Entry:
        issued = self._time("date.issue")
        body_notes, private = self._head_notes()
        read = self._read_body()
        note = " ".join((*self._messages(), *body_notes, *read.notes)) or None
        headline, subheadline = self._headlines()
        slug = self._slug(headline)
        release = self._time("date.release")
        is_embargoed = (self.status or "").lower() == "embargoed"
        later = release if release and (is_embargoed or (issued and release > issued)) else None
        stands = standing(
            self.status, None, later, (note, slug, headline, self.meta.get("take")), issued, self.notes,
            is_embargoed=is_embargoed,
        )  # fmt: skip
        replaces = self._at("management-doc-idref")
        distributor = text(_first(self.top, "distributor"))
        senders = tuple(one.get("src-name") for one in self._all("del-list/from-src"))
        byline, people = self._byline()
        warnings = (*dict.fromkeys(self.notes.warnings), *read.warnings)
        return Entry(
            guid=self._guid(),
            provider_version=self._version(),
            url=address_of(self.pubdata.get("ex-ref"), "") if self.pubdata is not None else None,
            type="picture" if read.images and not read.html else "text",
            pub_status=stands.pub_status,
            headline=headline,
            subheadline=subheadline,
            slugline=slug,
            summary_html=_summary(_first(self.top, "abstract")),
            html=self._html(read),
            is_full=True,
            byline=byline,
            authors=people_of(person.name for person in people) or people_of([byline] if byline else []),
            dateline=self._dateline(),
            language=self._language(),
            published=issued or self._published() or release,
            updated=self._revised(issued),
            embargoed_until=stands.embargoed_until,
            urgency=int_of(self._value("urgency", "ed-urg")) or None,
            genre=self.meta.get("genre") or self._genre(),
            keywords=self._keywords(),
            subjects=self._subjects(),
            ed_note=note,
            contributors=(*people, *self._revisers()),
            info_sources=unique((distributor, *senders, self.meta.get("source"))),
            places=self._places(),
            category=self.meta.get("category"),
            priority=self.meta.get("priority") or self._value("urgency", "ed-urg"),
            provider_sequence=self.meta.get("sequence"),
            instruction=stands.instruction or ("update" if replaces else None),
            expires=self._time("date.expire"),
            take=self._take(slug),
            associations=(*((Association(rel="replaces", guid=replaces),) if replaces else ()), *read.media),
            private_note=" ".join((*private, *read.private)) or None,
            images=read.images,
            rights=self._rights(distributor),
            provider=distributor or self._value("doc-id", "regsrc") or next(iter(unique(senders)), None),
            warnings=warnings,
        )

    def _read_body(self) -> Body:
        if self.content is None:
            return Body()
        return body_of(self.content, is_tabular=self.meta.get("format", "").lower() == "t")

    # ── who and when ──────────────────────────────────────────────────────────────────────────────────────────

    def _guid(self) -> str | None:
        reference = self.pubdata.get("ex-ref") if self.pubdata is not None else None
        stated = (self._value("doc-id", "id-string"), self._value("du-key", "key"), reference)
        return next((one.strip() for one in stated if one and one.strip()), None)

    def _version(self) -> str | None:
        """The dynamic-use key counts generations of a story, and versions of a generation."""
        parts = [self._value("du-key", name) for name in ("generation", "version")]
        return ".".join(part for part in parts if part) or None

    def _time(self, name: str) -> datetime | None:
        return self._read_time(self._value(name, "norm"), name)

    def _read_time(self, norm: str | None, name: str) -> datetime | None:
        if not norm or not norm.strip():
            return None
        when = time_of(norm, self.payload.zone)
        if when is None:
            self.notes.warnings.append(f"{name} is no time: {norm[:40]}")
        elif not _ZONED.search(norm.strip()):
            self.notes.warnings.append(UNZONED)
        return when

    def _published(self) -> datetime | None:
        dated = self.pubdata.get("date.publication") if self.pubdata is not None else None
        story = _first(self.top, "dateline")
        day = story.find("story.date") if story is not None else None
        return self._read_time(dated or (day.get("norm") if day is not None else None), "date of publication")

    def _revised(self, issued: datetime | None) -> datetime | None:
        """The last revision, if it is later than the issue: the history of a story goes on before that, too."""
        times = [self._read_time(one.get("norm"), "revision-history") for one in self.revisions]
        last = max((when for when in times if when), default=None)
        return last if last and (issued is None or last > issued) else None

    def _byline(self) -> tuple[str | None, tuple[Contributor, ...]]:
        """The names as printed, without "By" and without titles; each person with the title that follows."""
        lines: list[str] = []
        people: list[Contributor] = []
        for byline in self.top.get("byline", []):
            title = text(byline.find("byttl"))
            named = [name for name in map(text, byline.iter("person")) if name]
            etree.strip_elements(byline, "byttl", with_tail=False)
            line = _BY.sub("", text(byline) or "").strip(" ,;") or None
            lines += [line] if line else []
            people += [Contributor(name=name, role=title) for name in named or ([line] if line and title else [])]
        return ", ".join(lines) or None, tuple(people)

    def _revisers(self) -> tuple[Contributor, ...]:
        found = ((one.get("name"), one.get("function")) for one in self.revisions)
        return tuple(Contributor(name=name, role=role) for name, role in dict.fromkeys(found) if name)

    def _dateline(self) -> Dateline | None:
        element = _first(self.top, "dateline")
        for part in list(element)[:-1] if element is not None else ():
            part.tail = part.tail if (part.tail or "").strip() else ", "
        printed = text(element)
        if element is None or not printed:
            return None
        city, place, day = element.find(".//city"), element.find("location"), element.find("story.date")
        location = text(city) or (text(place) or printed).split(",", maxsplit=1)[0]
        return Dateline(text=printed.replace(" ,", ","), place=location.strip(" .-–—") or None, date=text(day))

    # ── what it is about ──────────────────────────────────────────────────────────────────────────────────────

    def _headlines(self) -> tuple[str | None, str | None]:
        """hl1 and hl2; without hl1 the title, less the number of the piece that it begins with (PA)."""
        lines = children(_first(self.top, "hedline"))
        first, second = text(_first(lines, "hl1")), text(_first(lines, "hl2"))
        headline = first or text(_first(self.top, "hedline")) or self._plain_title()
        return headline, second if second != headline else None

    def _plain_title(self) -> str | None:
        found = _NUMBERED.match(self.title or "")
        is_part = found is not None and found[1] == self._value("series", "series.part")
        return (self.title or "")[found.end() :] if found and is_part else self.title

    def _slug(self, headline: str | None) -> str | None:
        """As stated; else the title where it is another text than the headline; else the first keyword."""
        title = self._plain_title()
        if "slug" in self.meta:
            return self.meta["slug"]
        is_own = title != headline or "hedline" not in self.top
        return (title if title != headline else None) or next(iter(self._keywords()), title if is_own else None)

    def _keywords(self) -> tuple[str, ...]:
        listed = (one.get("key") or text(one) for one in self._all("key-list/keyword"))
        named = (part.strip() for part in self.meta.get("keywords", "").split(","))
        return unique((*listed, *named))

    def _subjects(self) -> tuple[Subject, ...]:
        given = self.tobject.iter("tobject.subject") if self.tobject is not None else ()
        found = [subject for one in given if (subject := _subject(one))]
        content = _first(self.doc, "identified-content")
        if content is not None:
            found += [_identified(one) for one in content.iter(*_PEOPLE)]
        return tuple(dict.fromkeys(one for one in found if one.code or one.name))

    def _places(self) -> tuple[Subject, ...]:
        events = (
            Subject(scheme="iso-cc" if one.get("iso-cc") else None, code=one.get("iso-cc") or None, name=name)
            for one in self.doc.get("evloc", [])
            if (name := one.get("city") or one.get("county-dist") or one.get("state-prov") or None) or one.get("iso-cc")
        )
        named = (
            Subject(scheme=one.get("code-source"), code=one.get("location-code"), name=text(one))
            for one in self._all("identified-content/location")
        )
        return tuple(dict.fromkeys(one for one in (*events, *named) if one.code or one.name))

    def _genre(self) -> str | None:
        if self.tobject is None:
            return None
        types = (one.get("tobject.property.type") for one in self.tobject.iter("tobject.property"))
        return ", ".join(unique(types)) or None

    def _language(self) -> str | None:
        first = self.content.find(f".//p[@{LANG}]") if self.content is not None else None
        body = self.content.getparent() if self.content is not None else None
        elements = (self.nitf, body, self.content, first)
        stated = (one.get(LANG) for one in elements if one is not None)
        return language_of(self.meta.get("language"), *stated, self.payload.language)

    # ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────

    def _messages(self) -> tuple[str, ...]:
        return unique((one.get("info") or "").strip() for one in self.doc.get("ed-msg", []))

    def _head_notes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        head = _first(self.body, "body.head")
        return taken_notes(head) if head is not None and "note" in self.top else ((), ())

    def _take(self, slug: str | None) -> Take | None:
        """A series without a name is one story in pieces; one with a name is a row of stories (NITF 3.6, series)."""
        if key := self.meta.get("take"):
            return desk.take_of(f"{slug or ''}, {key}") or Take(key=f"{slug or ''} {key}".strip(), number=1)
        part = int_of(self._value("series", "series.part"))
        group = self._value("du-key", "key") or slug
        if not part or not group or self._value("series", "series.name"):
            return None
        total = int_of(self._value("series", "series.totalpart")) or 0
        return Take(key=group, number=part, is_add=part > 1, is_last=part == total)

    def _rights(self, distributor: str | None) -> Rights:
        stated, notice = _first(self.doc, "doc.rights"), _first(self.top, "rights")
        terms: Iterable[str | None] = ()
        if stated is not None:
            terms = (stated.get("type"), stated.get("limitations"), stated.get("geography"))
        owner = stated.get("owner") if stated is not None else None
        printed = text(notice.find("rights.owner")) if notice is not None else None
        return Rights(
            holder=self._value("doc.copyright", "holder") or owner or printed,
            year=int_of(self._value("doc.copyright", "year")),
            notice=text(notice),
            distributor=distributor or (stated.get("agent") if stated is not None else None) or None,
            usage_terms=" ".join(unique(terms)) or None,
        )

    def _html(self, read: Body) -> str | None:
        end = children(_first(self.body, "body.end"))
        tail = (paragraphs(_first(end, name)) for name in ("tagline", "bibliography"))
        return "\n".join(part for part in (read.html, *tail) if part) or None

    # ── looking up ────────────────────────────────────────────────────────────────────────────────────────────

    def _at(self, name: str) -> str | None:
        return (self.docdata.get(name) or None) if self.docdata is not None else None

    def _value(self, element: str, name: str) -> str | None:
        found = _first(self.doc, element)
        return (found.get(name) or None) if found is not None else None

    def _all(self, path: str) -> list[Element]:
        return self.docdata.findall(path) if self.docdata is not None else []


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
    names = (element.get(f"tobject.subject.{part}") for part in ("detail", "matter", "type"))
    name = next((one for one in names if one), None)
    code = element.get("tobject.subject.refnum") or element.get("tobject.subject.code")
    if not code:
        return Subject(name=name) if name else None
    code = code.zfill(8) if code.isdigit() and len(code) == 7 else code
    known = subject_of(code, element.get("tobject.subject.ipr") or "IPTC")
    return known if known.name else known.model_copy(update={"name": name})


def _identified(element: Element) -> Subject:
    """A person, organisation, event … that the document is about; its scheme is where its code is from, or its kind."""
    scheme = element.get("idsrc") or element.get("type") or local(element)
    return Subject(scheme=scheme, code=element.get("value") or None, name=text(element))


def _summary(abstract: Element | None) -> str | None:
    said = text(abstract)
    return said.replace("&", "&amp;").replace("<", "&lt;") if said else None
