"""What readers may expect of feeds, well formed or not: data/feeds.toml, a table of documents and what they hold."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import IngestError
from ingest.model import Parsed, Payload
from ingest.parse import parse

TABLE = tomllib.loads((Path(__file__).parent / "data" / "feeds.toml").read_text())
NAMESPACES = " ".join(
    f"xmlns:{prefix}='{uri}'"
    for prefix, uri in {
        "atom": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
        "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
        "georss": "http://www.georss.org/georss",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "l": "http://purl.org/rss/1.0/modules/link/",
        "media": "http://search.yahoo.com/mrss/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "sy": "http://purl.org/rss/1.0/modules/syndication/",
        "taxo": "http://purl.org/rss/1.0/modules/taxonomy/",
        "thr": "http://purl.org/syndication/thread/1.0",
        "wfw": "http://wellformedweb.org/CommentAPI/",
        "xhtml": "http://www.w3.org/1999/xhtml",
    }.items()
)
_ATOM10, _ATOM03 = "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"
WRAPPERS = {
    "document": "{}",
    "rss channel": f"<rss version='2.0' {NAMESPACES}><channel>{{}}</channel></rss>",
    "rss item": f"<rss version='2.0' {NAMESPACES}><channel><title>Harbour</title><item>{{}}</item></channel></rss>",
    "atom entry": f"<feed xmlns='{_ATOM10}' {NAMESPACES}><title>Harbour</title><author><name>Feed Desk</name></author>"
    "<entry>{}</entry></feed>",
    "atom03 entry": f"<feed version='0.3' xmlns='{_ATOM03}' {NAMESPACES}><title>Harbour</title><tagline>T</tagline>"
    "<entry>{}</entry></feed>",
    "rdf item": f"<rdf:RDF xmlns='http://purl.org/rss/1.0/' {NAMESPACES}><channel rdf:about='http://h.example/'>"
    "<title>Harbour</title></channel><item rdf:about='http://h.example/about'>{}</item></rdf:RDF>",
}


def cases() -> Iterator[Any]:
    for group, table in TABLE.items():
        for case in table["cases"]:
            wanted = {key: value for key, value in case.items() if key not in {"name", "in"}}
            body = WRAPPERS[table["as"]].replace("{}", case["in"])
            yield pytest.param(body, wanted, id=f"{group}: {case['name']}")


def read(body: str) -> Parsed:
    return parse(Payload(source_id="t", url="https://h.example/feeds/main.xml", body=body.encode()))


def facts(parsed: Parsed) -> dict[str, object]:
    """What a case may name: fields of the first entry and of the feed, with addresses for images and links."""
    known: dict[str, object] = {
        "count": len(parsed.entries),
        "format": parsed.format,
        "feed": parsed.feed.model_dump(mode="json", exclude_defaults=True),
        "rejects": [reject.code for reject in parsed.rejects],
    }
    if parsed.entries:
        entry = parsed.entries[0]
        known |= entry.model_dump(mode="json") | {
            "images": [image.url for image in entry.images],
            "links": [link.url for link in entry.links],
            "rights-notice": entry.rights.notice,
            "rights-terms": entry.rights.usage_terms,
            "last": parsed.entries[-1].headline,
        }
    return known


@pytest.mark.parametrize(("body", "wanted"), list(cases()))
def test_readers_get_what_they_expect(body: str, wanted: dict[str, Any]) -> None:
    if "error" in wanted:
        with pytest.raises(IngestError, match=wanted["error"]):
            read(body)
        return
    parsed = read(body)
    known = facts(parsed)
    if warned := wanted.pop("warns", None):
        assert any(warned in text for text in (*parsed.warnings, *parsed.entries[0].warnings))
    absent = {key: known.get(key) for key in wanted if wanted[key] is False and key not in {"is_full", "html_is_text"}}
    assert not any(absent.values()), absent
    assert {key: known.get(key) for key in wanted if key not in absent} == {
        key: value for key, value in wanted.items() if key not in absent
    }
