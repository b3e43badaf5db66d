"""Airflow as docker-compose.yml deploys it, from wheels, on 127.0.0.1: what `make stack` and its tests start.

PostgreSQL, Valkey as the broker, an S3 server, and Airflow's API server, scheduler, DAG processor, triggerer and Celery
workers: each a process of its own, that can be killed and started again by its name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from ingest.embedded import EmbeddedAirflow
from ingest.services import Service, says, stop_all
from ingest.stack import hostname, servers

BUCKET = "articles"


class Stack(EmbeddedAirflow):
    """The deployment whose data, logs and secrets lie in `folder`; a context manager that ends all of it.

    `env` comes on top of what the tasks are given (at least INGEST_SOURCES). `services` has postgres, valkey, s3,
    api-server, scheduler, dag-processor, triggerer, worker-1, worker-2, …
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str], port: int | None = None, workers: int = 2, concurrency: int = 2
    ) -> None:
        home = folder.resolve()
        (home / "logs").mkdir(parents=True, exist_ok=True)
        known = servers.made_secrets(home / "secrets.json")
        postgres, sql_port = servers.postgres(home, known["POSTGRES_PASSWORD"], ("airflow", "ingest"))
        valkey, broker_port = servers.valkey(home, known["REDIS_PASSWORD"])
        s3, s3_url = servers.s3(home, known["S3_ACCESS_KEY"], known["S3_SECRET_KEY"])
        sql = f"postgres:{known['POSTGRES_PASSWORD']}@127.0.0.1:{sql_port}"
        broker = f"redis://:{known['REDIS_PASSWORD']}@127.0.0.1:{broker_port}/0"
        super().__init__(home, {**_environment(known, sql, broker, s3_url), **env}, port, triggerer=True)
        self.servers: dict[str, Service] = {server.name: server for server in (postgres, valkey, s3)}
        self.workers = [self._worker(f"worker-{n + 1}", concurrency) for n in range(workers)]
        self._airflow = dict(self.services)
        self.services = self.servers | self._airflow

    def stop(self) -> None:
        """Airflow first: it would only complain that its database has gone."""
        stop_all(self._airflow.values())
        stop_all(self.servers.values())

    def _prepare(self) -> None:
        for server in self.servers.values():
            server.start()
        for server in self.servers.values():
            server.wait()
        self._make_bucket()
        super()._prepare()
        self._run(str(Path(sys.executable).with_name("ingest")), "setup")
        self.services["api-server"].start()
        self.services["api-server"].wait()  # before the others: a task that cannot tell of its start has failed

    def _worker(self, name: str, concurrency: int) -> Service:
        words = ("--celery-hostname", name, "--concurrency", str(concurrency), "--skip-serve-logs")
        worker = self._add(name, "celery", "worker", *words)
        worker.env = {**worker.env, hostname.VARIABLE: name}
        worker.is_ready = says(f"{name} ready.")
        return worker

    def _make_bucket(self) -> None:
        import boto3

        client = boto3.client(
            "s3",
            endpoint_url=self.env["INGEST_S3_ENDPOINT"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            region_name=self.env["AWS_DEFAULT_REGION"],
        )
        if BUCKET not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=BUCKET)


def _environment(known: Mapping[str, str], sql: str, broker: str, s3_url: str) -> dict[str, str]:
    """As in docker-compose.yml."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": "32",  # the workers have the limit
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": f"{hostname.__name__}.hostname",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{sql}/airflow",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql://{sql}/airflow",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": json.dumps({"imports": ["ingest.airflow.preload"]}),
        "AIRFLOW__API_AUTH__JWT_SECRET": known["AIRFLOW_JWT_SECRET"],
        "AIRFLOW__CORE__FERNET_KEY": known["AIRFLOW_FERNET_KEY"],
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "INGEST_STORE": f"s3://{BUCKET}/prod",
        "INGEST_STATE": f"postgresql://{sql}/ingest",
        "INGEST_S3_ENDPOINT": s3_url,
        "AWS_ACCESS_KEY_ID": known["S3_ACCESS_KEY"],
        "AWS_SECRET_ACCESS_KEY": known["S3_SECRET_KEY"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
