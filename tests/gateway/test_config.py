"""Settings: what an operator may write, and what is said when it is wrong."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from case_store.records import Language
from channels.email.imap_place import Done
from gateway.config import Settings, SettingsError
from gateway.config_loading import load_settings
from gateway.endpoints import HostPort, ImapFolder, ObjectStore, RasaServer, Relay, TrustedRelay
from gateway.kept_secrets import house_secret


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("QINGTING_"):
            monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.data_dir == Path("var")
    assert settings.database.render_as_string() == "sqlite:///var/qingting.db"
    assert settings.listen_dsn is None
    assert settings.files_place == Path("var/files")
    assert settings.http == HostPort("127.0.0.1", 8080)
    assert settings.smtp == HostPort("127.0.0.1", 8025)
    assert settings.complaints_address == "complaints@localhost"
    assert settings.max_message == 35_000_000
    assert settings.dialogue == "embedded"
    assert settings.quiet_seconds == 2.5
    assert settings.timezone == ZoneInfo("Asia/Shanghai")
    assert settings.locale is Language.HANS
    assert settings.metrics == "loopback"
    assert settings.node
    assert settings.smtp_relay is settings.imap is settings.telegram_token is settings.policy is settings.secret is None


READ = [
    ("HTTP", "[::1]:0", "http", HostPort("::1", 0)),
    ("HTTP", "localhost:80", "http", HostPort("localhost", 80)),
    ("SMTP", "", "smtp", None),
    ("MAX_MESSAGE", "35MiB", "max_message", 35 * 1024 * 1024),
    ("MAX_MESSAGE", "1000000", "max_message", 1_000_000),
    ("TRUSTED_PROXIES", "10.0.0.0/8, ::1", "trusted_proxies", (ip_network("10.0.0.0/8"), ip_network("::1"))),
    ("TRUSTED_PROXIES", "", "trusted_proxies", ()),
    ("CHAT_ORIGINS", "https://WWW.bank.example/", "chat_origins", ("https://www.bank.example",)),
    ("CHATS_PER_ADDRESS", "300", "chats_per_address", 300),
    ("REQUESTS_PER_KEY", "900", "requests_per_key", 900),
    ("REQUESTS_PER_SESSION", "off", "requests_per_session", None),
    ("REQUESTS_PER_ADDRESS", "90", "requests_per_address", 90),
    ("PUBLIC_URL", "https://care.bank.example/", "public_url", "https://care.bank.example"),
    ("SMTP_RELAY", "smtps://u%40x:p%3Aw@mx.example", "smtp_relay", Relay("tls", "mx.example", 465, "u@x", "p:w")),
    ("SMTP_RELAY", "smtp+starttls://mx.example", "smtp_relay", Relay("starttls", "mx.example", 587)),
    ("SMTP_RELAY", "smtp://127.0.0.1:2525", "smtp_relay", Relay("none", "127.0.0.1", 2525)),
    ("SMTP_RELAY", "", "smtp_relay", None),
    ("IMAP", "imaps://u:p@mail.example", "imap", ImapFolder("tls", "mail.example", 993, "u", "INBOX", "p")),
    ("IMAP", "imap://u:p@[::1]:1143/A%20B", "imap", ImapFolder("none", "::1", 1143, "u", "A B", "p")),
    ("IMAP", "imap+starttls://u:p@m.example", "imap", ImapFolder("starttls", "m.example", 143, "u", "INBOX", "p")),
    (
        "IMAP",
        "imaps://u%40x:p%2Fw@m.example/%E6%8A%95%E8%AF%89",
        "imap",
        ImapFolder("tls", "m.example", 993, "u@x", "投诉", "p/w"),
    ),
    ("IMAP_DONE", "nothing", "imap_done", Done()),
    ("IMAP_DONE", "seen", "imap_done", Done("seen")),
    ("IMAP_DONE", "keyword:$Taken", "imap_done", Done("keyword", "$Taken")),
    ("IMAP_DONE", "move:Complaints/Taken in", "imap_done", Done("move", "Complaints/Taken in")),
    ("IMAP_SINCE", "2026-11-23", "imap_since", date(2026, 11, 23)),
    ("IMAP_SINCE", "", "imap_since", None),
    ("IMAP_CA", "/etc/ssl/bank.pem", "imap_ca", Path("/etc/ssl/bank.pem")),
    ("IMAP_PLAINTEXT", "yes", "imap_plaintext", True),
    ("DIALOGUE", "rasa+http://127.0.0.1:5005", "dialogue", RasaServer("http://127.0.0.1:5005")),
    ("QUIET_SECONDS", "0", "quiet_seconds", 0.0),
    ("TIMEZONE", "Asia/Hong_Kong", "timezone", ZoneInfo("Asia/Hong_Kong")),
    ("LOCALE", "zh-Hant", "locale", Language.HANT),
    ("FILES", "s3://bucket/qingting/", "files", ObjectStore("s3://bucket/qingting")),
    ("FILES", "/srv/files", "files", Path("/srv/files")),
    ("COMPLAINTS_ADDRESS", "Complaints@Bank.Example", "complaints_address", "complaints@bank.example"),
    ("SMTP_RELAY_PLAINTEXT", "yes", "smtp_relay_plaintext", True),
    ("MAIL_AUTH", "off", "mail_auth", "off"),
    ("MAIL_RECEIPTS", "read", "mail_receipts", "read"),
    ("DNS", "10.0.0.53:53", "dns", HostPort("10.0.0.53", 53)),
    ("DNS", "", "dns", None),
    (
        "TRUSTED_RELAY",
        "MX.bank.example 10.1.2.3, 10.2.0.0/16",
        "trusted_relay",
        TrustedRelay("mx.bank.example", (ip_network("10.1.2.3"), ip_network("10.2.0.0/16"))),
    ),
    (
        "TRUSTED_RELAY",
        "mx.bank.example",
        "trusted_relay",
        TrustedRelay("mx.bank.example", (ip_network("127.0.0.0/8"), ip_network("::1"))),
    ),
    ("TELEGRAM_API", "http://127.0.0.1:8081/", "telegram_api", "http://127.0.0.1:8081"),
    ("TELEGRAM_WEBHOOK", "no", "telegram_webhook", False),
    ("TELEGRAM_FILES", "/srv/bot-api", "telegram_files", Path("/srv/bot-api")),
    ("TELEGRAM_FILES", "", "telegram_files", None),
    ("CLAMD", "unix:/run/clamav/clamd.ctl", "clamd", Path("/run/clamav/clamd.ctl")),
    ("CLAMD", "127.0.0.1:3310", "clamd", HostPort("127.0.0.1", 3310)),
    ("CLAMD", "", "clamd", None),
    ("TRANSLATOR", "", "translator", None),
    ("TRANSLATOR", "http://127.0.0.1:5000/", "translator", "http://127.0.0.1:5000"),
    ("TRANSLATOR", "https://bank.example/lt/translate", "translator", "https://bank.example/lt"),
]


@pytest.mark.parametrize(("variable", "written", "name", "value"), READ)
def test_value_of_a_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, written: str, name: str, value: object
) -> None:
    monkeypatch.setenv(f"QINGTING_{variable}", written)
    assert getattr(load_settings(), name) == value


def test_a_postgresql_address_means_the_psycopg_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTING_DATABASE_URL", "postgresql://u:p%40w@db:6432/q")
    monkeypatch.setenv("QINGTING_DATABASE_LISTEN_URL", "postgresql://u:p%40w@db:5432/q")
    settings = load_settings()
    assert settings.database.drivername == "postgresql+psycopg"
    assert settings.database.password == "p@w"
    assert settings.listen_dsn == "postgresql://u:p%40w@db:5432/q"
    assert "p@w" not in repr(settings)
    assert "p%40w" not in repr(settings)


REFUSED = [
    ("HTTP", "8080", "QINGTING_HTTP is '8080': expected host:port"),
    ("HTTP", "", "QINGTING_HTTP is '': expected host:port"),
    ("HTTP", "127.0.0.1:70000", "expected host:port"),
    ("HTTP", "[::g]:80", "expected host:port"),
    ("SMTP", "here", "or nothing to turn it off"),
    ("MAX_MESSAGE", "35 apples", "QINGTING_MAX_MESSAGE is '35 apples': expected a size"),
    ("MAX_MESSAGE", "1kB", "expected a size from 64KiB"),
    ("DATABASE_URL", "mysql://u:hush@h/d", "QINGTING_DATABASE_URL is 'mysql://***@h/d': expected postgresql://"),
    ("DATABASE_URL", "u:hush@h/d", "QINGTING_DATABASE_URL is '***@h/d'"),
    ("DATABASE_URL", "mysql://h/d?password=hush", "'mysql://h/d?password=***'"),
    ("SMTP_RELAY", "http://u:hush@h", "QINGTING_SMTP_RELAY is 'http://***@h': expected smtp://"),
    ("SMTP_RELAY", "smtp://u:hush@mx.example", "would send mail unencrypted to mx.example"),
    ("CLAMD", "unix:clamd.ctl", "QINGTING_CLAMD is 'unix:clamd.ctl': expected unix:/path"),
    ("CLAMD", "/run/clamav/clamd.ctl", "expected unix:/path"),
    ("IMAP", "imaps://mail.example", "expected imaps://user:password@host:port/FOLDER"),
    ("IMAP", "imaps://u:hush@mail.example/Why?", "special characters percent-encoded"),
    ("IMAP", "imap+tls://u:hush@m.example", "QINGTING_IMAP is 'imap+tls://***@m.example': expected imaps://"),
    ("IMAP_DONE", "delete", "QINGTING_IMAP_DONE is 'delete': expected nothing, seen, keyword:WORD or move:FOLDER"),
    ("IMAP_DONE", "move:", "expected nothing, seen, keyword:WORD or move:FOLDER"),
    ("IMAP_DONE", r"keyword:\\Deleted", "expected nothing, seen, keyword:WORD or move:FOLDER"),
    ("IMAP_SINCE", "yesterday", "QINGTING_IMAP_SINCE is 'yesterday': expected a day, such as 2026-11-23"),
    ("TRANSLATOR", "127.0.0.1:5000", "QINGTING_TRANSLATOR is '127.0.0.1:5000': expected http://… or https://…"),
    ("TRANSLATOR", "ftp://bank.example", "QINGTING_TRANSLATOR is 'ftp://bank.example': expected http://"),
    ("TRANSLATOR", "https://u:hush@bank.example", "QINGTING_TRANSLATOR is 'https://***@bank.example': expected"),
    ("TRANSLATOR", "https://bank.example?api_key=hush", "or nothing to turn it off"),
    ("RASA_SECRET", "hush", "QINGTING_RASA_SECRET is ***: expected at least 32 random characters"),
    ("SECRET", "hush", "QINGTING_SECRET is ***: expected at least 32 random characters"),
    ("DIALOGUE", "rasa", "QINGTING_DIALOGUE is 'rasa': expected embedded, or rasa+http://host:port"),
    ("QUIET_SECONDS", "60", "expected seconds from 0 to 15"),
    ("QUIET_SECONDS", "nan", "expected seconds from 0 to 15"),
    ("TIMEZONE", "Mars/Olympus", "QINGTING_TIMEZONE is 'Mars/Olympus': expected a name"),
    ("TIMEZONE", "Asia", "expected a name"),
    ("TIMEZONE", "../../etc/passwd", "expected a name"),
    ("LOCALE", "zh-CN", "QINGTING_LOCALE is 'zh-CN': expected zh-Hans, zh-Hant or en"),
    ("TRUSTED_PROXIES", "10.0.0.1/8", "expected networks"),
    ("CHAT_ORIGINS", "https://bank.example/chat", "expected origins"),
    ("CHAT_ORIGINS", "*", "expected origins"),
    ("COMPLAINTS_ADDRESS", "customer.complaints@bank.example", "at most 18 characters"),
    ("COMPLAINTS_ADDRESS", "a+b@bank.example", "no +"),
    ("FILES", "ftp://bucket", "expected a folder, or s3://bucket/prefix"),
    ("METRICS", "everybody", "expected loopback, open or off"),
    ("SMTP_TLS_CERT", "cert.pem", "expected both or neither"),
    ("MAIL_RECEIPTS", "yes", "QINGTING_MAIL_RECEIPTS is 'yes': expected none, delivered or read"),
    ("MAIL_AUTH", "maybe", "QINGTING_MAIL_AUTH is 'maybe': expected verify, relay or off"),
    ("MAIL_AUTH", "relay", "QINGTING_MAIL_AUTH is 'relay': expected QINGTING_TRUSTED_RELAY to name the relay"),
    ("TRUSTED_RELAY", "mx.bank.example here", "expected the relay's name in Authentication-Results"),
    ("DNS", "ns.bank.example:53", "expected the address and port of a name server"),
    ("DKIM_KEY", "key.pem", "QINGTING_DKIM_KEY and QINGTING_DKIM_SELECTOR: expected both or neither"),
    ("DKIM_SELECTOR", "a b", "expected the selector that the key is published under"),
    ("DATA_DIR", "", "expected a folder"),
    ("TELEGRAM_WEBHOOK", "perhaps", "QINGTING_TELEGRAM_WEBHOOK is 'perhaps': expected yes or no"),
    ("TELEGRAM_WEBHOOK", "yes", "QINGTING_TELEGRAM_WEBHOOK: expected QINGTING_PUBLIC_URL"),
    ("TELEGRAM_API", "api.telegram.org", "QINGTING_TELEGRAM_API is 'api.telegram.org': expected http://"),
    ("HTPP", "127.0.0.1:1", "QINGTING_HTPP is not a setting: did you mean QINGTING_HTTP?"),
    ("ADMIN_PASSWORT", "hush", "QINGTING_ADMIN_PASSWORT is not a setting: did you mean QINGTING_ADMIN_PASSWORD?"),
    ("SECRET_FILE", "/nowhere/secret", "QINGTING_SECRET_FILE is '/nowhere/secret': expected a text file"),
    ("CONFIG", "/nowhere/qingting.toml", "QINGTING_CONFIG is '/nowhere/qingting.toml': expected a TOML file"),
]


@pytest.mark.parametrize(("variable", "written", "said"), REFUSED)
def test_what_is_said_of_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, variable: str, written: str, said: str
) -> None:
    monkeypatch.setenv(f"QINGTING_{variable}", written)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1
    assert "hush" not in str(refused.value)
    assert "\n" not in refused.value.problems[0]


@pytest.mark.parametrize("itself", ["INBOX", "inbox"])
def test_a_mailbox_is_not_moved_into_itself(monkeypatch: pytest.MonkeyPatch, itself: str) -> None:
    monkeypatch.setenv("QINGTING_IMAP", "imaps://u:p@mail.example")
    monkeypatch.setenv("QINGTING_IMAP_DONE", f"move:{itself}")
    with pytest.raises(SettingsError, match="QINGTING_IMAP_DONE would move mails from INBOX to itself"):
        load_settings()


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTING_HTTP", "x")
    monkeypatch.setenv("QINGTING_LOCALE", "y")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert [problem.split(" ")[0] for problem in refused.value.problems] == ["QINGTING_HTTP", "QINGTING_LOCALE"]


@pytest.mark.parametrize("name", ["QINGTING_REQUIRE_ALL", "QINGTING_SHARED", "QINGTING_TEST_DATABASE_URL", "QINGTINGX"])
def test_names_that_are_not_settings_but_allowed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert isinstance(load_settings(), Settings)


def test_a_value_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse\n")
    monkeypatch.setenv("QINGTING_ADMIN_PASSWORD_FILE", str(tmp_path / "password"))
    password = load_settings().admin_password
    assert password is not None
    assert password.get_secret_value() == "correct horse"


def test_a_setting_and_its_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a")
    monkeypatch.setenv("QINGTING_ADMIN_PASSWORD", "b")
    monkeypatch.setenv("QINGTING_ADMIN_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(SettingsError, match="QINGTING_ADMIN_PASSWORD and QINGTING_ADMIN_PASSWORD_FILE are both set"):
        load_settings()


class TestConfigFile:
    @pytest.fixture
    def config(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
        path = tmp_path / "qingting.toml"

        def write(text: str) -> None:
            path.write_text(text)
            monkeypatch.setenv("QINGTING_CONFIG", str(path))

        return write

    def test_environment_overrides_it(self, config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        config('http = "127.0.0.1:1"\nquiet_seconds = 1.5\ntrusted_proxies = ["10.0.0.0/8"]\nsmtp_relay = "smtps://a"')
        monkeypatch.setenv("QINGTING_HTTP", "127.0.0.1:2")
        monkeypatch.setenv("QINGTING_SMTP_RELAY", "")
        settings = load_settings()
        assert settings.http == HostPort("127.0.0.1", 2)
        assert settings.quiet_seconds == 1.5
        assert settings.trusted_proxies == (ip_network("10.0.0.0/8"),)
        assert settings.smtp_relay is None

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("http = 8080", "qingting.toml is 8080: expected host:port"),
            ('htp = "x"', "htp in "),
            ('htp = "x"', "did you mean http?"),
            ('secret = "hush"', "qingting.toml is ***: expected at least 32"),
            ("http = ", "expected a TOML file that can be read"),
            ("trusted_proxies = 5", "expected networks"),
            ("[http]\nport = 5", "expected host:port"),
        ],
    )
    def test_what_is_said_of_a_wrong_key(self, config: Any, text: str, said: str) -> None:
        config(text)
        with pytest.raises(SettingsError) as refused:
            load_settings()
        assert said in str(refused.value)
        assert "hush" not in str(refused.value)


class TestSecret:
    def test_is_made_once_and_kept_for_its_owner_alone(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path / "new")
        first = house_secret(settings)
        assert len(first) == 43
        assert house_secret(settings) == first
        assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]

    def test_two_that_start_together_get_the_same(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path)
        with ThreadPoolExecutor(16) as pool:
            assert len(set(pool.map(house_secret, [settings] * 64))) == 1

    def test_one_that_is_set_counts_and_nothing_is_written(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("QINGTING_SECRET", "s" * 32)
        monkeypatch.setenv("QINGTING_DATA_DIR", str(tmp_path))
        assert house_secret(load_settings()) == b"s" * 32
        assert list(tmp_path.iterdir()) == []

    def test_an_empty_file_is_refused_rather_than_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "secret").touch()
        with pytest.raises(SettingsError, match="holds no secret"):
            house_secret(Settings(data_dir=tmp_path))

    def test_no_secret_shows_in_a_repr(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "SECRET": "hush" * 8,
            "ADMIN_PASSWORD": "hush",
            "TELEGRAM_TOKEN": "1:hush",
            "SMTP_RELAY": "smtps://u:hush@mx.example",
            "IMAP": "imaps://u:hush@mx.example",
            "DATABASE_URL": "postgresql://u:hush@db/q",
        }.items():
            monkeypatch.setenv(f"QINGTING_{name}", value)
        assert "hush" not in repr(load_settings())
