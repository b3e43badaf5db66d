"""Rows of cases/LANGUAGE.toml, and that each rule for boilerplate is tried both ways.

`story` holds two paragraphs of the language. A row puts something around them, and every sentence of theirs must stay:

    first, middle, last   a paragraph above, between, below them       dateline   before the first word
    caption               the caption of a picture above them          html       all of it; {1} and {2} are the two
    takes   the rules, or their kinds, that take something out, and no other; without it, what was placed must stay
    want    fields of the article by path; "absent" is None
    gone, keep            text that must not, that must be in the body
    spares  rules that could have taken the row's text out, and must not
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest.clean import clean
from ingest.clean.boilerplate import rule_names
from ingest.model import Article, Entry, Source, to_json

FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
PLACES = ("first", "middle", "last")
QUIET = {"byline", "dateline"}  # what these took out is in fields


def _rows() -> list[tuple[str, dict[str, Any], list[str]]]:
    read = [(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in FILES]
    return [(f"{name}-{n}", row, file["story"]) for name, file in read for n, row in enumerate(file["case"], 1)]


ROWS = _rows()


def html_of(row: dict[str, Any], story: list[str]) -> str:
    if "html" in row:
        return str(row["html"]).replace("{1}", story[0]).replace("{2}", story[1])
    figure = f'<figure><img src="/a.jpg"><figcaption>{row["caption"]}</figcaption></figure>' if "caption" in row else ""
    first, middle, last = (f"<p>{row[place]}</p>" if place in row else "" for place in PLACES)
    start = f"{row['dateline']} " if "dateline" in row else ""
    return f"{figure}{first}<p>{start}{story[0]}</p>{middle}<p>{story[1]}</p>{last}"


def cleaned(row: dict[str, Any], story: list[str]) -> Article:
    entry = Entry(headline=row.get("headline", "Something else"), html=html_of(row, story), url="https://t.example/1")
    return clean(entry, Source(id="times", name="Harbour Times", urls=()))


def field(article: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(article, list):
            article = article[int(part)] if int(part) < len(article) else None
        else:
            article = article and article.get(part)
    return "absent" if article is None else article


def failures(row: dict[str, Any], story: list[str]) -> list[str]:
    article = cleaned(row, story)
    told, body = json.loads(to_json(article)), article.body_text
    out = [f"{p}: {v!r} wanted, is {field(told, p)!r}" for p, v in row.get("want", {}).items() if field(told, p) != v]
    out += [f"lost: {text}" for text in kept(row, story) if text not in body]
    out += [f"stays: {text}" for text in row.get("gone", ()) if text in body]
    takes = set(row.get("takes", ()))
    takers = {(item.rule, item.kind) for item in article.removed if item.rule not in QUIET}
    out += [f"taken by {taker}" for taker in takers if takes.isdisjoint(taker)]
    return out + [f"not taken by {rule}" for rule in takes if not any(rule in taker for taker in takers)]


def kept(row: dict[str, Any], story: list[str]) -> list[str]:
    """What must be in the body: the sentences of the story, and of a row that nothing is to be taken from."""
    stays = [text for n, text in enumerate(story, 1) if "html" not in row or f"{{{n}}}" in row["html"]]
    moves = {"takes", "gone"} & row.keys() or "authors" in row.get("want", {})
    return [*stays, *row.get("keep", ()), *(row[place] for place in PLACES if place in row and not moves)]


@pytest.mark.parametrize(("row", "story"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_row(row: dict[str, Any], story: list[str]) -> None:
    assert failures(row, story) == []


# Rules that are code and no line of a table.
CODE = ("rights-notice", "reporting-by", "source-line", "agency-input", "agency-sign-off", "truncated", "related-list")


def test_what_came_out_comes_out_again() -> None:
    """Cleaning its own output finds nothing more to take."""
    for _, row, story in ROWS:
        once = cleaned(row, story)
        again = cleaned({"html": once.body_html, "headline": row.get("headline", "Something else")}, ["", ""])
        assert again.body_html == once.body_html


def test_each_rule_takes_something_and_spares_something() -> None:
    rules = {*rule_names(), *CODE}
    taken = {item.rule for _, row, story in ROWS if "takes" in row for item in cleaned(row, story).removed}
    spared = {rule for _, row, _ in ROWS for rule in row.get("spares", ())}
    assert (rules - taken, rules - spared, spared - rules) == (set(), set(), set())


def test_there_are_enough_rows_in_eight_languages() -> None:
    assert sum(len(tomllib.loads(path.read_text("utf-8"))["case"]) >= 25 for path in FILES) >= 8
