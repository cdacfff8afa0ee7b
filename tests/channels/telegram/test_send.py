"""What leaves by Telegram, and each way in which it can fail, as a value somebody can act on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from channels.message import (
    Attachment,
    Delivery,
    DeliveryError,
    OutboundMessage,
    Refused,
    Retryable,
    Throttled,
    UnknownAddress,
    Unsure,
)
from channels.telegram.api import Api
from channels.telegram.pace import PATIENCE, Pace, TooSoon
from channels.telegram.send import Sender
from tests.bot_api import TOKEN, BotApi, Fault, Refusal, flooded


@pytest.fixture
def sender(api: Api) -> Sender:
    return Sender(api, Pace(each=0.0, together=100_000))


def outbound(text: str = "hello", chat: int = 4711, **more: Any) -> OutboundMessage:
    return OutboundMessage("<1@x>", "telegram:5551234", f"telegram:{chat}", text, "en", **more)


async def test_a_text_leaves_and_keeps_the_number_that_telegram_gives_it(server: BotApi, sender: Sender) -> None:
    server.customer()
    assert await sender.send(outbound("你好 <b>&amp; *stars* _x_")) == Delivery(f"5551234:4711:{server.sent[0].number}")
    assert server.sent[0].text == "你好 <b>&amp; *stars* _x_", "as it is: no markup is read into it"
    assert server.called("sendMessage")[0]["link_preview_options"] == {"is_disabled": True}


async def test_choices_leave_as_buttons_and_those_of_the_question_before_go(server: BotApi, sender: Sender) -> None:
    server.customer()
    choices = (("Yes, that is right", "affirm"), ("Something to change", "deny"))
    await sender.send(outbound("Is it right?", choices=choices))
    assert [(button["text"], button["callback_data"]) for button in server.sent[0].buttons] == list(choices)
    await sender.send(outbound("A word beside it", aside=True))
    assert server.sent[0].buttons
    await sender.send(outbound("Is it right now?", choices=choices))
    assert server.sent[0].buttons == []
    assert server.sent[2].buttons


async def test_a_value_that_no_button_can_hold_is_told_in_words(server: BotApi, sender: Sender) -> None:
    server.customer()
    await sender.send(outbound("Which?", choices=(("The first", "v" * 65), ("The second", "w"))))
    assert server.sent[0].text == "Which?\n• The first\n• The second"
    assert server.sent[0].buttons == []


async def test_files_leave_as_documents_byte_for_byte(server: BotApi, sender: Sender) -> None:
    server.customer()
    receipt = Attachment("收据.pdf", "application/pdf", bytes(range(256)), part=None)
    await sender.send(outbound("Your receipt", attachments=(receipt,)))
    assert [(sent.text, sent.name, sent.content) for sent in server.sent] == [
        ("Your receipt", None, None),
        ("", "收据.pdf", bytes(range(256))),
    ]


async def test_a_text_longer_than_telegram_takes_is_cut_at_its_paragraphs(server: BotApi, sender: Sender) -> None:
    server.customer()
    long = "\n\n".join("字" * 1500 for _ in range(5))
    await sender.send(outbound(long, choices=(("Yes", "affirm"),)))
    assert "\n\n".join(sent.text for sent in server.sent) == long
    assert [bool(sent.buttons) for sent in server.sent] == [False, False, True]


FAILURES: list[tuple[str, Fault, type[DeliveryError]]] = [
    ("blocked", Fault(Refusal(403, "Forbidden: bot was blocked by the user")), UnknownAddress),
    ("deactivated", Fault(Refusal(403, "Forbidden: user is deactivated")), UnknownAddress),
    ("not begun", Fault(Refusal(403, "Forbidden: bot can't initiate conversation with a user")), UnknownAddress),
    ("no chat", Fault(Refusal(400, "Bad Request: chat not found")), UnknownAddress),
    ("refused", Fault(Refusal(400, "Bad Request: message is too long")), Refused),
    ("other refusal", Fault(Refusal(400, "Bad Request: BUTTON_DATA_INVALID")), Refused),
    ("flood", flooded(23), Throttled),
    ("flood without time", Fault(bare=429), Throttled),
    ("token", Fault(Refusal(401, "Unauthorized")), Retryable),
    ("conflict", Fault(Refusal(409, "Conflict: somebody")), Retryable),
    ("500", Fault(bare=500), Retryable),
    ("503", Fault(bare=503), Retryable),
    ("bad gateway", Fault(bare=502), Unsure),
    ("gateway time-out", Fault(bare=504), Unsure),
    ("no answer", Fault(silent=True), Unsure),
    ("an answer that is none", Fault(bare=200), Unsure),
]


@pytest.mark.parametrize(("fault", "error"), [each[1:] for each in FAILURES], ids=[each[0] for each in FAILURES])
async def test_how_it_fails(server: BotApi, sender: Sender, fault: Fault, error: type[DeliveryError]) -> None:
    server.customer()
    server.fail("sendMessage", fault)
    with pytest.raises(DeliveryError) as raised:
        await sender.send(outbound())
    assert type(raised.value) is error
    assert raised.value.detail
    assert TOKEN.split(":")[1] not in f"{raised.value!r} {raised.value.__cause__!r}"
    if isinstance(raised.value, Throttled):
        assert raised.value.retry_after == (23 if fault.refusal else 5)


async def test_no_connection_means_that_nothing_was_sent(server: BotApi, sender: Sender) -> None:
    await server.stop()
    with pytest.raises(Retryable):
        await sender.send(outbound())


async def test_no_answer_in_time_means_that_nobody_knows(server: BotApi) -> None:
    server.customer()
    server.slow = True
    hurried = Api(TOKEN, server.url, patience=1.0)
    sender = Sender(hurried, Pace(each=0.0, together=100_000))
    started = time.monotonic()
    with pytest.raises(Unsure):
        await sender.send(outbound())
    assert time.monotonic() - started < 50  # the server would say nothing for a minute
    await hurried.close()


async def test_a_second_part_that_fails_after_the_first_is_never_sent_with_it_again(
    server: BotApi, sender: Sender
) -> None:
    server.customer()
    server.fail("sendMessage", Fault(), Fault(bare=500))
    with pytest.raises(Unsure, match="a part of it has arrived"):
        await sender.send(outbound("a" * 4000 + "\n\n" + "b" * 4000))


@pytest.mark.parametrize(
    "address", ["telegram:", "telegram:x", "ann@customer.example", "+8613800138000", "telegram:1e9"]
)
async def test_an_address_that_is_none_is_given_up(sender: Sender, address: str) -> None:
    with pytest.raises(UnknownAddress):
        await sender.send(OutboundMessage("<1@x>", "telegram:1", address, "hello", "en"))


async def test_nothing_to_say_is_refused(sender: Sender) -> None:
    with pytest.raises(Refused):
        await sender.send(outbound(" \n "))


async def test_after_a_flood_the_chat_is_left_alone(server: BotApi, api: Api) -> None:
    server.customer()
    server.fail("sendMessage", flooded(30))
    sender = Sender(api, Pace())
    began = time.monotonic()
    with pytest.raises(Throttled):
        await sender.send(outbound())
    calls = len(server.calls)
    with pytest.raises(Throttled) as raised:
        await sender.send(outbound())
    assert 29 - (time.monotonic() - began) < raised.value.retry_after <= 30
    assert len(server.calls) == calls, "not even asked"
    server.customer(12)
    await sender.send(outbound(chat=12))


async def test_neither_library_logs_the_token_or_the_words(
    server: BotApi, sender: Sender, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    server.customer()
    with caplog.at_level(logging.DEBUG):
        for name in ("telegram", "telegram.Bot", "httpx", "httpcore", "httpcore.http11"):
            assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
        await sender.send(outbound("words of a customer"))
        file = server.file(b"secret content")
        await api.download(file["file_id"], 1000)
        server.fail("sendMessage", Fault(bare=200))
        with pytest.raises(Unsure):
            await sender.send(outbound("more words"))
        await api.updates(None, 0)
    assert server.port
    told = caplog.text + repr(api) + repr(sender) + repr(vars(sender))
    for secret in (TOKEN, TOKEN.split(":")[1], "words of a customer", "more words", "secret content"):
        assert secret not in told


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    def __call__(self) -> float:
        return self.now

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_the_pace_is_one_a_second_to_a_chat_and_thirty_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(clock=clock)
    times: list[float] = []
    for _ in range(4):
        await pace.turn(1)
        times.append(clock.now)
    assert times == [1000.0, 1001.0, 1002.0, 1003.0]
    began = clock.now
    for chat in range(2, 62):
        await pace.turn(chat)
    assert clock.now - began == pytest.approx(2.0, abs=0.1)


async def test_who_would_wait_long_is_told_how_long_and_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(clock=clock)
    pace.hold(1, 60)
    for _ in range(3):
        with pytest.raises(TooSoon) as raised:
            await pace.turn(1)
        assert raised.value.seconds == pytest.approx(60)
    clock.now += 60 - PATIENCE + 0.1
    await pace.turn(1)
    await pace.turn(2)


async def test_many_chats_are_forgotten_when_their_time_is_over(
    monkeypatch: pytest.MonkeyPatch, until: Callable[..., Any]
) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(clock=clock, together=10**9)
    for chat in range(25_000):
        await pace.turn(chat)
        clock.now += 0.001
    assert len(pace._next_of) <= 10_001
