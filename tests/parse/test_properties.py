"""Any bytes in: a Parsed or an IngestError out. Broken feeds keep the items that can be read."""

import random
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.model import Parsed, Payload
from ingest.parse import formats, parse
from ingest.parse.fields import time_of
from tests.parse.cases import folders

SEEDS = [next(folder.glob("input.*")).read_bytes() for folder in folders()]
MODEST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCRAPS = [
    b"<", b">", b"&", b"&#xFFFFFFFF;", b"&#99999999999;", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE x [", b"<?xml ",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<item>", b"</item>", b"<entry>", b"<media:content url='['>", b"xmlns:a=''",
    b"<link href='http://[/'/>", b"<category/>", b"<image>", b"<source>", b"{", b"null", b"<textinput>", b"<feed>",
]  # fmt: skip


def tried(body: bytes, content_type: str | None = None, format: str = "auto", zone: str = "UTC") -> Parsed | None:
    payload = Payload(source_id="p", url="https://p.example/f", body=body, content_type=content_type, zone=zone)
    try:
        return parse(payload, format)
    except IngestError as e:
        assert e.why
        return None


@MODEST
@given(st.binary(max_size=400), st.sampled_from([None, "text/xml; charset=utf-7", "application/json", "x/y"]))
def test_any_bytes(body: bytes, content_type: str | None) -> None:
    tried(body, content_type)


@MODEST
@given(st.binary(max_size=200), st.sampled_from(sorted(formats())))
def test_any_bytes_as_any_format(body: bytes, format: str) -> None:
    tried(body, format=format)


@MODEST
@given(st.text(max_size=200), st.sampled_from(["title", "pubDate", "guid", "link", "author", "category", "enclosure"]))
def test_any_text_in_an_element(text: str, element: str) -> None:
    tried(f"<rss version='2.0'><channel><item><{element}>{text}</{element}></item></channel></rss>".encode())


@settings(MODEST, max_examples=300)
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_feeds(seed: bytes, dice: random.Random) -> None:
    body = bytearray(seed)
    for _ in range(dice.randint(1, 6)):
        at, end = sorted((dice.randint(0, len(body)), dice.randint(0, len(body))))
        match dice.randint(0, 3):
            case 0:
                body[at:at] = dice.choice(SCRAPS)
            case 1:
                del body[at : min(end, at + 40)]
            case 2:
                body[at : at + 1] = bytes([dice.randint(0, 255)])
            case 3:
                body[at:at] = body[at : min(end, at + 200)]
    first, second = tried(bytes(body)), tried(bytes(body))
    assert first == second


@MODEST
@given(st.text(max_size=80), st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu"]))
def test_times_are_utc_or_none(text: str, zone: str) -> None:
    when = time_of(text, zone)
    assert when is None or when.tzinfo is UTC


@given(st.datetimes(timezones=st.timezones()))
def test_times_come_back(when: object) -> None:
    assert time_of(when.isoformat(), "UTC") in {when.astimezone(UTC), None}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "inside", ["<", "</", "<a ", "<a b='", "<!", "<!--", "<![CDATA[", "&", "&#x", "<?", "<b>", "<p:q/>"]
)
@pytest.mark.parametrize("outside", ["{}", "<rss><channel><item><title>t</title><description>{}"])
def test_hostile_repetition_ends(inside: str, outside: str) -> None:
    """100 kB of it; pytest-timeout stops what is worse than linear."""
    tried(outside.format(inside * (100_000 // len(inside))).encode())


def test_hostile_width_ends() -> None:
    attributes = " ".join(f"a{n}='{n}'" for n in range(5_000))
    namespaces = " ".join(f"xmlns:n{n}='u{n}'" for n in range(5_000))
    items = "<item><title>t</title></item>" * 12_000
    for body in (f"<item {attributes}/>", f"<item {namespaces}/>", items, f"<author>{'a' * 100_000}</author>"):
        parsed = tried(f"<rss version='2.0'><channel><title>x</title>{body}</channel></rss>".encode())
        assert parsed is not None
        assert len(parsed.entries) <= 5_000
