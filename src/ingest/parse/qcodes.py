"""Codes of controlled vocabularies (QCodes, URIs, bare IPTC codes) to subjects, with English names from IPTC's tables.

Nothing is fetched: `data/` holds the schemes of IPTC's catalogs, the Media Topics and the Subject Codes.
A scheme is told by IPTC's alias where it has one ("medtop"), else as the document has it (alias, name or URI).
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from ingest.model import Subject

MAX_CODE = 300  # characters; what is longer is no code
MAX_KEPT = 600  # characters of what one answer in the cache was made from

_QCODE = re.compile(r"([A-Za-z_][\w.-]{0,60}):(?!//)(\S.{0,280})$", re.DOTALL)
_URI = re.compile(r"(https?://.{1,280}[/#])([^/#]{1,280})/?$", re.IGNORECASE | re.DOTALL)
_NO_ALIAS = {"urn", "tag", "http", "https", "mailto"}
# What the vocabularies are called in NewsML 1, NITF, ninjs and by agencies; compared in lower case, letters only.
_SAME = {
    "iptcsubjectcodes": "subj", "iptcsubjectcode": "subj", "subjectcode": "subj", "subjectcodes": "subj",
    "iptcsubjectreference": "subj", "iptc": "subj", "iptcmediatopics": "medtop", "iptcmediatopic": "medtop",
    "mediatopic": "medtop", "mediatopics": "medtop", "iptcgenre": "genre", "iptcsubj": "subj",
}  # fmt: skip


def _kept(read: Callable[..., Subject]) -> Callable[..., Subject]:
    """Through a cache, unless what is given is so long that a cache full of it would be too large."""
    cached = lru_cache(maxsize=8192)(read)

    def answer(*given: str | None) -> Subject:
        return (cached if sum(map(len, filter(None, given))) < MAX_KEPT else read)(*given)

    return answer


def resolve(qcode: str, catalogs: Mapping[str, str] | None = None, name: str | None = None) -> Subject:
    """The subject of a QCode (`medtop:20000523`), or of a URI.

    `catalogs` are the document's own schemes, alias to URI; they go before IPTC's aliases. `name` as in `subject_of`.
    """
    return _resolved(qcode, catalogs.get(qcode.partition(":")[0].strip()) if catalogs else None, name)


def subject_of(code: str | None, scheme: str | None = None, name: str | None = None) -> Subject:
    """One subject from what a format gives: any of a code (bare, QCode or URI), a scheme (alias, name or URI), a name.

    A name that is given stays; otherwise IPTC's English one is filled in. Eight digits without a scheme are IPTC's.
    """
    return _subject_of(code, scheme, name)


def scheme_aliases() -> Mapping[str, str]:
    """IPTC's schemes: alias to URI."""
    return _schemes()


@_kept
def _subject_of(code: str | None, scheme: str | None, name: str | None) -> Subject:
    code, scheme, name = _or_none(code), _or_none(scheme), _or_none(name)
    if code is None or len(code) > MAX_CODE:
        return Subject(scheme=_scheme(scheme), name=name or code)
    if found := _URI.match(code):
        return _subject(_aliases().get(_bare(found[1])) or scheme or found[1], found[2], name)
    found = _QCODE.match(code)
    if found and found[1].lower() not in _NO_ALIAS and (scheme is None or _scheme(scheme) == _scheme(found[1])):
        return _subject(found[1], found[2].strip(), name)
    return _subject(scheme or _scheme_by_code(code), code, name)


@_kept
def _resolved(qcode: str, uri: str | None, name: str | None) -> Subject:
    found = _QCODE.match(qcode.strip())
    if found is None or found[1].lower() in _NO_ALIAS:
        return _subject_of(qcode, None, name)
    alias, code = found.groups()
    return _subject(_aliases().get(_bare(uri), alias) if uri else alias, code.strip(), name)


def _subject(scheme: str | None, code: str, name: str | None) -> Subject:
    scheme = _scheme(scheme)
    return Subject(scheme=scheme, code=code, name=name or _names().get((scheme or "", code)))


def _scheme(scheme: str | None) -> str | None:
    if not scheme:
        return None
    if alias := _aliases().get(_bare(scheme)):
        return alias
    return _SAME.get(re.sub("[^a-z]", "", scheme[:100].lower()), scheme)


def _scheme_by_code(code: str) -> str | None:
    if len(code) != 8 or not code.isdigit():
        return None
    return next((scheme for scheme in ("subj", "medtop") if (scheme, code) in _names()), None)


def _bare(uri: str) -> str:
    """A scheme's URI as compared: senders waver between http and https, with and without the last slash or #."""
    return uri.strip().lower().partition("://")[2].removeprefix("www.").rstrip("/#")


def _or_none(value: str | None) -> str | None:
    return (value.strip() or None) if value else None


@cache
def _aliases() -> dict[str, str]:
    return {_bare(uri): alias for alias, uri in reversed(_schemes().items())}


@cache
def _schemes() -> dict[str, str]:
    return dict(line.split("\t") for line in _lines("schemes.txt"))


@cache
def _names() -> dict[tuple[str, str], str]:
    return {(scheme, code): name for scheme, code, name in (line.split("\t") for line in _lines("newscodes.txt"))}


def _lines(name: str) -> list[str]:
    return (files(__package__) / "data" / name).read_text(encoding="utf-8").splitlines()
