"""Airflow's settings, as its processes read them: the environment, then airflow.cfg.

Read without Airflow, whose import takes seconds and writes a configuration file where there is none.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from configparser import ConfigParser, Error
from pathlib import Path
from urllib.parse import urlsplit

from ingest.cli.safety.unsafe import SECRET_CHARACTERS, Unsafe, database_risk, is_guessed, is_here
from ingest.settings import Settings

Option = Callable[[str, str], str]
_ELSEWHERE = "…"  # the value is behind _CMD or _SECRET
_KEY = "python3 -c 'import secrets; print(secrets.token_hex(32))', the same for every part"


def airflow_settings(_: Settings, environ: Mapping[str, str]) -> Iterator[Unsafe]:
    """Nothing where no Airflow is set up."""
    home = Path(environ.get("AIRFLOW_HOME") or Path(environ.get("HOME", "~")).expanduser() / "airflow")
    file = Path(environ.get("AIRFLOW_CONFIG") or home / "airflow.cfg")
    if not file.exists() and not any(name.startswith("AIRFLOW__") for name in environ):
        return
    option = _options(file, environ)
    for look in (_login, _secrets, _ways, _exposed):
        yield from look(option)


def _options(file: Path, environ: Mapping[str, str]) -> Option:
    written = ConfigParser(interpolation=None, strict=False)
    try:
        written.read_string(file.read_text())
    except (OSError, Error, UnicodeDecodeError):
        written.clear()  # none, or one that Airflow could not read either

    def option(section: str, name: str) -> str:
        variable = f"AIRFLOW__{section}__{name}".upper()
        if variable in environ:
            return environ[variable].strip()
        if {f"{variable}_CMD", f"{variable}_SECRET"} & set(environ):
            return _ELSEWHERE
        return written.get(section, name, fallback="").strip()

    return option


def _login(option: Option) -> Iterator[Unsafe]:
    if option("core", "simple_auth_manager_all_admins").lower() == "true":
        todo = "take core.simple_auth_manager_all_admins out"
        yield Unsafe("Airflow login", "everybody is an admin, without a password", todo)
    elif "simple" in (option("core", "auth_manager") or "simple").lower() and _is_shared(option):
        todo = "an auth manager for more than a few people: the fab or keycloak provider, see docs/deploy.md"
        yield Unsafe("Airflow login", "SimpleAuthManager keeps its passwords in a file, in clear", todo)


def _is_shared(option: Option) -> bool:
    local = option("database", "sql_alchemy_conn").startswith("sqlite") or not option("database", "sql_alchemy_conn")
    return not local or not is_here(option("api", "host") or "0.0.0.0")  # noqa: S104 - Airflow's default


def _secrets(option: Option) -> Iterator[Unsafe]:
    jwt = option("api_auth", "jwt_secret")
    if not jwt:
        yield Unsafe("api_auth.jwt_secret", "is missing: each part makes its own, and tasks are refused", _KEY)
    elif jwt != _ELSEWHERE and (is_guessed(jwt) or len(jwt) < SECRET_CHARACTERS):
        yield Unsafe("api_auth.jwt_secret", "can be guessed: who has it is admin", _KEY)
    fernet = option("core", "fernet_key")
    todo = "python3 -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    if not fernet:
        yield Unsafe("core.fernet_key", "is empty: connections and variables are stored in clear", todo)
    elif fernet != _ELSEWHERE and not all(map(_is_fernet, fernet.split(","))):
        yield Unsafe("core.fernet_key", "is no key: 32 bytes in URL-safe base64", todo)


def _is_fernet(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key.strip())) == 32
    except (binascii.Error, ValueError):
        return False


def _ways(option: Option) -> Iterator[Unsafe]:
    if risk := database_risk(option("database", "sql_alchemy_conn")):
        yield Unsafe("database.sql_alchemy_conn", risk, "a role of its own with a long password; ?sslmode=verify-full")
    broker = urlsplit(option("celery", "broker_url"))
    if broker.scheme.startswith("redis") and not broker.password and not is_here(broker.hostname):
        yield Unsafe("celery.broker_url", "has no password: who reaches it starts tasks", "requirepass in the broker")
    elif is_guessed(broker.password or ""):
        yield Unsafe("celery.broker_url", "its password is one that anybody would try", "a long one")
    behind_tls = option("api", "ssl_cert") or option("api", "base_url").startswith("https://")
    if not is_here(option("api", "host") or "0.0.0.0") and not behind_tls:  # noqa: S104 - Airflow's default
        todo = "127.0.0.1; or a proxy with TLS before it, and api.base_url = https://…; or api.ssl_cert"
        yield Unsafe("api.host", "the UI listens on every address, and passwords come in clear", todo)


def _exposed(option: Option) -> Iterator[Unsafe]:
    if option("api", "expose_config").lower() == "true":
        yield Unsafe("api.expose_config", "shows every setting, secrets too, in the UI", "False or non-sensitive-only")
    if "*" in option("api", "access_control_allow_origins").split():
        yield Unsafe("api.access_control_allow_origins", "lets any web page use the API", "name the pages")
    if option("core", "hide_sensitive_var_conn_fields").lower() == "false":
        yield Unsafe("core.hide_sensitive_var_conn_fields", "prints passwords into logs and pages", "True")
    if option("core", "allowed_deserialization_classes") in (".*", "*"):
        yield Unsafe("core.allowed_deserialization_classes", "lets a task's result run code", "airflow.* ingest.*")
    if option("core", "load_examples").lower() == "true":
        yield Unsafe("core.load_examples", "Airflow's examples can be started by any user", "False")


LOOKS = (airflow_settings,)
