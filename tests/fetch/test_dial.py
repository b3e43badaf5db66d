"""Addresses of wires, and names that come from outside: any text is an answer or a clear error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import Refused
from ingest.fetch.dial import split_url
from ingest.fetch.ftp import _from_mlsd
from ingest.fetch.imap import _utf7
from ingest.fetch.ledger import check_name, shown


@pytest.mark.parametrize(
    ("url", "user", "path", "pattern", "file"),
    [
        ("sftp://desk@x.example/in/*.xml", "desk", b"in/", "*.xml", "sftp://x.example:22/in/a%20b"),
        ("sftp://d%40y@x.example:2222/caf%C3%A9", "d@y", b"caf\xc3\xa9", None, "sftp://x.example:2222/caf%C3%A9/a%20b"),
        ("ftp://[::1]/%2Fsrv", None, b"/srv", None, "ftp://[::1]:22//srv/a%20b"),
        ("ftp://x.example/#1?.xml", None, b"", "#1?.xml", "ftp://x.example:22/a%20b"),
    ],
)
def test_addresses(url: str, user: str | None, path: bytes, pattern: str | None, file: str) -> None:
    where = split_url(url, 22)
    assert (where.user, where.path, where.pattern, where.url(b"a b")) == (user, path, pattern, file)


@pytest.mark.parametrize(
    "url",
    [
        "sftp:///in",
        "ftp://u:hunter2@x.example/",
        "ftp://x.example/a%0D%0ADELE%20b",
        "sftp://x.example/../x",
        "ftp://[::",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Refused) as refused:
        split_url(url, 22)
    assert "hunter2" not in str(refused.value)


@settings(max_examples=100)
@given(st.text())
def test_any_address(rest: str) -> None:
    try:
        where = split_url(f"ftp://{rest}", 21)
    except Refused:
        return
    assert b"\r" not in where.path and where.url(b"x").isascii() is where.host.isascii()


@settings(max_examples=100)
@given(st.binary())
def test_any_line_of_a_listing_and_any_name(line: bytes) -> None:
    known = b"type=file;size=3;modify=20260101000000; "
    assert _from_mlsd(known + line) == ("file", 3, "20260101000000", line)
    _from_mlsd(line)
    shown(line).encode()
    try:
        check_name(line)
    except Refused:
        return
    assert b"/" not in line and b"\0" not in line


def test_mailbox_names() -> None:
    # RFC 3501 5.1.3 has the first one
    assert _utf7("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
    assert _utf7("Q&A") == "Q&-A"
