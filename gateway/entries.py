"""What stands beside a complaint that somebody entered: who took it, who speaks for whom, files, and the entry as it was typed.

All of it is kept in the transaction that files the complaint. The entry itself goes into the ledger of arrivals, read already,
as a frame of the chat does: it is what the case was made from.

Not here: reading the request (api/counter.py), the complaint's own facts (complaints.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, papers
from case_store.audit import Entry, case_chain
from case_store.ids import new_id
from case_store.papers import MANDATE, Party
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from gateway import filekeeping, mandates
from gateway.filekeeping import KeptFile
from gateway.promises import Promises

BY_HAND: Final = frozenset({ChannelName.LETTER, ChannelName.COUNTER, ChannelName.PHONE})
"""Ways of handing in that answer the customer nothing by themselves: a receipt, a call or a letter has to."""


@dataclass(frozen=True, slots=True)
class Original:
    """The entry as it was typed, small in the ledger's row or under `digest` among the files."""

    size: int
    raw: bytes | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """`taken_by` and `taken_post` are told to the customer; `members` counts a group, whose `representatives` speak for it."""

    original: Original
    taken_by: str
    taken_post: str = ""
    handed_in_by: str | None = None
    postal_address: str | None = None
    members: int | None = None
    proxy: Party | None = None
    representatives: tuple[Party, ...] = ()
    files: tuple[KeptFile, ...] = ()

    @property
    def has_mandate(self) -> bool:
        return any(file.purpose == MANDATE for file in self.files)


def note_arrival(
    tx: Transaction, entered: Entered, channel: str, account: str, received_at: datetime, conversation_id: str
) -> str:
    """The entry stands in the ledger, read already. Answers its id."""
    id = new_id()
    original = entered.original
    row: Mapping[str, Any] = {
        "id": id,
        "channel": channel,
        "account": account,
        "external_id": id,
        "received_at": received_at,
        "state": "read",
        "raw": original.raw,
        "digest": original.digest,
        "size": original.size,
        "transport": {},
        "became": [{"conversation": conversation_id, "message": 1}],
    }
    tx.execute(sa.insert(arrivals).values(**row))
    return id


def keep(
    tx: Transaction, promises: Promises, entered: Entered, case_id: str, conversation_id: str, *, actor: str
) -> None:
    """Papers, parties and files of a draft that is about to be filed."""
    papers.keep(
        tx,
        case_id,
        taken_by=entered.taken_by,
        taken_post=entered.taken_post or None,
        handed_in_by=entered.handed_in_by,
        postal_address=entered.postal_address,
        members=entered.members,
    )
    filekeeping.attach(tx, conversation_id, 1, entered.files)
    told = {
        "taken_by": entered.taken_by,
        "handed_in_by": entered.handed_in_by,
        "members": entered.members,
        "representatives": [party.name for party in entered.representatives],
        "files": [file.told() for file in entered.files],
    }
    audit.append(tx, case_chain(case_id), Entry(actor, "entered", told))
    if entered.representatives:
        papers.set_representatives(tx, case_id, entered.representatives, actor=actor)
    if entered.proxy is not None:
        mandates.name_proxy(tx, promises, case_id, entered.proxy, mandate=entered.has_mandate, actor=actor)
