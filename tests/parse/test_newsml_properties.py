"""NewsML-G2 and NewsML 1: any bytes in, a Parsed or an IngestError out, in bounded time."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.model import Parsed, Payload
from ingest.parse import parse
from tests.parse.cases import folders

SEEDS = [next(one.glob("input.*")).read_bytes() for one in folders("newsml")]
SCRAPS = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"\x00", b"\xff", b"<newsItem>", b"</newsItem>", b"<NewsItem>", b"<name/>",
    b" qcode=':'", b" qcode='a:b:c'", b" uri='http://['", b" href='http://['", b" rank='9999999999'", b"<!DOCTYPE x [",
    b"<groupRef idref='root'/>", b"<embargoed/>", b"<!-- x -->", b"<?x y?>", b"&undefined;", b"<DataContent>",
    b"<html/>", b"<itemMeta/>", b"<NewsComponent>",
    b"</NewsComponent>", b"<person/>", b"<subject><bag><bit/></bag></subject>",
]  # fmt: skip


def tried(body: bytes, format: str = "auto") -> Parsed | None:
    try:
        return parse(Payload(source_id="w", url="https://wire.example/f", body=body), format)
    except IngestError as e:
        assert e.why
        return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_items_are_read_or_refused(seed: bytes, dice: random.Random) -> None:
    body = bytearray(seed)
    for _ in range(dice.randint(1, 5)):
        at, end = sorted((dice.randint(0, len(body)), dice.randint(0, len(body))))
        match dice.randint(0, 5):
            case 0:
                body[at:at] = dice.choice(SCRAPS)
            case 1:
                del body[at : min(end, at + 60)]
            case 2:
                body[at : at + 1] = bytes([dice.randint(0, 255)])
            case 3:
                body[at:at] = body[at : min(end, at + 300)]
            case 4:
                del body[at:]
            case 5:
                del body[:at]
    first, second = tried(bytes(body)), tried(bytes(body))
    assert first == second


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["newsml-g2", "newsml-1"]), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(format: str, body: bytes) -> None:
    tried(body, format)
    tried(b"<newsItem>" + body + b"</newsItem>", format)
    tried(b"<NewsML><NewsItem>" + body + b"</NewsItem></NewsML>", format)


@pytest.mark.parametrize(
    "inside",
    ["<newsItem>", "<newsItem guid='a'>", "</newsItem>", "<b>", "<newsItem><b></newsItem>", "&", "<"],
)
@pytest.mark.parametrize(
    "outside", ["<newsMessage><itemSet>{}</itemSet>", "<newsMessage>{}</newsMessage>", "<NewsML>{}"]
)
def test_hostile_repetition_ends(inside: str, outside: str) -> None:
    """200 kB of it; pytest-timeout stops what is worse than linear."""
    tried(outside.format(inside * (200_000 // len(inside))).encode())


@pytest.mark.parametrize(
    "inside",
    ["<creator><name>a{}</name></creator>", "<subject qcode='a:{}'/>", "<genre literal='a{}'/>",
     "<located literal='{}'/>", "<keyword rank='{}'>a{}</keyword>", "<headline>{}</headline>",
     "<description>{}</description>", "<altId/>"],
)  # fmt: skip
def test_hostile_width_ends(inside: str) -> None:
    many = "".join(inside.replace("{}", str(n)) for n in range(10_000))
    parsed = tried(f"<newsItem guid='w'><contentMeta>{many}<headline>h</headline></contentMeta></newsItem>".encode())
    assert parsed is not None
    assert len(parsed.entries) == 1


@pytest.mark.parametrize("inside", ["<edNote>a{}</edNote>", "<link guidref='a{}'/>", "<signal qcode='a:{}'/>"])
def test_hostile_width_of_management_ends(inside: str) -> None:
    many = "".join(inside.replace("{}", str(n)) for n in range(10_000))
    parsed = tried(f"<newsItem guid='w'><itemMeta><title>h</title>{many}</itemMeta></newsItem>".encode())
    assert parsed is not None
    assert len(parsed.entries) == 1


def test_a_circle_of_ten_thousand_groups_ends() -> None:
    groups = "".join(f"<group id='g{n}'><groupRef idref='g{(n + 1) % 10_000}'/></group>" for n in range(10_000))
    meta = "<contentMeta><headline>h</headline></contentMeta>"
    parsed = tried(f"<packageItem guid='p'>{meta}<groupSet root='g0'>{groups}</groupSet></packageItem>".encode())
    assert parsed is not None
    assert parsed.entries[0].type == "composite"


def test_all_items_of_a_large_message() -> None:
    item = "<newsItem guid='g{}'><contentMeta><headline>h</headline></contentMeta></newsItem>"
    items = "".join(item.format(n) for n in range(3_000))
    parsed = tried(f"<newsMessage><itemSet>{items}<newsItem guid='cut'><contentMeta>".encode())
    assert parsed is not None
    assert len(parsed.entries) == 3_000
    assert [one.code for one in parsed.rejects] == ["malformed-item"]
