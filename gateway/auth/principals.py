"""Who asks: an agent signed in by a browser, or a machine by its key, and what they may do.

A route names one scope. An agent's role brings scopes; a key has those it was made with. `admin` brings all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from aiohttp import web

from case_store.people import Agent, ApiKey, Session
from case_store.records import Role
from gateway.going import Giver
from gateway.hooks import Person
from gateway.sign_in_policy import SignIn

SCOPES: Final = (
    "cases:read",
    "cases:write",
    "conversations:read",
    "conversations:write",
    "intake",
    "transcripts",
    "recordings",
    "reports:read",
    "admin",
)
PASSWORD: Final = "password"  # how somebody came in who has shown one
SERVICE: Final = "service"  # let in by the institution's own sign-in service, which has its own second factor
SUPERVISE: Final = "supervise"  # only by role, or with a key that may do everything
REPORTS: Final = "reports:read"  # figures on the work of everybody: not by an agent's role
_OF_AGENTS: Final = frozenset(SCOPES) - {"admin", REPORTS}
_OF_READERS: Final = frozenset({"cases:read", "conversations:read", "recordings", REPORTS})
_BY_ROLE: Final = MappingProxyType(
    {
        Role.AGENT: _OF_AGENTS,
        Role.SUPERVISOR: _OF_AGENTS | {SUPERVISE, REPORTS},
        Role.COMPLIANCE: _OF_READERS,
        Role.ADMIN: _OF_AGENTS | {SUPERVISE, REPORTS, "admin"},
    }
)


class Held(StrEnum):
    """What somebody has to do first; as a sentence reads it."""

    PASSWORD = "change the password that somebody else knows"
    SECOND_FACTOR = "set up a second factor"


@dataclass(frozen=True, slots=True)
class Principal:
    """`session` is set for an agent, `key` for a machine. `held`: what keeps them from everything but their own account."""

    id: str
    username: str
    name: str
    scopes: frozenset[str]
    agent: Agent | None = None
    session: Session | None = None
    key: ApiKey | None = None
    held: Held | None = None

    @property
    def actor(self) -> str:
        """As audit events name them."""
        return f"key:{self.key.name}" if self.key else f"agent:{self.name}"

    @property
    def caller(self) -> str:
        """Whose idempotency keys are whose."""
        return f"key:{self.id}" if self.key else f"agent:{self.id}"

    @property
    def only_reads(self) -> bool:
        """Changes nothing but what is their own, whatever scope a route takes."""
        return self.agent is not None and self.agent.role is Role.COMPLIANCE

    def may(self, scope: str) -> bool:
        return scope in self.scopes or "admin" in self.scopes

    def person(self) -> Person:
        post, contact = (self.agent.post, self.agent.contact) if self.agent else ("", "")
        return Person(self.id, self.username, self.name, post, contact)

    def giver(self) -> Giver:
        """Who gives conversations away."""
        return Giver(self.id, self.name, self.actor, self.may(SUPERVISE))


def of_session(session: Session, rules: SignIn, today: date) -> Principal:
    agent = session.agent
    held = _held(session, rules, today)
    return Principal(
        agent.id, agent.username, agent.name, _BY_ROLE[agent.role], agent=agent, session=session, held=held
    )


def _held(session: Session, rules: SignIn, today: date) -> Held | None:
    """Who was let in by another house's sign-in has no password here, and showed their second factor there."""
    if session.how != PASSWORD:
        return None
    if session.must_change:
        return Held.PASSWORD
    if not session.has_second and rules.needs_second(session.agent.role, today):
        return Held.SECOND_FACTOR
    return None


def of_key(key: ApiKey) -> Principal:
    return Principal(key.id, f"key:{key.name}", key.name, frozenset(key.scopes), key=key)


PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("principal", Principal)
