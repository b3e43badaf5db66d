"""All that a run imports late, imported: a process that is forked from one with this begins with its work.

Threads do not survive a fork, so nothing here may start one.
"""

import pkgutil
from importlib import import_module

import ingest

_NOT_OF_A_RUN = (
    "ingest.cli",
    "ingest.demo",
    "ingest.embedded",
    "ingest.showcase",
    "ingest.websub",
    "ingest.state.migrations",
)
_LATE = (
    "alembic.command",
    "defusedxml.ElementTree",
    "deltalake.fs",
    "feedparser",
    "py3langid.langid",
    "pyarrow.dataset",
)
_LATE_TOO = ("sqlite3", "trafilatura")

for _found in pkgutil.walk_packages(ingest.__path__, "ingest."):
    if not _found.name.startswith(_NOT_OF_A_RUN):
        import_module(_found.name)
for _name in (*_LATE, *_LATE_TOO):
    import_module(_name)
