"""`ingest sources rules`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.clean.learned import LearnedRule
from ingest.state.database import open_state, upgrade, write
from ingest.state.learned import save_rules
from tests.cli.conftest import Run

NOW = datetime(2026, 3, 14, 2, tzinfo=UTC)
TEXT = "Our harbour desk is paid for by \x1b[31m[bold]families[/bold] of this town and nobody else."


@pytest.fixture
def rule(ingest: Run, tmp_path: Path) -> str:
    ingest("sources", "add", "https://harbour.example/rss", "--id", "harbour")
    ingest("sources", "add", "https://quay.example/rss", "--id", "quay")
    engine = open_state("sqlite:///data/state.db")
    upgrade(engine)
    rule = LearnedRule(
        source_id="harbour",
        rule_id="0123456789ab",
        kind="promo",
        text=TEXT,
        stories=12,
        window=40,
        counted_since=date(2026, 3, 1),
        learned_at=NOW,
        seen_at=NOW,
    )
    with write(engine) as conn:
        save_rules(conn, [rule])
    engine.dispose()
    return rule.rule_id


def test_rules_are_shown_with_what_justifies_them(ingest: Run, rule: str) -> None:
    shown = ingest("sources", "rules", "harbour")
    assert (shown.code, shown.err) == (0, "")
    for part in (rule, "active", "promo", "12 of 40", "2026-03-01", "[bold]families[/bold]"):
        assert part in shown.out
    assert "\x1b[31m" not in shown.out
    [row] = ingest("sources", "rules", "harbour", "--json").rows
    assert (row["rule_id"], row["text"], row["state"], row["undone"]) == (rule, TEXT, "active", False)
    assert row["learned_at"] == "2026-03-14T02:00:00Z"
    nothing = ingest("sources", "rules", "quay")
    assert (nothing.code, nothing.out) == (0, "")
    assert "nothing is learned" in nothing.err


def test_undo_and_redo(ingest: Run, rule: str) -> None:
    undone = ingest("sources", "rules", "harbour", "--undo", rule, "--json")
    assert (undone.code, undone.rows[0]["state"]) == (0, "undone")
    assert f"rule {rule} is now undone" in undone.err
    assert "undone" in ingest("sources", "rules", "harbour").out
    assert ingest("sources", "rules", "harbour", "--redo", rule, "--json").rows[0]["state"] == "active"


def test_wrong_use_and_what_is_not_there(ingest: Run, rule: str) -> None:
    unknown = ingest("sources", "rules", "quay", "--undo", rule)
    assert unknown.code == 1
    assert "quay has no such rule (ingest sources rules quay lists them) [state-error]" in unknown.err
    assert ingest("sources", "rules", "nobody").code == 1
    assert ingest("sources", "rules", "harbour", "--undo", rule, "--redo", rule).code == 2
    assert ingest("sources", "rules").code == 2


def test_before_the_set_up(ingest: Run) -> None:
    ingest("sources", "add", "https://harbour.example/rss", "--id", "harbour")
    result = ingest("sources", "rules", "harbour")
    assert result.code == 1
    assert "not set up" in result.err
