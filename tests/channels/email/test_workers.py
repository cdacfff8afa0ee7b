"""Reading in processes that can be killed."""

import asyncio
import os
import signal
import time

import pytest

from channels.email import workers
from channels.email.mime import Unreadable
from channels.email.workers import Readers, harmless
from channels.message import MessageIn


def _sleeps(raw, transport, checked):
    time.sleep(60)


def _dies(raw, transport, checked):
    os.kill(os.getpid(), signal.SIGKILL)


def _grows(raw, transport, checked):
    return [bytearray(400 << 20)]


def _breaks(raw, transport, checked):
    raise ZeroDivisionError


@pytest.fixture
async def readers():
    made = Readers(processes=1, seconds=30, in_thread_if_harmless=False)
    yield made
    await made.stop()


async def test_a_mail_is_read_in_another_process(readers, mail):
    (event,) = await readers.read(mail("hello"), {"mailbox": "complaints@bank.example"})
    assert isinstance(event, MessageIn)
    assert event.text == "hello"


@pytest.mark.parametrize(
    ("reading", "reason"),
    [(_sleeps, "took more than 1 seconds"), (_dies, "process died"), (_grows, "too much memory")],
)
async def test_a_poisonous_mail_ends_its_process_and_not_the_next_mail(readers, mail, monkeypatch, reading, reason):
    with monkeypatch.context() as patched:
        patched.setattr(workers, "_read", reading)
        if reading is _sleeps:
            patched.setattr(readers, "seconds", 1.0)
        with pytest.raises(Unreadable, match=reason):
            await readers.read(mail(), {})
    (event,) = await readers.read(mail("next"), {})
    assert event.text == "next"


async def test_a_fault_of_the_reader_parks_the_mail(mail, monkeypatch):
    monkeypatch.setattr(workers, "read_mail", _breaks)
    with pytest.raises(Unreadable, match="the reader failed: ZeroDivisionError"):
        await Readers().read(mail(), {})


async def test_harmless_mail_begins_no_process(mail):
    readers = Readers()
    results = await asyncio.gather(*(readers.read(mail(f"mail {number}"), {}) for number in range(5)))
    assert [events[0].text for events in results] == [f"mail {number}" for number in range(5)]
    assert readers._pool is None
    await readers.stop()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda raw: raw, True),
        (lambda raw: raw + b"x" * 600_000, False),
        (lambda raw: b"X-Big: " + b"a" * 40_000 + b"\r\n" + raw, False),
        (lambda raw: raw + b"\r\n--b\r\n" * 200, False),
        (lambda raw: raw + b"boundary=" * 20, False),
        (lambda raw: raw + b"<p>" * 30_000, False),
        (lambda raw: b"no end of headers", False),
    ],
)
def test_harmless(mail, change, expected):
    assert harmless(change(mail())) is expected
