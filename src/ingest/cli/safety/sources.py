"""The registry: what single sources are allowed beyond the rules."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from ingest.cli.safety.unsafe import Unsafe, is_here
from ingest.errors import IngestError
from ingest.model import Source
from ingest.settings import Settings

_NAMED = 5


def _clear(source: Source) -> bool:
    return any(urlsplit(url).scheme in ("http", "ftp") and not is_here(urlsplit(url).hostname) for url in source.urls)


_KINDS: tuple[tuple[Callable[[Source], bool], str, str], ...] = (
    (
        lambda s: s.credential is not None and _clear(s),
        "send their credential in clear (http or ftp)",
        "https, ftps or sftp",
    ),
    (lambda s: not s.options.tls, "read mail without TLS (options.tls = false)", "imaps://…"),
    (
        lambda s: s.credential is None and _clear(s),
        "come over plain http or ftp: anybody on the way can change the news",
        "try https; many publishers have it",
    ),
    (
        lambda s: not s.options.robots,
        "ask for pages that robots.txt disallows (options.robots = false)",
        "only with the publisher's written permission",
    ),
)


def kinds(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    from ingest.sources import load_sources

    try:
        on = [source for source in load_sources(settings.sources).values() if source.enabled]
    except IngestError:
        return  # told as a registry that cannot be read
    for is_one, detail, todo in _KINDS:
        if ids := [source.id for source in on if is_one(source)]:
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            yield Unsafe("sources", f"{', '.join(ids[:_NAMED])}{more} {detail}", todo)


LOOKS = (kinds,)
