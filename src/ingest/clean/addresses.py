"""Canonical addresses, remembered: a site's texts link to the same few pages again and again."""

from functools import lru_cache

from ingest.urls import canonical_url

_MAX_CHARS = 500  # of an address that is remembered, so that what is remembered stays small


def address(url: str | None, base: str | None) -> str | None:
    """`ingest.urls.canonical_url`."""
    if not url or len(url) > _MAX_CHARS or len(base or "") > _MAX_CHARS:
        return canonical_url(url, base)
    return _remembered(url, base)


@lru_cache(maxsize=4096)
def _remembered(url: str, base: str | None) -> str | None:
    return canonical_url(url, base)
