"""Canned replies: wording that agents keep for themselves, and wording that the house keeps for all of them.

Units over a transaction. One's own are written by oneself alone; the house's stand on a shelf of their own, so that they outlive whoever
wrote them. Every change leaves the whole wording in the chain of the house: which wording stood when can be proved.

Not here: the fields in a text and what fills them (gateway/canned.py), who may write for everybody, JSON (gateway/api/canned.py).

CannedError
├── NoSuchReply       none of theirs, and none of the house, has this id
├── NameTaken         another reply of this shelf has this name
├── ShortcutTaken     another reply of this shelf has this shortcut
└── TooMany           the shelf is full; `most` says how many it holds
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from case_store import audit, pages
from case_store.audit import HOUSE, Entry, HappenedAt
from case_store.cases import LostUpdate
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_desk import canned_replies
from case_store.tables_house import audit_events

MOST_SHARED: Final = 500
MOST_OWN: Final = 200
SHARED: Final = "house"
"""The shelf of what is for everybody; one's own has the id of whoever wrote it, which is longer."""


class CannedError(Exception):
    """Anything that can't be done with a canned reply."""


class NoSuchReply(CannedError, LookupError):
    """None of theirs, and none of the house, has this id."""


class NameTaken(CannedError):
    """Another reply of this shelf has this name."""


class ShortcutTaken(CannedError):
    """Another reply of this shelf has this shortcut."""


class TooMany(CannedError):
    """The shelf is full."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most}")
        self.most = most


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody writes. `texts` by language; `then` is what is done besides when it is sent; `starter` names what it was copied from."""

    name: str
    texts: Mapping[str, str]
    shortcut: str | None = None
    category: str | None = None
    channel: str | None = None
    then: Mapping[str, Any] | None = None
    starter: str | None = None


@dataclass(frozen=True, slots=True)
class CannedReply:
    id: str
    version: int
    shelf: str
    wording: Wording
    changed_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def shared(self) -> bool:
        return self.shelf == SHARED


CHANGEABLE: Final = ("name", "texts", "shortcut", "category", "channel", "then")


def listing(tx: Transaction, owner: str, *, after: LastSeen | None = None, limit: int = 50) -> list[CannedReply]:
    """The owner's and the house's, the first written first; `after` is (created_at, id) of the last one seen."""
    c = canned_replies.c
    found = pages.oldest_first(sa.select(canned_replies).where(_readable(owner)), c.created_at, c.id, after)
    return [_reply(row) for row in tx.execute(found.limit(limit))]


def get(tx: Transaction, id: str, owner: str) -> CannedReply:
    """One of the owner's or the house's. Raises NoSuchReply."""
    return _found(tx, sa.select(canned_replies).where(canned_replies.c.id == id, _readable(owner)), id)


def _locked(tx: Transaction, id: str, owner: str) -> CannedReply:
    found = sa.select(canned_replies).where(canned_replies.c.id == id, _readable(owner)).with_for_update()
    return _found(tx, found, id)


def _found(tx: Transaction, select: sa.Select[Any], id: str) -> CannedReply:
    row = tx.execute(select).one_or_none()
    if row is None:
        raise NoSuchReply(id)
    return _reply(row)


def _readable(owner: str) -> sa.ColumnElement[bool]:
    return canned_replies.c.shelf.in_([owner, SHARED])


def _reply(row: Any) -> CannedReply:
    wording = Wording(
        row.name,
        dict(row.texts),
        row.shortcut,
        row.category,
        row.channel,
        None if row.then is None else dict(row.then),
        row.starter,
    )
    return CannedReply(row.id, row.version, row.shelf, wording, row.changed_by, row.created_at, row.updated_at)


def history(tx: Transaction, id: str, owner: str) -> list[HappenedAt]:
    """What the house's chain says of a reply, the latest first. Raises NoSuchReply.

    What was written while it was somebody's own stays theirs: others see it from when it became the house's.
    """
    e, one = audit_events.c, get(tx, id, owner)
    found = (
        sa.select(audit_events)
        .where(e.chain == HOUSE, e.action.in_(_DEEDS), e.detail["id"].as_string() == id)
        .order_by(e.number.desc())
        .limit(MOST_TOLD)
    )
    told = [HappenedAt(row.number, row.at, row.actor, row.action, row.detail) for row in tx.execute(found)]
    known = [entry for entry in told if entry.detail is not None]
    return list(takewhile(lambda entry: bool((entry.detail or {})["shared"]), known)) if one.shared else known


_DEEDS: Final = ("canned_added", "canned_changed", "canned_removed")
MOST_TOLD: Final = 100


def add(tx: Transaction, shelf: str, wording: Wording, *, by: str, actor: str) -> CannedReply:
    """Keeps a reply on a shelf; `by` is the name of whoever writes it. Raises NameTaken, ShortcutTaken, TooMany."""
    id = new_id()
    audit.append(tx, HOUSE, Entry(actor, "canned_added", {"id": id, **_document(shelf, 1, wording)}))
    _check_room(tx, shelf)  # under the lock of the house's chain: two can't take the last place
    values = {"shelf": shelf, **_values(wording), "version": 1, "changed_by": by}
    _written(tx, wording, sa.insert(canned_replies).values(id=id, **values, created_at=tx.now, updated_at=tx.now))
    return _found(tx, sa.select(canned_replies).where(canned_replies.c.id == id), id)


def change(
    tx: Transaction,
    id: str,
    owner: str,
    changes: Mapping[str, Any],
    *,
    shelf: str | None = None,
    version: int | None,
    by: str,
    actor: str,
) -> CannedReply:
    """Sets what `CHANGEABLE` names, and moves it to another shelf. What changes nothing makes no version.

    Raises NoSuchReply, LostUpdate if `version` is not its version any more, NameTaken, ShortcutTaken, TooMany.
    """
    before = _locked(tx, id, owner)
    _check_version(before, version)
    kept = {name: getattr(before.wording, name) for name in CHANGEABLE}
    wording = Wording(**{**kept, **changes}, starter=before.wording.starter)
    to = shelf or before.shelf
    if wording == before.wording and to == before.shelf:
        return before
    now = before.version + 1
    audit.append(tx, HOUSE, Entry(actor, "canned_changed", {"id": id, **_document(to, now, wording)}))
    if to != before.shelf:
        _check_room(tx, to)
    values = {"shelf": to, **_values(wording), "version": now, "changed_by": by, "updated_at": tx.now}
    _written(tx, wording, sa.update(canned_replies).where(canned_replies.c.id == id).values(**values))
    return _found(tx, sa.select(canned_replies).where(canned_replies.c.id == id), id)


def remove(tx: Transaction, id: str, owner: str, *, version: int | None, actor: str) -> None:
    """Raises NoSuchReply, LostUpdate."""
    before = _locked(tx, id, owner)
    _check_version(before, version)
    tx.execute(sa.delete(canned_replies).where(canned_replies.c.id == id))
    told = {"id": id, **_document(before.shelf, before.version, before.wording)}
    audit.append(tx, HOUSE, Entry(actor, "canned_removed", told))


def add_starters(tx: Transaction, wordings: Sequence[Wording], *, by: str, actor: str) -> list[CannedReply]:
    """Those of the house's starter set that it doesn't have yet: nothing that stands there is touched.

    One that was copied before, however it reads now, is not copied again, nor one whose name is taken; a taken shortcut is left out.
    """
    c = canned_replies.c
    there = tx.execute(sa.select(c.starter, c.name, c.shortcut).where(c.shelf == SHARED)).all()
    starters, names, shortcuts = ({row[at] for row in there} for at in range(3))
    added = []
    for one in wordings:
        if one.starter not in starters and one.name not in names:
            shortcut = None if one.shortcut in shortcuts else one.shortcut
            wording = Wording(one.name, one.texts, shortcut, one.category, one.channel, one.then, starter=one.starter)
            added.append(add(tx, SHARED, wording, by=by, actor=actor))
    return added


def _check_version(before: CannedReply, version: int | None) -> None:
    if version is not None and before.version != version:
        raise LostUpdate(before.version)


def _check_room(tx: Transaction, shelf: str) -> None:
    most = MOST_SHARED if shelf == SHARED else MOST_OWN
    counted = sa.select(sa.func.count()).select_from(canned_replies).where(canned_replies.c.shelf == shelf)
    if int(tx.execute(counted).scalar_one()) >= most:
        raise TooMany(most)


def _values(wording: Wording) -> dict[str, Any]:
    names = (*CHANGEABLE, "starter")
    return {name: getattr(wording, name) for name in names}


def _document(shelf: str, version: int, wording: Wording) -> dict[str, Any]:
    """What the chain keeps: the whole wording as it stands from then on."""
    return {"shared": shelf == SHARED, "version": version, **{name: getattr(wording, name) for name in CHANGEABLE}}


def _written(tx: Transaction, wording: Wording, statement: sa.Insert | sa.Update) -> None:
    try:
        with tx.connection.begin_nested():
            tx.execute(statement)
    except IntegrityError as error:
        broken = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or str(error.orig)
        raise (ShortcutTaken if "shortcut" in broken else NameTaken)(wording.name) from None
