"""Rasa's action endpoint, attacked: who may call it, what it believes, and that a call twice is a call once.

A step changes nothing but the scene that it answers with; what is done with a turn happens when the turn has ended.
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from dialogue import rasa_protocol
from dialogue.embedded import EmbeddedEngine
from dialogue.rasa_seal import sealed, unsealed
from dialogue.scene import Scene
from gateway.rasa import ACTIONS, LONGEST_CALL, RasaEngine
from tests.conformance.engines.conversation import Heard
from tests.dialogue.houses import HOUSE
from tests.ports import free_port
from tests.shipped_engine import warm_engine

SECRET = "a secret as long as it has to be, and more"
KEY = b"a key that Rasa does not know"
TURN = "c1.0123456789abcdef"
WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def embedded() -> EmbeddedEngine:
    return warm_engine()


@pytest.fixture
async def url(embedded: EmbeddedEngine) -> AsyncIterator[str]:
    app = web.Application()
    RasaEngine("http://nobody", SECRET, lambda: embedded.listener, HOUSE, key=KEY).add_routes(app)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}{ACTIONS}"
    await runner.cleanup()


@pytest.fixture
def call(embedded: EmbeddedEngine) -> Json:
    """A call as Rasa makes it, of a customer's turn that tells everything."""
    scene = embedded.listener.begin(Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE}))
    metadata = rasa_protocol.opening(TURN, scene, KEY)["metadata"]
    tracker = {"sender_id": TURN, "latest_message": {"metadata": metadata}, "events": [{"event": "user"}]}
    return {"next_action": "action_call_person", "tracker": tracker}


async def post(url: str, body: bytes, secret: str = SECRET) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as http, http.post(url, data=io.BytesIO(body), headers=headers) as answer:
        return answer.status, await answer.text()


def scene_in(answer: str) -> Json:
    [response] = json.loads(answer)["responses"]
    return unsealed(response["custom"]["sealed"], TURN, KEY)


async def test_a_call_is_answered_with_the_scene_that_it_leaves(url: str, call: Json) -> None:
    status, answer = await post(url, json.dumps(call).encode())
    assert status == 200
    assert [act["act"] for act in scene_in(answer)["acts"]] == ["CallPerson"]


def test_a_scene_travels_whole(embedded: EmbeddedEngine) -> None:
    """What a step learns and its scene does not carry would be forgotten by the next, on Rasa alone."""
    scene = embedded.listener.begin(Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE}))
    of_the_process = {"script", "turn", "judge"}
    carried = set(rasa_protocol.scene_json(scene, [])) - {"ran"}
    assert carried == {field.name for field in fields(Scene)} - of_the_process


async def test_a_call_that_is_replayed_gets_the_same_answer_and_does_nothing_more(url: str, call: Json) -> None:
    body = json.dumps(call).encode()
    first, second = [scene_in((await post(url, body))[1]) for _ in range(2)]
    assert first == second


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x"])
async def test_nobody_without_the_secret_is_heard(secret: str, url: str, call: Json) -> None:
    status, answer = await post(url, json.dumps(call).encode(), secret)
    assert status == 401
    assert "sealed" not in answer


async def test_a_secret_that_is_no_text_is_a_wrong_one(url: str) -> None:
    host, port = url.removeprefix("http://").removesuffix(ACTIONS).split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /rasa/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nContent-Length: 2\r\n\r\n{}"
    )
    status = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert b" 401 " in status


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"7", b"[" * 100_000, b'{"next_action": "action_file"}', b'{"next_action": 1, "tracker": {}}'],
    ids=["nothing", "null", "list", "object", "number", "deeply nested", "no tracker", "no name"],
)  # fmt: skip
async def test_a_call_that_is_none_is_refused(body: bytes, url: str) -> None:
    assert (await post(url, body))[0] == 422


async def test_a_call_that_is_too_large_is_not_read(url: str) -> None:
    assert (await post(url, b" " * (LONGEST_CALL + 1)))[0] == 413


def broken(call: Json, **changed: Any) -> bytes:
    other = copy.deepcopy(call)
    other.update({name: value for name, value in changed.items() if name == "next_action"})
    other["tracker"].update({name: value for name, value in changed.items() if name != "next_action"})
    return json.dumps(other).encode()


async def test_a_call_of_another_turn_is_refused(url: str, call: Json) -> None:
    """What the house knows of one customer, brought along with the turn of another."""
    status, answer = await post(url, broken(call, sender_id="c2.0123456789abcdef"))
    assert (status, "not made here for this turn" in answer) == (422, True)


@pytest.mark.parametrize("key", [SECRET.encode(), b""], ids=["the secret that Rasa knows", "none"])
async def test_a_call_that_rasa_has_made_up_is_refused(key: bytes, url: str, call: Json) -> None:
    known = unsealed(call["tracker"]["latest_message"]["metadata"]["sealed"], TURN, KEY)
    forged = {"metadata": {"sealed": sealed(known, TURN, key)}}
    assert (await post(url, broken(call, latest_message=forged)))[0] == 422


async def test_a_step_of_rasas_own_between_two_of_ours_is_refused(url: str, call: Json) -> None:
    answer = (await post(url, json.dumps(call).encode()))[1]
    ours = json.loads(answer)["responses"][0]["custom"]
    theirs = {"sealed": sealed(scene_in(answer) | {"acts": [{"act": "FileCase"}]}, TURN, SECRET.encode())}
    said = [{"event": "user"}, *({"event": "bot", "data": {"custom": custom}} for custom in (ours, theirs))]
    assert (await post(url, broken(call, events=said)))[0] == 422
    assert (await post(url, broken(call, events=said[:2])))[0] == 200


@pytest.mark.parametrize("action", ["action_pay_out", "utter_filed", "action_restart", "action_default_fallback", ""])
async def test_an_action_that_is_none_of_the_script_is_refused(action: str, url: str, call: Json) -> None:
    assert (await post(url, broken(call, next_action=action)))[0] == 422


@pytest.mark.parametrize("events", [None, 7, "events", [1, 2], {}], ids=str)
async def test_a_call_without_events_is_refused(events: Any, url: str, call: Json) -> None:
    assert (await post(url, broken(call, events=events)))[0] == 422
