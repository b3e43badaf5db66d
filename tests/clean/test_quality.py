"""The score that the hopeless are put aside by, and its reasons."""

import pytest

from ingest.clean import clean
from ingest.clean.quality import POOR
from ingest.model import Article, Entry, Extraction, Source

SOURCE = Source(id="times", name="Harbour Times", urls=())
SENTENCE = "The harbour of Oldhaven was closed on Tuesday after a storm tore away part of its northern pier. "
STORY = "".join(f"<p>{SENTENCE} Day {n} of the works began at dawn.</p>" for n in range(4))


def cleaned(html: str, headline: str | None = "Storm closes harbour") -> Article:
    return clean(Entry(headline=headline, html=html, url="https://t.example/1"), SOURCE)


def score(article: Article) -> float:
    assert article.extraction is not None
    assert article.extraction.quality is not None
    return article.extraction.quality


def doubts(article: Article) -> set[str]:
    return {d for w in article.warnings if w.startswith("poor-text: ") for d in w.partition(": ")[2].split(", ")}


@pytest.mark.parametrize(
    "html",
    [
        STORY,
        f"{STORY}<p>Share this article</p><p>Read more: Ferries stop</p>",
        f"{STORY}<ul><li><a href='/a'>One</a></li><li><a href='/b'>Two</a></li></ul>",
        "<p>旧港港口周二关闭，此前一场风暴冲毁了北码头的一部分。港务局表示，渡轮最早周五恢复航行。</p>",
    ],
    ids=["plain", "promos", "links", "chinese"],
)
def test_a_story_is_good(html: str) -> None:
    assert score(cleaned(html)) == 1
    assert cleaned(html).warnings == ()


@pytest.mark.parametrize(
    ("html", "doubt"),
    [
        ("<p>" + "\ufffd\ufffd harbour \ufffd " * 40 + "</p>", "undecoded"),
        ("<p>" + "function (a) { return a; } $(b) }} { var x = 1; " * 12 + "</p>", "code"),
        (
            "".join(f"<p><a href='/{n}'>A headline of another page, number {n}</a></p>" for n in range(12)),
            "mostly-links",
        ),
        ("<p>Closed.</p>" + f"<nav>{SENTENCE * 8}</nav>", "mostly-removed"),
    ],
    ids=["undecoded", "code", "links", "menu"],
)
def test_the_hopeless_say_why(html: str, doubt: str) -> None:
    article = cleaned(html, None)
    assert score(article) < POOR
    assert doubt in doubts(article)


def test_a_brief_is_not_hopeless() -> None:
    assert score(cleaned("<p>The ferry to Newport sails again.</p>")) >= POOR


def test_what_extraction_says_of_its_page_stays() -> None:
    entry = Entry(headline="Storm", html=STORY, extraction=Extraction(method="fast", version="1", quality=0.42))
    article = clean(entry, SOURCE)
    assert article.extraction == entry.extraction
