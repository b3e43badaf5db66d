"""Bylines of many countries."""

import pytest

from ingest.extract.people import is_full_name, names
from ingest.extract.signature import byline_near, signature


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("Por Ana Sol y Ben Ray", ("Ana Sol", "Ben Ray")),
        ("Ana Sol y Gasset", ("Ana Sol y Gasset",)),
        ("Anna Nowak i Jan Kos", ("Anna Nowak", "Jan Kos")),
        ("Marie Roux et Jean Fabre avec AFP", ("Marie Roux", "Jean Fabre")),
        ("Kovács Béla és Nagy Anna", ("Kovács Béla", "Nagy Anna")),
        ("Nell Ashby Senior Political Correspondent", ("Nell Ashby",)),
        ("Nell Ashby in London", ("Nell Ashby",)),
        ("Nell Ashby for the Echo", ("Nell Ashby",)),
        ("Sara Gómez | Madrid", ("Sara Gómez",)),
        ("Nell Ashby/AFP", ("Nell Ashby",)),
        ("Talbote GmbH, Munich, Germany", ()),
        ("Dr. Nell Ashby", ("Nell Ashby",)),
        ("Nell Ashby Nell Ashby", ("Nell Ashby",)),
        ("By Nell Ashby Updated March 3", ("Nell Ashby",)),
        ("Text: Lena Berg Foto: Ulf Stig", ("Lena Berg",)),
        ("Theo Smith", ("Theo Smith",)),
        ("Emily Post", ("Emily Post",)),
        ("김민준 기자", ("김민준",)),
        ("佐藤花子記者", ("佐藤花子",)),
        ("记者 张三", ("张三",)),
        ("王小明、李大同", ("王小明", "李大同")),
        ("بقلم أحمد سامي", ("أحمد سامي",)),
        ("Текст: Иван Петров", ("Иван Петров",)),
        ("מאת דנה לוי", ("דנה לוי",)),
        ("द्वारा रमेश कुमार", ("रमेश कुमार",)),
        ("Oleh: Budi Santoso", ("Budi Santoso",)),
        ("Web Desk", ()),
        ("Agencias", ()),
        ("The Editorial Board", ()),
        ("nell@echo.example", ()),
        ("Follow", ()),
        ("Photo: Nell Ashby", ()),
        ("Echo.com", ()),
        ("Nell Ashby nell@echo.example", ("Nell Ashby",)),
        ("Nell Ashby BBC", ("Nell Ashby",)),
        ("Ben Ray", ("Ben Ray",)),
        ("Rechtsanwalt Jan Tolle", ("Jan Tolle",)),
        ("Autor/-in: Ilka Brandis", ("Ilka Brandis",)),
        ("記者王小明／台北報導", ("王小明",)),
        ("回声网", ()),
        ("Ministry of Trade, Harbours and Fisheries", ()),
        ("Echo - Union der Häfen für Handel e.V.", ()),
        ("Hafenverband Ellern", ()),
        ("your friendly Bakers", ()),
        ("Autor/-in: Ilka Brandis, Harbour Research and Fisheries University", ("Ilka Brandis",)),
        ("Ana Sol, Ben Ray and Echo News", ("Ana Sol", "Ben Ray")),
        ("Rede von Ilka Brandis beim Hafentag", ("Ilka Brandis",)),
        ("Un reportage de Marie Roux", ("Marie Roux",)),
    ],
)
def test_names(byline: str, expected: tuple[str, ...]) -> None:
    assert names([byline]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nell Ashby", True),
        ("Ursula von der Heide", True),
        ("read more here", False),
        ("Nell", False),
        ("佐藤花子", True),
    ],
)
def test_full_name(text: str, expected: bool) -> None:
    assert is_full_name(text) is expected


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("by mh", ("mh",)),
        ("harbour_cat", ("harbour_cat",)),
        ("echo_team", ()),
        ("admin", ()),
        ("Reuters", ()),
        ("12", ()),
    ],
)
def test_nicknames_where_a_person_is_marked(byline: str, expected: tuple[str, ...]) -> None:
    assert names([byline], sure=True) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Harbour", "5 March 2024", "Nell Ashby", "1 comment"], ["Nell Ashby"]),
        (["5 March 2024 | Nell Ashby | Harbour"], ["Nell Ashby"]),
        (["Friday | 5 March 2024 | 10:30 BY Nell Ashby IN Harbour"], ["BY Nell Ashby IN Harbour"]),
        (["5 March 2024", "Weitere Informationen"], []),
        (["New York | 5 March 2024"], []),
        (["5 March 2024", "Photo: Nell Ashby"], []),
        (["Nell Ashby"], []),  # beside no date: whoever the story is about
        (["Der Rat hat lange debattiert, bevor er am Abend zustimmte. Von Ilka Brandis"], ["Von Ilka Brandis"]),
        (["Von:", "Ilka Brandis"], ["Von: Ilka Brandis"]),
        (["Na Juma Hassan"], ["Juma Hassan"]),
        (["Ellern, 05.03.2024 - Rede von Ilka Brandis"], ["Rede von Ilka Brandis"]),
        (["Gespeichert von pierkatze am 5. März 2024 - 18:55"], ["pierkatze"]),
        (["Posted by pier_cat under", "Harbour"], ["pier_cat"]),
        (["Posted by admin under", "Harbour"], []),
        (["De la Torre opens again"], []),
        (["5 March 2024", "By evening the street was quiet. Only Nell Ashby, waiting for the bus, was there."], []),
        (["By March 2024 the tower was open"], []),
    ],
)
def test_byline_near_the_headline(lines: list[str], expected: list[str]) -> None:
    assert byline_near(lines) == expected


STORY = ["The harbour council voted on Tuesday to reopen the old lighthouse to all of its visitors at last."] * 5


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (["– Nell Ashby"], ["Nell Ashby"]),
        (["(Nell Ashby)"], ["Nell Ashby"]),
        (["Nell Ashby"], ["Nell Ashby"]),
        (["By Nell Ashby", "Share"], ["By Nell Ashby"]),
        (["Autor: Ilka Brandis, Hafenrat"], ["Autor: Ilka Brandis, Hafenrat"]),
        (["(Port Ellery)"], []),
        (["Autoren Ilka Brandis und Jan Tolle", *STORY], ["Autoren Ilka Brandis und Jan Tolle"]),
        (["Read More"], []),
        (["Share", "Comments", "Subscribe", "Menu", "By Tom Reyes", "Home"], []),  # of another story
    ],
)
def test_signature_under_the_text(after: list[str], expected: list[str]) -> None:
    assert [name for by in signature([*STORY, *after]) for name in [by.strip(" –()")]] == expected


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["by , " * 200_000, "and " * 250_000, "(" * 1_000_000, "A " * 500_000, "von:" * 250_000]
)
def test_hostile_bylines_end(text: str) -> None:
    assert len(names([text])) < 100
