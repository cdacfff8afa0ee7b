"""What is posted to webhooks: one row for each happening and each webhook that wants it, tried until it is taken or given up.

At least once, under the happening's own id. Of one subject nothing is posted before what happened to it earlier has ended, at each webhook; other
subjects wait for none of it. Rows are claimed with a lease, so any number of processes share the work; one that dies leaves it to the others.

Not here: what happened (happenings.py), how it is signed and sent and how long it is tried (gateway/webhooks/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, pages, tasks, webhooks
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_webhooks import REMOVED, STANDING, happenings, posting_attempts, postings
from case_store.tables_webhooks import webhooks as webhook_rows
from case_store.webhooks import Inactive, NotKept, Webhook

KEPT: Final = timedelta(days=30)
LEASE: Final = timedelta(minutes=2)
AT_ONCE: Final = 200
MOST_AGAIN: Final = 1000
TEST: Final = "webhook.test"
STATES: Final = ("waiting", "sent", "given_up")


@dataclass(frozen=True, slots=True)
class Happening:
    id: str
    type: str
    chain: str
    entry: int
    action: str
    at: datetime
    case_id: str | None
    reference: str | None
    status: str | None
    version: int | None
    conversation_id: str | None
    channel: str | None
    message: int | None


@dataclass(frozen=True, slots=True)
class Posting:
    """`attempts` counts this one. `first_attempt_at` is when the first of them began."""

    id: str
    webhook: Webhook
    happening: Happening
    attempts: int
    lease: str
    first_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a try ended. `status` is None where no answer came."""

    at: datetime
    status: int | None
    took_ms: int
    error: str | None
    answer: str | None


_HAPPENING: Final = tuple(happenings.c[name] for name in Happening.__dataclass_fields__)


# who gets what -------------------------------------------------------------------------------------------------------


_UNSPREAD: Final = sa.text("NOT happenings.spread")
"""As the partial index says it: of `spread IS false` neither database knows that it is the same."""


_EARLIER: Final = postings.alias("earlier")
_HELD_UP: Final = (
    sa.select(_EARLIER.c.id)
    .where(
        _EARLIER.c.webhook_id == postings.c.webhook_id,
        _EARLIER.c.chain == postings.c.chain,
        _EARLIER.c.due_at.is_not(None),
        sa.or_(
            _EARLIER.c.entry < postings.c.entry,
            sa.and_(_EARLIER.c.entry == postings.c.entry, _EARLIER.c.id < postings.c.id),
        ),
    )
    .exists()
)
"""Something that happened earlier to the same subject has yet to come to the same webhook."""


def is_waiting(tx: Transaction) -> bool:
    """Whether anything has happened that has not come to its webhooks, or is due. Reads only."""
    new = sa.select(happenings.c.id).where(_UNSPREAD).limit(1)
    due = (
        sa.select(postings.c.id)
        .join(webhook_rows, webhook_rows.c.id == postings.c.webhook_id)
        .where(postings.c.due_at <= tx.now, webhook_rows.c.active.is_(True), ~_HELD_UP)
        .limit(1)
    )
    return tx.execute(new).first() is not None or tx.execute(due).first() is not None


def spread(tx: Transaction) -> int:
    """Makes a posting of each new happening for each active webhook that wants it. Answers how many happenings."""
    # processes take turns here: of what the other has spread meanwhile nothing is left
    new = tx.execute(
        sa.select(happenings.c.id, happenings.c.type, happenings.c.chain, happenings.c.entry)
        .where(_UNSPREAD)
        .order_by(happenings.c.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    if not new:
        return 0
    active = [one for one in webhooks.listing(tx) if one.active]
    rows = [_posting(one, hook.id, tx.now) for one in new for hook in active if hook.wants(one.type)]
    if rows:
        tx.execute(sa.insert(postings), rows)
    tx.execute(sa.update(happenings).where(happenings.c.id.in_([one.id for one in new])).values(spread=True))
    return len(new)


def _posting(happening: Any, webhook_id: str, now: datetime, *, again: bool = False) -> dict[str, Any]:
    of = {"webhook_id": webhook_id, "happening_id": happening.id, "chain": happening.chain, "entry": happening.entry}
    return {"id": new_id(), **of, "again": again, "state": "waiting", "due_at": now, "created_at": now}


# one try -------------------------------------------------------------------------------------------------------------


def claim(tx: Transaction, limit: int) -> list[Posting]:
    """Begins tries: what is due at active webhooks, of each subject the earliest alone."""
    p, now = postings.c, tx.now
    ids = list(
        tx.execute(
            sa.select(p.id)
            .join(webhook_rows, webhook_rows.c.id == p.webhook_id)
            .where(p.due_at <= now, webhook_rows.c.active.is_(True), ~_HELD_UP)
            .order_by(p.due_at, p.id)
            .limit(limit)
            .with_for_update(of=postings, skip_locked=True)
        ).scalars()
    )
    if not ids:
        return []
    lease = new_id()
    begun = {"lease": lease, "attempts": p.attempts + 1, "due_at": now + LEASE}
    first = sa.func.coalesce(p.first_attempt_at, sa.literal(now, p.first_attempt_at.type))
    tx.execute(sa.update(postings).where(p.id.in_(ids)).values(**begun, first_attempt_at=first))
    return _begun(tx, ids, lease)


def _begun(tx: Transaction, ids: Sequence[str], lease: str) -> list[Posting]:
    p = postings.c
    hooks = {one.id: one for one in webhooks.listing(tx)}
    named = (p.id.label("posting"), p.webhook_id, p.attempts, p.first_attempt_at)
    rows = tx.execute(
        sa.select(*named, *_HAPPENING).join(happenings, happenings.c.id == p.happening_id).where(p.id.in_(ids))
    )
    found = {row.posting: row for row in rows}
    return [
        Posting(row.posting, hooks[row.webhook_id], _happening(row), row.attempts, lease, row.first_attempt_at)
        for row in (found[id] for id in ids if id in found)
        if row.webhook_id in hooks  # else it was removed in this instant
    ]


def _happening(row: Any) -> Happening:
    return Happening(**{name: getattr(row, name) for name in Happening.__dataclass_fields__})


def sent(tx: Transaction, posting: Posting, attempt: Attempt) -> None:
    """It was taken; the webhook is well."""
    _note(tx, posting, attempt)
    _end(tx, posting, "sent", None)
    if posting.webhook.failing_since is not None:
        tx.execute(sa.update(webhook_rows).where(webhook_rows.c.id == posting.webhook.id).values(failing_since=None))


def try_later(tx: Transaction, posting: Posting, attempt: Attempt, delay: timedelta) -> None:
    _note(tx, posting, attempt)
    mine = sa.update(postings).where(postings.c.id == posting.id, postings.c.lease == posting.lease)
    tx.execute(mine.values(due_at=tx.now + delay, lease=None, error=attempt.error))
    _is_failing(tx, posting)


def give_up(tx: Transaction, posting: Posting, attempt: Attempt, stops: str | None) -> None:
    """It is tried no more. `stops`: and its webhook gets nothing more, for this reason, which administrators are told."""
    _note(tx, posting, attempt)
    _end(tx, posting, "given_up", attempt.error)
    _is_failing(tx, posting)
    if stops is not None and webhooks.stop(tx, posting.webhook.id, stops):
        hook = posting.webhook
        tasks.add(
            tx,
            occasion=f"webhook_stopped:{hook.id}:{hook.version}",
            kind="look",
            words="webhook_stopped",
            detail={"webhook": hook.id, "why": stops},  # its address may hold a secret
        )


def has_had_success_since(tx: Transaction, webhook_id: str, since: datetime) -> bool:
    p = postings.c
    found = sa.select(p.id).where(p.webhook_id == webhook_id, p.state == "sent", p.ended_at >= since).limit(1)
    return tx.execute(found).first() is not None


def _is_failing(tx: Transaction, posting: Posting) -> None:
    w = webhook_rows.c
    tx.execute(
        sa.update(webhook_rows)
        .where(w.id == posting.webhook.id, w.failing_since.is_(None))
        .values(failing_since=posting.first_attempt_at)
    )


def _note(tx: Transaction, posting: Posting, attempt: Attempt) -> None:
    told = {"at": attempt.at, "status": attempt.status, "took_ms": attempt.took_ms, "error": attempt.error}
    there = sa.select(postings.c.id).where(postings.c.id == posting.id)
    if tx.execute(there).first() is None:
        return  # its webhook was removed meanwhile
    tx.execute(sa.insert(posting_attempts).values(id=new_id(), posting_id=posting.id, **told, answer=attempt.answer))


def _end(tx: Transaction, posting: Posting, state: str, error: str | None) -> None:
    mine = sa.update(postings).where(postings.c.id == posting.id, postings.c.lease == posting.lease)
    tx.execute(mine.values(state=state, error=error, due_at=None, lease=None, ended_at=tx.now))


# looking at it, sending it again ---------------------------------------------------------------------------------------


def listing(
    tx: Transaction,
    *,
    webhook_id: str,
    state: str | None,
    type: str | None,
    after: LastSeen | None,
    limit: int,
) -> list[dict[str, Any]]:
    """What was and is to be posted to a webhook, newest first, without the single tries."""
    p = postings.c
    asked = sa.select(*_SHOWN).join(happenings, happenings.c.id == p.happening_id).where(p.webhook_id == webhook_id)
    if state is not None:
        asked = asked.where(p.state == state)
    if type is not None:
        asked = asked.where(happenings.c.type == type)
    rows = tx.execute(pages.newest_first(asked, p.created_at, p.id, after).limit(limit))
    return [dict(row._mapping) for row in rows]


_SHOWN: Final = (
    *(postings.c[name] for name in ("id", "state", "attempts", "again", "due_at", "error", "created_at", "ended_at")),
    happenings.c.id.label("event"),
    happenings.c.type,
    happenings.c.at,
    happenings.c.case_id,
    happenings.c.reference,
    happenings.c.conversation_id,
)


def one(tx: Transaction, webhook_id: str, id: str) -> tuple[dict[str, Any], Happening, list[Attempt]] | None:
    """A posting, what happened, and each try of it."""
    p = postings.c
    row = tx.execute(
        sa.select(*_SHOWN)
        .join(happenings, happenings.c.id == p.happening_id)
        .join(webhook_rows, webhook_rows.c.id == p.webhook_id)
        .where(p.webhook_id == webhook_id, p.id == id, STANDING)
    ).one_or_none()
    if row is None:
        return None
    what = tx.execute(sa.select(*_HAPPENING).where(happenings.c.id == row.event)).one()
    a = posting_attempts.c
    tries = tx.execute(
        sa.select(a.at, a.status, a.took_ms, a.error, a.answer).where(a.posting_id == id).order_by(a.at, a.id)
    )
    return dict(row._mapping), _happening(what), [Attempt(**row._mapping) for row in tries]


def send_again(tx: Transaction, webhook_id: str, id: str, *, actor: str) -> str | None:
    """One more posting of the same happening. None if there is no such posting."""
    p = postings.c
    row = tx.execute(
        sa.select(happenings.c.id, happenings.c.chain, happenings.c.entry)
        .join(postings, p.happening_id == happenings.c.id)
        .join(webhook_rows, webhook_rows.c.id == p.webhook_id)
        .where(p.webhook_id == webhook_id, p.id == id, STANDING)
    ).one_or_none()
    if row is None:
        return None
    new = _posting(row, webhook_id, tx.now, again=True)
    tx.execute(sa.insert(postings), new)
    audit.append(tx, HOUSE, Entry(actor, "webhook_replayed", {"id": webhook_id, "delivery": id}))
    return str(new["id"])


def send_since(
    tx: Transaction, hook: Webhook, since: datetime, limit: int = MOST_AGAIN, *, actor: str
) -> tuple[int, datetime | None]:
    """Everything that it wants and that has happened since, oldest first, but what is still waiting anyhow.

    Answers how many, and from when there is more; what happened at that moment comes again then. Raises NotKept.
    """
    if not tx.now - KEPT <= since <= tx.now:
        raise NotKept(since)
    h, p = happenings.c, postings.c
    waits = sa.select(p.id).where(p.happening_id == h.id, p.webhook_id == hook.id, p.due_at.is_not(None)).exists()
    wanted = sa.select(h.id, h.chain, h.entry, h.at).where(h.at >= since, h.spread.is_(True), h.type != TEST, ~waits)
    if hook.types:
        wanted = wanted.where(h.type.in_(hook.types))
    rows = tx.execute(wanted.order_by(h.at, h.id).limit(limit + 1)).all()
    if rows[:limit]:
        tx.execute(sa.insert(postings), [_posting(row, hook.id, tx.now, again=True) for row in rows[:limit]])
    told = {"id": hook.id, "since": since.astimezone(UTC).isoformat(), "events": len(rows[:limit])}
    audit.append(tx, HOUSE, Entry(actor, "webhook_replayed", told))
    return len(rows[:limit]), rows[limit].at if len(rows) > limit else None


def send_test(tx: Transaction, hook: Webhook, *, actor: str) -> str:
    """Something that did not happen, to this webhook alone. Answers the posting's id. Raises Inactive."""
    if not hook.active:
        raise Inactive(hook.id)
    what = {"id": new_id(), "type": TEST, "chain": f"webhook:{hook.id}", "entry": 0, "action": "test", "at": tx.now}
    tx.execute(sa.insert(happenings).values(**what, spread=True))
    row = tx.execute(sa.select(happenings).where(happenings.c.id == what["id"])).one()
    new = _posting(row, hook.id, tx.now)
    tx.execute(sa.insert(postings), new)
    audit.append(tx, HOUSE, Entry(actor, "webhook_tested", {"id": hook.id, "delivery": new["id"]}))
    return str(new["id"])


def figures(tx: Transaction, ids: Sequence[str]) -> dict[str, Mapping[str, int]]:
    """How many postings of each webhook are in each state."""
    p = postings.c
    counted: dict[str, dict[str, int]] = {id: dict.fromkeys(STATES, 0) for id in ids}
    rows = tx.execute(
        sa.select(p.webhook_id, p.state, sa.func.count().label("n"))
        .where(p.webhook_id.in_(ids))
        .group_by(p.webhook_id, p.state)
    )
    for row in rows:
        counted[row.webhook_id][row.state] = row.n
    return dict(counted)


def sweep(tx: Transaction) -> int:
    """Forgets what is older than a month. Answers how many happenings."""
    old = sa.select(happenings.c.id).where(happenings.c.at < tx.now - KEPT).limit(AT_ONCE * 10)
    ids = list(tx.execute(old).scalars())
    if ids:
        tx.execute(sa.delete(postings).where(postings.c.happening_id.in_(ids)))
        tx.execute(sa.delete(happenings).where(happenings.c.id.in_(ids)))
    return len(ids)


def is_to_clear(tx: Transaction) -> bool:
    """Whether anything is left of webhooks that were removed. Reads only."""
    left = sa.select(webhook_rows.c.id).where(webhook_rows.c.stopped == REMOVED).limit(1)
    return tx.execute(left).first() is not None or _is_for_nobody(tx)


def clear(tx: Transaction, limit: int = AT_ONCE) -> int:
    """Takes some of what is left of a webhook that was removed away, and at last the webhook; then the events that nobody wants to hear.

    Answers how many rows went: 0 where nothing is left.
    """
    id = tx.execute(sa.select(webhook_rows.c.id).where(webhook_rows.c.stopped == REMOVED).limit(1)).scalar_one_or_none()
    if id is not None:
        gone = _some_go(tx, postings, postings.c.webhook_id == id, limit)
        return gone or tx.execute(sa.delete(webhook_rows).where(webhook_rows.c.id == id)).rowcount
    return _some_go(tx, happenings, sa.true(), limit) if _is_for_nobody(tx) else 0


def _is_for_nobody(tx: Transaction) -> bool:
    anybody = sa.select(webhook_rows.c.id).limit(1)
    return tx.execute(anybody).first() is None and tx.execute(sa.select(happenings.c.id).limit(1)).first() is not None


def _some_go(tx: Transaction, table: sa.Table, which: sa.ColumnElement[bool], limit: int) -> int:
    ids = list(tx.execute(sa.select(table.c.id).where(which).limit(limit)).scalars())
    return tx.execute(sa.delete(table).where(table.c.id.in_(ids))).rowcount if ids else 0
