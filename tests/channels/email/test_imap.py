"""The mailbox by IMAP, before a real Dovecot and on a real ledger: what is taken, when, and what other clients see of it."""

from __future__ import annotations

import asyncio
import json
import smtplib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import duties
from case_store.tables_arrivals import arrivals
from channels.email import imap_taking
from channels.email.imap import ImapReceiver, Pace
from channels.email.imap_memory import Cursor, Memory, Owed
from channels.email.imap_place import Done
from channels.email.imap_session import ImapSession, Listed, Listing
from channels.email.receive import SmtpReceiver
from gateway.duties import StoredDuty
from tests.between import Between
from tests.channels.email.imap_box import MOST, NEVER, OURS, QUICK, Box, box, boxes, house, mail, until
from tests.dovecot import FULL, Dovecot

__all__ = ["box", "boxes", "house"]


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
        with smtplib.SMTP("127.0.0.1", smtp.port, timeout=30) as client:
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


# several nodes ---------------------------------------------------------------------------------------------------


async def test_one_of_two_drives_and_the_other_takes_over(box: Box) -> None:
    first = await box.read(NEVER, duty_lasting=6)
    await until(lambda: first.looks)
    second = await box.read(NEVER, duty_lasting=6)
    box.deliver(mail("one"))
    await until(lambda: box.stored() == ["one"])
    assert second.looks == 0
    await first.stop()
    await until(lambda: second.looks)
    assert await box.settled() == ["one"]


async def test_who_has_lost_the_duty_moves_no_cursor(box: Box) -> None:
    """A process that was paused past its lease and wakes up."""
    first = await box.read(NEVER, duty_lasting=6)
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
