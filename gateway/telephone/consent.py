"""Whether the recording of a call may be kept (handbook 7.1.2 (3)), and what becomes of it when it may not.

Without the customer's consent a recording never comes this far (channels/phone/details.py). Consent that is taken back ends the
recording: nothing names it from the commit on, and its file is deleted right after; that it was there, who asked for its end
and when stay in the audit trail.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import calls, conversations
from case_store.audit import Entry
from case_store.conversations import Row
from case_store.files import Files, named_among
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import calls as call_rows
from channels.message import CallIn
from channels.phone.details import NO, UNKNOWN
from gateway.context import Gateway

# how consent is known: handed in with the call, by the line's announcement, or an agent recorded what the customer said
SAID: Final = "said"
ANNOUNCED: Final = "announced"
ASKED: Final = "agent"
ABOUT_TO_NAME: Final = 60.0  # seconds from a file that is put to the commit that names it, at the very most


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
    """The call names its recordings no more; their files are deleted once that is committed (erase_files)."""
    came = dict.fromkeys([*more, *([call["recording"]] if call["recording"] else [])], tx.now.isoformat())
    came |= _forgotten_in_ledger(tx, call["source"], call["call"])
    nothing = {"recording": None, "recording_type": None, "recording_size": None}
    known = call["erasing"] or {}
    waiting = {**(known if isinstance(known, dict) else dict.fromkeys(known)), **came}
    calls.change(tx, conversation_id, {**nothing, "erasing": waiting or None})
    tx.wake("call", conversation_id)
    return sorted(came)


def _forgotten_in_ledger(tx: Transaction, source: str, name: str) -> dict[str, str]:
    """All recordings that have come of this call, and when each last came: the ledger forgets them, and keeps its transcripts."""
    a, came = arrivals.c, {}
    for row in calls.came_of_call(tx, source, name):
        said = row.transport
        if "recording" in said:
            came[said["recording"]["digest"]] = row.received_at.isoformat()
            without: dict[str, Any] = {key: value for key, value in said.items() if key != "recording"}
            # under a name of its own: where an agent records that they agree after all, the same may come again
            values = {"transport": without, "external_id": f"{name}:{row.id}"}
            tx.execute(sa.update(arrivals).where(a.id == row.id).values(**values))
    return came


def _note(tx: Transaction, conversation_id: str, entry: Entry) -> None:
    conversations.add_messages(tx, conversations.locked(tx, conversation_id), [], entries=[entry])


async def erase_files(gateway: Gateway) -> int:
    """Deletes the files of recordings that are no longer kept, and that nothing else names. Answers of how many calls.

    The same content may be a customer's evidence, or the recording of a call in which nobody objected. Where somebody has put
    it again since it came of this call, it is looked at again once they have had the time to name it.
    """
    done = 0
    for conversation_id, erasing in await gateway.store.read(_to_erase):
        came = erasing if isinstance(erasing, dict) else dict.fromkeys(erasing)
        if await asyncio.to_thread(_put_again, gateway.files, came):
            continue  # before the store is asked, which looks at every row
        named = await gateway.store.read(named_among, set(came))
        if await asyncio.to_thread(_discard, gateway.files, came, named):
            await gateway.store.write(_erased, conversation_id, erasing)
            done += 1
    return done


def _put_again(files: Files, came: Mapping[str, str | None]) -> bool:
    return any((files.put_at(digest) or 0.0) >= _put_before(at) for digest, at in came.items())


def _discard(files: Files, came: Mapping[str, str | None], named: set[str]) -> bool:
    """Whether all are gone that have to go."""
    going = [digest for digest in came if digest not in named]
    gone = [files.discard(digest, put_before=_put_before(came[digest])) for digest in going]
    return all(gone)


def _put_before(came: str | None) -> float:
    """A file of this age is not another's who is about to name it: put no later than it came of the call, or long enough ago."""
    long_ago = time.time() - ABOUT_TO_NAME
    return long_ago if came is None else max(long_ago, datetime.fromisoformat(came).timestamp())


def _to_erase(tx: Transaction) -> list[tuple[str, Any]]:
    c = call_rows.c
    rows = tx.execute(sa.select(c.conversation_id, c.erasing).where(c.erasing.is_not(None)).limit(50)).all()
    return [(row.conversation_id, row.erasing) for row in rows]


def _erased(tx: Transaction, conversation_id: str, digests: Any) -> None:
    c = call_rows.c
    now = tx.execute(sa.select(c.erasing).where(c.conversation_id == conversation_id).with_for_update()).scalar()
    if now == digests:  # otherwise more has come to be erased meanwhile
        tx.execute(sa.update(call_rows).where(c.conversation_id == conversation_id).values(erasing=None))
