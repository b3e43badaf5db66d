"""`ingest doctor` names every unsafe setting, and nothing of a safe set-up."""

import json
import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ingest.cli.safety import unsafe_settings
from ingest.settings import Settings
from tests.cli.conftest import Run

LONG = "f3b1c2d4" * 8
SAFE = {
    "INGEST_CONTACT": "https://news.example.net/bot",
    "INGEST_ALLOW_NETS": "10.1.0.0/16",
    "INGEST_STORE": "s3://articles/prod",
    "INGEST_STATE": f"postgresql://ingest:{LONG}@db.internal.net/ingest?sslmode=verify-full",
    "INGEST_S3_ENDPOINT": "https://s3.internal.net",
    "INGEST_NOTICE_HOOKS": "https://hooks.example.net/in",
    "INGEST_NOTICE_KEY": LONG,
    "AWS_ACCESS_KEY_ID": "AKIAX7",
    "AWS_SECRET_ACCESS_KEY": LONG,
    "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode(),
    "AIRFLOW__API_AUTH__JWT_SECRET": LONG,
    "AIRFLOW__API__BASE_URL": "https://airflow.example.net",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow:{LONG}@postgres/airflow",
    "AIRFLOW__CELERY__BROKER_URL": f"redis://:{LONG}@broker:6379/0",
}
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
UNSAFE = [
    ("INGEST_ALLOW_NETS", "127.0.0.0/8", "INGEST_ALLOW_NETS", "services of this machine"),
    ("INGEST_ALLOW_NETS", "10.1.0.0/16, 10.0.0.0/8", "INGEST_ALLOW_NETS", "16,777,216 addresses"),
    ("INGEST_ALLOW_NETS", "169.254.169.254/32", "INGEST_ALLOW_NETS", "metadata service"),
    ("INGEST_ALLOW_NETS", "0.0.0.0/0", "INGEST_ALLOW_NETS", "metadata service"),
    ("INGEST_ALLOW_NETS", "8.8.8.0/24", "INGEST_ALLOW_NETS", "is not private"),
    ("INGEST_CONTACT", None, "INGEST_CONTACT", "reaches nobody"),
    ("INGEST_HOST_DELAY_S", "0", "INGEST_HOST_DELAY_S", "without a pause"),
    ("INGEST_S3_ENDPOINT", "http://s3.internal.net", "INGEST_S3_ENDPOINT", "is http"),
    ("AWS_SECRET_ACCESS_KEY", "minioadmin", "AWS_SECRET_ACCESS_KEY", "anybody would try"),
    ("INGEST_STATE", "postgresql://ingest:postgres@db/ingest", "INGEST_STATE", "anybody would try"),
    ("INGEST_STATE", "postgresql://ingest@db/ingest", "INGEST_STATE", "no password"),
    ("INGEST_STATE", f"postgresql://ingest:{LONG}@db.internal.net/ingest", "INGEST_STATE", "without TLS"),
    ("INGEST_NOTICE_HOOKS", "https://a.example/,http://b.example/x", "INGEST_NOTICE_HOOKS", "http to b.example"),
    ("INGEST_ALERTS", "http://c.example/in", "INGEST_ALERTS", "http to c.example"),
    ("INGEST_NOTICE_KEY", None, "INGEST_NOTICE_KEY", "is missing"),
    ("INGEST_NOTICE_KEY", "hunter2", "INGEST_NOTICE_KEY", "shorter than 32"),
    ("INGEST_WEBSUB_KEY", "hunter2", "INGEST_WEBSUB_KEY", "shorter than 32"),
    ("INGEST_WEBSUB_CALLBACK", "http://hub.example/", "INGEST_WEBSUB_CALLBACK", "is http"),
    ("INGEST_KEEP_RAW_DAYS", "3650", "INGEST_KEEP_RAW_DAYS", "3650 days"),
    ("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "True", "Airflow login", "everybody is an admin"),
    ("AIRFLOW__CORE__AUTH_MANAGER", SIMPLE, "Airflow login", "in clear"),
    ("AIRFLOW__CORE__AUTH_MANAGER", None, "Airflow login", "in clear"),
    ("AIRFLOW__API_AUTH__JWT_SECRET", None, "api_auth.jwt_secret", "is missing"),
    ("AIRFLOW__API_AUTH__JWT_SECRET", "airflow_jwt_secret", "api_auth.jwt_secret", "guessed"),
    ("AIRFLOW__CORE__FERNET_KEY", "", "core.fernet_key", "in clear"),
    ("AIRFLOW__CORE__FERNET_KEY", "short", "core.fernet_key", "no key"),
    ("AIRFLOW__API__BASE_URL", "http://airflow.example.net", "api.host", "every address"),
    ("AIRFLOW__API__EXPOSE_CONFIG", "True", "api.expose_config", "secrets too"),
    ("AIRFLOW__API__ACCESS_CONTROL_ALLOW_ORIGINS", "*", "api.access_control_allow_origins", "any web page"),
    ("AIRFLOW__CORE__HIDE_SENSITIVE_VAR_CONN_FIELDS", "False", "core.hide_sensitive_var_conn_fields", "passwords"),
    ("AIRFLOW__CORE__ALLOWED_DESERIALIZATION_CLASSES", ".*", "core.allowed_deserialization_classes", "run code"),
    ("AIRFLOW__CORE__LOAD_EXAMPLES", "True", "core.load_examples", "examples"),
    ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://airflow:airflow@postgres/airflow",
     "database.sql_alchemy_conn", "anybody would try"),
    ("AIRFLOW__CELERY__BROKER_URL", "redis://broker:6379/0", "celery.broker_url", "no password"),
    ("AIRFLOW__CELERY__BROKER_URL", "redis://:redis@broker:6379/0", "celery.broker_url", "anybody would try"),
]  # fmt: skip


@pytest.fixture
def safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of ours with a safe set-up; not as root."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("INGEST_", "AIRFLOW_", "AWS_"))]:
        monkeypatch.delenv(name)
    for name, value in {**SAFE, "AIRFLOW_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (tmp_path / "sources.toml").write_text('[sources.a]\nurl = "https://a.example/rss"\n')
    return tmp_path


def found() -> dict[str, str]:
    return {one.what: one.detail for one in unsafe_settings(Settings())}


def test_a_safe_set_up(safe: Path) -> None:
    assert found() == {}


@pytest.mark.parametrize(("name", "value", "what", "why"), UNSAFE)
def test_unsafe(safe: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, what: str, why: str) -> None:
    """One setting that is changed gives one finding, with a way out and without the secret."""
    monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    [one] = unsafe_settings(Settings())
    assert (one.what, why in one.detail) == (what, True), one
    assert one.todo
    assert LONG not in one.detail
    assert "hunter2" not in one.detail


def test_the_page_lists_them_all() -> None:
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    listed = page[page.index("<!-- unsafe -->") : page.index("<!-- end: unsafe -->")]
    for what in {what for _, _, what, _ in UNSAFE} | {"user", "sources", "dags", "plugins", "store", "state"}:
        assert f"`{what}`" in listed, what


def test_as_root(safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "root" in found()["user"]


def test_airflow_cfg_is_read_and_a_command_is_trusted(safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in SAFE if name.startswith("AIRFLOW__")]:
        monkeypatch.delenv(name)
    assert found() == {}  # no Airflow is set up here
    (safe / "airflow.cfg").write_text("[core]\nfernet_key = %(x)s\n[api]\nhost = 127.0.0.1\n")
    (safe / "airflow.cfg").chmod(0o600)
    assert set(found()) == {"core.fernet_key", "api_auth.jwt_secret"}
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY_CMD", "cat /run/secrets/fernet")
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET_SECRET", "jwt")
    assert found() == {}


def test_sources(safe: Path) -> None:
    (safe / "sources.toml").write_text("""
[sources.plain]
url = "http://plain.example/rss"
[sources.open]
url = "http://open.example/rss"
credential = {kind = "bearer", env = "TOKEN"}
[sources.mail]
transport = "imap"
url = "imap://mail.example/INBOX"
credential = {kind = "password", env = "MAIL"}
options = {tls = false}
[sources.rude]
url = "https://rude.example/rss"
options = {robots = false}
[sources.off]
url = "http://off.example/rss"
enabled = false
""")
    told = [one.detail for one in unsafe_settings(Settings()) if one.what == "sources"]
    for line in ("open send their credential", "mail read mail", "plain come over plain", "rude ask for pages"):
        assert any(detail.startswith(line) for detail in told), told
    assert len(told) == 4
    assert "off" not in " ".join(told)


def test_files(safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is only closed further up is closed."""
    monkeypatch.setenv("INGEST_STORE", str(safe / "store"))
    monkeypatch.setenv("INGEST_STATE", f"sqlite:///{safe}/state.db")
    for folder in ("store", "dags", "plugins"):
        (safe / folder).mkdir()
    for file in ("state.db", ".env", "airflow.cfg", "simple_auth_manager_passwords.json.generated", "dags/a.py"):
        (safe / file).touch()
    (safe / "dags" / "a.py").chmod(0o646)
    for name in ("store", "plugins", "sources.toml"):
        (safe / name).chmod(0o777)
    for path in safe.glob("*"):
        path.chmod(path.stat().st_mode | 0o004)
    closed = [folder for folder in safe.parents if not folder.stat().st_mode & 0o001]
    safe.chmod(0o700)
    assert found() == {}
    safe.chmod(0o711)
    for folder in closed:
        folder.chmod(folder.stat().st_mode | 0o001)
    try:
        told = list(unsafe_settings(Settings()))
    finally:
        for folder in closed:
            folder.chmod(folder.stat().st_mode & ~0o001)
    written = {one.what for one in told if "changed" in one.detail}
    read = {one.what for one in told if "read" in one.detail}
    assert written == {"registry", "plugins", "dags", "store"}
    assert read == {"store", "state", "secrets", "Airflow's settings", "Airflow's passwords"}
    assert all(one.todo.startswith("chmod ") for one in told)


def test_doctor_tells_and_strict_fails(ingest: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sources.toml").write_text('[sources.a]\nurl = "https://a.example/rss"\n')
    monkeypatch.setenv("INGEST_KEEP_RAW_DAYS", "3650")
    plain = ingest("doctor")
    assert plain.code == 0
    assert "! INGEST_KEEP_RAW_DAYS: keeps all that came in for 3650 days → " in plain.out
    strict = ingest("doctor", "--strict", "--json")
    assert strict.code == 1
    rows = [json.loads(line) for line in strict.out.splitlines()]
    assert {"good", "later", "unsafe"} == {row["verdict"] for row in rows}
    assert {"what", "verdict", "detail", "todo"} == set(rows[0])
