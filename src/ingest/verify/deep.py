"""The checks that read every byte: raw records, and texts to their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from typing import IO

from ingest.errors import Malformed
from ingest.land import warc
from ingest.model import RawRef, content_hash_of
from ingest.verify.scope import Finding, Scope, fault

_TEXTS = ("headline", "subheadline", "body_text", "pub_status", "ed_note")


def records(scope: Scope) -> Iterator[Finding]:
    """Each raw record is the one that was archived. One that was taken down is no fault."""
    for archive, refs in scope.refs.items():
        if archive not in scope.archives:
            continue
        with closing(scope.store.open(archive)) as file:  # one request, and not one a record
            for ref in sorted(refs, key=lambda ref: ref.offset):
                if why := _damage(file, ref):
                    yield fault("records", f"{archive}@{ref.offset}", why, "restore the archive from a backup")


def contents(scope: Scope) -> Iterator[Finding]:
    """The hash of each content, from the text as it is stored."""
    for batch in scope.rows("article_id", "version", "content_hash", "images", *_TEXTS):
        for row in batch.to_pylist():
            urls = [image["url"] for image in row["images"] or () if image["url"]]
            if content_hash_of(**{name: row[name] for name in _TEXTS}, image_urls=urls) != row["content_hash"]:
                where = f"{row['article_id']} version {row['version']}"
                yield fault("contents", where, "its text is not the one that its hash was made of", "report it")


def _damage(file: IO[bytes], ref: RawRef) -> str | None:
    file.seek(ref.offset)
    try:
        payload = warc.decode(file.read(ref.length), f"{ref.archive}@{ref.offset}")
    except Malformed as e:
        return None if e.why == warc.TAKEN_DOWN else e.why
    if hashlib.sha256(payload.body).hexdigest() != ref.sha256:
        return "the body is not the one that was archived"
    return None
