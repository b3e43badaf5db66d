"""The documents say what the program does."""

import re
from pathlib import Path

from ingest.model import Article
from ingest.parse.fieldtable import markdown

DOCS = Path(__file__).parents[1] / "docs"


def test_every_field_of_an_article_is_described_in_order() -> None:
    described = re.findall(r"^\| `(\w+)` \|", (DOCS / "articles.md").read_text(), re.MULTILINE)
    assert described == list(Article.model_fields)


def test_links_between_documents_lead_somewhere() -> None:
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        prose = re.sub(r"`[^`\n]*`", "", page.read_text())
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", prose):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_the_table_of_formats_is_current() -> None:
    """python -m ingest.parse.fieldtable > docs/formats.md"""
    assert (DOCS / "formats.md").read_text() == markdown()
