"""`ingest setup`."""

from tests.cli.conftest import Run


def test_creates_state_and_table_and_is_fine_again(ingest: Run) -> None:
    for _ in range(2):
        done = ingest("setup")
        assert done.code == 0, done.err
        assert "ready" in done.err
    assert ingest("articles", "--as", "jsonl").rows == []
