"""What the wire corpus states of its files (expectations.json) and where in our entries and articles that is found."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.clean import clean
from ingest.errors import IngestError
from ingest.model import Article, Entry, Payload, Source
from ingest.parse import parse

SOURCE = Source(id="wire", name="A wire", urls=())


def facts(corpus: Path, format: str) -> Iterator[tuple[str, int, dict[str, object]]]:
    """File, number of the item in it, what is stated of it."""
    for one in json.loads((corpus / "expectations.json").read_text()):
        if one["format"] == format:
            yield one["file"], one["item"], one["expect"]


def read(path: Path, item: int) -> tuple[Entry, Article, int]:
    """The entry, the article of it, and how many entries the file has."""
    payload = Payload(source_id="wire", url=f"https://wire.example/{path.name}", body=path.read_bytes())
    parsed = parse(payload)
    entry = parsed.entries[item]
    return entry, clean(entry, SOURCE), len(parsed.entries)


def failures(path: Path, item: int, expected: dict[str, object]) -> list[str]:
    try:
        entry, article, count = read(path, item)
    except (IngestError, IndexError) as e:
        return [f"unreadable: {e}"]
    failed = []
    for name, value in expected.items():
        if name == "n_items":
            found, ok = count, count == value
        else:
            found, ok = CHECKS[name](entry, article, value)
        if not ok:
            failed.append(f"{name}: expected {value!r}, found {found!r}")
    return failed


def all_failures(corpus: Path, format: str) -> list[tuple[str, str]]:
    """Every stated fact of this format that does not hold: the file, and what it is."""
    stated = list(facts(corpus, format))
    return [(file, why) for file, item, expected in stated for why in failures(corpus / file, item, expected)]


def norm(text: object) -> str:
    return " ".join(re.sub(r"[\"“”„«»]|``|''", '"', str(text or "")).replace("’", "'").split())


Check = Callable[[Entry, Article, object], tuple[object, bool]]


def _equals(field: Callable[[Entry, Article], object]) -> Check:
    def check(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
        found = field(entry, article)
        if hasattr(found, "isoformat"):
            found = found.isoformat().replace("+00:00", "Z")
        return found, found == value or (isinstance(value, str) and norm(found) == norm(value))

    return check


def _contains(field: Callable[[Entry, Article], object]) -> Check:
    def check(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
        found = field(entry, article)
        wanted = value if isinstance(value, list) else [value]
        return found, all(norm(one) in norm(found) for one in wanted)

    return check


def _lacks(field: Callable[[Entry, Article], object]) -> Check:
    def check(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
        found = str(field(entry, article) or "")
        wanted = value if isinstance(value, list) else [value]
        return found, not any(one and one in found for one in wanted)

    return check


def _visible(article: Article) -> str:
    """The text with the dateline that cleaning took off it."""
    taken = " ".join(one.text for one in article.removed if one.kind == "dateline")
    return norm(f"{taken} {article.body_text}")


def _starts(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
    bare, full = norm(article.body_text), _visible(article)
    return full[:80], bare.startswith(norm(value)) or full.startswith(norm(value))


def _words(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
    count = len(_visible(article).split())
    assert isinstance(value, int)
    return count, abs(count - value) <= max(0.12 * value, 1)


def _any(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
    found = (entry.priority, entry.urgency)
    assert isinstance(value, list)
    return found, any(one in value for one in found)


def _lines(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
    lines = {norm(line) for line in article.body_text.split("\n")}
    assert isinstance(value, list)
    return sorted(lines)[:5], all(norm(line) in lines for line in value)


CHECKS: dict[str, Check] = {
    "headline": _equals(lambda entry, article: article.headline),
    "headline_contains": _contains(lambda entry, article: article.headline),
    "guid": _equals(lambda entry, article: article.guid),
    "guid_nonempty": lambda entry, article, value: (article.guid, bool(article.guid)),
    "published": _equals(lambda entry, article: article.published),
    "version_created": _equals(lambda entry, article: article.updated),
    "expires": _equals(lambda entry, article: article.expires),
    "urgency": _equals(lambda entry, article: article.urgency),
    "priority": _equals(lambda entry, article: article.urgency),
    "priority_any": _any,
    "pub_status": _equals(lambda entry, article: article.pub_status),
    "subjects": _equals(lambda entry, article: [one.code for one in article.subjects]),
    "keywords": _equals(lambda entry, article: list(article.keywords)),
    "places": _equals(lambda entry, article: [one.name for one in article.places if one.name]),
    "copyright_holder": _equals(lambda entry, article: article.rights.holder),
    "usage_terms_contains": _contains(lambda entry, article: article.rights.usage_terms),
    "byline": _equals(lambda entry, article: article.byline),
    "byline_lacks": _lacks(lambda entry, article: article.byline),
    "dateline_place": _equals(lambda entry, article: article.dateline and article.dateline.place),
    "abstract": _equals(lambda entry, article: entry.summary_html),
    "source": lambda entry, article, value: (entry.info_sources, value in (*entry.info_sources, entry.provider)),
    "source_contains": _contains(lambda entry, article: entry.info_sources),
    "category": _equals(lambda entry, article: article.category),
    "provider_sequence": _equals(lambda entry, article: article.provider_sequence),
    "slugline": _equals(lambda entry, article: article.slugline),
    "slugline_contains": _contains(lambda entry, article: article.slugline),
    "take_key_contains": _contains(lambda entry, article: article.take and article.take.key),
    "ed_note": _equals(lambda entry, article: article.ed_note),
    "ed_note_contains": _contains(lambda entry, article: f"{article.ed_note} {article.private_note}"),
    "replaces": lambda entry, article, value: (
        article.associations,
        any(one.rel == "replaces" and one.guid == value for one in article.associations),
    ),
    "body_starts": _starts,
    "body_word_count": _words,
    "body_contains": _contains(lambda entry, article: article.body_text),
    "body_lacks": _lacks(lambda entry, article: article.body_text),
    "preserved_lines": _lines,
    "image_count": _equals(lambda entry, article: len(article.images)),
    "image_captions": _equals(lambda entry, article: [one.caption for one in article.images]),
    "image_alts": _equals(lambda entry, article: [one.alt for one in article.images]),
}
