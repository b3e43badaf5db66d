"""What could not be used, to be looked at, mended, read again or discarded: STORE/quarantine/DATE/RUN-SHARD.jsonl."""

from ingest.quarantine.held import Held, Settled, find, held, payload_of, settle

__all__ = ["Held", "Settled", "find", "held", "payload_of", "settle"]
