"""The raw archive: WARC that other tools read, and payloads that come back as they were."""

import gzip
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import Conflict, Malformed, NotStored, StoreUnavailable
from ingest.land import warc
from ingest.land.raw import RawArchive, archive_key, archives, erase, iter_raw, read_raw
from ingest.land.store import Store, open_store
from ingest.model import Payload, RawRef
from tests.faulty import FaultyStore

DAY = date(2026, 3, 14)
HTTP = Payload(
    source_id="harbour-post",
    url="https://harbour.example/rss?a=1&b=ü",
    body=b"<rss>\r\n\r\nferry</rss>",
    content_type="application/rss+xml; charset=utf-8",
    status=200,
    headers=(("Content-Type", "application/rss+xml; charset=utf-8"), ("ETag", '"x"'), ("Vary", "a"), ("Vary", "b")),
    fetched_at=datetime(2026, 3, 14, 2, 0, 0, 123456, tzinfo=UTC),
    zone="Europe/Rome",
    language="it",
)
FILE = Payload(source_id="wire", url="in box/story 1.xml", body=b"", fetched_at=None)


def _archive(store: Store, tmp_path: Path, *payloads: Payload, run: str = "run", shard: str = "0") -> list[RawRef]:
    archive = RawArchive(tmp_path / "shard.warc.gz", archive_key(store, run, shard, DAY))
    refs = [archive.append(payload) for payload in payloads]
    archive.upload(store)
    return refs


def _same(back: Payload, original: Payload) -> bool:
    length = ("Content-Length", str(len(original.body)))
    headers = (*original.headers, length) if original.status is not None else ()
    return back.model_copy(update={"raw": None}) == original.model_copy(update={"headers": headers})


def test_payloads_come_back(store: Store, tmp_path: Path) -> None:
    refs = _archive(store, tmp_path, HTTP, FILE, HTTP)
    for ref, original in zip(refs, (HTTP, FILE, HTTP), strict=True):
        back = read_raw(store, ref)
        assert _same(back, original)
        assert back.raw == ref
    assert [payload.raw for payload in iter_raw(store, refs[0].archive) if isinstance(payload, Payload)] == refs


def test_other_tools_read_it(tmp_path: Path) -> None:
    sent = HTTP.model_copy(
        update={"headers": (*HTTP.headers, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))}
    )
    archive = RawArchive(tmp_path / "a.warc.gz", "raw/a.warc.gz")
    refs = [archive.append(payload) for payload in (sent, FILE)]
    archive.close()

    records = []
    with archive.path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=True, strict_mode=True):
            assert record.headers["WARC-Record-ID"].startswith("<urn:uuid:")
            records.append((record.record_type, record.stream_pos, record.reader.read()))
            if record.http_headers:
                http = {name.lower(): value for name, value in record.http_headers.items()}
                assert http["content-length"] == str(len(HTTP.body))
                assert not {"content-encoding", "transfer-encoding"} & set(http)
                assert record.http_headers.status_code == 200
    assert records == [
        (WarcRecordType.response, refs[0].offset, HTTP.body),
        (WarcRecordType.resource, refs[1].offset, b""),
    ]
    assert gzip.decompress(archive.path.read_bytes()).startswith(b"WARC/1.1\r\n")


def test_headers_cannot_be_injected() -> None:
    hostile = HTTP.model_copy(
        update={
            "url": "https://x.example/\r\nWARC-Type: metadata\r\n\r\nbody",
            "headers": (("X-A", "a\r\nX-B: b\r\n\r\nbody"), ("X-\r\nC", "€")),
        }
    )
    back = warc.decode(warc.encode(hostile).member, "here")
    assert (back.url, back.body) == (hostile.url, hostile.body)
    records = ArchiveIterator(io.BytesIO(warc.encode(hostile).member), parse_http=True)
    assert [(r.record_type, r.reader.read()) for r in records] == [(WarcRecordType.response, hostile.body)]


def test_a_retried_shard_gets_a_name_of_its_own(store: Store, tmp_path: Path) -> None:
    first = _archive(store, tmp_path, HTTP)
    again = _archive(store, tmp_path, HTTP.model_copy(update={"body": b"other"}))
    assert [first[0].archive, again[0].archive] == [
        "raw/2026-03-14/run-0.warc.gz",
        "raw/2026-03-14/run-0.2.warc.gz",
    ]
    assert read_raw(store, first[0]).body == HTTP.body
    assert read_raw(store, again[0]).body == b"other"


def test_two_tries_of_one_shard_at_once(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"), None)
    key = archive_key(store, "run", "0", DAY)
    one, two = RawArchive(tmp_path / "1", key), RawArchive(tmp_path / "2", key)
    one.append(HTTP)
    two.append(FILE)
    one.upload(store)
    with pytest.raises(Conflict):
        two.upload(store)


def test_an_upload_whose_answer_was_lost_can_be_repeated(tmp_path: Path) -> None:
    store = FaultyStore(open_store(str(tmp_path / "store"), None), {"put_new": {1}}, after=True)
    archive = RawArchive(tmp_path / "1", archive_key(store, "run", "0", DAY))
    ref = archive.append(HTTP)
    with pytest.raises(StoreUnavailable):
        archive.upload(store)
    assert archive.upload(store) == ref.archive
    assert read_raw(store, ref).body == HTTP.body


def test_an_empty_archive_is_not_stored(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"), None)
    assert _archive(store, tmp_path) == []
    assert list(store.list("")) == []


def test_archives_of_a_run_or_day(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"), None)
    for run, shard in (("a", "0"), ("a", "1-2"), ("a-1", "0"), ("b", "0"), ("a", "0")):
        _archive(store, tmp_path, HTTP, run=run, shard=shard)
    assert list(archives(store, run_id="a")) == [
        "raw/2026-03-14/a-0.2.warc.gz",
        "raw/2026-03-14/a-0.warc.gz",
        "raw/2026-03-14/a-1%2D2.warc.gz",
    ]
    assert len(list(archives(store, day=DAY))) == 5
    assert list(archives(store, day=date(2026, 3, 15))) == []


def test_damage_is_found(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"), None)
    (ref,) = _archive(store, tmp_path, HTTP)
    other = _archive(store, tmp_path, FILE, run="other")[0]
    cases = [
        ref.model_copy(update={"offset": 3}),
        ref.model_copy(update={"length": 40}),
        ref.model_copy(update={"sha256": other.sha256}),
    ]
    for case in cases:
        with pytest.raises(Malformed, match=r"run-0\.warc\.gz@"):
            read_raw(store, case)
    with pytest.raises(NotStored):
        read_raw(store, ref.model_copy(update={"archive": "raw/none"}))

    whole = store.get(ref.archive)
    store.put("raw/x/cut.warc.gz", whole + whole[:50])
    good, bad = iter_raw(store, "raw/x/cut.warc.gz")
    assert isinstance(good, Payload)
    assert isinstance(bad, Malformed)


def test_a_takedown_leaves_every_other_record(store: Store, tmp_path: Path) -> None:
    secret = HTTP.model_copy(update={"body": b"unmistakable pelican"})
    refs = _archive(store, tmp_path, HTTP, secret, FILE)
    size = len(store.get(refs[0].archive))

    assert erase(store, [refs[1]], "court order 7") == 1
    assert erase(store, [refs[1]], "court order 7") == 1
    assert erase(store, [refs[1].model_copy(update={"archive": "raw/gone"})], "x") == 0

    assert len(store.get(refs[0].archive)) == size
    assert _same(read_raw(store, refs[0]), HTTP)
    assert _same(read_raw(store, refs[2]), FILE)
    with pytest.raises(Malformed, match="taken down"):
        read_raw(store, refs[1])
    assert [type(each) for each in iter_raw(store, refs[0].archive)] == [Payload, Malformed, Payload]
    kept = store.get(refs[0].archive)
    assert b"pelican" not in gzip.decompress(kept)
    assert [r.record_type for r in ArchiveIterator(io.BytesIO(kept))] == [
        WarcRecordType.response,
        WarcRecordType.metadata,
        WarcRecordType.resource,
    ]


@settings(max_examples=60, deadline=None)
@given(length=st.integers(29, 2000), reason=st.text(max_size=50))
def test_a_tombstone_has_the_length_it_must_have(length: int, reason: str) -> None:
    stone = warc.tombstone(length, reason)
    assert len(stone) == length
    gzip.decompress(stone)


_TOKEN = st.text("abcdefXYZ-", min_size=1, max_size=8).filter(lambda name: name.lower() != "content-length")
_VALUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f\x85\xa0"), max_size=20)


@settings(max_examples=100, deadline=None)
@given(
    body=st.binary(max_size=200),
    status=st.one_of(st.none(), st.integers(100, 999)),
    headers=st.lists(st.tuples(_TOKEN, _VALUE), max_size=4),
    url=st.text(max_size=30),
    content_type=st.one_of(st.none(), st.text(max_size=20)),
)
def test_any_payload_comes_back(
    body: bytes, status: int | None, headers: list[tuple[str, str]], url: str, content_type: str | None
) -> None:
    original = HTTP.model_copy(
        update={"body": body, "status": status, "headers": tuple(headers), "url": url, "content_type": content_type}
    )
    record = warc.encode(original)
    assert record == warc.encode(original)
    assert _same(warc.decode(record.member, "here"), original)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_payload_or_malformed(noise: bytes) -> None:
    for member in (noise, gzip.compress(noise), gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n\r\n" + noise)):
        with pytest.raises(Malformed):
            warc.decode(member, "here")


@pytest.mark.parametrize(
    ("whole", "damaged"), [(b"WARC-Type:", b"W:"), (b"HTTP/1.1 200 OK", b"HTTP"), (b" 200 ", b" x ")]
)
def test_a_record_without_what_it_needs_is_malformed(whole: bytes, damaged: bytes) -> None:
    record = gzip.decompress(warc.encode(Payload(source_id="s", url="http://x.example/", body=b"b", status=200)).member)
    assert whole in record
    with pytest.raises(Malformed, match="not a record"):
        warc.decode(gzip.compress(record.replace(whole, damaged)), "x")
