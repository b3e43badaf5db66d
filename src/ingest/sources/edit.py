"""Changes to the registry file that leave every other byte as it was: comments, order, spacing."""

import copy
import hashlib
import os
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import BadConfig
from ingest.sources import lines, patch
from ingest.sources.patch import Setting
from ingest.sources.problem import did_you_mean
from ingest.sources.registry import ID, NO_ID, read_registry, read_text

Tables = dict[str, Any]
Rule = Mapping[str, str]


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
    """Write `enabled` into one source's table; enabled, it is no longer `retired`. False if it stood so already.

    Raises BadConfig if it is not there.
    """
    text, table = read_text(path), ("sources", source_id)
    spots = _spots(path, text)
    _source_in(path, spots, source_id)
    changed = text
    if enabled and (*table, "retired") in spots:
        changed = patch.take(text, table, "retired")
    if changed == text or (*table, "enabled") in spots:
        changed = patch.put(changed, table, "enabled", patch.literal(enabled))
    if changed == text:
        return False
    _replace(path, changed)
    return True


def retire(path: Path, source_id: str, why: str) -> bool:
    """Write `retired` into one source's table: it is not asked any more. False if it stood so already.

    Raises BadConfig if it is not there, or without a reason.
    """
    if not why.strip():
        raise BadConfig("the reason", "there is none", "it is kept in the registry")
    text = read_text(path)
    _source_in(path, _spots(path, text), source_id)
    changed = patch.put(text, ("sources", source_id), "retired", patch.literal(why.strip()))
    if changed == text:
        return False
    _replace(path, changed)
    return True


def digest(rules: Sequence[Rule]) -> str:
    """Of the rules that a change is made beside, for `add_rule` and `drop_rule`."""
    return hashlib.sha256(repr(list(rules)).encode()).hexdigest()[:16]


def rules_of(path: Path) -> dict[str, list[Rule]]:
    """The rules of each source's own table that has some, as they are written."""
    tables = _parsed(path, read_text(path)).get("sources", {})
    return {id_: table["rules"] for id_, table in tables.items() if table.get("rules")}


def add_rule(path: Path, source_id: str, rule: Rule, seen: str) -> None:
    """Put a rule behind the others of a source. `seen` is the digest of those that it was made beside.

    Raises BadConfig if these have changed since, for a rule that is none, and where only a person can change the file.
    """
    check_rule(rule)
    _change_rules(
        path, source_id, seen, lambda text, array: patch.add_member(text, array, rule), lambda rules: rules.append(rule)
    )


def drop_rule(path: Path, source_id: str, number: int, seen: str) -> Rule:
    """Take one rule out, counted from 0, and return it. Raises BadConfig as `add_rule` does."""
    rules = rules_of(path).get(source_id, [])
    if not 0 <= number < len(rules):
        raise BadConfig(source_id, f"has no rule {number}", "reload the page")
    _change_rules(
        path,
        source_id,
        seen,
        lambda text, array: patch.drop_member(text, array, number),
        lambda rules: rules.pop(number),
    )
    return rules[number]


def check_rule(rule: Rule) -> None:
    """Raises BadConfig for one that the registry would not take."""
    table = f"[sources.x]\nurl = 'http://x.example/'\n[[sources.x.rules]]\n{patch.rows(rule)}"
    for problem in read_registry(table, Path("the rule")).problems:
        raise BadConfig("the rule", problem.message, problem.hint)


def _change_rules(
    path: Path,
    source_id: str,
    seen: str,
    edit: Callable[[str, lines.Path], str],
    meant: Callable[[list[Rule]], object],
) -> None:
    text = read_text(path)
    _source_in(path, _spots(path, text), source_id)
    if digest(_rules(_parsed(path, text), source_id)) != seen:
        raise BadConfig(source_id, "its rules were changed meanwhile", "reload the page, and look again")
    wanted = copy.deepcopy(_parsed(path, text))
    meant(wanted["sources"][source_id].setdefault("rules", []))
    changed = edit(text, ("sources", source_id, "rules"))
    try:
        came = tomllib.loads(changed)
    except tomllib.TOMLDecodeError:
        came = {}
    if {**came, "": _rules(came, source_id)} != {**wanted, "": _rules(wanted, source_id)}:
        raise BadConfig(f"{path}: {source_id}", "is written in a way that only a person can change", "edit the file")
    _replace(path, changed)


def new_id(name: str, url: str, taken: Container[str]) -> str:
    """An id from a name (else the URL's host): ASCII letters, digits and hyphens, numbered if it is taken."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    stem = _slug(name) or _slug(host) or "source"
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem}-{number}", number + 1
    return candidate


def _rules(tables: Tables, source_id: str) -> list[Rule]:
    rules: list[Rule] = tables.get("sources", {}).get(source_id, {}).get("rules", [])
    return rules


def _slug(text: str) -> str:
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:60].strip("-")


def _tables(path: Path, text: str) -> set[str]:
    """The ids in the file, those of broken sources too."""
    return {str(p[1]) for p in _spots(path, text) if p[:1] == ("sources",) and len(p) > 1}


def _appended(old: str, new: Mapping[str, Mapping[str, Setting]]) -> str:
    text = old if not old or old.endswith("\n") else old + "\n"
    return (text + "".join(f"\n{_table(source_id, settings)}" for source_id, settings in new.items())).lstrip("\n")


def _source_in(path: Path, spots: Mapping[lines.Path, lines.Spot], source_id: str) -> None:
    if ("sources", source_id) not in spots:
        there = sorted({str(p[1]) for p in spots if p[:1] == ("sources",) and len(p) > 1})
        raise BadConfig(str(path), f"no source {source_id!r}", did_you_mean(source_id, there))


def _spots(path: Path, text: str) -> dict[lines.Path, lines.Spot]:
    _parsed(path, text)
    return lines.spots(text)


def _parsed(path: Path, text: str) -> Tables:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise BadConfig(str(path), f"TOML: {e}", "mend it first: ingest sources check") from e


def _table(source_id: str, settings: Mapping[str, Setting]) -> str:
    return f"[sources.{source_id}]\n{patch.rows(settings)}"


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
