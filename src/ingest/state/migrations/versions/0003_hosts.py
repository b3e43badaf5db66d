"""What is known of each host: pauses, robots.txt; and of each feed: its rhythm, and when it wants to be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("feeds", sa.Column("rhythm_s", sa.Float(), nullable=True))
    op.add_column("feeds", sa.Column("wishes", sa.JSON(), nullable=True))
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("crawl_delay_s", sa.Float(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("unreachable_since", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_index(op.f("ix_robots_asked_at"), "robots", ["asked_at"], unique=False)
