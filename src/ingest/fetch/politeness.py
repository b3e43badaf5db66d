"""One request at a time to one host, with a pause between two, and silence when it asks for silence.

Without a pause (0 s) politeness is off: the hosts are one's own, such as the demo newsroom's, and asked in parallel.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

from ingest.errors import FetchFailed, TooSlow

_SLOW_MAX = 3  # in a row; fifty pages of a dead host would take an hour to fail one by one
_SLOW_SILENCE_S = 300.0


@dataclass
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # event loop time
    silent_until: float = 0.0
    silent_because: str = ""
    slow: int = 0


class HostGate:
    """Hands out turns. `concurrency` bounds the requests under way at once over all hosts."""

    def __init__(self, delay_s: float, concurrency: int) -> None:
        self._delay_s = delay_s
        self._slots = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for this host's turn and hold it. Raises FetchFailed while it is left alone (see `silence`)."""
        state = self._hosts.setdefault(host, _Host())
        async with state.lock if self._delay_s else nullcontext():
            # Waits of one host come before a slot is taken, so that they do not keep other hosts from theirs.
            await asyncio.sleep(max(0.0, state.free_at - _now()))
            _refuse_if_silent(host, state)
            async with self._slots:
                try:
                    yield
                    state.slow = 0
                except TooSlow:
                    state.slow += 1
                    if state.slow >= _SLOW_MAX:
                        self.silence(host, _SLOW_SILENCE_S, f"{state.slow} requests in a row took too long")
                    raise
                finally:
                    state.free_at = _now() + self._delay_s

    def silence(self, host: str, seconds: float, because: str) -> None:
        """No request to `host` for so long."""
        if not self._delay_s:
            return
        state = self._hosts.setdefault(host, _Host())
        state.silent_until, state.silent_because, state.slow = _now() + seconds, because, 0


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refuse_if_silent(host: str, state: _Host) -> None:
    left = state.silent_until - _now()
    if left > 0:
        raise FetchFailed(host, f"left alone for {left:.0f} s more: {state.silent_because}", "the next run asks again")
