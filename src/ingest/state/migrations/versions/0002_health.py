"""What is known of each source's health."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COUNTS = (
    "runs",
    "failed_runs",
    "feeds",
    "feeds_failed",
    "entries",
    "new",
    "updated",
    "rejected",
    "pages_failed",
    "copies",
    "gap_s",
)


def upgrade() -> None:
    op.create_table(
        "source_health",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=255), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_health")),
    )
    op.create_index(op.f("ix_source_health_state"), "source_health", ["state"], unique=False)
    op.create_table(
        "source_days",
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("lateness", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "day", name=op.f("pk_source_days")),
    )
    op.create_index(op.f("ix_source_days_day"), "source_days", ["day"], unique=False)
    op.create_table(
        "source_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("run_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_events")),
    )
    op.create_index(op.f("ix_source_events_at"), "source_events", ["at"], unique=False)
    op.create_index(op.f("ix_source_events_source_id"), "source_events", ["source_id"], unique=False)
