"""What tasks use. A worker imports this once, and its tasks are forks of it: each would have to import it all again."""

# ruff: noqa: F401
import airflow.sdk.execution_time.task_runner
import boto3

import ingest.alerts.check
import ingest.landing
import ingest.sources
from ingest.shard import warmed_up

warmed_up("en")  # two seconds of each shard; what guesses a language is 80 MB that not every newsroom needs
