"""The channel inside Rasa: one signed POST is one turn of one conversation, and the answer is everything that came of it.

Runs in Rasa's own environment and knows nothing of the house. The house says what was meant; Rasa's own parsing never sees the
words, so that "/restart" typed by a customer is a text like any other. A turn is a tracker of its own which nobody keeps: nothing
grows, nothing waits on another turn's lock, nothing is lost when Rasa is.

POST /webhooks/qingting/turn   `{"turn", "script", "intent", "text", "metadata"}`, `Qingting-Signature` over the body
GET  /webhooks/qingting/       `{"script"}`: which script the model was trained on

Not here: what a step does (the action endpoint, which the gateway serves).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from itsdangerous import BadSignature, TimestampSigner
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as answer

SIGNATURE = "Qingting-Signature"
SALT = "qingting.rasa.turn"
FRESH = 30  # seconds that a signature holds
SHORTEST_SECRET = 32

_MODEL = re.compile(r"qingting-([0-9a-f]{16})\.tar\.gz")


class Collector(OutputChannel):
    """Keeps what is said, whole and in order, and what was done."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.actions: list[str] = []

    @classmethod
    def name(cls) -> str:
        return "qingting"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        if message.get("custom") is not None:
            self.messages.append({"custom": message["custom"]})
        else:
            self.messages.append({"utter_action": message.get("utter_action")})


_CURRENT: ContextVar[Collector | None] = ContextVar("turn", default=None)


class ForgetfulStore(TrackerStore):
    """Keeps no tracker: the house remembers. What was done in a turn is told to whoever waits for it."""

    async def save(self, tracker: DialogueStateTracker) -> None:
        collector = _CURRENT.get()
        if collector is not None:
            collector.actions = [event.action_name for event in tracker.events if isinstance(event, ActionExecuted)]

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return None


def check_the_schema_of_answers_once() -> None:
    """Rasa holds its own schema of an action's answer against the schema of schemas at every call: four fifths of a turn's time."""
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    checks = kind(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        checks.validate(result)
        return True

    RemoteAction._validate_action_result = validate


class QingtingInput(InputChannel):
    """Takes turns from the gateway, and from nobody else."""

    def __init__(self, secret: str) -> None:
        self._signer = TimestampSigner(secret, salt=SALT, digest_method=hashlib.sha256)

    @classmethod
    def name(cls) -> str:
        return "qingting"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        secret = str((credentials or {}).get("secret", ""))
        if len(secret) < SHORTEST_SECRET or secret.startswith("$"):
            raise RasaException("QINGTING_RASA_SECRET: expected at least 32 random characters, the gateway's own")
        check_the_schema_of_answers_once()
        return cls(secret)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        channel = Blueprint("qingting")

        @channel.get("/")
        async def script(request: Request) -> HTTPResponse:
            return answer({"script": _script(request)})

        @channel.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self._is_signed(request):
                return answer({"error": "the signature is missing, wrong or older than 30 s"}, status=401)
            asked = _asked(request.body)
            if asked is None:
                return answer({"error": "expected turn, intent, text and metadata"}, status=400)
            collector = Collector()
            _CURRENT.set(collector)
            await on_new_message(_message(asked, collector))
            return answer(
                {
                    "turn": asked["turn"],
                    "script": _script(request),
                    "actions": collector.actions,
                    "messages": collector.messages,
                }
            )

        return channel

    def _is_signed(self, request: Request) -> bool:
        try:
            signed = self._signer.unsign(request.headers.get(SIGNATURE, ""), max_age=FRESH)
        except BadSignature:
            return False
        return bool(signed == hashlib.sha256(request.body).hexdigest().encode())


def _script(request: Request) -> str:
    """The digest of the script that the running model was trained on; it is in the model's name."""
    agent = request.app.ctx.agent
    named = _MODEL.fullmatch(agent.processor.model_filename) if agent.processor else None
    return named[1] if named else ""


def _asked(body: bytes) -> dict[str, Any] | None:
    try:
        asked = json.loads(body)
        texts = all(isinstance(asked[key], str) for key in ("turn", "intent", "text"))
        return asked if texts and isinstance(asked["metadata"], dict) else None
    except (ValueError, KeyError, TypeError):
        return None


def _message(asked: dict[str, Any], collector: Collector) -> UserMessage:
    return UserMessage(
        asked["text"],
        collector,
        asked["turn"],
        parse_data={"text": asked["text"], "intent": {"name": asked["intent"], "confidence": 1.0}, "entities": []},
        input_channel="qingting",
        metadata=asked["metadata"],
    )
