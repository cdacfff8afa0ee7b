"""What every channel keeps to, whatever its peer does.

Taken once and acknowledged only when durable; nothing lost, nothing twice, nothing held up by what is broken or too large; files
byte for byte; errors of the peer as values; secrets in no log.
"""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from channels.message import Permanent, Retryable
from tests.conformance.channels.rig import House, Rig, SendingRig, Sent

WORDS = "You charged me a fee of 300 yuan and I want it back"
BYTES = bytes(range(256)) * 40 + b"\r\n.\r\n\x00\xff"


async def test_what_is_taken_is_stored_once_and_acknowledged(rig: Rig, house: House) -> None:
    await rig.deliver(Sent("m1", WORDS))
    assert await rig.acknowledged("m1")
    await house.read()
    assert house.texts() == [WORDS]
    assert house.states() == ["read"]


async def test_nothing_is_acknowledged_that_the_store_could_not_take(rig: Rig, house: House) -> None:
    house.store.down = True
    await rig.deliver(Sent("m1", WORDS))
    assert not await rig.acknowledged("m1")
    house.store.down = False
    assert house.states() == []
    await rig.again("m1")
    assert await rig.acknowledged("m1")
    await house.read()
    assert house.texts() == [WORDS]


async def test_the_same_again_is_the_same(rig: Rig, house: House) -> None:
    await rig.deliver(Sent("m1", WORDS))
    await house.read()
    for _ in range(3):
        await rig.again("m1")
    assert await rig.acknowledged("m1")
    await house.read()
    assert house.texts() == [WORDS]


async def test_the_same_again_at_the_same_time_is_the_same(rig: Rig, house: House) -> None:
    await rig.deliver(Sent("m1", WORDS))
    await asyncio.gather(*(rig.again("m1") for _ in range(5)))
    assert await rig.acknowledged("m1")
    await house.read()
    assert house.texts() == [WORDS]


async def test_the_same_again_after_a_restart_is_the_same(rig: Rig, house: House) -> None:
    await rig.deliver(Sent("m1", WORDS))
    assert await rig.acknowledged("m1")
    await rig.stop()
    await rig.start(house)
    await rig.again("m1")
    await rig.deliver(Sent("m2", "and another thing"))
    assert await rig.acknowledged("m2")
    await house.read()
    assert sorted(house.texts()) == sorted([WORDS, "and another thing"])


async def test_what_came_while_nobody_listened_is_taken_afterwards(rig: Rig, house: House) -> None:
    house.store.down = True
    for number in range(5):
        await rig.deliver(Sent(f"m{number}", f"message {number}"))
    house.store.down = False
    for number in reversed(range(5)):  # the peer's order is its own
        await rig.again(f"m{number}")
    for number in range(5):
        assert await rig.acknowledged(f"m{number}")
    await house.read()
    assert sorted(house.texts()) == [f"message {number}" for number in range(5)]


async def test_too_much_is_refused_and_holds_up_nothing(rig: Rig, house: House) -> None:
    await rig.deliver_oversize()
    await rig.deliver(Sent("m1", WORDS))
    assert await rig.acknowledged("m1")
    await house.read()
    assert WORDS in house.texts()
    assert all(len(text) < 100_000 for text in house.texts())


async def test_what_is_hostile_is_read_or_put_aside_and_holds_up_nothing(rig: Rig, house: House) -> None:
    assert await rig.deliver_hostile()
    await rig.deliver(Sent("m1", WORDS))
    assert await rig.acknowledged("m1")
    started = time.monotonic()
    await house.read()
    assert time.monotonic() - started < 60
    assert WORDS in house.texts()
    assert set(house.states()) <= {"read", "parked"}
    assert all(house.parked().values()), "what is put aside says why"


@pytest.mark.parametrize("content", [BYTES, b"", b"\n" * 70_000], ids=["any bytes", "empty", "large"])
async def test_a_file_is_kept_byte_for_byte(file_rig: Rig, house: House, content: bytes) -> None:
    await file_rig.deliver(Sent("m1", WORDS, attachment=content))
    assert await file_rig.acknowledged("m1")
    await house.read()
    assert house.texts() == [WORDS]
    assert await house.attached() == [content]


async def test_no_secret_is_logged_or_shown(rig: Rig, house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await rig.deliver(Sent("m1", WORDS))
        await rig.acknowledged("m1")
        house.store.down = True
        await rig.deliver(Sent("m2", WORDS))
        house.store.down = False
        await rig.deliver_hostile()
        await house.read()
        await rig.stop()
        await rig.start(house)
    told = caplog.text + repr(house.channels) + repr([vars(channel) for channel in house.channels.values()])
    assert [secret for secret in rig.secrets if secret in told] == []
    assert WORDS not in caplog.text


async def test_what_we_send_arrives_once(sending_rig: SendingRig) -> None:
    await sending_rig.send(sending_rig.message("The fee is looked into."))
    assert list(await sending_rig.received()) == ["The fee is looked into."]


async def test_a_peer_that_is_down_is_tried_again_later(sending_rig: SendingRig) -> None:
    await sending_rig.peer_down()
    with pytest.raises(Retryable):
        await sending_rig.send(sending_rig.message("hello"))
    await sending_rig.peer_up()
    await sending_rig.send(sending_rig.message("hello again"))
    assert list(await sending_rig.received()) == ["hello again"]


async def test_a_peer_that_says_nothing_is_given_up_in_time(sending_rig: SendingRig) -> None:
    await sending_rig.peer_slow()
    started = time.monotonic()
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which error it may be is asserted below
        await sending_rig.send(sending_rig.message("hello"))
    assert time.monotonic() - started < 20
    assert getattr(raised.value, "code", "") in ("try_later", "throttled", "unsure")


async def test_an_address_that_nobody_has_is_given_up_for_good(sending_rig: SendingRig) -> None:
    with pytest.raises(Permanent) as raised:
        await sending_rig.send(sending_rig.to_nobody("hello"))
    assert raised.value.detail
