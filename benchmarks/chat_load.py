"""Chat clients without a library, cheap because they share the server's core. Prints one JSON line.

    python -m benchmarks.chat_load PORT talk --clients 100 --seconds 5 --until accepted
    python -m benchmarks.chat_load PORT idle --clients 1000 --pid P
    python -m benchmarks.chat_load PORT crowd --clients 1000 --seconds 90 --quiet 2.5

`talk`: each client sends its next message as soon as the last one's answer is there. `idle`: connections that have said
something once and been answered, and what each costs process P.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import struct
import time
from pathlib import Path

from benchmarks.harness import percentile

LINES = (
    "你好，我要投诉",
    "我上个月15号在你们滨江支行买的理财，说好保本，现在亏了三万五",
    "要求全额退还本金",
    "为什么要问这个？",
    "我叫江敏，电话13900001111",
    "不是三万五，是四万二",
    "对",
    "谢谢，还想补充一句，昨天我又去了一次，大堂经理让我等通知",
)
THINKS = (20.0, 40.0)  # seconds

TEXT = "我上个月15号在你们滨江支行买的理财，说好保本，现在亏了三万五，没有人给我说法。"
MASK = b"\x01\x02\x03\x04"
UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def framed(said: dict[str, object]) -> bytes:
    data = json.dumps(said, ensure_ascii=False).encode()
    head = b"\x81" + (bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data)))
    mask = (MASK * (len(data) // 4 + 1))[: len(data)]
    masked = int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")
    return head + MASK + masked.to_bytes(len(data), "big")


class Client(asyncio.Protocol):
    def __init__(self, until: bytes, path: str) -> None:
        self.until = until
        self.path = path
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.talking = False
        self.waits: list[float] = []
        self.errors = 0
        self._count = 0
        self._sent = 0.0
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(UPGRADE % self.path.encode())

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self.opened.done():
            head, end, rest = self._read.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):  # told to whoever waits: an error here is only logged
                self.opened.set_exception(ConnectionError(head[:200].decode(errors="replace")))
                return
            self._read = rest
            self.opened.set_result(None)
        while (frame := self._next_frame()) is not None:
            self._heard(frame)

    def _next_frame(self) -> bytes | None:
        if len(self._read) < 2:
            return None
        length, start = self._read[1] & 127, 2
        if length >= 126:
            wide = 2 if length == 126 else 8
            if len(self._read) < 2 + wide:
                return None
            length, start = int.from_bytes(self._read[2 : 2 + wide], "big"), 2 + wide
        if len(self._read) < start + length:
            return None
        frame, self._read = self._read[start : start + length], self._read[start + length :]
        return frame

    def _heard(self, frame: bytes) -> None:
        self.errors += b'"type":"error"' in frame
        if self.until not in frame or not self._sent:
            return
        self.waits.append(time.perf_counter() - self._sent)
        self._sent = 0.0
        if not self.answered.done():
            self.answered.set_result(None)
        if self.talking:
            self.say()

    def start(self) -> None:
        self.transport.write(framed({"type": "start", "session": None, "locale": "zh-Hans"}))

    def say(self, text: str = TEXT) -> None:
        self._count += 1
        self._sent = time.perf_counter()
        self.transport.write(framed({"type": "message", "client_id": f"m{self._count}", "text": text}))


async def connected(port: int, many: int, until: bytes, path: str) -> list[Client]:
    loop, clients = asyncio.get_running_loop(), []
    for at in range(0, many, 100):
        some = [
            loop.create_connection(lambda: Client(until, path), "127.0.0.1", port) for _ in range(min(100, many - at))
        ]
        new = [client for _, client in await asyncio.gather(*some)]
        await asyncio.gather(*(client.opened for client in new))
        clients += new
    for client in clients:
        client.start()
    return clients


async def talk(port: int, many: int, seconds: float, until: bytes, path: str) -> dict[str, float]:
    clients = await connected(port, many, until, path)
    for client in clients:
        client.talking = True
        client.say()
    await asyncio.sleep(1.5)
    for client in clients:
        client.waits.clear()
    begun = time.perf_counter()
    await asyncio.sleep(seconds)
    took, waits = time.perf_counter() - begun, [wait for client in clients for wait in client.waits]
    return {
        "rate": len(waits) / took,
        "median_ms": 1000 * percentile(waits, 0.5),
        "p99_ms": 1000 * percentile(waits, 0.99),
        "errors": sum(client.errors for client in clients),
    }


async def idle(port: int, many: int, pid: int, until: bytes, path: str) -> dict[str, float]:
    before = await asyncio.gather(*map(_once, await connected(port, 100, until, path)))
    await _quiet(pid)
    base = anonymous_kb(pid)
    clients = await asyncio.gather(*map(_once, await connected(port, many, until, path)))
    await _quiet(pid)
    return {"kb": (anonymous_kb(pid) - base) / many, "clients": len(before) + len(clients)}


async def crowd(port: int, many: int, seconds: float, quiet: float, path: str) -> dict[str, float]:
    """Waits beyond the quiet window, of all that was answered once everybody has begun."""
    clients = await connected(port, many, b'"sender":"bot"', path)
    begun = time.perf_counter()
    talks = [asyncio.create_task(_person(client, number, begun + seconds)) for number, client in enumerate(clients)]
    answers = [wait for waits in await asyncio.gather(*talks) for at, wait in waits if at > begun + THINKS[1]]
    late = [wait - quiet for wait in answers]
    return {
        "answers": len(late),
        "a_second": len(late) / (seconds - THINKS[1]),
        "median_ms": 1000 * percentile(late, 0.5),
        "p99_ms": 1000 * percentile(late, 0.99),
        "worst_ms": 1000 * max(late),
        "errors": sum(client.errors for client in clients),
    }


async def _person(client: Client, number: int, until: float) -> list[tuple[float, float]]:
    """(when it was answered, how long after it was said) of everything this one says."""
    heard: list[tuple[float, float]] = []
    dice = random.Random(number)
    await asyncio.sleep(dice.uniform(0, THINKS[1]))
    said = number  # not all begin with the same words
    while time.perf_counter() < until:
        client.answered = asyncio.get_running_loop().create_future()
        client.say(LINES[said % len(LINES)])
        said += 1
        await asyncio.wait_for(client.answered, 60)
        heard.append((time.perf_counter(), client.waits[-1]))
        await asyncio.sleep(dice.uniform(*THINKS))
    return heard


async def _once(client: Client) -> Client:
    client.say()
    await client.answered
    return client


async def _quiet(pid: int) -> None:
    """Until the process has stopped working: answers follow what was said."""
    from benchmarks.harness import processor_seconds

    give_up = time.monotonic() + 150
    await asyncio.sleep(4)
    while time.monotonic() < give_up:
        used = processor_seconds(pid)
        await asyncio.sleep(1.5)
        if processor_seconds(pid) - used < 0.1:
            return


def anonymous_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1])
    raise RuntimeError("no figure for anonymous memory")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("what", choices=["talk", "idle", "crowd"])
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--until", default="accepted", help="what an answer holds")
    parser.add_argument("--pid", type=int, default=0)
    parser.add_argument("--quiet", type=float, default=2.5, help="seconds of the gateway's quiet window")
    parser.add_argument("--path", default="/chat/ws")
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, most), most))
    until = f'"{given.until}"'.encode()
    if given.what == "talk":
        found = asyncio.run(talk(given.port, given.clients, given.seconds, until, given.path))
    elif given.what == "crowd":
        found = asyncio.run(crowd(given.port, given.clients, given.seconds, given.quiet, given.path))
    else:
        found = asyncio.run(idle(given.port, given.clients, given.pid, until, given.path))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
