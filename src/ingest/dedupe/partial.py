"""Articles as the command line takes and tells them: lines of JSON that may hold little more than a text."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import ValidationError

from ingest.errors import Malformed
from ingest.model import Article, article_id_of, content_hash_of
from ingest.urls import canonical_url

_KNOWN = frozenset(Article.model_fields)
_DECIDED = frozenset({"story_id", "relation", "duplicate_of", "similarity", "evidence"})
_TIMES = ("published", "updated", "fetched_at")


def article_from_partial(given: Mapping[str, Any]) -> Article:
    """An Article of whatever fields there are; unknown keys are ignored, unusable values are left out with a warning.

    What is missing is completed as the pipeline would: body_text from blocks, guid from the URL or the content,
    article_id from source_id and guid. Earlier decisions are not taken over. Raises Malformed if there is no
    identity, headline, URL or text at all.
    """
    values = {k: v for k, v in given.items() if k in _KNOWN - _DECIDED and v not in (None, "")}
    if not values.keys() & {"article_id", "guid", "url", "headline", "body_text", "blocks"}:
        raise Malformed("article", "neither an id nor a url, headline or text", "see docs/articles.md for the fields")
    values["body_text"] = _body(values)
    if "url" in values:
        values["url"] = canonical_url(str(values["url"])) or str(values["url"])
    for name in ("article_id", "guid", "source_id", "headline"):
        if name in values:
            values[name] = str(values[name])
    values.setdefault("source_id", "unknown")
    values.setdefault("content_hash", _content_hash(values))
    values.setdefault("guid", values.get("url") or f"hash:{values['content_hash']}")
    values.setdefault("article_id", article_id_of(values["source_id"], values["guid"]))
    return _in_utc(_validated(values))


def article_lines(lines: Iterable[bytes]) -> Iterator[Article | Malformed]:
    """Articles of JSON Lines; blank lines are passed over. A line that is none comes as an error with its number."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield article_from_partial(_object(line))
            except Malformed as e:
                yield Malformed(f"line {number}", e.why, e.hint)


def _object(line: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError as e:
        raise Malformed("line", f"not JSON: {e}", "one JSON object a line") from e
    if not isinstance(given, dict):
        raise Malformed("line", "not a JSON object", "one JSON object a line")
    return given


def decision_line(article: Article) -> bytes:
    """What `ingest dedupe` prints for an article, without the line's end."""
    told = {
        "article_id": article.article_id,
        "story_id": article.story_id,
        "relation": article.relation,
        "duplicate_of": article.duplicate_of,
        "similarity": article.similarity,
        "evidence": article.evidence.model_dump(exclude_defaults=True) if article.evidence else None,
    }
    return orjson.dumps(told)


def _body(values: Mapping[str, Any]) -> str:
    if "body_text" in values:
        return str(values["body_text"])
    blocks = values.get("blocks")
    texts = [str(b.get("text") or "") for b in blocks if isinstance(b, dict)] if isinstance(blocks, list) else []
    return "\n\n".join(filter(None, texts))


def _content_hash(values: Mapping[str, Any]) -> str:
    def text(name: str) -> str | None:
        return str(values[name]) if name in values else None

    return content_hash_of(
        text("headline"), text("subheadline"), values["body_text"], text("pub_status") or "usable", text("ed_note")
    )


def _validated(values: dict[str, Any]) -> Article:
    try:
        return Article.model_validate_json(orjson.dumps(values, default=str))
    except ValidationError as e:
        bad = sorted({str(error["loc"][0]) for error in e.errors()})
    kept = {k: v for k, v in values.items() if k not in bad}
    kept["warnings"] = [f"{name}: not usable, left out" for name in bad]
    try:
        return Article.model_validate_json(orjson.dumps(kept, default=str))
    except ValidationError as e:
        raise Malformed(f"article {kept.get('article_id', '')}", str(e.errors()[0]["msg"]), "check its fields") from e


def _in_utc(article: Article) -> Article:
    zoned = {name: _zoned(getattr(article, name)) for name in _TIMES}
    return article.model_copy(update=zoned)


def _zoned(when: datetime | None) -> datetime | None:
    """Times without a zone are UTC."""
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when
