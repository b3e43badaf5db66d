"""What a feed says of an item joined with what its page says."""

from ingest.model import Entry, Rights

# The feed is how the publisher identifies and dates its items: a page's dates are those of its template more often.
_FEED_FIRST = (
    "guid", "provider_version", "type", "pub_status", "slugline", "published", "embargoed_until", "urgency", "ed_note",
    "dateline", "headline", "subheadline", "summary_html", "provider",
)  # fmt: skip
# The page is the thing itself: its address, its text, its people and pictures.
_PAGE_FIRST = (
    "url", "authors", "byline", "language", "updated", "genre", "images", "extraction",
)  # fmt: skip
_BODY = ("html", "html_is_text", "is_full", "base_url")


def merge(feed_entry: Entry, page_entry: Entry) -> Entry:
    """One Entry. The feed's word counts for guid, version, status, publication, headline and agency; the page's for
    address, text, authors, language, update, section and images; either fills what the other lacks.

    Keywords, subjects, links, associations and warnings are joined, `removed` is the page's and the feed's.
    """
    fields: dict[str, object] = {}
    for names, first, second in ((_FEED_FIRST, feed_entry, page_entry), (_PAGE_FIRST, page_entry, feed_entry)):
        fields |= {name: getattr(first, name) or getattr(second, name) for name in names}
    body = page_entry if page_entry.html else feed_entry
    fields |= {name: getattr(body, name) for name in _BODY}
    for name in ("keywords", "subjects", "links", "associations", "warnings", "removed"):
        fields[name] = _joined(getattr(feed_entry, name), getattr(page_entry, name))
    fields["rights"] = _rights(feed_entry.rights, page_entry.rights)
    return feed_entry.model_copy(update=fields)


def _joined(one: tuple[object, ...], two: tuple[object, ...]) -> tuple[object, ...]:
    return (*one, *(item for item in two if item not in one))


def _rights(feed: Rights, page: Rights) -> Rights:
    return Rights(**{name: getattr(feed, name) or getattr(page, name) for name in Rights.model_fields})
