"""What the API calls and other rooms of the gateway answer: each an `AppKey`, with a default that does nothing.

All but `TAKE_COMPLAINT`, `UNDERSTAND` and `FORM_REFUSED` run inside the unit of work that makes the change, so that a notice is queued in the same
transaction as what it tells of; they must not do anything else than statements, since a unit may run again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from case_store.case_record import CaseRecord
from case_store.conversations import StoredMessage
from case_store.store import Transaction
from dialogue.turn import BotTurn, CustomerTurn
from gateway.complaint import Complaint
from gateway.context import GATEWAY, Gateway
from gateway.promises import Promises

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Who answers: an agent, or a machine by its key. `name`, `post` and `contact` may be shown to the customer."""

    id: str
    username: str
    name: str
    post: str = ""
    contact: str = ""


class TakeComplaint(Protocol):
    """Files a complaint from a form or a clerk. Calls `complaint.idempotency.begin(tx)` first and `.keep(tx, record)` last in its unit."""

    def __call__(self, gateway: Gateway, complaint: Complaint, /) -> Awaitable[CaseRecord]: ...


class Understand(Protocol):
    """What an engine makes of messages, without a conversation: nothing is said and nothing kept."""

    def __call__(self, turn: CustomerTurn, /) -> Awaitable[BotTurn]: ...


class CaseChanged(Protocol):
    """A person changed a case, or left a note for the customer. `actor` is `agent:NAME` or `key:NAME`."""

    def __call__(
        self, tx: Transaction, before: CaseRecord, after: CaseRecord, note: str | None, actor: str, /
    ) -> None: ...


class CaseAnswered(Protocol):
    """A person changed a case with the answer that tells its customer of it: nothing else tells them of that change."""

    def __call__(self, tx: Transaction, before: CaseRecord, after: CaseRecord, actor: str, /) -> None: ...


class FileCase(Protocol):
    """Registers a draft because a person says so: number, dates, responsible person."""

    def __call__(self, tx: Transaction, case_id: str, actor: str, /) -> None: ...


class AgentReplied(Protocol):
    """An agent's words stand in a conversation; on a channel that sends, a delivery is queued here."""

    def __call__(self, tx: Transaction, conversation: Row, message: StoredMessage, /) -> None: ...


class OwnerChanged(Protocol):
    """A conversation was taken over or handed back; `before` and `after` are its rows."""

    def __call__(self, tx: Transaction, before: Row, after: Row, person: Person, /) -> None: ...


class WayOpened(Protocol):
    """An address of a case may be told from now on: a mandate came, a link was opened, an agent vouched for it."""

    def __call__(self, tx: Transaction, case_id: str, /) -> None: ...


class FormRefused(Protocol):
    """A browser without scripts sent a form that can't be taken: the page that says so, with what was typed. None: a problem document."""

    def __call__(
        self, request: web.Request, typed: Mapping[str, str], errors: Sequence[Mapping[str, str]], /
    ) -> Awaitable[web.StreamResponse | None]: ...


ReadyCheck = Callable[[], Awaitable[str | None]]
"""Answers why its part can't accept just now, or None."""

TAKE_COMPLAINT: web.AppKey[TakeComplaint] = web.AppKey("take_complaint", TakeComplaint)
UNDERSTAND: web.AppKey[Understand] = web.AppKey("understand", Understand)
CASE_CHANGED: web.AppKey[CaseChanged] = web.AppKey("case_changed", CaseChanged)
CASE_ANSWERED: web.AppKey[CaseAnswered] = web.AppKey("case_answered", CaseAnswered)
FILE_CASE: web.AppKey[FileCase] = web.AppKey("file_case", FileCase)
AGENT_REPLIED: web.AppKey[AgentReplied] = web.AppKey("agent_replied", AgentReplied)
OWNER_CHANGED: web.AppKey[OwnerChanged] = web.AppKey("owner_changed", OwnerChanged)
WAY_OPENED: web.AppKey[WayOpened] = web.AppKey("way_opened", WayOpened)
FORM_REFUSED: web.AppKey[FormRefused] = web.AppKey("form_refused", FormRefused)
READY_CHECKS: web.AppKey[list[ReadyCheck]] = web.AppKey("ready_checks", list)
PROMISES: web.AppKey[Promises] = web.AppKey("promises", Promises)
"""Dates and hours under the policy; one for the whole application, since its calendar takes half a second to load."""


def case_unnoticed(tx: Transaction, before: CaseRecord, after: CaseRecord, note: str | None, actor: str) -> None: ...


def answer_unnoticed(tx: Transaction, before: CaseRecord, after: CaseRecord, actor: str) -> None: ...


def reply_unsent(tx: Transaction, conversation: Row, message: StoredMessage) -> None: ...


def owner_untold(tx: Transaction, before: Row, after: Row, person: Person) -> None: ...


def way_unused(tx: Transaction, case_id: str) -> None: ...


async def form_as_problem(
    request: web.Request, typed: Mapping[str, str], errors: Sequence[Mapping[str, str]]
) -> web.StreamResponse | None:
    return None


def set_defaults(app: web.Application) -> None:
    """Fills in what no room has set; `TAKE_COMPLAINT`, `UNDERSTAND` and `FILE_CASE` have no default: without them those requests are 503."""
    app.setdefault(CASE_CHANGED, case_unnoticed)
    app.setdefault(CASE_ANSWERED, answer_unnoticed)
    app.setdefault(AGENT_REPLIED, reply_unsent)
    app.setdefault(OWNER_CHANGED, owner_untold)
    app.setdefault(WAY_OPENED, way_unused)
    app.setdefault(FORM_REFUSED, form_as_problem)
    app.setdefault(READY_CHECKS, [])
    if PROMISES not in app:
        app[PROMISES] = Promises(app[GATEWAY].rules, app[GATEWAY].settings)
