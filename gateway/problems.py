"""Problem documents (RFC 9457): every error that leaves the house by HTTP.

A `Problem` is raised anywhere below a handler and becomes `application/problem+json` in web.py. `code` is for programs and
never changes; `detail` is for whoever reads the log of the calling program. Neither tells a stranger what the house holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

TYPE: Final = "application/problem+json"


class Problem(Exception):
    """An answer other than success. `members` are further members of the document."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def document(self) -> dict[str, Any]:
        return {
            "type": f"urn:qingting:problem:{self.code}",
            "title": _phrase(self.status),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.members,
        }

    def response(self) -> web.Response:
        return web.Response(
            status=self.status,
            text=json.dumps(self.document(), ensure_ascii=False),
            content_type=TYPE,
            charset="utf-8",
            headers=self.headers,
        )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # of a protocol beside HTTP: 460 of tus
        return "Refused"


def not_found(what: str = "there is nothing here") -> Problem:
    return Problem(404, "not_found", what)


def erased(what: str) -> Problem:
    return Problem(
        409, "erased", f"this {what} was erased: only what proves it is kept, and nothing of it can be changed"
    )


def unauthorized(detail: str = "sign in, or send an API key as a bearer token") -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="qingting"'})


def forbidden(code: str, detail: str) -> Problem:
    return Problem(403, code, detail)


def too_many(retry_after: float, detail: str = "too many requests: come back later") -> Problem:
    return Problem(429, "too_many", detail, headers={"Retry-After": str(max(1, round(retry_after)))})


def unavailable(retry_after: int = 5) -> Problem:
    detail = "nothing has been taken: the store can't be reached, send it again later"
    return Problem(503, "unavailable", detail, headers={"Retry-After": str(retry_after)})


def invalid(errors: Sequence[Mapping[str, str]], code: str = "invalid") -> Problem:
    """`errors` names each field, with what is wrong and what would be right."""
    told = "; ".join(f"{error['field']}: {error['detail']}" if error["field"] else error["detail"] for error in errors)
    return Problem(422, code, told, errors=[dict(error) for error in errors])


def invalid_field(field: str, detail: str) -> Problem:
    return invalid([{"field": field, "detail": detail}])
