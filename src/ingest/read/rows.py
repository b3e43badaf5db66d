"""Rows that a view promises, in the form that the reader's tools like best."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ingest.errors import BadConfig
from ingest.land.columns import from_arrow
from ingest.model import Article

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class Rows:
    """Nothing is read until it is asked for, and each time anew, from the version of the table that was opened.

    Takes part in Arrow's PyCapsule protocol: `polars.DataFrame(rows)`, `pyarrow.table(rows)`.
    """

    def __init__(self, schema: pa.Schema, batches: Callable[[], Iterator[pa.RecordBatch]]) -> None:
        self.schema = schema
        self._batches = batches

    def batches(self) -> pa.RecordBatchReader:
        """A batch in memory at a time."""
        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def arrow(self) -> pa.Table:
        return self.batches().read_all()

    def polars(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(self.arrow())

    def pandas(self) -> pd.DataFrame:
        """With Arrow's own types, so that absent is `<NA>` and whole numbers stay whole."""
        import pandas as pd

        frame: pd.DataFrame = self.arrow().to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def articles(self) -> Iterator[Article]:
        """As `ingest.model.Article`, with the text in its blocks. Only of a view with all columns."""
        if missing := {"article_id", "blocks", "content_hash", "guid", "source_id"} - set(self.schema.names):
            raise BadConfig("columns", f"an article needs {', '.join(sorted(missing))}", "leave columns out")
        for batch in self._batches():
            yield from from_arrow(batch)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.batches().__arrow_c_stream__(requested_schema)
