"""One function for each kind of value in the registry: from what TOML holds to what `model.Source` wants.

Each raises BadValueError. No message repeats a value that may be a secret.
"""

import os
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from ingest.model import Transport
from ingest.sources.problem import BadValueError, did_you_mean

Check = Callable[[object], object]

SCHEMES = ("http", "https")
WIRES = {  # schemes of the transports that are neither HTTP nor a folder
    "s3": Transport.S3,
    "sftp": Transport.SFTP,
    "ftp": Transport.FTP,
    "ftps": Transport.FTP,
    "imap": Transport.IMAP,
    "imaps": Transport.IMAP,
}
DAY_S = 86_400
MAX_PAGES = 1_000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY_S, "w": 7 * DAY_S}
_DURATION = re.compile(r"(?:[0-9]{1,6}[smhdw]){1,5}")
_LANGUAGE = re.compile(  # RFC 5646: language, extlang, script, region, variants, extensions, private use
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3})){0,5}(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8}){1,5}){0,3}"
    r"(?:-x(?:-[A-Za-z0-9]{1,8}){1,5})?"
)
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz "
    "ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik "
    "io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml "
    "mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd "
    "se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve "
    "vi vo wa wo xh yi yo za zh zu"
)
_ISO_639_1 = frozenset(_CODES.split())
_LANGUAGE_SLIPS = {"jp": "ja", "cz": "cs", "gr": "el", "cn": "zh", "dk": "da", "in": "id", "iw": "he", "kz": "kk"}
_HOST_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01]){0,100}){1,20}")
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_NESTED_REPEAT = re.compile(r"\((?:\?:)?(?:\\.|\[[^\]]{1,80}\]|[^\\()])[+*]\)(?:[+*]|\{[0-9]*,\})")  # (a+)+
_CONNECTION = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_SECRET_PARAMETER = re.compile(
    r"(?:api|access|auth|private|secret|user|client)?[_-]?(?:key|token|secret|password|passwd|pwd|auth|sig|signature)",
    re.IGNORECASE,
)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"must be text, not {_kind(value)}", "put it in quotes")
    if not value.strip():
        raise BadValueError("is empty", "write something, or leave the key out")
    if any(ord(ch) < 32 and ch not in "\t\n" for ch in value):
        raise BadValueError("has a control character in it", "take it out")
    return value.strip()


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValueError(f"must be true or false, not {_kind(value)}", "without quotes")
    return value


def texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadValueError(f"must be an array of texts, not {_kind(value)}", 'such as ["politics", "wires"]')
    return tuple(dict.fromkeys(text(one) for one in value))


def whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadValueError("must be a whole number above 0", "without quotes and units")
    return value


def seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= DAY_S:
        raise BadValueError("must be a number of seconds, at most a day", "without quotes and units")
    return float(value)


def one_of(kind: type[StrEnum] | Sequence[str]) -> Callable[[object], str]:
    known = [str(one) for one in kind]

    def check(value: object) -> str:
        word = text(value)
        if word not in known:
            raise BadValueError(f"{word!r} is not known", did_you_mean(word, known))
        return word

    return check


def every(value: object) -> int | None:
    """Seconds between two fetches; None for "adaptive"."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise BadValueError("needs a unit", f'such as "{round(value / 60) or 1}m", "1h", "1d" or "adaptive"')
    word = text(value).lower().replace(" ", "")
    if word == "adaptive":
        return None
    total = _length(word, 'such as "15m", "1h", "1d" or "adaptive"')
    if not 1 <= total <= 366 * DAY_S:
        raise BadValueError(f"{word!r} is out of range", "from one second to 366 days")
    return total


def retention(value: object) -> int:
    """Seconds for which articles of a source are kept."""
    word = text(value).lower().replace(" ", "")
    total = _length(word, 'such as "90d" or "52w"')
    if not DAY_S <= total <= 36_600 * DAY_S:
        raise BadValueError(f"{word!r} is out of range", "from one day to a hundred years")
    return total


def _length(word: str, hint: str) -> int:
    if not _DURATION.fullmatch(word):
        raise BadValueError(f"{word!r} is no length of time", hint)
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]+)([smhdw])", word))


def language(value: object) -> str:
    tag = text(value)
    if not _LANGUAGE.fullmatch(tag):
        hint = f"write {tag.replace('_', '-')}" if "_" in tag else 'such as "en", "pt-BR" or "zh-Hant"'
        raise BadValueError(f"{tag!r} is no BCP 47 language tag", hint)
    first, *rest = tag.split("-")
    if len(first) == 2 and first.lower() not in _ISO_639_1:
        slip = _LANGUAGE_SLIPS.get(first.lower())
        raise BadValueError(f"{first!r} is no language of ISO 639-1", f"did you mean {slip}?" if slip else "")
    if "UK" in (part.upper() for part in rest):
        raise BadValueError("'UK' is no region of ISO 3166-1", f"write {first}-GB")
    return tag


def zone(value: object) -> str:
    name = text(value)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as e:
        lower = {known.lower(): known for known in available_timezones()}
        near = get_close_matches(name.lower().replace(" ", "_"), lower, n=1)
        hint = f"did you mean {lower[near[0]]}?" if near else 'such as "Europe/Rome" or "UTC"'
        raise BadValueError(f"{name!r} is no IANA time zone", hint) from e
    return name


def format_name(value: object) -> str:
    from ingest.parse import formats

    return one_of(["auto", *sorted(name for one in formats().values() for name in one.NAMES)])(value)


def locations(value: object) -> tuple[str, ...]:
    """One address or an array of them, as written; `url` and `folder` judge each once the transport is known."""
    found = texts(value if isinstance(value, list) else [value])
    if not found:
        raise BadValueError("is empty", 'such as "https://example.org/rss.xml"')
    return found


def url(value: object) -> str:
    """An absolute http(s) URL without a secret in it."""
    address = text(value)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as e:
        raise BadValueError(f"is no URL: {e}") from e
    if parts.scheme not in SCHEMES:
        known = ", ".join((*SCHEMES, *WIRES))
        near = f"write https://{address.partition('://')[2]}" if parts.scheme == "feed" else f"{known} and file are"
        raise BadValueError(f"{parts.scheme or address[:60]!r}: no scheme that can be fetched", near)
    if not host:
        raise BadValueError("has no host", "write https://host/path")
    if any(ch.isspace() or ord(ch) < 32 for ch in address):
        raise BadValueError("has white space in it", "write %20 for a space")
    _refuse_secret(parts.username, parts.password, parts.query)
    return address


def wire(value: object) -> str:
    """A url of SFTP, FTP, IMAP or S3. It may name the user, never a password."""
    address = text(value)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as e:
        raise BadValueError(f"is no URL: {e}") from e
    if not host:
        raise BadValueError("has no host" if parts.scheme != "s3" else "has no bucket", "write scheme://host/path")
    if parts.password is not None or (parts.scheme == "s3" and parts.username):
        raise BadValueError("has a password in it; secrets are never in the file", "take it out; see credential")
    if any(ch.isspace() or ord(ch) < 32 for ch in address):
        raise BadValueError("has white space in it", "write %20 for a space")
    if ".." in unquote(parts.path).split("/"):
        raise BadValueError("has `..` in its path", "write the folder itself")
    return address


def host_keys(value: object) -> tuple[str, ...]:
    keys = texts(value if isinstance(value, list) else [value])
    for key in keys:
        if not _HOST_KEY.fullmatch(key):
            raise BadValueError(
                "is no SHA256 fingerprint", "as ssh-keygen -lf prints it: SHA256: and 43 characters, without ="
            )
    return keys


def pointer(value: object) -> str:
    path = text(value)
    if not _POINTER.fullmatch(path):
        raise BadValueError(f"{path[:60]!r} is no JSON pointer", 'such as "/data/next_page"')
    return path


def pages(value: object) -> int:
    count = whole(value)
    if count > MAX_PAGES:
        raise BadValueError(f"must be at most {MAX_PAGES}", "what is left comes with the next fetch")
    return count


def _refuse_secret(username: str | None, password: str | None, query: str) -> None:
    if username or password:
        raise BadValueError(
            "has a user name or password in it; secrets are never in the file",
            'take it out and write credential = { kind = "basic", env = "NAME_OF_A_VARIABLE" }',
        )
    for name, held in parse_qsl(query):
        if held and _SECRET_PARAMETER.fullmatch(name):
            raise BadValueError(
                f"has what looks like a secret in its parameter {name}; secrets are never in the file",
                f'take it out and write credential = {{ kind = "query", name = "{name}", env = "NAME_OF_A_VARIABLE" }}',
            )


def folder(value: str, base: Path) -> str:
    """A folder or glob for the folder transport; a relative path starts at `base`, a file URL stays as it is."""
    if not value.startswith("file:"):
        return os.path.normpath(base.absolute() / Path(value).expanduser())
    parts = urlsplit(value)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise BadValueError("is no absolute path of this machine", "file:///path has three slashes")
    return value


def environment(value: object) -> str:
    name = text(value)
    if not _ENVIRONMENT.fullmatch(name):
        raise BadValueError(
            "is no name of an environment variable", "the NAME stands here, the value in the environment"
        )
    return name


def connection(value: object) -> str:
    name = text(value)
    if not _CONNECTION.fullmatch(name):
        raise BadValueError("is no name of an Airflow connection", "the NAME stands here, the value in Airflow")
    return name


def pattern(value: object) -> str:
    """A regular expression that compiles and has no repeat within a repeat (its time could be exponential)."""
    if not isinstance(value, str) or not value:
        raise BadValueError("must be a regular expression in quotes", "single quotes keep its backslashes")
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as e:
        raise BadValueError(f"does not compile: {e}", "single quotes keep its backslashes") from e
    if _NESTED_REPEAT.search(value):
        raise BadValueError("repeats a repeat, which can take for ever", "write a+ rather than (a+)+")
    return value


def selector(value: object) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    css = text(value)
    try:
        LexborHTMLParser("<p>").css(css)
    except (SelectolaxError, ValueError) as e:
        raise BadValueError(f"{css!r} is no CSS selector") from e
    return css


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {int: "a number", float: "a number", str: "text", list: "an array", dict: "a table"}
    return names.get(type(value), "a date")
