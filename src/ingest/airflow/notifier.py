"""Alerts of the DAGs: of a run that is red, of one that is late, and of what a task found. See docs/alerts.md.

Nothing here fails what it watches over: what cannot be told is in the log of who tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import structlog
from airflow.sdk import BaseNotifier
from airflow.sdk.exceptions import AirflowSkipException

if TYPE_CHECKING:
    from ingest.alerts import Alert

log = structlog.get_logger()


class TellFailure(BaseNotifier):
    """`on_failure_callback` of a DAG: its run is red. Runs in the DAG processor, which must reach what alerts need."""

    def notify(self, context: Any) -> None:
        dag_id, run_id = context["dag"].dag_id, context["run_id"]
        task = f"; its last task was `{context['ti'].task_id}`" if "ti" in context else ""
        tell([of_run("run-failed", dag_id, run_id, f"{run_id} failed: {context.get('reason', 'no reason')}{task}")])


@contextmanager
def telling(dag_id: str) -> Iterator[None]:
    """Around the last work of a DAG: what is on is told, however it ends. If it ends well, so has the DAG."""
    try:
        yield
    except AirflowSkipException:
        tell(well=dag_id)
        raise
    except BaseException:
        tell()
        raise
    tell(well=dag_id)


def of_run(kind: Literal["run-failed", "run-late"], dag_id: str, run_id: str, what: str) -> Alert:
    from urllib.parse import quote

    from ingest.alerts import Alert

    page = f"/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
    return Alert(kind=kind, subject=dag_id, what=what, since=datetime.now(UTC), page=page)


def tell(seen: list[Alert] | None = None, well: str | None = None) -> None:
    """One check, with the settings of this process. Raises nothing."""
    try:
        from ingest.alerts.check import check
        from ingest.pipeline import Workspace
        from ingest.settings import load_settings

        check(Workspace(load_settings()), datetime.now(UTC), seen or (), well)
    except Exception:
        log.exception("alerts could not be told")
