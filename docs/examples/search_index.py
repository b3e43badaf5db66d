"""A DAG of another team: a search index that follows what lands. It lives in their DAGs folder and reads the store.

It runs when something has landed. **update** reads exactly what each run since the last time has changed; copies are
left out, and what was killed or withheld goes. The same events again change nothing.

SEARCH_INDEX names the SQLite file: `SELECT headline FROM news WHERE news MATCH 'ferry'`.
"""

import os
import sqlite3

from airflow.sdk import dag, task

from ingest.airflow.assets import LANDED

COLUMNS = ["article_id", "source_id", "headline", "body_text"]
TABLE = f"CREATE VIRTUAL TABLE IF NOT EXISTS news USING fts5({', '.join(COLUMNS)})"


@dag(schedule=[LANDED], catchup=False, max_active_runs=1, doc_md=__doc__, tags=["search"])
def search_index():
    @task
    def update(triggering_asset_events) -> dict[str, int]:
        from ingest.read import open_reader

        told = [event.extra for events in triggering_asset_events.values() for event in events]
        counts = {"put": 0, "gone": 0}
        with sqlite3.connect(os.environ["SEARCH_INDEX"]) as index:
            index.execute(TABLE)
            for extra in sorted(told, key=lambda extra: extra["table_version"]):
                news = open_reader(extra["store"], version=extra["table_version"])
                changes = news.changes(news.version - 1, [*COLUMNS, "duplicate_of"])
                for row in changes.arrow().to_pylist():
                    shown = row["change"] in ("insert", "update", "release") and row["duplicate_of"] is None
                    index.execute("DELETE FROM news WHERE article_id = ?", [row["article_id"]])
                    if shown:
                        index.execute("INSERT INTO news VALUES (?, ?, ?, ?)", [row[name] for name in COLUMNS])
                    counts["put" if shown else "gone"] += 1
        return counts

    update()


search_index()
