"""Puts the API into an application: its routes, and what they keep there.

setup_web(app)          problem documents, headers, who is calling (gateway/web.py)
setup_api(app)          every route of the API
app[TAKE_COMPLAINT] = … and the other hooks (gateway/hooks.py), before the application starts
"""

from __future__ import annotations

import asyncio
from collections import Counter
from weakref import WeakValueDictionary

from aiohttp import web

from gateway import attachments, presence, readings
from gateway.api import (
    accounts,
    agents,
    arrived,
    assigning,
    at_work,
    bulk,
    calls,
    canned,
    cases,
    chat_files,
    complaints,
    conversations,
    counter,
    customers,
    drafts,
    duplicates,
    emergency,
    evidence,
    exports,
    figures,
    floor,
    following,
    holds,
    house_calendar,
    house_policy,
    house_texts,
    live,
    merging,
    negotiation,
    notes,
    openapi,
    operating,
    papers,
    persons,
    previewing,
    quality,
    quality_reports,
    revealing,
    second_factor,
    session,
    sessions,
    signing_out,
    surges,
    tasks,
    teams,
    transcripts,
    translating,
    uploads,
    views,
    webhooks,
    wording,
)
from gateway.api import (
    readings as readings_,
)
from gateway.api.keys import PASSWORDS, SECOND_FACTORS, THROTTLE
from gateway.api.routes import add_routes
from gateway.api.together import TOGETHER, Together
from gateway.auth import quota
from gateway.auth.passwords import Passwords
from gateway.auth.second_factor import SecondFactors
from gateway.auth.throttle import Throttle
from gateway.context import GATEWAY
from gateway.hooks import set_defaults
from gateway.oidc import setting_up

ROUTES = (
    *complaints.ROUTES,
    *counter.ROUTES,
    *papers.ROUTES,
    *session.ROUTES,
    *signing_out.ROUTES,
    *second_factor.ROUTES,
    *sessions.ROUTES,
    *conversations.ROUTES,
    *assigning.ROUTES,
    *at_work.ROUTES,
    *cases.ROUTES,
    *readings_.ROUTES,
    *holds.ROUTES,
    *persons.ROUTES,
    *bulk.ROUTES,
    *customers.ROUTES,
    *evidence.ROUTES,
    *duplicates.ROUTES,
    *merging.ROUTES,
    *views.ROUTES,
    *floor.ROUTES,
    *figures.ROUTES,
    *exports.ROUTES,
    *revealing.ROUTES,
    *canned.ROUTES,
    *house_policy.ROUTES,
    *house_calendar.ROUTES,
    *house_texts.ROUTES,
    *previewing.ROUTES,
    *quality.ROUTES,
    *quality_reports.ROUTES,
    *surges.ROUTES,
    *emergency.ROUTES,
    *drafts.ROUTES,
    *translating.ROUTES,
    *following.ROUTES,
    *notes.ROUTES,
    *wording.ROUTES,
    *tasks.ROUTES,
    *teams.ROUTES,
    *negotiation.ROUTES,
    *arrived.ROUTES,
    *live.ROUTES,
    *agents.ROUTES,
    *accounts.ROUTES,
    *operating.ROUTES,
    *transcripts.ROUTES,
    *calls.ROUTES,
    *uploads.ROUTES,
    *chat_files.ROUTES,
    *webhooks.ROUTES,
    *openapi.ROUTES,
)


def setup_api(app: web.Application) -> None:
    """Every route of the API; `app[GATEWAY]` has to be there."""
    set_defaults(app)
    app[PASSWORDS] = Passwords()
    app[THROTTLE] = Throttle()
    app[TOGETHER] = Together()
    quota.set_up(app, app[GATEWAY].settings)
    app[SECOND_FACTORS] = SecondFactors(app[GATEWAY].tokens)
    app[papers.PRINTERS] = asyncio.Semaphore(papers.AT_ONCE)
    app[papers.TURNS] = WeakValueDictionary()
    presence.set_up(app)
    readings.set_up(app)
    live.set_up(app)
    app[uploads.SENDING] = Counter()
    attachments.set_up(app)
    translating.set_up(app)
    setting_up.set_up(app)
    app.on_shutdown.append(live.close_sockets)
    add_routes(app, ROUTES)
