"""ANPA 1312: what the real files state of themselves, hostile messages, any bytes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora import corpora
from tests.parse.cases import folders
from tests.parse.hostile import MODEST, mutated, tried
from tests.parse.wire import all_failures

SEEDS = [next(folder.glob("input.*")).read_bytes() for folder in folders("anpa-")]
# Cleaning takes the whole "BUENOS AIRES, Argentina" and "CHATHAM, Mass" for the place of a dateline.
OTHERWISE: set[tuple[str, str]] = set()


def test_facts_of_real_files() -> None:
    failed = all_failures(corpora("wire"), "anpa")
    assert [(file, why) for file, why in failed if (file, why.partition(":")[0]) not in OTHERWISE] == []


@MODEST
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_messages(seed: bytes, dice: random.Random) -> None:
    tried(mutated(seed, dice), "anpa")


@MODEST
@given(st.binary(max_size=100), st.binary(max_size=300), st.binary(max_size=40))
def test_any_bytes_in_a_frame(head: bytes, text: bytes, tail: bytes) -> None:
    tried(b"\x16\x16\x01W0001\x1fnw\n" + head + b"\n\x02" + text + b"\x03" + tail, "anpa")
    tried(head + b"\x01" + text + b"\x02" + tail, "anpa")


@pytest.mark.parametrize(
    "text",
    [
        b"x " * 500_000,
        b"^" * 1_000_000,
        b"^x\ny\n" * 200_000,
        b"^Eds: " * 150_000,
        b"\x08;" * 400_000,
        b"^By A=\n" * 99_999,
        b"^x\n" + b"y\n" * 400_000,
    ],
    ids=["line", "carets", "wrapped", "notes", "tables", "bylines", "endless"],
)
def test_hostile_texts_end(text: bytes) -> None:
    head = b"\x16\x16\x01W0001\x1fnw\nr a\x13\x11 BC-One 03-09 0010\n\x02"
    parsed = tried(head + text + b"\x03NWA-WF-03-09-20 1412GMT<" + text[:1000], "anpa")
    assert parsed is not None and len(parsed.entries) == 1
