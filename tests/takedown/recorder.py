"""What was asked of an S3 server, from its log of requests, as the actions that a bucket's policy knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from tests.conftest import s3_process

_REQUEST = re.compile(r'"(GET|HEAD|PUT|POST|DELETE) (/\S*) HTTP/1\.[01]"')
_ACTIONS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}


class Call(NamedTuple):
    action: str  # s3:GetObject
    resource: str  # arn:aws:s3:::bucket/key
    prefix: str = ""  # of a listing


@dataclass
class Recorder:
    endpoint: str
    log: Path
    seen: int = 0

    def calls(self) -> set[Call]:
        """Those since the last time."""
        text = self.log.read_text("utf-8", "replace")
        new, self.seen = text[self.seen :], len(text)
        return {call_of(method, path) for method, path in _REQUEST.findall(new)}


def call_of(method: str, path: str) -> Call:
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    if not key:
        action = "ListBucket" if method == "GET" else "DeleteObject" if "delete" in query else method
        return Call(f"s3:{action}", f"arn:aws:s3:::{bucket}", query.get("prefix", [""])[0])
    is_abort = method == "DELETE" and "uploadId" in query
    return Call(f"s3:{'AbortMultipartUpload' if is_abort else _ACTIONS[method]}", f"arn:aws:s3:::{bucket}/{key}")


@contextmanager
def recorder(log: Path) -> Iterator[Recorder]:
    with s3_process("moto", log) as endpoint:
        yield Recorder(endpoint, log)
