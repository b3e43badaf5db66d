"""What `resolve` hands to `land` beside the articles: the counts, and the rows of the index of stories to save."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from pydantic import Base64Bytes, Field

from ingest.dedupe import Member, Resolution
from ingest.dedupe.signature import unpacked
from ingest.model import Model, Relation
from ingest.report import StageReport

_STORED = np.dtype("<i4")


class StagedMember(Model):
    """A `dedupe.Member` as JSON: the text as it packs itself, anchors as little-endian int32, both in base64."""

    article_id: str
    story_id: str
    source_id: str
    version: int
    relation: Relation
    duplicate_of: str | None
    published: datetime | None
    day: int
    language: str | None
    title: frozenset[int]
    word_count: int
    url_key: int | None
    text_key: int | None
    represents: bool
    killed: bool
    standing: int
    related: tuple[str, ...]
    text: Base64Bytes
    anchors: Base64Bytes


_PLAIN = tuple(StagedMember.model_fields)[:-2]


class Resolved(Model):
    """`shards` are those that were resolved: one that turns up later is not landed, its sources stay due.

    `after` is how many runs had landed by then. `moved` are versions that differ from what the shard said, since
    another run landed meanwhile: "article_id:content_hash" → version, 0 for what is not landed. `copies` are new
    articles that have the text of another, by source.
    """

    shards: tuple[str, ...]
    after: int
    moved: dict[str, int]
    relations: dict[str, int]
    copies: dict[str, int] = Field(default_factory=dict)
    stage: StageReport
    taken_down: int = 0  # articles that were staged and must not land

    @classmethod
    def of(
        cls,
        resolution: Resolution,
        *,
        shards: Sequence[str],
        moved: Mapping[str, int],
        after: int,
        stage: StageReport,
        taken_down: int = 0,
    ) -> Resolved:
        relations = Counter(article.relation or "canonical" for article in resolution.articles)
        copies = Counter(one.source_id for one in resolution.articles if one.relation == "copy" and one.version == 1)
        return cls(
            shards=tuple(shards),
            after=after,
            moved=dict(moved),
            relations=dict(relations),
            copies=dict(copies),
            stage=stage,
            taken_down=taken_down,
        )


def staged_member(member: Member) -> StagedMember:
    plain = {name: getattr(member, name) for name in _PLAIN}
    anchors = member.anchors.astype(_STORED).tobytes()
    return StagedMember(**plain, text=base64.b64encode(member.text.packed()), anchors=base64.b64encode(anchors))


def member_of(staged: StagedMember) -> Member:
    return Member(
        **{name: getattr(staged, name) for name in _PLAIN},
        text=unpacked(staged.text),
        anchors=np.frombuffer(staged.anchors, _STORED).astype(np.int32),
    )
