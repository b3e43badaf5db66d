"""The whole newsroom on one day: who published what. Same arguments, same edition, to the byte.

Day 2 is day 1 plus new items, with some items updated, corrected, killed, touched or gone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random

from ingest.demo.compose import Desk, compose, corrected, killed, updated
from ingest.demo.events import Event, events
from ingest.demo.items import Change, TruthItem
from ingest.demo.outlets import OUTLETS, Kinds, Outlet
from ingest.demo.prose import LANGUAGES, lexicon
from ingest.model import Relation

DEFAULT_BASE = "http://127.0.0.1:8099"
DEFAULT_SEED = 7
DEFAULT_TODAY = date(2026, 11, 24)

Published = tuple[Event, TruthItem]


def truth(
    day: int = 1, *, today: date = DEFAULT_TODAY, seed: int = DEFAULT_SEED, base_url: str = DEFAULT_BASE
) -> list[TruthItem]:
    """Every item that was published up to `day` (1 or 2), in its latest version, whether it can land or not."""
    return [item for items in edition(day, today, seed, base_url).values() for item in items]


def expected_landed(
    day: int = 1, *, today: date = DEFAULT_TODAY, seed: int = DEFAULT_SEED, base_url: str = DEFAULT_BASE
) -> set[tuple[str, str]]:
    """(source_id, guid) of what should be in the table after runs on each day up to `day`, each exactly once."""
    return {(i.source_id, i.guid) for i in truth(day, today=today, seed=seed, base_url=base_url) if i.lands}


@lru_cache(maxsize=8)
def edition(day: int, today: date, seed: int, base_url: str) -> Mapping[str, tuple[TruthItem, ...]]:
    """Items by source, newest first. Raises ValueError for a day other than 1 and 2."""
    if day not in (1, 2):
        raise ValueError(f"the demo has day 1 and day 2, not {day}")
    pool = _Pool(today, seed)
    first: dict[str, list[Published]] = {}
    late: dict[str, list[Published]] = {}
    for outlet in OUTLETS:
        desk = Desk(outlet, base_url, seed)
        wire = first.get(outlet.wire or "", [])
        first[outlet.id] = _day_one(desk, pool, wire)
        late[outlet.id] = _day_two(desk, pool, wire, first[outlet.id], today)
    if day == 1:
        return {outlet.id: _newest_first(first[outlet.id]) for outlet in OUTLETS}
    return {o.id: _newest_first(_changed(o, first[o.id]) + late[o.id]) for o in OUTLETS}


class _Pool:
    """The events nobody has reported yet."""

    def __init__(self, today: date, seed: int) -> None:
        self._left: dict[tuple[str, str, int], list[Event]] = defaultdict(list)
        for language in LANGUAGES:
            for event in events(language, today, seed):
                self._left[language, event.kind, event.day].append(event)

    def take(self, language: str, kinds: Kinds, day: int) -> Iterator[Event]:
        for kind, count in kinds.items():
            left = self._left[language, kind, day]
            if count > len(left):
                raise ValueError(f"{language} has only {len(left)} {kind} events left on day {day}, {count} wanted")
            for _ in range(count):
                yield left.pop(0)


def _day_one(desk: Desk, pool: _Pool, wire: list[Published]) -> list[Published]:
    outlet = desk.outlet
    own = list(pool.take(outlet.language, outlet.own, 1))
    rng = Random(f"{desk.seed}/{outlet.id}/copies")
    choice = [event for event, item in wire if item.relation == "canonical" and outlet.only in (None, event.section)]
    taken = rng.sample(choice, outlet.copies + outlet.excerpts)
    heads = tuple(event.headlines[0] for event in own)
    found = [(e, compose(desk, e, "canonical", e.when, heads)) for e in own]
    for number, event in enumerate(taken):
        relation: Relation = "copy" if number < outlet.copies else "excerpt"
        delay = timedelta(minutes=desk.rng(event, "delay").randrange(15, 300))
        found.append((event, compose(desk, event, relation, event.when + delay, heads)))
    found += [_reissue(desk, event, number) for number, event in enumerate(own[-6:][: outlet.reissues])]
    return [(event, _page_status(outlet, number, item)) for number, (event, item) in enumerate(found)]


def _reissue(desk: Desk, event: Event, number: int) -> Published:
    """The agency's habit of sending the story again under a new guid: longer, or corrected."""
    table = lexicon(event.language)
    relation: Relation = "correction" if number == 2 else "update"
    when = event.when + timedelta(minutes=200 + number)
    item = compose(desk, event, relation, when, ())
    item = corrected(item, event, 0) if relation == "correction" else updated(item, event, 0)
    head = table[f"{relation}_head"].format(headline=item.headline)
    return event, item.model_copy(update={"headline": head, "updated": None})


def _page_status(outlet: Outlet, number: int, item: TruthItem) -> TruthItem:
    if number >= len(outlet.bad_pages):
        return item
    return item.model_copy(update={"page_status": outlet.bad_pages[number], "lands": False})


def _day_two(desk: Desk, pool: _Pool, wire: list[Published], first: list[Published], today: date) -> list[Published]:
    outlet = desk.outlet
    midnight = datetime.combine(today, time(), UTC)
    found = [(e, compose(desk, e, "canonical", e.when, ())) for e in pool.take(outlet.language, outlet.own_late, 2)]
    have = {event.key for event, _ in first}
    left = [event for event, item in wire if event.key not in have and item.relation == "canonical"]
    for event in Random(f"{desk.seed}/{outlet.id}/late").sample(left, outlet.copies_late):
        when = midnight - timedelta(minutes=desk.rng(event, "late").randrange(61, 280))
        found.append((event, compose(desk, event, "copy", when, ())))
    return found


def _changed(outlet: Outlet, first: list[Published]) -> list[Published]:
    """Day 1's items as they are on day 2."""
    changed = []
    for number, (event, item) in enumerate(first):
        change = outlet.changes[number] if number < len(outlet.changes) else ""
        changed.append((event, _change(change, event, item) if change else item.model_copy(update={"change": "same"})))
    return changed


def _change(change: str, event: Event, item: TruthItem) -> TruthItem:
    made = {
        "updated": lambda: updated(item, event, 600),
        "corrected": lambda: corrected(item, event, 610),
        "killed": lambda: killed(item, 620),
        "touched": lambda: item.model_copy(update={"updated": item.published + timedelta(minutes=630)}),
        "gone": lambda: item,
    }[change]()
    kind: Change = change  # type: ignore[assignment]  # the keys above are the type's values
    version = 2 if change in ("updated", "corrected", "killed") else 1
    return made.model_copy(update={"change": kind, "version": version})


def _newest_first(found: list[Published]) -> tuple[TruthItem, ...]:
    items = [item for _, item in found]
    return tuple(sorted(items, key=lambda item: (item.published, item.guid), reverse=True))
