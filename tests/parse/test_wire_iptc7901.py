"""IPTC 7901: what the real files state of themselves, hostile messages, any bytes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora import corpora
from tests.parse.cases import folders
from tests.parse.hostile import MODEST, mutated, tried
from tests.parse.wire import all_failures

SEEDS = [next(folder.glob("input.*")).read_bytes() for folder in folders("iptc7901-")]


def test_facts_of_real_files() -> None:
    failed = all_failures(corpora("wire"), "iptc7901")
    assert failed == []


@MODEST
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_messages(seed: bytes, dice: random.Random) -> None:
    tried(mutated(seed, dice), "iptc7901")


@MODEST
@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=40))
def test_any_bytes_in_a_frame(head: bytes, text: bytes, tail: bytes) -> None:
    tried(b"\x01nwa1 4 i 10 " + head + b"\x02" + text + b"\x03" + tail, "iptc7901")
    tried(head + b"\x01" + text + b"\x02" + tail, "iptc7901")


@pytest.mark.parametrize(
    "text",
    [
        b"x " * 500_000,
        b"\n" * 1_000_000,
        b"   \n" * 300_000,
        b"publication " * 90_000,
        b"[a](" * 250_000,
        b"# " * 400_000,
    ],
    ids=["line", "blank", "spaces", "private", "links", "notebook"],
)
def test_hostile_texts_end(text: bytes) -> None:
    parsed = tried(b"\x01nwa1 4 i 10 nwa 1\r\n\n" + text[:1000] + b"\x02" + text + b"\x03" + text[:1000], "iptc7901")
    assert parsed is not None and len(parsed.entries) == 1


def test_too_many_messages_are_refused() -> None:
    assert tried(b"\x01" * 1_000_000, "iptc7901") is None
