"""Agents as the institution's own sign-in service knows them.

Units over a transaction. An account is joined to a subject of the service once, by its username; from then on the subject
alone counts, so that a username that the service gives to somebody else later opens nobody's account.

Not here: what the service says and whether it is believed (gateway/oidc/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from case_store import audit, people
from case_store.audit import HOUSE, Entry
from case_store.people import Agent
from case_store.store import Transaction
from case_store.tables_sign_in import agent_subjects, provider_sessions, spent_words


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """What a session was opened with at the sign-in service. `hint` is sealed."""

    issuer: str
    subject: str
    sid: str | None
    hint: str


def agent_of(tx: Transaction, issuer: str, subject: str) -> Agent | None:
    """Whose account is joined to this subject, closed or not."""
    s = agent_subjects.c
    found = tx.execute(sa.select(s.agent_id).where(s.issuer == issuer, s.subject == subject)).scalar_one_or_none()
    return None if found is None else people.find_agent_by_id(tx, found)


def is_joined(tx: Transaction, agent_id: str) -> bool:
    return (
        tx.execute(sa.select(agent_subjects.c.agent_id).where(agent_subjects.c.agent_id == agent_id)).first()
        is not None
    )


def join(tx: Transaction, agent: Agent, issuer: str, subject: str, *, actor: str = "system") -> None:
    """From now on this subject is this agent."""
    tx.execute(sa.insert(agent_subjects).values(agent_id=agent.id, issuer=issuer, subject=subject, linked_at=tx.now))
    audit.append(tx, HOUSE, Entry(actor, "agent_joined", {"username": agent.username, "issuer": issuer}))


def part(tx: Transaction, username: str, *, actor: str) -> bool:
    """Forgets which subject this agent is, and ends their sessions. False if none was known. Raises NoSuchPerson."""
    agent = people.find_agent(tx, username)
    done = tx.execute(sa.delete(agent_subjects).where(agent_subjects.c.agent_id == agent.id)).rowcount
    if done:
        people.end_sessions(tx, agent.id)
        audit.append(tx, HOUSE, Entry(actor, "agent_parted", {"username": username}))
    return bool(done)


def remember_session(tx: Transaction, digest: str, session: ProviderSession) -> None:
    values = {"issuer": session.issuer, "subject": session.subject, "sid": session.sid, "hint": session.hint}
    tx.execute(sa.insert(provider_sessions).values(digest=digest, **values))


def provider_session(tx: Transaction, digest: str) -> ProviderSession | None:
    """How a session was opened; None for one that was opened by a password."""
    p = provider_sessions.c
    row = tx.execute(sa.select(p.issuer, p.subject, p.sid, p.hint).where(p.digest == digest)).one_or_none()
    return None if row is None else ProviderSession(row.issuer, row.subject, row.sid, row.hint)


def end_provider_sessions(tx: Transaction, issuer: str, subject: str | None, sid: str | None) -> int:
    """Ends what was opened for this subject, or this session of the service alone. Answers how many browsers."""
    p = provider_sessions.c
    ended = sa.select(p.digest).where(p.issuer == issuer)
    if subject is not None:
        ended = ended.where(p.subject == subject)
    if sid is not None:
        ended = ended.where(p.sid == sid)
    digests = list(tx.execute(ended).scalars())
    for digest in digests:
        people.end_session(tx, digest)
    return len(digests)


def spend(tx: Transaction, digest: str, lasts: timedelta) -> bool:
    """Uses a word up for as long as it could be used at all. False if it has been used before."""
    if tx.execute(sa.select(spent_words.c.digest).where(spent_words.c.digest == digest)).first() is not None:
        return False
    # of two at once the second breaks the primary key, is run again and finds the first
    tx.execute(sa.insert(spent_words).values(digest=digest, until=tx.now + lasts))
    return True


def sweep(tx: Transaction) -> int:
    """Forgets what is too old to be used anyhow. Answers how many."""
    return tx.execute(sa.delete(spent_words).where(spent_words.c.until < tx.now)).rowcount
