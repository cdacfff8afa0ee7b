"""Rasa as the engine: a turn by its channel, the steps by its action endpoint, a circuit breaker between it and the customers.

A turn that Rasa does not answer within `LIMIT`, or answers with anything but this turn done whole, raises RasaTrouble; the engines'
room then lets the embedded engine answer it from the same facts (engines.py). After `FAILURES` in a row nobody waits for Rasa any
more until `PAUSE` is over (breaker.py).

Not here: what is in the messages (dialogue/rasa_protocol.py), which engine is asked (engines.py).

EngineTrouble
└── RasaTrouble
    └── RasaAtRest      nobody was asked: the breaker is open
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import aiohttp
import structlog
from aiohttp import web
from itsdangerous import TimestampSigner

from dialogue import rasa_protocol
from dialogue.listening import Listener
from dialogue.rasa_protocol import FormRejected, Here, RasaAnswerError
from dialogue.scene import Scene
from dialogue.script import default_script
from dialogue.turn import BotTurn, CustomerTurn, House
from gateway.breaker import AtRest, Breaker
from gateway.engines import EngineTrouble

T = TypeVar("T")

LIMIT: Final = 5.0  # seconds for one turn
FAILURES: Final = 3  # in a row, before the breaker opens
PAUSE: Final = 20.0  # seconds until Rasa is tried again
AT_ONCE: Final = 16  # turns that Rasa is given at the same time: it works them off one by one
LONGEST_ANSWER: Final = 4 * 2**20
LONGEST_CALL: Final = 8 * 2**20  # a tracker with all its events: 12 to 60 kB, and growing with the steps of a turn
ACTIONS: Final = "/rasa/actions"
SIGNATURE: Final = "Qingting-Signature"
SALT: Final = "qingting.rasa.turn"

log = structlog.get_logger(__name__)

InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


class RasaTrouble(EngineTrouble):
    """Rasa has not answered the turn; the message says why, for the operator."""


class RasaAtRest(RasaTrouble):
    """Rasa failed too often and is not asked for now."""


class RasaEngine:
    """Answers turns by a Rasa at `url`, which knows the same `secret`; `key` is the house's own, which Rasa must not know."""

    name = "rasa"

    def __init__(
        self,
        url: str,
        secret: str,
        listener: Callable[[], Listener],
        house: House,
        *,
        key: bytes,
        limit: float = LIMIT,
        pause: float = PAUSE,
    ) -> None:
        self._url = f"{url.rstrip('/')}/webhooks/qingting"
        self._secret = secret
        self._listener = listener
        self.house = house
        self._key = key
        self._limit = limit
        self._signer = TimestampSigner(secret, salt=SALT, digest_method=hashlib.sha256)
        self._breaker = Breaker(FAILURES, pause)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self.trouble: str | None = None  # why the last turn was not answered, for the operator

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def turn(self, conversation_id: str, turn: CustomerTurn, in_thread: InThread) -> BotTurn:
        """Answers what the customer said. Raises RasaTrouble."""
        listener, scene = await in_thread(lambda: self._begin(turn))
        here = Here(listener.script, listener.judge, turn.house, self._key)
        turn_id = f"{conversation_id}.{secrets.token_hex(8)}"  # an answer to an attempt that was given up is no answer
        try:
            async with self._breaker.attempt():
                raw = await self._ask(_body(rasa_protocol.opening(turn_id, scene, self._key)))
                answer: BotTurn = await in_thread(lambda: rasa_protocol.closing(turn_id, scene, _read(raw), here))
        except AtRest:
            raise RasaAtRest(f"not asked: {self.trouble}") from None
        except Exception as error:  # whatever it is, the embedded engine can answer the same turn
            self.trouble = _why(error, self._limit)
            raise RasaTrouble(self.trouble) from error
        self.trouble = None
        return answer

    def _begin(self, turn: CustomerTurn) -> tuple[Listener, Scene]:
        listener = self._listener()
        return listener, listener.begin(turn)

    async def _ask(self, body: bytes) -> bytes:
        async with asyncio.timeout(self._limit), self._slots:
            return await self._post(body)

    async def _post(self, body: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._limit), cookie_jar=aiohttp.DummyCookieJar()
            )
        signature = self._signer.sign(hashlib.sha256(body).hexdigest()).decode()
        headers = {SIGNATURE: signature, "Content-Type": "application/json"}
        # a redirect would take the customer's words, and the signature on them, to wherever it points
        async with self._session.post(
            f"{self._url}/turn", data=body, headers=headers, allow_redirects=False
        ) as response:
            if response.status != 200:
                said = await response.content.read(200)
                raise RasaAnswerError(f"status {response.status}: {said.decode(errors='replace')}")
            return await _whole(response.content)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post(ACTIONS, self._called)

    async def _called(self, request: web.Request) -> web.Response:
        """Rasa's action endpoint: `{"next_action", "tracker", …}` in, `{"events", "responses"}` out."""
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {self._secret}".encode()):
            raise web.HTTPUnauthorized(text="expected the secret that Rasa was started with")
        raw = await request.clone(client_max_size=LONGEST_CALL).read()
        try:
            done = await asyncio.to_thread(self._step, raw)
        except FormRejected:
            rejected = {"action_name": default_script().form, "error": "a rule comes before the form"}
            return web.json_response(rejected, status=400)  # how Rasa is told so
        except (RasaAnswerError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            log.warning("rasa_call_refused", why=str(error)[:200])
            raise web.HTTPUnprocessableEntity(text=str(error)[:200]) from None
        return web.Response(body=done, content_type="application/json")

    def _step(self, raw: bytes) -> bytes:
        listener = self._listener()
        here = Here(listener.script, listener.judge, self.house, self._key)
        return _body(rasa_protocol.step(json.loads(raw), here))


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """All of an answer: it comes in as many pieces as the network makes of it."""
    whole = bytearray()
    async for piece in content.iter_chunked(2**16):
        whole += piece
        if len(whole) > LONGEST_ANSWER:
            raise RasaAnswerError(f"an answer of more than {LONGEST_ANSWER} bytes")
    return bytes(whole)


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RasaAnswerError(f"an answer that is no JSON ({type(error).__name__})") from error


def _body(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _why(error: Exception, limit: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {limit:g} s"
    if isinstance(error, aiohttp.ClientError):
        return f"can't be reached ({type(error).__name__})"
    if isinstance(error, RasaAnswerError):
        return str(error)
    return f"an answer that nothing can be made of ({type(error).__name__})"
