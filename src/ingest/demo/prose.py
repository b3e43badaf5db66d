"""Handwritten text with choices and slots, made into sentences.

`[a|b]` chooses (nested is fine), `{team}` takes the next word of that list, `{person2}` invents a name (`{personf2}` a
woman's, `{personm2}` a man's), and `{goals:2-5}` draws a number once and keeps it for the rest of the story, so that
`{goals}` may follow.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ja", "ar")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)(?::([\d.]+)-([\d.]+))?\}")
_DATES = ("weekday", "month", "day", "year")
_SENTENCE = re.compile(r"(^[“«„¿¡]?|[.!?][”»“]? [“«„¿¡]?)([^\W\d_])")


@cache
def lexicon(language: str) -> Mapping[str, Any]:
    """Everything under texts/LANGUAGE, merged. The files are part of the package; a broken one is a bug."""
    merged: dict[str, Any] = {}
    for part in sorted(files("ingest.demo").joinpath("texts", language).iterdir(), key=lambda p: p.name):
        for name, held in tomllib.loads(part.read_text("utf-8")).items():
            merged[name] = {**merged.get(name, {}), **held} if isinstance(held, dict) else held
    return merged


@dataclass
class Words:
    """What one story has said so far: each slot keeps its value, no list word is used twice."""

    language: str
    rng: Random
    index: int = 0  # of the story among its kind: slots without a number take the list's words in turn
    known: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fresh(self) -> "Words":
        """For one more item of the same story: forgets the slots, but takes no name twice."""
        kept = {name: value for name, value in self.known.items() if name in _DATES}
        return Words(self.language, self.rng, self.index, kept, self.used)

    def value(self, name: str, low: str | None, high: str | None) -> str:
        if name not in self.known:
            self.known[name] = self._number(low, high) if low and high else self._word(name)
        return self.known[name]

    def _number(self, low: str, high: str) -> str:
        mark = str(lexicon(self.language)["decimal"])
        if "." in low:
            return f"{self.rng.uniform(float(low), float(high)):.1f}".replace(".", mark)
        number = self.rng.randint(int(low), int(high))
        group = {".": ",", ",": "."}[mark]
        return f"{number:,}".replace(",", group) if number >= 10_000 else str(number)

    def _word(self, name: str) -> str:
        lists = lexicon(self.language)["lists"]
        if name.startswith("person"):
            return self._person(lists, name[6:7])
        base = name.rstrip("0123456789ABC")
        words: list[str] = lists[base]
        if name == base:
            word = words[self.index % len(words)]
        else:
            word = self.rng.choice([w for w in words if w not in self.used] or words)
        self.used.add(word)
        return word

    def _person(self, lists: Mapping[str, list[str]], sex: str) -> str:
        known = [w for w in lists["first"] if sex not in ("f", "m") or (w in lists["female"]) == (sex == "f")]
        firsts = [w for w in known if w not in self.used] or known
        lasts = [w for w in lists["last"] if w not in self.used] or lists["last"]
        first, last = self.rng.choice(firsts), self.rng.choice(lasts)
        self.used |= {first, last}
        return f"{first}{lexicon(self.language).get('name_joint', ' ')}{last}"


def expand(text: str, words: Words) -> str:
    """One sentence or more, with a capital at the start of each. Raises KeyError for a slot without a list."""
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda m: words.rng.choice(m[1].split("|")), text)
    text = _SLOT.sub(lambda m: words.value(m[1], m[2], m[3]), text)
    return _SENTENCE.sub(lambda m: m[1] + m[2].upper(), text)
