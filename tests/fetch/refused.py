"""Attacks on the fetcher and what each ends with: the cases of test_refused and the tables of docs/security.md.

python -m tests.fetch.refused writes the tables anew.
"""

import asyncio
import gzip
import random
import re
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import brotli
import zstandard

from tests.fetch.server import Answer, Reset, ok

DOCS = Path(__file__).parents[2] / "docs" / "security.md"
MIB = 1 << 20
FEED = b"<rss version='2.0'>" + b"".join(b"<item>%d</item>" % n for n in range(500)) + b"</rss>"
_LINE = b"HTTP/1.1 200 OK\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Address(NamedTuple):
    attack: str
    url: str
    why: str


class Resolved(NamedTuple):
    attack: str
    addresses: Sequence[str]
    port: int
    why: str


class Redirect(NamedTuple):
    attack: str
    location: str
    why: str


class Served(NamedTuple):
    attack: str
    answer: bytes | Callable[[], AsyncIterator[bytes]]
    code: str
    why: str

    def make(self) -> Answer:
        return self.answer if isinstance(self.answer, bytes) else self.answer()


class Document(NamedTuple):
    attack: str
    body: bytes
    says: str  # an error's text or a warning


class FileName(NamedTuple):
    attack: str
    name: bytes
    why: str


_ODD = "an unusual form of 127.0.0.1"
_USER = "a user name in the address"
_CLOUD = "the metadata service of a cloud"
ADDRESSES = [
    Address("loopback", "http://127.0.0.1/", "127.0.0.1 is a loopback address"),
    Address("all of loopback", "http://127.8.9.10:8080/", "127.8.9.10 is a loopback address"),
    Address("this host", "http://0.0.0.0/", "0.0.0.0 is an unspecified address"),
    Address("private, 10/8", "http://10.0.0.1/", "10.0.0.1 is a private address"),
    Address("private, 172.16/12", "http://172.31.255.254/", "172.31.255.254 is a private address"),
    Address("private, 192.168/16", "http://192.168.0.1/", "192.168.0.1 is a private address"),
    Address("link-local", "http://169.254.1.1/", "169.254.1.1 is a link-local address"),
    Address("metadata of AWS, Google, Azure", "http://169.254.169.254/latest/", f"169.254.169.254 is {_CLOUD}"),
    Address("metadata of AWS containers", "http://169.254.170.2/v2/", f"169.254.170.2 is {_CLOUD}"),
    Address("metadata of AWS over IPv6", "http://[fd00:ec2::254]/", f"fd00:ec2::254 is {_CLOUD}"),
    Address("metadata of Azure's fabric", "http://168.63.129.16/", f"168.63.129.16 is {_CLOUD}"),
    Address("metadata of Alibaba", "http://100.100.100.200/", f"100.100.100.200 is {_CLOUD}"),
    Address("metadata of Oracle", "http://192.0.0.192/", f"192.0.0.192 is {_CLOUD}"),
    Address("carrier's NAT", "http://100.64.0.1/", "100.64.0.1 is an address behind a carrier's NAT"),
    Address("multicast", "http://224.0.0.1/", "224.0.0.1 is a multicast address"),
    Address("broadcast", "http://255.255.255.255/", "255.255.255.255 is a broadcast address"),
    Address("reserved", "http://240.0.0.1/", "240.0.0.1 is an address that is reserved"),
    Address("benchmarks", "http://198.18.0.1/", "198.18.0.1 is an address for documents and tests"),
    Address("documents", "http://203.0.113.9/", "203.0.113.9 is an address for documents and tests"),
    Address("6to4 relay", "http://192.88.99.1/", "192.88.99.1 is a 6to4 address"),
    Address("decimal", "http://2130706433/", _ODD),
    Address("octal", "http://0177.0.0.1/", _ODD),
    Address("octal, one number", "http://017700000001/", _ODD),
    Address("hexadecimal", "http://0x7f000001/", _ODD),
    Address("hexadecimal and decimal mixed", "http://0x7f.0.0.1/", _ODD),
    Address("short", "http://127.1/", _ODD),
    Address("zero", "http://0/", "an unusual form of 0.0.0.0"),
    Address("too large a number", "http://256.256.256.256/", "a number that is no address"),
    Address("trailing dot", "http://127.0.0.1./", "127.0.0.1 is a loopback address"),
    Address("percent-encoded digits", "http://%31%32%37.0.0.1/", "an escape in the host"),
    Address("percent-encoded dot", "http://127%2e0.0.1/", "an escape in the host"),
    Address("full-width digits", "http://１２７.0.0.1/", "127.0.0.1 is a loopback address"),
    Address("digits in circles", "http://①②⑦.⓪.⓪.①/", "127.0.0.1 is a loopback address"),
    Address("other alphabets' dots", "http://127。0．0｡1/", "127.0.0.1 is a loopback address"),
    Address("IPv6 loopback", "http://[::1]/", "::1 is a loopback address"),
    Address("IPv6 loopback in full", "http://[0:0:0:0:0:0:0:1]/", "::1 is a loopback address"),
    Address("IPv6 unspecified", "http://[::]/", ":: is an unspecified address"),
    Address("unique local", "http://[fd12:3456::1]/", "fd12:3456::1 is a private address"),
    Address("site-local", "http://[fec0::1]/", "fec0::1 is a private address"),
    Address("IPv6 link-local", "http://[fe80::1]/", "fe80::1 is a link-local address"),
    Address("IPv6 multicast", "http://[ff02::1]/", "ff02::1 is a multicast address"),
    Address("outside 2000::/3", "http://[5f00::1]/", "5f00::1 is not a public address"),
    Address("IPv4-mapped", "http://[::ffff:127.0.0.1]/", "::ffff:7f00:1 is 127.0.0.1, a loopback address"),
    Address("IPv4-mapped in hex", "http://[::ffff:a9fe:a9fe]/", f"::ffff:a9fe:a9fe is 169.254.169.254, {_CLOUD}"),
    Address("IPv4-compatible", "http://[::127.0.0.1]/", "::7f00:1 is an IPv4-compatible address"),
    Address("IPv4-translated", "http://[::ffff:0:10.0.0.1]/", "::ffff:0:a00:1 is not a public address"),
    Address("NAT64", "http://[64:ff9b::10.0.0.1]/", "64:ff9b::a00:1 is 10.0.0.1, a private address"),
    Address("local NAT64", "http://[64:ff9b:1::a00:1]/", "64:ff9b:1::a00:1 is a NAT64 address of a local network"),
    Address("6to4", "http://[2002:7f00:1::]/", "2002:7f00:1:: is a 6to4 address"),
    Address("Teredo", "http://[2001:0:7f00:1::]/", "2001:0:7f00:1:: is a Teredo address"),
    Address("ISATAP", "http://[2606:4700::5efe:7f00:1]/", "2606:4700::5efe:7f00:1 is an ISATAP address"),
    Address("zone", "http://[fe80::1%25eth0]/", "a zone of this machine's"),
    Address("zone of a public address", "http://[2606:4700::1111%25eth0]/", "a zone of this machine's"),
    Address("user name before the host", "http://news.example@127.0.0.1/", _USER),
    Address("user name that looks like a port", "http://news.example:80@10.0.0.1/", _USER),
    Address("user name with two @", "http://a@b@10.0.0.1/", _USER),
    Address("empty user name", "http://@news.example/", _USER),
    Address("user name with a password", "https://reporter:hunter2@news.example/", _USER),
    Address("backslash before @", "http://127.0.0.1\\@news.example/", "a backslash in the address"),
    Address("backslashes for slashes", "http:\\\\10.0.0.1\\", "a backslash in the address"),
    Address("space in the host", "http://127.0.0.1 .news.example/", "a space in the address"),
    Address("tab", "http://news.example\t/", "a tab in the address"),
    Address("line break, to add a header", "http://news.example/\r\nHost: x", "a line break in the address"),
    Address("line break in the host", "http://news.example%0d%0a.x.example/", "an escape in the host"),
    Address("NUL", "http://news.example\x00.x.example/", "a NUL in the address"),
    Address("control character", "http://news.example/\x7f", "a control character in the address"),
    Address("soft hyphen", "http://new\u00ads.example/", "not an address"),
    Address("letter that is a slash and more", "http://news℀.example/", "not an address"),
    Address("port 0", "http://news.example:0/", "port 0 in the address"),
    Address("port over 65535", "http://news.example:99999/", "not an address: Port out of range 0-65535"),
    Address("two ports", "http://news.example:80:22/", "not an address"),
    Address("port of SSH", "http://8.8.8.8:22/", "port 22 is not one of the web's (ssh)"),
    Address("port of mail", "http://[2606:4700::1111]:25/", "port 25 is not one of the web's (mail)"),
    Address("port of Redis", "http://8.8.8.8:6379/", "port 6379 is not one of the web's (redis)"),
    Address("scheme file", "file:///etc/passwd", "scheme file"),
    Address("scheme ftp", "ftp://news.example/", "scheme ftp"),
    Address("scheme gopher", "gopher://news.example:6379/_", "scheme gopher"),
    Address("scheme dict", "dict://news.example:11211/", "scheme dict"),
    Address("scheme ldap", "ldap://news.example/", "scheme ldap"),
    Address("scheme data", "data:text/xml,<rss/>", "scheme data"),
    Address("scheme javascript", "javascript:alert(1)", "scheme javascript"),
    Address("scheme jar", "jar:http://news.example!/", "scheme jar"),
    Address("no scheme", "//10.0.0.1/", "scheme missing"),
    Address("no host", "http:///feed", "no host in the address"),
    Address("one slash", "http:/127.0.0.1/", "no host in the address"),
    Address("bracket left open", "http://[::1/", "not an address: Invalid IPv6 URL"),
    Address("over 8,000 characters", "http://news.example/" + "a" * 9000, "the address is 9020 characters long"),
]

RESOLVED = [
    Resolved("a name for loopback", ["127.0.0.66"], 80, "127.0.0.66 is a loopback address"),
    Resolved("a name for a private address", ["10.1.2.3"], 80, "10.1.2.3 is a private address"),
    Resolved("a name for metadata", ["169.254.169.254"], 80, f"169.254.169.254 is {_CLOUD}"),
    Resolved("a name for IPv6 loopback", ["::1"], 80, "::1 is a loopback address"),
    Resolved("a name for a mapped address", ["::ffff:10.0.0.1"], 80, "::ffff:10.0.0.1 is 10.0.0.1, a private address"),
    Resolved("a name for a link with a zone", ["fe80::1%eth0"], 80, "fe80::1%eth0 is a link-local address"),
    Resolved("a name with two private addresses", ["10.0.0.1", "fd00::1"], 80, "fd00::1 is a private address"),
    Resolved("a public name, port of a database", ["8.8.8.8"], 5432, "port 5432 is not one of the web's (postgresql)"),
    Resolved("what the DNS calls an address and is none", ["inside"], 80, "inside is no IP address"),
]

REDIRECTS = [
    Redirect("to a private address", "http://10.0.0.1/", "10.0.0.1 is a private address"),
    Redirect("without a scheme", "//10.0.0.1/", "10.0.0.1 is a private address"),
    Redirect("to metadata", "http://169.254.169.254/latest/meta-data/", f"169.254.169.254 is {_CLOUD}"),
    Redirect("to IPv6 loopback", "http://[::1]/", "::1 is a loopback address"),
    Redirect("to a number", "http://2130706433/", _ODD),
    Redirect("to a mixed form", "http://0x7f.1/", _ODD),
    Redirect("to escaped digits", "http://%31%30.0.0.1/", "an escape in the host"),
    Redirect("with a password", "http://u:p@10.0.0.1/", _USER),
    Redirect("with backslashes", "/\\10.0.0.1/", "a backslash in the address"),
    Redirect("with a tab in the scheme", "ht\ttp://10.0.0.1/", "10.0.0.1 is a private address"),
    Redirect("to a file", "file:///etc/passwd", "scheme file"),
    Redirect("to gopher", "gopher://10.0.0.1:6379/_", "scheme gopher"),
    Redirect("to data", "data:text/xml,<rss/>", "scheme data"),
    Redirect("to a script", "javascript:alert(1)", "scheme javascript"),
    Redirect("to the port of mail", "http://8.8.8.8:25/", "port 25 is not one of the web's (mail)"),
    Redirect("to a name inside", "http://inside.example/", "10.1.2.3 is a private address"),
    Redirect("to what is no address", "http://[::1", "redirects to what is no address"),
    Redirect("without an address", "", "a redirect without a Location"),
    Redirect("to 9,000 characters", "/" + "a" * 9000, "characters long"),
    Redirect("to itself", "/feed", "a redirect loop"),
    Redirect("to ever new addresses", "/feed?n={n}", "more than 5 redirects"),
]


def _coded(coding: str, body: bytes) -> bytes:
    return ok(body, f"Content-Encoding: {coding}")


def _forever(start: bytes, piece: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def answer() -> AsyncIterator[bytes]:
        yield start
        while True:
            yield piece

    return answer


def _dripping(start: bytes, piece: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def answer() -> AsyncIterator[bytes]:
        yield start
        while True:
            yield piece
            await asyncio.sleep(0.05)

    return answer


def _reset(start: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def answer() -> AsyncIterator[bytes]:
        if start:
            yield start
        raise Reset

    return answer


_SLOW, _BIG, _BAD = "too-slow", "too-large", "fetch-failed"
_LATE = "not complete within"
_BOMB = "when decompressed"
_END = "the end is missing"
# SLOW answers end by `total_s`; the others by themselves, by `max_bytes` or by `max_decompressed_bytes`.
SLOW = [
    Served("nothing at all", _dripping(b"", b""), _SLOW, _LATE),
    Served("a drip of body", _dripping(_HEAD, b"x"), _SLOW, _LATE),
    Served("a drip of headers", _dripping(_LINE, b"X: y"), _SLOW, _LATE),
    Served("a drip of chunks", _dripping(_CHUNKED, b"1\r\ny\r\n"), _SLOW, _LATE),
    Served("1xx without end", _forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50), _SLOW, _LATE),
    Served("a chunk extension without end", _forever(_CHUNKED + b"5;a=", b"x" * 65_536), _SLOW, _LATE),
    Served("zeros before a chunk's size, without end", _forever(_CHUNKED, b"0" * 65_536), _SLOW, _LATE),
    Served(
        "chunks of one byte with 10 kB of extension",
        _forever(_CHUNKED, b"1;" + b"x" * 10_000 + b"\r\ny\r\n"),
        _SLOW,
        _LATE,
    ),
]
SERVED = [
    Served("a body without end", _forever(_HEAD, b"x" * 65_536), _BIG, "over 2097152 bytes"),
    Served("chunks without end", _forever(_CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"), _BIG, "over 2097152 bytes"),
    Served("100 MB announced", _LINE + b"Content-Length: 99999999\r\n\r\n", _BIG, "99999999 bytes announced"),
    Served("headers without end", _forever(_LINE, b"X-Line: " + b"y" * 1000 + b"\r\n"), _BAD, "Too many headers"),
    Served("1,000 headers", _LINE + b"X: y\r\n" * 1000 + b"\r\n", _BAD, "Too many headers"),
    Served("a header of 100 kB", _LINE + b"X: " + b"y" * 100_000 + b"\r\n\r\n", _BAD, "more than 32768 bytes"),
    Served("a status line without end", _forever(b"HTTP/1.1 200 ", b"O" * 65_536), _BAD, "more than 16384 bytes"),
    Served("trailers without end", _forever(_CHUNKED + b"0\r\n", b"X: y\r\n" * 100), _BAD, "Too many headers"),
    Served("a trailer without end", _forever(_CHUNKED + b"0\r\nX: ", b"y" * 65_536), _BAD, "more than 32768 bytes"),
    Served(
        "both lengths (request smuggling)",
        _CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        _BAD,
        "Content-Length can't be present with Transfer-Encoding",
    ),
    Served(
        "two Content-Lengths",
        _LINE + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        _BAD,
        "Duplicate Content-Length",
    ),
    Served(
        "a list of Content-Lengths",
        _LINE + b"Content-Length: 3, 5\r\n\r\nabcde",
        _BAD,
        "Invalid character in Content-Length",
    ),
    Served(
        "a negative Content-Length",
        _LINE + b"Content-Length: -5\r\n\r\nbody",
        _BAD,
        "Invalid character in Content-Length",
    ),
    Served(
        "a Content-Length over 64 bits",
        _LINE + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
        _BAD,
        "Content-Length overflow",
    ),
    Served(
        "fewer bytes than announced", _HEAD[:-2] + b"Content-Length: 50\r\n\r\nshort", _BAD, "received 5 of 50 bytes"
    ),
    Served("a chunk size that is no number", _CHUNKED + b"zz\r\n", _BAD, "Invalid character in chunk size"),
    Served("a chunk size over 64 bits", _CHUNKED + b"f" * 19 + b"\r\n", _BAD, "Chunk size overflow"),
    Served("a chunk that is cut", _CHUNKED + b"5\r\nab", _BAD, "Not enough data"),
    Served("a NUL in a header", _LINE + b"X: a\0b\r\n\r\n", _BAD, "Invalid HTTP header"),
    Served("a line break in a header", _LINE + b"X: a\rSet-Cookie: b\r\n\r\n", _BAD, "Missing expected LF"),
    Served("a header without a colon", _LINE + b"Xabc\r\n\r\n", _BAD, "Invalid header token"),
    Served("another protocol", b"SSH-2.0-OpenSSH_9.9\r\n", _BAD, "not an HTTP answer"),
    Served("noise", b"\x00\xff" * 5000, _BAD, "not an HTTP answer"),
    Served("HTTP/2 to a client of HTTP/1.1", b"\0\0\x18\x04\0\0\0\0\0", _BAD, "not an HTTP answer"),
    Served(
        "an upgrade",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        _BAD,
        "HTTP status 101",
    ),
    Served("a part nobody asked for", ok(b"abc", status="206 Partial Content"), _BAD, "HTTP status 206"),
    Served(
        "a redirect by way of a proxy",
        ok(b"", "Location: http://10.0.0.1/", status="305 Use Proxy"),
        _BAD,
        "HTTP status 305",
    ),
    Served("304 to a request without validators", ok(b"", status="304 Not Modified"), _BAD, "HTTP status 304"),
    Served("an end before the answer", b"", _BAD, "Server disconnected"),
    Served("a reset before the answer", _reset(b""), _BAD, "Connection reset by peer"),
    Served(
        "a reset in the body",
        _reset(_HEAD[:-2] + b"Content-Length: 500\r\n\r\n<rss>"),
        _BAD,
        "Connection reset by peer",
    ),
    Served("a gzip bomb", _coded("gzip", gzip.compress(bytes(30 * MIB))), _BIG, "over 300 times"),
    Served("a deflate bomb", _coded("deflate", zlib.compress(bytes(30 * MIB))), _BIG, "over 300 times"),
    Served("a raw deflate bomb", _coded("deflate", zlib.compress(bytes(30 * MIB), wbits=-15)), _BIG, "over 300 times"),
    Served("a brotli bomb", _coded("br", brotli.compress(bytes(30 * MIB), quality=4)), _BIG, "over 300 times"),
    Served("a zstd bomb", _coded("zstd", zstandard.compress(bytes(30 * MIB))), _BIG, "over 300 times"),
    Served(
        "a bomb in a bomb", _coded("gzip, gzip", gzip.compress(gzip.compress(bytes(30 * MIB)))), _BIG, "over 300 times"
    ),
    Served("a bomb as a file, without a coding", ok(gzip.compress(bytes(30 * MIB))), _BIG, "over 300 times"),
    Served("a bomb of many members", _coded("gzip", gzip.compress(bytes(MIB), 1) * 30), _BIG, _BOMB),
    Served(
        "a bomb of modest ratio", _coded("gzip", gzip.compress(random.Random(1).randbytes(4000) * 7000)), _BIG, _BOMB
    ),
    Served("90,000 empty gzip members", _coded("gzip", gzip.compress(b"") * 90_000), _BAD, "over 10000 members"),
    Served("90,000 empty zstd frames", _coded("zstd", zstandard.compress(b"") * 90_000), _BAD, "over 10000 members"),
    Served("a zstd window of 2 TB", _coded("zstd", b"\x28\xb5\x2f\xfd\x00\xff" + bytes(20)), _BAD, "too much memory"),
    Served("a gzip name without end", _coded("gzip", b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * MIB), _BAD, _END),
    Served("a cut gzip", _coded("gzip", gzip.compress(FEED)[:-20]), _BAD, _END),
    Served("a cut deflate", _coded("deflate", zlib.compress(FEED)[:-20]), _BAD, _END),
    Served("a cut brotli", _coded("br", brotli.compress(FEED)[:-20]), _BAD, _END),
    Served("a cut zstd", _coded("zstd", zstandard.compress(FEED)[:-20]), _BAD, _END),
    Served("a coding nobody asked for", _coded("lzma", FEED), _BAD, "unknown content coding 'lzma'"),
    Served("four codings", _coded("gzip,gzip,gzip,gzip", FEED), _BAD, "4 content codings on top of each other"),
    Served("1,000 codings", _coded(",".join(["gzip"] * 1000), FEED), _BAD, "1000 content codings on top of each other"),
]


def _rss(doctype: str, title: str) -> bytes:
    item = f"<item><guid>1</guid><title>{title}</title><description>The ferry sails again.</description></item>"
    return f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'.encode()


def _nitf(doctype: str, title: str) -> bytes:
    head = '<head><docdata><doc-id id-string="1"/></docdata></head>'
    line = f"<body.head><hedline><hl1>{title}</hl1></hedline></body.head>"
    body = f"<body>{line}<body.content><p>The ferry sails again.</p></body.content></body>"
    return f'<?xml version="1.0"?>{doctype}<nitf>{head}{body}</nitf>'.encode()


def _mail_in_mail(depth: int) -> bytes:
    part = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
    head = b"From: a@e.example\r\nMessage-ID: <1@e.example>\r\nMIME-Version: 1.0\r\n"
    return head + b"".join(part % (n, n) for n in range(depth))


def _entities(*definitions: str) -> str:
    return f"<!DOCTYPE r [{''.join(f'<!ENTITY {one}>' for one in definitions)}]>"


SECRET_FILE = Path(__file__).resolve()  # of which the entities below ask; no word of it may come out
_LAUGHS = _entities('a0 "lol"', *(f'a{n} "{f"&a{n - 1};" * 10}"' for n in range(1, 12)))
_FILE = _entities(f'a SYSTEM "{SECRET_FILE.as_uri()}"')
_PARAMETER = f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{SECRET_FILE.as_uri()}"> %p; <!ENTITY a "&#37;p;">]>'
_XINCLUDE = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="{SECRET_FILE.as_uri()}"/>'
_IGNORED = "entity definitions are ignored"
_JSON = b'{"version":"https://jsonfeed.org/version/1.1","title":"t","items":'
DOCUMENTS = [
    Document("a billion laughs", _rss(_LAUGHS, "&a11;"), _IGNORED),
    Document("a billion laughs in NITF", _nitf(_LAUGHS, "&a11;"), _IGNORED),
    Document("quadratic blow-up", _rss(_entities(f'a "{"x" * 100_000}"'), "&a;" * 20_000), _IGNORED),
    Document("entities that are each other", _rss(_entities('a "&b;"', 'b "&a;"'), "&a;"), _IGNORED),
    Document("an external entity, a file", _rss(_FILE, "&a;"), _IGNORED),
    Document("an external entity in NITF", _nitf(_FILE, "&a;"), _IGNORED),
    Document("an external entity in UTF-16", _rss(_FILE, "&a;").decode().encode("utf-16"), _IGNORED),
    Document("a parameter entity", _rss(_PARAMETER, "&a;"), _IGNORED),
    Document("an external DTD", _rss('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">', "t"), "it is not asked for"),
    Document("XInclude", _rss("", _XINCLUDE), "it is text"),
    Document("a stylesheet", _rss('<?xml-stylesheet href="file:///etc/passwd"?>', "t"), "it is not asked for"),
    Document("SVG for a feed", _rss(_FILE, "&a;").replace(b"rss", b"svg"), "no parser reads XML with the root <svg>"),
    Document("100,000 elements in each other", _nitf("", "<b>" * 100_000 + "</b>" * 100_000), "Excessive depth"),
    Document("the same in RSS", _rss("", "<b>" * 100_000 + "</b>" * 100_000), "nested more than 500 deep"),
    Document(
        "200,000 attributes",
        _rss("", "<b " + " ".join(f'a{n}=""' for n in range(200_000)) + "/>"),
        "more than 100 attributes",
    ),
    Document(
        "20,000 namespaces",
        _rss("", "".join(f'<b xmlns:n{n}="u:{n}">' for n in range(20_000))),
        "more than 100 namespaces",
    ),
    Document("JSON 100,000 deep", _JSON + b"[" * 100_000, "depth limit exceeded"),
    Document("a number of a million digits", _JSON + b'[{"id":' + b"9" * 1_000_000 + b"}]}", "number is infinity"),
    Document(
        "four million JSON objects",
        _JSON + b"[" + b"{}," * 4_000_000 + b"{}]}",
        "more than 3,000,000 objects and lists",
    ),
    Document("a mail of 500 multiparts in each other", _mail_in_mail(500), "more than 100 multiparts"),
]

_PATH = "a file name that is a path or has control characters"
FILE_NAMES = [
    FileName("the folder above", b"..", _PATH),
    FileName("a path upwards", b"../../etc/passwd", _PATH),
    FileName("an absolute path", b"/etc/passwd", _PATH),
    FileName("a Windows path", b"..\\..\\boot.ini", _PATH),
    FileName("a NUL, to cut the rest off", b"a.xml\0.jpg", _PATH),
    FileName("a line break, to add a command", b"a.xml\r\nDELE b.xml", _PATH),
    FileName("no name", b"", _PATH),
    FileName("over 1,024 bytes", b"a" * 2000, "a file name of 2000 bytes"),
]


def _shown(text: str) -> str:
    safe = "".join(c if c.isprintable() and c != "|" else c.encode("unicode_escape").decode() for c in text)
    return f"`{safe}`" if len(safe) <= 60 else f"`{safe[:40]}…`"


def tables() -> dict[str, list[tuple[str, ...]]]:
    """The rows of each table of the page, its heading first."""
    return {
        "addresses": [
            ("Attack", "Address", "Refused with"),
            *((c.attack, _shown(c.url), c.why) for c in ADDRESSES),
        ],
        "names": [
            ("The DNS has", "Addresses", "Refused with"),
            *((c.attack, _shown(" ".join(c.addresses)), c.why) for c in RESOLVED),
        ],
        "redirects": [
            ("A redirect", "Location", "Ends with"),
            *((c.attack, _shown(c.location or " "), c.why) for c in REDIRECTS),
        ],
        "answers": [
            ("The server sends", "Error", "Ends with"),
            *((c.attack, _shown(c.code), c.why) for c in (*SLOW, *SERVED)),
        ],
        "documents": [("A document with", "Ends with"), *((c.attack, c.says) for c in DOCUMENTS)],
        "files": [
            ("A file is called", "Name", "Rejected with"),
            *((c.attack, _shown(c.name.decode() or " "), c.why) for c in FILE_NAMES),
        ],
    }


def written(page: str) -> str:
    """`page` with each table between its marks as the cases have it."""
    for name, (head, *rows) in tables().items():
        lines = [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
        begin, end = f"<!-- cases: {name} -->\n", f"<!-- end: {name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        text = begin + "\n" + "\n".join(lines) + "\n\n" + end
        page, count = pattern.subn(lambda _, text=text: text, page)
        assert count == 1, f"{DOCS.name} has {count} places for the table {name}"
    return page


if __name__ == "__main__":
    DOCS.write_text(written(DOCS.read_text()))
