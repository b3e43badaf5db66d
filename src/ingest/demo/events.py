"""What happened: the events that the demo's agencies and outlets report.

An event is either one handwritten record (`topic`: own sentences, plus a few from a common stock) or one filling of a
template (earnings, matches, weather, courts …): those look alike on purpose and are not the same story.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from ingest.demo.prose import Words, expand, lexicon
from ingest.model import Block, Model

DAY_TWO_SHARE = 8  # every eighth event of a kind happens on the second day


class Event(Model):
    """`kind` is "topic" or the template's name; `day` the first day on which anybody reports it."""

    key: str
    kind: str
    section: str
    language: str
    place: str
    day: int
    when: datetime
    headlines: tuple[str, ...]
    blocks: tuple[Block, ...]
    author: str
    photographer: str
    caption: str
    update: str  # one more paragraph, for the second day
    templated: bool

    @property
    def word_count(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks)


@lru_cache(maxsize=32)
def events(language: str, today: date, seed: int) -> tuple[Event, ...]:
    """All events of one language over both days, in a fixed order. Same arguments, same events."""
    return tuple(_topics(language, today, seed)) + tuple(_templated(language, today, seed))


def _topics(language: str, today: date, seed: int) -> Iterator[Event]:
    table = lexicon(language)
    filler: list[str] = table["filler"]
    for index, topic in enumerate(table["topic"]):
        words, day, moment = _start(language, "topic", index, today, seed, place=topic["place"])
        own = [line for line in topic["text"].strip().split("\n") if line]
        stock = words.rng.sample(filler, 3)
        texts = [*own[:3], stock[0], *own[3:], *stock[1:]]
        blocks = tuple(Block(kind="paragraph", text=expand(text, words.fresh())) for text in texts)
        yield _event(words, "topic", topic["kind"], index, day, moment, tuple(topic["headlines"]), blocks)


def _templated(language: str, today: date, seed: int) -> Iterator[Event]:
    for kind, template in lexicon(language)["template"].items():
        for index in range(template["count"]):
            words, day, moment = _start(language, kind, index, today, seed)
            if template.get("item"):
                blocks = tuple(_long(template, index, words))
            else:
                texts = [words.rng.choice(part) for part in template["parts"]]
                blocks = tuple(Block(kind="paragraph", text=expand(text, words)) for text in texts)
            heads = [template["headlines"][(index + step) % len(template["headlines"])] for step in (0, 1)]
            headlines = tuple(expand(head, words) for head in heads)
            yield _event(words, kind, template["section"], index, day, moment, headlines, blocks)


def _long(template: Mapping[str, Any], index: int, words: Words) -> Iterator[Block]:
    """A long read: an introduction, then `repeat` items, with a heading before every fourth."""
    yield Block(kind="paragraph", text=expand(template["intro"][index % len(template["intro"])], words))
    items, heads = template["item"], template.get("subheads", ())
    for step in range(template["repeat"]):
        if heads and step % 4 == 0:
            yield Block(kind="heading", level=2, text=heads[(index * 3 + step // 4) % len(heads)])
        text = expand(items[(index * template["repeat"] + step) % len(items)], words.fresh())
        yield Block(kind="quote" if text.startswith("“") and text.endswith("”") else "paragraph", text=text)


def _start(
    language: str, kind: str, index: int, today: date, seed: int, place: str | None = None
) -> tuple[Words, int, datetime]:
    day = 2 if index % DAY_TWO_SHARE == DAY_TWO_SHARE - 1 else 1
    words = Words(language, Random(f"{seed}/{language}/{kind}/{index}"), index)
    moment = _when(day, words.rng, today)
    words.known |= _date_words(language, moment)
    if place:
        words.known["place"] = place
        words.used.add(place)
    return words, day, moment


def _when(day: int, rng: Random, today: date) -> datetime:
    """Never later than the start of `today`: a feed from the future would be a fault of its own."""
    midnight = datetime.combine(today, time(), UTC)
    if day == 2:
        return midnight - timedelta(minutes=rng.randrange(300, 540))
    return midnight - timedelta(minutes=rng.randrange(1200, 4200))


def _date_words(language: str, moment: datetime) -> dict[str, str]:
    table = lexicon(language)
    weekdays = table["lists"]["weekday"]
    return {
        "weekday": weekdays[moment.weekday() % len(weekdays)],
        "month": table["months"][moment.month - 1],
        "day": str(moment.day),
        "year": str(moment.year),
    }


def _event(
    words: Words,
    kind: str,
    section: str,
    index: int,
    day: int,
    moment: datetime,
    headlines: tuple[str, ...],
    blocks: tuple[Block, ...],
) -> Event:
    language, rng = words.language, words.rng
    table = lexicon(language)
    place = words.value("place", None, None)
    return Event(
        key=f"{language}-{kind}-{index:02d}",
        kind=kind,
        section=section,
        language=language,
        place=place,
        day=day,
        when=moment,
        headlines=headlines,
        blocks=blocks,
        author=expand("{personby}", words),
        photographer=expand("{personphoto}", words),
        caption=expand(rng.choice(table["furniture"]["caption"]), words).strip(),
        update=expand(rng.choice(table["template"].get(kind, {}).get("update") or table["update_text"]), words),
        templated=kind not in ("topic", "feature"),
    )
