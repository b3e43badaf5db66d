"""What `make run`, `make ui` and `make stack` do: the nightly DAG, through Airflow, on this machine's demo newsroom.

Everything lies under `data/` (the stack's under `data/stack/`): the demo's registry and its day, Airflow's home, the
state database and the store. Run again, the same newsroom is asked again, so a second run lands only what is new.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from ingest.demo.registry import write_sources
from ingest.demo.server import start_demo
from ingest.embedded import EmbeddedAirflow
from ingest.errors import IngestError
from ingest.services import free_port

DATA = Path("data")
DEMO_PORT, UI_PORT = 8099, 8080
words = Console(stderr=True)
out = Console()


def main() -> int:
    """Exit code 0 if the run is green and landed something or had nothing new; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="ingest.showcase", description=__doc__)
    parser.add_argument("what", choices=("run", "ui", "stack"))
    parser.add_argument("--day", type=int, choices=(1, 2), default=1, help="2: the newsroom one day later")
    options = parser.parse_args()
    with _ends_on_signals():
        try:
            return show(options.what, DATA.resolve(), options.day)
        except (IngestError, RuntimeError, TimeoutError) as e:  # the last two tell of Airflow
            words.print(f"[red]error:[/] {e}")
            return 1
        except subprocess.CalledProcessError as e:
            return e.returncode  # it has told why
        except KeyboardInterrupt:
            words.print("stopped")
            return 130


def show(what: str, data: Path, day: int) -> int:
    data = data / "stack" if what == "stack" else data
    folder = data / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    port = _kept(folder / "port", lambda: str(_usable(DEMO_PORT)))
    today = date.fromisoformat(_kept(folder / "today", lambda: datetime.now(UTC).date().isoformat()))
    words.print(f"Demo newsroom on http://127.0.0.1:{port}, day {day}")
    with start_demo(day, port=int(port), today=today, folder=folder / "folder") as demo:
        write_sources(folder / "sources.toml", demo.base_url, folder / "folder")
        with _deployment(what, data) as airflow:
            good = _night(airflow)
            if what != "run":
                _invite(airflow)
                threading.Event().wait()
    return 0 if good else 1


def _deployment(what: str, data: Path) -> EmbeddedAirflow:
    env = {
        "INGEST_SOURCES": str(data / "demo" / "sources.toml"),
        "INGEST_ALLOW_NETS": "127.0.0.0/8",  # the newsroom is on loopback, which is refused by default
        "INGEST_HOST_DELAY_S": "0",
    }
    words.print("Starting Airflow …")
    if what == "stack":
        from ingest.stack import Stack  # its servers are in the wheels of the dev extra

        return Stack(data / "deployment", env, port=_usable(UI_PORT))
    env |= {"INGEST_STORE": str(data / "store"), "INGEST_STATE": f"sqlite:///{data / 'state.db'}"}
    _aside(env, "ingest", "setup").check_returncode()
    stay = what == "ui"  # without a triggerer Airflow's home page has a red mark
    return EmbeddedAirflow(data / "airflow", env, port=_usable(UI_PORT) if stay else None, triggerer=stay)


def _night(airflow: EmbeddedAirflow) -> bool:
    """Trigger the DAG, follow its squares, tell what happened. Whether the run was green."""
    run_id = airflow.trigger("syndication", {"force": True})
    words.print(f"DAG run [bold]{run_id}[/]")
    for square, state in airflow.wait("syndication", run_id):
        words.print(f"  {square}: {state}")
    if _aside(airflow.env, "python", "-m", "ingest.tour").returncode:
        words.print(f"[red]No report was written; the tasks' logs are in {airflow.home / 'logs'}[/]")
        return False
    return airflow.run_state("syndication", run_id) == "success"


def _aside(env: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[bytes]:
    """In a process of its own: what reads and writes tables takes 100 MB, for as long as the UI is up."""
    program = Path(sys.executable).with_name(command[0])
    return subprocess.run([program, *command[1:]], env={**os.environ, **env}, check=False)  # noqa: S603


def _invite(airflow: EmbeddedAirflow) -> None:
    user, password = airflow.login()
    for line in (
        f"\n[bold]Airflow UI[/]  {airflow.url}/dags/syndication   login [bold]{user}[/] / [bold]{password}[/]",
        f"[bold]Newsroom[/]    {airflow.url}/plugin/newsroom   runs, sources, stories, articles, quarantine",
        f"[bold]Processes[/]   {', '.join(airflow.services)}: a log each in {airflow.home / 'logs'}",
        "It stays up, the demo newsroom too. Ctrl-C ends all of it.",
    ):
        out.print(line, soft_wrap=True)  # what is copied stays in one piece


def _kept(file: Path, make: Callable[[], str]) -> str:
    """A choice that later runs keep: another port or day would make every item of the newsroom a new one."""
    if not file.exists():
        file.write_text(make())
    return file.read_text().strip()


def _usable(port: int) -> int:
    """`port`, or a free one if another program has it."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return free_port()
    return port


@contextmanager
def _ends_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that no Airflow process stays behind."""

    def stop(number: int, _: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    old = {sig: signal.signal(sig, stop) for sig in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for sig, handler in old.items():
            signal.signal(sig, handler)


if __name__ == "__main__":
    sys.exit(main())
