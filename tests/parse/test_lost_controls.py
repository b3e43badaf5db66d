"""IPTC 7901 and ANPA whose control characters were lost or spelt out on the way read as they would have."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.model import Entry, Payload
from ingest.parse import parse
from tests.parse.cases import folders

NAMES = {
    0x01: "SOH", 0x02: "STX", 0x03: "ETX", 0x04: "EOT", 0x08: "BS", 0x0C: "FF", 0x10: "DLE", 0x11: "DC1", 0x12: "DC2",
    0x13: "DC3", 0x14: "DC4", 0x16: "SYN", 0x1F: "US",
}  # fmt: skip
FORMS: dict[str, Callable[[int], str]] = {
    "lost": lambda code: "",
    "names": lambda code: f"<{NAMES[code]}>",
    "brackets": lambda code: f"[{NAMES[code]}]",
    "carets": lambda code: f"^{chr(code + 64)}",
    "pictures": lambda code: chr(0x2400 + code),
}
LOST = "its control characters are lost or spelt out"
PLAIN = [
    one for part in ("iptc7901-plain", "iptc7901-embargo", "anpa-plain", "anpa-writethru") for one in folders(part)
]
NO_MESSAGES = [
    "Sun12 3 x 4 Mon 5\n\nA table.\n",
    "nwa0417 4 i 46 aaaab   nwa 0203\n\nA line that stands alone, and prose below it.\n",
    "W0101 nwenl\nu a BC-One 03-09 0120\nNo line of a heading.\n",
    "<SOH> is the first control character, and ^A another way to write it.\n",
    "<SOH>nwa</SOH>",
    '{"SOH": "<SOH>nwa0417 4 i 46 "}',
]


def entries(body: bytes) -> tuple[Entry, ...]:
    return parse(Payload(source_id="s", url="f", body=body)).entries


def written(body: bytes, form: str) -> bytes:
    bare = body.replace(b"\x7f", b"")
    return b"".join(FORMS[form](one).encode() if one in NAMES else bytes([one]) for one in bare)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("folder", PLAIN, ids=lambda path: path.name)
def test_reads_as_with_its_control_characters(folder: Path, form: str) -> None:
    body = next(folder.glob("input.*")).read_bytes()
    wanted = entries(body)
    assert wanted
    told = tuple(one.model_copy(update={"warnings": (LOST, *one.warnings)}) for one in wanted)
    assert entries(written(body, form)) == told
    assert entries(written(body * 3, form)) == told * 3
    assert entries(body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\r\n")) == wanted


@pytest.mark.parametrize("text", NO_MESSAGES)
def test_what_only_looks_like_a_header_is_no_message(text: str) -> None:
    try:
        found = parse(Payload(source_id="s", url="f", body=text.encode())).format
    except IngestError:
        return
    assert found not in {"anpa", "iptc7901"}
