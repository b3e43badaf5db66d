"""Every store keeps the same promises."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stamina

from ingest.errors import BadConfig, Conflict, NotStored, StoreUnavailable
from ingest.land.store import Store, key_part, open_store, part_name, probe, safe_key


def test_what_is_put_comes_back(store: Store, tmp_path: Path) -> None:
    store.put("a/b.bin", b"one")
    store.put("a/b.bin", b"two")
    file = tmp_path / "file"
    file.write_bytes(b"x" * 3_000_000)
    store.put("a/big", file)

    assert store.get("a/b.bin") == b"two"
    assert store.get_range("a/b.bin", 1, 1) == b"w"
    assert store.get_range("a/b.bin", 1, 100) == b"wo"
    assert store.exists("a/b.bin")
    assert not store.exists("a")
    with store.open("a/big") as big:
        assert big.read() == file.read_bytes()


def test_put_new_never_overwrites(store: Store, tmp_path: Path) -> None:
    store.put_new("k", b"one")
    store.put_new("k", b"one")
    (tmp_path / "other").write_bytes(b"other")
    with pytest.raises(Conflict):
        store.put_new("k", b"two")
    with pytest.raises(Conflict):
        store.put_new("k", tmp_path / "other")
    assert store.get("k") == b"one"


def test_of_racing_put_new_one_wins(store: Store) -> None:
    def attempt(n: int) -> int | None:
        try:
            store.put_new("race", b"writer %d" % n)
        except Conflict:
            return None
        return n

    with ThreadPoolExecutor(8) as pool:
        winners = [n for n in pool.map(attempt, range(16)) if n is not None]
    assert len(winners) == 1
    assert store.get("race") == b"writer %d" % winners[0]


def test_listing_and_deleting_stay_in_their_folder(store: Store) -> None:
    for key in ("a/1", "a/b/2", "ab/3", "c"):
        store.put(key, b"x")

    assert [s.key for s in store.list("")] == ["a/1", "a/b/2", "ab/3", "c"]
    assert [(s.key, s.size_bytes) for s in store.list("a")] == [("a/1", 1), ("a/b/2", 1)]
    assert list(store.list("none")) == []
    assert store.delete_prefix("a") == 2
    store.delete("c")
    store.delete("c")
    assert [s.key for s in store.list("")] == ["ab/3"]
    with pytest.raises(BadConfig, match="whole store"):
        store.delete_prefix("")


def test_long_listings_are_complete(store: Store) -> None:
    if store.url.startswith("s3://"):
        store.client.meta.events.register(  # type: ignore[attr-defined]
            "provide-client-params.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=3)
        )
    for n in range(10):
        store.put(f"many/{n}", b"")
    assert len(list(store.list("many"))) == 10


def test_missing_objects(store: Store) -> None:
    for ask in (store.get, store.open, lambda key: store.get_range(key, 0, 1)):
        with pytest.raises(NotStored, match="no/such"):
            ask("no/such")


def test_probe_accepts_real_stores_and_leaves_nothing(store: Store) -> None:
    probe(store)
    assert list(store.list("")) == []


def test_probe_refuses_a_store_that_overwrites(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), None)
    store.put_new = store.put  # type: ignore[method-assign]
    with pytest.raises(BadConfig, match="If-None-Match"):
        probe(store)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a/", "a\\b", "a\nb", "x" * 1025]
)
def test_keys_cannot_leave_the_store(key: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        open_store(str(tmp_path), None).put(key, b"")


@pytest.mark.parametrize("name", ["scheduled__2026-03-14T02:00:00+00:00", "../../x", "..", "a/b", "ü 1", ".hidden"])
def test_outside_names_become_one_part(name: str) -> None:
    part = key_part(name)
    assert "/" not in safe_key(part)
    assert not part.startswith(".")
    assert part_name(part) == name


@pytest.mark.parametrize("url", ["ftp://host/x", "file://host/x", "s3://"])
def test_bad_urls_are_refused(url: str) -> None:
    with pytest.raises(BadConfig):
        open_store(url, None)


def test_a_killed_write_is_never_seen(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}", None)
    store.put("a", b"whole")
    (tmp_path / ".partial" / "half").write_bytes(b"ha")
    assert [s.key for s in store.list("")] == ["a"]


class _Failing(BaseHTTPRequestHandler):
    """Answers `status` so many times, then 200. A status of 0 closes the connection."""

    status, times, asked = 500, 0, 0

    def do_PUT(self) -> None:
        cls = type(self)
        cls.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if cls.asked > cls.times:
            return self._answer(200)
        return self._answer(cls.status) if cls.status else self.connection.close()

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def failing() -> Iterator[tuple[Store, type[_Failing]]]:
    """A store whose server fails as told, and that server's handler."""
    with pytest.MonkeyPatch.context() as patch, ThreadingHTTPServer(("127.0.0.1", 0), _Failing) as server:
        patch.setenv("AWS_ACCESS_KEY_ID", "x")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield open_store("s3://bucket", f"http://127.0.0.1:{server.server_port}"), _Failing
        server.shutdown()


@pytest.mark.parametrize("status", [500, 503, 409, 429, 0])
def test_s3_failures_that_pass_are_retried(status: int, failing: tuple[Store, type[_Failing]]) -> None:
    store, handler = failing
    handler.status, handler.times, handler.asked = status, 2, 0
    with stamina.set_testing(True, attempts=3):
        store.put("k", b"body")
    assert handler.asked == 3


@pytest.mark.parametrize("status", [500, 409, 0])
def test_s3_failures_that_stay_are_store_unavailable(status: int, failing: tuple[Store, type[_Failing]]) -> None:
    store, handler = failing
    handler.status, handler.times, handler.asked = status, 99, 0
    with stamina.set_testing(True, attempts=2), pytest.raises(StoreUnavailable):
        store.put("k", b"body")


def test_s3_refusals_pass_untouched(failing: tuple[Store, type[_Failing]]) -> None:
    from botocore.exceptions import ClientError

    store, handler = failing
    handler.status, handler.times, handler.asked = 403, 99, 0
    with pytest.raises(ClientError):
        store.put("k", b"body")
    assert handler.asked == 1


def test_the_role_s_credentials_reach_the_table(new_bucket: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    options = open_store("s3://bucket/prefix", "http://127.0.0.1:1").storage_options
    assert options["aws_session_token"] == "session"
    assert options["aws_access_key_id"] == "testing"
    assert options["allow_http"] == "true"
    assert "aws_endpoint" not in open_store("s3://bucket", None).storage_options
