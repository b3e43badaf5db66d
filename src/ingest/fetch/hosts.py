"""What earlier runs found out about hosts, and whether a feed's host wants to be left alone. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingest.fetch.feedstate import start_url
from ingest.fetch.politeness import host_of
from ingest.model import FeedState, HostPause, RobotsFile

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class KnownHosts:
    """`pauses` by host, as of `now`. `find_robots` looks up what is known of an origin's robots.txt."""

    pauses: Mapping[str, HostPause] = field(default_factory=dict)
    find_robots: Callable[[str], RobotsFile | None] = lambda _: None
    now: datetime = _LONG_AGO

    def still_paused(self) -> Iterator[tuple[HostPause, float]]:
        """Each pause that is not over, with the seconds that are left of it."""
        for pause in self.pauses.values():
            if (left_s := (pause.not_before - self.now).total_seconds()) > 0:
                yield pause, left_s


def is_paused(pauses: Mapping[str, HostPause], url: str, state: FeedState | None, now: datetime) -> bool:
    """Whether the host of a feed, where it is now, is to be left alone."""
    pause = pauses.get(host_of(start_url(state) if state else url))
    return pause is not None and now < pause.not_before
