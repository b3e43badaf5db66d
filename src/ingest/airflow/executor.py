"""LocalExecutor whose tasks start warm. Celery workers are told the same in `[celery] extra_celery_config`."""

from importlib import import_module

from airflow.executors.local_executor import LocalExecutor


class WarmLocalExecutor(LocalExecutor):
    """`[core] executor`. The scheduler imports what tasks use before it forks its workers: they share the memory."""

    def start(self) -> None:
        import_module("ingest.airflow.preload")
        super().start()
