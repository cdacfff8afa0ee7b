"""The mailbox by IMAP, before a real Dovecot and on a real ledger: what is taken, when, and what other clients see of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import re
import secrets
import smtplib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace as replaced
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import duties
from case_store.files import Files
from case_store.records import Language
from case_store.tables import arrivals
from channels.email import imap_session, imap_taking
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.imap import ImapReceiver, Pace
from channels.email.imap_memory import Cursor, Memory, Owed
from channels.email.imap_place import Done, Place, ServerRefused, Unreachable
from channels.email.imap_session import ImapSession, Listed, Listing
from channels.email.mailbox import Mailbox
from channels.email.receive import SmtpReceiver
from channels.email.send import OutgoingFolder
from gateway.config import Settings
from gateway.context import Gateway
from gateway.duties import StoredDuty
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.between import Between
from tests.conformance.channels.rig import House, UnsteadyStore
from tests.dovecot import FULL, PASSWORD, Dovecot

OURS = "complaints@bank.example"
MOST = 100_000
SOON = 20.0  # seconds, for a machine that has much to do
QUICK = Pace(
    idle=3_600,
    poll=0.1,
    first_retry=0.02,
    longest_retry=0.2,
    sign_in_retry=0.05,
    longest_sign_in_retry=0.2,
    longest_store_retry=0.05,
)
NEVER = Pace(idle=3_600, poll=3_600, first_retry=0.05, longest_retry=0.2)  # but for IDLE nothing would be heard of


def mail(name: object, text: str = "You charged me 300 yuan. I want it back.", **fields: str) -> bytes:
    """A mail with its own Message-ID; `fields` adds or, if empty, leaves out."""
    head = {"From": "Ann <ann@customer.example>", "To": OURS, "Subject": f"Card fee {name}"}
    head |= {"Date": "Mon, 23 Nov 2026 10:00:00 +0800", "Message-ID": f"<{name}@customer.example>"}
    head |= {key.replace("_", "-"): value for key, value in fields.items()}
    lines = [f"{key}: {value}" for key, value in head.items() if value]
    return "\r\n".join([*lines, "", f"{text} ({name})", ""]).encode()


async def until(condition: Callable[[], object], seconds: float = SOON) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    store = UnsteadyStore(sqlite_url)
    settings = Settings(data_dir=tmp_path / "var", complaints_address=OURS, quiet_seconds=0, locale=Language.EN)
    gateway = Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())
    house = House(gateway, store)
    house.channels["email"] = EmailChannel(Composer(Mailbox.parse(OURS), "Bank"), OutgoingFolder(tmp_path / "outgoing"))
    yield house
    await house.channels["email"].stop()
    store.close()


class Box:
    """A mailbox of its own on a server, and whatever of ours reads it."""

    def __init__(self, server: Dovecot, house: House) -> None:
        self.server = server
        self.house = house
        self.user = f"box-{secrets.token_hex(4)}"
        self.drivers: list[ImapReceiver] = []

    def place(self, **others: Any) -> Place:
        here = {"host": "127.0.0.1", "port": self.server.port, "user": self.user, "folder": "INBOX", "security": "none"}
        return Place(**{**here, "password": self.server.password, **others})

    async def read(
        self, pace: Pace = QUICK, duty_lasting: float = 30, place: Place | None = None, **options: Any
    ) -> ImapReceiver:
        """Starts to read it."""
        duty = StoredDuty(self.house.store, "mailbox", f"node{len(self.drivers)}", timedelta(seconds=duty_lasting))
        options = {"max_size": MOST, **options}
        driver = ImapReceiver(place or self.place(), OURS, duty, pace=pace, **options)
        self.drivers.append(driver)
        await driver.start(self.house.intake.accept)
        return driver

    def deliver(self, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        self.server.deliver(self.user, raw, at, folder)

    def stored(self) -> list[str]:
        """The names of all arrivals, in order of commit."""
        return [name for name in self._all() if not name.startswith("last-")]

    def _all(self) -> list[str]:
        rows = self.house.rows(sa.select(arrivals.c.external_id).order_by(arrivals.c.id))
        return [row.external_id.partition("@")[0].removeprefix("<") for row in rows]

    def count(self) -> int:
        return len(self.stored())

    def memory(self) -> Memory:
        found = self.house.store.read_now(duties.look, "mailbox")
        return Memory() if found is None else Memory.read(found[1])

    def cursor(self) -> Any:
        return self.memory().folders.get(self.place().key, Cursor(0))

    def trouble(self) -> str:
        trouble = self.memory().trouble
        return "" if trouble is None else f"{trouble.code}: {trouble.detail}"

    async def settled(self, folder: str = "INBOX") -> list[str]:
        """All that has been stored, once a mail that is sent now has come through and the cursor is behind it."""
        name = f"last-{secrets.token_hex(4)}"
        validity, uid = await asyncio.to_thread(self.server.deliver, self.user, mail(name), None, folder)
        await until(lambda: name in self._all())
        cursors = lambda: self.memory().folders.values()  # noqa: E731
        await until(lambda: any(one.uidvalidity == validity and one.uid >= uid for one in cursors()))
        return self.stored()


@pytest.fixture
async def boxes(house: House) -> AsyncIterator[Callable[[Dovecot], Box]]:
    made: list[Box] = []

    def make(server: Dovecot) -> Box:
        made.append(Box(server, house))
        return made[-1]

    yield make
    house.store.down = False
    for box in made:
        await asyncio.gather(*(driver.stop() for driver in box.drivers))


@pytest.fixture
async def box(boxes: Callable[[Dovecot], Box], dovecot: Dovecot) -> Box:
    return boxes(dovecot)


# what comes is taken ---------------------------------------------------------------------------------------------


async def test_what_lay_there_while_we_were_away_is_taken_however_much_it_is(box: Box) -> None:
    names = [f"m{number}" for number in range(520)]
    box.server.deliver_as_it_is(box.user, *(mail(name) for name in names))
    await box.read()
    await until(lambda: box.count() >= len(names))
    assert await box.settled() == names, "each once, in the order in which they came"
    await until(lambda: box.cursor().uid == len(names) + 1)


async def test_a_new_mail_is_heard_of_by_idle(box: Box) -> None:
    driver = await box.read(NEVER)
    await until(lambda: driver.looks)
    for name in ("one", "two", "three"):
        box.deliver(mail(name))
        await until(lambda name=name: name in box.stored())  # type: ignore[misc]


async def test_a_mail_that_comes_just_before_idle_is_heard_of_at_once(box: Box) -> None:
    """The server tells of it in one breath with its consent to IDLE; such a mail used to wait for the next look."""

    class Late(ImapSession):
        def wait(self, seconds: float) -> None:
            if box.count() < 5:
                box.deliver(mail(box.count()))
            super().wait(seconds)

    await box.read(NEVER, connect=Late.open)
    await until(lambda: box.count() == 5)


async def test_mails_that_come_while_others_are_being_taken_wait_for_nothing(box: Box) -> None:
    await box.read(NEVER, done=Done("seen"))
    for number in range(40):
        box.deliver(mail(number))
    await until(lambda: box.count() == 40)


async def test_a_server_without_idle_is_asked(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot]
) -> None:
    box = boxes(start_dovecot(capability=FULL.replace(" IDLE", "")))
    driver = await box.read()
    await until(lambda: driver.looks)
    box.deliver(mail("one"))
    await until(lambda: box.stored() == ["one"])
    assert not driver._session.can_idle


async def test_a_server_that_breaks_idle_is_asked(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    async with Between(box.server.port) as network:
        network.cuts_at = b"IDLE"
        await box.read(place=box.place(port=network.port))
        await until(lambda: "breaks IDLE" in caplog.text)
        box.deliver(mail("one"))
        await until(lambda: box.stored() == ["one"])
        before = network.connections
        box.deliver(mail("two"))
        await until(lambda: box.stored() == ["one", "two"])
        assert network.connections == before, "asked on one connection"
        await asyncio.gather(*(driver.stop() for driver in box.drivers))


async def test_idle_is_entered_again_before_anybody_loses_patience(box: Box) -> None:
    async with Between(box.server.port) as network:
        await box.read(Pace(idle=0.1), place=box.place(port=network.port))
        await until(lambda: network.heard.count(b"DONE") > 3)
        assert network.connections == 1
        await asyncio.gather(*(driver.stop() for driver in box.drivers))
    assert Pace().idle < 29 * 60, "RFC 2177"


# the same and another --------------------------------------------------------------------------------------------


async def test_a_folder_that_was_numbered_anew_brings_nothing_twice(box: Box) -> None:
    for number in range(12):
        box.deliver(mail(number))
    driver = await box.read()
    await until(lambda: box.count() == 12)
    await driver.stop()
    before = box.cursor().uidvalidity
    box.server.renumber(box.user)
    box.deliver(mail("new"))
    await box.read()
    assert await box.settled() == [*(str(number) for number in range(12)), "new"]
    assert box.cursor().uidvalidity != before


async def test_a_folder_that_was_made_anew_brings_nothing_twice(box: Box) -> None:
    box.server.make_folder(box.user, "Complaints")
    here = box.place(folder="Complaints")
    for number in range(6):
        box.deliver(mail(number), folder="Complaints")
    driver = await box.read(place=here)
    await until(lambda: box.count() == 6)
    await driver.stop()
    with box.server.client(box.user) as client:
        client.rename_folder("Complaints", "Old")
        client.create_folder("Complaints")
        client.select_folder("Old")
        client.copy([5, 3], "Complaints")  # restored, in part and in another order
    box.deliver(mail("new"), folder="Complaints")
    await box.read(place=here)
    assert await box.settled("Complaints") == [*(str(number) for number in range(6)), "new"]


async def test_a_mail_that_others_move_away_and_back_is_one(box: Box) -> None:
    box.server.make_folder(box.user, "Aside")
    await box.read()
    box.deliver(mail("one"))
    await until(lambda: box.stored() == ["one"])
    with box.server.client(box.user) as client:
        client.move([1], "Aside")
        client.select_folder("Aside")
        client.move(client.search(), "INBOX")
    assert await box.settled() == ["one"]


async def test_mails_without_message_id_are_not_lost(box: Box) -> None:
    nameless = [mail(number, Message_ID="") for number in range(3)]
    box.server.deliver_as_it_is(box.user, *nameless, nameless[0], b"no header at all", b"\r\n\r\nnothing but a body")
    await box.read()
    assert len(await box.settled()) == 5, "each once, and the same again is the same"


BY_BOTH_WAYS = {
    "plain": mail("both"),
    "without id": mail("both", Message_ID=""),
    "no last line end": mail("both").rstrip(b"\r\n"),
    "blank lines at its end": mail("both") + b"\r\n\r\n\r\n",
    "bare line feeds": mail("both", text="one\ntwo\n\nthree"),
    "a lone carriage return": mail("both", text="one\rtwo"),
    "dots": mail("both", text="\r\n.\r\n..\r\n.dot\r\n"),
    "From at a line's beginning": mail("both", text="\r\nFrom here on\r\n>From there"),
    "eight bits": mail("both", text="多收了我三百元") + b"\xff\xfe\r\n",
    "long lines": mail("both", text="x" * 30_000),
    "folded headers": mail("both", From="Ann\r\n\t<ann@customer.example>"),
    "no body": mail("both").partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "no blank line": mail("both").partition(b"\r\n\r\n")[0] + b"\r\n",
}


@pytest.mark.parametrize("raw", BY_BOTH_WAYS.values(), ids=BY_BOTH_WAYS)
async def test_the_same_mail_by_smtp_and_from_the_mailbox_is_one_arrival(box: Box, raw: bytes) -> None:
    smtp = SmtpReceiver("127.0.0.1", 0, "mx.bank.example", MOST, OURS)
    await smtp.start(box.house.intake.accept)

    def hand_in() -> None:
        with smtplib.SMTP("127.0.0.1", smtp.port, timeout=10) as client:
            client.sendmail("ann@customer.example", [OURS], raw)

    await asyncio.to_thread(hand_in)
    # as a delivery agent stores it: with the trace of its way, and lines that end as they do on its system
    trace = (
        b"Return-Path: <ann@customer.example>\nDelivered-To: complaints@bank.example\nReceived: from a\n\tby b; today\n"
    )
    box.server.deliver_as_it_is(box.user, trace + raw.replace(b"\r\n", b"\n"))
    await box.read()
    await box.settled()
    accounts = box.house.rows(sa.select(arrivals.c.account).where(~arrivals.c.external_id.startswith("<last-")))
    assert [row.account for row in accounts] == [smtp.account]
    await smtp.stop()


# other clients ---------------------------------------------------------------------------------------------------


class Meddled(ImapSession):
    """A session in which another client is quicker: what it does happens between our listing and our fetching."""

    meddle: Callable[[], None] = staticmethod(lambda: None)
    meddle_again: Callable[[], None] = staticmethod(lambda: None)

    def after(self, uid: int) -> Listing:
        listing = super().after(uid)
        if listing.uids:
            type(self).meddle()
        return listing

    def describe(self, uids: Sequence[int]) -> list[Listed]:
        described = super().describe(uids)
        type(self).meddle_again()
        return described


def meddled(**meddling: Callable[[], None]) -> Any:
    return type("Once", (Meddled,), {when: staticmethod(how) for when, how in meddling.items()}).open


async def test_mails_that_others_move_and_delete_before_we_fetch_them_are_no_error(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    box.server.make_folder(box.user, "Spam")
    box.server.deliver_as_it_is(box.user, *(mail(number) for number in range(9)))

    def meddle() -> None:
        with box.server.client(box.user) as client:
            there = set(client.search())
            client.move(sorted(there & {2, 4}), "Spam")
            client.delete_messages(sorted(there & {1, 9}))
            client.expunge(sorted(there & {1, 9}))
            client.delete_messages(
                sorted(there & {5})
            )  # flagged, and still there: somebody's mistake may be a complaint

    await box.read(connect=meddled(meddle=meddle))
    assert await box.settled() == ["2", "4", "5", "6", "7"]
    assert box.cursor().uid == 10
    assert "WARNING" not in caplog.text


async def test_mails_that_vanish_while_a_large_one_is_fetched_are_no_error(box: Box) -> None:
    box.deliver(mail("first"))
    box.deliver(mail("large", text="x" * 5_000_000))
    box.deliver(mail("last"))

    def meddle() -> None:
        with box.server.client(box.user) as client:
            client.delete_messages([2, 3])
            client.expunge()

    await box.read(connect=meddled(meddle_again=meddle), max_size=8_000_000)
    assert await box.settled() == ["first"]


# what is left in the mailbox -------------------------------------------------------------------------------------


async def test_by_default_other_clients_see_no_trace_of_us(box: Box) -> None:
    box.deliver(mail("one"))
    with box.server.client(box.user) as client:
        client.set_flags([1], [rb"\Flagged", "theirs"])
    await box.read()
    await box.settled()
    assert box.server.flags(box.user) == {1: {rb"\Flagged", b"theirs"}, 2: set()}


@pytest.mark.parametrize(
    ("done", "flags"),
    [(Done("seen"), {rb"\Seen"}), (Done("keyword", "$Taken"), {b"$Taken"})],
    ids=["seen", "keyword"],
)
async def test_a_mail_that_was_taken_is_marked(box: Box, done: Done, flags: set[bytes]) -> None:
    for number in range(3):
        box.deliver(mail(number))
    await box.read(done=done)
    await until(lambda: box.server.flags(box.user) == {1: flags, 2: flags, 3: flags})


async def test_a_mail_that_was_taken_is_moved_and_never_deleted(box: Box) -> None:
    box.server.make_folder(box.user, "Taken in/投诉")
    for number in range(3):
        box.deliver(mail(number))
    await box.read(done=Done("move", "Taken in/投诉"))
    await until(lambda: len(box.server.flags(box.user, "Taken in/投诉")) == 3)
    assert box.server.flags(box.user) == {}
    assert box.stored() == ["0", "1", "2"]


async def test_a_server_that_cannot_move_keeps_the_original_too(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot]
) -> None:
    box = boxes(start_dovecot(capability=FULL.replace(" MOVE", "")))
    box.server.make_folder(box.user, "Taken")
    for number in range(3):
        box.deliver(mail(number))
    await box.read(done=Done("move", "Taken"))
    await until(lambda: len(box.server.flags(box.user, "Taken")) == 3)
    await until(lambda: box.cursor().done == 3)
    assert box.server.flags(box.user) == {uid: {rb"\Seen"} for uid in (1, 2, 3)}, "only an EXPUNGE could remove it"


async def test_nothing_is_marked_that_is_not_committed(box: Box) -> None:
    box.deliver(mail("one"))
    driver = await box.read(done=Done("seen"))
    await until(lambda: box.server.flags(box.user) == {1: {rb"\Seen"}})
    box.house.store.down = True
    box.deliver(mail("two"))
    failures = driver.failures
    await until(lambda: driver.failures > failures + 1)
    assert box.server.flags(box.user) == {1: {rb"\Seen"}, 2: set()}
    assert box.cursor().uid == 1, "the cursor does not pass what could not be committed"
    box.house.store.down = False
    await until(lambda: box.server.flags(box.user) == {1: {rb"\Seen"}, 2: {rb"\Seen"}})
    assert box.stored() == ["one", "two"]


async def test_a_folder_to_move_to_that_is_missing_keeps_nothing_from_being_taken(box: Box) -> None:
    await box.read(done=Done("move", "Taken"))
    box.deliver(mail("one"))
    box.deliver(mail("two"))
    await until(lambda: "taken mails can't be marked (move Taken)" in box.trouble())
    assert box.stored() == ["one", "two"]
    assert set(box.server.flags(box.user)) == {1, 2}
    box.server.make_folder(box.user, "Taken")
    assert await box.settled() == ["one", "two"]
    await until(lambda: len(box.server.flags(box.user, "Taken")) == 3)
    await until(lambda: box.trouble() == "")


async def test_a_folder_that_may_only_be_read_is_read(
    boxes: Callable[[Dovecot], Box], start_dovecot: Callable[..., Dovecot]
) -> None:
    box = boxes(start_dovecot(acl=True))
    box.server.make_folder(box.user, "Shared")
    box.deliver(mail("one"), folder="Shared")
    rights = box.server.maildir(box.user) / ".Shared" / "dovecot-acl"
    rights.write_text("owner lr\n")
    rights.chmod(0o644)
    await box.read(place=box.place(folder="Shared"), done=Done("seen"))
    await until(lambda: "taken mails can't be marked (seen" in box.trouble())
    assert box.stored() == ["one"]


async def test_a_mark_that_is_asked_for_later_is_for_what_comes_then(box: Box) -> None:
    box.deliver(mail("old"))
    driver = await box.read()
    await until(lambda: box.stored() == ["old"])
    await driver.stop()
    box.deliver(mail("new"))
    await box.read(done=Done("seen"))
    await until(lambda: box.server.flags(box.user) == {1: set(), 2: {rb"\Seen"}})


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
    driver = await box.read(Pace(answer=0.4, first_retry=0.05), connect=Slow.open)
    await until(lambda: "took too long" in box.trouble())
    await asyncio.wait_for(driver.stop(), 10)


async def test_stopping_waits_for_no_server(box: Box) -> None:
    async with Between(box.server.port) as network:
        network.silent = True
        driver = await box.read(Pace(parting=0.2), place=box.place(port=network.port))
        await until(lambda: network.connections)
        await asyncio.wait_for(driver.stop(), 5)
    assert box.count() == 0


async def test_stopping_while_idling_is_at_once(box: Box) -> None:
    driver = await box.read(NEVER)
    await until(lambda: driver.looks)
    await asyncio.wait_for(driver.stop(), 5)
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
    await until(lambda: asked.count(b"NOOP") == 5)
    await driver.stop()
    server.close()
    assert asked.count(b"UID") <= 6, "one search for each question"


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


# several nodes ---------------------------------------------------------------------------------------------------


async def test_one_of_two_drives_and_the_other_takes_over(box: Box) -> None:
    first = await box.read(NEVER, duty_lasting=0.9)
    await until(lambda: first.looks)
    second = await box.read(NEVER, duty_lasting=0.9)
    box.deliver(mail("one"))
    await until(lambda: box.stored() == ["one"])
    assert second.looks == 0
    await first.stop()
    await until(lambda: second.looks)
    assert await box.settled() == ["one"]


async def test_who_has_lost_the_duty_moves_no_cursor(box: Box) -> None:
    """A process that was paused past its lease and wakes up."""
    first = await box.read(NEVER, duty_lasting=0.6)
    await until(lambda: first.looks)
    taken = box.house.store.write_now(duties.take, "mailbox", "other", timedelta(0))
    assert taken is None
    with box.house.store.engine.begin() as connection:  # its time has passed
        connection.execute(sa.update(duties.duties).values(until=datetime.now(UTC) - timedelta(seconds=1)))
    taken = box.house.store.write_now(duties.take, "mailbox", "other", timedelta(hours=1))
    assert taken is not None
    before = box.memory()
    looks = first.looks
    box.deliver(mail("one"))
    await until(lambda: box.stored() == ["one"] or first._session is None)
    await until(lambda: first._session is None)
    assert box.memory() == before
    assert first.looks == looks


async def test_two_that_read_at_once_take_each_mail_once(box: Box) -> None:
    """What fencing can't prevent: the ledger does."""
    box.server.deliver_as_it_is(box.user, *(mail(number) for number in range(120)))
    place = box.place()
    for name in ("one", "two"):
        duty = StoredDuty(box.house.store, name, "node")
        driver = ImapReceiver(place, OURS, duty, max_size=MOST, pace=QUICK)
        box.drivers.append(driver)
        await driver.start(box.house.intake.accept)
    await until(lambda: all(driver.looks for driver in box.drivers))
    assert sorted(box.stored(), key=int) == [str(number) for number in range(120)]


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


# groups ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"From: Ann <Ann@x.example>\r\nSubject: =?utf-8?b?5oqV6K+J?=\r\n\r\nb", 'mail from ann@x.example, "投诉",'),
        (b"From: Ann <Ann@x.example>\n\nSubject: body", 'mail from ann@x.example, "",'),
        (b"Subject: " + b"a" * 60_000, f'mail from an unknown sender, "{"a" * 300}",'),
        (b"\x00\xff\xfe", 'mail from an unknown sender, "",'),
        (b"", 'mail from an unknown sender, "",'),
    ],
)
def test_by_what_a_person_finds_a_mail_again(head: bytes, told: str) -> None:
    assert imap_taking.from_whom(head) == told


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([], []),
        ([10], [[10]]),
        ([10, 20, 30], [[10, 20, 30]]),
        ([60, 60, 60], [[60], [60], [60]]),
        ([10, 200, 10, 10], [[10], [200], [10, 10]]),
        ([10, None, 10], [[10], [None], [10]]),
        ([1, 1, 1, 1, 1, 1], [[1, 1, 1, 1], [1, 1]]),
        ([100, 100], [[100], [100]]),
    ],
)
def test_mails_that_are_fetched_together(sizes: list[int | None], groups: list[list[int | None]]) -> None:
    mails = [Listed(uid, size, None) for uid, size in enumerate(sizes)]
    found = [[one.size for one in group] for group in imap_taking.grouped(mails, most_bytes=100, most_mails=4)]
    assert found == groups


def test_a_memory_comes_back_as_it_was() -> None:
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    cursor = Cursor(7, 40, 30, (33, 35)).owes(Owed(36, 1, now)).owes(Owed(37, 1, now)).owes(Owed(36, 2, now))
    memory = (
        Memory({"a": cursor}, now).troubled("unreachable", "x", now).troubled("unreachable", "y", now + timedelta(1))
    )
    again = Memory.read(json.loads(json.dumps(memory.write())))
    assert again == memory
    assert again.trouble is not None
    assert (again.trouble.detail, again.trouble.since) == ("y", now)
    assert again.folders["a"].owed == (Owed(37, 1, now), Owed(36, 2, now))
    assert Memory.read({}) == Memory()
    assert cursor.marked(34).left == (35,)
