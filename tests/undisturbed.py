"""What a newsroom's runs leave, in a form that can be compared, and processes for runs that are killed."""

from __future__ import annotations

import multiprocessing

from sqlalchemy import Table, select

from ingest.state.database import read
from ingest.state.tables import feeds, items, pending, story_members, versions
from tests.newsroom import Desk

_OWN_TO_A_RUN = ("run_id", "fetched_at", "raw")
_STATE: tuple[tuple[Table, tuple[str, ...]], ...] = (  # without the times of a run
    (feeds, ("source_id", "url", "etag", "last_modified", "body_sha256", "failures")),
    (items, ("article_id", "guid", "entry_hash", "content_hash", "version")),
    (versions, ("article_id", "content_hash", "version")),
    (pending, ("article_id", "source_id", "entry")),
    (story_members, ("article_id", "story_id", "version", "relation", "duplicate_of")),
)
# a fork of a process that has all imports done: a child begins with the run, not with seconds of imports
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.newsroom", "tests.warm"])

Outcome = list[list[str]]


def outcome(desk: Desk) -> Outcome:
    """Everything that has landed and all that is remembered, without what is each run's own."""
    rows = [a.model_copy(update=dict.fromkeys(_OWN_TO_A_RUN)).model_dump_json() for a in desk.articles()]
    with read(desk.workspace.engine) as conn:
        state = [[repr(row) for row in conn.execute(select(*(t.c[n] for n in names)))] for t, names in _STATE]
    return [sorted(rows), *map(sorted, state)]
