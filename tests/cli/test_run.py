"""run, fetch, articles, story, maintain and doctor, on a real feed and a real store."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import FEED, Run


def test_fetch_explains(ingest: Run, newsroom: str, tmp_path: Path) -> None:
    result = ingest("fetch", f"{newsroom}/rss", "--save", "feed.xml")
    assert result.code == 0
    for told in ("200  http", "outcome        new", 'ETag "v1"', f"{len(FEED):,} bytes sent", "“Harbour”: 2 items",
                 "next due       20"):  # fmt: skip
        assert told in result.out
    assert (tmp_path / "feed.xml").read_bytes() == FEED
    gone = ingest("fetch", f"{newsroom}/gone")
    assert gone.code == 1
    assert "never: it is gone (410)" in gone.out
    [told] = ingest("fetch", f"{newsroom}/nowhere", "--json").rows
    assert (told["outcome"], told["error_code"]) == ("failed", "http-error")
    assert (ingest("fetch").code, ingest("fetch", "ftp://x").code) == (2, 2)


def test_from_a_feed_to_a_story(ingest: Run, newsroom: str, tmp_path: Path) -> None:
    ingest("sources", "add", f"{newsroom}/rss", "--id", "harbour")
    result = ingest("run", "--all")
    assert result.code == 0, result.err
    assert "2 articles landed from 1 sources" in result.out
    assert "not modified" in ingest("run", "--all", "--source", "harbour").out
    due = ingest("run")
    assert (due.code, due.out, "nothing is due" in due.err) == (0, "", True)

    assert "with the last validators" in ingest("fetch", "--source", "harbour").out
    rows = ingest("articles").rows
    assert {row["headline"] for row in rows} == {"Ferry returns", "Market opens"}
    assert len(ingest("articles", "--limit", "1").rows) == 1
    assert ingest("articles", "--since", "1h").rows != []
    assert ingest("articles", "--source", "nobody").out == ""
    table = ingest("articles", "--as", "table")
    assert "Ferry returns" in table.out
    version = int(table.err.split("table version ")[1].split(";")[0])
    assert ingest("articles", "--changes-since", str(version)).out == ""
    assert {json.loads(line)["pubStatus"] for line in ingest("articles", "--as", "ninjs").out.splitlines()} == {
        "usable"
    }
    sheet = list(csv.DictReader(io.StringIO(ingest("articles", "--as", "csv", "--all-versions").out)))
    assert sorted(row["headline"] for row in sheet) == ["Ferry returns", "Market opens"]

    for id_ in (str(rows[0]["story_id"]), str(rows[0]["article_id"])):
        assert str(rows[0]["headline"]) in ingest("story", id_).out
        assert ingest("story", id_, "--json").rows[0]["article_id"] == rows[0]["article_id"]
    assert "not-stored" in ingest("story", "nobody").err

    [kept] = ingest("maintain").rows
    assert kept["archives_deleted"] == 0
    checked = ingest("doctor")
    assert checked.code == 0, checked.out
    for told in ("1 good, 1 enabled", "writable", "version 1", "last run run-", "GB free"):
        assert told in checked.out


def test_a_source_that_fails_is_told_and_ends_with_1(ingest: Run, newsroom: str) -> None:
    ingest("sources", "add", f"{newsroom}/rss", "--id", "good")
    ingest("sources", "add", f"{newsroom}/nowhere", "--id", "bad")
    result = ingest("run", "--json")
    assert result.code == 1
    [report] = result.rows
    assert report["landed"] == 2
    assert {s["source_id"]: s["status"] for s in report["sources"]} == {"good": "ok", "bad": "failed"}  # type: ignore[attr-defined]
    assert ingest("run", "--source", "nobody").code == 1


def test_before_the_first_run(ingest: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for args in (["articles"], ["story", "x"]):
        result = ingest(*args)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error: ")
    (tmp_path / "sources.toml").write_text('[sources.a]\nurl = "https://a.example/"\n[sources.b]\n')
    result = ingest("doctor")
    assert result.code == 1
    assert "✗ sources: sources.toml: 1 good, 1 enabled, 1 errors → ingest sources check" in result.out
    assert "– state" in result.out
    monkeypatch.setenv("INGEST_SHARDS", "none")
    assert "✗ settings: INGEST_SHARDS" in ingest("doctor").out
    monkeypatch.setenv("INGEST_SHARDS", "1")
    monkeypatch.setenv("INGEST_STORE", "ftp://x")
    assert "✗ store" in ingest("doctor").out


def test_version(ingest: Run) -> None:
    assert ingest("version").out.startswith("ingest 0.")
