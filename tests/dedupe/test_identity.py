from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.dedupe.identity import assign_identity, entry_hash, settle_guids
from ingest.model import Entry, Image

SITE = "https://example.org/"


def at(hour: int) -> datetime:
    return datetime(2024, 3, 5, hour, tzinfo=UTC)


def item(guid: str | None = None, page: str | None = None, headline: str = "Headline", **fields: object) -> Entry:
    url = SITE + page if page is not None else None
    return Entry.model_validate({"guid": guid, "url": url, "headline": headline, **fields})


def guids(*entries: Entry) -> list[str | None]:
    return [entry.guid for entry in assign_identity(entries)]


def test_a_guid_is_kept_as_given_and_the_url_made_canonical() -> None:
    dirty = SITE + "1?utm_source=rss"
    (entry,) = assign_identity([item(dirty, "1?utm_source=rss")])
    assert (entry.guid, entry.url) == (dirty, SITE + "1")


def test_without_a_guid_the_url_counts() -> None:
    assert guids(item(None, "1?utm_source=x"), item("  ", "2"), item(None, None, "No address")) == [
        SITE + "1",
        SITE + "2",
        None,
    ]


def test_a_guid_on_several_pages_gives_way() -> None:
    assert guids(item("news", "1", "A"), item("news", "2", "B"), item("own", "3", "C")) == [
        SITE + "1",
        SITE + "2",
        "own",
    ]


def test_a_guid_on_several_headlines_without_url_gives_way() -> None:
    assert guids(item("news", None, "A"), item("news", None, "B")) == [None, None]


def test_a_url_that_is_shared_as_well_leaves_the_content() -> None:
    entries = [item("news", "", "A", published=at(1)), item("news", "", "B", published=at(2)), item("x", "3", "C")]
    assert guids(*entries) == [None, None, "x"]
    assert guids(item(None, "", "A"), item(None, "", "B")) == [None, None]


def test_the_same_item_twice_is_one_the_latest_in_the_first_place() -> None:
    old, new = (
        item("a", "1", "Old", published=at(1), updated=at(2)),
        item("a", "1", "New", published=at(1), updated=at(3)),
    )
    other = item("b", "2")
    assert [entry.headline for entry in assign_identity([old, other, new])] == ["New", "Headline"]
    assert [
        entry.headline for entry in assign_identity([item("a", "1", "First"), item("a", "1?utm_term=x", "First")])
    ] == ["First"]


def test_http_www_and_a_last_slash_make_no_other_page() -> None:
    one, two = item("a").model_copy(update={"url": "http://www.example.org/1/"}), item("a", "1")
    assert guids(one, two) == ["a"]


def test_versions_of_a_wire_story_are_one_item() -> None:
    versions = [item("urn:1", None, f"V{n}", provider_version=str(n)) for n in (9, 12, 10)]
    (entry,) = assign_identity(versions)
    assert (entry.guid, entry.headline) == ("urn:1", "V12")


def test_a_fallback_never_takes_what_another_has() -> None:
    assert guids(item(SITE + "1", "other"), item(None, "1", "B")) == [SITE + "1", None]


def test_guids_that_change_with_every_fetch_are_undone() -> None:
    known = {SITE + str(n): f"old-{n}" for n in range(4)}
    fetched = assign_identity([item(f"session-9-{n}", str(n), f"H{n}") for n in range(5)])
    settled = settle_guids(fetched, known)
    assert [entry.guid for entry in settled] == ["old-0", "old-1", "old-2", "old-3", SITE + "4"]
    assert settle_guids(settled, known | {SITE + "4": SITE + "4"}) == settled


def test_one_page_with_a_new_guid_is_a_new_item() -> None:
    known = {SITE + str(n): f"id-{n}" for n in range(5)}
    fetched = assign_identity([item(f"id-{n}", str(n), f"H{n}") for n in range(4)] + [item("new", "4")])
    assert settle_guids(fetched, known) == fetched


def test_the_hash_sees_content() -> None:
    entry = item("a", "1", html="<p>Text</p>", is_full=True)
    changes = {
        "headline": "Other",
        "html": "<p>Other</p>",
        "byline": "Jane Roe",
        "images": (Image(url=SITE + "i.jpg"),),
    }
    hashes = {entry_hash(entry.model_copy(update={name: value})) for name, value in changes.items()}
    assert len(hashes | {entry_hash(entry)}) == 5


def test_the_hash_of_a_full_text_does_not_see_dates_and_tracking() -> None:
    entry = item("a", "1", html="<p>Text</p>", is_full=True, updated=at(1))
    touched = entry.model_copy(update={"updated": at(9), "guid": "b", "url": SITE + "1?utm_source=x"})
    assert entry_hash(entry) == entry_hash(touched)


def test_the_hash_of_a_teaser_sees_dates() -> None:
    entry = item("a", "1", summary_html="Teaser", updated=at(1))
    assert entry_hash(entry) != entry_hash(entry.model_copy(update={"updated": at(2)}))


FEW = st.sampled_from([None, "", "g1", "g2"])
ENTRIES = st.builds(
    item,
    guid=FEW,
    page=st.sampled_from([None, "", "1", "2?utm_source=x"]),
    headline=st.sampled_from(["A", "B"]),
    published=st.sampled_from([None, at(1), at(2)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ENTRIES, max_size=6))
def test_no_two_share_a_guid_and_none_is_made_up(entries: list[Entry]) -> None:
    once = assign_identity(entries)
    named = [entry.guid for entry in once if entry.guid]
    assert len(named) == len(set(named))
    assert len(once) <= len(entries)
    assert {entry.headline for entry in once} <= {entry.headline for entry in entries}
    assert bool(once) == bool(entries)
