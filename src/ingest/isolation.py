"""Work on hostile bytes in a process of its own: what crashes, hangs or eats all memory there costs only itself.

A keeper is forked when there is work, and forks a worker when one is needed: after a death that takes milliseconds, not
the seconds of new imports. A fork has only the thread that made it, so the work must be pure: no
store, no database, no lock that another thread may hold. It costs no second copy of what is loaded.

The kernel keeps the limits, since no handler in Python interrupts a regular expression or a C library: timers whose
signals kill, and RLIMIT_DATA. Where it was is on standard error.
"""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import gc
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ingest.errors import Crashed, Hung, OutOfMemory

T = TypeVar("T")

_WALL = 10  # times the processor time: for work that waits for ever, on a machine that may be busy
_TIMERS = ((signal.ITIMER_PROF, signal.SIGPROF, 1), (signal.ITIMER_REAL, signal.SIGALRM, _WALL))
_NO_MEMORY = errno.ENOMEM  # the worker's exit code
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """For one call: seconds of the processor, and memory beyond what the process has at its start."""

    cpu_s: float = 60
    memory_mb: int = 1024


class Isolated:
    """`run` calls a function in the worker. One call at a time; all of them, and `close`, from one thread: the kernel
    takes the end of the thread that forked for its parent's.

    Nothing is forked before the first call; `prepare` is called then, to load what every fork is to have.
    """

    def __init__(self, limits: Limits, prepare: Callable[[], object] = lambda: None) -> None:
        self._limits, self._prepare = limits, prepare
        self._keeper: int | None = None
        self._worker: Connection[Any, Any] | None = None

    def close(self) -> None:
        """An idle worker ends when its connection does."""
        if self._worker:
            self._worker.close()
        if self._keeper:
            self._control.close()
            os.waitpid(self._keeper, 0)

    def run(self, place: str, function: Callable[..., T], *args: object) -> T:
        """What the function returns or raises; both travel pickled. Raises Crashed, Hung, OutOfMemory for `place`."""
        worker = self._worker = self._worker or self._new_worker()
        try:
            worker.send((function, args))
            value, error = worker.recv()
        except (EOFError, OSError):
            raise self._obituary(place, worker) from None
        if error is not None:
            raise error
        result: T = value
        return result

    def _start_keeper(self) -> int:
        self._prepare()
        self._control, control = socket.socketpair()
        parent, keeper = os.getpid(), os.fork()
        if not keeper:
            _be(_keep, control, parent, self._limits)
        control.close()
        return keeper

    def _new_worker(self) -> Connection[Any, Any]:
        self._keeper = self._keeper or self._start_keeper()
        self._control.sendall(b"w")
        _, fds, _, _ = socket.recv_fds(self._control, 1, 1)
        return Connection(fds[0])

    def _obituary(self, place: str, worker: Connection[Any, Any]) -> Crashed:
        worker.close()
        self._worker = None
        code = int.from_bytes(self._control.recv(4, socket.MSG_WAITALL), "big", signed=True)
        if code in (-signal.SIGPROF, -signal.SIGALRM):
            what = f"not done after {self._limits.cpu_s:g} s of the processor"
            return Hung(place, what, "often a rule's pattern; where it was is in the log. INGEST_STEP_CPU_S")
        if code == _NO_MEMORY:
            return OutOfMemory(place, f"it takes more than {self._limits.memory_mb} MB", "INGEST_STEP_MEMORY_MB")
        what = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        hint = "the kernel, for want of memory?" if code == -signal.SIGKILL else "where it was is in the log"
        return Crashed(place, f"its process died: {what}", hint)


# ── in the children ─────────────────────────────────────────────────────────────────────────────────────────────


def _be(part: Callable[..., None], *args: object) -> NoReturn:
    """A child's whole life: it must never return into what its parent was doing."""
    code = 1
    try:
        part(*args)
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def _let_go(kept: int) -> None:
    """Of what is the parent's: files, connections, how it handles signals. Nothing that it has is collected here."""
    gc.freeze()
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent: its end is ours
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _keep(control: socket.socket, parent: int, limits: Limits) -> None:
    """Fork a worker when asked, tell how it ended."""
    _let_go(control.fileno())
    _die_with(parent)
    with suppress(BrokenPipeError):  # nobody asks any more
        while control.recv(1):
            ours, theirs = socket.socketpair()
            keeper, worker = os.getpid(), os.fork()
            if not worker:
                control.close()
                ours.close()
                _be(_serve, Connection(theirs.detach()), keeper, limits)
            socket.send_fds(control, [b"w"], [ours.fileno()])
            ours.close()
            theirs.close()
            _, status = os.waitpid(worker, 0)
            control.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _serve(parent: Connection[Any, Any], keeper: int, limits: Limits) -> None:
    _die_with(keeper)
    _limit_memory(limits.memory_mb)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # with all the shard's memory, secrets too
    faulthandler.enable(file=2, all_threads=False)
    for _, number, _ in _TIMERS:
        faulthandler.register(number, file=2, all_threads=False, chain=True)  # then it kills
    with suppress(EOFError):
        while True:
            function, args = parent.recv()
            for timer, _, times in _TIMERS:
                signal.setitimer(timer, limits.cpu_s * times)
            answer = _answer(function, args)
            for timer, _, _ in _TIMERS:
                signal.setitimer(timer, 0)
            parent.send_bytes(answer)


def _answer(function: Callable[..., object], args: tuple[object, ...]) -> bytes:
    try:
        return pickle.dumps((function(*args), None))
    except MemoryError:
        raise
    except Exception as e:
        return _told(e)


def _told(error: Exception) -> bytes:
    """An exception as it can travel, with its traceback as a note."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickled = pickle.dumps((None, error))
        copy(error)  # as it is made again on the other side
    except Exception:  # of a class that takes other arguments than it keeps
        return pickle.dumps((None, RuntimeError("\n".join((repr(error), *error.__notes__)))))
    return pickled


def _limit_memory(allowed_mb: int) -> None:
    """Beyond what is there at the fork. Should the machine run out first, the kernel kills the worker alone."""
    status = Path("/proc/self/status")
    if not status.exists():  # not Linux
        return
    data_kb = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmData:"))
    limit = data_kb * 1024 + allowed_mb * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    Path("/proc/self/oom_score_adj").write_text("1000")


def _die_with(parent: int) -> None:
    """Be killed when the parent ends, however it does, and at work or not."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended before
        os._exit(0)
