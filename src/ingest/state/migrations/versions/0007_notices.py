"""How far notices of commits have got."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("table_version", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_try_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_notices")),
    )
