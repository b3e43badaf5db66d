"""Which feeds a site has, from the address of any of its pages.

`candidates` reads a page for addresses that may be feeds; `discover` asks them, within bounds, and tells which are.
"""

from ingest.discovery.candidates import Candidate, candidates, usual_places
from ingest.discovery.search import Found, discover

__all__ = ["Candidate", "Found", "candidates", "discover", "usual_places"]
