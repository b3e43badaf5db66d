"""SFTP, against asyncssh's server."""

import asyncio
import gzip
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from ingest.model import Fetched
from tests.fetch.conftest import NOW, limits
from tests.fetch.wires import cutting, look, taken

KEY = asyncssh.generate_private_key("ssh-ed25519")
OURS = asyncssh.generate_private_key("ssh-ed25519")
PASSWORD = "s3cr=t & +/token"
OLD = NOW.timestamp() - 3600


class Wire(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("desk", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "desk" and key == OURS.convert_to_public()


@asynccontextmanager
async def serving(root: Path, files: type[asyncssh.SFTPServer] = asyncssh.SFTPServer) -> AsyncIterator[int]:
    listener = await asyncssh.create_server(
        Wire, "127.0.0.1", 0, server_host_keys=[KEY], sftp_factory=lambda chan: files(chan, chroot=str(root))
    )
    try:
        yield listener.get_port()
    finally:
        listener.close()


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    async with serving(tmp_path) as port:
        yield port


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("WIRE_PASSWORD", PASSWORD)
    monkeypatch.setenv("WIRE_KEY", OURS.export_private_key().decode())
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


async def ask(url: str | int, before: Fetched | None = None, **settings: object) -> Fetched:
    if isinstance(url, int):
        url = f"sftp://desk@127.0.0.1:{url}/in"
    options = {"host_key": (KEY.get_fingerprint(),), **settings.pop("options", {})}  # type: ignore[dict-item]
    return await look(
        url, before, **{"credential": {"kind": "password", "env": "WIRE_PASSWORD"}, "options": options, **settings}
    )


def put(path: Path, body: bytes, age_s: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (OLD - age_s, OLD - age_s))
    return path


async def test_new_and_changed_files_once(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "b.xml", b"<b/>", age_s=10)
    put(tmp_path / "in" / "a.xml.gz", gzip.compress(b"<a/>"))
    put(tmp_path / "in" / "below" / "c.xml", b"<c/>")
    first = await ask(port)
    assert first.error is None
    assert list(taken(first).items()) == [("b.xml", b"<b/>"), ("a.xml.gz", b"<a/>")]
    assert first.payloads[0].url == f"sftp://127.0.0.1:{port}/in/b.xml"
    put(tmp_path / "in" / "b.xml", b"<b2/>")
    put(tmp_path / "in" / "a.xml.gz", gzip.compress(b"<a/>", mtime=0), age_s=-9)
    second = await ask(port, first)
    assert taken(second)["b.xml"] == b"<b2/>"
    third = await ask(port, second)
    assert (third.outcome, third.payloads, third.state.cursor) == ("not_modified", (), second.state.cursor)


async def test_a_run_that_did_not_land_takes_all_again(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    first = await ask(port)
    assert first.error is None
    assert taken(first) == taken(await ask(port)) == {"a.xml": b"<a/>"}


@pytest.mark.parametrize("path", ["/in/*.xml", "/~/in/*.xml", "/in/[ab].xml"])
async def test_globs(tmp_path: Path, port: int, path: str) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "b.txt", b"b")
    assert taken(await ask(f"sftp://desk@127.0.0.1:{port}{path}")) == {"a.xml": b"<a/>"}


async def test_a_private_key(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    key = {"kind": "key", "env": "WIRE_KEY"}
    assert taken(await ask(port, credential=key)) == {"a.xml": b"<a/>"}
    bad = await ask(port, credential={"kind": "key", "env": "WIRE_PASSWORD"})
    assert (bad.outcome, bad.error_code) == ("failed", "bad-config")
    assert PASSWORD not in bad.model_dump_json()


async def test_a_wrong_password_is_refused_and_hidden(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    monkeypatch.setenv("WIRE_PASSWORD", "guess-work")
    fetched = await ask(port)
    assert (fetched.outcome, fetched.state.failures) == ("failed", 1)
    assert "login as desk is refused" in str(fetched.error)
    assert "guess-work" not in fetched.model_dump_json()


async def test_an_unknown_host_key_is_refused(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    for known in ((), (OURS.get_fingerprint(),)):
        fetched = await ask(port, options={"host_key": known})
        assert (fetched.outcome, fetched.error_code) == ("failed", "refused")
        assert KEY.get_fingerprint() in str(fetched.error)


async def test_known_hosts(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    known = put(Path.home() / ".ssh" / "known_hosts", b"")
    known.write_text(f"[127.0.0.1]:{port} {KEY.export_public_key().decode()}")
    assert taken(await ask(port, options={"host_key": ()})) == {"a.xml": b"<a/>"}


async def test_private_addresses_are_refused(port: int) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "[::1]"):
        fetched = await ask(f"sftp://desk@{host}:{port}/in", allow="")
        assert (fetched.outcome, fetched.error_code) == ("failed", "refused"), host


async def test_half_written_files_wait(tmp_path: Path, port: int) -> None:
    for name in (".hidden", "a.xml.tmp", "b.PART", "c.filepart"):
        put(tmp_path / "in" / name, b"half")
    put(tmp_path / "in" / "empty.xml", b"")
    growing = put(tmp_path / "in" / "growing.xml", b"<a>", age_s=-3598)
    first = await ask(port)
    assert (first.outcome, first.payloads, first.rejects) == ("not_modified", (), ())
    growing.write_bytes(b"<a></a>")
    os.utime(growing, (OLD, OLD))
    second = await ask(port, first)
    assert taken(second) == {"growing.xml": b"<a></a>"}


async def test_a_file_that_grows_while_it_is_read_waits(tmp_path: Path) -> None:
    class Growing(asyncssh.SFTPServer):
        def close(self, file_obj: object) -> None:
            super().close(file_obj)

        def fstat(self, file_obj: object) -> os.stat_result:
            found = super().fstat(file_obj)
            with (tmp_path / "in" / "a.xml").open("ab") as more:
                more.write(b"more")
            return found

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            put(tmp_path / "in" / "a.xml", b"<a/>" + b"<more/>", age_s=-1)
            return super().open(path, pflags, attrs)

    put(tmp_path / "in" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "b.xml", b"<b/>")
    async with serving(tmp_path, Growing) as port:
        fetched = await ask(port)
    assert taken(fetched).get("a.xml") is None
    async with serving(tmp_path) as port:
        again = await ask(port, fetched)
    assert taken(again)["a.xml"].startswith(b"<a/><more/>")


async def test_a_dropped_connection_loses_and_doubles_nothing(tmp_path: Path, port: int) -> None:
    for n in range(8):
        put(tmp_path / "in" / f"{n}.xml", os.urandom(40_000), age_s=-n)
    seen: list[str] = []
    fetched = None
    async with cutting(port, 100_000, 1, 150_000, 30_000, None) as cutter:
        outcomes = []
        for _ in range(6):
            fetched = await ask(f"sftp://desk@127.0.0.1:{cutter.port}/in", fetched)
            outcomes.append(fetched.outcome)
            seen += taken(fetched)
            if fetched.outcome == "new" and len(seen) < 8:
                assert [reject.code for reject in fetched.rejects] == ["fetch-failed"]
    assert seen == [f"{n}.xml" for n in range(8)]
    assert outcomes[0] == "new" and "failed" in outcomes and outcomes[-1] == "not_modified"


async def test_one_bad_file_hides_no_good_one(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "good.xml", b"<a/>")
    put(tmp_path / "in" / "large.xml", b"x" * 2000)
    put(tmp_path / "in" / "cut.xml.gz", gzip.compress(b"<a/>" * 99)[:-9])
    (tmp_path / "in" / "gone.xml").symlink_to("/nothing")
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/caf\xe9.xml")), b"<c/>")
    put(tmp_path / "in" / "line\nfeed.xml", b"<d/>")
    first = await ask(port, limits=limits(max_bytes=1000))
    assert taken(first) == {"good.xml": b"<a/>", "caf%E9.xml": b"<c/>"}
    assert sorted(reject.code for reject in first.rejects) == ["fetch-failed", "refused", "too-large"]
    assert Fetched.model_validate_json(first.model_dump_json()) == first
    second = await ask(port, first, limits=limits(max_bytes=1000))
    assert (second.payloads, [reject.code for reject in second.rejects]) == ((), ["refused"])


async def test_hostile_names(tmp_path: Path) -> None:
    class Hostile(asyncssh.SFTPServer):
        async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
            for name in (b"../../x", b"/etc/passwd", b"a\0b", b"x" * 5000, b"..", b"", b"a\\b"):
                yield asyncssh.SFTPName(name, attrs=asyncssh.SFTPAttrs(size=5, permissions=stat.S_IFREG, mtime=1))

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            raise AssertionError(path)

    async with serving(tmp_path, Hostile) as port:
        fetched = await ask(port)
    assert (fetched.outcome, fetched.payloads) == ("not_modified", ())
    assert {reject.code for reject in fetched.rejects} == {"refused"}
    assert len(fetched.rejects) >= 4


async def test_what_has_landed_is_deleted_with_the_next_fetch(tmp_path: Path, port: int) -> None:
    options = {"delete_after": True}
    put(tmp_path / "in" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "b.xml", b"<b/>")
    put(tmp_path / "in" / "large.xml", b"x" * 2000)
    first = await ask(port, options=options, limits=limits(max_bytes=1000))
    assert len(list((tmp_path / "in").iterdir())) == 3
    put(tmp_path / "in" / "b.xml", b"<b2/>", age_s=-5)
    second = await ask(port, first, options=options, limits=limits(max_bytes=1000))
    assert taken(second) == {"b.xml": b"<b2/>"}
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"b.xml", "large.xml"}
    third = await ask(port, second, options=options, limits=limits(max_bytes=1000))
    assert (third.outcome, third.rejects) == ("not_modified", ())
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"large.xml"}


async def test_batches_and_a_missing_folder(tmp_path: Path, port: int) -> None:
    missing = await ask(port)
    assert (missing.outcome, "cannot be listed" in str(missing.error)) == ("failed", True)
    for n in range(5):
        put(tmp_path / "in" / f"{n}.xml", b"%d" % n, age_s=-n)
    seen, fetched = [], None
    for _ in range(4):
        fetched = await ask(port, fetched, limits=limits(max_items=2))
        seen += list(taken(fetched))
    assert seen == [f"{n}.xml" for n in range(5)]


async def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    fetched = await ask(port, limits=limits(total_s=0.5))
    listener.close()
    assert (fetched.outcome, fetched.error_code) == ("failed", "too-slow")


async def test_folders_below_if_asked_for(tmp_path: Path, port: int) -> None:
    root, options = tmp_path / "in", {"recursive": True}
    put(root / "a.xml", b"<a/>", age_s=30)
    put(root / "2026" / "03 é" / "b.xml", b"<b/>", age_s=20)
    put(Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9/c.xml")), b"<c/>", age_s=10)
    put(root / ".git" / "d.xml", b"no")
    put(root / "half.part" / "e.xml", b"no")
    put(root / "2026" / "note.txt", b"no")
    (root / "2026" / "again").symlink_to(root)
    put(root.joinpath(*"12345678") / "f.xml", b"<f/>")
    put(root.joinpath(*"123456789") / "g.xml", b"too deep")
    url = f"sftp://desk@127.0.0.1:{port}/in"
    first = await ask(f"{url}/*.xml", options=options)
    assert [payload.body for payload in first.payloads] == [b"<a/>", b"<b/>", b"<c/>", b"<f/>"]
    assert first.payloads[1].url == f"sftp://127.0.0.1:{port}/in/2026/03%20%C3%A9/b.xml"
    assert [(reject.code, reject.place) for reject in first.rejects] == [("refused", "1/2/3/4/5/6/7/8/9")]
    put(root / "2026" / "03 é" / "b.xml", b"<b2/>")
    second = await ask(f"{url}/*.xml", first, options=options)
    assert [payload.body for payload in second.payloads] == [b"<b2/>"]
    third = await ask(f"{url}/*.xml", second, options={**options, "delete_after": True})
    assert (third.outcome, sorted(path.name for path in root.rglob("*.xml"))) == (
        "not_modified",
        ["d.xml", "e.xml", "g.xml"],
    )


async def test_a_folder_that_cannot_be_listed_hides_no_other(tmp_path: Path) -> None:
    class Closed(asyncssh.SFTPServer):
        def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
            if path.endswith(b"/closed"):
                raise asyncssh.SFTPPermissionDenied("no")
            return super().scandir(path)

    put(tmp_path / "in" / "closed" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "open" / "b.xml", b"<b/>")
    async with serving(tmp_path, Closed) as port:
        fetched = await ask(port, options={"recursive": True})
    assert taken(fetched) == {"b.xml": b"<b/>"}
    assert [(reject.code, reject.place) for reject in fetched.rejects] == [("fetch-failed", "closed/")]
