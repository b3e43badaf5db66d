"""One event as one outlet prints it: cut, retitled, with a credit chain, notices and whatever else hangs around it."""

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ingest.demo.events import Event
from ingest.demo.items import Audio, Extra, Photo, TruthItem
from ingest.demo.outlets import AGENCIES, Agency, Outlet
from ingest.demo.prose import lexicon
from ingest.model import Block, Relation


@dataclass(frozen=True)
class Desk:
    """What an outlet's desk works with: where it publishes to, and the seed that stands in for its whims."""

    outlet: Outlet
    base_url: str
    seed: int

    def rng(self, event: Event, role: str) -> Random:
        return Random(f"{self.seed}/{self.outlet.id}/{event.key}/{role}")

    @property
    def agency(self) -> Agency | None:
        return AGENCIES.get(self.outlet.wire or self.outlet.id)


def compose(desk: Desk, event: Event, relation: Relation, published: datetime, others: tuple[str, ...]) -> TruthItem:
    """`others`: headlines to point at from "related" lines."""
    outlet, rng = desk.outlet, desk.rng(event, relation)
    foreign = outlet.wire is not None and relation in ("copy", "excerpt")
    agency = desk.agency if foreign or outlet.id in AGENCIES else None
    headline = event.headlines[1 if foreign and rng.random() < 0.6 else 0]
    blocks = _cut(event, relation, rng)
    number = zlib.crc32(f"{outlet.id}/{event.key}/{relation}".encode())
    url = f"{desk.base_url}/{outlet.id}/{published:%Y/%m}/{_slug(headline)}-{number}.html"
    guid_sent = _guid(outlet, url, number, published)
    holder = agency.name if agency else (outlet.name if outlet.decor == "messy" else None)
    notice = rng.choice(_furniture(event)["notice"]).format(year=published.year, holder=holder) if holder else None
    distributor = agency.distributor if agency and foreign else None
    table = lexicon(event.language)
    dated = bool(agency) and (not foreign or rng.random() < 0.6) and event.kind != "audio"
    by = not foreign and event.kind in ("topic", "feature") and rng.random() < 0.7
    return TruthItem(
        source_id=outlet.id,
        guid=guid_sent if outlet.guid in ("tag", "permalink", "number") and guid_sent else url,
        guid_sent=guid_sent,
        url=url,
        type="audio" if event.kind == "audio" else "text",
        headline=headline,
        byline=table["furniture"]["by"].format(author=event.author) if by else outlet.name if outlet.at_page else None,
        author=event.author if by else None,
        dateline=_dateline(event, agency) if dated and agency else None,
        place=event.place,
        language=event.language,
        published=published,
        dated=outlet.format not in ("rss091", "rss092"),
        sections=("front", event.section),
        blocks=blocks,
        extras=tuple(_extras(desk, event, relation, rng, notice, distributor, others, len(blocks))),
        photo=_photo(desk, event, agency, foreign),
        audio=_audio(desk, number) if event.kind == "audio" else None,
        provider=agency.name if agency else None,
        rights_holder=holder,
        rights_year=published.year if holder else None,
        rights_notice=notice,
        rights_distributor=distributor,
        story=event.key,
        templated=event.templated,
        relation=relation,
        full_text_at="page" if outlet.at_page else "feed",
    )


def updated(item: TruthItem, event: Event, minutes: int) -> TruthItem:
    """A new version with a paragraph more, after the first."""
    block = Block(kind="paragraph", text=event.update)
    when = item.published + timedelta(minutes=minutes)
    blocks = (item.blocks[0], block, *item.blocks[1:])
    return item.model_copy(update={"blocks": blocks, "relation": "update", "updated": when})


def corrected(item: TruthItem, event: Event, minutes: int) -> TruthItem:
    """A new version in which one figure is another, with a note that says so."""
    table = lexicon(event.language)
    blocks = list(item.blocks)
    place = next((n for n, block in enumerate(blocks) if re.search(r"\d", block.text)), None)
    if place is None:
        blocks.append(Block(kind="paragraph", text=event.update))
    else:
        text = re.sub(r"\d+", lambda m: str(int(m[0]) + 1), blocks[place].text, count=1)
        blocks[place] = blocks[place].model_copy(update={"text": text})
    when = item.published + timedelta(minutes=minutes)
    change = {"blocks": tuple(blocks), "notes": (table["correction_note"],), "relation": "correction", "updated": when}
    return item.model_copy(update=change)


def killed(item: TruthItem, minutes: int) -> TruthItem:
    """The agency takes it back: a word to editors in the place of the story."""
    change = {
        "headline": f"KILL: {item.headline}",
        "blocks": (),
        "extras": (),
        "notes": (lexicon(item.language)["kill_text"],),
        "photo": None,
        "dateline": None,
        "pub_status": "canceled",
        "relation": "update",
        "updated": item.published + timedelta(minutes=minutes),
    }
    return item.model_copy(update=change)


def _furniture(event: Event) -> dict[str, list[str]]:
    table: dict[str, list[str]] = lexicon(event.language)["furniture"]
    return table


def _cut(event: Event, relation: Relation, rng: Random) -> tuple[Block, ...]:
    if relation == "excerpt":
        return event.blocks[:2]
    if relation == "copy" and len(event.blocks) > 3 and rng.random() < 0.5:
        return event.blocks[: -2 if event.blocks[-2].kind == "heading" else -1]
    return event.blocks


def _slug(headline: str) -> str:
    plain = unicodedata.normalize("NFKD", headline).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "story"


def _guid(outlet: Outlet, url: str, number: int, published: datetime) -> str | None:
    styles: dict[str, str | None] = {
        "tag": f"tag:{outlet.id}.example,{published.year}:{number}",
        "permalink": url,
        "number": str(number),
        "none": None,
        "empty": "",
        "repeated": f"{outlet.id}-item",
    }
    return styles[outlet.guid]


def _dateline(event: Event, agency: Agency) -> str:
    table = lexicon(event.language)
    place = event.place.upper() if event.language == "en" else event.place
    month, day = table["months"][event.when.month - 1], event.when.day
    return str(table["dateline"].format(place=place, month=month, day=day, agency=agency.code))


def _photo(desk: Desk, event: Event, agency: Agency | None, foreign: bool) -> Photo | None:
    if event.kind == "audio" or zlib.crc32(event.key.encode()) % 10 >= 6:
        return None
    return Photo(
        url=f"{desk.base_url}/img/{event.key}.png",
        caption=event.caption,
        alt=str(lexicon(event.language)["furniture"]["alt"]).format(place=event.place),
        photographer=event.photographer,
        agency=agency.code if agency else desk.outlet.name,
        distributors=agency.houses if agency and foreign else (),
    )


def _audio(desk: Desk, number: int) -> Audio:
    return Audio(
        url=f"{desk.base_url}/audio/{number}.mp3", duration=f"00:{20 + number % 30}:{10 + number % 49}", length=4096
    )


def _extras(
    desk: Desk,
    event: Event,
    relation: Relation,
    rng: Random,
    notice: str | None,
    distributor: str | None,
    others: tuple[str, ...],
    length: int,
) -> Iterator[Extra]:
    outlet, words = desk.outlet, _furniture(event)
    if outlet.decor == "messy" and event.kind != "audio":
        yield from _mess(desk, event, rng, others, length)
    if relation == "excerpt":
        yield Extra(kind="navigation", text=str(words["continue"]), href=f"{desk.base_url}/{outlet.id}/")
    if notice and not outlet.states_rights:
        yield Extra(kind="rights", text=notice)
        if distributor and words["distributed"]:
            yield Extra(kind="rights", text=rng.choice(words["distributed"]).format(distributor=distributor))


def _mess(desk: Desk, event: Event, rng: Random, others: tuple[str, ...], length: int) -> Iterator[Extra]:
    words, home = _furniture(event), f"{desk.base_url}/{desk.outlet.id}/"
    yield Extra(kind="promo", text=rng.choice(words["promo"]), at=0, href=home + "channel")
    if rng.random() < 0.4:
        yield Extra(kind="share", text=rng.choice(words["share"]), at=0)
    if rng.random() < 0.4:
        yield Extra(kind="advertisement", text=rng.choice(words["advert"]), at=1)
    if others and rng.random() < 0.6:
        title = rng.choice(others)
        at = 2 if length > 2 else 1
        yield Extra(kind="related", text=rng.choice(words["related"]).format(title=title), at=at, href=home)
    if rng.random() < 0.6:
        yield Extra(kind="subscribe", text=rng.choice(words["subscribe"]), href=home + "newsletter")
