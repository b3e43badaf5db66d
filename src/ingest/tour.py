"""What the last run brought, told to a person who sees this for the first time: `python -m ingest.tour`.

A table of every source and its faults, a few articles that have most to show, where everything lies, and what to try.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console

from ingest.land.read import Query, read_articles
from ingest.model import Article
from ingest.pipeline import Workspace
from ingest.report import RunReport
from ingest.settings import load_settings
from ingest.views import report_table

_SAMPLES = 4
out = Console(width=None if sys.stdout.isatty() else 120)


def main() -> int:
    """Exit code 1 if no run has written a report."""
    ws = Workspace(load_settings())
    report = _last_report(ws)
    if report is None:
        return 1
    out.print(report_table(report))
    _samples(ws, report)
    if not ws.settings.store.startswith("s3://"):  # the commands would need its keys
        out.print(_next_steps(ws, report), soft_wrap=True, highlight=False)
    return 0


def _samples(ws: Workspace, report: RunReport) -> None:
    if not report.landed:
        out.print("Nothing was new, so nothing landed: the feeds answered 304, or with items that are there already.")
        return
    out.print("\n[bold]A few of the articles that landed[/]")
    landed = read_articles(ws.store, Query(run_id=report.run_id))
    for article in _varied(landed):
        rights = article.rights
        out.print(f"\n[bold]{article.headline}[/]", soft_wrap=True, highlight=False)
        facts = [article.source_id, article.provider, article.language, article.relation, f"{article.word_count} words"]
        out.print("  " + " · ".join(str(f) for f in facts if f), highlight=False)
        out.print("  " + article.body_text[:220].replace("\n\n", " ") + " …", soft_wrap=True, highlight=False)
        for image in article.images[:1]:
            chain = " / ".join(filter(None, (image.photographer, image.agency, *image.distributors)))
            out.print(
                f"  image: {image.caption or image.url}" + (f" [{chain}]" if chain else ""),
                markup=False,
                soft_wrap=True,
            )
        if rights.holder:
            by = f", distributed by {rights.distributor}" if rights.distributor else ""
            out.print(f"  rights: {rights.holder} {rights.year or ''}{by}", highlight=False, soft_wrap=True)
        for removed in article.removed[:3]:
            out.print(f"  removed ({removed.kind}, {removed.rule}): {removed.text[:100]}", markup=False, soft_wrap=True)


def _varied(articles: Iterable[Article]) -> list[Article]:
    """Articles of different sources and stories, those with most to show first."""

    def riches(a: Article) -> int:
        return 4 * bool(a.rights.distributor) + 2 * bool(a.images) + bool(a.removed) + 2 * (a.relation != "canonical")

    chosen: dict[str, Article] = {}
    stories: set[str | None] = set()
    for article in sorted(articles, key=lambda a: (a.source_id.startswith("fault-"), -riches(a), a.article_id)):
        if article.source_id not in chosen and article.story_id not in stories:
            chosen[article.source_id] = article
            stories.add(article.story_id)
    return list(chosen.values())[:_SAMPLES]


def _next_steps(ws: Workspace, report: RunReport) -> str:
    story = next((a.story_id for a in read_articles(ws.store, Query()) if a.relation == "copy"), None)
    s = ws.settings
    return f"""
[bold]Where it is[/]
  articles   {s.store}/articles (Delta Lake, version {report.table_version})
  raw        {s.store}/raw (WARC)         report      {s.store}/runs/{report.run_id}.json
  state      {s.state}          quarantine  {s.store}/quarantine

[bold]Try next[/]
  export INGEST_STORE={s.store} INGEST_STATE={s.state} INGEST_SOURCES={s.sources}
  .venv/bin/ingest articles --as table        what has landed
  .venv/bin/ingest story {story or "STORY_ID"}   one story: its copies, and why each is in it
  make run                                    again: nothing new, 304s
  make run DAY=2                              the next day: updates, corrections, a kill
  make ui                                     the same in the Airflow UI"""


def _last_report(ws: Workspace) -> RunReport | None:
    from ingest.state.database import read
    from ingest.state.runs import last_runs

    with read(ws.engine) as conn:
        newest = next(iter(last_runs(conn, 1)), None)
    return RunReport.model_validate_json(newest.report) if newest and newest.report else None


if __name__ == "__main__":
    sys.exit(main())
