"""The registry file as a whole: syntax, defaults, sources, and what only shows when they are seen together."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ingest.errors import BadConfig
from ingest.model import Source, Transport
from ingest.sources import checks, lines
from ingest.sources.keys import CREDENTIALS, OPTIONS, Reader, Values
from ingest.sources.problem import BadValueError, Problem, did_you_mean
from ingest.urls import canonical_url

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
NO_ID = "is no id", "letters, digits, - and _ only, 128 at most"
_HEADER = re.compile(r"^[ \t]*\[\[?[ \t]*([^\[\]\n]{1,300}?)[ \t]*\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True)
class Registry(Mapping[str, Source]):
    """The good sources in the order of the file, and everything that is wrong with the file."""

    path: Path
    sources: Mapping[str, Source]
    problems: tuple[Problem, ...] = ()

    def __getitem__(self, source_id: str) -> Source:
        return self.sources[source_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def errors(self) -> tuple[BadConfig, ...]:
        """One a problem, FILE:LINE as its subject; without the warnings."""
        return tuple(p.as_error(self.path) for p in self.problems if p.severity == "error")

    def get_source(self, source_id: str) -> Source:
        """Raises BadConfig that says why there is none: broken, or not in the file."""
        if source_id in self.sources:
            return self.sources[source_id]
        for problem in self.problems:
            if problem.source_id == source_id and problem.severity == "error":
                raise problem.as_error(self.path)
        hint = did_you_mean(source_id, sorted(self.sources)[:50]) if self.sources else "the registry has no sources"
        raise BadConfig(str(self.path), f"no source {source_id!r}", hint)


def load_sources(path: Path) -> Registry:
    """Read the registry: the good sources, with what is wrong beside them as `problems`, in the order of the file.

    A source with an error is left out and the others stay; an error in [defaults] leaves all out, since every
    source would be wrong. Raises BadConfig if the file cannot be read at all.
    """
    return read_registry(read_text(path), path)


def read_registry(text: str, path: Path) -> Registry:
    """The registry that `text` would be in the place of `path`."""
    reader = Reader({})
    document = _document(text, reader)
    defaults = reader.source(document.get("defaults", {}), ("defaults",))
    defaults_good = all(p.source_id is not None for p in reader.problems)
    _refuse_other_tables(document, reader)
    tables = document.get("sources", {})
    if not isinstance(tables, dict):
        reader.add(("sources",), "sources must hold one table a source", "such as [sources.demo-times]")
        tables = {}
    read = {source_id: _source(source_id, table, defaults, reader, path.parent) for source_id, table in tables.items()}
    good = {source_id: source for source_id, source in read.items() if source is not None and defaults_good}
    _warn_of_doubles(good, reader)
    return Registry(path, good, tuple(sorted(reader.problems, key=lambda p: p.line)))


def _refuse_other_tables(document: Values, reader: Reader) -> None:
    for key, table in document.items():
        if key not in ("defaults", "sources"):
            is_source = isinstance(table, dict) and "url" in table
            hint = f"did you mean [sources.{key}]?" if is_source else did_you_mean(key, ["defaults", "sources"])
            reader.add((key,), f"{key} is no table of the registry", hint)


def check_sources(path: Path) -> list[Problem]:
    """Everything that is wrong with the file, by line. Raises BadConfig if it cannot be read at all."""
    return list(load_sources(path).problems)


def read_text(path: Path) -> str:
    """The registry's text. Raises BadConfig if it is missing, unreadable or not UTF-8."""
    try:
        body = path.read_bytes()
    except FileNotFoundError as e:
        raise BadConfig(str(path), "no such file", "ingest sources add URL makes it, or set INGEST_SOURCES") from e
    except OSError as e:
        raise BadConfig(str(path), e.strerror or "cannot be read", "INGEST_SOURCES names the registry's file") from e
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = body.count(b"\n", 0, e.start) + 1
        raise BadConfig(f"{path}:{line}", "is not UTF-8", "save the file as UTF-8") from e


def _document(text: str, reader: Reader) -> Values:
    """The file's tables. One with a syntax error is read piece by piece, so that the good tables are still found."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return _pieces(text, reader)
    except RecursionError:
        reader.add((), "is nested too deeply")
        return {}
    reader.spots = lines.spots(text)
    return document


def _pieces(text: str, reader: Reader) -> Values:
    spots: dict[lines.Path, lines.Spot] = {}
    document: Values = {}
    sources: Values = {}
    for start, end, source_id in _piece_bounds(text):
        above = text.count("\n", 0, start)
        try:
            piece = tomllib.loads(text[start:end])
        except (tomllib.TOMLDecodeError, RecursionError) as e:
            reader.problems.append(_syntax_problem(e, above, text[start:end], source_id))
            continue
        if source_id in sources:
            line = above + 1
            reader.problems.append(Problem(line, source_id, f"{source_id} is there twice", "an id names one source"))
            continue
        found = piece.pop("sources", {})
        sources.update(found if isinstance(found, dict) else {})
        document.update(piece)
        for path, spot in lines.spots(text[start:end]).items():
            spots.setdefault(path, _moved(spot, above, start))
    reader.spots = spots
    return {**document, "sources": {k: v for k, v in sources.items() if not _has_error(k, reader)}}


def _has_error(source_id: str, reader: Reader) -> bool:
    return any(p.source_id == source_id for p in reader.problems)


def _moved(spot: lines.Spot, above: int, start: int) -> lines.Spot:
    return lines.Spot(spot.line + above, spot.start + start, spot.end + start)


def _piece_bounds(text: str) -> list[tuple[int, int, str | None]]:
    """Offsets of the top of the file, of [defaults] and of each source with its sub-tables."""
    bounds: list[tuple[int, str | None]] = [(0, None)]
    last: list[str] = []
    for match in _HEADER.finditer(text):
        parts = [part.strip().strip("\"'") for part in match[1].split(".")][:2]
        if parts != last or len(match[1].split(".")) <= 2:
            bounds.append((match.start(), parts[1] if parts[0] == "sources" and len(parts) > 1 else None))
        last = parts
    ends = [start for start, _ in bounds[1:]] + [len(text)]
    return [(start, end, source_id) for (start, source_id), end in zip(bounds, ends, strict=True)]


def _syntax_problem(e: Exception, above: int, piece: str, source_id: str | None) -> Problem:
    found = _AT_LINE.search(str(e))
    line = int(found[1]) if found and found[1] else len(piece.rstrip().splitlines()) or 1
    message = _AT_LINE.sub("", str(e)) if found else "is nested too deeply"
    return Problem(above + line, source_id, f"TOML: {message[0].lower()}{message[1:]}", "see https://toml.io/en/v1.0.0")


def _source(source_id: str, table: object, defaults: Values, reader: Reader, folder: Path) -> Source | None:
    path: lines.Path = ("sources", source_id)
    before = len(reader.problems)
    if not ID.fullmatch(source_id):
        reader.add(path, f"{source_id!r} {NO_ID[0]}", NO_ID[1])
    elif isinstance(table, dict) and table and all(isinstance(v, dict) and "url" in v for v in table.values()):
        reader.add(
            path, f"sources.{source_id}.{next(iter(table))} is one level too deep", "an id has no dots in it; use -"
        )
        return None
    values = _merged(defaults, reader.source(table, path))
    if isinstance(table, dict) and "url" not in table:
        reader.add(path, "has no url", 'such as url = "https://example.org/rss.xml"')
    _place(values, path, reader, folder)
    _check_credential(values, path, reader)
    _check_options(values, table, path, reader, folder)
    if any(p.severity == "error" for p in reader.problems[before:]):
        return None
    every = values.pop("every", 3600)
    timing = {"adaptive": True} if every is None else {"every_s": every}
    timing |= {"enabled": False} if "retired" in values else {}
    timing |= {"retention_s": values.pop("retention")} if "retention" in values else {}
    return Source.model_validate({"id": source_id, "name": source_id, **values, **timing})


def _merged(defaults: Values, own: Values) -> Values:
    """A source's own value counts; tables merge key by key; rules add up, the general ones first."""
    merged = {**defaults, **own}
    for key in ("rights", "limits", "credential", "options"):
        if key in defaults and key in own:
            merged[key] = {**_as_values(defaults[key]), **_as_values(own[key])}
    if "rules" in merged:
        merged["rules"] = [*_as_list(defaults.get("rules")), *_as_list(own.get("rules"))]
    return merged


def _place(values: Values, path: lines.Path, reader: Reader, folder: Path) -> None:
    """Turn `url` into `urls`, and settle the transport with it."""
    urls = [str(one) for one in _as_list(values.pop("url", []))]
    stated = values.get("transport")
    placed: list[str] = []
    for i, one in enumerate(urls):
        try:
            placed.append(_placed(one, _transport(one, stated), folder))
        except BadValueError as e:
            reader.add((*path, "url", i) if len(urls) > 1 else (*path, "url"), f"url {e.message}", e.hint)
    transports = {_transport(one, stated) for one in placed}
    if len(transports) > 1:
        kinds = " and ".join(sorted(one if one != Transport.FOLDER else "files" for one in transports))
        reader.add((*path, "url"), f"url mixes {kinds}", "make two sources of them")
    elif transports and stated not in (None, *transports):
        reader.add(
            (*path, "transport"),
            f"transport {stated!r} does not go with the url",
            f"leave it out, or write {min(transports).value!r}",
        )
    values["urls"] = tuple(placed)
    values["transport"] = min(transports, default=Transport.HTTP)


def _transport(address: str, stated: object) -> Transport:
    if address.startswith("file:") or (stated == Transport.FOLDER and "://" not in address):
        return Transport.FOLDER
    return checks.WIRES.get(address.partition("://")[0].lower(), Transport.HTTP)


def _placed(address: str, transport: Transport, folder: Path) -> str:
    if transport == Transport.FOLDER:
        return checks.folder(address, folder)
    return checks.url(address) if transport == Transport.HTTP else checks.wire(address)


def _check_credential(values: Values, path: lines.Path, reader: Reader) -> None:
    credential = values.get("credential")
    if not isinstance(credential, dict):
        return
    at = (*path, "credential")
    if "kind" not in credential:
        reader.add(at, "credential needs a kind", "basic, bearer, header, query, oauth, password or key")
    kind, transport = credential.get("kind"), Transport(str(values["transport"]))
    if kind is not None and kind not in (fitting := CREDENTIALS[transport]):
        known = ", ".join(fitting) or "take it out"
        reader.add(at, f"a {kind} credential is not for {transport.value}", known)
    if kind == "oauth" and "token_url" not in credential:
        reader.add(at, "an oauth credential needs token_url", "where id and secret are changed for a token")
    if ("env" in credential) == ("connection" in credential):
        reader.add(at, "credential needs exactly one of env and connection", "the NAME of where the secret is")
    if credential.get("kind") in ("header", "query") and "name" not in credential:
        reader.add(at, "credential needs the name of the header or parameter", 'such as name = "X-Api-Key"')


def _check_options(values: Values, table: object, path: lines.Path, reader: Reader, folder: Path) -> None:
    """An option of another transport is an error in a source's own table; from [defaults] it has no effect there."""
    transport = Transport(str(values["transport"]))
    options = _as_values(values.get("options"))
    own = _as_values(_as_values(table).get("options"))
    for key in own:
        if key in options and key not in OPTIONS[transport]:
            meant = ", ".join(one.value for one, keys in OPTIONS.items() if key in keys)
            reader.add((*path, "options", key), f"the option {key} is not for {transport.value}", f"only for {meant}")
    if "ca" in options:
        values["options"] = {**options, "ca": checks.folder(str(options["ca"]), folder)}


def _warn_of_doubles(sources: Mapping[str, Source], reader: Reader) -> None:
    seen: dict[str, str] = {}
    for source_id, address in chain.from_iterable(((s.id, u) for u in s.urls) for s in sources.values()):
        key = canonical_url(address) or address
        if key in seen:
            where = "itself" if seen[key] == source_id else seen[key]
            reader.add(
                ("sources", source_id, "url"), f"{address} is in {where} too", "it would be fetched twice", warning=True
            )
        seen.setdefault(key, source_id)


def _as_values(value: object) -> Values:
    return value if isinstance(value, dict) else {}


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
