"""What downstream teams read with. `open_reader` opens one version of what has landed; see docs/reading.md.

news = open_reader("data/store")           # or s3://bucket/prefix
news.current(since="2026-03-14", language="en").polars()
"""

from ingest.read.reader import Filters, Reader, open_reader
from ingest.read.rows import Rows

__all__ = ["Filters", "Reader", "Rows", "open_reader"]
