"""Takedowns and the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.pipeline import Workspace
from ingest.takedown.audit import Removal, removals
from ingest.takedown.listing import stored_tombstones
from ingest.takedown.tombstone import Tombstone

LISTED = 200


@dataclass(frozen=True)
class List:
    """The newest first."""

    takedowns: tuple[Tombstone, ...]
    removals: tuple[Removal, ...]


def listed(ws: Workspace) -> List:
    stones, acts = list(stored_tombstones(ws.store)), list(removals(ws.store))
    return List(tuple(reversed(stones[-LISTED:])), tuple(reversed(acts[-LISTED:])))
