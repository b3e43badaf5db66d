"""S3: every new or changed object below a prefix is a payload.

The url is `s3://bucket/prefix`; the prefix is a string as S3 has it, so end it with `/` for a folder. The ledger holds
keys and ETags; what is no longer listed leaves it. Credentials are those of the environment (AWS_*, profile, role), or
`key-id:secret` of a `basic` credential. Objects appear whole, so nothing has to be quiet first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from ingest.errors import BadConfig, FetchFailed, IngestError, Refused, TooLarge, TooSlow
from ingest.fetch.dial import own_thread
from ingest.fetch.http import HttpFetcher
from ingest.fetch.ledger import (
    MAX_LISTED,
    Batch,
    FileChangedError,
    Found,
    check_size,
    failed,
    is_unfinished,
    time_left,
)
from ingest.fetch.secrets import Access, resolve_secret
from ingest.model import FeedState, Fetched, Source

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_PIECE = 262_144
_PAGE = 1_000  # keys, what S3 gives at most
_GONE = ("NoSuchKey", "404", "PreconditionFailed", "412")
_HINTS = {
    "NoSuchBucket": "check the url",
    "AccessDenied": "grant s3:ListBucket and s3:GetObject",
    "InvalidAccessKeyId": "check the credential",
    "SignatureDoesNotMatch": "check the credential",
}


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The S3 transport (see `transports`). What is complete when the server stops answering counts."""
    access = Access()
    try:
        access = Access.of(source.credential, url, resolve_secret)
        endpoint = source.options.endpoint
        if endpoint:  # the registry's, so it is checked; INGEST_S3_ENDPOINT is the operator's own
            parts = urlsplit(endpoint)
            async with fetcher.reach(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)):
                pass
        endpoint = endpoint or os.environ.get("INGEST_S3_ENDPOINT") or None
        return await own_thread(lambda: _look(source, url, state, now, access, endpoint))
    except IngestError as e:
        return failed(state, e, access.redact(str(e)))


def _look(source: Source, url: str, state: FeedState, now: datetime, access: Access, endpoint: str | None) -> Fetched:
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    bucket, prefix = split_url(url)
    batch = Batch(source, state, now, time_left(source.limits.total_s))
    ends = time.monotonic() + source.limits.total_s
    try:
        client = _client(source, access, endpoint)
        for found, key in batch.wanted(
            _listing(client, bucket, prefix, source.limits.max_items), lambda found: not found.size
        ):
            _take(client, batch, bucket, found, key, ends)
    except (BotoCoreError, HTTPClientError, ClientError, FetchFailed, ValueError) as e:
        error = _as_error(e, url, access)
        if not batch.payloads:
            raise error from e
        batch.reject(url, error)
    return batch.fetched()


def split_url(url: str) -> tuple[str, str]:
    """Bucket and prefix. Raises Refused."""
    parts = urlsplit(url.replace("?", "%3F").replace("#", "%23"))
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc:
        raise Refused(url.rpartition("@")[2], "no bucket in the address", "s3://bucket/prefix")
    return parts.netloc, unquote(parts.path.removeprefix("/"))


def _client(source: Source, access: Access, endpoint: str | None) -> S3Client:
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"total_max_attempts": 3},
        connect_timeout=source.limits.connect_s,
        read_timeout=source.limits.total_s,
        s3={"addressing_style": "path"} if endpoint else {},
        # other S3 servers may not know the newer checksums
        response_checksum_validation="when_required" if endpoint else "when_supported",
    )
    key_id, secret = _keys(access)
    session = boto3.Session(aws_access_key_id=key_id, aws_secret_access_key=secret)
    return session.client("s3", endpoint_url=endpoint, region_name=session.region_name or "us-east-1", config=config)


def _keys(access: Access) -> tuple[str | None, str | None]:
    if access.credential is None:
        return None, None
    if access.credential.kind != "basic":
        raise BadConfig(access.credential.env or "credential", "must be of kind basic for s3", "key-id:secret")
    return access.pair


def _listing(client: S3Client, bucket: str, prefix: str, max_items: int) -> Iterator[tuple[Found, str]]:
    """Objects by key, page after page. Raises FetchFailed over MAX_LISTED."""
    seen = 0
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": min(max_items, _PAGE)}
    )
    for page in pages:
        for one in page.get("Contents", []):
            seen += 1
            if seen > MAX_LISTED:
                raise FetchFailed(bucket, f"over {MAX_LISTED} objects", "a narrower prefix, or let old ones expire")
            key = one["Key"]
            if not key.endswith("/") and not is_unfinished(key.rpartition("/")[2]):
                yield _found(one), key


def _found(one: ObjectTypeDef) -> Found:
    when = one.get("LastModified") or datetime.fromtimestamp(0, UTC)
    return Found(when.timestamp(), one["Key"], one.get("Size", 0), one.get("ETag", ""))


def _take(client: S3Client, batch: Batch, bucket: str, found: Found, key: str, ends: float) -> None:
    """One object as a payload or a reject; one that has changed since the listing waits for the next.

    Raises TooSlow after `ends`, and what boto3 raises.
    """
    from botocore.exceptions import ClientError

    limit = batch.source.limits.max_bytes
    try:
        check_size(found, limit)
        answer = client.get_object(Bucket=bucket, Key=key, IfMatch=found.stamp)
        body = bytearray()
        for piece in answer["Body"].iter_chunks(_PIECE):
            body += piece
            if len(body) > limit:
                raise TooLarge(key, f"over {limit} bytes", "raise the source's max_bytes")
            if time.monotonic() > ends:
                raise TooSlow(bucket, f"not complete within {batch.source.limits.total_s:g} s", "raise total_s")
        if len(body) != found.size:
            raise FileChangedError(key)
        batch.take(found, f"s3://{bucket}/{quote(key)}", bytes(body), answer.get("ContentType"))
    except FileChangedError:
        return
    except TooLarge as e:
        batch.refuse(found, e)
    except ClientError as e:
        code = e.response.get("Error", {}).get("Code", "")
        if code == "AccessDenied":  # of this object; tried and told again until it is mended
            batch.reject(key, FetchFailed(key, "access is denied", _HINTS[code]))
        elif code not in _GONE:
            raise


def _as_error(error: Exception, url: str, access: Access) -> IngestError:
    from botocore.exceptions import ClientError, NoCredentialsError

    if isinstance(error, IngestError):
        return error
    if isinstance(error, NoCredentialsError):
        return BadConfig(url, "there are no credentials for S3", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        return FetchFailed(url, f"the server answers {code}", _HINTS.get(code, "tried again later"))
    text = access.redact(" ".join(str(error).split()))[:200]
    return FetchFailed(url, f"{type(error).__name__}: {text}", "tried again later")
