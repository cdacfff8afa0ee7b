"""Lists page by page: `cursor` and `limit` as they are asked, and `next_cursor` as long as there is more.

A page goes on where the last one ended, by a moment and an id: what is written meanwhile pushes nothing over a page's edge. In a list
that is ordered by what never changes (when something was made) each comes once and none is left out. In one that is ordered by the last
change, what changes while somebody turns the pages goes to the front: if they have not come to it yet, they don't come to it any
more. Whoever needs all cases orders them by `created_from`. Every list that can grow is answered by this. Not here: the statements (case_store/pages.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from aiohttp import web

from case_store.pages import LastSeen
from case_store.store import Transaction
from gateway.api.doing import json_response
from gateway.api.reading import cursor_of, read_cursor, read_limit
from gateway.api.routes import Query
from gateway.context import GATEWAY

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

PAGING: Final = (Query("cursor", "`next_cursor` of the page before"), Query("limit", "how many, at most 200"))


class Listing(Protocol[T_co]):
    """A unit that lists at most so many, beyond the last one seen."""

    def __call__(self, tx: Transaction, /, *, after: LastSeen | None, limit: int) -> Sequence[T_co]: ...


Place = Callable[[T], LastSeen]
"""What a list is ordered by."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None

    def shown(self, shape: Callable[[T], Any]) -> dict[str, Any]:
        return {"items": [shape(one) for one in self.items], "next_cursor": self.next_cursor}


def page_of(
    request: web.Request, listing: Listing[T], place: Place[T], *, usual: int = 50
) -> Callable[[Transaction], Page[T]]:
    """A unit that reads the page that is asked for. Raises 422 for a cursor or a limit that is none, before it is run."""
    after, limit = read_cursor(request), read_limit(request, usual=usual)

    def unit(tx: Transaction) -> Page[T]:
        found = listing(tx, after=after, limit=limit + 1)
        shown = found[:limit]
        return Page(shown, cursor_of(*place(shown[-1])) if len(found) > limit else None)

    return unit


async def paged(
    request: web.Request, listing: Listing[T], shape: Callable[[T], Any], place: Place[T], *, usual: int = 50
) -> web.Response:
    """The page, where nothing more is to be told."""
    found = await request.app[GATEWAY].store.read(page_of(request, listing, place, usual=usual))
    return json_response(found.shown(shape))


def by(at: str, id: str = "id") -> Callable[[Any], LastSeen]:
    """The place of a row, by the names of its columns."""

    def place(row: Any) -> tuple[datetime, str]:
        return row[at], row[id]

    return place
