"""The command line: what it prints, what it refuses, and that it writes through the running gateway."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, documents, people, postings, schema, second_factors, webhooks
from case_store.arrivals import NewArrival, accept, claim, park
from case_store.audit import HOUSE, Entry, append, case_chain, conversation_chain, timeline
from case_store.conversations import NewConversation, NewMessage
from case_store.documents import POLICY, Author, Written
from case_store.ids import new_id
from case_store.ownership import take_over
from case_store.records import Sender
from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_house import audit_events
from case_store.tables_webhooks import postings as posting_rows
from gateway.auth.sessions import digest_of
from gateway.commands.cases import _harmless
from gateway.lock import holder_of
from tests.gateway.commanding import PASSWORD, Run, data_dir, run, store, with_admin
from tests.ports import free_port

__all__ = ["data_dir", "run", "store", "with_admin"]
ROOT = Path(__file__).resolve().parents[2]


def a_case(tx: Transaction, told: str = "=1+1") -> str:
    id = new_id()
    conversations.open_conversation(tx, NewConversation(id, "webchat", "webchat", "en"))
    case = cases.open_draft(
        tx, conversation_id=id, channel="webchat", account="webchat", language="en", received_at=tx.now, customer=None
    )
    cases.change(
        tx, case, {"facts": {"what_happened": told, "amount": {"value": "12.50", "currency": "CNY"}}}, actor="agent:x"
    )
    return case


def a_row(tx: Transaction) -> Any:
    return conversations.locked(tx, str(tx.execute(sa.select(conversation_rows.c.id)).scalar_one()))


def a_parked_arrival(tx: Transaction) -> str:
    id, _ = accept(tx, NewArrival("email", "email:a@b.example", "<1@x>", tx.now, 3, b"raw"))
    [held] = claim(tx, 1)
    park(tx, held, "Unreadable: too deep")
    return id


@pytest.mark.parametrize("group", [[], ["case"], ["agent"], ["key"], ["parked"], ["audit"], ["webhook"]])
def test_every_group_tells_its_commands(run: Run, group: list[str]) -> None:
    assert run(*group, "--help").exit_code == 0


def test_help_brings_in_nothing_heavy() -> None:
    heavy = "[name for name in ('sqlalchemy', 'aiohttp', 'pydantic', 'structlog') if name in sys.modules]"
    code = f"import sys, gateway.cli; print({heavy})"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_first_account_must_be_an_admin_or_nobody_could_make_one(run: Run) -> None:
    refused = run("agent", "add", "lin", "--name", "Lin", "--password-stdin", input=PASSWORD)
    assert (refused.exit_code, "must be an admin" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["agent", "add", "Lin Fang", "--name", "Lin", "--password-stdin"], "username"),
        (["agent", "add", "lin", "--name", "Lin", "--role", "king", "--password-stdin"], "role"),
        (["key", "add", "--name", "x", "--scope", "everything"], "no such scope: everything"),
        (["parked", "replay"], "--all"),
        (["case", "list", "--status", "lost"], "status is one of"),
        (["case", "export", "--format", "xml"], "jsonl"),
        (["nothing"], "No such command"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(run: Run, with_admin: None, words: list[str], told: str) -> None:
    done = run(*words, input=PASSWORD)
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr


def test_a_short_password_is_refused(run: Run, with_admin: None) -> None:
    assert run("agent", "password", "boss", "--password-stdin", input="short\n").exit_code == 2


def test_agents_are_added_listed_closed_and_the_last_admin_stays(run: Run, with_admin: None) -> None:
    assert (
        run("agent", "add", "lin", "--name", "林芳", "--post", "专员", "--password-stdin", input=PASSWORD).exit_code
        == 0
    )
    assert run("agent", "add", "lin", "--name", "Lin", "--password-stdin", input=PASSWORD).exit_code == 1
    assert run("agent", "close", "lin").exit_code == 0
    assert run("agent", "close", "boss").exit_code == 1
    assert run("agent", "password", "nobody", "--password-stdin", input=PASSWORD).exit_code == 1
    listed = json.loads(run("agent", "list", "--json").stdout)
    assert [(one["username"], one["name"], one["active"]) for one in listed] == [
        ("boss", "Boss", True),
        ("lin", "林芳", False),
    ]


def test_who_is_closed_from_the_machine_leaves_nobody_unanswered(run: Run, store: Store) -> None:
    for username in ("lin", "zhou"):
        run("agent", "add", username, "--name", username.title(), "--password-stdin", input=PASSWORD)
    held = {}
    for username in ("lin", "zhou"):
        store.write_now(a_case)
        agent = store.read_now(people.find_agent, username)
        id = store.read_now(lambda tx: tx.execute(sa.select(sa.func.max(conversation_rows.c.id))).scalar_one())
        store.write_now(lambda tx, id=id, agent=agent: take_over(tx, id, agent_id=agent.id, agent_name=agent.name))
        held[username] = id
    assert run("agent", "close", "lin", "--to", "nobody").exit_code == 1
    assert run("agent", "close", "lin", "--to", "lin").exit_code == 1
    done = run("agent", "close", "lin", "--to", "zhou")
    assert "1 conversations have gone to zhou" in done.stdout, done.output
    zhou = store.read_now(people.find_agent, "zhou")
    row = store.read_now(conversations.find, held["lin"])
    assert row is not None
    assert (row["owner"], row["agent_id"]) == ("agent", zhou.id)
    assert json.loads(run("agent", "close", "zhou", "--json").stdout)["handed_over"] == {"conversations": 2, "cases": 0}
    row = store.read_now(conversations.find, held["zhou"])
    assert row is not None
    assert (row["owner"], row["agent_id"]) == ("queue", None)
    last = store.read_now(timeline, conversation_chain(held["zhou"]))
    assert [one.actor.split(":")[0] for one in last if one.action == "handed_back"] == ["operator"]
    said = store.read_now(conversations.messages_of, held["zhou"])
    assert [one.sender for one in said] == [Sender.SYSTEM]  # that a person will answer
    key = run("key", "add", "--name", "bot", "--scope", "conversations:write", "--json")
    id = json.loads(key.stdout)["id"]
    store.write_now(lambda tx: take_over(tx, held["zhou"], agent_id=id, agent_name="bot"))
    assert run("key", "revoke", "bot").exit_code == 0
    row = store.read_now(conversations.find, held["zhou"])
    assert row is not None
    assert row["owner"] == "queue"


def test_what_an_agent_may_be_given_is_set(run: Run, with_admin: None) -> None:
    set_to = ("--languages", "zh-Hant, en", "--skills", "Funds", "--most", "4")
    (changed,) = json.loads(run("agent", "work", "boss", *set_to, "--json").stdout)
    assert (changed["languages"], changed["skills"], changed["most"]) == (["zh-Hant", "en"], ["funds"], 4)
    (changed,) = json.loads(run("agent", "work", "boss", "--languages", "", "--most", "0", "--json").stdout)
    assert (changed["languages"], changed["skills"], changed["most"]) == ([], ["funds"], None)
    assert run("agent", "work", "nobody", "--most", "3").exit_code == 1
    for wrong, named in (("--languages=fr", "languages"), ("--skills=two words", "skills"), ("--most=101", "most")):
        refused = run("agent", "work", "boss", wrong)
        assert (refused.exit_code, named in refused.output) == (2, True)
    assert run("agent", "work", "boss").exit_code == 2


def test_a_key_is_printed_once_and_kept_as_a_digest(run: Run, store: Store) -> None:
    made = json.loads(run("key", "add", "--name", "crm", "--scope", "cases:read", "--json").stdout)
    kept = store.read_now(people.find_key, digest_of(made["key"]))
    assert kept is not None
    assert kept.scopes == ("cases:read",)
    assert made["key"] not in run("key", "list", "--json").stdout
    assert run("key", "revoke", "crm").exit_code == 0
    assert store.read_now(people.find_key, digest_of(made["key"])) is None
    assert run("key", "revoke", "crm").exit_code == 1


def test_a_key_may_have_a_last_day(run: Run) -> None:
    made = json.loads(run("key", "add", "--name", "crm", "--scope", "cases:read", "--days", "30", "--json").stdout)
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    assert run("key", "add", "--name", "crm", "--scope", "cases:read", "--days", "0").exit_code == 2


def test_who_has_lost_their_second_factor_is_let_in_from_the_machine(run: Run, with_admin: None, store: Store) -> None:
    boss = store.read_now(people.find_agent, "boss")
    store.write_now(second_factors.begin, boss.id, "sealed")
    store.write_now(second_factors.confirm, boss.id, 1, ["d" * 64], actor="agent:Boss")
    assert "password alone" in run("agent", "reset-second-factor", "boss").stdout
    known = store.read_now(second_factors.find, boss.id)
    assert (known.confirmed_at, known.codes_left, known.reset_by is not None) == (None, 0, True)
    assert "has no second factor" in run("agent", "reset-second-factor", "boss").stdout
    assert run("agent", "reset-second-factor", "nobody").exit_code == 1


def a_webhook(store: Store, url: str = "https://crm.bank.example/hook", description: str = "CRM", **more: Any) -> str:
    told = {"types": [], "secret": "sealed", "active": True, "actor": "agent:Boss", **more}
    return str(store.write_now(lambda tx: webhooks.add(tx, url=url, description=description, **told)).id)


def test_webhooks_are_listed_tested_and_told_again_what_they_lost(run: Run, store: Store) -> None:
    id = a_webhook(store)
    since = datetime.now(UTC).isoformat()
    store.write_now(a_case)  # a draft: of it nothing is told
    store.write_now(lambda tx: conversations.add_messages(tx, a_row(tx), [NewMessage(Sender.CUSTOMER, "你好")]))
    store.write_now(postings.spread)
    store.write_now(lambda tx: tx.execute(sa.update(posting_rows).values(due_at=None, state="sent")) and None)
    [listed] = json.loads(run("webhook", "list", "--json").stdout)
    assert (listed["id"], listed["url"], listed["sent"]) == (id, "https://crm.bank.example/hook", 1)
    assert not {"secret", "secrets"} & listed.keys()
    sent = json.loads(run("webhook", "test", "CRM", "--json").stdout)
    again = json.loads(run("webhook", "replay", "https://crm.bank.example/hook", "--since", since, "--json").stdout)
    assert (again["queued"], again["more_since"], again["webhook"]) == (1, None, id)
    waiting = store.read_now(
        lambda tx: postings.listing(tx, webhook_id=id, state="waiting", type=None, after=None, limit=9)
    )
    assert sorted(one["type"] for one in waiting) == ["message.received", "webhook.test"]
    assert sent["id"] in [one["id"] for one in waiting]
    told = [one for one in store.read_now(timeline, HOUSE) if one.action in ("webhook_tested", "webhook_replayed")]
    assert [(one.action, one.actor.split(":")[0]) for one in told] == [
        ("webhook_tested", "operator"),
        ("webhook_replayed", "operator"),
    ]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["test", "nobody"], 1, "no webhook is called 'nobody'"),
        (["test", "twice"], 1, "several webhooks are called 'twice'"),
        (["test", "CRM"], 1, "not active"),
        (["replay", "CRM", "--since", "2020-01-01T00:00:00Z"], 1, "last 30 days"),
        (["replay", "CRM", "--since", "yesterday"], 2, "a time with offset"),
        (["replay", "CRM", "--since", "2026-11-23T09:00:00"], 2, "a time with offset"),
    ],
)
def test_what_can_not_be_posted_is_told(run: Run, store: Store, words: list[str], code: int, told: str) -> None:
    a_webhook(store, active=False)
    for at in ("a", "b"):
        a_webhook(store, f"https://{at}.example/", "twice")
    done = run("webhook", *words)
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr


def test_cases_leave_as_json_lines_json_and_csv(run: Run, store: Store) -> None:
    id = store.write_now(a_case)
    [line] = run("case", "export", "--drafts").stdout.splitlines()
    assert json.loads(line)["id"] == id
    assert json.loads(run("case", "export", "--drafts", "--format", "json").stdout) == [json.loads(line)]
    [row] = csv.DictReader(
        io.StringIO(run("case", "export", "--drafts", "--format", "csv").stdout.removeprefix("\ufeff"))
    )
    assert (row["id"], row["amount"], row["currency"], row["what_happened"]) == (id, "12.50", "CNY", "'=1+1")
    assert run("case", "export").stdout == ""


def test_a_case_is_shown_with_what_happened_to_it(run: Run, store: Store) -> None:
    id = store.write_now(a_case)
    shown = json.loads(run("case", "show", id, "--json").stdout)
    assert shown["case"]["id"] == id
    assert [event["action"] for event in shown["timeline"]] == ["linked", "changed"]
    assert run("case", "show", "C20261123-000421-5").exit_code == 1


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=1"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert _harmless(cell) == f"'{cell}"


def test_what_is_parked_is_listed_and_read_again(run: Run, store: Store) -> None:
    id = store.write_now(a_parked_arrival)
    [shown] = json.loads(run("parked", "list", "--json").stdout)
    assert (shown["id"], shown["reason"]) == (id, "Unreadable: too deep")
    assert json.loads(run("parked", "replay", id, "--json").stdout) == {"replayed": 1}
    assert run("parked", "replay", id).exit_code == 1
    assert json.loads(run("parked", "list", "--json").stdout) == []


def test_an_edited_event_is_found(run: Run, store: Store, tmp_path: Path) -> None:
    id = store.write_now(a_case)
    kept = tmp_path / "kept.json"
    kept.write_text(run("audit", "checkpoint").stdout)
    assert run("audit", "verify", "--kept", str(kept)).exit_code == 0
    store.write_now(
        lambda tx: tx.execute(audit_events.update().where(audit_events.c.action == "linked").values(actor="nobody"))
    )
    found = run("audit", "verify", "--kept", str(kept), "--json")
    assert found.exit_code == 1
    assert {problem["chain"] for problem in json.loads(found.stdout)["problems"]} == {case_chain(id)}


def test_a_backup_comes_back_into_an_empty_store_only(
    run: Run, store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = store.write_now(a_case)
    store.write_now(lambda tx: append(tx, case_chain(id), Entry("system", "tested")))
    target = data_dir.parent / "backup"
    assert run("backup", str(target)).exit_code == 0
    assert run("backup", str(target)).exit_code == 1
    assert run("restore", str(target)).exit_code == 1
    monkeypatch.setenv("QINGTING_DATA_DIR", str(data_dir.parent / "fresh"))
    assert run("restore", str(target)).exit_code == 0
    assert json.loads(run("case", "show", id, "--json").stdout)["timeline"][-1]["action"] == "tested"
    assert run("audit", "verify").exit_code == 0


def test_reading_before_there_is_a_store_makes_none(run: Run, data_dir: Path) -> None:
    assert run("case", "list").exit_code == 1
    assert not data_dir.exists()


# with a gateway that runs ----------------------------------------------------------------------------------------


class Running:
    """A gateway in a process of its own."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.http, self.smtp = free_port(), free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
        self.environment = {
            **kept,
            "QINGTING_DATA_DIR": str(data_dir),
            "QINGTING_HTTP": f"127.0.0.1:{self.http}",
            "QINGTING_SMTP": f"127.0.0.1:{self.smtp}",
            **settings,
        }
        self.process = self.serve()
        self._wait()

    def serve(self, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve"],
            cwd=ROOT,
            env={**self.environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def refused(self, **settings: str) -> tuple[int, str]:
        """Exit code and message of another start with these settings."""
        second = self.serve(**settings)
        _, said = second.communicate(timeout=120)
        return second.returncode, said

    def _wait(self) -> None:
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/readyz", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the gateway did not become ready: {self.process.poll()}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    data_dir = tmp_path_factory.mktemp("served") / "var"
    gateway = Running(data_dir)
    yield gateway, data_dir
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(60) == 0
    for stream in (gateway.process.stdout, gateway.process.stderr):
        assert stream is not None
        stream.close()


@pytest.fixture
def run_beside(running: tuple[Running, Path], run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("QINGTING_DATA_DIR", str(running[1]))
    return run


def test_commands_write_through_the_running_gateway(run_beside: Run, running: tuple[Running, Path]) -> None:
    added = run_beside("agent", "add", "lin", "--name", "Lin", "--password-stdin", "--json", input=PASSWORD)
    assert json.loads(added.stdout)[0]["username"] == "lin"
    key = run_beside("key", "add", "--name", "x", "--scope", "cases:read").stdout.strip()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{running[0].http}/api/v1/cases", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert json.load(answer)["items"] == []


def test_what_the_gateway_refuses_is_told(run_beside: Run) -> None:
    assert run_beside("webhook", "test", "nobody").exit_code == 1
    assert run_beside("agent", "close", "admin").exit_code == 1
    assert run_beside("key", "revoke", "nothing").exit_code == 1


def test_only_the_owner_can_open_the_operators_way_in(running: tuple[Running, Path]) -> None:
    holder = holder_of(running[1])
    assert holder is not None
    path = Path(holder["operator"])
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_restore_is_refused_while_a_gateway_runs(run_beside: Run, tmp_path: Path) -> None:
    refused = run_beside("restore", str(tmp_path))
    assert "another gateway already runs" in str(refused.exception)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("QINGTING_DATA_DIR", "another gateway already runs on"),
        ("QINGTING_HTTP", "QINGTING_HTTP is 127.0.0.1:{}: another program listens there already"),
        ("QINGTING_SMTP", "QINGTING_SMTP is 127.0.0.1:{}: another program listens there already"),
    ],
)
def test_a_second_start_says_what_is_in_its_way(
    running: tuple[Running, Path], tmp_path: Path, setting: str, told: str
) -> None:
    gateway = running[0]
    free = {
        "QINGTING_DATA_DIR": str(tmp_path / "other"),
        "QINGTING_HTTP": f"127.0.0.1:{free_port()}",
        "QINGTING_SMTP": f"127.0.0.1:{free_port()}",
    }
    code, said = gateway.refused(**{name: value for name, value in free.items() if name != setting})
    taken = gateway.http if setting == "QINGTING_HTTP" else gateway.smtp
    assert (code, told.format(taken) in said, "Traceback" in said) == (2, True, False), said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"QINGTING_DATA_DIR": "/dev/null/var"}, "QINGTING_DATA_DIR is /dev/null/var"),
        ({"QINGTING_HTTP": "everywhere"}, "QINGTING_HTTP is 'everywhere': expected host:port"),
        ({"QINGTING_COLOUR": "red"}, "QINGTING_COLOUR"),
    ],
)
def test_what_can_not_be_used_is_told_in_a_sentence(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
    environment = {**kept, "QINGTING_DATA_DIR": str(tmp_path / "var"), **settings}
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_a_database_of_a_newer_version_is_refused(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    url = f"sqlite:///{data_dir}/qingting.db"
    schema.upgrade(url)
    store = Store(url)
    store.write_now(lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    refused = run("agent", "list")
    assert refused.exit_code == 1
    assert "newer version" in str(refused.exception)


def test_the_demo_is_told_through_the_running_gateway_once(run_beside: Run, running: tuple[Running, Path]) -> None:
    told = run_beside("demo")
    assert told.exit_code == 0, told.stderr
    assert "password of all of them" in told.stdout
    assert len(json.loads(run_beside("case", "list", "--json").stdout)) >= 24
    assert run_beside("demo").exit_code == 1
    assert not list((running[1] / "outgoing").glob("*.eml"))


def test_the_policy_that_counts_is_shown_its_versions_listed_and_a_file_checked(
    run: Run, with_admin: None, data_dir: Path, tmp_path: Path
) -> None:
    text = 'version = "bank-1"\n\n[waiting]\nlimit_minutes = 9\n'
    li = Author("1", "Li Na", "agent:Li Na")
    with closing(Store(f"sqlite:///{data_dir / 'qingting.db'}")) as store:
        written = Written(text, "the board decided", 0)
        store.write_now(documents.add, POLICY, written, lambda n: f"bank-1+v{n}", li, approved=True)
    assert run("policy", "show").output == text
    assert "[clocks.feedback]" in run("policy", "show", "--version", "0").output
    assert run("policy", "show", "--version", "7").exit_code != 0
    listed = json.loads(run("policy", "versions", "--json").output)
    assert [(one["label"], one["state"], one["author"]) for one in listed] == [
        ("bank-1+v1", "in_force", "Li Na"),
        ("default-2026-1", "seen", "system"),
    ]
    told = run("doctor").output
    assert "bank-1+v1 counts, written in the console by Li Na; not built in" in told
    assert "says something else than when bank-1+v1 was written" in told  # it was written beside no file
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(text)
    bad.write_text(text.replace("9", "0"))
    assert run("policy", "check", str(good)).output == "bank-1: nothing is wrong with it\n"
    done = run("policy", "check", str(bad))
    assert (done.exit_code, "waiting.limit_minutes: " in done.output) == (1, True)
