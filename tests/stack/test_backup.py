"""Back up and restore, as docs/deploy.md says: a real PostgreSQL, a real S3 server, the same commands."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.fernet import Fernet

from ingest.rebuild import rebuild
from ingest.stack import servers
from ingest.verify import verify
from tests.newsroom import FEW, NIGHT, Desk, demo_desk

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
PASSWORD, KEY = "restored-with-it", Fernet.generate_key().decode()
BUCKET = "articles"


@dataclass
class Site:
    """One PostgreSQL and one S3 server, and what lies on them."""

    folder: Path
    port: int
    s3_url: str

    def desk(self, like: Desk) -> Desk:
        """One that reads the same newsroom and lands here."""
        state = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/ingest"
        here = {"store": f"s3://{BUCKET}/prod", "s3_endpoint": self.s3_url, "state": state}
        return Desk(like.settings.model_copy(update=here))

    @property
    def s3(self) -> Any:
        return boto3.client("s3", endpoint_url=self.s3_url)

    def postgres(self, command: str, *words: str) -> None:
        """A program of PostgreSQL's, of the server's own version."""
        programs = servers._pgserver(self.folder / "unused").bin_path
        env = {"PATH": os.defpath, "PGPASSWORD": PASSWORD}
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        subprocess.run([programs / command, *where, *words], env=env, check=True, timeout=120)

    def airflow(self, *words: str) -> str:
        home = self.folder / "airflow"
        home.mkdir(exist_ok=True)
        sql = f"postgresql+psycopg2://postgres:{PASSWORD}@127.0.0.1:{self.port}/airflow"
        own = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__FERNET_KEY": KEY}
        env = {**os.environ, **own, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": sql}
        command = [Path(sys.executable).with_name("airflow"), *words]
        return subprocess.run(command, env=env, check=True, timeout=200, capture_output=True, text=True).stdout


@contextmanager
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A new one, empty; all of it is deleted at the end."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-site")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # not below pytest's own folder: that is closed to others, and under root PostgreSQL runs as another user
    with tempfile.TemporaryDirectory(prefix="site-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "logs").mkdir()
        postgres, port = servers.postgres(folder, PASSWORD, ("airflow", "ingest"))
        s3, url = servers.s3(folder, "of-the-site", PASSWORD)
        for service in (postgres, s3):
            stack.callback(service.stop)
            service.start()
            service.wait()
        made = Site(folder, port, url)
        made.s3.create_bucket(Bucket=BUCKET)
        yield made


def copy_bucket(site: Site, to: Path) -> int:
    """`aws s3 sync s3://articles to`."""
    pages = site.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
    for key in keys:
        (to / key).parent.mkdir(parents=True, exist_ok=True)
        site.s3.download_file(BUCKET, key, str(to / key))
    return len(keys)


def fill_bucket(site: Site, of: Path) -> None:
    """`aws s3 sync of s3://articles`."""
    for file in (file for file in of.rglob("*") if file.is_file()):
        site.s3.upload_file(str(file), BUCKET, file.relative_to(of).as_posix())


def faults(desk: Desk) -> list[str]:
    """What `ingest verify` exits with 1 for."""
    ws = desk.workspace
    findings = verify(ws.store, ws.engine, NIGHT + timedelta(days=3), 90)
    return [finding.line() for finding in findings if finding.verdict == "fault"]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    (tmp_path / "dump").mkdir()
    return tmp_path / "dump"


def test_a_site_that_is_lost_goes_on_from_its_backup(
    tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo_desk(tmp_path / "news", faults=False) as (demo, undisturbed):
        undisturbed.night(0, FEW)
        with site(monkeypatch) as lost:
            first = lost.desk(undisturbed)
            first.workspace.set_up()
            first.night(0, FEW)
            lost.airflow("db", "migrate")
            lost.airflow("variables", "set", "greeting", "kept")
            for name in ("ingest", "airflow"):
                lost.postgres("pg_dump", "--format=custom", f"--file={dump}/{name}", name)
            copied = copy_bucket(lost, tmp_path / "objects")
            print(f"{len(first.articles())} articles, {copied} objects")
        with site(monkeypatch) as new:
            for name in ("ingest", "airflow"):
                new.postgres("pg_restore", "--no-owner", f"--dbname={name}", f"{dump}/{name}")
            fill_bucket(new, tmp_path / "objects")
            second = new.desk(undisturbed)
            assert faults(second) == []
            assert new.airflow("variables", "get", "greeting").split()[-1] == "kept"  # with the Fernet key kept apart
            demo.day = 2
            assert second.night(24, FEW).landed == undisturbed.night(24, FEW).landed > 0
            assert landed(second) == landed(undisturbed)
            assert faults(second) == []


def test_a_dump_older_than_the_bucket_is_completed_from_it(
    tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo_desk(tmp_path / "news", faults=False) as (demo, undisturbed), site(monkeypatch) as one:
        undisturbed.night(0, FEW)
        found = one.desk(undisturbed)
        found.workspace.set_up()
        found.night(0, FEW)
        one.postgres("pg_dump", "--format=custom", f"--file={dump}/ingest", "ingest")
        demo.day = 2
        assert found.night(24, FEW).landed == undisturbed.night(24, FEW).landed > 0
        one.postgres("dropdb", "--force", "ingest")
        one.postgres("createdb", "ingest")
        one.postgres("pg_restore", "--no-owner", "--dbname=ingest", f"{dump}/ingest")
        assert [finding for finding in faults(found) if "state" in finding]
        ws = found.workspace
        rebuilt = rebuild(ws.store, ws.engine, NIGHT + timedelta(hours=30), 10_000)
        assert rebuilt.runs == 1
        assert faults(found) == []
        assert found.night(48, FEW).landed == undisturbed.night(48, FEW).landed == 0
        assert landed(found) == landed(undisturbed)


def landed(desk: Desk) -> list[str]:
    """All that has landed, without what is each run's own."""
    own = dict.fromkeys(("run_id", "fetched_at", "raw"))
    return sorted(article.model_copy(update=own).model_dump_json() for article in desk.articles())
