"""Counts tries at a password or a second factor, and leaves an entry in the house's chain when somebody has reached the limit for an account.

One entry for an account and a limit in each window, whichever process comes first, however many tries follow; never what was tried. A name
that nobody has leaves none, but costs the same, so that the time an answer takes tells nothing. And no more than `limits_told` in a day for each process:
who guesses at every account of the house makes the chain no longer than that.

Not here: the limits (gateway/auth/throttle.py).
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import web

from case_store import audit, people, subjects
from case_store.audit import HOUSE, Entry
from case_store.people import NoSuchPerson
from case_store.store import StoreUnavailable, Transaction
from gateway.api.keys import THROTTLE
from gateway.auth.sessions import digest_of
from gateway.context import GATEWAY
from gateway.problems import Problem
from gateway.web import CLIENT

_ACTIONS: Final = {
    "sign_in": "sign_in_limit_reached",
    "second_factor": "second_factor_limit_reached",
    "second_factor_account": "second_factor_limit_reached",
}

log = structlog.get_logger(__name__)


async def admit(request: web.Request, what: str, username: str, *whose: str) -> None:
    """Counts a try at this account; `whose` is what the limit counts by. Raises 429."""
    try:
        request.app[THROTTLE].admit(what, *whose)
    except Problem:
        await _note(request, what, username)
        raise


async def _note(request: web.Request, what: str, username: str) -> None:
    throttle, store, network = request.app[THROTTLE], request.app[GATEWAY].store, request[CLIENT].network
    if throttle.wait("limit_told", what, username):
        return  # this process has seen to it
    log.warning("limit_reached", limit=what, client=network)
    with contextlib.suppress(StoreUnavailable):  # the try is refused all the same
        known = await store.read(_is_known, username)
        if throttle.wait("limits_told", "known" if known else "unknown"):
            return
        lasts = throttle.window(what)
        await store.write(_told, what, throttle.limits[what], username, network, lasts)


def _is_known(tx: Transaction, username: str) -> bool:
    try:
        people.find_agent(tx, username)
    except NoSuchPerson:
        return False
    return True


def _told(tx: Transaction, what: str, limit: str, username: str, network: str, lasts: timedelta) -> None:
    if subjects.spend(tx, digest_of(f"limit {what} {username}"), lasts) and _is_known(tx, username):
        detail = {"username": username, "limit": limit, "network": network[:64]}
        audit.append(tx, HOUSE, Entry("system", _ACTIONS[what], detail))
