"""What operators and load balancers ask: alive, ready, figures."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Final

import sqlalchemy as sa
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from case_store import overview
from case_store.store import StoreError, Transaction
from gateway import mailbox
from gateway.api.doing import json_response
from gateway.api.routes import ANYONE, Route
from gateway.context import GATEWAY
from gateway.hooks import READY_CHECKS, ReadyCheck
from gateway.problems import Problem, not_found
from gateway.web import CLIENT, REGISTRY

PATIENCE: Final = 2.0  # seconds for each check
_HELP: Final = {
    "arrivals_waiting": "Arrivals that wait to be read",
    "arrivals_parked": "Arrivals that could not be read and wait for a person",
    "intake_lag_seconds": "Age of the oldest arrival that waits to be read",
    "deliveries_unsent": "Messages that wait to leave",
    "oldest_unsent_seconds": "Age of the oldest message that waits to leave",
    "conversations_waiting": "Conversations that wait for a person",
    "longest_wait_seconds": "How long the first of them has waited",
    "turns_due": "Conversations that the bot is due to answer",
    "cases_overdue": "Open cases whose feedback is overdue",
    "deadlines_at_risk": "Open cases whose feedback is due within two days",
    "mailbox_silent_seconds": "How long ago all mail was taken from the mailbox by IMAP",
    "tasks_open": "Calls, letters and looks that wait for a person",
    "tasks_overdue": "Calls and letters that are late",
    "attachments_waiting": "Attachments that wait to be looked at, scanned and pictured",
    "attachments_unscanned": "Attachments of these that the scanner could not be asked about",
    "oldest_unscanned_seconds": "Age of the oldest of them",
    "attachments_infected": "Attachments in which the scanner has found something",
}


async def healthz(request: web.Request) -> web.Response:
    practice = {"practice": True} if request.app[GATEWAY].settings.practice else {}
    return json_response({"status": "ok", **practice})


async def readyz(request: web.Request) -> web.Response:
    checks = {"database": _database_check(request), **{_name(check): check for check in request.app[READY_CHECKS]}}
    reasons = await asyncio.gather(*(_reason(check) for check in checks.values()))
    found = [f"{name}: {reason}" for name, reason in zip(checks, reasons, strict=True) if reason is not None]
    if found:
        raise Problem(503, "not_ready", "; ".join(found), headers={"Retry-After": "5"}, reasons=found)
    return json_response({"status": "ready"})


def _name(check: ReadyCheck) -> str:
    return getattr(check, "__name__", type(check).__name__)


async def _reason(check: ReadyCheck) -> str | None:
    try:
        return await asyncio.wait_for(check(), PATIENCE)
    except TimeoutError:
        return f"does not answer within {PATIENCE:g} s"
    except StoreError:
        return "can't be reached"


def _database_check(request: web.Request) -> ReadyCheck:
    async def database() -> str | None:
        await request.app[GATEWAY].store.read(_alive)
        return None

    return database


def _alive(tx: Transaction) -> None:
    tx.execute(sa.select(1))


async def metrics(request: web.Request) -> web.Response:
    """Whoever may not read them finds nothing here: the figures tell how busy a complaints department is."""
    who = request.app[GATEWAY].settings.metrics
    if who == "off" or (who == "loopback" and not _is_loopback(request[CLIENT].address)):
        raise not_found()
    settings, store = request.app[GATEWAY].settings, request.app[GATEWAY].store
    figures = await store.read(overview.figures)
    silent = await store.read(mailbox.silence, settings)
    if silent is not None:
        figures["mailbox_silent_seconds"] = silent
    own = CollectorRegistry()
    for name, value in figures.items():
        Gauge(f"qingting_{name}", _HELP[name], registry=own).set(value)
    body = generate_latest(request.app[REGISTRY]) + generate_latest(own)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


ROUTES = (
    Route("GET", "/healthz", healthz, ANYONE, "Alive", answer="Health"),
    Route("GET", "/readyz", readyz, ANYONE, "Able to accept", answers={503: "not able, with reasons"}, answer="State"),
    Route("GET", "/metrics", metrics, ANYONE, "Figures for Prometheus", media_type="text/plain"),
)
