"""Who may say that our mail came back: whoever brings our signed bounce address, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_arrivals import arrivals
from case_store.tables_arrivals import events as channel_events
from case_store.tables_cases import case_contacts
from case_store.tables_conversations import conversations
from case_store.tables_outbox import deliveries, tasks
from channels.email.identity import external_id
from channels.email.read import read_mail
from channels.message import Arrival, DeliveryReport

OURS = "complaints@bank.example"
ANN = "ann@example.org"


@pytest.fixture
async def answered(rooms: Any, write: Callable[..., str]) -> Any:
    """Ann has complained and was answered: our answer, and where a bounce of it would go."""
    await rooms.mail(write(f"Ann <{ANN}>"))
    await rooms.settle()
    [answer] = rooms.post.to(ANN)
    return answer


def samples(shared_data: Path) -> list[Path]:
    found = sorted((shared_data / "mail" / "bounces").glob("*.eml"))
    assert len(found) >= 135
    return found


def bounce_in(raw: bytes) -> DeliveryReport | None:
    events = read_mail(raw, {"mailbox": OURS, "mail_from": ""})
    return next((event for event in events if isinstance(event, DeliveryReport) and event.kind == "bounced"), None)


async def hand_in(rooms: Any, raw: bytes, to: str, name: str = "") -> None:
    transport = {"mail_from": "", "rcpt_tos": [to], "mailbox": OURS}
    await rooms.intake.accept(
        Arrival("email", rooms.channel.account, external_id(raw) + name, datetime.now(UTC), raw, transport)
    )
    await rooms.settle()


def state(rooms: Any) -> dict[str, Any]:
    [delivery] = rooms.rows(sa.select(deliveries.c.state, deliveries.c.error).where(deliveries.c.address == ANN))
    [contact] = rooms.rows(sa.select(case_contacts.c.bounced_at).where(case_contacts.c.address == ANN))
    [row] = rooms.rows(
        sa.select(conversations.c.owner, conversations.c.waiting_reason).where(conversations.c.address == ANN)
    )
    return {
        "delivery": delivery.state,
        "flagged": contact.bounced_at is not None,
        "owner": row.owner,
        "tasks": sorted(one.words if one.kind == "look" else one.kind for one in rooms.rows(_TASKS)),
    }


_TASKS = sa.select(tasks.c.kind, tasks.c.words)
BOUNCED = {
    "delivery": "bounced",
    "flagged": True,
    "owner": "queue",
    "tasks": ["letter"],
}  # with the words that came back
UNTOUCHED = {"delivery": "sent", "flagged": False, "owner": "bot", "tasks": []}
CLAIMED = {"delivery": "sent", "flagged": False, "owner": "bot", "tasks": ["bounce_claimed"]}


def forged_for(raw: bytes, message_id: str) -> bytes:
    """The sample as the same mail system would have written it about our mail: it gives our Message-ID back."""
    head, gap, body = re.split(rb"(\r?\n\r?\n)", raw, maxsplit=1)
    ours = re.sub(rb"(?im)^(\W{0,16}message-id:\s*)<[^<>\s]+>", rb"\1" + message_id.encode(), body)
    if ours == body:
        ours += b"\r\nReceived: from mx.example\r\nMessage-ID: " + message_id.encode() + b"\r\n"
    return head + gap + ours


async def each_real_bounce(
    rooms: Any, shared_data: Path, answer: Any, to: str, expected: Callable[[DeliveryReport | None], Any]
) -> None:
    for sample in samples(shared_data):
        raw = forged_for(sample.read_bytes(), answer["Message-ID"])
        await hand_in(rooms, raw, to, sample.name)  # two of the samples are the same
        assert state(rooms) == expected(bounce_in(raw)), sample.name
        reset(rooms)
    assert len(rooms.post.mails) == 1, "none of them is answered"
    assert {row.state for row in rooms.rows(sa.select(arrivals.c.state))} == {"read"}


def reset(rooms: Any) -> None:
    def undo(tx: Any) -> None:
        tx.execute(sa.update(deliveries).values(state="sent", error=None))
        tx.execute(sa.update(case_contacts).values(bounced_at=None))
        tx.execute(sa.update(conversations).values(owner="bot", waiting_since=None, waiting_reason=None))
        tx.execute(sa.delete(tasks))

    rooms.store.write_now(undo)


async def test_every_real_bounce_that_brings_our_signed_address_back_joins_its_case(
    rooms: Any, shared_data: Path, answered: Any
) -> None:
    def expected(bounce: DeliveryReport | None) -> Any:
        return BOUNCED if bounce else UNTOUCHED

    await each_real_bounce(rooms, shared_data, answered, answered["X-Envelope-From"], expected)
    found = rooms.rows(sa.select(channel_events.c.kind, channel_events.c.case_id))
    reports = [row for row in found if row.kind in ("bounced", "delayed", "delivered", "complained")]
    assert len(reports) > 110
    assert all(row.case_id for row in reports)


async def test_no_real_bounce_that_only_knows_a_message_id_does_more_than_call_for_a_look(
    rooms: Any, shared_data: Path, answered: Any
) -> None:
    claims = []

    def expected(bounce: DeliveryReport | None) -> Any:
        claims.append(bounce is not None and bounce.message_id == answered["Message-ID"])
        return CLAIMED if claims[-1] else UNTOUCHED

    await each_real_bounce(rooms, shared_data, answered, OURS, expected)
    assert sum(claims) > 60


BOUNCE = (
    "From: MAILER-DAEMON@mx.evil.example\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <b{n}@evil.example>\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.evil.example\n\nFinal-Recipient: rfc822; {about}\n"
    "Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: {id}\nReturn-Path: <{path}>\n\nDear Ann\n--b--\n"
)


@pytest.mark.parametrize(
    "attack", ["message id", "reply token", "another delivery's token", "broken token", "mailbox only"]
)
async def test_a_strangers_bounce_silences_nobody(
    rooms: Any, write: Callable[..., str], answered: Any, attack: str
) -> None:
    await rooms.mail(write("Mallory <mallory@evil.example>", text="You lost 900 yuan of mine in Hull. I want it back."))
    await rooms.settle()
    [mallorys] = rooms.post.to("mallory@evil.example")
    token = rooms.channel.composer.mailbox.token_of(answered["X-Envelope-From"])
    path = {
        "message id": "",
        "reply token": answered["Reply-To"],
        "another delivery's token": mallorys["X-Envelope-From"],
        "broken token": answered["X-Envelope-From"].replace(token, token[:-2] + ("aa" if token[-2:] != "aa" else "bb")),
        "mailbox only": OURS,
    }[attack]
    id = answered["Message-ID"] if attack != "mailbox only" else "<nothing@evil.example>"
    raw = BOUNCE.format(to=OURS, n=1, about=ANN, id=id, path=path).replace("\n", "\r\n").encode()
    await hand_in(rooms, raw, OURS)
    found = state(rooms)
    assert (found["delivery"], found["flagged"], found["owner"]) == ("sent", False, "bot")


async def test_a_claim_calls_for_one_look_however_often_it_is_made(rooms: Any, answered: Any) -> None:
    for n in range(5):
        raw = BOUNCE.format(to=OURS, n=n, about=ANN, id=answered["Message-ID"], path="").encode()
        await hand_in(rooms, raw, OURS)
    assert state(rooms) == CLAIMED


async def test_a_vacation_reply_to_the_bounce_address_is_no_bounce(
    rooms: Any, write: Callable[..., str], answered: Any
) -> None:
    raw = write(f"Ann <{ANN}>", subject="Out of office", auto_submitted="auto-replied", text="I am away.").encode()
    await hand_in(rooms, raw, answered["X-Envelope-From"])
    assert state(rooms) == UNTOUCHED
    assert len(rooms.post.mails) == 1


async def test_who_writes_again_is_written_to_again(rooms: Any, write: Callable[..., str], answered: Any) -> None:
    raw = BOUNCE.format(to=OURS, n=1, about=ANN, id=answered["Message-ID"], path=answered["X-Envelope-From"]).encode()
    await hand_in(rooms, raw, answered["X-Envelope-From"])
    assert state(rooms)["flagged"]
    await rooms.mail(write(f"Ann <{ANN}>", to=answered["Reply-To"], text="My mailbox was full."))
    await rooms.settle()
    [contact] = rooms.rows(sa.select(case_contacts.c.bounced_at).where(case_contacts.c.address == ANN))
    assert contact.bounced_at is None
