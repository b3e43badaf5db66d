"""INGEST_* and AWS_*: networks, secrets, ways that can be listened to."""

import ipaddress
import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from ingest.cli.safety.unsafe import SECRET_CHARACTERS, Unsafe, database_risk, is_guessed, is_near
from ingest.settings import Settings

_WIDEST = {4: 16, 6: 48}  # bits of a network's prefix
_METADATA = ipaddress.ip_network("169.254.0.0/16")
_RAW_DAYS = 400


def networks(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    """A feed may send us to any address of these networks, whatever answers there."""
    for text in filter(None, (part.strip() for part in settings.allow_nets.split(","))):
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue  # told as a setting that cannot be read
        if network.version == 4 and network.overlaps(_METADATA):
            why, todo = "reaches the metadata service of a cloud, which hands out credentials", "take it out"
        elif network.is_loopback:
            why, todo = "lets every feed reach the services of this machine", "for the demo only; take it out"
        elif not network.is_private:
            why, todo = "is not private", "public addresses need no permission; take it out"
        elif network.prefixlen < _WIDEST[network.version]:
            why, todo = f"is {network.num_addresses:,} addresses wide", "name the servers' own networks"
        else:
            continue
        yield Unsafe("INGEST_ALLOW_NETS", f"{text} {why}", todo)


def contact(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    if settings.contact == Settings.model_fields["contact"].default or "@example." in settings.contact:
        todo = "a URL or mail address of yours: a publisher who cannot reach you blocks you"
        yield Unsafe("INGEST_CONTACT", "is the default, which reaches nobody", todo)


def politeness(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    if settings.host_delay_s == 0:
        yield Unsafe("INGEST_HOST_DELAY_S", "is 0: hosts are asked without a pause", "1, but for the demo")


def store(settings: Settings, environ: Mapping[str, str]) -> Iterator[Unsafe]:
    endpoint = urlsplit(settings.s3_endpoint or "")
    if endpoint.scheme == "http" and not is_near(endpoint.hostname):
        yield Unsafe("INGEST_S3_ENDPOINT", "is http: articles can be read and changed on the way", "https://…")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if is_guessed(environ.get(name, "")):
            yield Unsafe(name, "is one that anybody would try", "a key of its own, see docs/policies; or a role")


def state(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    if risk := database_risk(settings.state):
        yield Unsafe("INGEST_STATE", risk, "a role of its own with a long password; ?sslmode=verify-full")


def hooks(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    """Webhooks, hubs and alerts: who listens on the way, and who could send in our name. Mail insists on TLS itself."""
    signed = False
    for name in ("notice_hooks", "alerts"):
        urls = _shown(getattr(settings, name)).split(",")
        signed = signed or any("://" in url for url in urls)
        clear = [host for host in map(_clear_host, urls) if host and not is_near(host)]
        if clear:
            yield Unsafe(f"INGEST_{name.upper()}", f"http to {', '.join(clear)}", "https://…")
    if signed and not settings.notice_key:
        yield Unsafe("INGEST_NOTICE_KEY", "is missing: receivers cannot tell our notices from others'", "set it")
    if _clear_host(settings.websub_callback or ""):
        yield Unsafe("INGEST_WEBSUB_CALLBACK", "is http: pushed items can be read on the way", "https://…")
    for name in ("notice_key", "websub_key"):
        secret = _shown(getattr(settings, name))
        if secret and (len(secret) < SECRET_CHARACTERS or is_guessed(secret)):
            todo = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
            yield Unsafe(f"INGEST_{name.upper()}", f"is shorter than {SECRET_CHARACTERS} characters", todo)


def retention(settings: Settings, _: Mapping[str, str]) -> Iterator[Unsafe]:
    if settings.keep_raw_days > _RAW_DAYS:
        todo = "a year is enough to replay; takedowns and retention of sources reach into it all the same"
        yield Unsafe("INGEST_KEEP_RAW_DAYS", f"keeps all that came in for {settings.keep_raw_days} days", todo)


def root(_: Settings, __: Mapping[str, str]) -> Iterator[Unsafe]:
    if os.geteuid() == 0:
        yield Unsafe("user", "this runs as root: a fault in a parser would own the machine", "a user of its own")


def _shown(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def _clear_host(url: str) -> str | None:
    """The host of an http URL; None for others."""
    parts = urlsplit(url.strip())
    return parts.hostname if parts.scheme == "http" else None


LOOKS = (networks, contact, politeness, store, state, hooks, retention, root)
