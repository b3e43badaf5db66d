"""Paragraphs that no other story has, for tests of what stories share."""

from random import Random

WORDS = """harbour ferry council bridge market winter lamp tide keeper school orchard budget storm rope mayor baker
train island quarry mill choir boat price field engine letter garden museum tower road pilot bell court"""


def paragraphs(seed: int | str, count: int, words: int = 20) -> list[str]:
    rng, choice = Random(seed), WORDS.split()
    return [" ".join(rng.choice(choice) for _ in range(words)).capitalize() + "." for _ in range(count)]
