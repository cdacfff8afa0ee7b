"""Who may say that our mail has arrived, or was read: whoever had it, and nobody else; and how far it has come never goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import outbox
from case_store.ids import new_id
from case_store.tables_outbox import deliveries
from channels.email.identity import external_id
from channels.message import Arrival

OURS = "complaints@bank.example"
ANN = "ann@example.org"
BEN = "ben@example.org"

REPORT = (
    "From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: report {n}\r\nMessage-ID: <r{n}@mx.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nAs asked.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; ann@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
)
RECEIPT = (
    "From: Ann <ann@example.org>\r\nTo: {to}\r\nSubject: Read {n}\r\nMessage-ID: <m{n}@example.org>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nIt was shown.\r\n"
    "--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; ann@example.org\r\n"
    "{original}Disposition: manual-action/MDN-sent-manually; {disposition}\r\n\r\n--b--\r\n"
)


@pytest.fixture
async def answered(rooms: Any, write: Callable[..., str]) -> Any:
    """Ann and Ben have complained and were answered: what Ann got."""
    for one in (ANN, BEN):
        await rooms.mail(write(f"{one[:3].title()} <{one}>"))
    await rooms.settle()
    [answer] = rooms.post.to(ANN)
    return answer


async def hand_in(rooms: Any, raw: str, to: str, mail_from: str = "") -> None:
    transport = {"mail_from": mail_from, "rcpt_tos": [to], "mailbox": OURS}
    content = raw.encode()
    arrival = Arrival(
        "email", rooms.channel.account, external_id(content) + new_id(), datetime.now(UTC), content, transport
    )
    await rooms.intake.accept(arrival)
    await rooms.settle()


async def reported(rooms: Any, to: str, action: str, status: str = "2.0.0") -> None:
    await hand_in(rooms, REPORT.format(to=to, action=action, status=status, n=new_id()), to)


async def receipt(rooms: Any, to: str, message_id: str | None = None, disposition: str = "displayed") -> None:
    original = f"Original-Message-ID: {message_id}\r\n" if message_id else ""
    raw = RECEIPT.format(to=to, n=new_id(), original=original, disposition=disposition)
    await hand_in(rooms, raw, to, ANN)


def stands(rooms: Any, address: str = ANN) -> tuple[str, bool, bool]:
    """(state, whether it is known to have arrived, whether it is known to have been read) of the first mail to this address."""
    d = deliveries.c
    found = sa.select(d.state, d.delivered_at, d.read_at).where(d.address == address).order_by(d.id).limit(1)
    [row] = rooms.rows(found)
    return row.state, row.delivered_at is not None, row.read_at is not None


SENT = ("sent", False, False)
DELIVERED = ("sent", True, False)
READ = ("sent", True, True)


@pytest.mark.parametrize(
    ("action", "status", "then"),
    [
        ("delivered", "2.0.0", DELIVERED),
        ("relayed", "2.0.0", SENT),  # passed on to where nobody reports from
        ("expanded", "2.0.0", SENT),
        ("delayed", "4.4.7", SENT),
        ("failed", "5.1.1", ("bounced", False, False)),
    ],
)
async def test_what_the_next_system_reports(
    rooms: Any, answered: Any, action: str, status: str, then: tuple[str, bool, bool]
) -> None:
    assert stands(rooms) == SENT
    await reported(rooms, answered["X-Envelope-From"], action, status)
    assert stands(rooms) == then
    assert stands(rooms, BEN) == SENT


@pytest.mark.parametrize("where", ["X-Envelope-From", "Reply-To"])
@pytest.mark.parametrize(("disposition", "then"), [("displayed", READ), ("deleted", SENT)])
async def test_a_receipt_at_an_address_that_only_the_reader_of_the_mail_knows(
    rooms: Any, answered: Any, where: str, disposition: str, then: tuple[str, bool, bool]
) -> None:
    await receipt(rooms, answered[where], answered["Message-ID"], disposition)
    assert stands(rooms) == then
    assert stands(rooms, BEN) == SENT
    assert len(rooms.post.mails) == 2, "no receipt is answered"


async def test_a_stranger_who_knows_the_message_id_changes_nothing(rooms: Any, answered: Any) -> None:
    [to_ben] = rooms.post.to(BEN)
    named = answered["Message-ID"]
    returned = f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {named}\r\n\r\nx\r\n--b--"
    for to in (OURS, to_ben["Reply-To"], f"complaints+{'a' * 44}@bank.example"):
        await receipt(rooms, to, named)
        raw = REPORT.format(to=to, action="delivered", status="2.0.0", n=new_id()).replace("--b--", returned)
        await hand_in(rooms, raw, to)
        assert stands(rooms) == SENT, to
    # by the address of their own mail they say something of that mail alone
    await receipt(rooms, to_ben["X-Envelope-From"], named)
    assert (stands(rooms), stands(rooms, BEN)) == (SENT, READ)


async def test_it_only_goes_forward(rooms: Any, answered: Any) -> None:
    to = answered["X-Envelope-From"]
    await receipt(rooms, to)
    assert stands(rooms) == READ
    [first] = rooms.rows(sa.select(deliveries.c.read_at).where(deliveries.c.address == ANN))
    await reported(rooms, to, "delivered")
    await reported(rooms, to, "failed", "5.1.1")  # what was read has arrived, whatever a mail system says late
    await receipt(rooms, to)
    assert stands(rooms) == READ
    assert rooms.rows(sa.select(deliveries.c.read_at).where(deliveries.c.address == ANN)) == [first]


async def test_what_came_back_after_all_stays_so(rooms: Any, answered: Any) -> None:
    to = answered["X-Envelope-From"]
    await reported(rooms, to, "delivered")
    await reported(rooms, to, "failed", "5.1.1")
    assert stands(rooms)[0] == "bounced"
    await receipt(rooms, to)
    assert stands(rooms) == ("bounced", True, False)


async def test_a_report_that_is_quicker_than_the_note_of_sending_counts(rooms: Any, answered: Any) -> None:
    [row] = rooms.rows(sa.select(deliveries.c.id).where(deliveries.c.address == ANN))

    def being_sent(tx: Any) -> None:
        tx.execute(sa.update(deliveries).where(deliveries.c.id == row.id).values(state="sending", lease="x"))

    rooms.store.write_now(being_sent)
    await reported(rooms, answered["X-Envelope-From"], "delivered")
    delivery = rooms.store.read_now(outbox.find, row.id)
    rooms.store.write_now(outbox.sent, delivery, None)
    assert stands(rooms) == DELIVERED
