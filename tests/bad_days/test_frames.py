"""Frames and connections as an enemy sends them: the honest beside him notice nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web

from case_store import conversations
from case_store.records import Sender
from case_store.store import Wake
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import messages
from channels.webchat import socket as chat_socket
from channels.webchat.socket import SessionEnded, add_chat
from gateway.patience import Patience
from gateway.tokens import Tokens

START = {"type": "start", "session": None, "locale": "en"}


class Server:
    """The chat of a gateway on a free port, with the real rooms behind it."""

    def __init__(self, rooms: Any, runner: web.AppRunner) -> None:
        self.rooms = rooms
        self.runner = runner

    @property
    def port(self) -> int:
        return int(self.runner.addresses[0][1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/chat/ws"


@pytest.fixture
async def server(rooms: Any) -> AsyncIterator[Server]:
    rooms.store.on_wake = rooms.gateway.wakeups.publish
    app = web.Application()
    add_chat(app, rooms.chat, lambda request: True)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Server(rooms, runner)
    await runner.cleanup()


async def until(socket: Any, *kinds: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return {"type": "closed", "code": message.data}
            frame: dict[str, Any] = json.loads(message.data)
            if frame["type"] in kinds:
                return frame


FRAMES: list[tuple[str | bytes, str]] = [
    ("not json", "bad_frame"),
    ("[1, 2]", "bad_frame"),
    ("null", "bad_frame"),
    ("[" * 30_000, "bad_frame"),
    ('{"a":' * 9_000, "bad_frame"),
    (b"\x00\xff\x00", "bad_frame"),
    ('{"type":"hack"}', "bad_frame"),
    ('{"type":{"$ne":1}}', "bad_frame"),
    ('{"type":"message","client_id":1,"text":"x"}', "bad_frame"),
    ('{"type":"message","client_id":"","text":"x"}', "bad_frame"),
    ('{"type":"message","client_id":"a\\u0000b","text":"x"}', "bad_frame"),
    ('{"type":"message","client_id":"\\ud800","text":"x"}', "bad_frame"),
    ('{"type":"message","client_id":"a","text":"x","choice":"\\udfff"}', "bad_frame"),
    ('{"type":"message","client_id":"a","text":"   "}', "bad_frame"),
    ('{"type":"message","client_id":"a","text":["x"]}', "bad_frame"),
    ('{"type":"seen","message":1e400}', "bad_frame"),
    ('{"type":"seen","message":-1}', "bad_frame"),
    ('{"type":"seen","message":' + "9" * 5_000 + "}", "bad_frame"),
    ('{"type":"typing","active":"yes"}', "bad_frame"),
    (json.dumps({"type": "message", "client_id": "a", "text": "x" * 8001}), "too_long"),
    (json.dumps(START), "bad_frame"),  # a second start
]


async def test_a_wrong_frame_is_told_and_the_connection_lives(server: Server) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        await socket.send_json(START)
        for data, code in FRAMES:
            await (socket.send_bytes(data) if isinstance(data, bytes) else socket.send_str(data))
            assert (await until(socket, "error"))["code"] == code, str(data)[:80]
        await socket.send_json({"type": "message", "client_id": "a", "text": "still here"})
        assert (await until(socket, "accepted"))["client_id"] == "a"
    assert len(server.rooms.rows(sa.select(messages.c.number).where(messages.c.sender == "customer"))) == 1


async def test_a_message_before_the_start_is_refused(server: Server) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        await socket.send_json({"type": "message", "client_id": "a", "text": "hello"})
        assert (await until(socket, "error"))["code"] == "no_session"
    assert server.rooms.rows(sa.select(arrivals.c.id)) == []


async def test_what_no_database_keeps_is_shown_and_not_lost(server: Server) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        await socket.send_json(START)
        await socket.send_str(
            '{"type":"message","client_id":"a","text":"fee \\u0000 and \\ud83d <script>alert(1)</script>"}'
        )
        await until(socket, "accepted")
    [row] = server.rooms.rows(sa.select(messages.c.text).where(messages.c.sender == "customer"))
    assert row.text == "fee \N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER} <script>alert(1)</script>"


async def test_a_frame_that_is_far_too_big_ends_the_connection(server: Server) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        await socket.send_json(START)
        await socket.send_str("x" * 200_000)
        assert (await until(socket, "accepted")) == {"type": "closed", "code": 1009}


async def test_fifty_megabytes_are_only_claimed(server: Server) -> None:
    """A header that announces 50 MB: refused on the announcement, nothing is waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    writer.write(
        f"GET /chat/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x81\xff" + (50 << 20).to_bytes(8, "big") + b"mask" + b"x" * 100)
    async with asyncio.timeout(20):
        assert (await reader.read(100))[:1] == b"\x88"  # a close frame
    writer.close()


async def test_a_session_that_goes_on_elsewhere_is_told_so_and_reads_nothing_more(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(server.url) as socket:
            await socket.send_json(START)
            ours = await until(socket, "session")
            await socket.send_json({"type": "message", "client_id": "a", "text": "secret"})
            await until(socket, "accepted")

            await server.rooms.store.write(_resumed, ours["conversation"])
            frame = await until(socket, "message", "error")
            while frame.get("sender") == "bot":  # said before
                frame = await until(socket, "message", "error")
            assert (frame["type"], frame["code"]) == ("error", "session_ended")
            assert "goes on elsewhere" in frame["detail"]
            assert await until(socket) == {"type": "closed", "code": 4001}
        async with http.ws_connect(server.url) as socket:
            await socket.send_json({**START, "session": ours["session"], "locale": "zh-Hant"})
            opened = await until(socket, "session")
            assert (opened["resumed"], opened["conversation"] == ours["conversation"]) == (False, False)
            assert "別處" in opened["ended"]
        async with http.ws_connect(server.url) as socket:
            later = server.rooms.gateway.tokens.sign_session(ours["conversation"], server_time(), 1)
            await socket.send_json({**START, "session": later})
            assert (await until(socket, "session"))["conversation"] == ours["conversation"]


async def test_a_session_that_ends_while_it_is_told_the_news_reads_nothing_said_since(
    rooms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await rooms.chat.begin(None, "en")
    await rooms.chat.take(seat, "a", "secret", None)
    find = conversations.find

    def resumed_meanwhile(tx: Any, id: str) -> Any:
        found = find(tx, id)
        monkeypatch.setattr(conversations, "find", find)
        rooms.store.write_now(_resumed, id)
        return found

    monkeypatch.setattr(conversations, "find", resumed_meanwhile)
    told = await rooms.chat.news(seat)
    assert [frame.get("text") for frame in told.frames if frame.get("sender") == "agent"] == []
    assert "secret" in [frame.get("text") for frame in told.frames]
    with pytest.raises(SessionEnded):
        await rooms.chat.news(seat)


def _resumed(tx: Any, id: str) -> None:
    """The chat goes on elsewhere, and an agent speaks to whoever has it there."""
    said = conversations.NewMessage(Sender.AGENT, "for whoever has resumed it")
    conversations.add_messages(tx, conversations.locked(tx, id), [said], values={"session_epoch": 1})


@pytest.mark.parametrize("how", ["tampered", "of_another_house", "nonsense", "surrogate"])
async def test_a_session_that_is_not_ours_opens_a_new_one(server: Server, how: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(server.url) as socket:
            await socket.send_json(START)
            ours = await until(socket, "session")
            await socket.send_json({"type": "message", "client_id": "a", "text": "secret"})
            await until(socket, "accepted")
        payload, dot, signature = ours["session"].rpartition(".")
        other = Tokens(b"o" * 32).sign_session(ours["conversation"], server_time())
        forged = {
            "tampered": f"{payload}{dot}{signature[::-1]}",
            "of_another_house": other,
            "nonsense": "A" * 900,
            "surrogate": "\ud800",
        }[how]
        async with http.ws_connect(server.url) as socket:
            await socket.send_str(json.dumps({**START, "session": forged}))
            opened = await until(socket, "session")
            assert opened["resumed"] is False
            assert opened["conversation"] != ours["conversation"]


def server_time() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


async def test_who_never_reads_is_let_go_and_nobody_else_waits(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_socket, "WRITE_LIMIT", 3)
    async with aiohttp.ClientSession() as http:
        deaf = await http.ws_connect(server.url)
        await deaf.send_json(START)
        session = await until(deaf, "session")
        deaf._response.connection.transport.pause_reading()
        async with http.ws_connect(server.url) as other:
            await other.send_json({**START, "session": session["session"]})
            sockets = next(iter(server.runner.app._state[key] for key in [chat_socket.SOCKETS]))
            number = 0
            async with asyncio.timeout(120):
                while len(sockets) > 1:
                    number += 1
                    await other.send_json({"type": "message", "client_id": str(number), "text": "字" * 7000})
                    assert (await until(other, "accepted", "error"))["client_id"] == str(number)
        await deaf.close()


async def test_who_never_says_who_they_are_is_let_go(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_socket, "START_LIMIT", 0.1)
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        assert (await until(socket, "error"))["type"] == "closed"


async def test_seen_frames_without_end_cost_the_store_little(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def seen(seat: Any, number: int) -> None:
        asked.append(number)

    monkeypatch.setattr(server.rooms.chat, "seen", seen)
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        await socket.send_json(START)
        for _ in range(3000):
            await socket.send_str('{"type":"seen","message":1}')
        await socket.send_str("end")
        await until(socket, "error")
    assert len(asked) < 3000


async def test_a_socket_looks_again_when_hints_were_lost(server: Server) -> None:
    """The answer is stored by another process, whose hint is lost with the connection to the database."""
    rooms = server.rooms
    async with aiohttp.ClientSession() as http, http.ws_connect(server.url) as socket:
        await socket.send_json(START)
        await socket.send_json({"type": "message", "client_id": "a", "text": "You took 300 yuan from me in Leeds."})
        await until(socket, "accepted")
        rooms.store.on_wake = lambda wakes: None
        await rooms.conductor.answer_due()
        rooms.gateway.wakeups.reload()
        while (frame := await until(socket, "message"))["message"] < 3:
            pass
        assert frame["sender"] == "bot"


async def test_a_slow_client_gets_the_time_a_slow_line_needs_and_no_more() -> None:
    async def read(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application()
    app.router.add_post("/", read)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    patience = Patience(runner, head=30, body=300)

    async def opened(data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        await writer.drain()
        return reader, writer

    async def standing(heads: int, bodies: int) -> None:
        """So many are connected, and of so many a request has begun."""
        async with asyncio.timeout(60):
            while True:
                assert runner.server is not None
                begun = [getattr(one, "_current_request", None) is not None for one in runner.server.connections]
                if sorted(begun) == [False] * heads + [True] * bodies:
                    return
                await asyncio.sleep(0.01)

    head = await opened(b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    body = await opened(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    await standing(heads=1, bodies=1)
    assert runner.server is not None
    for now in (1000.0, 1029.0):
        patience.look(now)
    assert len(runner.server.connections) == 2
    patience.look(1031.0)
    assert await head[0].read() == b""
    assert len(runner.server.connections) == 1
    patience.look(1299.0)
    body[1].write(b"defghij")
    assert b"200 OK" in await body[0].readline()
    stuck = await opened(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    await standing(heads=1, bodies=1)  # the other one is answered, and waits for what comes next
    patience.look(2000.0)
    patience.look(2301.0)
    assert await stuck[0].read() == b""
    for _, writer in (head, body, stuck):
        writer.close()
    await runner.cleanup()


async def test_a_hint_that_makes_somebody_fail_does_not_silence_the_next(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import listen
    from gateway.wakeups import Wakeups

    monkeypatch.setattr(listen, "RECONNECT", 0.1)
    heard: asyncio.Queue[str] = asyncio.Queue()

    def hear(wake: Wake) -> None:
        if wake.id == "bad":
            raise RuntimeError("no")
        heard.put_nowait(wake.id)

    wakeups = Wakeups()
    wakeups.on("case", hear)
    here, there = (listen.Listener(postgresql_url, each, "node") for each in (wakeups, Wakeups()))
    here.start()
    there.start()
    try:
        async with asyncio.timeout(20):
            there.pass_on([Wake("case", "bad")])
            while heard.empty():
                there.pass_on([Wake("case", "good")])
                await asyncio.sleep(0.1)
    finally:
        await here.stop()
        await there.stop()


def test_hints_that_nobody_understands_are_ignored() -> None:
    from gateway.listen import Listener
    from gateway.wakeups import Wakeups

    heard: list[Wake] = []
    wakeups = Wakeups()
    wakeups.on("case", heard.append)
    listener = Listener("postgresql://nowhere", wakeups, "node")
    for payload in ("", "x", "1", "[]", "{}", '["a", 1]', '["a", ["case"]]', '["a", ["case", "1", "x"]]'):
        listener._heard(payload)
    listener._heard('["other", ["case", "1", 2]]')
    assert [wake.id for wake in heard] == ["1"]


class Branch:
    """Customers behind one address, before a gateway that trusts the proxy on this machine."""

    def __init__(self, http: aiohttp.ClientSession, url: str, address: str) -> None:
        self.http, self.url, self.address = http, f"{url}/chat/ws", address

    async def customer(self, session: str | None = None) -> tuple[Any, str]:
        socket = await self.http.ws_connect(self.url, headers={"X-Forwarded-For": self.address})
        await socket.send_json({**START, "session": session})
        return socket, (await until(socket, "session"))["session"]

    async def says(self, socket: Any, client_id: str = "1") -> dict[str, Any]:
        told = {"type": "message", "client_id": client_id, "text": "You took 30 pounds from my account"}
        await socket.send_json(told)
        return await until(socket, "accepted", "error")


MOST = 5


async def test_one_address_opens_no_flood_of_chats_and_is_told_when_to_come_again(
    start_gateway: Any, store_url: str
) -> None:
    gateway = await asyncio.to_thread(
        lambda: start_gateway(
            QINGTING_DATABASE_URL=store_url,
            QINGTING_CHATS_PER_ADDRESS=str(MOST),
            QINGTING_TRUSTED_PROXIES="127.0.0.1/32",
        )
    )
    async with aiohttp.ClientSession() as http:
        flood = Branch(http, gateway.url, "203.0.113.7")
        customers = await asyncio.gather(*(flood.customer() for _ in range(MOST * 4)))
        said = await asyncio.gather(*(flood.says(socket) for socket, _ in customers))
        assert [one["type"] for one in said].count("accepted") == MOST
        refused = [one for one in said if one["type"] == "error"]
        assert {one["code"] for one in refused} == {"too_fast"}
        assert all(0 < one["retry_after"] <= 60 and one["client_id"] == "1" for one in refused)
        assert all(str(one["retry_after"]) in one["detail"] for one in refused)

        # who was let in goes on, on another connection too; who was not is as little let in with the session they hold
        (open_one, session), said_before = next(
            (customer, one) for customer, one in zip(customers, said, strict=True) if one["type"] == "accepted"
        )
        assert (await flood.says(open_one, "2"))["type"] == "accepted"
        again, _ = await flood.customer(session)
        assert (await flood.says(again, "1"))["message"] == said_before["message"], "the same message, said again"
        assert (await flood.says(again, "3"))["type"] == "accepted"
        shut_out = next(held for (_, held), one in zip(customers, said, strict=True) if one["type"] == "error")
        with_session, _ = await flood.customer(shut_out)
        assert (await flood.says(with_session))["code"] == "too_fast"

        for address in ("203.0.113.8", "2001:db8:1::1"):  # the neighbours notice nothing
            neighbour = Branch(http, gateway.url, address)
            socket, _ = await neighbour.customer()
            assert (await neighbour.says(socket))["type"] == "accepted"
        ours = Branch(http, gateway.url, "2001:db8:2::1")
        same_home = [Branch(http, gateway.url, f"2001:db8:2::{n}") for n in range(2, 3 + MOST)]
        sockets = [(await one.customer())[0] for one in (ours, *same_home)]
        kinds = [(await ours.says(socket))["type"] for socket in sockets]
        assert kinds.count("accepted") == MOST, "an IPv6 customer has a whole /64"
