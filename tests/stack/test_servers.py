"""The servers of the stack, without Airflow: a password each, and what they were told outlives a kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import psutil
import psycopg
import pytest
import redis
from botocore.exceptions import ClientError

from ingest.services import Service
from ingest.stack import servers

pytestmark = pytest.mark.services


@pytest.fixture
def folder() -> Iterator[Path]:
    # not below pytest's own folder: that is closed to others, and under root PostgreSQL runs as another user
    with TemporaryDirectory(prefix="servers-", ignore_cleanup_errors=True) as name:
        (Path(name) / "logs").mkdir()
        yield Path(name)


@pytest.fixture
def started() -> Iterator[list[Service]]:
    services: list[Service] = []
    yield services
    for service in services:
        service.stop()


def _up(started: list[Service], service: Service) -> Service:
    started.append(service)
    service.start()
    service.wait()
    assert _addresses(service) == {"127.0.0.1"}
    return service


def _addresses(service: Service) -> set[str]:
    """Where it listens."""
    listening = psutil.net_connections("inet")
    return {c.laddr.ip for c in listening if c.pid == service.pid and c.status == psutil.CONN_LISTEN}


def _crash(service: Service) -> None:
    service.kill()
    assert not service.running
    service.start()
    service.wait()


def test_postgres(folder: Path, started: list[Service]) -> None:
    service, port = servers.postgres(folder, "secret", ("airflow", "ingest"))
    _up(started, service)

    def connect(password: str) -> psycopg.Connection[Any]:
        return psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="ingest")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect("guessed")
    with connect("secret") as conn:
        conn.execute("CREATE TABLE told AS SELECT 41 AS number")
    _crash(service)
    with connect("secret") as conn:
        assert conn.execute("SELECT number FROM told").fetchone() == (41,)


def test_valkey(folder: Path, started: list[Service]) -> None:
    service, port = servers.valkey(folder, "secret")
    _up(started, service)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=port).ping()
    assert "secret" not in " ".join(service.command)
    redis.Redis(port=port, password="secret").rpush("queue", "told")
    redis.Redis(port=port, password="secret").execute_command("WAITAOF", 1, 0, 5000)
    _crash(service)
    assert redis.Redis(port=port, password="secret").lrange("queue", 0, -1) == [b"told"]


def test_s3(folder: Path, started: list[Service]) -> None:
    service, url = servers.s3(folder, "key", "secret")
    _up(started, service)

    def client(key: str) -> Any:
        names = {"aws_access_key_id": key, "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=url, **names)

    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        client("guessed").list_buckets()
    client("key").create_bucket(Bucket="articles")
    client("key").put_object(Bucket="articles", Key="a/b", Body=b"told")
    _crash(service)
    assert client("key").get_object(Bucket="articles", Key="a/b")["Body"].read() == b"told"


def test_secrets_are_made_once_and_for_us_only(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    made = servers.made_secrets(file)
    assert len(set(made.values())) == len(made) == 6
    assert file.stat().st_mode & 0o777 == 0o600
    assert servers.made_secrets(file) == made
