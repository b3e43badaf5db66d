"""Whatever comes in: an article or an IngestError comes out, no word is lost, and the same twice."""

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import clean, clean_fragment
from ingest.errors import IngestError
from ingest.model import Article, Entry, Source

SOURCE = Source(id="times", name="Harbour Times", urls=())
_WORD = re.compile(r"[^\W_]+")

TEXT = """harbour storm Ferry pier ROME (AFP) — By Ann Lee Photo: © 2024 Copyright subscribe newsletter Share Related:
ADVERTISEMENT Telegram read more continue reading […] (Ann Lee/AFP via Getty Images) Reporting by café 港口 ünter Visit
post appeared first on Times. dpa - March 3, 2024 “quote” it’s _ __ * 3.5% a-b"""
WORDS = st.sampled_from(TEXT.split())
SENTENCES = st.lists(WORDS, min_size=1, max_size=14).map(" ".join)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


INLINE = st.one_of(
    SENTENCES.map(escaped),
    SENTENCES.map(lambda s: f"<b>{escaped(s)}</b> "),
    SENTENCES.map(lambda s: f'<a href="https://a.example/{len(s)}">{escaped(s)}</a> '),
    st.just("<br>"),
    st.just("<br><br>"),
    st.just(" \n "),
)
FLOW = st.lists(INLINE, min_size=1, max_size=4).map(" ".join)
BLOCK = st.recursive(
    st.one_of(
        FLOW,
        FLOW.map(lambda s: f"<p>{s}</p>"),
        FLOW.map(lambda s: f"<h2>{s}</h2>"),
        FLOW.map(lambda s: f"<pre>{s}</pre>"),
        FLOW.map(lambda s: f'<figure><img src="/a.jpg"><figcaption>{s}</figcaption></figure>'),
        FLOW.map(lambda s: f"<figcaption>{s}</figcaption>"),
        FLOW.map(lambda s: f'<p class="caption">{s}</p>'),
        FLOW.map(lambda s: f'<nav>{s}</nav><div class="sharedaddy">{s}</div>'),
        SENTENCES.map(lambda s: f'<img src="/{len(s)}.jpg" alt="{s}">'.replace("“", "")),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"<div>{''.join(parts)}</div>"),
        st.lists(inner, max_size=3).map(lambda parts: f"<ul><li>{'</li><li>'.join(parts)}</ul>"),
        st.lists(inner, max_size=3).map(lambda parts: f"<blockquote>{''.join(parts)}</blockquote>"),
        st.lists(inner, max_size=4).map(lambda parts: f"<table><tr><td>{'</td><td>'.join(parts)}</table>"),
        st.lists(inner, max_size=3).map(lambda parts: f"<figure>{''.join(parts)}</figure>"),
    ),
    max_leaves=6,
)
CREDIT_LABELS = {"Photo", "by", "By", "Copyright", "2024"}  # "Photo: ", "© 2024" before a credit say no more than that
PAGES = st.lists(BLOCK, min_size=1, max_size=5).map("".join)


def words_out(article: Article) -> set[str]:
    """Every word in a block, in a field, or in `removed`."""
    images = [t for i in article.images for t in (i.caption, i.alt, i.credit, i.photographer, i.agency)]
    fields = [article.headline, article.summary, article.byline, article.body_text, article.rights.notice]
    dateline = [article.dateline.text] if article.dateline else []
    out = " ".join(filter(None, (*images, *fields, *dateline, *(item.text for item in article.removed))))
    return set(_WORD.findall(out))


def words_in(html: str) -> set[str]:
    alts = " ".join(re.findall(r'alt="([^"]*)"', html))
    shown = re.sub(r"<[^>]*>", " ", re.sub(r"</?[ab]\b[^>]*>", "", html))
    return set(_WORD.findall(shown.replace("&amp;", "&").replace("&lt;", "<") + " " + alts))


@given(PAGES)
@settings(max_examples=250, deadline=None)
def test_no_word_is_lost(html: str) -> None:
    article = clean(Entry(headline="A headline", html=html, base_url="https://a.example/"), SOURCE)
    assert words_in(html) <= words_out(article) | CREDIT_LABELS


@given(st.lists(st.lists(SENTENCES, min_size=1, max_size=4).map("\n".join), min_size=1, max_size=6).map("\n\n".join))
@settings(max_examples=150, deadline=None)
def test_no_word_of_plain_text_is_lost(text: str) -> None:
    article = clean(Entry(headline="A headline", html=text, html_is_text=True), SOURCE)
    assert words_in(text) <= words_out(article) | CREDIT_LABELS


@given(st.one_of(st.text(max_size=400), st.text(alphabet="<>/&;=\"' abpdiv\n[]!-\x00\ud800", max_size=400), PAGES))
@settings(max_examples=250, deadline=None)
def test_any_text_in_an_article_or_an_error_out(text: str) -> None:
    for is_text in (True, False, None):
        try:
            article = clean_fragment(text, is_text=is_text)
        except IngestError:
            continue
        assert article.model_dump_json()
        assert article == clean_fragment(text, is_text=is_text)


@given(st.lists(SENTENCES, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_what_came_out_clean_stays_as_it_is(paragraphs: list[str]) -> None:
    first = clean(Entry(headline="A headline", html="".join(f"<p>{escaped(p)}</p>" for p in paragraphs)), SOURCE)
    kept = [block for block in first.blocks if block.kind == "paragraph"]
    again = clean(Entry(headline="A headline", html=first.body_html), SOURCE)
    assert len(again.blocks) <= len(kept)


HOSTILE = {
    "open-brackets": "<" * 1_000_000,
    "nested-divs": "<div>" * 100_000 + "text",
    "nested-lists": "<ul><li>" * 30_000 + "text",
    "nested-tables": "<table><tr><td>a</td><td>" * 3_000 + "text",
    "nested-quotes": "<blockquote>" * 15_000 + "text",
    "unclosed-formatting": "<p>" + "".join(f"<b id={n}>" for n in range(800)) + "</p>" + "<p>x" * 5_000,
    "one-line": "word " * 200_000,
    "one-word": "a" * 300_000,
    "one-capital-word": "A" * 300_000,
    "spaces": " " * 300_000 + "x",
    "dots": "." * 60_000 + "x" + "\u2026" * 150_000,
    "brackets": "(" * 100_000 + "[" * 300_000 + ")" * 300_000,
    "breaks": "a<br>" * 30_000,
    "links": '<a href="https://a.example/?utm_source=x">a</a> ' * 5_000,
    "images": "".join(f'<img src="https://a.example/{n}.jpg">' for n in range(5_000)),
    "shortcodes": "[caption " * 30_000 + "<p>x",
    "entities": "&amp;" * 60_000,
    "entities-without-end": "&" + "a" * 60_000,
    "copyright": "© 2024 " * 30_000,
    "paragraphs": "<p>Follow us on Facebook</p>" * 3_000,
    "comments": "<!--" * 60_000,
    "attributes": "<p " + "a=1 " * 60_000 + ">x",
    "cells": "<table><tr>" + "<td>1</td>" * 15_000 + "</table>",
    "mojibake": "Ã©" * 30_000,
}


@pytest.mark.timeout(60)  # far above what any takes, far below a quadratic run
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_bounded_time(name: str) -> None:
    for is_text in (False, True):
        with suppress(IngestError):
            clean_fragment(HOSTILE[name], is_text=is_text)
