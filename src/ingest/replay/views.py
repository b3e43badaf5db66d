"""What a dry run found, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import orjson
from rich.table import Table
from rich.text import Text

from ingest.replay.differences import Difference
from ingest.replay.program import Summary
from ingest.report import SourceReport
from ingest.views import shown
from ingest.word_diff import word_diff

_LONG = 60  # characters; of longer texts the words that changed are shown
_CHANGES = 2


def summary_table(summary: Summary) -> Table:
    """A row a field: in how many articles it differs, and how in some."""
    table = Table("field", "articles", "old → new", title="What would change")
    for name, count in summary.fields.most_common():
        examples = [text for one in summary.examples[name] for text in told(one)]
        table.add_row(name, f"{count:,}", Text("\n").join(shown(text) for text in examples))
    return table


def read_again(summary: Summary, reports: Iterable[SourceReport]) -> Iterator[str]:
    """In sentences: how many articles were read again, and why some were not."""
    reports = list(reports)
    articles = sum(one.new + one.updated + one.unchanged for one in reports)
    yield f"{articles:,} articles, {len(summary.changed):,} changed, {len(summary.new):,} that had not landed"
    for report in reports:
        for fault in report.faults:
            yield f"{report.source_id}: {fault.what} [{fault.code}]"


def told(one: Difference) -> Iterator[str]:
    """A difference in words, with the article's id."""
    old, new = _plain(one.old), _plain(one.new)
    if max(len(old), len(new)) <= _LONG:
        yield f"{one.article_id[:8]}  {old} → {new}"
        return
    for change in islice(word_diff(old, new), _CHANGES):
        words = " ".join(
            filter(None, (change.before, _marked("-", change.removed), _marked("+", change.added), change.after))
        )
        yield f"{one.article_id[:8]}  … {words} …"


def _marked(sign: str, words: str) -> str:
    return f"[{sign}{words}{sign}]" if words else ""


def _plain(value: object) -> str:
    if value is None or value == []:
        return "(none)"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
