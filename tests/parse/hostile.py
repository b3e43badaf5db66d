"""Any bytes in: a Parsed or an IngestError out. What the tests of the wire formats share."""

import random

from hypothesis import HealthCheck, settings

from ingest.errors import IngestError
from ingest.model import Parsed, Payload
from ingest.parse import formats

MODEST = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_SCRAPS = [
    b"\x00",
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\x08",
    b"\x10",
    b"\x12",
    b"\x1f",
    b"\xff",
    b"\xc3",
    b"^",
    b"<",
    b"=\n",
    b"\n\n",
    b"# NOTEBOOK\n",
    b"not for publication\n",
    b"EMBARGOED UNTIL 99 ",
    b"9" * 40,
    b" " * 300,
    b"<!--",
    b"<![CDATA[",
    b"<media>",
    b"</p>",
    b"&#0;",
    b"'",
    b'"',
    b"KILL",
    b"1st Add",
]


def tried(body: bytes, format: str) -> Parsed | None:
    payload = Payload(source_id="p", url="https://p.example/f", body=body, zone="Europe/Oslo")
    try:
        return formats()[format].parse(payload)
    except IngestError as e:
        assert e.why
        return None


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """A prefix, a suffix, a hole, flipped bits or something put in, several times over."""
    body = bytearray(seed)
    for _ in range(dice.randint(1, 5)):
        at, end = sorted((dice.randint(0, len(body)), dice.randint(0, len(body))))
        match dice.randint(0, 4):
            case 0:
                body[at:at] = dice.choice(_SCRAPS)
            case 1:
                del body[at:end]
            case 2:
                body = body[:at] if dice.random() < 0.5 else body[at:]
            case 3 if body:
                body[at % len(body)] ^= 1 << dice.randint(0, 7)
            case _:
                body[at:at] = body[at : min(end, at + 200)]
    return bytes(body)
