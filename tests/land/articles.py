"""Invented articles for the tests of the store."""

from datetime import UTC, date, datetime

from ingest.model import (
    Article,
    Block,
    Dateline,
    Evidence,
    Extraction,
    Image,
    Link,
    RawRef,
    Removed,
    Rights,
    Subject,
    article_id_of,
    content_hash_of,
)

LANDED = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


def article(number: int, version: int = 1, source_id: str = "harbour-post", text: str = "The ferry ran.") -> Article:
    body = f"{text} It was trip {number}, attempt {version}."
    return Article(
        article_id=article_id_of(source_id, str(number)),
        version=version,
        source_id=source_id,
        guid=str(number),
        headline=f"Trip {number}",
        blocks=(Block(kind="paragraph", text=body),),
        body_text=body,
        content_hash=content_hash_of(None, None, body, "usable"),
        story_id=f"story-{number % 3}",
    )


def full_article() -> Article:
    """Every field set, with text that tests spans and encodings."""
    texts = ("Gulls 🐦 came.", "Boats", "first\nsecond", "", "not in the body")
    return Article(
        article_id="a" * 32,
        version=3,
        source_id="s",
        provider="Harbour Wire",
        guid="g",
        provider_version="7",
        url="https://harbour.example/1",
        type="composite",
        pub_status="withheld",
        headline="H",
        subheadline="S",
        slugline="gulls",
        summary="Sum",
        byline="By A. Tern",
        authors=("A. Tern", "B. Plover"),
        dateline=Dateline(text="PORT (HW) —", place="Port", date="March 14"),
        language="en-GB",
        published=datetime(2026, 3, 14, 1, 2, 3, 456789, tzinfo=UTC),
        updated=datetime(2026, 3, 14, 2, tzinfo=UTC),
        embargoed_until=datetime(2027, 1, 1, tzinfo=UTC),
        fetched_at=datetime(2026, 3, 14, 3, tzinfo=UTC),
        urgency=4,
        genre="news",
        keywords=("gulls",),
        subjects=(Subject(scheme="medtop", code="20000001", name="arts"),),
        ed_note="Note",
        blocks=(
            Block(kind="paragraph", text=texts[0]),
            Block(kind="heading", text=texts[1], level=2),
            Block(kind="list", text=texts[2], items=("first", "second")),
            Block(kind="table", text=texts[3], rows=(("a", "b"), ("c", ""))),
            Block(kind="quote", text=texts[4]),
        ),
        body_text="\n\n".join(texts[:4]),
        body_html="<p>Gulls</p>",
        word_count=5,
        images=(Image(url="u", caption="c", distributors=("X", "Y"), width=1, height=2, taken=date(2026, 3, 1)),),
        rights=Rights(holder="Harbour", year=2026),
        removed=(Removed(kind="promo", text="Subscribe", rule="promo-line"),),
        links=(Link(url="l", text="t"), Link(url="m")),
        story_id="b" * 32,
        relation="copy",
        duplicate_of="c" * 32,
        similarity=0.75,
        evidence=Evidence(rule="r", scores={"containment": 0.9}, passages=("Gulls came.",), note="n"),
        content_hash="d" * 64,
        raw=RawRef(archive="raw/x", offset=2**33, length=10, sha256="e" * 64),
        extraction=Extraction(method="feed", version="1", quality=0.5),
        warnings=("w",),
        run_id="run-1",
    )
