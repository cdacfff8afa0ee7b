"""Long polling: nothing is confirmed that is not committed; whoever else polls, and whatever fails, ends nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from channels.channel import StoreUnavailable
from channels.telegram import poll
from channels.telegram.api import Api, split_updates
from channels.telegram.channel import TelegramChannel
from tests.bot_api import TOKEN, BotApi, Fault, Refusal, flooded

Until = Callable[..., Awaitable[None]]
PAUSE = 0.05  # seconds


@pytest.fixture
async def start(server: BotApi, duty: Any, ledger: Any) -> AsyncIterator[Callable[..., Awaitable[TelegramChannel]]]:
    started: list[TelegramChannel] = []

    async def begin(**more: Any) -> TelegramChannel:
        token = more.pop("token", TOKEN)
        channel = TelegramChannel(Api(token, server.url, patience=20), more.pop("duty", duty), pause=PAUSE, **more)
        started.append(channel)
        await channel.start(ledger.accept)
        return channel

    yield begin
    for channel in started:
        await channel.stop()


async def test_an_update_is_kept_exactly_as_it_came(server: BotApi, start: Any, ledger: Any, until: Until) -> None:
    odd = b'{"update_id":77 ,\n "message":{"text":"\\u4f60 \xe4\xbd\xa0 ]}, {","date":1.50,"chat":{"id":7,"type":"private"}}}'
    server.push_raw(77, odd)
    server.push_raw(78, b'{"update_id":78}')
    await start()
    await until(lambda: server.is_confirmed(78))
    assert ledger.raws == [odd, b'{"update_id":78}']
    first = ledger.arrivals["77"]
    assert (first.account, first.lane, first.transport) == ("telegram:5551234", "telegram:5551234:7", {"by": "poll"})


async def test_the_offset_moves_on_only_when_what_came_is_committed(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    ledger.unavailable = True
    number = server.write(server.customer(), "hello")
    await start()
    await until(lambda: len(server.called("getUpdates")) > 2)
    assert not server.is_confirmed(number)
    ledger.unavailable = False
    await until(lambda: server.is_confirmed(number))
    assert list(ledger.arrivals) == [str(number)]


async def test_of_a_batch_what_is_committed_is_confirmed_and_the_rest_comes_again(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    numbers = [server.write(server.customer(), f"message {number}") for number in range(6)]
    accept, refused = ledger.accept, set(map(str, numbers[3:]))

    async def partly(arrival: Any) -> Any:
        if arrival.external_id in refused:
            raise StoreUnavailable()
        return await accept(arrival)

    ledger.accept = partly
    await start()
    await until(lambda: server.is_confirmed(numbers[2]))
    assert [server.is_confirmed(number) for number in numbers] == [True] * 3 + [False] * 3
    refused.clear()
    await until(lambda: server.is_confirmed(numbers[-1]))
    assert [int(number) for number in ledger.arrivals] == numbers


async def test_more_than_one_answer_holds_is_all_taken_in_order(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    numbers = [server.write(server.customer(), f"message {number}") for number in range(250)]
    await start()
    await until(lambda: server.is_confirmed(numbers[-1]))
    assert [int(number) for number in ledger.arrivals] == numbers


async def test_a_message_is_there_as_soon_as_it_is_written(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    await start()
    await until(lambda: server.called("getUpdates"))
    server.write(server.customer(), "hello")
    await until(lambda: ledger.arrivals, 10)


async def test_numbers_that_begin_anew_lose_nothing(server: BotApi, start: Any, ledger: Any, until: Until) -> None:
    """After a week of silence Telegram begins anew at random: an offset kept from before would make it forget what is new."""
    first = server.write(server.customer(), "before")
    await start()
    await until(lambda: server.is_confirmed(first))
    await until(lambda: "offset" in server.calls[-1][1])
    server._arrived.set()  # the wait ends: a week has passed
    await until(lambda: server.calls[-1][0] == "getUpdates" and "offset" not in server.calls[-1][1])
    server.renumber(5)
    again = server.write(server.customer(), "after")
    assert again < first
    await until(lambda: str(again) in ledger.arrivals)


async def test_what_was_taken_before_a_restart_is_recognised(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    first = await start()
    number = server.write(server.customer(), "hello")
    await until(lambda: ledger.arrivals)
    raw = ledger.raws[0]
    await first.stop()
    server.push_raw(number, raw)
    await start()
    await until(lambda: ledger.repeats)
    assert len(ledger.arrivals) == 1


async def test_all_kinds_that_are_kept_are_asked_for(server: BotApi, start: Any, until: Until) -> None:
    await start()
    await until(lambda: server.allowed)
    assert {"message", "edited_message", "callback_query", "my_chat_member", "channel_post"} <= set(server.allowed)


async def test_without_the_duty_nothing_is_asked(server: BotApi, start: Any, duty: Any) -> None:
    duty.is_anothers = True
    await start()
    await asyncio.sleep(0.1)
    assert server.calls == []


async def test_who_loses_the_duty_stops_asking(server: BotApi, start: Any, duty: Any, until: Until) -> None:
    await start()
    await until(lambda: server.called("getUpdates"))
    duty.is_anothers = True
    server.write(server.customer(), "hello")  # ends the wait
    await until(lambda: server.is_idle)
    await asyncio.sleep(0.1)
    asked = len(server.calls)
    await asyncio.sleep(0.2)
    assert len(server.calls) == asked


async def test_a_clean_stop_lets_another_begin_at_once(server: BotApi, start: Any, duty: Any, until: Until) -> None:
    channel = await start()
    await until(lambda: server.called("getUpdates"))
    await channel.stop()
    assert duty.let_go_of == 1


async def test_a_webhook_that_was_set_is_taken_away_and_drops_nothing(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    server.webhook = "https://bank.example/old"
    number = server.write(server.customer(), "hello")
    await start()
    await until(lambda: server.is_confirmed(number))
    assert list(ledger.arrivals) == [str(number)]
    assert server.called("deleteWebhook")[0].get("drop_pending_updates") is not True


async def test_another_program_that_polls_is_told_to_the_operator_and_outlived(
    server: BotApi, start: Any, ledger: Any, duty: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    other = Api(TOKEN, server.url, patience=20)
    channel = await start()
    await until(lambda: server.called("getUpdates"))
    stealing = asyncio.create_task(other.updates(None, 20))
    await until(lambda: channel.trouble)
    assert channel.refused
    assert "another program" in channel.trouble
    assert "another program" in duty.memory["trouble"]
    assert "stop the other one" in caplog.text
    stealing.cancel()
    await asyncio.gather(stealing, return_exceptions=True)
    await other.close()
    number = server.write(server.customer(), "hello")
    await until(lambda: server.is_confirmed(number))
    assert channel.trouble is None
    assert duty.memory["trouble"] is None


async def test_a_wrong_token_is_told_clearly_and_never_shown(
    server: BotApi, start: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "5551234:AAF-some-other-secret"
    with caplog.at_level(logging.DEBUG):
        channel = await start(token=wrong)
        await until(lambda: channel.trouble)
    assert channel.trouble == "the Bot API refuses the token"
    assert channel.refused
    assert "QINGTING_TELEGRAM_TOKEN" in caplog.text
    told = caplog.text + repr(channel) + repr(vars(channel)) + repr(vars(channel._poller))
    assert "AAF-some" not in told


@pytest.mark.parametrize(
    "fault",
    [Fault(bare=500), Fault(bare=502), flooded(1), Fault(Refusal(400, "Bad Request: no")), Fault(silent=True)],
    ids=["500", "502", "429", "400", "no answer"],
)
async def test_whatever_the_bot_api_answers_the_poll_goes_on(
    server: BotApi, start: Any, until: Until, fault: Fault
) -> None:
    server.fail("getUpdates", fault)
    number = server.write(server.customer(), "hello")
    channel = await start()
    await until(lambda: server.is_confirmed(number))
    await until(lambda: channel.trouble is None)


async def test_who_answers_at_once_with_nothing_is_not_asked_without_pause(
    server: BotApi, start: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*args: Any) -> list[bytes]:
        asked.append(args)
        return []

    asked: list[Any] = []
    monkeypatch.setattr(Api, "updates", nothing)
    began = time.monotonic()
    await start()
    await until(lambda: len(asked) > 3)
    assert time.monotonic() - began >= 3 * PAUSE - 0.01


async def test_a_bot_api_that_is_down_is_waited_for(
    server: BotApi, start: Any, ledger: Any, duty: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "LONGEST_PAUSE", 0.1)
    await server.stop()
    channel = await start()
    await until(lambda: duty.let_go_of, 10)  # the fault may be our network's: another node may try
    assert channel.trouble
    assert not channel.refused, "nobody can put that right here"
    await server.start()
    number = server.write(server.customer(), "hello")
    await until(lambda: server.is_confirmed(number), 10)
    assert str(number) in ledger.arrivals


async def test_an_update_that_the_library_can_not_read_holds_up_no_other(
    server: BotApi, start: Any, ledger: Any, until: Until
) -> None:
    server.push_raw(500, b'{"update_id":500,"message":5}')
    server.push_raw(501, b'{"update_id":501,"message":{"chat":"x"}}')
    number = 502
    server.push_raw(number, b'{"update_id":502}')
    await start()
    await until(lambda: server.is_confirmed(number))
    assert list(ledger.arrivals) == ["500", "501", "502"]


@pytest.mark.parametrize(
    ("payload", "updates"),
    [
        (b'{"ok":true,"result":[]}', []),
        (
            b' { "ok" : true , "result" : [ {"update_id":1} , {"update_id":2,"a":"]"} ] }',
            [b'{"update_id":1}', b'{"update_id":2,"a":"]"}'],
        ),
        (b'{"result":[{"update_id":1, "a":[1,2]}],"ok":true}', [b'{"update_id": 1, "a": [1, 2]}']),
        (
            b'{"ok":true,"result":[{"update_id":1,"t":"\xf0\x9f\x98\xa1 \xff"}]}',
            [b'{"update_id":1,"t":"\xf0\x9f\x98\xa1 \xff"}'],
        ),
    ],
)
def test_an_answer_is_cut_into_its_updates(payload: bytes, updates: list[bytes]) -> None:
    assert split_updates(payload) == updates


@pytest.mark.parametrize(
    "payload", [b"", b"<html>", b'{"ok":true,"result":5}', b'{"ok":true,"result":[{"a":1}', b"null"]
)
def test_an_answer_that_is_none_is_asked_for_again(payload: bytes) -> None:
    with pytest.raises(Exception, match="can't be read"):
        split_updates(payload)


def test_what_the_server_of_these_tests_writes_is_what_is_read_from_it() -> None:
    raw = json.dumps({"update_id": 1}).encode()
    assert split_updates(b'{"ok":true,"result":[' + raw + b",\n" + raw + b"]}") == [raw, raw]
