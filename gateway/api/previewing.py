"""What would become of an agent's answer: the words that would leave, by which way, to whom, with which files; what else the customer
would read with it; and nothing leaves.

The answer is given in a savepoint by the very steps of sending (`conversations.answered`), what the house would then send or have told is
read, and all of it is undone: what is shown is what would happen, by construction, and what would be refused is refused here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store import attachments, contacts, conversations, tasks
from case_store.conversations import Row, StoredMessage
from case_store.idempotency import Answer
from case_store.ids import short_key
from case_store.records import ChannelName, Sender
from case_store.store import Transaction
from case_store.tables_outbox import deliveries
from case_store.uploads import StoredUpload
from gateway import enclosures
from gateway.api import models, sending
from gateway.api.complaints import named_uploads
from gateway.api.conversations import answered, told
from gateway.api.doing import HEADER, answer_of, do, response_of
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.file_names import safe_name
from gateway.problems import not_found
from gateway.readings import TALK

NOBODY: Final = "nobody"


async def preview_reply(request: web.Request) -> web.Response:
    """What the customer would read, and by which way; nothing is sent, taken over or kept."""
    read, body = await read_json(request)
    asked = validated(models.Reply, read)
    id, principal = request.match_info["id"], request[PRINCIPAL]
    sending.check(asked, principal)
    files = await named_uploads(request, asked.attachments, {principal.caller})

    def shown(tx: Transaction) -> Answer:
        return answer_of(_previewed(request, tx, id, asked, files))

    if HEADER in request.headers:
        return await do(request, body, told(shown))
    return response_of(await request.app[GATEWAY].store.write(told(shown)))


def _previewed(
    request: web.Request, tx: Transaction, id: str, asked: models.Reply, files: Sequence[StoredUpload]
) -> dict[str, Any]:
    before, woken = conversations.find(tx, id), len(tx.wakes)
    if before is None:
        raise not_found("no conversation has this id")
    savepoint = tx.connection.begin_nested()
    try:
        said = answered(request, tx, id, asked, files, from_another=True)
        ways = _told(tx, conversations.locked(tx, id), said, request.app[GATEWAY].settings.complaints_address)
        return {"text": said.text, "ways": ways, "notices": _notices(tx, before, said)}
    finally:
        savepoint.rollback()
        del tx.wakes[woken:]


def _notices(tx: Transaction, before: Row, said: StoredMessage) -> list[dict[str, Any]]:
    """What the customer would read of the house around the answer: that a person is here now, that one is no more."""
    stored = conversations.messages_of(tx, said.conversation_id, after=before["last_message"])
    return [
        {"when": "before" if one.number < said.number else "after", "text": one.text}
        for one in stored
        if one.sender is Sender.SYSTEM
    ]


def _told(tx: Transaction, row: Row, said: StoredMessage, mailbox: str) -> list[dict[str, Any]]:
    occasion = f"reply:{said.conversation_id}:{said.number}"
    if row["channel"] == ChannelName.WEBCHAT:
        stored = attachments.of_messages(tx, said.conversation_id, said.number - 1).get(said.number, [])
        names = [safe_name(file["name"]) for file in stored]
        elsewhere = said.case_id and contacts.first_mail(tx, said.case_id)
        return [_way("webchat", None, said.text, files=names, otherwise=elsewhere)]
    sent = [
        _way(
            one.channel,
            one.address,
            one.payload["text"],
            sender=mailbox if one.channel == ChannelName.EMAIL else None,
            subject=one.payload.get("subject"),
            cc=one.payload.get("cc", ()),
            files=enclosures.names_of(tx, one.payload),
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
    cc: Sequence[str] = (),
    files: Sequence[str] = (),
    otherwise: str | None = None,
) -> dict[str, Any]:
    told = {"way": way, "to": to, "from": sender, "subject": subject, "text": text, "otherwise": otherwise}
    return {**told, "cc": list(cc), "files": list(files)}


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/conversations/{id}/messages/preview",
        preview_reply,
        "conversations:write",
        "What the customer would read of an answer, by which way, where, with which files and with what else. Sends nothing",
        body=models.Reply,
        answers={
            404: "no such conversation",
            409: "no case whose status can be set, or danger that was not cleared: as sending would answer",
            412: "somebody changed the case meanwhile",
            422: "a wrong body, a gap in the text that is not filled in, or files that are too much for this way",
        },
        answer="MessagePreview",
        reads=TALK,
    ),
)
