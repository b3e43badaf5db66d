"""All that a run imports late, imported, and its patterns compiled: a fork of a process that has this begins to work.

Threads do not survive a fork, so nothing here may start one.
"""

import pkgutil
from importlib import import_module
from string import ascii_lowercase, digits

from ingest.clean.article import clean
from ingest.model import Entry, Source

_STAGES = ("fetch", "parse", "extract", "clean", "dedupe", "land", "state", "shard", "sources", "health")
_WHOLE = ("ingest.landing", "ingest.pipeline", "ingest.upkeep")
_LATE = ("alembic.command", "defusedxml.ElementTree", "deltalake.fs", "py3langid.langid", "pyarrow.dataset", "sqlite3")

for _stage in _STAGES:
    for _found in pkgutil.walk_packages(import_module(f"ingest.{_stage}").__path__, f"ingest.{_stage}."):
        if ".migrations" not in _found.name:
            import_module(_found.name)
for _name in (*_WHOLE, *_LATE, "feedparser", "trafilatura"):
    import_module(_name)

_EACH = "".join(f"<p>{letter} paragraph with this initial.</p>" for letter in ascii_lowercase + digits)
clean(Entry(headline="A story", html=_EACH), Source(id="warm", name="Warm", urls=()))
