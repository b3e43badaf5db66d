"""Takedowns: what must not land again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "takedowns",
        sa.Column("takedown_id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("takedown_id", name=op.f("pk_takedowns")),
    )
    op.create_table(
        "takedown_keys",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("takedown_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "takedown_id", name=op.f("pk_takedown_keys")),
    )
    op.create_index(op.f("ix_takedown_keys_takedown_id"), "takedown_keys", ["takedown_id"], unique=False)
