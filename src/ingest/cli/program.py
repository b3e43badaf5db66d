"""What all commands share: errors as one line, output as bytes, progress, input from files."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperGroup

from ingest.errors import IngestError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ingest.model import Article

T = TypeVar("T")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_AGO = re.compile(r"([0-9]{1,6})\s?(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PATIENCE_S = 1.0  # no bar for what is done by then


class Program(TyperGroup):
    """The root command. An IngestError is told and ends with 1; a reader that went away (`| head`) ends it quietly."""

    def invoke(self, ctx: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # a headline may not exist in the terminal's encoding
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except IngestError as e:
            tell(e)
            raise typer.Exit(1) from e
        except BrokenPipeError as e:
            # what is left in the buffer would raise again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from e
        return result


class Failures:
    """Counts what failed while the rest goes on; `finish` sets the exit code."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, error: IngestError, subject: str = "") -> None:
        self.count += 1
        tell(error, subject)

    def finish(self) -> None:
        if self.count:
            raise typer.Exit(1)


def tell(error: IngestError, subject: str = "") -> None:
    """One line on standard error: what, why, what to do, and the code. `subject` is put first if it is not in it."""
    text = str(error) if not subject or subject in str(error) else f"{subject}: {error}"
    say(f"{typer.style('error:', fg='red', bold=True)} {_CONTROL.sub(' ', text)} [{error.code}]")


def say(text: str) -> None:
    typer.echo(text, err=True)


def log_to_stderr() -> None:
    """structlog writes to standard output by default, where data goes; what went well is told by the report."""
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def emit(line: bytes) -> None:
    """One line of data."""
    sys.stdout.buffer.write(line + b"\n")


def json_line(article: "Article", **extra: object) -> bytes:
    """The article's JSON, with more keys before its own."""
    from ingest.model import to_json

    if not extra:
        return to_json(article)
    import orjson

    return orjson.dumps(extra)[:-1] + b"," + to_json(article)[1:]


def show(view: "RenderableType") -> None:
    """A table or text for people, as data. Not cut to 80 columns when it goes to a file."""
    from rich.console import Console

    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=200)
    console.print(view)


def read_file(name: str) -> bytes:
    """A file's bytes, unpacked if it is gzip; "-" is standard input. Raises BadInputError."""
    import gzip
    import zlib

    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as e:
        raise BadInputError(name, e.strerror or "cannot be read", "check the path") from e
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as e:
        raise BadInputError(name, f"a broken gzip file: {e}", "it may have been cut off") from e


def point_in_time(text: str, now: datetime) -> datetime:
    """A date or time (UTC if it names no zone), or how long ago, as --since takes it."""
    if ago := _AGO.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as e:
        raise typer.BadParameter(
            f"{text!r} is no time: 2026-03-01, 2026-03-01T06:00Z, 24h", param_hint="--since"
        ) from e
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)


def web_address(text: str) -> str:
    """An http(s) address given on the command line, as the registry would take it."""
    from ingest.sources.checks import url as checked
    from ingest.sources.problem import BadValueError

    try:
        return checked(text)
    except BadValueError as e:
        raise typer.BadParameter(f"{e.message} ({e.hint})" if e.hint else e.message, param_hint="URL") from e


def known_ids(incomplete: str) -> list[str]:
    """What the shell may complete a source's id to. Nothing, rather than an error in the middle of a line."""
    import tomllib

    from ingest.settings import load_settings

    try:
        known = tomllib.loads(load_settings().sources.read_text("utf-8"))["sources"]
    except (IngestError, OSError, ValueError, KeyError):
        return []
    return sorted(id_ for id_ in known if id_.startswith(incomplete))


class BadInputError(IngestError):
    """A file given on the command line cannot be read."""

    code = "bad-input"


def who() -> str:
    """Whose name is kept with what is done on a terminal."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def shown_name(name: str) -> str:
    """A file name as JSON can hold it: names are bytes, and need not be UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def tracked(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The items, with a progress bar on a terminal once they take over a second."""
    with progress(what, total) as step:
        for item in items:
            yield item
            step("")


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A function to call at each step, with a word on what was done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total)
    began = time.monotonic()

    def step(word: str) -> None:
        if time.monotonic() - began > _PATIENCE_S:
            bar.start()
        bar.update(task, advance=1, description=Text(_CONTROL.sub(" ", word)[:60]).plain if word else what)

    try:
        yield step
    finally:
        if bar.live.is_started:
            bar.stop()
