"""Whether the recording of a call may be kept (handbook 7.1.2 (3)), and what becomes of it when it may not.

Without the customer's consent a recording never comes this far (channels/phone/details.py). Consent that is taken back ends the
recording: nothing names it from the commit on, and its file is deleted right after; that it was there, who asked for its end
and when stay in the audit trail.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import sqlalchemy as sa

from case_store import calls, conversations
from case_store.audit import Entry
from case_store.conversations import Row
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables import arrivals
from case_store.tables import calls as call_rows
from channels.message import CallIn
from channels.phone.details import NO, UNKNOWN
from gateway.context import Gateway

# how consent is known: handed in with the call, by the line's announcement, or an agent recorded what the customer said
SAID: Final = "said"
ANNOUNCED: Final = "announced"
ASKED: Final = "agent"


def take(tx: Transaction, conversation_id: str, call: Row, event: CallIn) -> None:
    """What has come with a transcript: consent, and the recording if there is one."""
    state(tx, conversation_id, call, event.consent, event.consent_basis, actor="system")
    recording = event.recording
    if recording is None or recording.digest == call["recording"]:
        return
    if call["consent"] == NO:  # it was on its way when the customer said no
        _erase(tx, conversation_id, call, recording.digest)
        return
    values = {
        "recording": recording.digest,
        "recording_type": recording.media_type,
        "recording_size": recording.size,
    }
    calls.change(tx, conversation_id, values)
    detail = {"sha256": recording.digest, "media_type": recording.media_type, "size": recording.size}
    _note(tx, conversation_id, Entry("system", "recording_kept", {**detail, "replaced": call["recording"]}))


def state(tx: Transaction, conversation_id: str, call: Row, consent: str, basis: str | None, *, actor: str) -> None:
    """Records consent as a machine passes it on, if it tells more than is known.

    An announcement says nothing against what the customer has said, and a no stands until an agent records otherwise: what a
    telephone system sends again, or sends by habit, is not the customer who has thought better of it.
    """
    known = (call["consent"], call["consent_basis"])
    if consent == UNKNOWN or (consent, basis) == known or call["consent"] == NO:
        return
    if basis == ANNOUNCED and call["consent"] != UNKNOWN:
        return
    set_consent(tx, conversation_id, call, consent, basis or SAID, actor=actor)


def set_consent(tx: Transaction, conversation_id: str, call: Row, consent: str, basis: str, *, actor: str) -> None:
    """Records what the customer said; a no ends the recording."""
    calls.change(tx, conversation_id, {"consent": consent, "consent_basis": basis})
    _note(tx, conversation_id, Entry(actor, "consent", {"from": call["consent"], "to": consent, "basis": basis}))
    if consent == NO:
        erased = _erase(tx, conversation_id, call)
        if erased:
            _note(tx, conversation_id, Entry(actor, "recording_erased", {"sha256": erased}))


def _erase(tx: Transaction, conversation_id: str, call: Row, *more: str) -> list[str]:
    """Nothing names the call's recordings any more; their files are deleted once that is committed."""
    digests = _forgotten_in_ledger(tx, call["call"]) | {*more, *([call["recording"]] if call["recording"] else [])}
    nothing = {"recording": None, "recording_type": None, "recording_size": None}
    waiting = sorted(digests | set(call["erasing"] or ()))
    calls.change(tx, conversation_id, {**nothing, "erasing": waiting or None})
    tx.wake("call", conversation_id)
    return sorted(digests)


def _forgotten_in_ledger(tx: Transaction, name: str) -> set[str]:
    """Digests of all recordings that have come of this call: the ledger forgets them, and keeps its transcripts."""
    a = arrivals.c
    of_call = sa.select(a.id, a.transport).where(
        a.channel == ChannelName.PHONE.value, a.external_id.startswith(f"{name}:", autoescape=True)
    )
    digests = set()
    for row in tx.execute(of_call).all():
        if "recording" in row.transport and row.transport["details"]["call"] == name:  # `p:1` begins like `p`
            digests.add(row.transport["recording"]["digest"])
            without: dict[str, Any] = {key: value for key, value in row.transport.items() if key != "recording"}
            # under a name of its own: where an agent records that they agree after all, the same may come again
            values = {"transport": without, "external_id": f"{name}:{row.id}"}
            tx.execute(sa.update(arrivals).where(a.id == row.id).values(**values))
    return digests


def _note(tx: Transaction, conversation_id: str, entry: Entry) -> None:
    conversations.add_messages(tx, conversations.locked(tx, conversation_id), [], entries=[entry])


async def erase_files(gateway: Gateway) -> int:
    """Deletes the files of recordings that are no longer kept. Answers of how many calls."""
    waiting = await gateway.store.read(_to_erase)
    for conversation_id, digests, still_named in waiting:
        for digest in set(digests) - still_named:
            await asyncio.to_thread(gateway.files.delete, digest)
        await gateway.store.write(_erased, conversation_id, digests)
    return len(waiting)


def _to_erase(tx: Transaction) -> list[tuple[str, list[str], set[str]]]:
    """(conversation, digests, those that another call has too)."""
    c = call_rows.c
    rows = tx.execute(sa.select(c.conversation_id, c.erasing).where(c.erasing.is_not(None)).limit(50)).all()
    return [(row.conversation_id, row.erasing, _still_named(tx, row.erasing)) for row in rows]


def _still_named(tx: Transaction, digests: list[str]) -> set[str]:
    return set(tx.execute(sa.select(call_rows.c.recording).where(call_rows.c.recording.in_(digests))).scalars())


def _erased(tx: Transaction, conversation_id: str, digests: list[str]) -> None:
    c = call_rows.c
    now = tx.execute(sa.select(c.erasing).where(c.conversation_id == conversation_id).with_for_update()).scalar()
    if now == digests:  # otherwise more has come to be erased meanwhile
        tx.execute(sa.update(call_rows).where(c.conversation_id == conversation_id).values(erasing=None))
