"""What `resolve` hands to `land` comes back as it was."""

from datetime import UTC
from pathlib import Path

import numpy as np
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from ingest.dedupe import Member, Resolution
from ingest.dedupe.signature import Facts, Text
from ingest.land import staging
from ingest.land.store import open_store
from ingest.report import StageReport
from ingest.resolved import Resolved, saved_member, staged_member
from ingest.state.stories import saved
from tests.land.articles import article

STAGE = StageReport(stage="resolve", count=1, seconds=0.5)
words = st.text(max_size=8)
hashes = arrays(np.int32, st.integers(0, 12), elements=st.integers(-(2**31), 2**31 - 1))
short = st.frozensets(st.integers(0, 2**16 - 1), max_size=3)
keys = st.none() | st.integers(-(2**63), 2**63 - 1)


def _text(words: NDArray[np.uint8], n: int, facts: Facts) -> Text:
    return Text(words, np.empty(0, np.int64), n, facts)


members = st.builds(
    Member,
    article_id=st.just("a" * 32),
    story_id=st.just("b" * 32),
    source_id=words,
    version=st.integers(1, 9),
    relation=st.sampled_from(["canonical", "copy", "excerpt", "update", "correction"]),
    duplicate_of=st.none() | st.just("c" * 32),
    published=st.none() | st.datetimes(timezones=st.just(UTC)),
    day=st.integers(0, 40_000),
    language=st.none() | words,
    title=short,
    word_count=st.integers(0, 9999),
    url_key=keys,
    text_key=keys,
    represents=st.booleans(),
    killed=st.booleans(),
    standing=st.integers(0, 2),
    related=st.lists(st.just("d" * 32), max_size=1).map(tuple),
    text=st.builds(
        _text, arrays(np.uint8, st.integers(0, 12)), st.sampled_from([4, 6]), st.builds(Facts, short, short)
    ),
    anchors=hashes,
)


def resolved() -> Resolved:
    articles = (article(1).model_copy(update={"relation": "copy"}), article(2))
    resolution = Resolution(articles=articles, members=())
    return Resolved.of(resolution, shards={"shard01": "raw/x"}, moved={"a:x": 2}, after=1, stage=STAGE)


@given(members)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_member_comes_back(member: Member) -> None:
    row = saved(member)
    assert saved_member(orjson.loads(orjson.dumps(staged_member(member)))) == row._replace(
        related=list(row.related), anchors=list(row.anchors)
    )


def test_relations_are_counted_and_an_article_without_one_is_its_own() -> None:
    assert resolved().relations == {"copy": 1, "canonical": 1}


def test_it_is_staged_and_read_again(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), None)
    staging.write_result(store, "run", "resolved", resolved())
    assert staging.read_result(store, "run", "resolved", Resolved) == resolved()
