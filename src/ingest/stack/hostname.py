"""The name that Airflow notes for a worker's tasks: workers on one machine have names of their own."""

import os
import socket

VARIABLE = "STACK_HOSTNAME"


def hostname() -> str:
    """[core] hostname_callable."""
    return os.environ.get(VARIABLE) or socket.gethostname()
