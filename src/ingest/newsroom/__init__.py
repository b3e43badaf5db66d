"""The newsroom: pages about runs, sources, articles, stories and quarantine, for the Airflow UI. See docs/newsroom.md.

Each module reads for one page: plain functions of a workspace that return what the page shows. `routes` are the
addresses, `templates` how it looks. Nothing here knows of Airflow: `plugins/newsroom.py` brings its login and rights.
"""

from ingest.newsroom.app import create_app
from ingest.newsroom.guards import Guards, Rights

__all__ = ["Guards", "Rights", "create_app"]
