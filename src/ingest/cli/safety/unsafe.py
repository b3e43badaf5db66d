"""One unsafe setting, and what several looks ask: is it this machine, is it a secret that anybody would try?"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SECRET_CHARACTERS = 32
_GUESSED = frozenset(
    {"123456", "admin", "airflow", "airflow_jwt_secret", "changeme", "default", "example", "ingest", "minio"}
    | {"minio123", "minioadmin", "password", "postgres", "redis", "root", "secret", "test", "testing", "topsecret"}
)


@dataclass(frozen=True)
class Unsafe:
    what: str
    detail: str
    todo: str


def is_here(host: str | None) -> bool:
    """Whether a host is this machine; no host is a socket of it."""
    if not host or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_near(host: str | None) -> bool:
    """This machine, or a name without a dot: a service of the same compose file, or of the same namespace."""
    return is_here(host) or (host is not None and "." not in host and ":" not in host)


def is_guessed(secret: str) -> bool:
    return secret.strip().lower() in _GUESSED


def database_risk(url: str) -> str | None:
    """What is wrong with the way to a PostgreSQL database; None for SQLite, and for a socket of this machine."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgres") or not parts.hostname:
        return None
    password = unquote(parts.password or "")
    if is_guessed(password):
        return "its password is one that anybody would try"
    if not password and not is_here(parts.hostname) and "passfile=" not in parts.query:
        return "it has no password"
    if not is_near(parts.hostname) and not any(f"sslmode={m}" in parts.query for m in ("require", "verify-")):
        return "it is reached without TLS"
    return None
