"""Conversations for agents: list, read, take over, answer, hand back.

Whoever answers must have seen what the customer said last (`after`), and nobody writes into another agent's conversation
without saying so (`take_over`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar

from aiohttp import web

from case_store import audit, conversations, drafts, outbox, overview, ownership, people
from case_store.audit import NOTHING, conversation_chain
from case_store.conversations import Erased, NoSuchConversation, StoredMessage
from case_store.drafts import DraftKind
from case_store.idempotency import Answer
from case_store.overview import ConversationFilter, ConversationView
from case_store.ownership import DangerNotCleared, OwnedByAnother
from case_store.pages import LastSeen
from case_store.records import ChannelName, Owner
from case_store.store import Transaction
from case_store.uploads import NoSuchUpload, StoredUpload
from gateway import copies, enclosures, going, uploads
from gateway.api import models, sending, shapes
from gateway.api.complaints import named_uploads
from gateway.api.doing import answer_of, do, json_response
from gateway.api.filters import choices, read_choices, read_span, span
from gateway.api.paging import PAGING, page_of
from gateway.api.reading import read_choice, read_json, read_limit, validated
from gateway.api.routes import Query, Route
from gateway.api.team_fields import ASKED_TEAM, asked_for
from gateway.api.together import TOGETHER, Made
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY
from gateway.copies import NoReader
from gateway.hooks import AGENT_REPLIED, OWNER_CHANGED
from gateway.problems import Problem, erased, invalid_field, not_found
from gateway.readings import LIST, seen

Row = Mapping[Any, Any]
T = TypeVar("T")
WAITING: Final = "waiting"


async def list_conversations(request: web.Request) -> web.Response:
    agent = request.query.get("agent")
    waiting = read_choice(request, "order", (WAITING,)) is not None
    owner = read_choices(request, "owner", Owner)
    if waiting and owner != (Owner.QUEUE,):
        raise invalid_field("order", f"{WAITING} is an order of who waits: with owner={Owner.QUEUE.value} and no other")
    urgent = read_choice(request, "urgent", ("yes", "no"))
    chosen = ConversationFilter(
        owner=owner,
        waiting=waiting,
        urgent=None if urgent is None else urgent == "yes",
        channel=read_choices(request, "channel", ChannelName),
        updated=read_span(request, "updated"),
        teams=asked_for(request),
        case_id=request.query.get("case"),
        messages=read_limit(request, "messages", least=0, most=overview.LATEST),
    )
    who = request[PRINCIPAL].username if agent == "me" else agent
    page = page_of(request, partial(_listing, chosen=chosen, agent=who), _waiting_place if waiting else _place)
    found = await request.app[GATEWAY].store.read(page)
    seen(request, *(conversation_chain(view.row["id"]) for view in found.items))
    return json_response(found.shown(shapes.conversation))


def _listing(
    tx: Transaction, *, chosen: ConversationFilter, agent: str | None, after: LastSeen | None, limit: int
) -> list[ConversationView]:
    agent_id = None if agent is None else _agent_id(tx, agent)
    return overview.conversation_page(tx, replace(chosen, agent_id=agent_id, before=after), limit)


def _agent_id(tx: Transaction, username: str) -> str:
    try:
        return people.find_agent(tx, username).id
    except people.NoSuchPerson:
        return username


def _place(view: ConversationView) -> LastSeen:
    return view.row["updated_at"], view.row["id"]


def _waiting_place(view: ConversationView) -> LastSeen:
    return view.row["waiting_since"], view.row["id"]


async def get_conversation(request: web.Request) -> web.Response:
    store, id = request.app[GATEWAY].store, request.match_info["id"]

    async def made() -> Made:
        view = await store.read(overview.conversation, id)
        return Made(json.dumps(shapes.conversation(view), ensure_ascii=False), etag=f'"{view.row["version"]}"')

    try:
        return (await request.app[TOGETHER].ask(id, made)).response()
    except NoSuchConversation:
        raise _no_conversation() from None


async def get_timeline(request: web.Request) -> web.Response:
    events = await request.app[GATEWAY].store.read(_timeline, request.match_info["id"])
    return json_response(shapes.whole([shapes.event(event) for event in events]))


def _timeline(tx: Transaction, id: str) -> list[audit.HappenedAt]:
    if conversations.find(tx, id) is None:
        raise _no_conversation()
    return audit.timeline(tx, conversation_chain(id))


def _no_conversation() -> Problem:
    return not_found("no conversation has this id")


def told(effect: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """The effect, with what a conversation refuses told as a problem."""

    def guarded(tx: Transaction) -> T:
        try:
            return effect(tx)
        except NoSuchConversation:
            raise _no_conversation() from None
        except Erased:
            raise erased("conversation") from None
        except OwnedByAnother as error:
            raise _owned_by_another(tx, error) from None
        except DangerNotCleared:
            told = 'somebody was in danger of life here; say why nobody is any more in "no_danger", or give it to the queue'
            raise Problem(409, "danger_not_cleared", told) from None

    return guarded


def _owned_by_another(tx: Transaction, error: OwnedByAnother) -> Problem:
    agent = people.find_agent_by_id(tx, error.agent) if error.agent else None
    return Problem(
        409,
        "owned_by_another",
        'another agent answers this conversation; send "take_over": true to answer it yourself',
        agent=agent.username if agent else error.agent,
        agent_name=agent.name if agent else None,
    )


def shown_to(request: web.Request, view: ConversationView) -> dict[str, Any]:
    """What an act answers with. A key that may act on conversations and not read them is not told what was said."""
    shown = shapes.conversation(view)
    return shown if request[PRINCIPAL].may("conversations:read") else {**shown, "messages": []}


async def take_over(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.TakeOver, read)
    id = request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        row, _ = taken_over(request, tx, id, from_another=asked.take_over)
        shown = shown_to(request, overview.conversation(tx, row["id"]))
        shown["on_their_way"] = [str(number) for number in outbox.on_their_way(tx, row["id"])]
        return answer_of(shown)

    return await do(request, body, told(effect))


def taken_over(
    request: web.Request, tx: Transaction, id: str, *, from_another: bool, beside: Mapping[str, Any] = NOTHING
) -> tuple[Row, str | None]:
    """The row under lock, the caller's now, and the note that tells whoever had it; the customer is told in the same unit."""
    person = request[PRINCIPAL].person()
    before = conversations.locked(tx, id)
    told_owner, _ = ownership.answering(tx, before)
    after = ownership.take_over(
        tx, id, agent_id=person.id, agent_name=person.name, from_another=from_another, beside=beside
    )
    if after["epoch"] == before["epoch"]:
        return after, None
    request.app[OWNER_CHANGED](tx, {**before, "owner": told_owner}, after, person)
    return after, going.call_former(tx, before, request[PRINCIPAL].giver(), person.name)


async def hand_back(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.HandBack, read)
    id = request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        handed_back(request, tx, id, Owner(asked.to), no_danger=asked.no_danger)
        return answer_of(shown_to(request, overview.conversation(tx, id)))

    return await do(request, body, told(effect))


def handed_back(
    request: web.Request,
    tx: Transaction,
    id: str,
    to: Owner,
    *,
    no_danger: str | None = None,
    from_another: bool = False,
    beside: Mapping[str, Any] = NOTHING,
) -> tuple[Row, str | None]:
    """The row under lock, the bot's or the queue's now, and the note that tells whoever had it; the customer is told in the same unit."""
    person = request[PRINCIPAL].person()
    before = conversations.locked(tx, id)
    after = ownership.hand_back(
        tx,
        id,
        agent_id=person.id,
        agent_name=person.name,
        to=to,
        no_danger=no_danger,
        from_another=from_another,
        beside=beside,
    )
    if after["epoch"] == before["epoch"]:
        return after, None
    request.app[OWNER_CHANGED](tx, before, after, person)
    return after, going.call_former(tx, before, request[PRINCIPAL].giver(), going.BACK, beside.get("reason"))


async def list_readers(request: web.Request) -> web.Response:
    def found(tx: Transaction) -> list[dict[str, Any]]:
        row = conversations.find(tx, request.match_info["id"])
        if row is None:
            raise _no_conversation()
        return [{"address": one.address, "name": one.name, "proof": one.proof} for one in copies.readers(tx, row)]

    return json_response(shapes.whole(await request.app[GATEWAY].store.read(found)))


async def reply(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Reply, read)
    id, principal = request.match_info["id"], request[PRINCIPAL]
    sending.check(asked, principal)
    files = await named_uploads(request, asked.attachments, {principal.caller})

    def effect(tx: Transaction) -> Answer:
        _check_seen(tx, id, asked.after, shows=principal.may("conversations:read"))
        stored = answered(request, tx, id, asked, files, from_another=asked.take_over)
        drafts.sent(tx, principal.id, id, DraftKind.REPLY, text=asked.text, version=asked.draft)
        return answer_of(_shown(tx, stored), 201)

    response = await do(request, body, told(effect))
    if response.status == HTTPStatus.CREATED:
        await uploads.taken(request.app[GATEWAY], files)
    return response


def answered(
    request: web.Request,
    tx: Transaction,
    id: str,
    asked: models.Reply,
    files: Sequence[StoredUpload],
    *,
    from_another: bool,
) -> StoredMessage:
    """Everything that an answer does, in one unit: also what a preview of it undoes again (previewing.py)."""
    principal, then = request[PRINCIPAL], asked.then
    row, _ = taken_over(request, tx, id, from_another=from_another)
    _check_size(row, files)
    cc = _readers(tx, row, asked.cc)
    if then is None:
        return _said(request, tx, id, asked.text, principal, files, cc)
    case = sending.locked_case(tx, row, then)
    stored = _said(request, tx, id, sending.words(request, asked.text, row, case, then), principal, files, cc)
    if case is not None:
        sending.set_status(request, tx, case, then)
    sending.let_go(request, tx, id, then)
    return stored


def _check_seen(tx: Transaction, id: str, after: int | None, *, shows: bool) -> None:
    row = conversations.locked(tx, id)
    if after is None or row["last_message"] <= after:
        return
    newer = [shapes.message(said) for said in conversations.messages_of(tx, id, after=after)] if shows else []
    raise Problem(409, "moved_on", "there are newer messages: nothing has been sent", newer=newer)


def _check_size(row: Mapping[Any, Any], files: Sequence[StoredUpload]) -> None:
    most = enclosures.too_much_for(row["channel"], files)
    if most is not None:
        told = f"together have {sum(file.size for file in files):,} bytes: at most {most:,} leave with one message"
        raise invalid_field("attachments", told)


def _readers(tx: Transaction, row: Row, asked: Sequence[str]) -> list[str]:
    try:
        return copies.checked(tx, row, asked)
    except NoReader as barred:
        may = ", ".join(barred.may) or "nobody here"
        told = (
            f"names {', '.join(barred.addresses)}: copies go to other proved mail addresses of the case alone ({may})"
        )
        raise invalid_field("cc", told) from None


def _said(
    request: web.Request,
    tx: Transaction,
    id: str,
    text: str,
    principal: Principal,
    files: Sequence[StoredUpload],
    cc: Sequence[str],
) -> StoredMessage:
    mail = {copies.CC: list(cc)} if cc else None
    stored = ownership.reply(tx, id, text, agent_id=principal.id, agent_name=principal.name, mail=mail)
    if cc:
        copies.note(tx, stored, cc, principal.actor)
    if files:
        try:
            enclosures.enclose(tx, files, id, stored.number, principal.actor)
        except NoSuchUpload:
            raise invalid_field("attachments", "are uploads that no other message has") from None
    request.app[AGENT_REPLIED](tx, conversations.locked(tx, id), stored)
    return stored


def _shown(tx: Transaction, stored: StoredMessage) -> dict[str, Any]:
    view = overview.conversation(tx, stored.conversation_id, after=stored.number - 1)
    return next(shown for shown in shapes.conversation(view)["messages"] if shown["id"] == str(stored.number))


_CHOSEN = (
    choices("owner", "who answers", Owner),
    choices("channel", "the channel it came by", ChannelName),
    *span("updated", "changed"),
    Query("agent", "username, or `me`"),
    ASKED_TEAM,
    Query("case", "id of a case"),
    Query("urgent", "yes: somebody's life is in danger there", ("yes", "no")),
    Query("order", f"{WAITING}: who has waited the longest first; only with `owner=queue`", (WAITING,)),
)
_PAGING = (
    *PAGING,
    Query("messages", "how many of the latest messages of each, 0 to 50"),
)
_REFUSED = {404: "no such conversation", 409: "another agent's conversation, or newer messages", 422: "a wrong body"}
_UNSENT = {
    409: "another agent's conversation, newer messages, or no case whose status can be set: nothing has been sent",
    412: "somebody changed the case meanwhile: nothing has been sent",
    422: "a wrong body, or a gap in the text that is not filled in",
}

ROUTES = (
    Route(
        "GET",
        "/api/v1/conversations",
        list_conversations,
        "conversations:read",
        "Conversations, last changed first or the longest waiting first, each with its latest messages",
        query=(*_CHOSEN, *_PAGING),
        answer="Conversations",
        reads=LIST,
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}",
        get_conversation,
        "conversations:read",
        "One conversation with all its messages",
        answers={404: "no such conversation"},
        answer="Conversation",
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/timeline",
        get_timeline,
        "conversations:read",
        "What happened in it, oldest first: words, take-overs, consent, listening, erasure",
        answers={404: "no such conversation"},
        answer="Timeline",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/take-over",
        take_over,
        "conversations:write",
        "Makes the caller its owner; names the bot's messages that were on their way",
        body=models.TakeOver,
        body_required=False,
        answers=_REFUSED,
        answer="TakenOver",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/hand-back",
        hand_back,
        "conversations:write",
        "Gives it back to the bot or the queue",
        body=models.HandBack,
        body_required=False,
        answers=_REFUSED,
        answer="Conversation",
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/readers",
        list_readers,
        "conversations:read",
        "Who may get a copy of an answer by mail: other proved mail addresses of its case",
        answers={404: "no such conversation"},
        answer="Readers",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/messages",
        reply,
        "conversations:write",
        "Answers the customer; takes an unowned conversation over; `then` sets status, hands back or puts off in one go",
        body=models.Reply,
        status=201,
        answers={**_REFUSED, **_UNSENT},
        answer="Message",
    ),
)
