"""What an agent is writing and has not sent: kept for them alone, for the next page they open, wherever that is.

Nobody else reads a draft, supervisors and administrators included: it is no answer before it is sent. Its words go into no chain and
no log; a conversation that is read by somebody else doesn't tell that there is one.

Not here: that a draft is gone with the answer (conversations.py) or the note (notes.py) that was made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from case_store import drafts, uploads
from case_store.conversations import Erased, NoSuchConversation
from case_store.drafts import Draft, DraftKind, TooMany, Written, WrittenElsewhere
from case_store.store import Transaction
from case_store.uploads import UploadState
from gateway.api import draft_models, shapes
from gateway.api.doing import json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY, Gateway
from gateway.problems import Problem, erased, forbidden, not_found

_STILL_HERE: Final = (UploadState.WHOLE, UploadState.OPEN)  # not refused, and with no message yet


async def list_marks(request: web.Request) -> web.Response:
    """Where the caller has drafts, without their words: for the marks in lists."""
    agent_id = _agent(request).id
    found = await request.app[GATEWAY].store.read(drafts.of_agent, agent_id)
    return json_response(shapes.whole([_mark(one) for one in found]))


async def list_drafts(request: web.Request) -> web.Response:
    principal, gateway = _agent(request), request.app[GATEWAY]

    def found(tx: Transaction) -> list[dict[str, Any]]:
        mine = drafts.of_conversation(tx, principal.id, request.match_info["id"])
        return _shown(tx, gateway, principal, mine)

    return json_response(shapes.whole(await gateway.store.read(found)))


async def save_draft(request: web.Request) -> web.Response:
    principal, gateway = _agent(request), request.app[GATEWAY]
    kind = _kind(request.match_info["kind"])
    read, _ = await read_json(request)
    asked = validated(draft_models.DraftWritten, read)
    written = Written(asked.text, asked.beside(), asked.base, asked.writer)

    def unit(tx: Transaction) -> list[dict[str, Any]]:
        try:
            kept = drafts.save(tx, principal.id, request.match_info["id"], kind, written)
        except WrittenElsewhere as other:
            raise _elsewhere(_shown(tx, gateway, principal, [other.draft] if other.draft else [])) from None
        return _shown(tx, gateway, principal, [kept] if kept else [])

    try:
        shown = await gateway.store.write(unit)
    except NoSuchConversation:
        raise not_found("no conversation has this id") from None
    except Erased:
        raise erased("conversation") from None
    except TooMany:
        told = f"at most {drafts.MOST} drafts are kept: send or empty one first"
        raise Problem(409, "too_many", told) from None
    return json_response({"draft": shown[0] if shown else None})


def _agent(request: web.Request) -> Principal:
    principal = request[PRINCIPAL]
    if principal.agent is None:
        raise forbidden("not_allowed", "drafts are agents': a machine keeps its own")
    return principal


def _kind(name: str) -> DraftKind:
    try:
        return DraftKind(name)
    except ValueError:
        raise not_found("a draft is of a reply or of a note") from None


def _elsewhere(shown: Sequence[dict[str, Any]]) -> Problem:
    told = "another page of yours has saved or ended this draft since: nothing was changed"
    return Problem(409, "written_elsewhere", told, draft=shown[0] if shown else None)


def _mark(one: Draft) -> dict[str, Any]:
    return {
        "conversation": one.conversation_id,
        "kind": one.kind,
        "version": one.version,
        "updated_at": one.updated_at.isoformat(),
    }


def _shown(tx: Transaction, gateway: Gateway, whose: Principal, found: Sequence[Draft]) -> list[dict[str, Any]]:
    here = _here(tx, gateway, whose, [file for one in found for file in one.beside.get("files", ())])
    return [
        {
            **_mark(one),
            "text": one.text,
            "files": [{**file, "here": file["id"] in here} for file in one.beside.get("files", ())],
            "then": one.beside.get("then"),
            "cc": list(one.beside.get("cc", ())),
        }
        for one in found
    ]


def _here(tx: Transaction, gateway: Gateway, whose: Principal, files: Sequence[Mapping[str, Any]]) -> set[str]:
    """Those of these files that can still go with an answer: an upload that nobody sends expires."""
    named = {id: token for file in files if (id := gateway.tokens.read_upload(token := str(file["id"]))) is not None}
    if not named:
        return set()
    known = uploads.still_there(tx, list(named))
    return {named[one.id] for one in known if one.owner == whose.caller and one.state in _STILL_HERE}


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/drafts",
        list_marks,
        "conversations:read",
        "In which conversations the caller has a draft of an answer or a note; their own alone",
        answer="DraftMarks",
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/drafts",
        list_drafts,
        "conversations:read",
        "The caller's own drafts in a conversation: of an answer, of a note",
        answer="Drafts",
    ),
    Route(
        "PUT",
        "/api/v1/conversations/{id}/drafts/{kind}",
        save_draft,
        "conversations:write",
        "Keeps the caller's draft of a `reply` or a `note`; an empty one is gone. It is nobody else's, and no message",
        body=draft_models.DraftWritten,
        answers={
            404: "no such conversation",
            409: "another page has saved or ended it since, and `draft` is what stands there; too many are kept; or the conversation was erased",
        },
        answer="DraftSaved",
        anew=True,
    ),
)
