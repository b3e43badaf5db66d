"""What the DAGs make events of. Others name them, `Asset.ref(name="landed_articles")`: docs/observability.md."""

from airflow.sdk import Asset

LANDED = Asset(
    "landed_articles",
    group="ingest",
    extra={"table": "articles", "format": "delta", "contract": "docs/contract/datacontract.yaml"},
)
RELEASED = Asset("released_articles", group="ingest", extra={"holds": "ids of articles whose embargo has ended"})
