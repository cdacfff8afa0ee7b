"""What comes by letter or over the counter: a program of the house's enters it by the API, with a key of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import aiohttp
from aiohttp import web

from case_store import people
from dialogue.embedded import embedded_engine
from dialogue.engine import Engine
from gateway.api.app import setup_api
from gateway.auth.sessions import digest_of, new_key
from gateway.complaints import Complaints
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.engines import Engines
from gateway.hooks import TAKE_COMPLAINT
from gateway.notifications import Notices
from gateway.policy import load_policy, triage_of
from gateway.promises import Promises
from gateway.web import setup_web
from tests.conformance.channels.rig import House, Sent

LARGEST: Final = 200_000
PARTS: Final = "multipart/form-data; boundary=b"
HOSTILE: Final = (
    (b"", "application/json"),
    (b"\x00\xff", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"channel":"letter","received_at":"2026-11-20T10:00:00Z","what_happened":"\\u0000\\ud800"}', "application/json"),
    (b'{"channel":"letter","received_at":"2026-11-20T10:00:00Z","what_happened":"x","sudo":true}', "application/json"),
    (b"--b\r\n\r\n", PARTS),
    (b'--b\r\nContent-Disposition: form-data; name="file"; filename="../../x"\r\n\r\nx', PARTS),
    (b'--b\r\nContent-Disposition: form-data; name="' + b"n" * 5000 + b'"\r\n\r\nx\r\n--b--\r\n', PARTS),
    (b'--b\r\nContent-Disposition: form-data; name="proxy"\r\n\r\n' + b"[" * 50_000 + b"\r\n--b--\r\n", PARTS),
    (b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n", PARTS),
    (b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n' * 200 + b"--b--\r\n", PARTS),
)


@cache
def engine() -> Engine:
    policy = load_policy(None)
    return embedded_engine(triage_of(policy, Promises(policy, Settings()).house))


class CounterRig:
    def __init__(self) -> None:
        self._key = new_key()
        self.secrets = (self._key,)
        self._runner: web.AppRunner | None = None
        self._engines: Engines | None = None
        self._port = 0
        self._known = False
        self._sent: dict[str, Sent] = {}
        self._taken: set[str] = set()

    async def start(self, house: House) -> None:
        given = house.gateway
        settings = given.settings.model_copy(update={"max_message": LARGEST})
        app = web.Application()
        app[GATEWAY] = Gateway(settings, given.policy, given.store, given.files, given.tokens, given.wakeups)
        setup_web(app)
        notices = Notices(Promises(given.policy, settings), settings, given.tokens)
        self._engines = Engines(engine())
        app[TAKE_COMPLAINT] = Complaints(self._engines, notices)
        setup_api(app)
        if not self._known:
            key = {"name": "branch", "scopes": ["intake"], "digest": digest_of(self._key), "actor": "system"}
            house.store.write_now(people.add_key, **key)
            self._known = True
        self._runner = web.AppRunner(app, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._runner is not None
        assert self._engines is not None
        await self._runner.cleanup()
        self._engines.close()

    async def close(self) -> None: ...

    async def deliver(self, sent: Sent) -> None:
        self._sent[sent.id] = sent
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        sent = self._sent[id]
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("channel", "letter")
        form.add_field("received_at", "2026-11-20T10:00:00+08:00")
        form.add_field("what_happened", sent.text)
        if sent.attachment is not None:
            form.add_field("file", sent.attachment, filename="proof.bin")
        if await self._enter(form, {"Idempotency-Key": id}) == 201:
            self._taken.add(id)

    async def _enter(self, body: Any, headers: Mapping[str, str]) -> int:
        url = f"http://127.0.0.1:{self._port}/api/v1/intake"
        given = {"Authorization": f"Bearer {self._key}", **headers}
        async with aiohttp.ClientSession() as http:
            try:
                async with http.post(url, data=body, headers=given) as answer:
                    return answer.status
            except aiohttp.ClientError:
                return 0  # refused before all of it was sent

    async def acknowledged(self, id: str) -> bool:
        return id in self._taken

    async def deliver_oversize(self) -> None:
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("file", b"x" * (2 * LARGEST), filename="large.bin")
        await self._enter(form, {})

    async def deliver_hostile(self) -> int:
        for body, kind in HOSTILE:
            assert await self._enter(body, {"Content-Type": kind}) in range(400, 500)
        return len(HOSTILE)
