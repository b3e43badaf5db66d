"""What the transports of files share: the ledger of what was taken, and the batch that one fetch gathers.

The ledger is `FeedState.cursor`. That is saved only once the run has landed, so a run that was killed takes its files
again, and a file that is gone from the listing leaves the ledger with it.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import IngestError, Refused, TooLarge
from ingest.fetch.decode import decompress
from ingest.model import FeedState, Fetched, Payload, Reject, Source

MAX_BATCH_BYTES = 256_000_000  # one fetch; what is left comes with the next one
MAX_LISTED = 100_000  # names; a ledger of so many is 10 MB
MAX_NAME = 1_024  # bytes, S3's own limit and four times that of file systems
_UNFINISHED = (".tmp", ".part", ".filepart")
_TIME_SHARE = 0.75  # of total_s: no file is begun later, so that a backlog ends in batches and not in broken transfers
T = TypeVar("T")


class Taken(BaseModel):
    """One line of the ledger: what a file was like when it was taken, or turned down (`refused`)."""

    model_config = ConfigDict(frozen=True)

    size: int
    stamp: str  # time or ETag, as the other side writes it
    sha256: str | None = None
    refused: bool = False


class Ledger(BaseModel):
    model_config = ConfigDict(frozen=True)

    files: dict[str, Taken] = {}


class Found(NamedTuple):
    """One file of a listing. `when` orders files, oldest first; it is seconds since 1970 by the other side's clock."""

    when: float
    name: str  # text that can be stored
    size: int
    stamp: str


class FileChangedError(Exception):
    """A file that somebody writes to at this moment, or that is gone; it is left for the next look."""


class Batch:
    """What one fetch gathers. `has_time` says whether there is time to begin another file."""

    def __init__(
        self, source: Source, state: FeedState, now: datetime, has_time: Callable[[], bool] = lambda: True
    ) -> None:
        self.source, self.state, self.now, self._has_time = source, state, now, has_time
        self._before = read_ledger(state).files
        self._after: dict[str, Taken] = {}
        self.payloads: list[Payload] = []
        self.rejects: list[Reject] = []
        self.received = self.size = 0

    def wanted(
        self, files: Iterable[tuple[Found, T]], is_restless: Callable[[Found], bool]
    ) -> Iterator[tuple[Found, T]]:
        """The files to read now, oldest first, while there is room and time. What is not read keeps its line."""
        listed = sorted(files, key=lambda one: one[0])
        self._after = {found.name: self._before[found.name] for found, _ in listed if found.name in self._before}
        for found, handle in listed:
            if not self._is_known(found) and not is_restless(found) and self.has_room():
                yield found, handle

    def landed(self, files: Iterable[tuple[Found, T]]) -> list[tuple[Found, T]]:
        """The files that are as they were when they were taken; the ledger knows only what has landed."""
        return [(f, handle) for f, handle in files if self._is_known(f) and not self._before[f.name].refused]

    def take(self, found: Found, url: str, sent: bytes, content_type: str | None = None) -> None:
        """One new or changed file as a payload, or as a reject if its gzip is broken. A touched one is neither."""
        digest = sha256(sent).hexdigest()
        self.received += len(sent)
        taken = Taken(size=found.size, stamp=found.stamp, sha256=digest)
        known = self._before.get(found.name)
        if known is not None and known.sha256 == digest:
            self._after[found.name] = taken.model_copy(update={"refused": known.refused})
            return
        try:
            body = decompress(sent, "", found.name, self.source.limits.max_decompressed_bytes)
        except IngestError as e:
            self.refuse(found, e, digest)
            return
        self._after[found.name] = taken
        self.add(url, body, content_type)

    def refuse(self, found: Found, error: IngestError, digest: str | None = None) -> None:
        """One file as a reject, told once: it is not tried again before it changes."""
        self.reject(found.name, error)
        self._after[found.name] = Taken(size=found.size, stamp=found.stamp, sha256=digest, refused=True)

    def reject(self, place: str, error: IngestError) -> None:
        detail = f"{error.why} ({error.hint})" if error.hint else error.why
        self.rejects.append(Reject(code=error.code, place=place, detail=detail))

    def add(self, url: str, body: bytes, content_type: str | None = None) -> None:
        self.size += len(body)
        source = self.source
        self.payloads.append(
            Payload(
                source_id=source.id,
                url=url,
                body=body,
                content_type=content_type,
                fetched_at=self.now,
                zone=source.zone,
                language=source.language,
            )
        )

    def fetched(self) -> Fetched:
        return self.fetched_with(Ledger(files=self._after).model_dump_json(exclude_defaults=True))

    def fetched_with(self, cursor: str) -> Fetched:
        changes: dict[str, object] = {
            "failures": 0,
            "last_error": None,
            "last_success_at": self.now,
            "cursor": cursor,
        }
        if self.payloads:
            changes["last_changed_at"] = self.now
        return Fetched(
            source_id=self.source.id,
            url=self.state.url,
            outcome="new" if self.payloads else "not_modified",
            payloads=tuple(self.payloads),
            rejects=tuple(self.rejects),
            state=self.state.model_copy(update=changes),
            received_bytes=self.received,
            body_bytes=self.size,
        )

    def _is_known(self, found: Found) -> bool:
        known = self._before.get(found.name)
        return known is not None and (known.size, known.stamp) == (found.size, found.stamp)

    def has_room(self) -> bool:
        room = len(self.payloads) < self.source.limits.max_items and self.size < MAX_BATCH_BYTES
        return room and self._has_time()


def read_ledger(state: FeedState) -> Ledger:
    try:
        return Ledger.model_validate_json(state.cursor) if state.cursor else Ledger()
    except ValidationError:
        return Ledger()  # everything is taken again; what has landed already changes nothing


def failed(state: FeedState, error: IngestError, text: str | None = None) -> Fetched:
    """The answer of a fetch that gave nothing. `text` is the error without what is secret. The cursor stays."""
    said = text or str(error)
    after = state.model_copy(update={"failures": state.failures + 1, "last_error": said})
    return Fetched(
        source_id=state.source_id, url=state.url, outcome="failed", state=after, error_code=error.code, error=said
    )


def is_unfinished(name: str) -> bool:
    """A name that senders give to what they still write, or that nobody means to be taken."""
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def is_fresh(found: Found, quiet_s: float, now: datetime) -> bool:
    """Whether somebody may still be writing: no bytes yet, or changed within `quiet_s`.

    A time in the future is a clock that is ahead, which must not hold files back.
    """
    return not found.size or (quiet_s > 0 and abs(now.timestamp() - found.when) < quiet_s)


def check_size(found: Found, limit: int) -> None:
    if found.size > limit:
        raise TooLarge(found.name, f"{found.size} bytes, at most {limit} are taken", "raise the source's max_bytes")


def check_name(name: bytes) -> None:
    """A name from outside is one name: Refused for a path, a control character, or what is too long."""
    if name in (b"", b".", b"..") or b"/" in name or b"\\" in name or any(byte < 32 or byte == 127 for byte in name):
        raise Refused(shown(name)[:200], "a file name that is a path or has control characters", "rename it there")
    if len(name) > MAX_NAME:
        raise Refused(shown(name)[:80] + "…", f"a file name of {len(name)} bytes", f"at most {MAX_NAME} are taken")


def shown(name: bytes) -> str:
    """A file name may be any bytes; what is not UTF-8 is written as escapes."""
    return name.decode("utf-8", "backslashreplace")


def time_left(total_s: float) -> Callable[[], bool]:
    """For `Batch`: true until most of the time for one fetch is used."""
    ends = time.monotonic() + total_s * _TIME_SHARE
    return lambda: time.monotonic() < ends
