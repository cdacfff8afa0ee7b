"""Mail out: into a folder, and through real SMTP servers that answer as relays do."""

import asyncio
from datetime import UTC, datetime

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from channels.email.send import OutgoingFolder, Relay, delivery_error
from channels.message import Refused, Retryable, UnknownAddress

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
MAIL = b"From: complaints@bank.example\r\nSubject: x\r\n\r\nhello\r\n"
ENVELOPE = ("complaints+b234@bank.example", "ann@customer.example", NOW)


async def test_a_mail_becomes_one_file_that_begins_with_the_time(tmp_path):
    folder = OutgoingFolder(tmp_path / "outgoing")
    delivery = await folder.send(MAIL, *ENVELOPE)
    (file,) = (tmp_path / "outgoing").iterdir()
    assert delivery.external_id is None, "the mail's own Message-ID is its name for the peer"
    assert file.name in delivery.detail
    assert file.name.startswith("20261123T120000.123456Z-")
    assert file.suffix == ".eml"
    assert file.read_bytes() == MAIL


async def test_a_power_cut_leaves_no_half_mail_under_a_final_name(tmp_path, monkeypatch):
    steps: list[str] = []
    sync, move = __import__("os").fsync, __import__("os").replace
    monkeypatch.setattr("os.fsync", lambda fd: (steps.append("sync"), sync(fd)))
    monkeypatch.setattr("os.replace", lambda a, b: (steps.append("rename"), move(a, b)))
    await OutgoingFolder(tmp_path).send(MAIL, *ENVELOPE)
    assert steps == ["sync", "rename", "sync"]


async def test_a_full_disk_is_retryable_and_leaves_nothing(tmp_path, monkeypatch):
    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Retryable, match="No space left"):
        await OutgoingFolder(tmp_path).send(MAIL, *ENVELOPE)
    assert list(tmp_path.iterdir()) == []


class Server:
    """Takes mail, or answers as it is told."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.taken: list[tuple[str, list[str], bytes, bool]] = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "rcpt" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(self, server, session, envelope):
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None))
        return self.answers.get("data", "250 2.0.0 queued as 1")


@pytest.fixture
def serving(unused_tcp_port_factory):
    started = []

    def serve(server: Server, **options: object) -> int:
        controller = Controller(server, hostname="127.0.0.1", port=unused_tcp_port_factory(), **options)
        controller.start()
        started.append(controller)
        return controller.port

    yield serve
    for controller in started:
        controller.stop()


async def test_a_relay_takes_a_mail(serving):
    server = Server()
    delivery = await Relay(f"smtp://127.0.0.1:{serving(server)}").send(MAIL, *ENVELOPE)
    assert server.taken == [("complaints+b234@bank.example", ["ann@customer.example"], MAIL, False)]
    assert "queued as 1" in delivery.detail


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"rcpt": "550 5.1.1 no such user"}, UnknownAddress),
        ({"rcpt": "550 no such user"}, UnknownAddress),
        ({"rcpt": "553 5.1.3 bad address"}, UnknownAddress),
        ({"rcpt": "550 5.7.1 we don't like you"}, Refused),
        ({"rcpt": "554 rejected"}, Refused),
        ({"rcpt": "552 5.2.2 mailbox full"}, Refused),
        ({"rcpt": "450 4.2.1 try later"}, Retryable),
        ({"rcpt": "421 4.7.0 too many"}, Retryable),
        ({"mail": "550 5.7.1 sender refused"}, Refused),
        ({"mail": "451 4.3.0 later"}, Retryable),
        ({"data": "554 5.7.1 spam"}, Refused),
        ({"data": "451 4.3.0 disk full"}, Retryable),
    ],
)
async def test_what_a_relay_answers(serving, answers, error):
    relay = Relay(f"smtp://127.0.0.1:{serving(Server(**answers))}")
    with pytest.raises(error) as raised:
        await relay.send(MAIL, *ENVELOPE)
    assert type(raised.value) is error
    assert next(iter(answers.values())).partition(" ")[0] in raised.value.detail


async def test_a_relay_that_is_down_is_retryable(unused_tcp_port):
    with pytest.raises(Retryable, match="can't be reached"):
        await Relay(f"smtp://127.0.0.1:{unused_tcp_port}").send(MAIL, *ENVELOPE)


async def test_a_relay_that_says_nothing_is_retryable():
    done = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(Retryable):
            await Relay(f"smtp://127.0.0.1:{port}", timeout=0.3).send(MAIL, *ENVELOPE)
        done.set()


async def test_an_address_beyond_ascii_needs_smtputf8(serving):
    envelope = ("complaints@bank.example", "用户@例子.example", NOW)
    able, unable = Server(), Server()
    await Relay(f"smtp://127.0.0.1:{serving(able, enable_SMTPUTF8=True)}").send(MAIL, *envelope)
    assert able.taken[0][1] == ["用户@例子.example"]
    with pytest.raises(Refused, match="ASCII"):
        await Relay(f"smtp://127.0.0.1:{serving(unable, enable_SMTPUTF8=False)}").send(MAIL, *envelope)
    assert unable.taken == []


async def test_starttls_and_sign_in_with_a_password_full_of_signs(serving, certificate):
    theirs, ours = certificate
    signed_in: list[tuple[bytes, bytes]] = []

    def check(server, session, envelope, mechanism, login):
        signed_in.append((login.login, login.password))
        return AuthResult(success=True)

    server = Server()
    port = serving(server, tls_context=theirs, require_starttls=True, authenticator=check, auth_required=True)
    relay = Relay(f"smtp+starttls://bank%40relay:p%40ss%2F%3A%E5%AF%86@127.0.0.1:{port}", tls_context=ours)
    await relay.send(MAIL, *ENVELOPE)
    assert signed_in == [(b"bank@relay", "p@ss/:密".encode())]
    assert server.taken[0][3] is True


async def test_attack_a_relay_with_a_strangers_certificate_gets_no_mail_and_no_password(serving, certificate):
    theirs, _ = certificate
    server = Server()
    relay = Relay(f"smtp+starttls://bank:hunter2@127.0.0.1:{serving(server, tls_context=theirs)}")
    with pytest.raises(Retryable) as raised:
        await relay.send(MAIL, *ENVELOPE)
    assert server.taken == []
    assert "hunter2" not in str(raised.value)


async def test_attack_a_relay_that_no_longer_offers_tls_gets_no_mail(serving):
    server = Server()
    with pytest.raises(Retryable):
        await Relay(f"smtp+starttls://127.0.0.1:{serving(server)}").send(MAIL, *ENVELOPE)
    assert server.taken == []


def test_unencrypted_mail_leaves_this_machine_only_if_allowed():
    with pytest.raises(ValueError, match="unencrypted"):
        Relay("smtp://user:hunter2@relay.example:25")
    assert Relay("smtp://relay.example", allow_plain=True).port == 25
    assert Relay("smtp://[::1]:2525").port == 2525


@pytest.mark.parametrize(
    "url", ["", "relay.example", "http://relay.example", "smtp://", "smtps://u:hunter2@relay.example:99999"]
)
def test_a_malformed_relay_is_refused_without_showing_its_password(url):
    with pytest.raises(ValueError, match="relay") as raised:
        Relay(url)
    assert "hunter2" not in str(raised.value)


def test_passwords_are_never_shown():
    relay = Relay("smtps://user:hunter2@relay.example")
    assert repr(relay) == "Relay(smtps://relay.example:465)"
    error = delivery_error(aiosmtplib.SMTPAuthenticationError(535, "5.7.8 bad sign-in"))
    assert isinstance(error, Retryable)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(("asks", "knows", "asked"), [(True, True, True), (True, False, False), (False, True, False)])
async def test_success_is_asked_for_only_where_the_house_wants_it_and_the_relay_knows_how(
    unused_tcp_port, asks, knows, asked
):
    heard: list[str] = []
    gone = asyncio.Event()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Knows RFC 3461 or doesn't; the server of the other tests refuses every parameter of RCPT."""
        writer.write(b"220 relay\r\n")
        while line := (await reader.readline()).decode().rstrip():
            heard.append(line)
            word = line[:4].upper()
            if word == "EHLO":
                writer.write(b"250-relay\r\n250-DSN\r\n250 8BITMIME\r\n" if knows else b"250 relay\r\n")
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                while (await reader.readline()) != b".\r\n":
                    pass
                writer.write(b"250 2.0.0 queued\r\n")
            else:
                writer.write(b"221 bye\r\n" if word == "QUIT" else b"250 OK\r\n")
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(relay, "127.0.0.1", unused_tcp_port):
        sent = await Relay(f"smtp://127.0.0.1:{unused_tcp_port}", asks_whether_delivered=asks).send(MAIL, *ENVELOPE)
        await gone.wait()
    assert sent.detail == "2.0.0 queued"
    [rcpt] = [line for line in heard if line.upper().startswith("RCPT")]
    assert rcpt.upper().endswith(" NOTIFY=SUCCESS,FAILURE,DELAY") is asked
