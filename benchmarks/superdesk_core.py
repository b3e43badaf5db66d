"""superdesk-core's parsers on the same files, for `parse_wires`: a script for an interpreter that has superdesk-core.

It cannot live in our environment (its licence is the AGPL, its Flask is of 2020). `python -m benchmarks parse_wires`
compares with it if $INGEST_PEER_PYTHON names an interpreter set up so, with pip 23 (later ones may refuse
celery 5.1.2), and with newer versions where its pins do not build:

    python3.11 -m venv peer
    peer/bin/pip install --no-deps superdesk-core==2.5.3
    peer/bin/pip install 'setuptools<81' eve==1.1.2 eve-elastic==7.1.4 'flask<1.2' 'werkzeug<1.1' 'markupsafe<2.1' \\
        'flask-babel<1.1' 'flask-script<3' 'flask-mail<0.10' 'pymongo<3.12' celery==5.1.2 'blinker<1.5' arrow==0.13 \\
        'tzlocal<3' 'redis<4' 'chardet<4' lxml==6.1.3 lxml_html_clean bcrypt boto3 'draftjs-exporter<2.2' hachoir \\
        mongolock pillow python-magic pyyaml regex requests unidecode websockets
    INGEST_PEER_PYTHON=peer/bin/python python -m benchmarks parse_wires

There is no database behind it: its vocabularies are empty, its users and desks unknown. Its parsers for the formats as
such are measured, told which format it is, and not those for single agencies, which do more with the same bytes.

In: `{"files": […], "times": …, "rounds": …}`. Out: for each file that it gets items from, the CPU seconds for `times`
readings of it, the best of some rounds: as it comes, and with its list of cities emptied.
"""

import asyncio
import json
import logging
import sys
import time
import types
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

PARSERS = ("nitf", "newsml2", "newsml12", "iptc7901", "anpa1312", "ninjs")
Work = Callable[[], object]


class Nothing:
    """A resource and its service, with nothing in it."""

    @property
    def service(self) -> "Nothing":
        return self

    def find_one(self, _id: str | None = None, **_: object) -> dict[str, list[object]] | None:
        return {"items": []} if _id == "locators" else None

    def get(self, **_: object) -> None:
        return None


def main() -> None:
    asked = json.load(sys.stdin)
    logging.disable(logging.CRITICAL)
    asyncio.coroutine = types.coroutine  # type: ignore[attr-defined]  # it decorates with what Python 3.11 dropped
    app, parsers = _superdesk()
    found = {}
    with app.app_context():
        for file in asked["files"]:
            if work := _work(parsers, file):
                found[file] = [_least(app, cities, work, asked) for cities in (app.cities, ())]
    json.dump(found, sys.stdout)


def _superdesk() -> tuple[Any, list[Any]]:
    """An application with what the parsers ask it for, and the parsers."""
    import flask
    import superdesk  # type: ignore[import-not-found]
    from superdesk import locators
    from superdesk.io import feed_parsers  # type: ignore[import-not-found] # noqa: F401  # registers them
    from superdesk.io.iptc import subject_codes  # type: ignore[import-not-found]
    from superdesk.io.registry import registered_feed_parsers  # type: ignore[import-not-found]
    from superdesk.io.subjectcodes import SubjectIndex  # type: ignore[import-not-found]

    app: Any = flask.Flask("peer")
    app.config.from_object("superdesk.default_settings")
    app.subjects = SubjectIndex()
    app.subjects.register(subject_codes)
    app.cities = json.loads(Path(locators.__file__).with_name("data").joinpath("locators.json").read_bytes())
    app.locators = locators.LocatorIndex()
    superdesk.resources.update(dict.fromkeys(("vocabularies", "users", "desks", "stages"), Nothing()))
    return app, [registered_feed_parsers[name] for name in PARSERS]


def _work(parsers: list[Any], file: str) -> Work | None:
    """From the file on disk to items, by the first parser that says it can and does; None if there is none."""
    for parser in parsers:
        # those of XML want the tree, the others the path
        read: Callable[[str], Any] = _tree if hasattr(parser, "do_mapping") else str
        try:
            if parser.can_parse(read(file)) and _parse(parser, read, file):
                return partial(_parse, parser, read, file)
        except Exception:  # whatever it raises: not by this one
            continue
    return None


def _parse(parser: Any, read: Callable[[str], Any], file: str) -> object:
    return parser.parse(read(file), {})


def _tree(file: str) -> Any:
    from lxml import etree

    return etree.parse(file).getroot()


def _least(app: Any, cities: Sequence[Any], work: Work, asked: dict[str, Any]) -> float:
    app.locators.register(cities)
    took = []
    for _ in range(asked["rounds"]):
        began = time.process_time()
        for _ in range(asked["times"]):
            work()
        took.append(time.process_time() - began)
    return min(took)


if __name__ == "__main__":
    main()
