"""An agent at the counter, by the API, and what is handed in there."""

from __future__ import annotations

import json as json_
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientSession, FormData, web
from pypdf import PdfReader

from case_store import audit, cases
from case_store.audit import HappenedAt, case_chain
from case_store.case_record import CaseRecord
from case_store.files import Files
from case_store.store import Store
from gateway.notifications import Notices

PASSWORD = "correct horse battery"
LETTER = {
    "channel": "letter",
    "received_at": "2026-11-20T10:00:00+08:00",
    "what_happened": "上周在滨江支行买的理财亏了两万三千元，客户经理说是保本的。",
    "name": "江敏",
    "about": "滨江支行",
    "amount": {"value": "23000", "currency": "CNY"},
    "desired_outcome": "补足本金",
    "locale": "zh-Hans",
}
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 8


@dataclass
class Counter:
    """An agent at the counter, by the API."""

    store: Store
    files: Files
    notices: Notices
    app: web.Application
    url: str
    session: ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        given = {**self.headers, **(headers or {})}
        async with self.session.request(method, f"{self.url}/api/v1{path}", headers=given, **more) as answer:
            if answer.content_type.endswith("json"):
                return answer.status, await answer.json(content_type=None)
            return answer.status, await answer.read()

    async def post(self, path: str, json: Any = None, **more: Any) -> Any:
        return await self.send("POST", path, **({} if json is None else {"json": json}), **more)

    async def get(self, path: str) -> Any:
        return await self.send("GET", path)

    async def enter(self, files: dict[str, tuple[str, bytes]] | None = None, **change: Any) -> CaseRecord:
        """Enters a letter; `files` by part: `{"file": (name, content)}`. Answers the case."""
        status, receipt = await self.try_to_enter(files, **change)
        assert status == 201, receipt
        return self.store.read_now(cases.get, receipt["reference"])

    async def try_to_enter(self, files: dict[str, tuple[str, bytes]] | None = None, **change: Any) -> Any:
        entry = {name: value for name, value in {**LETTER, **change}.items() if value is not None}
        if files is None:
            return await self.post("/intake", entry)
        return await self.post("/intake", data=form(entry, files))

    def case(self, id: str) -> CaseRecord:
        return self.store.read_now(cases.get, id)

    def events(self, case_id: str) -> list[HappenedAt]:
        return self.store.read_now(audit.timeline, case_chain(case_id))

    def actions(self, case_id: str) -> list[str]:
        return [event.action for event in self.events(case_id)]

    def detail(self, case_id: str, action: str) -> dict[str, Any]:
        """Of the last event of this kind."""
        return dict([event for event in self.events(case_id) if event.action == action][-1].detail or {})

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    async def tasks(self, kind: str | None = None) -> list[dict[str, Any]]:
        _, page = await self.get("/tasks")
        return [task for task in page["items"] if kind in (None, task["kind"])]


def form(fields: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> FormData:
    data = FormData(quote_fields=False, default_to_multipart=True)  # names as browsers send them
    for name, value in fields.items():
        if name == "amount" and isinstance(value, dict):
            data.add_field("amount.value", value["value"])
            data.add_field("amount.currency", value["currency"])
        else:
            data.add_field(name, value if isinstance(value, str) else json_.dumps(value))
    for part, (name, content) in files.items():
        data.add_field(part.partition("#")[0], content, filename=name, content_type="application/x-claimed")
    return data


def text_of(pdf: bytes) -> str:
    """All that stands in a document, without blanks and line ends: lines break anywhere in Chinese."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)
