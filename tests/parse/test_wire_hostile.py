"""ninjs, AP's JSON, mail and header lines made to hurt: a Parsed or an IngestError, and soon."""

import json
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError, Malformed
from ingest.model import Entry, Parsed, Payload
from ingest.parse import formats, parse
from ingest.parse.apjson import AP_NAMES as AP_FIELDS
from ingest.parse.headerlines import FIELDS as HEADERS
from ingest.parse.headerlines import take
from ingest.parse.ninjsfields import FIELDS as NINJS_FIELDS

MODEST = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NINJS = sorted({name.replace("*", "x") for names in (*NINJS_FIELDS.values(), *AP_FIELDS.values()) for name in names})
INNER = [
    "name",
    "code",
    "uri",
    "literal",
    "scheme",
    "rel",
    "role",
    "value",
    "href",
    "contentType",
    "type",
    "item",
    "width",
]
LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
VALUE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=5), inner),
    max_leaves=12,
)
ITEM = st.dictionaries(st.sampled_from([*NINJS, "versionCreated", "altids", "bylines", "nitf", "person"]), VALUE)


def tried(body: bytes, format: str = "auto") -> Parsed | None:
    try:
        return parse(Payload(source_id="p", url="https://p.example/f", body=body), format)
    except IngestError as e:
        assert e.why
        return None


@MODEST
@given(ITEM, st.sampled_from(["ninjs", "auto"]))
def test_any_value_in_any_field_of_ninjs(item: dict[str, object], format: str) -> None:
    good = {"uri": "urn:good", "type": "text", "headline": "Good", "body_text": "Text."}
    parsed = tried(json.dumps([item, good]).encode(), format)
    assert parsed is not None
    assert parsed.entries[-1].guid == "urn:good"


@MODEST
@given(ITEM)
def test_any_value_in_any_field_of_ap(item: dict[str, object]) -> None:
    good = {"item": {"altids": {"itemid": "a" * 32}, "headline": "Good"}}
    parsed = tried(json.dumps({"api_version": "1", "data": {"items": [{"item": item}, item, good]}}).encode())
    assert parsed is not None
    assert parsed.entries[-1].guid == "a" * 32


@MODEST
@given(
    st.dictionaries(st.sampled_from(["From", "Date", "Subject", "Content-Type", "Message-ID"]), st.text(max_size=60)),
    st.binary(max_size=200),
    st.sampled_from(["base64", "quoted-printable", "8bit", "uuencode", "x"]),
)
def test_any_header_and_any_bytes_in_a_mail(headers: dict[str, str], body: bytes, coding: str) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in headers.items())
    tried(f"Received: x\nContent-Transfer-Encoding: {coding}\n{head}\n".encode() + body, "mail")


@MODEST
@given(st.lists(st.sampled_from(sorted(HEADERS)) | st.text(max_size=10), max_size=8), st.text(max_size=80))
def test_no_text_is_lost_with_header_lines(names: list[str], text: str) -> None:
    lines = "\n".join(f"{name.replace('_', ' ')}: said {number}" for number, name in enumerate(names))
    taken = take(f"{lines}\n\nbody {text}")
    assert "body" in taken.body or taken.known == 0 or any("body" in value for value in taken.fields.values())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line", ["a: " * 400_000, " " * 1_000_000, "=?utf-8?Q?" * 100_000, "From: " * 200_000, ":" * 1_000_000]
)
def test_a_line_of_a_megabyte(line: str) -> None:
    tried(line.encode(), "plaintext")
    tried(f"HEADLINE: x\nSLUG: {line}\n\n{line}".encode())
    tried(f"Received: x\nFrom: a@b.example\nSubject: {line}\n\n{line}".encode(), "mail")
    tried(json.dumps({"uri": "u", "headline": line, "ednote": line, "body_html": line, "byline": line}).encode())


@pytest.mark.timeout(20)
def test_multiparts_in_multiparts_and_items_in_items() -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(5_000))
    assert tried(f"Received: x\nFrom: a@b.example\n{deep}".encode(), "mail") is None
    item: dict[str, object] = {"uri": "urn:0", "headline": "0", "body_text": "x"}
    for number in range(200):
        item = {"uri": f"urn:{number}", "headline": "x", "body_text": "x", "associations": {"a": item}}
    parsed = tried(json.dumps(item).encode())
    assert parsed is not None
    assert len(parsed.entries) == 4  # itself and three levels


def test_a_mail_of_headers_alone_is_turned_down_before_it_is_read() -> None:
    with pytest.raises(Malformed, match="headers in one message"):
        parse(Payload(source_id="p", url="u", body=b"From: a@b.example\nReceived: x\n" + b"X: y\n" * 300_000), "mail")


def test_many_small_messages_are_all_read() -> None:
    one = EmailMessage()
    one["From"], one["Subject"], one["Message-ID"] = "Mia <m@x.example>", "S", "<1@x>"
    one.set_content("Text.\n")
    parsed = tried(b"".join(b"From m Fri Mar  1 09:00:00 2024\n" + bytes(one) + b"\n" for _ in range(300)))
    assert parsed is not None
    assert len(parsed.entries) == 300


def test_a_page_of_links_is_no_news_item() -> None:
    for text in ('{"data": {"items": []}}', '{"items": [{"id": 1, "title": "x"}]}', "[]", "[1]", '{"type": "text"}'):
        assert tried(text.encode()) is None, text


def test_what_only_looks_like_mail_or_headers_is_not_claimed() -> None:
    for text in (
        "Note: this is a text.\n\nIt goes on.",
        "To: whom it may concern\n\nHello",
        "Rome: a city. Bari: one too.",
    ):
        assert tried(text.encode()) is None, text


def test_every_table_names_fields_of_the_entry() -> None:
    known = {*Entry.model_fields, "holder", "notice", "usage_terms", "credit_line", "body", "ignored", "images"}
    for name in (*NINJS_FIELDS, *HEADERS):
        assert name.removeprefix("rights.") in known, name
    assert {"ninjs", "apjson", "mail", "wxr", "plaintext", "agencyxml"} <= set(formats())
