"""Fetch: from a source in the registry to payloads, and the state to save once the run has landed.

    fetch_source(source, states, now, fetcher) -> [Fetched]     one per url; a failure is a value
    HttpFetcher.page(url, source, now) -> Response              one article page; a failure is an error
    is_due, scheduled                                           when to ask

All network I/O of the pipeline's input side is in here. Everything a server sends is hostile until measured: `guard`
(addresses), `client` (hops, time, size), `decode` (compression). A transport is one file (http, folder, s3, sftp, ftp,
imap; see `transports`); those of files share `ledger`, those with a protocol of their own `dial`.
"""

from ingest.fetch.client import Response
from ingest.fetch.http import HttpFetcher
from ingest.fetch.schedule import is_due, scheduled
from ingest.fetch.secrets import resolve_secret
from ingest.fetch.transports import fetch_source

__all__ = ["HttpFetcher", "Response", "fetch_source", "is_due", "resolve_secret", "scheduled"]
