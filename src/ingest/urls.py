"""Canonical URLs: one address for one page, whatever a newsletter or a feed burner hung on it."""

import re
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(?:utm_\w{1,40}|at_\w{1,40}|mc_[ce]id|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|ttclid|twclid|li_fat_id|epik|"
    r"igshid|igsh|cmpid|cmp|icid|int_?cid|ns_\w{1,40}|ftag|ito|xtor|wt_\w{1,40}|wt\.\w{1,40}|ocid|smid|smtyp|partner|_ga|"
    r"_gl|mkt_tok|ref_src|ref_url|guccounter|guce_\w{1,40}|taid|sr_share|spm|srsltid|s_cid|_hs(?:enc|mi)|hss_channel|"
    r"vero_id|oly_(?:anon|enc)_id|rb_clickid|wickedid|_openstat|__twitter_impression|at-xt|pk_\w{1,40}|mtm_\w{1,40}|"
    r"trk|trkid|share_(?:id|source|type)|campaign_?id)",
    re.IGNORECASE,
)
# Parameters that mean something elsewhere, but with these values only tell where the reader came from.
_CAME_FROM = re.compile(
    r"(?:source|src|from|ref|via|feed|output|mode|cid|medium)="
    r"(?:rss\w{0,12}|feeds?|feedburner|atom|rdf|newsletter|email|twitter|facebook|social|share|push)",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "%!$&'()*+,;=:@/?[]|~"  # left as they are; % because what is escaped stays so
_MAX_REMEMBERED = 500  # characters, so that what is remembered stays small
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)


def canonical_url(url: str | None, base: str | None = None) -> str | None:
    """`url` made absolute against `base`, without tracking parameters, fragment, log-in and default port.

    Host in lower case (and punycode), escapes in one form, dot segments resolved. The other parameters keep their
    order and their form, since servers may care. Returns None for what is no http(s) address. Doing it twice changes
    nothing.
    """
    if not url or not url.strip():
        return None  # not the base itself
    if len(url) > _MAX_REMEMBERED or len(base or "") > _MAX_REMEMBERED:
        return _canonical(url, base)
    return _remembered(url, base)


@lru_cache(maxsize=4096)
def _remembered(url: str, base: str | None) -> str | None:
    """Each stage asks for an item's own address, and a site's texts link to the same few pages again and again."""
    return _canonical(url, base)


def _canonical(url: str, base: str | None) -> str | None:
    try:
        parts = urlsplit(urljoin(base or "", url.strip()))
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port and port != _PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    fragment = parts.fragment if parts.fragment.startswith("!") else ""  # the page's name in old one-page sites
    return urlunsplit((scheme, netloc, _path(parts.path), _escaped(query), _escaped(fragment)))


def url_key(url: str | None) -> str | None:
    """For comparing only, never for fetching: `canonical_url` without scheme, www, index page and last slash."""
    canonical = canonical_url(url)
    if canonical is None:
        return None
    parts = urlsplit(canonical)
    path = _INDEX.sub("/", parts.path).rstrip("/")
    tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return f"{parts.netloc.removeprefix('www.')}{path}{tail}"


def _host(host: str) -> str:
    host = host.lower().rstrip(".")
    if host.isascii():
        return "" if re.search(r"[\s<>\"\\^`{|}]", host) else host
    return host.encode("idna").decode()  # UnicodeError, a ValueError, for what no resolver would take


def _path(path: str) -> str:
    """Dot segments resolved (RFC 3986, 5.2.4); empty is `/`."""
    kept: list[str] = []
    segments = _escaped(path).split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]  # the first is what stands before the leading slash
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept) or "/"


def _escaped(text: str) -> str:
    return quote(_ESCAPE.sub(_one_form, text), safe=_SAFE)


def _one_form(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _is_tracking(pair: str) -> bool:
    return bool(_TRACKING.fullmatch(pair.partition("=")[0]) or _CAME_FROM.fullmatch(pair))
