"""What the DAGs make events of. DAGs of others import them from here: docs/observability.md.

Not by `Asset.ref(name=…)`: a DAG that is scheduled on a reference is woken, but Airflow 3.3.2 gives it no events.
"""

from airflow.sdk import Asset

LANDED = Asset(
    "landed_articles",
    group="ingest",
    extra={"table": "articles", "format": "delta", "contract": "docs/contract/datacontract.yaml"},
)
RELEASED = Asset("released_articles", group="ingest", extra={"holds": "ids of articles whose embargo has ended"})
