"""What is in quarantine, read again with today's code and landed as a run of its own: the normal way from the bytes on.

An item of which a later version has landed is left. Pages are fetched, since what a page was cannot be told from the
feed's bytes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ingest.dealing import Shard
from ingest.errors import IngestError
from ingest.land.store import Store
from ingest.model import Payload, Source
from ingest.pipeline import Workspace, complete_killed, inputs_of, land, resolve
from ingest.quarantine.held import Held, Settled, payload_of, settle
from ingest.report import RunReport
from ingest.settings import Settings
from ingest.shard import Inputs, Known, ShardResult, ShardRun
from ingest.shard.item import Item, in_turn
from ingest.shard.outbox import Outbox, Quarantined
from ingest.shard.tally import Tally
from ingest.state.database import write
from ingest.state.runs import start_run

_SHARD = "quarantine"
MENDED = "X-Ingest-Mended"  # in the archive, on bytes that were mended by hand: where those are that came


class AgainOutbox(Outbox):
    """What is still bad stays where it is in quarantine, and is told by `failed`."""

    def save_quarantine(self, store: Store) -> None:
        """It is there."""

    def try_later(self, source: Source, item: Item, error: Exception) -> str:
        return "left as it is"

    def result(self, archive: str | None) -> ShardResult:
        return super().result(archive).model_copy(update={"is_replay": True})

    @property
    def failed(self) -> dict[tuple[str, str], Quarantined]:
        """By source and place."""
        return {(one.source_id, one.place): one for one in self._quarantine}


class AgainRun(ShardRun):
    """A shard whose feeds' answers are given."""

    def __init__(
        self, outbox: Outbox, inputs: Inputs, store: Store, settings: Settings, given: Mapping[str, Sequence[Payload]]
    ) -> None:
        super().__init__(outbox, inputs, store, settings)
        self._given = given

    async def _fetch(self, source: Source, tally: Tally) -> list[Item]:
        items: list[Item] = []
        for payload in self._given[source.id]:
            tally.counts["feeds"] += 1
            try:
                items += (await self._payload(source, payload, tally))[1]
            except IngestError:  # told by `_payload`
                tally.failed_feeds += 1
        return in_turn(items)

    def _waiting(self, source: Source, here: set[str | None]) -> list[Item]:
        return []

    def _is_fresh(self, item: Item, known: Known, tally: Tally) -> bool:
        row, fetched_at = known.items.get(item.article_id or ""), item.payload.fetched_at
        has_landed = row is not None and row.version > 0
        is_past = bool(row and fetched_at and row.last_seen_at > fetched_at)
        fresh = not has_landed or (row is not None and row.entry_hash != item.hash and not is_past)
        tally.counts["unchanged"] += not fresh
        return fresh


def replay(
    ws: Workspace,
    several: Sequence[Held],
    now: datetime,
    by: str,
    mended: bytes | None = None,
    run_id: str | None = None,
) -> tuple[RunReport, dict[str, Quarantined | None]]:
    """Read again, land, and settle what is good now: the report, and by id what is wrong still (None: nothing).

    `mended` takes the place of the bytes of the one that is given; they are archived too. Raises NotStored or Malformed
    for one without its bytes, BadConfig for one whose source is no longer in the registry; then nothing has been done.
    """
    given = _payloads(ws.store, several, mended)
    for source_id in given:
        ws.registry.get_source(source_id)
    run_id = run_id or f"quarantine-{now:%Y-%m-%dT%H-%M-%S-%f}"
    complete_killed(ws, now)
    with write(ws.engine) as conn:
        start_run(conn, run_id, now)
    shard = Shard(run_id, _SHARD, tuple(sorted(given)))
    box = AgainOutbox(run_id, _SHARD, now)
    asyncio.run(AgainRun(box, inputs_of(ws, shard, now), ws.store, ws.settings, given).run())
    resolve(ws, run_id, now)
    report = land(ws, run_id, [shard], datetime.now(UTC))
    outcome = {one.id: box.failed.get((one.source_id, one.place)) for one in several}
    good = [one for one in several if outcome[one.id] is None]
    settle(ws.store, good, Settled(how="replayed", at=now, by=by, why=run_id))
    return report, outcome


def _payloads(store: Store, several: Sequence[Held], mended: bytes | None) -> dict[str, list[Payload]]:
    """By source; several items of one payload need it once."""
    found: dict[str, list[Payload]] = defaultdict(list)
    for one in {(one.source_id, one.raw): one for one in several}.values():
        payload = payload_of(store, one)
        if mended is not None and one.raw is not None:
            came = (MENDED, f"{one.raw.archive}@{one.raw.offset}")
            payload = payload.model_copy(update={"body": mended, "raw": None, "headers": (*payload.headers, came)})
        found[one.source_id].append(payload)
    return dict(found)
