"""One base error. Each says what happened, to what, what to do next, and whether a retry is any use.

A bad item is a `Reject` (a value, see `model`); a bad payload, feed or setting is one of these errors; anything else
is a bug and keeps its own traceback.
"""


class IngestError(Exception):
    """Something outside our code is not as it should be.

    `subject` is the feed, URL, file or key; `why` is what is wrong with it; `hint` is what a person can do next.
    All three are in `args`, so that the error survives pickling between processes.
    """

    code = "ingest-error"
    retry = False

    def __init__(self, subject: str, why: str, hint: str = "") -> None:
        super().__init__(subject, why, hint)
        self.subject, self.why, self.hint = subject, why, hint

    def __str__(self) -> str:
        text = f"{self.subject}: {self.why}"
        return f"{text} ({self.hint})" if self.hint else text


class BadConfig(IngestError):
    """A setting or the sources registry is wrong. `subject` is FILE:LINE where there is a file."""

    code = "bad-config"


class Malformed(IngestError):
    """The bytes are not what the format promises. They go to quarantine."""

    code = "malformed"


class UnknownFormat(Malformed):
    """No parser claims these bytes."""

    code = "unknown-format"


class FetchFailed(IngestError):
    """The source did not give us a payload this time; trying later makes sense."""

    code = "fetch-failed"
    retry = True


class TooLarge(FetchFailed):
    """More bytes (as sent or as decompressed) than the source's limit."""

    code = "too-large"
    retry = False


class TooSlow(FetchFailed):
    """The total time for one fetch was over; slow drips count."""

    code = "too-slow"


class TooManyRedirects(FetchFailed):
    """A loop, or more hops than the limits allow."""


class Paused(FetchFailed):
    """Not asked at all: the host wants to be left alone, for `seconds` more. No failure of what was to be fetched."""

    code = "paused"

    def __init__(self, subject: str, why: str, hint: str = "", seconds: float = 0.0) -> None:
        super().__init__(subject, why, hint)
        self.args = (subject, why, hint, seconds)
        self.seconds = seconds


class Disallowed(FetchFailed):
    """The site's robots.txt does not want us to fetch this page. It may change its mind, but not within hours."""

    code = "robots"
    retry = False


class HttpError(FetchFailed):
    """A final status of 400 or more. 404 and 5xx may pass; the schedule decides when to ask again."""

    code = "http-error"

    def __init__(self, subject: str, why: str, hint: str = "", status: int = 0) -> None:
        super().__init__(subject, why, hint)
        self.args = (subject, why, hint, status)
        self.status = status


class Gone(HttpError):
    """410: the publisher says it will not come back. The source is retired, with notice."""

    code = "gone"
    retry = False


class Refused(IngestError):
    """An address, scheme or redirect that the guard does not allow."""

    code = "refused"


class NoContent(IngestError):
    """A page without a story in it: an index, a consent wall, an empty shell."""

    code = "no-content"


class Hopeless(NoContent):
    """What is left of an item after cleaning is no story: a wall, a menu, code, undecoded bytes."""

    code = "hopeless"


class Crashed(IngestError):
    """What was done with it took its process down (see `isolation`). The bytes are in the raw archive."""

    code = "crashed"


class Hung(Crashed):
    """It took the processor for longer than the settings allow."""

    code = "hung"


class OutOfMemory(Crashed):
    """It took more memory than the settings allow."""

    code = "out-of-memory"


class StoreUnavailable(IngestError):
    """The object store did not answer, or answered 409 or 5xx."""

    code = "store-unavailable"
    retry = True


class NotStored(IngestError):
    """The object or table asked for is not in the store."""

    code = "not-stored"


class Conflict(IngestError):
    """An object that must be new is there already, with other bytes."""

    code = "conflict"


class NotSent(IngestError):
    """A channel did not take an alert. It goes out by the others."""

    code = "not-sent"
    retry = True


class Damaged(IngestError):
    """Something that landed was lost, damaged or doubled."""

    code = "damaged"


class StateError(IngestError):
    """The state database is missing, of another version, or did not answer."""

    code = "state-error"


class TooManyFailed(IngestError):
    """More sources failed in a run than the settings allow. What was good has landed."""

    code = "too-many-failed"
