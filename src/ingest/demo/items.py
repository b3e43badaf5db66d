"""What the demo publishes, item by item, and the truth about each: what should land and what must not."""

from datetime import datetime
from typing import Literal

from ingest.model import ArticleType, Block, Model, PubStatus, Relation, RemovedKind

Change = Literal["new", "same", "updated", "corrected", "killed", "touched", "gone"]


class Photo(Model):
    url: str
    caption: str  # without the credit
    alt: str
    photographer: str | None = None
    agency: str | None = None
    distributors: tuple[str, ...] = ()
    width: int = 1200
    height: int = 800

    @property
    def credit(self) -> str:
        """As printed: Name/AGENCY via House/CODE."""
        credit = "/".join(part for part in (self.photographer, self.agency) if part)
        return f"{credit} via {'/'.join(self.distributors)}" if self.distributors else credit


class Extra(Model):
    """Something around the story that is no part of it. `at` is the number of blocks before it; -1: after the last."""

    kind: RemovedKind
    text: str
    at: int = -1
    href: str | None = None


class Audio(Model):
    url: str
    duration: str
    length: int


class TruthItem(Model):
    """One item of one source on one day. `guid` is the publisher's, or the canonical URL where it gives none to use.

    `blocks` is the story and nothing else (no dateline, byline, caption, notices); `extras` is what cleaning must
    take out; `notes` stay in the body, behind it, if they are for readers ("CORRECTION: …"), and land in `ed_note` if
    they are for editors. `change` tells what happened on day 2, `version` which version should be the latest after
    both days were read; the second version's `relation` is "update" or "correction", whatever the first one's was.
    `lands` is false for items whose page cannot be had.
    """

    source_id: str
    guid: str
    guid_sent: str | None
    url: str | None
    type: ArticleType = "text"
    pub_status: PubStatus = "usable"
    headline: str
    subheadline: str | None = None
    byline: str | None = None
    author: str | None = None
    dateline: str | None = None
    place: str | None = None
    language: str
    published: datetime
    dated: bool = True  # false where the feed's format has no date for an item
    updated: datetime | None = None
    sections: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    extras: tuple[Extra, ...] = ()
    notes: tuple[str, ...] = ()
    photo: Photo | None = None
    audio: Audio | None = None
    provider: str | None = None
    rights_holder: str | None = None
    rights_year: int | None = None
    rights_notice: str | None = None
    rights_distributor: str | None = None
    story: str  # key of the event
    templated: bool = False  # looks like others of its kind without being the same story
    relation: Relation = "canonical"
    change: Change = "new"
    version: int = 1
    full_text_at: Literal["feed", "page"] = "feed"
    page_status: int = 200
    lands: bool = True

    @property
    def body(self) -> tuple[str, ...]:
        """The text of the story's blocks."""
        return tuple(block.text for block in self.blocks)

    @property
    def path(self) -> str:
        """The path of the item's page on the demo server."""
        return "/" + (self.url or "").split("/", 3)[3].partition("?")[0]
