"""What is known of each host: robots.txt, pauses."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
