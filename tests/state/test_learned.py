"""Counts of lines, and the rules learned from them, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ingest.clean.learned import LearnedRule
from ingest.clean.lines import MAX_LINES, WINDOW, Counts, Line
from ingest.errors import StateError
from ingest.state.database import read, write
from ingest.state.learned import forget_counts, load_counts, load_rules, save_counts, save_rules, undo_rule
from ingest.state.tables import line_counts

NOW = datetime(2026, 3, 14, 2, tzinfo=UTC)
RULE = LearnedRule(
    source_id="harbour-post",
    rule_id="0123456789ab",
    kind="promo",
    text="Our harbour desk is here for you.",
    stories=5,
    window=25,
    counted_since=date(2026, 3, 1),
    learned_at=NOW,
    seen_at=NOW,
)


def test_rules_come_back_as_things_stood(engine: Engine) -> None:
    later = RULE.model_copy(update={"rule_id": "f" * 12, "learned_at": NOW + timedelta(hours=1), "text": "a\0b"})
    with write(engine) as conn:
        save_rules(conn, [later, RULE, RULE.model_copy(update={"source_id": "other"})])
        save_rules(conn, [])
    with read(engine) as conn:
        assert load_rules(conn, ["harbour-post", "none"]) == {
            "harbour-post": (RULE, later.model_copy(update={"text": "a\ufffdb"}))
        }
        assert load_rules(conn, ["harbour-post"], NOW) == {"harbour-post": (RULE,)}
        assert load_rules(conn, ["harbour-post"], NOW - timedelta(hours=1)) == {}


def test_a_run_does_not_undo_what_a_person_did(engine: Engine) -> None:
    with write(engine) as conn:
        save_rules(conn, [RULE])
        assert undo_rule(conn, "harbour-post", RULE.rule_id).state == "undone"
    with write(engine) as conn:
        save_rules(conn, [RULE.model_copy(update={"seen_at": NOW + timedelta(days=1)})])
        [found] = load_rules(conn, ["harbour-post"])["harbour-post"]
        assert (found.undone, found.seen_at) == (True, NOW + timedelta(days=1))
        assert undo_rule(conn, "harbour-post", RULE.rule_id, undone=False).state == "active"
        with pytest.raises(StateError, match="other has no such rule"):
            undo_rule(conn, "other", RULE.rule_id)


def test_counts_come_back_and_are_small(engine: Engine) -> None:
    counts = Counts()
    for n in range(WINDOW):
        lines = [Line.of(f"line {n} and {'x' * k}", edge=True) for k in range(12)]
        counts.add(f"{n:032x}", [*lines, Line.of("Call us at 555 0101.", edge=n % 2 == 0)], NOW)
    counts.forget(NOW)
    assert len(counts.lines) <= MAX_LINES
    with write(engine) as conn:
        save_counts(conn, {"a": counts, "b": Counts()}, NOW)
        save_counts(conn, {"b": Counts()}, NOW + timedelta(days=1))
        assert load_counts(conn, ["a", "b", "c"]) == {"a": counts, "b": Counts()}
        blobs = conn.execute(line_counts.select()).all()
        assert max(len(row.counts) for row in blobs) < 100_000
        assert forget_counts(conn, NOW + timedelta(hours=1)) == 1
        assert set(load_counts(conn, ["a", "b"])) == {"b"}
