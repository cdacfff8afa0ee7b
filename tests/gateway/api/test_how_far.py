"""How far a message has come, as agents are told it: sent, delivered, read, returned, and since when; only what is known is said."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from case_store import conversations, outbox
from case_store.conversations import NewMessage
from case_store.outbox import NewDelivery
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_conversations import conversations as rows
from case_store.tables_outbox import deliveries
from channels.webchat.frames import BadFrame, Read, parse

NOTHING = ("sent", False, False)
SEEN = ("delivered", True, False)
READ = ("read", True, True)


def says(tx: Transaction, id: str, sender: Sender, text: str) -> int:
    [stored] = conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(sender, text)])
    return stored.number


@pytest.fixture
def chat(house: Any) -> str:
    """A customer's word, and two of ours: 1, 2, 3."""
    id = str(house.conversation("hello"))
    for text in ("one", "two"):
        house.store.write_now(says, id, Sender.BOT, text)
    return id


async def told(browser: Any, id: str) -> dict[str, Any]:
    _, shown, _ = await (await browser("admin")).get(f"/api/v1/conversations/{id}")
    return {one["id"]: one for one in shown["messages"]}


async def how_far(browser: Any, id: str) -> dict[str, tuple[str, bool, bool]]:
    return {
        number: (one["delivery"]["state"], one["delivered_at"] is not None, one["read_at"] is not None)
        for number, one in (await told(browser, id)).items()
        if one["sender"] != "customer"
    }


@pytest.mark.parametrize(
    ("frames", "stands"),
    [
        ([], [NOTHING, NOTHING]),
        ([("seen", 2)], [SEEN, NOTHING]),
        ([("seen", 3)], [SEEN, SEEN]),
        ([("read", 2)], [READ, NOTHING]),  # what was read has been seen, though nobody said so
        ([("seen", 3), ("read", 2)], [READ, SEEN]),
        ([("read", 3), ("seen", 2), ("read", 2)], [READ, READ]),  # never back
        ([("read", 99)], [NOTHING, NOTHING]),  # what was never said
        ([("read", 3, 1)], [NOTHING, NOTHING]),  # a session that is not this chat's, or not any more
        ([("seen", 3, 1)], [NOTHING, NOTHING]),
    ],
)
async def test_in_the_chat_as_the_customers_screen_says(
    house: Any, browser: Any, chat: str, frames: list[tuple[Any, ...]], stands: list[Any]
) -> None:
    for what, number, *epoch in frames:
        house.store.write_now(getattr(conversations, what), chat, number, *epoch)
    assert list((await how_far(browser, chat)).values()) == stands


async def test_the_time_is_that_of_the_first_frame_that_said_so(house: Any, browser: Any, chat: str) -> None:
    house.store.write_now(conversations.read, chat, 2)
    first = (await told(browser, chat))["2"]
    assert first["delivery"]["at"] == first["read_at"] >= first["delivered_at"] >= first["at"]
    house.store.write_now(conversations.read, chat, 3)
    again = await told(browser, chat)
    assert again["2"]["read_at"] == first["read_at"] < again["3"]["read_at"]
    assert (again["1"]["delivered_at"], again["1"]["read_at"], again["1"]["delivery"]) == (None, None, None)


async def test_of_what_was_seen_before_times_were_kept_no_time_is_made_up(house: Any, browser: Any, chat: str) -> None:
    house.store.write_now(lambda tx: tx.execute(sa.update(rows).where(rows.c.id == chat).values(seen_message=2)))
    house.store.write_now(conversations.seen, chat, 3)
    assert list((await how_far(browser, chat)).values()) == [("delivered", False, False), SEEN]


async def test_a_machine_that_listens_hears_that_something_was_read(house: Any, chat: str) -> None:
    before = house.store.read_now(conversations.find, chat)["version"]
    house.store.write_now(conversations.read, chat, 3)
    after = house.store.read_now(conversations.find, chat)["version"]
    assert after > before
    assert not house.store.write_now(conversations.read, chat, 3)
    assert house.store.read_now(conversations.find, chat)["version"] == after


def mailed(tx: Transaction, id: str, **values: Any) -> None:
    number = says(tx, id, Sender.AGENT, "Dear Ann")
    new = NewDelivery(
        f"reply:{id}:{number}", "email", "email:test", "ann@customer.example", Sender.AGENT, {}, id, number
    )
    delivery = outbox.queue(tx, new)
    tx.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(**values))


@pytest.mark.parametrize(
    ("values", "state", "error"),
    [
        ({"state": "queued"}, "queued", None),
        ({"state": "sent"}, "sent", None),
        ({"state": "sent", "delivered_at": True}, "delivered", None),
        ({"state": "sent", "delivered_at": True, "read_at": True}, "read", None),
        ({"state": "bounced", "delivered_at": True, "error": "5.1.1 no such user"}, "bounced", "5.1.1 no such user"),
        ({"state": "failed", "error": "refused: 554 spam"}, "failed", "refused: 554 spam"),
    ],
)
async def test_by_mail_as_the_mail_systems_say(
    house: Any, browser: Any, values: dict[str, Any], state: str, error: str | None
) -> None:
    id = house.conversation("hello", channel="email", address="ann@customer.example")

    def unit(tx: Transaction) -> None:
        at = {name: tx.now if value is True else value for name, value in values.items()}
        mailed(tx, id, **at, sent_at=None if values["state"] == "queued" else tx.now)

    house.store.write_now(unit)
    shown = (await told(browser, id))["2"]
    assert (shown["delivery"]["state"], shown["delivery"]["error"], shown["delivery"]["by"]) == (state, error, "email")
    assert (shown["delivered_at"] is not None, shown["read_at"] is not None) == (
        "delivered_at" in values,
        "read_at" in values,
    )
    assert (shown["delivery"]["at"] is None) is (state == "queued")


@pytest.mark.parametrize("frame", ['{"type":"read"}', '{"type":"read","message":"2"}', '{"type":"read","message":-1}'])
def test_a_frame_that_names_no_message_is_refused(frame: str) -> None:
    assert parse('{"type":"read","message":2}') == Read(2)
    with pytest.raises(BadFrame):
        parse(frame)
