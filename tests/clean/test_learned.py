"""Learning what a source repeats: what must be learned, what must not, and taking it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.clean.learned import LearnedRule, in_force, line_id
from ingest.clean.lines import AGE, MAX_LINES, WINDOW, Counts, Line, learn, lines_of_story
from ingest.model import Article, Block, Entry, Removed, Source
from tests.paragraphs import WORDS, paragraphs

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
SOURCE = Source(id="lantern", name="Brightwater Lantern", urls=())
PLAIN = "Brightwater Lantern is printed by the keepers of the old lighthouse."
OWN = "Our harbour desk is paid for by the families of Brightwater and nobody else."

Story = list[str]  # paragraphs


def story(number: int, length: int = 8) -> Story:
    return paragraphs(number, length)


def teach(
    stories: Sequence[Sequence[str | Block]],
    counts: Counts | None = None,
    rules: Sequence[LearnedRule] = (),
    now: datetime = NOW,
    first: int = 0,
) -> list[LearnedRule]:
    """One run of a source's stories: the rules that changed."""
    counts = Counts() if counts is None else counts
    printed: list[Line] = []
    for number, parts in enumerate(stories, start=first):
        blocks = [Block(kind="paragraph", text=part) if isinstance(part, str) else part for part in parts]
        lines = list(lines_of_story(blocks, ()))
        if counts.add(f"story-{number}", lines, now):
            printed += lines
    counts.forget(now)
    return learn("lantern", counts, printed, rules, now)


def at_end(line: str | Block, number: int) -> Sequence[str | Block]:
    return [*story(number), line]


def at_start(line: str | Block, number: int) -> Sequence[str | Block]:
    return [line, *story(number)]


def inside(line: str | Block, number: int) -> Sequence[str | Block]:
    own = story(number, 12)
    return [*own[:6], line, *own[6:]]


def repeated(
    place: Callable[[str | Block, int], Sequence[str | Block]], line: str | Block, times: int, of: int
) -> list[LearnedRule]:
    return teach([place(line, n) if n * times // of != (n + 1) * times // of else story(n) for n in range(of)])


# ── what is learned, and what is not ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("place", "line", "times", "of", "kind"),
    [
        (at_end, PLAIN, 20, 40, "other"),
        (at_start, PLAIN, 8, 8, "other"),
        (at_end, OWN, 5, 25, "other"),
        (at_start, OWN, 40, 200, "other"),
        (inside, OWN, 12, 40, "other"),
        (at_end, "Write to the night desk at desk@lantern.example with what you saw.", 6, 20, "promo"),
        (at_end, "Der Abend am Hafen kommt jeden Freitag als Newsletter ins Haus.", 6, 20, "subscribe"),
        (at_end, "Cet article vient du Phare, que ses abonnés font vivre depuis le port.", 6, 20, "subscribe"),
        (at_end, "Este texto forma parte de nuestra serie sobre los faros de la costa.", 6, 20, "other"),
        (at_end, "灯台日報は毎朝、港の新聞店で購読できます。", 6, 20, "subscribe"),
        (at_end, "版权归灯塔日报所有，未经许可不得使用。", 6, 20, "rights"),
        (at_end, Block(kind="list", text="About our desk\nAbout the lighthouse"), 6, 20, "other"),
    ],
)
def test_what_a_source_repeats_is_learned(
    place: Callable[..., Story], line: str | Block, times: int, of: int, kind: str
) -> None:
    [rule] = repeated(place, line, times, of)
    text = line if isinstance(line, str) else line.text
    assert (rule.text, rule.kind, rule.stories, rule.window, rule.state) == (text, kind, times, of, "active")
    assert rule.name == f"learned: {times} of {of} stories since 2026-11-24 ({rule.rule_id})"


@pytest.mark.parametrize(
    ("place", "line", "times", "of"),
    [
        (at_end, OWN, 4, 4),  # too few stories, though all of them
        (at_end, OWN, 7, 40),  # too small a share
        (at_end, "The investigation is still under way.", 16, 40),  # a stock sentence, as local news end with
        (at_end, "Nobody was hurt in the accident.", 7, 12),
        (inside, "The company did not respond to a request for comment.", 40, 40),  # inside a story it is news
        (inside, OWN, 9, 20),
        (at_start, "Here are the winners of our annual garden prize:", 20, 20),  # leads on to what is below
        (inside, "How do you spend your evenings?", 20, 20),  # of an interview by questionnaire
        (at_start, "Q:", 20, 20),
        (at_start, "Frage: ", 20, 20),
        (at_start, "Anna Bell", 20, 20),
        (at_start, "ROME (MPA)", 20, 20),
        (at_end, "“We are doing all that we can for you tonight.”", 20, 20),  # somebody's words
        (at_end, "The US embassy stayed closed on that day.", 8, 20),  # not "us"
        (at_end, Block(kind="heading", text="Background to our stories here", level=2), 20, 20),
        (at_end, Block(kind="quote", text=OWN), 20, 20),
        (at_end, Block(kind="table", text=OWN), 20, 20),
        (at_end, f"{OWN} " + "We never stop. " * 40, 20, 20),  # too long
    ],
)
def test_what_may_be_news_is_not_learned(place: Callable[..., Story], line: str | Block, times: int, of: int) -> None:
    assert repeated(place, line, times, of) == []


def test_a_line_whose_figures_change_is_news() -> None:
    assert teach([[*story(n), f"Our weather post measured {n} degrees at noon."] for n in range(20)]) == []
    results = [[*story(n), f"Our harbour club won the evening game {3 if n < 19 else 2} to 1."] for n in range(20)]
    assert teach(results) == []
    assert len(teach([[*story(n), "Call us at 555 0101 if you saw it too."] for n in range(20)])) == 1


def test_case_and_white_space_do_not_count() -> None:
    assert len(teach([[*story(n), OWN.upper() if n % 2 else OWN.replace(" ", "  ")] for n in range(20)])) == 1
    assert line_id("Page 3 of  12") == line_id("PAGE 11 of 2") != line_id("Page of")


def test_articles_of_one_story_count_once() -> None:
    counts = Counts()
    for _ in range(20):
        assert teach([[*story(1), OWN]], counts) == []  # first=0: the same story id
    assert len(counts.stories) == 1


def test_a_line_twice_in_a_story_counts_once() -> None:
    assert teach([[OWN, *story(n), OWN] for n in range(4)]) == []


def test_lines_of_a_paragraph_are_lines() -> None:
    [rule] = teach([[*story(n), f"{story(n + 100, 1)[0]}\n{OWN}"] for n in range(10)])
    assert rule.text == OWN


# ── over time ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_is_learned_over_several_runs_and_expires_when_the_line_is_gone() -> None:
    counts = Counts()
    rules: dict[str, LearnedRule] = {}
    for night in range(10):
        now = NOW + timedelta(days=night)
        changed = teach([[*story(night), OWN]], counts, tuple(rules.values()), now, first=night)
        rules |= {rule.rule_id: rule for rule in changed}
        assert bool(rules) == (night >= 4)
    [rule] = rules.values()
    assert (rule.stories, rule.window, rule.learned_at) == (5, 5, NOW + timedelta(days=4))
    assert rule.seen_at == NOW + timedelta(days=9)
    assert teach([story(n) for n in range(150)], counts, [rule], NOW + timedelta(days=20), first=10) == []
    [gone] = teach([story(n) for n in range(60)], counts, [rule], NOW + timedelta(days=30), first=160)
    assert (gone.state, gone.expired_at) == ("expired", NOW + timedelta(days=30))
    later = NOW + timedelta(days=40)
    [back] = teach([[*story(n), OWN] for n in range(50)], counts, [gone], later, first=220)
    assert (back.state, back.learned_at, back.window) == ("active", later, WINDOW)


def test_stories_older_than_ninety_days_do_not_count() -> None:
    counts = Counts()
    teach([[*story(n), OWN] for n in range(4)], counts)
    assert teach([[*story(4), OWN]], counts, now=NOW + AGE + timedelta(days=1), first=4) == []
    assert len(counts.stories) == 1


def test_a_rule_that_was_undone_stays_so() -> None:
    counts = Counts()
    [rule] = teach([[*story(n), OWN] for n in range(10)], counts)
    undone = rule.model_copy(update={"undone": True})
    for again in (undone, undone.model_copy(update={"expired_at": NOW})):
        changed = teach([[*story(n), OWN] for n in range(10, 20)], counts, [again], NOW + timedelta(days=1), first=10)
        assert all(rule.undone for rule in changed)
        assert in_force(changed, NOW + timedelta(days=2)) == {}


def test_a_line_that_is_taken_out_goes_on_counting() -> None:
    counts = Counts()
    [rule] = teach([[*story(n), PLAIN] for n in range(10)], counts)
    later = NOW + timedelta(days=1)
    lines = list(lines_of_story((), (Removed(kind="other", text=PLAIN, rule=rule.name),)))
    counts.add("story-99", lines, later)
    [seen] = learn("lantern", counts, lines, [rule], later)
    assert (seen.seen_at, seen.state) == (later, "active")


def test_what_is_remembered_is_bounded() -> None:
    counts = Counts()
    many = [
        [*(f"{word} our {n} and {a} of it" for a in WORDS.split() for word in WORDS.split()), OWN] for n in range(3)
    ]
    for n in range(300):
        teach([many[n] if n < 3 else [*story(n), OWN]], counts, first=n)
    assert len(counts.stories) == WINDOW
    assert len(counts.lines) <= MAX_LINES
    assert max(len(seen.stories) for seen in counts.lines.values()) == WINDOW


# ── taking it out ───────────────────────────────────────────────────────────────────────────────────────────────


def cleaned(html: str, *lines: str, born: datetime = NOW, **changes: object) -> Article:
    rules = [
        LearnedRule.model_validate(
            {
                "source_id": "lantern", "rule_id": line_id(line), "kind": "promo", "text": line, "stories": 5,
                "window": 9, "counted_since": "2026-11-01", "learned_at": NOW, "seen_at": NOW,
            }
            | changes
        )
        for line in lines
    ]  # fmt: skip
    return clean(Entry(headline="A headline", html=html), SOURCE, learned=in_force(rules, born))


TEXT = "".join(f"<p>{part}</p>" for part in story(7))


def test_what_was_learned_goes_with_its_rule() -> None:
    article = cleaned(f"{TEXT}<h3>Who we are</h3><p>{OWN.replace(' ', chr(160))}</p>", OWN)
    assert article.body_text == "\n\n".join(story(7))
    [line, heading] = article.removed
    assert (line.kind, line.text) == ("promo", OWN)
    assert line.rule == f"learned: 5 of 9 stories since 2026-11-01 ({line_id(OWN)})"
    assert (heading.text, heading.rule) == ("Who we are", "heading-without-text")


def test_a_line_of_a_paragraph_goes_alone() -> None:
    article = cleaned(f"{TEXT}<p>The last of it is here.<br>{OWN}</p>", OWN)
    assert article.blocks[-1].text == "The last of it is here."
    assert [item.text for item in article.removed] == [OWN]


@pytest.mark.parametrize(
    "html",
    [
        f"{TEXT}<blockquote><p>{OWN}</p></blockquote>",
        f"{TEXT}<p>He read it aloud: {OWN}</p>",
        f"{TEXT}<table><tr><td>{OWN}</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>",
        f"<p>{OWN}</p>",  # it is all there is
        f"<p>Short news.</p><p>{OWN}</p>",
        f"{TEXT}<p>{OWN.replace('Brightwater', 'Stillwater')}</p>",
    ],
)
def test_what_only_looks_like_it_stays(html: str) -> None:
    article = cleaned(html, OWN)
    assert article.body_text == cleaned(html).body_text
    assert not article.removed


def test_an_article_keeps_the_rules_it_was_born_with() -> None:
    html, day = f"{TEXT}<p>{OWN}</p>", timedelta(days=1)
    assert not cleaned(html, OWN, born=NOW - day).removed
    assert cleaned(html, OWN, born=NOW, expired_at=NOW + day).removed
    assert not cleaned(html, OWN, born=NOW + day, expired_at=NOW + day).removed
    assert not cleaned(html, OWN, undone=True).removed


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=8), st.lists(st.text(max_size=80), min_size=1, max_size=3))
def test_no_text_is_lost_whatever_is_learned(paragraphs: list[str], learned: list[str]) -> None:
    html = "".join(f"<p>{part.replace('&', '').replace('<', '')}</p>" for part in (*paragraphs, *learned))
    before, after = cleaned(html), cleaned(html, *learned)
    here = [block.text for block in after.blocks]
    gone = [item.text for item in after.removed if item.rule.startswith("learned: ")]
    for block in before.blocks:
        assert block.text in here or all(line in here or line in gone for line in block.text.split("\n"))
    lines_of_story(after.blocks, after.removed)
