"""The demo's sources.toml."""

from collections.abc import Iterator
from pathlib import Path

from ingest.demo.faults import FAULTS, fault_path
from ingest.demo.outlets import AGENCIES, OUTLETS, Outlet
from ingest.demo.site import feed_paths

_HEAD = """# The demo newsroom. Start it with `ingest demo`; then INGEST_ALLOW_NETS=127.0.0.0/8 lets it be fetched.

[defaults]
every = "1h"
limits = { max_bytes = 4000000, total_s = 20.0 }
"""

_FAULT_LIMITS = {
    "fault-slow": "{ total_s = 2.0 }",
    "fault-endless": "{ total_s = 2.0 }",
    "fault-huge": "{ max_bytes = 1000000 }",
    "fault-bomb": "{ max_bytes = 1000000, max_decompressed_bytes = 5000000 }",
}


def write_sources(path: Path, base_url: str, folder: Path, *, faults: bool = True) -> None:
    """Write the registry of the demo served at `base_url` with its folder source in `folder`.

    `faults=False` leaves out the sources that give nothing but trouble.
    """
    tables = [_table(outlet, base_url, folder) for outlet in OUTLETS]
    if faults:
        tables += [_fault(source_id, base_url) for source_id in FAULTS]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([_HEAD, *tables]), "utf-8")


def _table(outlet: Outlet, base_url: str, folder: Path) -> str:
    return "\n".join([f"[sources.{outlet.id}]", *_settings(outlet, base_url, folder)]) + "\n"


def _settings(outlet: Outlet, base_url: str, folder: Path) -> Iterator[str]:
    yield f'name = "{outlet.name}"'
    if outlet.folder:
        yield f'url = "{folder.resolve().as_posix()}"'
        yield 'transport = "folder"'
        yield "limits = { quiet_s = 0.0 }  # the newsroom puts its files there whole"
    else:
        urls = [f'"{base_url}{_asked(outlet, path)}"' for path in feed_paths(outlet)]
        yield f"url = {urls[0] if len(urls) == 1 else '[' + ', '.join(urls) + ']'}"
    if outlet.id in AGENCIES:
        yield f'provider = "{AGENCIES[outlet.id].name}"'
        yield 'every = "15m"'
    yield f'language = "{outlet.language}"'
    if outlet.zone != "UTC":
        yield f'zone = "{outlet.zone}"'
    if outlet.page_only:
        yield 'full_text = "page"'
    yield from _rules(outlet)
    kind = "fault" if outlet.id.startswith("fault-") else "agency" if outlet.id in AGENCIES else "outlet"
    yield f'tags = ["demo", "{kind}"]'


def _rules(outlet: Outlet) -> Iterator[str]:
    if outlet.id == "valley-post":
        yield (
            'rules = [{ selector = ".newsletter-box", kind = "subscribe", '
            'reason = "a box in the middle of every story" }]'
        )
    elif outlet.id == "harbour-herald":
        yield (
            'rules = [{ pattern = "^Join our new Harbour Channel", kind = "promo", '
            'reason = "on top of every story since they opened it" }]'
        )


def _asked(outlet: Outlet, path: str) -> str:
    """Where the registry asks: a moved feed is asked at its old address."""
    return f"/moved{path}" if outlet.id == "fault-moved" else path


def _fault(source_id: str, base_url: str) -> str:
    lines = [f"[sources.{source_id}]", f'name = "{source_id}"', f'url = "{base_url}{fault_path(source_id)}"']
    if source_id in _FAULT_LIMITS:
        lines.append(f"limits = {_FAULT_LIMITS[source_id]}")
    return "\n".join([*lines, 'tags = ["demo", "fault"]']) + "\n"
