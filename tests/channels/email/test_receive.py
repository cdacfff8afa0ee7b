"""The SMTP server, against real clients and against bytes that no client would send."""

import asyncio
import smtplib
import socket
from contextlib import closing

import pytest

from channels.email.identity import external_id
from channels.email.receive import Limits

OURS = "complaints@bank.example"


def said(port: int, *lines: bytes, answers: int | None = None, source: socket.socket | None = None) -> list[bytes]:
    """Each line's answer, the greeting first; one answer is read before the next line is sent."""
    with closing(source or socket.create_connection(("127.0.0.1", port), timeout=30)) as peer:
        file = peer.makefile("rb")
        got = [answer(file)]
        for line in lines:
            peer.sendall(line)
            got.append(answer(file))
        return got


def answer(file) -> bytes:
    while True:
        line = file.readline()
        if line[3:4] != b"-":
            return line


def dialogue(
    *more: bytes, sender: bytes = b"<ann@customer.example>", recipient: bytes = OURS.encode()
) -> tuple[bytes, ...]:
    return (
        b"EHLO client.example\r\n",
        b"MAIL FROM:" + sender + b"\r\n",
        b"RCPT TO:<" + recipient + b">\r\n",
        b"DATA\r\n",
        *more,
    )


async def session(port: int, *lines: bytes) -> list[bytes]:
    return await asyncio.to_thread(said, port, *lines)


async def deliver(
    port: int, raw: bytes, recipients: list[str] | None = None, options: tuple[str, ...] = ()
) -> tuple[int, bytes]:
    def send() -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.ehlo("client.example")
            client.mail("ann@customer.example", options)
            for recipient in recipients or [OURS]:
                code, words = client.rcpt(recipient)
                if code != 250:
                    return code, words
            return client.data(raw)

    return await asyncio.to_thread(send)


async def test_a_mail_is_handed_over_as_it_came_with_its_envelope(listening, ledger, mail):
    receiver = await listening()
    raw = mail("第一行\r\n..two dots\r\n.one\r\n\r\nlast\r\n".encode())
    code, words = await deliver(receiver.port, raw)
    assert (code, words) == (250, b"2.0.0 Accepted as arrival-1")
    (arrival,) = ledger.arrivals
    assert arrival.raw == raw
    assert arrival.external_id == external_id(raw)
    assert (arrival.channel, arrival.account) == ("email", f"email:{OURS}")
    assert arrival.transport == {
        "peer": "127.0.0.1",
        "mail_from": "ann@customer.example",
        "rcpt_tos": [OURS],
        "helo": "client.example",
        "tls": False,
        "mailbox": OURS,
    }
    assert arrival.received_at.isoformat() == "2026-11-23T12:00:00+00:00"


async def test_the_same_mail_again_is_repeated_and_another_under_its_message_id_is_not(listening, ledger, mail):
    receiver = await listening()
    first = await deliver(receiver.port, mail("one"))
    again = await deliver(receiver.port, mail("one"))
    other = await deliver(receiver.port, mail("two"))
    assert [first[0], again[0], other[0]] == [250, 250, 250]
    assert b"Repeated" in again[1]
    assert len(ledger.arrivals) == 2


async def test_what_is_told_in_ehlo(listening):
    receiver = await listening(max_size=35_000_000)

    def ehlo() -> bytes:
        with smtplib.SMTP("127.0.0.1", receiver.port, timeout=30) as client:
            return client.ehlo("x")[1]

    assert (await asyncio.to_thread(ehlo)).split(b"\n") == [
        b"mx.bank.example",
        b"SIZE 35000000",
        b"8BITMIME",
        b"SMTPUTF8",
    ]


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (OURS, 250),
        ("Complaints@Bank.EXAMPLE", 250),
        ("complaints+mfrgg2ltoq3@bank.example", 250),
        ("postmaster", 250),
        ("Postmaster@bank.example", 250),
        ("complaints+@bank.example", 550),
        ("complaints+not-base32!@bank.example", 550),
        ("complaints+" + "a" * 60 + "@bank.example", 550),  # local part over 63 octets
        ("ceo@bank.example", 550),
        ("someone@elsewhere.example", 550),
        ("complaints@bank.example.evil.example", 550),
        ("complaints%bank.example@elsewhere.example", 550),
    ],
)
async def test_who_is_accepted(listening, recipient, code):
    receiver = await listening()
    got = await session(receiver.port, *dialogue(recipient=recipient.encode())[:3])
    assert got[3].startswith(str(code).encode()), got


async def test_relaying_and_unknown_mailboxes_are_told_apart(listening):
    receiver = await listening()
    assert (await session(receiver.port, *dialogue(recipient=b"a@elsewhere.example")[:3]))[3].startswith(b"550 5.7.1")
    assert (await session(receiver.port, *dialogue(recipient=b"ceo@bank.example")[:3]))[3].startswith(b"550 5.1.1")


async def test_the_empty_sender_is_accepted(listening, ledger, mail):
    receiver = await listening()
    got = await session(receiver.port, *dialogue(mail() + b".\r\n", sender=b"<>"))
    assert got[-1].startswith(b"250")
    assert ledger.arrivals[0].transport["mail_from"] == ""


async def test_a_store_that_is_away_is_a_451_and_nothing_is_acknowledged(listening, ledger, mail):
    receiver = await listening()
    ledger.unavailable = True
    assert (await deliver(receiver.port, mail()))[0] == 451
    ledger.unavailable = False
    assert (await deliver(receiver.port, mail()))[0] == 250
    assert len(ledger.arrivals) == 1


async def test_no_250_before_the_commit(listening, ledger, mail):
    receiver = await listening()
    gate = asyncio.Event()
    ledger.before_commit = gate.wait
    sending = asyncio.create_task(deliver(receiver.port, mail()))
    await asyncio.sleep(0.2)
    assert not sending.done()
    gate.set()
    assert (await sending)[0] == 250


@pytest.mark.parametrize("length", [1_001, 70_000, 150_000])
async def test_lines_of_any_length_are_ordinary_mail(listening, ledger, mail, length):
    receiver = await listening()
    raw = mail(b"<p>" + b"x" * length + b"</p>\r\n", Content_Type="text/html")
    assert (await deliver(receiver.port, raw))[0] == 250
    assert ledger.arrivals[0].raw == raw


async def test_too_big_is_552_whether_it_says_so_or_not(listening, ledger, mail):
    receiver = await listening(max_size=10_000)
    big = mail(b"x" * 70 + b"\r\n", X_Fill="y" * 20_000)
    announced = await session(receiver.port, b"EHLO c\r\n", b"MAIL FROM:<a@b.example> SIZE=20000\r\n")
    assert announced[-1].startswith(b"552")
    assert (await deliver(receiver.port, big))[0] == 552
    assert (await deliver(receiver.port, mail()))[0] == 250
    assert len(ledger.arrivals) == 1
    assert receiver.under_way == 0


async def test_an_endless_mail_is_cut_off(listening, ledger):
    receiver = await listening(max_size=1_000)

    def flood() -> bytes:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=60)) as peer:
            file = peer.makefile("rb")
            answer(file)
            for line in dialogue():
                peer.sendall(line)
                answer(file)
            try:
                for _ in range(2_000):
                    peer.sendall(b"x" * 10_000)
                return file.readline()
            except OSError:
                return b""

    assert await asyncio.to_thread(flood) == b""
    assert ledger.arrivals == []
    assert receiver.under_way == 0


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r.\r", b"\r\n.\r", b"\r\n\x00.\r\n", b"\r\n.\r\r\n", b".\r\n"],
)
async def test_smuggling_only_the_true_end_ends_a_mail(listening, ledger, end):
    receiver = await listening()
    smuggled = b"MAIL FROM:<ceo@bank.example>\r\nRCPT TO:<complaints@bank.example>\r\nDATA\r\nFrom: ceo@bank.example\r\n\r\nforged\r\n"
    body = b"From: ann@customer.example\r\n\r\nhello" + end + smuggled
    got = await session(receiver.port, *dialogue(body + b".\r\n"))
    assert got[-1].startswith(b"250")
    (arrival,) = ledger.arrivals
    assert arrival.raw == body.replace(b"\r\n.", b"\r\n")
    assert arrival.transport["mail_from"] == "ann@customer.example"


async def test_commands_sent_along_with_the_end_of_a_mail_are_answered_after_it(listening, ledger, mail):
    receiver = await listening()

    def talk() -> list[bytes]:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)) as peer:
            file = peer.makefile("rb")
            answer(file)
            for line in dialogue():
                peer.sendall(line)
                answer(file)
            peer.sendall(mail() + b".\r\nNOOP\r\nQUIT\r\n")
            return [answer(file)[:3], answer(file)[:3], answer(file)[:3]]

    assert await asyncio.to_thread(talk) == [b"250", b"250", b"221"]
    assert ledger.arrivals[0].raw == mail()


@pytest.mark.parametrize("cut", [1, 5, 20, 200])
async def test_the_end_of_data_is_found_however_it_is_cut(listening, ledger, mail, cut):
    receiver = await listening()
    data = mail("..a\r\nb\r\n") + b".\r\n"

    def trickle() -> bytes:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            file = peer.makefile("rb")
            answer(file)
            for line in dialogue():
                peer.sendall(line)
                answer(file)
            for at in range(0, len(data), cut):
                peer.sendall(data[at : at + cut])
            return answer(file)

    assert (await asyncio.to_thread(trickle)).startswith(b"250")
    assert ledger.arrivals[0].raw == mail(".a\r\nb\r\n")


async def test_a_peer_that_leaves_during_data_has_sent_nothing(listening, ledger, mail):
    receiver = await listening()

    def leave() -> None:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)) as peer:
            file = peer.makefile("rb")
            answer(file)
            for line in dialogue():
                peer.sendall(line)
                answer(file)
            peer.sendall(mail())

    await asyncio.to_thread(leave)
    await until(lambda: not receiver.open)
    assert ledger.arrivals == []
    assert receiver.under_way == 0


async def test_a_peer_that_leaves_before_its_250_is_answered_repeated_when_it_comes_again(listening, ledger, mail):
    receiver = await listening()
    gate = asyncio.Event()
    ledger.before_commit = gate.wait

    def leave() -> None:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)) as peer:
            file = peer.makefile("rb")
            answer(file)
            for line in dialogue():
                peer.sendall(line)
                answer(file)
            peer.sendall(mail() + b".\r\n")

    await asyncio.to_thread(leave)
    await until(lambda: not receiver.open)
    gate.set()
    code, words = await deliver(receiver.port, mail())
    assert (code, words[:14]) == (250, b"2.0.0 Repeated")
    assert len(ledger.arrivals) == 1


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "command", [b"VRFY complaints\r\n", b"EXPN complaints\r\n", b"HELP\r\n", b"AUTH PLAIN AGEAYg==\r\n"]
)
async def test_nothing_is_told_about_addresses_and_nobody_signs_in(listening, command):
    receiver = await listening()
    got = await session(receiver.port, b"EHLO c\r\n", command)
    assert got[-1][:3] in (b"252", b"502", b"214")
    assert b"complaints" not in got[-1]


async def test_harvesting_addresses_ends_the_connection(listening):
    receiver = await listening(limits=Limits(refused_recipients=3))
    lines = [b"RCPT TO:<name%d@bank.example>\r\n" % number for number in range(4)]
    got = await session(receiver.port, b"EHLO c\r\n", b"MAIL FROM:<a@b.example>\r\n", *lines)
    assert [one[:3] for one in got[-4:]] == [b"550", b"550", b"550", b"421"]
    await until(lambda: not receiver.open)


async def test_recipients_are_bounded(listening):
    receiver = await listening(limits=Limits(recipients=2))
    lines = [b"RCPT TO:<complaints@bank.example>\r\n"] * 3
    got = await session(receiver.port, b"EHLO c\r\n", b"MAIL FROM:<a@b.example>\r\n", *lines)
    assert [one[:3] for one in got[-3:]] == [b"250", b"250", b"452"]


async def test_connections_are_bounded_per_peer_and_free_again(listening):
    receiver = await listening(limits=Limits(connections_per_peer=2))
    held = [socket.create_connection(("127.0.0.1", receiver.port), timeout=30) for _ in range(2)]
    await until(lambda: len(receiver.open) == 2)
    assert (await session(receiver.port))[0].startswith(b"421")
    for peer in held:
        peer.close()
    await until(lambda: not receiver.open)
    assert (await session(receiver.port))[0].startswith(b"220")


async def test_connections_are_bounded_over_all_peers(listening):
    receiver = await listening(limits=Limits(connections=1))
    with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)):
        await until(lambda: len(receiver.open) == 1)
        assert (await session(receiver.port))[0].startswith(b"421")


async def test_slow_loris_silence_ends_the_connection(listening):
    receiver = await listening(limits=Limits(idle_seconds=0.2))
    with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)):
        await until(lambda: len(receiver.open) == 1)
        await until(lambda: not receiver.open)


async def test_slow_loris_a_byte_now_and_then_ends_with_the_time_for_data(listening, ledger):
    receiver = await listening(limits=Limits(idle_seconds=5, data_seconds=0.3))

    def trickle() -> bytes:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)) as peer:
            file = peer.makefile("rb")
            answer(file)
            for line in dialogue():
                peer.sendall(line)
                answer(file)
            peer.settimeout(0.05)
            for _ in range(100):
                try:
                    peer.sendall(b"x")
                    return peer.recv(100)
                except TimeoutError:
                    continue
                except OSError:
                    return b""
            return b"still there"

    assert await asyncio.to_thread(trickle) == b""
    assert ledger.arrivals == []


async def test_too_much_mail_under_way_at_once_is_told_to_come_back(listening, mail):
    receiver = await listening(limits=Limits(bytes_under_way=1_000))
    assert (await deliver(receiver.port, mail("x" * 190_000)))[0] == 452
    assert (await deliver(receiver.port, mail()))[0] == 250
    assert receiver.under_way == 0


@pytest.mark.parametrize(
    "path", [b"<", b"<@", b"<@a,@b:x@y>", b'<"a b"@x.example>', b"<a@b@c>", b"<\xff@x>", b"x" * 5_000, b"<>" * 200, b""]
)
async def test_broken_addresses_get_an_answer(listening, path):
    receiver = await listening()
    got = await session(receiver.port, b"EHLO c\r\n", b"MAIL FROM:" + path + b"\r\n", b"NOOP\r\n")
    assert got[2][:1] in (b"2", b"5")
    assert got[3].startswith(b"250")


async def test_an_internationalised_sender_by_smtputf8(listening, ledger, mail):
    receiver = await listening()
    got = await session(
        receiver.port,
        b"EHLO c\r\n",
        "MAIL FROM:<用户@例子.example> SMTPUTF8\r\n".encode(),
        b"RCPT TO:<complaints@bank.example>\r\n",
        b"DATA\r\n",
        mail() + b".\r\n",
    )
    assert got[-1].startswith(b"250")
    assert ledger.arrivals[0].transport["mail_from"] == "用户@例子.example"


async def test_stop_finishes_what_is_in_data(listening, ledger, mail):
    receiver = await listening()
    gate = asyncio.Event()
    ledger.before_commit = gate.wait
    sending = asyncio.create_task(deliver(receiver.port, mail()))
    await until(lambda: receiver.under_way > 0)
    stopping = asyncio.create_task(receiver.stop())
    await asyncio.sleep(0.1)
    assert not stopping.done()
    gate.set()
    await stopping
    assert (await sending)[0] == 250
    assert len(ledger.arrivals) == 1


async def test_starttls(listening, ledger, mail, certificate):
    theirs, ours = certificate
    receiver = await listening(tls_context=theirs)

    def send() -> tuple[bytes, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", receiver.port, timeout=30) as client:
            client.ehlo("c")
            client.starttls(context=ours)
            told = client.ehlo("c")[1]
            client.mail("ann@customer.example")
            client.rcpt(OURS)
            return told, client.data(mail())

    told, result = await asyncio.to_thread(send)
    assert result[0] == 250
    assert b"STARTTLS" not in told
    assert b"AUTH" not in told
    assert ledger.arrivals[0].transport["tls"] is True


async def test_commands_injected_before_starttls_are_dropped(listening, certificate):
    theirs, ours = certificate
    receiver = await listening(tls_context=theirs)

    def inject() -> bytes:
        with closing(socket.create_connection(("127.0.0.1", receiver.port), timeout=30)) as plain:
            file = plain.makefile("rb")
            answer(file)
            plain.sendall(b"EHLO c\r\n")
            answer(file)
            plain.sendall(b"STARTTLS\r\nNOOP injected\r\n")
            assert answer(file).startswith(b"220")
            with ours.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.sendall(b"QUIT\r\n")
                return secure.recv(1000)

    assert (await asyncio.to_thread(inject)).startswith(b"221")
