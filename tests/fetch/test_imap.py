"""IMAP, against pymap's server, with STARTTLS, behind TLS, and in clear."""

import asyncio
import imaplib
import os
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from ingest.model import Fetched
from tests.conftest import free_port
from tests.fetch.conftest import limits
from tests.fetch.server import Server, ok
from tests.fetch.wires import Cutter, cutting, look, taken

PASSWORD = 's3cr=t & "+"/é\\'
QUICK = """# pymap's own main; only its passwords are not hashed half a million times
from pysasl.hashing import BuiltinHash
from pymap.main import main
BuiltinHash.__init__.__kwdefaults__["rounds"] = 1

# and that it takes a token, which stands for the password
import sys
from pysasl import SASLAuth
from pysasl.creds.plain import PlainCredentials
from pysasl.mechanism.oauth import OAuth2Mechanism
class Token(OAuth2Mechanism):
    def server_attempt(self, responses):
        made, _ = super().server_attempt(responses)
        return PlainCredentials(made.authzid, sys.argv[-1] if made._token == "t-quay" else "none"), None
usual = SASLAuth.defaults
SASLAuth.defaults = lambda: SASLAuth([*usual().server_mechanisms, Token()])
main()
"""
PASSWORD_OF = {"kind": "password", "env": "WIRE_PASSWORD"}


@dataclass
class Mail:
    port: int
    ca: str
    cert: str
    box: str = "INBOX"

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.starttls(ssl.create_default_context(cafile=self.ca))
        client.authenticate("PLAIN", lambda _: f"\0desk\0{PASSWORD}".encode())
        return client

    def put(self, *bodies: bytes) -> None:
        with self.client() as client:
            for body in bodies:
                assert client.append(f'"{self.box}"', "", "", body)[0] == "OK"

    def recreate(self) -> None:
        with self.client() as client:
            client.delete(f'"{self.box}"')
            assert client.create(f'"{self.box}"')[0] == "OK"

    async def ask(self, before: Fetched | None = None, port: int | None = None, **settings: object) -> Fetched:
        scheme = str(settings.pop("scheme", "imap"))
        options = {"ca": self.ca, **settings.pop("options", {})}  # type: ignore[dict-item]
        url = str(settings.pop("url", f"{scheme}://desk@127.0.0.1:{port or self.port}/{self.box}"))
        return await look(
            url, before, **{"transport": "imap", "credential": PASSWORD_OF, "options": options, **settings}
        )


@pytest.fixture(scope="module")
def pymap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mail]:
    folder = tmp_path_factory.mktemp("pymap")
    authority = trustme.CA()
    ca, cert, key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
    authority.cert_pem.write_to_path(ca)
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    both = folder / "both.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(both)
    port = free_port()
    command = [sys.executable, "-c", QUICK, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--cert", str(cert), "--key", str(key), "--no-service", "managesieve", "--no-service", "admin"]
    command += ["dict", "--demo-user", "desk", "--demo-password", PASSWORD]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait_for(port, process, folder / "log")
            yield Mail(port, str(ca), str(both))
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            imaplib.IMAP4("127.0.0.1", port).logout()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no IMAP server: {log.read_text()[-2000:]}")


@pytest.fixture
def mail(pymap: Mail, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """A mailbox of its own."""
    monkeypatch.setenv("WIRE_PASSWORD", PASSWORD)
    box = Mail(pymap.port, pymap.ca, pymap.cert, f"wires-{uuid.uuid4().hex[:8]}")
    box.recreate()
    return box


def message(n: int, body: bytes = b"A storm has reached the harbour.") -> bytes:
    return b"From: desk@quay.example\r\nMessage-ID: <%d@quay.example>\r\nSubject: Item %d\r\n\r\n%s\r\n" % (n, n, body)


@pytest.mark.services
async def test_new_messages_once_and_no_flag_changes(mail: Mail) -> None:
    mail.put(message(1), message(2))
    first = await mail.ask()
    assert first.error is None
    assert list(taken(first).values()) == [message(1), message(2)]
    payload = first.payloads[0]
    assert (payload.content_type, payload.url.startswith(f"imap://127.0.0.1:{mail.port}/{mail.box};UIDVALIDITY=")) == (
        "message/rfc822",
        True,
    )
    with mail.client() as client:
        client.select(f'"{mail.box}"', readonly=True)
        assert client.search(None, "SEEN")[1] == [b""]
    mail.put(message(3))
    second = await mail.ask(first)
    assert list(taken(second).values()) == [message(3)]
    third = await mail.ask(second)
    assert (third.outcome, third.payloads, third.state.cursor) == ("not_modified", (), second.state.cursor)


@pytest.mark.services
async def test_a_run_that_did_not_land_takes_all_again(mail: Mail) -> None:
    mail.put(message(1))
    assert taken(await mail.ask()) == taken(await mail.ask())


@pytest.mark.services
async def test_another_uidvalidity_begins_anew(mail: Mail) -> None:
    mail.put(message(1), message(2), message(3))
    first = await mail.ask()
    mail.recreate()
    mail.put(message(3), message(4))
    second = await mail.ask(first)
    assert list(taken(second).values()) == [message(3), message(4)]
    assert (await mail.ask(second)).outcome == "not_modified"


@pytest.mark.services
async def test_tls_from_the_start(mail: Mail) -> None:
    mail.put(message(1))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mail.cert)
    way = Cutter()
    listener = await asyncio.start_server(lambda r, w: way.serve(r, w, mail.port), "127.0.0.1", 0, ssl=context)
    port = listener.sockets[0].getsockname()[1]
    fetched = await mail.ask(port=port, scheme="imaps", options={"tls": False})
    untrusted = await mail.ask(port=port, scheme="imaps", options={"ca": None})
    listener.close()
    assert list(taken(fetched).values()) == [message(1)]
    assert "certificate is not trusted" in str(untrusted.error)


@pytest.mark.services
async def test_what_is_refused(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    mail.put(message(1))
    private = await mail.ask(allow="")
    assert (private.outcome, private.error_code) == ("failed", "refused")
    missing = await mail.ask(url=f"imap://desk@127.0.0.1:{mail.port}/no%22/such%5C%C3%A9")
    assert "no such mailbox" in str(missing.error)
    nobody = await mail.ask(credential=None)
    assert (nobody.error_code, nobody.state.failures) == ("bad-config", 1)
    monkeypatch.setenv("WIRE_PASSWORD", "guess-work")
    wrong = await mail.ask()
    assert "the login as desk is refused" in str(wrong.error)
    assert "guess-work" not in wrong.model_dump_json()


@pytest.mark.services
async def test_one_large_message_hides_no_other(mail: Mail) -> None:
    mail.put(message(1), message(2, b"x" * 3000), message(3))
    first = await mail.ask(limits=limits(max_bytes=1000))
    assert list(taken(first).values()) == [message(1), message(3)]
    assert [reject.code for reject in first.rejects] == ["too-large"]
    second = await mail.ask(first, limits=limits(max_bytes=1000))
    assert (second.payloads, second.rejects) == ((), ())


@pytest.mark.services
async def test_batches(mail: Mail) -> None:
    mail.put(*(message(n) for n in range(5)))
    seen, fetched = [], None
    for _ in range(4):
        fetched = await mail.ask(fetched, limits=limits(max_items=2))
        seen += list(taken(fetched).values())
    assert seen == [message(n) for n in range(5)]


@pytest.mark.services
async def test_a_dropped_connection_loses_and_doubles_nothing(mail: Mail) -> None:
    bodies = [message(n, os.urandom(20_000).hex().encode()) for n in range(6)]
    mail.put(*bodies)
    seen: list[bytes] = []
    fetched = None
    async with cutting(mail.port, 100_000, 10, 1500, 90_000, 60_000) as cutter:
        for _ in range(7):
            fetched = await mail.ask(fetched, port=cutter.port)
            seen += taken(fetched).values()
    assert seen == bodies
    assert fetched is not None and fetched.outcome == "not_modified"


HELLO = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n"


async def _answer(line: bytes, reply: dict[bytes, bytes]) -> bytes:
    tag, _, command = line.partition(b" ")
    said = next((reply[word] for word in reply if word in command.upper()), b"")
    return b"+ \r\n" if command.upper().startswith(b"AUTHENTICATE") else said + tag + b" OK done\r\n"


@asynccontextmanager
async def scripted(reply: dict[bytes, bytes]) -> AsyncIterator[Mail]:
    """A server that takes any login, and says these where a command has these words in it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        tag = b""
        while line := await reader.readline():
            if b" " not in line.strip():  # the answer to a challenge
                writer.write(tag + b" OK in\r\n")
                continue
            tag = line.partition(b" ")[0]
            writer.write(await _answer(line, {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", **reply}))
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Mail(listener.sockets[0].getsockname()[1], str(Path(os.devnull)), "", "x")
    finally:
        listener.close()


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({b"EXAMINE": b"* OK [UIDVALIDITY 1] x\r\n", b"SEARCH": b"* SEARCH 1 2\r\n"}, "not_modified"),
        ({b"CAPABILITY": b"* X {99999999999}\r\n"}, "failed"),
        ({b"CAPABILITY": b"* " + b"x" * 20_000_000}, "failed"),
        ({b"CAPABILITY": b"nonsense\xff\0\r\n"}, "failed"),
        ({b"EXAMINE": b"* OK [UIDVALIDITY 99999999999999999999999999] x\r\n"}, "failed"),
        (
            {
                b"EXAMINE": b"* OK [UIDVALIDITY 7] x\r\n",
                b"SEARCH": b"* SEARCH 1\r\n",
                b"SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n",
                b"PEEK": b"* 1 FETCH (UID 1 BODY[] {90000000}\r\n",
            },
            "not_modified",
        ),
    ],
    ids=["odd-search", "literal", "line", "bytes", "validity", "lies"],
)
async def test_servers_that_are_none(reply: dict[bytes, bytes], outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRE_PASSWORD", PASSWORD)
    async with scripted(reply) as mail:
        fetched = await mail.ask(options={"tls": False, "ca": None}, limits=limits(total_s=2, max_bytes=1000))
        clear = await mail.ask(options={"ca": None})
    assert (fetched.outcome, fetched.payloads) == (outcome, ())
    assert clear.outcome == "failed"  # no STARTTLS


async def test_an_empty_message_is_told_once_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRE_PASSWORD", PASSWORD)
    sizes = b"* 1 FETCH (UID 1 RFC822.SIZE 0)\r\n* 2 FETCH (UID 2 RFC822.SIZE 5)\r\n* 3 FETCH (UID 3 RFC822.SIZE 5)\r\n"
    reply = {
        b"EXAMINE": b"* OK [UIDVALIDITY 7] x\r\n",
        b"SEARCH": b"* SEARCH 1 2 3\r\n",
        b"RFC822.SIZE": sizes,
        b"FETCH 1 ": b"* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n",
        b"FETCH 2 ": b"* 2 FETCH (UID 2 BODY[] {5}\r\nA: b\n)\r\n",  # and 3 is gone since
    }
    async with scripted(reply) as mail:
        first = await mail.ask(options={"tls": False, "ca": None})
        second = await mail.ask(first, options={"tls": False, "ca": None})
    assert [payload.body for payload in first.payloads] == [b"A: b\n"]
    assert [(reject.place, reject.detail) for reject in first.rejects] == [("UID 1", "an empty message")]
    assert (second.outcome, second.rejects) == ("not_modified", ())


async def test_a_server_without_xoauth2_takes_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAY_TOKEN", "t-quay")
    async with scripted({}) as mail:
        credential = {"kind": "bearer", "env": "QUAY_TOKEN"}
        fetched = await mail.ask(credential=credential, options={"tls": False, "ca": None})
    assert "offers no XOAUTH2" in str(fetched.error)


@pytest.mark.services
async def test_a_token_from_the_environment(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    mail.put(message(1))
    monkeypatch.setenv("QUAY_TOKEN", "t-quay")
    credential = {"kind": "bearer", "env": "QUAY_TOKEN"}
    assert list(taken(await mail.ask(credential=credential)).values()) == [message(1)]
    nobody = await mail.ask(credential=credential, url=f"imap://127.0.0.1:{mail.port}/{mail.box}")
    assert (nobody.error_code, "user name" in str(nobody.error)) == ("bad-config", True)
    monkeypatch.setenv("QUAY_TOKEN", "t-expired")
    refused = await mail.ask(credential=credential)
    assert "the login as desk is refused" in str(refused.error)
    assert "t-expired" not in refused.model_dump_json()


@pytest.mark.services
async def test_a_token_from_a_token_server(mail: Mail, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    mail.put(message(1))
    monkeypatch.setenv("QUAY_CLIENT", "quay:s3cret")
    url = server.on("/token", ok(b'{"access_token": "t-quay"}'))
    credential = {"kind": "oauth", "env": "QUAY_CLIENT", "token_url": url}
    fetched = await mail.ask(credential=credential)
    assert list(taken(fetched).values()) == [message(1)]
    assert "t-quay" not in fetched.model_dump_json()
    server.on("/token", ok(b"{}"))
    without = await mail.ask(credential=credential)
    assert (without.outcome, "no token in" in str(without.error)) == ("failed", True)
