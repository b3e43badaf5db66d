"""Canonical URLs: one address for one page, whatever a newsletter or a feed burner hung on it."""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"^(utm_\w+|at_\w+|mc_[ce]id|fbclid|gclid|dclid|msclkid|yclid|igshid|cmpid|ns_\w+|ftag|ito|xtor|wt_\w+|wt\.\w+|"
    r"ocid|smid|smtyp|partner|_ga|_gl|mkt_tok|ref_src|ref_url|guccounter|guce_\w+|taid|sr_share|spm|__twitter_impression)$",
    re.IGNORECASE,
)
_PORTS = {"http": "80", "https": "443"}


def canonical_url(url: str | None, base: str | None = None) -> str | None:
    """`url` made absolute against `base`, without tracking parameters, fragment and default port, host in lower case.

    The order of the other parameters is kept, since it may matter. Returns None for what is no http(s) address.
    """
    try:
        parts = urlsplit(urljoin(base or "", (url or "").strip()))
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _PORTS or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port and str(port) != _PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)])
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit((scheme, netloc, parts.path or "/", query, fragment))
