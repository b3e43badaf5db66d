"""docker-compose.yml, Dockerfile and the maker of .env, held to what docs/deploy.md says. No engine is needed."""

import base64
import importlib.util
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.settings import Settings
from ingest.stack import _environment

PROJECT = Path(__file__).parents[2]
COMPOSE = PROJECT / "docker-compose.yml"
TEXT = COMPOSE.read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
AIRFLOW = ("init", "apiserver", "scheduler", "dag-processor", "triggerer", "worker")
SERVERS = ("postgres", "broker", "s3")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:?[-?+][^}]*)?\}")
PINNED = re.compile(r"[a-z0-9./-]+:v?[0-9]+\.[0-9]+[a-z0-9.-]*")


def test_the_schema() -> None:
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", COMPOSE]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_secret_has_a_default() -> None:
    """What is not given stops compose, with what to do; the two that have a default are none."""
    optional = {name for name, rule in VARIABLE.findall(TEXT) if not rule.startswith(":?")}
    assert optional == {"INGEST_UID", "AIRFLOW_BASE_URL"}
    for word in ("PASSWORD", "SECRET", "_KEY"):
        for line in (line for line in TEXT.splitlines() if re.search(rf"{word}\w*: ", line)):
            assert ":?" in line, line


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_bounded_and_closed(name: str) -> None:
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["logging"]["options"]["max-size"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert service.get("user") or name == "s3"  # its entry point changes user by itself
    if name == "init":
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"])


def test_who_starts_when_and_sees_whom() -> None:
    assert set(SERVICES) == {*AIRFLOW, *SERVERS}
    waits = {name: {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()} for name in AIRFLOW}
    assert waits["init"] == dict.fromkeys(SERVERS, "service_healthy")
    assert all(waits[name]["init"] == "service_completed_successfully" for name in AIRFLOW if name != "init")
    assert waits["worker"]["apiserver"] == "service_healthy"
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2
    assert yaml.safe_load(TEXT)["networks"]["inside"] == {"internal": True}
    assert all(SERVICES[name]["networks"] == ["inside"] for name in SERVERS)


def test_the_registry_is_a_folder_that_one_service_writes() -> None:
    """A file that is replaced whole cannot be a bind mount; and who need not write it may not."""
    mounts = {name: [v for v in SERVICES[name]["volumes"] if v.startswith("./")] for name in AIRFLOW}
    assert mounts.pop("apiserver") == ["./registry:/opt/ingest/registry"]
    assert set(map(tuple, mounts.values())) == {("./registry:/opt/ingest/registry:ro",)}
    assert SERVICES["worker"]["environment"]["INGEST_SOURCES"] == "/opt/ingest/registry/sources.toml"


def test_images_are_pinned() -> None:
    for name in SERVERS:
        assert PINNED.fullmatch(SERVICES[name]["image"]), name
    for image in re.findall(r"^FROM (\S+)", (PROJECT / "Dockerfile").read_text(), re.MULTILINE):
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", image)


def test_every_setting_is_one() -> None:
    """A name that nobody reads would be silently without effect."""
    known = airflow_options()
    for name in {key for service in AIRFLOW for key in SERVICES[service]["environment"]}:
        if name.startswith("INGEST_"):
            assert name.removeprefix("INGEST_").lower() in Settings.model_fields, name
        if name.startswith("AIRFLOW__"):
            _, section, option = name.lower().split("__")
            assert option in known[section], name
    assert importlib.util.find_spec("airflow.providers.celery.executors.celery_executor")  # of the workers' check


def airflow_options() -> dict[str, set[str]]:
    """Section → options, of Airflow's own description of its settings and of the Celery provider's."""
    from airflow.providers.celery.get_provider_info import get_provider_info

    spec = importlib.util.find_spec("airflow")
    assert spec and spec.submodule_search_locations
    file = Path(next(iter(spec.submodule_search_locations))) / "config_templates" / "config.yml"
    sections = {**yaml.safe_load(file.read_text()), **get_provider_info()["config"]}
    return {name: set(section["options"]) for name, section in sections.items()}


def test_make_stack_tries_the_same_settings() -> None:
    secrets = dict.fromkeys(("AIRFLOW_JWT_SECRET", "AIRFLOW_FERNET_KEY", "S3_ACCESS_KEY", "S3_SECRET_KEY"), "x")
    tried, deployed = _environment(secrets, "sql", "broker", "s3"), SERVICES["worker"]["environment"]
    alone = {"AIRFLOW__CORE__HOSTNAME_CALLABLE"}  # there all parts share one host
    assert set(tried) - set(deployed) <= alone
    for name in ("EXECUTOR", "EXTRA_CELERY_CONFIG", "HEARTBEAT_TIMEOUT", "INGEST_STORE", "AWS_DEFAULT_REGION"):
        [key] = [key for key in tried if key.endswith(name)]
        assert tried[key] == deployed[key]


@pytest.mark.services
def test_init_makes_the_bucket_once(ministack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    from tests.conftest import AWS

    [script] = re.findall(r"<<'MAKE_BUCKET'\n(.*?)\nMAKE_BUCKET", SERVICES["init"]["command"][0], re.DOTALL)
    for name, value in {**AWS, "INGEST_S3_ENDPOINT": ministack, "INGEST_STORE": "s3://of-compose/prod"}.items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        exec(script, {})
    buckets = boto3.client("s3", endpoint_url=ministack).list_buckets()["Buckets"]
    assert [b["Name"] for b in buckets].count("of-compose") == 1


def test_the_image_has_what_it_copies_and_no_root() -> None:
    dockerfile, ignored = (PROJECT / "Dockerfile").read_text(), (PROJECT / ".dockerignore").read_text().splitlines()
    kept = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists(), source
            assert any(fnmatch(source, pattern) for pattern in kept), source
    [user] = re.findall(r"^USER (\d+)$", dockerfile, re.MULTILINE)
    assert int(user) >= 1000
    for name in (".env", "ingest.env", "registry", "data"):
        assert name not in kept


def test_make_env_makes_all_that_is_asked_for(tmp_path: Path) -> None:
    maker = [sys.executable, PROJECT / ".ci" / "env"]
    assert subprocess.run(maker, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    file = tmp_path / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    made = dict(line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#"))
    assert {name for name, rule in VARIABLE.findall(TEXT) if rule.startswith(":?")} <= set(made)
    secrets = [value for name, value in made.items() if name.endswith(("PASSWORD", "SECRET", "KEY"))]
    assert len(set(secrets)) == len(secrets)
    assert min(map(len, secrets)) >= 40
    assert len(base64.urlsafe_b64decode(made["AIRFLOW_FERNET_KEY"])) == 32
    assert made["INGEST_CONTACT"] == ""  # only you know it; compose asks
    assert made["INGEST_UID"] != "0"
    before = file.read_bytes()
    assert subprocess.run(maker, cwd=tmp_path, check=False, capture_output=True).returncode != 0
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == [".env"]  # noqa: PTH208


def test_kubernetes_values() -> None:
    """Settings of ours and of Airflow's are ones; no value is a secret; the job runs as the values do."""
    values = yaml.safe_load((PROJECT / "docs" / "kubernetes" / "values.yaml").read_text())
    known = airflow_options()
    for section, options in values["config"].items():
        assert set(options) <= known[section], section
    named = [*values["env"], *values["apiServer"]["env"]]
    assert {one["name"].removeprefix("INGEST_").lower() for one in named} <= set(Settings.model_fields)
    secret = {name for name in values if name.lower().endswith(("key", "password", "secret"))}
    assert not secret
    job = yaml.safe_load((PROJECT / "docs" / "kubernetes" / "setup.yaml").read_text())["spec"]["template"]["spec"]
    [container] = job["containers"]
    image = values["images"]["airflow"]
    assert container["image"] == f"{image['repository']}:{image['tag']}"
    assert container["command"] == ["ingest", "setup"]
    assert container["env"] == [one for one in values["env"] if one["name"] == "INGEST_STORE"]
