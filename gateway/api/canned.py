"""Canned replies for agents: their own and the house's; and one of them filled from the case of a conversation.

The house's are read by everybody and written by supervisors. Nothing is sent here: the text goes into an answer that is still being
written, and what a macro does besides goes with it (`then` of `POST …/messages`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from aiohttp import web

from case_store import canned, conversations
from case_store.canned import SHARED, CannedReply, NameTaken, NoSuchReply, ShortcutTaken, TooMany, Wording
from case_store.cases import LostUpdate
from case_store.idempotency import Answer
from case_store.records import Language
from case_store.store import Transaction
from gateway import canned as fields
from gateway.api import shapes
from gateway.api.canned_models import CannedAdded, CannedChange, CannedPreview, Filling, StartersAdded
from gateway.api.cases import changed_meanwhile
from gateway.api.documents import diff
from gateway.api.doing import HEADER, answer_of, do, json_response, undone
from gateway.api.masks import sees_masks
from gateway.api.paging import PAGING, paged
from gateway.api.reading import if_match, read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE, Principal
from gateway.context import GATEWAY
from gateway.hooks import PROMISES
from gateway.masking import NUMBERS, masked
from gateway.problems import Problem, forbidden, not_found
from gateway.readings import TALK

T = TypeVar("T")


async def list_canned(request: web.Request) -> web.Response:
    listing = partial(canned.listing, owner=request[PRINCIPAL].id)
    return await paged(request, listing, _shape, lambda one: (one.created_at, one.id))


async def get_canned(request: web.Request) -> web.Response:
    id, owner = request.match_info["id"], request[PRINCIPAL].id
    found = await request.app[GATEWAY].store.read(lambda tx: _known(tx, id, owner))
    return _shown(found)


def _known(tx: Transaction, id: str, owner: str) -> CannedReply:
    try:
        return canned.get(tx, id, owner)
    except NoSuchReply:
        raise _none() from None


def _none() -> Problem:
    return not_found("no canned reply of yours or of the house has this id")


def _shown(one: CannedReply) -> web.Response:
    return json_response(_shape(one), headers={"ETag": f'"{one.version}"'})


def _shape(one: CannedReply) -> dict[str, Any]:
    wording = one.wording
    return {
        "id": one.id,
        "version": one.version,
        "name": wording.name,
        "shortcut": wording.shortcut,
        "texts": dict(wording.texts),
        "category": wording.category,
        "channel": wording.channel,
        "then": wording.then,
        "shared": one.shared,
        "changed_by": one.changed_by,
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
    }


async def canned_history(request: web.Request) -> web.Response:
    id, owner = request.match_info["id"], request[PRINCIPAL].id
    told = await request.app[GATEWAY].store.read(_told(lambda tx: canned.history(tx, id, owner)))
    wordings = [_as_lines(one.detail or {}) for one in told]
    items = [
        {
            "version": int((one.detail or {})["version"]),
            "action": one.action.removeprefix("canned_"),
            "by": one.actor.partition(":")[2] or one.actor,
            "at": one.at.isoformat(),
            "diff": diff(before, now),
        }
        for one, now, before in zip(told, wordings, [*wordings[1:], ""], strict=True)
    ]
    return json_response(shapes.whole(items))


def _as_lines(wording: Mapping[str, Any]) -> str:
    """A wording as it is compared."""
    plain = [f"{name}: {wording[name]}" for name in ("name", "shortcut", "category", "channel") if wording.get(name)]
    then = [f"{name}: {value}" for name, value in (wording.get("then") or {}).items()]
    texts = [line for language, text in sorted(wording["texts"].items()) for line in (f"[{language}]", text)]
    return "\n".join([*plain, *then, *texts])


async def add_canned(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal = validated(CannedAdded, read), request[PRINCIPAL]
    shelf = _shelf(principal, shared=asked.shared)
    wording = Wording(**_plain(asked.model_dump(mode="json", exclude={"shared"})))
    add = partial(canned.add, shelf=shelf, wording=wording, by=principal.name, actor=principal.actor)
    return await do(request, body, _told(lambda tx: answer_of(_shape(add(tx)), 201)))


def _plain(asked: dict[str, Any]) -> dict[str, Any]:
    """As it is kept: a macro names only what it does."""
    then = asked.get("then")
    return asked | ({"then": {name: value for name, value in then.items() if value is not None}} if then else {})


def _shelf(principal: Principal, *, shared: bool) -> str:
    if shared and not principal.may(SUPERVISE):
        raise forbidden("not_allowed", "a canned reply for everybody takes a supervisor")
    return SHARED if shared else principal.id


async def change_canned(request: web.Request) -> web.Response:
    version = if_match(request)
    read, body = await read_json(request)
    asked = validated(CannedChange, read)
    changes = _plain(asked.model_dump(mode="json", exclude_unset=True))
    principal, id = request[PRINCIPAL], request.match_info["id"]
    shared = changes.pop("shared", None)
    shelf = None if shared is None else _shelf(principal, shared=shared)

    def effect(tx: Transaction) -> Answer:
        _check_may_write(tx, id, principal)
        who = {"by": principal.name, "actor": principal.actor}
        return answer_of(_shape(canned.change(tx, id, principal.id, changes, shelf=shelf, version=version, **who)))

    return await do(request, body, _told(effect), versioned=True)


def _check_may_write(tx: Transaction, id: str, principal: Principal) -> None:
    if _known(tx, id, principal.id).shared:
        _shelf(principal, shared=True)


async def remove_canned(request: web.Request) -> web.Response:
    version = if_match(request)
    principal, id = request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> None:
        _check_may_write(tx, id, principal)
        canned.remove(tx, id, principal.id, version=version, actor=principal.actor)

    return await undone(request, _told(effect))


async def add_starters(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    language = validated(StartersAdded, read).language or request.app[GATEWAY].settings.locale
    principal = request[PRINCIPAL]
    _shelf(principal, shared=True)
    wordings = fields.starters(language)

    def effect(tx: Transaction) -> Answer:
        added = canned.add_starters(tx, wordings, by=principal.name, actor=principal.actor)
        return answer_of(shapes.whole([_shape(one) for one in added]), 201)

    return await do(request, body, _told(effect))


async def preview(request: web.Request) -> web.Response:
    """Nothing is kept: what stands in the texts so far, filled from a complaint that nobody has made."""
    read, body = await read_json(request)
    asked, promises = validated(CannedPreview, read), request.app[PROMISES]
    now = datetime.now(UTC)
    shown = [
        {
            "language": language.value,
            "text": text if problems else fields.filled(text, fields.sample(promises, language, now)).text,
            "problems": problems,
        }
        for language, text in asked.texts.items()
        for problems in [fields.problems_of(text)]
    ]
    if HEADER in request.headers:
        return await do(request, body, lambda _: answer_of(shapes.whole(shown)))
    return json_response(shapes.whole(shown))


async def fill(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(Filling, read)
    if not request[PRINCIPAL].may("cases:read"):
        raise forbidden(
            "not_allowed", "fields are filled from the case: this takes 'cases:read', which you do not have"
        )
    filled = partial(_filled, request=request, language=asked.language)
    if HEADER in request.headers:
        return await do(request, body, lambda tx: answer_of(filled(tx)))
    return json_response(await request.app[GATEWAY].store.read(filled))


def _filled(tx: Transaction, request: web.Request, language: Language | None) -> dict[str, Any]:
    principal, promises, id = request[PRINCIPAL], request.app[PROMISES], request.match_info["id"]
    conversation = conversations.find(tx, id)
    if conversation is None:
        raise not_found("no conversation has this id")
    reply = _known(tx, request.match_info["canned_id"], principal.id)
    wanted = language or Language(conversation["language"])
    text = reply.wording.texts.get(wanted.value)
    if text is None:
        raise _other_languages(reply, wanted)
    known = fields.known_of(tx, promises, conversation, wanted, agent=principal.name)
    if sees_masks(request):  # each value by itself: put beside a letter, a number would be none any more
        known = {field: value and masked(value, NUMBERS) for field, value in known.items()}
    found = fields.filled(text, known)
    return {
        "text": found.text,
        "language": wanted.value,
        "missing": [field.value for field in found.missing],
        "then": fields.then_of(reply.wording.then, promises, tx.now),
    }


def _other_languages(reply: CannedReply, wanted: Language) -> Problem:
    """A text is never translated by a machine: whoever sends it chooses another, or writes it."""
    there = [language.value for language in Language if language.value in reply.wording.texts]
    told = f'it has no text in {wanted.value}; there are {", ".join(there)}: name one as "language"'
    return Problem(409, "no_text_in_language", told, language=wanted.value, languages=there)


def _told(effect: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """The effect, with what the shelf refuses told as a problem."""

    def guarded(tx: Transaction) -> T:
        try:
            return effect(tx)
        except NoSuchReply:
            raise _none() from None
        except LostUpdate as error:
            raise changed_meanwhile(error) from None
        except NameTaken:
            raise Problem(409, "name_taken", "another canned reply there has this name") from None
        except ShortcutTaken:
            raise Problem(409, "shortcut_taken", "another canned reply there has this shortcut") from None
        except TooMany as error:
            told = f"at most {error.most} are kept there: remove one first"
            raise Problem(409, "too_many", told, most=error.most) from None

    return guarded


_REFUSED: Final = {
    403: "the house's take a supervisor",
    409: "the name or the shortcut is taken, or there are too many",
    422: "an unknown field in a text, or a wrong body",
}
_KEYED: Final = {
    404: "none of the caller's or the house's has this id",
    412: "somebody changed it meanwhile",
    428: "If-Match is missing",
}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/canned",
        list_canned,
        "conversations:read",
        "Canned replies: one's own and the house's, the first written first",
        query=PAGING,
        answer="CannedReplies",
    ),
    Route(
        "GET",
        "/api/v1/canned/{id}/history",
        canned_history,
        "conversations:read",
        "What a canned reply said before, by the chain of the house, the latest first",
        answer="CannedHistory",
        answers={404: "none of yours or of the house has this id"},
    ),
    Route(
        "POST",
        "/api/v1/canned",
        add_canned,
        "conversations:write",
        f"Keeps a canned reply; fields in its texts are filled when it is used: {fields.FIELDS}",
        body=CannedAdded,
        status=201,
        answers=_REFUSED,
        answer="CannedReply",
    ),
    Route(
        "POST",
        "/api/v1/canned/starters",
        add_starters,
        "conversations:write",
        "Copies the starter set to the house's, where it isn't yet: nothing that stands there is touched",
        body=StartersAdded,
        body_required=False,
        status=201,
        answers=_REFUSED,
        answer="CannedReplies",
    ),
    Route(
        "POST",
        "/api/v1/canned/preview",
        preview,
        "conversations:read",
        "Texts that are still being written, filled from a complaint that nobody has made; nothing is kept",
        body=CannedPreview,
        answers={422: "no such language"},
        answer="CannedPreviews",
    ),
    Route(
        "GET",
        "/api/v1/canned/{id}",
        get_canned,
        "conversations:read",
        "One canned reply",
        answers={404: _KEYED[404]},
        answer="CannedReply",
    ),
    Route(
        "PATCH",
        "/api/v1/canned/{id}",
        change_canned,
        "conversations:write",
        "Changes a canned reply; needs `If-Match`",
        body=CannedChange,
        answers={**_REFUSED, **_KEYED},
        answer="CannedReply",
    ),
    Route(
        "DELETE",
        "/api/v1/canned/{id}",
        remove_canned,
        "conversations:write",
        "Removes a canned reply; needs `If-Match`",
        status=204,
        answers={403: _REFUSED[403], **_KEYED},
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/canned/{canned_id}",
        fill,
        "conversations:read",
        "A canned reply with its fields filled from the case of this conversation; what is not known is marked, `⟦amount⟧`",
        body=Filling,
        body_required=False,
        answers={
            403: "fields are filled from the case",
            404: "no such conversation, or no such canned reply",
            409: "it has no text in this language",
        },
        answer="CannedFilled",
        reads=TALK,
    ),
)
