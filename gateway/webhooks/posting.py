"""Posts what has happened to whoever wants to hear it: looks every second, tries for three days, and stops a webhook that takes nothing.

Any number of processes on PostgreSQL share the work. What a receiver does not take is tried after five seconds, five minutes, half an hour, then
every few hours; an answer of 410 ends it for the whole webhook at once.

Not here: which of them are due and in which order (case_store/postings.py).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from case_store import postings
from case_store.postings import Posting
from case_store.store import StoreError, Transaction
from gateway import sealing
from gateway.context import Gateway
from gateway.loop import Loop
from gateway.webhooks.addresses import AllowedOnly
from gateway.webhooks.names import SEALED_FOR
from gateway.webhooks.sending import Ended, Sender

AT_ONCE: Final = 32
DELAYS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        5,
        300,
        1_800,
        7_200,
        18_000,
        36_000,
        50_400,
        57_600,
        75_600,
    )  # three days less three and a half hours in all
)
LONGEST_WAIT: Final = timedelta(hours=1)  # that a receiver may ask for

log = structlog.get_logger(__name__)


class Poster:
    """One for each process."""

    def __init__(self, gateway: Gateway, sender: Sender | None = None) -> None:
        self._gateway = gateway
        self._sender = sender or Sender(AllowedOnly(gateway.settings.webhook_networks))
        self._loop = Loop("webhooks", self._begin)
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Finishes the tries that are under way."""
        await self._loop.stop()
        await self._all_ended()
        await self._sender.close()

    async def post_due(self) -> int:
        """Tries everything that is due, up to a batch, and waits for the end of it. Answers how much that was."""
        begun = await self._begin()
        await self._all_ended()
        return begun

    async def _all_ended(self) -> None:
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _begin(self) -> int:
        store = self._gateway.store
        if not await store.read(postings.is_waiting):
            return 0
        spread = await store.write(postings.spread)
        room = AT_ONCE - len(self._under_way)
        claimed = await store.write(postings.claim, room) if room else []
        for one in claimed:
            task = asyncio.create_task(self._post_or_leave(one), name=f"webhook {one.id}")
            self._under_way.add(task)
            task.add_done_callback(self._has_ended)
        return spread + len(claimed)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._loop.hint()  # there is room again, and the next of its subject may go

    async def _post_or_leave(self, posting: Posting) -> None:
        """What the store can't note now keeps its lease, and is tried again when that has run out."""
        try:
            ended = await self._post(posting)
            await self._gateway.store.write(note_end, posting, ended)
        except StoreError as error:
            log.warning("webhook_waits_for_store", posting=posting.id, error=str(error))
        except Exception:
            log.exception("webhook_failed", posting=posting.id)

    async def _post(self, posting: Posting) -> Ended:
        from gateway.webhooks.events import event_of, headers_of  # its libraries are for those who have webhooks

        hook, tokens = posting.webhook, self._gateway.tokens
        body = event_of(posting.happening, self._gateway.settings.public_url or "")
        opened = [sealing.unseal(tokens, SEALED_FOR, sealed) for sealed in hook.secrets]
        secrets = [secret for secret in opened if secret is not None]
        if not secrets:
            raise ValueError("the secret of a webhook was sealed by another house")
        return await self._sender.post(
            hook.url, body, headers_of(posting.happening.id, body, secrets, datetime.now(UTC))
        )


def note_end(tx: Transaction, posting: Posting, ended: Ended) -> None:
    """Taken, tried later, or given up; a webhook that has taken nothing for all that time gets nothing more."""
    if ended.taken:
        postings.sent(tx, posting, ended.attempt)
    elif ended.gone:
        postings.give_up(tx, posting, ended.attempt, "gone")
    elif posting.attempts <= len(DELAYS):
        postings.try_later(tx, posting, ended.attempt, delay_after(posting.attempts, ended.wait))
    else:
        well = postings.has_had_success_since(tx, posting.webhook.id, posting.first_attempt_at)
        postings.give_up(tx, posting, ended.attempt, None if well else "failing")


def delay_after(attempts: int, wait: float | None = None) -> timedelta:
    """How long after so many tries the next one comes; longer where the receiver asks for it."""
    usual = DELAYS[attempts - 1]
    asked = min(timedelta(seconds=wait or 0.0), LONGEST_WAIT)
    return max(usual, asked)
