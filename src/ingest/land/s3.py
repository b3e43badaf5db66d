"""The store in an S3 bucket, or in one of the many servers that speak S3."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stamina
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, NoCredentialsError

from ingest.errors import BadConfig, Conflict, NotStored, StoreUnavailable
from ingest.land.store import CHUNK, Body, Stored, on_local_disk, safe_key, safe_prefix, same_bytes, spool

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

_RETRIED = stamina.retry(on=StoreUnavailable, attempts=5, timeout=60.0, wait_initial=0.2, wait_max=5.0)


def connect(url: str, endpoint: str | None) -> S3Store:
    """`s3://bucket/prefix`, with the credentials that boto3 finds: environment, profile, container or instance role."""
    import boto3
    from botocore.config import Config

    parts = urlsplit(url)
    if not parts.netloc:
        raise BadConfig(url, "no bucket", "s3://bucket/prefix")
    session = boto3.Session()
    config = Config(
        retries={"total_max_attempts": 1},  # stamina retries
        connect_timeout=10,
        read_timeout=60,
        s3={"addressing_style": "path"} if endpoint else {},
        # other S3 servers may not know the newer checksums
        request_checksum_calculation="when_required" if endpoint else "when_supported",
        response_checksum_validation="when_required" if endpoint else "when_supported",
    )
    region = session.region_name or "us-east-1"
    client = session.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    return S3Store(client, parts.netloc, parts.path.strip("/"), session.get_credentials())


class S3Store:
    """Objects of one bucket below one prefix.

    Raises StoreUnavailable (after some retries) on 409, 429, 5xx and no answer; other client errors pass, they are bugs
    or a wrong set-up.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str = "", credentials: Credentials | None = None) -> None:
        self.client, self.bucket, self.prefix = client, bucket, safe_prefix(prefix)
        self.credentials = credentials

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @_RETRIED
    def put(self, key: str, body: Body) -> None:
        with _s3_errors(key), _opened(body) as file:
            self.client.put_object(Bucket=self.bucket, Key=self._name(key), Body=file)

    @_RETRIED
    def put_new(self, key: str, body: Body) -> None:
        with _s3_errors(key), _opened(body) as file:
            try:
                self.client.put_object(Bucket=self.bucket, Key=self._name(key), Body=file, IfNoneMatch="*")
            except ClientError as e:
                if _status(e) != 412:
                    raise
                self._must_be_same(key, body)  # also after a retry of a put that did arrive

    def get(self, key: str) -> bytes:
        with self.open(key) as file:
            return file.read()

    @_RETRIED
    def get_range(self, key: str, offset: int, length: int) -> bytes:
        if length <= 0:
            return b""
        with _s3_errors(key):
            span = f"bytes={offset}-{offset + length - 1}"
            return self.client.get_object(Bucket=self.bucket, Key=self._name(key), Range=span)["Body"].read()

    @_RETRIED
    def open(self, key: str) -> IO[bytes]:
        """Downloaded whole before the first byte is read, so that a broken connection is retried here."""
        with _s3_errors(key), on_local_disk():
            body = self.client.get_object(Bucket=self.bucket, Key=self._name(key))["Body"]
            file = spool()
            try:
                shutil.copyfileobj(body, file, CHUNK)
            except BaseException:
                file.close()
                raise
        file.seek(0)
        return file

    @_RETRIED
    def exists(self, key: str) -> bool:
        try:
            with _s3_errors(key):
                self.client.head_object(Bucket=self.bucket, Key=self._name(key))
        except NotStored:
            return False
        return True

    def list(self, prefix: str) -> Iterator[Stored]:
        token: str | None = None
        while True:
            found, token = self._page(self.prefix + safe_prefix(prefix), token)
            yield from found
            if token is None:
                return

    @_RETRIED
    def delete(self, key: str) -> None:
        with _s3_errors(key):
            self.client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def delete_prefix(self, prefix: str) -> int:
        if not safe_prefix(prefix):
            raise BadConfig(self.url, "refusing to delete the whole store")
        keys = [stored.key for stored in self.list(prefix)]
        for key in keys:  # one by one: several S3 servers lack DeleteObjects or want an MD5 with it
            self.delete(key)
        return len(keys)

    def delta_uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._name(key)}"

    @property
    def storage_options(self) -> dict[str, str]:
        options = {"aws_region": self.client.meta.region_name, "aws_conditional_put": "etag", "timeout": "60s"}
        endpoint = self.client.meta.endpoint_url
        if not endpoint.endswith(".amazonaws.com"):
            options |= {"aws_endpoint": endpoint, "aws_virtual_hosted_style_request": "false"}
            options["allow_http"] = str(endpoint.startswith("http://")).lower()
        if self.credentials is None:
            return options | {"aws_skip_signature": "true"}
        now = self.credentials.get_frozen_credentials()
        options |= {"aws_access_key_id": now.access_key or "", "aws_secret_access_key": now.secret_key or ""}
        return options | ({"aws_session_token": now.token} if now.token else {})

    def _name(self, key: str) -> str:
        return self.prefix + safe_key(key)

    @_RETRIED
    def _page(self, prefix: str, token: str | None) -> tuple[Sequence[Stored], str | None]:
        more: dict[str, Any] = {"ContinuationToken": token} if token else {}
        with _s3_errors(prefix):
            page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, **more)
        found = [
            Stored(key=o["Key"].removeprefix(self.prefix), size_bytes=o["Size"], modified_at=o["LastModified"])
            for o in page.get("Contents", ())
        ]
        return found, page.get("NextContinuationToken") if page.get("IsTruncated") else None

    def _must_be_same(self, key: str, body: Body) -> None:
        with self.open(key) as there, _opened(body) as ours:
            if not same_bytes(there, ours):
                raise Conflict(key, "an object with other bytes is there")


def _opened(body: Body) -> IO[bytes]:
    return body.open("rb") if isinstance(body, Path) else io.BytesIO(body)


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


@contextmanager
def _s3_errors(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as e:
        status, code = _status(e), e.response.get("Error", {}).get("Code", "")
        if code in ("NoSuchKey", "404"):
            raise NotStored(key, "not in the store") from e
        if status in (409, 429) or status >= 500:
            raise StoreUnavailable(key, f"the store answered {status} {code}") from e
        raise
    except (HTTPClientError, IncompleteReadError) as e:
        raise StoreUnavailable(key, f"no answer from the store: {e}", "is INGEST_S3_ENDPOINT right?") from e
    except NoCredentialsError as e:
        raise BadConfig(key, "no S3 credentials", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role") from e
