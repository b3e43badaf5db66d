"""HTML or text → blocks, captions, credits, rights, and a record of all that was taken out. Pure: no clock, no network.

`clean` makes the article of an entry; `clean_fragment` the article of text that comes without one.
"""

from ingest.clean.article import VERSION, clean, clean_fragment

__all__ = ["VERSION", "clean", "clean_fragment"]
