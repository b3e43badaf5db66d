"""The table's schema holds every article, and gives it back unchanged."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.land.columns import SCHEMA, STATISTICS, from_arrow, landed, to_arrow, to_batches, to_row
from ingest.model import Article, Block, Image, RawRef, Removed, Rights, Subject
from tests.land.articles import LANDED, article, full_article


def test_the_schema_has_the_fields_of_the_models() -> None:
    assert [name for name in SCHEMA.names if not name.startswith("landed_")] == list(Article.model_fields)
    for name, model in {"images": Image, "subjects": Subject, "removed": Removed}.items():
        assert [field.name for field in SCHEMA.field(name).type.value_type] == list(model.model_fields)
    for name, model in {"rights": Rights, "raw": RawRef}.items():
        assert [field.name for field in SCHEMA.field(name).type] == list(model.model_fields)
    assert {field.name for field in SCHEMA.field("blocks").type.value_type} - {"start", "length"} == set(
        Block.model_fields
    )


def test_every_field_comes_back() -> None:
    original = full_article()
    (back,) = from_arrow(to_arrow([to_row(original)], "run-1", LANDED))
    assert back == original
    assert back.published is not None
    assert back.published.tzinfo is UTC


def test_the_text_is_kept_once() -> None:
    row = to_arrow([to_row(full_article())], "run-1", LANDED).to_pylist()[0]
    assert [block["text"] for block in row["blocks"]] == [None, None, None, None, "not in the body"]
    first = row["blocks"][0]
    assert row["body_text"][first["start"] :][: first["length"]] == "Gulls 🐦 came."


def test_the_run_is_the_commit_s() -> None:
    (back,) = from_arrow(to_arrow([to_row(article(1))], "run-7", LANDED))
    assert back.run_id == "run-7"


def test_statistics_name_no_text() -> None:
    named = set(STATISTICS.split(","))
    assert named <= set(SCHEMA.names)
    assert not named & {
        "headline",
        "summary",
        "body_text",
        "body_html",
        "blocks",
        "removed",
        "images",
        "byline",
        "guid",
    }


_TEXT = st.text(max_size=20)
_BLOCKS = st.lists(st.builds(Block, kind=st.just("paragraph"), text=_TEXT, rows=st.just((("x",),))), max_size=5)


@settings(max_examples=100, deadline=None)
@given(blocks=_BLOCKS, joiner=st.sampled_from(["\n\n", "\n", ""]), when=st.datetimes(min_value=datetime(1, 1, 2)))
def test_any_blocks_and_times_come_back(blocks: list[Block], joiner: str, when: datetime) -> None:
    original = article(1).model_copy(
        update={
            "blocks": tuple(blocks),
            "body_text": joiner.join(block.text for block in blocks),
            "published": when.replace(tzinfo=UTC),
            "run_id": "r",
        }
    )
    assert list(from_arrow(to_arrow([to_row(original)], "r", LANDED))) == [original]


def test_rows_say_by_whom_and_when_they_were_landed() -> None:
    (batch,) = to_batches([to_row(article(1))], "run-1", LANDED)
    later = LANDED + timedelta(days=1)
    assert landed(batch, "run-2", later).equals(to_arrow([to_row(article(1))], "run-2", later))
