"""Every page of a run that landed says what it should, with the texts of publishers inert."""

from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.model import Article, Block, Payload, RawRef, Removed
from ingest.newsroom.articles import in_reading_order, part_of
from tests.newsroom_ui.conftest import ROOT, Landed


def pages_of(landed: Landed) -> dict[str, str]:
    """Every page there is, by what it is about."""
    run, hostile, paper = landed.report.run_id, landed.article("hostile"), landed.article("paper")
    listing = landed.page("/quarantine")
    found = re.findall(rf'href="{ROOT}(/quarantine/[\d-]+/\w+)"', listing)
    paths = [
        "/", "/runs", f"/runs/{run}", f"/runs/{run}?show=all", "/sources", "/sources?state=failing&q=broken",
        "/sources/paper", "/sources/broken", "/sources/missing", "/articles",
        "/articles?q=ferry&source=paper&language=",
        f"/articles/{paper.article_id}", f"/articles/{hostile.article_id}", "/stories", "/stories?order=newest&days=1",
        f"/stories/{paper.story_id}", f"/stories/{hostile.story_id}", "/quarantine",
        "/quarantine?settled=1", "/takedowns",
        f"/dag-run?dag_id=syndication&run_id={run}", "/dag-run?dag_id=syndication&run_id=manual__never", *found,
    ]  # fmt: skip
    return {path: landed.page(path) for path in paths}


@pytest.fixture(scope="module")
def pages(landed: Landed) -> dict[str, str]:
    return pages_of(landed)


class TestEveryPage:
    def test_has_what_a_screen_reader_goes_by(self, pages: dict[str, str]) -> None:
        for path, html in pages.items():
            tree = LexborHTMLParser(html)
            assert tree.css_first("html[lang]"), path
            assert len(tree.css("h1")) == len(tree.css("main")) == 1, path
            assert tree.css_first('a.skip[href="#main"]'), path
            assert all(th.attributes.get("scope") for th in tree.css("th")), path
            assert all(svg.attributes.get("aria-label") for svg in tree.css("svg")), path
            for field in tree.css("main input, main select"):
                assert field.parent and field.parent.tag == "label", path

    def test_runs_nothing_that_a_publisher_wrote(self, pages: dict[str, str]) -> None:
        for path, html in pages.items():
            tree = LexborHTMLParser(html)
            assert [s.attributes.get("src") for s in tree.css("script")] == [f"{ROOT}/static/newsroom.js"], path
            assert not tree.css("img, object, embed, style, base, [style]"), path
            for node in tree.css("*"):
                names = [name for name in node.attributes if name.startswith("on")]
                assert not names, (path, node.html)
                for name in ("href", "src", "action"):
                    value = node.attributes.get(name)
                    assert value is None or value.startswith(("/", "?", "#")), (path, value)

    def test_shows_what_a_publisher_wrote(self, landed: Landed, pages: dict[str, str]) -> None:
        html = pages[f"/articles/{landed.article('hostile').article_id}"]
        shown = LexborHTMLParser(html).css_first("pre")
        assert shown is not None
        assert "<script>alert(6)</script>" in shown.text()

    def test_has_no_control_characters(self, pages: dict[str, str]) -> None:
        assert not [path for path, html in pages.items() if re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", html)]


class TestWhatPagesSay:
    def test_a_run(self, landed: Landed, pages: dict[str, str]) -> None:
        tree = LexborHTMLParser(pages[f"/runs/{landed.report.run_id}"])
        steps = {
            row.css_first("th").text(): row.css_first("td").text() for row in tree.css("section:first-of-type tbody tr")
        }
        assert steps == {"In the feeds": "3", "New or changed": "3", "Read and cleaned": "3", "Landed": "3"}
        assert "malformed" in pages[f"/runs/{landed.report.run_id}"]

    def test_the_sources_that_are_not_well_come_first(self, pages: dict[str, str]) -> None:
        rows = LexborHTMLParser(pages["/sources"]).css("tbody tr .state")
        assert [state.text() for state in rows] == ["failing", "failing", "healthy", "healthy", "healthy"]
        assert len(LexborHTMLParser(pages["/sources?state=failing&q=broken"]).css("tbody tr")) == 1

    def test_a_source_that_fails(self, pages: dict[str, str]) -> None:
        assert "HTTP status 404" in pages["/sources/missing"]
        assert "ingest fetch --source missing" in pages["/sources/missing"]

    def test_articles_are_found_by_their_headline(self, pages: dict[str, str]) -> None:
        assert len(LexborHTMLParser(pages["/articles"]).css("tbody tr")) == 3
        assert len(LexborHTMLParser(pages["/articles?q=ferry&source=paper&language="]).css("tbody tr")) == 1

    def test_a_story_and_its_copy(self, landed: Landed, pages: dict[str, str]) -> None:
        html = pages[f"/stories/{landed.article('paper').story_id}"]
        assert len(LexborHTMLParser(html).css("article.member")) == len(LexborHTMLParser(html).css("circle")) == 2
        assert "The same words as the canonical item." in html

    def test_the_page_of_a_dag_run(self, landed: Landed, pages: dict[str, str]) -> None:
        assert landed.report.run_id in pages[f"/dag-run?dag_id=syndication&run_id={landed.report.run_id}"]
        assert "Nothing ingested" in pages["/dag-run?dag_id=syndication&run_id=manual__never"]

    @pytest.mark.parametrize(
        "path", ["/runs/none", "/articles/none", "/articles/none/json", "/stories/none", "/quarantine/2026-01-01/none"]
    )
    def test_what_is_not_there_is_said_to_be_so(self, landed: Landed, path: str) -> None:
        landed.page(path, 404)

    @pytest.mark.parametrize("path", ["/articles?q=%00%ff", "/sources?page=99", "/articles?q=(", "/sources?q=%F0%9F"])
    def test_any_question_has_an_answer(self, landed: Landed, path: str) -> None:
        landed.page(path)

    @pytest.mark.parametrize(
        "path", ["/sources?page=-1", "/stories?days=1000", "/quarantine/today/x", "/stories?order=x"]
    )
    def test_what_makes_no_sense_is_refused(self, landed: Landed, path: str) -> None:
        landed.page(path, 422)


class TestOneArticle:
    def test_as_json(self, landed: Landed) -> None:
        article = landed.article("paper")
        answer = landed.client.get(f"{ROOT}/articles/{article.article_id}/json")
        assert Article.model_validate_json(answer.content).content_hash == article.content_hash

    def test_its_html_is_shown_where_nothing_runs(self, landed: Landed) -> None:
        answer = landed.client.get(f"{ROOT}/articles/{landed.article('hostile').article_id}/body")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert not LexborHTMLParser(answer.text).css("script, [onclick], [onerror]")
        assert "The paint was blue" in answer.text

    def test_its_bytes_are_for_download(self, landed: Landed) -> None:
        answer = landed.client.get(f"{ROOT}/articles/{landed.article('hostile').article_id}/raw")
        assert answer.content == landed.kiosk.bodies["/hostile.xml"]
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def _payload(body: str) -> Payload:
    return Payload(source_id="s", url="http://a.test/", body=body.encode(), headers=(("Content-Type", "text/xml"),))


def _article(*blocks: str, removed: tuple[str, ...] = (), guid: str = "g2") -> Article:
    return Article(
        article_id="a", source_id="s", guid=guid, content_hash="c",
        blocks=tuple(Block(kind="paragraph", text=text) for text in blocks),
        removed=tuple(Removed(kind="promo", text=text, rule="r") for text in removed),
    )  # fmt: skip


class TestBesideWhatCameIn:
    def test_of_a_feed_the_item_is_shown(self) -> None:
        items = "".join(f"<item><guid>g{n}</guid>text {n}</item>" for n in range(1, 4))
        came = part_of(_payload(f"<rss>{items}</rss>"), _article())
        assert came.text == "<item><guid>g2</guid>text 2</item>"
        assert (came.cut_before, came.cut_after) == (39, 40)

    def test_of_bytes_without_it_the_beginning(self) -> None:
        assert part_of(_payload("nothing " * 10_000), _article()).text.startswith("nothing")

    def test_an_unknown_charset_is_no_fault(self) -> None:
        payload = _payload("words").model_copy(update={"headers": (("content-type", "text/xml; charset=x-none"),)})
        assert part_of(payload, _article()).text == "words"

    @pytest.mark.parametrize("teaser", ["<p>One begins.</p>", ""])
    def test_what_was_taken_out_stands_where_it_stood(self, teaser: str) -> None:
        article = _article("One begins.", "Two & more.", removed=("Read also this", "Subscribe!", "gone elsewhere"))
        came = (
            f"{teaser}<![CDATA[<p>Subscribe!</p><p>One <b>begins</b>.</p><p>Read also this</p><p>Two &amp; more.</p>]]>"
        )
        order = [piece.text for piece in in_reading_order(article, came)]
        assert order[-1] == "gone elsewhere"
        assert [text for text in order if text != "Subscribe!"] == [
            "One begins.",
            "Read also this",
            "Two & more.",
            "gone elsewhere",
        ]

    def test_without_bytes_all_is_there(self) -> None:
        pieces = in_reading_order(_article("One.", "Two.", removed=("Three.",)), "")
        assert [piece.text for piece in pieces] == ["One.", "Two.", "Three."]

    def test_an_article_without_text(self) -> None:
        assert in_reading_order(_article(), "bytes") == ()


def test_a_reference_to_bytes_that_are_gone_is_told(landed: Landed) -> None:
    from ingest.newsroom.articles import came_of

    ref = RawRef(archive="raw/2026-01-01/none.warc.gz", offset=0, length=10, sha256="0" * 64)
    came = came_of(landed.desk.workspace, landed.article("paper").model_copy(update={"raw": ref}))
    assert came.payload is None
    assert came.why_not
