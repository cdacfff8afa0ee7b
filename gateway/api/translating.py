"""Translations for agents: of a stored message, or of the answer that they are writing. 404 where the house has named no service.

The words leave the house, so the conversation's chain tells it first, in a transaction of its own: an entry may stand for words that the
service never got, and no word is ever out that has no entry. The answer is for whoever asked: it is kept nowhere, sent to nobody.

Not here: the service (gateway/translating.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from case_store import audit, conversations
from case_store.audit import Entry
from case_store.idempotency import Answer
from case_store.records import Language, Sender
from case_store.store import Transaction
from gateway.api.doing import claim_of, json_response, perform
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.api.translating_models import Translate
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import Problem, forbidden, invalid, invalid_field, not_found
from gateway.translating import LONGEST, TRANSLATOR, TranslationError, lost_between, translator_of

TRY_AGAIN: Final = "10"  # seconds


def set_up(app: web.Application) -> None:
    app[TRANSLATOR] = translator_of(app[GATEWAY].settings)
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    translator = app[TRANSLATOR]
    if translator is not None:
        await translator.close()


@dataclass(frozen=True, slots=True)
class _Words:
    """What is to be translated; `language` is None where it is not known."""

    text: str
    language: Language | None


async def translate(request: web.Request) -> web.Response:
    translator, id = request.app[TRANSLATOR], request.match_info["id"]
    if translator is None:
        raise Problem(404, "translation_off", "translation is off: QINGTING_TRANSLATOR names no service")
    read, body = await read_json(request)
    asked, principal = validated(Translate, read), request[PRINCIPAL]
    if asked.text is not None and not principal.may("conversations:write"):
        raise forbidden("not_allowed", "a draft takes 'conversations:write', which you do not have")
    claim, store = claim_of(request, body), request.app[GATEWAY].store
    words = await store.read(_words, id, asked)
    told = {"to": asked.to.value, "by": translator.host}
    entry = (
        Entry(principal.actor, "draft_translated", told)
        if asked.message is None
        else Entry(principal.actor, "message_translated", {"message": str(int(asked.message)), **told})
    )

    def noted(tx: Transaction) -> Answer:
        audit.append(tx, audit.conversation_chain(id), entry)
        return Answer(204, "")

    _, repeated = await perform(request, claim, noted)
    if repeated:  # its translation was kept nowhere, so the words leave once more
        await store.write(noted)
    try:
        text = await translator.translate(words.text, words.language, asked.to)
    except TranslationError as error:
        raise Problem(
            503, "translation_failed", str(error), headers={"Retry-After": TRY_AGAIN}, by=translator.host
        ) from None
    return json_response(
        {
            "text": text,
            "from": words.language and words.language.value,
            "to": asked.to.value,
            "by": translator.host,
            "lost": lost_between(words.text, text),
        }
    )


def _words(tx: Transaction, id: str, asked: Translate) -> _Words:
    """Raises Problem for what is not there, and for what needs no translation."""
    row = conversations.find(tx, id)
    if row is None:
        raise not_found("no conversation has this id")
    if asked.message is None:
        text, usual = asked.text or "", asked.writer
    else:
        text, usual = _said(tx, id, int(asked.message)), Language(row["language"])
    from dialogue.understanding.language import language_of  # late: it needs the dictionaries of both scripts

    language = language_of(text)
    if language is asked.to:
        told = {"field": "to", "detail": f"is another language than {asked.to.value}, in which it is written already"}
        raise invalid([told], "same_language")
    # a guess that it is written in `to` already is no help to the service
    return _Words(text, language or (usual if usual is not asked.to else None))


def _said(tx: Transaction, id: str, number: int) -> str:
    found: list[Any] = conversations.messages_of(tx, id, after=number - 1, limit=1)
    if not found or found[0].number != number:
        raise not_found("no message of this conversation has this id")
    [said] = found
    text: str = said.spoken if said.sender is Sender.CUSTOMER else said.text
    if not text.strip():
        raise invalid_field("message", "is one that has words")
    if len(text) > LONGEST:
        raise invalid_field("message", f"is one of at most {LONGEST:,} characters")
    return text


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/conversations/{id}/translate",
        translate,
        "conversations:read",
        "A message of the conversation, or a draft (`conversations:write`), in another language, by the service that the house has "
        "named; the conversation's chain tells that the words went there, and the translation is kept nowhere",
        body=Translate,
        answers={
            404: "no such conversation or message, or translation is off (`translation_off`)",
            422: "a wrong body, words in that language already (`same_language`), none, or too many",
            503: "the service has not translated it (`translation_failed`)",
        },
        answer="Translation",
        own=True,
    ),
)
