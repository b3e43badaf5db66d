"""FTP and FTPS, against pyftpdlib's server."""

import gzip
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
import trustme
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from ingest.model import Fetched
from tests.fetch.conftest import NOW, limits
from tests.fetch.wires import cutting, look, taken

PASSWORD = "s3cr=t & +/token é"
OLD = NOW.timestamp() - 3600
PASSWORD_OF = {"kind": "password", "env": "WIRE_PASSWORD"}
MODERN = ["MLSD", "MLST", "SIZE", "MDTM"]


class Breaking(DTPHandler):
    """Data connections that end after so many bytes of a file, in turn; then they don't."""

    after: ClassVar[list[int]] = []
    sent = 0

    def send(self, data: bytes) -> int:
        limit = self.after[0] if self.after and self.cmd == "RETR" else None
        if limit is None:
            return super().send(data)
        if self.sent >= limit:
            self.after.pop(0)
            raise ConnectionResetError
        count = super().send(data[: limit - self.sent])
        self.sent += count
        return count


def handler(root: Path, kind: type[FTPHandler] = FTPHandler, **settings: object) -> type[FTPHandler]:
    users = DummyAuthorizer()
    (root / "in").mkdir(exist_ok=True)
    users.add_user("desk", PASSWORD, str(root), perm="elrd")
    users.add_anonymous(str(root / "in"))
    defaults = {"authorizer": users, "auth_failed_timeout": 0, "banner": "ready " * 20}
    return type("Handler", (kind,), {**defaults, **settings})


@contextmanager
def serving(made: type[FTPHandler]) -> Iterator[int]:
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), made, ioloop=loop)
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            server.ioloop.loop(timeout=0.02, blocking=False)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        stop.set()
        thread.join()
        server.close_all()


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with serving(handler(tmp_path)) as port:
        yield port


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRE_PASSWORD", PASSWORD)


async def ask(url: str | int, before: Fetched | None = None, **settings: object) -> Fetched:
    if isinstance(url, int):
        url = f"ftp://desk@127.0.0.1:{url}/in"
    return await look(url, before, **{"transport": "ftp", "credential": PASSWORD_OF, **settings})


def put(path: Path, body: bytes, age_s: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (OLD - age_s, OLD - age_s))
    return path


@pytest.mark.parametrize("lacking", [[], MODERN[:2], [*MODERN[:2], "MDTM"]], ids=["mlsd", "size", "size-only"])
async def test_new_and_changed_files_once(tmp_path: Path, lacking: list[str]) -> None:
    commands = {name: value for name, value in FTPHandler.proto_cmds.items() if name not in lacking}
    put(tmp_path / "in" / "b.xml", b"<b/>", age_s=10)
    put(tmp_path / "in" / "a.xml.gz", gzip.compress(b"<a/>"))
    put(tmp_path / "in" / "below" / "c.xml", b"<c/>")
    with serving(handler(tmp_path, proto_cmds=commands)) as port:
        first = await ask(port)
        assert first.error is None
        assert taken(first) == {"b.xml": b"<b/>", "a.xml.gz": b"<a/>"}
        assert {payload.url for payload in first.payloads} >= {f"ftp://127.0.0.1:{port}/in/b.xml"}
        put(tmp_path / "in" / "b.xml", b"<b2/>")
        second = await ask(port, first)
        assert taken(second) == {"b.xml": b"<b2/>"}
        third = await ask(port, second)
        assert (third.outcome, third.payloads, third.state.cursor) == ("not_modified", (), second.state.cursor)


async def test_a_server_that_cannot_tell_sizes(tmp_path: Path) -> None:
    commands = {name: value for name, value in FTPHandler.proto_cmds.items() if name not in MODERN}
    put(tmp_path / "in" / "a.xml", b"<a/>")
    with serving(handler(tmp_path, proto_cmds=commands)) as port:
        fetched = await ask(port)
    assert "neither MLSD nor SIZE" in str(fetched.error)


async def test_a_run_that_did_not_land_takes_all_again(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    first = await ask(port)
    assert first.error is None
    assert taken(first) == taken(await ask(port)) == {"a.xml": b"<a/>"}


@pytest.mark.parametrize("path", ["/in/*.xml", "/%2Fin/*.xml", "/in/[ab].xml"])
async def test_globs(tmp_path: Path, port: int, path: str) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "b.txt", b"b")
    assert taken(await ask(f"ftp://desk@127.0.0.1:{port}{path}")) == {"a.xml": b"<a/>"}


async def test_anonymous(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    assert taken(await ask(f"ftp://127.0.0.1:{port}/", credential=None)) == {"a.xml": b"<a/>"}


async def test_explicit_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    ca, cert = tmp_path / "ca.pem", tmp_path / "cert.pem"
    authority.cert_pem.write_to_path(ca)
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(cert)
    put(tmp_path / "in" / "a.xml", os.urandom(300_000))
    secure = handler(
        tmp_path,
        TLS_FTPHandler,
        certfile=str(cert),
        tls_control_required=True,
        tls_data_required=True,
        dtp_handler=TLS_DTPHandler,
    )
    with serving(secure) as port:
        for host in ("127.0.0.1", "localhost"):
            fetched = await ask(f"ftps://desk@{host}:{port}/in", options={"ca": str(ca)})
            assert taken(fetched) == {"a.xml": (tmp_path / "in" / "a.xml").read_bytes()}
        untrusted = await ask(f"ftps://desk@127.0.0.1:{port}/in")
        clear = await ask(port)
    assert "certificate is not trusted" in str(untrusted.error)
    assert clear.outcome == "failed"
    with serving(handler(tmp_path)) as port:
        plain = await ask(f"ftps://desk@127.0.0.1:{port}/in", options={"ca": str(ca)})
    assert plain.outcome == "failed"  # never in clear when TLS was asked for


async def test_a_wrong_password_is_refused_and_hidden(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_PASSWORD", "guess-work")
    fetched = await ask(port)
    assert (fetched.outcome, fetched.state.failures) == ("failed", 1)
    assert "the login is refused: 530" in str(fetched.error)
    assert "guess-work" not in fetched.model_dump_json()


async def test_private_addresses_are_refused(port: int) -> None:
    for host in ("127.0.0.1", "localhost", "0x7f.1"):
        fetched = await ask(f"ftp://desk@{host}:{port}/in", allow="")
        assert (fetched.outcome, fetched.error_code) == ("failed", "refused"), host


async def test_a_foreign_host_in_a_pasv_answer_is_ignored(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    with serving(handler(tmp_path, masquerade_address="169.254.169.254")) as port:
        assert taken(await ask(port)) == {"a.xml": b"<a/>"}


async def test_half_written_files_wait(tmp_path: Path, port: int) -> None:
    for name in (".hidden", "a.xml.tmp", "b.PART", "c.filepart"):
        put(tmp_path / "in" / name, b"half")
    put(tmp_path / "in" / "empty.xml", b"")
    growing = put(tmp_path / "in" / "growing.xml", b"<a>", age_s=-3598)
    first = await ask(port)
    assert (first.outcome, first.payloads, first.rejects) == ("not_modified", (), ())
    put(growing, b"<a></a>")
    assert taken(await ask(port, first)) == {"growing.xml": b"<a></a>"}


async def test_a_broken_data_connection_is_taken_up(tmp_path: Path) -> None:
    bodies = {f"{n}.xml": os.urandom(700_000) for n in range(2)}
    for name, body in bodies.items():
        put(tmp_path / "in" / name, body)
    broken = type("Broken", (Breaking,), {"after": [100_000, 300_000, 70_000]})
    with serving(handler(tmp_path, dtp_handler=broken, use_sendfile=False)) as port:
        fetched = await ask(port)
    assert broken.after == []  # type: ignore[attr-defined]
    assert taken(fetched) == bodies
    assert fetched.rejects == ()


async def test_one_that_breaks_for_ever_keeps_what_was_complete(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.xml", b"x" * 1000, age_s=9)
    put(tmp_path / "in" / "b.xml", b"x" * 900_000)
    broken = type("Broken", (Breaking,), {"after": [50_000, *[0] * 9]})
    with serving(handler(tmp_path, dtp_handler=broken, use_sendfile=False)) as port:
        first = await ask(port)
        broken.after = []  # type: ignore[attr-defined]
        second = await ask(port, first)
    assert (list(taken(first)), [reject.code for reject in first.rejects]) == (["a.xml"], ["fetch-failed"])
    assert list(taken(second)) == ["b.xml"]


async def test_a_dropped_control_connection(tmp_path: Path, port: int) -> None:
    for n in range(8):
        put(tmp_path / "in" / f"{n}.xml", b"%d" % n, age_s=-n)
    seen: list[str] = []
    fetched = None
    async with cutting(port, 10, 300, None, 500, 500, 500, 500) as cutter:
        for _ in range(6):
            fetched = await ask(f"ftp://desk@127.0.0.1:{cutter.port}/in", fetched)
            seen += taken(fetched)
    assert seen == [f"{n}.xml" for n in range(8)]
    assert fetched is not None and fetched.outcome == "not_modified"


async def test_one_bad_file_hides_no_good_one(tmp_path: Path, port: int) -> None:
    put(tmp_path / "in" / "good.xml", b"<a/>")
    put(tmp_path / "in" / "two words -l.xml", b"<b/>")
    put(tmp_path / "in" / "large.xml", b"x" * 2000)
    put(tmp_path / "in" / "cut.xml.gz", gzip.compress(b"<a/>" * 99)[:-9])
    put(tmp_path / "in" / "tab\there.xml", b"<d/>")
    put(tmp_path / "in" / "é.xml", b"<e/>")
    first = await ask(port, limits=limits(max_bytes=1000))
    assert taken(first) == {"good.xml": b"<a/>", "two%20words%20-l.xml": b"<b/>", "%C3%A9.xml": b"<e/>"}
    assert sorted(reject.code for reject in first.rejects) == ["fetch-failed", "refused", "too-large"]
    second = await ask(port, first, limits=limits(max_bytes=1000))
    assert (second.payloads, [reject.code for reject in second.rejects]) == ((), ["refused"])


async def test_what_has_landed_is_deleted_with_the_next_fetch(tmp_path: Path, port: int) -> None:
    options = {"delete_after": True}
    put(tmp_path / "in" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "b.xml", b"<b/>")
    first = await ask(port, options=options)
    assert len(list((tmp_path / "in").iterdir())) == 2
    put(tmp_path / "in" / "b.xml", b"<b2/>", age_s=-5)
    second = await ask(port, first, options=options)
    assert taken(second) == {"b.xml": b"<b2/>"}
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["b.xml"]


async def test_a_right_that_is_missing_is_told(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.xml", b"<a/>")
    made = handler(tmp_path)
    made.authorizer.user_table["desk"]["perm"] = "elr"
    with serving(made) as port:
        first = await ask(port, options={"delete_after": True})
        second = await ask(port, first, options={"delete_after": True})
    assert "cannot be deleted" in str(second.rejects[0].detail)


async def test_a_missing_folder(port: int) -> None:
    fetched = await ask(f"ftp://desk@127.0.0.1:{port}/nowhere")
    assert "no such folder" in str(fetched.error)


@contextmanager
def scripted(*pieces: bytes) -> Iterator[int]:
    """A server that says these, whatever it is told, and then waits."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def run() -> None:
        conn, _ = listener.accept()
        with conn:
            try:
                for piece in pieces:
                    conn.sendall(piece)
                done.wait(20)
            except OSError:
                return  # the client hung up, as it should

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    "pieces",
    [
        (b"220-a\r\n" * 100_000,),
        (b"220 " + b"x" * 100_000,),
        (b"\xff\xfe\0\r\n",),
        (b"220 a\r\n331 b\r\n230 c\r\n200 d\r\n250 e\r\n227 nonsense\r\n",),
        (b"",),
    ],
    ids=["endless", "long", "bytes", "pasv", "silent"],
)
async def test_servers_that_are_none(pieces: tuple[bytes, ...]) -> None:
    with scripted(*pieces) as port:
        fetched = await ask(port, limits=limits(total_s=0.6))
    assert fetched.outcome == "failed"


@pytest.mark.parametrize("name", [b"../../x", b"/etc/passwd", b"a\0b", b"x" * 5000, b"..", b"a\\b", b"a\rDELE b"])
async def test_hostile_names(tmp_path: Path, name: bytes) -> None:
    asked: list[str] = []

    class Hostile(FTPHandler):
        def ftp_MLSD(self, path: str) -> str:
            self.push_dtp_data(b"type=file;size=4;modify=20260101000000; " + name + b"\r\n", cmd="MLSD")
            return path

        def ftp_RETR(self, file: str) -> None:
            asked.append(file)
            self.respond("550 no")

    with serving(handler(tmp_path, Hostile)) as port:
        fetched = await ask(port)
    assert (fetched.outcome, fetched.payloads, asked) == ("not_modified", (), [])
    assert {reject.code for reject in fetched.rejects} <= {"refused"}


async def test_folders_below_if_asked_for(tmp_path: Path, port: int) -> None:
    root, options = tmp_path / "in", {"recursive": True}
    put(root / "a.xml", b"<a/>", age_s=30)
    put(root / "-2026 " / "03 é" / "b.xml", b"<b/>", age_s=20)
    put(root / "tab\there" / "c.xml", b"no")
    put(root / ".git" / "d.xml", b"no")
    put(root.joinpath(*"12345678") / "f.xml", b"<f/>")
    put(root.joinpath(*"123456789") / "g.xml", b"too deep")
    first = await ask(port, options=options)
    assert [payload.body for payload in first.payloads] == [b"<a/>", b"<b/>", b"<f/>"]
    assert first.payloads[1].url == f"ftp://127.0.0.1:{port}/in/-2026%20/03%20%C3%A9/b.xml"
    assert {(reject.code, reject.place) for reject in first.rejects} == {
        ("refused", "tab\there"),
        ("refused", "1/2/3/4/5/6/7/8/9"),
    }
    put(root / "-2026 " / "03 é" / "b.xml", b"<b2/>")
    second = await ask(port, first, options={**options, "delete_after": True})
    assert [payload.body for payload in second.payloads] == [b"<b2/>"]
    assert sorted(path.name for path in root.rglob("*.xml")) == ["b.xml", "c.xml", "d.xml", "g.xml"]


async def test_without_mlsd_the_folder_alone_is_read_and_that_is_told(tmp_path: Path) -> None:
    commands = {name: value for name, value in FTPHandler.proto_cmds.items() if name != "MLSD"}
    put(tmp_path / "in" / "a.xml", b"<a/>")
    put(tmp_path / "in" / "below" / "b.xml", b"<b/>")
    with serving(handler(tmp_path, proto_cmds=commands)) as port:
        fetched = await ask(port, options={"recursive": True})
    assert taken(fetched) == {"a.xml": b"<a/>"}
    assert "without MLSD" in str(fetched.rejects[0].detail)
