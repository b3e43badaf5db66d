"""What tasks use. A worker imports this once, and its tasks are forks of it: each would have to import it all again."""

# ruff: noqa: F401
import airflow.sdk.execution_time.task_runner
import boto3

import ingest.alerts.check
import ingest.landing
import ingest.shard
import ingest.sources
