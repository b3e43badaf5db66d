"""A notice of each commit that readers should know of: an object in the store, and a signed POST to webhooks.

The objects are the truth (`notices/VERSION.json`, one a commit, never changed); a webhook gets them in order, at least
once, and tells them apart by `table_version`. What is in a commit is read with `ingest.read`, not told in the notice.
"""

from ingest.notices.deliver import Undelivered, hooks_of, notify, reader_of
from ingest.notices.notice import Notice, load_notices, sign

__all__ = ["Notice", "Undelivered", "hooks_of", "load_notices", "notify", "reader_of", "sign"]
