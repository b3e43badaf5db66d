"""Takes and adds, joined in order."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ingest.dedupe.takes import adopt_guids, join_takes
from ingest.model import Association, Entry, Take


def piece(number: int, text: str = "", *, is_last: bool = False, version: str | None = None) -> Entry:
    take = Take(key="BC-Fair", number=number, is_add=number > 1, is_last=is_last)
    when = datetime(2026, 11, 24, 10, number, tzinfo=UTC)
    html = f"<p>{text or f'Piece {number}.'}</p>"
    return Entry(guid=f"g{number}", take=take, html=html, updated=when, provider_version=version)


def test_adds_come_behind_their_first_take_in_order() -> None:
    (whole,) = join_takes([piece(3, is_last=True), piece(1), piece(2)])
    assert whole.guid == "g1"
    assert whole.html == "<p>Piece 1.</p>\n<p>Piece 2.</p>\n<p>Piece 3.</p>"
    assert whole.take == Take(key="BC-Fair", number=3, is_last=True)
    assert whole.updated == datetime(2026, 11, 24, 10, 3, tzinfo=UTC)


def test_the_first_take_may_have_the_key_as_its_slugline() -> None:
    first = Entry(guid="g1", slugline="bc-fair", html="<p>Piece 1.</p>")
    (whole,) = join_takes([first, piece(2)])
    assert (whole.guid, whole.html) == ("g1", "<p>Piece 1.</p>\n<p>Piece 2.</p>")


def test_an_add_that_comes_in_a_later_poll_brings_the_whole() -> None:
    (whole,) = join_takes([piece(3)], earlier=[piece(1), piece(2)])
    assert whole.html == "<p>Piece 1.</p>\n<p>Piece 2.</p>\n<p>Piece 3.</p>"


def test_an_add_without_its_first_take_is_an_item_of_its_own() -> None:
    (alone,) = join_takes([piece(2)])
    assert alone.guid == "g2"
    assert alone.warnings == ("an add whose first take has not come",)


def test_a_take_that_is_missing_is_told() -> None:
    (whole,) = join_takes([piece(1), piece(4)])
    assert whole.warnings == ("take 2 has not come", "take 3 has not come")


def test_an_add_sent_again_takes_the_place_of_the_first() -> None:
    (whole,) = join_takes([piece(1), piece(2, "With a slip."), piece(2, "Without one.")])
    assert whole.html == "<p>Piece 1.</p>\n<p>Without one.</p>"


def test_others_stay_in_their_places() -> None:
    others = [Entry(guid="a", slugline="x"), Entry(guid="b")]
    assert [e.guid for e in join_takes([others[0], piece(1), others[1], piece(2)])] == ["a", "g1", "b"]
    assert join_takes(others) == tuple(others)


@given(st.permutations([1, 2, 3, 4]))
def test_the_order_in_which_they_come_does_not_matter(order: list[int]) -> None:
    (whole,) = join_takes([piece(number) for number in order])
    assert whole.html == "\n".join(f"<p>Piece {n}.</p>" for n in (1, 2, 3, 4))


def version(guid: str, minute: int, *, slug: str = "BC-Fair", replaces: bool = True, day: int = 24) -> Entry:
    associations = (Association(rel="replaces", headline=slug),) if replaces else ()
    when = datetime(2026, 11, day, 10, minute, tzinfo=UTC)
    return Entry(guid=guid, slugline=slug, associations=associations, updated=when)


def test_a_kill_takes_over_the_guid_of_what_it_kills() -> None:
    told = adopt_guids([version("k", 5)], earlier=[version("g1", 1, replaces=False)])
    assert [entry.guid for entry in told] == ["g1"]


def test_versions_of_one_batch_are_found_in_the_order_of_their_times() -> None:
    told = adopt_guids([version("g3", 3), version("g1", 1, replaces=False), version("g2", 2)])
    assert [entry.guid for entry in told] == ["g1", "g1", "g1"]


def test_the_same_slugline_on_another_day_is_another_story() -> None:
    told = adopt_guids([version("k", 5)], earlier=[version("g1", 1, replaces=False, day=20)])
    assert [entry.guid for entry in told] == ["k"]


def test_what_replaces_nothing_or_names_a_guid_keeps_its_own() -> None:
    named = Entry(guid="x", associations=(Association(rel="replaces", headline="BC-Fair", guid="g0"),))
    told = adopt_guids([version("g1", 1, replaces=False), version("g2", 2, replaces=False), named])
    assert [entry.guid for entry in told] == ["g1", "g2", "x"]
