"""What a live socket is told once it has said what it shows; who is seen by whom; and what of it reaches the customer: nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from case_store.records import Owner
from case_store.store import Wake
from channels.webchat.socket import Seat
from gateway import presence
from gateway.api import live, showing
from gateway.chat import Chat
from gateway.context import GATEWAY
from gateway.presence import PRESENCE
from gateway.wakeups import Wakeups

LISTS = {"type": "changed", "kind": "lists", "version": 0}
HAPPENED = (
    Wake("conversation", "c1", version=2),
    Wake("conversation", "c2", version=3),
    Wake("owner", "c3", version=4),
    Wake("case", "k1", version=5),
    Wake("case", "k2", version=6),
    Wake("task", "t1"),
    Wake("typing", "c1", version=1),
    Wake("typing", "c2", version=1),
)


@pytest.fixture
def database() -> str:
    """What is told here is in no database: one of them is enough."""
    return "sqlite"


class Client:
    """One socket: what it says, and everything it was told until a hint that every socket hears."""

    _ends = count()

    def __init__(self, house: Any, socket: ClientWebSocketResponse) -> None:
        self._house = house
        self.socket = socket

    async def shows(self, *conversations: str, cases: tuple[str, ...] = (), open: str | None = None) -> None:
        said = {"type": "showing", "conversations": [*conversations], "cases": [*cases], "open": open}
        await self.socket.send_json(said)
        await self.settled()

    async def types(self, conversation: str, active: bool = True, **more: Any) -> None:
        await self.socket.send_json({"type": "typing", "conversation": conversation, "active": active, **more})
        await self.settled()

    async def settled(self) -> None:
        """What was said has been taken: frames are read in order, and a ping is answered behind them."""
        seen = self._house.frames
        await self.socket.send_str(mark := f"mark {len(seen)} {id(self)}")
        async with asyncio.timeout(30):
            while mark not in seen:
                self._house.taken.clear()
                await self._house.taken.wait()

    async def told(self) -> list[dict[str, Any]]:
        await asyncio.sleep(0)  # lists are joined by a task of their own
        end = f"end{next(self._ends)}"
        # whatever a socket may read, it hears of one of these
        self._house.app[GATEWAY].wakeups.publish([Wake("task", end), Wake("alarm", end)])
        frames = []
        async with asyncio.timeout(30):
            while (frame := await self.socket.receive_json()).get("id") != end:
                frames.append(frame)
        return [frame for frame in frames if not str(frame.get("id")).startswith("end")]


@pytest.fixture
async def join(house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`await join("ana")` or `await join(key=…)`: a socket that has been opened."""
    house.frames, house.taken = [], asyncio.Event()
    says = live.Client.says

    async def heard(client: Any, data: str) -> None:
        await says(client, data)
        house.frames.append(data)
        house.taken.set()

    monkeypatch.setattr(live.Client, "says", heard)
    for name in ("ana", "bob", "cai"):
        house.agent(name)

    async def join(username: str | None = None, *, key: str | None = None) -> Client:
        one = await browser(username, key=key)
        url = one.url.replace("http", "ws", 1) + "/api/v1/live"
        return Client(house, await one.session.ws_connect(url, headers=one.headers))

    return join


def changed(kind: str, id: str, version: int = 0) -> dict[str, Any]:
    return {"type": "changed", "kind": kind, "id": id, "version": version}


TYPING = {"type": "typing", "kind": "conversation", "active": True}
EVERYTHING = [
    changed("conversation", "c1", 2),
    changed("conversation", "c2", 3),
    changed("conversation", "c3", 4),
    changed("case", "k1", 5),
    changed("case", "k2", 6),
    changed("task", "t1"),
    {**TYPING, "id": "c1"},
    {**TYPING, "id": "c2"},
]


@pytest.mark.parametrize(
    ("shows", "told"),
    [
        (None, EVERYTHING),  # as it was before clients could say what they show
        (
            {"conversations": ["c1"], "cases": ["k1"], "open": None},
            [
                changed("conversation", "c1", 2),
                changed("conversation", "c3", 4),  # it changed hands: in whose list it is now, everybody has to know
                changed("case", "k1", 5),
                changed("task", "t1"),
                {**TYPING, "id": "c1"},
                {**LISTS, "id": "cases"},
                {**LISTS, "id": "conversations"},
            ],
        ),
        (
            {"conversations": [], "open": "c2"},  # what is open is shown
            [
                changed("conversation", "c2", 3),
                changed("conversation", "c3", 4),
                changed("task", "t1"),
                {**TYPING, "id": "c2"},
                {**LISTS, "id": "cases"},
                {**LISTS, "id": "conversations"},
            ],
        ),
        (
            {"conversations": ["c1", "c2", "c3"], "cases": ["k1", "k2"], "open": None},
            EVERYTHING,
        ),
    ],
)
async def test_a_socket_hears_at_once_of_what_it_shows_and_of_the_rest_that_lists_may_have_changed(
    house: Any, join: Any, shows: dict[str, Any] | None, told: list[dict[str, Any]]
) -> None:
    client = await join("ana")
    if shows is not None:
        await client.socket.send_json({"type": "showing", **shows})
    await client.settled()
    house.app[GATEWAY].wakeups.publish([*HAPPENED])
    assert await client.told() == told


async def test_who_may_read_only_cases_is_told_nothing_of_conversations_they_say_they_show(
    house: Any, join: Any
) -> None:
    machine, ana = await join(key=house.key("cases:read")), await join("ana")
    await machine.shows("c1", cases=("k1",), open="c1")
    await ana.shows(open="c1")
    house.app[GATEWAY].wakeups.publish([*HAPPENED])
    assert await machine.told() == [changed("case", "k1", 5), changed("task", "t1"), {**LISTS, "id": "cases"}]


async def test_lists_are_told_of_once_and_not_again_for_a_while(house: Any, join: Any, monkeypatch: Any) -> None:
    pauses: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def pause(seconds: float) -> None:
        assert seconds == live.LISTS_EVERY
        await pauses.put(over := asyncio.Event())
        await over.wait()

    monkeypatch.setattr(live, "_pause", pause)
    client, publish = await join("ana"), house.app[GATEWAY].wakeups.publish
    await client.shows()
    lists = {**LISTS, "id": "conversations"}
    publish([Wake("conversation", "c1", version=1)])
    assert await client.told() == [lists]
    publish([Wake("conversation", f"c{n}", version=1) for n in range(400)])  # more than a queue holds
    assert await client.told() == []
    (await pauses.get()).set()
    await pauses.get()
    assert await client.told() == [lists]


async def test_what_changed_between_its_being_fetched_and_its_being_shown_is_told(house: Any, join: Any) -> None:
    client, publish = await join("ana"), house.app[GATEWAY].wakeups.publish
    await client.shows()
    publish([Wake("conversation", "c1", version=7), Wake("conversation", "c2", version=1)])
    await client.told()
    await client.shows(open="c1")
    assert await client.told() == [changed("conversation", "c1", 7)]
    await client.shows(open="c1")  # it is shown already
    assert await client.told() == []


async def test_of_much_that_comes_into_sight_only_what_is_open_is_told_alone(house: Any, join: Any) -> None:
    client, publish = await join("ana"), house.app[GATEWAY].wakeups.publish
    ids = [f"c{n}" for n in range(showing.FEW + 2)]
    publish([Wake("conversation", id, version=1) for id in ids])
    await client.told()
    await client.shows(*ids, open="c1")
    assert await client.told() == [changed("conversation", "c1", 1), {**LISTS, "id": "conversations"}]


def test_what_changed_is_remembered_for_seconds_and_not_without_end() -> None:
    now, wakeups = [0.0], Wakeups()
    recent = showing.Recent(wakeups, clock=lambda: now[0])
    wakeups.publish([Wake("owner", "c0"), *(Wake("conversation", f"c{n}") for n in range(1, showing.MOST_RECENT + 1))])
    assert recent.of("conversation", "c0") is None
    assert recent.of("conversation", "c1") is not None
    now[0] = showing.RECENT
    assert recent.of("conversation", "c1") is None


# malice ---------------------------------------------------------------------------------------------------------

NOT_TAKEN = [
    "",
    "{",
    "[" * 30_000,
    "null",
    '"showing"',
    json.dumps([{"type": "showing"}]),
    json.dumps({"type": "showing"}),
    *(
        json.dumps({"type": "showing", "conversations": [], "open": None, **wrong})
        for wrong in (
            {"conversations": None},
            {"conversations": "c1"},
            {"conversations": {"c1": 1}},
            {"conversations": ["c1", 7]},
            {"conversations": ["c" * 33]},
            {"conversations": ["c1:a1:n1"]},
            {"conversations": ["对话"]},
            {"conversations": [""]},
            {"conversations": [f"c{n}" for n in range(showing.MOST + 1)]},
            {"cases": "k1"},
            {"cases": [f"k{n}" for n in range(showing.MOST + 1)]},
            {"open": ["c1"]},
            {"open": "c1\n"},
            {"open": "c" * 33},
        )
    ),
    *(
        json.dumps({"type": "typing", "conversation": "c1", "active": True, **wrong})
        for wrong in (
            {"type": "showing"},
            {"conversation": None},
            {"conversation": {"c1": 1}},
            {"active": "yes"},
            {"active": 1},
            {"what": "letter"},
            {"what": ["note"]},
            {"what": {}},
        )
    ),
]


async def test_what_can_not_be_understood_changes_nothing(house: Any, join: Any) -> None:
    ana, bob = await join("ana"), await join("bob")
    await bob.shows("c1")
    for frame in NOT_TAKEN:
        await ana.socket.send_str(frame)
        await ana.settled()
        assert await bob.told() == [], frame[:100]
        await ana.told()
    house.app[GATEWAY].wakeups.publish([*HAPPENED])
    assert await ana.told() == EVERYTHING


async def test_as_many_as_may_be_shown_fit_into_one_frame(house: Any, join: Any) -> None:
    client = await join("ana")
    ids = [f"{n:032x}" for n in range(showing.MOST)]
    await client.shows(*ids, cases=tuple(ids), open="c1")
    house.app[GATEWAY].wakeups.publish([Wake("conversation", ids[-1], version=1), Wake("conversation", "c9")])
    assert await client.told() == [changed("conversation", ids[-1], 1), {**LISTS, "id": "conversations"}]


async def test_who_says_more_than_a_person_can_is_read_slowly_and_their_last_word_counts(
    house: Any, join: Any, monkeypatch: Any
) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(live, "_pause", pause)
    client = await join("ana")
    for n in range(live.BURST + 20):
        await client.socket.send_json({"type": "showing", "conversations": [], "open": f"c{n}"})
    await client.settled()
    assert sum(waits) > 0
    assert house.app[PRESENCE].others(f"c{live.BURST + 19}", "nobody")
    assert not house.app[PRESENCE].others("c0", "nobody")


async def test_somebody_coming_into_every_conversation_does_not_flood_a_socket_that_does_not_read(
    house: Any, join: Any
) -> None:
    client = await join("ana")
    ids = [f"c{n}" for n in range(showing.MOST)]
    await client.shows(*ids)
    house.app[GATEWAY].wakeups.publish([Wake(presence.CHANGED, f"{id}:a1") for id in ids] * 3)
    (told,) = await client.told()
    assert told == {"type": "presence", "conversations": {id: [] for id in ids}}


# who is there ---------------------------------------------------------------------------------------------------


def there(**doing: str) -> dict[str, Any]:
    """The frame that tells who has c1 open."""
    people = [{"username": name, "name": name.title(), "doing": does} for name, does in doing.items()]
    return {"type": "presence", "conversations": {"c1": people}}


async def test_who_opens_a_conversation_is_seen_by_whom_it_is_shown_to_and_learns_who_is_there(join: Any) -> None:
    ana, bob, elsewhere, old = await join("ana"), await join("bob"), await join("cai"), await join("cai")
    await bob.shows("c1", "c2")
    await elsewhere.shows("c2", open="c3")
    await ana.shows(open="c1")
    assert await bob.told() == [there(ana="reading")]
    assert await elsewhere.told() == []
    assert await old.told() == []  # it never said that it shows anything
    await bob.shows("c1", "c2", open="c1")
    assert await ana.told() == [there(bob="reading")]
    await elsewhere.shows(open="c1")
    assert await elsewhere.told() == [there(ana="reading", bob="reading")]
    assert await ana.told() == [there(bob="reading", cai="reading")]
    await bob.shows("c1", "c2")
    assert await ana.told() == [there(cai="reading")]


async def test_who_goes_is_gone_by_leaving_the_conversation_or_the_house(join: Any) -> None:
    ana, bob = await join("ana"), await join("bob")
    await bob.shows("c1")
    await ana.shows(open="c1")
    assert await bob.told() == [there(ana="reading")]
    await ana.shows("c1")
    assert await bob.told() == [there()]
    await ana.shows(open="c1")
    assert await bob.told() == [there(ana="reading")]
    await ana.socket.close()
    async with asyncio.timeout(30):
        while (frame := await bob.socket.receive_json())["type"] == "alarm":
            continue  # what ends the look before
    assert frame == there()


async def test_one_agent_at_two_sockets_is_one_person_and_there_until_both_have_left(join: Any) -> None:
    first, second, bob = await join("ana"), await join("ana"), await join("bob")
    await bob.shows("c1")
    await first.shows(open="c1")
    await second.shows(open="c1")
    assert await bob.told() == [there(ana="reading")]
    assert await first.told() == []  # nobody is told of themselves
    await second.types("c1")
    assert await bob.told() == [there(ana="reply")]
    await second.shows()
    assert await bob.told() == [there(ana="reading")]
    await first.shows()
    assert await bob.told() == [there()]


async def test_whoever_writes_is_seen_writing_and_what_they_write_is_told_to_nobody(join: Any) -> None:
    ana, bob = await join("ana"), await join("bob")
    await bob.shows("c1")
    await ana.shows(open="c1")
    await bob.told()
    await ana.types("c1", what="note", text="他在骗人")
    assert await bob.told() == [there(ana="note")]
    await ana.types("c1", what="reply", text="您好")
    assert await bob.told() == [there(ana="reply")]
    await ana.types("c1", what="note", active=False)  # that had ended before
    assert await bob.told() == []
    await ana.types("c1", active=False)
    assert await bob.told() == [there(ana="reading")]
    await ana.types("c2")  # not open here
    assert await bob.told() == []


async def test_who_stops_writing_without_a_word_is_reading_again(join: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(presence, "WRITING", 0.01)
    ana, bob = await join("ana"), await join("bob")
    await bob.shows("c1")
    await ana.shows(open="c1")
    await ana.types("c1")
    async with asyncio.timeout(30):
        seen = [await bob.socket.receive_json()]
        while seen[-1] != there(ana="reading") or len(seen) < 2:
            seen.append(await bob.socket.receive_json())


@pytest.mark.parametrize(
    ("scopes", "sees"),
    [(("conversations:read",), True), (("admin",), True), (("cases:read",), False)],
)
async def test_a_machine_is_nobody_and_sees_who_is_there_only_where_it_may_read(
    house: Any, join: Any, scopes: tuple[str, ...], sees: bool
) -> None:
    machine, ana = await join(key=house.key(*scopes)), await join("ana")
    await ana.shows(open="c1")
    await machine.shows(open="c1")
    await machine.types("c1")
    assert await machine.told() == ([there(ana="reading")] if sees else [])
    assert await ana.told() == []


async def test_presence_is_never_stored(house: Any, join: Any, monkeypatch: Any) -> None:
    ana = await join("ana")
    monkeypatch.setattr(house.store, "write", None)
    await ana.shows(open="c1")
    await ana.types("c1", what="note")
    assert house.app[PRESENCE].others("c1", "nobody")


# what the customer is told --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typist", "what", "told"),
    [
        ("ana", {}, True),  # who has the conversation
        ("ana", {"what": "reply"}, True),
        ("ana", {"what": "note"}, False),
        ("bob", {}, False),  # a colleague who tries out an answer beside it
        ("admin", {}, False),  # or may even take it away, and has not
        ("machine", {}, False),
    ],
)
async def test_a_customer_sees_typing_only_of_their_own_agent_and_only_of_answers(
    house: Any, join: Any, browser: Any, typist: str, what: dict[str, str], told: bool
) -> None:
    id = house.conversation("在吗")
    await (await browser("ana")).post(f"/api/v1/conversations/{id}/take-over")
    frames: list[Any] = []
    hears(house, id, frames.append)
    key = house.key("conversations:read", "conversations:write") if typist == "machine" else None
    client = await join(None if key else typist, key=key)
    await client.shows(open=id)
    await client.types(id, **what)
    assert frames == ([{"type": "typing", "sender": "agent", "active": True}] if told else [])
    await client.types(id, active=False, **what)
    assert [frame["active"] for frame in frames] == ([True, False] if told else [])


async def test_of_an_agent_who_types_on_the_customer_is_told_every_few_seconds(
    house: Any, join: Any, browser: Any
) -> None:
    id = house.conversation("在吗")
    await (await browser("ana")).post(f"/api/v1/conversations/{id}/take-over")
    frames: list[Any] = []
    hears(house, id, frames.append)
    client = await join("ana")
    for _ in range(5):
        await client.types(id)
    assert [frame["active"] for frame in frames] == [True]


async def test_nothing_of_colleagues_presence_reaches_a_customer(house: Any, join: Any) -> None:
    id = house.conversation("在吗")
    frames: list[Any] = []
    hears(house, id, frames.append)
    ana, bob = await join("ana"), await join("bob")
    for client in (ana, bob):
        await client.shows(id, open=id)
        await client.types(id, what="note")
    await ana.shows()
    assert frames == []


def hears(house: Any, id: str, hear: Callable[[Any], None]) -> None:
    """A customer's chat whose agent has been told."""
    seat = Seat("s", id, True, "zh-Hans", shown=9, owner=(Owner.AGENT, "Ana"))
    Chat(house.app[GATEWAY]).listen(seat, lambda version, frame: frame is not None and hear(frame))
