"""The online form, as a browser without scripts sends it: multipart, under a key that makes a repeat one."""

from __future__ import annotations

import aiohttp
from aiohttp import web

from case_store.records import Language
from dialogue.embedded import embedded_engine
from gateway.complaints import Complaints
from gateway.engines import Engines
from gateway.hooks import TAKE_COMPLAINT
from gateway.notifications import Notices
from gateway.promises import Promises
from tests.conformance.channels.rig import House, Sent
from tests.conformance.channels.web import WebServer

FORM = "multipart/form-data; boundary=b"
HOSTILE = (
    (FORM, b""),
    (FORM, b"--b\r\n\r\n\r\n--b--\r\n"),
    (FORM, b'--b\r\nContent-Disposition: form-data; name="what_happened"\r\n\r\nno end'),
    (FORM, b'--b\r\nContent-Disposition: form-data; name="what_happened"\r\n\r\n\xff\xfe\x00\r\n--b--\r\n'),
    (
        FORM,
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="../../x.exe"\r\n\r\nMZ\x90\x00\r\n--b--\r\n',
    ),
    (FORM, b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n"),
    ("application/x-www-form-urlencoded", b"what_happened=%00&what_happened=%ff" + b"&a=b" * 500),
    ("application/json", b"{" * 10_000),
    ("application/json", b'{"what_happened": "\\ud800\\u0000"}'),
    ("application/json", b'{"what_happened": "x", "attachments": ["../../etc/passwd"]}'),
    ("text/plain", b"what happened?"),
)


class WebFormRig:
    secrets = ()

    def __init__(self) -> None:
        self._server = WebServer(self._add)
        self._house: House | None = None
        self._engines: Engines | None = None
        self._sent: dict[str, Sent] = {}
        self._taken: set[str] = set()

    def _add(self, app: web.Application) -> None:
        assert self._house is not None
        assert self._engines is not None
        gateway = self._house.gateway
        promises = Promises(gateway.policy, gateway.settings)
        app[TAKE_COMPLAINT] = Complaints(self._engines, Notices(promises, gateway.settings, gateway.tokens))

    async def start(self, house: House) -> None:
        self._house, self._engines = house, Engines(embedded_engine())
        await self._server.start(house)

    async def stop(self) -> None:
        await self._server.stop()
        if self._engines is not None:
            self._engines.close()

    async def close(self) -> None: ...

    async def deliver(self, sent: Sent) -> None:
        self._sent[sent.id] = sent
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        sent = self._sent[id]
        form = aiohttp.FormData({"what_happened": sent.text, "locale": Language.EN.value}, default_to_multipart=True)
        if sent.attachment is not None:
            form.add_field("files", sent.attachment, filename="proof.bin")
        if await self._post(form, {"Idempotency-Key": id}) == 201:
            self._taken.add(id)

    async def _post(self, body: aiohttp.FormData | bytes, headers: dict[str, str]) -> int:
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self._server.url}/api/v1/complaints", data=body, headers=headers) as answer,
        ):
            return answer.status

    async def acknowledged(self, id: str) -> bool:
        return id in self._taken

    async def deliver_oversize(self) -> None:
        form = aiohttp.FormData({"what_happened": "x" * 60_000}, default_to_multipart=True)
        await self._post(form, {"Idempotency-Key": "oversize"})

    async def deliver_hostile(self) -> int:
        for kind, body in HOSTILE:
            await self._post(body, {"Content-Type": kind})
        return len(HOSTILE)
