"""The chat's way in: many frames at once come to the same as one after another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from case_store import audit, conversations
from case_store.audit import conversation_chain
from case_store.chat import ChatMessage, accept_chats
from case_store.conversations import NewConversation, NewMessage
from case_store.records import Sender
from case_store.store import Store, Transaction

QUIET = timedelta(seconds=2)
GREETING = NewMessage(Sender.BOT, "你好")


def frame(conversation: str, client_id: str, text: str = "我要投诉") -> tuple[ChatMessage, timedelta]:
    opening = NewConversation(id=conversation, channel="webchat", account="webchat", locale="zh-Hans")
    return ChatMessage(client_id, text, None, datetime.now(UTC), opening, (GREETING,)), QUIET


def said(tx: Transaction, conversation: str) -> list[tuple[int, str, str | None]]:
    return [(one.number, one.sender.value, one.external_id) for one in conversations.messages_of(tx, conversation)]


@pytest.mark.parametrize(
    ("frames", "answers"),
    [
        ([("a", "1"), ("b", "1")], [(2, False), (2, False)]),
        ([("a", "1"), ("a", "2"), ("b", "1"), ("a", "3")], [(2, False), (3, False), (2, False), (4, False)]),
        ([("a", "1"), ("a", "1")], [(2, False), (2, True)]),
        ([("b", "1"), ("a", "1"), ("b", "2"), ("b", "1")], [(2, False), (2, False), (3, False), (2, True)]),
        ([], []),
    ],
    ids=["two customers", "a burst of one of them", "the same frame twice", "all of it mixed", "none"],
)
def test_many_frames_at_once_are_accepted_as_if_one_after_another(store: Store, frames, answers):
    together = store.write_now(accept_chats, [frame(*one) for one in frames])
    assert [(number, repeated) for number, _, repeated in together] == answers


def test_frames_of_one_customer_keep_their_order_and_their_chain(store: Store):
    store.write_now(accept_chats, [frame("a", "1"), frame("b", "1"), frame("a", "2")])
    store.write_now(accept_chats, [frame("a", "2"), frame("a", "3")])
    assert store.read_now(said, "a") == [
        (1, "bot", None),
        (2, "customer", "1"),
        (3, "customer", "2"),
        (4, "customer", "3"),
    ]
    told = store.read_now(audit.timeline, conversation_chain("a"))
    assert [(event.number, event.detail and event.detail["number"]) for event in told] == [(n, n) for n in range(1, 5)]


async def test_a_frame_that_fails_takes_none_of_its_neighbours_with_it(store: Store):
    too_long = "x" * 2000  # an id that no column holds: PostgreSQL refuses it
    fails = frame("c", too_long) if not store.sqlite else (None, QUIET)
    frames = [frame("a", "1"), fails, frame("b", "1")]
    answers = await asyncio.gather(
        *(store.write_together(accept_chats, one) for one in frames),  # type: ignore[arg-type]
        return_exceptions=True,
    )
    assert isinstance(answers[1], Exception)
    assert [(one[0], one[2]) for one in (answers[0], answers[2]) if isinstance(one, tuple)] == [(2, False), (2, False)]
    assert [len(store.read_now(said, id)) for id in "ab"] == [2, 2]


async def test_the_same_frame_in_parallel_is_accepted_once(store: Store):
    answers = await asyncio.gather(*(store.write_together(accept_chats, frame("a", "1")) for _ in range(12)))
    assert sorted(repeated for _, _, repeated in answers) == [False] + [True] * 11
    assert {number for number, _, _ in answers} == {2}
