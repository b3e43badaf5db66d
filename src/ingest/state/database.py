"""Opening and upgrading the state database: SQLite for one machine, PostgreSQL for several workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from ingest.errors import StateError

_LOCK = 0x696E67657374  # "ingest", for PostgreSQL's advisory lock
_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 120_000  # a landing run holds the database for as long as its commit takes
_CHUNK = 500  # rows or ids a statement; SQLite allows 32,766 parameters

T = TypeVar("T")
Row = Mapping[str, Any]


def open_state(url: str) -> Engine:
    """The engine for a SQLAlchemy URL; a SQLite file's folder is created. Does not upgrade. Raises StateError."""
    try:
        parsed = make_url(url)
    except ArgumentError as e:
        raise StateError(url, "not a database URL", "sqlite:///path/state.db or postgresql://user@host/name") from e
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(parsed)
    if backend in ("postgresql", "postgres"):
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    raise StateError(_shown(parsed), f"no support for {backend}", "use SQLite or PostgreSQL")


def upgrade(engine: Engine) -> None:
    """Bring the database to this version's tables; several processes may do so at once.

    Raises StateError for a database of a newer version, and for one that does not answer.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with write(engine) as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _check_revision(conn, config)
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes. On SQLite it waits for other writers at its start, never in its middle."""
    with state_errors(engine), engine.execution_options(ingest_write=True).begin() as conn:
        yield conn


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: a snapshot."""
    with state_errors(engine), engine.begin() as conn:
        yield conn


@contextmanager
def state_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as e:
        said = str(e.orig)
        if "no such table" in said or "does not exist" in said:
            raise StateError(_shown(engine.url), said, "the database was not set up") from e
        # the bare class is SQLite's for a file that is no database; its other children are bugs of ours
        if isinstance(e, OperationalError) or type(e) is DatabaseError:
            raise StateError(_shown(engine.url), said, "is INGEST_STATE right, and the database up?") from e
        raise


def to_db(when: datetime | None) -> datetime | None:
    """Aware to naive UTC, as the tables keep it."""
    return None if when is None else when.astimezone(UTC).replace(tzinfo=None)


def from_db(when: datetime | None) -> datetime | None:
    return None if when is None else when.replace(tzinfo=UTC)


def to_row(fields: Row) -> dict[str, Any]:
    """Values as the tables keep them: naive UTC, and no NUL in text, which PostgreSQL refuses."""
    return {name: to_column(value) for name, value in fields.items()}


def to_column(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return to_db(value) if isinstance(value, datetime) else value


def from_row(fields: RowMapping) -> dict[str, Any]:
    return {str(name): from_db(value) if isinstance(value, datetime) else value for name, value in fields.items()}


def chunks(values: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def insert_into(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The dialect's INSERT, the one with ON CONFLICT."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; those whose primary key is there replace the old ones. In key order, so that no deadlock is met."""
    keys = [column.name for column in table.primary_key]
    insert = insert_into(conn, table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    statement = insert.on_conflict_do_update(index_elements=keys, set_=others)
    ordered = sorted(rows, key=lambda row: tuple(row[key] for key in keys))
    for chunk in chunks(ordered):
        conn.execute(statement, [to_row(row) for row in chunk])


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        try:
            Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StateError(str(url), f"its folder cannot be made: {e.strerror}", "see INGEST_STATE") from e
    engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _: ConnectionPoolEntry) -> None:
    # the driver's own BEGIN comes late and never for DDL; ours comes in _on_begin
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get("ingest_write")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_revision(conn: Connection, config: Any) -> None:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    current = MigrationContext.configure(conn).get_current_revision()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StateError(
            _shown(conn.engine.url),
            f"written by a newer version (revision {current})",
            "upgrade this package, or use another INGEST_STATE",
        )


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)
