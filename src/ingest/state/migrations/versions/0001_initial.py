"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_sha256", sa.String(length=64), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("moved_seen", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_success_at", sa.DateTime(), nullable=True),
        sa.Column("last_changed_at", sa.DateTime(), nullable=True),
        sa.Column("next_due_at", sa.DateTime(), nullable=True),
        sa.Column("not_before", sa.DateTime(), nullable=True),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source_id", "url", name=op.f("pk_feeds")),
    )
    op.create_table(
        "items",
        sa.Column("article_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("provider_version", sa.Text(), nullable=True),
        sa.Column("updated", sa.DateTime(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_source_id"), "items", ["source_id"], unique=False)
    op.create_table(
        "learned_rules",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("rule_id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("counted_since", sa.Date(), nullable=False),
        sa.Column("learned_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("expired_at", sa.DateTime(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "rule_id", name=op.f("pk_learned_rules")),
    )
    op.create_table(
        "line_counts",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("counted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_line_counts")),
    )
    op.create_index(op.f("ix_line_counts_counted_at"), "line_counts", ["counted_at"], unique=False)
    op.create_table(
        "pending",
        sa.Column("article_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_try_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_pending")),
    )
    op.create_index(op.f("ix_pending_source_id"), "pending", ["source_id"], unique=False)
    op.create_table(
        "pieces",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "key", "guid", name=op.f("pk_pieces")),
    )
    op.create_index(op.f("ix_pieces_seen_at"), "pieces", ["seen_at"], unique=False)
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=255), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("table_version", sa.BigInteger(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_table(
        "story_aliases",
        sa.Column("alias", sa.LargeBinary(), nullable=False),
        sa.Column("story_id", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_story_aliases")),
    )
    op.create_index(op.f("ix_story_aliases_day"), "story_aliases", ["day"], unique=False)
    op.create_index(op.f("ix_story_aliases_story_id"), "story_aliases", ["story_id"], unique=False)
    op.create_table(
        "story_links",
        sa.Column("story_id", sa.LargeBinary(), nullable=False),
        sa.Column("related", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "related", name=op.f("pk_story_links")),
    )
    op.create_index(op.f("ix_story_links_day"), "story_links", ["day"], unique=False)
    op.create_index(op.f("ix_story_links_related"), "story_links", ["related"], unique=False)
    op.create_table(
        "story_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.LargeBinary(), nullable=False),
        sa.Column("story_id", sa.LargeBinary(), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("duplicate_of", sa.LargeBinary(), nullable=True),
        sa.Column("published_us", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("url_key", sa.BigInteger(), nullable=True),
        sa.Column("text_key", sa.BigInteger(), nullable=True),
        sa.Column("represents", sa.Boolean(), nullable=False),
        sa.Column("killed", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_members")),
        sa.UniqueConstraint("article_id", name=op.f("uq_story_members_article_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_story_members_day"), "story_members", ["day"], unique=False)
    op.create_index(op.f("ix_story_members_story_id"), "story_members", ["story_id"], unique=False)
    op.create_index(op.f("ix_story_members_text_key"), "story_members", ["text_key"], unique=False)
    op.create_index(op.f("ix_story_members_url_key"), "story_members", ["url_key"], unique=False)
    op.create_table(
        "versions",
        sa.Column("article_id", sa.String(length=32), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "content_hash", name=op.f("pk_versions")),
    )
