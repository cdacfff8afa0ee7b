"""Whose turn it is: one conversation at a time, once its customer is quiet, answered by the engine and committed.

When a conversation is due to speak stands in its row; this loop claims what is due with a lease, gives the engine all new
messages together, and commits the turn only if nothing has happened meanwhile. A process that dies in between leaves a lease
that runs out: another one answers.

Not here: what a turn writes (filing.py), how an engine is called (engines.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from case_store import attachments, cases, conversations, offers, settlements, turns
from case_store.case_record import CaseRecord
from case_store.conversations import StoredMessage
from case_store.offers import StoredOffer
from case_store.records import ChannelName, Draft, Language, Owner, Status
from case_store.settlements import Settlement
from case_store.store import StoreError, Transaction, Wake
from case_store.turns import ClaimedTurn
from dialogue import waiting
from dialogue.turn import Agreed, CaseGlance, CustomerMessage, CustomerTurn, Pace, Proof
from gateway import filing, negotiating, proving, senders
from gateway.context import Gateway
from gateway.engines import Engines
from gateway.filing import Answer
from gateway.loop import Loop
from gateway.messenger import MESSENGERS
from gateway.notifications import Notices
from gateway.promises import Promises
from gateway.proving import Proving

AT_ONCE: Final = 64  # turns claimed together, committed together
STUMBLE_DELAY: Final = timedelta(seconds=2)
A_MOMENT: Final = 0.5  # seconds

log = structlog.get_logger(__name__)

Names = Mapping[tuple[str, int], Sequence[str]]  # of files, by conversation and message


@dataclass(frozen=True, slots=True)
class TurnInHand:
    """A claimed turn with the cases its conversation is linked to."""

    claim: ClaimedTurn
    linked: Sequence[CaseRecord]
    files: Names = field(default_factory=dict)
    offers: Mapping[str, StoredOffer] = field(default_factory=dict)  # the last of each case
    agreed: Mapping[str, Sequence[Settlement]] = field(default_factory=dict)

    @property
    def current(self) -> CaseRecord | None:
        return next((case for case in self.linked if case.id == self.claim.row["case_id"]), None)


def claim_turns(tx: Transaction, limit: int) -> list[TurnInHand]:
    """Claims what is due, with everything an engine needs to know: six queries for all of them, one more for settlements."""
    claims = turns.claim_due(tx, limit)
    linked = cases.of_conversations(tx, [claim.id for claim in claims if claim.row["case_id"]])
    files = attachments.unanswered_names(tx, [claim.id for claim in claims])
    offered = _offers_of(tx, linked.values())
    agreed = settlements.of_cases(tx, list(offered))
    return [TurnInHand(claim, linked.get(claim.id, ()), files, offered, agreed) for claim in claims]


def _offers_of(tx: Transaction, linked: Iterable[Sequence[CaseRecord]]) -> Mapping[str, StoredOffer]:
    return offers.latest_of(tx, [case.id for of_one in linked for case in of_one if case.reference])


def looked_at_again(tx: Transaction, hand: TurnInHand) -> TurnInHand:
    """The turn with the cases that its conversation is linked to now."""
    claim = hand.claim
    row = conversations.find(tx, claim.id) or claim.row
    linked = cases.of_conversations(tx, [claim.id]).get(claim.id, ())
    offered = _offers_of(tx, [linked])
    agreed = settlements.of_cases(tx, list(offered))
    return replace(hand, claim=replace(claim, row=row), linked=linked, offers=offered, agreed=agreed)


def customer_turn(hand: TurnInHand, promises: Promises, now: datetime, proof: Proof | None = None) -> CustomerTurn:
    """All that an engine may know of a claimed turn."""
    row, current = hand.claim.row, hand.current
    live = row["channel"] in (ChannelName.WEBCHAT, ChannelName.TELEGRAM)
    in_messenger = row["channel"] in MESSENGERS
    return CustomerTurn(
        messages=_heard(hand.claim, hand.files),
        channel=ChannelName(row["channel"]),
        pace=Pace.LIVE if live else Pace.LETTER,
        now=now.astimezone(promises.zone),
        locale=Language(row["language"]),
        house=promises.house,
        feedback_due=promises.feedback_due(now),
        state=row["state"],
        draft=current.draft() if current else Draft(),
        cases=tuple(
            _glance(hand, case, promises, now)
            for case in hand.linked
            if case.reference and case.status is not Status.DRAFT
        ),
        # no contact in the sense of the record
        sender=None if in_messenger else row["address"] or senders.claimed_sender(hand.claim.unanswered),
        reachable=in_messenger,
        sender_name=row["customer"],
        subject=row["subject"],
        person_at=promises.person_at(now),
        proof=proof,
        waiting=row["waiting_reason"] or "asked" if row["owner"] == Owner.QUEUE else None,
        resumes=_resumes(hand),
        offers=negotiating.known_to(hand.linked, hand.offers, promises, now),
    )


def _heard(claim: ClaimedTurn, files: Names) -> tuple[CustomerMessage, ...]:
    """What is for the engine: no commands, no files that did not come, and of several choices the last.

    Who presses twice means the second; of a file that is missing the customer has been told already.
    """
    edited, new = claim.row["edited"] or {}, conversations.not_taken_in(claim.row, claim.unanswered)
    chosen = max((message.number for message in new if message.choice), default=0)
    return tuple(
        CustomerMessage(
            message.number,
            message.spoken,
            message.choice,
            files=tuple(files.get((claim.id, message.number), ())),
            brought=(message.mail or {}).get("brought", ""),
            corrects=edited.get(str(message.number)),
        )
        for message in new
        if not _is_answered(message) and (not message.choice or message.number == chosen)
    )


def _resumes(hand: TurnInHand) -> bool:
    """Whether the bot has a conversation again whose customer's words are all in the draft, and none of them is answered.

    A command is no word of theirs.
    """
    claim, current = hand.claim, hand.current
    unanswered = any(not _is_answered(message) for message in claim.unanswered)
    drafted = current is not None and current.status is Status.DRAFT
    return drafted and unanswered and claim.row["owner"] == Owner.BOT and not _heard(claim, hand.files)


def _is_heard(hand: TurnInHand, turn: CustomerTurn) -> bool:
    """Whether what is said while waiting for a person goes into a draft: into the one there is, or a new one.

    Who has taken back what was never registered may complain again, as they were told.
    """
    current = hand.current
    if current is None or (current.status is Status.WITHDRAWN and current.reference is None):
        return waiting.tells_a_complaint(replace(turn, draft=Draft()))
    return current.status is Status.DRAFT


def _is_answered(message: StoredMessage) -> bool:
    """Answered when it was read (messenger.py)."""
    kept = message.mail or {}
    return bool(kept.get("command")) or (kept.get("brought") == "missing" and not message.spoken)


def _glance(hand: TurnInHand, case: CaseRecord, promises: Promises, now: datetime) -> CaseGlance:
    offered = hand.offers.get(case.id)
    offer = None if offered is None else negotiating.as_shown(promises, case, offered, now)
    agreed = tuple(
        Agreed(one.option.title, one.due_on, one.performed_on, one.is_overdue(now))
        for one in hand.agreed.get(case.id, ())
    )
    standing = offer if offer is not None and offer.open else None
    formerly = tuple(name for name in case.merged_from if "-" in name)
    return CaseGlance(case.reference or "", case.status, case.feedback_due, standing, agreed, formerly)


class Conductor:
    """Answers conversations as they fall due. One for each process; any number of processes on PostgreSQL."""

    def __init__(
        self,
        gateway: Gateway,
        engines: Engines,
        notices: Notices,
        thinking: Callable[[str, str], None] | None = None,
    ) -> None:
        self._gateway = gateway
        self._engines = engines
        self._notices = notices
        self._promises = notices.promises
        self._thinking = thinking
        self._proving = Proving(notices, gateway.tokens)
        self._loop = Loop("conductor", self.answer_due)
        gateway.wakeups.on("turn", self._hint)

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Finishes the turns that are under way."""
        await self._loop.stop()

    def _hint(self, wake: Wake) -> None:
        self._loop.hint(0.0 if wake.at is None else (wake.at - datetime.now(UTC)).total_seconds())

    async def answer_due(self) -> int:
        """Answers everything that is due now, up to a batch. Answers how many turns were claimed."""
        hands = await self._gateway.store.write(claim_turns, AT_ONCE)
        if hands:
            await asyncio.gather(*(self._answer(hand) for hand in hands))
        return len(hands)

    async def _answer(self, hand: TurnInHand) -> None:
        claim = hand.claim
        if not _heard(claim, hand.files) and not _resumes(hand):  # answered by an agent who has handed back meanwhile
            await self._gateway.store.write(turns.nothing_to_say, claim)
            return
        try:
            hand, proof = await self._prove(hand)
            turn = customer_turn(hand, self._promises, datetime.now(UTC), proof)
            if turn.waiting is not None and proof is None and not waiting.is_answered(turn):
                await self._hear(hand, turn)
                return
            with self._shown(claim):
                name, said = await self._engines.answer(claim.id, turn)
        except StoreError:
            raise
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
            await self._overtaken(claim)

    async def _hear(self, hand: TurnInHand, turn: CustomerTurn) -> None:
        """A person is to answer; what was told of a complaint meanwhile is taken down all the same."""
        claim = hand.claim
        try:
            if _is_heard(hand, turn):
                name, heard = await self._engines.hear(replace(turn, waiting=None))
                if not await self._gateway.store.write(filing.keep_heard, Answer(claim, heard, name)):
                    await self._overtaken(claim)
                return
        except StoreError:
            raise
        except Exception:  # the person whom they wait for reads it: nothing is said of it
            log.exception("turn_not_heard", conversation=claim.id)
        await self._gateway.store.write(turns.nothing_to_say, claim)

    @contextlib.contextmanager
    def _shown(self, claim: ClaimedTurn) -> Iterator[None]:
        """While the engine takes longer than a moment the customer sees that an answer is being written."""
        address = claim.row["address"]
        if self._thinking is None or not address:
            yield
            return
        shown = asyncio.get_running_loop().call_later(A_MOMENT, self._thinking, claim.row["channel"], address)
        try:
            yield
        finally:
            shown.cancel()

    async def _prove(self, hand: TurnInHand) -> tuple[TurnInHand, Proof | None]:
        """What the customer has proved to be theirs is known before the engine is asked."""
        asked = proving.asked_in(hand.claim)
        if asked is None:
            return hand, None
        proof = await self._gateway.store.write(self._proving.look, hand.claim, asked, proving.new_code())
        if proof is not Proof.RIGHT:
            return hand, proof
        return await self._gateway.store.read(looked_at_again, hand), proof

    async def _stumble(self, claim: ClaimedTurn) -> None:
        """Silence is never the answer: once more, then a fixed sentence and a person."""
        if claim.row["stumbles"] == 0:
            await self._gateway.store.write(turns.stumble, claim, STUMBLE_DELAY)
            return
        language = Language(claim.row["language"])
        said = self._promises.apology(language, datetime.now(UTC))
        if not await self._gateway.store.write(filing.fail_turn, claim, said, language.value):
            await self._overtaken(claim)

    async def _overtaken(self, claim: ClaimedTurn) -> None:
        log.info("turn_overtaken", conversation=claim.id)
        await self._gateway.store.write(turns.begin_again, claim)
