"""How a task ends that has landed something: in every DAG alike."""

from collections.abc import MutableMapping
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from ingest.airflow.assets import LANDED
from ingest.airflow.telemetry import send_lineage


def announce(landed: dict[str, Any], outlet_events: MutableMapping[Any, Any]) -> dict[str, Any]:
    """The event of the asset, and the table's lineage; returns what landed, the task's own result.

    Nothing landed: raises AirflowSkipException, and there is no event, so that nobody downstream is woken for it.
    """
    if not landed:
        raise AirflowSkipException("nothing new")
    outlet_events[LANDED].extra = landed
    send_lineage(landed)
    return landed
