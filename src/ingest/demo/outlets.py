"""Who publishes in the demo: four agencies and the papers, stations and sites that use them. All invented."""

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["atom1", "atom03", "rss2", "rss2-summary", "rss1", "rss091", "rss092", "json", "sitemap", "podcast"]
GuidStyle = Literal["tag", "permalink", "number", "none", "empty", "repeated"]
Decor = Literal["wire", "messy", "tidy"]
Kinds = dict[str, int]


@dataclass(frozen=True)
class Agency:
    name: str
    code: str
    houses: tuple[str, ...]  # picture houses and distributors its photographs pass through
    distributor: str | None = None


AGENCIES = {
    "mpa-wire": Agency("Meridian Press Agency", "MPA", ("Picture House", "TND"), "Tidewater News Distribution, LLC"),
    "nlp-dienst": Agency("Nordlicht Presse", "nlp", ("Bildkontor Nord",)),
    "azur-depeches": Agency("Agence Presse Azur", "APAZ", ("Photothèque du Port",)),
    "isn-cable": Agency("Iberasur Noticias", "ISN", ("Fototeca Austral",)),
}


@dataclass(frozen=True)
class Outlet:
    """`own` and `own_late`: events by kind, first and second day; `copies`: taken from `wire`, likewise."""

    id: str
    name: str
    language: str
    format: Format
    own: Kinds = field(default_factory=dict)
    own_late: Kinds = field(default_factory=dict)
    wire: str | None = None
    copies: int = 0
    excerpts: int = 0
    copies_late: int = 0
    reissues: int = 0  # the same story sent again under a new guid, longer or corrected
    only: str | None = None  # copies are of this section only
    guid: GuidStyle = "tag"
    decor: Decor = "tidy"
    charset: str = "utf-8"
    coding: Literal["identity", "gzip", "br", "zstd"] = "identity"
    tracking: bool = False
    sections: bool = False  # a front page and one feed a section, the same items in both
    zone: str = "UTC"
    zoneless_dates: bool = False
    folder: bool = False
    bad_pages: tuple[int, ...] = ()  # statuses of the first items' pages
    changes: tuple[str, ...] = ()  # what happens to the first items on day 2

    @property
    def page_only(self) -> bool:
        return self.format in ("rss2-summary", "sitemap")

    @property
    def at_page(self) -> bool:
        """Whether the story is read from its page: the feed has no full text, or does not say that it is one."""
        return self.page_only or self.format in ("rss091", "rss092")

    @property
    def states_rights(self) -> bool:
        """Whether the notice is in a field of the feed, not in the text: agencies do so where the format has one."""
        return self.id in AGENCIES and self.format in ("atom1", "rss2")


WIRE_CHANGES = ("updated", "updated", "updated", "corrected", "corrected", "killed", "touched", "touched", "gone")

OUTLETS = (
    Outlet(
        "mpa-wire",
        "Meridian Press Agency",
        "en",
        "atom1",
        own={"topic": 33, "earnings": 10, "weather": 4, "court": 3, "planning": 2, "feature": 1, "roundup": 1},
        own_late={"topic": 4, "earnings": 1},
        reissues=3,
        decor="wire",
        coding="zstd",
        changes=WIRE_CHANGES,
    ),
    Outlet(
        "harbour-herald",
        "Harbour Herald",
        "en",
        "rss2",
        wire="mpa-wire",
        copies=30,
        excerpts=3,
        copies_late=3,
        own={"topic": 4, "planning": 4, "court": 4, "transport": 3, "weather": 2},
        own_late={"topic": 1, "court": 1},
        decor="messy",
        sections=True,
        coding="gzip",
        changes=("updated", "corrected", "touched"),
    ),
    Outlet(
        "valley-post",
        "The Valley Post",
        "en",
        "rss2-summary",
        wire="mpa-wire",
        copies=18,
        copies_late=2,
        own={"topic": 2, "planning": 4, "court": 2, "transport": 3},
        own_late={"planning": 1},
        guid="permalink",
        tracking=True,
        bad_pages=(404, 500),
        changes=("", "", "updated", "touched"),
    ),
    Outlet(
        "north-quay-gazette",
        "North Quay Gazette",
        "en",
        "rss1",
        wire="mpa-wire",
        copies=22,
        excerpts=1,
        own={"planning": 2, "court": 3, "transport": 2, "weather": 2},
        guid="none",
        charset="iso-8859-1",
        zone="Europe/Berlin",
        zoneless_dates=True,
    ),
    Outlet(
        "old-mill-courier",
        "Old Mill Courier",
        "en",
        "rss091",
        wire="mpa-wire",
        copies=12,
        excerpts=5,
        own={"planning": 2, "transport": 2},
        guid="none",
        charset="windows-1252",
        decor="messy",
        tracking=True,
    ),
    Outlet(
        "ridge-radio",
        "Ridge Radio News",
        "en",
        "rss092",
        wire="mpa-wire",
        copies=6,
        excerpts=8,
        own={"weather": 2},
        guid="empty",
    ),
    Outlet(
        "capital-ledger",
        "Capital Ledger",
        "en",
        "json",
        wire="mpa-wire",
        copies=5,
        only="business",
        own={"earnings": 20},
        own_late={"earnings": 2},
        coding="br",
        changes=("updated", "corrected"),
    ),
    Outlet("stadium-daily", "Stadium Daily", "en", "rss2", own={"match": 26, "roundup": 1}, guid="repeated"),
    Outlet(
        "lowland-observer",
        "Lowland Observer",
        "en",
        "sitemap",
        wire="mpa-wire",
        copies=18,
        own={"topic": 2, "court": 2, "planning": 1, "feature": 1},
        guid="none",
    ),
    Outlet(
        "wire-drop",
        "Tidewater Drop Box",
        "en",
        "rss2",
        wire="mpa-wire",
        copies=18,
        copies_late=3,
        own={"earnings": 2},
        guid="number",
        decor="messy",
        folder=True,
    ),
    Outlet(
        "nlp-dienst",
        "Nordlicht Presse",
        "de",
        "rss2",
        own={"topic": 9, "earnings": 3, "weather": 2},
        own_late={"topic": 1},
        decor="wire",
        coding="br",
        changes=("updated", "corrected", "touched"),
    ),
    Outlet(
        "tagesbote",
        "Der Tagesbote",
        "de",
        "atom03",
        wire="nlp-dienst",
        copies=11,
        excerpts=1,
        copies_late=1,
        own={"topic": 1, "match": 4},
        decor="messy",
    ),
    Outlet(
        "seeblatt",
        "Seeblatt",
        "de",
        "rss2-summary",
        wire="nlp-dienst",
        copies=8,
        own={"match": 3, "earnings": 3},
        guid="permalink",
        charset="iso-8859-1",
    ),
    Outlet(
        "azur-depeches",
        "Agence Presse Azur",
        "fr",
        "atom1",
        own={"topic": 9, "earnings": 2, "weather": 2},
        own_late={"topic": 1},
        decor="wire",
        changes=("", "updated"),
    ),
    Outlet(
        "le-phare",
        "Le Phare du Littoral",
        "fr",
        "rss2",
        wire="azur-depeches",
        copies=10,
        excerpts=2,
        copies_late=1,
        own={"match": 5, "earnings": 2},
        guid="none",
        charset="utf-16",
        coding="gzip",
        decor="messy",
    ),
    Outlet(
        "isn-cable",
        "Iberasur Noticias",
        "es",
        "json",
        own={"topic": 9, "earnings": 2, "weather": 2},
        own_late={"topic": 1},
        decor="wire",
        changes=("corrected",),
    ),
    Outlet(
        "gaceta-estuario",
        "Gaceta del Estuario",
        "es",
        "rss2",
        wire="isn-cable",
        copies=10,
        excerpts=1,
        own={"match": 5, "earnings": 2},
        guid="none",
        decor="messy",
        tracking=True,
    ),
    Outlet(
        "voce-golfo",
        "La Voce del Golfo",
        "it",
        "atom1",
        own={"topic": 8, "match": 5, "earnings": 4, "weather": 2},
        own_late={"topic": 1},
        coding="br",
        guid="permalink",
    ),
    Outlet(
        "folha-ria",
        "Folha da Ria",
        "pt",
        "rss2",
        own={"topic": 8, "match": 5, "earnings": 4, "weather": 2},
        own_late={"topic": 1},
        guid="number",
        coding="zstd",
    ),
    Outlet("minato-shimpo", "みなと新報", "ja", "rss2", own={"topic": 6, "match": 3, "weather": 3}, guid="number"),
    Outlet("sahil-akhbar", "أخبار الساحل", "ar", "atom1", own={"topic": 6, "match": 3, "weather": 3}),
    Outlet("quayside-podcast", "Quayside, the podcast", "en", "podcast", own={"audio": 6}),
    Outlet("fault-moved", "Moved Mercury", "en", "rss2", wire="mpa-wire", copies=6, guid="permalink"),
    Outlet(
        "fault-wrong-encoding",
        "Mislabelled Messenger",
        "en",
        "rss2",
        wire="mpa-wire",
        copies=5,
        guid="number",
        charset="windows-1252",
    ),
    Outlet("fault-broken-xml", "Ampersand Advertiser", "en", "rss2", wire="mpa-wire", copies=4, guid="number"),
)
