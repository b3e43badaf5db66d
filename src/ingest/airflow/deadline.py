"""Deadlines of the DAGs. The triggerer calls `run_late` by its path, so it must stay where it can be imported."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference  # type: ignore[attr-defined] # its stub is behind

from ingest.airflow.notifier import of_run, tell
from ingest.errors import BadConfig
from ingest.settings import Settings, load_settings


def late_after(dag_id: str, interval: timedelta | None = None) -> DeadlineAlert:
    """A run that has not ended so long after it was queued is told; INGEST_DEADLINE_H if nothing is said."""
    interval = interval or timedelta(hours=_hours())
    callback = AsyncCallback(run_late, kwargs={"dag_id": dag_id, "minutes": round(interval.total_seconds() / 60)})
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=interval, callback=callback)


async def run_late(dag_id: str, minutes: int, context: dict[str, Any] | None = None) -> None:
    """In a thread: the triggerer's loop has others to look after."""
    run = (context or {}).get("dag_run", {})
    run_id = str(run.get("dag_run_id") or run.get("run_id") or "a run")
    what = f"{run_id} has not ended {minutes} minutes after it was queued"
    await asyncio.to_thread(tell, [of_run("run-late", dag_id, run_id, what)])


def _hours() -> float:
    try:
        return load_settings().deadline_h
    except BadConfig:  # `plan` says so; a DAG that cannot be read would say nothing
        return float(Settings.model_fields["deadline_h"].default)
