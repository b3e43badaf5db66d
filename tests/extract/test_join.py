"""A story in several pages."""

from ingest.extract import join_pages, next_page
from ingest.model import Association, Entry, Extraction, Image

STANDFIRST = "<p>The quay was closed for two winters, and this is how it was mended, in four parts.</p>"


def page(number: int, text: str, *, more: bool = True, **fields: object) -> Entry:
    way = (Association(rel="next", url=f"https://quay.example/story/{number + 1}"),) if more else ()
    made = {"headline": "The quay", "html": STANDFIRST + text, "is_full": True, "associations": way}
    return Entry.model_validate(made | fields)


def test_texts_follow_each_other_and_what_is_repeated_stands_once() -> None:
    first = page(1, "<p>In the first winter the piles went, one after the other, in a single night of storm.</p>")
    last = page(
        2, "<h2>Spring</h2><p>Then the divers came, who worked by lamplight until the river froze.</p>", more=False
    )
    joined = join_pages([first, last])
    assert joined.html == (first.html or "") + (last.html or "").removeprefix(STANDFIRST)
    assert next_page(joined) is None


def test_short_lines_may_stand_twice() -> None:
    first, last = page(1, "<p>“No.”</p>"), page(2, "<p>“No.”</p>", more=False)
    assert (join_pages([first, last]).html or "").count("“No.”") == 2


def test_pictures_and_warnings_are_gathered_and_the_worst_quality_counts() -> None:
    one, two = Image(url="https://quay.example/1.jpg"), Image(url="https://quay.example/2.jpg")
    sure, unsure = (Extraction(method="fast", version="1", quality=quality) for quality in (0.9, 0.4))
    first = page(1, "", images=(one,), extraction=sure)
    last = page(2, "", more=False, images=(one, two), extraction=unsure, warnings=("paywalled",), is_full=False)
    joined = join_pages([first, last])
    assert (joined.images, joined.warnings, joined.is_full) == ((one, two), ("paywalled",), False)
    assert joined.extraction and joined.extraction.quality == 0.4


def test_a_story_that_breaks_off_still_says_where_it_goes_on() -> None:
    joined = join_pages([page(1, ""), page(2, "")])
    assert next_page(joined) == "https://quay.example/story/3"


def test_one_page_is_itself() -> None:
    one = page(1, "<p>All of it.</p>")
    assert join_pages([one]) is one
