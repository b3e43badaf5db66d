"""The keys a source may have, and how a table of them is read. docs/sources.md says what each is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from ingest.model import Credential, FullText, Limits, RemovedKind, Transport
from ingest.sources import checks
from ingest.sources.checks import Check
from ingest.sources.lines import Path, Spot
from ingest.sources.problem import BadValueError, Problem, did_you_mean

Values = dict[str, object]

PLAIN: Mapping[str, Check] = {
    "name": checks.text,
    "url": checks.locations,
    "transport": checks.one_of(Transport),
    "format": checks.format_name,
    "every": checks.every,
    "full_text": checks.one_of(FullText),
    "provider": checks.text,
    "language": checks.language,
    "zone": checks.zone,
    "enabled": checks.boolean,
    "retired": checks.text,
    "wire": checks.boolean,
    "retention": checks.retention,
    "tags": checks.texts,
}
TABLES: Mapping[str, Mapping[str, Check]] = {
    "rights": dict.fromkeys(("holder", "notice", "distributor", "usage_terms"), checks.text),
    "limits": {
        name: checks.whole if field.annotation is int else checks.seconds for name, field in Limits.model_fields.items()
    },
    "credential": {
        "kind": checks.one_of(get_args(Credential.model_fields["kind"].annotation)),
        "env": checks.environment,
        "connection": checks.connection,
        "name": checks.connection,
        "token_url": checks.url,
        "scope": checks.text,
    },
    "options": {
        "pages": checks.pages,
        "next": checks.pointer,
        "sequence": checks.boolean,
        "endpoint": checks.url,
        "host_key": checks.host_keys,
        "tls": checks.boolean,
        "ca": checks.text,
        "delete_after": checks.boolean,
        "recursive": checks.boolean,
        "robots": checks.boolean,
        "websub": checks.boolean,
    },
}
OPTIONS: Mapping[Transport, tuple[str, ...]] = {
    Transport.HTTP: ("pages", "next", "sequence", "robots", "websub"),
    Transport.FOLDER: (),
    Transport.S3: ("endpoint",),
    Transport.SFTP: ("host_key", "delete_after", "recursive"),
    Transport.FTP: ("ca", "delete_after", "recursive"),
    Transport.IMAP: ("ca", "tls"),
}
CREDENTIALS: Mapping[Transport, tuple[str, ...]] = {
    Transport.HTTP: ("basic", "bearer", "header", "query", "oauth"),
    Transport.FOLDER: (),
    Transport.S3: ("basic",),
    Transport.SFTP: ("basic", "password", "key"),
    Transport.FTP: ("basic", "password"),
    Transport.IMAP: ("basic", "password", "bearer", "oauth"),
}
RULE: Mapping[str, Check] = {
    "selector": checks.selector,
    "pattern": checks.pattern,
    "body": checks.selector,
    "kind": checks.one_of(get_args(RemovedKind)),
    "reason": checks.text,
}
ALL_KEYS = (
    *PLAIN,
    *(f"{table}.{key}" for table, keys in TABLES.items() for key in keys),
    *(f"rules.{key}" for key in RULE),
)
_OWN = ("name", "url", "retired")  # meaningless in [defaults]
_SECRETS = ("password", "pass", "secret", "token", "value", "user", "username", "key", "api_key", "bearer")


@dataclass
class Reader:
    """Reads tables of one file and collects all that is wrong with them."""

    spots: Mapping[Path, Spot]
    problems: list[Problem] = field(default_factory=list)

    def source(self, raw: object, path: Path) -> Values:
        """The checked values of one source's table, or of [defaults]; what is wrong is left out and reported."""
        values: Values = {}
        for key, value in self._table(raw, path).items():
            where = (*path, key)
            if path == ("defaults",) and key in _OWN:
                self.add(where, f"{key} is not for [defaults]", "every source has its own")
            elif key in TABLES:
                values[key] = self._plain(value, TABLES[key], where)
            elif key == "rules":
                values[key] = self._rules(value, where)
            elif key in PLAIN:
                self._check(values, key, PLAIN[key], value, where)
            else:
                self._unknown(key, [*PLAIN, *TABLES, "rules"], where)
        return values

    def add(self, path: Path, message: str, hint: str = "", *, warning: bool = False) -> None:
        source_id = str(path[1]) if path[:1] == ("sources",) and len(path) > 1 else None
        self.problems.append(
            Problem(self.line(path), source_id, message, hint, "warning" if warning else "error"),
        )

    def line(self, path: Path) -> int:
        """The line of `path`, or of the first thing within it, or of what it is in."""
        if path in self.spots:
            return self.spots[path].line
        inside = [spot.line for known, spot in self.spots.items() if known[: len(path)] == path]
        if inside:
            return min(inside)
        return self.line(path[:-1]) if path else 1

    def _table(self, raw: object, path: Path) -> Values:
        if isinstance(raw, dict):
            return raw
        self.add(path, f"{path[-1]} must be a table", f"such as [{'.'.join(map(str, path))}]")
        return {}

    def _plain(self, raw: object, keys: Mapping[str, Check], path: Path) -> Values:
        values: Values = {}
        for key, value in self._table(raw, path).items():
            if key in keys:
                self._check(values, key, keys[key], value, (*path, key))
            elif path[-1] == "credential" and key in _SECRETS:
                self.add(
                    (*path, key),
                    f"credential.{key} would hold a secret; secrets are never in the file",
                    'take it out and write env = "NAME_OF_A_VARIABLE" or connection = "NAME_IN_AIRFLOW"',
                )
            else:
                self._unknown(key, list(keys), (*path, key))
        return values

    def _rules(self, raw: object, path: Path) -> list[Values]:
        if not isinstance(raw, list):
            self.add(path, "rules must be an array of tables", f"such as [[{'.'.join(map(str, path))}]]")
            return []
        return [self._rule(one, (*path, i)) for i, one in enumerate(raw)]

    def _rule(self, raw: object, path: Path) -> Values:
        before = len(self.problems)
        values = self._plain(raw, RULE, path)
        ways = [way for way in ("selector", "pattern", "body") if way in values]
        if len(self.problems) == before and len(ways) != 1:
            has = f"has {' and '.join(ways)}" if ways else "has none of them"
            self.add(
                path,
                f"a rule is exactly one of selector, pattern and body; this one {has}",
                "make two rules of it" if ways else "",
            )
        if "reason" not in values and isinstance(raw, dict) and "reason" not in raw:
            self.add(path, "a rule needs a reason", 'such as reason = "newsletter box": it is landed with what goes')
        return values

    def _check(self, values: Values, key: str, check: Check, value: object, path: Path) -> None:
        try:
            values[key] = check(value)
        except BadValueError as e:
            self.add(path, f"{_dotted(path)} {e.message}", e.hint)

    def _unknown(self, key: str, known: list[str], path: Path) -> None:
        self.add(path, f"{_dotted(path)} is no key", did_you_mean(key, known))


def _dotted(path: Path) -> str:
    """The key without the table it is in: sources.x.rules.0.kind → rules.kind."""
    inner = path[2:] if path[0] == "sources" else path[1:]
    return ".".join(part for part in inner if isinstance(part, str))
