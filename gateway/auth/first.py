"""The first account: `admin`, when the store has nobody yet."""

from __future__ import annotations

import secrets
from typing import Final

from case_store import people
from case_store.people import NewAgent
from case_store.records import Role
from case_store.store import Store
from gateway.auth.passwords import Passwords

USERNAME: Final = "admin"


async def ensure_admin(store: Store, password: str | None) -> str | None:
    """Makes the first agent if there is none. Answers the password if it was made up here, to be printed once."""
    if await store.read(people.has_agents):
        return None
    chosen = password or secrets.token_urlsafe(12)
    new = NewAgent(USERNAME, USERNAME, Role.ADMIN, await Passwords().hash(chosen))
    made = await store.write(people.add_first_agent, new)
    return chosen if made and not password else None
