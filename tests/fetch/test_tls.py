"""Certificates: a real authority, and servers whose certificates are not good.

The system's authorities are read once in a process, so what trusts the test's own one runs in a process of its own.
"""

import asyncio
import os
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from ingest.fetch import HttpFetcher
from tests.fetch.conftest import ask, limits
from tests.fetch.server import Server, ok, serve, to

_ASK = """
import asyncio, sys
from ingest.fetch import HttpFetcher
from tests.fetch.conftest import ask
from tests.fetch.test_guard import Names
async def main():
    names = Names(good_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        for url in sys.argv[1:]:
            fetched = await ask(fetcher, url, credential={"kind": "bearer", "env": "NEWS_TOKEN"})
            print(fetched.error or fetched.outcome)
asyncio.run(main())
"""


def _serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


async def _told(trusted: Path, *urls: str) -> list[str]:
    environ = os.environ | {"SSL_CERT_FILE": str(trusted), "NEWS_TOKEN": "t0p"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ASK, *urls, stdout=asyncio.subprocess.PIPE, env=environ
    )
    said, _ = await process.communicate()
    return said.decode().splitlines()


async def test_what_a_trusted_authority_did_not_sign_so_is_refused(tmp_path: Path) -> None:
    authority, stranger, trusted = trustme.CA(), trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    good = authority.issue_cert("good.example", "127.0.0.1")
    expired = authority.issue_cert("good.example", not_before=yesterday - timedelta(days=9), not_after=yesterday)
    async with (
        serve(tls=_serving(good)) as one,
        serve(tls=_serving(expired)) as two,
        serve(tls=_serving(stranger.issue_cert("good.example"))) as three,
        serve() as plain,
    ):
        for server in (one, two, three, plain):
            server.on("/feed", ok(b"<rss/>"))
        one.on("/down", to(plain.url("/feed", "good.example")))
        said = await _told(
            trusted,
            _url(one, "good.example"),
            _url(one, "127.0.0.1"),
            _url(one, "other.example"),
            _url(two, "good.example"),
            _url(three, "good.example"),
            _url(one, "good.example").replace("/feed", "/down"),
        )
    assert said[:2] == ["new", "new"]
    assert "not trusted: Hostname mismatch, certificate is not valid for 'other.example'" in said[2]
    assert "not trusted: certificate has expired" in said[3]
    assert "not trusted: unable to get local issuer certificate" in said[4]
    assert said[5] == "new"
    assert [len(server.requests) for server in (one, two, three, plain)] == [3, 0, 0, 1]
    assert [request.headers.get("authorization") for request in one.requests] == ["Bearer t0p"] * 3
    assert "authorization" not in plain.requests[0].headers


async def test_a_certificate_that_signed_itself_is_refused(fetcher: HttpFetcher) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    async with serve(tls=context) as server:
        fetched = await ask(fetcher, _url(server, "127.0.0.1"))
    assert fetched.error_code == "fetch-failed"
    assert "its certificate is not trusted: self-signed certificate" in str(fetched.error)
    assert server.requests == []


async def test_a_handshake_that_does_not_end(server: Server, fetcher: HttpFetcher) -> None:
    fetched = await ask(fetcher, _url(server, "127.0.0.1"), limits=limits(connect_s=0.3))
    assert fetched.error_code == "too-slow"
    assert "no connection within 0.3 s" in str(fetched.error)


@pytest.mark.parametrize("sent", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b"\xff" * 500])
async def test_what_is_no_handshake(fetcher: HttpFetcher, sent: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(sent)
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listener:
        fetched = await ask(fetcher, f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/feed")
    assert fetched.error_code == "fetch-failed"


def _url(server: Server, host: str) -> str:
    return server.url("/feed", host).replace("http:", "https:")
