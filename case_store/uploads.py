"""Uploads: files on their way in, piece by piece, until a message or a form takes them.

Units over a transaction. How much of an upload is durable stands in its row (`taken`) and nowhere else; the bytes stand in
files of their own (pieces.py), synced before the row names them. Each request that adds bytes takes the lease first and writes
a piece of its own: a newer request takes the lease away, so whatever an older one still writes is never named.

Not here: the bytes (pieces.py), what may be uploaded (gateway/uploads.py), attachments once they are part of a message.

UploadError
├── NoSuchUpload      unknown, expired, or somebody else's
├── WrongOffset       bytes were offered for another place than the next; `taken` says which is next
├── NotOpen           nothing can be added: it is whole, refused or used; `state` says which
├── LeaseTaken        a newer request adds to it
└── TooManyUploads    a limit is reached; `limit` names it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store.audit import Entry
from case_store.conversations import add_attachments
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_arrivals import uploads

ONE_DAY: Final = timedelta(days=1)
MOST_PIECES: Final = 64  # that a row names; more are joined first


class UploadError(Exception):
    """Anything an upload can't do."""


class NoSuchUpload(UploadError, LookupError):
    """No upload that this caller may touch has this id."""


class WrongOffset(UploadError):
    """The bytes do not follow what has been taken."""

    def __init__(self, taken: int) -> None:
        super().__init__(f"the next byte is number {taken}")
        self.taken = taken


class NotOpen(UploadError):
    """Nothing can be added any more."""

    def __init__(self, state: UploadState) -> None:
        super().__init__(f"the upload is {state.value}")
        self.state = state


class LeaseTaken(UploadError):
    """A newer request adds to this upload now."""


class TooManyUploads(UploadError):
    """`limit` is per_day, bytes_per_day, per_address_per_day or bytes_per_address_per_day."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class UploadState(StrEnum):
    OPEN = "open"
    WHOLE = "whole"  # all bytes are there and may be attached
    REFUSED = "refused"  # its content is of a kind that is not taken; the bytes are gone
    USED = "used"  # part of a message


@dataclass(frozen=True, slots=True)
class NewUpload:
    id: str
    owner: str
    network: str
    name: str
    size: int
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class StoredUpload:
    id: str
    owner: str
    name: str
    size: int
    taken: int
    pieces: tuple[tuple[str, int], ...]
    lease: str | None
    state: UploadState
    digest: str | None
    sniffed_type: str | None
    notes: tuple[str, ...]
    refusal: str | None
    expires_at: datetime

    @property
    def complete(self) -> bool:
        """All bytes are durable, though perhaps not yet looked at."""
        return self.taken == self.size


@dataclass(frozen=True, slots=True)
class Limits:
    """In one day, for one owner (a chat) and for one network; sizes in bytes. None: without limit."""

    per_day: int | None
    bytes_per_day: int | None
    per_address_per_day: int | None
    bytes_per_address_per_day: int | None


def create(tx: Transaction, new: NewUpload, limits: Limits) -> StoredUpload:
    """An upload without bytes. Raises TooManyUploads.

    Two at the same moment may both see the last place free: limits bound a flood, they are no exact quota.
    """
    u = uploads.c
    _check(tx, u.owner == new.owner, new.size, "per_day", limits.per_day, limits.bytes_per_day)
    _check(
        tx,
        u.network == new.network,
        new.size,
        "per_address_per_day",
        limits.per_address_per_day,
        limits.bytes_per_address_per_day,
    )
    row = {
        "id": new.id,
        "owner": new.owner,
        "network": new.network,
        "name": new.name,
        "size": new.size,
        "pieces": [],
        "state": UploadState.OPEN.value,
        "created_at": tx.now,
        "expires_at": tx.now + new.lasts,
    }
    tx.execute(sa.insert(uploads), row)
    return get(tx, new.id)


def _check(tx: Transaction, whose: Any, size: int, name: str, most: int | None, most_bytes: int | None) -> None:
    if most is None and most_bytes is None:
        return
    u = uploads.c
    counted = sa.select(sa.func.count().label("many"), sa.func.coalesce(sa.func.sum(u.size), 0).label("bytes"))
    found = tx.execute(counted.where(whose, u.created_at > tx.now - ONE_DAY)).one()
    if most is not None and found.many >= most:
        raise TooManyUploads(name)
    if most_bytes is not None and int(found.bytes) + size > most_bytes:
        raise TooManyUploads(f"bytes_{name}")


def get(tx: Transaction, id: str) -> StoredUpload:
    """Raises NoSuchUpload, for one that has expired too."""
    return several(tx, [id])[0]


def several(tx: Transaction, ids: Sequence[str]) -> list[StoredUpload]:
    """In the order of their ids as given. Raises NoSuchUpload if one is missing."""
    found = {upload.id: upload for upload in still_there(tx, ids)}
    missing = [id for id in ids if id not in found]
    if missing:
        raise NoSuchUpload(missing[0])
    return [found[id] for id in ids]


def still_there(tx: Transaction, ids: Sequence[str]) -> list[StoredUpload]:
    """Those of them that have not expired, in no order."""
    u = uploads.c
    rows = tx.execute(sa.select(uploads).where(u.id.in_(ids), u.expires_at > tx.now)).mappings()
    return [_as_stored(row) for row in rows]


def _as_stored(row: Any) -> StoredUpload:
    return StoredUpload(
        id=row["id"],
        owner=row["owner"],
        name=row["name"],
        size=row["size"],
        taken=row["taken"],
        pieces=tuple((name, size) for name, size in row["pieces"]),
        lease=row["lease"],
        state=UploadState(row["state"]),
        digest=row["digest"],
        sniffed_type=row["sniffed_type"],
        notes=tuple(row["notes"] or ()),
        refusal=row["refusal"],
        expires_at=row["expires_at"],
    )


def begin(tx: Transaction, id: str, offset: int, lease: str) -> StoredUpload:
    """Takes the lease to add bytes at `offset`, from whoever had it. Raises NoSuchUpload, NotOpen or WrongOffset."""
    found = tx.execute(sa.select(uploads).where(uploads.c.id == id).with_for_update()).mappings().one_or_none()
    if found is None or found["expires_at"] <= tx.now:
        raise NoSuchUpload(id)
    upload = _as_stored(found)
    if offset != upload.taken:
        raise WrongOffset(upload.taken)
    if upload.state is not UploadState.OPEN:
        raise NotOpen(upload.state)
    tx.execute(sa.update(uploads).where(uploads.c.id == id).values(lease=lease))
    return upload


def advance(tx: Transaction, id: str, lease: str, pieces: Sequence[tuple[str, int]], lasts: timedelta) -> StoredUpload:
    """Names the pieces that are durable now. Raises LeaseTaken: then they never were."""
    u = uploads.c
    taken = sum(size for _, size in pieces)
    named = [list(piece) for piece in pieces]
    done = tx.execute(
        sa.update(uploads)
        .where(u.id == id, u.lease == lease, u.state == UploadState.OPEN.value, u.size >= taken)
        .values(pieces=named, taken=taken, expires_at=tx.now + lasts)
    )
    if done.rowcount != 1:
        raise LeaseTaken(id)
    return get(tx, id)


def cut(tx: Transaction, id: str, lease: str) -> StoredUpload:
    """It is as long as what has come: for one whose size nobody knew before. Raises LeaseTaken."""
    u = uploads.c
    mine = sa.update(uploads).where(u.id == id, u.lease == lease, u.state == UploadState.OPEN.value)
    if tx.execute(mine.values(size=u.taken)).rowcount != 1:
        raise LeaseTaken(id)
    return get(tx, id)


def finish(tx: Transaction, id: str, digest: str, sniffed_type: str, notes: Sequence[str]) -> StoredUpload:
    """All bytes stand in one file now and are of a kind that is taken. A second finish finds it done."""
    _settle(tx, id, state=UploadState.WHOLE.value, digest=digest, sniffed_type=sniffed_type, notes=list(notes) or None)
    return get(tx, id)


def refuse(tx: Transaction, id: str, refusal: str) -> StoredUpload:
    """Its content is of a kind that is not taken."""
    _settle(tx, id, state=UploadState.REFUSED.value, refusal=refusal)
    return get(tx, id)


def _settle(tx: Transaction, id: str, **values: Any) -> None:
    u = uploads.c
    still_open = sa.update(uploads).where(u.id == id, u.state == UploadState.OPEN.value)
    tx.execute(still_open.values(pieces=[], lease=None, **values))


def lose(tx: Transaction, id: str) -> None:
    """Its bytes are gone (a restored backup has none of them): unless somebody has finished it meanwhile, it never was."""
    tx.execute(sa.delete(uploads).where(uploads.c.id == id, uploads.c.state == UploadState.OPEN.value))


def drop(tx: Transaction, id: str) -> None:
    """Whoever began it does not want it any more. Raises NotOpen if a message has it already."""
    upload = get(tx, id)
    if upload.state is UploadState.USED:
        raise NotOpen(upload.state)
    tx.execute(sa.delete(uploads).where(uploads.c.id == id, uploads.c.state != UploadState.USED.value))


def use(tx: Transaction, ids: Sequence[str]) -> None:
    """They are part of a message from now on, whose transaction this is. Raises NoSuchUpload if one is another's already."""
    if not ids:
        return
    u = uploads.c
    done = tx.execute(
        sa.update(uploads)
        .where(u.id.in_(ids), u.state == UploadState.WHOLE.value)
        .values(state=UploadState.USED.value, expires_at=tx.now + ONE_DAY)
    )
    if done.rowcount != len(ids):
        raise NoSuchUpload("one of them is part of another message, or not whole")


def attach(
    tx: Transaction,
    found: Sequence[StoredUpload],
    *,
    conversation_id: str,
    message: int,
    arrival_id: str | None = None,
) -> None:
    """Makes whole uploads part of a message, in its transaction. Raises NoSuchUpload if one is another message's."""
    use(tx, [upload.id for upload in found])
    place = {"conversation_id": conversation_id, "message": message, "arrival_id": arrival_id, "part": None}
    add_attachments(
        tx,
        [
            {
                **place,
                "id": new_id(),
                "digest": upload.digest,
                "name": upload.name,
                "media_type": upload.sniffed_type,
                "size": upload.size,
                "sniffed_type": upload.sniffed_type,
                "notes": list(upload.notes) or None,
            }
            for upload in found
        ],
    )


def files_entry(found: Sequence[StoredUpload], number: int) -> Entry:
    """What the chain keeps of a message's files, so that it can be proved which they were."""
    told = [{"name": upload.name, "size": upload.size, "sha256": upload.digest} for upload in found]
    return Entry("customer", "attached", {"number": number, "files": told})


def expire(tx: Transaction) -> set[str]:
    """Forgets what has expired. Answers the ids of those that still have bytes of their own."""
    tx.execute(sa.delete(uploads).where(uploads.c.expires_at <= tx.now))
    waiting = sa.select(uploads.c.id).where(uploads.c.state.in_((UploadState.OPEN.value, UploadState.WHOLE.value)))
    return set(tx.connection.scalars(waiting))
