"""The registry: what is read, what is refused and where, and edits that leave the rest of the file alone."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadConfig, IngestError
from ingest.model import FullText, Transport
from ingest.sources import check_sources, load_sources
from ingest.sources.edit import add_sources, new_id, set_enabled
from ingest.sources.keys import ALL_KEYS
from ingest.sources.lines import spots

GOOD = """\
# who we read
[defaults]
every = "1h"
language = "en"
[defaults.rights]
usage_terms = "internal use"
[[defaults.rules]]
pattern = 'Advertisement'
kind = "advertisement"
reason = "label above a banner"

[sources.harbour-times]   # the key is the id
name = "Harbour Times"
url = ["https://harbour.example/rss.xml", "https://harbour.example/sport.xml"]
every = "1h30m"
full_text = "page"
zone = "Europe/Rome"
tags = ["local", "daily"]
rights.holder = "Harbour Press"
rules = [
  { body = "main article", reason = "their story element" },
  { selector = ".newsletter", kind = "subscribe", reason = "newsletter box" },
]
credential = { kind = "header", name = "X-Api-Key", env = "HARBOUR_KEY" }
limits = { max_items = 50, total_s = 12.5 }

[sources.wire]
url = "file:///srv/wire/in"
every = "adaptive"
language = "pt-BR"
enabled = false
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_bytes(text.encode())
    return path


def problems(folder: Path, text: str) -> list[tuple[int, str]]:
    return [(p.line, f"{p.message} ({p.hint})") for p in check_sources(write(folder, text))]


def one(folder: Path, line: str) -> str:
    """The only problem of a source with that one line more; it must be told on that line."""
    found = problems(folder, f'[sources.x]\nurl = "https://x.example/f"\n{line}\n')
    assert [at for at, _ in found] == [3], found
    return found[0][1]


def test_good_file(tmp_path: Path) -> None:
    registry = load_sources(write(tmp_path, GOOD))
    assert registry.problems == ()
    assert list(registry) == ["harbour-times", "wire"]
    times, wire = registry["harbour-times"], registry["wire"]
    assert (times.id, times.name, times.every_s, times.zone) == ("harbour-times", "Harbour Times", 5400, "Europe/Rome")
    assert times.urls == ("https://harbour.example/rss.xml", "https://harbour.example/sport.xml")
    assert (times.full_text, times.transport, times.language) == (FullText.PAGE, Transport.HTTP, "en")
    assert (times.rights.holder, times.rights.usage_terms) == ("Harbour Press", "internal use")
    assert [rule.reason for rule in times.rules] == ["label above a banner", "their story element", "newsletter box"]
    assert times.credential is not None
    assert (times.credential.kind, times.credential.env) == ("header", "HARBOUR_KEY")
    assert (times.limits.max_items, times.limits.total_s, times.limits.max_redirects) == (50, 12.5, 5)
    assert (wire.name, wire.transport, wire.adaptive, wire.enabled) == ("wire", Transport.FOLDER, True, False)
    assert wire.language == "pt-BR"


def test_all_errors_at_once_each_with_its_line_and_the_good_sources_stay(tmp_path: Path) -> None:
    text = """\
[sources.good]
url = "https://good.example/rss"
[sources.bad]
nam = "Bad"
url = "https://bad.example/rss"
zone = "Europe/Roma"
[[sources.bad.rules]]
selector = ".a"
pattern = "b"
reason = "two ways"
[[sources.bad.rules]]
pattern = "(unclosed"
[sources.worse]
every = 15
[source.lost]
url = "https://lost.example/rss"
"""
    registry = load_sources(write(tmp_path, text))
    assert list(registry) == ["good"]
    told = {p.line: p for p in registry.problems}
    assert sorted(p.line for p in registry.problems) == [4, 6, 7, 11, 12, 13, 14, 15]
    assert told[4].hint == "did you mean name?"
    assert told[6].hint == "did you mean Europe/Rome?"
    assert "exactly one of selector, pattern and body" in told[7].message
    assert "needs a reason" in told[11].message
    assert "does not compile" in told[12].message
    assert told[13].message == "has no url"
    assert "needs a unit" in told[14].message
    assert told[15].hint == "did you mean sources?"
    assert {p.source_id for p in registry.problems} == {"bad", "worse", None}
    first = registry.errors[0]
    assert isinstance(first, BadConfig)
    assert str(first) == f"{tmp_path}/sources.toml:4: [sources.bad] nam is no key (did you mean name?)"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('every = "often"', '"15m", "1h", "1d" or "adaptive"'),
        ("every = 900", 'such as "15m"'),
        ('every = "0s"', "out of range"),
        ('language = "en_GB"', "write en-GB"),
        ('language = "en-UK"', "write en-GB"),
        ('language = "jp"', "did you mean ja?"),
        ('language = "english language"', "BCP 47"),
        ('full_text = "pages"', "did you mean page?"),
        ('transport = "htp"', "did you mean http?"),
        ('transport = "folder"', "does not go with the url"),
        ('format = "rsss"', "did you mean rss?"),
        ('enabled = "yes"', "true or false"),
        ('name = ""', "is empty"),
        ("name = 3", "must be text, not a number"),
        ("tags = 'news'", "array of texts"),
        ("limits = { max_bytes = 0 }", "limits.max_bytes must be a whole number above 0"),
        ("limits = { max_byte = 10 }", "did you mean max_bytes?"),
        ("limits = { total_s = true }", "number of seconds"),
        ("limits = 3", "must be a table"),
        ("rules = 3", "array of tables"),
        ("rules = [{ selector = '..x', reason = 'r' }]", "no CSS selector"),
        ("rules = [{ pattern = '(a+)+$', reason = 'r' }]", "can take for ever"),
        ("rules = [{ pattern = 'x', kind = 'adverts', reason = 'r' }]", "did you mean advertisement?"),
        ("rules = [{ reason = 'r' }]", "has none of them"),
        ('credential = { env = "A" }', "needs a kind"),
        ('credential = { kind = "bearer" }', "exactly one of env and connection"),
        ('credential = { kind = "bearer", env = "A", connection = "b" }', "exactly one of env and connection"),
        ('credential = { kind = "query", env = "A" }', "needs the name"),
        ('credential = { kind = "oauth", env = "A" }', "needs token_url"),
        ('credential = { kind = "key", env = "A" }', "a key credential is not for http"),
        ("options = { pages = 5000 }", "must be at most 1000"),
        ('options = { next = "data.next" }', "no JSON pointer"),
        ('options = { host_key = "SHA256:abc" }', "options.host_key is no SHA256 fingerprint"),
        ("options = { delete_after = true }", "the option delete_after is not for http (only for sftp, ftp)"),
        ("options = { page = 2 }", "did you mean pages?"),
        ('extra = { }', "extra is no key"),
    ],
)  # fmt: skip
def test_each_wrong_value(tmp_path: Path, line: str, says: str) -> None:
    assert says in one(tmp_path, line)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("feed://x.example/rss", "write https://x.example/rss"),
        ("gopher://x.example/rss", "'gopher': no scheme that can be fetched"),
        ("x.example/rss", "no scheme that can be fetched"),
        ("https:///rss", "has no host"),
        ("https://x.example:99999/", "is no URL"),
        ("https://[::1/", "is no URL"),
        ("https://x.example/a b", "white space"),
        ("sftp:///in", "has no host"),
        ("s3:///in", "has no bucket"),
        ("ftp://x.example:99999/in", "is no URL"),
        ("sftp://desk@x.example/in/../../etc", "has `..` in its path"),
        ("imaps://desk@x.example/In box", "white space"),
    ],
)
def test_each_wrong_url(tmp_path: Path, url: str, says: str) -> None:
    found = problems(tmp_path, f"[sources.x]\nurl = {url!r}\n")
    assert [at for at, _ in found] == [2]
    assert says in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        'url = "https://anna:hunter2@x.example/rss"',
        'url = "sftp://anna:hunter2@x.example/in"',
        'url = "imaps://anna:hunter2@x.example/INBOX"',
        'url = "https://x.example/rss?page=1&api_key=hunter2"',
        'url = "https://x.example/rss?token=hunter2"',
        'url = "https://x.example/rss"\ncredential = { kind = "basic", password = "hunter2" }',
        'url = "https://x.example/rss"\ncredential = { kind = "bearer", env = "Bearer hunter2" }',
    ],
)
def test_secrets_are_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    registry = load_sources(write(tmp_path, f"[sources.x]\n{text}\n"))
    assert list(registry) == []
    assert registry.errors
    assert all("hunter2" not in str(error) for error in registry.errors)


def test_doubled_urls_are_a_warning(tmp_path: Path) -> None:
    text = '[sources.a]\nurl="https://x.example/rss"\n[sources.b]\n\nurl="https://X.example:443/rss?utm_source=z"\n'
    registry = load_sources(write(tmp_path, text))
    assert list(registry) == ["a", "b"]
    assert [(p.line, p.severity) for p in registry.problems] == [(5, "warning")]
    assert registry.errors == ()


def test_a_syntax_error_costs_only_its_own_source(tmp_path: Path) -> None:
    text = """\
[defaults]
every = "2h"
[sources.a]
url = "https://a.example/rss"
[sources.b]
url = "https://b.example/rss
[sources.b.rights]
holder = "B"
[sources.c]
url = "https://c.example/rss"
[[sources.c.rules]]
pattern = "x"
reason = "r"
[[sources.c.rules]]
pattern = "y"
reason = "r"
[sources.a]
url = "https://again.example/rss"
[sources.d]
url = "https://d.example/rss"
nam = "D"
"""
    registry = load_sources(write(tmp_path, text))
    assert list(registry) == ["c"]
    assert (registry["c"].every_s, len(registry["c"].rules)) == (7200, 2)
    assert [(p.line, p.source_id) for p in registry.problems] == [(6, "b"), (17, "a"), (21, "d")]


def test_an_error_in_defaults_stops_all_since_every_source_would_be_wrong(tmp_path: Path) -> None:
    good = '[sources.a]\nurl = "https://a.example/rss"\n'
    assert list(load_sources(write(tmp_path, f'[defaults]\nevery = "x"\n{good}'))) == []
    assert list(load_sources(write(tmp_path, f"[defaults]\nevery = \n{good}"))) == []
    assert "own" in problems(tmp_path, f'[defaults]\nurl = "https://a.example/"\n{good}')[0][1]


def test_ids(tmp_path: Path) -> None:
    assert "one level too deep" in problems(tmp_path, '[sources.a.b]\nurl = "https://a.example/rss"\n')[0][1]
    assert "is no id" in problems(tmp_path, '[sources."a b"]\nurl = "https://a.example/rss"\n')[0][1]
    assert "did you mean [sources.a]?" in problems(tmp_path, '[a]\nurl = "https://a.example/rss"\n')[0][1]


def test_folders_start_at_the_file(tmp_path: Path) -> None:
    text = '[sources.a]\ntransport = "folder"\nurl = "wires/in/*.xml"\n[sources.b]\nurl = "file:///srv/in/*.xml"\n'
    registry = load_sources(write(tmp_path, text))
    assert registry["a"].urls == (str(tmp_path / "wires/in/*.xml"),)
    assert registry["b"].urls == ("file:///srv/in/*.xml",)
    assert {source.transport for source in registry.values()} == {Transport.FOLDER}
    assert "three slashes" in problems(tmp_path, '[sources.c]\nurl = "file://srv/in"\n')[0][1]


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no such file"):
        load_sources(tmp_path / "missing.toml")
    with pytest.raises(BadConfig, match="Is a directory"):
        load_sources(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"[sources.a]\nname = '\xe9'\n")
    with pytest.raises(BadConfig, match=r"latin\.toml:2: is not UTF-8"):
        load_sources(tmp_path / "latin.toml")
    (tmp_path / "empty.toml").write_bytes(b"\xef\xbb\xbf")
    assert len(load_sources(tmp_path / "empty.toml")) == 0


def test_get_source_says_why_there_is_none(tmp_path: Path) -> None:
    registry = load_sources(write(tmp_path, '[sources.abc]\nurl = "https://a.example/"\n[sources.b]\nurl = 3\n'))
    with pytest.raises(BadConfig, match="did you mean abc"):
        registry.get_source("abd")
    with pytest.raises(BadConfig, match=r"toml:4: \[sources.b\] url"):
        registry.get_source("b")


# ── edits ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_disable_and_enable_change_one_word(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.chmod(0o640)
    assert set_enabled(path, "wire", True)
    assert path.read_text() == GOOD.replace("enabled = false", "enabled = true")
    assert not set_enabled(path, "wire", True)
    assert set_enabled(path, "harbour-times", False)
    assert load_sources(path)["harbour-times"].enabled is False
    header = "[sources.harbour-times]   # the key is the id\n"
    changed = GOOD.replace("enabled = false", "enabled = true").replace(header, header + "enabled = false\n")
    assert path.read_text() == changed
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["sources.toml"]


@pytest.mark.parametrize(
    "text",
    [
        '[sources]\nx = { url = "https://x.example/" } # inline\n',
        "[sources]\nx = {url='https://x.example/', enabled = true}\n",
        '[sources]\nx.url = "https://x.example/"\ny.url = "https://y.example/"',
        'sources.x.url = "https://x.example/"\n[defaults]\nevery = "1h"\n',
        '[sources.x]\r\nurl = "https://x.example/"\r\n[sources.y]\r\nurl = "https://y.example/"\r\n',
        '[ sources . "x" ] # c\nurl = "https://x.example/"',
        '[sources.x.rights]\nholder = "H"\n[sources.x]\nurl = "https://x.example/"',
        '[sources.x]\nurl = "https://x.example/"\nenabled = true# kept',
    ],
)
def test_disable_in_every_way_of_writing_a_table(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    before = tomllib.loads(text)
    assert set_enabled(path, "x", False)
    after = tomllib.loads(path.read_text())
    assert after["sources"]["x"].pop("enabled") is False
    before["sources"]["x"].pop("enabled", None)
    assert after == before
    assert path.read_bytes().count(b"\r\n") in (0, path.read_bytes().count(b"\n"))
    assert text.partition("#")[2].partition("\n")[0] in path.read_text()


def test_add(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sources.toml"
    add_sources(path, {"a": {"name": 'The "A"\\', "url": ("https://a.example/1", "https://a.example/2")}})
    add_sources(path, {"b": {"name": "Zoë\x7f\t", "url": "https://b.example/", "enabled": False}})
    registry = load_sources(path)
    assert registry.problems == ()
    assert (registry["a"].name, registry["b"].name) == ('The "A"\\', "Zoë\x7f")
    before = path.read_text()
    refused = add_sources(
        path,
        {"a": {"url": "https://c.example/"}, "c": {"url": "gopher://c.example/"}, "d": {"url": "https://d.example/"}},
    )
    assert [e.why for e in refused] == [
        "there is a source of this id already",
        "url 'gopher': no scheme that can be fetched",
    ]
    assert path.read_text() == before + '\n[sources.d]\nurl = "https://d.example/"\n'
    with pytest.raises(BadConfig, match="did you mean a"):
        set_enabled(path, "aa", True)


def test_a_broken_file_is_not_edited(tmp_path: Path) -> None:
    path = write(tmp_path, "[sources.a\nurl = 1")
    with pytest.raises(BadConfig, match=r"toml:1: TOML"):
        add_sources(path, {"b": {"url": "https://b.example/"}})
    assert path.read_text() == "[sources.a\nurl = 1"


def test_new_ids() -> None:
    assert new_id("Süddeutsche  Zeitung!", "https://x.example/", ()) == "suddeutsche-zeitung"
    assert new_id("新聞", "https://www.news.example/rss", {"news-example"}) == "news-example-2"
    assert new_id("", "file:///x", ()) == "source"


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────

_WORDS = st.sampled_from(
    ["[sources.a]\n", "[[sources.a.rules]]\n", "[defaults]\n", 'url = "https://a.example/"\n', "every", " = ",
     '"1h"', "'x'", '"""', "[", "]", "{", "}", ",", "\n", "#", "\\", "true", "3", "rules", "reason",
     "é", "\r\n", "\x00", "."]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=25).map("".join))
def test_any_text_gives_a_registry(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = write(tmp_path_factory.mktemp("any"), text)
    last = text.count("\n") + 1
    assert all(1 <= p.line <= last for p in load_sources(path).problems)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_give_a_registry_or_an_error(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "sources.toml"
    path.write_bytes(body)
    try:
        load_sources(path)
    except IngestError as e:
        assert e.hint


_KEY = st.text("abc-_0", min_size=1, max_size=4)
_SCALAR = st.one_of(st.integers(-9, 99), st.booleans(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=3))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_KEY, st.one_of(_SCALAR, st.dictionaries(_KEY, _SCALAR, max_size=3)), max_size=5), st.booleans())
def test_spots_finds_every_key_and_value(tables: dict[str, object], inline: bool) -> None:
    text = _as_toml(tables, inline)
    document, found = tomllib.loads(text), spots(text)
    for key, value in document.items():
        assert (key,) in found
        if isinstance(value, dict):
            for inner, held in value.items():
                spot = found[(key, inner)]
                assert tomllib.loads(f"v = {text[spot.start : spot.end]}")["v"] == held
                assert text.count("\n", 0, spot.start) + 1 == spot.line


def _as_toml(tables: dict[str, object], inline: bool) -> str:
    from ingest.sources.patch import literal

    def scalar(value: object) -> str:
        if isinstance(value, list):
            return "[ # c ]\n" + "".join(f"  {scalar(v)},\n" for v in value) + "]"
        return literal(value) if isinstance(value, str | bool) else str(value)

    top, below = "", ""
    for key, value in tables.items():
        if not isinstance(value, dict):
            top += f"{key} = {scalar(value)} # '\n"
        elif inline and not any(isinstance(v, list) for v in value.values()):
            top += f'"{key}" = {{ ' + ", ".join(f"{k} = {scalar(v)}" for k, v in value.items()) + " }\n"
        else:
            below += f"[{key}] # [x]\n" + "".join(f"{k} = {scalar(v)}\n" for k, v in value.items())
    return top + below


@pytest.mark.parametrize(
    "piece",
    ["[" * 100_000, 'x = "' + "a" * 1_000_000, "x = " + "[" * 50_000, "[[" * 200_000, "'" * 999_999],
)
def test_hostile_sizes(tmp_path: Path, piece: str) -> None:
    assert load_sources(write(tmp_path, piece)).problems


# ── wires ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "transport"),
    [
        ("s3://bucket/in/", Transport.S3),
        ("sftp://desk@x.example:2222/in/*.xml", Transport.SFTP),
        ("ftp://x.example/in", Transport.FTP),
        ("ftps://desk@x.example/%2Fsrv", Transport.FTP),
        ("imap://desk%40y.example@x.example/INBOX", Transport.IMAP),
        ("imaps://desk@x.example/INBOX/Wires", Transport.IMAP),
    ],
)
def test_wires_are_seen_from_the_url(tmp_path: Path, url: str, transport: Transport) -> None:
    (tmp_path / "sources.toml").write_text(f'[sources.x]\nurl = "{url}"\n')
    registry = load_sources(tmp_path / "sources.toml")
    assert (registry["x"].transport, registry["x"].urls, registry.problems) == (transport, (url,), ())


def test_options_of_a_wire(tmp_path: Path) -> None:
    key = "SHA256:" + "a" * 43
    text = (
        '[defaults]\noptions = { pages = 3, ca = "ca.pem" }\n'
        f'[sources.a]\nurl = "sftp://desk@x.example/in"\noptions = {{ host_key = "{key}" }}\n'
        '[sources.b]\nurl = "ftps://desk@x.example/in"\n'
        '[sources.c]\nurl = ["sftp://x.example/in", "https://x.example/"]\n'
    )
    (tmp_path / "sources.toml").write_text(text)
    registry = load_sources(tmp_path / "sources.toml")
    assert registry["a"].options.host_key == (key,)
    assert registry["b"].options.ca == str(tmp_path / "ca.pem")
    assert [(p.line, p.message) for p in registry.problems] == [(9, "url mixes http and sftp")]


# ── docs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_docs_name_every_key_and_no_other(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "sources.md").read_text()
    rows = re.findall(r"^\| `([\w.]+)` \| `(.+?)` \|", page, re.MULTILINE)
    assert sorted(key for key, _ in rows) == sorted(ALL_KEYS)
    for key, example in rows:
        table, _, inner = key.rpartition(".")
        extra = ', reason = "r"' if table == "rules" and inner != "reason" else ""
        line = {"rules": f"rules = [{{ {inner} = {example}{extra} }}]", "": f"{key} = {example}"}.get(table)
        line = line or f"{table} = {{ {inner} = {example} }}"
        url = {"url": "", "transport": 'url = "wires"\n'}.get(key, 'url = "https://x.example/"\n')
        told = [message for _, message in problems(tmp_path, f"[sources.x]\n{url}{line}\n")]
        # an example alone may lack its companions (a credential its kind), but is itself fine
        assert not [m for m in told if m.startswith(key) or "is no key" in m], (key, told)


def test_docs_examples_are_good(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "sources.md").read_text()
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 5
    assert problems(tmp_path, "".join(blocks)) == []
