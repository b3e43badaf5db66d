"""Articles, sources and runs as people read them: tables for a terminal, CSV for a spreadsheet.

What publishers wrote is shown without control characters, so that no headline can steer a terminal, and never as
rich's markup.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ingest.health import report_lines
from ingest.model import Article, Source
from ingest.report import RunReport, SourceReport

if TYPE_CHECKING:
    from ingest.clean.learned import LearnedRule

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ALIKE = 3
_STYLES = {"ok": "green", "not_modified": "dim", "partial": "yellow", "failed": "bold red"}

CSV_COLUMNS: Mapping[str, Callable[[Article], object]] = {
    "article_id": lambda a: a.article_id,
    "version": lambda a: a.version,
    "source_id": lambda a: a.source_id,
    "provider": lambda a: a.provider,
    "type": lambda a: a.type,
    "pub_status": lambda a: a.pub_status,
    "published": lambda a: iso(a.published),
    "updated": lambda a: iso(a.updated),
    "embargoed_until": lambda a: iso(a.embargoed_until),
    "fetched_at": lambda a: iso(a.fetched_at),
    "language": lambda a: a.language,
    "headline": lambda a: a.headline,
    "byline": lambda a: a.byline,
    "authors": lambda a: "; ".join(a.authors),
    "dateline": lambda a: a.dateline.text if a.dateline else None,
    "url": lambda a: a.url,
    "word_count": lambda a: a.word_count,
    "story_id": lambda a: a.story_id,
    "relation": lambda a: a.relation,
    "duplicate_of": lambda a: a.duplicate_of,
    "similarity": lambda a: a.similarity,
    "rights_holder": lambda a: a.rights.holder,
    "rights_distributor": lambda a: a.rights.distributor,
    "keywords": lambda a: "; ".join(a.keywords),
    "summary": lambda a: a.summary,
    "body_text": lambda a: a.body_text,
}


def csv_row(article: Article) -> list[str]:
    """One article under CSV_COLUMNS. Text that a spreadsheet would take as a formula gets an apostrophe before it."""
    return [_cell(column(article)) for column in CSV_COLUMNS.values()]


def article_table(articles: Iterable[Article]) -> Table:
    """One line an article: when, where from, which of its story it is, and its headline."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("published", no_wrap=True)
    table.add_column("source", no_wrap=True)
    table.add_column("lang", no_wrap=True)
    table.add_column("words", justify="right")
    table.add_column("relation", no_wrap=True)
    table.add_column("headline", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("article", no_wrap=True, style="dim")
    for a in articles:
        version = f" v{a.version}" if a.version > 1 else ""
        status = f" [{a.pub_status}]" if a.pub_status != "usable" else ""
        table.add_row(
            f"{a.published:%Y-%m-%d %H:%M}" if a.published else "",
            shown(a.source_id),
            shown(a.language),
            str(a.word_count),
            shown(a.relation),
            shown(f"{a.headline or a.slugline or '(no headline)'}{version}{status}"),
            Text(a.article_id),
        )
    return table


def sources_table(sources: Iterable[Source]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("source", "name", "every", "format", "full text", "language", "enabled", "tags"):
        table.add_column(name)
    table.add_column("url", overflow="fold")
    for s in sources:
        every = "adaptive" if s.adaptive else f"{s.every_s / 60:g} min"
        plain = (
            s.id,
            s.name,
            every,
            s.format,
            s.full_text.value,
            s.language,
            "retired" if s.retired else "yes" if s.enabled else "no",
        )
        table.add_row(*map(shown, plain), shown(", ".join(s.tags)), shown(" ".join(s.urls)))
    return table


def rules_table(rules: Iterable["LearnedRule"]) -> Table:
    """What is learned of a source: a line a rule."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("rule", "state", "kind", "stories", "since", "learned", "seen"):
        table.add_column(name, no_wrap=True)
    table.add_column("text", ratio=1, no_wrap=True, overflow="ellipsis")
    for r in rules:
        days = (f"{day:%Y-%m-%d}" for day in (r.counted_since, r.learned_at, r.seen_at))
        table.add_row(r.rule_id, r.state, r.kind, f"{r.stories} of {r.window}", *days, shown(r.text))
    return table


def report_table(report: RunReport) -> RenderableType:
    """What a run did: a line a source, a line a stage, each fault by name, and the totals."""
    parts: list[RenderableType] = [_sources_table(report.sources), Text(), _stages_table(report)]
    faults = [line for s in report.sources for line in _faults(s)]
    if faults or report.missing_shards or report.registry_problems:
        parts += [Text(), Text("Faults", "bold red")]
        parts += [shown(f"  {line}") for line in faults]
        parts += [shown(f"  {shard}: no result; its sources stay due") for shard in report.missing_shards]
        parts += [shown(f"  registry: {problem}") for problem in report.registry_problems]
    if report.health:
        parts += [Text(), Text("Health", "bold"), *(shown(f"  {line}") for line in report_lines(report.health))]
    for title, counts in (("Stories", report.relations), ("Cleaned out", report.removed)):
        if counts:
            told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
            parts += [Text(), Text.assemble((f"{title}  ", "bold"), told)]
    parts += [Text(), _total(report)]
    return Group(*parts)


def shown(text: str | None, style: str = "") -> Text:
    """One line that is safe on a terminal."""
    return Text(_CONTROL.sub(" ", text or ""), style)


def shown_lines(text: str) -> Text:
    return Text("\n".join(_CONTROL.sub(" ", line) for line in text.split("\n")))


def iso(when: datetime | None) -> str | None:
    return when.isoformat().replace("+00:00", "Z") if when else None


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _sources_table(sources: Iterable[SourceReport]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("source")
    table.add_column("status")
    for name in ("items", "new", "updated", "unchanged", "rejected", "pages", "kB", "s"):
        table.add_column(name, justify="right")
    for s in sources:
        pages = f"{s.pages} ({s.pages_failed} failed)" if s.pages_failed else str(s.pages)
        counts = (s.entries, s.new, s.updated, s.unchanged, s.rejected)
        table.add_row(
            shown(s.source_id),
            Text(s.status.replace("_", " "), _STYLES[s.status]),
            *map(str, counts),
            pages,
            f"{s.received_bytes / 1000:,.1f}",
            f"{s.elapsed_s:.1f}",
        )
    return table


def _faults(source: SourceReport) -> Iterator[str]:
    """A source's faults, the first few of each code: a dead site is one fault, not a hundred."""
    seen: Counter[str] = Counter()
    for fault in source.faults:
        seen[fault.code] += 1
        if seen[fault.code] <= _ALIKE:
            where = "" if fault.where in fault.what else f"{fault.where}: "
            yield f"{source.source_id}: {fault.code}: {where}{fault.what}"
    for code, count in seen.items():
        if count > _ALIKE:
            yield f"{source.source_id}: {code}: and {count - _ALIKE} more, all in the run's report (--json)"


def _stages_table(report: RunReport) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("stage")
    for name in ("done", "failed", "work, s"):
        table.add_column(name, justify="right")
    for stage in report.stages:
        table.add_row(stage.stage, f"{stage.count:,}", str(stage.failed), f"{stage.seconds:.2f}")
    return table


def _total(report: RunReport) -> Text:
    counts = report.counts()
    took = (report.finished_at - report.started_at).total_seconds() if report.finished_at else None
    text = (
        f"{counts['landed']:,} articles landed from {counts['sources']} sources "
        f"({counts['failed']} failed, {counts['not_modified']} not modified), {counts['stories']:,} new stories"
    )
    version = f", table version {report.table_version}" if report.table_version is not None else ""
    return Text(f"{report.run_id}: {text}{version}{f', {took:.1f} s' if took is not None else ''}", "bold")
