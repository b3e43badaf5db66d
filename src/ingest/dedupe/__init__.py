"""Which articles are one story: identity first, then exact content, then near copies.

`resolve` decides a batch against an `Index` of earlier members; it reads the index and returns the members to save.
"""

from ingest.dedupe.cluster import Resolution, outline, resolve, told
from ingest.dedupe.index import Index, Member, MemoryIndex
from ingest.dedupe.kills import taken_back
from ingest.dedupe.partial import article_from_partial, article_lines, decision_line
from ingest.dedupe.placing import story_id_of

__all__ = [
    "Index",
    "Member",
    "MemoryIndex",
    "Resolution",
    "article_from_partial",
    "article_lines",
    "decision_line",
    "outline",
    "resolve",
    "story_id_of",
    "taken_back",
    "told",
]
