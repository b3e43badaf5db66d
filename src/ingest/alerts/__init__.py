"""What people are told of, once: what is on now, what of it is news, and the channels it goes out by.

`looks` finds what is on from what the state knows, `told` compares it with what was told before, `letter` is the one
message of it: all pure. `check` joins them with the state, `channels` sends. See docs/alerts.md.
"""

from ingest.alerts.model import ABOUT, Alert, Kind

__all__ = ["ABOUT", "Alert", "Kind"]
