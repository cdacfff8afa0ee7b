"""A Bot API server of our own: one bot, its customers, and everything it is asked, checked.

Stands in for the public one, which tests never reach. It behaves as https://core.telegram.org/bots/api describes, where it matters
to us: what is confirmed never comes again, an update comes again until it is; one long poll ends another with 409, and so does
a webhook; links to files run out; limits are told with `retry_after`; a webhook is called until it answers 2xx.

What no correct client would send (an unknown method or parameter, a wrong type, a missing one) is refused and stands in
`complaints`: a test that ends with any has failed.

Not here: what the methods mean for us (channels/telegram).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.bot_api_methods import ACTIONS, BOOLEAN, CHAT, FILE, INTEGER, LIST, METHODS, OBJECT, UNASKED

TOKEN = "5551234:AAF-secret_token_of_the_bot"
LARGEST = 20_000_000


class Refusal(Exception):
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.answer = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.answer["parameters"] = parameters


@dataclass
class Fault:
    """What goes wrong with one call: a refusal, or `silent`: it is carried out and the connection closed without an answer."""

    refusal: Refusal | None = None
    silent: bool = False
    bare: int = 0  # a status without a body, as a proxy gives it


@dataclass
class Sent:
    """A message of the bot."""

    chat: int
    number: int
    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    content: bytes | None = None
    name: str | None = None


@dataclass
class Customer:
    id: int
    first_name: str = "Ann"
    last_name: str = "Lee"
    language_code: str | None = "en"
    state: str = "member"  # kicked: has blocked the bot; deactivated

    def user(self) -> dict[str, Any]:
        told = {"id": self.id, "is_bot": False, "first_name": self.first_name, "last_name": self.last_name}
        return told | ({"language_code": self.language_code} if self.language_code else {})

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "first_name": self.first_name, "last_name": self.last_name, "type": "private"}


class BotApi:
    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.complaints: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[Sent] = []
        self.answered: list[str] = []  # callback queries
        self.faults: dict[str, deque[Fault]] = {}
        self.slow = False
        self.local: Path | None = None  # a folder: the server answers with paths of its own disk
        self.allowed: list[str] = []
        self.webhook: str | None = None
        self.secret: str | None = None
        self.webhook_answers: list[int] = []
        self._pending: dict[int, bytes] = {}
        self._arrived = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self._files: dict[str, tuple[bytes, int]] = {}  # content, and the size that is told
        self._links: dict[str, str] = {}
        self._customers: dict[int, Customer] = {}
        self._queries: set[str] = set()
        self._number = 100  # of messages
        self._update = 700_000_000
        self._runner: web.AppRunner | None = None
        self._caller: asyncio.Task[None] | None = None
        self.port = 0

    # the server ------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._caller is not None:
            self._caller.cancel()
            await asyncio.gather(self._caller, return_exceptions=True)
            self._caller = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if self.slow:
            await asyncio.sleep(60)
        if request.match_info["token"] != self.token:
            return _answer(Refusal(401, "Unauthorized"))
        try:
            params = await self._params(request, method)
            self.calls.append((method, params))
            fault = self.faults[method].popleft() if self.faults.get(method) else Fault()
            if fault.bare:
                return web.Response(status=fault.bare, text="<html>")
            if fault.refusal is not None:
                raise fault.refusal
            result = await getattr(self, f"_{method}")(params)
        except Refusal as refusal:
            return _answer(refusal)
        if fault.silent:
            assert request.transport is not None
            request.transport.close()
        if isinstance(result, bytes):
            return web.Response(body=result, content_type="application/json")
        return web.json_response({"ok": True, "result": result})

    async def _params(self, request: web.Request, method: str) -> dict[str, Any]:
        known = METHODS.get(method)
        if known is None:
            self.complaints.append(f"no method {method}")
            raise Refusal(404, "Not Found")
        given: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        else:
            given |= dict(await request.post())
        params = {}
        for name, value in given.items():
            if name not in known:
                self._complain(f"{method} has no parameter {name}")
            params[name] = self._read(method, name, known[name].rstrip("!"), value)
        for name, kind in known.items():
            if kind.endswith("!") and name not in params:
                self._complain(f"{method} needs {name}")
        return params

    def _complain(self, words: str) -> None:
        self.complaints.append(words)
        raise Refusal(400, f"Bad Request: {words}")

    def _read(self, method: str, name: str, kind: str, value: Any) -> Any:
        wrong = f"{method}: {name} is no {kind}: {value!r}"[:300]
        if kind == FILE:
            if not isinstance(value, web.FileField):
                self._complain(wrong)
            return value
        if kind in (INTEGER, CHAT):
            if not re.fullmatch(r"-?\d+", str(value)):
                self._complain(wrong)
            return int(value)
        if kind == BOOLEAN:
            if str(value) not in ("True", "False", "true", "false"):
                self._complain(wrong)
            return str(value).lower() == "true"
        if kind in (LIST, OBJECT):
            with contextlib.suppress(ValueError):
                read = json.loads(value) if isinstance(value, str) else value
                if isinstance(read, list if kind == LIST else dict):
                    return read
            self._complain(wrong)
        if not isinstance(value, str):
            self._complain(wrong)
        return value

    # methods ---------------------------------------------------------------------------------------------------

    async def _getMe(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "Bank", "username": "bank_bot"}

    async def _getUpdates(self, params: Mapping[str, Any]) -> bytes:
        if self.webhook is not None:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        if not 1 <= params.get("limit", 100) <= 100 or params.get("timeout", 0) < 0:
            self._complain("getUpdates: limit is 1 to 100, timeout no less than 0")
        self._allow(params)
        self._confirm(params.get("offset"))
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(
                Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            )
        mine = self._poll = asyncio.get_running_loop().create_future()
        if not self._pending and params.get("timeout"):
            await self._wait(mine, params["timeout"])
        elif mine.done():
            mine.result()
        mine.cancel()
        found = list(self._pending.values())[: params.get("limit", 100)]
        return b'{"ok":true,"result":[' + b",\n".join(found) + b"]}"

    async def _wait(self, mine: asyncio.Future[None], seconds: float) -> None:
        """Until something comes, the time is over, or another poll begins."""
        self._arrived.clear()
        arrived = asyncio.create_task(self._arrived.wait())
        try:
            await asyncio.wait({arrived, mine}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrived.cancel()
        if mine.done():
            mine.result()

    def _allow(self, params: Mapping[str, Any]) -> None:
        if "allowed_updates" in params:
            self.allowed = params["allowed_updates"]

    def _confirm(self, offset: int | None) -> None:
        if offset is None:
            return
        if offset < 0:
            for number in list(self._pending)[:offset]:
                del self._pending[number]
            return
        for number in [number for number in self._pending if number < offset]:
            del self._pending[number]

    async def _setWebhook(self, params: Mapping[str, Any]) -> bool:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", params.get("secret_token", "x")):
            self._complain("setWebhook: secret_token has 1 to 256 of A-Z, a-z, 0-9, _ and -")
        self._allow(params)
        self.webhook, self.secret = params["url"] or None, params.get("secret_token")
        if params.get("drop_pending_updates"):
            self._pending.clear()
        if self.webhook and self._caller is None:
            self._caller = asyncio.create_task(self._keep_calling())
        return True

    async def _deleteWebhook(self, params: Mapping[str, Any]) -> bool:
        self.webhook = self.secret = None
        if params.get("drop_pending_updates"):
            self._pending.clear()
        return True

    async def _getWebhookInfo(self, params: Mapping[str, Any]) -> dict[str, Any]:
        told = {"url": self.webhook or "", "has_custom_certificate": False, "pending_update_count": len(self._pending)}
        status = self.webhook_answers[-1] if self.webhook_answers else 200
        failed = {"last_error_message": f"Wrong response from the webhook: {status}"}
        return told if 200 <= status < 300 else told | failed

    async def _sendMessage(self, params: Mapping[str, Any]) -> dict[str, Any]:
        self._check_chat(params["chat_id"])
        units = len(params["text"].encode("utf-16-le")) // 2
        if not params["text"].strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if units > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        rows = params.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        for button in buttons:
            if not button.get("text") or not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        return self._say(Sent(params["chat_id"], self._next(), params["text"], buttons))

    async def _sendDocument(self, params: Mapping[str, Any]) -> dict[str, Any]:
        self._check_chat(params["chat_id"])
        file = params["document"]
        return self._say(Sent(params["chat_id"], self._next(), "", content=file.file.read(), name=file.filename))

    def _say(self, sent: Sent) -> dict[str, Any]:
        self.sent.append(sent)
        return self._as_message(sent)

    def _as_message(self, sent: Sent) -> dict[str, Any]:
        told = {"message_id": sent.number, "date": 1_795_000_000, "chat": self._customers[sent.chat].chat()}
        bot = {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "Bank", "username": "bank_bot"}
        markup = {"reply_markup": {"inline_keyboard": [[button] for button in sent.buttons]}} if sent.buttons else {}
        return {**told, "from": bot, "text": sent.text, **markup}

    def _check_chat(self, chat: int) -> None:
        customer = self._customers.get(chat)
        if customer is None:
            raise Refusal(400, "Bad Request: chat not found")
        if customer.state == "kicked":
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if customer.state == "deactivated":
            raise Refusal(403, "Forbidden: user is deactivated")

    async def _sendChatAction(self, params: Mapping[str, Any]) -> bool:
        self._check_chat(params["chat_id"])
        if params["action"] not in ACTIONS:
            self._complain(f"no action {params['action']}")
        return True

    async def _answerCallbackQuery(self, params: Mapping[str, Any]) -> bool:
        if params["callback_query_id"] not in self._queries:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._queries.discard(params["callback_query_id"])
        self.answered.append(params["callback_query_id"])
        return True

    async def _editMessageReplyMarkup(self, params: Mapping[str, Any]) -> dict[str, Any]:
        found = [one for one in self.sent if (one.chat, one.number) == (params["chat_id"], params["message_id"])]
        if not found:
            raise Refusal(400, "Bad Request: message to edit not found")
        rows = params.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        if found[0].buttons == buttons:
            raise Refusal(400, "Bad Request: message is not modified")
        found[0].buttons = buttons
        return self._as_message(found[0])

    async def _getFile(self, params: Mapping[str, Any]) -> dict[str, Any]:
        kept = self._files.get(params["file_id"])
        if kept is None:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        content, size = kept
        if self.local is not None:
            place = self.local / params["file_id"]
            place.write_bytes(content)
            return {"file_id": params["file_id"], "file_unique_id": "u", "file_size": size, "file_path": str(place)}
        if size > LARGEST:
            raise Refusal(400, "Bad Request: file is too big")
        path = f"documents/file {len(self._links)}"  # a blank, so that nobody forgets to quote
        self._links[path] = params["file_id"]
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_size": size, "file_path": path}

    async def _link(self, request: web.Request) -> web.Response:
        known = self._links.get(request.match_info["path"])
        if request.match_info["token"] != self.token or known is None:
            return _answer(Refusal(404, "Not Found"))
        if self.faults.get("download"):
            return web.Response(status=self.faults["download"].popleft().bare)
        return web.Response(body=self._files[known][0])

    # the webhook's other end -----------------------------------------------------------------------------------

    async def _keep_calling(self) -> None:
        pause = 0.05
        async with aiohttp.ClientSession() as http:
            while True:
                if self.webhook is None or not self._pending:
                    self._arrived.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await self._arrived.wait()
                    continue
                number, raw = next(iter(self._pending.items()))
                status = await self.call_webhook(http, raw)
                if 200 <= status < 300:
                    self._pending.pop(number, None)
                    pause = 0.05
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 1.0)

    async def call_webhook(self, http: aiohttp.ClientSession, raw: bytes, secret: str | None = None) -> int:
        """Hands an update to the webhook, as Telegram does. Answers the status, 0 where nobody is there."""
        assert self.webhook is not None
        headers = {"Content-Type": "application/json"}
        if told := self.secret if secret is None else secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = told
        try:
            async with http.post(self.webhook, data=raw, headers=headers) as answer:
                status = answer.status
        except aiohttp.ClientError:
            status = 0
        self.webhook_answers.append(status)
        return status

    # the customers' end ----------------------------------------------------------------------------------------

    def customer(self, id: int = 4711, **told: Any) -> Customer:
        return self._customers.setdefault(id, Customer(id, **told))

    def push(self, **update: Any) -> int:
        """Something happens. Answers the update's number; 0 if nobody has asked for updates of its kind."""
        [kind] = update
        if kind not in self.allowed if self.allowed else kind in UNASKED:
            return 0
        self._update += 1
        self.push_raw(self._update, json.dumps({"update_id": self._update, **update}, ensure_ascii=False).encode())
        return self._update

    def push_raw(self, number: int, raw: bytes) -> None:
        self._pending[number] = raw
        self._arrived.set()

    def is_confirmed(self, number: int) -> bool:
        return number not in self._pending

    def waiting(self) -> int:
        """How many updates wait to be taken."""
        return len(self._pending)

    def is_idle(self) -> bool:
        return not self._pending

    def renumber(self, number: int) -> None:
        """After a week of silence the numbers begin anew at random."""
        self._update = number

    def message(self, customer: Customer, **content: Any) -> dict[str, Any]:
        told = {"message_id": self._next(), "from": customer.user(), "chat": customer.chat(), "date": 1_795_000_000}
        text = content.get("text", "")
        if text.startswith("/"):
            length = len(text.split()[0])
            content["entities"] = [{"offset": 0, "length": length, "type": "bot_command"}]
        return told | content

    def write(self, customer: Customer, text: str, **more: Any) -> int:
        """Answers the update's number."""
        return self.push(message=self.message(customer, text=text, **more))

    def edit(self, before: Mapping[str, Any], **content: Any) -> int:
        return self.push(edited_message={**before, "edit_date": 1_795_000_100, **content})

    def press(self, customer: Customer, sent: Sent, value: str, id: str | None = None) -> int:
        query = id or f"query-{self._next()}"
        self._queries.add(query)
        told = {"id": query, "from": customer.user(), "chat_instance": "1", "data": value}
        return self.push(callback_query={**told, "message": self._as_message(sent)})

    def block(self, customer: Customer, state: str = "kicked") -> int:
        before, customer.state = customer.state, state
        told = {"chat": customer.chat(), "from": customer.user(), "date": 1_795_000_000}
        bot = {"id": 1, "is_bot": True, "first_name": "Bank"}
        if state == "deactivated":
            return 0  # nobody is left whom it could come from
        old, new = (
            {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}
            for status in (before, state)
        )
        return self.push(my_chat_member={**told, "old_chat_member": old, "new_chat_member": new})

    def file(self, content: bytes, size: int | None = None) -> dict[str, Any]:
        """A file as messages name it; `size` is what Telegram says of it."""
        id = f"file-{len(self._files)}"
        told = len(content) if size is None else size
        self._files[id] = content, told
        return {"file_id": id, "file_unique_id": f"u{id}", "file_size": told}

    def photo(self, content: bytes) -> list[dict[str, Any]]:
        small = {**self.file(b"thumbnail"), "width": 90, "height": 60}
        return [small, {**self.file(content), "width": 1280, "height": 853}]

    def album(self, customer: Customer, contents: Iterable[bytes], caption: str = "", group: str = "g1") -> list[int]:
        captions = [caption]
        return [
            self.push(
                message=self.message(
                    customer,
                    photo=self.photo(content),
                    media_group_id=group,
                    **({"caption": captions.pop()} if captions and caption else {}),
                )
            )
            for content in contents
        ]

    def expire_links(self) -> None:
        self._links.clear()

    def lose_file(self, id: str) -> bytes:
        return self._files.pop(id)[0]

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, deque()).extend(faults)

    def texts(self, customer: Customer) -> list[str]:
        return [sent.text for sent in self.sent if sent.chat == customer.id]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == method]

    def _next(self) -> int:
        self._number += 1
        return self._number


def flooded(seconds: int) -> Fault:
    return Fault(Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))


def _answer(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.answer, status=refusal.code)
