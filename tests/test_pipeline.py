"""The whole way, from feeds on loopback to the table, night after night."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

import ingest.shard.run
from ingest import pipeline
from ingest.clean import clean
from ingest.demo import expected_landed, truth
from ingest.errors import BadConfig, TooManyFailed
from ingest.land import raw, staging
from ingest.land.store import Body, Store
from ingest.land.table import table_version
from ingest.model import Article
from ingest.pipeline import run_once
from ingest.report import RunReport
from ingest.shard import Backfill
from tests.newsroom import FEW, NIGHT, TODAY, Desk, Key, Kiosk, Story, codes, demo_desk, desk, kiosk, of, registry

FAULTS = {
    "fault-404": ["http-error"],
    "fault-410": ["gone"],
    "fault-500": ["http-error"],
    "fault-bomb": ["too-large"],
    "fault-empty": ["fetch-failed"],
    "fault-endless": ["too-slow"],
    "fault-hopeless-xml": ["malformed"],
    "fault-html": ["malformed"],
    "fault-huge": ["too-large"],
    "fault-private": ["refused"],
    "fault-redirect-loop": ["fetch-failed"],
    "fault-slow": ["too-slow"],
}
BAD_PAGES = {"valley-post": ["http-error", "http-error"]}
FERRY = Story("ferry", "The ferry is back", "After a long night at sea the ferry came back to the harbour.")
MARKET = Story("market", "The market opens", "Stalls at the old quay were full of fish and fruit by nine.")


# ── the demo newsroom, faults and all ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Night:
    report: RunReport
    requests: Counter[tuple[str, int]]
    articles: list[Article]  # in the table after it, every version
    expected: set[Key]
    versions: dict[Key, int]  # the latest, by the newsroom's own word


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Night]:
    """Two nights of the newsroom's first day, one of its second."""
    found = []
    with demo_desk(tmp_path_factory.mktemp("nights")) as (demo, desk_):
        for number, day in enumerate((1, 1, 2)):
            demo.day = day
            demo.requests.clear()
            report = desk_.night(24 * number)
            items = [item for item in truth(day, today=TODAY, base_url=demo.base_url) if item.lands]
            versions = {(item.source_id, item.guid): item.version for item in items}
            expected = expected_landed(day, today=TODAY, base_url=demo.base_url)
            found.append(Night(report, demo.requests.copy(), desk_.articles(), expected, versions))
    return found


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_expected_landed_each_once(nights: list[Night], number: int) -> None:
    night = nights[number]
    rows = Counter((a.source_id, a.guid, a.version) for a in night.articles)
    assert max(rows.values()) == 1
    latest: dict[Key, int] = {}
    for source_id, guid, version in rows:
        latest[source_id, guid] = max(version, latest.get((source_id, guid), 0))
    assert set(latest) == night.expected
    assert latest == night.versions
    assert sum(night.versions.values()) == len(rows)  # no version is missing, none too many


def test_every_fault_is_named_and_none_is_fatal(nights: list[Night]) -> None:
    first, second = nights[0].report, nights[1].report
    assert codes(first) == FAULTS | BAD_PAGES
    assert {s.source_id for s in first.failed} == set(FAULTS)
    gone = dict(FAULTS | BAD_PAGES)
    del gone["fault-410"]  # retired: it is not asked again
    assert codes(second) == gone
    assert "fault-410" not in second.planned
    assert all(fault.where and fault.what for s in first.sources for fault in s.faults)
    assert (of(first, "valley-post").status, of(first, "valley-post").pages_failed) == ("partial", 2)
    for source_id in ("fault-moved", "fault-wrong-encoding", "fault-broken-xml"):
        assert of(first, source_id).status == "ok"
    assert first.landed == first.counts()["landed"] == len(nights[0].expected)


def test_a_night_without_news_lands_nothing_and_asks_for_304s(nights: list[Night]) -> None:
    before, night, _ = nights
    assert night.report.landed == 0
    assert night.report.table_version == before.report.table_version
    statuses = Counter(
        status for (path, status), n in night.requests.items() for _ in range(n) if "/fault/" not in path
    )
    assert statuses[304] == 26
    assert statuses[200] == 0  # not a single page either
    answered = {s.source_id for s in night.report.sources if s.status == "not_modified"}
    assert len(answered) == 24
    assert not answered & set(FAULTS)


def test_stages_are_counted(nights: list[Night]) -> None:
    stages = {stage.stage: stage for stage in nights[0].report.stages}
    assert list(stages) == ["fetch", "parse", "extract", "clean", "resolve", "land"]
    assert stages["clean"].count == stages["land"].count == nights[0].report.landed
    assert stages["extract"].count == sum(s.pages - s.pages_failed for s in nights[0].report.sources)
    assert (stages["fetch"].failed, stages["parse"].failed) == (10, 2)
    assert sum(nights[0].report.relations.values()) == nights[0].report.landed
    assert nights[0].report.removed["promo"] > 0


# ── on each database and each store ─────────────────────────────────────────────────────────────────────────────


def _two_days(folder: Path, **where: object) -> None:
    with demo_desk(folder, faults=False, **where) as (demo, desk_):
        for number, day in enumerate((1, 1, 2, 2)):
            demo.day = day
            report = desk_.night(24 * number, FEW)
            items = [i for i in truth(day, today=TODAY, base_url=demo.base_url) if i.lands and i.source_id in FEW]
            assert desk_.versions() == {(i.source_id, i.guid): i.version for i in items}
            assert max(desk_.landed().values()) == 1
            assert (report.landed > 0) == (number in (0, 2))
            assert codes(report) == BAD_PAGES
        assert sum(report.relations.values()) == 0
        store = desk_.workspace.store
        assert staging.runs(store) == []
        for article in desk_.articles():
            assert article.raw is not None
            assert raw.read_raw(store, article.raw).source_id == article.source_id
        assert len(list(store.list("runs"))) == 4


def test_two_days_on_each_database(tmp_path: Path, state_url: str) -> None:
    _two_days(tmp_path, state=state_url)


def test_two_days_on_each_store(tmp_path: Path, store: Store) -> None:
    _two_days(tmp_path, store=store.url, s3_endpoint=store.storage_options.get("aws_endpoint"))


# ── one thing at a time ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def here(tmp_path: Path) -> Desk:
    return desk(tmp_path)


@pytest.fixture
def shop() -> Iterator[Kiosk]:
    with kiosk() as running:
        yield running


def _guids(desk_: Desk) -> list[tuple[str, int]]:
    return sorted((a.guid, a.version) for a in desk_.articles())


def test_a_failing_source_leaves_the_rest(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    registry(tmp_path, good=shop.feed("/good", FERRY), bad=shop.base_url + "/nowhere")
    report = here.night()
    assert (_guids(here), codes(report)) == ([("ferry", 1)], {"bad": ["http-error"]})
    shop.feed("/good", FERRY, MARKET)
    shop.feed("/nowhere", MARKET)
    report = here.night(24)
    assert (codes(report), report.landed) == ({}, 2)  # the market is an article of each
    assert of(report, "good").unchanged == 1


def test_a_source_set_up_wrongly_fails_alone(
    here: Desk, shop: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `ingest sources check` cannot see: a secret, a folder, a file that is not there."""
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    url = shop.feed("/good", FERRY)
    (tmp_path / "sources.toml").write_text(f"""
[sources.good]
url = "{url}"
[sources.folder]
url = "{tmp_path}/nowhere"
transport = "folder"
[sources.secret]
url = "{url}?secret"
credential = {{ kind = "bearer", env = "NO_SUCH_SECRET" }}
""")
    report = desk(tmp_path, shards=1).night()
    assert _guids(here) == [("ferry", 1)]
    assert codes(report) == {"folder": ["fetch-failed"], "secret": ["bad-config"]}
    assert "NO_SUCH_SECRET" in of(report, "secret").faults[0].what


def test_an_unknown_source_is_told(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    registry(tmp_path, harbour=shop.feed("/good", FERRY))
    with pytest.raises(BadConfig, match=r"no source 'harbor'.*harbour"):
        here.night(source_ids=["harbour", "harbor"])
    assert here.articles() == []


def test_a_broken_source_is_reported_and_the_others_run(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    registry(tmp_path, good=shop.feed("/good", FERRY), bad="nonsense")
    report = here.night()
    assert _guids(here) == [("ferry", 1)]
    assert [problem.split(": ")[0].removeprefix(f"{tmp_path}/") for problem in report.registry_problems] == [
        "sources.toml:5"
    ]
    with pytest.raises(BadConfig, match=r"sources\.toml:5"):
        here.night(source_ids=["bad"])


def test_a_registry_of_broken_sources_only_is_an_error(here: Desk, tmp_path: Path) -> None:
    registry(tmp_path, bad="nonsense")
    with pytest.raises(BadConfig, match=r"sources\.toml:2"):
        here.night()


def test_nothing_due_is_no_work(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    registry(tmp_path, good=shop.feed("/good", FERRY))
    first = here.night()
    report = here.night(0.5, force=False)
    assert (report.planned, report.landed, report.table_version) == ((), 0, first.table_version)
    assert shop.requests == {("/good", 200): 1}
    assert here.night(1, force=False).planned == ("good",)


def test_a_page_that_failed_is_tried_again_although_the_feed_answers_304(
    here: Desk, shop: Kiosk, tmp_path: Path
) -> None:
    story = Story("ferry", FERRY.headline, FERRY.text, path="/ferry.html")
    url = shop.feed("/teasers", story)
    (tmp_path / "sources.toml").write_text(f'[sources.times]\nurl = "{url}"\nevery = "24h"\n')
    shop.page("/ferry.html", story)
    shop.statuses["/ferry.html"] = 503
    report = here.night()
    assert (_guids(here), codes(report)) == ([], {"times": ["http-error"]})
    assert "tried again in 1:00:00" in of(report, "times").faults[0].what

    here.night(0.5)  # before its time, so only the feed is asked
    asked = {("/teasers", 200): 1, ("/robots.txt", 404): 1, ("/ferry.html", 503): 1, ("/teasers", 304): 1}
    assert shop.requests == asked
    del shop.statuses["/ferry.html"]
    report = here.night(1.5, force=False)  # the feed is not due, the page is
    assert (report.landed, _guids(here), here.pending("times")) == (1, [("ferry", 1)], [])
    assert shop.requests["/teasers", 304] == 1
    here.night(48)
    assert (shop.requests["/ferry.html", 200], _guids(here)) == (1, [("ferry", 1)])


def test_a_page_that_never_comes_is_given_up_until_its_feed_changes_it(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    story = Story("ferry", FERRY.headline, FERRY.text, path="/ferry.html")
    registry(tmp_path, times=shop.feed("/teasers", story))
    for day in range(14):
        report = here.night(24 * day)
    assert shop.requests["/ferry.html", 404] == 6  # after 0, 1, 2, 3, 5 and 9 days
    assert (report.landed, here.pending("times"), of(report, "times").status) == (0, [], "not_modified")
    shop.page("/ferry.html", story)
    shop.feed("/teasers", Story("ferry", "The ferry is back at last", FERRY.text, path="/ferry.html"))
    here.night(24 * 15)
    assert _guids(here) == [("ferry", 1)]


def test_a_feed_that_cannot_be_parsed_keeps_no_validators(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    registry(tmp_path, times=shop.feed("/feed", FERRY))
    good = shop.bodies["/feed"]
    shop.bodies["/feed"] = b"<!DOCTYPE html><title>Back soon</title><p>We are moving house."
    for number in range(2):
        assert codes(here.night(24 * number)) == {"times": ["malformed"]}
    assert shop.requests == {("/feed", 200): 2}  # never 304: what it stands for could not be read
    [state] = here.feed_states("times")
    assert (state.etag, state.failures, "a web page" in (state.last_error or "")) == (None, 2, True)
    shop.bodies["/feed"] = good
    report = here.night(48)
    assert (report.landed, codes(report), here.feed_states("times")[0].failures) == (1, {}, 0)


def test_a_bug_in_cleaning_one_item_costs_that_item(
    here: Desk, shop: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(entry, *args, **named):  # type: ignore[no-untyped-def]
        if entry.headline == FERRY.headline:
            raise ZeroDivisionError("a bug made for the test")
        return clean(entry, *args, **named)

    registry(tmp_path, times=shop.feed("/feed", FERRY, MARKET))
    with monkeypatch.context() as patch:
        patch.setattr(ingest.shard.run, "clean", buggy)
        report = here.night()
    assert (_guids(here), codes(report)) == ([("market", 1)], {"times": ["bug"]})
    assert (of(report, "times").status, of(report, "times").rejected) == ("partial", 1)
    [kept] = here.workspace.store.list("quarantine")
    line = here.workspace.store.get(kept.key).decode()
    assert "ZeroDivisionError: a bug made for the test" in line
    assert '"raw":{"archive":"raw/' in line
    shop.feed("/feed", FERRY, MARKET, Story("third", "A third story", "There is one more thing to tell from here."))
    here.night(24)  # with the bug mended
    assert _guids(here) == [("ferry", 1), ("market", 1), ("third", 1)]


def test_too_many_failed_is_red_after_what_is_good_has_landed(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    registry(tmp_path, good=shop.feed("/good", FERRY), bad=shop.base_url + "/no", worse=shop.base_url + "/none")
    report = here.night()
    assert _guids(here) == [("ferry", 1)]
    with pytest.raises(TooManyFailed, match=r"67% of the sources failed, more than 50%: bad, worse"):
        pipeline.judge(here.workspace, report)
    pipeline.judge(desk(tmp_path, max_failed_ratio=0.7).workspace, report)


def test_new_content_is_a_version_a_touched_date_or_a_stale_cache_is_none(
    here: Desk, shop: Kiosk, tmp_path: Path
) -> None:
    def night(text: str, updated: str) -> list[tuple[str, int]]:
        shop.feed("/feed", Story("ferry", FERRY.headline, text, updated=f"2026-11-23T{updated}:00Z"))
        here.night(24 * len(here.runs()))
        return _guids(here)

    late = FERRY.text + " It was two hours late."
    registry(tmp_path, times=shop.base_url + "/feed")
    here.workspace.set_up()
    assert night(FERRY.text, "10:00") == [("ferry", 1)]
    assert night(FERRY.text, "10:30") == [("ferry", 1)]  # touched
    assert night(late, "11:00") == [("ferry", 1), ("ferry", 2)]
    assert night(FERRY.text, "10:00") == [("ferry", 1), ("ferry", 2)]  # from some cache
    assert night(late, "11:00") == [("ferry", 1), ("ferry", 2)]
    assert night(FERRY.text, "12:00") == [("ferry", 1), ("ferry", 2), ("ferry", 3)]  # taken back


# ── the stages one by one, as the DAG calls them ────────────────────────────────────────────────────────────────


def _planned(here: Desk, shop: Kiosk, tmp_path: Path, run_id: str = "night") -> list[pipeline.Shard]:
    registry(tmp_path, one=shop.feed("/one", FERRY), two=shop.feed("/two", MARKET))
    here.workspace.set_up()
    return pipeline.plan(here.workspace, run_id, NIGHT)


def test_a_shard_that_runs_again_lands_once(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    shards = _planned(here, shop, tmp_path)
    assert [shard.source_ids for shard in shards] == [("one",), ("two",)]
    for shard in (*shards, *shards):
        pipeline.ingest_shard(here.workspace, shard, NIGHT)
    for _ in range(2):
        assert pipeline.resolve(here.workspace, "night", NIGHT) == {"canonical": 2}
    reports = [pipeline.land(here.workspace, "night", shards, NIGHT) for _ in range(2)]
    assert reports[0] == reports[1]
    assert _guids(here) == [("ferry", 1), ("market", 1)]
    assert len(list(raw.archives(here.workspace.store, run_id="night"))) == 4  # both tries, for nothing is overwritten
    assert here.night(24).landed == 0


@pytest.mark.parametrize("late", [False, True], ids=["lost", "after resolve"])
def test_a_lost_shard_is_named_and_its_sources_stay_due(here: Desk, shop: Kiosk, tmp_path: Path, late: bool) -> None:
    shards = _planned(here, shop, tmp_path)
    pipeline.ingest_shard(here.workspace, shards[0], NIGHT)
    pipeline.resolve(here.workspace, "night", NIGHT)
    if late:
        pipeline.ingest_shard(here.workspace, shards[1], NIGHT)
    report = pipeline.land(here.workspace, "night", shards, NIGHT)
    assert (report.missing_shards, report.planned, report.failed_ratio) == (("shard02",), ("one", "two"), 0.5)
    assert _guids(here) == [("ferry", 1)]
    with pytest.raises(TooManyFailed, match="no result from shard shard02"):
        pipeline.judge(here.workspace, report)
    again = here.night(0.5, force=False)
    assert (again.planned, again.landed) == (("two",), 1)
    assert _guids(here) == [("ferry", 1), ("market", 1)]


def test_a_run_without_any_shard_lands_nothing(here: Desk, shop: Kiosk, tmp_path: Path) -> None:
    shards = _planned(here, shop, tmp_path)
    before = table_version(here.workspace.store)
    pipeline.resolve(here.workspace, "night", NIGHT)
    report = pipeline.land(here.workspace, "night", shards, NIGHT)
    assert (report.landed, report.failed_ratio, report.table_version) == (0, 1.0, before)


class Slow:
    """A store that waits before it writes a run's report: between its commit and its state."""

    def __init__(self, store: Store) -> None:
        self.store, self.waits, self.goes_on = store, Event(), Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def put(self, key: str, body: Body) -> None:
        if key.startswith("runs/"):
            self.waits.set()
            assert self.goes_on.wait(60)
        self.store.put(key, body)


def test_a_run_that_is_landing_just_now_is_not_taken_for_a_killed_one(
    shop: Kiosk, tmp_path: Path, state_url: str
) -> None:
    here = desk(tmp_path, state=state_url)
    shards = _planned(here, shop, tmp_path)
    for shard in shards:
        pipeline.ingest_shard(here.workspace, shard, NIGHT)
    pipeline.resolve(here.workspace, "night", NIGHT)
    slow = here.workspace
    slow.__dict__["store"] = Slow(slow.store)
    with ThreadPoolExecutor(2) as pool:
        landing = pool.submit(pipeline.land, slow, "night", shards, NIGHT)
        assert slow.store.waits.wait(60)
        other = pool.submit(pipeline.plan, here.workspace, "wires", NIGHT, (), True)
        wait([other], 0.5)
        slow.store.goes_on.set()
        assert landing.result(60).landed == 2
        assert len(other.result(60)) == 2
    assert _guids(here) == [("ferry", 1), ("market", 1)]


@pytest.mark.parametrize(
    ("dag_run_id", "run_id"),
    [
        ("scheduled__2026-01-01T02:00:00+00:00", "scheduled-2026-01-01T02-00-00Z"),
        ("manual__2026-01-01T02:00:00.123456+00:00", "manual-2026-01-01T02-00-00.123456Z"),
        ("../../etc/passwd", "..-..-etc-passwd"),
        ("ein Lauf/ü", "ein-Lauf-ü"),
    ],
)
def test_a_run_s_name_is_one_part_of_a_file_s_name(dag_run_id: str, run_id: str) -> None:
    assert pipeline.slug(dag_run_id) == run_id
    assert Path(run_id).name == run_id


# ── the DAG's own functions ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def nightly(here: Desk, shop: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two sources, set up, with the settings in the environment as Airflow's tasks find them."""
    registry(tmp_path, one=shop.feed("/one", FERRY), two=shop.feed("/two", MARKET))
    here.workspace.set_up()
    for name in ("sources", "store", "state", "allow_nets", "host_delay_s"):
        monkeypatch.setenv(f"INGEST_{name.upper()}", str(getattr(here.settings, name)))
    return here


def _night(dag_run_id: str, force: bool = False) -> dict[str, int | str]:
    shards = pipeline.plan_night(dag_run_id, [], force)
    for shard in shards:
        pipeline.ingest_night(shard)
    pipeline.resolve_night(shards)
    counts = pipeline.land_night(shards)
    pipeline.judge_night(shards)
    return counts


def test_a_night_of_the_dag(nightly: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    name = "scheduled__2026-11-24T02:00:00+00:00"
    counts = _night(name)
    assert counts == {
        "sources": 2, "failed": 0, "not_modified": 0, "entries": 2, "landed": 2, "stories": 2, "rejected": 0,
        "run_id": "scheduled-2026-11-24T02-00-00Z", "table_version": counts["table_version"],
        "store": nightly.workspace.store.url,
    }  # fmt: skip
    assert "one: ok, 1 items (1 new" in capsys.readouterr().out
    assert _night(name) == {}  # cleared at once: nothing is due
    assert "Nothing was due." in capsys.readouterr().out
    assert _night(name, force=True) == {}  # nothing new: no event
    assert "scheduled-2026-11-24T02-00-00Z.2" in {run.run_id for run in nightly.runs()}
    assert _guids(nightly) == [("ferry", 1), ("market", 1)]


# ── stories of several pages ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_there", [True, False])
def test_a_story_of_several_pages_lands_whole_or_as_far_as_it_goes(tmp_path: Path, is_there: bool) -> None:
    parts = [Story("long", f"Part {n}", f"This is what the divers saw in winter {n}.", path="/s") for n in (1, 2)]
    with kiosk() as shop:
        shop.page("/s", parts[0])
        shop.bodies["/s"] += b'<link rel="next" href="/s/2">'
        if is_there:
            shop.page("/s/2", parts[1])
        registry(tmp_path, paper=shop.feed("/rss", parts[0]))
        here = desk(tmp_path)
        report = here.night()
        (article,) = here.articles()
    assert ("winter 2" in article.body_text) is is_there
    assert article.body_text.count("winter 1") == 6
    assert of(report, "paper").pages == 2
    assert codes(report) == ({} if is_there else {"paper": ["http-error"]})


# ── what feeds no longer show ───────────────────────────────────────────────────────────────────────────────────


def _linked(shop: Kiosk, path: str, story: Story, rel: str, there: str) -> str:
    url = shop.feed(path, story)
    link = f'<link xmlns="http://www.w3.org/2005/Atom" rel="{rel}" href="{there}"/>'
    shop.bodies[path] = shop.bodies[path].replace(b"<title>Kiosk</title>", b"<title>Kiosk</title>" + link.encode())
    return url


def test_a_backfill_goes_where_the_feed_leads_and_a_night_does_not(tmp_path: Path) -> None:
    stories = [Story(f"old{n}", f"Winter {n}", f"This is what the divers saw in winter {n}.") for n in range(3)]
    with kiosk() as shop:
        feed = _linked(shop, "/rss", stories[0], "prev-archive", "/2026-02")
        _linked(shop, "/2026-02", stories[1], "prev-archive", "/2026-01")
        shop.feed("/2026-01", stories[2])
        registry(tmp_path, paper=feed)
        here = desk(tmp_path)
        here.night()
        assert here.landed().total() == 1
        report = run_once(here.settings, ["paper"], True, now=NIGHT + timedelta(hours=1), backfill=Backfill())
        assert report.landed == 2
        assert here.landed().total() == 3
        assert here.night(24).landed == 0


def test_a_sitemap_index_leads_to_its_pages(tmp_path: Path) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    with kiosk() as shop:
        shop.page("/ferry", FERRY)
        urls = f"<urlset {space}><url><loc>{shop.base_url}/ferry</loc></url></urlset>".encode()
        shop.bodies["/s1.xml.gz"] = gzip.compress(urls)
        shop.bodies["/sitemap.xml"] = (
            f"<sitemapindex {space}><sitemap><loc>{shop.base_url}/s1.xml.gz</loc></sitemap>"
            f"<sitemap><loc>{shop.base_url}/missing.xml</loc></sitemap></sitemapindex>"
        ).encode()
        registry(tmp_path, paper=f"{shop.base_url}/sitemap.xml")
        here = desk(tmp_path)
        report = here.night()
        (article,) = here.articles()
    assert article.headline == FERRY.headline
    assert codes(report) == {"paper": ["http-error"]}


def test_what_is_no_story_goes_into_quarantine_and_not_into_the_table(tmp_path: Path) -> None:
    robot = "<p>You need to enable JavaScript to run this app.</p>"
    with kiosk() as shop:
        feed = shop.feed("/rss", FERRY)
        item = f"<item><guid>x</guid><content:encoded><![CDATA[{robot}]]></content:encoded></item></channel>"
        shop.bodies["/rss"] = shop.bodies["/rss"].replace(b"</channel>", item.encode())
        registry(tmp_path, paper=feed)
        here = desk(tmp_path)
        report = here.night()
    assert codes(report) == {"paper": ["hopeless"]}
    assert of(report, "paper").status == "partial"
    assert [article.guid for article in here.articles()] == ["ferry"]
