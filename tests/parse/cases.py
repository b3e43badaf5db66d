"""The fixtures of the parse stage: a folder with input.*, expected.json and, where it matters, source.json.

python -m tests.parse.cases          rewrite every expected.json; the diff is what gets reviewed
python -m tests.parse.cases atom     those whose folder's name holds "atom"
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import IngestError
from ingest.model import Payload
from ingest.parse import parse

ROOT = Path(__file__).resolve().parents[1] / "fixtures" / "parse"


def folders(part: str = "") -> Iterator[Path]:
    return (path.parent for path in sorted(ROOT.rglob("input.*")) if part in str(path.parent.relative_to(ROOT)))


def outcome(folder: Path) -> dict[str, object]:
    """What parsing gives, without what is at its default; or the error."""
    path = next(folder.glob("input.*"))
    said = folder / "source.json"
    fields = json.loads(said.read_text()) if said.exists() else {}
    format = fields.pop("format", "auto")
    url = fields.pop("url", f"https://feeds.example/{folder.name}")
    payload = Payload(source_id="fixture", url=url, body=path.read_bytes(), **fields)
    try:
        return parse(payload, format).model_dump(mode="json", exclude_defaults=True)
    except IngestError as e:
        return {"error": e.code, "why": e.why, "hint": e.hint}


def text_of(result: dict[str, object]) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for one in folders(*sys.argv[1:2]):
        (one / "expected.json").write_text(text_of(outcome(one)))
        print(one.relative_to(ROOT))
