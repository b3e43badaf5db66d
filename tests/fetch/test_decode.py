import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import FetchFailed, TooLarge
from ingest.fetch.decode import decompress

CODERS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress, "deflate": zlib.compress}


@settings(max_examples=100)
@given(
    st.binary(max_size=5000).filter(lambda b: not b.startswith(b"\x1f\x8b")),
    st.lists(st.sampled_from(sorted(CODERS)), max_size=3),
)
def test_what_goes_in_comes_out(body: bytes, codings: list[str]) -> None:
    sent = body
    for coding in codings:
        sent = CODERS[coding](sent)
    assert decompress(sent, ", ".join(codings), "x", 10_000) == body


@settings(max_examples=200)
@given(st.sampled_from(sorted(CODERS)), st.binary(max_size=300), st.booleans())
def test_any_bytes_are_a_body_or_a_failure(coding: str, noise: bytes, headed: bool) -> None:
    magic = {"gzip": b"\x1f\x8b\x08", "zstd": b"\x28\xb5\x2f\xfd"}.get(coding, b"")
    try:
        assert len(decompress(magic + noise if headed else noise, coding, "x", 100_000)) <= 100_000
    except FetchFailed as e:
        assert e.subject == "x"


@pytest.mark.parametrize("coding", sorted(CODERS))
@pytest.mark.parametrize("cut", [1, 5, 50])
def test_a_cut_body_is_a_failure(coding: str, cut: int) -> None:
    whole = CODERS[coding](b"".join(b"%d " % n for n in range(5000)))
    with pytest.raises(FetchFailed, match="broken"):
        decompress(whole[:-cut], coding, "x", 100_000)


@pytest.mark.parametrize("coding", sorted(CODERS))
def test_the_limit_is_exact(coding: str) -> None:
    sent = CODERS[coding](bytes(50_000))
    assert len(decompress(sent, coding, "x", 50_000)) == 50_000
    with pytest.raises(TooLarge):
        decompress(sent, coding, "x", 49_999)


def test_the_ratio_is_bounded() -> None:
    with pytest.raises(TooLarge, match="times"):
        decompress(gzip.compress(bytes(5_000_000)), "gzip", "x", 10_000_000)
