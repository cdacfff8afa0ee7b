"""Settings: what an operator sets by environment variable or in a TOML file, read once at start.

They are read from `QINGTING_…` variables, then files named by `QINGTING_…_FILE`, then the TOML file named by
`QINGTING_CONFIG`, whose keys are the same names without prefix in lower case (`data_dir = "/srv/qingting"`). The first
that names a setting wins. An unknown name or a malformed value is refused: one line for each problem, with the name,
the value (secrets masked) and what was expected.

Beside the contract's settings an operator has:

QINGTING_SMTP_TLS_CERT, QINGTING_SMTP_TLS_KEY   PEM files; with both, inbound mail offers STARTTLS
QINGTING_SMTP_RELAY_PLAINTEXT                   `yes` lets `smtp://` go unencrypted to a relay on another machine
QINGTING_IMAP_CA, QINGTING_IMAP_DONE, QINGTING_IMAP_SINCE, QINGTING_IMAP_PLAINTEXT
                                                whose certificates count for the mailbox; what is done there with a mail that
                                                was taken; mails that came before are left alone; `yes` lets `imap://` go
                                                unencrypted to another machine
QINGTING_CHATS_PER_ADDRESS                      new chats a minute from one network address
QINGTING_REQUESTS_PER_KEY, QINGTING_REQUESTS_PER_SESSION, QINGTING_REQUESTS_PER_ADDRESS
                                                requests a minute that the API takes of each; `off`: any number
QINGTING_MAIL_RECEIPTS                             what is asked of those we write to: `none` (default), whether it was `delivered`, `read`
QINGTING_MAIL_AUTH, QINGTING_TRUSTED_RELAY      is a mail from whom it says: found out here (`verify`, default), by a relay, `off`
QINGTING_DNS                                    the name server to ask; default: the machine's own
QINGTING_DKIM_KEY, QINGTING_DKIM_SELECTOR       PEM file and selector; with both, outgoing mail is signed
QINGTING_TELEGRAM_WEBHOOK                       `yes`: Telegram calls QINGTING_PUBLIC_URL instead of being polled
QINGTING_TELEGRAM_FILES                         folder in which a Bot API server of one's own (--local) keeps files
QINGTING_TRANSLATOR, QINGTING_TRANSLATOR_KEY    a service that translates for agents, and its key; nothing (default): nothing is translated
QINGTING_OIDC_…, QINGTING_PASSWORDS_FOR         agents sign in by the institution's own sign-in service (docs/sign-in.md), and who
                                                may still sign in by a password: `all` (default), `none`, or usernames
QINGTING_WEBHOOK_NETWORKS                       networks inside the house that webhooks may go to; default: none
QINGTING_METRICS                                who may read /metrics: `loopback` (default), `open`, `off`
QINGTING_TRANSCRIPTS_FOLDER                     folder in which the telephone system leaves transcripts and recordings
QINGTING_PRACTICE                               `yes`: the house holds no real customers; `qingting simulate` may file cases in it
QINGTING_LOG                                    `console` (default) or `json`
QINGTING_LOG_LEVEL                              `debug`, `info` (default), `warning`, `error`

Not here: what is said of settings that can't be used (config_loading.py); how an address is read (endpoints.py); what the institution decides (policy.py); the keys made from the secret
(tokens.py).
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    PlainValidator,
    SecretStr,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import URL

from case_store.records import Language, Role
from channels.email.imap_place import Done
from gateway.endpoints import (
    LONGEST_LOCAL_PART,
    TOKEN_LENGTH,
    HostPort,
    ImapFolder,
    Network,
    ObjectStore,
    RasaServer,
    Relay,
    TrustedRelay,
    parse_clamd,
    parse_database,
    parse_dialogue,
    parse_dns,
    parse_done,
    parse_files,
    parse_host_port,
    parse_imap,
    parse_mailbox,
    parse_network,
    parse_origin,
    parse_relay,
    parse_selector,
    parse_translator,
    parse_trusted_relay,
    parse_web_url,
    parse_zone,
)
from gateway.oidc.rules import RoleOf, parse_host, parse_issuer, parse_passwords_for, parse_role, parse_scopes

__all__ = [
    "HostPort",
    "ImapFolder",
    "Network",
    "ObjectStore",
    "RasaServer",
    "Relay",
    "Settings",
    "SettingsError",
    "TrustedRelay",
]

PREFIX: Final = "QINGTING_"
NOT_SETTINGS: Final = frozenset({"QINGTING_CONFIG", "QINGTING_REQUIRE_ALL", "QINGTING_SHARED"})
NOT_SETTINGS_PREFIX: Final = "QINGTING_TEST_"


class SettingsError(Exception):
    """The settings can't be used. `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Expected:
    """Told to the operator when the value of a setting is refused."""

    what: str


def _read(parse: Callable[[str], Any], already: type | UnionType, *, optional: bool = False) -> PlainValidator:
    """Reads text; lets through what is read already, and nothing else."""

    def read(value: Any) -> Any:
        if isinstance(value, already) and not isinstance(value, str):
            return value
        if optional and value in (None, ""):
            return None
        return parse(_text(value))

    return PlainValidator(read)


def _read_list(parse: Callable[[str], Any]) -> PlainValidator:
    def read(value: Any) -> tuple[Any, ...]:
        if isinstance(value, list | tuple):
            return tuple(parse(_text(item)) for item in value)
        return tuple(parse(item) for item in re.split(r"[,\s]+", _text(value)) if item)

    return PlainValidator(read)


def _read_parts(parse: Callable[[str], Any]) -> PlainValidator:
    """Parts between semicolons: names of groups have blanks and commas in them."""

    def read(value: Any) -> tuple[Any, ...]:
        parts = value if isinstance(value, list | tuple) else _text(value).split(";")
        return tuple(part if isinstance(part, RoleOf) else parse(_text(part)) for part in parts if part != "")

    return PlainValidator(read)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _not_blank(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("empty")
    return value


def _long_enough(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value()) < 32:
        raise ValueError("too short")
    return value


_Absent: Final = BeforeValidator(lambda value: None if value == "" else value)
_DATABASE: Final = Expected("postgresql://user:password@host:port/name, or sqlite:///path")
_HOST_PORT: Final = Expected("host:port, such as 127.0.0.1:8080 or [::1]:8080")
_WEB_URL: Final = Expected("http://… or https://…, without query")
_PEM: Final = Expected("the path of a PEM file")

Database = Annotated[URL | None, _read(parse_database, URL, optional=True), _DATABASE]
Secret = Annotated[SecretStr | None, _Absent]


_Requests = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000)] | None,
    BeforeValidator(lambda value: None if value == "off" else value),
    Expected("a whole number from 1 to 1000000, such as 600, or off"),
]


class Settings(BaseSettings):
    """Everything that is set from outside. Properties give what follows from several settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, enable_decoding=False, hide_input_in_errors=True
    )

    data_dir: Annotated[Path, BeforeValidator(_not_blank), Expected("a folder")] = Path("var")
    database_url: Database = None
    database_listen_url: Database = None
    files: Annotated[
        Path | ObjectStore | None,
        _read(parse_files, Path | ObjectStore, optional=True),
        Expected("a folder, or s3://bucket/prefix"),
    ] = None
    secret: Annotated[Secret, AfterValidator(_long_enough), Expected("at least 32 random characters")] = None
    http: Annotated[HostPort, _read(parse_host_port, HostPort), _HOST_PORT] = HostPort("127.0.0.1", 8080)
    public_url: Annotated[str | None, _read(parse_web_url, str, optional=True), _WEB_URL] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        _read_list(parse_network),
        Expected("networks separated by commas, such as 10.0.0.0/8, ::1"),
    ] = ()
    chat_origins: Annotated[
        tuple[str, ...],
        _read_list(parse_origin),
        Expected("origins separated by commas, such as https://www.bank.example"),
    ] = ()
    chats_per_address: Annotated[
        int, Field(ge=1, le=1_000_000), Expected("a whole number from 1 to 1000000, such as 60")
    ] = 60
    requests_per_key: _Requests = 600
    requests_per_session: _Requests = 1200
    requests_per_address: _Requests = 1200
    smtp: Annotated[
        HostPort | None,
        _read(parse_host_port, HostPort, optional=True),
        Expected("host:port, such as 127.0.0.1:8025, or nothing to turn it off"),
    ] = HostPort("127.0.0.1", 8025)
    smtp_tls_cert: Annotated[Path | None, _Absent, _PEM] = None
    smtp_tls_key: Annotated[Path | None, _Absent, _PEM] = None
    complaints_address: Annotated[
        str,
        _read(parse_mailbox, str),
        Expected(
            f"a mail address with at most {LONGEST_LOCAL_PART - 1 - TOKEN_LENGTH} characters before the @ and no +, "
            "so that its signed forms are valid addresses"
        ),
    ] = "complaints@localhost"
    max_message: Annotated[ByteSize, Field(ge=65536, le=2**30), Expected("a size from 64KiB to 1GiB, such as 35MB")] = (
        ByteSize(35_000_000)
    )
    clamd: Annotated[
        Path | HostPort | None,
        _read(parse_clamd, Path | HostPort, optional=True),
        Expected("unix:/path/of/clamd.sock or host:port, or nothing to scan no files"),
    ] = None
    smtp_relay: Annotated[
        Relay | None,
        _read(parse_relay, Relay, optional=True),
        Expected("smtp://, smtp+starttls:// or smtps://user:password@host:port"),
    ] = None
    smtp_relay_plaintext: Annotated[bool, Expected("yes or no")] = False
    imap: Annotated[
        ImapFolder | None,
        _read(parse_imap, ImapFolder, optional=True),
        Expected("imaps://user:password@host:port/FOLDER, special characters percent-encoded"),
    ] = None
    imap_ca: Annotated[Path | None, _Absent, _PEM] = None
    imap_done: Annotated[Done, _read(parse_done, Done), Expected("nothing, seen, keyword:WORD or move:FOLDER")] = Done()
    imap_since: Annotated[date | None, _Absent, Expected("a day, such as 2026-11-23")] = None
    imap_plaintext: Annotated[bool, Expected("yes or no")] = False
    telegram_token: Annotated[Secret, Expected("the bot's token")] = None
    telegram_api: Annotated[str, _read(parse_web_url, str), _WEB_URL] = "https://api.telegram.org"
    telegram_webhook: Annotated[bool, Expected("yes or no")] = False
    telegram_files: Annotated[Path | None, _Absent, Expected("a folder of a Bot API server on this machine")] = None
    transcripts_folder: Annotated[
        Path | None, _Absent, Expected("a folder that the gateway may read and move files in, or nothing")
    ] = None
    dialogue: Annotated[
        RasaServer | Literal["embedded"],
        _read(parse_dialogue, RasaServer),
        Expected("embedded, or rasa+http://host:port"),
    ] = "embedded"
    translator: Annotated[
        str | None,
        _read(parse_translator, str, optional=True),
        Expected("http://… or https://… of a service that speaks LibreTranslate's protocol, or nothing to turn it off"),
    ] = None
    translator_key: Annotated[Secret, Expected("the key that the translation service gave out")] = None
    oidc_issuer: Annotated[
        str | None,
        _read(parse_issuer, str, optional=True),
        Expected(
            "the issuer's https:// address, exactly as the sign-in service names itself (http:// on this machine only)"
        ),
    ] = None
    oidc_client_id: Annotated[str | None, _Absent, Expected("the client id that the sign-in service gave out")] = None
    oidc_client_secret: Annotated[Secret, Expected("the client secret that the sign-in service gave out")] = None
    oidc_name: Annotated[
        Annotated[str, Field(max_length=60)] | None,
        _Absent,
        Expected("the service's name for the button, at most 60 characters"),
    ] = None
    oidc_scopes: Annotated[str, _read(parse_scopes, str), Expected("scopes separated by blanks, openid among them")] = (
        "openid profile email"
    )
    oidc_username: Annotated[
        str, BeforeValidator(_not_blank), Expected("the claim that holds the username, such as preferred_username")
    ] = "preferred_username"
    oidc_groups: Annotated[
        str,
        BeforeValidator(_not_blank),
        Expected("the claim that holds the groups, such as groups or realm_access.roles"),
    ] = "groups"
    oidc_roles: Annotated[
        tuple[RoleOf, ...],
        _read_parts(parse_role),
        Expected(f"group=role, separated by semicolons, each role one of {', '.join(Role)}"),
    ] = ()
    oidc_unmapped: Annotated[Literal["refuse", "agent"], Expected("refuse or agent")] = "refuse"
    oidc_new_accounts: Annotated[bool, Expected("yes or no")] = False
    oidc_hosts: Annotated[
        tuple[str, ...],
        _read_list(parse_host),
        Expected("host names separated by commas that the sign-in service has beside its issuer's"),
    ] = ()
    passwords_for: Annotated[
        tuple[str, ...] | Literal["all"],
        _read(parse_passwords_for, tuple),
        Expected("all, none, or usernames separated by commas, such as admin"),
    ] = "all"
    webhook_networks: Annotated[
        tuple[Network, ...],
        _read_list(parse_network),
        Expected("networks inside the house that webhooks may go to, separated by commas, such as 10.1.2.0/24"),
    ] = ()
    practice: Annotated[bool, Expected("yes or no")] = False
    rasa_secret: Annotated[
        Secret,
        AfterValidator(_long_enough),
        Expected("at least 32 random characters, the same that Rasa is started with"),
    ] = None
    quiet_seconds: Annotated[float, Field(ge=0, le=15), Expected("seconds from 0 to 15")] = 2.5
    mail_receipts: Annotated[Literal["none", "delivered", "read"], Expected("none, delivered or read")] = "none"
    mail_auth: Annotated[Literal["verify", "relay", "off"], Expected("verify, relay or off")] = "verify"
    trusted_relay: Annotated[
        TrustedRelay | None,
        _read(parse_trusted_relay, TrustedRelay, optional=True),
        Expected(
            "the relay's name in Authentication-Results, then the networks it hands mail in from, such as mx.bank.example 10.1.2.3"
        ),
    ] = None
    dns: Annotated[
        HostPort | None,
        _read(parse_dns, HostPort, optional=True),
        Expected("the address and port of a name server, such as 10.0.0.53:53"),
    ] = None
    dkim_key: Annotated[Path | None, _Absent, _PEM] = None
    dkim_selector: Annotated[
        str | None,
        _read(parse_selector, str, optional=True),
        Expected("the selector that the key is published under, such as 2026a"),
    ] = None
    timezone: Annotated[
        ZoneInfo, _read(parse_zone, ZoneInfo), Expected("a name of the time zone database, such as Asia/Shanghai")
    ] = Field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    locale: Annotated[Language, Expected("zh-Hans, zh-Hant or en")] = Language.HANS
    policy: Annotated[Path | None, _Absent, Expected("the path of a TOML file")] = None
    admin_password: Annotated[Secret, Expected("a password")] = None
    node: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9._-]{1,80}$"), Expected("a name of letters, digits, dots and hyphens")
    ] = Field(default_factory=lambda: re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:80] or "node")
    metrics: Annotated[Literal["loopback", "open", "off"], Expected("loopback, open or off")] = "loopback"
    log: Annotated[Literal["console", "json"], Expected("console or json")] = "console"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Expected("debug, info, warning or error")] = (
        "info"
    )

    @property
    def database(self) -> URL:
        """The database to use: SQLite in the data folder unless told otherwise."""
        return self.database_url or URL.create("sqlite", database=str(self.data_dir / "qingting.db"))

    @property
    def listen_dsn(self) -> str | None:
        """For psycopg's own LISTEN connection; None on SQLite."""
        url = self.database_listen_url or self.database
        if url.get_backend_name() != "postgresql":
            return None
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def files_place(self) -> Path | ObjectStore:
        return self.files or self.data_dir / "files"

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        if (self.smtp_tls_cert is None) != (self.smtp_tls_key is None):
            raise ValueError("QINGTING_SMTP_TLS_CERT and QINGTING_SMTP_TLS_KEY: expected both or neither")
        if (self.dkim_key is None) != (self.dkim_selector is None):
            raise ValueError("QINGTING_DKIM_KEY and QINGTING_DKIM_SELECTOR: expected both or neither")
        if self.mail_auth == "relay" and self.trusted_relay is None:
            raise ValueError("QINGTING_MAIL_AUTH is 'relay': expected QINGTING_TRUSTED_RELAY to name the relay")
        if self.telegram_webhook and self.public_url is None:
            raise ValueError(
                "QINGTING_TELEGRAM_WEBHOOK: expected QINGTING_PUBLIC_URL, the address that Telegram is to call"
            )
        if self.oidc_issuer is not None and (self.oidc_client_id is None or self.public_url is None):
            raise ValueError(
                "QINGTING_OIDC_ISSUER: expected QINGTING_OIDC_CLIENT_ID as well, and QINGTING_PUBLIC_URL, where the sign-in"
                " service sends agents back to"
            )
        if self.oidc_issuer is None and self.passwords_for != "all":
            raise ValueError(
                "QINGTING_PASSWORDS_FOR would leave agents no way to sign in: expected all, or QINGTING_OIDC_ISSUER as well"
            )
        relay = self.smtp_relay
        if relay and relay.security == "none" and not self.smtp_relay_plaintext and not is_loopback(relay.host):
            raise ValueError(
                f"QINGTING_SMTP_RELAY would send mail unencrypted to {relay.host}: expected smtp+starttls:// or smtps://,"
                " or QINGTING_SMTP_RELAY_PLAINTEXT=yes if that is meant"
            )
        if self.imap and self.imap_done.what == "move" and _same_folder(self.imap_done.name, self.imap.folder):
            raise ValueError(
                f"QINGTING_IMAP_DONE would move mails from {self.imap.folder} to itself: expected another folder"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        config = os.environ.get("QINGTING_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(config)),) if config else ()
        return (init_settings, env_settings, _NamedFiles(settings_cls), *toml)


class _NamedFiles(PydanticBaseSettingsSource):
    """Reads `QINGTING_X` from the file that `QINGTING_X_FILE` names, as containers hand over secrets."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text("utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(info, name)[0] for name, info in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _same_folder(one: str, other: str) -> bool:
    return one == other or one.upper() == other.upper() == "INBOX"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
