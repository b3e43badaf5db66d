"""What is taken for the story and what is not, on small pages in the manner of news sites."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.extract import extract
from ingest.extract.facts import Facts
from ingest.extract.features import Frame
from ingest.extract.inline import text_and_links
from ingest.extract.kinds import Show, class_bits, leads_elsewhere, line_bits, names, side_show
from ingest.extract.page import cut, read_page, strip_noise
from ingest.extract.text import squeeze

URL = "https://echo.example/harbour/ferry-returns-after-the-long-winter"
SENTENCES = (
    "The ferry to the outer islands sails again from Monday, the harbour office said after a week of tests.",
    "Its engine was taken out in November, when the captain heard a noise that nobody on board could explain.",
    "Farmers on Grell had waited for the ship since then, because the small boats cannot carry cattle or hay.",
    "The council paid for the repair, and a second engine will be ordered as soon as the money is there.",
)
STORY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


SCRIPTS = {
    "zh": (
        "渡轮将于星期一恢复航行，港务局在一周的测试后表示。",
        "去年十一月，船长听到异常声响，发动机因此被拆下检修。",
        "岛上的农民一直等待这艘船，因为小船无法运送牲畜。",
    ),
    "ja": (
        "フェリーは月曜日から運航を再開すると、港湾事務所が発表した。",
        "十一月に船長が異音に気づき、エンジンが取り外されていた。",
        "島の農家は家畜を運べる船を待ち続けていたという。",
    ),
    "th": (
        "เรือข้ามฟากจะกลับมาให้บริการในวันจันทร์หลังการทดสอบหนึ่งสัปดาห์",
        "เครื่องยนต์ถูกถอดออกในเดือนพฤศจิกายนเมื่อกัปตันได้ยินเสียงผิดปกติ",
        "ชาวนาบนเกาะรอเรือลำนี้มานานเพราะเรือเล็กขนวัวไม่ได้เลยสักตัว",
    ),
    "ar": (
        "تعود العبّارة إلى الإبحار يوم الاثنين بعد أسبوع من الاختبارات، كما قال مكتب الميناء.",
        "أُخرج محركها في تشرين الثاني حين سمع القبطان صوتا غريبا لم يفهمه أحد.",
        "انتظر المزارعون في الجزيرة السفينة لأن القوارب الصغيرة لا تحمل الماشية.",
    ),
    "he": (
        "המעבורת תחזור להפליג ביום שני לאחר שבוע של ניסויים, כך מסר משרד הנמל.",
        "המנוע הוצא בנובמבר לאחר שהקברניט שמע רעש שאיש לא הצליח להסביר.",
        "החקלאים באי חיכו לאונייה, כי הסירות הקטנות אינן נושאות בקר וחציר.",
    ),
}


def page_of(inner: str) -> bytes:
    head = "<html lang=en><head><title>Ferry returns - Ellery Echo</title></head><body><nav><a href=/>Home</a></nav>"
    return (
        f"{head}<article><h1>Ferry returns</h1>{inner}</article><footer>© Ellery Echo</footer></body></html>".encode()
    )


def story_of(inner: str) -> str:
    return extract(page_of(inner), URL).html or ""


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param('<div class="comments"><p>I never believed that she would sail again.</p></div>', id="comment"),
        pytest.param('<aside><h3>Most read</h3><p>The bakery has a new owner.</p></aside>', id="aside"),
        pytest.param('<ul class="related-stories"><li><a href=/b>Bakery has a new owner</a></li></ul>', id="related"),
        pytest.param('<p>Read also: <a href=/b>Bakery on Quay Street has a new owner</a></p>', id="read also"),
        pytest.param('<p>Lea más: La panadería del muelle tiene nueva dueña</p>', id="lea más"),
        pytest.param('<p><a href=/b>関連記事：港のパン屋に新しい店主</a></p>', id="kanren"),
    ],
)  # fmt: skip
def test_noise_amid_the_story_is_left_out(noise: str) -> None:
    html = story_of(STORY.replace("</p>", f"</p>{noise}", 2))
    assert all(sentence in html for sentence in SENTENCES)
    assert not any(word in html for word in ("akery", "panadería", "パン屋", "believed"))


def test_what_was_left_out_is_told() -> None:
    entry = extract(page_of(STORY + '<p>Read also: <a href="/b">Bakery has a new owner</a></p>' + STORY), URL)
    assert [removed.text for removed in entry.removed] == ["Read also: Bakery has a new owner"]


def test_tables_and_lists_come_whole() -> None:
    rows = "".join(f"<tr><td>{day}</td><td>{n}.15</td></tr>" for n, day in enumerate(("Mon", "Tue", "Wed"), 7))
    html = story_of(f"{STORY}<table><tr><th>Day</th><th>Departs</th></tr>{rows}</table>{STORY}")
    assert html.count("<tr>") == 4
    items = "<ul><li>Cattle and hay on every crossing</li><li>Cars on Mondays, if there is room</li><li>Bikes</li></ul>"
    assert story_of(f"{STORY}{items}{STORY}").count("<li>") == 3


def test_captions_stay_with_their_pictures() -> None:
    html = story_of(
        f"{STORY}<figure><img src=/f.jpg><figcaption>The ferry at dawn. Photo: A. Lee</figcaption></figure>{STORY}"
    )
    assert "<figure><img" in html
    assert html.count("The ferry at dawn") == 1


def test_text_between_line_breaks() -> None:
    html = story_of(f"<div class=text>{'<br><br>'.join(SENTENCES)}</div>")
    assert html.count("<p>") == len(SENTENCES)


@pytest.mark.parametrize("language", SCRIPTS)
def test_any_script(language: str) -> None:
    sentences = SCRIPTS[language]
    html = story_of("".join(f"<p>{sentence}</p>" for sentence in sentences * 3))
    assert all(html.count(sentence) == 3 for sentence in sentences)


def test_side_shows() -> None:
    assert side_show("div", ' class="post-comments"') is Show.ANYTHING
    assert side_show("div", ' class="main-menu"') is Show.WITHOUT_PROSE
    assert side_show("div", ' style="display: none"') is Show.WITHOUT_PROSE
    assert side_show("div", ' class="article-body"') is None
    texts = [leaf.text for leaf in cut(f'<div class="related"><h1>Title</h1>{STORY}</div><nav>x</nav>').leaves]
    assert texts == ["Title", *SENTENCES]  # what holds the title is no side show
    assert len(cut(f'<div class="sidebar">{STORY}</div>').leaves) == len(SENTENCES)  # nor is a box around it all


def test_kinds() -> None:
    classes, lines = names()
    assert class_bits(' class="articlebody"') >> classes.index("prose") & 1
    assert class_bits(' data-x="comment"') == 0
    assert line_bits("Weiterlesen: Die Fähre") >> lines.index("more") & 1
    assert not leads_elsewhere("More on Grell the farmers cannot hope for, the council said.", 0)
    assert leads_elsewhere("Lesen Sie auch: Die Bäckerei am Kai", 0)


def test_leaves_of_hostile_markup() -> None:
    doc = LexborHTMLParser('<body><p>a <b>b<p>c</b> d <!-- <p>no --> <div a"b>e<p>f<br><br>g</p><iframe><p>x</iframe>')
    strip_noise(doc)
    page = read_page(doc)
    assert [leaf.text for leaf in page.leaves] == ["a b", "c d", "e", "f", "g"]
    assert page.leaves[0].html == "a <b>b</b>"


def test_what_is_surely_no_story_is_not_asked_about() -> None:
    page = cut(f'<div class="related"><p>Bakery</p></div>{STORY}<p>Weather: <b>snow</b></p><nav>Home</nav>')
    assert page.without(page.leaves[1:4]) == f"<p>{SENTENCES[0]}</p><p></p><p></p><p></p><p>Weather: <b>snow</b></p>"


def test_links_of_a_line() -> None:
    line = 'A <b>ferry</b> <a href="/f">sails &amp; <i>sails</i></a> on <a href="/m">Monday'
    assert text_and_links(line, False) == ("A ferry sails & sails on Monday", 19, True)
    assert text_and_links("still</a> and no more", True) == ("still and no more", 5, False)


def test_characters_are_counted_by_sort() -> None:
    text = "渡轮一、二。"
    leaves = f'<p>Ferry 😀, no. 12!</p><img src="a.jpg"><p>{text}</p><p>٣؟</p>'
    counted = Frame(cut(leaves), Facts("https://echo.example")).counts
    marks, commas, digits, wide = counted.astype(int).tolist()
    assert (marks, commas, digits, wide) == ([2, 0, 1, 1], [1, 0, 1, 0], [2, 0, 0, 1], [0, 0, 6, 0])


def test_squeezed_text_is_the_same_in_ascii_and_beyond() -> None:
    assert squeeze("The_Ferry's 2nd -- trip!") == squeeze("The_Ferry’s 2nd – trip!") == "theferrys2ndtrip"


def test_code_that_begins_as_a_reference_does_leads_nowhere_else() -> None:
    code = "<pre>&gt;&gt;&gt; ferry = Ferry()\n&gt;&gt;&gt; ferry.sail()</pre>"
    entry = extract(page_of(STORY.replace("</p>", f"</p>{code}", 2)), URL)
    assert [removed.text for removed in entry.removed] == []
