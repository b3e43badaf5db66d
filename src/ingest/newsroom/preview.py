"""What a rule would take out of a source's last articles, read again from the archive, before it is written down."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ingest.errors import BadConfig, IngestError
from ingest.land.raw import read_raw
from ingest.model import Payload, RawRef, Rule
from ingest.newsroom import articles
from ingest.newsroom.reading import reader_of
from ingest.newsroom.try_rule import Found
from ingest.pipeline import Workspace
from ingest.sources.edit import check_rule

ARTICLES, MOST_BYTES = 50, 32_000_000
_TIMEOUT_S = 60.0  # on the wall; the kernel ends the rule after five seconds of the processor


@dataclass(frozen=True)
class Hit:
    """A text that would go, and of how many of the articles."""

    text: str
    articles: int


@dataclass(frozen=True)
class Hits:
    lines: tuple[Hit, ...]
    told: str


def would_remove(ws: Workspace, source_id: str, rule: Mapping[str, str], now: datetime) -> Hits:
    """Raises BadConfig for a rule that the registry would not take, or that is too slow."""
    check_rule(rule)
    source = ws.registry.get_source(source_id)
    ids, several = _archived(ws, source_id, now)
    if not several:
        return Hits((), "no articles yet" if not ids else "the bytes of its last articles are no longer kept")
    found = _tried(pickle.dumps((source, Rule.model_validate(rule), several)))
    lines = tuple(Hit(text[:400], number) for text, number in found["gone"].items())
    told = f"{sum(hit.articles for hit in lines)} blocks of the last {found['articles']} articles would go"
    if found["emptied"]:
        told += f", and nothing would be left of {found['emptied']}"
    if unread := len(ids) - found["articles"]:
        told += f"; {unread} could not be read again"
    return Hits(lines, told)


def _archived(ws: Workspace, source_id: str, now: datetime) -> tuple[set[str], list[tuple[Payload, tuple[str, ...]]]]:
    """The ids of the last articles, and what they came in, up to some size."""
    rows = articles.listed(ws, articles.Search(source=source_id), now, ARTICLES).rows
    ids, since = {row.article_id for row in rows}, min((row.landed_at for row in rows), default=now)
    by_ref: dict[RawRef, list[str]] = defaultdict(list)
    for row in reader_of(ws, now).current(["article_id", "raw"], source=source_id, since=since).arrow().to_pylist():
        if row["article_id"] in ids and row["raw"]:
            by_ref[RawRef.model_validate(row["raw"])].append(row["article_id"])
    found: list[tuple[Payload, tuple[str, ...]]] = []
    size = 0
    for ref, some in by_ref.items():
        try:
            payload = read_raw(ws.store, ref)
        except IngestError:  # past its retention, or taken down
            continue
        size += len(payload.body)
        if size > MOST_BYTES:
            break
        found.append((payload, tuple(some)))
    return ids, found


def _tried(asked: bytes) -> Found:
    program = [sys.executable, "-I", "-m", "ingest.newsroom.try_rule"]
    try:
        done = subprocess.run(program, input=asked, capture_output=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603
    except subprocess.TimeoutExpired as e:
        raise BadConfig("the rule", "is too slow", "anchor it, and repeat less") from e
    except subprocess.CalledProcessError as e:
        if e.returncode < 0:
            raise BadConfig("the rule", "is too slow", "anchor it, and repeat less") from e
        raise BadConfig("the rule", e.stderr.decode(errors="replace").strip().rpartition("\n")[2][:300]) from e
    found: Found = json.loads(done.stdout)
    return found
