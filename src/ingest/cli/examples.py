"""The end of each command's help: examples that can be pasted, exit codes, and where settings are. Tests parse each."""

from collections.abc import Iterable

import typer

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "run": (("run", "what is due"), ("run --all --source bbc-world", "one source, due or not")),
    "websub": (("websub --listen 127.0.0.1:8090", "behind a proxy that hubs reach"),),
    "backfill": (("backfill bbc-world --since 2026-01-01", "a year's archive"),),
    "replay": (
        ("replay --since 7d --dry-run", "what today's rules would change"),
        ("replay --since 7d --source bbc-world", "and change it"),
    ),
    "embargoes": (("embargoes", "what waits, and until when"),),
    "fetch": (
        ("fetch https://example.org/rss.xml", "try a feed that is not in the registry"),
        ("fetch --source bbc-world --save feed.xml", "see what a source sent"),
    ),
    "parse": (("parse feed.xml --url https://example.org/rss.xml", "one JSON a line"),),
    "extract": (
        ("extract page.html --url https://example.org/story", "one page"),
        ("extract --manifest pages.jsonl --jobs 4", "many, on four cores"),
    ),
    "clean": (("clean fragment.html --url https://example.org/story", "blocks, and what was removed"),),
    "dedupe": (("dedupe articles.jsonl", "decide with nothing remembered"),),
    "articles": (
        ("articles --since 24h", "today's, as a table"),
        ("articles --source bbc-world --as jsonl", "one JSON a line, for jq"),
        ("articles --changes-since 42 --as jsonl", "what is new since version 42 of the table"),
    ),
    "story": (("story 0123456789abcdef", "the copies of a story, and why each is in it"),),
    "setup": (("setup", "before the first run, and after each upgrade"),),
    "demo": (("demo --port 0 --day 2", "any free port, one day later"),),
    "doctor": (
        ("doctor", "is everything there?"),
        ("doctor --strict --json", "for a pipeline: exit 1 for what is unsafe, too"),
    ),
    "maintain": (("maintain", "what the DAG of that name does, but its check"),),
    "verify": (("verify --since 7d", "what landed lately"), ("verify --deep", "every byte")),
    "takedown": (("takedown 0123456789abcdef --reason 'court order 12/26' --dry-run", "see what would go"),),
    "takedowns": (("takedowns --json", "one JSON a line"),),
    "notices": (("notices --since 7", "after commit 7"), ("notices --deliver", "send what webhooks lack")),
    "catalogue": (("catalogue public/ --day 2026-11-24", "one day's pages"),),
    "audit": (("audit --json", "one JSON a line"),),
    "version": (("version", "for a report of a fault"),),
    "sources list": (("sources list --json", "one JSON a line"),),
    "sources check": (("sources check", "before a commit of the file"),),
    "sources add": (("sources add https://example.org/rss.xml --id example --every 15m", "a feed"),),
    "sources discover": (("sources discover https://example.org/ --add", "find its feeds, add the best"),),
    "sources import": (("sources import feeds.opml", "folders become tags"),),
    "sources export": (("sources export > feeds.opml", "for a feed reader"),),
    "sources rules": (("sources rules bbc-world", "what was learned"),),
    "sources health": (("sources health --state failing", "those that need somebody"),),
    "sources enable": (("sources enable bbc-world", "asked again with the next run"),),
    "sources disable": (("sources disable bbc-world", "for now"),),
    "sources retire": (("sources retire bbc-world --reason 'contract ended'", "for good"),),
    "state rebuild": (("state rebuild", "with no run under way"),),
    "quarantine list": (("quarantine list --since 7d", "what came in this week"),),
    "quarantine show": (("quarantine show 0123456789abcdef", "why, and the first bytes"),),
    "quarantine replay": (("quarantine replay 0123456789abcdef", "after a fix"),),
    "quarantine discard": (("quarantine discard 0123456789abcdef --reason 'a test page'", "settled"),),
    "alerts list": (("alerts list", "what is on now"),),
    "alerts check": (("alerts check", "from cron of another machine"),),
    "alerts test": (("alerts test", "after INGEST_ALERTS was changed"),),
}
_CODES = "Exit codes: 0 done, 1 something failed (the rest is done), 2 wrong use."
_SETTINGS = "Settings: INGEST_* in the environment, see docs/operations.md."


def add_examples(app: typer.Typer, path: tuple[str, ...] = ()) -> None:
    """Give each command of the app and of its groups its end."""
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        command.epilog = _end(EXAMPLES.get(" ".join((*path, name)), ()))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_examples(group.typer_instance, (*path, group.name or ""))


def _end(examples: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f"  ingest {line}\n      {what}\n" for line, what in examples)
    return f"\b\nExamples:\n{lines}\n\b\n{_CODES}\n{_SETTINGS}"  # \b: lines stay as they are
