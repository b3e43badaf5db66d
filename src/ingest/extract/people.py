"""Bylines taken apart: names only."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from ingest.extract.dates import folded
from ingest.extract.tables import table

_MAX_CHARS = 400
_MAX_NAME_WORDS = 6
_PARENS = re.compile(r"\s*[(\[（【][^()\[\]（）【】]{0,80}[)\]）】]|\s@\w{1,40}")
_SPLIT = re.compile(r"\s*(?:[;|•·、،，／\n\t]|/(?!/)|\s[–—-]\s|\s&\s|\s\+\s)\s*")
_COMMA = re.compile(r"\s*,\s*")
_ADDRESS = re.compile(r"^[\w.-]{2,60}\.(?:com|org|net|de|at|ch|co\.uk)\s?,", re.IGNORECASE)
_JUNIOR = re.compile(r"^(?:jr|sr|ii|iii|iv|m\.?d|ph\.?d|esq)\.?$", re.IGNORECASE)
_NOISE = re.compile(
    r"[@©®_<>{}\[\]=?!:\d…]|https?:|www\.|\w\.(?:[a-z]{2,}|[A-Z]{2,3})\b|^[a-z]{1,3}$|^[A-Z.]{1,4}$|^[\W_]*$"
)
_URL = re.compile(r"(?:https?:)?//\S+|\bwww\.\S+|[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}")
_HOUSE = re.compile(r"(?!I{2,3}\b|IV\b|JR\b)[A-Z]{2,4}")  # "Nell Ashby BBC"
_WEAK_LEAD = re.compile(r"^(?:De|Na|Od|Af)\s+(?=[^\W\d_]\S+\s+[^\W\d_])")
_NICKNAME = re.compile(r"[^\W_][\w-]{1,23}")
_EDGES = " .,-–—:*\"'“”„|/"
_BIG = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_COMPOUND = re.compile(
    r".(?:anstalt|ministerium|verband|gesellschaft|zeitung|redaktion|verein|agentur|verlag|behörde|feuerwehr|rundfunk)$"
)
_HAN_BODY = re.compile(r"(?:网|網|报|報|社|台|臺|局|频道|頻道|中心|公司|新闻|新聞|뉴스|신문|일보|방송)$")
_LONGEST_HAN = 8  # Latin names in katakana have a dot between; longer is a phrase


@cache
def _lead() -> re.Pattern[str]:
    """What goes before a name: "Written by", "Autor:", "記者"."""
    words = table("bylines")
    by, verbs, cjk = (
        "|".join(re.escape(w) for w in sorted(words[k], key=len, reverse=True)) for k in ("by", "verbs", "cjk")
    )
    return re.compile(
        rf"^\s*(?:(?:{verbs})\s*:?\s+)?(?:{by})(?:\s*[:|]\s*|\s+)|^\s*(?:{verbs})\s*:\s+|^\s*(?:{cjk})\s*[:：/／]?\s*",
        re.I,
    )


@cache
def _posted() -> re.Pattern[str]:
    by, verbs = ("|".join(re.escape(w) for w in table("bylines")[k]) for k in ("by", "verbs"))
    return re.compile(rf"^\s*(?:{verbs})\s+(?:{by})\s+(?P<who>[^\s,|]{{2,24}})(?:\s|,|\||$)", re.I)


@cache
def _tail() -> re.Pattern[str]:
    cjk = "|".join(re.escape(w) for w in sorted(table("bylines")["cjk"], key=len, reverse=True))
    return re.compile(rf"\s*(?:{cjk})\s*$")


@cache
def _joiner() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in sorted(table("bylines")["joiners"], key=len, reverse=True))
    return re.compile(rf"\s+(?:{words})\s+(?=[^\W\d_])")


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(table("bylines")[kind])


def names(bylines: Iterable[str], *, sure: bool = False) -> tuple[str, ...]:
    """The people in some bylines, each once: no "By", roles, agencies, handles or addresses.

    `sure` if each is known to be a person's: then it may be a nickname or initials.
    """
    found: dict[str, str] = {}
    for byline in bylines:
        for name in _people(byline[:_MAX_CHARS]) or (_nickname(byline) if sure else ()):
            found.setdefault(re.sub(r"\W+", "", name).casefold(), name)
    found.pop("", None)
    return tuple(found.values())


def _nickname(byline: str) -> tuple[str, ...]:
    text = without_lead(byline[:_MAX_CHARS]).strip(_EDGES)
    parts = {text.lower(), *re.split(r"[_-]", text.lower())}
    known = text.lower() in table("bylines")["agencies"] or not parts.isdisjoint(_not_people())
    return (text,) if _NICKNAME.fullmatch(text) and not text.isdigit() and not known else ()


@cache
def _not_people() -> frozenset[str]:
    return _words("labels") | _words("roles") | _words("organisations")


def agency(texts: Iterable[str | None]) -> str | None:
    """The first news agency named alone, as a part of a byline, or in brackets."""
    known: dict[str, str] = table("bylines")["agencies"]
    for text in texts:
        for part in re.split(r"[,/;|()&]|\s(?:and|und|et|with|mit|avec)\s", (text or "")[:300]):
            if name := known.get(_lead().sub("", part).strip().lower()):
                return name
    return None


def is_full_name(text: str) -> bool:
    """Whether a text looks like a person's whole name, by its letters: for what no vocabulary calls an author."""
    words = text.split()
    if _HAN.search(text):
        return len(text.replace(" ", "")) <= _LONGEST_HAN
    if not 2 <= len(words) <= 5:
        return False
    told = [w for w in words if w not in _words("particles") and _BIG.search(w)]
    return len(told) >= 2 and not any(w.islower() for w in told)


def is_place(text: str) -> bool:
    return text.lower() in _words("places")


def has_given_name(text: str) -> bool:
    """Whether the first word is a given name, or the second, as in Hungary; or its first letters an Asian surname."""
    if _HAN.search(text):
        bare = text.replace(" ", "").replace("\u3000", "")
        return 3 <= len(bare) <= _LONGEST_HAN // 2 + 1 and bare.startswith(_surnames())
    return any(folded(word) in _given_names() for word in text.replace("-", " ").split()[:2])


@cache
def _surnames() -> tuple[str, ...]:
    return tuple(table("given_names")["surnames"].split())


@cache
def _given_names() -> frozenset[str]:
    return frozenset(table("given_names")["latin"].split())


def has_lead(text: str) -> bool:
    return bool(_lead().match(text))


def poster(text: str) -> str | None:
    """The nickname in "Posted by nell in Harbours": no name, but what comes before it leaves no doubt."""
    m = _posted().match(text[:_MAX_CHARS])
    return next(iter(_nickname(m["who"])), None) if m else None


def without_lead(text: str) -> str:
    return _lead().sub("", text, count=1)


def without_weak_lead(text: str) -> str:
    """Without a "By" that may be a part of a name elsewhere: for printed bylines alone."""
    m = _WEAK_LEAD.match(text)
    return text[m.end() :] if m and not text[m.end()].islower() else text


@lru_cache(maxsize=2048)
def _people(byline: str) -> tuple[str, ...]:
    text = _PARENS.sub("", _URL.sub("", " ".join(byline.split())[:_MAX_CHARS]))
    text = without_lead(text)
    if _ADDRESS.match(text) or _is_institution(text):
        return ()  # "example.org, Bristol": a site and its place
    people: list[str] = []
    for part in _SPLIT.split(text):
        for half in _without_institution(_halves(part)):
            people.extend(_of_commas([p for p in _COMMA.split(half) if p]))
    # One word beside whole names is where they are: "Ana Sol | Berlin".
    whole = any(" " in name for name in people)
    return tuple(name for name in people if not whole or " " in name or _HAN.search(name))


def _is_institution(text: str) -> bool:
    """ "Ministry of Trade, Research and Fisheries" is one thing, though parts of it might be names."""
    words = text.split(",", maxsplit=1)[0].lower().split()
    if words and words[-1] in _words("legal_forms"):
        return True
    return len(words) > 2 and bool({words[0], words[1]} & _words("institutions"))


def _without_institution(halves: list[str]) -> list[str]:
    """ "Nell Ashby, Harbour Research and Fisheries University": an "and" in a name is a joint in none."""
    for i in range(1, len(halves)):
        words = halves[i].split(",")[0].lower().split()
        if not _words("institutions").isdisjoint(words):
            halves[i - 1], _, _ = halves[i - 1].rpartition(",")
            halves[i] = halves[i].partition(",")[2]
    return halves


def _halves(part: str) -> list[str]:
    """At "and" in all languages; where it is one letter, only between whole names: "Ortega y Gasset" is one."""
    halves: list[str] = []
    start = 0
    for joiner in _joiner().finditer(part):
        before, after = part[start : joiner.start()], part[joiner.end() :]
        short = len(joiner[0].strip()) <= 2
        if short and (len(before.rsplit(",")[-1].split()) < 2 or len(after.split(",")[0].split()) < 2):
            continue
        halves.append(before)
        start = joiner.end()
    return [*halves, part[start:]]


def _of_commas(parts: list[str]) -> list[str]:
    """ "Ana Sol, Chief Editor" is one person, "Ana Sol, Ben Ray" two, "Ray, Ben" one written backwards."""
    bare = [name for part in parts if (name := _bare(part))]
    if len(parts) == 2 and len(bare) == 2 and all(len(p.split()) == 1 for p in bare) and not _HAN.search(bare[0]):
        return [f"{bare[1]} {bare[0]}"]
    people: list[str] = []
    has_whole = any(len(part.split()) > 1 for part in parts)
    for part in parts:
        if _JUNIOR.match(part) and people:
            people[-1] = f"{people[-1]} {part}"
        elif (name := _bare(part)) and (" " in name or _HAN.search(name) or not has_whole):
            people.append(name)
    return people


def _bare(part: str) -> str | None:
    """A name without what goes before and after it, or None if it is none."""
    text = _tail().sub("", without_lead(part)).strip(_EDGES)
    words = text.split()
    if any(word.lower().rstrip(",") in _words("legal_forms") for word in words):
        return None
    while words and words[0].lower().strip(".,") in _words("titles"):
        words.pop(0)
    ends = (i for i, word in enumerate(words) if i > 1 and _is_end(words, i, word.lower().strip(".,:")))
    words = words[: next(ends, None)]
    if len(words) > 2 and _HOUSE.fullmatch(words[-1]) and not words[-2].isupper():
        words.pop()
    half = len(words) // 2
    if half and words[:half] == words[half:]:
        words = words[:half]  # given and family name, both whole
    name = " ".join(words).strip(_EDGES)
    return name if name and not _not_a_name(name, words) else None


def _is_end(words: list[str], i: int, word: str) -> bool:
    """Whether the name ends before word `i`: at a role, or at "in", "for", "Updated"."""
    if word in _words("roles"):
        return True
    return word in _words("after") and (word not in _words("particles") or i == len(words) - 2)


def _not_a_name(text: str, words: list[str]) -> bool:
    if not 2 <= len(text) <= 60 or len(words) > _MAX_NAME_WORDS or _NOISE.search(text):
        return True
    lower = [word.lower().strip(".,:") for word in words]
    if " ".join(lower) in table("bylines")["agencies"] or " ".join(lower) in _words("labels"):
        return True
    if len(words) > 1 and lower[0] in _words("labels"):
        return True
    if _HAN.search(text):
        return _HAN_BODY.search(text) is not None or any(word in text for word in _han_roles())
    parts = {part for word in lower for part in (word, *word.split("-"))}
    is_body = any(_COMPOUND.search(word) for word in lower)
    return is_body or not parts.isdisjoint(_words("roles") | _words("organisations")) or _is_phrase(words)


@cache
def _han_roles() -> tuple[str, ...]:
    return tuple(word for word in _words("roles") if _HAN.search(word))


def _is_phrase(words: list[str]) -> bool:
    """Whether some words are small and others are not: "Bakers of the year", not "nell ashby" or "Ana de Sol"."""
    cased = [w for w in words if w.lower() not in _words("particles") and _BIG.match(w)]
    small = [w for w in cased if w[0].islower() and "'" not in w and "’" not in w and w.islower()]
    return 0 < len(small) < len(cased)
