"""What is one story and what is not, told in small invented cases."""

from collections.abc import Sequence

import pytest

from ingest.dedupe import MemoryIndex, resolve, story_id_of
from ingest.model import Article, Image

from .texts import NOW, article, prose


def resolved(*articles: Article, index: MemoryIndex | None = None) -> list[Article]:
    return list(resolve(articles, index or MemoryIndex(), now=NOW).articles)


def relations(articles: Sequence[Article]) -> list[str | None]:
    return [a.relation for a in articles]


def stories(articles: Sequence[Article]) -> int:
    return len({a.story_id for a in articles})


def test_an_article_alone_founds_a_story() -> None:
    (alone,) = resolved(article("a", prose(1)))
    assert (alone.relation, alone.duplicate_of, alone.similarity) == ("canonical", None, None)
    assert alone.story_id == story_id_of("a")
    assert alone.evidence is not None and alone.evidence.rule == "new"


def test_a_republished_story_cut_retitled_and_with_a_promo_line_is_a_copy() -> None:
    body = prose(1, 12)
    copy = article("b", [*body[:9], "Sign up for our evening newsletter."], 5, headline="Another title altogether")
    first, second = resolved(article("a", body, headline="The agency's headline"), copy)
    assert second.story_id == first.story_id
    assert (second.relation, second.duplicate_of) == ("copy", "a")
    assert second.evidence is not None and second.evidence.rule == "near-copy"
    assert second.similarity is not None and second.similarity > 0.9
    assert all(passage in " ".join(body) for passage in second.evidence.passages)


def test_the_paper_s_own_lead_does_not_hide_a_copy() -> None:
    body = prose(1, 10)
    answer = resolved(article("a", body), article("b", [*prose(2, 2), *body[1:8]], 6))
    assert stories(answer) == 1


def test_an_excerpt_is_the_opening_and_a_quotation_is_not() -> None:
    body = prose(1, 20)
    whole, excerpt, quoting = resolved(
        article("a", body),
        article("b", body[:2], 1),
        article("c", [*prose(2, 8), body[15], *prose(3, 6)], 2),
    )
    assert (excerpt.story_id, excerpt.relation) == (whole.story_id, "excerpt")
    assert quoting.relation == "canonical"


def test_round_ups_join_none_of_their_stories() -> None:
    texts = [prose(seed, 6) for seed in range(6)]
    answer = resolved(
        *(article(f"a{i}", text, i) for i, text in enumerate(texts)),
        article("z", [text[0] for text in texts], 9, headline="Top stories at this hour"),
    )
    assert stories(answer) == 7


def test_a_follow_up_with_old_background_is_another_story() -> None:
    old = prose(1, 10)
    answer = resolved(article("a", old), article("b", [*prose(2, 8), old[0], old[3], old[4]], 30))
    assert stories(answer) == 2


def test_an_update_holds_the_old_text_and_more_and_copies_of_it_join() -> None:
    old = prose(1, 6)
    grown = [*prose(2, 2), *old, *prose(3, 3)]
    first, update, copy = resolved(
        article("a", old), article("b", grown, 2), article("c", [*grown[:2], *grown[8:], old[0]], 4)
    )
    assert (update.relation, update.duplicate_of) == ("update", "a")
    assert copy.story_id == first.story_id
    assert copy.duplicate_of == "b"


FORM = """The board of {name} Works told shareholders on Tuesday that the summer brought in {a} million crowns. The
{town} firm earned {b} crowns a share, or {c} crowns without the cost of closing a yard. Brokers who follow the firm had
reckoned with less. The maker of {thing} sold goods for {d} million crowns in the period, against {e} million a year
before, and its stock has climbed {f} percent since the snow melted."""


def test_forms_filled_in_twice_are_two_stories_and_a_reprint_is_a_copy() -> None:
    one = FORM.format(name="Velmar", town="Grosten", a=41, b=82, c=79, thing="pumps", d=612, e=588, f=12)
    two = FORM.format(name="Ostrine", town="Lakhova", a=9, b=14, c=17, thing="lamps", d=144, e=139, f=31)
    first, other, reprint = resolved(article("a", one), article("b", two, 1), article("c", one + " More soon.", 2))
    assert first.story_id != other.story_id
    assert reprint.story_id == first.story_id


def test_the_same_place_s_weather_on_another_day_is_another_story() -> None:
    form = """Weather for Grosten for {day}: mostly cloudy in the morning with a {a} percent chance of showers, then
    clearing in the afternoon from the west. Highs around {b} degrees, lows near {c}. Winds at {d} kilometres an hour,
    gusting to {e} near the coast. Sunrise at {f}, sunset at {g}."""
    monday = form.format(day="Monday", a=40, b=11, c=3, d=22, e=51, f="6:41", g="18:02")
    tuesday = form.format(day="Tuesday", a=70, b=9, c=1, d=35, e=64, f="6:39", g="18:04")
    assert stories(resolved(article("a", monday), article("b", tuesday, 24))) == 2


def test_a_few_new_figures_in_a_long_text_are_an_update() -> None:
    body = [
        f"{p} At least {n} people from Grosten and {n + 7} from Velmar left." for n, p in enumerate(prose(1, 8), 20)
    ]
    changed = [body[0].replace("20", "99"), *body[1:]]
    first, second = resolved(article("a", body), article("b", changed, 3))
    assert (second.story_id, second.relation) == (first.story_id, "update")


@pytest.mark.parametrize(
    "headline", ["CORRECTED-Grosten votes", "Korrektur: Grosten wählt", "Grosten votes (Corrects date)"]
)
def test_corrections_say_so(headline: str) -> None:
    body = prose(1)
    answer = resolved(article("a", body, headline="Grosten votes"), article("b", body, 1, headline=headline))
    assert relations(answer) == ["canonical", "correction"]


def test_a_market_in_correction_territory_corrects_nothing() -> None:
    body = prose(1)
    answer = resolved(article("a", body), article("b", body, 1, headline="Stocks in correction territory"))
    assert relations(answer) == ["canonical", "copy"]


def test_versions_stay_in_the_story_whatever_becomes_of_the_text() -> None:
    index = MemoryIndex()
    first = resolve([article("a", prose(1))], index, now=NOW)
    index.save(first.members)
    second = resolve([article("a", prose(2), 1, version=2)], index, now=NOW)
    index.save(second.members)
    third = resolve([article("a", prose(2), 2, version=3, ed_note="REFILE to fix byline")], index, now=NOW)
    assert {a.story_id for r in (first, second, third) for a in r.articles} == {story_id_of("a")}
    assert second.articles[0].relation == "update"
    assert third.articles[0].relation == "correction"


def test_versions_of_one_batch_are_taken_in_turn() -> None:
    first, second = article("a", prose(1), 5), article("a", prose(1, 9), 4, version=2)
    answer = resolved(second, first)
    assert relations(answer) == ["update", "canonical"]
    assert stories(answer) == 1


def test_a_stale_version_does_not_replace_the_newer_row() -> None:
    index = MemoryIndex()
    index.save(resolve([article("a", prose(1), version=3)], index, now=NOW).members)
    late = resolve([article("a", prose(2), version=2)], index, now=NOW)
    assert late.articles[0].story_id == story_id_of("a")
    assert late.members == ()


def test_a_cancelled_version_keeps_story_and_text() -> None:
    index = MemoryIndex()
    body = prose(1)
    index.save(resolve([article("a", body)], index, now=NOW).members)
    cancel = resolve([article("a", "", 1, version=2, pub_status="canceled")], index, now=NOW)
    index.save(cancel.members)
    assert cancel.articles[0].story_id == story_id_of("a")
    (copy,) = resolved(article("b", body[:7], 2), index=index)
    assert copy.story_id == story_id_of("a")


def test_one_address_in_two_sources_is_a_copy_even_as_a_teaser() -> None:
    url = "https://times.example/2024/grosten-votes?utm_source=feed"
    whole = article("a", prose(1), url=url)
    teaser = article("b", "Voters in Grosten go to the polls.", 1, url="http://times.example/2024/grosten-votes/")
    answer = resolved(whole, teaser)
    assert relations(answer) == ["canonical", "copy"]
    assert answer[1].evidence is not None and answer[1].evidence.rule == "same-url"


def test_a_front_page_and_a_live_page_are_no_identity() -> None:
    home = [article(f"h{i}", prose(i), url="https://times.example/") for i in range(2)]
    live = [
        article(
            f"l{i}",
            "A short post.",
            i,
            url="https://times.example/live",
            source_id="times",
            headline=f"Post {i} of many",
        )
        for i in range(2)
    ]
    assert stories(resolved(*home, *live)) == 4


def test_short_texts_join_only_if_text_and_headline_are_equal() -> None:
    text = "The bridge at Velmar will be closed on Sunday for repairs."
    headline = "Velmar bridge to close"
    same, other, same_again, next_week = (
        article("a", text, headline=headline),
        article("b", text, 1, headline="Lakhova bridge to close"),
        article("c", text, 2, headline=headline),
        article("d", text, 100, headline=headline),
    )
    answer = resolved(same, other, same_again, next_week)
    assert answer[2].story_id == answer[0].story_id
    assert stories(answer) == 3


def test_headlines_and_pictures_without_text() -> None:
    def picture(id_: str, url: str) -> Article:
        images = [Image(url=url).model_dump()]
        return article(id_, "", headline="Snow falls on the town of Grosten", type="picture", images=images)

    pictures = resolved(picture("a", "https://p.example/1"), picture("b", "https://p.example/2"))
    briefs = resolved(article("a", headline="Briefing"), article("b", headline="Briefing"))
    alerts = [article(id_, headline="Velmar beats Grosten in the final") for id_ in "ab"]
    assert (stories(pictures), stories(briefs), stories(resolved(*alerts))) == (2, 2, 1)


def test_a_paywall_notice_makes_no_story() -> None:
    stub = " ".join(prose(1, 1, 40))
    one = article("a", stub, source_id="times", headline="Velmar wins")
    two = article("b", stub, 1, source_id="times", headline="Harvest begins early")
    assert stories(resolved(one, two)) == 2


def test_languages_do_not_merge() -> None:
    table = "\n".join(f"Velmar {n} Grosten {n + 1} Lakhova {n * 2} Ostrine {n + 9}" for n in range(20))
    answer = resolved(
        article("a", table + "\n" + prose(1, 1)[0], language="en"),
        article("b", table + "\n" + prose(2, 1)[0], language="fr"),
        article("c", table + "\n" + prose(1, 1)[0] + " Ende", language="en-GB"),
    )
    assert answer[0].story_id != answer[1].story_id
    assert answer[0].story_id == answer[2].story_id


def test_scripts_without_spaces() -> None:
    text = "政府は四日、北部の港町に新しい鉄道を建設する計画を発表した。総工費は三千億円で、五年後の完成を目指す。" * 3
    more = "地元の漁業者からは騒音への不安の声も上がっており、市は来月に説明会を開く予定である。"
    other = (
        "気象台によると、低気圧が日本海を東に進み、週末は各地で雪になる見込みだ。山沿いでは大雪に警戒が必要である。" * 3
    )
    answer = resolved(article("a", text + more), article("b", text, 1), article("c", other, 1))
    assert answer[1].story_id == answer[0].story_id
    assert stories(answer) == 2


def test_the_agency_s_own_item_is_canonical_even_if_a_copy_came_first() -> None:
    body = prose(1, 10)
    copy, own, excerpt = resolved(
        article("a", body[:9], 0, source_id="times", provider="AFP"),
        article("b", body, 1, source_id="afp-wire", provider="AFP"),
        article("c", body[:3], 2, source_id="post", provider="AFP"),
    )
    assert relations([copy, own, excerpt]) == ["copy", "canonical", "excerpt"]
    assert (copy.duplicate_of, own.duplicate_of, excerpt.duplicate_of) == ("b", None, "b")


def test_of_two_at_the_same_time_the_longer_is_canonical() -> None:
    body = prose(1, 10)
    assert relations(resolved(article("a", body[:7]), article("b", body))) == ["copy", "canonical"]


def test_stories_do_not_chain() -> None:
    parts = [prose(seed, 5) for seed in range(6)]
    chain = [article(f"a{i}", [*parts[i], *parts[i + 1]], i) for i in range(5)]
    answer = resolved(*chain)
    assert answer[0].story_id != answer[3].story_id


def test_more_than_a_week_apart_only_equal_texts_join() -> None:
    body = prose(1, 10)
    answer = resolved(article("a", body), article("b", body[:9], 200), article("c", body, 300))
    assert answer[1].story_id != answer[0].story_id
    assert answer[2].story_id == answer[0].story_id


def test_a_run_done_again_decides_the_same() -> None:
    body = prose(1, 10)
    batch = [article("a", body), article("b", body[:8], 1), article("c", prose(2), 2)]
    index = MemoryIndex()
    first = resolve(batch, index, now=NOW)
    index.save(first.members)
    again = resolve(batch, index, now=NOW)
    assert again.members == ()
    key = [(a.story_id, a.relation, a.duplicate_of) for a in first.articles]
    assert [(a.story_id, a.relation, a.duplicate_of) for a in again.articles] == key


def test_nothing_in_nothing_out() -> None:
    assert resolve([], MemoryIndex(), now=NOW).articles == ()


@pytest.mark.parametrize("headline", ["UPDATE 2-Grosten votes", "ACTUALISÉ : Grosten vote", "【更新】グロステン"])
def test_a_later_text_that_says_it_is_an_update_is_one(headline: str) -> None:
    body = prose(1, 12)
    answer = resolved(article("a", body), article("b", [body[0], *prose(2, 1), *body[1:]], 3, headline=headline))
    assert relations(answer) == ["canonical", "update"]


def test_what_is_equal_to_an_update_is_a_copy() -> None:
    body = prose(1, 12)
    more = [body[0], *prose(2, 1), *body[1:]]
    headline = "UPDATE 2-Grosten votes"
    answer = resolved(
        article("a", body), article("b", more, 3, headline=headline), article("c", more, 4, headline=headline)
    )
    assert relations(answer) == ["canonical", "update", "copy"]


def test_a_correction_may_say_so_in_its_last_paragraph() -> None:
    body = prose(1)
    note = "CORRECTION: An earlier version of this story gave a wrong figure."
    said = resolved(article("a", body), article("b", [*body, note], 1))
    within = resolved(article("a", body), article("b", [*body[:4], note, *body[4:]], 1))
    assert (relations(said), relations(within)) == (["canonical", "correction"], ["canonical", "copy"])


def test_what_is_equal_to_an_excerpt_is_an_excerpt() -> None:
    body = prose(1, 10)
    answer = resolved(article("a", body), article("b", body[:3], 1), article("c", body[:3], 2))
    assert relations(answer) == ["canonical", "excerpt", "excerpt"]
    assert {a.duplicate_of for a in answer[1:]} == {"a"}


def test_an_excerpt_of_two_paragraphs_is_found_under_a_line_of_the_paper_s_own() -> None:
    line = "The evening paper has the whole of this story for you from nine."
    for seed in range(40):
        body = prose(seed, 12, 25)
        assert stories(resolved(article("a", body), article("b", [line, *body[:2]], 1))) == 1


def test_short_equal_texts_need_headlines_that_are_alike() -> None:
    text = "Gales will reach the coast of Velmar on Sunday evening, and the ferries to Grosten stay in port until noon."
    first, alike, other, next_week = (
        article("a", text, headline="Gales to reach Velmar coast"),
        article("b", text, 1, headline="Velmar: no ferries in the gales"),
        article("c", text, 2, headline="Subscribe to read on"),
        article("d", text, 100, headline="Gales to reach Velmar coast"),
    )
    answer = resolved(first, alike, other, next_week)
    assert answer[1].story_id == answer[0].story_id
    assert stories(answer) == 3


def test_passages_are_as_printed() -> None:
    body = [f"Sales in the U.S. rose by {n} % in May, said the U.N. office, and {n}% more were sold." for n in range(9)]
    copy = resolved(article("a", body), article("b", [*body, "Sign up for our letter."], 1))[1]
    assert copy.evidence is not None
    assert [p in " ".join(body) for p in copy.evidence.passages] == [True]


def test_another_paper_s_name_does_not_make_it_the_agency() -> None:
    body = prose(1, 10)
    wire, copy = resolved(
        article("a", body, 0, source_id="mpa-wire", provider="Meridian Press"),
        article("b", body, 1, source_id="harbour-times", provider="Harbour Times"),
    )
    assert relations([wire, copy]) == ["canonical", "copy"]


def test_a_copy_of_what_was_killed_says_so() -> None:
    index = MemoryIndex()
    body = prose(1)
    index.save(resolve([article("a", body)], index, now=NOW).members)
    index.save(resolve([article("a", "", 1, version=2, pub_status="canceled")], index, now=NOW).members)
    for text in (body, body[:7]):
        (copy,) = resolved(article("b", text, 2), index=index)
        assert copy.story_id == story_id_of("a")
        assert copy.evidence is not None and copy.evidence.note == "what it is a copy of was killed"


def test_the_whole_that_comes_late_makes_one_story_of_its_parts() -> None:
    body = prose(1, 12)
    index = MemoryIndex()
    parts = resolve([article("b", body[:6], 1), article("c", body[6:], 2)], index, now=NOW)
    assert stories(parts.articles) == 2
    index.save(parts.members)
    whole = resolve([article("a", body, 0)], index, now=NOW)
    index.save(whole.members)
    later = resolved(article("d", body[6:], 3), article("e", body[:5], 3), index=index)
    assert {a.story_id for a in (*whole.articles, *later)} == {story_id_of("b")}
    assert {member.story_id for member in index.by_article_ids("abc").values()} == {story_id_of("b")}


def test_a_round_up_that_comes_late_makes_no_one_story() -> None:
    texts = [prose(seed, 2) for seed in range(4)]
    index = MemoryIndex()
    index.save(resolve([article(f"a{i}", text, 1 + i) for i, text in enumerate(texts)], index, now=NOW).members)
    late = resolve([article("z", [text[0] for text in texts], 0)], index, now=NOW)
    assert late.articles[0].story_id == story_id_of("z")
    assert [(member.article_id, member.represents) for member in late.members] == [("z", False)]
