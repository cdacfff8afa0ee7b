"""Agents, their sessions, and the keys of machines.

Units over a transaction. Of a session or a key only a digest is kept: who reads the database can't sign in with what stands
there. A password changed or an account closed ends the account's sessions in the same transaction.

Not here: how a password is hashed, who may do what (gateway/auth/).

PeopleError
├── NoSuchPerson     no agent or key has this name
├── NameTaken        another agent has this username
└── LastAdmin        nobody would be left who may manage accounts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.records import Role
from case_store.store import Transaction
from case_store.tables_accounts import second_factors
from case_store.tables_people import agent_sessions, agents, api_keys

LONGEST_USERNAME: Final = 32  # a case's assignee is one
LONGEST_NAME: Final = 60  # stands in audit events as `agent:NAME`


class PeopleError(Exception):
    """Anything that can't be done with an account."""


class NoSuchPerson(PeopleError, LookupError):
    """No agent or key has this name."""


class NameTaken(PeopleError):
    """Another agent has this username."""


class LastAdmin(PeopleError):
    """Nobody would be left who may manage accounts."""


@dataclass(frozen=True, slots=True)
class Agent:
    id: str
    username: str
    name: str
    post: str
    contact: str
    role: Role
    language: str | None
    active: bool
    created_at: datetime
    languages: tuple[str, ...] = ()  # they answer in; none: in all
    skills: tuple[str, ...] = ()
    most: int | None = None  # conversations at once; None: as the policy says

    @property
    def answers(self) -> bool:
        """Whether conversations and cases may be given to them: not where they only read, or are here no more."""
        return self.active and self.role is not Role.COMPLIANCE

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "username": self.username,
            "name": self.name,
            "post": self.post,
            "contact": self.contact,
            "role": self.role.value,
            "language": self.language,
            "active": self.active,
            "languages": list(self.languages),
            "skills": list(self.skills),
            "most": self.most,
            "created_at": self.created_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class NewAgent:
    username: str
    name: str
    role: Role
    password_hash: str
    post: str = ""
    contact: str = ""
    language: str | None = None
    languages: Sequence[str] = ()
    skills: Sequence[str] = ()
    most: int | None = None
    must_change: bool = False  # somebody else knows the password


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, as long as it lasts. `takes_at` is None where its agent takes no conversations by turn (presence.py)."""

    digest: str
    csrf: str  # digest of the token that unsafe requests bring
    agent: Agent
    seen_at: datetime
    expires_at: datetime
    takes_at: datetime | None = None
    how: str = "password"
    must_change: bool = False  # somebody else knows the agent's password
    has_second: bool = False  # the account has a second factor


@dataclass(frozen=True, slots=True)
class OpenSession:
    """As whoever it belongs to is shown it."""

    digest: str
    client: str | None
    network: str | None
    how: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "used_at": self.used_at and self.used_at.isoformat(),
            "revoked_at": self.revoked_at and self.revoked_at.isoformat(),
        }


def _agent(row: Any) -> Agent:
    named: dict[str, Any] = {name: getattr(row, name) for name in _SHOWN if name not in ("role", *_LISTS)}
    listed: dict[str, Any] = {name: tuple(getattr(row, name) or ()) for name in _LISTS}
    return Agent(**named, **listed, role=Role(row.role))


_LISTS: Final = ("languages", "skills")
_SHOWN: Final = (
    *("id", "username", "name", "post", "contact", "role", "language", "active", "created_at", "most"),
    *_LISTS,
)
_AGENT: Final = tuple(agents.c[name] for name in _SHOWN)


def has_agents(tx: Transaction) -> bool:
    return tx.execute(sa.select(agents.c.id).limit(1)).first() is not None


def add_first_agent(tx: Transaction, new: NewAgent) -> bool:
    """The first account of a store. False if there is any already, active or not."""
    if has_agents(tx):
        return False
    try:
        add_agent(tx, new, actor="system")
    except NameTaken:  # another process that starts was quicker, between our two looks
        return False
    return True


def add_agent(tx: Transaction, new: NewAgent, *, actor: str) -> Agent:
    """Raises NameTaken."""
    if _by_username(tx, new.username) is not None:
        raise NameTaken(new.username)
    id = new_id()
    plain = ("username", "name", "password_hash", "must_change", "post", "contact", "language", "most")
    values = {name: getattr(new, name) for name in plain} | {name: list(getattr(new, name)) for name in _LISTS}
    tx.execute(
        sa.insert(agents).values(id=id, **values, role=new.role.value, active=True, created_at=tx.now, own_since=tx.now)
    )
    audit.append(tx, HOUSE, Entry(actor, "agent_added", {"username": new.username, "role": new.role.value}))
    return find_agent(tx, new.username)


def _by_username(tx: Transaction, username: str) -> Any:
    return tx.execute(sa.select(*_AGENT, agents.c.password_hash).where(agents.c.username == username)).one_or_none()


def find_agent(tx: Transaction, username: str) -> Agent:
    """Raises NoSuchPerson."""
    row = _by_username(tx, username)
    if row is None:
        raise NoSuchPerson(username)
    return _agent(row)


def find_agent_by_id(tx: Transaction, id: str) -> Agent | None:
    row = tx.execute(sa.select(*_AGENT).where(agents.c.id == id)).one_or_none()
    return None if row is None else _agent(row)


def names(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(username, name) of these agents, by id."""
    found = tx.execute(sa.select(agents.c.id, agents.c.username, agents.c.name).where(agents.c.id.in_(ids)))
    return {row.id: (row.username, row.name) for row in found}


def for_sign_in(tx: Transaction, username: str) -> tuple[Agent, str] | None:
    """An active agent with the hash of its password."""
    row = _by_username(tx, username)
    return (_agent(row), str(row.password_hash)) if row is not None and row.active else None


def all_agents(tx: Transaction) -> list[Agent]:
    return [_agent(row) for row in tx.execute(sa.select(*_AGENT).order_by(agents.c.username))]


def change_agent(tx: Transaction, username: str, changes: Mapping[str, Any], *, actor: str, own: bool = False) -> Agent:
    """Sets name, post, contact, language, languages, skills, most, role, active, password_hash or must_change. Raises NoSuchPerson, LastAdmin.

    A new password, a lesser role or a closed account ends the account's sessions. `own`: by whoever signs in with it.
    """
    _lock_admins(tx)
    before = find_agent(tx, username)
    values = dict(changes)
    if "password_hash" in values:  # whoever has chosen it knows it alone, unless it is said otherwise
        values.setdefault("must_change", False)
    if "role" in values:
        values["role"] = Role(values["role"]).value
    after_role, after_active = values.get("role", before.role.value), values.get("active", before.active)
    was_admin = before.role is Role.ADMIN and before.active
    if was_admin and not (after_active and after_role == Role.ADMIN) and _active_admins(tx) <= 1:
        raise LastAdmin(username)
    if not own and {"password_hash", "role"} & values.keys():
        values["own_since"] = tx.now  # somebody else could sign in with it until now
    if values:
        tx.execute(sa.update(agents).where(agents.c.id == before.id).values(values))
        told = {
            name: value for name, value in values.items() if name not in ("password_hash", "must_change", "own_since")
        }
        if "password_hash" in values:
            told |= {"password": "one_time" if values["must_change"] else "changed"}
        audit.append(tx, HOUSE, Entry(actor, "agent_changed", {"username": username, **told}))
        tx.wake("available", "")  # what they can do, and whether they are here, may be another now
    if "password_hash" in values or after_role != before.role.value or not after_active:
        end_sessions(tx, before.id)
    return find_agent(tx, username)


def must_change(tx: Transaction, agent_id: str) -> bool:
    """Whether somebody else knows their password."""
    return bool(tx.execute(sa.select(agents.c.must_change).where(agents.c.id == agent_id)).scalar_one_or_none())


def own_since(tx: Transaction, agent_id: str) -> datetime | None:
    """Since when nobody but its agent has had a hand in who may sign in with an account."""
    found: datetime | None = tx.execute(
        sa.select(agents.c.own_since).where(agents.c.id == agent_id)
    ).scalar_one_or_none()
    return found


def replace_hash(tx: Transaction, agent_id: str, old: str, new: str) -> None:
    """The same password under newer parameters, unless the password was changed meanwhile."""
    tx.execute(
        sa.update(agents).where(agents.c.id == agent_id, agents.c.password_hash == old).values(password_hash=new)
    )


def _lock_admins(tx: Transaction) -> None:
    # two admins that close each other's accounts at the same instant would leave none
    tx.execute(sa.select(agents.c.id).where(agents.c.role == Role.ADMIN.value).order_by(agents.c.id).with_for_update())


def _active_admins(tx: Transaction) -> int:
    counted = sa.select(sa.func.count()).where(agents.c.role == Role.ADMIN.value, agents.c.active.is_(True))
    return int(tx.execute(counted).scalar_one())


def open_session(
    tx: Transaction,
    agent_id: str,
    *,
    digest: str,
    csrf: str,
    lasts: timedelta,
    client: str | None,
    instead_of: str | None,
    network: str | None = None,
    how: str = "password",
    password_hash: str | None = None,
) -> bool:
    """Signs a browser in, ending the session it had before. False if the account has been closed meanwhile.

    `password_hash`: of the password that was shown; False too if that has been changed meanwhile.
    """
    if instead_of is not None and instead_of != digest:
        end_session(tx, instead_of)
    active = sa.select(agents.c.id).where(agents.c.id == agent_id, agents.c.active.is_(True))
    if password_hash is not None:
        active = active.where(agents.c.password_hash == password_hash)
    if tx.execute(active.with_for_update()).first() is None:
        return False
    now = tx.now
    tx.execute(
        sa.insert(agent_sessions).values(
            digest=digest,
            agent_id=agent_id,
            csrf=csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            client=client,
            network=network,
            how=how,
        )
    )
    return True


_SESSION: Final = tuple(
    agent_sessions.c[name] for name in ("digest", "csrf", "seen_at", "expires_at", "takes_at", "how")
)


def find_session(tx: Transaction, digest: str, idle: timedelta) -> Session | None:
    """The session, unless it has run out, was idle for too long, or its account is closed."""
    s, now = agent_sessions.c, tx.now
    row = tx.execute(
        sa.select(*_SESSION, agents.c.must_change, second_factors.c.confirmed_at, *_AGENT)
        .join(agents, agents.c.id == s.agent_id)
        .outerjoin(second_factors, second_factors.c.agent_id == s.agent_id)
        .where(s.digest == digest, s.expires_at > now, s.seen_at > now - idle, agents.c.active.is_(True))
    ).one_or_none()
    if row is None:
        return None
    second = row.confirmed_at is not None
    known = (row.digest, row.csrf, _agent(row), row.seen_at, row.expires_at, row.takes_at)
    return Session(*known, how=row.how, must_change=row.must_change, has_second=second)


def sessions_of(tx: Transaction, agent_id: str, idle: timedelta) -> list[OpenSession]:
    """Those that last, the latest used first."""
    s, now = agent_sessions.c, tx.now
    rows = tx.execute(
        sa.select(s.digest, s.client, s.network, s.how, s.created_at, s.seen_at, s.expires_at)
        .where(s.agent_id == agent_id, s.expires_at > now, s.seen_at > now - idle)
        .order_by(s.seen_at.desc(), s.created_at.desc())
    )
    return [OpenSession(**row) for row in rows.mappings()]


def touch_session(tx: Transaction, digest: str) -> None:
    tx.execute(sa.update(agent_sessions).where(agent_sessions.c.digest == digest).values(seen_at=tx.now))


def end_session(tx: Transaction, digest: str) -> None:
    s = agent_sessions.c
    whose = tx.execute(sa.select(s.agent_id).where(s.digest == digest)).scalar_one_or_none()
    tx.execute(sa.delete(agent_sessions).where(s.digest == digest))
    _woken(tx, whose)


def end_sessions(tx: Transaction, agent_id: str, *, but: str | None = None) -> int:
    """Ends the sessions of an account, all of them or all but one. Answers how many."""
    s = agent_sessions.c
    others = () if but is None else (s.digest != but,)
    ended = tx.execute(sa.delete(agent_sessions).where(s.agent_id == agent_id, *others)).rowcount
    _woken(tx, agent_id)
    return ended


def _woken(tx: Transaction, whose: str | None) -> None:
    tx.wake("available", "")  # somebody may be here no more
    if whose is not None:
        tx.wake("signed_out", whose)  # their live sockets look whether it was theirs


def sweep_sessions(tx: Transaction, idle: timedelta) -> int:
    """Removes sessions that are over. Answers how many."""
    s = agent_sessions.c
    return tx.execute(
        sa.delete(agent_sessions).where(sa.or_(s.expires_at < tx.now, s.seen_at < tx.now - idle))
    ).rowcount


_KEY: Final = tuple(
    api_keys.c[name] for name in ("id", "name", "scopes", "created_at", "expires_at", "used_at", "revoked_at")
)
USED_EVERY: Final = timedelta(minutes=1)  # how exactly we know when a key was last used


def _key(row: Any) -> ApiKey:
    return ApiKey(row.id, row.name, tuple(row.scopes), row.created_at, row.expires_at, row.used_at, row.revoked_at)


def add_key(
    tx: Transaction,
    *,
    name: str,
    scopes: Sequence[str],
    digest: str,
    actor: str,
    expires_at: datetime | None = None,
) -> ApiKey:
    id = new_id()
    known = {"id": id, "name": name, "scopes": sorted(scopes)}
    tx.execute(sa.insert(api_keys).values(**known, digest=digest, created_at=tx.now, expires_at=expires_at))
    until = {} if expires_at is None else {"expires_at": expires_at.isoformat()}
    audit.append(tx, HOUSE, Entry(actor, "key_added", {**known, **until}))
    return _key(tx.execute(sa.select(*_KEY).where(api_keys.c.id == id)).one())


def find_key(tx: Transaction, digest: str) -> ApiKey | None:
    """The key of this digest, unless it was revoked or has expired."""
    k = api_keys.c
    lasts = sa.or_(k.expires_at.is_(None), k.expires_at > tx.now)
    row = tx.execute(sa.select(*_KEY).where(k.digest == digest, k.revoked_at.is_(None), lasts)).one_or_none()
    return None if row is None else _key(row)


def use_key(tx: Transaction, id: str) -> None:
    """Notes that it is in use, once a minute."""
    k = api_keys.c
    stale = sa.or_(k.used_at.is_(None), k.used_at < tx.now - USED_EVERY)
    tx.execute(sa.update(api_keys).where(k.id == id, stale).values(used_at=tx.now))


def all_keys(tx: Transaction) -> list[ApiKey]:
    return [_key(row) for row in tx.execute(sa.select(*_KEY).order_by(api_keys.c.created_at))]


def revoke_key(tx: Transaction, id: str, *, actor: str) -> None:
    """Raises NoSuchPerson if there is no such key. Revoking twice changes nothing."""
    done = tx.execute(
        sa.update(api_keys).where(api_keys.c.id == id, api_keys.c.revoked_at.is_(None)).values(revoked_at=tx.now)
    )
    if done.rowcount:
        audit.append(tx, HOUSE, Entry(actor, "key_revoked", {"id": id}))
        tx.wake("signed_out", id)  # its live sockets close
    elif tx.execute(sa.select(api_keys.c.id).where(api_keys.c.id == id)).first() is None:
        raise NoSuchPerson(id)
