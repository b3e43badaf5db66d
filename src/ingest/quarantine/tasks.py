"""Reading again as a task of a DAG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.errors import TooManyFailed
from ingest.pipeline import Workspace
from ingest.quarantine.again import replay
from ingest.quarantine.held import find
from ingest.report import RunReport

_SHOWN = 300  # characters of what is wrong


def read_again(ws: Workspace, run_id: str, ids: Sequence[str], by: str) -> RunReport | None:
    """The run's report; None if all of it was settled before. Prints what came of each.

    Raises NotStored, Malformed or BadConfig before anything is done, TooManyFailed if all of it is still bad.
    """
    waiting = [one for one in find(ws.store, ids) if one.settled is None]
    if not waiting:
        return None
    report, outcome = replay(ws, waiting, datetime.now(UTC), by, run_id=run_id)
    for id_, wrong in outcome.items():
        print(f"{id_}: {f'still {wrong.code}: {wrong.detail[:_SHOWN]!r}' if wrong else 'good now'}")
    if all(outcome.values()):
        hint = "mend its bytes (ingest quarantine replay ID --file FIXED), or discard it"
        raise TooManyFailed(", ".join(outcome), "still bad", hint)
    return report
