"""What can be wrong with the registry, as values, so that all of it is told at once."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from ingest.errors import BadConfig


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the file. `line` counts from 1; `source_id` is None outside a source's table."""

    line: int
    source_id: str | None
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def as_error(self, path: Path) -> BadConfig:
        about = f"[sources.{self.source_id}] " if self.source_id else ""
        return BadConfig(f"{path}:{self.line}", about + self.message, self.hint)


class BadValueError(ValueError):
    """A value that its key does not allow; the caller knows where it stands."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint


def did_you_mean(word: str, known: list[str]) -> str:
    """A hint: the nearest of `known`, or all of them."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
