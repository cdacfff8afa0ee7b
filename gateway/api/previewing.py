"""What would become of an agent's answer: the words that would leave, by which way, to whom; and nothing leaves.

The answer is given in a savepoint, what the house would then send or have told is read, and all of it is undone: what is shown is what
would happen, by construction.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store import contacts, conversations, ownership, tasks
from case_store.conversations import NoSuchConversation, Row, StoredMessage
from case_store.idempotency import Answer
from case_store.ids import short_key
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables import deliveries
from gateway.api import models, sending
from gateway.api.doing import HEADER, answer_of, do, response_of
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import AGENT_REPLIED
from gateway.problems import not_found
from gateway.readings import TALK

NOBODY: Final = "nobody"


async def preview_reply(request: web.Request) -> web.Response:
    """What the customer would read, and by which way; nothing is sent, taken over or kept."""
    read, body = await read_json(request)
    asked = validated(models.Reply, read)
    id, then = request.match_info["id"], asked.then or models.Then.model_construct()
    sending.check(asked, request[PRINCIPAL])

    def shown(tx: Transaction) -> Answer:
        row = conversations.find(tx, id)
        if row is None:
            raise not_found("no conversation has this id")
        case = sending.case_to_change(tx, row, then)
        text = sending.words(request, asked.text, row, case, then)
        return answer_of({"text": text, "ways": _ways(request, tx, id, text)})

    if HEADER in request.headers:
        return await do(request, body, shown)
    return response_of(await request.app[GATEWAY].store.write(shown))


def _ways(request: web.Request, tx: Transaction, id: str, text: str) -> list[dict[str, Any]]:
    person, woken = request[PRINCIPAL].person(), len(tx.wakes)
    savepoint = tx.connection.begin_nested()
    try:
        said = ownership.reply(tx, id, text, agent_id=person.id, agent_name=person.name, from_another=True)
        row = conversations.locked(tx, id)
        request.app[AGENT_REPLIED](tx, row, said)
        return _told(tx, row, said, request.app[GATEWAY].settings.complaints_address)
    except NoSuchConversation:
        raise not_found("no conversation has this id") from None
    finally:
        savepoint.rollback()
        del tx.wakes[woken:]


def _told(tx: Transaction, row: Row, said: StoredMessage, mailbox: str) -> list[dict[str, Any]]:
    occasion = f"reply:{said.conversation_id}:{said.number}"
    if row["channel"] == ChannelName.WEBCHAT:
        return [_way("webchat", None, said.text, otherwise=said.case_id and contacts.first_mail(tx, said.case_id))]
    sent = [
        _way(
            one.channel,
            one.address,
            one.payload["text"],
            sender=mailbox if one.channel == ChannelName.EMAIL else None,
            subject=one.payload.get("subject"),
        )
        for one in _queued(tx, said, occasion)
    ]
    task = tasks.with_occasion(tx, short_key(occasion))
    asked = [] if task is None else [_way(task.kind, None, task.words)]
    return [*sent, *asked] or [_way(NOBODY, None, said.text)]


def _queued(tx: Transaction, said: StoredMessage, occasion: str) -> list[Any]:
    d = deliveries.c
    of_message = sa.and_(d.conversation_id == said.conversation_id, d.message == said.number)
    mine = sa.or_(of_message, d.occasion == short_key(occasion))
    return list(tx.execute(sa.select(deliveries).where(mine).order_by(d.id)))


def _way(
    way: str,
    to: str | None,
    text: str,
    *,
    sender: str | None = None,
    subject: str | None = None,
    otherwise: str | None = None,
) -> dict[str, Any]:
    return {"way": way, "to": to, "from": sender, "subject": subject, "text": text, "otherwise": otherwise}


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/conversations/{id}/messages/preview",
        preview_reply,
        "conversations:write",
        "What the customer would read of an answer, by which way and where; with the result of a case that it resolves. Sends nothing",
        body=models.Reply,
        answers={
            404: "no such conversation",
            409: "no case whose status can be set",
            422: "a wrong body, or a gap in the text that is not filled in",
        },
        answer="MessagePreview",
        reads=TALK,
    ),
)
