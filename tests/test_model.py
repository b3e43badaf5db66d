"""The schema's own functions."""

from ingest.model import article_id_of, content_hash_of


def test_versions_of_an_item_have_one_id() -> None:
    first = article_id_of("afp", "urn:newsml:example.com:20261124:FXW86:1N", "1")
    assert first == article_id_of("afp", "urn:newsml:example.com:20261124:FXW86:2U", "2")
    assert first != article_id_of("afp", "urn:newsml:example.com:20261124:FXW87:1N", "1")
    assert first != article_id_of("dpa", "urn:newsml:example.com:20261124:FXW86:1N", "1")


def test_a_version_that_is_no_part_of_the_guid_leaves_it_whole() -> None:
    assert article_id_of("s", "tag:example.com,2026:item-10", "10") == article_id_of(
        "s", "tag:example.com,2026:item-10"
    )


def test_white_space_is_no_content() -> None:
    assert content_hash_of("A", None, "one  two\n", "usable") == content_hash_of("A", None, "one two", "usable")
    assert content_hash_of("A", None, "one", "usable") != content_hash_of("A", None, "one", "canceled")
