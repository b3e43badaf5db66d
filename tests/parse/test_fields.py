"""Times as publishers write them, possible and impossible; through a parser, what cannot be is a warning."""

from datetime import UTC, datetime

import pytest

from ingest.model import Payload
from ingest.parse import parse
from ingest.parse.fields import time_of


@pytest.mark.parametrize(
    "said",
    [
        "2026-13-45T99:00", "2026-02-30", "2026-06-31T12:00", "2026-2-30T10:00Z", "20260230T100000Z", "2026-00-10",
        "2026-01-01T25:00:00Z", "2026-01-01T10:61", "20260101T256100", "2026-13", "20261301", "2026-W60-1",
        "2026-06-31 10:00 CET",
    ],
)  # fmt: skip
def test_what_no_calendar_has_is_no_time(said: str) -> None:
    assert time_of(said) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-04-05T24:00:00Z", datetime(2026, 4, 6, tzinfo=UTC)),
        ("2026-04-05T23:59:60Z", datetime(2026, 4, 6, tzinfo=UTC)),
        ("20260405101500", datetime(2026, 4, 5, 10, 15, tzinfo=UTC)),
        ("20260405T101500+0200", datetime(2026, 4, 5, 8, 15, tzinfo=UTC)),
        ("2026-04-05 10:15:11 GMT+00:00", datetime(2026, 4, 5, 10, 15, 11, tzinfo=UTC)),
        ("2026-4-5T3:04:05Z", datetime(2026, 4, 5, 3, 4, 5, tzinfo=UTC)),
        ("2026-W15-1", datetime(2026, 4, 6, tzinfo=UTC)),
        ("2026-04", datetime(2026, 4, 1, tzinfo=UTC)),
    ],
)
def test_unusual_times_are_read(said: str, meant: datetime) -> None:
    assert time_of(said) == meant


@pytest.mark.parametrize(
    "body",
    [
        b'<nitf><head><docdata><doc-id id-string="n1"/><date.issue norm="20261345T990000Z"/></docdata></head>'
        b"<body><body.content><p>The pier is open.</p></body.content></body></nitf>",
        b'{"uri": "urn:x:1", "type": "text", "headline": "Pier", "versioncreated": "2026-13-45T99:00"}',
        b"<rss><channel><item><title>Pier</title><pubDate>2026-13-45T99:00</pubDate></item></channel></rss>",
    ],
    ids=["nitf", "ninjs", "rss"],
)
def test_an_impossible_time_is_a_warning(body: bytes) -> None:
    (entry,) = parse(Payload(source_id="s", url="https://wire.example/1", body=body)).entries
    assert (entry.published, entry.updated) == (None, None)
    assert any("time" in one or "date" in one for one in entry.warnings)
