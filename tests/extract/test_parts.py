from datetime import UTC, datetime

import pytest

from ingest.extract.dates import read_when
from ingest.extract.headline import Headings, headline
from ingest.extract.jsonld import loads
from ingest.extract.people import agency, names
from ingest.extract.place import Place


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("By Nell Ashby, Harbour Correspondent", ("Nell Ashby",)),
        ("Von Ilka Brandis und Jan Tolle", ("Ilka Brandis", "Jan Tolle")),
        ("Nell Ashby; Tom Reyes & Ana Sol", ("Nell Ashby", "Tom Reyes", "Ana Sol")),
        ("By NELL ASHBY and Reuters", ("NELL ASHBY",)),
        ("Williams Pardo @wpardo", ("Williams Pardo",)),
        ("Ashby, Nell", ("Nell Ashby",)),
        ("Martin Hale Jr., Tom Reyes", ("Martin Hale Jr", "Tom Reyes")),
        ("https://social.example/nell", ()),
        ("Ursula von der Heide", ("Ursula von der Heide",)),
        ("admin", ()),
        ("By Tom Reyes - March 3, 2021 4 min", ("Tom Reyes",)),
        ("佐藤花子", ("佐藤花子",)),
    ],
)
def test_names(byline: str, expected: tuple[str, ...]) -> None:
    assert names([byline]) == expected


def test_names_come_once() -> None:
    assert names(["Nell Ashby", "by nell ashby"]) == ("Nell Ashby",)


@pytest.mark.parametrize(
    ("text", "expected"), [("Nell Ashby, AFP", "AFP"), ("(Reuters)", "Reuters"), ("Nell Ashby", None)]
)
def test_agency(text: str, expected: str | None) -> None:
    assert agency([text]) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2024-03-12T22:40:00+01:00", "UTC", datetime(2024, 3, 12, 21, 40, tzinfo=UTC)),
        ("2024-03-12 22:40", "Europe/Rome", datetime(2024, 3, 12, 21, 40, tzinfo=UTC)),
        ("2024-03-12T22:40:00.123Z", "UTC", datetime(2024, 3, 12, 22, 40, tzinfo=UTC)),
        ("Tue, 12 Mar 2024 22:40:00 GMT", "UTC", datetime(2024, 3, 12, 22, 40, tzinfo=UTC)),
        ("12.03.2024", "UTC", datetime(2024, 3, 12, tzinfo=UTC)),
        ("March 12, 2024 5:30 PM EST", "UTC", datetime(2024, 3, 12, 22, 30, tzinfo=UTC)),
        ("1710283200", "UTC", datetime(2024, 3, 12, 22, 40, tzinfo=UTC)),
        ("03/04/2024", "UTC", None),  # April or March
        ("March 2024", "UTC", None),
        ("2 hours ago", "UTC", None),
        ("0001-01-01T00:00:00", "UTC", None),
        ("2024-02-31", "UTC", None),
    ],
)
def test_read_when(text: str, zone: str, expected: datetime | None) -> None:
    when = read_when(text, Place(zone))
    assert (when.utc(Place(zone)) if when else None) == expected


@pytest.mark.parametrize(
    ("said", "title", "h1s", "expected"),
    [
        (["Tower reopens | Ellery Echo"], None, [], "Tower reopens"),
        (["Tower reopens - Ellery Echo"], None, ["Tower Reopens"], "Tower Reopens"),
        (
            ["Shocking!"],
            "Tower reopens on Monday | Ellery Echo",
            ["Tower reopens on Monday"],
            "Tower reopens on Monday",
        ),
        (["Spider-Man - the review"], None, ["Other"], "Spider-Man - the review"),
        ([], "Ellery Echo", ["Ellery Echo", "Tower reopens"], "Tower reopens"),
        (["Why towers burn so well"], None, ["Town Why towers burn so well"], "Why towers burn so well"),
        ([], "灯塔重新开放--社会·法治--回声网", ["灯塔重新开放"], "灯塔重新开放"),
        ([], None, [], None),
    ],
)
def test_headline(said: list[str], title: str | None, h1s: list[str], expected: str | None) -> None:
    assert headline(said, title, Headings(tuple(h1s)), ["Ellery Echo"]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', {"a": 1}),
        ('{"a": "http://x" /* c */, // d\n "b": [1,2,],}', {"a": "http://x", "b": [1, 2]}),
        ('<!-- {"a": "two\nlines"} -->', {"a": "two\nlines"}),
        ('{"a":1}{"b":2}', [{"a": 1}, {"b": 2}]),
        ('{"a": "C:\\users"}', {"a": "C:\\users"}),
        ("{&quot;a&quot;: 1}", {"a": 1}),
        ("nothing", None),
    ],
)
def test_lenient_json(text: str, expected: object) -> None:
    found = loads(text)
    assert (found[0] if isinstance(found, list) and not isinstance(expected, list) else found) == expected
