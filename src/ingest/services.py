"""Programs that run beside this one: each in a session of its own, so that stopping or killing it leaves nothing.

A session and not a process group: Airflow gives every task a group of its own, and a task must end with its worker.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_START_S = 300.0  # a busy machine takes its time with half a dozen Pythons
_GRACE_S = 8.0


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass
class Service:
    """One program, that can be started, stopped, killed and started again."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    is_ready: Callable[[Service], bool] = lambda _: True
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None  # another than ours, for a program that refuses to be root
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _log_start: int = 0

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Of its first process, which leads its session; None if it was stopped or killed, or never started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it without waiting until it is of use: `wait` does that."""
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(  # noqa: S603
                [*_until_we_end(self.stop_signal), *self.command],
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                user=self.user,
            )

    def wait(self, timeout_s: float = _START_S, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Until it is ready. Raises RuntimeError if it ends instead, TimeoutError if it takes too long."""
        end = time.monotonic() + timeout_s
        while not self.is_ready(self):
            self.check()
            meanwhile()
            if time.monotonic() > end:
                raise TimeoutError(f"{self.name} did not come up in {timeout_s:.0f} s; see {self.log}")
            time.sleep(0.1)
        self.check()

    def check(self) -> None:
        """Raises RuntimeError with the end of its log if it ended by itself; one that was stopped or killed is fine."""
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}; {self.log} ends:\n{self.said()}")

    def said(self, last: int = 2000) -> str:
        """The end of what it has logged since it was started."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - last))
            return log.read().decode(errors="replace")

    def stop(self, grace_s: float = _GRACE_S) -> None:
        """Ask it to end; whatever is left of its session after `grace_s` is killed."""
        stop_all([self], grace_s)

    def kill(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to every process of its session. After SIGKILL it is gone when this returns."""
        if self._process is None:
            return
        while alive := _session(self._process.pid):
            for pid in alive:
                with suppress(ProcessLookupError):
                    os.kill(pid, sig)
            if sig != signal.SIGKILL:
                return
            self._process.poll()  # reaped, it is gone
            time.sleep(0.02)  # and what was being forked just then dies in the next round
        self._process.wait()
        self._process = None

    def restart(self, timeout_s: float = _START_S) -> None:
        self.stop()
        self.start()
        self.wait(timeout_s)

    def ask_to_stop(self) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(self.stop_signal)


def _until_we_end(sig: signal.Signals) -> list[str]:
    """What to put before a command that gets `sig` when this thread ends, be it by SIGKILL. Linux has it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", sig.name.removeprefix("SIG")] if setpriv else []


def stop_all(services: Iterable[Service], grace_s: float = _GRACE_S) -> None:
    """Ask all at once, then kill what is left of each: workers outlive their parents."""
    asked = list(services)
    for service in asked:
        service.ask_to_stop()
    end = time.monotonic() + grace_s
    while time.monotonic() < end and any(service.running for service in asked):
        time.sleep(0.1)
    for service in asked:
        service.kill()


def listens(port: int) -> Callable[[Service], bool]:
    """Ready when somebody accepts connections at 127.0.0.1:`port`."""

    def look(_: Service) -> bool:
        with socket.socket() as s:
            s.settimeout(2)
            return s.connect_ex(("127.0.0.1", port)) == 0

    return look


def answers(url: str) -> Callable[[Service], bool]:
    """Ready when `url` answers with 200."""

    def look(_: Service) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except OSError:
            return False

    return look


def says(words: str) -> Callable[[Service], bool]:
    """Ready when its log has these words."""
    return lambda service: words in service.said(100_000)


def _session(leader: int) -> list[int]:
    """Every process of the session that lives, its leader's end notwithstanding."""
    return [pid for pid in psutil.pids() if _is_in(pid, leader)]


def _is_in(pid: int, session: int) -> bool:
    try:
        return os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        return False
