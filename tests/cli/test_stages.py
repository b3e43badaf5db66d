"""parse, extract, clean and dedupe on files."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import FEED, STORY, Run

PAGE = f"""<!doctype html><html lang="en"><head><title>Ferry returns - Harbour Times</title>
<meta property="og:title" content="Ferry returns"></head><body><nav><a href="/">Home</a></nav>
<article><h1>Ferry returns</h1>
<p>{STORY * 2}</p><p>{STORY * 3}</p><p>{STORY * 2}</p></article></body></html>""".encode()


def test_parse_tells_the_file_and_goes_on_after_a_bad_one(ingest: Run, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(FEED)
    (tmp_path / "b.xml").write_bytes(b"<html><body>log in</body></html>")
    (tmp_path / "c.xml.gz").write_bytes(gzip.compress(FEED))
    (tmp_path / "d.gz").write_bytes(gzip.compress(FEED)[:60])
    result = ingest("parse", "a.xml", "b.xml", "missing.xml", "c.xml.gz", "d.gz")
    assert result.code == 1
    assert [row["file"] for row in result.rows] == ["a.xml", "a.xml", "c.xml.gz", "c.xml.gz"]
    assert [row["headline"] for row in result.rows[:2]] == ["Ferry returns", "Market opens"]
    assert "café boat" in str(result.rows[0]["body_text"])
    assert [line.partition(":")[0] for line in result.err.splitlines()] == ["error"] * 3
    for told in ("b.xml: a web page, not a feed", "missing.xml: No such file", "d.gz: a broken gzip file"):
        assert told in result.err


def test_parse_standard_input_as_a_source(ingest: Run, tmp_path: Path) -> None:
    registry = (
        '[sources.harbour]\nurl = "https://harbour.example/rss"\nrules = [{ pattern = "^Stalls", reason = "r" }]\n'
    )
    (tmp_path / "sources.toml").write_text(registry)
    result = ingest("parse", "-", "--url", "https://harbour.example/rss", "--source", "harbour", input=FEED)
    assert result.code == 0
    assert [(row["file"], row["source_id"]) for row in result.rows] == [("-", "harbour")] * 2
    assert result.rows[1]["removed"]
    assert "did you mean harbour" in ingest("parse", "-", "--source", "harbor", input=FEED).err


def test_parse_tells_rejects(ingest: Run, tmp_path: Path) -> None:
    body = FEED.replace(b"</channel>", b"<item></item></channel>")
    result = ingest("parse", "-", input=body)
    assert (result.code, len(result.rows)) == (1, 2)
    assert "rejected at" in result.err


def test_file_names_need_not_be_utf8(ingest: Run, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n.xml")
    Path(name).write_bytes(FEED)
    result = ingest("parse", name)
    assert result.code == 0
    assert json.loads(result.bytes.splitlines()[0])["file"] == "caf\\xe9\n.xml"


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 100, b"\xff\xfe<", b"<rss", b"{", b"[" * 10_000, b"<" * 100_000, b"\x1f\x8b"]
)
def test_any_bytes_in_an_error_or_articles_out(ingest: Run, body: bytes) -> None:
    for command in (["parse", "-"], ["clean", "-"], ["extract", "-", "--url", "https://x.example/"]):
        result = ingest(*command, input=body)
        assert result.code == 0 or result.err.startswith("error: ")
        assert "Traceback" not in result.err


def test_extract_a_page(ingest: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE))
    result = ingest("extract", "page.html.gz", "--url", "https://harbour.example/ferry?utm_source=x")
    assert (result.code, result.err) == (0, "")
    [row] = result.rows
    assert (row["headline"], row["url"]) == ("Ferry returns", "https://harbour.example/ferry")
    assert "Home" not in str(row["body_text"])
    assert "no-content" in ingest("extract", "-", "--url", "https://x.example/", input=b"<p>Hi").err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_manifest_gives_a_line_for_each_line(ingest: Run, tmp_path: Path, jobs: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "page.html").write_bytes(PAGE)
    (tmp_path / "in" / "empty.html").write_bytes(b"<html></html>")
    good = '{"id": %d, "path": "page.html", "url": "https://harbour.example/%d"}'
    lines = [good % (i, i) for i in range(20)]
    lines[3] = '{"id": "e", "path": "empty.html", "url": "https://harbour.example/e"}'
    lines[5:7] = [
        "not json",
        '{"id": ["no", "path"]}',
        "",
        '{"id": 6, "path": "gone.html", "url": "https://x.example/"}',
    ]
    (tmp_path / "in" / "m.jsonl").write_text("\n".join(lines))
    result = ingest("extract", "--manifest", Path("in") / "m.jsonl", "--jobs", jobs)
    assert result.code == 1
    assert [row["id"] for row in result.rows] == [0, 1, 2, "e", 4, None, ["no", "path"], 6, *range(7, 20)]
    failed = {i: row["error"]["code"] for i, row in enumerate(result.rows) if "error" in row}  # type: ignore[index]
    assert failed == {3: "no-content", 5: "bad-input", 6: "bad-input", 7: "bad-input"}
    assert result.rows[19]["url"] == "https://harbour.example/18"
    assert result.err.count("error: ") == 4
    assert "m.jsonl:6: not JSON" in result.err


def test_clean(ingest: Run) -> None:
    fragment = b"<p>The ferry came <b>back</b>.</p><script>x()</script><p><a href='/more'>More</a> of it \xe9t\xe9</p>"
    [row] = ingest("clean", "-", "--url", "https://harbour.example/", input=fragment).rows
    assert "The ferry came back." in str(row["body_text"])
    assert "x()" not in str(row["body_text"])
    assert "été" in str(row["body_text"])
    [row] = ingest("clean", "-", "--text", input=b"1 < 2 <b>").rows
    assert row["body_text"] == "1 < 2 <b>"


def test_dedupe_answers_line_by_line(ingest: Run, tmp_path: Path) -> None:
    texts = {"a": STORY * 9, "b": "Something else was said about the price of fish. " * 9, "c": STORY * 9}
    lines = [
        json.dumps({"article_id": k, "source_id": k, "headline": f"Headline {k}", "body_text": text, "published": when})
        for when, (k, text) in zip(
            ("2026-03-14T09:00:00Z",) * 2 + ("2026-03-14T10:00:00Z",), texts.items(), strict=True
        )
    ]
    result = ingest("dedupe", "-", input="\n".join(lines).encode())
    assert [row["article_id"] for row in result.rows] == ["a", "b", "c"]
    assert [row["relation"] for row in result.rows] == ["canonical", "canonical", "copy"]
    assert result.rows[2]["story_id"] == result.rows[0]["story_id"]
    assert result.rows[2]["evidence"]
    bad = ingest("dedupe", "-", input=b'{"headline": "x"}\n{nope')
    assert (bad.code, "line 2: not JSON" in bad.err) == (1, True)


@pytest.mark.parametrize(
    "args",
    [
        "parse", "nope", "parse --format zzz x", "extract", "extract x", "extract x --url u --manifest m", "clean",
        "articles --since then", "articles --as xml", "sources add", "fetch", "demo --day 3",
    ],
)  # fmt: skip
def test_wrong_use(ingest: Run, args: str) -> None:
    result = ingest(*args.split())
    assert (result.code, result.out) == (2, "")
    assert "Usage: " in result.err


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(FEED.replace(b"Ferry", b"Ferry" * 500))
    command = [sys.executable, "-c", "from ingest.cli import app; app()", "parse", *["a.xml"] * 60]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from ingest.cli import app; app(['--help'], standalone_mode=False); "
        "print([m for m in ('pydantic', 'lxml', 'feedparser', 'sqlalchemy', 'deltalake', 'aiohttp', 'rich.console', "
        "'numpy') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "maintain" in done.stdout
    assert done.stderr.strip() == "[]"
