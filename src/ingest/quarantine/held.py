"""The lines of quarantine. Each has an id, made from what it says; what was done about it is written to it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Literal, Self

import orjson
from pydantic import Field, ValidationError

from ingest.errors import NotStored
from ingest.land import raw
from ingest.land.store import Store
from ingest.model import Model, Payload
from ingest.shard.outbox import Quarantined

FOLDER = "quarantine"
_ID_DIGITS = 12


class Settled(Model):
    """What was done about it, by whom: read again as a run, or discarded for a reason."""

    how: Literal["replayed", "discarded"]
    at: datetime
    by: str
    why: str  # the run's id, or the reason


class Held(Quarantined):
    id: str = Field("", exclude=True)
    key: str = Field("", exclude=True)  # of the object it is in
    settled: Settled | None = None

    @classmethod
    def of(cls, key: str, line: bytes) -> Self:
        """Raises ValidationError for what is no such line."""
        one = cls.model_validate_json(line)
        said = orjson.dumps([key, one.source_id, one.code, one.place, one.raw and one.raw.model_dump()])
        return one.model_copy(update={"id": hashlib.sha256(said).hexdigest()[:_ID_DIGITS], "key": key})

    @property
    def day(self) -> str:
        return self.key.split("/")[1]

    @property
    def run_shard(self) -> str:
        return self.key.rsplit("/", 1)[-1].removesuffix(".jsonl")


def held(store: Store, since: date | None = None) -> Iterator[Held]:
    """All in quarantine, of runs that began on that day or later, oldest first. What was said twice is one."""
    for stored in store.list(FOLDER):
        if stored.key.endswith(".jsonl") and (since is None or stored.key.split("/")[1] >= since.isoformat()):
            yield from {one.id: one for one in _lines(store, stored.key)}.values()


def find(store: Store, ids: Collection[str]) -> list[Held]:
    """Those with these ids, in this order; the beginning of one will do. Raises NotStored for one that is not there."""
    everything = list(held(store))
    found = []
    for id_ in dict.fromkeys(ids):
        fits = [one for one in everything if id_ and one.id.startswith(id_)]
        if len(fits) != 1:
            what = f"{len(fits)} in quarantine begin so" if fits else "not in quarantine"
            raise NotStored(id_, what, "ingest quarantine list --all tells the ids")
        found += fits
    return found


def payload_of(store: Store, one: Held) -> Payload:
    """The bytes as they came. Raises NotStored where there are none, Malformed if they were damaged or taken down."""
    if one.raw is None:
        raise NotStored(one.id, "no bytes were kept of it: nothing came", "its next run asks again")
    return raw.read_raw(store, one.raw)


def settle(store: Store, several: Collection[Held], settled: Settled) -> None:
    """Write to these what was done about them; to one that was settled before, nothing."""
    ids = {one.id for one in several}
    for key in sorted({one.key for one in several}):
        lines = (_settled(key, line, ids, settled) for line in store.get(key).splitlines())
        store.put(key, b"".join(line + b"\n" for line in lines))


def _settled(key: str, line: bytes, ids: Collection[str], settled: Settled) -> bytes:
    one = _read(key, line)
    if one is None or one.id not in ids or one.settled is not None:
        return line
    return orjson.dumps(one.model_copy(update={"settled": settled}).model_dump(mode="json"))


def _lines(store: Store, key: str) -> Iterator[Held]:
    yield from filter(None, (_read(key, line) for line in store.get(key).splitlines()))


def _read(key: str, line: bytes) -> Held | None:
    """None for a line that was cut off or written by hand: it says nothing that could be read again."""
    try:
        return Held.of(key, line)
    except ValidationError:
        return None
