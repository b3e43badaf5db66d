"""Runs: begun, landing, landed. What a run learned is applied at once, when its articles are in the table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, text, update

from ingest.errors import StateError
from ingest.state.database import from_db, from_row, insert_into, to_db
from ingest.state.feeds import save_feed_states
from ingest.state.items import delete_pending, save_items, save_pending, save_versions
from ingest.state.models import RunOutcome, RunRow
from ingest.state.pieces import save_pieces
from ingest.state.tables import runs

_LANDING = 0x6C616E64  # "land", for PostgreSQL's advisory lock


def start_run(conn: Connection, run_id: str, at: datetime) -> RunRow:
    """The run's row; the one that is there, if it was started before (a retry)."""
    row = {"run_id": run_id, "started_at": to_db(at), "status": "running"}
    conn.execute(insert_into(conn, runs).on_conflict_do_nothing(), row)
    return _run(conn, run_id)


def mark_landing(conn: Connection, run_id: str) -> None:
    """The commit may begin now: until the run is landed, its staging must be kept. Nothing if it has landed.

    Raises StateError if the run was never started.
    """
    _run(conn, run_id)
    conn.execute(update(runs).where(runs.c.run_id == run_id, runs.c.status == "running").values(status="landing"))


def lock_landing(conn: Connection) -> None:
    """Wait until no other run is landing, to the end of this transaction. On SQLite every writer waits anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LANDING})


def runs_landed(conn: Connection) -> int:
    """How many runs have landed. Not which was the last: a run that waited for its turn has an earlier time."""
    return conn.scalar(select(func.count()).select_from(runs).where(runs.c.status == "landed")) or 0


def last_landed_at(conn: Connection) -> datetime | None:
    """When the last run landed, by its own clock; None if none has."""
    return from_db(conn.scalar(select(func.max(runs.c.finished_at)).where(runs.c.status == "landed")))


def landed_ids(conn: Connection) -> set[str]:
    """Of all runs that have landed."""
    return set(conn.scalars(select(runs.c.run_id).where(runs.c.status == "landed")))


def apply_run(conn: Connection, outcome: RunOutcome) -> bool:
    """Apply all that a landed run learned, in the transaction of `conn`.

    Returns False, and does nothing, if that was done before. Raises StateError if the run was never started.
    """
    if _run(conn, outcome.run_id, lock=True).status == "landed":
        return False
    save_feed_states(conn, outcome.feeds)
    save_items(conn, outcome.items)
    save_versions(conn, outcome.versions)
    delete_pending(conn, outcome.settled)
    save_pending(conn, outcome.pending)
    save_pieces(conn, outcome.pieces)
    finish_run(conn, outcome)
    return True


def finish_run(conn: Connection, outcome: RunOutcome) -> None:
    """Mark a run as landed. On its own for a run that leaves nothing else; otherwise see `apply_run`."""
    values = {
        "status": "landed",
        "finished_at": to_db(outcome.finished_at),
        "table_version": outcome.table_version,
        "report": outcome.report,
    }
    conn.execute(update(runs).where(runs.c.run_id == outcome.run_id).values(values))


def last_runs(conn: Connection, limit: int = 20) -> list[RunRow]:
    """Newest first."""
    rows = conn.execute(select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id).limit(limit)).mappings()
    return [RunRow.model_validate(from_row(row)) for row in rows]


def unfinished_runs(conn: Connection) -> list[RunRow]:
    """Runs that have not landed, oldest first: under way, or killed."""
    query = select(runs).where(runs.c.status != "landed").order_by(runs.c.started_at, runs.c.run_id)
    return [RunRow.model_validate(from_row(row)) for row in conn.execute(query).mappings()]


def find_run(conn: Connection, run_id: str, *, lock: bool = False) -> RunRow | None:
    """The run's row, if it was ever started; `lock` holds it to the end of the transaction."""
    query = select(runs).where(runs.c.run_id == run_id)
    row = conn.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return RunRow.model_validate(from_row(row)) if row else None


def _run(conn: Connection, run_id: str, *, lock: bool = False) -> RunRow:
    row = find_run(conn, run_id, lock=lock)
    if row is None:
        raise StateError(run_id, "no such run", "start_run comes first")
    return row
