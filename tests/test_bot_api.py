"""The Bot API server of these tests behaves as the Bot API does: judged by the library's own strict classes, and by the documentation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken
from telegram.request import HTTPXRequest

from tests.bot_api import TOKEN, BotApi, Fault, flooded

TIMEOUTS = ("read_timeout", "write_timeout", "connect_timeout", "pool_timeout")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    server = BotApi()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    """The library's, unchanged but for its patience."""
    calls, polls = (HTTPXRequest(**dict.fromkeys(TIMEOUTS, 30)) for _ in range(2))
    urls = {"base_url": f"{api.url}/bot", "base_file_url": f"{api.url}/file/bot"}
    made = Bot(TOKEN, **urls, request=calls, get_updates_request=polls)
    yield made
    for request in made._request:
        await request.shutdown()


async def ask(api: BotApi, method: str, token: str = TOKEN, **params: Any) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.post(f"{api.url}/bot{token}/{method}", json=params) as answer:
        return answer.status, await answer.json()


async def updates(api: BotApi, **params: Any) -> list[int]:
    status, answer = await ask(api, "getUpdates", **params)
    assert (status, answer["ok"]) == (200, True)
    return [update["update_id"] for update in answer["result"]]


async def test_every_update_is_one_to_the_library(api: BotApi, bot: Bot) -> None:
    ann = api.customer()
    api.write(ann, "/start now")
    message = api.message(ann, photo=api.photo(b"x"), caption="c", media_group_id="g")
    api.push(message=message)
    api.edit(message, caption="d")
    api.album(ann, [b"1", b"2"], caption="album")
    api.push(message=api.message(ann, document={**api.file(b"x"), "file_name": "a", "mime_type": "text/plain"}))
    api.block(ann)
    api.block(ann, "member")
    sent = await bot.send_message(ann.id, "Yes?")
    assert sent.text == "Yes?"
    api.press(ann, api.sent[0], "affirm")
    found = await bot.get_updates()
    assert len(found) == 9
    raw = [json.loads(raw) for raw in api._pending.values()]
    for update, told in zip(found, raw, strict=True):
        assert isinstance(update, Update)
        assert update.to_dict().keys() == told.keys()
        whole = update.effective_message or update.my_chat_member or update.callback_query
        assert whole is not None
        assert not update.api_kwargs
        assert not whole.api_kwargs, "a field that the library does not know"


async def test_what_is_confirmed_never_comes_again(api: BotApi) -> None:
    numbers = [api.write(api.customer(), str(number)) for number in range(5)]
    assert await updates(api) == numbers
    assert await updates(api) == numbers, "until it is confirmed"
    assert await updates(api, limit=2) == numbers[:2]
    assert await updates(api, offset=numbers[2]) == numbers[2:]
    assert await updates(api) == numbers[2:]
    assert await updates(api, offset=-1) == numbers[4:]
    assert await updates(api) == numbers[4:], "a negative offset forgets what is before"
    assert await updates(api, offset=numbers[4] + 1) == []


async def test_an_offset_that_is_too_high_forgets_what_has_not_been_delivered(api: BotApi) -> None:
    number = api.write(api.customer(), "hello")
    assert await updates(api, offset=number + 1000) == []
    assert api.is_confirmed(number)


async def test_kinds_that_nobody_asks_for_do_not_come_and_the_wish_lasts(api: BotApi) -> None:
    await updates(api, allowed_updates=["callback_query"])
    assert api.write(api.customer(), "hello") == 0
    await updates(api)
    assert api.write(api.customer(), "hello") == 0
    await updates(api, allowed_updates=[])
    number = api.write(api.customer(), "hello")
    assert api.push(message_reaction={}) == 0, "only where it is named"
    await updates(api, allowed_updates=["callback_query"])
    assert await updates(api) == [number], "what was there before is delivered all the same"


async def test_one_poll_ends_another_and_a_webhook_all(api: BotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    async with asyncio.timeout(30):
        while not api.called("getUpdates"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await updates(api) == []
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    await bot.set_webhook("https://bank.example/hook", secret_token="a-b_C")
    assert (await bot.get_webhook_info()).url == "https://bank.example/hook"
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await updates(api) == []


@pytest.mark.parametrize(
    ("method", "params", "status", "said"),
    [
        ("sendMesage", {}, 404, "Not Found"),
        ("sendMessage", {"chat_id": 4711}, 400, "needs text"),
        ("sendMessage", {"chat_id": "ann", "text": "x"}, 400, "chat_id is no chat"),
        ("sendMessage", {"chat_id": 4711, "text": "x", "reply_markup": "none"}, 400, "reply_markup is no object"),
        ("sendMessage", {"chat_id": 4711, "text": "x", "colour": "red"}, 400, "no parameter colour"),
        ("getUpdates", {"timeout": "long"}, 400, "timeout is no integer"),
        ("getUpdates", {"limit": 101}, 400, "limit is 1 to 100"),
        ("getUpdates", {"allowed_updates": "message"}, 400, "allowed_updates is no list"),
        ("setWebhook", {"url": "https://x", "secret_token": "no blanks"}, 400, "secret_token has"),
        ("sendChatAction", {"chat_id": 4711, "action": "dance"}, 400, "no action dance"),
    ],
)
async def test_what_no_correct_client_sends_is_refused_and_complained_of(
    api: BotApi, method: str, params: dict[str, Any], status: int, said: str
) -> None:
    api.customer()
    answered, told = await ask(api, method, **params)
    assert (answered, told["ok"], told["error_code"]) == (status, False, status)
    assert said in told["description"]
    assert len(api.complaints) == 1


async def test_a_wrong_token_is_401(api: BotApi, bot: Bot) -> None:
    assert (await ask(api, "getMe", token="1:wrong"))[0] == 401
    assert (await bot.get_me()).username == "bank_bot"
    api.token = "5551234:another"
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_who_can_not_be_written_to(api: BotApi, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "hello")
    ann = api.customer()
    api.block(ann)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(ann.id, "hello")
    api.block(ann, "deactivated")
    with pytest.raises(Forbidden, match="deactivated"):
        await bot.send_message(ann.id, "hello")


@pytest.mark.parametrize(
    ("text", "said"), [("x" * 4097, "too long"), ("😡" * 2049, "too long"), ("  ", "text is empty")]
)
async def test_limits_of_a_text(api: BotApi, bot: Bot, text: str, said: str) -> None:
    api.customer()
    with pytest.raises(BadRequest, match=said):
        await bot.send_message(4711, text)


async def test_a_flood_is_told_with_its_time(api: BotApi) -> None:
    api.customer()
    api.fail("sendMessage", flooded(7))
    status, told = await ask(api, "sendMessage", chat_id=4711, text="x")
    assert (status, told["parameters"]) == (429, {"retry_after": 7})
    assert (await ask(api, "sendMessage", chat_id=4711, text="x"))[0] == 200


async def test_what_is_answered_by_nothing_was_done_all_the_same(api: BotApi) -> None:
    api.customer()
    api.fail("sendMessage", Fault(silent=True))
    with pytest.raises(aiohttp.ClientError):
        await ask(api, "sendMessage", chat_id=4711, text="x")
    assert api.texts(api.customer()) == ["x"]


async def test_links_to_files_run_out_and_large_files_have_none(api: BotApi, bot: Bot) -> None:
    kept = api.file(bytes(range(256)))
    file = await bot.get_file(kept["file_id"])
    assert bytes(await file.download_as_bytearray()) == bytes(range(256))
    api.expire_links()
    with pytest.raises(InvalidToken):  # 404
        await file.download_as_bytearray()
    with pytest.raises(BadRequest, match="too big"):
        await bot.get_file(api.file(b"x", size=20_000_001)["file_id"])
    with pytest.raises(BadRequest, match="temporarily unavailable"):
        await bot.get_file("no-such-file")


async def test_a_button_is_answered_once(api: BotApi, bot: Bot) -> None:
    api.customer()
    await bot.send_message(4711, "Yes?")
    api.press(api.customer(), api.sent[0], "affirm", id="77")
    await bot.answer_callback_query("77")
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("77")
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_reply_markup(4711, api.sent[0].number)
