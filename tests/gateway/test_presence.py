"""Who is there, over several processes: hints get lost, processes die, and nobody stays who has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from case_store import people
from case_store.people import NewAgent
from case_store.records import Role
from case_store.store import Store, Wake
from gateway import presence
from gateway.auth.principals import Principal
from gateway.context import Gateway
from gateway.listen import Listener
from gateway.presence import Doing, Presence
from gateway.wakeups import Wakeups


class Bus:
    """Carries hints between processes as the database does, to all but their sender; may lose them."""

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.carried: list[Wake] = []

    def carry(self, sender: Process, wakes: tuple[Wake, ...]) -> None:
        self.carried += wakes
        for process in [one for one in self.processes if one is not sender and one.hears and sender.speaks]:
            process.wakeups.publish(list(wakes))


class Process:
    """One gateway, as far as presence is concerned. It may be cut off, or deaf, or dead."""

    def __init__(self, bus: Bus, now: Callable[[], float]) -> None:
        self.bus = bus
        self.hears = self.speaks = True
        self.wakeups = Wakeups()
        self.presence = Presence(cast(Gateway, self), clock=now)
        bus.processes.append(self)

    def hint(self, *wakes: Wake) -> None:
        self.wakeups.publish(list(wakes))
        self.bus.carry(self, wakes)

    def sees(self, conversation: str = "c1") -> dict[str, str]:
        found = self.presence._at.get(conversation, {})
        return {agent: doing.name.lower() for (agent, _), doing in sorted(found.items())}


def agent(name: str) -> Principal:
    return Principal(name, name, name.title(), frozenset({"conversations:read"}))


class Town:
    def __init__(self) -> None:
        self.now = 0.0
        self.bus = Bus()

    def process(self) -> Process:
        return Process(self.bus, lambda: self.now)

    def beat(self, seconds: float = presence.BEAT) -> None:
        self.now += seconds
        for process in self.bus.processes:
            if process.speaks:
                process.presence.pulse()


@pytest.fixture
def town() -> Town:
    return Town()


async def test_what_somebody_does_is_known_at_every_process_by_one_hint_each_time(town: Town) -> None:
    here, there = town.process(), town.process()
    with here.presence.seat(agent("ana")) as ana:
        carried = town.bus.carried
        ana.opens("c1")
        assert (there.sees(), len(carried)) == ({"ana": "reading"}, 1)
        for _ in range(10):  # typing on is nothing new to colleagues
            ana.writes("c1", Doing.REPLY, True)
        assert (there.sees(), len(carried)) == ({"ana": "reply"}, 2)
        ana.opens("c2")
        assert (there.sees("c1"), there.sees("c2"), len(carried)) == ({}, {"ana": "reading"}, 4)
    assert there.sees("c2") == {}
    assert all(len(wake.id) <= 100 and ":" in wake.id for wake in carried)


async def test_a_process_that_starts_learns_at_once_who_is_there(town: Town) -> None:
    here, there = town.process(), town.process()
    with here.presence.seat(agent("ana")) as ana, there.presence.seat(agent("bob")) as bob:
        ana.opens("c1")
        bob.opens("c1")
        late = town.process()
        late.presence.ask()
        assert late.sees() == {"ana": "reading", "bob": "reading"}


async def test_who_heard_nothing_for_a_while_asks_once_it_hears_again(town: Town) -> None:
    here, deaf = town.process(), town.process()
    with here.presence.seat(agent("ana")) as ana:
        deaf.hears = False
        ana.opens("c1")
        deaf.hears = True
        deaf.wakeups.reload()  # as the listener says after it lost its connection
        assert deaf.sees() == {"ana": "reading"}


@pytest.mark.parametrize("lost", ["come", "gone", "writing"])
async def test_a_lost_hint_is_made_good_with_the_next_sign_of_life(town: Town, lost: str) -> None:
    here, there = town.process(), town.process()
    with here.presence.seat(agent("ana")) as ana, here.presence.seat(agent("bob")) as bob:
        bob.opens("c1")
        if lost != "come":
            ana.opens("c1")
        there.hears = False
        if lost == "writing":
            ana.writes("c1", Doing.NOTE, True)
        else:
            ana.opens("c1" if lost == "come" else None)
        there.hears = True
        town.beat()
        assert there.sees() == here.sees()
        before = len(town.bus.carried)
        town.beat()
        assert len(town.bus.carried) == before + 2  # two processes live, and there is nothing to ask


async def test_a_process_that_dies_leaves_nobody_behind_for_longer_than_the_expiry(town: Town) -> None:
    here, there = town.process(), town.process()
    told: list[str] = []
    with here.presence.seat(agent("ana")) as ana, there.presence.seat(agent("bob")) as bob:
        ana.opens("c1")
        bob.opens("c1")
        here.hears = here.speaks = False  # killed
        there.wakeups.on(presence.CHANGED, lambda wake: told.append(wake.id))
        town.beat(presence.EXPIRY)
        assert there.sees() == {"ana": "reading", "bob": "reading"}
        town.beat(1)
        assert (there.sees(), told) == ({"bob": "reading"}, ["c1:ana"])
        assert set(there.presence._said) == {there.presence.node}


async def test_a_process_that_was_only_slow_is_there_again(town: Town) -> None:
    here, there = town.process(), town.process()
    with here.presence.seat(agent("ana")) as ana:
        ana.opens("c1")
        here.speaks = False
        town.beat(presence.EXPIRY + 1)
        assert there.sees() == {}
        here.speaks = True
        town.beat()
        assert there.sees() == {"ana": "reading"}


@pytest.mark.parametrize(
    "hint",
    [
        Wake("here", ""),
        Wake("here", "c1:ana"),
        Wake("here", "c1:ana:n1:n2", version=1),
        Wake("here", "c1:ana:n1", version=9),
        Wake("here", "c1:ana:n1", version=-1),
        Wake("here", "c 1:ana:n1", version=1),
        Wake("here", ":ana:n1", version=1),
        Wake("alive", ""),
        Wake("alive", "n1:n2", version=1),
        Wake("who", ""),
    ],
)
async def test_hints_that_nobody_understands_are_ignored(town: Town, hint: Wake) -> None:
    here = town.process()
    here.wakeups.publish([hint])
    assert (here.sees(), town.bus.carried) == ({}, [])


async def test_a_process_whose_sum_never_agrees_is_not_asked_without_end(town: Town) -> None:
    here = town.process()
    for _ in range(50):
        here.wakeups.publish([Wake("alive", "n1", version=7)])
    assert [wake.kind for wake in town.bus.carried] == ["who"]


async def test_two_processes_on_one_database_see_each_others_agents_by_name(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(postgresql_url)
    new = NewAgent("lin.mei", "林美", Role.AGENT, "x", post="", contact="")
    mei = store.write_now(people.add_agent, new, actor="system")
    here, there = _gateway(store, postgresql_url), _gateway(store, postgresql_url)
    changed = asyncio.Event()
    there.wakeups.on(presence.CHANGED, lambda wake: changed.set())
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(here.listening.wait(), there.listening.wait())
        with here.presence.seat(Principal(mei.id, "lin.mei", "林美", frozenset())) as seat:
            for step, doing in (("opens", "reading"), ("writes", "note")):
                seat.opens("c1") if step == "opens" else seat.writes("c1", Doing.NOTE, True)
                told: Any = None
                async with asyncio.timeout(20):
                    while told != [{"username": "lin.mei", "name": "林美", "doing": doing}]:
                        await changed.wait()
                        changed.clear()
                        told = (await there.presence.told(["c1"], "somebody"))["c1"]
        async with asyncio.timeout(20):
            while there.presence.others("c1", "somebody"):
                await changed.wait()
                changed.clear()
    finally:
        await here.listener.stop()
        await there.listener.stop()
        store.close()


class Telling(Wakeups):
    """Tells when the other gateways can be heard: what is said before that is lost to this one."""

    def __init__(self, listening: asyncio.Event) -> None:
        super().__init__()
        self._listening = listening

    def reload(self) -> None:
        super().reload()
        self._listening.set()


def _gateway(store: Store, url: str) -> Any:
    class OnPostgreSQL:
        def __init__(self) -> None:
            self.listening = asyncio.Event()
            self.store, self.wakeups = store, Telling(self.listening)
            self.listener = Listener(url, self.wakeups, "same")
            self.presence = Presence(cast(Gateway, self))
            self.listener.start()

        def hint(self, *wakes: Wake) -> None:
            self.wakeups.publish(list(wakes))
            self.listener.pass_on(list(wakes))

    return OnPostgreSQL()
