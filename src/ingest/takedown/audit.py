"""Who removed what, or changed what is removed, when and why: one small object an act, never changed.

STORE/audit/DATE-KIND-HASH.jsonl. The name is made from the content, so that an act that is killed and done again is
told once. No text of an article is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from ingest.land.store import Store
from ingest.model import Model, to_json

FOLDER = "audit"
Kind = Literal["takedown", "retention", "discard", "retire", "rule"]


class Removal(Model):
    """One act. `subject` is an article's, story's or source's id, or the key of what was discarded."""

    at: datetime
    by: str
    kind: Kind
    subject: str
    reason: str
    ref: str | None = None  # the takedown's id
    rows: int | None = None  # of the table
    records: int | None = None  # of the raw archive
    until: datetime | None = None  # retention: what came before then


def record(store: Store, removal: Removal) -> str:
    """Write it down; again is fine. Returns the key."""
    line = to_json(removal) + b"\n"
    name = f"{removal.at:%Y-%m-%d}-{removal.kind}-{hashlib.sha256(line).hexdigest()[:12]}"
    key = f"{FOLDER}/{name}.jsonl"
    store.put_new(key, line)
    return key


def removals(store: Store) -> Iterator[Removal]:
    """All that was ever written down, oldest first."""
    found = [Removal.model_validate_json(store.get(stored.key)) for stored in store.list(FOLDER)]
    yield from sorted(found, key=lambda removal: (removal.at, removal.kind, removal.subject))
