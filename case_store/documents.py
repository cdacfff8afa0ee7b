"""What the house decides and words for itself, version by version: its policy, its calendar, its own wording of notices.

Units over a transaction. A version is written once and never changed; putting an older one back writes a new one. Each is in the chain of the
house with the digest of its content: which rules stood when can be proved. The version that counts is the approved one with the latest
`effective_from` that has come, of two with the same the higher number.

The policy also stands in a file. What was seen there is kept as a version of its own (`origin` file), so that a name means one content for
ever; such a version never counts by itself. One of origin `follow` says that the file decides again.

Not here: what a content means and whether it can be used (gateway/policy.py, house_calendar.py, own_texts.py), when a process takes it up
(gateway/rules.py).

DocumentError
├── NoSuchVersion      there is none with this number
├── Overtaken          somebody has written another version meanwhile; `number` is the latest
├── NotOpen            it counts already, or was decided on before
├── StillToCome        an earlier version counts from a later day; `number`
├── OwnVersion         whoever wrote it can't be the second to look at it
└── LatelySet          nor can who could not sign in by themselves alone since it was written
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, people
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_documents import house_documents
from case_store.tables_house import audit_events

WAKE: Final = "rules"
"""The kind of hint that another version may count now."""


class Kind(StrEnum):
    POLICY = "policy"
    CALENDAR = "calendar"
    TEMPLATE = "template"


class Origin(StrEnum):
    CONSOLE = "console"
    FILE = "file"
    FOLLOW = "follow"


class Verdict(StrEnum):
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class DocumentError(Exception):
    """Anything that can't be done with a version."""


class NoSuchVersion(DocumentError, LookupError):
    """There is none with this number."""


class Overtaken(DocumentError):
    """Somebody has written another version meanwhile."""

    def __init__(self, number: int) -> None:
        super().__init__(f"version {number} has been written meanwhile")
        self.number = number


class NotOpen(DocumentError):
    """It counts already, or was decided on before."""


class StillToCome(DocumentError):
    """An earlier version counts from a later day: it is withdrawn first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class LatelySet(DocumentError):
    """Somebody else had a hand in the approver's account after the version was written."""


class OwnVersion(DocumentError):
    """Whoever wrote it can't be the second to look at it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the versions are of."""

    kind: Kind
    name: str


POLICY: Final = Subject(Kind.POLICY, "policy")
CALENDAR: Final = Subject(Kind.CALENDAR, "calendar")


def template(occasion: str) -> Subject:
    return Subject(Kind.TEMPLATE, occasion)


@dataclass(frozen=True, slots=True)
class Author:
    """`actor` as the chain names them, `name` as people do."""

    id: str
    name: str
    actor: str


HOUSE_ITSELF: Final = Author("system", "system", "system")


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wants to count. `based_on` is the latest number that they have seen, 0 for none."""

    content: str
    why: str
    based_on: int
    effective_from: datetime | None = None  # None: at once
    origin: Origin = Origin.CONSOLE
    file_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    subject: Subject
    number: int
    label: str
    origin: Origin
    digest: str
    based_on: int | None
    file_digest: str | None
    why: str
    author: str
    author_id: str
    created_at: datetime
    effective_from: datetime
    verdict: Verdict | None
    decided_by: str | None
    decided_at: datetime | None
    content: str = ""  # left out of lists

    def state(self, now: datetime, counts: str | None) -> str:
        """proposed, withdrawn, scheduled, in_force, past; `counts` is the id of the one that counts. A file seen is `seen`."""
        if self.origin is Origin.FILE:
            return "seen"
        if self.verdict is not Verdict.APPROVED:
            return "proposed" if self.verdict is None else "withdrawn"
        if self.effective_from > now:
            return "scheduled"
        return "in_force" if self.id == counts else "past"


_T: Final = house_documents
_HEADS: Final = [column for column in _T.c if column.name != "content"]


def digest_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def add(
    tx: Transaction,
    subject: Subject,
    written: Written,
    label: Callable[[int], str],
    author: Author,
    *,
    approved: bool,
) -> Version:
    """Keeps a version; `label` gives its name by its number. Not approved, it waits for somebody else. Raises Overtaken, StillToCome."""
    audit.lock_house(tx)  # it orders the numbers too
    latest = _latest(tx, subject) or 0
    if latest != written.based_on:
        raise Overtaken(latest)
    number = latest + 1
    return _insert(tx, subject, written, number, label(number), author, approved=approved)


def _latest(tx: Transaction, subject: Subject) -> int | None:
    found: int | None = tx.execute(sa.select(sa.func.max(_T.c.number)).where(*_of(subject))).scalar_one()
    return found


def _insert(
    tx: Transaction, subject: Subject, written: Written, number: int, label: str, author: Author, *, approved: bool
) -> Version:
    effective = max(tx.now, written.effective_from or tx.now)
    if approved and written.origin is not Origin.FILE:
        _check_none_to_come(tx, subject, number, effective)
    id = new_id()
    values: dict[str, Any] = {
        "id": id,
        "kind": subject.kind.value,
        "name": subject.name,
        "number": number,
        "label": label,
        "origin": written.origin.value,
        "content": written.content,
        "digest": digest_of(written.content),
        "based_on": None if written.origin is Origin.FILE else written.based_on,
        "file_digest": written.file_digest,
        "why": written.why,
        "author": author.name,
        "author_id": author.id,
        "created_at": tx.now,
        "effective_from": effective,
        "verdict": Verdict.APPROVED.value if approved else None,
        "decided_by": author.name if approved else None,
        "decided_at": tx.now if approved else None,
    }
    told = {name: values[name] for name in ("kind", "name", "number", "label", "origin", "digest", "based_on", "why")}
    told |= {"effective_from": effective.isoformat(), "approved": approved}
    audit.append(tx, HOUSE, Entry(author.actor, "document_written", told))
    tx.execute(sa.insert(_T).values(values))
    if approved and written.origin is not Origin.FILE:
        tx.wake(WAKE, id)
    return get(tx, subject, number)


def seen_in_file(tx: Transaction, subject: Subject, content: str, label: str) -> Version:
    """Keeps what a file says, once; a name that stood for another content before is told apart by the digest."""
    digest = digest_of(content)
    c = _T.c
    known = tx.execute(
        sa.select(*_HEADS).where(*_of(subject), c.origin == Origin.FILE.value, c.digest == digest).limit(1)
    ).one_or_none()
    if known is not None:
        return _version(known)
    name = _name_for(tx, label, digest)
    audit.lock_house(tx)
    latest = _latest(tx, subject)
    written = Written(content, "", 0, origin=Origin.FILE, file_digest=digest)
    return _insert(tx, subject, written, 0 if latest is None else latest + 1, name, HOUSE_ITSELF, approved=True)


def known_in_file(tx: Transaction, subject: Subject, digest: str, label: str) -> str:
    """The name of a file's content: the one that it was kept under, or that it would be."""
    c = _T.c
    kept = sa.select(c.label).where(*_of(subject), c.origin == Origin.FILE.value, c.digest == digest).limit(1)
    found: str | None = tx.execute(kept).scalar_one_or_none()
    return found or _name_for(tx, label, digest)


def _name_for(tx: Transaction, label: str, digest: str) -> str:
    taken = tx.execute(sa.select(_T.c.id).where(_T.c.label == label)).first() is not None
    return told_apart(label, digest) if taken else label


def told_apart(label: str, digest: str) -> str:
    """A name for a content whose own name is another's already."""
    return f"{label[:30]}+f{digest[:8]}"


def decide(
    tx: Transaction, subject: Subject, number: int, verdict: Verdict, author: Author, *, second: bool = True
) -> Version:
    """Approves a proposed version, which then counts from its day, today at the earliest; or withdraws one that does not count yet.

    `second`: the approval has to be somebody else's. Raises NoSuchVersion, NotOpen, OwnVersion, LatelySet, StillToCome.
    """
    audit.lock_house(tx)
    one = get(tx, subject, number)
    open_still = one.verdict is None or (one.verdict is Verdict.APPROVED and one.effective_from > tx.now)
    if one.origin is Origin.FILE or not open_still or (verdict is Verdict.APPROVED and one.verdict is not None):
        raise NotOpen(number)
    if verdict is Verdict.APPROVED and second:
        _check_other(tx, one, author)
    if verdict is Verdict.APPROVED and (latest := _approved_after(tx, subject, number)):
        raise Overtaken(latest)
    effective = max(one.effective_from, tx.now)
    if verdict is Verdict.APPROVED:
        _check_none_to_come(tx, subject, number, effective)
    told = {"kind": subject.kind.value, "name": subject.name, "number": number, "label": one.label}
    told |= {"digest": one.digest, "effective_from": effective.isoformat()}
    audit.append(tx, HOUSE, Entry(author.actor, f"document_{verdict.value}", told))
    decided = {"verdict": verdict.value, "decided_by": author.name, "decided_at": tx.now, "effective_from": effective}
    tx.execute(sa.update(_T).where(_T.c.id == one.id).values(decided))
    tx.wake(WAKE, one.id)
    return get(tx, subject, number)


def _check_none_to_come(tx: Transaction, subject: Subject, number: int, effective: datetime) -> None:
    """An earlier version that is still to count would undo this one on its day, and nobody would know."""
    c = _T.c
    to_come = sa.select(sa.func.max(c.number)).where(
        *_of(subject), c.number < number, c.verdict == Verdict.APPROVED.value, c.effective_from > effective
    )
    found: int | None = tx.execute(to_come).scalar_one()
    if found is not None:
        raise StillToCome(found)


def _check_other(tx: Transaction, one: Version, author: Author) -> None:
    """Two people, and not one with two accounts: whose password, role or second factor somebody else has set since can't approve it."""
    since = people.own_since(tx, author.id)
    if author.id == one.author_id:
        raise OwnVersion(one.number)
    if since is not None and since >= one.created_at:
        raise LatelySet(one.number)


def _approved_after(tx: Transaction, subject: Subject, number: int) -> int | None:
    """A later version that counts or will: whoever wrote the earlier one had not seen it."""
    c = _T.c
    later = sa.select(sa.func.max(c.number)).where(
        *_of(subject), c.number > number, c.verdict == Verdict.APPROVED.value, c.origin != Origin.FILE.value
    )
    found: int | None = tx.execute(later).scalar_one()
    return found


def get(tx: Transaction, subject: Subject, number: int) -> Version:
    """With its content. Raises NoSuchVersion."""
    row = tx.execute(sa.select(_T).where(*_of(subject), _T.c.number == number)).one_or_none()
    if row is None:
        raise NoSuchVersion(number)
    return _version(row, row.content)


def versions(tx: Transaction, subject: Subject) -> list[Version]:
    """All of them without their contents, the latest first."""
    found = sa.select(*_HEADS).where(*_of(subject)).order_by(_T.c.number.desc())
    return [_version(row) for row in tx.execute(found)]


def counting(tx: Transaction, *, without: Collection[str] = ()) -> list[Version]:
    """Of each subject the version that counts now, with its content; `without` are ids that can't be used."""
    c = _T.c
    found = sa.select(*_HEADS).where(c.verdict == Verdict.APPROVED.value, c.effective_from <= tx.now)
    found = found.where(c.origin != Origin.FILE.value).order_by(c.effective_from, c.number)
    heads = {(row.kind, row.name): row for row in tx.execute(found) if row.id not in without}
    ids = [row.id for row in heads.values()]
    contents = {row.id: row.content for row in tx.execute(sa.select(c.id, c.content).where(c.id.in_(ids)))}
    return [_version(row, contents[row.id]) for row in heads.values()]


def of_kind(tx: Transaction, kind: Kind) -> list[Version]:
    """Every version of every subject of a kind, without contents, the latest first."""
    found = sa.select(*_HEADS).where(_T.c.kind == kind.value).order_by(_T.c.number.desc())
    return [_version(row) for row in tx.execute(found)]


def stamp(tx: Transaction) -> tuple[int, str]:
    """Another one whenever another version may count: asked every second, so one small question."""
    c = _T.c
    asked = sa.select(sa.func.count(), sa.func.max(c.decided_at)).where(
        c.verdict == Verdict.APPROVED.value, c.effective_from <= tx.now, c.origin != Origin.FILE.value
    )
    count, latest = tuple(tx.execute(asked).one())
    return int(count), str(latest)


def _of(subject: Subject) -> tuple[sa.ColumnElement[bool], ...]:
    return _T.c.kind == subject.kind.value, _T.c.name == subject.name


def _version(row: Any, content: str = "") -> Version:
    return Version(
        id=row.id,
        subject=Subject(Kind(row.kind), row.name),
        number=row.number,
        label=row.label,
        origin=Origin(row.origin),
        digest=row.digest,
        based_on=row.based_on,
        file_digest=row.file_digest,
        why=row.why,
        author=row.author,
        author_id=row.author_id,
        created_at=row.created_at,
        effective_from=row.effective_from,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        content=content,
    )


def untrue(tx: Transaction) -> list[tuple[int | None, str]]:
    """Where the versions differ from what the house's chain keeps of them: the entry's number there, and in which way."""
    found: list[tuple[int | None, str]] = []
    told = _told(tx)
    for row in tx.execute(sa.select(_T).order_by(_T.c.kind, _T.c.name, _T.c.number)):
        called = f"{row.kind} {row.name} version {row.number}"
        entry, kept = told.pop((row.kind, row.name, row.number), (None, None))
        if kept is None:
            found.append((None, f"{called} was never written by the house"))
            continue
        stands = {
            "label": row.label,
            "digest": digest_of(row.content),
            "effective_from": row.effective_from.isoformat(),
            "verdict": row.verdict,
        }
        found += [
            (entry, f"{called} has another {name} than was written") for name in kept if kept[name] != stands[name]
        ]
    return found + [(entry, f"{' '.join(map(str, of))} is gone") for of, (entry, _) in told.items()]


def _told(tx: Transaction) -> dict[tuple[str, str, int], tuple[int, dict[str, Any]]]:
    """What the chain says of each version, by its last word."""
    e = audit_events.c
    actions = ("document_written", *(f"document_{one.value}" for one in Verdict))
    entries = sa.select(e.number, e.action, e.detail).where(e.chain == HOUSE, e.action.in_(actions)).order_by(e.number)
    told: dict[tuple[str, str, int], tuple[int, dict[str, Any]]] = {}
    for row in tx.execute(entries):
        detail, verdict = row.detail, row.action.removeprefix("document_")
        if verdict == "written":
            verdict = Verdict.APPROVED.value if detail["approved"] else None
        kept = {name: detail[name] for name in ("label", "digest", "effective_from")} | {"verdict": verdict}
        told[(detail["kind"], detail["name"], detail["number"])] = (row.number, kept)
    return told
