"""From what a run landed to the rules for the runs to come: the lines that a source repeats story after story."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from pydantic import ConfigDict
from sqlalchemy import Connection

from ingest.clean.lines import Counts, Line, learn, lines_of_story
from ingest.model import Block, Model, PubStatus, Removed
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


Stories = list[tuple[str, list[Line]]]  # story id, and the lines of an article in it


def learn_from(conn: Connection, articles: Iterable[Landed], now: datetime) -> None:
    """Count the lines of what has landed, and renew the rules of its sources. Once a run: again counts again."""
    stories: dict[str, Stories] = defaultdict(list)
    for article in articles:
        if article.version == 1 and article.pub_status == "usable" and article.blocks:
            lines = list(lines_of_story(article.blocks, article.removed))
            stories[article.source_id].append((article.story_id, lines))
    for ids in chunks(sorted(stories), _AT_ONCE):
        _learn(conn, {id_: stories.pop(id_) for id_ in ids}, now)


def _learn(conn: Connection, stories: dict[str, Stories], now: datetime) -> None:
    counted, rules = load_counts(conn, stories), load_rules(conn, stories)
    changed = []
    for source_id, several in stories.items():
        counts = counted.setdefault(source_id, Counts())
        new = [lines for story_id, lines in several if counts.add(story_id, lines, now)]
        counts.forget(now)
        printed = [line for lines in new for line in lines]
        changed += learn(source_id, counts, printed, rules.get(source_id, ()), now)
    save_counts(conn, counted, now)
    save_rules(conn, changed)
