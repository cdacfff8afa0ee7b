"""The doctor: what it finds, and that each finding says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from case_store import arrivals, conversations, schema
from case_store.arrivals import NewArrival
from case_store.files import Files
from case_store.ids import new_id
from case_store.people import NewAgent, add_agent
from case_store.records import Role, Sender
from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_conversations import messages
from case_store.tables_house import audit_events, house
from gateway import doctor, file_checks
from gateway.cli import app
from gateway.config import Settings
from gateway.doctor import Line, Patient, State
from gateway.endpoints import HostPort
from gateway.policy import load_policy
from tests.channels.email.names import Names
from tests.channels.email.signing import Key
from tests.clamd import Scanner
from tests.gateway.commanding import data_dir

__all__ = ["data_dir"]


def lines(found: Any) -> dict[str, State]:
    return {line.check: line.state for line in found}


def patient(store: Store, tmp_path: Path, *, deep: bool = False) -> Patient:
    return Patient(Settings(data_dir=tmp_path), load_policy(), store, deep, datetime.now(UTC))


def only(found: Any) -> Line:
    [line] = found
    assert (line.state is State.OK) == (line.do == ""), line
    return line


PUBLISHED = {"TXT bank.example": ["v=spf1 -all"]}


@pytest.fixture
def names() -> Iterator[Names]:
    names = Names()
    yield names
    names.close()


@pytest.mark.parametrize(
    ("more", "published", "senders", "signature"),
    [
        ({"mail_auth": "off"}, {}, "warn", "warn"),
        ({}, PUBLISHED, "ok", "warn"),
        ({}, {"TXT bank.example": "servfail"}, "warn", "warn"),
        ({"smtp": "127.0.0.1:25"}, {}, "warn", "warn"),
        ({"complaints_address": "complaints@localhost"}, {}, "ok", "warn"),
        ({"mail_auth": "relay", "trusted_relay": "mx.bank.example 10.0.0.5"}, {}, "ok", "warn"),
        ({"dkim": True}, {**PUBLISHED, "TXT s._domainkey.bank.example": ["KEY"]}, "ok", "ok"),
        ({"dkim": True}, {**PUBLISHED, "TXT s._domainkey.bank.example": ["v=DKIM1; p=other"]}, "ok", "fail"),
        ({"dkim": True}, PUBLISHED, "ok", "fail"),
        ({"dkim": "broken"}, PUBLISHED, "ok", "fail"),
    ],
)
def test_whose_mail_it_is_and_whether_ours_would_be_believed(
    names: Names, tmp_path: Path, more: dict[str, Any], published: dict[str, Any], senders: str, signature: str
) -> None:
    key = Key("ed25519")
    names.zone = {name: [key.record] if told == ["KEY"] else told for name, told in published.items()}
    given = {"complaints_address": "complaints@bank.example", "smtp": "192.0.2.1:25", **more}
    dkim = given.pop("dkim", None)
    if dkim:
        (tmp_path / "key.pem").write_bytes(b"" if dkim == "broken" else key.pem)
        given |= {"dkim_key": tmp_path / "key.pem", "dkim_selector": "s"}
    found = list(doctor.whose_mail(Settings(data_dir=tmp_path, dns=f"127.0.0.1:{names.port}", **given)))
    assert lines(found) == {"senders": State(senders), "signature": State(signature)}
    assert all(bool(line.do) == (line.state is not State.OK) for line in found)
    if signature == "fail" and dkim is True:
        assert key.record in found[-1].do, "what to publish is said"


def test_wrong_settings_are_told_one_by_one(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTING_HTTP", "everywhere")
    monkeypatch.setenv("QINGTING_COLOUR", "red")
    found = list(doctor.examine())
    assert {line.check for line in found} == {"settings"}
    assert {line.state for line in found} == {State.FAIL}
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1


def test_a_house_that_has_never_been_started_is_no_failure(data_dir: Path) -> None:
    told = CliRunner().invoke(app, ["doctor", "--json"])
    assert told.exit_code == 0
    found = {line["check"]: line["state"] for line in json.loads(told.stdout)}
    assert (found["settings"], found["store"]) == ("ok", "warn")
    assert not data_dir.exists()


def test_a_good_house_passes_deeply(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    url = f"sqlite:///{data_dir}/qingting.db"
    schema.upgrade(url)
    store = Store(url)
    store.write_now(add_agent, NewAgent("boss", "Boss", Role.ADMIN, "x"), actor="system")
    store.close()
    found = list(doctor.examine(deep=True))
    assert [line for line in found if line.state is State.FAIL] == []
    assert lines(found) | {"store": State.OK, "audit": State.OK, "files": State.OK, "agents": State.OK} == lines(found)


def test_a_house_that_scans_nothing_is_told_so(tmp_path: Path) -> None:
    assert only(file_checks.scanner(Settings(data_dir=tmp_path))).state is State.WARN


def test_the_scanner_is_asked_and_told_when_it_is_away(tmp_path: Path, clamd: Scanner) -> None:
    for place in (clamd.socket, HostPort("127.0.0.1", clamd.port)):
        line = only(file_checks.scanner(Settings(data_dir=tmp_path, clamd=place)))
        assert (line.state, "ClamAV" in line.found) == (State.OK, True)
    clamd.stop()
    assert only(file_checks.scanner(Settings(data_dir=tmp_path, clamd=clamd.socket))).state is State.FAIL


@pytest.mark.parametrize(
    ("scan", "waited", "states"),
    [
        (None, timedelta(0), [State.OK]),
        ("unscanned", timedelta(minutes=5), [State.WARN]),
        ("unscanned", timedelta(hours=2), [State.FAIL]),
        ("infected", timedelta(0), [State.OK, State.WARN]),
    ],
)
def test_files_that_wait_for_the_scanner_and_what_it_found(
    store: Store, tmp_path: Path, scan: str | None, waited: timedelta, states: list[State]
) -> None:
    store.write_now(attached, scan, waited)
    settings = Settings(data_dir=tmp_path, clamd=Path("/run/clamd.ctl"))
    found = list(file_checks.attachments_examined(settings, store))
    assert [line.state for line in found] == states


def attached(tx: Transaction, scan: str | None, waited: timedelta) -> None:
    id = new_id()
    conversations.open_conversation(tx, conversations.NewConversation(id, "webchat", "webchat", "en"))
    said = conversations.NewMessage(Sender.CUSTOMER, "here")
    conversations.add_messages(tx, conversations.locked(tx, id), [said])
    tx.execute(sa.update(messages).values(at=tx.now - waited))
    tx.execute(sa.update(conversation_rows).values(created_at=tx.now - waited))
    row = {"id": new_id(), "conversation_id": id, "message": 1, "digest": "0" * 64, "name": "a", "media_type": "x/y"}
    due = {"examine_at": None if scan == "infected" else tx.now, "scan": scan, "size": 1}
    conversations.add_attachments(tx, [{**row, **due}])


@pytest.mark.parametrize("name", ["secret", "audit.key"])
def test_a_secret_that_others_can_read_fails(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("s" * 40)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / name).write_text("s" * 40)
    (tmp_path / name).chmod(0o640)
    line = only(doctor.secret(Settings(data_dir=tmp_path)))
    assert (line.state, "chmod 600" in line.do) == (State.FAIL, True)


def test_another_secret_than_the_database_knows_fails(store: Store, tmp_path: Path) -> None:
    store.write_now(lambda tx: tx.execute(sa.insert(house).values(key="secret", value="0" * 64)))
    (tmp_path / "secret").write_text("s" * 40)
    assert only(doctor.same_secret(patient(store, tmp_path))).state is State.FAIL


@pytest.mark.parametrize(("free", "state"), [(100 << 20, State.FAIL), (1 << 30, State.WARN), (9 << 30, State.OK)])
def test_little_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
    assert only(doctor.disk_space(Settings(data_dir=tmp_path))).state is state


@pytest.mark.parametrize(
    ("waited", "state"),
    [(timedelta(0), State.OK), (timedelta(minutes=3), State.WARN), (timedelta(hours=1), State.FAIL)],
)
def test_arrivals_that_nobody_reads(store: Store, tmp_path: Path, waited: timedelta, state: State) -> None:
    new = NewArrival("email", "email:a@b.example", "<1@x>", datetime.now(UTC) - waited, 3, b"raw")
    store.write_now(arrivals.accept, new)
    assert only(doctor.waiting_arrivals(patient(store, tmp_path))).state is state


@pytest.mark.parametrize(("skew", "state"), [(0, State.OK), (60, State.FAIL), (-60, State.FAIL)])
def test_clocks_that_differ(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skew: int, state: State
) -> None:
    asked = Transaction._ask_now
    monkeypatch.setattr(Transaction, "_ask_now", lambda tx: asked(tx) + timedelta(seconds=skew))
    assert only(doctor.clock(patient(store, tmp_path))).state is state


@pytest.mark.parametrize("deep", [False, True])
def test_a_rewritten_event_fails(store: Store, tmp_path: Path, deep: bool) -> None:
    store.write_now(add_agent, NewAgent("boss", "Boss", Role.ADMIN, "x"), actor="system")
    assert only(doctor.chains(patient(store, tmp_path, deep=deep))).state is State.OK
    store.write_now(lambda tx: tx.execute(audit_events.update().values(detail={"username": "somebody else"})))
    assert only(doctor.chains(patient(store, tmp_path, deep=deep))).state is State.FAIL


@pytest.mark.parametrize("harm", ["missing", "corrupt"])
def test_a_file_that_is_gone_or_changed_fails(store: Store, tmp_path: Path, harm: str) -> None:
    files = Files(tmp_path / "files")
    digest = files.put(b"a whole mail")
    new = NewArrival("email", "email:a@b.example", "<1@x>", datetime.now(UTC), 12, None, digest)
    store.write_now(arrivals.accept, new)
    assert only(doctor.kept_files(patient(store, tmp_path, deep=True))).state is State.OK
    files.path_of(digest).unlink() if harm == "missing" else files.path_of(digest).write_bytes(b"another")
    line = only(doctor.kept_files(patient(store, tmp_path, deep=True)))
    assert (line.state, harm in line.found) == (State.FAIL, True)


def test_no_admin_is_a_failure_with_the_command_that_helps(store: Store, tmp_path: Path) -> None:
    line = only(doctor.admins(patient(store, tmp_path)))
    assert (line.state, "agent add" in line.do) == (State.FAIL, True)


def test_a_relay_that_does_not_answer_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings = Settings(data_dir=tmp_path, smtp_relay=f"smtps://127.0.0.1:{port}")
    assert lines(doctor.ways_out(settings)) == {"mail out": State.FAIL}


@pytest.mark.parametrize(("year", "state"), [(2025, State.OK), (2090, State.WARN)])
def test_a_year_without_swapped_working_days_is_told(year: int, state: State) -> None:
    assert only(doctor.calendar(load_policy(), year)).state is state


@pytest.mark.parametrize(
    ("section", "work", "told"),
    [
        ('mode = "off"', {}, None),
        ('mode = "round_robin"', {}, "1 may be given conversations"),
        ('mode = "round_robin"', {"languages": ["en"]}, "zh-Hans, zh-Hant"),
        ('mode = "round_robin"\nneeds = [{ skill = "funds", risk = "major" }]', {}, "nobody has or speaks: funds"),
        (
            'mode = "round_robin"\nneeds = [{ skill = "funds", risk = "major" }]',
            {"skills": ["funds"]},
            "1 may be given",
        ),
    ],
)
def test_what_nobody_could_be_given_by_turn_is_told(
    store: Store, tmp_path: Path, section: str, work: dict[str, Any], told: str | None
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'version = "t"\n[assignment]\n{section}\n')
    store.write_now(add_agent, NewAgent("lin", "Lin", Role.ADMIN, "hash", **work), actor="system")
    asked = Patient(Settings(data_dir=tmp_path), load_policy(file), store, False, datetime.now(UTC))
    found = list(doctor.by_turn(asked))
    assert [told in line.found for line in found] == ([] if told is None else [True])
