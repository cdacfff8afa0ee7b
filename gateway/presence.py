"""Who has which conversation open and what they write there, at every process; in memory only, and for colleagues only.

A process says by one hint what changed at its own sockets, and every quarter of a minute by one more that it lives, with a sum
over all it has said: whoever has another sum missed something and asks. A process that says nothing for `EXPIRY` is forgotten,
and with it whoever sat there. Hints carry ids; what is written never leaves the page it is written on.

Not here: which socket is told (gateway/api/live.py), and that an agent types, as customers are told (gateway/api/live.py, gateway/chat.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

from aiohttp import web

from case_store import people
from case_store.store import StoreUnavailable, Wake
from gateway.auth.principals import Principal
from gateway.context import GATEWAY, Gateway
from gateway.wakeups import RELOAD

EXPIRY: Final = 45.0  # seconds without a sign of life of a process
BEAT: Final = 15.0
ASK_AGAIN: Final = 5.0
WRITING: Final = 20.0  # whoever looks something up in mid-sentence is still writing
CHANGED: Final = "presence"  # the hint within this process, about `CONVERSATION:AGENT`
OF_PROCESSES: Final = frozenset({"here", "alive", "who"})
"""Hints between processes: who is `here`, that one is `alive`, and `who` is there."""
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_EVERYBODY: Final = "*"


class Doing(IntEnum):
    """What somebody does in a conversation; at several sockets, the last of these."""

    GONE = 0
    READING = 1
    NOTE = 2
    REPLY = 3


def is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


class Seat:
    """One socket of one agent: the conversation it has open, and what is being written there."""

    def __init__(self, presence: Presence, principal: Principal) -> None:
        self._presence = presence
        self.agent = principal.id
        self.name = (principal.username, principal.name)
        self.open: str | None = None
        self.doing = Doing.READING
        self._ends: asyncio.TimerHandle | None = None

    def opens(self, conversation: str | None) -> None:
        if conversation == self.open:
            return
        left, self.open = self.open, conversation
        self._does(Doing.READING)
        for id in (left, conversation):
            self._presence.look(id, self.agent)

    def writes(self, conversation: str, what: Doing, active: bool) -> None:
        """Begins, goes on, or ends. Counts only in what is open here."""
        if conversation != self.open or (not active and self.doing is not what):
            return
        self._does(what if active else Doing.READING)
        if active:
            self._ends = asyncio.get_running_loop().call_later(WRITING, self.writes, conversation, what, False)
        self._presence.look(conversation, self.agent)

    def _does(self, what: Doing) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
        self.doing = what


class Presence:
    """What this process knows: its own seats, and what the others have said."""

    def __init__(self, gateway: Gateway, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._clock = clock
        self.node = secrets.token_hex(6)
        self._seats: set[Seat] = set()
        self._said: dict[str, dict[tuple[str, str], Doing]] = {self.node: {}}  # by process: what each does where
        self._at: dict[str, dict[tuple[str, str], Doing]] = {}  # by conversation: what each does, at which process
        self._heard: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._doubted: dict[str, set[tuple[str, str]]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        on = gateway.wakeups.on
        on("here", self._hear)
        on("alive", self._hear_alive)
        on("who", self._hear_asked)
        on(RELOAD.kind, lambda wake: self.ask())

    # one's own sockets ------------------------------------------------------------------------------------------

    @contextmanager
    def seat(self, principal: Principal) -> Iterator[Seat]:
        seat = Seat(self, principal)
        self._seats.add(seat)
        try:
            yield seat
        finally:
            seat.opens(None)
            self._seats.discard(seat)

    def look(self, conversation: str | None, agent: str) -> None:
        """What an agent does in a conversation may have changed at this process: if so, it is told."""
        if conversation is None:
            return
        doing = max(
            (seat.doing for seat in self._seats if seat.agent == agent and seat.open == conversation),
            default=Doing.GONE,
        )
        if self._keep(self.node, conversation, agent, doing):
            self._gateway.hint(self._here(conversation, agent, doing))

    def _here(self, conversation: str, agent: str, doing: Doing) -> Wake:
        return Wake("here", f"{conversation}:{agent}:{self.node}", version=int(doing))

    # what is known ----------------------------------------------------------------------------------------------

    def others(self, conversation: str, agent: str) -> bool:
        """Whether anybody but this agent has it open."""
        return any(one != agent for one, _ in self._at.get(conversation, ()))

    async def told(self, conversations: Iterable[str], agent: str) -> dict[str, list[dict[str, str]]]:
        """Who has each of these open and what they do there, by name, without the agent who asks."""
        found: dict[str, dict[str, Doing]] = {}
        for conversation in conversations:
            doings = found.setdefault(conversation, {})
            for (one, _), doing in self._at.get(conversation, {}).items():
                if one != agent:
                    doings[one] = max(doing, doings.get(one, Doing.GONE))
        names = await self._named({one for doings in found.values() for one in doings})
        return {
            conversation: [
                {"username": names[one][0], "name": names[one][1], "doing": doing.name.lower()}
                for one, doing in sorted(doings.items(), key=lambda item: (-item[1], names.get(item[0], ("", ""))[1]))
                if one in names
            ]
            for conversation, doings in found.items()
        }

    async def _named(self, agents: set[str]) -> dict[str, tuple[str, str]]:
        names = {seat.agent: seat.name for seat in self._seats if seat.agent in agents}
        unknown = sorted(agents - names.keys() - self._names.keys())
        if unknown:
            with contextlib.suppress(StoreUnavailable):
                self._names |= await self._gateway.store.read(people.names, unknown)
        return {**{one: self._names[one] for one in agents & self._names.keys()}, **names}

    def _keep(self, node: str, conversation: str, agent: str, doing: Doing) -> bool:
        """Whether it was otherwise before."""
        said, at = self._said.setdefault(node, {}), self._at.setdefault(conversation, {})
        if doing is Doing.GONE:
            changed = said.pop((conversation, agent), None) is not None
            at.pop((agent, node), None)
            if not at:
                del self._at[conversation]
        else:
            changed = said.get((conversation, agent)) is not doing
            said[conversation, agent] = at[agent, node] = doing
        if changed:
            self._gateway.wakeups.publish([Wake(CHANGED, f"{conversation}:{agent}")])
        return changed

    # other processes --------------------------------------------------------------------------------------------

    def _hear(self, wake: Wake) -> None:
        conversation, agent, node = parts if len(parts := wake.id.split(":")) == 3 else ("", "", "")
        if node == self.node or not all(map(is_id, (conversation, agent, node))) or wake.version not in {*Doing}:
            return
        self._heard[node] = self._clock()
        self._doubted.get(node, set()).discard((conversation, agent))
        self._keep(node, conversation, agent, Doing(wake.version))

    def _hear_alive(self, wake: Wake) -> None:
        node = wake.id
        if node == self.node or not is_id(node):
            return
        now = self._heard[node] = self._clock()
        if self._sum(node) != wake.version:
            # what it has not said again since it was asked is so no more
            for conversation, agent in self._doubted.pop(node, ()):
                self._keep(node, conversation, agent, Doing.GONE)
        if self._sum(node) == wake.version:
            self._doubted.pop(node, None)
        elif now - self._asked.get(node, -ASK_AGAIN) >= ASK_AGAIN:
            self._asked[node] = now
            self._doubted[node] = set(self._said.get(node, ()))
            self._gateway.hint(Wake("who", f"{node}:{self.node}"))

    def _hear_asked(self, wake: Wake) -> None:
        asked, _, asker = wake.id.partition(":")
        if asker != self.node and asked in (_EVERYBODY, self.node):
            mine = self._said[self.node].items()
            self._gateway.hint(*(self._here(*where, doing) for where, doing in mine), self._alive())

    def _alive(self) -> Wake:
        return Wake("alive", self.node, version=self._sum(self.node))

    def _sum(self, node: str) -> int:
        said = self._said.get(node, {})
        return zlib.crc32(
            "\n".join(sorted(f"{one}:{agent}:{int(doing)}" for (one, agent), doing in said.items())).encode()
        )

    def ask(self) -> None:
        """Hints may have been lost: everybody is asked who is there."""
        self._gateway.hint(Wake("who", f"{_EVERYBODY}:{self.node}"))

    def pulse(self) -> None:
        """Says that this process lives, and forgets those that have not said so for long."""
        self._gateway.hint(self._alive())
        self._names.clear()  # somebody may have another name by now
        last = self._clock() - EXPIRY
        for node in [node for node, at in self._heard.items() if at < last]:
            for conversation, agent in list(self._said.get(node, ())):
                self._keep(node, conversation, agent, Doing.GONE)
            self._said.pop(node, None)
            del self._heard[node]
            self._asked.pop(node, None)
            self._doubted.pop(node, None)


PRESENCE: web.AppKey[Presence] = web.AppKey("presence", Presence)


def set_up(app: web.Application) -> None:
    """`app[GATEWAY]` has to be there."""
    app[PRESENCE] = Presence(app[GATEWAY])
    app.cleanup_ctx.append(_lives)


async def _lives(app: web.Application) -> AsyncIterator[None]:
    presence = app[PRESENCE]
    presence.ask()
    beating = asyncio.create_task(_beat(presence), name="presence")
    yield
    beating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await beating


async def _beat(presence: Presence) -> None:
    while True:
        await asyncio.sleep(BEAT)
        presence.pulse()
