"""Hints on words that an agent is writing to a customer. Nothing is kept, nothing is refused."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from gateway.api import models, shapes
from gateway.api.doing import HEADER, answer_of, do, json_response
from gateway.api.models import ReplyChecked
from gateway.api.reading import read_json, validated
from gateway.api.routes import SIGNED_IN, Route


async def check(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    document = _hints(validated(models.ReplyChecked, read))
    if HEADER in request.headers:  # nobody needs it for what changes nothing, but a key is a key
        return await do(request, body, lambda _: answer_of(document))
    return json_response(document)


def _hints(asked: ReplyChecked) -> dict[str, Any]:
    from dialogue.hints import hints  # late: it needs the dictionaries of both scripts

    return shapes.whole([asdict(hint) for hint in hints(asked.text, asked.language, asked.reader)])


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/wording",
        check,
        SIGNED_IN,
        "Hints on words that are being written to a customer: vague times, blame, promises, jargon …; nothing is kept",
        body=models.ReplyChecked,
        answers={422: "no such language"},
        answer="Hints",
    ),
)
