"""From what a run landed to the rules for the runs to come: the lines that a source repeats story after story."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ConfigDict
from sqlalchemy import Connection

from ingest.clean.lines import Counts, Line, Piece, learn, lines_of_story
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


class _Piece(NamedTuple):
    kind: str
    text: str


Stories = list[tuple[str, list[Line]]]  # story id, and the lines of an article in it


class Learner:
    """The lines of what lands, seen on its way."""

    def __init__(self) -> None:
        self._stories: dict[str, Stories] = defaultdict(list)

    def see(self, article: Landed) -> None:
        if article.version == 1 and article.pub_status == "usable" and article.blocks:
            self._add(article.source_id, article.story_id, article.blocks, article.removed)

    def watched(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The same rows, each seen: articles as JSON that this pipeline staged, and need not be checked again."""
        for row in rows:
            if row["version"] == 1 and row["pub_status"] == "usable" and row["blocks"]:
                blocks = [_Piece(block["kind"], block["text"]) for block in row["blocks"]]
                removed = [Removed.model_construct(**one) for one in row["removed"]]
                self._add(row["source_id"], row["story_id"], blocks, removed)
            yield row

    def _add(self, source_id: str, story_id: str, blocks: Sequence[Piece], removed: Sequence[Removed]) -> None:
        self._stories[source_id].append((story_id, list(lines_of_story(blocks, removed))))

    def learn(self, conn: Connection, now: datetime) -> None:
        """Count the lines of what has landed, and renew the rules of its sources. Once a run: again counts again."""
        for ids in chunks(sorted(self._stories), _AT_ONCE):
            _learn(conn, {id_: self._stories.pop(id_) for id_ in ids}, now)


def learn_from(conn: Connection, articles: Iterable[Landed], now: datetime) -> None:
    """See articles and learn, in one."""
    learner = Learner()
    for article in articles:
        learner.see(article)
    learner.learn(conn, now)


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
