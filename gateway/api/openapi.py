"""The description of the API at `/api/openapi.json` (OpenAPI 3.1), made from the table of routes and the models that check requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.api.account_answers import ACCOUNTS
from gateway.api.answers import ANSWERS
from gateway.api.canned_answers import CANNED
from gateway.api.case_answers import BESIDE
from gateway.api.document_answers import DOCUMENTS
from gateway.api.doing import HEADER
from gateway.api.doing import LONGEST as LONGEST_KEY
from gateway.api.draft_answers import DRAFTS
from gateway.api.quality_answers import QUALITY
from gateway.api.report_answers import FIGURES, FLOOR
from gateway.api.retention_answers import RETENTION
from gateway.api.revealing_answers import REVEALED
from gateway.api.routes import ANYONE, SIGNED_IN, TABLE, Query, Route, is_limited, takes_key
from gateway.api.surges_answers import SURGES
from gateway.api.team_answers import TEAMS
from gateway.api.webhook_answers import WEBHOOKS
from gateway.api.work_answers import WORK
from gateway.auth.sessions import CSRF_HEADER
from gateway.problems import TYPE

SHAPES: Final = {
    **ACCOUNTS,
    **ANSWERS,
    **CANNED,
    **BESIDE,
    **DRAFTS,
    **QUALITY,
    **REVEALED,
    **RETENTION,
    **FIGURES,
    **FLOOR,
    **DOCUMENTS,
    **SURGES,
    **TEAMS,
    **WEBHOOKS,
    **WORK,
}
_NO_NUL: Final = r"^[^\u0000]*$"  # what no database keeps is in no text
_PRINTABLE: Final = r"^[^\u0000-\u001f\u007f-\u00a0]+$"
_IF_MATCH: Final = {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}"|[0-9]{1,9})$'}
_SEEN: Final = r"\x21-\x7e\u00a1-\u00ac\u00ae-\u00ff"  # what a header can show
_KEY: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_KEY,
    "pattern": rf"^[{_SEEN}]([ {_SEEN}]*[{_SEEN}])?$",
}
_NUMBERED: Final = {"limit": {"type": "integer", "minimum": 1, "maximum": 200}}
REF: Final = "#/components/schemas/{model}"
_AFTER: Final = {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}
_LEFT: Final = {
    name: {"description": told, "schema": {"type": "string"}}
    for name, told in (
        (
            "RateLimit-Policy",
            "the quota: `q` requests in `w` seconds of a `key`, a `session`, an `address`, or of what is `refused` at one",
        ),
        ("RateLimit", "what is left of it: `r` requests, all of them again in `t` seconds"),
    )
}
_USUAL: Final = {
    400: "not a request",
    401: "nobody is signed in",
    403: "not allowed, or the CSRF token is missing",
    413: "too large",
    415: "not JSON",
    422: "a wrong field, or an idempotency key used for another request",
    429: "too many requests: `Retry-After` tells when to come back",
    500: "something went wrong here",
    503: "the store can't be reached: nothing has been taken",
}


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document."""
    models: list[type[BaseModel]] = [route.body for route in routes if route.body is not None]
    _, bodies = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Qingting",
            "version": _version(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {**{name: _without_nul(body) for name, body in bodies.get("$defs", {}).items()}, **SHAPES},
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "qingting",
                    "description": f"unsafe requests bring {CSRF_HEADER}",
                },
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _without_nul(schema: Any) -> Any:
    """A schema of what is sent to us: each text in it holds only what a text can hold."""
    if isinstance(schema, list):
        return [_without_nul(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _without_nul(value) for name, value in schema.items()}
    if found.get("type") == "string" and not {"pattern", "format", "enum", "const"} & found.keys():
        found["pattern"] = _NO_NUL
    return found


def _version() -> str:
    try:
        return version("qingting")
    except PackageNotFoundError:
        return "0"


def _operation(route: Route) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', route.path).rstrip('_')}",
        "summary": route.tells,
        "security": [] if route.scope is ANYONE else [{"session": []}, {"key": []}],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_headers(route)],
        "responses": _responses(route),
    }
    if route.scope not in (ANYONE, SIGNED_IN):
        shown["description"] = f"Takes the scope `{route.scope}`."
    if route.body is not None:
        schema = {"schema": {"$ref": REF.format(model=route.body.__name__)}}
        types = ["application/json"]
        types += ["application/x-www-form-urlencoded", "multipart/form-data"] if route.form else []
        shown["requestBody"] = {"required": route.body_required, "content": dict.fromkeys(types, schema)}
    if route.upload:
        shown["requestBody"] = _upload(route.upload)
    elif route.takes is not None:
        shown["requestBody"] = {"content": {route.takes: {"schema": {"type": "string", "format": "binary"}}}}
    return shown


def _upload(files: Sequence[str]) -> dict[str, Any]:
    """The first file as the whole body, or all of them as parts of a form."""
    binary = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": [files[0]], "properties": dict.fromkeys(files, binary)}
    return {"required": True, "content": {"*/*": {"schema": binary}, "multipart/form-data": {"schema": form}}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _PRINTABLE}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": query.name,
            "in": "query",
            "description": query.tells,
            "schema": _NUMBERED.get(query.name) or _text(query),
            **({"style": "form", "explode": False} if query.several else {}),
        }
        for query in route.query
    ]


def _text(query: Query) -> dict[str, Any]:
    if query.several:
        return {"type": "array", "items": {"type": "string", "enum": list(query.values)}}
    return {"type": "string", **({"enum": list(query.values)} if query.values else {"pattern": _NO_NUL})}


def _headers(route: Route) -> list[dict[str, Any]]:
    text = {"schema": {"type": "string"}}
    found: list[dict[str, Any]] = []
    if takes_key(route):
        told = "the first answer is repeated for 24 hours"
        found.append({"name": HEADER, "in": "header", "description": told, "schema": _KEY})
    if 428 in route.answers:
        told = "the record's version"
        found.append({"name": "If-Match", "in": "header", "required": True, "description": told, "schema": _IF_MATCH})
    if route.scope is not ANYONE and route.method != "GET":
        found.append({"name": CSRF_HEADER, "in": "header", "description": "with a session", **text})
    found += [{"name": own.name, "in": "header", "description": own.tells, **text} for own in route.headers]
    return found


def _responses(route: Route) -> dict[str, Any]:
    usual = {500, 503}
    usual |= {401, 403} if route.scope is not ANYONE else set()
    usual |= {413} if route.upload else set()
    usual |= (
        {400, 413, 415, 422} if route.body is not None else {400, 422} if route.query or takes_key(route) else {400}
    )
    usual |= {429} if is_limited(route) else set()
    problems: Mapping[int, str] = {**{status: _USUAL[status] for status in usual}, **route.answers}
    found: dict[str, Any] = {str(route.status): _success(route)}
    limited = {"headers": _LEFT} if is_limited(route) else {}
    found[str(route.status)].update(limited)
    for status, tells in sorted(problems.items()):
        content: dict[str, Any] = (
            {} if status < 400 else {"content": {TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}}
        )
        found[str(status)] = {"description": tells, **content}
    if 429 in problems:
        found["429"]["headers"] = {**limited.get("headers", {}), "Retry-After": _AFTER}
    return found


def _success(route: Route) -> dict[str, Any]:
    if route.status in (101, 204):
        return {"description": "done" if route.status == 204 else "the protocol changes"}
    schema = {"$ref": REF.format(model=route.answer)} if route.answer else {}
    types = [one for one in (route.media_type, route.or_media_type) if one is not None]
    return {"description": "done", "content": {one: {"schema": schema} for one in types}}


async def openapi(request: web.Request) -> web.Response:
    """Every route of this application, this one among them."""
    table = request.app[TABLE]
    if not table.described:
        table.described = json.dumps(describe(table.routes), ensure_ascii=False)
    return web.Response(text=table.described, content_type="application/json")


ROUTES = (Route("GET", "/api/openapi.json", openapi, ANYONE, "This description"),)
