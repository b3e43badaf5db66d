"""What a run did, for those who watch Airflow from outside: its metrics (StatsD, OpenTelemetry) and its lineage.

Both do nothing where Airflow is not set up for them, and never fail a task. See docs/observability.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ingest.report import RunReport


def send_metrics(report: RunReport) -> None:
    """Counters `ingest.landed` and its like, timings `ingest.stage.fetch` and its like; tagged with the DAG."""
    from airflow.sdk import get_current_context
    from airflow.sdk.observability.stats import incr, timing

    tags = {"dag_id": get_current_context()["dag_run"].dag_id}
    for name, count in report.counts().items():
        incr(f"ingest.{name}", count, tags=tags)
    for stage in report.stages:
        timing(f"ingest.stage.{stage.stage}", timedelta(seconds=stage.seconds), tags=tags)


def send_lineage(landed: Mapping[str, Any]) -> None:
    """The table as the task's output, named as OpenLineage names storage; with its version."""
    try:
        from airflow.providers.openlineage.api import emit_dataset_lineage
        from openlineage.client.event_v2 import OutputDataset
        from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
    except ImportError:  # the provider is not part of every deployment
        return
    store = urlsplit(f"{landed['store']}/articles")
    namespace, name = (f"s3://{store.netloc}", store.path.strip("/")) if store.scheme == "s3" else ("file", store.path)
    version = DatasetVersionDatasetFacet(datasetVersion=str(landed["table_version"]))
    emit_dataset_lineage(outputs=[OutputDataset(namespace=namespace, name=name, facets={"version": version})])
