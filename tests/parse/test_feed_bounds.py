"""Feeds made to hurt: a bounded number of steps, and what was read before stands."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from ingest.model import Parsed, Payload
from ingest.parse import feedreader, parse

HEAD = "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>Quay</title>"
GOOD = "<item><guid>{}</guid><title>Ferry {} sails</title></item>"
FLOODS = [
    "<a/>",
    "<a>",
    "<p>x</p>",
    "</a>",
    "<",
    "<a b='c'/>",
    "&x;",
    "&#65;",
    "<a xml:base='http://b.example/'/>",
    "<a/",
]


def read(text: str) -> Parsed:
    return parse(Payload(source_id="t", url="https://t.example/f", body=text.encode()))


@pytest.fixture
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedreader, "STRICT", feedreader.Budget(500, 500, 1))
    monkeypatch.setattr(feedreader, "LOOSE", feedreader.Budget(500, 500, 1))


@pytest.mark.usefixtures("_few_steps")
@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("broken", ["", "</nowhere>"], ids=["perhaps", "broken"])
def test_items_before_a_flood_stand(flood: str, broken: str) -> None:
    items = "".join(GOOD.format(n, n) for n in range(3))
    parsed = read(f"{HEAD}{items}<item><title>Flood</title>{broken}{flood * 500}</item></channel></rss>")
    assert [entry.guid for entry in parsed.entries][:3] == ["0", "1", "2"]
    if flood.startswith("&") and not broken:  # resolved, or escaped: one text, whatever it is made of
        assert len(parsed.entries) == 4
        return
    assert parsed.warnings[-1] == "more tags and texts than are read of one feed; the rest was not read"
    assert len(parsed.entries) == 3
    assert [reject.code for reject in parsed.rejects] == ["cut-off"]


def test_a_large_feed_is_read_whole() -> None:
    item = GOOD + "<pubDate>Sat, 14 Mar 2026 02:00:00 GMT</pubDate><media:content url='https://t.example/{}.jpg'/>"
    parsed = read(HEAD + "\n".join(item.format(n, n, n) for n in range(600)) + "</channel></rss>")
    assert (len(parsed.entries), parsed.warnings) == (600, ())


@pytest.mark.timeout(20)
@pytest.mark.parametrize("one", ["<category>c{}</category>", "<category domain='http://iptc.org/' term='c{}'/>"])
def test_many_categories_take_no_quadratic_time(one: str) -> None:
    many = "".join(one.format(n % 6_000) for n in range(7_000))
    entry = read(f"{HEAD}<item><title>Ferry</title>{many}</item></channel></rss>").entries[0]
    assert len(entry.keywords) + len(entry.subjects) == 6_000


def test_too_many_references_are_not_repaired_but_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedreader, "MAX_REFERENCES", 5)
    parsed = read(f"{HEAD}<item><title>Fish & chips {'& ' * 10}</title></item></channel></rss>")
    assert (parsed.entries[0].headline or "").startswith("Fish & chips &")
    assert "read with the forgiving parser" in parsed.warnings


def test_an_error_is_told_once_and_with_its_line() -> None:
    parsed = read(f"{HEAD}\n{GOOD.format(1, 1)}\n<item><title>cut")
    assert parsed.warnings == ("not well-formed XML: no element found at line 3",)
    assert [reject.code for reject in parsed.rejects] == ["cut-off"]


# Each is cheap to send and, one for one, dear to read.
DEAR = [
    "<link>../../x</link>",
    "<link rel='alternate' href='../../x'/>",
    "<item xml:base='http://b.example/{}/'><link>../x</link></item>",
    "<item><pubDate>{}. 03 2026 10h33m</pubDate></item>",
    "<category>c{}</category>",
    "<dc:creator>a{}</dc:creator>",
    "<description>x</description>",
    "<item><enclosure url='{}.jpg'/></item>",
    "<title>x",
    "<p:q/>",
    "<!x>",
    "&#8217;<",
]


@pytest.mark.parametrize("flood", [*DEAR, *FLOODS])
@pytest.mark.parametrize("broken", ["", "</nowhere>"], ids=["perhaps", "broken"])
def test_work_is_bounded_whatever_the_size(flood: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in calls, of which a step takes a few: ten times as much of it is no more work for the reader."""
    monkeypatch.setattr(feedreader, "STRICT", feedreader.Budget(2_000, 2_000, 1))
    monkeypatch.setattr(feedreader, "LOOSE", feedreader.Budget(2_000, 2_000, 1))
    many = "".join(flood.format(n) for n in range(4_000))
    assert calls(lambda: read(f"{HEAD}<item><title>Flood</title>{broken}{many}")) < 30_000


def calls(reading: Callable[[], object]) -> int:
    """How many functions of Python are entered, but for the one that is asked about each reference of a repair."""
    count = 0

    def counted(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_name != "_reference"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        reading()
    finally:
        sys.setprofile(before)
    return count


def test_a_large_feed_is_within_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items as news sites send them, a thousand characters each: as many as there are, their size pays for them."""
    monkeypatch.setattr(feedreader, "STRICT", feedreader.STRICT._replace(least=0))
    item = (
        f"<item>{GOOD[6:-7]}<link>https://t.example/2026/03/14/ferry-sails-{{}}</link>"
        "<pubDate>Sat, 14 Mar 2026 02:00:00 GMT</pubDate><category>Sea</category><category>Ports</category>"
        f"<description>{'It sailed. ' * 60}</description><author>Ada Quay</author>"
        "<media:content url='https://t.example/{}.jpg' medium='image' width='900' height='600'/></item>"
    )
    parsed = read(HEAD + "".join(item.format(n, n, n, n) for n in range(300)) + "</channel></rss>")
    assert parsed.warnings == ()
    assert len(parsed.entries) == 300
