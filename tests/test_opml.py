"""OPML in and out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError, Malformed
from ingest.model import Source, Transport
from ingest.opml import new_sources, read_opml, to_opml
from ingest.sources import load_sources
from ingest.sources.edit import add_sources

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
LIST = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>t</title></head><body>
 <outline text="Ports">
  <outline text="Baltic" title="Baltic">
   <outline type="rss" text="Caf\xe9 &amp; Quay"
     xmlUrl=" https://quay.example/rss?utm_source=reader " category="/trade/ships,daily"/>
  </outline>
  <outline text="Second" XMLURL="feed://second.example/atom" language="de"/>
  <!-- a comment -->
 </outline>
 <outline text="off" isComment="true"><outline text="Off" xmlUrl="https://off.example/rss"/></outline>
 <outline text="Caf\xe9 &amp; Quay" xmlUrl="https://other.example/rss"/>
 <outline xmlUrl="https://www.nameless.example/rss"/>
 <outline text="Again" xmlUrl="https://second.example/atom"/><outline text="Again" xmlUrl="http://second.example/atom"/>
</body></opml>"""


def test_read() -> None:
    quay, second, off, other, nameless, *_ = read_opml(LIST)
    assert (quay.title, quay.url) == ("Café & Quay", "https://quay.example/rss?utm_source=reader")
    assert quay.tags == ("Ports", "Baltic", "trade", "ships", "daily")
    assert (second.url, second.language, second.tags) == ("http://second.example/atom", "de", ("Ports",))
    assert (off.enabled, other.enabled, nameless.title) == (False, True, None)
    assert len(read_opml(LIST)) == 6


def test_import_gives_unique_ids_and_leaves_out_what_is_there(tmp_path: Path) -> None:
    known = {"again": Source(id="again", name="x", urls=("https://quay.example/rss",))}
    tables = new_sources(read_opml(LIST), known)
    assert list(tables) == ["second", "off", "cafe-quay", "nameless-example", "again-2"]
    path = tmp_path / "sources.toml"
    add_sources(path, tables)
    registry = load_sources(path)
    assert registry.problems == ()
    assert (registry["second"].language, registry["off"].enabled) == ("de", False)
    assert new_sources(read_opml(LIST), {**known, **registry}) == {}


def test_round_trip(tmp_path: Path) -> None:
    sources = {
        s.id: s
        for s in (
            Source(id="a-b", name='"A" <b> & Ünïcode', urls=("https://a.example/1?x=1&y=2", "https://a.example/2")),
            Source(id="c", name="C", urls=("https://c.example/",), tags=("t", "u v"), language="pt-BR", enabled=False),
            Source(id="d", name="C", urls=("http://d.example/rss",), tags=("t",)),
        )
    }
    wire = Source(id="wire", name="W", urls=("file:///srv/in",), transport=Transport.FOLDER)
    body = to_opml([*sources.values(), wire], NOW)
    path = tmp_path / "sources.toml"
    add_sources(path, new_sources(read_opml(body), {}))
    assert dict(load_sources(path)) == sources
    assert to_opml(load_sources(path).values(), NOW) == body


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not XML"),
        (b"<opml", "not XML"),
        (b"<rss/>", "its root is rss"),
        (b"\xff\xfe\x00", "not XML"),
        (b'<!DOCTYPE opml [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><opml><outline xmlUrl="&b;"/></opml>', "DOCTYPE"),
        (b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>', "DOCTYPE"),
        (b"<opml>" + b"<outline text='a'>" * 100_000, "not XML"),
        (b" " * 20_000_001, "larger than"),
    ],
)
def test_hostile_lists(body: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read_opml(body, "list.opml")


_PIECES = st.sampled_from(
    [b"<opml>", b"<outline ", b"text='a' ", b"xmlUrl='https://a.example/' ", b"/>", b">", b"</outline>", b"</opml>",
     b"category=',/,'", b"\x00", b"&amp;", b"&x;", b"<?a?>", b"<!--"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES, max_size=12))
def test_any_bytes_give_a_list_or_an_error(parts: list[bytes]) -> None:
    try:
        new_sources(read_opml(b"".join(parts)), {})
    except IngestError as e:
        assert e.hint
