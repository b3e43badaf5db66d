"""The tables of the state database. Times are stored as UTC without zone (SQLite has none); `database` converts.

A change here is a new Alembic revision in `state/migrations`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

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

story_members = Table(  # dedupe: one row an article, what is needed to compare with it
    "story_members",
    metadata,
    Column("article_id", String(32), primary_key=True),
    Column("story_id", String(32), nullable=False, index=True),
    Column("source_id", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("relation", String(16), nullable=False),
    Column("duplicate_of", String(32)),
    Column("published", DateTime),
    Column("day", Integer, nullable=False, index=True),  # days since 1970, for expiry
    Column("language", Text),
    Column("headline", Text),
    Column("word_count", Integer, nullable=False),
    Column("url_key", String(64), index=True),
    Column("text_key", String(64), index=True),
    Column("shingles", LargeBinary),  # uint32 hashes of word n-grams in reading order, little-endian
    Column("facts", Text),  # JSON: numbers and names to tell a template from a copy
)

story_anchors = Table(  # dedupe: inverted index, representatives of stories only
    "story_anchors",
    metadata,
    Column("anchor", BigInteger, primary_key=True),
    Column(
        "article_id",
        String(32),
        ForeignKey("story_members.article_id", ondelete="CASCADE"),
        primary_key=True,
        index=True,  # a new version replaces its anchors
    ),
    Column("day", Integer, nullable=False, index=True),
    Column("weight", Float),
)
