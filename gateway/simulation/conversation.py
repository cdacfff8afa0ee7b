"""One customer from the first word to the end, bounded in turns and in time.

Not here: what the customer says (customer.py), how it travels (line.py), what the house did wrong (scoring.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from gateway.simulation.customer import Reply, Talker
from gateway.simulation.house import Auditor, Refused
from gateway.simulation.line import Line, Unreached
from gateway.simulation.reading import CONFIRM, asked
from gateway.simulation.transcript import Customer, Entry, House, Owner, Transcript

GREETING: Final = (
    10.0  # seconds to wait for one: a greeting that comes later would be taken for the answer to what was said first
)
AWAY: Final = 1.0  # seconds for which a customer who walks away is gone; a day would change nothing for the house
ACTED: Final = 4.0  # seconds in which a person has to be called after the house has answered a wish for one


@dataclass(frozen=True, slots=True)
class Limits:
    """`turns` that a customer takes part in, `silence` after which they give up, `whole` conversation: seconds."""

    turns: int = 16
    silence: float = 30.0
    whole: float = 240.0


async def play(transcript: Transcript, line: Line, house: Auditor, limits: Limits) -> None:
    """Fills the transcript. What breaks off leaves what was said until then, and why."""
    player = _Player(transcript, line, house, limits)
    try:
        async with asyncio.timeout(limits.whole):
            await player.talk()
    except TimeoutError:
        transcript.stopped = f"not at an end after {limits.whole:.0f} s"
    except Refused as error:
        transcript.stopped = str(error)
    except Unreached as error:
        if transcript.turns:
            transcript.stopped = str(error)
        else:
            transcript.unreached = str(error)
    finally:
        await line.close()
    if not transcript.unreached:
        await player.look_up()


class _Player:
    def __init__(self, transcript: Transcript, line: Line, house: Auditor, limits: Limits) -> None:
        self.transcript, self.line, self.house, self.limits = transcript, line, house, limits
        self.talker = Talker(transcript.sheet)
        self.wished = False

    async def talk(self) -> None:
        await self.line.open()
        if self.transcript.sheet.channel == "webchat":
            self._note(await self.line.hear(GREETING))
        reply: Reply | None = self.talker.first()
        while reply is not None:
            await self._say(reply)
            if self.transcript.turns > self.limits.turns:
                self.transcript.stopped = f"not at an end after {self.limits.turns} turns"
                return
            heard = self._note(await self.line.hear(self.limits.silence))
            if not any(isinstance(entry, House) for entry in heard):
                self.transcript.stopped = f"no answer within {self.limits.silence:.0f} s"
                return
            reply = await self._next(heard)

    async def _say(self, reply: Reply) -> None:
        if reply.leaves:
            await self.line.leave()
            await asyncio.sleep(AWAY)
            self._note(await self.line.hear(0.5))
        left = len(reply.lines)

        def sent(text: str) -> None:
            nonlocal left
            left -= 1
            said = Customer(text, self.line.inbox.clock())
            if not left:
                said = replace(said, tells=reply.tells, answering=reply.answering, wish=reply.wish)
                said = replace(said, corrects=reply.corrects, language=reply.language)
            self.transcript.entries.append(said)

        self.wished = self.wished or reply.wish
        lines = reply.lines if self.transcript.sheet.channel != "email" else ("\n".join(reply.lines),)
        left = len(lines)
        await self.line.say(lines, sent)

    def _note(self, heard: list[Entry]) -> list[Entry]:
        read = [self._read(entry) if isinstance(entry, House) else entry for entry in heard]
        self.transcript.entries += [entry for entry in read if not self._is_nothing_new(entry)]
        if self.line.reference:
            self.transcript.reference = self.line.reference
        return read

    def _read(self, said: House) -> House:
        """As a person takes it; where they can't make out what is asked, the frame helps them on."""
        own = [one.text for one in self.transcript.entries if isinstance(one, Customer)]
        asks = asked(said.text, own)
        if self.transcript.sheet.channel == "email":
            asks -= {CONFIRM}  # a letter is filed whatever they say to it
        return replace(said, asks=asks or said.named)

    def _is_nothing_new(self, entry: Entry) -> bool:
        if not isinstance(entry, Owner):
            return False
        same = self.transcript.owner in (entry.owner, None) and entry.owner in (self.transcript.owner, "bot")
        self.transcript.owner = entry.owner
        return same

    async def _next(self, heard: list[Entry]) -> Reply | None:
        """What the customer says to it; None: the conversation is over."""
        sheet = self.transcript.sheet
        if self.transcript.owner in ("queue", "agent"):
            return None
        said = [one for one in heard if isinstance(one, House)]
        asks, text = frozenset[str]().union(*(one.asks for one in said)), "\n".join(one.text for one in said)
        if self.wished and sheet.ends in ("person", "danger"):
            self._note(await self.line.hear(ACTED))
            await self._look_at_owner()
            # who is not taken over yet goes on answering: only so is it seen that nobody comes
            return None if self.transcript.owner in ("queue", "agent") else self.talker.answer(asks, text)
        if self.transcript.reference and sheet.ends != "withdrawn":
            return self.talker.after_filing()
        return self.talker.answer(asks, text)

    async def _look_at_owner(self) -> None:
        found = await self._conversation()
        owner = found and found["owner"]
        if owner and owner != (self.transcript.owner or "bot"):
            self._note([Owner(str(owner), self.line.inbox.clock())])

    async def _conversation(self) -> dict[str, object] | None:
        if self.line.conversation is not None:
            return await self.house.conversation(self.line.conversation)
        first = next((one.text for one in self.transcript.entries if isinstance(one, Customer)), "")
        return await self.house.conversation_with(self.transcript.sheet.channel, first)

    async def look_up(self) -> None:
        """What is on record in the end."""
        try:
            found = await self._conversation()
            if found is not None:
                await self._look_at_owner()
                self.transcript.record = await self.house.record_of(found)
            if self.transcript.record is None and self.transcript.reference:
                self.transcript.record = await self.house.case(self.transcript.reference)
        except Refused as error:
            self.transcript.stopped = self.transcript.stopped or str(error)
