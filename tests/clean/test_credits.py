"""Credits, captions and names, one line each."""

import pytest

from ingest.clean.captions import read_caption
from ingest.clean.credits import Credit, read_credit
from ingest.clean.normalise import field_text, normal, word_count


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("Ann Lee/AFP via Getty Images/TNS", Credit("Ann Lee", "AFP", ("Getty Images", "TNS"))),
        ("AP Photo/Ann Lee", Credit("Ann Lee", "AP")),
        ("REUTERS/Bob Roe", Credit("Bob Roe", "Reuters")),
        ("Photo/Xinhua", Credit(None, "Xinhua")),
        ("Photo by Ann Lee/Getty Images", Credit("Ann Lee", "Getty Images")),
        ("Foto: Max Muster/dpa", Credit("Max Muster", "dpa")),
        ("Crédit photo : Jeanne Roche / AFP", Credit("Jeanne Roche", "AFP")),
        ("picture alliance/dpa", Credit(None, "dpa", ("picture alliance",))),
        ("Photo: Ann Lee", Credit("Ann Lee", None)),
        ("ANN LEE, AP", Credit("Ann Lee", "AP")),
        ("© AFP", Credit(None, "AFP")),
        ("Harbour Office", Credit(None, "Harbour Office")),
    ],
)
def test_credit_chain(text: str, credit: Credit) -> None:
    assert read_credit(text) == credit


@pytest.mark.parametrize(
    "text",
    [
        "The mayor (she took office in May)",
        "Shares of the group fell. (Apple)",
        "He and/or she may sail (with a licence/permit).",
        "They met in Rome on March 14, 2022.",
    ],
)
def test_paragraphs_that_are_no_captions(text: str) -> None:
    assert read_caption(text, certain=False) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("5 < 6 &amp; 7 > 3", "5 < 6 & 7 > 3"),
        ("<b>Storm</b><br/>ahead", "Storm ahead"),
        (" &nbsp; ", None),
        ("", None),
        ("\ufeffO\u00adld\ud800", "Old\ufffd"),
    ],
)
def test_fields_are_plain_text(sent: str, read: str | None) -> None:
    assert field_text(sent) == read


def test_normal_is_idempotent_and_keeps_quotes() -> None:
    text = normal("“It’s”\r\nover…")
    assert text == "“It’s”\nover…"
    assert normal(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [("It’s 3.5 % a-b — ok", 4), ("港口开放", 4), ("สวัสดีครับ", 2), ("", 0), ("a,b - c_d (e.g. 3.5%)/f", 5)],
)
def test_word_count(text: str, words: int) -> None:
    assert word_count(text) == words
