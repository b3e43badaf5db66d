"""`python -m ingest.contract`: write what is made of the schema, below docs/."""

import re
from pathlib import Path

from ingest.contract.datacontract import data_contract
from ingest.contract.fields import markdown
from ingest.contract.schema import article_schema

_TABLE = re.compile(r"^\| field \| type .*?(?=^\s*$)", re.MULTILINE | re.DOTALL)


def made(docs: Path) -> dict[Path, bytes]:
    """Each file, and what should be in it."""
    page = docs / "articles.md"
    return {
        docs / "contract" / "article.schema.json": article_schema(),
        docs / "contract" / "datacontract.yaml": data_contract().encode(),
        page: _TABLE.sub(lambda _: markdown(), page.read_text("utf-8")).encode(),
    }


def main(docs: Path = Path("docs")) -> None:
    for path, body in made(docs).items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)


if __name__ == "__main__":
    main()
