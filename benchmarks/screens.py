"""An arriving message on every agent's screen: 50 agents listen, half of them show the conversation, and fetch it as the console does.

From the customer's sending to each who shows it having the text; and, in one real browser among them, to the text standing in the page.
Nobody who does not show the conversation may be told its name. The agents sit elsewhere: they are not pinned to the gateway's core.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from benchmarks.harness import CHROMIUM, PASSWORD, Absent, Gateway, Line, chromium, percentile, scratch

AGENTS: Final = 50
SAID: Final = 40
EVERY: Final = 0.5  # seconds between two messages
PATIENCE: Final = 20.0
WATCHES: Final = """() => {
  window.drawn = {};
  const look = () => document.querySelectorAll(".message.customer").forEach(one => {
    const said = one.textContent.match(/word \\d+/)?.[0];
    if (said) window.drawn[said] ??= Date.now();
  });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


@dataclass
class Agent:
    """`strays`: how often one who does not show the conversation was told its name."""

    client: aiohttp.ClientSession
    conversation: str
    shows: bool
    seen: dict[str, float] = field(default_factory=dict)
    strays: int = 0

    async def listen(self, ready: asyncio.Event) -> None:
        async with self.client.ws_connect("/api/v1/live") as socket:
            shown = [self.conversation] if self.shows else []
            await socket.send_json({"type": "showing", "conversations": shown, "cases": [], "open": None})
            ready.set()
            async for frame in socket:
                told = json.loads(frame.data)
                if told.get("type") == "changed" and told.get("id") == self.conversation:
                    if self.shows:
                        await self._fetch()
                    else:
                        self.strays += 1

    async def _fetch(self) -> None:
        async with self.client.get(f"/api/v1/conversations/{self.conversation}") as answer:
            for message in (await answer.json())["messages"]:
                self.seen.setdefault(message["text"], time.time())


@dataclass
class Found:
    """Milliseconds from sending: to each agent, and to the page."""

    fetched: list[float]
    drawn: list[float]
    strays: int


def measure(runs: int) -> list[Line]:
    found = [asyncio.run(_once()) for _ in range(runs)]
    note = f"{SAID} messages; told to who does not show it: {sum(one.strays for one in found)}"
    median = [percentile(one.fetched, 0.5) for one in found]
    return [
        Line(f"a message with {AGENTS // 2} of {AGENTS} agents who show it: median", "ms", median, note=note),
        Line("… p99", "ms", [percentile(one.fetched, 0.99) for one in found], goal="≤ 200 ms"),
        Line("… standing in a real page: p99", "ms", [percentile(one.drawn, 0.99) for one in found], goal="≤ 200 ms"),
    ]


async def _once() -> Found:
    with scratch() as folder, Gateway(folder / "data", QINGTING_QUIET_SECONDS="0") as gateway:
        base = f"http://127.0.0.1:{gateway.http}"
        async with contextlib.AsyncExitStack() as stack, _page() as page:
            admin = await _signed_in(stack, base, "admin")
            clients = [await _colleague(stack, admin, base, number) for number in range(AGENTS)]
            customer = await stack.enter_async_context(aiohttp.ClientSession(base))
            chat = await stack.enter_async_context(customer.ws_connect("/chat/ws"))
            conversation = await _begun(chat)
            async with admin.post(f"/api/v1/conversations/{conversation}/take-over", json={}) as answer:
                answer.raise_for_status()
            agents = [Agent(client, conversation, shows=number % 2 == 0) for number, client in enumerate(clients)]
            await _shown(page, base, conversation)
            async with _listening(agents):
                sent = await _said(chat)
                await asyncio.sleep(2)
            drawn: dict[str, float] = await page.evaluate("window.drawn")
    showing = [one for one in agents if one.shows]
    if missing := [text for text in sent if text not in drawn or any(text not in one.seen for one in showing)]:
        raise RuntimeError(f"did not arrive everywhere within two seconds: {missing}")
    return Found(
        fetched=[1000 * (one.seen[text] - at) for one in showing for text, at in sent.items()],
        drawn=[drawn[text] - 1000 * at for text, at in sent.items()],
        strays=sum(one.strays for one in agents),
    )


@contextlib.asynccontextmanager
async def _page() -> AsyncIterator[Any]:
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise Absent("playwright is not installed: it is one of the tests' packages") from None
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        yield await opened.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        await opened.close()


async def _shown(page: Any, base: str, conversation: str) -> None:
    await page.goto(f"{base}/console/conversations/{conversation}")
    await page.fill("#username", "admin")
    await page.fill("#password", PASSWORD)
    await page.click("button[type=submit]")
    await page.locator(".message").first.wait_for()
    await page.evaluate(WATCHES)


async def _begun(chat: aiohttp.ClientWebSocketResponse) -> str:
    """The conversation of a customer who has said their first word."""
    await chat.send_json({"type": "start", "session": None, "locale": "en"})
    conversation = str((await _heard(chat, "session"))["conversation"])
    await _say(chat, "I have a complaint about a fee")
    return conversation


async def _say(chat: aiohttp.ClientWebSocketResponse, text: str) -> None:
    await chat.send_json({"type": "message", "client_id": text, "text": text})
    await _heard(chat, "accepted")


async def _heard(chat: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        told: dict[str, Any] = await asyncio.wait_for(chat.receive_json(), PATIENCE)
        if told["type"] == kind:
            return told


async def _said(chat: aiohttp.ClientWebSocketResponse) -> dict[str, float]:
    """When each was sent."""
    sent = {}
    for number in range(SAID):
        text = f"word {number}"
        sent[text] = time.time()
        await _say(chat, text)
        await asyncio.sleep(EVERY)
    return sent


async def _signed_in(stack: contextlib.AsyncExitStack, base: str, username: str) -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)
    client = await stack.enter_async_context(aiohttp.ClientSession(base, cookie_jar=jar))
    async with client.post("/api/v1/session", json={"username": username, "password": PASSWORD}) as answer:
        answer.raise_for_status()
        client.headers["X-CSRF-Token"] = (await answer.json())["csrf_token"]
    return client


async def _colleague(
    stack: contextlib.AsyncExitStack, admin: aiohttp.ClientSession, base: str, number: int
) -> aiohttp.ClientSession:
    username = f"agent{number}"
    new = {"username": username, "name": f"Agent {number}", "role": "agent", "password": PASSWORD}
    async with admin.post("/api/v1/agents", json=new) as answer:
        answer.raise_for_status()
    return await _signed_in(stack, base, username)


@contextlib.asynccontextmanager
async def _listening(agents: list[Agent]) -> AsyncIterator[None]:
    ready = [asyncio.Event() for _ in agents]
    tasks = [asyncio.create_task(one.listen(event)) for one, event in zip(agents, ready, strict=True)]
    await asyncio.gather(*(asyncio.wait_for(event.wait(), PATIENCE) for event in ready))
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
