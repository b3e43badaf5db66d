"""Dates in the languages and calendars of news sites, and whom to believe when several are told."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.extract.dates import When, read_when
from ingest.extract.facts import surest
from ingest.extract.place import Place, place_of
from ingest.extract.visible_date import when_in_address

HOME = Place()
DAY_FIRST = Place(month_first=False)
MOMENT, DAY = "2024-03-05 10:30", "2024-03-05"


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("5 March 2024 at 10:30", MOMENT),
        ("March 5th, 2024 10:30 a.m.", MOMENT),
        ("Tue Mar 05 2024 10:30:00 GMT+0100 (CET)", MOMENT),
        ("Tue Mar 5 10:30:00 CET 2024", MOMENT),
        ("5. März 2024 um 10:30 Uhr", MOMENT),
        ("05.03.24, 10.30 Uhr", MOMENT),
        ("Publié le 5 mars 2024 à 10h30", MOMENT),
        ("le 1er août 2024", "2024-08-01"),
        ("5 de marzo de 2024 a las 10:30 p. m.", "2024-03-05 22:30"),
        ("5 de março de 2024 às 10h30", MOMENT),
        ("martedì 5 marzo 2024, ore 10.30", MOMENT),
        ("5. maaliskuuta 2024 klo 10.30", MOMENT),
        ("2024. március 5. 10:30", MOMENT),
        ("2024 m. kovo 5 d. 10:30", MOMENT),
        ("2024. gada 5. marts, 10:30", MOMENT),
        ("5 марта 2024, 10:30", MOMENT),
        ("5 березня 2024 р., 10:30", MOMENT),
        ("5 Μαρτίου 2024, 10:30", MOMENT),
        ("5 Mart 2024 Salı 10:30", MOMENT),
        ("1 Ağustos 2024", "2024-08-01"),
        ("Selasa, 5 Maret 2024 | 10.30 WIB", MOMENT),
        ("ngày 5 tháng 3 năm 2024", DAY),
        ("5 במרץ 2024, 10:30", MOMENT),
        ("٥ مارس ٢٠٢٤ 10:30 ص", MOMENT),
        ("الثلاثاء 5 كانون الثاني 2024", "2024-01-05"),
        ("5 मार्च 2024, 10:30", MOMENT),
        ("5 มี.ค. 2567 เวลา 10.30 น.", MOMENT),  # Buddhist era
        ("۱۵ اسفند ۱۴۰۲ - ۱۰:۳۰", MOMENT),  # Jalali
        ("1402/12/15 10:30", MOMENT),
        ("令和6年3月5日 10時30分", MOMENT),
        ("2024年3月5日 10:30", MOMENT),
        ("2024. 3. 5. 오전 10:30", MOMENT),
        ("20240305T103000Z", MOMENT),
        ("2024-03-05 10:30 PM", "2024-03-05 22:30"),
        ("1402/13/15", None),
        ("1445/08/24", None),  # Hijri: not read, rather than read wrongly
        ("3 hours ago", None),
        ("Copyright 2024", None),
    ],
)
def test_written_in_many_ways(text: str, wall: str | None) -> None:
    when = read_when(text, HOME)
    assert (f"{when.wall:%Y-%m-%d %H:%M}"[: len(wall or "")] if when else None) == wall
    assert when is None or when.has_time == (len(wall or "") > len(DAY))


@pytest.mark.parametrize(
    ("text", "place", "hours"),
    [
        ("5 Mar 2024, 10:30 AM IST", Place("Asia/Kolkata"), 5.5),
        ("5 Mar 2024, 10:30 AM IST", Place("Asia/Jerusalem"), 2),
        ("March 5, 2024 at 10:30 a.m. ET", HOME, -5),
        ("July 5, 2024 at 10:30 a.m. ET", HOME, -4),
        ("05/03/2024 10:30 (GMT+7)", DAY_FIRST, 7),
        ("5 Maret 2024 10.30 WIB", HOME, 7),
        ("2024-03-05T10:30", Place("Europe/Rome"), 1),
    ],
)
def test_offsets(text: str, place: Place, hours: float) -> None:
    when = read_when(text, place)
    assert when is not None
    assert when.wall.replace(tzinfo=UTC) - when.utc(place) == timedelta(hours=hours)


def test_one_word_for_two_months() -> None:
    months = [read_when("5. listopada 2024", Place(language=language)) for language in ("hr", "pl")]
    assert [when.wall.month for when in months if when] == [10, 11]


@pytest.mark.parametrize(
    ("url", "languages", "zone", "expected"),
    [
        ("https://echo.example.co.uk/a", ("en-US",), "UTC", ("Europe/London", None)),
        ("https://echo.example/a", ("pt-BR",), "UTC", ("America/Sao_Paulo", False)),
        ("https://echo.example/a", ("ja",), "UTC", ("Asia/Tokyo", False)),
        ("https://echo.example/a", ("en",), "UTC", ("UTC", None)),
        ("https://echo.example/a", ("en-US",), "UTC", ("America/New_York", True)),
        ("https://echo.co/a", ("en",), "UTC", ("UTC", None)),
        ("https://eco.co/a", ("es",), "UTC", ("America/Bogota", False)),
        ("https://echo.example.de/a", ("de",), "Asia/Tokyo", ("Asia/Tokyo", False)),
    ],
)
def test_place(url: str, languages: tuple[str, ...], zone: str, expected: tuple[str, bool | None]) -> None:
    place = place_of(url, languages, zone)
    assert (place.zone, place.month_first) == (expected[0], expected[1] or place.month_first)
    assert expected[1] is None or place.month_first == expected[1]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["2024-03-05", "2024-03-05T10:30:00+05:30"], datetime(2024, 3, 5, 5, 0, tzinfo=UTC)),  # the more exact
        (["2024-03-05T10:30:00Z", "2024-03-05T10:30:00+05:30"], datetime(2024, 3, 5, 5, 0, tzinfo=UTC)),  # Z for show
        (["2024-03-05T10:30:00+00:00", "2024-03-05T10:30:00+05:30"], datetime(2024, 3, 5, 10, 30, tzinfo=UTC)),
        (["2024-03-05T10:30:00", "2024-03-05T05:00:00Z"], datetime(2024, 3, 5, 5, 0, tzinfo=UTC)),
        (["2024-03-05T10:30:00", "2024-03-05T05:17:00Z"], datetime(2024, 3, 5, 5, 0, tzinfo=UTC)),  # another matter
        (
            ["2024-03-05T15:00:00+05:00", "2024-03-05T09:30:00Z", "2024-03-05T09:30:00+00:00"],
            datetime(2024, 3, 5, 9, 30, tzinfo=UTC),  # two against one
        ),
        (
            ["2024-03-05T15:30:00+05:00", "2024-03-05T10:00:00+00:00"],
            datetime(2024, 3, 5, 10, 0, tzinfo=UTC),
        ),  # +05:00 is wrong
        (["2024-03-05", "2023-01-01T10:00:00Z"], datetime(2024, 3, 5, tzinfo=UTC)),
    ],
)
def test_the_surest_of_several(said: list[str], expected: datetime) -> None:
    place = Place("Asia/Kolkata")
    when = surest([w for text in said if (w := read_when(text, place))], place)
    assert when is not None
    assert when.utc(place) == expected


def test_an_american_clock_that_is_called_utc() -> None:
    said = [When(datetime(2024, 3, 5, hour), timedelta()) for hour in (9, 16)]
    assert surest(said, Place("America/New_York")) == said[1]
    assert surest(said, Place("Europe/Madrid")) == said[0]


def test_a_day_is_not_moved_to_the_day_before() -> None:
    assert When(datetime(2024, 3, 5), has_time=False).utc(Place("Asia/Tokyo")) == datetime(2024, 3, 5, tzinfo=UTC)


def test_day_in_the_address() -> None:
    when = when_in_address("https://echo.example/2024/3/5/tower?d=2020-01-01")
    assert when == When(datetime(2024, 3, 5), has_time=False)
    assert when_in_address("https://echo.example/20241399/tower") is None
    assert when_in_address("https://echo.example/news/05-03-2024-tower") == when
