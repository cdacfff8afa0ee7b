"""A whole house with customers by mail and in the chat, and an agent who answers with files: what the tests of answers share."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import io
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession, CookieJar

from case_store.tables_conversations import messages
from case_store.tables_outbox import deliveries
from tests.browser.console_house import PASSWORD, House
from tests.pictures import picture

PNG = picture("PNG")
NAME = "退款證明 “第2頁”.png"
COMPLAINT = "I complain: your branch charged me a fee of 300 CNY twice on 2 November. Refund it. My name is Ann Lee"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


class Agent:
    """Megan, over the API."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.root = house.url.removesuffix("/console")

    async def __aenter__(self) -> Agent:
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        signed_in = await self.post("/api/v1/session", {"username": "megan", "password": PASSWORD})
        self.session.headers["X-CSRF-Token"] = signed_in[1]["csrf_token"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        async with self.session.post(self.root + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def upload(self, content: bytes = PNG, name: str = NAME, *, whole: bool = True) -> str:
        told = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(content)),
            "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
            "Accept": "application/json",
        }
        async with self.session.post(f"{self.root}/api/v1/uploads", headers=told) as answer:
            assert answer.status == 201, await answer.text()
            place, id = self.root + answer.headers["Location"], (await answer.json())["id"]
        if whole:
            piece = {
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": "0",
                "Content-Type": "application/offset+octet-stream",
            }
            async with self.session.patch(place, data=io.BytesIO(content), headers=piece) as answer:
                assert answer.status in (204, 415), await answer.text()
        return str(id)

    async def answers(self, conversation: str, *files: str, text: str = "Here is the proof.") -> tuple[int, Any]:
        return await self.post(f"/api/v1/conversations/{conversation}/messages", {"text": text, "attachments": files})


def by_mail(house: House) -> str:
    """A conversation by mail, whose customer has had the bot's answer."""
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "ann@customer.example", "Fee", "<fee@customer.example>"
    mail.set_content(COMPLAINT)
    house.mail(mail)
    sent = sa.select(sa.func.count()).where(deliveries.c.state == "sent")
    house.do(until(house, lambda tx: tx.execute(sent).scalar()))  # sent, and on record that it was
    found = house.do(house.gateway.store.read(lambda tx: tx.execute(sa.select(messages.c.conversation_id)).scalar()))
    return str(found)


def outgoing(house: House) -> list[EmailMessage]:
    folder = house.gateway.settings.data_dir / "outgoing"
    found = sorted(folder.glob("*.eml")) if folder.is_dir() else []
    return [email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in found]  # type: ignore[misc]


async def until(house: House, true: Any) -> None:
    with house.gateway.wakeups.subscribed() as changed:
        async with asyncio.timeout(30):
            while not await house.gateway.store.read(true):
                await changed.get()


def files_in(mail: EmailMessage) -> list[tuple[str | None, bytes]]:
    return [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()]


def of(house: House, unit: Any, *args: Any) -> Any:
    return house.do(house.gateway.store.read(unit, *args))
