"""Changes to the registry file that leave every other byte as it was: comments, order, spacing."""

import json
import os
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Container, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ingest.errors import BadConfig
from ingest.sources import lines
from ingest.sources.problem import did_you_mean
from ingest.sources.registry import ID, NO_ID, read_registry, read_text

Setting = str | bool | tuple[str, ...]


def add_sources(path: Path, new: Mapping[str, Mapping[str, Setting]]) -> tuple[BadConfig, ...]:
    """Append one table a source; those that would be errors are left out and returned as such.

    Makes the file if there is none. Raises BadConfig if the file has an error that would spoil every source.
    """
    old = read_text(path) if path.exists() else ""
    before = read_registry(old, path)
    for problem in before.problems:
        if problem.source_id is None and problem.severity == "error":
            raise problem.as_error(path)
    there = _tables(path, old)
    refused = {id_: BadConfig(id_, *NO_ID) for id_ in new if not ID.fullmatch(id_)}
    refused |= {
        id_: BadConfig(id_, "there is a source of this id already", "choose another") for id_ in new if id_ in there
    }
    after = read_registry(_appended(old, {id_: t for id_, t in new.items() if id_ not in refused}), path)
    for problem in after.problems:
        id_ = problem.source_id
        if id_ in new and id_ is not None and problem.severity == "error":
            refused.setdefault(id_, BadConfig(id_, problem.message, problem.hint))
    good = {id_: table for id_, table in new.items() if id_ not in refused}
    if good:
        _replace(path, _appended(old, good))
    return tuple(refused.values())


def set_enabled(path: Path, source_id: str, enabled: bool) -> bool:
    """Write `enabled` into one source's table; False if it stood so already. Raises BadConfig if it is not there."""
    text = read_text(path)
    spots = _spots(path, text)
    table: lines.Path = ("sources", source_id)
    word = "true" if enabled else "false"
    spot = spots.get((*table, "enabled"))
    if spot is not None:
        changed = text[: spot.start] + word + text[spot.end :]
    elif table in spots:
        changed = _insert(text, spots[table], source_id, word)
    else:
        raise BadConfig(str(path), f"no source {source_id!r}", did_you_mean(source_id, sorted(_tables(path, text))))
    if changed == text:
        return False
    _replace(path, changed)
    return True


def new_id(name: str, url: str, taken: Container[str]) -> str:
    """An id from a name (else the URL's host): ASCII letters, digits and hyphens, numbered if it is taken."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    stem = _slug(name) or _slug(host) or "source"
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem}-{number}", number + 1
    return candidate


def _slug(text: str) -> str:
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:60].strip("-")


def _tables(path: Path, text: str) -> set[str]:
    """The ids in the file, those of broken sources too."""
    return {str(p[1]) for p in _spots(path, text) if p[:1] == ("sources",) and len(p) > 1}


def _appended(old: str, new: Mapping[str, Mapping[str, Setting]]) -> str:
    text = old if not old or old.endswith("\n") else old + "\n"
    return (text + "".join(f"\n{_table(source_id, settings)}" for source_id, settings in new.items())).lstrip("\n")


def _spots(path: Path, text: str) -> dict[lines.Path, lines.Spot]:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise BadConfig(str(path), f"TOML: {e}", "mend it first: ingest sources check") from e
    return lines.spots(text)


def _insert(text: str, spot: lines.Spot, source_id: str, word: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if text[spot.start : spot.start + 1] == "{" and spot.end > spot.start:
        comma = "" if not text[spot.start + 1 : spot.end - 1].strip() else ","
        return f"{text[: spot.start + 1]} enabled = {word}{comma}{text[spot.start + 1 :]}"
    if text[: spot.end].endswith("]"):
        end = text.find("\n", spot.end)
        if end == -1:
            return f"{text}{newline}enabled = {word}{newline}"
        return f"{text[: end + 1]}enabled = {word}{newline}{text[end + 1 :]}"
    end = text.find("\n", spot.end) + 1 or len(text)  # declared by dotted keys: x.url = "…" within [sources]
    start = text.rfind("\n", 0, spot.end) + 1
    prefix = text[start : spot.end].partition("=")[0].rpartition(".")[0]
    return (
        f"{text[:end]}{'' if text[:end].endswith(chr(10)) else newline}{prefix}.enabled = {word}{newline}{text[end:]}"
    )


def _table(source_id: str, settings: Mapping[str, Setting]) -> str:
    rows = [f"{key} = {_toml(value)}\n" for key, value in settings.items()]
    return f"[sources.{source_id}]\n{''.join(rows)}"


def _toml(value: Setting) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_toml, value))}]"


def _replace(path: Path, text: str) -> None:
    """Put `text` in the file's place in one step, with its mode. What does not parse is never written."""
    tomllib.loads(text)
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as e:
        raise BadConfig(str(path), f"cannot be written: {e.strerror}", "check the folder's permissions") from e
