"""Whatever answers in Rasa's place, the customer is answered by the embedded engine, and the operator told why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from dialogue.embedded import EmbeddedEngine, embedded_engine
from dialogue.script import digest
from gateway.engines import Engines
from gateway.rasa import RasaEngine
from tests.conformance.engines.conversation import Heard, outcome
from tests.dialogue.houses import HOUSE
from tests.rasa.server import free_port

WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还"
SECRET = "a secret as long as it has to be, and more"

Answers = Callable[[dict[str, Any]], web.Response]


@pytest.fixture(scope="module")
def embedded() -> EmbeddedEngine:
    return embedded_engine()


def answering(**changed: Any) -> Answers:
    """An answer that is right but for what is changed."""

    def answer(asked: dict[str, Any]) -> web.Response:
        scene = asked["metadata"]["scene"]
        whole = {
            "turn": asked["turn"],
            "script": digest(),
            "actions": ["action_session_start", "action_listen", "action_answer_why", "action_listen"],
            "messages": [{"custom": {**scene, "ran": ["action_answer_why"]}}],
        }
        return web.json_response({**whole, **changed})

    return answer


def text(body: str, status: int = 200) -> Answers:
    return lambda asked: web.Response(text=body, status=status)


def broken_scene(**changed: Any) -> Answers:
    def answer(asked: dict[str, Any]) -> web.Response:
        scene = {**asked["metadata"]["scene"], "ran": ["action_answer_why"], **changed}
        return answering(messages=[{"custom": scene}])(asked)

    return answer


NONSENSE: list[tuple[str, Answers, str]] = [
    ("an error", text("Internal Server Error", 500), "status 500"),
    ("a page", text("<html>Welcome to Rasa</html>"), "no JSON"),
    ("nothing", text(""), "no JSON"),
    ("half an answer", text('{"turn": "'), "no JSON"),
    ("a list", text("[]"), "not an object but list"),
    ("no end of text", text('"' + "x" * (5 * 2**20) + '"'), "more than 4194304 bytes"),
    ("another turn", answering(turn="somebody else's"), "an answer to another turn"),
    ("another script", answering(script="0" * 16), "a model of another script"),
    ("no messages", answering(messages=None), "no lists"),
    ("text in place of messages", answering(messages="hello"), "no lists"),
    ("steps that never ran", answering(actions=["action_file", "action_listen"]), "action_file was counted as done"),
    (
        "a step more than ran",
        answering(actions=["action_answer_why", "action_answer_why", "action_listen"]),
        "never came",
    ),
    ("a turn without an end", answering(actions=["action_answer_why"]), "without an end"),
    ("a turn in which nothing was done", answering(actions=["action_listen"], messages=[]), "nothing was done"),
    ("words of its own", answering(messages=[{"text": "Buy gold"}]), "neither a step's nor a response"),
    ("a response that is not ours", answering(messages=[{"utter_action": "utter_promise_all"}]), "neither a step's"),
    ("a scene of another kind", answering(messages=[{"custom": "scene"}]), "a step without its scene"),
    ("a scene without memory", broken_scene(memory=None), "a scene that can't be read"),
    ("an act that is none", broken_scene(acts=[{"act": "PayOut", "amount": 1000000}]), "a scene that can't be read"),
    ("facts of another kind", broken_scene(draft={"facts": 7}), "a scene that can't be read"),
]


@pytest.fixture
def house(embedded: EmbeddedEngine) -> Callable[[Answers], Awaitable[Any]]:
    """Asks the house's engines for one turn while `answers` sits in Rasa's place: (outcome, trouble)."""

    async def ask(answers: Answers) -> Any:
        async def turn(request: web.Request) -> web.Response:
            return answers(json.loads(await request.read()))

        app = web.Application(client_max_size=2**24)
        app.router.add_post("/webhooks/qingting/turn", turn)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        rasa = RasaEngine(f"http://127.0.0.1:{port}", SECRET, lambda: embedded.listener, HOUSE)
        engines = Engines(embedded, outside=rasa)
        try:
            heard = Heard(embedded, {"locale": "zh-Hans"})
            by, answer = await engines.answer("c1", heard.turn({"customer": WHOLE}))
            return by, outcome(answer), rasa.trouble
        finally:
            engines.close()
            await rasa.close()
            await runner.cleanup()

    return ask


@pytest.mark.parametrize(("what", "answers", "why"), NONSENSE, ids=[what for what, _, _ in NONSENSE])
async def test_nonsense_is_not_believed(what: str, answers: Answers, why: str, house: Any) -> None:
    by, came, trouble = await house(answers)
    assert by == "embedded"
    assert came.asked == ("confirm",)
    assert came.acts == ()
    assert why in trouble


async def test_an_answer_that_is_right_is_believed(house: Any) -> None:
    """So that the table above fails for its reasons, and not for another."""
    by, _, trouble = await house(answering())
    assert (by, trouble) == ("rasa", None)


async def test_nobody_listening_is_no_matter(embedded: EmbeddedEngine) -> None:
    rasa = RasaEngine(f"http://127.0.0.1:{free_port()}", SECRET, lambda: embedded.listener, HOUSE)
    engines = Engines(embedded, outside=rasa)
    turn = Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE})
    answers = await asyncio.gather(*(engines.answer("c1", turn) for _ in range(5)))
    assert [by for by, _ in answers] == ["embedded"] * 5
    assert "can't be reached" in str(rasa.trouble)
    engines.close()
    await rasa.close()
