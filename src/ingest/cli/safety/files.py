"""Files and folders that other users of this machine can read or, worse, write."""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ingest.cli.safety.unsafe import Unsafe
from ingest.settings import Settings


def written_by_others(settings: Settings, environ: Mapping[str, str]) -> Iterator[Unsafe]:
    """Code and rules: who changes them decides what runs, or what is fetched."""
    places = [("registry", settings.sources), ("registry's folder", settings.sources.absolute().parent)]
    home = environ.get("AIRFLOW_HOME", "")
    for what in ("dags", "plugins"):
        if folder := environ.get(f"AIRFLOW__CORE__{what.upper()}_FOLDER") or (home and f"{home}/{what}"):
            places += [(what, Path(folder)), *((what, file) for file in sorted(Path(folder).rglob("*.py")))]
    places += _data(settings)
    told: set[str] = set()
    for what, path in places:
        if what not in told and _open_to_others(path, stat.S_IWOTH):
            told.add(what)
            yield Unsafe(what, f"{path} can be changed by every user of this machine", f"chmod o-w {path}")


def read_by_others(settings: Settings, environ: Mapping[str, str]) -> Iterator[Unsafe]:
    """What was licensed, and what holds secrets."""
    home = Path(environ.get("AIRFLOW_HOME") or "/nonexistent")
    secret = [
        ("secrets", Path(".env")),
        ("Airflow's settings", home / "airflow.cfg"),
        ("Airflow's passwords", _passwords(environ, home)),
    ]
    for what, path in (*_data(settings), *secret):
        if _open_to_others(path, stat.S_IROTH):
            todo = f"chmod {'-R ' if path.is_dir() else ''}o-rwx {path}; umask 027 for what is made later"
            yield Unsafe(what, f"{path} can be read by every user of this machine", todo)


def _passwords(environ: Mapping[str, str], home: Path) -> Path:
    named = environ.get("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE")
    return Path(named or home / "simple_auth_manager_passwords.json.generated")


def _data(settings: Settings) -> Iterator[tuple[str, Path]]:
    store = urlsplit(settings.store)
    if store.scheme in ("", "file"):
        yield "store", Path(unquote(store.path) if store.scheme else settings.store)
    if settings.state.startswith("sqlite:///"):
        yield "state", Path(settings.state.removeprefix("sqlite:///"))


def _open_to_others(path: Path, bit: int) -> bool:
    """Whether others have this right, and may pass every folder on the way. A sticky folder keeps its files' names."""
    try:
        mode = path.stat().st_mode
        if not mode & bit or (bit == stat.S_IWOTH and stat.S_ISDIR(mode) and mode & stat.S_ISVTX):
            return False
        return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.absolute().parents)
    except OSError:
        return False


LOOKS = (written_by_others, read_by_others)
