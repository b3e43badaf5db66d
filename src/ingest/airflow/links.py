"""From a task to its page of the newsroom, inside the Airflow UI.

Made by the API server when somebody looks, from the names alone: so it is there while a task runs and after it failed.
Which run of ours a DAG run made (a cleared one makes another) the page finds out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

PREFIX = "/newsroom"  # where the plugin mounts the pages
_IN_AIRFLOW = "/plugin/newsroom"  # url_route of its external view; what follows is the page that the frame opens at
_TAG = "ingest"  # of our DAGs
_PAGES = {"embargoes": "articles", "maintenance": "runs", "takedown": "takedowns"}


class NewsroomLink(BaseOperatorLink):
    """Global, so of every operator. On tasks of other people's DAGs it is empty, which Airflow does not show."""

    name = "Newsroom"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        dag = operator.get_dag()
        if dag is None or _TAG not in dag.tags:
            return ""
        return _base_url() + _IN_AIRFLOW + PREFIX + page_of(ti_key)


def page_of(ti_key: TaskInstanceKey) -> str:
    """The address within the newsroom. For a mapped task the run's page shows its shard alone."""
    if ti_key.dag_id in _PAGES:
        return f"/{_PAGES[ti_key.dag_id]}"
    asked = {"dag_id": ti_key.dag_id, "run_id": ti_key.run_id}
    if ti_key.map_index >= 0:
        asked["map_index"] = str(ti_key.map_index)
    return f"/dag-run?{urlencode(asked)}"


def _base_url() -> str:
    """Without a host where none is set: the same host as the page that shows the link."""
    from airflow.configuration import conf

    return conf.get("api", "base_url", fallback="").rstrip("/")
