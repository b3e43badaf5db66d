"""Embargoes that have ended, and the look that told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("article_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=255), nullable=False),
        sa.Column("embargoed_until", sa.DateTime(), nullable=False),
        sa.Column("released_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "version", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_run_id"), "releases", ["run_id"], unique=False)
    op.create_index(op.f("ix_releases_released_at"), "releases", ["released_at"], unique=False)
