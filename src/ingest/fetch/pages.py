"""From a page of a feed to its next: the Link header (RFC 8288), or a JSON pointer (RFC 6901) into the body. Pure."""

import json
import re
from urllib.parse import urljoin

from ingest.errors import FetchFailed
from ingest.fetch.client import Response
from ingest.fetch.guard import MAX_URL
from ingest.fetch.schedule import Headers

_LINK = re.compile(r"<([^<>]{1,8000})>([^<]{0,2000})")
_REL = re.compile(r";\s{0,9}rel\s{0,9}=\s{0,9}(?:\"([^\"]{1,400})\"|([^\s\";,]{1,200})\s{0,9}(?:[;,]|$))", re.I)


def next_url(response: Response, pointer: str | None) -> str | None:
    """The address of the page after this one, None if there is none.

    Raises FetchFailed if `pointer` is given and the body is no JSON, or what it points at is no address.
    """
    found = _pointed(response, pointer) if pointer else linked(response.headers, "next")
    if found is None or response.status == 304:
        return None
    if len(found) > MAX_URL:
        raise FetchFailed(response.url, f"the next page's address is {len(found)} characters long")
    try:
        return urljoin(response.url, found)
    except ValueError as e:
        raise FetchFailed(response.url, "the next page's address is none", "check options.next") from e


def linked(headers: Headers, rel: str) -> str | None:
    """The first target with this relation in the Link headers, as it is written; `rel` in lower case."""
    values = (value for name, value in headers if name.lower() == "link")
    links = (link for value in values for link in _LINK.finditer(value))
    return next((link[1].strip() for link in links if rel in _relations(link[2])), None)


def _relations(parameters: str) -> list[str]:
    return [name for found in _REL.finditer(parameters) for name in (found[1] or found[2]).lower().split()]


def _pointed(response: Response, pointer: str) -> str | None:
    if response.status == 304:
        return None
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError) as e:
        raise FetchFailed(response.url, "not JSON, so it has no next page", "options.next is for JSON answers") from e
    for part in pointer.split("/")[1:]:
        value = _step(value, part.replace("~1", "/").replace("~0", "~"))
    if value is None or value in ("", False):
        return None
    if not isinstance(value, str):
        raise FetchFailed(response.url, f"{pointer} is no address", "options.next is a JSON pointer to the next page's")
    return value


def _step(value: object, part: str) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 9:
        return value[int(part)] if int(part) < len(value) else None
    return None
