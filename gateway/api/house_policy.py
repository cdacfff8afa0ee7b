"""The policy in the console: its text and its fields, what is wrong with one that is being written, what it would change, its versions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from case_store.documents import POLICY, Origin, Verdict, Version, digest_of
from case_store.records import Language
from gateway import effects
from gateway.api import documents
from gateway.api.document_models import PolicyChecked, PolicySet, PolicyWritten
from gateway.api.doing import json_response
from gateway.api.masks import sees_masks
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.config import Settings
from gateway.context import GATEWAY
from gateway.in_force import InForce, named
from gateway.policy import Fault, Policy, PolicyError, parse_policy
from gateway.policy_fields import FIELDS, values_of
from gateway.policy_text import CannotSet, line_of, set_entry
from gateway.problems import invalid_field
from gateway.rules import Edition


async def show(request: web.Request) -> web.Response:
    force = await documents.in_force(request)
    version, text = force.policy_version, _text(force)
    source = "console" if version else "built-in" if request.app[GATEWAY].settings.policy is None else "file"
    return json_response(
        {
            **await documents.state(request, POLICY),
            "version": request.app[GATEWAY].policy.version,
            "source": source,
            "content": text,
            "values": values_of(text),
            "file": {"label": force.file.label, "content": force.file.text, "differs": force.file_differs},
            "told": list(force.told()),
        }
    )


def _text(force: InForce) -> str:
    """What is in force, as it is written."""
    version = force.policy_version
    return force.file.text if version is None else version.content


async def show_version(request: web.Request) -> web.Response:
    force = await documents.in_force(request)

    def lines(one: Version) -> str:
        return force.file.text if one.origin is Origin.FOLLOW else one.content

    return await documents.show_version(request, POLICY, str, lines, _text(force))


async def check(request: web.Request) -> web.Response:
    read, _ = await read_json(request)
    asked = validated(PolicyChecked, read)
    gateway, force = request.app[GATEWAY], await documents.in_force(request)
    policy, faults = await asyncio.to_thread(checked, asked.content)
    answer: dict[str, Any] = {
        "problems": _told(faults, asked.content),
        "diff": documents.diff(_text(force), asked.content),
        "values": values_of(asked.content),
        "effects": None,
    }
    if policy is not None:
        there = await gateway.store.read(effects.look)
        old, new = gateway.rules.latest, force.edition_with(policy=policy)
        language = asked.language or gateway.settings.locale
        masks = sees_masks(request)
        answer["effects"] = await asyncio.to_thread(_effects, there, old, new, gateway.settings, language, masks=masks)
    return json_response(answer)


def _effects(
    there: effects.Cases, old: Edition, new: Edition, settings: Settings, language: Language, *, masks: bool
) -> dict[str, Any]:
    return {
        "due": effects.due_days(there, old, new),
        "grades": effects.grades(there, old.policy, new.policy, language, masks=masks),
        "told": effects.told(old.policy, new.policy, settings),
    }


def checked(content: str) -> tuple[Policy | None, tuple[Fault, ...]]:
    """The policy, or what is wrong with it."""
    try:
        return parse_policy(content), ()
    except PolicyError as error:
        return None, error.faults


def _told(faults: tuple[Fault, ...], content: str) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "detail": one.detail, "line": line_of(content, one.field) if one.field else None}
        for one in faults
    ]


async def set_fields(request: web.Request) -> web.Response:
    """The text with entries set by their fields: nothing is kept."""
    read, _ = await read_json(request)
    asked = validated(PolicySet, read)
    return json_response(await asyncio.to_thread(_with_fields, asked))


def _with_fields(asked: PolicySet) -> dict[str, Any]:
    text = asked.content
    for field, value in asked.changes.items():
        text = _set(text, field, value)
    _, faults = checked(text)
    return {"content": text, "problems": _told(faults, text), "values": values_of(text)}


def _set(text: str, field: str, value: Any) -> str:
    if not FIELDS.fullmatch(field):
        raise invalid_field(f"changes.{field}", "has no field of its own: change it in the text")
    try:
        return set_entry(text, field, value)
    except CannotSet as error:
        raise invalid_field(f"changes.{field}", str(error)) from None
    except ValueError:  # of the TOML reader
        raise invalid_field("content", "is not TOML: correct it first") from None


async def write(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(PolicyWritten, read)
    force = await documents.in_force(request)
    given = [asked.content is not None, asked.copy_of is not None, asked.follow_file]
    if sum(given) != 1:
        raise invalid_field("content", "expected one of content, copy_of and follow_file")
    if asked.follow_file:
        return await documents.write(
            request, body, POLICY, asked, "", lambda number: f"file+v{number}", origin=Origin.FOLLOW
        )
    content = asked.content or await documents.earlier(request, POLICY, asked) or ""
    policy, faults = await asyncio.to_thread(checked, content)
    if policy is None:
        raise documents.refused(faults)
    stem = policy.version
    return await documents.write(
        request,
        body,
        POLICY,
        asked,
        content,
        lambda number: named(stem, f"+v{number}", room=ROOM),
        file_digest=digest_of(force.file.text),
    )


ROOM: Final = 7  # characters of a name, for the calendar's version behind it


async def approve(request: web.Request) -> web.Response:
    return await documents.decide(request, POLICY, Verdict.APPROVED)


async def withdraw(request: web.Request) -> web.Response:
    return await documents.decide(request, POLICY, Verdict.WITHDRAWN)


_REFUSED: Final[Mapping[int, str]] = {
    404: "no earlier version has this number",
    409: "another version has been written meanwhile; `number`",
}
ROUTES: Final = (
    Route(
        "GET", "/api/v1/policy", show, "admin", "The policy in force, its file and its versions", answer="PolicyRoom"
    ),
    Route(
        "GET",
        "/api/v1/policy/versions/{number}",
        show_version,
        "admin",
        "A version, and how it differs from the one in force",
        answer="HouseVersionWhole",
        answers={404: "no version has this number"},
    ),
    Route(
        "POST",
        "/api/v1/policy/check",
        check,
        "admin",
        "What is wrong with a policy that is being written, and what it would change: nothing is kept",
        body=PolicyChecked,
        answer="PolicyChecked",
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/policy/set",
        set_fields,
        "admin",
        "Sets entries of a policy that is being written: nothing is kept",
        body=PolicySet,
        answer="PolicyText",
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/policy/versions",
        write,
        "admin",
        "Writes a version; it counts at once or from its moment on, with four eyes once another administrator has approved it",
        body=PolicyWritten,
        answer="HouseVersionWritten",
        status=201,
        answers=_REFUSED,
    ),
    Route(
        "POST",
        "/api/v1/policy/versions/{number}/approve",
        approve,
        "admin",
        "Approves another person's version",
        answer="HouseVersionWritten",
        answers={**_REFUSED, 404: "no version has this number", 403: "one's own"},
    ),
    Route(
        "POST",
        "/api/v1/policy/versions/{number}/withdraw",
        withdraw,
        "admin",
        "Takes back a version that does not count yet",
        answer="HouseVersionWritten",
        answers={404: "no version has this number", 409: "it counts already"},
    ),
)
