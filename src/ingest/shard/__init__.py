"""One shard of a run: its sources fetched, archived, parsed, extracted and cleaned, up to what is staged.

Nothing here is final. A shard leaves articles in `staging/` and what the state should become in a `ShardResult`; both
count only once the run has landed, so a shard may be killed and run again at will.
"""

from ingest.shard.older import Backfill
from ingest.shard.outbox import ShardResult
from ingest.shard.run import Inputs, Known, ShardRun, warmed_up

__all__ = ["Backfill", "Inputs", "Known", "ShardResult", "ShardRun", "warmed_up"]
