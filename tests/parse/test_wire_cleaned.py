"""Wire items through parsing and cleaning: what only shows when both have done their part."""

from ingest.clean import clean
from ingest.model import Article, Payload, Source
from ingest.parse import parse

PHOTO = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:photo:1" version="1" standard="NewsML-G2">
<itemMeta><itemClass qcode="ninat:picture"/><versionCreated>2026-04-05T10:00:00Z</versionCreated></itemMeta>
<contentMeta><headline>Ferry at its pier</headline>
<description role="drol:caption">The ferry at its pier in Wellbay, April 5, 2026.
(Photo by Ada Moor/Quay Pictures)</description>
</contentMeta>
<contentSet><remoteContent rendition="rnd:highRes" href="https://pictures.example/ferry.jpg" contenttype="image/jpeg"/>
</contentSet></newsItem>"""


def landed(body: bytes) -> Article:
    (entry,) = parse(Payload(source_id="s", url="https://wire.example/1", body=body)).entries
    return clean(entry, Source(id="s", name="A wire", urls=()))


def test_an_abstract_that_reads_like_a_caption_is_no_second_picture() -> None:
    article = landed(PHOTO.encode())
    assert [image.url for image in article.images] == ["https://pictures.example/ferry.jpg"]
    assert article.images[0].caption
    assert article.summary


def test_no_break_spaces_in_a_row_are_one_space() -> None:
    text = "–\u2009\u00a0The pier&#160;&#160; is <b>open</b>\u00a0\u00a0<i>again</i>."
    body = f"<nitf><head/><body><body.content><p>{text}</p><pre>1\u00a0\u00a02</pre></body.content></body></nitf>"
    assert landed(body.encode()).body_text == "– The pier is open again.\n\n1  2"
