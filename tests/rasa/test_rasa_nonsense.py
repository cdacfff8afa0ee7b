"""Whatever answers in Rasa's place, the customer is answered by the embedded engine, and the operator told why."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from dialogue.embedded import EmbeddedEngine
from dialogue.rasa_seal import sealed, unsealed
from dialogue.script import digest
from dialogue.turn import CustomerTurn
from gateway.engines import Engines
from gateway.rasa import FAILURES, RasaEngine
from tests.conformance.engines.conversation import Heard, outcome
from tests.dialogue.houses import HOUSE
from tests.ports import free_port
from tests.shipped_engine import warm_engine

WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还"
SECRET = "a secret as long as it has to be, and more"
KEY = b"a key that Rasa does not know"

Asked = dict[str, Any]
Answers = Callable[[Asked], web.Response]


@pytest.fixture(scope="module")
def embedded() -> EmbeddedEngine:
    return warm_engine()


def scene_of(asked: Asked) -> dict[str, Any]:
    scene: dict[str, Any] = unsealed(asked["metadata"]["sealed"], asked["turn"], KEY)["scene"]
    return scene


def left(asked: Asked, *ran: str, key: bytes = KEY, turn: str | None = None, **changed: Any) -> dict[str, Any]:
    """The message of a step: the scene that it has left, sealed."""
    scene = {**scene_of(asked), "ran": list(ran), **changed}
    return {"custom": {"sealed": sealed(scene, turn or asked["turn"], key)}}


def begun(asked: Asked) -> dict[str, Any]:
    """The message of the turn's beginning."""
    return {"custom": {"sealed": sealed({"ran": ["action_session_start"]}, asked["turn"], KEY)}}


def answering(begins: bool = True, **changed: Any) -> Answers:
    """An answer that is right but for what is changed."""

    def answer(asked: Asked) -> web.Response:
        whole = {
            "turn": asked["turn"],
            "script": digest(),
            "actions": ["action_session_start", "action_listen", "action_answer_why", "action_listen"],
            "messages": [left(asked, "action_answer_why")],
        }
        whole |= changed
        if begins and isinstance(whole["messages"], list):
            whole["messages"] = [begun(asked), *whole["messages"]]
        return web.json_response(whole)

    return answer


def text(body: str, status: int = 200) -> Answers:
    return lambda asked: web.Response(text=body, status=status)


def broken_scene(**changed: Any) -> Answers:
    """A scene that this house has sealed, another version of it perhaps."""
    return lambda asked: answering(messages=[left(asked, "action_answer_why", **changed)])(asked)


def forged(**changed: Any) -> Answers:
    """A scene of Rasa's own: it has everything but the key."""
    return lambda asked: answering(messages=[left(asked, "action_answer_why", key=SECRET.encode(), **changed)])(asked)


def of_another_turn(asked: Asked) -> web.Response:
    """What a step has left in another customer's turn, delivered here."""
    messages = [left(asked, "action_answer_why", turn="c2.0123456789abcdef")]
    return answering(messages=messages)(asked)


def changed_on_the_way(asked: Asked) -> web.Response:
    seal = left(asked, "action_answer_why")["custom"]["sealed"].replace("3500", "9500")
    return answering(messages=[{"custom": {"sealed": seal}}])(asked)


def half_a_form(asked: Asked) -> web.Response:
    """The form has checked, and its question got lost."""
    messages = [left(asked, "validate_complaint_form")]
    return answering(actions=["complaint_form", "action_listen"], messages=messages)(asked)


NONSENSE: list[tuple[str, Answers, str]] = [
    ("an error", text("Internal Server Error", 500), "status 500"),
    ("a page", text("<html>Welcome to Rasa</html>"), "no JSON"),
    ("nothing", text(""), "no JSON"),
    ("half an answer", text('{"turn": "'), "no JSON"),
    ("a list", text("[]"), "not an object but list"),
    ("deeply nested", text("[" * 50_000), "no JSON (RecursionError)"),
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
    (
        "a response that needs what only a step knows",
        answering(
            messages=[{"utter_action": "utter_privacy_notice"}], actions=["utter_privacy_notice", "action_listen"]
        ),
        "nothing can be made of (KeyError)",
    ),
    (
        "a response that is not said",
        answering(actions=["utter_thanked", "action_listen"], messages=[]),
        "counted as said",
    ),
    ("a question that is not asked", half_a_form, "action_ask_complaint_form_what_happened was counted as done"),
    ("nothing but a nod", answering(begins=False, messages=[]), "action_session_start was counted as done"),
    ("a turn that never began", answering(begins=False), "action_session_start was counted as done"),
    (
        "a turn that began elsewhere",
        lambda asked: answering(begins=False, messages=[begun({**asked, "turn": "c2.1"})])(asked),
        "not made here",
    ),
    ("a scene of another kind", answering(messages=[{"custom": "scene"}]), "neither a step's"),
    ("a scene without a seal", answering(messages=[{"custom": {"sealed": None}}]), "not made here"),
    (
        "words of its own, as a step's",
        forged(pieces=[{"response": "utter_greet", "text": "Buy gold"}]),
        "not made here",
    ),
    ("facts of its own", forged(draft={"facts": {"name": "王五"}}), "not made here"),
    ("an act of its own", forged(acts=[{"act": "FileCase"}]), "not made here"),
    ("another customer's scene", of_another_turn, "not made here"),
    ("a sum that was changed on the way", changed_on_the_way, "not made here"),
    ("a scene without memory", broken_scene(memory=None), "a scene that can't be read"),
    ("an act that is no object", broken_scene(acts=["FileCase"]), "nothing can be made of (AttributeError)"),
    ("an act that is none", broken_scene(acts=[{"act": "PayOut", "amount": 1000000}]), "a scene that can't be read"),
    ("facts of another kind", broken_scene(draft={"facts": 7}), "a scene that can't be read"),
]


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler(answers: Answers) -> Handler:
    async def turn(request: web.Request) -> web.Response:
        return answers(json.loads(await request.read()))

    return turn


@contextlib.asynccontextmanager
async def in_its_place(turn: Handler, embedded: EmbeddedEngine, **options: Any) -> AsyncIterator[Place]:
    """The house's engines, and a server that is asked as Rasa."""
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/webhooks/qingting/turn", turn)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    rasa = RasaEngine(f"http://127.0.0.1:{port}", SECRET, lambda: embedded.listener, HOUSE, key=KEY, **options)
    engines = Engines(embedded, outside=rasa)
    try:
        yield Place(engines, rasa, Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE}))
    finally:
        engines.close()
        await rasa.close()
        await runner.cleanup()


@dataclass
class Place:
    engines: Engines
    rasa: RasaEngine
    turn: CustomerTurn

    async def ask(self) -> tuple[str, Any]:
        by, answer = await self.engines.answer("c1", self.turn)
        return by, outcome(answer)


@pytest.fixture
def house(embedded: EmbeddedEngine) -> Callable[[Answers], Awaitable[Any]]:
    """Asks the house's engines for one turn while `answers` sits in Rasa's place: (engine, outcome, trouble)."""

    async def ask(answers: Answers) -> Any:
        async with in_its_place(handler(answers), embedded) as place:
            by, came = await place.ask()
            return by, came, place.rasa.trouble

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
    rasa = RasaEngine(f"http://127.0.0.1:{free_port()}", SECRET, lambda: embedded.listener, HOUSE, key=KEY)
    engines = Engines(embedded, outside=rasa)
    turn = Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE})
    answers = await asyncio.gather(*(engines.answer("c1", turn) for _ in range(5)))
    assert [by for by, _ in answers] == ["embedded"] * 5
    assert "can't be reached" in str(rasa.trouble)
    engines.close()
    await rasa.close()


async def test_an_answer_in_many_pieces_is_one_answer(embedded: EmbeddedEngine) -> None:
    """Between two containers an answer of some kilobytes never arrives at once."""

    async def turn(request: web.Request) -> web.StreamResponse:
        body = answering()(json.loads(await request.read())).body
        assert isinstance(body, bytes)
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(body), 1000):
            await response.write(body[start : start + 1000])
            await asyncio.sleep(0.005)
        return response

    async with in_its_place(turn, embedded) as place:
        assert ((await place.ask())[0], place.rasa.trouble) == ("rasa", None)


async def test_an_answer_that_drips_is_not_waited_for(embedded: EmbeddedEngine) -> None:
    async def turn(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.02)
        return response

    async with in_its_place(turn, embedded, limit=0.4) as place:
        assert ((await place.ask())[0], place.rasa.trouble) == ("embedded", "no answer within 0.4 s")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_takes_nobodys_words_elsewhere(status: int, embedded: EmbeddedEngine) -> None:
    seen: list[str] = []

    async def turn(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, headers={"Location": f"http://{request.host}/elsewhere"})

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    async def either(request: web.Request) -> web.StreamResponse:
        return await (elsewhere if request.path == "/elsewhere" else turn)(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", either)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    rasa = RasaEngine(f"http://127.0.0.1:{port}", SECRET, lambda: embedded.listener, HOUSE, key=KEY)
    engines = Engines(embedded, outside=rasa)
    by, _ = await engines.answer("c1", Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE}))
    assert (by, seen) == ("embedded", [])
    assert f"status {status}" in str(rasa.trouble)
    engines.close()
    await rasa.close()
    await runner.cleanup()


async def test_when_it_is_tried_again_one_turn_waits_for_it_and_no_other(embedded: EmbeddedEngine) -> None:
    asked = 0

    async def turn(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await request.read()
        await asyncio.sleep(0.2)
        return web.Response(status=500)

    async with in_its_place(turn, embedded, pause=1.5) as place:
        now = 1000.0
        place.rasa._breaker._clock = lambda: now
        await asyncio.gather(*(place.ask() for _ in range(FAILURES)))
        assert [by for by, _ in await asyncio.gather(*(place.ask() for _ in range(8)))] == ["embedded"] * 8
        assert asked == FAILURES
        now += 1.6
        assert [by for by, _ in await asyncio.gather(*(place.ask() for _ in range(8)))] == ["embedded"] * 8
        assert asked == FAILURES + 1
