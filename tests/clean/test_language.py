"""What the language of a text is taken for where nobody states it: none rather than a wrong one."""

import pytest

from ingest.clean.language import language_of

SQUADS = (
    "Oldhaven: Berg; Nilsen, Kim, Sato, Roe; Lee, Krohn (Meier 62), Silva; Rossi, Nagy (Park 80), Ivanov. "
    "Newport: Dupont; Lopez, Perez, Garcia, Durand; Novak, Olsen, Hansen (Smith 46); Tanaka, Neri, Kovacs. "
)
RESULTS = "Oldhaven 2 Newport 1; Altstadt 3 Nordhafen 0; Gamlehavn 1 Vieuxhavre 1; Puertoviejo 0 Portovecchio 4; " * 5
PRICES = "QAAP 123.4 +0.3 QMSF 233.1 -1.2 QGOO 99.2 +0.1 QTSL 800.3 -9 QNVD 12 3 QIBM 33 2 " * 4
ENGLISH = (
    "The port of Oldhaven stayed closed on Tuesday after a storm tore away a part of the northern pier, and ferries "
    "were sent to another harbour until March. Repairs would cost four million crowns by a first estimate. "
    "The owners of the ferries said that they would wait for better weather."
)
GERMAN = (
    "Der Hafen von Altstadt blieb am Dienstag geschlossen, nachdem ein Sturm einen Teil der Mole weggerissen hatte. "
    "Die Fähren werden bis März umgeleitet. Die Reparatur kostet nach einer ersten Schätzung vier Millionen Kronen, "
    "teilte die Hafenverwaltung mit. Die Reeder wollen auf besseres Wetter warten."
)


@pytest.mark.parametrize("text", [SQUADS, SQUADS * 9, RESULTS, PRICES, f"{GERMAN} {ENGLISH}", "Port closed."])
def test_lists_and_mixtures_are_of_no_language(text: str) -> None:
    assert language_of((), text, len(text.split())) is None
    assert language_of((None, "fr"), text, len(text.split())) == "fr"


@pytest.mark.parametrize(
    ("text", "language"), [(ENGLISH, "en"), (GERMAN, "de"), (GERMAN.upper(), "de"), ("周二港口仍然关闭。" * 20, "zh")]
)
def test_prose_is_of_the_language_that_all_of_it_is_in(text: str, language: str) -> None:
    words = len(text.split()) if " " in text else len(text)
    assert language_of((), text, words) == language
