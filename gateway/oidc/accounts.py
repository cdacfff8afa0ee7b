"""From what the sign-in service says of a person to an account of ours.

A subject that is joined to an account is that account, whatever username the service gives now. One that is not is joined to the open
account of its username, once, if nobody else is; or gets an account of its own where the operator allows that. With roles set by groups,
the service's word on the role counts at every sign-in.

Not here: whether the service is believed (words.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from case_store import leaving, people, second_factors, subjects
from case_store.people import LONGEST_NAME, LONGEST_USERNAME, Agent, LastAdmin, NewAgent, NoSuchPerson
from case_store.records import Role
from case_store.store import Transaction
from gateway.config import Settings
from gateway.oidc import rules

_USERNAME: Final = re.compile(rf"[a-z0-9][a-z0-9._@-]{{0,{LONGEST_USERNAME - 1}}}")


class NotAdmitted(Exception):
    """This person may not sign in; `code` says why, for a page of words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the service vouches for, as far as we care. A `role` of None: the account's own counts."""

    issuer: str
    subject: str
    username: str | None
    name: str
    contact: str
    role: Role | None


def person_of(claims: Mapping[str, Any], settings: Settings, issuer: str) -> Person:
    """Raises NotAdmitted for a person of no group that may sign in."""
    role = None
    if settings.oidc_roles:
        groups = rules.groups_in(claims, settings.oidc_groups)
        role = rules.role_of(groups, settings.oidc_roles, settings.oidc_unmapped)
        if role is None:
            raise NotAdmitted("no_role")
    email = claims.get("email") if claims.get("email_verified") is True else None
    username = _username(claims, settings.oidc_username)
    name = claims.get("name")
    return Person(
        issuer,
        str(claims["sub"]),
        username,
        (_plain(name) or username or "")[:LONGEST_NAME],
        _plain(email)[:320],
        role,
    )


def _plain(value: Any) -> str:
    return "".join(one for one in value if one.isprintable()).strip() if isinstance(value, str) else ""


def _username(claims: Mapping[str, Any], claim: str) -> str | None:
    """None where there is none that an account can have. An address that nobody has proved is nobody's name."""
    found = rules.claim_at(claims, claim)
    if not isinstance(found, str) or (claim == "email" and claims.get("email_verified") is not True):
        return None
    username = found.strip().lower()
    return username if _USERNAME.fullmatch(username) else None


def admit(tx: Transaction, person: Person, settings: Settings, password_hash: str) -> Agent:
    """The account of this person, made or changed as settings say. Raises NotAdmitted.

    `password_hash` is of a password that nobody knows, for an account that is made here.
    """
    agent = subjects.agent_of(tx, person.issuer, person.subject) or _joined(tx, person, settings, password_hash)
    if not agent.active:
        raise NotAdmitted("closed")
    if person.role is None or person.role is agent.role:
        return agent
    if person.role is Role.COMPLIANCE and leaving.work_of(tx, agent).any:
        raise NotAdmitted("has_work")
    try:
        return people.change_agent(tx, agent.username, {"role": person.role}, actor="system")
    except LastAdmin:
        raise NotAdmitted("last_admin") from None


def _has_more_to_lose(tx: Transaction, agent: Agent, settings: Settings) -> bool:
    """A name alone opens no account of an administrator, none that is kept for a password, and none with a second factor of its own.

    At many services people choose their own names. An operator joins such an account: `qingting agent join`.
    """
    kept = settings.passwords_for not in ("all", ()) and agent.username in settings.passwords_for
    return agent.role is Role.ADMIN or kept or second_factors.find(tx, agent.id).confirmed_at is not None


def _joined(tx: Transaction, person: Person, settings: Settings, password_hash: str) -> Agent:
    if person.username is None:
        raise NotAdmitted("username")
    try:
        agent = people.find_agent(tx, person.username)
    except NoSuchPerson:
        if not settings.oidc_new_accounts:
            raise NotAdmitted("unknown") from None
        role = person.role or Role.AGENT
        new = NewAgent(person.username, person.name, role, password_hash, contact=person.contact)
        agent = people.add_agent(tx, new, actor="system")
        subjects.join(tx, agent, person.issuer, person.subject)
        return agent
    if subjects.is_joined(tx, agent.id):  # the username was another person's before, or is at two services
        raise NotAdmitted("other_person")
    if not agent.active:
        raise NotAdmitted("closed")
    if _has_more_to_lose(tx, agent, settings):
        raise NotAdmitted("not_joined")
    subjects.join(tx, agent, person.issuer, person.subject)
    return agent
