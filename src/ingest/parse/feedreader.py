"""feedparser's two readers (strict and loose), bounded, with what a newsroom needs kept apart.

feedparser takes a second description (a caption, iTunes' summary) for the body, keeps only the last of several hours,
captions and credits, and resolves guids as if they were links. The handlers here override that; its knowledge of
RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0 and CDF is used as it is.

An item afterwards has, beside feedparser's own keys:
    texts    every title, description, content … as a `Piece`, in order
    media    a `Media` that holds the item's own thumbnails, credits …, and those of its contents and groups
    stated   elements of agencies' namespaces, see `dialects`: `apcm_byline` → its texts, or what its Value says
"""

import re
import xml.sax
import xml.sax.handler
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple
from xml.parsers import expat

from defusedxml.expatreader import DefusedExpatParser  # type: ignore[import-untyped]
from feedparser import api, mixin
from feedparser.exceptions import UndeclaredNamespace
from feedparser.urls import make_safe_absolute_uri
from feedparser.util import FeedParserDict

from ingest.parse.dialects import NAMESPACES
from ingest.parse.limits import MAX_REFERENCES
from ingest.parse.xmltext import XmlText, repair

MAX_ITEMS = 10_000  # whatever the caller's limit: memory and time
MAX_ATTRIBUTES = 100  # of one element; SAX looks them up in quadratic time
MAX_DEPTH = 500
MAX_LOOSE = 5_000_000  # characters
MAX_NAMESPACES = 100
MAX_BASE = 2_000  # characters, of an xml:base in another
# What a reader may do before it stops: a text, a reference and an attribute are one step each, a tag takes as long as
# five, a text construct as another five, and an xml:base is to be resolved; an item becomes an entry afterwards.
_TAG_STEPS = 5
_TEXT_STEPS = 5
_BASE_STEPS = 15
_ITEM_STEPS = 30
_TIME_STEPS = 60  # of a time in no usual form, which many readers are asked for
_SHORT = 500  # characters of two addresses
_ATOM = "http://www.w3.org/2005/atom"
_IANA = "http://www.iana.org/assignments/relation/"  # before a link's relation, which means the same without
_DIALECTS = frozenset(NAMESPACES.values())
_HOLDERS = frozenset(("item", "entry", "channel", "feed", "rss", "rdf:rdf"))
_NEVER_IN_TEXTS = _HOLDERS | {
    "title", "link", "guid", "pubdate", "description", "content:encoded", "category", "enclosure", "author",
    "dc:creator", "dc:date", "id", "updated", "published",
}  # fmt: skip
# RFC 822 and ISO 8601, on a day that every month has: what `fields.time_of` reads at once.
_USUAL_TIME = re.compile(
    r"(?:(?:[A-Z][a-z]{2}, )?(?:0?[1-9]|1\d|2[0-8]) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"|\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])[T ])"
    r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\.\d{1,6})?(?: ?[+-]\d\d:?\d\d| ?[A-Z]{1,3})?"
)
_C1 = re.compile("[\u0080-\u009f]")
# expat's words where the end is missing or followed by something: all items before it have been read as they are
_AT_THE_END = ("no element found", "unclosed", "junk after document element")


def _remembering(join: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """As `join`, whose answers for short addresses are kept."""
    known = lru_cache(maxsize=256)(join)
    return lambda base, uri: known(base, uri) if len(base) + len(uri) < _SHORT else join(base, uri)


def _base_of(base: str, uri: str) -> str:
    """Of an xml:base in another. feedparser would drop it where the outer one is relative to the document."""
    if len(base) + len(uri) > MAX_BASE:
        return base
    is_absolute = base.lower().startswith(("http://", "https://"))
    return make_safe_absolute_uri(base, uri) if is_absolute else mixin._urljoin(base, uri)  # type: ignore[no-any-return]


# Asked for with every element, most often as with the one before: under an xml:base they would take half of all time.
mixin._urljoin = _remembering(mixin._urljoin)
mixin.make_safe_absolute_uri = _remembering(_base_of)


class Budget(NamedTuple):
    """How many steps are taken for a document: what a feed of its size needs, not what its size can be made to hold."""

    least: int
    most: int
    characters: int  # for each further step: a real feed has more, a flood of tags one or two

    def of(self, text: str) -> int:
        return min(self.most, self.least + len(text) // self.characters)


STRICT = Budget(150_000, 1_000_000, 5)
LOOSE = Budget(60_000, 300_000, 8)  # it takes half as long again for a step


class Piece(NamedTuple):
    """One text construct: the element it came from (`content:encoded`), its media type, value and xml:base."""

    element: str
    type: str
    value: str
    base: str | None
    language: str | None


@dataclass
class Media:
    """A media:content, a media:group with its renditions, or the item itself (no `attributes` then)."""

    attributes: dict[str, str] = field(default_factory=dict)
    inside: "list[Media]" = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)  # description, title, credit, copyright, license
    thumbnails: list[dict[str, str]] = field(default_factory=list)


class Feed(NamedTuple):
    """`items` and `about` have feedparser's keys, no aliases. `unfinished`: an item was cut off, and left out."""

    version: str
    items: list[dict[str, Any]]
    about: dict[str, Any]
    unfinished: bool
    warnings: tuple[str, ...]


class _Params(FeedParserDict):  # type: ignore[misc]
    """What is known of the text under way. It is asked for with each tag, and none of its keys has an alias.

    It is flat, too, so the deep copies that feedparser takes of it may be plain ones.
    """

    __getitem__, __contains__, get = dict.__getitem__, dict.__contains__, dict.get

    def __deepcopy__(self, memo: object) -> FeedParserDict:
        return FeedParserDict(self)


class _Stop(xml.sax.SAXException):
    """A bound was reached; what was read stands."""


class _Newsroom(mixin._FeedParserMixin):  # type: ignore[misc]  # feedparser is untyped
    """Goes before feedparser's readers. Handlers are found by name: `_start_` + prefix + `_` + local name."""

    contentparams: Any
    version: str
    steps_left: int
    namespace: str  # of the document's root
    resolve_relative_uris = sanitize_html = False  # 3.3 times as fast; cleaning is a stage of its own
    namespaces = mixin._FeedParserMixin.namespaces | NAMESPACES
    _matchnamespaces: ClassVar[dict[str, str]] = {}  # feedparser fills it once, from the above

    def __init__(self, *args: Any) -> None:
        self.element = ""
        self.incontent = self.guidislink = 0
        self.div_depth = -1
        self.origins: list[str] = []
        self.media: list[Media] = []  # the open ones: item, group, content
        super().__init__(*args)
        self.contentparams = _Params()

    # ── bounds ──

    def _step(self, steps: int = 1) -> None:
        self.steps_left -= steps
        if self.steps_left < 0:
            raise _Stop("more tags and texts than are read of one feed; the rest was not read")

    def handle_data(self, text: str, escape: int = 1) -> None:
        self._step()
        super().handle_data(text, escape)

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        self._step(_TAG_STEPS + sum(_BASE_STEPS if name in ("xml:base", "base") else 1 for name, _ in attrs))
        if self.depth > MAX_DEPTH:
            raise _Stop(f"elements are nested more than {MAX_DEPTH} deep; the rest was not read")
        prefix, _, local = tag.rpartition(":")
        mapped = self.namespacemap.get(prefix, prefix) if prefix else ""
        self.element = f"{mapped}:{local}" if mapped else local
        if mapped in _DIALECTS:
            self._state(f"{mapped}_{local}", dict(attrs).get("value"))
            attrs = []  # with attributes, feedparser would not keep the text
        super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        self._step(_TAG_STEPS)
        super().unknown_endtag(tag)
        prefix, _, local = tag.rpartition(":")
        if self.inentry and self.entries and (mapped := self.namespacemap.get(prefix, prefix)) in _DIALECTS:
            self._state(f"{mapped}_{local}", self.entries[-1].pop(f"{mapped}_{local}", None))

    def _state(self, element: str, value: object) -> None:
        if value and isinstance(value, str) and self.inentry and self.entries:
            self.entries[-1].setdefault("stated", {}).setdefault(element, []).append(value)

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) > MAX_NAMESPACES:
            raise _Stop(f"more than {MAX_NAMESPACES} namespaces; the rest was not read")
        before = self.version
        super().track_namespace(prefix, uri)
        if self.version == "atom10" and self.namespace.lower() != _ATOM:  # declared for a link or two
            self.version = before

    def _start_item(self, attrs_d: dict[str, str]) -> None:
        if len(self.entries) >= MAX_ITEMS:
            raise _Stop(f"more than {MAX_ITEMS} items; the rest was not read")
        self._step(_ITEM_STEPS)
        super()._start_item(attrs_d)
        self.media = [Media()]
        self.entries[-1]["media"] = self.media[0]

    def _end_item(self) -> None:
        super()._end_item()
        self.media = []

    _start_entry, _end_entry = _start_item, _end_item

    # ── texts: all of them, none taken for another ──

    def push_content(self, tag: str, attrs_d: dict[str, str], default: str, expecting_text: int) -> None:
        self._step(_TEXT_STEPS)
        self.origins.append(self.element)
        super().push_content(tag, attrs_d, default, expecting_text)
        self.contentparams = _Params(self.contentparams)
        if attrs_d.get("src"):
            self._get_context().setdefault("content_src", self.resolve_uri(attrs_d["src"]))

    def pop_content(self, tag: str) -> Any:
        value, params = self.pop(tag), self.contentparams
        origin = self.origins.pop() if self.origins else tag
        if value and isinstance(value, str):
            piece = Piece(origin, params.get("type") or "", value, params.get("base"), params.get("language"))
            self._get_context().setdefault("texts", []).append(piece)
        self.incontent = max(0, self.incontent - 1)
        params.clear()
        return value

    def _start_description(self, attrs_d: dict[str, str]) -> None:
        self.push_content("description", attrs_d, "text/html", 1)

    def _end_description(self) -> None:
        self.pop_content("description")

    def _start_summary(self, attrs_d: dict[str, str]) -> None:
        self.push_content("summary", attrs_d, "text/plain", 1)

    def _end_summary(self) -> None:
        self.pop_content("summary")

    def _start_xhtml_div(self, attrs_d: dict[str, str]) -> None:
        self.push_content("xhtml_div", attrs_d, "application/xhtml+xml", 1)
        self.div_depth = self.depth

    def _end_xhtml_div(self) -> None:
        if self.depth == self.div_depth:  # and not one inside another text
            self.div_depth = -1
            self.pop_content("xhtml_div")

    # ── identity, people, categories ──

    def _start_link(self, attrs_d: dict[str, str]) -> None:
        if attrs_d.get("rel", "").startswith(_IANA):
            attrs_d["rel"] = attrs_d["rel"].removeprefix(_IANA)
        self._step(_TEXT_STEPS)
        super()._start_link(attrs_d)

    def _end_guid(self) -> None:
        permalink, self.guidislink = self.guidislink, 0  # 0: it is a name, not to be resolved like a link
        value = self.pop("id") or ""
        if permalink and value.lower().startswith(("http://", "https://")):
            self._get_context().setdefault("permalink", value)

    _end_id = _end_guid

    def _save_author(self, key: str, value: str, prefix: str = "author") -> None:
        if prefix == "author":
            context = self._get_context()
            context.setdefault("authors", [{}])
            context["authors"][-1][key] = value

    def _sync_author_detail(self, key: str = "author") -> None:
        """Keep what is printed; feedparser looks for an address with an expression that takes quadratic time."""
        context = self._get_context()
        people = context.get(f"{key}s")
        if people and not people[-1].get("name") and isinstance(context.get(key), str):
            people[-1]["name"] = context[key]

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        """Doubles, too: feedparser's look for them takes quadratic time."""
        self._step(_TAG_STEPS)
        tags = self._get_context().setdefault("tags", [])
        if term or scheme or label:
            tags.append(FeedParserDict(term=term, scheme=scheme, label=label))

    def resolve_uri(self, uri: str) -> str:
        self._step((len(self.baseuri) + len(uri)) // 50)
        return super().resolve_uri(uri)  # type: ignore[no-any-return]

    # ── times as they are written: feedparser would read them here, which takes longer than all the rest ──

    def _pop_time(self, name: str) -> None:
        said = self.pop(name)
        if isinstance(said, str) and not _USUAL_TIME.fullmatch(said):
            self._step(_TIME_STEPS)

    def _end_published(self) -> None:
        self._pop_time("published")

    _end_issued = _end_pubdate = _end_published

    def _end_updated(self) -> None:
        self._pop_time("updated")

    _end_modified = _end_lastbuilddate = _end_updated

    def _end_created(self) -> None:
        self._pop_time("created")

    def _end_expirationdate(self) -> None:
        self.pop("expired")

    # ── Dublin Core, skipHours and skipDays, an item's own image ──

    def _start_dc_date(self, attrs_d: dict[str, str]) -> None:
        self.push("dc_date", 1)

    def _end_dc_date(self) -> None:
        self._pop_time("dc_date")

    def _start_dc_publisher(self, attrs_d: dict[str, str]) -> None:
        self.push("dc_publisher", 1)

    def _end_dc_publisher(self) -> None:
        self.pop("dc_publisher")

    def _end_hour(self) -> None:
        self._get_context().setdefault("skip_hours", []).append(self.pop("hour"))

    def _end_day(self) -> None:
        self._get_context().setdefault("skip_days", []).append(self.pop("day"))

    def _start_image(self, attrs_d: dict[str, str]) -> None:
        if self.inentry:
            self.push("item_image", 0)
        else:
            super()._start_image(attrs_d)

    def _end_image(self) -> None:
        if not self.inentry:
            super()._end_image()
            return
        text = self.pop("item_image") or ""
        url = self.entries[-1].pop("href", None) or text
        if self.media and url.startswith(("http", "/")):
            self.media[0].thumbnails.append({"url": url})

    # ── Media RSS: texts belong to the innermost content or group, or to the item ──

    def _open_media(self, attrs_d: dict[str, str]) -> None:
        media = Media(attributes=dict(attrs_d))
        if self.media:
            self.media[-1].inside.append(media)
        self.media.append(media)

    def _close_media(self) -> None:
        if len(self.media) > 1:
            self.media.pop()

    _start_media_content = _start_media_group = _open_media
    _end_media_content = _end_media_group = _close_media

    def _start_media_thumbnail(self, attrs_d: dict[str, str]) -> None:
        if self.media:
            self.media[-1].thumbnails.append(dict(attrs_d))
        self._start_media_text(attrs_d)

    def _end_media_thumbnail(self) -> None:
        url = self.pop("media_text")
        if url and self.media and self.media[-1].thumbnails:
            self.media[-1].thumbnails[-1].setdefault("url", url)

    def _start_media_text(self, attrs_d: dict[str, str]) -> None:
        self.push("media_text", 0)

    def _end_media_text(self, kind: str) -> None:
        value = self.pop("media_text")
        if value and self.media:
            self.media[-1].texts.setdefault(kind, []).append(value)


def _closer(kind: str) -> Callable[[_Newsroom], None]:
    return lambda reader: reader._end_media_text(kind)


for _kind in ("description", "title", "credit", "copyright", "license"):
    setattr(_Newsroom, f"_start_media_{_kind}", _Newsroom._start_media_text)
    setattr(_Newsroom, f"_end_media_{_kind}", _closer(_kind))


class _Unmapped(str):
    """A text without C1 controls. feedparser would look for them a character at a time, for a quarter of its time."""

    def translate(self, table: object, /) -> str:
        return str(self)


class _Strict(_Newsroom, api.StrictFeedParser):  # type: ignore[misc]
    def decode_entities(self, element: str, text: str) -> str:
        """expat has decoded them; here because feedparser maps C1 controls (as Windows-1252) on what comes back."""
        return text if text.isascii() or _C1.search(text) else _Unmapped(text)

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: N802
        if len(attrs) > MAX_ATTRIBUTES:
            raise _Stop(f"an element has more than {MAX_ATTRIBUTES} attributes; the rest was not read")
        super().startElementNS(name, qname, attrs)


class _Loose(_Newsroom, api.LooseFeedParser):  # type: ignore[misc]
    """A text whose end tag is missing ends where a text cannot go on, else it would swallow the rest of the feed."""

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if tag in _NEVER_IN_TEXTS:
            self._end_texts()
        super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        if tag in _HOLDERS:
            self._end_texts()
        super().unknown_endtag(tag)

    def _end_texts(self) -> None:
        while self.incontent and self.elementstack:
            self._step(_TEXT_STEPS)
            before = len(self.elementstack)
            getattr(self, f"_end_{self.elementstack[-1][0]}", int)()
            if len(self.elementstack) == before:
                self.elementstack.pop()

    def handle_charref(self, ref: str) -> None:
        self._step()
        super().handle_charref(ref)

    def handle_entityref(self, ref: str) -> None:
        self._step()
        super().handle_entityref(ref)


def read(document: XmlText) -> Feed:
    """The document's items: strictly if it is XML, else repaired, else with feedparser's forgiving reader.

    Addresses are resolved against xml:base only; given the document's own, feedparser would spend a fifth of its time
    on joining it with itself. Nothing is raised: what was read before an error stands, `warnings` says what was wrong.
    """
    text, fault = document.text, _fault(document.text)
    warnings = [f"not well-formed XML: {fault}"] if fault else []
    if not _stands(fault) and _marks(text) <= MAX_REFERENCES:
        text = repair(text, document.root)
        fault = _fault(text)
    is_loose = not _stands(fault) and len(document.text) <= MAX_LOOSE
    reader, error = _loosely(document) if is_loose else _strictly(text, document.root.namespace)
    if is_loose:
        warnings.append("read with the forgiving parser")
    if error and not isinstance(error, xml.sax.SAXParseException):  # that has been told
        warnings.append(str(error) if isinstance(error, _Stop) else f"read up to an error: {error}")
    complete = document.text.rstrip()[-110:].lower().endswith(f"</{document.root.name.lower()}>")
    closed = is_loose and complete and not isinstance(error, _Stop)
    unfinished = bool(reader.inentry and reader.entries and not closed)
    items = reader.entries[:-1] if unfinished else reader.entries
    return Feed(reader.version, [_plain(item) for item in items], _plain(reader.feeddata), unfinished, tuple(warnings))


def _plain(value: Any) -> Any:
    """Without feedparser's dictionaries, whose look-ups are slow: they try aliases, and raise for what is absent."""
    if isinstance(value, dict):
        return {key: _plain(inside) for key, inside in value.items()}
    return [_plain(one) for one in value] if type(value) is list else value


def _fault(text: str) -> str | None:
    """What expat has against it, if anything: found out without a reader, in a twentieth of its time."""
    parser = expat.ParserCreate(namespace_separator=" ")
    try:
        parser.Parse(text, True)
    except expat.ExpatError as e:
        return f"{expat.ErrorString(e.code)} at line {e.lineno}"
    return None


def _stands(fault: str | None) -> bool:
    return fault is None or fault.startswith(_AT_THE_END)


def _marks(text: str) -> int:
    """What a repair has to look at."""
    return text.count("&") + text.count("<![CDATA[")


class _Expat(DefusedExpatParser):  # type: ignore[misc]
    """Tells a text in one piece, and not each of its lines and references alone."""

    def reset(self) -> None:
        super().reset()
        self._parser.buffer_text = True


def _strictly(text: str, namespace: str) -> tuple[Any, Exception | None]:
    reader = _Strict("", None, "utf-8")
    reader.steps_left, reader.namespace = STRICT.of(text), namespace
    parser = _Expat(forbid_dtd=True)  # the second lock: `xml_text` has cut the DTD away
    parser.setFeature(xml.sax.handler.feature_namespaces, True)
    parser.setContentHandler(reader)
    parser.setErrorHandler(reader)
    return reader, _tried(lambda: parser.feed(text, isFinal=True))


def _loosely(document: XmlText) -> tuple[Any, Exception | None]:
    reader = _Loose("", None, "utf-8", {})
    reader.steps_left, reader.namespace = LOOSE.of(document.text), document.root.namespace
    return reader, _tried(lambda: reader.feed(document.text))


def _tried(reading: Callable[[], object]) -> Exception | None:
    try:
        reading()
    except (xml.sax.SAXException, UndeclaredNamespace) as e:
        return e
    # feedparser and sgmllib let int(), chr() and the like fail on hostile input in many places; what they read stands.
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError, OverflowError, RecursionError) as e:
        return e
    return None
