"""S3, against moto's server and ministack's."""

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import pytest

from ingest.model import Fetched
from tests.fetch.conftest import limits
from tests.fetch.wires import cutting, look, taken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Bucket:
    def __init__(self, endpoint: str, name: str) -> None:
        self.endpoint, self.name = endpoint, name
        self.s3: S3Client = boto3.client("s3", endpoint_url=endpoint)

    def put(self, key: str, body: bytes, **settings: str) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body, **settings)  # type: ignore[arg-type]

    async def ask(self, before: Fetched | None = None, prefix: str = "in/", **settings: object) -> Fetched:
        options = {"endpoint": self.endpoint}
        return await look(f"s3://{self.name}/{prefix}", before, **{"options": options, **settings})


@pytest.fixture
def bucket(s3_server: str, new_bucket: Callable[[str], str]) -> Bucket:
    return Bucket(s3_server, new_bucket(s3_server))


async def test_new_and_changed_objects_once(bucket: Bucket) -> None:
    bucket.put("in/a.xml", b"<a/>", ContentType="application/nitf+xml")
    bucket.put("in/2026/b.xml.gz", gzip.compress(b"<b/>"))
    bucket.put("in/", b"")
    bucket.put("in/empty.xml", b"")
    bucket.put("in/half.xml.part", b"<h")
    bucket.put("elsewhere/c.xml", b"<c/>")
    first = await bucket.ask()
    assert first.error is None
    assert taken(first) == {"a.xml": b"<a/>", "b.xml.gz": b"<b/>"}
    by_url = {payload.url: payload.content_type for payload in first.payloads}
    assert by_url[f"s3://{bucket.name}/in/a.xml"] == "application/nitf+xml"
    bucket.put("in/a.xml", b"<a2/>")
    bucket.s3.delete_object(Bucket=bucket.name, Key="in/2026/b.xml.gz")
    second = await bucket.ask(first)
    assert taken(second) == {"a.xml": b"<a2/>"}
    assert "b.xml.gz" not in str(second.state.cursor)
    third = await bucket.ask(second)
    assert (third.outcome, third.payloads, third.state.cursor) == ("not_modified", (), second.state.cursor)


async def test_a_run_that_did_not_land_takes_all_again(bucket: Bucket) -> None:
    bucket.put("in/a.xml", b"<a/>")
    assert taken(await bucket.ask()) == taken(await bucket.ask()) == {"a.xml": b"<a/>"}


async def test_one_bad_object_hides_no_good_one(bucket: Bucket) -> None:
    bucket.put("in/good.xml", b"<a/>")
    bucket.put("in/large.xml", b"x" * 2000)
    bucket.put("in/cut.xml.gz", gzip.compress(b"<a/>" * 99)[:-9])
    bucket.put("in/caf\u00e9 #1?.xml", b"<c/>")
    first = await bucket.ask(limits=limits(max_bytes=1000))
    assert taken(first) == {"good.xml": b"<a/>", "caf%C3%A9%20%231%3F.xml": b"<c/>"}
    assert sorted(reject.code for reject in first.rejects) == ["fetch-failed", "too-large"]
    second = await bucket.ask(first, limits=limits(max_bytes=1000))
    assert (second.payloads, second.rejects) == ((), ())


@pytest.mark.services
async def test_more_than_one_page_of_keys_in_batches(moto: str, new_bucket: Callable[[str], str]) -> None:
    bucket = Bucket(moto, new_bucket(moto))
    for n in range(9):
        bucket.put(f"in/{n}.xml", b"%d" % n)
    seen: list[str] = []
    fetched = None
    for _ in range(4):
        fetched = await bucket.ask(fetched, limits=limits(max_items=4))
        seen += taken(fetched)
    assert sorted(seen) == sorted(f"{n}.xml" for n in range(9))


@pytest.mark.services
async def test_a_dropped_connection_loses_and_doubles_nothing(
    moto: str, new_bucket: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(moto, new_bucket(moto))
    for n in range(6):
        bucket.put(f"in/{n}.xml", b"x" * 50_000 + b"%d" % n)
    seen: list[str] = []
    fetched = None
    async with cutting(int(moto.rpartition(":")[2]), 120_000, 1, 1, 1, 90_000) as cutter:
        monkeypatch.setenv("INGEST_S3_ENDPOINT", f"http://127.0.0.1:{cutter.port}")
        for _ in range(5):
            fetched = await bucket.ask(fetched, options={})
            seen += taken(fetched)
    assert sorted(seen) == [f"{n}.xml" for n in range(6)]
    assert fetched is not None and fetched.outcome == "not_modified"


@pytest.mark.services
async def test_what_is_refused(moto: str, new_bucket: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket(moto, new_bucket(moto))
    private = await bucket.ask(allow="")
    assert (private.outcome, private.error_code) == ("failed", "refused")
    missing = await look("s3://no-such-bucket-here/in/", options={"endpoint": moto})
    assert (missing.outcome, "NoSuchBucket" in str(missing.error)) == ("failed", True)
    monkeypatch.setenv("WIRE_KEYS", "id:s3cret-of-it")
    bucket.put("in/a.xml", b"<a/>")
    keys = {"kind": "basic", "env": "WIRE_KEYS"}
    assert taken(await bucket.ask(credential=keys)) == {"a.xml": b"<a/>"}
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", "/nowhere")
    nobody = await bucket.ask()
    assert (nobody.outcome, nobody.error_code) == ("failed", "bad-config")
