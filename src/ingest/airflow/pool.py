"""The pool of tasks that take long and many at once, so that they leave a place for the wires.

Airflow never starts a task of a pool that is not there, so the default pool it is, until INGEST_POOL names one that was
made before: `airflow pools set NAME SLOTS DESCRIPTION`.
"""

import os

POOL = os.environ.get("INGEST_POOL") or "default_pool"
