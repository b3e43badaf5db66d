"""The tables of the state database. Times are stored as UTC without zone (SQLite has none); `database` converts.

A change here is a new Alembic revision in `state/migrations`.
"""

import re

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
)

_HEX = re.compile(r"[0-9a-f]{32}")
_ID_SIZE = 16


class Id(TypeDecorator[str]):
    """The id of an article or a story: 32 hex digits in 16 bytes, any other as it is (with a NUL if 16 bytes long)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if _HEX.fullmatch(value):
            return bytes.fromhex(value)
        raw = value.encode("utf-8", "replace")
        return raw + b"\0" if len(raw) == _ID_SIZE else raw

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.hex() if len(value) == _ID_SIZE else value.rstrip(b"\0").decode()


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

feeds = Table(  # model.FeedState
    "feeds",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_sha256", String(64)),
    Column("moved_to", Text),
    Column("moved_seen", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("last_success_at", DateTime),
    Column("last_changed_at", DateTime),
    Column("next_due_at", DateTime),
    Column("not_before", DateTime),
    Column("retired_at", DateTime),
    Column("cursor", Text),
    Column("rhythm_s", Float),
    Column("wishes", JSON(none_as_null=True)),  # model.Wishes
)

hosts = Table(  # model.HostPause
    "hosts",
    metadata,
    Column("host", String(300), primary_key=True),
    Column("not_before", DateTime, nullable=False),
    Column("because", Text, nullable=False),
)

robots = Table(  # model.RobotsFile
    "robots",
    metadata,
    Column("origin", String(300), primary_key=True),
    Column("text", Text),
    Column("crawl_delay_s", Float),
    Column("asked_at", DateTime, nullable=False, index=True),
    Column("unreachable_since", DateTime),
)

subscriptions = Table(  # models.SubscriptionRow
    "subscriptions",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("token", String(64), nullable=False, unique=True, index=True),
    Column("state", String(16), nullable=False),
    Column("lease_until", DateTime),
    Column("next_try_at", DateTime, nullable=False),
    Column("last_push_at", DateTime),
    Column("pushes", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
)

notices = Table(  # models.NoticeRow
    "notices",
    metadata,
    Column("reader", String(64), primary_key=True),
    Column("table_version", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("last_try_at", DateTime, nullable=False),
)

items = Table(  # the latest version of every item of every source
    "items",
    metadata,
    Column("article_id", String(32), primary_key=True),
    Column("source_id", String(128), nullable=False, index=True),
    Column("guid", Text, nullable=False),
    Column("entry_hash", String(64), nullable=False),  # of the entry as sent, before any page is fetched
    Column("content_hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("provider_version", Text),
    Column("updated", DateTime),
    Column("first_seen_at", DateTime, nullable=False),
    Column("last_seen_at", DateTime, nullable=False),
)

versions = Table(  # every content an item ever had, so that a stale cache's old text is not a new version
    "versions",
    metadata,
    Column("article_id", String(32), primary_key=True),
    Column("content_hash", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("run_id", String(255), nullable=False),
)

pending = Table(  # items whose page could not be fetched: tried again even when the feed answers 304
    "pending",
    metadata,
    Column("article_id", String(32), primary_key=True),
    Column("source_id", String(128), nullable=False, index=True),
    Column("entry", Text, nullable=False),  # model.Entry, JSON
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("next_try_at", DateTime, nullable=False),
)

pieces = Table(  # takes and adds of the last days, so that an add finds what it continues
    "pieces",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("key", String(64), primary_key=True),  # SHA-256 of the key that the takes of a story share
    Column("guid", String(64), primary_key=True),  # SHA-256
    Column("entry", Text, nullable=False),  # model.Entry, JSON
    Column("seen_at", DateTime, nullable=False, index=True),
)

line_counts = Table(  # clean: which lines the last stories of a source had, for what it repeats
    "line_counts",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("counts", LargeBinary, nullable=False),  # clean.lines.Counts, JSON, zstd
    Column("counted_at", DateTime, nullable=False, index=True),
)

learned_rules = Table(  # clean.learned.LearnedRule
    "learned_rules",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("rule_id", String(12), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("stories", Integer, nullable=False),
    Column("window", Integer, nullable=False),
    Column("counted_since", Date, nullable=False),
    Column("learned_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("expired_at", DateTime),
    Column("undone", Boolean, nullable=False),
)

source_health = Table(  # health.Health, of every source that was ever asked
    "source_health",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("since", DateTime, nullable=False),
    Column("cause", Text, nullable=False),
    Column("run_id", String(255), nullable=False),  # the last that changed the row
    Column("health", Text, nullable=False),  # all of it, JSON
)

source_days = Table(  # health.Day
    "source_days",
    metadata,
    Column("source_id", String(128), primary_key=True),
    Column("day", Date, primary_key=True, index=True),
    Column("runs", Integer, nullable=False),
    Column("failed_runs", Integer, nullable=False),
    Column("feeds", Integer, nullable=False),
    Column("feeds_failed", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("pages_failed", Integer, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("gap_s", Integer, nullable=False),
    Column("words", Integer, nullable=False, server_default="0"),
    Column("lateness", Text, nullable=False),  # health.lateness, counts with spaces between
)

source_events = Table(  # health.Change
    "source_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", String(128), nullable=False, index=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("run_id", String(255), nullable=False),
    Column("kind", String(16), nullable=False),  # state, alert
    Column("before", String(16)),
    Column("after", String(16)),
    Column("cause", Text, nullable=False),
)

takedowns = Table(  # takedown.tombstone.Tombstone, with its keys in the table below
    "takedowns",
    metadata,
    Column("takedown_id", String(32), primary_key=True),
    Column("target", String(64), nullable=False),  # the id that was asked for: of an article or a story
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("done_at", DateTime),  # None: under way, or killed
)

takedown_keys = Table(  # what must not land again is known by; hashes, no text
    "takedown_keys",
    metadata,
    Column("kind", String(8), primary_key=True),  # article, story, url, content, text
    Column("key", String(64), primary_key=True),
    Column("takedown_id", String(32), primary_key=True, index=True),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(255), primary_key=True),
    Column("started_at", DateTime, nullable=False),
    Column("status", String(16), nullable=False),  # running, landing, landed
    Column("finished_at", DateTime),
    Column("table_version", BigInteger),
    Column("report", Text),  # JSON
)

alerts = Table(  # what is on, and whether people were told
    "alerts",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("alert", Text, nullable=False),  # alerts.Alert, JSON
    Column("told_at", DateTime),
    Column("tried_at", DateTime, nullable=False),
    Column("off_since", DateTime),
)

releases = Table(  # embargoes that have ended, and the look that told of it
    "releases",
    metadata,
    Column("article_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("run_id", String(255), nullable=False, index=True),
    Column("embargoed_until", DateTime, nullable=False),
    Column("released_at", DateTime, nullable=False, index=True),
)

story_members = Table(  # dedupe: one row an article
    "story_members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", Id, nullable=False, unique=True),
    Column("story_id", Id, nullable=False, index=True),
    Column("source_id", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("relation", String(16), nullable=False),
    Column("duplicate_of", Id),
    Column("published_us", BigInteger),  # microseconds since 1970
    Column("day", Integer, nullable=False, index=True),  # days since 1970, for expiry
    Column("language", Text),
    Column("title", LargeBinary),  # the headline's words, two bytes each
    Column("word_count", Integer, nullable=False),
    Column("url_key", BigInteger, index=True),
    Column("text_key", BigInteger, index=True),
    Column("represents", Boolean, nullable=False),
    Column("killed", Boolean, nullable=False),
    Column("standing", SmallInteger, nullable=False),  # dedupe.index: OWN, PLAIN, REFERS
    sqlite_autoincrement=True,  # what is left in a week's tables of a row that is gone must find no other row
)

story_aliases = Table(  # dedupe: ids of stories that turned out to be another's
    "story_aliases",
    metadata,
    Column("alias", Id, primary_key=True),
    Column("story_id", Id, nullable=False, index=True),
    Column("day", Integer, nullable=False, index=True),
)

story_links = Table(  # dedupe: stories of which an article has a passage, without being one of theirs
    "story_links",
    metadata,
    Column("story_id", Id, primary_key=True),
    Column("related", Id, primary_key=True, index=True),
    Column("day", Integer, nullable=False, index=True),
)


def story_anchors(week: int) -> Table:
    """dedupe: where a week's representatives of stories are found. A table a week, so that it can be dropped whole."""
    columns = (Column("anchor", Integer, primary_key=True), Column("member", Integer, primary_key=True))
    return Table(f"story_anchors_{week}", MetaData(), *columns, sqlite_with_rowid=False)


def story_texts(week: int) -> Table:
    """dedupe: what a week's representatives are compared by, as `dedupe.signature.Text` packs it."""
    columns = (Column("member", Integer, primary_key=True, autoincrement=False), Column("text", LargeBinary))
    return Table(f"story_texts_{week}", MetaData(), *columns)
