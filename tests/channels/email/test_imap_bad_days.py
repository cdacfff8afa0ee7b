"""The mailbox by IMAP where something goes wrong: too much, servers that refuse or go away, who may know what."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace as replaced
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_arrivals import arrivals
from channels.email import imap_session, imap_taking
from channels.email.imap import Pace
from channels.email.imap_place import Done, ServerRefused, Unreachable
from channels.email.imap_session import ImapSession, Listed
from tests.between import Between
from tests.channels.email.imap_box import MOST, NEVER, Box, box, boxes, house, mail, until
from tests.dovecot import PASSWORD, Dovecot

__all__ = ["box", "boxes", "house"]


# too much, and what is not given ---------------------------------------------------------------------------------


async def test_a_mail_that_is_too_large_is_put_aside_once_with_its_reason_and_holds_up_nothing(box: Box) -> None:
    box.deliver(mail("large", text=("x" * 76 + "\r\n") * (MOST // 70)))
    box.deliver(mail("small"))
    driver = await box.read(done=Done("seen"))
    await until(lambda: box.count() == 2)
    await box.house.read()
    assert box.house.states() == ["parked", "read"]
    [reason] = box.house.parked().values()
    assert 'mail from ann@customer.example, "Card fee large", has' in reason, "so that a person finds it"
    assert "the limit is 100,000" in reason
    assert "folder INBOX, UID 1" in reason
    [kept] = box.house.rows(sa.select(arrivals.c.digest).where(arrivals.c.state == "parked"))
    head = box.house.files.get(kept.digest)
    assert head.startswith(b"From: Ann <ann@customer.example>")
    assert len(head) == 64 << 10
    await driver.stop()
    box.server.renumber(box.user)  # looked at anew, it is the same
    await box.read(done=Done("seen"))
    await box.settled()
    assert box.count() == 2
    await until(lambda: box.server.flags(box.user) == {1: set(), 2: {rb"\Seen"}, 3: {rb"\Seen"}})


async def test_a_mail_larger_than_its_server_says_is_no_trap(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.deliver(mail("large", text="x" * (3 * MOST)))
    box.deliver(mail("small"))

    class Liar(ImapSession):
        def describe(self, uids: Sequence[int]) -> list[Listed]:
            return [replaced(one, size=10) for one in super().describe(uids)]

    await box.read(connect=Liar.open)
    await until(lambda: box.count() == 2)
    await box.house.read()
    assert box.house.states() == ["parked", "read"]
    [reason] = box.house.parked().values()
    assert "more than 100,000 bytes" in reason


@pytest.fixture
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_taking, "AGAIN", (timedelta(seconds=0.1),) * 3)


def spoil(box: Box, number: int, mails: int) -> Path:
    """Mails of which the server can't read one: it answers by breaking the connection."""
    files = box.server.deliver_as_it_is(box.user, *(mail(one) for one in range(mails)))
    box.server.flags(box.user)  # it knows them now, under their final names
    [spoilt] = [path for path in box.server.maildir(box.user).rglob(f"{files[number].name}*") if path.is_file()]
    spoilt.chmod(0)
    return spoilt


@pytest.mark.usefixtures("soon_again")
async def test_a_mail_that_its_server_names_and_does_not_give_is_put_aside(box: Box) -> None:
    await asyncio.to_thread(spoil, box, 2, 5)
    await box.read(Pace(idle=0.2, first_retry=0.05), done=Done("seen"))
    await until(lambda: box.count() == 5)
    assert [name for name in box.stored() if not name.startswith("#")] == ["0", "1", "3", "4"]
    await box.house.read()
    assert box.house.states() == ["parked", "read", "read", "read", "read"]
    [reason] = box.house.parked().values()
    assert "names this mail and does not hand it over" in reason
    assert "folder INBOX, UID 3" in reason
    assert len(await box.settled()) == 5, "it is put aside once"
    await until(lambda: box.trouble() == "")
    assert not box.cursor().owed


async def test_a_mail_that_is_given_at_last_is_taken(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_taking, "AGAIN", (timedelta(seconds=0.5),) * 60)
    spoilt = await asyncio.to_thread(spoil, box, 0, 2)
    await box.read(Pace(idle=0.2, first_retry=0.05), done=Done("seen"))
    await until(lambda: box.stored() == ["1"] and box.cursor().owed)
    await until(lambda: box.trouble().startswith("not_given: 1 mails"))
    spoilt.chmod(0o600)
    await until(lambda: box.stored() == ["1", "0"])
    await until(lambda: box.server.flags(box.user) == {1: {rb"\Seen"}, 2: {rb"\Seen"}})
    await until(lambda: not box.cursor().owed)


@pytest.mark.usefixtures("soon_again")
async def test_a_server_that_gives_no_mail_at_all_has_none_put_aside(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_taking, "MOST_OWED", 4)

    class Dumb(ImapSession):
        def fetch(self, uids: Sequence[int], most: int) -> dict[int, bytes]:
            raise ServerRefused("FETCH failed: backend is gone")

    box.server.deliver_as_it_is(box.user, *(mail(number) for number in range(6)))
    driver = await box.read(Pace(idle=0.1, first_retry=0.05), connect=Dumb.open)
    await until(lambda: "FETCH failed: backend is gone" in box.trouble())
    await until(lambda: all(one.tries > len(imap_taking.AGAIN) + 1 for one in box.cursor().owed))
    assert box.count() == 0
    assert len(box.cursor().owed) == 4
    await driver.stop()
    await box.read(Pace(idle=0.1, first_retry=0.05))
    await until(lambda: {"4", "5"} <= set(box.stored()))


async def test_a_large_folder_is_searched_in_windows(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_session, "WINDOW", 7)
    monkeypatch.setattr(imap_session, "BATCH", 3)
    names = [f"m{number}" for number in range(30)]
    box.server.deliver_as_it_is(box.user, *(mail(name) for name in names))
    with box.server.client(box.user) as client:  # a gap wider than any window
        client.delete_messages(range(5, 24))
        client.expunge()
    await box.read()
    assert await box.settled() == [*names[:4], *names[23:]]


async def test_mails_from_before_the_day_that_is_set_are_left_alone(box: Box) -> None:
    box.deliver(mail("old"), datetime(2026, 11, 1, 12, tzinfo=UTC))
    box.deliver(mail("new"), datetime(2026, 11, 20, 12, tzinfo=UTC))
    await box.read(since=date(2026, 11, 10), done=Done("seen"))
    assert await box.settled() == ["new"]
    await until(lambda: box.cursor().done == 3)
    assert box.server.flags(box.user) == {1: set(), 2: {rb"\Seen"}, 3: {rb"\Seen"}}, (
        "nothing is marked that wasn't taken"
    )


async def test_a_complaint_was_received_when_it_came_into_the_mailbox(box: Box) -> None:
    came = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    box.deliver(mail("waited"), came)
    box.deliver(mail("ahead"), datetime.now(UTC) + timedelta(days=400))  # by a clock that was wrong
    await box.read()
    await box.settled()
    received = [row.received_at for row in box.house.rows(sa.select(arrivals.c.received_at).order_by(arrivals.c.id))]
    assert received[0] == came
    assert max(received) <= datetime.now(UTC)


# bad days --------------------------------------------------------------------------------------------------------


async def test_a_server_that_is_started_again_while_we_idle(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot], caplog: pytest.LogCaptureFixture
) -> None:
    box = boxes(start_dovecot())
    box.deliver(mail("before"))
    driver = await box.read(NEVER)
    await until(lambda: box.stored() == ["before"])
    for end in (box.server.stop, box.server.kill):
        end()
        failures = driver.failures
        await until(lambda failures=failures: driver.failures > failures)  # type: ignore[misc]
        assert "unreachable" in box.trouble()
        box.server.start()
        box.deliver(mail(end.__name__))
        await until(lambda end=end: end.__name__ in box.stored())  # type: ignore[misc]
        await until(lambda: box.trouble() == "")
    assert box.stored() == ["before", "stop", "kill"]
    assert caplog.text.count("no mail is taken from the mailbox") >= 2


async def test_a_server_that_is_not_there_yet_keeps_nothing_from_starting(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot]
) -> None:
    box = boxes(start_dovecot())
    box.deliver(mail("one"))
    box.server.stop()
    await box.read()
    await until(lambda: "can't be reached: Connection refused" in box.trouble())
    box.server.start()
    await until(lambda: box.stored() == ["one"])


async def test_a_connection_that_died_unheard_is_noticed(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_session, "WAKING", 0.5)
    monkeypatch.setattr(imap_session, "READING", 0.5)
    async with Between(box.server.port) as network:
        driver = await box.read(Pace(idle=0.3, first_retry=0.05, longest_retry=0.2), place=box.place(port=network.port))
        await until(lambda: driver.looks)
        network.silent = True  # as when a box on the way forgets the connection: no end, no answer
        await until(lambda: "does not answer in time" in box.trouble())
        box.deliver(mail("meanwhile"))
        network.silent = False
        await until(lambda: box.stored() == ["meanwhile"])
        await driver.stop()


async def test_a_server_that_gives_a_mail_drop_by_drop_is_given_up(box: Box) -> None:
    class Slow(ImapSession):
        def fetch(self, uids: Sequence[int], most: int) -> dict[int, bytes]:
            with contextlib.suppress(OSError):
                while True:  # something comes all the time, and it never ends
                    self._client.socket().getpeername()
                    time.sleep(0.02)
            raise Unreachable("the connection broke")

    box.deliver(mail("one"))
    driver = await box.read(Pace(answer=2.0, first_retry=0.05), connect=Slow.open)
    await until(lambda: "took too long" in box.trouble())
    await asyncio.wait_for(driver.stop(), 10)


async def test_stopping_waits_for_no_server(box: Box) -> None:
    async with Between(box.server.port) as network:
        network.silent = True
        driver = await box.read(Pace(stopping=600, parting=0.2), place=box.place(port=network.port))
        await until(lambda: network.connections)
        await asyncio.wait_for(driver.stop(), 60)
    assert box.count() == 0


async def test_stopping_while_idling_is_at_once(box: Box) -> None:
    driver = await box.read(replaced(NEVER, stopping=600))
    await until(lambda: driver.looks)
    await asyncio.wait_for(driver.stop(), 60)
    await until(lambda: not any(thread.name.startswith("mailbox") for thread in threading.enumerate()))


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"220 mail.example ESMTP\r\n",
        b"* BYE too many connections\r\n",
        b"* OK hello\r\n* CAPABILITY\r\n",
        b"* OK [CAPABILITY IMAP4rev1] hello\r\n\x00\xff\xfe\r\n",
        b"* PREAUTH welcome\r\n",
        b"x" * 100_000,
    ],
    ids=["silence", "smtp", "bye", "no capabilities", "garbage", "preauth", "no end of line"],
)
async def test_a_peer_that_is_no_mail_server_is_told_and_left(
    box: Box, words: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_session, "CONNECTING", 0.5)
    monkeypatch.setattr(imap_session, "READING", 0.5)

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        with contextlib.suppress(ConnectionError):
            while await reader.read(1000):
                pass
        writer.close()

    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    driver = await box.read(place=box.place(port=port))
    await until(box.trouble)
    await driver.stop()
    server.close()
    assert f"127.0.0.1:{port}" in box.trouble()
    assert box.count() == 0


async def test_a_server_that_repeats_itself_is_not_asked_without_end(box: Box) -> None:
    """Some say `EXISTS` with every answer, whether or not anything came."""
    asked: list[bytes] = []
    said = {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        b"EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n* OK [UIDNEXT 1] next\r\n",
        b"UID": b"* SEARCH\r\n",
    }

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        while line := await reader.readline():
            tag, command = line.split()[:2]
            asked.append(command)
            writer.write(said.get(command, b"") + b"* 0 EXISTS\r\n" + tag + b" OK done\r\n")
        writer.close()

    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    driver = await box.read(Pace(poll=0.2), place=box.place(port=server.sockets[0].getsockname()[1]))
    await until(lambda: asked.count(b"NOOP") >= 5)
    await driver.stop()
    server.close()
    assert asked.count(b"UID") <= asked.count(b"NOOP") + 1, "one search for each question"


async def test_the_store_out_of_reach_loses_and_doubles_nothing(box: Box) -> None:
    box.server.deliver_as_it_is(box.user, *(mail(number) for number in range(15)))
    chance = random.Random(20261126)
    accept, calls = box.house.intake.accept, 0

    async def unsteady(arrival: Any) -> Any:
        nonlocal calls
        calls += 1
        box.house.store.down = chance.random() < 0.1
        try:
            return await accept(arrival)
        finally:
            box.house.store.down = False

    box.house.intake.accept = unsteady  # type: ignore[method-assign]
    await box.read(done=Done("seen"))
    await until(lambda: box.count() == 15)
    await until(lambda: len([flags for flags in box.server.flags(box.user).values() if flags]) == 15)
    assert calls > 15, "some were refused, and came again"


async def test_ended_in_the_middle_it_goes_on_where_it_was(box: Box) -> None:
    names = [f"m{number}" for number in range(200)]
    box.server.deliver_as_it_is(box.user, *(mail(name) for name in names))
    for many in (1, 60, 130):
        driver = await box.read(NEVER)
        await until(lambda many=many: box.count() >= many)  # type: ignore[misc]
        await driver.stop()
    await box.read()
    assert await box.settled() == names


# who may know what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_encrypted_with_a_certificate_that_counts(box: Box, security: Any) -> None:
    port = box.server.tls_port if security == "tls" else box.server.port
    await box.read(NEVER, place=box.place(security=security, port=port, host="localhost", ca=box.server.ca))
    box.deliver(mail("one"))
    await until(lambda: box.stored() == ["one"])
    assert any(f"Login: user=<{box.user}>" in line and ", TLS," in line for line in box.server.told().splitlines())


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_of_an_unknown_authority_is_refused(box: Box, security: Any) -> None:
    async with Between(box.server.tls_port if security == "tls" else box.server.port) as network:
        await box.read(place=box.place(security=security, port=network.port))
        await until(lambda: box.trouble().startswith("distrusted: the certificate of 127.0.0.1"))
        await box.drivers[0].stop()
    assert b"LOGIN" not in network.heard
    assert b"AUTHENTICATE" not in network.heard


async def test_a_certificate_for_another_name_is_refused(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = socket.getaddrinfo
    here = lambda host, *args, **more: ask("127.0.0.1" if host == "mail.bank.example" else host, *args, **more)  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", here)
    place = box.place(security="tls", host="mail.bank.example", port=box.server.tls_port, ca=box.server.ca)
    await box.read(place=place)
    await until(lambda: "mail.bank.example" in box.trouble())
    assert "distrusted: the certificate" in box.trouble()
    assert "Hostname mismatch" in box.trouble()


async def test_without_starttls_no_password_is_sent_where_it_is_insisted_on(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot]
) -> None:
    box = boxes(start_dovecot(tls=False))
    async with Between(box.server.port) as network:
        await box.read(place=box.place(security="starttls", port=network.port))
        await until(lambda: "offers no STARTTLS" in box.trouble())
        await box.drivers[0].stop()
    assert box.trouble().startswith("distrusted")
    assert b"LOGIN" not in network.heard
    assert b"AUTHENTICATE" not in network.heard


async def test_a_file_of_certificates_that_is_none_is_told(box: Box, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    await box.read(place=box.place(security="tls", port=box.server.tls_port, ca=tmp_path / "ca.pem"))
    await until(lambda: "can't be read as a PEM file of certificates" in box.trouble())


async def test_a_wrong_password_is_told_without_it_and_tried_again_rarely(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    assert Pace().sign_in_retry >= 60, "many servers lock an account after a few wrong passwords"
    with caplog.at_level(logging.DEBUG):
        driver = await box.read(Pace(), place=box.place(password="hush-hush-4712"))
        await until(lambda: box.trouble().startswith("sign_in_refused: "))
        await until(lambda: driver.failures == 1)
    assert f"doesn't let {box.user} in" in box.trouble()
    assert "hush" not in caplog.text + box.trouble()
    [delay] = re.findall(r"next try in (\d+) s", caplog.text)
    assert int(delay) >= 45


async def test_a_password_that_the_server_repeats_is_not(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    async def parrot(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
        while line := await reader.readline():
            tag, _, said = line.strip().partition(b" ")
            if said == b"CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
            else:
                writer.write(tag + b" NO I don't understand " + said + b"\r\n")
        writer.close()

    server = await asyncio.start_server(parrot, "127.0.0.1", 0)
    place = box.place(port=server.sockets[0].getsockname()[1], password='hush "4711"')
    await box.read(place=place)
    await until(lambda: "understand LOGIN" in box.trouble())
    await box.drivers[0].stop()
    server.close()
    assert "hush" not in caplog.text + box.trouble()


async def test_names_and_passwords_of_any_alphabet(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot]
) -> None:
    box = boxes(start_dovecot(password="芝麻开门!"))
    box.server.make_folder(box.user, "客户投诉/收件 & more")
    box.deliver(mail("one"), folder="客户投诉/收件 & more")
    await box.read(place=box.place(folder="客户投诉/收件 & more"))
    await until(lambda: box.stored() == ["one"])


async def test_nothing_of_a_mail_is_logged(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        box.deliver(mail("one", text="my card number is secret"))
        await box.read(done=Done("seen"))
        await box.settled()
    assert "secret" not in caplog.text
    assert "customer.example" not in caplog.text
    assert PASSWORD not in caplog.text + repr(box.drivers) + repr([vars(driver) for driver in box.drivers])


async def test_the_server_is_told_who_we_are(box: Box) -> None:
    """Without, some servers open no folder (NetEase: "Unsafe Login")."""
    await box.read()
    await box.settled()
    assert "name=Qingting" in box.server.told()


async def test_a_missing_folder_is_told(box: Box) -> None:
    await box.read(place=box.place(folder="Nowhere"))
    await until(lambda: box.trouble().startswith("no_such_folder: folder Nowhere can't be opened"))
