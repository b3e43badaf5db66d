"""What runs beside us ends with us."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

_PARENT = """
import os, signal, sys
from pathlib import Path
from ingest.services import Service

service = Service("sleeper", ["sleep", "99"], os.environ, Path(sys.argv[1]))
service.start()
print(service.pid, flush=True)
while Path(f"/proc/{service.pid}/comm").read_text() != "sleep\\n":
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_service_ends_though_its_parent_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PARENT, str(tmp_path / "log")]
    parent = subprocess.run(command, capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    end = time.monotonic() + 60
    while psutil.pid_exists(int(parent.stdout)):
        assert time.monotonic() < end
        time.sleep(0.05)
