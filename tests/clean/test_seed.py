"""The story that the project started from, where it is there."""

from datetime import date

from ingest.clean import clean_fragment
from tests.corpora import corpora


def test_seed_story() -> None:
    article = clean_fragment((corpora("seed") / "seed-story.txt").read_text("utf-8"))
    (promo, *notices) = article.removed
    (image,) = article.images
    assert (promo.kind, "Telegram" in promo.text) == ("promo", True)
    assert {item.kind for item in notices} == {"rights"}
    assert article.headline == "US says China talks on Russia were a ‘substantial discussion’"
    assert image.caption is not None
    assert image.caption.endswith("on March 14, 2022.")
    assert (image.photographer, image.agency, image.distributors) == (
        "Filippo Monteforte",
        "AFP",
        ("Getty Images", "TNS"),
    )
    assert (image.place, image.taken) == ("Rome", date(2022, 3, 14))
    assert [block.kind for block in article.blocks] == ["paragraph"] * 16
    assert (article.rights.holder, article.rights.year) == ("Bloomberg L.P.", 2022)
    assert article.rights.distributor == "Tribune Content Agency, LLC"
    assert (article.provider, article.language) == ("Bloomberg", "en")
