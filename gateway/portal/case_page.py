"""The page of one case for its customer: what is offered, what was agreed, whether it is done, and the settlement on paper.

It is reached by a signed link alone (gateway/status_link.py), which proves whose case it is; a link that is wrong, old or of an address
that is the customer's no more shows nothing of any case, whatever is wrong with it. Nothing is answered here: an offer is taken where it
was put, by somebody who is asked back.

Not here: what is shown and when (gateway/case_page.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web

from case_store.records import Language
from gateway import case_page, status_link
from gateway.api.complaints import NEXT_STEP, still_due
from gateway.api.keys import THROTTLE
from gateway.api.papers import settlement_for_customer
from gateway.context import GATEWAY
from gateway.hooks import PROMISES
from gateway.portal import wording
from gateway.problems import not_found
from gateway.status_link import Holder
from gateway.web import CLIENT

GONE: Final = 410
KEPT_NOWHERE: Final = "no-store"  # on a device that others use too


class CasePage:
    """`page` renders a template as the other pages are."""

    def __init__(self, page: Callable[..., web.Response]) -> None:
        self._page = page

    async def show(self, request: web.Request) -> web.Response:
        gateway, holder = request.app[GATEWAY], _holder(request)
        standing = None
        if holder is not None:
            standing = await gateway.store.read(case_page.standing, request.app[PROMISES], holder)
        if standing is None:
            response = self._page(request, "case.html", ancestors="'none'", status=GONE, standing=None)
        else:
            case = standing.case
            response = self._page(
                request,
                "case.html",
                ancestors="'none'",
                language=wording.language_of(request, Language(case.language), by_browser=False),
                standing=standing,
                token=request.match_info["token"],
                next_step=NEXT_STEP[case.status],
                due=still_due(case),
            )
        response.headers[hdrs.CACHE_CONTROL] = KEPT_NOWHERE
        return response

    async def paper(self, request: web.Request) -> web.Response:
        """The settlement as PDF, in the customer's language, under the proof of the page."""
        request.app[THROTTLE].admit("status", request[CLIENT].network)  # printing costs, and two are printed at once
        holder = _holder(request)
        if holder is None:
            raise not_found("this link is not valid")
        found = await request.app[GATEWAY].store.read(case_page.paper_of, holder, request.match_info["id"])
        if found is None:
            raise not_found("this case has no such settlement")
        response = await settlement_for_customer(request, *found)
        response.headers[hdrs.CACHE_CONTROL] = KEPT_NOWHERE
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def _holder(request: web.Request) -> Holder | None:
    return status_link.read(request.app[GATEWAY].tokens, request.match_info["token"])
