"""The desk's words: kills that are kills, and news that only sounds like it; embargoes; takes."""

from datetime import UTC, datetime

import pytest

from ingest.model import Take
from ingest.parse.desk import embargo_of, instruction_of, is_embargoed, ruling, status_of, take_of

ISSUED = datetime(2015, 10, 14, 12, 0, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "instruction"),
    [
        ("KILL: Smith story", "kill"),
        ("BC-Smith, KILL", "kill"),
        ("BC-x,KILL,0100", "kill"),
        ("Kill", "kill"),
        ("Mandatory kill", "kill"),
        ("ELIMINATION (Smith)", "kill"),
        ("Kill the story slugged Smith", "kill"),
        ("The story has been withdrawn.", "kill"),
        ("Bitte die Meldung nicht mehr verwenden", "kill"),
        ("canceled", "kill"),
        ("AVIS D'ANNULATION", "kill"),
        ("ANULACIÓN: Smith", "kill"),
        ("MAKULERT", "kill"),
        ("WITHHOLD. Smith", "withhold"),
        ("Hold the story until further word", "withhold"),
        ("DO NOT USE", "withhold"),
        ("CORRECTION: Name", "correction"),
        ("Eds: Corrects spelling of", "correction"),
        ("CORRECTED-Boston", "correction"),
        ("Berichtigung: Name", "correction"),
        ("(Corrects date)", "correction"),
        ("Rettelse: Navn", "correction"),
        ("BC-Heat, 1st Ld-Writethru,416", "update"),
        ("BC-Heat 1stLd-Writethru", "update"),
        ("UPDATE 2-Shares up", "update"),
        ("Eds: Updates throughout.", "update"),
        ("BC-x, 2nd Add,100", "add"),
        ("BC-x Take 2", "add"),
        ("REPEAT: Fog", "repeat"),
        ("Advisory: budget", "advisory"),
        ("Updates. Kill the story slugged Smith.", "kill"),
        ("", None),
        ("Police kill three", None),
        ("POLICE KILL THREE IN RAID", None),
        ("KILL BILL returns", None),
        ("Elimination: how the cup was lost", None),
        ("Killed: three soldiers", None),
        ("Smith, withdrawn, resigns", None),
        ("Correction officers strike", None),
        ("Hold: the line", None),
        ("Withdrawal from Kabul", None),
        ("Market update", None),
        ("Adding machines", None),
        ("Lead paint found", None),
        ("Repeat offender held", None),
    ],
)
def test_instructions(text: str, instruction: str | None) -> None:
    assert instruction_of(text, None) == instruction


def test_statuses() -> None:
    assert [status_of(one) for one in ("kill", "withhold", "update", None)] == [
        "canceled",
        "withheld",
        "usable",
        "usable",
    ]


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("EMBARGOED UNTIL 0001 GMT MONDAY, OCTOBER 19", "2015-10-19T00:01"),
        ("Embargoed to 0001 Thursday October 15", "2015-10-14T23:01"),
        ("EMBARGO: 15.10.2015 06:00", "2015-10-15T05:00"),
        ("Sperrfrist: 14. Oktober 2015, 18.00 Uhr", "2015-10-14T17:00"),
        ("Sperrfrist 18 Uhr", "2015-10-14T17:00"),
        ("Sperrfrist 10 Uhr", "2015-10-15T09:00"),
        ("HOLD FOR RELEASE UNTIL 12:01 A.M. EDT, SUNDAY, Oct. 18", "2015-10-18T04:01"),
        ("Embargoed until 6 p.m. EDT", "2015-10-14T22:00"),
        ("embargoed until Friday 0600 GMT", "2015-10-16T06:00"),
        ("embargoed until Wednesday 0600 GMT", "2015-10-21T06:00"),
        ("Embargo 2015-10-15T06:00:00+02:00", "2015-10-15T04:00"),
        ("SOUS EMBARGO JUSQU'AU 12 mars 2024 à 18h00 GMT", "2024-03-12T18:00"),
        ("EMBARGOED UNTIL 00.01 SATURDAY JANUARY 2", "2016-01-02T00:01"),
        ("EMBARGOED FOR 0001HRS THURSDAY 15 OCTOBER 2015", "2015-10-14T23:01"),
        ("embargoed until midnight Oct 16", "2015-10-15T23:00"),
        ("NOT FOR PUBLICATION BEFORE 0001 GMT 15 OCT", "2015-10-15T00:01"),
        ("STRICT EMBARGO until 6pm", "2015-10-14T17:00"),
        ("Nicht vor Sperrfrist: 16.10., 10 Uhr", "2015-10-16T09:00"),
        ("Embargoed", None),
        ("embargoed until 31.31.2015", None),
    ],
)
def test_embargoes(text: str, until: str | None) -> None:
    assert is_embargoed(text)
    found = embargo_of(text, ISSUED, "Europe/London")
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) == until


@pytest.mark.parametrize(
    "text",
    [
        "EU extends arms embargo on Belarus",
        "Embargo on Cuba ends",
        "Oil embargo until Friday likely",
        "embargoed goods seized",
        "Embargo lifted at 0600",
        "Release of prisoners",
    ],
)
def test_no_embargoes(text: str) -> None:
    assert not is_embargoed(text)
    assert ruling(text, issued=ISSUED, zone="UTC").pub_status == "usable"


def test_embargo_without_a_time_is_withheld() -> None:
    ruled = ruling(None, "Embargoed", issued=ISSUED, zone="UTC")
    assert (ruled.pub_status, ruled.embargoed_until, ruled.instruction) == ("withheld", None, "embargo")
    assert ruled.warnings


def test_a_killed_embargo_is_killed() -> None:
    assert ruling("Embargoed until 6pm", "MANDATORY KILL", issued=ISSUED, zone="UTC").pub_status == "canceled"


@pytest.mark.parametrize(
    ("line", "take"),
    [
        ("BC-Heat-Hawks, 1st Ld-Writethru,416", Take(key="BC-Heat-Hawks 1stLd-Writethru", number=1)),
        ("BC-Heat-Hawks 1stLd-Writethru", Take(key="BC-Heat-Hawks 1stLd-Writethru", number=1)),
        ("BC-Fair, 2nd Add,100", Take(key="BC-Fair", number=3, is_add=True)),
        ("BC-Fair, 1st Ld, 2nd and last Add,100", Take(key="BC-Fair 1stLd", number=3, is_add=True, is_last=True)),
        ("BC-Last Fair, 1st Add", Take(key="BC-Last Fair", number=2, is_add=True)),
        ("Fair take 2", Take(key="Fair", number=2, is_add=True)),
        ("Fair Add 1", Take(key="Fair", number=2, is_add=True)),
        ("BC-Fair--Opening,466", None),
        ("Adding machines", None),
        ("1st Add", None),
        (None, None),
    ],
)
def test_takes(line: str | None, take: Take | None) -> None:
    assert take_of(line) == take


@pytest.mark.parametrize("word", ["embargoed ", "1st ", "kill ", "EMBARGO: 1", "9.", "Add", "(", "zurückgezogen "])
def test_long_fields_end(word: str) -> None:
    ruling(word * 200_000, issued=ISSUED, zone="UTC")
    take_of(word * 200_000)
