"""The contract is what the program does, and stays so for readers and rows of every earlier version."""

from pathlib import Path

import jsonschema
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from deltalake import DeltaTable, write_deltalake

from ingest.contract.__main__ import made
from ingest.contract.fields import fields
from ingest.contract.schema import article_schema
from ingest.land.columns import SCHEMA
from ingest.land.store import open_store
from ingest.land.table import commit_run, create_table, open_table
from ingest.model import SCHEMA_VERSION, Article, to_json
from ingest.read import open_reader
from tests.land.articles import LANDED, article, full_article

ROOT = Path(__file__).parents[2]
VERSIONS = sorted((ROOT / "tests" / "fixtures" / "contract").iterdir())


def test_what_is_made_of_the_schema_is_current() -> None:
    """python -m ingest.contract"""
    for path, body in made(ROOT / "docs").items():
        assert path.read_bytes() == body, path.name


def test_every_field_is_told_in_full() -> None:
    assert list(fields()) == list(Article.model_fields)
    for name, told in fields().items():
        assert told.meaning and told.example.strip("`"), name
        assert 1 <= told.since <= SCHEMA_VERSION, name
    required = {name for name, field in Article.model_fields.items() if field.is_required()}
    may_be_absent = {name for name, told in fields().items() if told.type.endswith("?")}
    assert not required & may_be_absent


@pytest.mark.parametrize("one", [article(1), full_article()])
def test_what_lands_is_valid(one: Article) -> None:
    jsonschema.Draft202012Validator.check_schema(schema := orjson.loads(article_schema()))
    jsonschema.validate(orjson.loads(to_json(one)), schema)
    jsonschema.validate(orjson.loads(to_json(one)) | {"a_later_field": 1}, schema)


def test_the_data_contract_names_every_column() -> None:
    contract = yaml.safe_load((ROOT / "docs" / "contract" / "datacontract.yaml").read_text("utf-8"))
    [table] = contract["schema"]
    assert [column["name"] for column in table["properties"]] == SCHEMA.names
    assert {c["name"] for c in table["properties"] if c["required"]} == {f.name for f in SCHEMA if not f.nullable}


def test_there_is_a_fixture_of_each_version() -> None:
    """To make one: write the articles of tests/land/articles.py as they land, when SCHEMA_VERSION rises."""
    assert [folder.name for folder in VERSIONS] == [f"v{n}" for n in range(1, SCHEMA_VERSION + 1)]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_rows_of_every_version_are_read_today(version: Path, tmp_path: Path) -> None:
    rows = pq.read_table(version / "rows.parquet")
    write_deltalake(str(tmp_path / "articles"), rows, partition_by=["landed_day"])
    news = open_reader(str(tmp_path))
    expected = [Article.model_validate_json(line) for line in (version / "rows.jsonl").read_bytes().splitlines()]
    found = news.history(SCHEMA.names, include=["embargoed", "withheld"]).articles()
    assert sorted(found, key=lambda a: a.guid) == sorted(expected, key=lambda a: a.guid)
    assert news.current().arrow().num_rows == 1
    assert news.stories().arrow().num_rows == 1


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_readers_of_every_version_read_todays_rows(version: Path, tmp_path: Path) -> None:
    old = pq.read_schema(version / "rows.parquet")
    store = open_store(str(tmp_path), None)
    create_table(store)
    commit_run(store, "r", [full_article()], LANDED, {})
    for field in DeltaTable(str(tmp_path / "articles")).to_pyarrow_table(columns=old.names).schema:
        assert _has(field.type, old.field(field.name).type), field.name


def _has(new: pa.DataType, old: pa.DataType) -> bool:
    """Whether whoever reads `old` finds it in `new`."""
    if pa.types.is_struct(old):
        return all(new.get_field_index(f.name) >= 0 and _has(new.field(f.name).type, f.type) for f in old)
    if pa.types.is_list(old):
        return pa.types.is_list(new) and _has(new.value_type, old.value_type)
    return bool(new == old)


def test_a_column_that_a_table_does_not_have_yet_is_the_default(tmp_path: Path) -> None:
    later = ["keywords", "take", "ed_note", "rights", "blocks", "word_count"]
    new, old = open_store(str(tmp_path / "new"), None), open_store(str(tmp_path / "old"), None)
    create_table(new)
    commit_run(new, "r", [article(1)], LANDED, {})
    rows = open_table(new).to_pyarrow_table().drop_columns(later)
    write_deltalake(old.delta_uri("articles"), rows, partition_by=["landed_day"])
    [read] = open_reader(old.url).current().articles()
    assert read == article(1).model_copy(update={"run_id": "r", "blocks": ()})
