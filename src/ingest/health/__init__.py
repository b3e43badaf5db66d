"""How each source is doing: from the days it had to a state, its cause, and alerts. Pure; see docs/health.md."""

from ingest.health.assess import Seen, assess
from ingest.health.changes import changes, report_lines
from ingest.health.model import Alert, Change, Day, Expected, Health

__all__ = ["Alert", "Change", "Day", "Expected", "Health", "Seen", "assess", "changes", "report_lines"]
