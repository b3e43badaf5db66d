"""A page to an Entry: its main content and what it says of itself. Pure: bytes in, the same Entry out each time."""

from collections.abc import Sequence
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from ingest.errors import Malformed
from ingest.extract.body import find_body, remove
from ingest.extract.decode import decode
from ingest.extract.join import MAX_PAGES, join_pages, next_page
from ingest.extract.merge import merge
from ingest.extract.metadata import read_metadata
from ingest.extract.need import needs_page
from ingest.extract.page import strip_noise
from ingest.extract.verdict import refuse_if_no_story
from ingest.model import Entry, Rule

__all__ = ["MAX_PAGES", "extract", "join_pages", "merge", "needs_page", "next_page"]


def extract(
    page: bytes, url: str, *, content_type: str | None = None, rules: Sequence[Rule] = (), zone: str = "UTC"
) -> Entry:
    """The story on a page. `zone` is for dates that have none.

    `Entry.html` is a fragment of the page's own markup for the clean stage, `Entry.removed` what the source's rules
    took out, `Entry.extraction` how the body was found and how sure that is. Warnings: paywalled, charset-mislabelled,
    nested-too-deep. Raises NoContent for a page without a story (index, consent wall, empty shell), Malformed for what
    is not HTML, BadConfig for a rule that is no selector.
    """
    decoded = decode(page, url, content_type)
    try:
        doc = LexborHTMLParser(decoded.text)
    except SelectolaxError as e:
        raise Malformed(url, f"lexbor cannot read it: {e}", "look at it in the quarantine") from e
    metadata = read_metadata(doc, url, zone)
    facts = replace(metadata.facts, headline=metadata.entry.headline)
    removed = remove(doc, rules)
    strip_noise(doc)
    body = find_body(doc, url, rules, facts)
    body = refuse_if_no_story(body, doc, metadata.facts, url)
    entry = metadata.entry
    return entry.model_copy(
        update={
            "html": body.html,
            "is_full": "paywalled" not in entry.warnings,
            "base_url": url,
            "extraction": body.extraction,
            "removed": (*removed, *body.removed),
            "warnings": (*entry.warnings, *decoded.warnings),
        }
    )
