"""What is known of the lines that a source repeats: their counts, and the rules learned from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson
import zstandard
from sqlalchemy import Connection, delete, select, update

from ingest.clean.learned import LearnedRule
from ingest.clean.lines import Counts, Seen
from ingest.errors import StateError
from ingest.state.database import chunks, from_row, insert_into, to_db, to_row, upsert
from ingest.state.tables import learned_rules, line_counts

_MAX_COUNTS = 64_000_000  # bytes unpacked; a source that is full takes less than one


def load_rules(
    conn: Connection, source_ids: Iterable[str], learned_by: datetime | None = None
) -> dict[str, tuple[LearnedRule, ...]]:
    """By source id, the oldest first; a source without a rule is not in it. `learned_by`: as things stood then."""
    found: dict[str, list[LearnedRule]] = defaultdict(list)
    for ids in chunks(sorted(set(source_ids))):
        query = select(learned_rules).where(learned_rules.c.source_id.in_(ids))
        if learned_by is not None:
            query = query.where(learned_rules.c.learned_at <= to_db(learned_by))
        for row in conn.execute(query.order_by(learned_rules.c.learned_at, learned_rules.c.rule_id)).mappings():
            found[row["source_id"]].append(LearnedRule.model_validate(from_row(row)))
    return {source_id: tuple(rules) for source_id, rules in found.items()}


def save_rules(conn: Connection, rules: Iterable[LearnedRule]) -> None:
    """Insert or replace; whether a rule is undone is a person's to say (`undo_rule`), and stays."""
    insert = insert_into(conn, learned_rules)
    kept = ("source_id", "rule_id", "undone")
    statement = insert.on_conflict_do_update(
        index_elements=["source_id", "rule_id"],
        set_={column.name: insert.excluded[column.name] for column in learned_rules.columns if column.name not in kept},
    )
    for chunk in chunks(sorted(rules, key=lambda rule: (rule.source_id, rule.rule_id))):
        conn.execute(statement, [to_row(rule.model_dump()) for rule in chunk])


def undo_rule(conn: Connection, source_id: str, rule_id: str, *, undone: bool = True) -> LearnedRule:
    """Undo a rule, or redo it: the rule as it is now. Raises StateError if the source has no such rule."""
    here = (learned_rules.c.source_id == source_id) & (learned_rules.c.rule_id == rule_id)
    if not conn.execute(update(learned_rules).where(here).values(undone=undone)).rowcount:
        raise StateError(rule_id, f"{source_id} has no such rule", f"ingest sources rules {source_id} lists them")
    return LearnedRule.model_validate(from_row(conn.execute(select(learned_rules).where(here)).mappings().one()))


def load_counts(conn: Connection, source_ids: Iterable[str]) -> dict[str, Counts]:
    """By source id; a source that was never counted is not in it."""
    found = {}
    for ids in chunks(sorted(set(source_ids))):
        for row in conn.execute(select(line_counts).where(line_counts.c.source_id.in_(ids))):
            found[row.source_id] = _unpacked(row.counts)
    return found


def save_counts(conn: Connection, counts: Mapping[str, Counts], now: datetime) -> None:
    rows = [{"source_id": source_id, "counts": _packed(one), "counted_at": now} for source_id, one in counts.items()]
    upsert(conn, line_counts, rows)


def forget_counts(conn: Connection, before: datetime) -> int:
    """Drop the counts of sources that landed nothing since then; how many. Their rules stay."""
    return conn.execute(delete(line_counts).where(line_counts.c.counted_at < to_db(before))).rowcount


def _packed(counts: Counts) -> bytes:
    lines = {id_: (seen.figures, seen.stories, seen.edges) for id_, seen in counts.lines.items()}
    plain = orjson.dumps({"first": counts.first, "stories": counts.stories, "lines": lines})
    return zstandard.ZstdCompressor(level=3).compress(plain)


def _unpacked(blob: bytes) -> Counts:
    plain = orjson.loads(zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MAX_COUNTS))
    lines = {
        id_: Seen(figures if figures is None else tuple(figures), stories, edges)
        for id_, (figures, stories, edges) in plain["lines"].items()
    }
    return Counts(plain["first"], [(story_id, day) for story_id, day in plain["stories"]], lines)
