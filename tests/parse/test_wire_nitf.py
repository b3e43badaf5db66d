"""NITF: what the real files state of themselves, hostile documents, any bytes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora import corpora
from tests.parse.cases import folders
from tests.parse.hostile import MODEST, mutated, tried
from tests.parse.wire import all_failures

SEEDS = [next(folder.glob("input.*")).read_bytes() for folder in folders("nitf-")]


def test_facts_of_real_files() -> None:
    failed = all_failures(corpora("wire"), "nitf")
    assert failed == []


@MODEST
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_documents(seed: bytes, dice: random.Random) -> None:
    tried(mutated(seed, dice), "nitf")


@MODEST
@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    tried(body, "nitf")


@MODEST
@given(st.text(max_size=120))
def test_any_text_in_any_place(value: str) -> None:
    safe = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    doc = (
        f'<meta name="anpa-takekey" content="{safe}"/><docdata management-status="{safe}"><doc-id id-string="{safe}"/>'
        f'<date.issue norm="{safe}"/><date.release norm="{safe}"/><urgency ed-urg="{safe}"/><ed-msg info="{safe}"/>'
        f'<series series.part="{safe}"/></docdata>'
    )
    top = f"<hedline><hl1>{safe}</hl1></hedline><byline>{safe}</byline><dateline>{safe}</dateline>"
    media = f'<media media-type="image"><media-reference source="{safe}" width="{safe}"/></media>'
    content = f"<body.content><p>{safe}<br/>{safe}</p>{media}</body.content>"
    tried(f"<nitf><head>{doc}</head><body><body.head>{top}</body.head>{content}</body></nitf>".encode(), "nitf")


@pytest.mark.parametrize(
    "body",
    [
        b"<nitf>" + b"<block>" * 10_000,
        b"<nitf><body><body.content>" + b"<block>" * 200 + b"</block>" * 200 + b"</body.content></body></nitf>",
        b"<nitf><body><body.content>" + b"<p>" + b"x<br/>" * 100_000 + b"</p></body.content></body></nitf>",
        b"<nitf><body><body.content>" + b"<media media-type='image'/>" * 20_000 + b"</body.content></body></nitf>",
        b"<nitf><head><title>" + b"1 " * 500_000 + b"</title></head></nitf>",
        b'<nitf><head><docdata><ed-msg info="' + b"embargoed until " * 60_000 + b'"/></docdata></head></nitf>',
        b"<nitf><body><body.head><byline>" + b"By " * 300_000 + b"</byline></body.head></body></nitf>",
        b"<nitf>" * 20_000,
    ],
    ids=["depth", "nested", "breaks", "media", "title", "embargo", "byline", "roots"],
)
def test_hostile_documents_end(body: bytes) -> None:
    tried(body, "nitf")
