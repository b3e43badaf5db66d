"""Stories that a wire sends in pieces and versions without an identity that says so. Pure.

An add names the version that it adds to (`Take.key`); the first take carries that key too, or has it as its slugline.
A lead, a correction or a kill on such a wire has a number of its own and names what it replaces by its slugline.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ingest.model import Entry, Take

_NEVER = datetime.min.replace(tzinfo=UTC)
SAME_STORY = timedelta(hours=36)  # a slugline such as "BC-Weather" is another story the day after


def keys_of(entry: Entry) -> frozenset[str]:
    """The keys under which other pieces and versions of this entry's story may be found."""
    names = [entry.slugline, entry.take and entry.take.key, *_replaced(entry)]
    return frozenset(_key(name) for name in names if name)


def adopt_guids(entries: Sequence[Entry], earlier: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """The entries, in their places; one that replaces an item by its slugline takes over that item's guid.

    So a kill retracts what it kills, as its next version. `earlier` are entries that came before, of the same source;
    of several with the slugline the last before the replacement counts, within SAME_STORY.
    """
    before = list(earlier)
    adopted: dict[int, Entry] = {}
    for place in sorted(range(len(entries)), key=lambda n: (entries[n].updated or _NEVER, n)):
        entry = entries[place]
        replaced = [one for name in _replaced(entry) for one in before if _is_replaced(one, _key(name), entry)]
        if replaced:
            entry = entry.model_copy(update={"guid": replaced[-1].guid})
        adopted[place] = entry
        before.append(entry)
    return tuple(adopted[place] for place in range(len(entries)))


def _replaced(entry: Entry) -> tuple[str, ...]:
    return tuple(a.headline for a in entry.associations if a.rel == "replaces" and a.headline and not a.guid)


def _is_replaced(one: Entry, slug: str, by: Entry) -> bool:
    near = one.updated is None or by.updated is None or timedelta() <= by.updated - one.updated <= SAME_STORY
    return near and not _is_add(one) and one.slugline is not None and _key(one.slugline) == slug


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _piece_keys(entry: Entry) -> tuple[str, ...]:
    name = entry.take.key if entry.take else entry.slugline
    return (_key(name),) if name else ()


def join_takes(entries: Sequence[Entry], earlier: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """The entries with every add in its story. `earlier` are pieces that came before, of the same source.

    A story whose first take is known comes as that take, with all adds known so far behind it, also if only an add is
    new. An add without a first take stays an item of its own, with a warning. Entries that are no pieces stay as they
    are, in their places.
    """
    new_adds = {key for entry in entries if _is_add(entry) for key in _piece_keys(entry)}
    before = list(earlier)
    adds, bases = _pieces([*before, *entries])
    told: set[str] = set()
    joined: list[Entry] = []
    for entry in entries:
        key = next(iter(_piece_keys(entry)), "")
        base = bases.get(key)
        if key not in adds or base is None:
            joined.append(_alone(entry) if _is_add(entry) else entry)
        elif _is_add(entry) or entry is base:
            if key not in told and (key in new_adds or entry is base):
                joined.append(_whole(base, adds[key]))
                told.add(key)
        else:
            joined.append(entry)  # an older version of the first take
    return tuple(joined)


def _is_add(entry: Entry) -> bool:
    return entry.take is not None and entry.take.is_add


def _pieces(entries: Sequence[Entry]) -> tuple[dict[str, dict[int, Entry]], dict[str, Entry]]:
    """Adds by key and number, and first takes by key; of a piece that was sent again the last counts."""
    adds: dict[str, dict[int, Entry]] = defaultdict(dict)
    bases: dict[str, Entry] = {}
    for entry in entries:
        for key in _piece_keys(entry):
            if entry.take and entry.take.is_add:
                adds[key][entry.take.number] = entry
            else:
                bases[key] = entry
    return adds, bases


def _whole(base: Entry, adds: dict[int, Entry]) -> Entry:
    ordered = [adds[number] for number in sorted(adds)]
    takes = [piece.take for piece in ordered if piece.take]
    missing = sorted(set(range(2, takes[-1].number)) - adds.keys())
    warnings = [f"take {number} has not come" for number in missing]
    key = base.take.key if base.take else takes[0].key
    times = [piece.updated for piece in (base, *ordered) if piece.updated]
    return base.model_copy(
        update={
            "html": "\n".join(piece.html for piece in (base, *ordered) if piece.html),
            "take": Take(key=key, number=takes[-1].number, is_last=any(take.is_last for take in takes)),
            "updated": max(times, default=None),
            "images": (*base.images, *(image for piece in ordered for image in piece.images)),
            "removed": (*base.removed, *(one for piece in ordered for one in piece.removed)),
            "warnings": (*base.warnings, *warnings),
        }
    )


def _alone(entry: Entry) -> Entry:
    return entry.model_copy(update={"warnings": (*entry.warnings, "an add whose first take has not come")})
