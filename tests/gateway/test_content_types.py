"""Every answer of the web says what it is, and text says in which charset: a browser that guesses may take data for a page."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import ClientSession

from tests.gateway.api.permissions import rows
from tests.gateway.api.test_permissions import BODIES, SAFE
from tests.gateway.api.test_permissions import gate as gate  # the whole web, and an administrator

TEXT = re.compile(r"text/.*|application/(.*\+)?(json|xml|javascript)|image/svg\+xml")
PAGES = (
    "/",
    "/chat",
    "/console",
    "/console/cases",
    "/nowhere",
    "/api/v1/nowhere",
    "/widget.js",
    "/api/v1/openapi.json",
)
NOTHING = (204, 304)


def wrong_with(answer: Any, body: bytes) -> str | None:
    """What is wrong with an answer's type, if anything is."""
    said = answer.headers.get("Content-Type", "")
    if answer.status in NOTHING or not body:
        return None
    if not said:
        return "no Content-Type"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        return "may be sniffed"
    return f"{said}, without its charset" if TEXT.fullmatch(answer.content_type) and answer.charset != "utf-8" else None


async def test_every_answer_says_what_it_is_and_text_says_its_charset(gate: Any) -> None:
    asked = [(row.method, row.path) for row in rows() if row.name not in ENDING]
    wrong, looked_at = [], set()
    async with ClientSession() as session:

        async def look(method: str, path: str, headers: Any) -> str:
            body = None if method in SAFE else BODIES.get(f"{method} {path}", {})
            address = gate.url + re.sub(r"\{[^}]+\}", "nothing", path)
            async with session.request(method, address, headers=headers, json=body, allow_redirects=False) as answer:
                if answer.status == 101:
                    return ""
                content = b"" if answer.content_type == "text/event-stream" else await answer.read()
                found = wrong_with(answer, content)
                if found:
                    wrong.append(f"{method} {path}: {answer.status} {found}")
                if content:
                    looked_at.add(answer.content_type)
                return content.decode("utf-8", "replace") if answer.content_type == "text/html" else ""

        for who in ("nobody", "admin"):
            for method, path in asked:
                await look(method, path, gate.headers[who])
        pages = [await look("GET", path, {"Accept": "text/html"}) for path in PAGES]
        for path in sorted({named for page in pages for named in re.findall(r'"(/static/[^"]+)"', page)}):
            await look("GET", path, {})
    assert wrong == [], "\n".join(wrong)
    assert {"text/html", "application/json", "application/problem+json", "text/css", "text/javascript"} <= looked_at


ENDING = ("DELETE /api/v1/session", "POST /api/v1/sign-out")  # whoever is asked after them would be nobody
