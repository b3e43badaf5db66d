"""Republished copy, with what is the same story known: for measuring and for fitting `dedupe`.

`mix` takes originals, of whatever origin, and republishes them in the ways seen in the wild; beside them it puts texts
that look alike and are other stories: forms filled in (results, matches, weather, prices), the market every hour,
follow-ups that repeat background, round-ups, quotations. `invented` makes originals: made-up words between English
function words and stock phrases.
"""

import itertools
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace


def listed(text: str, separator: str = " ") -> list[str]:
    return " ".join(text.split()).split(separator)


SYLLABLES = [
    c + v for c in listed("b br d dr f g gr k l m n p r s st t tr v w z") for v in listed("a e i o u an el or us")
]
GLUE = listed(
    """the a of to in and that for on with was as by at from it has its an but said which have be were his after more
    would who been had will about or over than up new into could when other out also while under between"""
)
PHRASES = listed(
    """according to people familiar with the matter|did not immediately respond to a request for comment|said in a
    statement on {day}|told reporters at a news conference|for the first time since the crisis|in the three months to
    the end of {month}|the ministry said in a statement|who declined to be named as talks are private|a spokesman for
    the company declined to comment|compared with the same period a year earlier|{n} percent of the population|at least
    {n} people were injured|worth {n} million|, said {name} , an analyst at {name}|{name} said on {day}|in {name} ,
    where {n} families live|{name} and {name}""",
    "|",
)
DAYS = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = listed("January February March April June July August September October November December")
PROMOS = listed(
    """Subscribe to our {noun} newsletter for more.|Read more: what the {noun} means for you|Follow us for all the news
    from {place}.|(Reporting by {name} {name}; Editing by {name} {name})|This story first appeared in the {place}
    {name}.|Have a tip? Write to the {noun} desk.""",
    "|",
)
CREDITS = listed(
    """Von {name} {name}|Mit Material der Agentur {place}|Avec {place}|Con información de {place}|Übersetzung: {name}
    {name}|Redacción; editado por {name} {name}|Tutti i diritti riservati a {place}|({place}) —""",
    "|",
)
SPELLINGS = dict(
    pair.split(":")
    for pair in listed(
        """colour:color labour:labor centre:center defence:defense programme:program organise:organize said:says
        organisation:organization favour:favor harbour:harbor neighbour:neighbor percent:pct government:govt million:mln
        billion:bln metres:meters kilometres:kilometers travelling:traveling cancelled:canceled theatre:theater"""
    )
)
FORMS = {
    "results": """{place} - {name} {name} told the exchange on {day} that it had earned {n} million crowns in {m}, or
{n} a share. The maker of {noun}, which has its seat in {place}, said that without one-off items it would have been {n}
a share. That {verb} what the {k} brokers asked by the Harrow panel had reckoned with, namely {n} a share. Sales came to
{n} million, against {n} million a year ago, while the panel had put them at {n} million. For the whole year {name}
booked a profit of {n} million on sales of {n} million. Its stock has moved by {n} percent since New Year and closed on
{day} at {n}, which is {n} percent away from where it stood twelve months before.""",
    "short results": """{name} {noun} maker {name} said net for the quarter was {n} crowns against {n} a year ago, sales
{n} mln against {n} mln, per share {k}.{n} against {k}.{n}. Nine months: net {n} against {n}, sales {n} mln against {n}
mln. Note: per share figures are adjusted for the split of {m}. The year before holds a gain of {n} from the sale of a
unit.""",
    "match": """{name} scored in the {n}th minute as {place} beat {place} {k}-{k} on {day} to move up to {k}th in the
table. {name} opened the scoring for the home side after {n} minutes, before {name} levelled with a header from a corner
midway through the second half. The visitors were reduced to ten men when {name} was shown a second yellow card for a
late tackle. {place} coach {name} said his side deserved the three points. "We worked hard and the boys showed great
character," he said. {place} have now won {k} of their last {n} matches and host {place} next {day}.""",
    "weather": """Weather for {place} for {day}, {m} {n}. Mostly cloudy in the morning with a {n} percent chance of
showers, then clearing in the afternoon. Highs around {n} degrees, lows near {n}. Winds from the west at {n} kilometres
an hour. Sunrise at {k}:{n}, sunset at {k}:{n}. The outlook for {day} is sunny spells with highs of {n}.""",
    "auction": """The central bank of {place} sold {n} million of {k}-year government bonds at an auction on {day}, data
from the bank showed. The average yield was {n}.{n} percent, compared with {n}.{n} percent at the previous sale on {m}
{n}. Total bids amounted to {n} million, which gives a bid-to-cover ratio of {k}.{n}. The next auction of the series is
planned for {m} {n}, the bank said.""",
    "dividend": """{name} {noun} plc board set the quarterly payout at {n} cents a share, {k} cents up from the prior
one. It is payable on {m} {n} to holders of record on {m} {n}, the company of {place} said on {day}.""",
    "prices": """Wholesale prices at {place} market on {day}, in crowns a tonne: wheat {n}, barley {n}, maize {n}, rye
{n}, oats {n}, rapeseed {n}, beet pulp {n}. Trade was {verb} by {k} buyers against {k} a week ago. Turnover {n} tonnes
against {n}. Deliveries for {m} were quoted at {n} and for {m} at {n}.""",
}
HOURLY = """{place} shares were up {n} points at {hour}00 GMT, with the {name} index at {n}.{n} after {n} million
shares changed hands. {name} added {k} crowns to {n}, {name} lost {k} to {n}. Dealers said that trade was quiet ahead of
figures from {place} due on {day}, and that the crown at {k}.{n} weighed on exporters. Bonds were little changed, with
the ten-year at {k}.{n} percent."""


@dataclass(frozen=True)
class Text:
    story: str
    kind: str
    headline: str
    paragraphs: tuple[str, ...]
    hours: float

    @property
    def length(self) -> int:
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


class Writer:
    """Invents prose: Zipf-distributed made-up words between English function words and stock phrases."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        made = {"".join(self.rng.choices(SYLLABLES, k=self.rng.choice((2, 2, 3)))) for _ in range(9000)}
        self.words = sorted(made)
        self.rng.shuffle(self.words)
        self.names = [w.capitalize() for w in self.words[-4000:]]
        self.weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(self.words))))

    def word(self) -> str:
        return self.rng.choices(self.words, cum_weights=self.weights)[0]

    def fill(self, form: str) -> str:
        rng = self.rng
        choose: dict[str, Callable[[], str]] = {
            **dict.fromkeys(("name", "place"), lambda: rng.choice(self.names)),
            **dict.fromkeys(("month", "m"), lambda: rng.choice(MONTHS)),
            "day": lambda: rng.choice(DAYS),
            "n": lambda: str(rng.randint(11, 980)),
            "k": lambda: str(rng.randint(1, 12)),
            "verb": lambda: rng.choice(("topped", "missed", "met")),
            "noun": self.word,
        }
        return re.sub(r"\{(\w+)\}", lambda blank: choose[blank[1]](), " ".join(form.split()))

    def sentence(self, cast: Sequence[str]) -> str:
        out: list[str] = []
        for _ in range(self.rng.randint(4, 8)):
            roll = self.rng.random()
            if roll < 0.14:
                out.append(self.fill(self.rng.choice(PHRASES)))
            elif roll < 0.3:
                out.append(self.rng.choice(cast))
            else:
                out += [self.rng.choice(GLUE), self.word(), self.rng.choice(GLUE), self.word()]
        text = " ".join(out).replace(" ,", ",")
        return text[0].upper() + text[1:] + "."

    def paragraph(self, cast: Sequence[str]) -> str:
        return " ".join(self.sentence(cast) for _ in range(self.rng.randint(1, 3)))

    def original(self) -> tuple[str, tuple[str, ...]]:
        cast = self.rng.sample(self.names, 8)
        usual = self.rng.choice((1.4, 2.0, 2.5))  # stories of four paragraphs, of seven, of twelve
        count = max(2, min(40, round(self.rng.lognormvariate(usual, 0.5))))
        words = (self.word() for _ in range(self.rng.randint(4, 7)))
        headline = " ".join([self.rng.choice(cast), *words, self.rng.choice(cast)])
        return headline, tuple(self.paragraph(cast) for _ in range(count))


def invented(count: int, seed: int) -> list[tuple[str, tuple[str, ...]]]:
    writer = Writer(seed)
    return [writer.original() for _ in range(count)]


class Desk:
    """Republishes originals. What a paper adds of its own is taken from `others`, texts of other events."""

    def __init__(self, others: Sequence[tuple[str, tuple[str, ...]]], seed: int) -> None:
        self.rng = random.Random(seed)
        self.writer = Writer(seed + 1)
        self.others = others
        self.pool = sorted({w for _, paragraphs in others for p in paragraphs for w in p.split() if w.isalpha()})

    def own(self, count: int) -> list[str]:
        """Paragraphs that are new."""
        return [self.rng.choice(self.rng.choice(self.others)[1]) for _ in range(count)]

    def sentences(self, count: int) -> str:
        return " ".join(sentences(" ".join(self.own(3)))[:count])

    def retitled(self, headline: str) -> str:
        words = headline.split()
        kept = self.rng.sample(words, k=self.rng.randint(0, len(words) // 2))
        return " ".join([*kept, *self.rng.sample(self.pool, 4)])

    def edited(self, paragraph: str, rate: float) -> str:
        out: list[str] = []
        for word in paragraph.split():
            roll = self.rng.random() / rate
            if roll < 0.5:
                out.append(self.rng.choice(self.pool))
            elif roll < 0.7:
                out += [word, self.rng.choice(GLUE)]
            elif roll > 1:
                out.append(word)
        return " ".join(out) or paragraph

    def refigured(self, paragraphs: Sequence[str], share: float) -> list[str]:
        def other(figure: re.Match[str]) -> str:
            return str(self.rng.randint(11, 980)) if self.rng.random() < share else figure[0]

        return [re.sub(r"\d+", other, paragraph) for paragraph in paragraphs]

    def corrected(self, paragraphs: Sequence[str]) -> list[str]:
        """One figure, or else one name, is another."""
        at = self.rng.choice(range(len(paragraphs)))
        pattern = r"\d+" if re.search(r"\d", paragraphs[at]) else r"\b[A-Z]\w+"
        new = re.sub(pattern, str(self.rng.randint(11, 980)), paragraphs[at], count=1)
        return [*paragraphs[:at], new, *paragraphs[at + 1 :]]

    def reset(self, paragraphs: Sequence[str]) -> list[str]:
        """Paragraphs cut otherwise, two of them in another order."""
        text = sentences(" ".join(paragraphs))
        cuts = [text[i : i + 2] for i in range(0, len(text), 2)]
        if len(cuts) > 3:
            at = self.rng.randrange(1, len(cuts) - 1)
            cuts[at], cuts[at + 1] = cuts[at + 1], cuts[at]
        return [" ".join(cut) for cut in cuts]

    def respelled(self, paragraphs: Sequence[str]) -> list[str]:
        return [" ".join(SPELLINGS.get(word, word) for word in paragraph.split()) for paragraph in paragraphs]

    def reworked(self, cut: Sequence[str]) -> list[str]:
        """A lead of the paper's own, a local paragraph somewhere, its typography, a credit in its own language."""
        body = [*self.own(self.rng.randint(1, 2)), *cut[1:]]
        body.insert(self.rng.randint(1, len(body)), *self.own(1))
        return [*map(typeset, body), self.writer.fill(self.rng.choice(CREDITS))]

    def background(self, text: Text) -> list[str]:
        """What a later story repeats: from the top and more, or a few paragraphs from anywhere."""
        rng, p = self.rng, text.paragraphs
        if rng.random() < 0.7:
            return upto([*p[:1], *p[2:]], round(text.length * rng.uniform(0.3, 0.5)))
        return [p[i] for i in sorted(rng.sample(range(len(p)), min(len(p), rng.randint(1, 4))))]

    def promos(self) -> list[str]:
        return [self.writer.fill(promo) for promo in self.rng.sample(PROMOS, self.rng.randint(1, 2))]

    def variants(self, text: Text) -> Iterator[Text]:
        rng, p = self.rng, list(text.paragraphs)
        cut = p[: max(2, round(len(p) * rng.uniform(0.3, 0.9)))]
        brief = opening(p, rng.randint(60, 130))
        other = self.retitled(text.headline)
        options: dict[str, Callable[[], tuple[Sequence[str], str]]] = {
            "verbatim": lambda: ([*p, *self.promos()], text.headline),
            "cut": lambda: (cut, text.headline),
            "retitled cut": lambda: ([*cut, *self.promos()], other),
            "brief": lambda: (brief, rng.choice((text.headline, other))),
            "brief, own lead": lambda: ([self.sentences(1), *brief], other),
            "own lead": lambda: ([self.sentences(rng.randint(1, 2)), *cut[1:]], other),
            "own lead on all": lambda: ([self.sentences(rng.randint(1, 2)), *p, *self.promos()], other),
            "edited": lambda: ([self.edited(x, rng.uniform(0.03, 0.08)) for x in p], text.headline),
            "edited cut": lambda: ([self.edited(x, rng.uniform(0.03, 0.08)) for x in cut], other),
            "heavy": lambda: ([*self.own(1), *(self.edited(x, 0.05) for x in cut), *self.own(1)], other),
            "reworked": lambda: (self.reworked(cut), other),
            "localised": lambda: ([*cut[:1], *self.own(1), *cut[1:], *self.own(1)], other),
            "thinned": lambda: ([x for x in p if rng.random() < 0.7] or p, other),
            "reset": lambda: (self.reset(p), other),
            "respelled": lambda: (self.respelled(p), text.headline),
            "updated": lambda: (self.refigured(p, 0.3), "UPDATE 1-" + text.headline),
            "grown": lambda: ([p[0], *self.own(max(1, len(p) // 3)), *p[1:]], "UPDATE 2-" + text.headline),
            "new top": lambda: ([*self.own(2), *p], other),
            "correction": lambda: (self.corrected(p), "CORRECTED-" + text.headline),
        }
        for kind in rng.sample(sorted(options), k=rng.choice((0, 0, 0, 1, 1, 2, 3, 5))):
            paragraphs, headline = options[kind]()
            hours = text.hours + rng.uniform(0, rng.choice((0.5, 3, 9, 20, 40)))
            yield Text(text.story, kind, headline, tuple(filter(None, paragraphs)), hours)

    def look_alikes(self, originals: Sequence[Text]) -> Iterator[Text]:
        """Other stories, each of one text. Of a text that is in two of them, one is not told."""
        rng, few = self.rng, max(1, len(originals) // 10)
        for text in rng.sample(originals, min(2 * few, len(originals))):
            background = self.background(text)
            new = upto(self.own(40), round(sum(map(words, background)) * rng.uniform(1.1, 2.3)))
            told, later = (*new, *background, *self.own(rng.choice((0, 0, 1)))), text.hours + rng.uniform(12, 60)
            yield Text("", "follow-up", self.retitled(text.headline), told, later)
        for text in rng.sample(originals, few):
            own = [*self.own(6), text.paragraphs[-1], *self.own(4)]
            yield Text("", "quoting", self.retitled(text.headline), tuple(own), text.hours + rng.uniform(0, 30))
        for _ in range(few // 2):
            parts = rng.sample(originals, min(7, len(originals)))
            hours = max(part.hours for part in parts)
            yield Text("", "round-up", "Top stories at this hour", tuple(t.paragraphs[0] for t in parts), hours)

    def forms(self, count: int) -> Iterator[Text]:
        for _ in range(count):
            kind = self.rng.choice(sorted(FORMS))
            body = self.writer.fill(FORMS[kind])
            yield Text("", kind, " ".join(body.split()[:7]), (body,), self.rng.uniform(0, 24 * 20))

    def series(self, count: int) -> Iterator[Text]:
        """The market of one day, hour by hour: other figures each time under one headline."""
        for day in range(count):
            form = HOURLY.replace("{name}", self.writer.fill("{name}"))
            for name in ("place", "day"):
                form = form.replace("{" + name + "}", self.writer.fill("{" + name + "}"))
            for hour in (8, 10, 12, 14, 16):
                body = self.writer.fill(form.replace("{hour}", str(hour)))
                yield Text("", "hourly", "Shares firm in quiet trade", (body,), 24 * (day % 20) + hour)


def mix(
    originals: Sequence[tuple[str, tuple[str, ...]]], others: Sequence[tuple[str, tuple[str, ...]]], seed: int
) -> list[Text]:
    """`others` are texts of other events, of which the papers' own words are made. Each text of 30 words or more."""
    desk = Desk(others, seed)
    texts = [
        Text(f"story-{i}", "original", headline, paragraphs, desk.rng.uniform(0, 24 * 20))
        for i, (headline, paragraphs) in enumerate(originals)
    ]
    again = [variant for text in texts for variant in desk.variants(text)]
    alone = [*desk.look_alikes(texts), *desk.forms(len(texts) // 2), *desk.series(max(1, len(texts) // 50))]
    named = [replace(text, story=f"{text.kind}-{i}") for i, text in enumerate(alone)]
    return [text for text in (*texts, *again, *named) if text.length >= 30]


def typeset(paragraph: str) -> str:
    """As another system sets it: curly quotes, long dashes, a space that does not break."""
    for ours, theirs in (("'", "’"), (" - ", " — "), (" percent", "\u00a0per cent")):
        paragraph = paragraph.replace(ours, theirs)
    return paragraph.replace(". ", ".\u00a0", 1)


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def words(paragraph: str) -> int:
    return len(paragraph.split())


def upto(paragraphs: Sequence[str], count: int) -> list[str]:
    """Paragraphs from the beginning until there are so many words."""
    totals = itertools.accumulate(map(words, paragraphs), initial=0)
    return [p for p, before in zip(paragraphs, totals, strict=False) if before < count]


def opening(paragraphs: Sequence[str], count: int) -> list[str]:
    """The first sentences, so many words and not half a story of few."""
    return [" ".join(upto(sentences(" ".join(paragraphs)), count))]
