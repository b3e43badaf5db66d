"""One request at a time to one host, with a pause between two, and silence when it asks for silence.

A host is named with its port where that is not the usual one. Without a pause (0 s) politeness is off: the hosts are
one's own, such as the demo newsroom's, and asked in parallel; but a Crawl-delay holds.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

from yarl import URL

from ingest.errors import Paused, TooSlow

_SLOW_MAX = 2  # in a row; fifty pages of a dead host would take an hour to fail one by one
_SLOW_SILENCE_S = 300.0


@dataclass
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # event loop time
    silent_until: float = 0.0
    silent_because: str = ""
    slow: int = 0
    delay_s: float = 0.0


class HostGate:
    """Hands out turns. `concurrency` bounds the requests under way at once over all hosts."""

    def __init__(self, delay_s: float, concurrency: int) -> None:
        self._delay_s = delay_s
        self._slots = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for this host's turn and hold it. Raises Paused while it is left alone (see `silence`)."""
        state = self._host(host)
        _refuse_if_silent(host, state)
        async with state.lock if state.delay_s else nullcontext():
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
                    state.free_at = _now() + state.delay_s

    def silence(self, host: str, seconds: float, because: str) -> bool:
        """No request to `host` for so long. Returns False, and does nothing, if politeness is off."""
        if not self._delay_s:
            return False
        state = self._host(host)
        state.silent_until, state.silent_because, state.slow = _now() + seconds, because, 0
        return True

    def slow_down(self, host: str, delay_s: float) -> None:
        """At least `delay_s` between two requests to `host`."""
        self._host(host).delay_s = max(self._delay_s, delay_s)

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(delay_s=self._delay_s))


def host_of(url: str) -> str:
    """The host to be polite to: one server, whatever the scheme. Empty for what is no address."""
    try:
        parts = URL(url)
        host, port = (parts.raw_host or "").rstrip("."), parts.port
    except ValueError:  # told when it is asked
        return ""
    return host if port in (80, 443, None) else f"{host}:{port}"


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refuse_if_silent(host: str, state: _Host) -> None:
    left = state.silent_until - _now()
    if left > 0:
        raise Paused(
            host, f"left alone for {left:.0f} s more: {state.silent_because}", "asked again when that is over", left
        )
