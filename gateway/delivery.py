"""The one door out: due messages to their channel's `send`, retried, given up visibly.

An attempt begins with a committed `sending` row; its identity stays the same over all tries. What fails for good shows on
the case, and its words go another way or a person looks; nothing is dropped. Just before an attempt begins it is asked whether the
address may still be told; when it has ended well, and not before, the customer counts as told.

Not here: what is told when (notifications.py), how a channel sends (channels/).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError

from case_store import conversations, outbox, tasks
from case_store.outbox import StoredDelivery
from case_store.records import ChannelName, Sender
from case_store.store import StoreError, Transaction, Wake, is_passing, is_unavailable
from channels.channel import Channel
from channels.message import DeliveryError, OutboundMessage, Throttled, UnknownAddress, Unsure
from gateway import enclosures, tidings
from gateway.context import AnotherWay, Gateway
from gateway.enclosures import ENCLOSED, Enclosed
from gateway.loop import Loop
from gateway.tidings import Failure

AT_ONCE: Final = 32
LONGEST: Final = timedelta(days=5)  # RFC 5321, 4.5.4.1: give up after four to five days
FIRST_DELAY: Final = timedelta(seconds=30)
LONGEST_DELAY: Final = timedelta(hours=1)
SCANNED_WITHIN: Final = timedelta(hours=2)  # what goes with a file that no scanner has seen is told by a person then
MOST_UNSURE: Final = 3  # how often a customer may be told the same because no answer comes back
NO_IDENTITY: Final = (ChannelName.TELEGRAM,)  # what is sent again there is there twice

log = structlog.get_logger(__name__)


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubled each time, an hour at the most."""
    doublings = min(attempts - 1, 12)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


class Delivery:
    """Sends what is due. One for each process; any number of processes on PostgreSQL."""

    def __init__(self, gateway: Gateway, channels: Mapping[str, Channel]) -> None:
        self._gateway = gateway
        self._channels = channels
        # a loop for each: a peer that hangs holds up no other channel
        self._loops = {name: Loop(f"delivery {name}", partial(self._begin, name)) for name in channels}
        self._sending: dict[str, set[asyncio.Task[None]]] = {name: set() for name in channels}
        gateway.wakeups.on("delivery", self._hint)

    def start(self) -> None:
        for loop in self._loops.values():
            loop.start()

    async def stop(self) -> None:
        """Finishes the attempts that are under way."""
        for loop in self._loops.values():
            await loop.stop()
        await self._all_sent()

    def _hint(self, wake: Wake) -> None:
        if wake.at is None or wake.at <= datetime.now(UTC):
            for loop in self._loops.values():
                loop.hint()

    async def send_due(self) -> int:
        """Attempts everything that is due, up to a batch of each channel. Answers how many deliveries that were."""
        begun = [await self._begin(name) for name in self._channels]
        await self._all_sent()
        return sum(begun)

    async def _all_sent(self) -> None:
        while under_way := [task for tasks in self._sending.values() for task in tasks]:
            await asyncio.wait(under_way)

    async def _begin(self, channel: str) -> int:
        """Begins attempts on this channel as far as there is room: a mail that hangs holds up no other."""
        sending = self._sending[channel]
        room = AT_ONCE - len(sending)
        begun, claimed = await self._gateway.store.write(_begin, room, [channel], self._gateway) if room else ([], 0)
        for one in begun:
            task = asyncio.create_task(self._send_or_leave(one), name=f"send {one.delivery.id}")
            sending.add(task)
            task.add_done_callback(partial(self._has_sent, channel))
        return claimed  # what was kept back has let the next to its address through

    def _has_sent(self, channel: str, task: asyncio.Task[None]) -> None:
        sending = self._sending[channel]
        sending.discard(task)
        if len(sending) in (0, AT_ONCE - 1):
            self._loops[channel].hint()  # there is room again, and the next to an address may go

    async def _send_or_leave(self, one: Begun) -> None:
        """What the store can't note now keeps its lease; the attempt is made again when that has run out."""
        try:
            await self._send(one)
        except StoreError as error:
            log.warning("sending_waits_for_store", delivery=one.delivery.id, error=str(error))
        except Exception:
            log.exception("sending_failed", delivery=one.delivery.id)

    async def _send(self, one: Begun) -> None:
        store, delivery, message = self._gateway.store, one.delivery, one.message
        try:
            if one.enclosed is not None:
                message = replace(message, attachments=await enclosures.fetch(self._gateway, one.enclosed))
            taken = await self._channels[delivery.channel].send(message)
        except Throttled as error:
            await store.write(outbox.try_later, delivery, error.detail, timedelta(seconds=error.retry_after))
        except Unsure as error:
            await store.write(_unsure, delivery, error.detail)
        except DeliveryError as error:
            await self._not_sent(delivery, error)
        except Exception as error:
            log.exception("send_failed", delivery=delivery.id)
            await self._not_sent(delivery, DeliveryError(f"{type(error).__name__}"), retry=True)
        else:
            await store.write(tidings.handed_over, delivery, taken.external_id)

    async def _not_sent(self, delivery: StoredDelivery, error: DeliveryError, *, retry: bool = False) -> None:
        begun = delivery.first_attempt_at or delivery.created_at
        if (error.retryable or retry) and datetime.now(UTC) - begun < LONGEST:
            delay = delay_after(delivery.attempts)
            await self._gateway.store.write(outbox.try_later, delivery, error.detail, delay)
            return
        why = Failure.GONE if isinstance(error, UnknownAddress) else Failure.REFUSED
        told = f"{error.code}: {error.detail}"
        await self._gateway.store.write(give_up, delivery, told, why, self._gateway.another_way)


def _unsure(tx: Transaction, delivery: StoredDelivery, detail: str) -> None:
    """Nobody knows whether it arrived: notices are sent again, but not for ever; anything else is shown to an agent."""
    if delivery.sender == Sender.SYSTEM and delivery.attempts < MOST_UNSURE:
        outbox.try_later(tx, delivery, detail, delay_after(delivery.attempts))
        return
    outbox.failed(tx, delivery, detail, state="unsure")
    _wake_a_person(tx, delivery, "delivery_unsure")


def give_up(
    tx: Transaction, delivery: StoredDelivery, detail: str, why: Failure, another_way: AnotherWay | None = None
) -> None:
    """It won't arrive: shown on the case; its words go another way, or a person looks at it."""
    if not outbox.failed(tx, delivery, detail):
        return
    if not delivery.payload.get("staff"):
        tidings.note_not_delivered(tx, delivery, why, detail)
    if not _goes_another_way(tx, delivery, why, another_way):
        _wake_a_person(tx, delivery, "delivery_failed")


def _keep_back(tx: Transaction, delivery: StoredDelivery, why: Failure, another_way: AnotherWay | None) -> None:
    """The address may not be told any more, or is known to reach nobody: nothing leaves for it."""
    if not outbox.kept_back(tx, delivery, why.value):
        return
    tidings.note_not_delivered(tx, delivery, why, "")
    if not _goes_another_way(tx, delivery, why, another_way):
        _wake_a_person(tx, delivery, "delivery_stopped")


def _goes_another_way(tx: Transaction, delivery: StoredDelivery, why: Failure, another_way: AnotherWay | None) -> bool:
    """False too where looking for one fails: then a person looks, and what else is due is not held up."""
    if another_way is None:
        return False
    try:
        with tx.connection.begin_nested():
            return another_way(tx, delivery, why)
    except DBAPIError as error:
        if is_passing(error) or is_unavailable(error):
            raise
        log.exception("no_other_way", delivery=delivery.id)
    except Exception:
        log.exception("no_other_way", delivery=delivery.id)
    return False


def _wake_a_person(tx: Transaction, delivery: StoredDelivery, words: str) -> None:
    tasks.add(
        tx,
        occasion=f"{words}:{delivery.id}",
        kind="look",
        words=words,
        case_id=delivery.case_id,
        conversation_id=delivery.conversation_id,
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is to be made."""

    delivery: StoredDelivery
    message: OutboundMessage
    enclosed: Enclosed | None


def _begin(tx: Transaction, limit: int, channels: Sequence[str], gateway: Gateway) -> tuple[list[Begun], int]:
    """The attempts that begin, and how many deliveries were looked at."""
    claimed = outbox.claim(tx, limit, channels)
    lost = [one for one in claimed if one.interrupted and one.channel in NO_IDENTITY and one.sender != Sender.SYSTEM]
    for delivery in lost:  # whoever sent it died meanwhile
        _unsure(tx, delivery, "the attempt was interrupted: it may have arrived")
    barred = {one.id: why for one in claimed if one not in lost and (why := tidings.why_not(tx, one)) is not None}
    for delivery in claimed:
        if delivery.id in barred:
            _keep_back(tx, delivery, barred[delivery.id], gateway.another_way)
    going = [one for one in claimed if one not in lost and one.id not in barred]
    enclosed = {one.id: _enclosed(tx, one, gateway) for one in going if ENCLOSED in one.payload}
    begun = [
        Begun(one, _outbound(tx, one, gateway), enclosed.get(one.id))
        for one in going
        if one.id not in enclosed or enclosed[one.id] is not None
    ]
    names = {one.delivery.id: one.message.message_id for one in begun if one.delivery.external_id is None}
    outbox.name_attempts(tx, names)
    return begun, len(claimed)


def _enclosed(tx: Transaction, delivery: StoredDelivery, gateway: Gateway) -> Enclosed | None:
    """The files that go with it; None where it doesn't leave now: a file has to be scanned first, or may not leave at all."""
    found = enclosures.of_payload(tx, delivery.payload, scanning=gateway.settings.clamd is not None)
    if found.barred is not None:
        name, why = found.barred
        give_up(tx, delivery, f"file_{why}: {name}", Failure.REFUSED, gateway.another_way)
        return None
    if found.waits and tx.now - delivery.created_at > SCANNED_WITHIN:  # it holds up what else is told to this customer
        give_up(tx, delivery, "file_not_scanned: the scanner has not seen it", Failure.REFUSED, gateway.another_way)
        return None
    if found.waits:
        outbox.try_later(tx, delivery, "the scanner has not seen a file that goes with it", delay_after(1))
        return None
    return found


def _outbound(tx: Transaction, delivery: StoredDelivery, gateway: Gateway) -> OutboundMessage:
    """What leaves, with everything that lets an answer or a bounce find its way back."""
    payload: Mapping[str, Any] = delivery.payload
    domain = gateway.settings.complaints_address.partition("@")[2]
    answered: tuple[str, ...] = ()
    if payload.get("thread") and delivery.conversation_id:
        answered = conversations.thread_of(tx, delivery.conversation_id)
    conversation = delivery.conversation_id
    return OutboundMessage(
        message_id=f"<{delivery.id}@{domain}>",
        account=delivery.account,
        address=delivery.address,
        text=payload["text"],
        language=payload["language"],
        subject=payload.get("subject"),
        in_reply_to=answered[0] if answered else None,
        references=tuple(reversed(answered)),
        reply_token=gateway.tokens.sign_reply(conversation) if conversation else None,
        bounce_token=gateway.tokens.sign_bounce(delivery.id),
        choices=tuple((choice["label"], choice["value"]) for choice in payload.get("choices", ())),
        to=payload.get("to"),
        cc=tuple(payload.get("cc", ())),
        sender_name=payload.get("sender_name"),
        aside=delivery.sender == Sender.SYSTEM,
    )
