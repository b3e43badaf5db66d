"""What is news, without a database or a channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.alerts import Alert
from ingest.alerts.told import AGAIN, SETTLE, AlertRow, Key, compare, key_of

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
SILENT = Alert(kind="source-silent", subject="harbour", what="nothing new for 3 d", since=NOW)
STORE = Alert(kind="store-unreachable", what="no answer", since=NOW)
MINUTE = timedelta(minutes=1)


class Diary:
    """Checks one after the other, with what each would tell; `takes` is whether a channel took it."""

    def __init__(self) -> None:
        self.now, self.rows, self.takes = NOW, dict[Key, AlertRow](), True

    def check(self, *on: Alert, after: timedelta = MINUTE) -> tuple[list[str], list[str]]:
        self.now += after
        off = [key for key in self.rows if key not in {key_of(alert) for alert in on}]
        news = compare(on, off, self.rows, self.now)
        self.rows |= {row.key: row for row in news.kept}
        for key in news.dropped:
            del self.rows[key]
        if self.takes:
            self.rows |= {row.key: row.model_copy(update={"told_at": self.now}) for row in news.begun}
            for row in news.over:
                del self.rows[row.key]
        return [row.alert.kind for row in news.begun], [row.alert.kind for row in news.over]


def test_one_that_lasts_is_told_once_and_its_end_once() -> None:
    diary = Diary()
    assert diary.check(SILENT) == (["source-silent"], [])
    assert [diary.check(SILENT) for _ in range(3)] == [([], [])] * 3
    assert diary.check() == ([], [])
    assert diary.check(after=SETTLE) == ([], ["source-silent"])
    assert diary.check(after=SETTLE) == ([], [])
    assert diary.rows == {}


def test_one_that_flaps_is_told_once() -> None:
    diary = Diary()
    said = [diary.check(*([SILENT] if number % 2 == 0 else []), after=SETTLE / 2) for number in range(40)]
    assert said == [(["source-silent"], []), *[([], [])] * 39]


def test_what_no_channel_took_is_tried_again_but_not_by_every_check() -> None:
    diary = Diary()
    diary.takes = False
    assert diary.check(SILENT) == (["source-silent"], [])
    assert diary.check(SILENT) == ([], [])
    diary.takes = True
    assert diary.check(SILENT, after=AGAIN) == (["source-silent"], [])
    assert diary.check(SILENT, after=AGAIN) == ([], [])


def test_what_nobody_knew_of_ends_without_a_word() -> None:
    diary = Diary()
    diary.takes = False
    diary.check(SILENT)
    assert diary.check(after=SETTLE) == ([], [])
    assert diary.rows == {}


def test_an_end_that_no_channel_took_is_tried_again() -> None:
    diary = Diary()
    diary.check(SILENT)
    diary.check()
    diary.takes = False
    assert diary.check(after=SETTLE) == ([], ["source-silent"])
    assert diary.check() == ([], [])
    diary.takes = True
    assert diary.check(after=AGAIN) == ([], ["source-silent"])
    assert diary.rows == {}


def test_the_most_urgent_comes_first() -> None:
    assert Diary().check(SILENT, STORE) == (["store-unreachable", "source-silent"], [])
