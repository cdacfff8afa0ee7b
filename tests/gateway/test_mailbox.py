"""The mailbox as operators see it: how it is spoken to, what the doctor and the figures say of it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from case_store import duties
from case_store.store import Store
from channels.email.imap import ImapReceiver, Pace
from channels.email.imap_memory import Cursor, Memory
from channels.email.imap_place import Done
from channels.message import Arrival
from gateway import mailbox, mailbox_check
from gateway.config import Settings
from gateway.duties import StoredDuty
from gateway.endpoints import parse_imap
from gateway.findings import Line, Patient, State
from gateway.policy import load_policy
from tests.dovecot import PASSWORD, Dovecot

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def settings_of(url: str, tmp_path: Path, **others: Any) -> Settings:
    return Settings(data_dir=tmp_path, imap=parse_imap(url), **others)


@pytest.mark.parametrize(
    ("url", "plaintext", "security"),
    [
        ("imaps://u:p@mail.example", False, "tls"),
        ("imap+starttls://u:p@mail.example", False, "starttls"),
        ("imap://u:p@mail.example", False, "starttls"),  # nothing goes unencrypted over a network by mistake
        ("imap://u:p@mail.example", True, "none"),
        ("imap://u:p@127.0.0.1", False, "none"),
        ("imap://u:p@[::1]", False, "none"),
        ("imap://u:p@localhost", False, "none"),
        ("imap+starttls://u:p@localhost", False, "starttls"),
        ("imap+starttls://u:p@mail.example", True, "starttls"),
        ("imaps://u:p@mail.example", True, "tls"),
    ],
)
def test_how_the_mailbox_is_spoken_to(url: str, plaintext: bool, security: str, tmp_path: Path) -> None:
    place = mailbox.mailbox_place(settings_of(url, tmp_path, imap_plaintext=plaintext))
    assert place is not None
    assert place.security == security


def test_a_folder_stays_the_same_by_another_port_and_encryption(tmp_path: Path) -> None:
    keys = {
        mailbox.mailbox_place(settings_of(url, tmp_path)).key  # type: ignore[union-attr]
        for url in ("imap+starttls://u:p@mail.example/INBOX", "imaps://u:q@mail.example:1993")
    }
    assert len(keys) == 1


def test_no_password_in_what_is_printed_of_the_mailbox(tmp_path: Path) -> None:
    settings = settings_of("imaps://u:hush@mail.example", tmp_path)
    assert "hush" not in repr(settings) + repr(mailbox.mailbox_place(settings))


# the doctor ------------------------------------------------------------------------------------------------------


def box_of(dovecot: Dovecot, folder: str = "INBOX", password: str = PASSWORD, port: int = 0) -> str:
    return f"imap://doctor-{secrets.token_hex(3)}:{password}@127.0.0.1:{port or dovecot.port}/{folder}"


def only(found: Any) -> Line:
    [line] = found
    assert (line.state is State.OK) == (line.do == ""), line
    return line


def test_a_mailbox_that_opens_is_well(dovecot: Dovecot, tmp_path: Path) -> None:
    line = only(mailbox_check.mailbox_answers(settings_of(box_of(dovecot), tmp_path)))
    assert (line.check, line.state, line.found) == (
        "mailbox",
        State.OK,
        "folder INBOX on 127.0.0.1 opens, 0 mails in it",
    )


def test_no_mailbox_no_line(tmp_path: Path) -> None:
    assert list(mailbox_check.mailbox_answers(Settings(data_dir=tmp_path))) == []


@pytest.mark.parametrize(
    ("wrong", "found", "do"),
    [
        ({"password": "hush"}, "doesn't let", "correct user and password"),
        ({"folder": "Elsewhere"}, "folder Elsewhere can't be opened", "correct the folder"),
        ({"port": 1}, "can't be reached: Connection refused", "see that the mail server runs"),
    ],
    ids=["password", "folder", "port"],
)
def test_what_is_wrong_with_a_mailbox(
    dovecot: Dovecot, tmp_path: Path, wrong: dict[str, Any], found: str, do: str
) -> None:
    line = only(mailbox_check.mailbox_answers(settings_of(box_of(dovecot, **wrong), tmp_path)))
    assert line.state is State.FAIL
    assert found in line.found
    assert do in line.do
    assert "hush" not in line.found + line.do


def test_a_certificate_that_does_not_count_is_told(dovecot: Dovecot, tmp_path: Path) -> None:
    url = f"imaps://ann:{PASSWORD}@127.0.0.1:{dovecot.tls_port}"
    line = only(mailbox_check.mailbox_answers(settings_of(url, tmp_path)))
    assert (line.state, "certificate" in line.found, "QINGTING_IMAP_CA" in line.do) == (State.FAIL, True, True)
    assert only(mailbox_check.mailbox_answers(settings_of(url, tmp_path, imap_ca=dovecot.ca))).state is State.OK


def test_a_folder_to_move_to_that_is_not_there_is_told(dovecot: Dovecot, tmp_path: Path) -> None:
    settings = settings_of(box_of(dovecot), tmp_path, imap_done=Done("move", "Taken"))
    told = {line.state: line for line in mailbox_check.mailbox_answers(settings)}
    assert "folder Taken of QINGTING_IMAP_DONE is not on 127.0.0.1" in told[State.FAIL].found


@pytest.fixture
def patient(store: Store, dovecot: Dovecot, tmp_path: Path) -> Patient:
    return Patient(settings_of(box_of(dovecot), tmp_path), load_policy(), store, deep=False, now=NOW)


def remembered(patient: Patient, memory: Memory) -> None:
    name, lasting = mailbox.duty_name(patient.settings), timedelta(seconds=30)
    held = patient.store.write_now(duties.take, name, "node7:abcd", lasting)
    assert held is not None
    assert patient.store.write_now(duties.remember, name, "node7:abcd", held.fence, memory.write(), lasting)


def test_a_mailbox_that_nobody_has_looked_into(patient: Patient) -> None:
    line = only(mailbox_check.mailbox_taken(patient))
    assert (line.state, line.found) == (State.WARN, "no gateway has looked into it yet")


def test_a_mailbox_that_is_being_read(patient: Patient) -> None:
    remembered(patient, Memory({"k": Cursor(1, 2, 2)}, looked_at=NOW - timedelta(seconds=50)))
    line = only(mailbox_check.mailbox_taken(patient))
    assert (line.state, line.found) == (State.OK, "all of it was taken 50 s ago, by node node7")


def test_a_mailbox_that_has_been_silent_too_long(patient: Patient) -> None:
    remembered(patient, Memory(looked_at=NOW - timedelta(hours=2)))
    line = only(mailbox_check.mailbox_taken(patient))
    assert (line.state, line.found) == (State.FAIL, "last looked into: 2026-11-26 18:00, by node node7")


def test_trouble_is_told_with_its_beginning_and_what_to_do(patient: Patient) -> None:
    memory = Memory(looked_at=NOW).troubled("unreachable", "m:993 does not answer in time", NOW - timedelta(hours=1))
    remembered(patient, memory.troubled("unreachable", "m:993 broke the connection", NOW))
    line = only(mailbox_check.mailbox_taken(patient))
    assert line.state is State.FAIL
    assert "since 2026-11-26 19:00 node node7 has had this trouble: m:993 broke the connection" in line.found
    assert line.do.startswith("see that the mail server runs")


async def test_silence_is_a_figure(patient: Patient, dovecot: Dovecot) -> None:
    settings, store = patient.settings, patient.store
    assert (await store.read(mailbox.silence, settings) or 0) > 1e9, "never looked into: the alarm must ring"
    place = mailbox.mailbox_place(settings)
    assert place is not None
    duty = StoredDuty(store, mailbox.duty_name(settings), "here")

    async def accept(arrival: Arrival) -> Any:
        raise AssertionError("the mailbox is empty")

    driver = ImapReceiver(place, settings.complaints_address, duty, max_size=100_000, pace=Pace(first_retry=0.05))
    await driver.start(accept)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            while not driver.looks:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await driver.stop()
    assert 0 <= (await store.read(mailbox.silence, settings) or -1) < 60
    assert await store.read(mailbox.silence, Settings(data_dir=settings.data_dir)) is None
