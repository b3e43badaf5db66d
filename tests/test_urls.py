import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.urls import canonical_url, url_key

SAME = [
    ("HTTPS://Example.COM:443/a/b?utm_source=rss&utm_medium=feed#top", "https://example.com/a/b"),
    ("http://example.com", "http://example.com/"),
    ("http://example.com:8080/x", "http://example.com:8080/x"),
    ("https://example.com/a?b=2&fbclid=x&a=1", "https://example.com/a?b=2&a=1"),
    ("https://example.com/a?id=7&from=rss", "https://example.com/a?id=7"),
    ("https://example.com/a?from=2024-01-01", "https://example.com/a?from=2024-01-01"),
    ("https://example.com/search?q=ref+utm", "https://example.com/search?q=ref+utm"),
    ("https://example.com/a?q=a%20b&c", "https://example.com/a?q=a%20b&c"),
    ("https://example.com/a/../b/./c", "https://example.com/b/c"),
    ("https://example.com/%7Euser/caf%c3%a9", "https://example.com/~user/caf%C3%A9"),
    ("https://example.com/café?x=ü", "https://example.com/caf%C3%A9?x=%C3%BC"),
    ("https://bücher.example/x y", "https://xn--bcher-kva.example/x%20y"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://example.com./a?", "https://example.com/a"),
    ("https://example.com/app#!/story/1", "https://example.com/app#!/story/1"),
    ("http://[2001:DB8::1]/x", "http://[2001:db8::1]/x"),
    ("  https://example.com/a\n", "https://example.com/a"),
]


@pytest.mark.parametrize(("given_url", "expected"), SAME)
def test_one_form(given_url: str, expected: str) -> None:
    assert canonical_url(given_url) == expected


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "/a/b",
        "http://",
        "http://[",
        "http://a:b/",
        "tag:x,2024:1",
    ],
)
def test_no_address(url: str | None) -> None:
    assert canonical_url(url) is None


@pytest.mark.parametrize("url", [None, "", " "])
def test_no_address_is_not_its_base(url: str | None) -> None:
    """Else all items without an address would be one, at the feed's own."""
    assert canonical_url(url, "https://example.com/rss") is None


def test_relative_to_a_base() -> None:
    assert canonical_url("../c?utm_term=x", "https://example.com/a/b/") == "https://example.com/a/c"
    assert canonical_url("//other.example/c", "https://example.com/") == "https://other.example/c"


def test_keys_compare_what_differs_in_form_only() -> None:
    forms = ["http://www.example.com/a/", "https://example.com/a", "https://example.com/a/index.html?utm_source=x"]
    assert {url_key(form) for form in forms} == {"example.com/a"}
    assert url_key("https://example.com/a?id=1") != url_key("https://example.com/a?id=2")
    assert url_key("no address") is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "http://example.com/", "https://h.example/a?"]))
def test_twice_is_once(text: str, start: str) -> None:
    once = canonical_url(start + text)
    assert once is None or canonical_url(once) == once
