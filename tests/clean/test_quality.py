"""The score that the hopeless are put aside by, and its reasons."""

import pytest

from ingest.clean import clean
from ingest.clean.quality import HOPELESS, POOR, hopeless
from ingest.model import Article, Entry, Extraction, Source
from tests.clean.test_languages import ROWS
from tests.clean.test_languages import cleaned as cleaned_row

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


# ── what is put aside ───────────────────────────────────────────────────────────────────────────────────────────

HOPELESS_TEXTS = {
    "consent-en": (
        "wall",
        "<p>We use cookies and similar technologies to show you what you like.</p><p>Accept all</p>"
        "<p>Manage preferences</p><p>By going on you agree to our privacy policy and to that of our partners.</p>",
    ),
    "consent-de": (
        "wall",
        "<p>Wir und unsere Partner verwenden Cookies, um Inhalte auf Sie zuzuschneiden.</p><p>Alle akzeptieren</p>",
    ),
    "consent-fr": (
        "wall",
        "<p>Avec votre consentement, nous utilisons des cookies pour mesurer l’audience.</p><p>Tout accepter</p>",
    ),
    "robot": ("wall", "<p>Please verify you are human to go on.</p>"),
    "no-script": ("wall", "<p>You need to enable JavaScript to run this app.</p>"),
    "menu-lines": ("menu", "".join(f"<p>{w}</p>" for w in ("Home", "News", "Sport", "Weather", "Login", "Search"))),
    "menu-line": ("menu", "<p>Home News Sport Weather Opinion Video Login Register Search</p>"),
    "menu-list": (
        "menu",
        "<ul><li>Startseite</li><li>Politik</li><li>Wirtschaft</li><li>Wetter</li><li>Suche</li><li>Impressum</li></ul>",
    ),
    "lost": ("unreadable", "<p>" + "\ufffd\ufffd ha\ufffdbour \ufffd " * 20 + "</p>"),
    "signs": ("unreadable", "<p>" + "%$#@ ^&amp;* ~~ |\\ {}_ +=&gt; " * 20 + "</p>"),
    "script": ("script", "<p>" + "function (a) { return a; } $(b) }} { var x = 1; " * 12 + "</p>"),
    "style": ("script", "<p>" + ".a{color:red;margin:0;} .b{padding:1px;} #c{font:12px;} " * 8 + "</p>"),
    "json": (
        "script",
        '<p>{"@context":"https://schema.example","@type":"NewsArticle","headline":"X","author":{"name":"Y"}}</p>',
    ),
    "promos": (
        "only-boilerplate",
        "<p>Subscribe to our newsletter and get the day's stories in your inbox every morning.</p><p>Follow us on "
        "Facebook, X and Instagram.</p><p>Download our app for breaking news.</p><p>Share this article</p>"
        "<p>If you value our journalism, please consider making a donation.</p><p>Read more: Ferry company fined after "
        "a crash in the fog off Newport in January</p>",
    ),
}

KEPT_TEXTS = {
    "nothing": "",
    "flash": "<p>Harbour closed.</p>",
    "flash-with-promo": "<p>Follow us on Facebook, X and Instagram.</p>",
    "picture": '<img src="/a.jpg"><p>We use cookies. Accept all.</p>',
    "chinese": "<p>旧港港口周二关闭，此前一场风暴冲毁了北码头的一部分。</p>",
    "japanese": "<p>港は火曜日に閉鎖された。嵐が桟橋の一部を壊した。</p>",
    "hindi": "<p>बंदरगाह मंगलवार को बंद कर दिया गया क्योंकि तूफान ने उत्तरी घाट का हिस्सा तोड़ दिया।</p>",
    "arabic": "<p>أغلق الميناء يوم الثلاثاء بعد عاصفة حطمت جزءا من رصيفه الشمالي.</p>",
    "thai": "<p>ท่าเรือปิดเมื่อวันอังคารหลังพายุพัดท่าเรือด้านเหนือบางส่วน</p>",
    "russian": "<p>Порт закрыли во вторник.</p>",
    "french": "<p>Le port a été fermé mardi, où l’eau était montée à deux mètres après la tempête.</p>",
    "cookie-story": (
        "<p>Newspapers may no longer hide the button to reject all behind the one to accept all, a court ruled on "
        "Tuesday in a case about the banners that say a site is going to use cookies.</p><p>The publisher said it "
        "would appeal. Four other countries have opened cases of the same kind.</p>"
    ),
    "robot-story": f"<p>Are you a robot? asks the museum.</p><p>{SENTENCE * 4}</p>",
    "sport-brief": "<p>Sport: more news of the world championship in Oldhaven.</p>",
    "results": "<p>Oldhaven 2 Newport 1</p><p>Saltmere 0 Valdemora 0</p><p>Brackwede 4 Altmoor 3</p>" * 4,
    "names": "".join(f"<p>{name} Brandt</p>" for name in ("Ann", "Bob", "Jo", "Ines", "Uwe", "Lia", "Ugo", "Rui")),
    "prices": "<p>$71.20 +0.4% | €64.10 -0.2% | £55.00 +1.1% | $2,034.10 +0.4% | EUR/USD 1.08</p>",
    "table": "<table><tr><td>Gold</td><td>2,034.10</td><td>+0.4%</td></tr></table>",
    "lesson": "<p>The pupils typed function (a), then {a: 1}; and laughed at the <b>printer</b> in Newport.</p>",
    "cheer": "<p>🎉🎉🎉 Happy new year, Oldhaven! 🎉🎉🎉</p>",
}


@pytest.mark.parametrize(("why", "html"), HOPELESS_TEXTS.values(), ids=list(HOPELESS_TEXTS))
def test_what_is_no_story_is_put_aside(why: str, html: str) -> None:
    article = cleaned(html)
    assert hopeless(article) == why
    assert score(article) < HOPELESS
    assert why in doubts(article)


@pytest.mark.parametrize("html", KEPT_TEXTS.values(), ids=list(KEPT_TEXTS))
def test_what_is_little_is_kept(html: str) -> None:
    article = cleaned(html)
    assert hopeless(article) is None
    assert score(article) >= HOPELESS


def test_a_withdrawal_is_never_put_aside() -> None:
    _, html = HOPELESS_TEXTS["robot"]
    assert hopeless(clean(Entry(guid="1", headline="Storm", html=html, pub_status="canceled"), SOURCE)) is None


def test_what_the_page_was_judged_by_does_not_matter() -> None:
    _, wall = HOPELESS_TEXTS["consent-en"]
    of_page = Extraction(method="fast", version="1", quality=0.9)
    assert hopeless(clean(Entry(headline="Storm", html=wall, extraction=of_page), SOURCE)) == "wall"


def test_each_case_of_the_corpus_is_kept() -> None:
    assert [row for name, row, story in ROWS if hopeless(cleaned_row(row, story))] == []
