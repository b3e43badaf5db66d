"""What `resolve` hands to `land` beside the articles: the counts, and the rows of the index of stories to save."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from ingest.dedupe import Member, Resolution
from ingest.land.columns import FINGERPRINT
from ingest.model import Model
from ingest.report import StageReport
from ingest.state.stories import Saved, saved


class Resolved(Model):
    """`shards` are those that were resolved: one that turns up later is not landed, its sources stay due. `archives`
    are theirs, and tell which try of each it was.

    `after` is how many runs had landed by then. `moved` are versions that differ from what the shard said, since
    another run landed meanwhile: "article_id:content_hash" → version, 0 for what is not landed. `copies` are new
    articles that have the text of another, by source.
    """

    columns: str = ""  # a fingerprint of the table's, as that version of the program knew them
    shards: tuple[str, ...]
    archives: tuple[str | None, ...] = ()
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
        shards: Mapping[str, str | None],
        moved: Mapping[str, int],
        after: int,
        stage: StageReport,
        taken_down: int = 0,
    ) -> Resolved:
        relations = Counter(article.relation or "canonical" for article in resolution.articles)
        copies = Counter(one.source_id for one in resolution.articles if one.relation == "copy" and one.version == 1)
        return cls(
            columns=FINGERPRINT,
            shards=tuple(shards),
            archives=tuple(shards.values()),
            after=after,
            moved=dict(moved),
            relations=dict(relations),
            copies=dict(copies),
            stage=stage,
            taken_down=taken_down,
        )


def staged_member(member: Member) -> list[Any]:
    """What is to be saved of a member, as JSON has it: bytes in base64."""
    row = saved(member)
    return [*row._replace(title=_packed(row.title), text=_packed(row.text))]  # type: ignore[arg-type]


def saved_member(staged: list[Any]) -> Saved:
    row = Saved(*staged)
    return row._replace(title=_unpacked(row.title), text=_unpacked(row.text) or b"")


def _packed(plain: bytes | None) -> str | None:
    return b64encode(plain).decode() if plain else None


def _unpacked(packed: bytes | str | None) -> bytes | None:
    return b64decode(packed) if packed else None
