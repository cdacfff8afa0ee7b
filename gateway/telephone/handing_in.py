"""A transcript handed in whole, by the API or the command line: from its bytes to the reference number of its case.

It is read once before it is taken, so that one that is broken is refused with line and reason and nothing is kept of it. Then it
is accepted to the ledger, read from there like every arrival, and its case filed by the room that reads calls; whoever handed it
in waits for that. If the process dies in between, the ledger still has it, and handing it in again finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from case_store import calls, cases, conversations, idempotency
from case_store.case_record import CaseRecord
from case_store.files import FilesError
from case_store.idempotency import Answer, Claim
from case_store.records import Status
from case_store.store import StoreError, Transaction
from case_store.tables_arrivals import arrivals
from channels.channel import StoreUnavailable
from channels.message import Arrival
from channels.phone.channel import PhoneChannel
from channels.phone.details import NO, Details, Objected
from gateway.complaint import receipt
from gateway.context import Gateway
from gateway.intake import Intake
from gateway.telephone.addressing import Caller, find, place_of

PATIENCE: Final = 25.0  # seconds; a proxy in between gives up after thirty
LOOK: Final = 0.25
TAKEN: Final = 202

Drive = Callable[[], Awaitable[object]]


class Waiting(Exception):
    """It is taken and durable, and its case is not filed yet: ask for `call` later."""

    def __init__(self, call: str) -> None:
        super().__init__(f"the call {call!r} is taken and will be filed")
        self.call = call


class PutAside(Exception):
    """It was taken and can't be read now: it stands among what is parked, with this reason."""


class AnsweredBefore(Exception):
    """The same request was answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a call has come. `record` is its case; `arrival` the state of what was handed in, `reason` why it is parked."""

    record: CaseRecord | None
    call: Any
    arrival: str
    reason: str | None = None

    @property
    def is_filed(self) -> bool:
        settled = self.call is not None and self.call["due_at"] is None
        return self.arrival == "read" and settled and self.record is not None and self.record.status is not Status.DRAFT


class HandingIn:
    """`drive`, where no loops run, does what they would."""

    def __init__(self, gateway: Gateway, channel: PhoneChannel, intake: Intake, drive: Drive | None = None) -> None:
        self.channel = channel
        self._gateway = gateway
        self._intake = intake
        self._drive = drive
        self._filed = asyncio.Event()
        gateway.wakeups.on("case", lambda wake: self._filed.set())

    async def take(
        self,
        raw: bytes,
        details: Details,
        recording: Path | None = None,
        claim: Claim | None = None,
        *,
        caller: Caller | None = None,
        line_said: bool = False,
    ) -> dict[str, Any]:
        """The receipt. `caller` is None for what comes by files. Raises SeveralCalls, BadTranscript, BadRecording, ConsentRequired, BadDetail: nothing was taken; StoreUnavailable;
        Waiting, PutAside: it was taken; AnsweredBefore, idempotency.OtherRequest."""
        if claim is not None:
            await self._gateway.store.read(_answered_before, claim)
        source = None if caller is None else caller.source
        if caller is not None and source is None:
            details = await self.channel.named(raw, details)
            place = partial(place_of, line_said=line_said)
            source, call = await self._gateway.store.read(place, caller, details.call or "", details.line)
            details = replace(details, call=call)
        try:
            prepared = await self.channel.prepare(raw, details, recording, source)
        except Objected:  # their words are taken all the same, and the receipt says that no recording is kept
            prepared = await self.channel.prepare(raw, details, None, source)
        return await self._accept(prepared, claim)

    async def take_recording(
        self, details: Details, recording: Path, claim: Claim | None, *, caller: Caller
    ) -> dict[str, Any]:
        """The recording of a call that is known. Raises as `take` does, Objected, NoSuchCall and conversations.Erased."""
        if claim is not None:
            await self._gateway.store.read(_answered_before, claim)
        known = await self._gateway.store.read(_find_kept, caller, details.call or "")
        prepared = await self.channel.prepare_recording(
            Details(call=known["call"], line=known["line"], consent=details.consent), recording, known["source"]
        )
        return await self._accept(prepared, claim)

    async def _accept(self, arrival: Arrival, claim: Claim | None) -> dict[str, Any]:
        source, name = str(arrival.transport["source"]), str(arrival.transport["details"]["call"])

        def first_time(tx: Transaction, id: str) -> None:
            if claim is None:
                return
            known = idempotency.begin(tx, claim)
            if known is not None and known.status != TAKEN:
                raise AnsweredBefore(known)
            # until it is filed a repeated request waits for that too
            idempotency.keep(tx, claim, Answer(TAKEN, json.dumps({"call": name})))

        taken = await self._intake.accept(arrival, first_time)
        answer = await self.filed(source, name, taken.arrival_id)
        if claim is not None:
            with contextlib.suppress(StoreError):  # a repeated request then looks for itself
                await self._gateway.store.write(
                    idempotency.keep, claim, Answer(201, json.dumps(answer, ensure_ascii=False))
                )
        return answer

    async def settled(self, source: str, name: str) -> tuple[CaseRecord, Any]:
        """Case and call once everything of the call is read and filed. Raises Waiting."""
        standing = await self._until_filed(source, name, None)
        assert standing.record is not None
        return standing.record, standing.call

    async def filed(self, source: str, name: str, arrival_id: str) -> dict[str, Any]:
        """The receipt, once what was handed in is read and its case has its number. Raises Waiting, PutAside."""
        standing = await self._until_filed(source, name, arrival_id)
        if standing.arrival == "parked" or standing.record is None:
            raise PutAside(standing.reason or "it can't be read")
        return call_receipt(standing.record, standing.call)

    async def _until_filed(self, source: str, name: str, arrival_id: str | None) -> Standing:
        give_up = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < give_up:
            self._filed.clear()
            if self._drive is not None:
                await self._drive()
            standing = await self._standing(source, name, arrival_id)
            if standing is not None and (standing.arrival == "parked" or standing.is_filed):
                return standing
            try:
                async with asyncio.timeout(LOOK):
                    await self._filed.wait()
            except TimeoutError:
                pass  # hints may be lost
        raise Waiting(name)

    async def _standing(self, source: str, name: str, arrival_id: str | None) -> Standing | None:
        """None while the store can't be asked: what was taken is taken, and nobody may be told otherwise."""
        try:
            return await self._gateway.store.read(_standing, source, name, arrival_id)
        except StoreError:
            return None


def _answered_before(tx: Transaction, claim: Claim) -> None:
    """A look before the file is read: a repeat costs nothing."""
    known = idempotency.look(tx, claim)
    if known is not None and known.status not in (0, TAKEN):
        raise AnsweredBefore(known)


def _standing(tx: Transaction, source: str, name: str, arrival_id: str | None) -> Standing:
    a = arrivals.c
    state, reason = "read", None
    if arrival_id is not None:
        row = tx.execute(sa.select(a.state, a.reason).where(a.id == arrival_id)).one()
        state, reason = row.state, row.reason
    call = calls.look(tx, source, name)
    if call is None:
        return Standing(None, None, state, reason)
    return Standing(case_of(tx, call), call, state, reason)


def case_of(tx: Transaction, call: Any) -> CaseRecord | None:
    """The case that the call opened."""
    linked = cases.of_conversations(tx, [call["conversation_id"]]).get(call["conversation_id"], [])
    return linked[0] if linked else None


def call_receipt(record: CaseRecord, call: Any) -> dict[str, Any]:
    """What whoever handed in a call is answered."""
    return {
        **receipt(record),
        "call": call["call"],
        "conversation": call["conversation_id"],
        "kind": record.judgement.kind.value if record.judgement else None,
        "incomplete": record.incomplete,
        "recording": call["recording"] is not None,
        "consent": call["consent"],
    }


def keeper(gateway: Gateway) -> Callable[[Path, str, str], Awaitable[str]]:
    """Keeps recordings as the phone channel asks for it (channels.phone.channel.Keep)."""

    async def keep(path: Path, source: str, call: str) -> str:
        try:
            if await gateway.store.read(_has_objected, source, call):
                raise Objected
            return await asyncio.to_thread(gateway.files.put_file, path)
        except (FilesError, OSError, StoreError) as error:
            raise StoreUnavailable(str(error)) from error

    return keep


def _find_kept(tx: Transaction, caller: Caller, name: str) -> Any:
    """Raises conversations.Erased: before the sound is kept anywhere."""
    call = find(tx, caller, name)
    row = conversations.find(tx, call["conversation_id"])
    assert row is not None  # every call is one
    conversations.check_kept(row)
    return call


def _has_objected(tx: Transaction, source: str, name: str) -> bool:
    call = calls.look(tx, source, name)
    return call is not None and call["consent"] == NO
