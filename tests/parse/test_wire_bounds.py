"""Every wire format, whatever comes: a Parsed or an IngestError, in bounded time and memory.

`timeout` marks stop what is worse than linear; nothing here asserts a time.
"""

import gzip
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError, Malformed
from ingest.model import Parsed, Payload
from ingest.parse import parse
from ingest.parse.decode import decode, opened
from ingest.parse.limits import MAX_BYTES, MAX_ITEMS, MAX_MESSAGE
from tests.parse.cases import folders

FIXTURES = {
    "nitf": "nitf-", "newsml-g2": "newsml-g2-", "newsml-1": "newsml-1-", "agencyxml": "agencyxml-", "wxr": "wxr-",
    "iptc7901": "iptc7901-", "anpa": "anpa-", "ninjs": "ninjs", "apjson": "apjson-", "mail": "mail-",
    "plaintext": "plaintext-", "zczc": "zczc-",
}  # fmt: skip
SEEDS = {name: [next(one.glob("input.*")).read_bytes() for one in folders(part)] for name, part in FIXTURES.items()}
MODEST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Where XML of each format can be made longer or deeper: within the text and among the items.
XML = {
    "nitf": "<nitf><head/><body><body.content>{}</body.content></body></nitf>",
    "nitfs": "<nitfs>{}</nitfs>",
    "newsml-g2": "<newsItem guid='g'><contentMeta/><contentSet><inlineXML>{}</inlineXML></contentSet></newsItem>",
    "newsml-g2 message": "<newsMessage><itemSet>{}</itemSet></newsMessage>",
    "newsml-g2 metadata": "<newsItem guid='g'><contentMeta>{}</contentMeta></newsItem>",
    "newsml-1": "<NewsML><NewsItem><NewsComponent><ContentItem><DataContent>{}</DataContent></ContentItem>"
    "</NewsComponent></NewsItem></NewsML>",
    "newsml-1 message": "<NewsML>{}</NewsML>",
    "agencyxml": "<RBNews><Body>{}</Body></RBNews>",
    "wxr": "<rss xmlns:wp='u' xmlns:content='c'><channel><wp:wxr_version>1.2</wp:wxr_version><item><title>t</title>"
    "<content:encoded>{}</content:encoded></item></channel></rss>",
}
ITEM = {"uri": "urn:a", "type": "text", "headline": "Head", "body_text": "Text."}
ANPA = b"\x16\x16\x01W0101\x1fnwenl\nr z\x13\x11BC-Fair 02-20 0500\n\x02^BC-Fair,2<\n^Fair opens<\n"
IPTC7901 = b"\x01nwa0417 4 i 46 aaaab   nwa 02\nFair/\n\x02Fair opens =\n\n"
MAIL = b"From: Mia <m@x.example>\nReceived: x\nMessage-ID: <1@x>\nSubject: Fair\n"


def tried(body: bytes, format: str = "auto", content_type: str | None = None) -> Parsed | None:
    payload = Payload(source_id="p", url="https://p.example/f", body=body, content_type=content_type)
    try:
        return parse(payload, format)
    except IngestError as e:
        assert e.why
        return None


# ── any prefix, suffix and flipped bit; any encoding ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format", FIXTURES)
@MODEST
@given(st.data())
def test_any_prefix_suffix_and_bit_flip(format: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(SEEDS[format]))
    at = data.draw(st.integers(0, len(body) - 1))
    flipped = bytearray(body)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    for one in (body[:at], body[at:], bytes(flipped)):
        tried(one)
        tried(one, format)


@pytest.mark.parametrize("format", FIXTURES)
@MODEST
@given(st.data(), st.sampled_from(["utf-16", "utf-16-be", "utf-32", "cp1252", "cp037", "utf-7", "iso-2022-jp"]))
def test_nul_bytes_and_mixed_encodings(format: str, data: st.DataObject, encoding: str) -> None:
    body = data.draw(st.sampled_from(SEEDS[format]))
    at = data.draw(st.integers(0, len(body)))
    other = body.decode("utf-8", "replace").encode(encoding, "replace")
    for one in (other, body[:at] + other, body[:at] + b"\x00\xff\xe9\x1b$B" + body[at:], body.replace(b" ", b"\x00")):
        tried(one)
        tried(one, format, f"text/plain; charset={encoding}")


# ── depth, width, bombs ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.timeout(30)
@pytest.mark.parametrize("outside", XML)
@pytest.mark.parametrize("tag", ["a", "p", "newsItem", "NewsComponent", "block"])
def test_ten_thousand_deep_xml(outside: str, tag: str) -> None:
    for inside in (f"<{tag}>" * 10_000 + "x" + f"</{tag}>" * 10_000, f"<{tag}>" * 10_000):
        tried(XML[outside].format(inside).encode())


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "opening, closing", [("[", "]"), ('{"a":', "}"), ('{"associations":{"a":', "}}"), ('[{"a":', "}]")]
)
def test_ten_thousand_deep_json(opening: str, closing: str) -> None:
    deep = opening * 10_000 + "1" + closing * 10_000
    for body in (deep, opening * 10_000, json.dumps(ITEM)[:-1] + f', "subject": {deep}}}'):
        for format in ("auto", "ninjs", "apjson", "jsonfeed"):
            assert tried(body.encode(), format) is None


@pytest.mark.timeout(30)
@pytest.mark.parametrize("outside", XML)
def test_entities_are_not_expanded_and_nothing_is_fetched(outside: str) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))
    wide = f'<!ENTITY w "{"wide" * 20_000}">'
    file = f'<!ENTITY f SYSTEM "file://{__file__}"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;'
    inside = f"<p>&a9;{'&w;' * 2_000}&f;</p>"
    parsed = tried(f"<!DOCTYPE x [{laughs}{wide}{file}]>{XML[outside].format(inside)}".encode())
    told = parsed.model_dump_json() if parsed else ""
    assert len(told) < 100_000
    assert "hahaha" not in told
    assert "hypothesis" not in told


@pytest.mark.timeout(60)
@pytest.mark.parametrize("outside", XML)
def test_a_third_of_a_megabyte_of_one_thing_in_xml(outside: str) -> None:
    for inside in ("&", "&a;", "<![CDATA[]]>&", "<p>x</p>", "<p xmlns='u'/>", "<a:b/>", "<!-- ", "<?x ", "]]>", "\x00"):
        tried(XML[outside].format(inside * (300_000 // len(inside))).encode())


@pytest.mark.timeout(60)
@pytest.mark.parametrize("start", [ANPA, IPTC7901], ids=["anpa", "iptc7901"])
@pytest.mark.parametrize(
    "piece",
    [b"^", b"^a\n", b"\t;;;\n", b"By x=\n", b"\x02", b"\x03", b"\x08;", b"KILL ", b"1st Ld ", b"# ", b"not for"],
)
def test_a_megabyte_of_one_thing_on_the_wire(start: bytes, piece: bytes) -> None:
    parsed = tried(start + piece * (1_000_000 // len(piece)))
    assert parsed is not None
    assert len(parsed.entries) == 1


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", [b"(", b":", b"12:", b"http://", b"<", b'"', b";", b";a=b", b"=?utf-8?q?a?= ", b"\\"])
@pytest.mark.parametrize("header", [b"From: a", b"Subject: a", b"Content-Type: text/plain; a", b"Date: 1 "])
def test_a_megabyte_of_one_thing_in_a_header(header: bytes, piece: bytes) -> None:
    mail = b"Received: x\nFrom: a@x.example\nSubject: Fair\n\nText."
    parsed = tried(header + piece * (1_000_000 // len(piece)) + b"\n" + mail, "mail")
    assert parsed is not None


@pytest.mark.timeout(30)
def test_messages_within_messages_and_a_flowing_megabyte() -> None:
    assert tried(MAIL + b"Content-Type: message/rfc822\n\n" * 5_000) is None
    assert tried(MAIL + b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * 100_000) is None
    parsed = tried(MAIL + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 300_000)
    assert parsed is not None
    assert (parsed.entries[0].html or "").strip() == ("a " * 300_000).strip()


# ── more than is read ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        b"<nitfs>" + b"<nitf/>" * (MAX_ITEMS + 1) + b"</nitfs>",
        b"<NewsML>" + b"<NewsItem/>" * (MAX_ITEMS + 1) + b"</NewsML>",
        b"<newsMessage><itemSet>" + b"<newsItem/>" * (MAX_ITEMS + 1) + b"</itemSet></newsMessage>",
        b"\x01nwa0417 4 i 46 nwa 02\n\x02a\x03" * (MAX_ITEMS + 1),
        b"[" + b",".join([json.dumps(ITEM).encode()] * (MAX_ITEMS + 1)) + b"]",
        b"HEADLINE: x\nSLUG: y\n\nText\n" + b"NNNN\n" * (MAX_ITEMS + 1),
    ],
    ids=["nitf", "newsml-1", "newsml-g2", "iptc7901", "ninjs", "plaintext"],
)
def test_too_many_items_are_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"more than 20,000 .*split the file"):
        parse(Payload(source_id="p", url="f", body=body))


def test_rejects_are_bounded_like_entries() -> None:
    parsed = parse(Payload(source_id="p", url="f", body=b"<nitfs>" + b"<nitf/>" * 30 + b"</nitfs>"), max_items=10)
    assert len(parsed.rejects) == 10
    assert parsed.warnings == ("only the first 10 of 30 rejects are told",)


@pytest.mark.parametrize("start", [ANPA, IPTC7901], ids=["anpa", "iptc7901"])
def test_a_message_that_is_too_long_hides_no_other(start: bytes) -> None:
    parsed = tried(start + b"Text.\n" * (MAX_MESSAGE // 6 + 1) + b"\x03\n" + start + b"Text.\n\x03")
    assert parsed is not None
    assert len(parsed.entries) == 1
    assert [one.code for one in parsed.rejects] == ["too-long"]


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "start",
    [b"<nitf><head/><body>", b"<newsItem>", b"<NewsML>", ANPA, IPTC7901, b'[{"uri":"', MAIL, b"HEADLINE: "],
    ids=["nitf", "newsml-g2", "newsml-1", "anpa", "iptc7901", "ninjs", "mail", "plaintext"],
)
def test_200_megabytes_are_refused(start: bytes) -> None:
    with pytest.raises(Malformed, match="more than 60,000,000"):
        parse(Payload(source_id="p", url="f", body=start.ljust(200_000_000, b"a")))


def test_200_megabytes_packed_are_refused() -> None:
    bomb = gzip.compress(b"<nitf>".ljust(200_000_000, b" "), compresslevel=1)
    with pytest.raises(Malformed, match="bomb"):
        parse(Payload(source_id="p", url="f", body=bomb))


LARGEST = f"""
import ast, resource, sys
from ingest.errors import IngestError
from ingest.model import Payload
from ingest.parse import parse
start, piece, end = map(ast.literal_eval, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
room = {MAX_BYTES} - len(start) - len(end)
try:
    parse(Payload(source_id="p", url="f", body=start + piece * (room // len(piece)) + end))
except IngestError as e:
    print(e)
"""


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "start, piece, end",
    [
        (b"<nitf><head/><body><body.content>", b"<p/>", b"</body.content></body></nitf>"),
        (b"<nitf><head/><body><body.content>", b"<p>&</p>", b"</body.content></body></nitf>"),
        (b"<nitf><head/><body><body.content>", b"<p>" + b"a " * 50 + b"</p>", b"</body.content></body></nitf>"),
        (b"<newsMessage><itemSet>", b"<newsItem a='' b='' c=''/>", b"</itemSet></newsMessage>"),
        (b"<NewsML>", b"<NewsItem>", b""),
        (b"[", b"[],", b"0]"),
        (b'[{"uri":"u","headline":"h"', b',"k":[1.5]', b"}]"),
        (ANPA, b"\ta\n", b"\x03"),
        (MAIL + b"\n", b"a\n", b""),
        (MAIL + b"\n", b"a" * 40 + b"\n", b""),
        (b"HEADLINE: x\nSLUG: y\n\n", b"a\n", b""),
    ],
    ids=["tags", "references", "text", "items", "unclosed", "lists", "keys", "lines", "mail", "long-mail", "plaintext"],
)
def test_the_largest_payload_fits_into_memory(start: bytes, piece: bytes, end: bytes) -> None:
    """In a process of its own that may not have more; a MemoryError there is a failure here."""
    given = [sys.executable, "-c", LARGEST, *map(repr, (start, piece, end))]
    done = subprocess.run(given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]


# ── what is shared between payloads ─────────────────────────────────────────────────────────────────────────────


def test_threads_read_as_one_does() -> None:
    bodies = [body for format in ("nitf", "newsml-g2", "newsml-1", "ninjs", "anpa") for body in SEEDS[format]]
    alone = [tried(body) for body in bodies]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tried, bodies * 3)) == alone * 3


def test_a_copy_with_another_body_is_decoded_anew() -> None:
    first = opened(Payload(source_id="p", url="f", body=b"one"))
    assert decode(first).text == "one"
    second = first.model_copy(update={"body": b"two"})
    assert decode(second).text == "two"
    assert decode(first).text == "one"


@pytest.mark.timeout(30)
def test_topics_of_a_document_are_read_once_and_not_for_each_item() -> None:
    topics = "".join(f'<Topic Duid="t{n}"><FormalName Scheme="N2">X{n}</FormalName></Topic>' for n in range(3_000))
    item = (
        "<NewsItem><NewsComponent><NewsLines><HeadLine>Fair</HeadLine></NewsLines><DescriptiveMetadata>"
        '<TopicOccurrence Topic="#t7"/></DescriptiveMetadata></NewsComponent></NewsItem>'
    )
    body = f"<NewsML><TopicSet>{topics}</TopicSet><NewsEnvelope/>{item * 3_000}</NewsML>"
    parsed = tried(body.encode())
    assert parsed and {one.subjects[0].code for one in parsed.entries} == {"X7"}
