"""LocalExecutor whose tasks start warm: they are forks of workers that have imported what tasks use."""

from __future__ import annotations

from importlib import import_module

from airflow.executors.local_executor import LocalExecutor

# Otherwise every task imports them again, for seconds. Celery workers are given the same list.
PRELOADED = (
    "airflow.sdk.execution_time.task_runner",
    "boto3",
    "ingest.alerts.check",
    "ingest.landing",
    "ingest.shard",
    "ingest.sources",
)


class WarmLocalExecutor(LocalExecutor):
    """`[core] executor`. The scheduler imports once, before it forks: its workers share the memory."""

    def start(self) -> None:
        for name in PRELOADED:
            import_module(name)
        super().start()
