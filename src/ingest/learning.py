"""From what a run landed to the rules for the runs to come: the lines that a source repeats story after story."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self

from pydantic import ConfigDict
from sqlalchemy import Connection

from ingest.clean.lines import Counts, Line, learn, lines_of_story
from ingest.model import Article, Block, Model, PubStatus, Removed
from ingest.state.database import chunks
from ingest.state.learned import load_counts, load_rules, save_counts, save_rules

_AT_ONCE = 50  # sources whose counts are in memory together


class Landed(Model):
    """What is needed of an article to learn from it; the rest of its JSON is passed over."""

    model_config = ConfigDict(extra="ignore")

    source_id: str
    story_id: str
    version: int
    pub_status: PubStatus
    blocks: tuple[Block, ...] = ()
    removed: tuple[Removed, ...] = ()


class Story(NamedTuple):
    """The lines of one article that may be no part of its story."""

    source_id: str
    story_id: str
    lines: list[Line]

    @property
    def plain(self) -> list[Any]:
        """As JSON has it."""
        return [self.source_id, self.story_id, [list(line) for line in self.lines]]

    @classmethod
    def of_plain(cls, plain: list[Any]) -> Self:
        source_id, story_id, lines = plain
        return cls(source_id, story_id, [Line(id_, text, edge, tuple(figures)) for id_, text, edge, figures in lines])


def to_learn(article: Landed | Article) -> Story | None:
    """None for what there is nothing to learn from: no first version, or not to be read."""
    if article.version != 1 or article.pub_status != "usable" or not article.blocks or article.story_id is None:
        return None
    return Story(article.source_id, article.story_id, list(lines_of_story(article.blocks, article.removed)))


def learn_from(conn: Connection, articles: Iterable[Landed], now: datetime) -> None:
    """`learn_stories`, of articles."""
    learn_stories(conn, filter(None, map(to_learn, articles)), now)


def learn_stories(conn: Connection, stories: Iterable[Story], now: datetime) -> None:
    """Count the lines of what has landed, and renew the rules of its sources. Once a run: again counts again."""
    by_source: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        by_source[story.source_id].append(story)
    for ids in chunks(sorted(by_source), _AT_ONCE):
        _learn(conn, {id_: by_source.pop(id_) for id_ in ids}, now)


def _learn(conn: Connection, stories: dict[str, list[Story]], now: datetime) -> None:
    counted, rules = load_counts(conn, stories), load_rules(conn, stories)
    changed = []
    for source_id, several in stories.items():
        counts = counted.setdefault(source_id, Counts())
        new = [one.lines for one in several if counts.add(one.story_id, one.lines, now)]
        counts.forget(now)
        printed = [line for lines in new for line in lines]
        changed += learn(source_id, counts, printed, rules.get(source_id, ()), now)
    save_counts(conn, counted, now)
    save_rules(conn, changed)
