"""Replay: what runs brought, read again from the raw archive with today's rules.

Nothing is asked of any server. What comes out as it has landed is left; what comes out otherwise is a new version in
its old story. See docs/replay.md and docs/decisions/0010-replay.md.
"""

from ingest.replay.archive import Wanted
from ingest.replay.differences import Difference, Tell

__all__ = ["Difference", "Tell", "Wanted"]
