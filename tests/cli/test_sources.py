"""`ingest sources`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

LIST = """<opml version="2.0"><body><outline text="Ports"><outline text="Quay" xmlUrl="https://quay.example/rss"/>
<outline text="Bad" xmlUrl="gopher://bad.example/rss"/><outline text="Harbour" xmlUrl="https://harbour.example/rss"/>
</outline></body></opml>"""


def test_from_nothing_to_a_registry(ingest: Run, tmp_path: Path) -> None:
    assert "ingest sources add URL makes it" in ingest("sources", "list").err
    added = ingest("sources", "add", "https://harbour.example/rss", "--name", "Harbour Times", "--every", "15m",
                   "--tag", "daily", "--tag", "local", "--language", "en")  # fmt: skip
    assert (added.code, added.out) == (0, "")
    assert "added harbour-times" in added.err
    again = ingest("sources", "add", "https://harbour.example/other", "--name", "Harbour Times")
    assert "added harbour-times-2" in again.err
    assert ingest("sources", "add", "wires/in", "--id", "wire").code == 0
    [first, second, wire] = ingest("sources", "list", "--json").rows
    assert (first["id"], first["every_s"], first["tags"]) == ("harbour-times", 900, ["daily", "local"])
    assert second["id"] == "harbour-times-2"
    assert (wire["transport"], wire["urls"]) == ("folder", [str(tmp_path / "wires/in")])
    assert "Harbour Times" in ingest("sources", "list").out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["https://x.example/", "--every", "often"], "no length of time"),
        (["https://x.example/", "--language", "jp"], "did you mean ja?"),
        (["https://x.example/", "--format", "zzz"], "is not known"),
        (["https://anna:secret@x.example/"], "user name or password"),
        (["https://x.example/", "--id", "a b"], "is no id"),
        (["gopher://x.example/"], "no scheme"),
    ],
)
def test_a_bad_source_is_not_added(ingest: Run, tmp_path: Path, args: list[str], says: str) -> None:
    result = ingest("sources", "add", *args)
    assert result.code == 1
    assert says in result.err
    assert "secret@" not in result.err
    assert not (tmp_path / "sources.toml").exists()


def test_check(ingest: Run, tmp_path: Path) -> None:
    registry = tmp_path / "sources.toml"
    registry.write_text('[sources.a]\nurl = "https://a.example/"\n[sources.b]\nurl = "https://a.example/"\n')
    result = ingest("sources", "check")
    assert result.code == 0
    assert result.out.startswith("sources.toml:4: warning: [sources.b]")
    registry.write_text('[sources.a]\nurl = "https://a.example/"\nnam = 1\nzone = 2\n[sources.b]\n')
    result = ingest("sources", "check")
    assert result.code == 1
    assert result.out.splitlines()[0] == "sources.toml:3: error: [sources.a] nam is no key (did you mean name?)"
    assert [line.split(":")[1] for line in result.out.splitlines()] == ["3", "4", "5"]
    assert "0 good sources, 3 errors, 0 warnings" in result.err
    assert ingest("sources", "list", "--json").code == 1


def test_opml_in_and_out(ingest: Run, tmp_path: Path) -> None:
    ingest("sources", "add", "https://harbour.example/rss", "--name", "Harbour")
    result = ingest("sources", "import", "-", input=LIST.encode())
    assert result.code == 1
    assert "1 sources added, 1 feeds were there, 1 refused" in result.err
    out = ingest("sources", "export").bytes
    before = ingest("sources", "list", "--json").out
    (tmp_path / "sources.toml").unlink()
    (tmp_path / "list.opml").write_bytes(out)
    assert ingest("sources", "import", "list.opml").code == 0
    assert sorted(ingest("sources", "list", "--json").out.splitlines()) == sorted(before.splitlines())
    assert "malformed" in ingest("sources", "import", "-", input=b"<opml").err


def test_disable_and_enable(ingest: Run, tmp_path: Path) -> None:
    ingest("sources", "add", "https://harbour.example/rss", "--id", "h")
    assert "h is now disabled" in ingest("sources", "disable", "h").err
    assert ingest("sources", "list", "--json").rows[0]["enabled"] is False
    assert "already disabled" in ingest("sources", "disable", "h").err
    assert ingest("sources", "enable", "h").code == 0
    assert (ingest("sources", "enable", "x").code, ingest("sources", "enable").code) == (1, 2)
