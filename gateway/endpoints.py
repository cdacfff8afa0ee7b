"""Where things are: what a setting names, as values, and how each is read from text.

Every `parse_…` raises ValueError for what it can't read; config.py says what was expected.

Not here: which settings there are (config.py).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from channels.email.imap_place import Done

TOKEN_LENGTH: Final = 44  # of a signed address, see tokens.py
LONGEST_LOCAL_PART: Final = 63

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class HostPort:
    """Where to listen. Port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Relay:
    """Where outgoing mail goes. `security` is none, starttls or tls."""

    security: Literal["none", "starttls", "tls"]
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """As it was set, password and all: never to be logged."""
        scheme = {"none": "smtp", "starttls": "smtp+starttls", "tls": "smtps"}[self.security]
        signed_in = "" if self.user is None else f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@"
        return f"{scheme}://{signed_in}{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class TrustedRelay:
    """A relay whose word on a mail's sender is believed, by the name it gives itself, and where it hands mail in from."""

    name: str
    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class ImapFolder:
    """A mailbox folder to fetch from. `security` is none, starttls or tls."""

    security: Literal["none", "starttls", "tls"]
    host: str
    port: int
    user: str
    folder: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A bucket for originals and attachments, as `s3://bucket/prefix`."""

    url: str


@dataclass(frozen=True, slots=True)
class RasaServer:
    """The sidecar that runs the script, by the base URL of its web server."""

    url: str


def parse_host_port(value: str) -> HostPort:
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})", value.strip())
    if match is None or int(match[3]) > 65535:
        raise ValueError("not host:port")
    if match[1]:
        ipaddress.IPv6Address(match[1])
    return HostPort(match[1] or match[2], int(match[3]))


def parse_database(value: str) -> URL:
    """A SQLAlchemy URL; `postgresql://` means the psycopg driver. Its `str` hides the password."""
    try:
        url = make_url(value.strip())
    except ArgumentError as error:
        raise ValueError("not a database URL") from error
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg") and url.database:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database:
        return url
    raise ValueError("not a database that is supported")


def parse_relay(value: str) -> Relay:
    kinds: dict[str, tuple[Literal["none", "starttls", "tls"], int]] = {
        "smtp": ("none", 25),
        "smtp+starttls": ("starttls", 587),
        "smtps": ("tls", 465),
    }
    parts = _server_url(value, kinds)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("nothing may follow the port")
    security, usual_port = kinds[parts.scheme]
    return Relay(security, parts.hostname or "", parts.port or usual_port, *_user_and_password(parts))


def parse_imap(value: str) -> ImapFolder:
    kinds: dict[str, tuple[Literal["none", "starttls", "tls"], int]] = {
        "imap": ("none", 143),
        "imap+starttls": ("starttls", 143),
        "imaps": ("tls", 993),
    }
    parts = _server_url(value, kinds)
    user, password = _user_and_password(parts)
    if not user or password is None:
        raise ValueError("user or password is missing")
    if set(value) & {"?", "#"}:
        raise ValueError("? and # have to be percent-encoded")
    security, usual_port = kinds[parts.scheme]
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    return ImapFolder(security, parts.hostname or "", parts.port or usual_port, user, folder, password)


def parse_done(value: str) -> Done:
    """What is done in the mailbox with a mail that was taken: nothing, seen, keyword:WORD or move:FOLDER."""
    what, colon, name = value.strip().partition(":")
    if what == "nothing" and not colon:
        return Done()
    if what == "seen" and not colon:
        return Done("seen")
    if what == "keyword" and re.fullmatch(r"[A-Za-z0-9$_.-]{1,64}", name):
        return Done("keyword", name)
    if what == "move" and name:
        return Done("move", name)
    raise ValueError("not a thing to do")


def parse_dialogue(value: str) -> RasaServer | Literal["embedded"]:
    if value.strip() == "embedded":
        return "embedded"
    parts = _server_url(value, ("rasa+http", "rasa+https"))
    if parts.path not in ("", "/") or parts.username:
        raise ValueError("nothing but host and port")
    return RasaServer(f"{parts.scheme.removeprefix('rasa+')}://{parts.netloc}")


def parse_files(value: str) -> Path | ObjectStore:
    if "://" not in value:
        return Path(value)
    _server_url(value, ("s3",))
    return ObjectStore(value.strip().rstrip("/"))


def parse_clamd(value: str) -> Path | HostPort:
    """`unix:/path` or `host:port`."""
    written = value.strip()
    if written.startswith("unix:"):
        path = Path(written.removeprefix("unix:"))
        if not path.is_absolute():
            raise ValueError("not an absolute path")
        return path
    return parse_host_port(written)


def parse_web_url(value: str) -> str:
    """An http(s) URL without query or trailing slash."""
    parts = _server_url(value, ("http", "https"))
    if parts.query or parts.fragment or parts.username:
        raise ValueError("only scheme, host, port and path")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def parse_translator(value: str) -> str:
    """Where a translation service answers; `/translate`, which its documentation names, may stand at the end or not."""
    return parse_web_url(value).removesuffix("/translate")


def parse_origin(value: str) -> str:
    """What a browser sends as `Origin`: scheme, host and port, in lower case."""
    url = parse_web_url(value)
    if urlsplit(url).path:
        raise ValueError("an origin has no path")
    return url.lower()


def parse_mailbox(value: str) -> str:
    """A mail address whose signed forms, `local+TOKEN@domain`, still fit into a local part."""
    address = value.strip().lower()
    match = re.fullmatch(r"([a-z0-9!#$%&'*/=?^_`{|}~.-]+)@([a-z0-9]([a-z0-9.-]*[a-z0-9])?)", address)
    if match is None or len(match[1]) + 1 + TOKEN_LENGTH > LONGEST_LOCAL_PART:
        raise ValueError("not an address that can be signed")
    return address


def parse_zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (OSError, LookupError) as error:  # a folder of the zone database gives an OSError
        raise ValueError("no such time zone") from error


def parse_dns(value: str) -> HostPort:
    server = parse_host_port(value)
    ipaddress.ip_address(server.host)  # a name would have to be looked up first
    return server


def parse_selector(value: str) -> str:
    """The name under which a key for signing mail is published (RFC 6376, 3.1)."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", value.strip()):
        raise ValueError("not a selector")
    return value.strip()


def parse_trusted_relay(value: str) -> TrustedRelay:
    """The relay's name, then its networks, separated by blanks or commas; this machine where none is named."""
    name, *networks = re.split(r"[,\s]+", value.strip())
    if not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?", name):
        raise ValueError("not a name")
    found = tuple(parse_network(network) for network in networks if network)
    return TrustedRelay(name.lower(), found or _LOOPBACK)


_LOOPBACK: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def parse_network(value: str) -> Network:
    return ipaddress.ip_network(value.strip())


def _server_url(value: str, schemes: Mapping[str, object] | tuple[str, ...]) -> SplitResult:
    parts = urlsplit(value.strip())
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
        raise ValueError("not such a URL")
    return parts


def _user_and_password(parts: SplitResult) -> tuple[str | None, str | None]:
    user = None if parts.username is None else unquote(parts.username)
    return user, None if parts.password is None else unquote(parts.password)
