"""One bad message stops nothing: each is read or parked, the mails beside it are answered, a parked one can be read again."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import arrivals as ledger
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import messages
from case_store.tables_outbox import tasks
from channels.email.mime import Unreadable


def many_parts() -> str:
    parts = "\n".join(f"--b\nContent-Type: text/plain\n\npart {n}\n" for n in range(10_000))
    return f"Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n"


def deep_nesting() -> str:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(100))
    return head + "Content-Type: text/plain\n\nat the bottom\n"


def giant_headers() -> str:
    return "\n".join(f"X-Long-{n}: {'y' * 900}" for n in range(3_000)) + "\n\nThe fee was wrong.\n"


def one_giant_header() -> str:
    return f"X-Long: {'z' * 3_000_000}\n\nThe fee was wrong.\n"


def endless_html() -> str:
    return "Content-Type: text/html\n\n" + "<div><b>" * 150_000 + "The fee was wrong"


def unclosed_quotes() -> str:
    return "Content-Type: text/html\n\n" + '<a href="' * 50_000


def garbage_base64() -> str:
    return "Content-Transfer-Encoding: base64\n\n" + "%%=A!" * 200_000


def a_zip_that_swells() -> str:
    packed = base64.b64encode(b"PK\x03\x04" + bytes(700_000)).decode()
    return (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the file.\n--b\n"
        f"Content-Type: application/zip; name=bomb.zip\nContent-Transfer-Encoding: base64\n\n{packed}\n--b--\n"
    )


def a_long_word() -> str:
    return "\n" + "a" * 500_000


def many_quotes() -> str:
    return "References: <1@x>\n\n" + "> > > On 1 Jan, x wrote:\n" * 20_000


def many_digits() -> str:
    return "\n" + "12345 6789-0 " * 15_000


def many_money_words() -> str:
    return "\n" + "三万五千" * 40_000


def many_at_signs() -> str:
    return "\n" + "a.b-c@d.e-" * 15_000


def long_names() -> str:
    types = f"Content-Type: x/{'y' * 400}; name={'n' * 3000}"
    return f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nThe fee was wrong.\n--b\n{types}\n\nx\n--b--\n"


def nul_everywhere() -> str:
    return "X: \x00\nContent-Type: text/plain; charset=\x00\n\nThe \x00 fee \ufffe was wrong.\n"


HOSTILE = (
    *(many_parts, deep_nesting, giant_headers, one_giant_header, endless_html, unclosed_quotes, garbage_base64),
    *(a_zip_that_swells, a_long_word, many_quotes, many_digits, many_money_words, many_at_signs, long_names),
    nul_everywhere,
)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_hostile_mail_is_read_or_parked_and_the_next_is_answered(
    rooms: Any, write: Callable[..., str], hostile: Callable[[], str]
) -> None:
    bad = f"From: {'Bad ' * 100}<bad@example.org>\nSubject: {'s' * 2000}\nMessage-ID: <bad@x>\n{hostile()}"
    await rooms.mail(bad)
    await rooms.mail(write())
    async with asyncio.timeout(30):  # no measure of speed: a machine under load, but not for ever
        await rooms.settle()
    states = rooms.rows(sa.select(arrivals.c.state, arrivals.c.reason))
    assert {row.state for row in states} <= {"read", "parked"}
    assert not [row.reason for row in states if row.state == "parked" and not row.reason.startswith("Unreadable")]
    assert len(rooms.post.to("ann@example.org")) == 1
    assert rooms.rows(sa.select(messages.c.number).where(messages.c.sender == "customer"))


async def test_the_unreadable_is_parked_at_once_and_can_be_read_again(
    rooms: Any, write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = rooms.channel.read

    async def poisoned(arrival: Any, fetched: Any) -> Any:
        raise Unreadable("reading took more than 5 seconds")

    monkeypatch.setattr(rooms.channel, "read", poisoned)
    await rooms.mail(write())
    await rooms.settle()
    [row] = rooms.rows(sa.select(arrivals.c.state, arrivals.c.reason))
    assert (row.state, row.reason) == ("parked", "Unreadable: reading took more than 5 seconds")
    monkeypatch.setattr(rooms.channel, "read", read)
    assert rooms.store.write_now(ledger.replay) == 1
    await rooms.settle()
    assert len(rooms.post.to("ann@example.org")) == 1


async def test_a_mail_that_takes_long_holds_up_no_other(
    rooms: Any, write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, held = rooms.channel.read, asyncio.Event()

    async def slow(arrival: Any, fetched: Any) -> Any:
        if b"slow" in arrival.raw:
            await held.wait()
        return await read(arrival, fetched)

    monkeypatch.setattr(rooms.channel, "read", slow)
    for number in range(40):  # more than used to be claimed together
        await rooms.mail(write(f"slow{number}@example.org"))
    rooms.intake.start()
    await rooms.mail(write())
    async with asyncio.timeout(30):
        while not rooms.rows(sa.select(messages.c.number)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    held.set()
    await rooms.intake.stop()
    await rooms.settle()
    assert not rooms.rows(sa.select(tasks.c.id))


INJECTED = "fee\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>"


async def test_nothing_a_customer_writes_becomes_a_header_or_markup_of_our_answer(
    rooms: Any, write: Callable[..., str]
) -> None:
    encoded = f"=?utf-8?b?{base64.b64encode(INJECTED.encode()).decode()}?="
    text = "You took 300 yuan from me in Leeds. I want it back. <img src=x onerror=alert(1)> =cmd|' /C calc'!A0"
    await rooms.mail(write(f"{encoded} <ann@example.org>", text=text, subject=encoded))
    await rooms.settle()
    [answer] = rooms.post.mails
    assert answer["Bcc"] is None
    assert answer["X-Envelope-To"] == "ann@example.org"
    html = str(answer.get_body(("html",)).get_content())
    assert "<script" not in html
    assert "<img" not in html
