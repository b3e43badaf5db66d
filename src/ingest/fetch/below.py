"""What of a remote folder is taken: names that match, and with `options.recursive` the folders below it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from ingest.errors import FetchFailed, Refused
from ingest.fetch.ledger import MAX_LISTED, Batch, check_name, is_unfinished, shown

MAX_DEPTH = 8  # folders below the source's own
MAX_FOLDERS = 1_000  # each is a listing of its own


class Tree:
    """The folders of one look, as paths from the source's own (b""), each with its last slash; and what is in them.

    What has a name that nobody means to be taken is passed over; a name that is a path is a reject.
    """

    def __init__(self, batch: Batch, pattern: str | None) -> None:
        self._batch, self._pattern = batch, pattern or "*"
        self._folders = [b""]
        self._names = 0

    def folders(self) -> Iterator[bytes]:
        """The source's own first, then those that are entered meanwhile. Raises FetchFailed for too many."""
        for folder in self._folders:
            if len(self._folders) > MAX_FOLDERS:
                raise FetchFailed(shown(folder), f"over {MAX_FOLDERS} folders below it", "take options.recursive out")
            yield folder

    def count(self) -> None:
        """One name more. Raises FetchFailed for too many."""
        self._names += 1
        if self._names > MAX_LISTED:
            raise FetchFailed("the listing", f"over {MAX_LISTED} names", "clear the folder, or options.delete_after")

    def is_file(self, folder: bytes, name: bytes) -> bool:
        """Whether the file `name` is to be taken."""
        return fnmatchcase(shown(name), self._pattern) and self._is_good(folder, name)

    def enter(self, folder: bytes, name: bytes) -> None:
        """Have the folder `name` listed too, if the source asks for that."""
        if not self._batch.source.options.recursive or not self._is_good(folder, name):
            return
        if folder.count(b"/") >= MAX_DEPTH:
            error = Refused(shown(folder + name), f"a folder more than {MAX_DEPTH} deep", "a url that begins below")
            self._batch.reject(error.subject, error)
        else:
            self._folders.append(folder + name + b"/")

    def _is_good(self, folder: bytes, name: bytes) -> bool:
        if name in (b".", b"..") or is_unfinished(shown(name)):
            return False
        try:
            check_name(name)
        except Refused as e:
            self._batch.reject(shown(folder) + e.subject, e)
            return False
        return True
