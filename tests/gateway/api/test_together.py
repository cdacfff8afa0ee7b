"""Who asks for the same at once shares a reading, and nobody is told less than was there when they asked."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

from case_store import conversations
from case_store.conversations import NewMessage
from case_store.records import Sender
from case_store.store import Transaction
from gateway.api.together import Made, Together


class Said:
    """What stands in the store, and how often it was read; a reading takes until `finish`."""

    def __init__(self) -> None:
        self.words = 0
        self.begun: list[int] = []
        self.ends = asyncio.Event()

    async def read(self) -> Made:
        words = self.words
        self.begun.append(words)
        await self.ends.wait()
        return Made(json.dumps(words), etag=f'"{words}"')


async def began(said: Said, count: int) -> None:
    async with asyncio.timeout(30):
        while len(said.begun) < count:  # noqa: ASYNC110
            await asyncio.sleep(0)


def told(made: Made) -> Any:
    body = made.response().body
    assert isinstance(body, bytes)
    return json.loads(body)


async def test_all_who_ask_while_one_is_read_share_the_next() -> None:
    together, said = Together(), Said()
    first = asyncio.create_task(together.ask("a", said.read))
    await began(said, 1)
    said.words = 1
    others = [asyncio.create_task(together.ask("a", said.read)) for _ in range(24)]
    await asyncio.sleep(0)
    said.words = 2  # said after they asked and before it is read: so much the better
    said.ends.set()
    assert told(await first) == 0
    assert {told(await one) for one in others} == {2}
    assert said.begun == [0, 2]


async def test_what_is_asked_for_again_is_read_again() -> None:
    together, said = Together(), Said()
    said.ends.set()
    for words in range(3):
        said.words = words
        assert told(await together.ask("a", said.read)) == words


async def test_other_names_wait_for_nobody() -> None:
    together, slow, fast = Together(), Said(), Said()
    waits = asyncio.create_task(together.ask("a", slow.read))
    await began(slow, 1)
    fast.ends.set()
    assert told(await together.ask("b", fast.read)) == 0
    slow.ends.set()
    await waits


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    together, said = Together(), Said()
    first, leaves, stays = (asyncio.create_task(together.ask("a", said.read)) for _ in range(3))
    await began(said, 1)
    first.cancel()
    leaves.cancel()
    said.ends.set()
    assert told(await stays) == 0
    assert await asyncio.gather(first, leaves, return_exceptions=True) != [None, None]


async def test_what_fails_fails_for_whoever_waited_and_for_nobody_else() -> None:
    together, said = Together(), Said()
    fails = True

    async def read() -> Made:
        made = await said.read()
        if fails:
            raise LookupError
        return made

    asked = [asyncio.create_task(together.ask("a", read)) for _ in range(3)]
    gone = asyncio.create_task(together.ask("b", read))
    await began(said, 1)
    gone.cancel()
    said.ends.set()
    assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [LookupError] * 3
    fails = False
    assert told(await together.ask("a", read)) == 0
    del asked, gone
    gc.collect()  # what failed with nobody left to hear it is no complaint in the log: warnings are errors here


def say(tx: Transaction, id: str, text: str) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(Sender.CUSTOMER, text)])


CARD = "my card is 6222 0212 3456 7894"


async def test_each_is_answered_as_if_they_had_asked_alone(house: Any, browser: Any) -> None:
    """Masked for people and not for machines, under the same tag."""
    id = house.conversation(CARD)
    house.agent("megan")
    askers = [await browser("megan"), await browser(key=house.key("conversations:read"))] * 5
    alone = [await one.get(f"/api/v1/conversations/{id}") for one in askers[:2]]
    assert [CARD in body["messages"][0]["text"] for _, body, _ in alone] == [False, True]
    together = await asyncio.gather(*[one.get(f"/api/v1/conversations/{id}") for one in askers])
    for (status, body, answer), (_, as_alone, answered) in zip(together, alone * 5, strict=True):
        assert (status, body, answer.headers["ETag"]) == (200, as_alone, answered.headers["ETag"])
        assert answer.headers["Content-Type"] == answered.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_what_was_said_is_in_what_is_asked_for_afterwards(house: Any, browser: Any) -> None:
    """Whoever reads at the same moment: a hint that something was said must not be answered by what was read before."""
    id = house.conversation("word 0")
    house.agent("megan")
    one = await browser("megan")
    for number in range(1, 20):
        before = [asyncio.create_task(one.get(f"/api/v1/conversations/{id}")) for _ in range(4)]
        await asyncio.sleep(0)
        await house.store.write(say, id, f"word {number}")
        _, body, _ = await one.get(f"/api/v1/conversations/{id}")
        assert body["messages"][-1]["text"] == f"word {number}"
        await asyncio.gather(*before)


async def test_a_conversation_that_is_not_there_is_so_for_everybody_who_asks(house: Any, browser: Any) -> None:
    one = await browser("admin")
    answers = await asyncio.gather(*[one.get(f"/api/v1/conversations/{'0' * 32}") for _ in range(5)])
    assert {(status, body["code"]) for status, body, _ in answers} == {(404, "not_found")}
