"""The stand-in of the Bot API as a server of its own, with a door for customers: what `qingting simulate --telegram` talks to.

`python -m tests.bot_api_customers --api 127.0.0.1:8081 --customers 127.0.0.1:8082`; the house has the first as
QINGTING_TELEGRAM_API and the token that is printed as QINGTING_TELEGRAM_TOKEN.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from aiohttp import web

from tests.bot_api import TOKEN, BotApi


class CustomersDoor:
    """`POST /customers/{id}/messages` writes to the bot; `GET …?after=N` shows what it has answered."""

    def __init__(self, api: BotApi, port: int = 0) -> None:
        self._api = api
        self.port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/customers/{id:[0-9]+}/messages", self._write)
        app.router.add_get("/customers/{id:[0-9]+}/messages", self._read)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _write(self, request: web.Request) -> web.Response:
        told = await request.json()
        who = {"first_name": str(told.get("first_name", "Ann")), "language_code": told.get("language_code")}
        customer = self._api.customer(int(request.match_info["id"]), last_name="", **who)
        return web.json_response({"update": self._api.write(customer, str(told["text"]))}, status=201)

    async def _read(self, request: web.Request) -> web.Response:
        id, after = int(request.match_info["id"]), int(request.query.get("after", "0"))
        said = [one for one in self._api.sent if one.chat == id and one.number > after and one.text]
        return web.json_response({"messages": [{"number": one.number, "text": one.text} for one in said]})


async def serve(api_port: int, customers_port: int) -> None:
    api = BotApi()
    api.port = api_port
    door = CustomersDoor(api, customers_port)
    await api.start()
    await door.start()
    print(
        f"QINGTING_TELEGRAM_API={api.url}\nQINGTING_TELEGRAM_TOKEN={TOKEN}\nqingting simulate --telegram {door.url}",
        flush=True,
    )
    try:
        await asyncio.Event().wait()
    finally:
        await door.stop()
        await api.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bot_api_customers", description="A Bot API to practise with."
    )
    parser.add_argument("--api", type=int, default=0, help="port for the house")
    parser.add_argument("--customers", type=int, default=0, help="port for customers")
    asked = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(asked.api, asked.customers))


if __name__ == "__main__":
    main()
