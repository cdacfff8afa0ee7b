"""The agent console in the browser. `routes(app)` puts it into an application that has the API.

pages.py      the shell that every address under /console answers, and its words
assets.py     the modules and styles, by content
originals.py  what customers sent, for agents: attachments, whole mails, mails as they looked
postroom.py   what came and is no message: returned mails, answers of machines, what could not be read
views.py      what only the console asks: what is due, contacts, what a change would tell the customer
vouching.py   an agent vouches for an address
sign_in.py    to the institution's own sign-in service and back

What agents do goes through the JSON API (gateway/api/); the modules in static/ hold no rule that the API does not check.
"""

from __future__ import annotations

from aiohttp import web

from gateway.console import originals, pages, postroom, views, vouching
from gateway.oidc.setting_up import PROVIDER

__all__ = ["routes"]


def routes(app: web.Application) -> None:
    """Adds the console; the application holds its `GATEWAY` and has `setup_web`."""
    assets = pages.add(app)
    if app[PROVIDER] is not None:
        from gateway.console import sign_in  # its libraries are loaded only where there is a sign-in service

        sign_in.add(app, assets)
    originals.add(app)
    postroom.add(app)
    views.add(app)
    vouching.add(app)
