"""A story as people read it: its canonical item, its copies and versions, and why each is in it, in words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ingest.model import Article, Evidence
from ingest.views import iso, shown, shown_lines
from ingest.word_diff import Change, word_diff

_CHANGES = 12  # shown of one comparison
_PASSAGE = 200
_RULES = {
    "new": "nothing that had landed was like it",
    "seen": "it is the same item again",
    "version": "it is a later version of an item of the story",
    "same-text": "its text is the same word for word",
    "same-url": "it has the same address",
    "near-copy": "its text is much the same",
}
_SCORES = {  # in this order
    "a_in_b": "{:.0%} of its text is in it",
    "b_in_a": "it has {:.0%} of that text",
    "lead_a": "{:.0%} of its own lead is there",
    "run": "in passages of {:.0f} words",
    "headline": "headlines {:.0%} alike",
    "figures_replaced": "{:.0%} of figures are others",
    "names_replaced": "{:.0%} of names are others",
    "hours": "{:+.1f} hours",
    "likelihood": "{:.1%} likely one story",
}


def story_view(
    story_id: str,
    versions: Sequence[Article],
    *,
    canonical: str | None = None,
    killed: frozenset[str] = frozenset(),
    related: Sequence[str] = (),
    aliases: Sequence[str] = (),
) -> RenderableType:
    """A story: its canonical item in full, then each other with what differs in it and why it is there.

    Newest versions speak. `canonical` and `killed` are what the index says now, article ids; without it, the articles'
    own word counts. `related` and `aliases` are ids of stories.
    """
    newest = {a.article_id: a for a in sorted(versions, key=lambda a: a.version)}
    members = sorted(newest.values(), key=lambda a: (a.article_id != canonical, a.duplicate_of is not None, *_turn(a)))
    lead = members[0]
    parts: list[RenderableType] = [
        Text.assemble(("Story ", "bold"), shown(story_id), f"  {len(members)} articles, {len(versions)} versions"),
        *_ids("also landed as", aliases),
        *_ids("related", related),
        Text(),
        _heading(lead, killed, "bold"),
        _facts(lead),
        *_why(lead, newest),
        *(Text(f"  removed: {r.kind} ({r.rule}): ", "dim") + shown(r.text[:160], "dim") for r in lead.removed),
        Text(),
        shown_lines(lead.body_text or lead.summary or "(no text)"),
    ]
    for article in members[1:]:
        parts += [Text(), *_member(article, lead, newest, killed)]
    history = [a for a in versions if sum(v.article_id == a.article_id for v in versions) > 1]
    if history:
        parts += [Text(), Text("Versions", "bold"), _versions(history), *_between_versions(history)]
    return Group(*parts)


def told(evidence: Evidence) -> str:
    """Why an article is in its story, in words."""
    scores = (words.format(evidence.scores[name]) for name, words in _SCORES.items() if name in evidence.scores)
    reasons = ", ".join([_RULES.get(evidence.rule, evidence.rule), *scores])
    return f"{reasons}; {evidence.note}" if evidence.note else reasons


def _turn(article: Article) -> tuple[str, str]:
    return iso(article.published or article.fetched_at) or "", article.article_id


def _ids(title: str, ids: Iterable[str]) -> Iterator[Text]:
    yield from (shown(f"  {title}: {id_}", "dim") for id_ in ids)


def _heading(article: Article, killed: frozenset[str], style: str) -> Text:
    retracted = article.pub_status == "canceled"
    mark = "[killed] " if retracted else "[copy of what was killed] " if article.article_id in killed else ""
    return Text.assemble((mark, "bold red"), shown(article.headline or article.slugline, style))


def _facts(article: Article) -> Text:
    rights = article.rights
    facts = (
        f"{article.source_id} v{article.version}",
        article.provider,
        article.byline,
        article.dateline.text if article.dateline else None,
        iso(article.published),
        f"{article.word_count} words",
        f"© {rights.year or ''} {rights.holder}".replace("  ", " ") if rights.holder else None,
        f"distributed by {rights.distributor}" if rights.distributor else None,
        article.url,
        article.article_id,
    )
    return shown("  " + " · ".join(fact for fact in facts if fact), "dim")


def _member(article: Article, lead: Article, newest: dict[str, Article], killed: frozenset[str]) -> Iterator[Text]:
    alike = f" {article.similarity:.0%} alike" if article.similarity is not None else ""
    relation = "canonical when it landed" if article.duplicate_of is None else article.relation or "member"
    yield Text.assemble((f"{relation}{alike}: ", "bold cyan"), _heading(article, killed, ""))
    yield _facts(article)
    yield from _why(article, newest)
    if article.body_text and lead.body_text:
        yield from _differences("beside the canonical item", word_diff(lead.body_text, article.body_text))


def _why(article: Article, newest: dict[str, Article]) -> Iterator[Text]:
    evidence = article.evidence
    if evidence is not None:
        yield shown(f"  why: {told(evidence)}")
        yield from (shown(f"    “{passage[:_PASSAGE]}”") for passage in evidence.passages[:3])
        yield from _ids("has a passage of story", evidence.related)
        for copy in evidence.copies:
            yield shown(f"  concerns: {copy}{_named(newest.get(copy))}")
    if article.duplicate_of:
        yield shown(f"  of: {article.duplicate_of}{_named(newest.get(article.duplicate_of))}", "dim")


def _named(article: Article | None) -> str:
    return f" ({article.source_id}: {article.headline or 'no headline'})" if article else ""


def _differences(title: str, changes: Iterator[Change]) -> Iterator[Text]:
    """`[-gone-]` and `{+new+}` with some words around, as far as they are few."""
    first = list(islice(changes, _CHANGES))
    yield Text(f"  {title}: {'the same words' if not first else 'changed words'}", "dim")
    for change in first:
        gone = Text.assemble(" ", ("[-", "red"), shown(change.removed, "red"), ("-]", "red")) if change.removed else ""
        new = Text.assemble(" ", ("{+", "green"), shown(change.added, "green"), ("+}", "green")) if change.added else ""
        yield Text.assemble("    … ", shown(change.before), gone, new, " ", shown(change.after), " …")
    if more := sum(1 for _ in changes):
        yield Text(f"    and {more} more changes", "dim")


def _between_versions(history: Sequence[Article]) -> Iterator[Text]:
    ordered = sorted(history, key=lambda a: (a.article_id, a.version))
    for old, new in pairwise(ordered):
        if old.article_id == new.article_id:
            title = f"{new.article_id} v{old.version} → v{new.version}"
            yield from _differences(title, word_diff(old.body_text, new.body_text))


def _versions(history: Sequence[Article]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("article", "version", "updated", "words", "status", "headline"):
        table.add_column(name)
    for a in sorted(history, key=lambda a: (a.article_id, a.version)):
        updated = iso(a.updated or a.published or a.fetched_at)
        table.add_row(a.article_id, str(a.version), updated, str(a.word_count), a.pub_status, shown(a.headline))
    return table
