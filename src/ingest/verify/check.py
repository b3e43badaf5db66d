"""What `ingest verify` looks at without reading texts. Each check yields findings and goes on; none of them writes."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from ingest.land import staging
from ingest.land.columns import SCHEMA
from ingest.land.maintain import KEEP_FILES_H
from ingest.land.table import FOLDER, delta_errors
from ingest.state.database import read
from ingest.state.runs import landed_ids
from ingest.verify.landed import REPORTS, reports
from ingest.verify.scope import Finding, Scope, care, fault


def files(scope: Scope) -> Iterator[Finding]:
    """Every data file that the table names is there, and whole."""
    actions = pa.table(scope.table.get_add_actions(flatten=True))
    there = {stored.key: stored.size_bytes for stored in scope.store.list(FOLDER)}
    for path, size in zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True):
        key, restore = f"{FOLDER}/{path}", "restore it from the bucket's versions or a backup; its rows are unreadable"
        if key not in there:
            yield fault("files", key, "the table names this file, and it is not there", restore)
        elif there[key] != size:
            yield fault("files", key, f"{there[key]:,} bytes, and the table says {size:,}", restore)


def keys(scope: Scope) -> Iterator[Finding]:
    """(article_id, version) once, and `duplicate_of` an article that is there."""
    columns = ("article_id", "version", "duplicate_of")  # of all: a copy may be of an older article
    rows = pa.Table.from_batches(scope.whole.rows(*columns), pa.schema([SCHEMA.field(name) for name in columns]))
    counted = rows.group_by(["article_id", "version"]).aggregate([([], "count_all")])
    for row in counted.filter(pc.field("count_all") > 1).to_pylist():
        where = f"{row['article_id']} version {row['version']}"
        yield fault("keys", where, f"{row['count_all']} rows", "report it: no run does that. Readers see it doubled")
    original = pc.field("duplicate_of")
    copies = rows.filter(original.is_valid() & ~original.isin(rows["article_id"].unique()))
    for row in copies.to_pylist():
        if row["duplicate_of"] not in scope.taken_down:
            what = f"duplicate_of {row['duplicate_of']}, which is not in the table"
            yield fault("keys", row["article_id"], what, "its story has no canonical article: ingest replay its run")


def told(scope: Scope) -> Iterator[Finding]:
    """The rows of each run against its report."""
    found = {}
    for run_id, report in reports(scope.store):
        found[run_id] = report
        if report is None:
            key = f"{REPORTS}/{run_id}.json"
            yield fault("reports", key, "this is no report that can be read", "restore it from a backup, or delete it")
            continue
        run = scope.runs.get(run_id)
        rows = run.rows if run else 0
        if rows == report.landed or (scope.since and report.started_at < scope.since):
            continue
        if rows > report.landed:
            yield fault("reports", run_id, f"{rows} rows, its report says {report.landed}", "report it")
        elif scope.last_removal < (report.finished_at or report.started_at):
            what = f"{rows} rows, its report says {report.landed}, and nothing was taken down since"
            yield fault("reports", run_id, what, "restore the table, or ingest replay this run from the raw archive")
    for run_id in scope.runs.keys() - found.keys():
        what = "it is in the table and has no report: killed between its commit and its report, or deleted"
        yield care("reports", run_id, what, "the next run completes it, if it was killed")


def archived(scope: Scope) -> Iterator[Finding]:
    """Each `raw` names a place in an archive that is there, or past its retention."""
    for archive, refs in scope.refs.items():
        size = scope.archives.get(archive)
        end = max(ref.offset + ref.length for ref in refs)
        if size is None and not scope.is_past(archive):
            what = f"{len(refs)} records of it are referred to, and it is not there"
            yield fault("raw", archive, what, "restore it from a backup; these articles cannot be replayed")
        elif size is not None and end > size:
            what = f"{size:,} bytes, and records up to {end:,} are referred to"
            yield fault("raw", archive, what, "restore it from a backup")


def left_over(scope: Scope) -> Iterator[Finding]:
    """What upkeep would have deleted."""
    with delta_errors(scope.store):
        stale = scope.table.vacuum(retention_hours=KEEP_FILES_H, dry_run=True, full=True)
    if stale:
        yield care("left-over", FOLDER, f"{len(stale)} files that no reader can need any more", "ingest maintain")
    what = "this run has landed, and what it staged is still there"
    for run_id in staging.runs(scope.store):
        if scope.store.exists(f"{REPORTS}/{run_id}.json"):
            yield care("left-over", run_id, what, "ingest maintain, once it is a week old")


def known(scope: Scope, engine: Engine) -> Iterator[Finding]:
    """Every run of the table is one that the state knows."""
    with read(engine) as conn:
        unknown = sorted(scope.runs.keys() - landed_ids(conn))
    for run_id in unknown:
        what = "the table has this run, the state does not know that it landed"
        yield fault("state", run_id, what, "ingest state rebuild, unless it is landing right now")
