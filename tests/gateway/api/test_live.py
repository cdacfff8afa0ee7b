"""The agents' live socket: tells what changed, to whom it may, and holds on to nobody who doesn't read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from case_store import conversations, people
from case_store.conversations import NewMessage
from case_store.records import Sender
from case_store.store import Transaction, Wake
from gateway.api import live
from gateway.context import GATEWAY


def say(tx: Transaction, id: str) -> int:
    row = conversations.locked(tx, id)
    conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, "在吗")])
    return int(row["version"]) + 1


async def listen(browser: Any, **headers: str) -> ClientWebSocketResponse:
    url = browser.url.replace("http", "ws", 1) + "/api/v1/live"
    socket: ClientWebSocketResponse = await browser.session.ws_connect(url, headers={**browser.headers, **headers})
    return socket


async def test_a_change_is_told_by_kind_id_and_version(house: Any, browser: Any) -> None:
    id, case = house.conversation("你好"), house.case()
    admin = await browser("admin")
    socket = await listen(admin)
    version = await house.store.write(say, id)
    told = await asyncio.wait_for(socket.receive_json(), 30)
    assert told == {"type": "changed", "kind": "conversation", "id": id, "version": version}
    headers = {"If-Match": f'"{case.version}"'}
    await admin.send("PATCH", f"/api/v1/cases/{case.id}", {"risk": "major"}, headers=headers)
    told = await asyncio.wait_for(socket.receive_json(), 30)
    assert told == {"type": "changed", "kind": "case", "id": case.id, "version": case.version + 1}
    await socket.close()


async def test_a_hint_without_a_version_is_told_with_the_one_of_now(house: Any, browser: Any) -> None:
    id = house.conversation("你好")
    socket = await listen(await browser("admin"))
    house.app[GATEWAY].wakeups.publish([Wake("conversation", id)])
    assert (await asyncio.wait_for(socket.receive_json(), 30))["version"] == 2
    await socket.close()


async def test_after_a_gap_the_client_is_told_to_reload(house: Any, browser: Any) -> None:
    socket = await listen(await browser("admin"))
    house.app[GATEWAY].wakeups.publish([Wake("case", f"{n}", version=1) for n in range(300)])
    assert await asyncio.wait_for(socket.receive_json(), 30) == {"type": "reload"}
    await socket.close()


async def test_danger_is_an_alarm(house: Any, browser: Any) -> None:
    socket = await listen(await browser("admin"))
    house.app[GATEWAY].wakeups.publish([Wake("alarm", "c1")])
    assert await asyncio.wait_for(socket.receive_json(), 30) == {"type": "alarm", "kind": "conversation", "id": "c1"}
    await socket.close()


async def test_a_key_hears_only_what_it_may_read(house: Any, browser: Any) -> None:
    socket = await listen(await browser(key=house.key("cases:read")))
    house.app[GATEWAY].wakeups.publish([Wake("conversation", "c1", version=1), Wake("case", "c2", version=1)])
    assert (await asyncio.wait_for(socket.receive_json(), 30))["id"] == "c2"
    await socket.close()


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("null", 403), (None, 101), ("own", 101)]
)
async def test_another_site_can_not_listen_with_an_agents_cookie(
    house: Any, browser: Any, origin: str | None, status: int
) -> None:
    admin = await browser("admin")
    headers = {} if origin is None else {"Origin": house.url if origin == "own" else origin}
    if status == 101:
        await (await listen(admin, **headers)).close()
        return
    with pytest.raises(WSServerHandshakeError) as refused:
        await listen(admin, **headers)
    assert refused.value.status == status


async def test_a_stranger_hears_nothing_and_a_plain_request_is_told_what_this_is(browser: Any) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await listen(await browser())
    assert refused.value.status == 401
    admin = await browser("admin")
    assert (await admin.get("/api/v1/live"))[1]["code"] == "websocket_required"


async def test_the_socket_of_an_ended_session_is_closed(house: Any, browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(live, "RECHECK", 0.05)
    house.agent("ana")
    socket = await listen(await browser("ana"))
    await house.store.write(people.change_agent, "ana", {"active": False}, actor="agent:Admin")
    closing = await asyncio.wait_for(socket.receive(), 30)
    assert (closing.type, closing.data) == (WSMsgType.CLOSE, live.SIGNED_OUT)
    await socket.close()


async def test_a_socket_that_never_reads_is_cut_off(house: Any, browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(live, "READS_WITHIN", 0.05)
    stuck, gone = asyncio.Event(), asyncio.Event()

    async def never_drains(*_: Any, **__: Any) -> None:
        stuck.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("aiohttp.web.WebSocketResponse.send_json", never_drains)
    cut_off = live._cut_off
    monkeypatch.setattr(live, "_cut_off", lambda request: (cut_off(request), gone.set()))
    socket = await listen(await browser("admin"))
    house.app[GATEWAY].wakeups.publish([Wake("case", "c1", version=1)])
    await asyncio.wait_for(stuck.wait(), 30)
    await asyncio.wait_for(gone.wait(), 30)
    ended = await asyncio.wait_for(socket.receive(), 30)
    assert ended.type in (WSMsgType.CLOSED, WSMsgType.ERROR, WSMsgType.CLOSING)
    await socket.close()
    assert not house.app[GATEWAY].wakeups._everything
