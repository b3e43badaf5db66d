"""The one place for the data that flows through the pipeline.

    Source ─fetch→ Payload ─parse→ Parsed(entries, rejects) ─extract, clean→ Article ─dedupe→ Article in a story

Every model is frozen. Times are aware and UTC. Absent is None or an empty tuple, never "". Field names of `Article`
follow IPTC ninjs, in snake_case.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# ── registry ────────────────────────────────────────────────────────────────────────────────────────────────────


class Transport(StrEnum):
    HTTP = "http"
    FOLDER = "folder"
    S3 = "s3"
    SFTP = "sftp"
    FTP = "ftp"
    IMAP = "imap"


class FullText(StrEnum):
    """Where an item's text comes from: the feed, its linked page, or the feed if it holds a whole story."""

    FEED = "feed"
    PAGE = "page"
    AUTO = "auto"


class Rule(Model):
    """Something this source repeats that is no part of a story.

    Exactly one of `selector` (CSS, removed from pages), `pattern` (regular expression, a whole block that matches is
    removed) or `body` (CSS, where the story is on this source's pages) is set; `reason` is landed with what it removes.
    """

    selector: str | None = None
    pattern: str | None = None
    body: str | None = None
    kind: RemovedKind = "navigation"
    reason: str


class RightsDefaults(Model):
    """What to write into `Article.rights` where an item says nothing itself."""

    holder: str | None = None
    notice: str | None = None
    distributor: str | None = None
    usage_terms: str | None = None


class Limits(Model):
    """Bounds on one fetch. Sizes in bytes, times in seconds."""

    max_bytes: int = 20_000_000
    max_decompressed_bytes: int = 60_000_000
    total_s: float = 60.0
    connect_s: float = 10.0
    silence_s: float = 20.0  # without a byte; and after so long, a slower rate than MIN_RATE is as good as none
    max_redirects: int = 5
    max_items: int = 5_000
    quiet_s: float | None = None  # a file that changed less than this ago waits, it may still be written; see `fetch`


class Credential(Model):
    """How to authenticate, by the NAME of an environment variable or an Airflow connection, never by value."""

    kind: Literal["basic", "bearer", "header", "query", "oauth", "password", "key"]
    env: str | None = None
    connection: str | None = None
    name: str | None = None  # the header or query parameter
    token_url: str | None = None  # oauth: where id and secret are changed for a token (RFC 6749 4.4)
    scope: str | None = None  # oauth


class Options(Model):
    """What one transport wants to know besides the url. docs/sources.md says which one has which."""

    pages: int = 1  # http: answers one fetch may follow, from a page to its next
    next: str | None = None  # http: JSON pointer to the next page's address; else the Link header
    sequence: bool = False  # http: next pages are newer, and the next fetch goes on from the last one
    endpoint: str | None = None  # s3: a server other than AWS
    host_key: tuple[str, ...] = ()  # sftp: SHA256:… fingerprints; else ~/.ssh/known_hosts
    tls: bool = True  # imap: False sends the password in clear
    ca: str | None = None  # ftps, imap: a PEM file with the authority to trust instead of the system's
    delete_after: bool = False  # sftp, ftp: what has landed goes with the next fetch
    recursive: bool = False  # sftp, ftp: folders below are read too
    robots: bool = True  # http: False asks for pages that robots.txt disallows, with the publisher's permission
    websub: bool = False  # http: the feed's hub tells when it has changed, see docs/sources.md


class Source(Model):
    """One entry of the registry. `urls` holds several feeds of one publisher, whose items share one identity."""

    id: str
    name: str
    urls: tuple[str, ...]
    transport: Transport = Transport.HTTP
    format: str = "auto"
    every_s: int = 3600
    adaptive: bool = False
    full_text: FullText = FullText.AUTO
    provider: str | None = None
    language: str | None = None
    zone: str = "UTC"
    rights: RightsDefaults = RightsDefaults()
    rules: tuple[Rule, ...] = ()
    credential: Credential | None = None
    limits: Limits = Limits()
    options: Options = Options()
    enabled: bool = True
    retired: str | None = None  # why it is asked no more; then it is not enabled
    retention_s: int | None = None  # articles that landed longer ago are deleted, raw too; None: they stay
    wire: bool = False  # polled all day, every few minutes, and not only at night
    tags: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The host of its first url; empty for one without, such as a folder."""
        try:
            return urlsplit(self.urls[0]).hostname or ""
        except ValueError:  # told when it is fetched
            return ""


# ── as fetched ──────────────────────────────────────────────────────────────────────────────────────────────────


class RawRef(Model):
    """Where the bytes are kept: a WARC file, the record's offset and length in it, SHA-256 of the body."""

    archive: str
    offset: int
    length: int
    sha256: str


class Payload(Model):
    """One response or file, undecoded, with what is needed to read it."""

    source_id: str
    url: str  # after redirects; a file's path for folders
    page_url: str | None = None  # a story's page: the address that was asked for. None for feeds and files
    body: bytes = Field(repr=False)
    content_type: str | None = None  # as sent, with its charset
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()  # of the response, without what holds a secret (Set-Cookie)
    fetched_at: datetime | None = None
    zone: str = "UTC"  # for dates without one
    language: str | None = None
    raw: RawRef | None = None


class Wishes(Model):
    """When a feed wants to be asked, as its last full answer and the headers since have it. Kept, for a 304 is mute."""

    fresh_s: float = 0.0  # Cache-Control or Expires
    ttl_s: int = 0
    skip_hours: tuple[int, ...] = ()  # UTC
    skip_days: tuple[str, ...] = ()


class HostPause(Model):
    """A host that asked to be left alone: nothing is asked of it before then."""

    host: str  # with its port, if that is not the usual one
    not_before: datetime
    because: str


class RobotsFile(Model):
    """A host's robots.txt as it was last read: all that RFC 9309 wants remembered of it."""

    origin: str  # https://host
    text: str | None = None  # None: there is none, or it was never read
    crawl_delay_s: float | None = None  # for us, as it is stated
    asked_at: datetime
    unreachable_since: datetime | None = None  # None if the last try gave an answer


class FeedState(Model):
    """What one feed (or folder) was like when it was last fetched; saved only once the run that fetched it landed.

    `etag` and `last_modified` are always renewed together, from one 200 answer. `cursor` is a transport's own memory
    (the folder's ledger), JSON.
    """

    source_id: str
    url: str  # as in the registry
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    moved_to: str | None = None
    moved_seen: int = 0
    failures: int = 0
    last_status: int | None = None
    last_error: str | None = None
    last_success_at: datetime | None = None
    last_changed_at: datetime | None = None
    next_due_at: datetime | None = None
    not_before: datetime | None = None  # a Retry-After: not even `--all` asks earlier
    retired_at: datetime | None = None  # 410
    rhythm_s: float | None = None  # between two changes, the later ones counting more; None before the second
    wishes: Wishes | None = None
    cursor: str | None = None

    def without_validators(self) -> FeedState:
        """So that the next request is unconditional, and the answer new whatever it holds."""
        return self.model_copy(update={"etag": None, "last_modified": None, "body_sha256": None})


class Hop(Model):
    """One request on the way to the payload."""

    url: str
    status: int
    location: str | None = None


class Fetched(Model):
    """One fetch of one feed: what came, or why nothing did, and the state to save once the run has landed."""

    source_id: str
    url: str
    outcome: Literal["new", "not_modified", "failed", "paused"]  # paused: not asked, its host wants to be left alone
    payloads: tuple[Payload, ...] = ()
    state: FeedState
    hops: tuple[Hop, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # of the last answer, a 304 or an error included; for the schedule
    rejects: tuple[Reject, ...] = ()  # files of a folder that could not be taken
    error_code: str | None = None
    error: str | None = None
    received_bytes: int = 0  # as sent
    body_bytes: int = 0  # as decompressed
    elapsed_s: float = 0.0


# ── as parsed ───────────────────────────────────────────────────────────────────────────────────────────────────


class Subject(Model):
    scheme: str | None = None
    code: str | None = None
    name: str | None = None


class Rendition(Model):
    """One size of a picture, as its sender names it ("thumbnail", "rend:highRes")."""

    url: str
    name: str | None = None
    mime: str | None = None
    width: int | None = None
    height: int | None = None


class Image(Model):
    url: str | None = None
    caption: str | None = None
    alt: str | None = None
    credit: str | None = None  # the whole credit as printed
    photographer: str | None = None
    agency: str | None = None
    distributors: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None
    place: str | None = None  # where it was taken, if the caption says so
    taken: date | None = None
    renditions: tuple[Rendition, ...] = ()


class Contributor(Model):
    """A person or desk behind an item and what they did: "writer", "editor", "photographer", as sent."""

    name: str
    role: str | None = None


class Association(Model):
    """Another item that this one points to. `rel`: "member" of a package, "picture", "earlier-version", "replaces",
    "continues" (the take before), "related", else as sent."""

    rel: str
    guid: str | None = None
    url: str | None = None
    type: str | None = None
    headline: str | None = None


class Take(Model):
    """A story in pieces: `key` is what they share, `number` their order from 1. `is_add` continues a text."""

    key: str
    number: int
    is_add: bool = False
    is_last: bool = False


class Rights(Model):
    holder: str | None = None
    year: int | None = None
    notice: str | None = None
    distributor: str | None = None
    credit_line: str | None = None
    usage_terms: str | None = None


class Dateline(Model):
    text: str
    place: str | None = None
    date: str | None = None  # as printed: it often lacks a year


class Link(Model):
    url: str
    text: str | None = None


ArticleType = Literal["text", "picture", "video", "audio", "graphic", "composite"]
PubStatus = Literal["usable", "withheld", "canceled"]


class Entry(Model):
    """One item as published. Text fields may still hold HTML entities and marks; cleaning is a later stage.

    `html` is the fullest body the payload holds (HTML, or plain text if `html_is_text`); `is_full` says whether the
    publisher means it as the whole story (content:encoded, atom:content, a wire body) rather than a teaser.
    `summary_html` is the teaser. A None `guid` means that the publisher gave none, or none that can be used.
    """

    guid: str | None = None
    provider_version: str | None = None
    url: str | None = None
    type: ArticleType = "text"
    pub_status: PubStatus = "usable"
    headline: str | None = None
    subheadline: str | None = None
    slugline: str | None = None
    summary_html: str | None = None
    is_abstract: bool = False  # the summary is a field of its own, as wires have it, and not a teaser cut from the text
    html: str | None = Field(default=None, repr=False)
    html_is_text: bool = False
    is_full: bool = False
    base_url: str | None = None  # xml:base; relative links resolve against this
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None
    language: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    embargoed_until: datetime | None = None
    urgency: int | None = None
    genre: str | None = None
    keywords: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    ed_note: str | None = None
    contributors: tuple[Contributor, ...] = ()
    info_sources: tuple[str, ...] = ()  # on whose reports it rests, or who sent it on, as stated
    places: tuple[Subject, ...] = ()
    category: str | None = None  # the wire's own: ANPA category, product code
    priority: str | None = None  # as sent; `urgency` is 1 (flash) to 8 or 9
    provider_sequence: str | None = None  # the number on the wire
    instruction: str | None = None  # what the desk says this version is: update, correction, kill, withhold, add …
    expires: datetime | None = None
    take: Take | None = None
    associations: tuple[Association, ...] = ()
    private_note: str | None = None  # for editors, never for readers
    images: tuple[Image, ...] = ()
    rights: Rights = Rights()
    provider: str | None = None
    links: tuple[Link, ...] = ()
    extraction: Extraction | None = None  # set by extract, for a story that came from a page
    removed: tuple[Removed, ...] = ()  # what parse or extract took out
    warnings: tuple[str, ...] = ()


class Reject(Model):
    """One item that could not be read: `code` for machines, `place` in the payload, `detail` for people."""

    code: str
    place: str
    detail: str | None = None


class FeedInfo(Model):
    """What a feed says of itself, for the schedule and the registry."""

    title: str | None = None
    language: str | None = None
    self_url: str | None = None
    home_url: str | None = None
    hub_url: str | None = None
    next_url: str | None = None
    archive_url: str | None = None  # RFC 5005: what was in the feed before
    generator: str | None = None
    ttl_s: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()  # of a sitemap index, the last changed first


class Parsed(Model):
    format: str = ""
    entries: tuple[Entry, ...] = ()
    rejects: tuple[Reject, ...] = ()
    feed: FeedInfo = FeedInfo()
    warnings: tuple[str, ...] = ()


# ── as landed ───────────────────────────────────────────────────────────────────────────────────────────────────

BlockKind = Literal["paragraph", "heading", "list", "quote", "table"]
RemovedKind = Literal[
    "promo",
    "subscribe",
    "navigation",
    "related",
    "advertisement",
    "share",
    "credit",
    "rights",
    "dateline",
    "byline",
    "headline",
    "caption",
    "embed",
    "tracker",
    "other",
]


class Block(Model):
    """A piece of the body, in reading order. `text` is plain; a list has `items`, a table `rows`."""

    kind: BlockKind
    text: str
    level: int | None = None  # headings: 2–6
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Removed(Model):
    kind: RemovedKind
    text: str
    rule: str  # the name of the rule that took it out


class Extraction(Model):
    method: str  # feed, text, trafilatura, …
    version: str
    quality: float | None = None  # 0–1, how sure the method is that this is the story


Relation = Literal["canonical", "copy", "excerpt", "update", "correction"]


class Evidence(Model):
    """Why an article is in its story: the rule that decided, the scores it saw, passages that show it.

    `related` are stories that it has a passage of without being one of their articles (their ids as of then);
    `copies`, of a kill or a correction, the articles that have the text it is about and landed before it.
    """

    rule: str
    scores: dict[str, float] = Field(default_factory=dict)
    passages: tuple[str, ...] = ()
    note: str | None = None
    related: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


class Article(Model):
    """One version of one item of one source: the row that lands. See docs/articles.md."""

    article_id: str
    version: int = 1
    source_id: str
    provider: str | None = None
    guid: str
    provider_version: str | None = None
    url: str | None = None
    type: ArticleType = "text"
    pub_status: PubStatus = "usable"
    headline: str | None = None
    subheadline: str | None = None
    slugline: str | None = None
    summary: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None
    language: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    embargoed_until: datetime | None = None
    fetched_at: datetime | None = None
    urgency: int | None = None
    genre: str | None = None
    keywords: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    ed_note: str | None = None
    contributors: tuple[Contributor, ...] = ()
    info_sources: tuple[str, ...] = ()  # on whose reports it rests, or who sent it on, as stated
    places: tuple[Subject, ...] = ()
    category: str | None = None  # the wire's own: ANPA category, product code
    priority: str | None = None  # as sent; `urgency` is 1 (flash) to 8 or 9
    provider_sequence: str | None = None  # the number on the wire
    instruction: str | None = None  # what the desk says this version is: update, correction, kill, withhold, add …
    expires: datetime | None = None
    take: Take | None = None
    associations: tuple[Association, ...] = ()
    private_note: str | None = None  # for editors, never for readers
    blocks: tuple[Block, ...] = ()
    body_text: str = ""
    body_html: str = ""
    word_count: int = 0
    images: tuple[Image, ...] = ()
    rights: Rights = Rights()
    removed: tuple[Removed, ...] = ()
    links: tuple[Link, ...] = ()
    story_id: str | None = None
    relation: Relation | None = None
    duplicate_of: str | None = None
    similarity: float | None = None
    evidence: Evidence | None = None
    content_hash: str
    raw: RawRef | None = None
    extraction: Extraction | None = None
    warnings: tuple[str, ...] = ()
    run_id: str | None = None
    schema_version: int = SCHEMA_VERSION


def article_id_of(source_id: str, guid: str, provider_version: str | None = None) -> str:
    """Stable for one item of one source through all its versions: 32 hex digits.

    NewsML 1 writes the version into the identifier ("…:FXW86:2U", 2U being the revision): that part does not count.
    """
    if provider_version:
        guid = re.sub(rf":{re.escape(provider_version)}[NUA]?$", "", guid)
    return hashlib.sha256(f"{source_id}\n{guid}".encode()).hexdigest()[:32]


def content_hash_of(
    headline: str | None,
    subheadline: str | None,
    body_text: str,
    pub_status: str,
    ed_note: str | None = None,
    image_urls: Sequence[str] = (),
) -> str:
    """SHA-256 over what readers see. Dates, guids and white space are no part of it: touching them is no version."""
    parts = [headline or "", subheadline or "", body_text, pub_status, ed_note or "", *image_urls]
    normal = "\x1f".join(" ".join(unicodedata.normalize("NFC", part).split()) for part in parts)
    return hashlib.sha256(normal.encode()).hexdigest()


def to_json(value: Model) -> bytes:
    """One line of JSON, RFC 3339 times in UTC with a Z, keys in the schema's order."""
    return value.model_dump_json().encode()


for _model in (Rule, Source, Fetched, Entry):
    _model.model_rebuild()
