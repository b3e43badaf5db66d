"""The demo's events, told by four papers in eight languages: what is one form filled in twice stays two stories."""

from datetime import date, timedelta

import pytest

from ingest.dedupe import MemoryIndex, resolve
from ingest.demo.events import Event, events
from ingest.demo.prose import LANGUAGES
from ingest.model import Article

from .texts import NOW, article

TODAY = date(2026, 11, 24)


def told(event: Event, paper: str, blocks: int | None, minutes: int, headline: int = 1) -> Article:
    text = [block.text for block in event.blocks[:blocks]]
    when = (event.when + timedelta(minutes=minutes)).isoformat()
    head, language = event.headlines[headline], event.language
    id_ = f"{event.key}/{paper}"
    return article(id_, text, source_id=paper, published=when, headline=head, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_join_and_templates_do_not(language: str) -> None:
    """In three other editions than the one the demo serves: the agency's text, a copy, a cut copy, an excerpt."""
    for seed in (1, 2, 3):
        found = events(language, TODAY, seed)
        articles = [
            version
            for e in found
            for version in (
                told(e, "wire", None, 0, headline=0),
                told(e, "times", None, 30),
                *([told(e, "post", -1, 60)] if len(e.blocks) > 3 else []),
                *([told(e, "radio", 2, 90)] if len(e.blocks) > 2 else []),
            )
        ]
        answer = resolve(articles, MemoryIndex(), now=NOW).articles
        stories = {a.story_id for a in answer}
        assert len({(a.story_id, a.article_id.split("/")[0]) for a in answer}) == len(stories) == len(found)
