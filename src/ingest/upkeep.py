"""What keeps store and state small: compaction, retention, expiry of the stories' index."""

from datetime import UTC, datetime, timedelta

from ingest.model import Model
from ingest.pipeline import Workspace

_PIECES = timedelta(days=4)  # after this an add is not looked for its first take


class Upkeep(Model):
    """What one upkeep did."""

    files_compacted: int
    files_deleted: int
    archives_deleted: int
    runs_unstaged: tuple[str, ...]
    index_expired: int


def keep_up(ws: Workspace, now: datetime) -> Upkeep:
    """Safe beside running writers and readers, and to do again. Raises NotStored before the first run."""
    from ingest.clean.lines import AGE
    from ingest.health.landed import KEEP_DAYS, KEEP_EVENTS
    from ingest.land.maintain import maintain
    from ingest.state.database import read, write
    from ingest.state.health import forget_health
    from ingest.state.learned import forget_counts
    from ingest.state.pieces import forget_pieces
    from ingest.state.runs import unfinished_runs
    from ingest.state.stories import KEEP_TEXTS, expire

    with read(ws.engine) as connection:
        landing = [run.run_id for run in unfinished_runs(connection) if run.status == "landing"]
    done = maintain(ws.store, now, keep_raw_days=ws.settings.keep_raw_days, unfinished=landing)
    today = (now - datetime(1970, 1, 1, tzinfo=UTC)).days
    with write(ws.engine) as connection:
        forget_pieces(connection, now - _PIECES)
        forget_counts(connection, now - AGE)
        forget_health(connection, now.date() - KEEP_DAYS, now - KEEP_EVENTS)
        expired = expire(connection, today - ws.settings.index_days, today - KEEP_TEXTS)
    return Upkeep(**done.model_dump(), index_expired=expired)
