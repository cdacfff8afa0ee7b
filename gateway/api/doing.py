"""Requests that change something, once for each `Idempotency-Key`.

The effect and the answer that is repeated commit together (case_store/idempotency.py). An effect refused by the rules (404,
409, 412, 422) is undone to a savepoint and its refusal kept as the first answer; a failure (503, 500) keeps nothing, so the
client may come again. Keys are apart by caller, method and path; requests are compared by a digest under the house's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

from aiohttp import web

from case_store import cases, idempotency
from case_store.conversations import Erased
from case_store.idempotency import Answer, Claim, OtherRequest
from case_store.store import Transaction
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import TYPE, Problem, erased
from gateway.web import CLIENT

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255
UNGUESSED: Final = 16  # characters, as of a random number: so many that two strangers don't think of the same

Effect = Callable[[Transaction], Answer]
T = TypeVar("T")


def claim_that_nobody_guesses(request: web.Request, body: bytes) -> Claim | None:
    """`claim_of`, where the answer gives a right to whoever has it, and many whom nobody knows share one address."""
    key = request.headers.get(HEADER)
    if key is not None and len(key) < UNGUESSED:
        told = f"from somebody whom nobody knows, {HEADER} has at least {UNGUESSED} characters, such as a UUID"
        raise Problem(400, "bad_idempotency_key", told)
    return claim_of(request, body)


def key_in(request: web.Request) -> str | None:
    """Raises 400 for a key that is none."""
    key = request.headers.get(HEADER)
    if key is not None and not (1 <= len(key) <= LONGEST and key.isprintable()):
        raise Problem(400, "bad_idempotency_key", f"{HEADER} has 1 to {LONGEST} printable characters")
    return key


def claim_of(request: web.Request, body: bytes) -> Claim | None:
    """What the request claims by its key, if it has one."""
    key = key_in(request)
    if key is None:
        return None
    secret = request.app[GATEWAY].tokens.key("idempotency")
    principal = request.get(PRINCIPAL)
    caller = principal.caller if principal else f"address:{request[CLIENT].address}"
    whose = json.dumps([caller, request.method, request.path, key])
    seen = request.headers.get("If-Match", "")
    version = f"\nIf-Match: {seen}".encode() if seen else b""  # the same change of another version is another request
    told = hmac.digest(secret, request.content_type.encode() + version + b"\n" + body, "sha256").hex()
    return Claim(hashlib.sha256(whose.encode()).hexdigest(), told)


def secret_of(request: web.Request, claim: Claim | None, nonce: str) -> str:
    """A secret that a repeated request is given again though it is kept nowhere: the nonce is, and needs the house's secret."""
    if claim is None:
        return nonce
    key = request.app[GATEWAY].tokens.key("repeated-secret")
    return base64.urlsafe_b64encode(hmac.digest(key, f"{claim.key} {nonce}".encode(), "sha256")).decode().rstrip("=")


def answer_of(document: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document, ensure_ascii=False))


async def do(request: web.Request, body: bytes, effect: Effect, *, versioned: bool = False) -> web.Response:
    """Runs the effect in one unit, or repeats what it answered; of what is `versioned` with its version as the ETag."""
    answer, repeated = await perform(request, claim_of(request, body), effect)
    response = response_of(answer, repeated=repeated)
    if versioned:
        version = json.loads(answer.body).get("version")
        response.headers.update({} if version is None else {"ETag": f'"{version}"'})
    return response


async def undone(request: web.Request, effect: Callable[[Transaction], object]) -> web.Response:
    """What is deleted, or ended, and answers nothing more."""

    def done(tx: Transaction) -> Answer:
        effect(tx)
        return Answer(HTTPStatus.NO_CONTENT, "")

    return await do(request, b"", done)


async def perform(request: web.Request, claim: Claim | None, effect: Effect) -> tuple[Answer, bool]:
    store = request.app[GATEWAY].store
    try:
        return await store.write(idempotency.once, claim, lambda tx: _refusals_kept(tx, effect))
    except OtherRequest:
        raise other_request() from None


def other_request() -> Problem:
    return Problem(422, "idempotency_key_reused", f"this {HEADER} was used for another request")


def _refusals_kept(tx: Transaction, effect: Effect) -> Answer:
    answer = attempted(tx, effect)
    return answer_of(answer.document(), answer.status) if isinstance(answer, Problem) else answer


def attempted(tx: Transaction, effect: Callable[[Transaction], T]) -> T | Problem:
    """What the effect answers, or why it was refused: of a refused one nothing is in, and the transaction goes on."""
    woken = len(tx.wakes)
    savepoint = tx.connection.begin_nested()
    try:
        answer = effect(tx)
    except (Problem, Erased, cases.Erased) as refused:  # nothing is written into what was erased, by whichever way
        savepoint.rollback()
        del tx.wakes[woken:]
        if isinstance(refused, Problem):
            return refused
        return erased("conversation" if isinstance(refused, Erased) else "case")
    except BaseException:
        savepoint.rollback()
        raise
    savepoint.commit()
    return answer


def response_of(answer: Answer, *, repeated: bool = False) -> web.Response:
    headers = {"Idempotency-Replayed": "true"} if repeated else {}
    if answer.status == HTTPStatus.NO_CONTENT:
        return web.Response(status=answer.status, headers=headers)
    media_type = "application/json" if answer.status < 400 else TYPE
    return web.Response(
        status=answer.status, text=answer.body, content_type=media_type, charset="utf-8", headers=headers
    )


def json_response(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(text=json.dumps(document, ensure_ascii=False), status=status, headers=headers)
