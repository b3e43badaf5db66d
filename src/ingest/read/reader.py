"""One version of what has landed, and its views: current, stories, history, changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from functools import partial
from typing import TypedDict, Unpack

import pyarrow as pa

from ingest.errors import BadConfig
from ingest.land.columns import SCHEMA
from ingest.land.datafiles import DataFiles
from ingest.land.query import Hidden, Query
from ingest.land.read import scan
from ingest.land.store import Store
from ingest.land.store import open_store as _open_store
from ingest.land.table import FOLDER, open_table
from ingest.model import Article
from ingest.read import changes, kills, stories
from ingest.read.rows import Rows

COLUMNS = tuple(name for name in SCHEMA.names if name != "private_note")
"""What a view has if no columns are named: all but the note that is for editors alone."""
_QUERY_NAMES = {
    "source": "source_id",
    "story": "story_id",
    "article": "article_id",
    "run": "run_id",
    "after": "changes_since",
    "status": "pub_status",
}


class Filters(TypedDict, total=False):
    """All must hold. Times are of landing: a datetime, a date or ISO 8601 (UTC if no zone is named); `until` exclusive.

    `after` is a version of the table: what landed later. `language` "en" has "en-GB" too. `redistributable` leaves out
    what may not be passed on by its usage terms. `include` shows what readers do not see by default: embargoed,
    withheld, canceled, expired.
    """

    since: datetime | date | str
    until: datetime | date | str
    source: str
    story: str
    article: str
    run: str
    after: int
    language: str
    status: str
    holder: str
    distributor: str
    redistributable: bool
    include: Collection[Hidden]


def open_reader(
    url: str, *, s3_endpoint: str | None = None, version: int | None = None, now: datetime | None = None
) -> Reader:
    """Open what has landed in the store at a directory, `file:///…` or `s3://bucket/prefix` (credentials: `AWS_*`).

    `version` opens an older version of the table. `now` is the clock that embargoes are held against; the time of
    opening by default. Raises NotStored where nothing has been set up, StoreUnavailable.
    """
    return Reader(_open_store(url, s3_endpoint), version=version, now=now)


class Reader:
    """Every view of one reader is of one version of the table, `version`, whatever lands meanwhile."""

    def __init__(self, store: Store, *, version: int | None = None, now: datetime | None = None) -> None:
        self._store, self._table = store, open_table(store, version)
        self._files = DataFiles(store, self._table)
        self.version: int = self._table.version()
        self.now = now or datetime.now(UTC)
        self._kills: dict[datetime | None, list[Article]] = {}  # by the day that they were looked for from

    @property
    def is_newest(self) -> bool:
        """Whether nothing has been committed since: one question to the store, where opening the table is many."""
        return not self._store.exists(f"{FOLDER}/_delta_log/{self.version + 1:020d}.json")

    def at(self, now: datetime) -> Reader:
        """The same version, with what is known of its files, seen at another time."""
        other = copy(self)
        other.now = now
        return other

    def current(self, columns: Sequence[str] | None = None, **filters: Unpack[Filters]) -> Rows:
        """The newest version of each article that readers may see; nothing of what its source took back."""
        return self._rows(columns, self._query(filters))

    def history(self, columns: Sequence[str] | None = None, **filters: Unpack[Filters]) -> Rows:
        """Every version of every article."""
        return self._rows(columns, self._query(filters).model_copy(update={"latest_only": False}))

    def stories(self, columns: Sequence[str] | None = None, **filters: Unpack[Filters]) -> Rows:
        """One row a story: its canonical article, for which the filters are, and what of it there is in all.

        More columns: `articles` (how many), `copies`, `sources` (ids), `first_at`, `last_at` (as published, else as
        fetched). A story whose canonical article is not to be seen is left out.
        """
        names = _checked(columns or COLUMNS)
        query = self._query(filters)
        return Rows(stories.schema(names), partial(stories.read, self._scanned, query, names))

    def changes(self, since_version: int, columns: Sequence[str] | None = None, **filters: Unpack[Filters]) -> Rows:
        """What a reader of version `since_version` has to do to be at `version`, each thing once. See docs/reading.md.

        One more column, first: `change` (insert, update, withhold, kill, release, takedown). Raises NotStored if the
        table's log no longer reaches back: then read `current` anew.
        """
        names = _checked(columns or COLUMNS)
        window = changes.window(self._store, self._table, since_version)
        query = self._query(filters).model_copy(update={"public_at": window.ends})
        return Rows(changes.schema(names), partial(changes.read, self._scanned, query, window, names))

    def _query(self, filters: Filters) -> Query:
        if unknown := set(filters) - set(Filters.__annotations__):
            raise TypeError(f"no filter {', '.join(sorted(unknown))}; there are {', '.join(Filters.__annotations__)}")
        values = {_QUERY_NAMES.get(name, name): value for name, value in filters.items() if value is not None}
        times = {name: _point_in_time(values[name]) for name in ("since", "until") if name in values}
        return Query.model_validate(values | times | {"public_at": self.now})

    def _rows(self, columns: Sequence[str] | None, query: Query) -> Rows:
        names = _checked(columns or COLUMNS)
        schema = pa.schema([SCHEMA.field(name).with_nullable(True) for name in names])
        return Rows(schema, partial(self._scanned, query, names))

    def _scanned(self, query: Query, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows, told of kills; what is a copy of what was killed since is nobody's canonical article."""
        if not {"relation", "duplicate_of", "evidence"} & set(names):
            yield from scan(self._files, query, names)
            return
        every = list(dict.fromkeys((*names, *kills.NEEDED)))
        for batch in kills.told(scan(self._files, query, every), self._known_kills(query)):
            yield batch.select(list(names))

    def _known_kills(self, query: Query) -> list[Article]:
        """Those that may be of what is asked for. More than that do no harm."""
        asked = Query(pub_status="canceled", latest_only=False)
        if query.changes_since is not None:
            changed = asked.model_copy(update={"changes_since": query.changes_since})
            return kills.known_kills(scan(self._files, changed, kills.NEEDED))
        since = query.since and _midnight(query.since)
        for first, known in list(self._kills.items()):
            if first is None or (since is not None and first <= since):
                return known
        found = kills.known_kills(scan(self._files, asked.model_copy(update={"since": since}), kills.NEEDED))
        self._kills[since] = found
        return found


def _midnight(when: datetime) -> datetime:
    """A kill lands after what it names, if perhaps in the same run."""
    return datetime.combine(when.date(), time(), UTC)


def _checked(columns: Sequence[str]) -> list[str]:
    for name in columns:
        if name not in SCHEMA.names:
            near = get_close_matches(name, SCHEMA.names, 1)
            raise BadConfig(name, "no such column", f"did you mean {near[0]}?" if near else "see docs/articles.md")
    return list(columns)


def _point_in_time(when: object) -> object:
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    elif isinstance(when, date) and not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC) if isinstance(when, datetime) else when
