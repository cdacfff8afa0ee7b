"""Whose turn it is: one conversation at a time, once its customer is quiet, answered by the engine and committed.

When a conversation is due to speak stands in its row; this loop claims what is due with a lease, gives the engine all new
messages together, and commits the turn only if nothing has happened meanwhile. A process that dies in between leaves a lease
that runs out: another one answers.

Not here: what a turn writes (filing.py), how an engine is called (engines.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from case_store import attachments, cases, turns
from case_store.cases import CaseRecord
from case_store.conversations import StoredMessage
from case_store.records import ChannelName, Draft, Language, Status
from case_store.store import StoreError, Transaction, Wake
from case_store.turns import ClaimedTurn
from dialogue.turn import CaseGlance, CustomerMessage, CustomerTurn, Pace
from gateway import filing
from gateway.context import Gateway
from gateway.engines import Engines
from gateway.filing import Answer
from gateway.loop import POLL, Loop
from gateway.notifications import Notices
from gateway.promises import Promises

AT_ONCE: Final = 64  # turns claimed together, committed together
STUMBLE_DELAY: Final = timedelta(seconds=2)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TurnInHand:
    """A claimed turn with the cases its conversation is linked to."""

    claim: ClaimedTurn
    linked: Sequence[CaseRecord]
    files: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=dict)  # names, by conversation and message

    @property
    def current(self) -> CaseRecord | None:
        return next((case for case in self.linked if case.id == self.claim.row["case_id"]), None)


def claim_turns(tx: Transaction, limit: int) -> list[TurnInHand]:
    """Claims what is due, with everything an engine needs to know: five queries for all of them."""
    claims = turns.claim_due(tx, limit)
    linked = cases.of_conversations(tx, [claim.id for claim in claims if claim.row["case_id"]])
    files = attachments.unanswered_names(tx, [claim.id for claim in claims])
    return [TurnInHand(claim, linked.get(claim.id, ()), files) for claim in claims]


def customer_turn(hand: TurnInHand, promises: Promises, now: datetime) -> CustomerTurn:
    """All that an engine may know of a claimed turn."""
    row, current = hand.claim.row, hand.current
    live = row["channel"] in (ChannelName.WEBCHAT, ChannelName.TELEGRAM)
    return CustomerTurn(
        messages=tuple(_heard(said, hand.files.get((row["id"], said.number), ())) for said in hand.claim.unanswered),
        channel=ChannelName(row["channel"]),
        pace=Pace.LIVE if live else Pace.LETTER,
        now=now.astimezone(promises.zone),
        locale=Language(row["language"]),
        house=promises.house,
        feedback_due=promises.feedback_due(now),
        state=row["state"],
        draft=current.draft() if current else Draft(),
        cases=tuple(_glance(case) for case in hand.linked if case.reference and case.status is not Status.DRAFT),
        sender=row["address"],
        sender_name=row["customer"],
        subject=row["subject"],
        person_at=promises.person_at(now),
    )


def _heard(said: StoredMessage, files: Sequence[str]) -> CustomerMessage:
    """What stands in for files is our word, not the customer's: it must not be taken for an answer."""
    return CustomerMessage(said.number, "" if said.wordless else said.text, said.choice, tuple(files))


def _glance(case: CaseRecord) -> CaseGlance:
    return CaseGlance(case.reference or "", case.status, case.feedback_due)


class Conductor:
    """Answers conversations as they fall due. One for each process; any number of processes on PostgreSQL."""

    def __init__(self, gateway: Gateway, engines: Engines, notices: Notices) -> None:
        self._gateway = gateway
        self._engines = engines
        self._notices = notices
        self._promises = notices.promises
        self._loop = Loop("conductor", self.answer_due)
        gateway.wakeups.on("turn", self._hint)

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Finishes the turns that are under way."""
        await self._loop.stop()

    def _hint(self, wake: Wake) -> None:
        delay = 0.0 if wake.at is None else (wake.at - datetime.now(UTC)).total_seconds()
        if delay <= 0:
            self._loop.hint()
        elif delay < POLL:  # what is due later is found by polling
            asyncio.get_running_loop().call_later(delay + 0.002, self._loop.hint)

    async def answer_due(self) -> int:
        """Answers everything that is due now, up to a batch. Answers how many turns were claimed."""
        hands = await self._gateway.store.write(claim_turns, AT_ONCE)
        if hands:
            await asyncio.gather(*(self._answer(hand) for hand in hands))
        return len(hands)

    async def _answer(self, hand: TurnInHand) -> None:
        claim = hand.claim
        if not claim.unanswered:  # answered by an agent who has handed back meanwhile
            await self._gateway.store.write(turns.nothing_to_say, claim)
            return
        try:
            turn = customer_turn(hand, self._promises, datetime.now(UTC))
            name, said = await self._engines.answer(claim.id, turn)
        except Exception:
            log.exception("turn_failed", conversation=claim.id)
            await self._stumble(claim)
            return
        try:
            done = await self._gateway.store.write(filing.commit_turn, self._notices, Answer(claim, said, name))
        except StoreError:
            raise
        except Exception:  # an answer that can't be stored would come again for ever, and the customer hear nothing
            log.exception("turn_not_stored", conversation=claim.id)
            await self._stumble(claim)
            return
        if not done:
            log.info("turn_overtaken", conversation=claim.id)

    async def _stumble(self, claim: ClaimedTurn) -> None:
        """Silence is never the answer: once more, then a fixed sentence and a person."""
        if claim.row["stumbles"] == 0:
            await self._gateway.store.write(turns.stumble, claim, STUMBLE_DELAY)
            return
        language = Language(claim.row["language"])
        said = self._promises.apology(language, datetime.now(UTC))
        await self._gateway.store.write(filing.fail_turn, claim, said, language.value)
