"""The house's own wording of notices in the console: each occasion in all languages, checked, shown as each channel shows it, its versions.

Administrators write them, and supervisors where the policy says so (`changes.texts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web

from case_store import documents as store_documents
from case_store.documents import Kind, Subject, Verdict, Version, template
from case_store.records import Language
from case_store.store import Transaction
from gateway import own_texts
from gateway.api import documents
from gateway.api.document_models import TextsChecked, TextsWritten
from gateway.api.doing import json_response
from gateway.api.reading import read_choice, read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.in_force import InForce
from gateway.own_texts import Document, Sample, Wording
from gateway.policy import Fault, TextsBy
from gateway.problems import forbidden, invalid_field, not_found
from gateway.texts import Occasion, Text

log = structlog.get_logger(__name__)


def _check_may(request: web.Request) -> None:
    by = request.app[GATEWAY].policy.changes.texts
    if by is not TextsBy.SUPERVISOR and not request[PRINCIPAL].may("admin"):
        raise forbidden(
            "not_allowed", 'texts are worded by administrators here: the policy says changes.texts = "admin"'
        )


def _occasion(request: web.Request) -> Occasion:
    found = {occasion.value: occasion for occasion in own_texts.REWORDED}.get(request.match_info["name"])
    if found is None:
        raise not_found("no text that the house may word has this name")
    return found


def _sample(request: web.Request) -> Sample:
    gateway = request.app[GATEWAY]
    return Sample(gateway.rules.now.house, datetime.now(gateway.settings.timezone))


async def list_texts(request: web.Request) -> web.Response:
    _check_may(request)
    gateway, force = request.app[GATEWAY], await documents.in_force(request)
    language = Language(read_choice(request, "language", Language) or gateway.settings.locale)
    proposed = await gateway.store.read(_proposed)
    own = gateway.rules.latest.texts.wording
    items = [
        {
            "name": occasion.value,
            "staff": occasion in own_texts.STAFF,
            "own": occasion in own,
            "proposed": occasion.value in proposed,
            "trouble": _trouble(request, force, occasion),
            "subject": _in_force(request, occasion)[language].subject,
        }
        for occasion in own_texts.REWORDED
    ]
    return json_response({"items": items, "next_cursor": None, "four_eyes": documents.four_eyes(request)})


def _proposed(tx: Transaction) -> frozenset[str]:
    found = store_documents.of_kind(tx, Kind.TEMPLATE)
    return frozenset(one.subject.name for one in found if one.verdict is None)


def _trouble(request: web.Request, force: InForce, occasion: Occasion) -> str | None:
    """Why the built-in words, or an earlier version, are used instead of what the house has written."""
    for one in force.standing.unusable.values():
        if one.version.subject == template(occasion.value):
            return one.why
    return request.app[GATEWAY].rules.latest.texts.broken.get(occasion)


def _in_force(request: web.Request, occasion: Occasion) -> Mapping[Language, Text]:
    own = request.app[GATEWAY].rules.latest.texts.wording.get(occasion)
    return own or own_texts.built_in(occasion)


async def show(request: web.Request) -> web.Response:
    _check_may(request)
    occasion, force = _occasion(request), await documents.in_force(request)
    needed = own_texts.needed(occasion)
    return json_response(
        {
            **await documents.state(request, template(occasion.value)),
            "name": occasion.value,
            "staff": occasion in own_texts.STAFF,
            "places": [{"name": name, "needed": name in needed} for name in own_texts.known(occasion)],
            "texts": _plain(_in_force(request, occasion)),
            "built_in": _plain(own_texts.built_in(occasion)),
            "own": occasion in request.app[GATEWAY].rules.latest.texts.wording,
            "trouble": _trouble(request, force, occasion),
        }
    )


def _plain(texts: Mapping[Language, Text]) -> dict[str, Any]:
    return {language.value: {"subject": text.subject, "body": text.body} for language, text in texts.items()}


async def check(request: web.Request) -> web.Response:
    """What is wrong with texts that are being written, how they read, and how they differ from those in force."""
    _check_may(request)
    read, _ = await read_json(request)
    occasion, texts = _occasion(request), _texts(validated(TextsChecked, read).texts)
    sample, before = _sample(request), _in_force(request, occasion)
    faults = own_texts.check(occasion, texts, sample)
    shown = {} if own_texts.usable(occasion, texts) else _shown(occasion, texts, sample)
    differ = {
        language.value: documents.diff(_whole(before[language]), _whole(text)) for language, text in texts.items()
    }
    problems = [{"field": one.field, "detail": one.detail, "line": None} for one in faults]
    return json_response({"problems": problems, "shown": shown, "diff": differ})


def _texts(given: Mapping[Language, Wording]) -> dict[Language, Text]:
    return {language: Text(one.subject, one.body) for language, one in given.items()}


def _shown(occasion: Occasion, texts: Mapping[Language, Text], sample: Sample) -> dict[str, Any]:
    shown = {}
    for language, text in texts.items():
        try:
            shown[language.value] = own_texts.shown(occasion, language, text, sample)
        except Exception as error:  # told as a fault of this language (own_texts.check), if its words are why
            log.info("text_not_shown", occasion=occasion.value, language=language.value, why=str(error))
    return shown


def _whole(text: Text) -> str:
    return f"{text.subject}\n\n{text.body}"


async def show_version(request: web.Request) -> web.Response:
    _check_may(request)
    occasion = _occasion(request)

    def read(content: str) -> dict[str, Any]:
        return _plain(own_texts.parse(content).wording() or own_texts.built_in(occasion))

    def lines(one: Version) -> str:
        return _all(own_texts.parse(one.content).wording() or own_texts.built_in(occasion))

    beside = _all(_in_force(request, occasion))
    return await documents.show_version(request, template(occasion.value), read, lines, beside)


def _all(texts: Mapping[Language, Text]) -> str:
    return "\n\n".join(f"[{language.value}]\n{_whole(texts[language])}" for language in Language)


async def write(request: web.Request) -> web.Response:
    _check_may(request)
    read, body = await read_json(request)
    asked, occasion = validated(TextsWritten, read), _occasion(request)
    subject = template(occasion.value)
    if (asked.texts is None) == (asked.copy_of is None):
        raise invalid_field("texts", "expected one of texts and copy_of")
    content = await documents.earlier(request, subject, asked)
    try:
        document = Document(texts=asked.texts or {}) if content is None else own_texts.parse(content)
    except ValueError:
        raise documents.refused([OUT_OF_DATE]) from None
    faults = own_texts.check(occasion, document.wording(), _sample(request)) if document.texts else []
    if faults:
        raise documents.refused(faults)
    return await documents.write(
        request, body, subject, asked, document.model_dump_json(), lambda number: f"{occasion.value}+t{number}"
    )


async def approve(request: web.Request) -> web.Response:
    return await _decide(request, Verdict.APPROVED)


async def withdraw(request: web.Request) -> web.Response:
    return await _decide(request, Verdict.WITHDRAWN)


async def _decide(request: web.Request, verdict: Verdict) -> web.Response:
    _check_may(request)
    subject: Subject = template(_occasion(request).value)
    return await documents.decide(request, subject, verdict)


OUT_OF_DATE: Final = Fault("copy_of", "that version was written for another version of the software: write it anew")
_NOT_THEIRS: Final[Mapping[int, str]] = {403: "the policy leaves texts to administrators", 404: "no text has this name"}
ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/texts",
        list_texts,
        SUPERVISE,
        "Every notice that the house words",
        answer="HouseTexts",
        query=(documents.LANGUAGE,),
        answers={403: _NOT_THEIRS[403]},
    ),
    Route(
        "GET",
        "/api/v1/texts/{name}",
        show,
        SUPERVISE,
        "A notice in all languages, the places that it may hold, its versions",
        answer="HouseText",
        answers=_NOT_THEIRS,
    ),
    Route(
        "POST",
        "/api/v1/texts/{name}/check",
        check,
        SUPERVISE,
        "What is wrong with a notice that is being written, and how it reads: nothing is kept",
        body=TextsChecked,
        answer="HouseTextChecked",
        answers=_NOT_THEIRS,
        anew=True,
    ),
    Route(
        "GET",
        "/api/v1/texts/{name}/versions/{number}",
        show_version,
        SUPERVISE,
        "A version, and how it differs from the one in force",
        answer="HouseVersionWhole",
        answers=_NOT_THEIRS,
    ),
    Route(
        "POST",
        "/api/v1/texts/{name}/versions",
        write,
        SUPERVISE,
        "Writes a version of a notice",
        body=TextsWritten,
        answer="HouseVersionWritten",
        status=201,
        answers={
            **_NOT_THEIRS,
            404: "no earlier version has this number",
            409: "another version has been written meanwhile; `number`",
        },
    ),
    Route(
        "POST",
        "/api/v1/texts/{name}/versions/{number}/approve",
        approve,
        SUPERVISE,
        "Approves another person's version",
        answer="HouseVersionWritten",
        answers={**_NOT_THEIRS, 409: "it was decided on, or overtaken"},
    ),
    Route(
        "POST",
        "/api/v1/texts/{name}/versions/{number}/withdraw",
        withdraw,
        SUPERVISE,
        "Takes back a version that does not count yet",
        answer="HouseVersionWritten",
        answers={**_NOT_THEIRS, 409: "it counts already"},
    ),
)
