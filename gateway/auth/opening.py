"""Lets a browser in, whatever has proved whose it is: a password, a second factor, or the institution's own sign-in.

Not here: the proof (gateway/api/session.py and its neighbours), how a session is recognised later (sessions.py).
"""

from __future__ import annotations

import secrets

from aiohttp import web

from case_store import people
from case_store.people import Agent
from case_store.store import Transaction
from gateway.auth.principals import PASSWORD
from gateway.auth.sessions import csrf_of, digest_of, token_in
from gateway.context import GATEWAY
from gateway.web import CLIENT


def new_token() -> str:
    return secrets.token_urlsafe(32)


def open_session(
    tx: Transaction, request: web.Request, agent: Agent, token: str, *, how: str = PASSWORD, hash: str | None = None
) -> bool:
    """Opens a session under `token`, which is for `set_cookie` and for nobody else; the one this browser had before ends.

    False if the account has been closed meanwhile, or has another password than that of this `hash`. `how` names what let them in, in at most 16 characters.
    """
    before = token_in(request)
    return people.open_session(
        tx,
        agent.id,
        digest=digest_of(token),
        csrf=digest_of(csrf_of(token)),
        lasts=request.app[GATEWAY].policy.sign_in.longest,
        client=request.headers.get("User-Agent", "")[:200].replace("\x00", ""),
        network=request[CLIENT].network[:64],
        how=how,
        instead_of=digest_of(before) if before else None,
        password_hash=hash,
    )
